import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '#adapters/embedded/database.js';
import { finishRotation } from '#adapters/embedded/key-rotation.js';
import { appendTo, caseNo, embeddedStores, later } from '../support/store-fixture.ts';

/** Rows of each kind in the old store: several steps each. */
const ROWS = 450;
let work: string;
let folder: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'radloop-migration-'));
  folder = join(work, 'store');
});
afterEach(() => {
  rmSync(work, { recursive: true });
});

/** A store as version 2 left it, in plain; half of its messages were deleted before, and are in pages that are free. */
function asVersion2(): void {
  mkdirSync(folder);
  const old = new DatabaseSync(join(folder, 'radloop.sqlite'));
  old.exec(readFileSync(new URL('store-version-2.sql', import.meta.url), 'utf8'));
  old.exec('BEGIN');
  const at = '2026-11-25T10:00:00.000Z';
  for (let n = 1; n <= ROWS; n += 1) {
    const id = caseNo(n);
    const hash = n.toString(16).padStart(64, '0');
    old.prepare(
      "INSERT INTO raw (identity, endpoint, hash, bytes, length, control_id, sender, message_type, commit_ack, ack, owed, ack_code, state, received_at) VALUES (?, 'mllp', ?, ?, 20, ?, 'HIS|G', 'ORM^O01', ?, ?, ?, 'AA', 'used', ?)",
    ).run(`mllp:${hash}`, hash, Buffer.from(`MSH|CANARY-RAW-${n}`), `M${n}`, n % 3 === 0 ? Buffer.from('CA') : null, Buffer.from(`AA${n}`), n % 6 === 0 ? 1 : 0, at); // prettier-ignore
    old.prepare('INSERT INTO cases (case_id, workflow, number, version) VALUES (?, ?, ?, 1)').run(id, 'protocoling', `N${n}`);
    // Messages 1 and 2 were told to one case alone; 3 to two cases, and one of these is still to be told.
    if (n <= 3) old.prepare('INSERT INTO heard (case_id, event_id) VALUES (?, ?)').run(id, `mllp:${hash}`);
    old.prepare('INSERT INTO facts VALUES (?, 1, ?, ?, ?, ?)').run(id, 'orderOpened', at, 'in:1', JSON.stringify({ name: `CANARY-FACT-${n}` }));
    old.prepare("INSERT INTO events (case_id, workflow, event_id, body, state, attempt, due) VALUES (?, 'protocoling', 'e1', ?, 'waiting', 0, ?)").run(id, JSON.stringify({ id: 'e1', workflow: 'protocoling', caseId: id, occurredAt: at, actor: { kind: 'system', part: 'x' }, input: { type: `CANARY-EVENT-${n}` } }), at); // prettier-ignore
    old.prepare(
      "INSERT INTO outbox (case_id, workflow, number, key, lane, kind, destination, weight, effect, state, attempt, failures, bytes, due, receipt, written_at) VALUES (?, 'protocoling', ?, ?, 'card', 'showCard', NULL, 'advice', ?, 'delivered', 1, '{}', ?, ?, ?, ?)",
    ).run(id, `N${n}`, `k${n}`, JSON.stringify({ key: `k${n}`, weight: 'advice', kind: 'showCard', place: `CANARY-PLACE-${n}`, revision: 1 }), Buffer.from(`CANARY-BYTES-${n}`), at, JSON.stringify({ conversationId: `conversation-${n}` }), at); // prettier-ignore
    old.prepare('INSERT INTO patients (id_hash, group_id, identifier, location, location_at) VALUES (?, ?, ?, ?, ?)').run(Buffer.from(hash.slice(-32), 'hex'), Buffer.from(hash.slice(-32), 'hex'), JSON.stringify({ id: `CANARY-MRN-${n}`, assigner: 'MRN', type: 'MR' }), JSON.stringify({ place: `CANARY-WARD-${n}` }), at); // prettier-ignore
  }
  old.prepare('UPDATE events SET event_id = ? WHERE case_id = ?').run(`mllp:${'3'.padStart(64, '0')}:1`, caseNo(4));
  old.exec("INSERT INTO cursors VALUES ('ehr', 'CANARY-SECRET')");
  old.exec(
    "INSERT INTO arrivals (what, version_hash, reason, state, raw_id, received_at, kept) VALUES ('study', x'0102', 'none', 'unmatched', 1, '2026-11-25T10:00:00.000Z', '{\"what\":\"CANARY-ARRIVAL\"}')",
  );
  old.exec('COMMIT; BEGIN; CREATE TABLE gone (text TEXT)');
  for (let n = 1; n <= 20 * ROWS; n += 1) old.prepare('INSERT INTO gone VALUES (?)').run(`CANARY-GONE-${n} `.repeat(40));
  old.exec('COMMIT; DROP TABLE gone');
  old.close();
}

async function expectAllThere(): Promise<void> {
  const stores = embeddedStores(folder);
  const { db } = stores;
  for (const n of [1, 6, ROWS]) {
    expect((await stores.cases.read('protocoling', caseNo(n))).facts).toMatchObject([{ fact: { name: `CANARY-FACT-${n}` } }]);
    expect((await stores.raw.read(String(n)))?.toString()).toBe(`MSH|CANARY-RAW-${n}`);
    const hash = n.toString(16).padStart(64, '0');
    const commit = n % 3 === 0 ? Buffer.from('CA') : null;
    expect(await stores.raw.find(`mllp:${hash}`)).toEqual({ answers: { commit, application: Buffer.from(`AA${n}`) }, ackCode: 'AA' });
    expect(await stores.cases.findByConversation(`conversation-${n}`)).toBe(`N${n}`);
  }
  const told = db.all<{ raw_id: number; own: string }>(
    'SELECT raw_id, CASE WHEN raw.case_id = c.case_id THEN 1 ELSE 0 END AS own FROM raw_cases AS c JOIN raw ON raw.id = raw_id ORDER BY raw_id',
  );
  expect(told.map(({ raw_id, own }) => `${raw_id} ${own}`)).toEqual(['1 1', '2 1', '3 0', '3 0']);
  expect(await stores.raw.unanswered(later(99), 999)).toHaveLength(Math.floor(ROWS / 6));
  const counted = ['raw', 'facts', 'events', 'outbox', 'patients'].map((table) => db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n);
  expect(counted).toEqual([ROWS, ROWS, ROWS, ROWS, ROWS]);
  expect(await stores.cursors.read('ehr')).toBe('CANARY-SECRET');
  const claimed = await stores.bus.claim(later(99), 60, 9999);
  expect(claimed).toHaveLength(ROWS);
  expect(claimed[0]?.event.input).toEqual({ type: 'CANARY-EVENT-1' });
  expect(db.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
  expect(db.all("SELECT name FROM sqlite_schema WHERE name LIKE '%_v2'")).toEqual([]);
  await db.close();
}

describe('a store of version 2', () => {
  it('is sealed whole when it is opened: nothing of it stands in plain any more, not in a free page either', async () => {
    asVersion2();
    expect(bytesOfFile()).toContain('CANARY-GONE-1 ');
    await openDatabase(folder).close();
    expect(bytesOfFile()).not.toContain('CANARY');
    expect(bytesOfFile()).not.toContain('0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef');
    await expectAllThere();
  }, 60_000);

  it('is there whole after kills at any moment of it (invariant 31)', async () => {
    asVersion2();
    let kills = 0;
    // Each time a little further: right before a transaction ends, or right after.
    while ((await opener({ dieAt: 3, before: kills % 2 === 0 })) !== 0) kills += 1;
    expect(kills).toBeGreaterThan(3);
    expect(bytesOfFile()).not.toContain('CANARY');
    await expectAllThere();
  }, 120_000);

  it('is not read by who only looks before the service has sealed it', () => {
    asVersion2();
    expect(() => openDatabase(folder, { readOnly: true })).toThrow('start the service once');
  });
});

describe('a rotation that is cut short', () => {
  it('leaves a store that opens, and is brought to its end at the next start', async () => {
    const stores = embeddedStores(folder);
    for (let n = 1; n <= 900; n += 1) await appendTo(stores, caseNo(n), { facts: [{ type: 'told', fact: { n } }] });
    await stores.db.close();
    for (const dieAt of [1, 2, 3, 4]) {
      for (const before of [true, false]) {
        const rotate =
          "const { rotateSiteKey } = await import('./functions/adapters/embedded/key-rotation.ts'); countFromHere(); await rotateSiteKey(db);";
        expect(await opener({ dieAt, before, more: rotate })).not.toBe(0);
        const after = embeddedStores(folder);
        const isCutShort = after.db.all('SELECT 1 FROM wrapping_keys').length > 1;
        if (dieAt === 3) expect(isCutShort).toBe(true);
        for (const n of [1, 450, 900]) expect((await after.cases.read('protocoling', caseNo(n))).facts).toHaveLength(1);
        expect((await finishRotation(after.db)) !== null).toBe(isCutShort);
        expect(after.db.all('SELECT 1 FROM wrapping_keys')).toHaveLength(1);
        for (let n = 1; n <= 900; n += 50) expect((await after.cases.read('protocoling', caseNo(n))).facts).toMatchObject([{ fact: { n } }]);
        await after.db.close();
      }
    }
  }, 120_000);
});

function bytesOfFile(): string {
  return readFileSync(join(folder, 'radloop.sqlite')).toString('latin1');
}

interface Opener {
  /** The how many-th transaction is its last. */
  readonly dieAt: number;
  readonly before: boolean;
  readonly more?: string;
}

/** A process that opens the store, does what it is told, and is killed around the end of a transaction. Gives its exit code; null: it was killed. */
async function opener({ dieAt, before, more = '' }: Opener): Promise<number | null> {
  const source = `
    const { DatabaseSync } = await import('node:sqlite');
    const { exec } = DatabaseSync.prototype;
    let ended = 0;
    const countFromHere = () => { ended = 0; };
    const die = () => process.kill(process.pid, 'SIGKILL');
    DatabaseSync.prototype.exec = function (sql) {
      const isLast = sql.startsWith('COMMIT') && (ended += 1) === ${dieAt};
      if (isLast && ${before}) die();
      exec.call(this, sql);
      if (isLast) die();
    };
    const { openDatabase } = await import('./functions/adapters/embedded/database.ts');
    const db = openDatabase(${JSON.stringify(folder)});
    ${more}
    await db.close();`;
  const child = spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
