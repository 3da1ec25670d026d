import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFact } from '#adapters/embedded/case-pieces.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { finishRotation, rotateSiteKey } from '#adapters/embedded/key-rotation.js';
import { SealBroken } from '#adapters/sealing/envelope.js';
import type { CaseId } from '#core/ids.js';
import { SiteKeyError } from '#ports/site-key.js';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import { appendTo, caseNo, effects, embeddedStores, eventFor, later, message, queue, t0 } from '../support/store-fixture.ts';

let work: string;
let folder: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'radloop-sealed-'));
  folder = join(work, 'store');
});
afterEach(() => {
  rmSync(work, { recursive: true });
});

/** Every byte that stands in the store's folder. */
function bytesIn(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'))
    .join('\n');
}

describe('a store after a play', () => {
  it('has no word of a patient in its file, its log or a page that is free (invariant 36)', async () => {
    const engine = startEngineFixture('assist', (same) => same, folder);
    const canaries = ['CANARYFAMILY', 'CANARYGIVEN', 'CANARYMRN77', 'CANARYSTREET', 'CANARYWARD', 'CANARYTEXT'];
    const [family, given, mrn, street, ward, text] = canaries;
    const order = orderBytes().toString('latin1');
    const pid = (number = mrn) => `PID|1||${number}^^^MRN^MR||${family}^${given}||19590214|F|||${street}^^Springfield`;
    const marked = order
      .replace(/\rPID\|[^\r]*/u, `\r${pid()}`)
      .replace(/\rPV1\|[^\r]*/u, `\rPV1|1|I|${ward}^1^A`)
      .replace('Sudden severe headache', `${text} Sudden severe headache`);
    await engine.bring(Buffer.from(marked, 'latin1'));
    await engine.settle();
    expect(engine.left.some((one) => JSON.stringify(one).includes(text ?? ''))).toBe(false);
    await engine.approve();
    await engine.settle();
    // A move, a merge, a refused message, one that names nobody's order, an EHR that fails: each keeps something else.
    const msh = (type: string, id: string) => `MSH|^~\\&|HIS|RADLOOP-GENERAL|RADLOOP|X|20261125104000+0000||${type}|${id}|P|2.5.1`;
    for (const [index, lines] of [
      [msh('ADT^A02^ADT_A02', 'C1'), 'EVN|A02|20261125104100', pid(), `PV1|1|I|${ward}^2^B`],
      [msh('ADT^A40^ADT_A39', 'C2'), 'EVN|A40|20261125104200', pid('CANARYMRN78'), `MRG|${mrn}^^^MRN^MR`],
      [msh('ORM^O01^ORM_O01', 'C3'), pid()],
      [
        msh('ORU^R01^ORU_R01', 'C4'),
        pid(),
        `OBR|1|CANARYNONE|CANARYNONE2|CTHEADWO||||||||||||||||||||20261125104000||CT|F`,
        `OBX|1|TX|||${text}||||||F`,
      ],
    ].entries()) {
      await engine.bring(Buffer.from(`${lines.join('\r')}\r`, 'latin1'));
      await engine.settle();
      expect(index).toBeLessThan(4);
    }
    for (let turn = 0; turn < 4 && (await engine.skip()); turn += 1);
    const { db } = engine.stores;
    // It was all there: what is sealed can be opened again.
    const facts = db.all<{ case_id: CaseId; seq: number; fact: Uint8Array }>('SELECT case_id, seq, fact FROM facts');
    const opened = JSON.stringify(facts.map(({ case_id, seq, fact }) => openFact(db, case_id, seq, fact)));
    for (const canary of [family, mrn, text]) expect(opened).toContain(canary);
    expect(db.get<{ n: number }>('SELECT count(*) AS n FROM patients')!.n).toBeGreaterThan(1);
    // Pages become free, and hold what they held.
    await db.write(() => db.run('DELETE FROM raw WHERE id > 2'));
    const running = bytesIn(folder);
    for (const canary of [...canaries, 'CANARY']) expect(running).not.toContain(canary);
    // Nor stands any key beside what it opens.
    expect(running).not.toContain(db.secret);
    expect(running).not.toContain(Buffer.from(db.secret, 'hex').toString('latin1'));
    await db.close();
    expect(bytesIn(folder)).not.toContain('CANARY');
  });
});

describe('a sealed row', () => {
  it('does not open under another row’s name, whichever table it stands in', async () => {
    const stores = embeddedStores(folder);
    const { db } = stores;
    for (const n of [1, 2]) {
      await queue(stores, caseNo(n), effects.commit());
      await stores.bus.publish(eventFor(caseNo(n)));
      await stores.raw.keep(message({ identity: `mllp:${n}`, controlId: `M${n}` }), []);
      await stores.cursors.write(`cursor-${n}`, 'secret');
      const patient = [{ id: `${n}`, assigner: 'MRN', type: 'MR' }];
      await stores.raw.keep(message({ identity: `adt:${n}`, controlId: `A${n}` }), [
        { kind: 'patient-moved', patient, location: null, patientClass: 'I', sortTime: t0 },
      ]);
    }
    const copied = (sql: string) => db.write(() => db.run(sql));
    await copied(`UPDATE facts SET fact = (SELECT fact FROM facts WHERE case_id = '${caseNo(1)}') WHERE case_id = '${caseNo(2)}'`);
    await expect(stores.cases.read('protocoling', caseNo(2))).rejects.toThrow(SealBroken);
    await copied(`UPDATE outbox SET effect = (SELECT effect FROM outbox WHERE case_id = '${caseNo(1)}') WHERE case_id = '${caseNo(2)}'`);
    // What can't be opened goes to a person; what stands beside it goes on.
    expect((await stores.outbox.claim(later(9), 60, 9)).map(({ caseId }) => caseId)).toEqual([caseNo(1)]);
    expect(await stores.views.held()).toMatchObject([{ kind: 'outbox' }]);
    await copied(`UPDATE events SET body = (SELECT body FROM events WHERE case_id = '${caseNo(1)}') WHERE case_id = '${caseNo(2)}'`);
    expect((await stores.bus.claim(later(9), 60, 9)).map(({ event }) => event.caseId)).toEqual([caseNo(1)]);
    expect(await stores.views.held()).toMatchObject([{ kind: 'outbox' }, { kind: 'event' }]);
    await copied('UPDATE raw SET sealed = (SELECT sealed FROM raw WHERE id = 1) WHERE id = 3');
    expect(() => stores.raw.read('3')).toThrow(SealBroken);
    expect(() => stores.raw.read('1')).not.toThrow();
    await copied("UPDATE raw SET state = 'new' WHERE id IN (1, 3)");
    expect((await stores.raw.unrouted(9)).map(({ id }) => id)).toEqual(['1']);
    expect(await stores.raw.list(9, 'refused')).toMatchObject([{ id: '3', reason: "it can't be read (SealBroken)" }]);
    await copied("UPDATE cursors SET value = (SELECT value FROM cursors WHERE name = 'cursor-1') WHERE name = 'cursor-2'");
    expect(() => stores.cursors.read('cursor-2')).toThrow(SealBroken);
    await copied('UPDATE patients SET identifier = (SELECT identifier FROM patients LIMIT 1)');
    expect(() => stores.raw.patientNow([1, 2].map((n) => ({ id: `${n}`, assigner: 'MRN', type: 'MR' })))).toThrow(SealBroken);
    await db.close();
  });

  it('holds no key under the old version of the site key any more once that was rotated, not in a free page either', async () => {
    const stores = embeddedStores(folder);
    const { db } = stores;
    for (let n = 1; n <= 60; n += 1) await appendTo(stores, caseNo(n), { facts: [{ type: 'told', fact: { n } }] });
    const old = ['data_keys', 'wrapping_keys'].flatMap((table) => db.all<{ wrapped: Uint8Array }>(`SELECT wrapped FROM ${table}`));
    db.get('PRAGMA wal_checkpoint(TRUNCATE)');
    const left = () => {
      const files = ['radloop.sqlite', 'radloop.sqlite-wal'].map((name) => readFileSync(join(folder, name)));
      return old.filter(({ wrapped }) => files.some((bytes) => bytes.includes(Buffer.from(wrapped)))).length;
    };
    expect(left()).toBe(old.length);
    await rotateSiteKey(db);
    expect(left()).toBe(0);
    await db.close();
  });

  it('does not open as an earlier fact of its own case', async () => {
    const stores = embeddedStores(folder);
    await appendTo(stores, caseNo(1), { facts: [1, 2].map((n) => ({ type: 'told', fact: { n } })) });
    await stores.db.write(() => stores.db.run('UPDATE facts SET fact = (SELECT fact FROM facts WHERE seq = 2) WHERE seq = 1'));
    await expect(stores.cases.read('protocoling', caseNo(1))).rejects.toThrow(SealBroken);
    await stores.db.close();
  });

  it('of one case does not open as the same row of another case’s key', async () => {
    const stores = embeddedStores(folder);
    for (const n of [1, 2]) await appendTo(stores, caseNo(n), { facts: [{ type: 'told', fact: { n } }] });
    await stores.db.write(() => stores.db.run("UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE scope = ?) WHERE scope = ?", `case:${caseNo(1)}`, `case:${caseNo(2)}`)); // prettier-ignore
    await expect(stores.cases.read('protocoling', caseNo(2))).rejects.toThrow(SealBroken);
    await stores.db.close();
  });
});

describe('the site key of a store', () => {
  it('lies beside the folder, and the store opens with no other', async () => {
    const stores = embeddedStores(folder);
    await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: { n: 1 } }] });
    await stores.db.close();
    expect(readdirSync(work).sort()).toEqual(['store', 'store.key']);
    renameSync(`${folder}.key`, join(work, 'elsewhere'));
    expect(() => openDatabase(folder)).toThrow(SiteKeyError);
    expect(() => openDatabase(folder)).toThrow('put the file back');
    await embeddedStores(join(work, 'other')).db.close();
    expect(() => openDatabase(folder, { keyFile: join(work, 'other.key') })).toThrow('another site');
    const db = openDatabase(folder, { keyFile: join(work, 'elsewhere') });
    await db.close();
    // From then on the store names it, to the commands and to whoever looks at a copy.
    const looking = openDatabase(folder, { readOnly: true });
    expect(looking.siteKey.file).toBe(join(work, 'elsewhere'));
    await looking.close();
  });

  it('is not needed by who looks only at what is not sealed', async () => {
    await embeddedStores(folder).db.close();
    rmSync(`${folder}.key`);
    const looking = openDatabase(folder, { readOnly: true });
    expect(looking.all('SELECT * FROM audit')).toEqual([]);
    expect(() => looking.sealing).toThrow(SiteKeyError);
    await looking.close();
  });

  it('is rotated while two instances write; everything opens after it, and the old wrapping key is gone', async () => {
    const stores = embeddedStores(folder);
    const beside = embeddedStores(folder);
    for (let n = 1; n <= 450; n += 1) await appendTo(stores, caseNo(n), { facts: [{ type: 'told', fact: { n } }] });
    let n = 450;
    let rotating = true;
    const writers = [stores, beside].map(async (one) => {
      while (rotating) {
        const id = caseNo((n += 1));
        await appendTo(one, id, { facts: [{ type: 'told', fact: { id } }] });
        await one.cases.read('protocoling', caseNo(1 + (n % 450)));
      }
    });
    const { version, dataKeys } = await rotateSiteKey(stores.db);
    rotating = false;
    await Promise.all(writers);
    expect({ version, enough: dataKeys >= 450 }).toEqual({ version: '2', enough: true });
    expect(stores.db.all('SELECT version FROM wrapping_keys')).toEqual([{ version: '2' }]);
    for (const one of [stores, beside]) {
      for (let id = 1; id <= n; id += 1) expect((await one.cases.read('protocoling', caseNo(id))).facts).toHaveLength(1);
      await one.db.close();
    }
    expect(await finishRotation(embeddedStores(folder).db)).toBeNull();
  }, 60_000);

  it('opens a backup of before the rotation too: no version is taken out of the file', async () => {
    const stores = embeddedStores(folder);
    await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: { n: 1 } }] });
    const backup = join(work, 'backup');
    stores.db.get(`VACUUM INTO '${join(work, 'backup.sqlite')}'`);
    await rotateSiteKey(stores.db);
    await stores.db.close();
    mkdirSync(backup);
    renameSync(join(work, 'backup.sqlite'), join(backup, 'radloop.sqlite'));
    const restored = embeddedStores(backup);
    expect((await restored.cases.read('protocoling', caseNo(1))).facts).toHaveLength(1);
    await restored.db.close();
  });
});
