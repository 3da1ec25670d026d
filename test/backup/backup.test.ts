import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { anchorFolder } from '#adapters/embedded/audit-anchors.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { BackupError, backUp, readBackup } from '#adapters/embedded/backup.js';
import type { Backup } from '#adapters/embedded/backup.js';
import { SCHEMA_VERSION } from '#adapters/embedded/schema.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { restoreStore } from '#adapters/embedded/restore.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { embeddedStores, caseNo, effects, message, queue } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';
import { wallClock } from '../support/clinic.ts';
import { radloop, runNode } from '../support/radloop.ts';

const kills = process.env['RADLOOP_CRASH'] === 'full' ? 150 : 12;
const now = () => wallClock.now();

let root: string;
let store: string;
let backups: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'radloop-backup-'));
  store = join(root, 'store');
  backups = join(root, 'backups');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const key = () => siteKeyFile(`${store}.key`);
const anchors = () => anchorFolder(`${store}-anchors`);
const back = (from = store) => backUp(from, backups, { now });
const into = (folder = store) => ({ store: folder, anchors: anchors(), account: 'radloop', now });
const read = <Row>(folder: string, sql: string): Row[] => {
  const db = new DatabaseSync(join(folder, 'radloop.sqlite'), { readOnly: true });
  try {
    return db.prepare(sql).all() as Row[];
  } finally {
    db.close();
  }
};
const column = (folder: string, sql: string): unknown[] => read<{ c: unknown }>(folder, sql).map(({ c }) => c);
async function verify(folder: string, against = anchors()) {
  const db = openDatabase(folder, { readOnly: true });
  try {
    return await auditStore(db, { key: key(), anchors: existsSync(`${store}-anchors`) ? against : null }).verify();
  } finally {
    await db.close();
  }
}
/** Some cases, with a change for the RIS and advice waiting, signed and anchored. */
async function filled(cases = 3): Promise<EmbeddedStores> {
  const stores = embeddedStores(store);
  for (let n = 1; n <= cases; n += 1) {
    await stores.raw.keep(message({ identity: `m${n}`, controlId: `m${n}` }), []);
    await queue(stores, caseNo(n), effects.commit(), effects.advise(), effects.card());
  }
  const audit = auditStore(stores.db, { key: key(), anchors: anchors() });
  await audit.seal(now());
  await anchorLast({ audit, anchors: anchors(), key: key() }, now());
  return stores;
}
const hashes = (folder: string) => column(folder, 'SELECT hash AS c FROM audit ORDER BY seq');

describe('a backup of a store that takes orders', () => {
  it('is a prefix of its history: all that was acknowledged before it began, and nothing by half (invariant 31)', async () => {
    mkdirSync(store, { mode: 0o700 });
    const writer = spawn(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', 'test/chaos/store-writer.ts', store, '60'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    const acknowledged = (text: string) => text.split('\n').slice(0, -1).flatMap((line) => (line.startsWith('ACK ') ? [line.slice(4)] : [])); // prettier-ignore
    const taken: { readonly backup: Backup; readonly before: string }[] = [];
    while (!said.includes('ACK ')) await pause(20);
    while (writer.exitCode === null && taken.length < 10) {
      const before = said;
      taken.push({ before, backup: await back() });
      await pause(200);
    }
    await ended;
    expect(said).toContain('END');
    expect(taken.length).toBeGreaterThan(1);
    const [all, rows] = [column(store, 'SELECT hex(hash) AS c FROM raw ORDER BY id'), hashes(store)];
    for (const { before, backup } of taken) {
      const here = column(backup.folder, 'SELECT hex(hash) AS c FROM raw ORDER BY id');
      expect(acknowledged(before).filter((hash) => !here.includes(hash.toUpperCase()))).toEqual([]);
      expect(here).toEqual(all.slice(0, here.length));
      expect(hashes(backup.folder)).toEqual(rows.slice(0, backup.manifest.audit.rows));
      expect(await verify(backup.folder)).toMatchObject({ ok: true, rows: backup.manifest.audit.rows });
    }
    // Put back under its own key, the chain goes on from there.
    const middle = taken[0]!.backup;
    await restoreStore(middle.folder, into());
    expect(await verify(store)).toMatchObject({ ok: true, restored: [expect.objectContaining({ upto: expect.any(Number) })] });
    expect(hashes(store).slice(0, middle.manifest.audit.rows)).toEqual(rows.slice(0, middle.manifest.audit.rows));
  }, 120_000);

  it('is its owner’s alone, names what it needs and holds no key; a second one takes away what a killed one left', async () => {
    const stores = await filled();
    mkdirSync(join(backups, 'radloop-20261125T100000Z.1999999.unfinished'), { recursive: true });
    const { folder, manifest } = await back();
    expect(readdirSync(backups)).toHaveLength(1);
    expect(
      [statSync(folder), statSync(join(folder, 'radloop.sqlite')), statSync(join(folder, 'manifest.json'))].map(({ mode }) => mode & 0o777),
    ).toEqual([0o700, 0o600, 0o600]);
    expect(readdirSync(folder).toSorted()).toEqual(['manifest.json', 'radloop.sqlite']);
    expect(manifest).toMatchObject({ schema: SCHEMA_VERSION, cases: 3, epoch: 0, siteKeyVersions: ['1'], audit: { rows: 3, checkpoints: 1 } });
    const secret = readFileSync(`${store}.key`, 'utf8');
    const [, bits = ''] = /"1": "([^"]+)"/u.exec(secret) ?? [];
    expect(bits.length).toBeGreaterThan(40);
    expect(readFileSync(join(folder, 'radloop.sqlite')).includes(bits)).toBe(false);
    await expect(backUp(join(root, 'nowhere'), backups, { now })).rejects.toThrow(BackupError);
    await stores.close();
  });

  it('of a store whose audit was changed is not made', async () => {
    const stores = await filled();
    stores.db.run("UPDATE audit SET action = 'nothing happened' WHERE seq = 2");
    await expect(back()).rejects.toThrow(/broken at row 2/u);
    expect(readdirSync(backups)).toEqual([]);
    await stores.close();
  });
});

describe('a restore', () => {
  it('brings the store back, under a new epoch, with the missing time named and the old store kept', async () => {
    const stores = await filled();
    const { folder, manifest } = await back();
    await queue(stores, caseNo(9), effects.commit());
    await stores.raw.keep(message({ identity: 'late', controlId: 'late', receivedAt: now() }), []);
    await stores.db.close();
    const done = await restoreStore(backups, into());
    expect(done).toMatchObject({ epoch: 1, from: manifest.startedAt, manifest: { sha256: manifest.sha256 } });
    expect(done.until! > done.from).toBe(true);
    expect(column(store, 'SELECT control_id AS c FROM raw ORDER BY id')).toEqual(['m1', 'm2', 'm3']);
    expect(column(done.before!, 'SELECT control_id AS c FROM raw ORDER BY id')).toEqual(['m1', 'm2', 'm3', 'late']);
    expect(read(store, "SELECT action, detail FROM audit WHERE action = 'restored'")).toMatchObject([
      { detail: expect.stringContaining(`"backupOf":"${manifest.startedAt}"`) },
    ]);
    expect(await verify(store)).toMatchObject({ ok: true, restored: [{ upto: 3 }] });
    // Rows behind the third are in the chain: that of the restore itself is one.
    const said = (await radloop('audit', 'verify', '--data', store)).out.split('\n');
    expect(said[0]).toMatch(/^The audit chain holds: [4-9] rows/u);
    expect(said[1]).toMatch(/: what was written after that backup was made, and before then, is missing\. Rows up to 3 are the same in both\./u);
    expect(said[2]).toContain('radloop audit query --action restored');
    // And again from a backup of the restored one.
    const second = await back();
    expect(second.manifest.epoch).toBe(1);
    expect((await restoreStore(second.folder, into())).epoch).toBe(2);
    expect(folder).not.toBe(second.folder);
    expect(await verify(store)).toMatchObject({ ok: true });
  }, 30_000);

  it('repeats no change of a hospital system by itself: each is held for a person; advice and cards go out, under ids that were never given', async () => {
    const stores = await filled(2);
    await back();
    const before = stores.db.get<{ id: number }>('SELECT max(id) AS id FROM outbox')!.id;
    await stores.db.close();
    const { held } = await restoreStore(backups, into());
    expect(held).toHaveLength(2);
    const again = embeddedStores(store);
    const due = await again.outbox.claim(now(), 60, 99);
    expect(due.map(({ effect }) => effect.weight)).not.toContain('commit');
    // Advice waits behind the change of its lane.
    expect(due.map(({ effect }) => effect.kind).toSorted()).toEqual(['showCard', 'showCard']);
    expect((await again.views.held()).map(({ reason }) => reason)).toEqual([expect.stringContaining('may have left since'), expect.anything()]);
    await queue(again, caseNo(5), effects.card());
    expect(again.db.get<{ id: number }>('SELECT max(id) AS id FROM outbox')!.id).toBeGreaterThan(before + 1_000_000);
    await again.close();
  });

  it('refuses what is not right, in a sentence, and leaves everything as it was', async () => {
    const stores = await filled();
    const { folder, manifest } = await back();
    await expect(restoreStore(folder, into())).rejects.toThrow(/works on .*: stop it first/u);
    await stores.db.close();
    const before = hashes(store);
    const file = join(folder, 'radloop.sqlite');
    copyFileSync(file, join(root, 'whole'));
    const again = (text: object) => {
      copyFileSync(join(root, 'whole'), file);
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...text }));
    };
    const refused = async (says: RegExp) => {
      await expect(restoreStore(folder, into())).rejects.toThrow(says);
      expect(hashes(store)).toEqual(before);
      expect(readdirSync(store).filter((name) => name.startsWith('restoring'))).toEqual([]);
    };
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
    writeFileSync(file, bytes);
    await refused(/is not what was written/u);
    // Whoever changes the hash too is found by the chain.
    const db = new DatabaseSync(file);
    copyFileSync(join(root, 'whole'), file);
    db.close();
    const forged = new DatabaseSync(file);
    forged.exec("UPDATE audit SET detail = '{}' WHERE seq = 1");
    forged.close();
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ ...manifest, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') }),
    );
    await refused(/chain of .* is broken at row 1/u);
    again({ schema: 99 });
    await refused(/newer Radloop \(schema 99/u);
    again({ siteKeyVersions: ['1', '7'] });
    await refused(/site key in version 7/u);
    again({ format: 2 });
    await refused(/holds no backup/u);
    again({});
    rmSync(file);
    await refused(/is missing/u);
    await expect(readBackup(join(root, 'store'))).rejects.toThrow(/holds no backup/u);
    again({});
    expect((await restoreStore(folder, into())).epoch).toBe(1);
  }, 30_000);

  it('works where there is no store any more, and where the old one can not be read', async () => {
    const stores = await filled();
    await back();
    await stores.db.close();
    rmSync(store, { recursive: true });
    expect(await restoreStore(backups, into())).toMatchObject({ before: null, until: null });
    expect((await verify(store)).ok).toBe(true);
    writeFileSync(join(store, 'radloop.sqlite'), 'no database at all');
    writeFileSync(join(store, 'radloop.sqlite-wal'), 'and no log');
    const done = await restoreStore(backups, into());
    expect(readFileSync(join(done.before!, 'radloop.sqlite'), 'utf8')).toBe('no database at all');
    expect(existsSync(join(store, 'radloop.sqlite-wal'))).toBe(false);
    expect((await verify(store)).ok).toBe(true);
  }, 30_000);
});

describe('SIGKILL', () => {
  const started = (...args: string[]) =>
    spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', ...args, '--data', root], {
      stdio: 'ignore',
    });
  const killedAfter = async (delay: () => Promise<unknown>, ...args: string[]): Promise<boolean> => {
    const child = started(...args);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await Promise.race([delay(), ended]);
    child.kill('SIGKILL');
    return (await ended) === null;
  };
  /** How long the command takes by itself, start of Node included. */
  const timed = async (...args: string[]): Promise<number> => {
    const began = Date.now();
    expect(await runNode('--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', ...args, '--data', root)).toMatchObject(
      { code: 0 },
    );
    return Date.now() - began;
  };

  it(`in a backup leaves the store as it was and no folder that passes for a backup: ${kills} times (invariant 31)`, async () => {
    const stores = await filled(200);
    await stores.db.close();
    const before = hashes(store);
    const whole = await timed('backup', backups);
    let killed = 0;
    for (let n = 0; n < kills; n += 1) {
      if (await killedAfter(() => pause(whole * (0.3 + (0.7 * n) / kills)), 'backup', backups)) killed += 1;
      expect(hashes(store)).toEqual(before);
      for (const name of readdirSync(backups).filter((one) => !one.endsWith('.unfinished')))
        expect((await readBackup(join(backups, name))).manifest.audit.rows).toBe(before.length);
    }
    expect(killed).toBeGreaterThan(kills / 3);
    expect((await verify(store)).ok).toBe(true);
  }, 600_000);

  it(`in a restore leaves the old state or the new one, whole: ${kills} times (invariant 31)`, async () => {
    const stores = await filled(100);
    // Some megabytes, so that there is something to be in the middle of.
    for (let n = 0; n < 8; n += 1) await stores.raw.keep(message({ controlId: `big${n}`, bytes: randomBytes(2_000_000), length: 2_000_000 }), []);
    await back();
    const inBackup = hashes(store);
    for (let n = 200; n < 300; n += 1) await queue(stores, caseNo(n), effects.card());
    await stores.db.close();
    const old = hashes(store);
    copyFileSync(join(store, 'radloop.sqlite'), join(root, 'old'));
    const whole = await timed('restore', backups);
    const seen = { old: 0, new: 0 };
    for (let n = 0; n < kills; n += 1) {
      for (const end of ['', '-wal', '-shm']) rmSync(join(store, `radloop.sqlite${end}`), { force: true });
      copyFileSync(join(root, 'old'), join(store, 'radloop.sqlite'));
      // Anywhere; around the moment in which the one takes the other's place; at once after it.
      const anywhere = () => pause(whole * (0.35 + (0.65 * n) / kills));
      const then = async () => {
        while (!readdirSync(root).some((name) => name.startsWith('store-before-'))) await pause(1);
        await pause(n * 15);
      };
      const isRestored = (): boolean => {
        try {
          return read(store, "SELECT 1 FROM audit WHERE action = 'restored'").length > 0;
        } catch {
          // Locked: it is about to be.
          return false;
        }
      };
      const afterwards = async () => {
        while (!isRestored()) await pause(10);
      };
      await killedAfter([anywhere, then, then, afterwards][n % 4]!, 'restore', backups);
      for (const name of readdirSync(root).filter((one) => one.startsWith('store-before-'))) rmSync(join(root, name), { recursive: true });
      // Whoever opens it next finds one of the two, and its chain holds.
      const next = embeddedStores(store);
      await next.db.close();
      const rows = hashes(store);
      const isOld = rows.length === old.length;
      seen[isOld ? 'old' : 'new'] += 1;
      expect(rows.slice(0, inBackup.length)).toEqual(inBackup);
      if (isOld) expect(rows).toEqual(old);
      else expect(read(store, "SELECT 1 FROM audit WHERE action = 'restored'")).toHaveLength(1);
      expect(await verify(store)).toMatchObject({ ok: true });
    }
    process.stdout.write(`${JSON.stringify({ kills, ...seen })}\n`);
    expect(Math.min(seen.old, seen.new)).toBeGreaterThan(0);
  }, 600_000);
});
