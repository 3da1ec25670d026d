import { generateKeyPairSync } from 'node:crypto';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { desk } from '#engine/desk.js';
import { doorkeeper } from '#engine/doorkeeper.js';
import { receive } from '#engine/intake.js';
import type { CaseNumber } from '#core/ids.js';
import { person as personOf } from '#core/people.js';
import type { Person } from '#core/people.js';
import type { Desk, PersonAnswer } from '#ports/desk.js';
import { directoryOf, haddad, okafor } from '../support/clinic.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { eventFor, later } from '../support/store-fixture.ts';
import { heldChange, startOperatorFixture } from '../operator/operator-fixture.ts';
import type { OperatorFixture } from '../operator/operator-fixture.ts';

/** What somebody outside saw happen, kept beside the system and not by it. */
interface Seen {
  readonly what: 'view' | 'denied';
  readonly who: string;
  readonly action: string;
}

interface Row {
  readonly seq: number;
  readonly case_id: string;
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly detail: string;
}

const exportKey = generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
/** Stands in the invented order's message, and nowhere but in what shows the patient. */
const patientOf = (bytes: Buffer): string => /PID\|[^\r]*?\|\|([^|^]+)\^/u.exec(bytes.toString())?.[1] ?? '';

let play: OperatorFixture;
let asked: Desk;
let seen: Seen[];
beforeEach(() => {
  play = startOperatorFixture({ exportKey });
  asked = desk(play.engine.parts, []);
  seen = [];
});
afterEach(() => play.close());

const rows = () => play.engine.stores.db.all<Row>('SELECT * FROM audit ORDER BY seq');

async function open(person: Person, number: CaseNumber): Promise<void> {
  const opened = await asked.open(person, number);
  seen.push({ what: opened.ok ? 'view' : 'denied', who: person.id, action: 'view' });
}

async function answer(person: Person, caseNumber: CaseNumber, verb: PersonAnswer['verb'], more: Partial<PersonAnswer> = {}): Promise<string> {
  const { outcome } = await asked.answer({ person, caseNumber, revision: 1, verb, ...more });
  if (outcome === 'denied') seen.push({ what: 'denied', who: person.id, action: verb });
  return outcome;
}

async function operatorAsks(ask: 'retry' | 'skip' | 'release', id: string, account: string): Promise<void> {
  const reply = await play.act(ask, [id], { account });
  if (!reply.ok && reply.code === 'denied') seen.push({ what: 'denied', who: account === 'nokafor' ? 'dr-okafor' : 'control', action: `q-${ask}` });
}

/** Everything that people, senders and operators do in one afternoon. */
async function afternoon(): Promise<void> {
  const { engine } = play;
  const { caseNumber, id } = await heldChange(play);
  const waiting = await asked.waiting(haddad);
  if ('denied' in waiting) seen.push({ what: 'denied', who: haddad.id, action: 'list-waiting' });
  for (const person of [okafor, haddad, okafor]) await open(person, caseNumber);
  expect(await answer(haddad, caseNumber, 'approve')).toBe('denied');
  expect(await answer(okafor, caseNumber, 'choose-other', { protocolId: 'CT-HEAD-W' })).not.toBe('won');
  expect(await answer(okafor, caseNumber, 'reject', { text: 'too late' })).not.toBe('won');
  engine.mode = 'silent';
  expect(await answer(okafor, caseNumber, 'approve')).toBe('denied');
  engine.mode = 'assist';
  await operatorAsks('retry', id, 'nokafor');
  await operatorAsks('skip', id, 'stranger');
  await operatorAsks('retry', id, 'mbrandt');
  await engine.settle();
  await play.ask({ ask: 'park', caseNumber, reason: 'looked at', dryRun: false });
  await play.act('release', [`c${caseNumber}`]);
  await play.ask({ ask: 'export', id: 'm1', reason: 'for the vendor' });
  await engine.bring(orderBytes('new', 'M1'));
  await engine.bring(orderBytes('change', 'M2'));
  await engine.bring(orderBytes('cancel', 'M3'));
  await engine.settle();
  await open(okafor, caseNumber);
  for (let n = 0; n < 20 && (await engine.skip()); n += 1);
  await asked.deny('token-expired', { status: 401 });
  seen.push({ what: 'denied', who: 'guard', action: 'token-expired' });
  const elsewhere = { id: 'x', mshFacilities: ['NORTH'], mshApplications: [] } as never;
  await receive(engine.parts, orderBytes('new', 'M9'), { endpoint: 'https:x', facility: elsewhere });
  seen.push({ what: 'denied', who: 'https:x', action: 'hl7' });
  doorkeeper(engine.parts).refused('203.0.113.9', 'no-certificate');
  // The connection is gone already: nobody waits for this row.
  await engine.stores.db.write(() => undefined);
  seen.push({ what: 'denied', who: 'mllp', action: 'door' });
}

describe('a whole play (invariant 32)', () => {
  it('has one audit row for each fact and one fact for each such row: nothing is left over on either side', async () => {
    await afternoon();
    const over = play.engine.stores.db.all(`
      SELECT f.case_id, f.seq, a.seq AS row FROM facts f
      FULL JOIN (SELECT seq, case_id, action, at, detail FROM audit WHERE detail ->> '$.fact' IS NOT NULL) a
        ON a.case_id = f.case_id AND a.detail ->> '$.fact' = f.seq AND a.action = f.type AND a.at = f.at AND a.detail ->> '$.event' = f.event_id
      WHERE f.seq IS NULL OR a.seq IS NULL`);
    expect(over).toEqual([]);
    const counted = play.engine.stores.db.get<{ facts: number; rows: number }>(
      "SELECT (SELECT count(*) FROM facts) AS facts, (SELECT count(*) FROM audit WHERE detail ->> '$.fact' IS NOT NULL) AS rows",
    );
    expect(counted?.facts).toBe(counted?.rows);
    expect(counted?.facts).toBeGreaterThan(12);
    expect(await auditStore(play.engine.stores.db).verify()).toMatchObject({ ok: true });
  });

  it('has one row for each view that somebody had and each denial that somebody got, in their order, and no other', async () => {
    await afternoon();
    const audited = rows()
      .filter(({ action, outcome }) => outcome === 'denied' || (action === 'view' && outcome === 'done'))
      .map(({ actor, action, outcome }) => {
        const { person, part, endpoint } = JSON.parse(actor) as { person?: string; part?: string; endpoint?: string };
        return { what: outcome === 'denied' ? 'denied' : 'view', who: person ?? part ?? endpoint ?? '', action };
      });
    expect(audited).toEqual(seen.map((one) => (one.action === 'door' ? { ...one, who: audited.find(({ action }) => action === 'door')?.who } : one)));
    expect(seen.filter(({ what }) => what === 'denied').length).toBeGreaterThan(6);
  });

  it('has one row for each act of an operator, and each names who and why', async () => {
    await afternoon();
    const acts = play.audited().filter(({ outcome }) => outcome === 'done');
    expect(acts.map(({ action }) => action)).toEqual(['q-retry', 'q-park', 'q-release', 'q-export']);
    for (const { actor, detail } of acts)
      expect({ actor, ...detail }).toMatchObject({ actor: expect.stringContaining('m-brandt'), reason: expect.any(String) });
  });

  it('shows no patient to anybody of whom there is no view on record, and each such view is on record once', async () => {
    const name = patientOf(orderBytes());
    expect(name.length).toBeGreaterThan(2);
    const { engine } = play;
    const reyes = personOf.parse({ ...haddad, id: 'coordinator-reyes', roles: ['coordinator'], providerIds: [] });
    Object.assign(engine.parts, { directory: directoryOf([okafor, reyes]) });
    await engine.bring(orderBytes());
    await engine.settle();
    const [task] = await engine.parts.views.open('protocoling');
    expect(await answer(okafor, task!.caseNumber, 'ask-orderer', { text: 'Is there a pacemaker?' })).toBe('noted');
    await engine.settle();
    const shown = engine.left.filter((one) => (one.to === 'channel' || one.to === 'person') && one.card.includes(name));
    const views = rows().filter(({ action, detail }) => action === 'view' && detail.includes('private-chat'));
    expect(shown).toHaveLength(1);
    expect(views).toMatchObject([{ outcome: 'done', detail: expect.stringContaining('"to":"coordinator-reyes"') }]);
    await play.engine.stores.db.write(() => play.engine.stores.db.run(NO_AUDIT));
    expect(await answer(okafor, task!.caseNumber, 'ask-orderer', { text: 'And a stent?' }).catch(() => 'nothing')).toBe('nothing');
    await engine.settle().catch(() => undefined);
    expect(engine.left.filter((one) => one.to === 'person' && one.card.includes(name))).toHaveLength(1);
  });
});

/** The audit's disk fails, and nothing else. */
const NO_AUDIT = "CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the audit can not be written'); END";

describe('what can not be put on record does not happen (invariant 32)', () => {
  const fail = () => play.engine.stores.db.write(() => play.engine.stores.db.run(NO_AUDIT));
  const state = () => play.state();

  it('a fact, an answer, an act of an operator: all of it or none', async () => {
    const { caseNumber, id } = await heldChange(play);
    await fail();
    const before = state();
    await expect(answer(okafor, caseNumber, 'reject', { revision: 2, text: 'no' })).rejects.toThrow('the audit can not be written');
    await expect(play.act('retry', [id])).rejects.toThrow('the audit can not be written');
    await expect(play.act('skip', [id])).rejects.toThrow('the audit can not be written');
    await expect(play.ask({ ask: 'park', caseNumber, reason: 'x', dryRun: false })).rejects.toThrow('the audit can not be written');
    await expect(play.ask({ ask: 'export', id: 'm1', reason: 'x' })).rejects.toThrow('the audit can not be written');
    expect(state()).toBe(before);
  });

  it('a view, a denial: nobody is shown or told anything', async () => {
    const { caseNumber } = await heldChange(play);
    await fail();
    await expect(asked.open(okafor, caseNumber)).rejects.toThrow('the audit can not be written');
    await expect(asked.open(haddad, caseNumber)).rejects.toThrow('the audit can not be written');
    await expect(asked.waiting(haddad)).rejects.toThrow('the audit can not be written');
    await expect(answer(haddad, caseNumber, 'approve')).rejects.toThrow('the audit can not be written');
    await expect(asked.deny('token-expired', {})).rejects.toThrow('the audit can not be written');
    await expect(play.ask({ ask: 'list', filter: {}, most: 5 }, 'nokafor')).rejects.toThrow('the audit can not be written');
  });

  it('an event that is set aside for a person: with its row, or it comes again', async () => {
    const { bus, db } = play.engine.stores;
    const { caseNumber } = await heldChange(play);
    const caseId = await play.queue.caseOf(caseNumber);
    await bus.publish(eventFor(caseId!, 'poison', play.engine.now));
    const [claim] = await bus.claim(play.engine.now, 60, 9);
    expect(await bus.quarantine(claim!, 'failed 5 times: TypeError', later(500))).toBe(true);
    expect(rows().at(-1)).toMatchObject({
      case_id: caseId,
      action: 'event-quarantined',
      outcome: 'done',
      detail: expect.stringContaining('failed 5 times: TypeError'),
    });
    expect(await bus.quarantine(claim!, 'again', later(501))).toBe(false);
    expect(rows().filter(({ action }) => action === 'event-quarantined')).toHaveLength(1);
    await play.act('retry', [`e${claim!.claimed}`]);
    const [anew] = await bus.claim(later(900), 60, 9);
    await fail();
    await expect(bus.quarantine(anew!, 'again', later(902))).rejects.toThrow('the audit can not be written');
    expect(db.get("SELECT 1 FROM events WHERE state = 'quarantined'")).toBeUndefined();
  });
});
