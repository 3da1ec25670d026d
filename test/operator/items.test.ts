import { readSite } from '#adapters/embedded/site-folder.js';
import { fieldsOf } from '#adapters/hl7/fields.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { addSeconds } from '#core/time.js';
import { studyArrived } from '#domain/hospital-event.js';
import { takeIn } from '#engine/take-in.js';
import { operator } from '#engine/operator.js';
import type { QueueReply, QueueRequest, ShownDetail } from '#ports/queue.js';
import { directoryOf } from '../support/clinic.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { acts, heldChange, named, people, startOperatorFixture } from './operator-fixture.ts';
import type { OperatorFixture } from './operator-fixture.ts';

let desk: OperatorFixture;
beforeEach(() => {
  desk = startOperatorFixture();
});
afterEach(() => desk.close());

const site = readSite(testSite);
const message = (...segments: string[]): Buffer => Buffer.from(`${segments.join('\r')}\r`);
/** The order of the fixture with another text in place of one of its own. */
const order = (was: string, is: string, controlId = 'M1', verb: 'new' | 'change' = 'new'): Buffer =>
  Buffer.from(orderBytes(verb, controlId).toString().replaceAll(was, is));
const bloodCount = (): Buffer => order('CTHEADWO^CT HEAD WO CONTRAST', 'CBC^COMPLETE BLOOD COUNT');
const report = message(
  'MSH|^~\\&|REHEARSAL-RIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|20261125110000+0000||ORU^R01^ORU_R01|R1|P|2.5.1',
  'PID|1||M4811000^^^RADLOOP-MRN^MR||Abara^Vera||19541005|F',
  'ORC|RE|P000001^REHEARSAL-EHR|F000001^REHEARSAL-RIS',
  'OBR|1|P000001^REHEARSAL-EHR|F000001^REHEARSAL-RIS|CTHEADWO^CT HEAD WO CONTRAST^LOCAL|||20261125103000+0000|||||||||||||||20261125110000+0000|||F',
  'OBX|1|TX|&GDT^REPORT||No acute finding.||||||F',
);
const ids = async (): Promise<readonly string[]> => (await desk.listed()).map(({ id }) => id);
const cards = (): number => desk.engine.left.filter(({ to }) => to === 'channel').length;

/** The operator of a Radloop that was started again with every procedure being imaging. */
function afterMending(): (request: QueueRequest) => Promise<QueueReply> {
  const imaging = [...site.procedureMap.imaging, { code: 'CBC', modality: 'CT' as const, text: 'named wrongly' }];
  const notImaging = site.procedureMap.notImaging.filter(({ code }) => code !== 'CBC');
  const door = hl7Door({ ...site, procedureMap: { imaging, notImaging } });
  const parts = { ...desk.engine.parts, door, directory: directoryOf(people) };
  const mended = operator({ parts, queue: desk.queue, fieldsOf, exportKey: null, rehearsal: false });
  return (request) => mended.ask({ account: 'mbrandt', as: null }, request);
}

async function shown(id: string): Promise<ShownDetail> {
  const reply = await desk.ask({ ask: 'show', id });
  if (!reply.ok || reply.answer !== 'show') throw new Error(`nothing shown: ${JSON.stringify(reply)}`);
  return reply.item;
}

describe('an event that failed again and again', () => {
  /** The order's own event, put into quarantine as the engine does it after five failures. */
  async function quarantined(): Promise<void> {
    await desk.engine.bring(orderBytes());
    const { bus } = desk.engine.stores;
    const [claimed] = await bus.claim(desk.engine.now, 60, 1);
    await bus.quarantine(claimed!, 'failed 5 times: TypeError', desk.engine.now);
    await desk.engine.settle();
    expect(cards()).toBe(0);
  }

  it('is shown with the message that brought it, and told to its case again when an operator retries it', async () => {
    await quarantined();
    expect(await desk.listed()).toMatchObject([
      { id: 'e1', kind: 'event', state: 'quarantined', what: 'orderReceived', reason: 'failed 5 times: TypeError' },
    ]);
    expect((await shown('e1')).related).toMatchObject([{ id: 'm1', kind: 'message', state: 'used' }]);
    expect(acts(await desk.act('retry', ['e1']))).toMatchObject([{ ok: true, text: 'orderReceived is told to its case again, five times at most' }]);
    await desk.engine.settle();
    expect(cards()).toBeGreaterThan(0);
    expect(await desk.listed()).toEqual([]);
    expect(desk.audited()).toMatchObject([{ action: 'q-retry', outcome: 'done', detail: { item: 'e1' } }]);
  });

  it('lets the events behind it go on when it is skipped', async () => {
    await quarantined();
    await desk.engine.bring(orderBytes('cancel', 'M2'));
    await desk.engine.settle();
    expect(desk.engine.stores.db.get<{ n: number }>('SELECT count(*) AS n FROM events')).toEqual({ n: 2 });
    expect(acts(await desk.act('skip', ['e1']))[0]?.text).toBe('orderReceived is never told to its case; 1 more of this case go on after it');
    await desk.engine.settle();
    expect(desk.engine.stores.db.get<{ n: number }>('SELECT count(*) AS n FROM events')).toEqual({ n: 0 });
    expect(cards()).toBe(0);
  });
});

describe('a message that no workflow used', () => {
  it('is judged again by the door as it is now, told to its case once, and never answered a second time', async () => {
    await desk.engine.bring(bloodCount());
    await desk.engine.settle();
    expect(await desk.listed()).toMatchObject([{ id: 'm1', kind: 'message', state: 'not-imaging', what: 'ORM^O01', code: 'AA' }]);
    expect(acts(await desk.act('retry', ['m1']))).toMatchObject([{ ok: false, text: expect.stringMatching(/^m1 is still not-imaging/u) }]);

    const mended = afterMending();
    const request = { ask: 'retry', which: named('m1'), reason: 'the map is mended', dryRun: false } as const;
    const before = desk.state();
    const dry = acts(await mended({ ...request, dryRun: true }));
    expect(dry[0]?.text).toBe('the door takes it now and it is used; its sender gets no second answer; tells orderReceived to a new case');
    expect(desk.state()).toBe(before);
    expect(acts(await mended(request))).toMatchObject([{ ok: true, text: dry[0]?.text }]);
    await desk.engine.settle();
    const after = cards();
    expect(after).toBeGreaterThan(0);
    expect(acts(await mended(request))).toMatchObject([{ ok: false, text: 'm1 was used: its cases have been told, and are told once.' }]);
    // The sender sends it again: the same answer, no second effect.
    await desk.engine.bring(bloodCount());
    await desk.engine.settle();
    expect(cards()).toBe(after);
    expect(desk.engine.stores.db.all('SELECT case_id FROM cases')).toHaveLength(1);
  });

  it('is not listed any more once it is released, and stays kept', async () => {
    await desk.engine.bring(bloodCount());
    expect(acts(await desk.act('release', ['m1'], { reason: 'belongs to the laboratory' }))).toMatchObject([{ ok: true }]);
    expect(await ids()).toEqual([]);
    expect(await shown('m1')).toMatchObject({ state: 'released' });
    expect(acts(await desk.act('release', ['m1']))).toMatchObject([{ ok: false, text: 'm1 is released already.' }]);
    expect(acts(await desk.act('skip', ['m1']))).toMatchObject([{ ok: false, text: 'm1: a message is retried or released.' }]);
  });

  it('stays refused while the door refuses it, and noise is never judged', async () => {
    await desk.engine.bring(order('P000001^REHEARSAL-EHR|F000001^REHEARSAL-RIS', '|'));
    await desk.engine.bring(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await desk.engine.settle();
    const on = [...acts(await desk.act('retry', ['m1'])), ...acts(await desk.act('retry', ['m2']))];
    expect(on).toMatchObject([
      { ok: false, text: expect.stringMatching(/^m1: the door still refuses it \(AE\): /u) },
      { ok: false, text: expect.stringMatching(/^m2 is no HL7 message/u) },
    ]);
    expect(desk.audited().map(({ outcome }) => outcome)).toEqual(['nothing', 'nothing']);
  });

  it('of a sender that may not come in is not let in by an operator', async () => {
    const facility = { ...site.settings.facilities[0]!, mshFacilities: ['ELSEWHERE'] };
    await desk.engine.receive(orderBytes(), { endpoint: `https:${facility.id}`, facility });
    const parts = { ...desk.engine.parts, facilities: [facility], directory: directoryOf(people) };
    const strict = operator({ parts, queue: desk.queue, fieldsOf, exportKey: null, rehearsal: false });
    const request = { ask: 'retry', which: named('m1'), reason: 'let it in', dryRun: false } as const;
    expect(acts(await strict.ask({ account: 'mbrandt', as: null }, request))).toMatchObject([
      { ok: false, text: expect.stringMatching(/this sender may still not come in/u) },
    ]);
    // The site allows it now: the same bytes are read.
    expect(acts(await desk.ask(request))).toMatchObject([{ ok: true, text: expect.stringContaining('tells orderReceived to a new case') }]);
  });

  it('with a control id used before for other bytes is listed until an operator has compared and released it', async () => {
    await desk.engine.bring(orderBytes());
    await desk.engine.bring(order('Sudden severe headache', 'Fall from a ladder', 'M1', 'change'));
    await desk.engine.settle();
    const [item] = (await desk.listed()).filter(({ kind }) => kind === 'message');
    expect(item).toMatchObject({
      id: 'm2',
      state: 'used',
      reason: 'MSH-10 was used before for other bytes by the same sender',
      next: 'diff, then release',
    });
    const reply = await desk.ask({ ask: 'diff', id: 'm2' });
    if (!reply.ok || reply.answer !== 'diff') throw new Error(JSON.stringify(reply));
    expect({ item: reply.item.id, with: reply.with.id }).toEqual({ item: 'm2', with: 'm1' });
    expect(reply.differences.map(({ at }) => at)).toEqual(['ORC-1', 'OBR-13']);
    expect(reply.differences[0]).toEqual({ at: 'ORC-1', before: 'NW', after: 'XO' });
    expect(reply.differences[1]?.after).toMatch(/^xxxx xxxx x xxxxxx/u);
    expect(acts(await desk.act('release', ['m2'], { reason: 'sender restarted its counter' }))[0]?.ok).toBe(true);
    expect((await desk.listed()).filter(({ kind }) => kind === 'message')).toEqual([]);
  });
});

describe('a report that came before its order', () => {
  it('finds it when an operator retries it, and not before', async () => {
    await desk.engine.bring(report);
    await desk.engine.settle();
    expect(await desk.listed()).toContainEqual(expect.objectContaining({ id: 'a1', kind: 'arrival', state: 'unmatched', what: 'report' }));
    expect(acts(await desk.act('retry', ['a1']))).toMatchObject([{ ok: false, text: 'its order is still not known' }]);
    await desk.engine.bring(orderBytes());
    await desk.engine.settle();
    expect(acts(await desk.act('retry', ['a1'], { dryRun: true }))).toMatchObject([{ ok: true, text: expect.stringMatching(/report matched by /u) }]);
    expect((await desk.listed()).map(({ id }) => id)).toContain('a1');
    expect(acts(await desk.act('retry', ['a1']))).toMatchObject([{ ok: true, text: expect.stringMatching(/report matched by /u) }]);
    expect((await desk.listed()).map(({ id }) => id)).not.toContain('a1');
    expect((await shown('a1')).caseNumber).not.toBeNull();
  });

  it('finds it also when it came from a PACS', async () => {
    const assigner = 'RADLOOP-MRN';
    const patient = { id: 'M4811000', assigner, identifiers: [{ id: 'M4811000', assigner, type: 'MR' }], name: null, birthDate: null, sex: null };
    const study = studyArrived.parse({
      ...{
        type: 'studyArrived',
        rawHash: '1.2.3',
        sendingApplication: 'ORTHANC',
        sendingFacility: '',
        messageTime: null,
        receivedAt: desk.engine.now,
      },
      ...{ studyUid: '1.2.3', accessionNumber: null, modalities: ['CT'], startedAt: desk.engine.now, description: null, patient, sortTime: null },
    });
    await takeIn(desk.engine.parts, { endpoint: 'pacs', bytes: Buffer.from('{"study":1}'), messageType: 'study', controlId: null, sender: 'pacs' }, [
      study,
    ]);
    await desk.engine.settle();
    expect(await desk.listed()).toMatchObject([{ id: 'a1', what: 'study', destination: 'pacs', state: 'unmatched' }]);
    expect(acts(await desk.act('retry', ['a1']))).toMatchObject([{ ok: false }]);
    await desk.engine.bring(orderBytes());
    await desk.engine.settle();
    expect(acts(await desk.act('retry', ['a1']))).toMatchObject([
      { ok: true, text: expect.stringMatching(/study matched by patient-and-time|tells studyArrived to case/u) },
    ]);
  });

  it('is seen to when it is released', async () => {
    await desk.engine.bring(report);
    expect(acts(await desk.act('release', ['a1']))).toMatchObject([{ ok: true }]);
    expect((await desk.listed()).map(({ id }) => id)).not.toContain('a1');
    expect(acts(await desk.act('retry', ['a1']))).toMatchObject([{ ok: false, text: 'a1 is released.' }]);
  });
});

describe('an answer of ours that did not reach its sender', () => {
  it('is listed after a minute, and no longer owed once it is released', async () => {
    const enhanced = order('|P|2.5.1||||||', '|P|2.5.1|||AL|AL||');
    const received = await desk.engine.receive(enhanced);
    expect(received.commit).not.toBeNull();
    await desk.engine.settle();
    expect((await desk.listed()).filter(({ kind }) => kind === 'answer')).toEqual([]);
    desk.engine.now = addSeconds(desk.engine.now, 61);
    expect((await desk.listed()).filter(({ kind }) => kind === 'answer')).toMatchObject([{ id: 'r1', state: 'unanswered', code: 'AA' }]);
    expect((await shown('r1')).body).toContainEqual({ at: 'MSA-1', value: 'AA' });
    expect(acts(await desk.act('release', ['r1'], { reason: 'told them by telephone' }))).toMatchObject([{ ok: true }]);
    expect((await desk.listed()).filter(({ kind }) => kind === 'answer')).toEqual([]);
  });
});

describe('a case that is set aside', () => {
  it('keeps its events and deliveries until it is released, and no other case waits', async () => {
    const { id, caseNumber } = await heldChange(desk);
    const parked = acts(await desk.ask({ ask: 'park', caseNumber, reason: 'RIS merges orders', dryRun: false }));
    expect(parked).toMatchObject([{ id: `c${caseNumber}`, ok: true }]);
    expect(await desk.listed()).toContainEqual(expect.objectContaining({ id: `c${caseNumber}`, state: 'parked', next: `release ${caseNumber}` }));
    expect(await desk.ask({ ask: 'park', caseNumber, reason: 'again', dryRun: false })).toMatchObject({ ok: false, code: 'not-possible' });

    const sentBefore = desk.changesSent().length;
    expect(acts(await desk.act('retry', [id]))[0]?.text).toContain('once its case is released');
    await desk.engine.bring(orderBytes('cancel', 'M2'));
    const [posted, asked] = [cards(), desk.engine.ehrAsked.length];
    await desk.engine.bring(Buffer.from(order('P000001', 'P000002', 'M3').toString().replaceAll('F000001', 'F000002')));
    await desk.engine.settle();
    expect([cards(), desk.engine.ehrAsked.length]).toEqual([posted + 1, asked + 1]);
    expect(desk.changesSent()).toHaveLength(sentBefore);
    expect((await shown(`c${caseNumber}`)).related.map(({ kind, state }) => [kind, state])).toEqual([['event', 'waiting'], ['delivery', 'waiting']]); // prettier-ignore
    expect(await desk.engine.stores.bus.nextDue()).toBeNull();

    expect(acts(await desk.act('release', [caseNumber], { reason: 'RIS is back' }))).toMatchObject([
      { ok: true, text: `events and deliveries of ${caseNumber} go on` },
    ]);
    await desk.engine.settle();
    expect((await shown(`c${caseNumber}`)).about['status']).toBe('cancelled');
    expect(desk.audited().map(({ action }) => action)).toEqual(['q-park', 'q-park', 'q-retry', 'q-release']);
  });

  it('is not released when nobody parked it, and an unknown case is said to be unknown', async () => {
    const { caseNumber } = await heldChange(desk);
    expect(acts(await desk.act('release', [`c${caseNumber}`]))).toMatchObject([{ ok: false, text: expect.stringContaining('is not parked') }]);
    expect(await desk.ask({ ask: 'park', caseNumber: 'ZZZZZZ', reason: 'x', dryRun: false })).toMatchObject({ ok: false, code: 'unknown' });
    expect(acts(await desk.act('retry', ['o999']))).toMatchObject([{ ok: false, text: expect.stringContaining('Nothing is held as o999') }]);
  });
});

describe('looking', () => {
  it('shows no value of the patient anywhere, and what says who sent what as it is', async () => {
    await desk.engine.bring(order('P000001^REHEARSAL-EHR|F000001^REHEARSAL-RIS', '|'));
    const item = await shown('m1');
    const text = JSON.stringify(item);
    for (const private_ of ['Abara', 'Vera', 'M4811000', '19541005', 'headache', 'Haddad', 'D4711', 'RAD000001'])
      expect(text).not.toContain(private_);
    expect(item.body).toContainEqual({ at: 'PID-5', value: 'xxxxx^xxxx' });
    expect(item.body).toContainEqual({ at: 'PID-7', value: '99999999' });
    expect(item.body).toContainEqual({ at: 'MSH-10', value: 'M1' });
    expect(item.body).toContainEqual({ at: 'ORC-1', value: 'NW' });
  });

  it('names the message that a case holds', async () => {
    await desk.engine.bring(orderBytes());
    await desk.engine.bring(order('M4811000', 'M9999999', 'M2', 'change'));
    await desk.engine.settle();
    const held = (await desk.listed()).find(({ kind }) => kind === 'case');
    expect(held).toMatchObject({ state: 'noted', reason: expect.stringContaining('held') });
    expect((await shown(held?.id ?? '')).related).toContainEqual(expect.objectContaining({ id: 'm2', kind: 'message' }));
  });

  it('says what operators did, and the whole life of one delivery or case', async () => {
    const { id, caseNumber } = await heldChange(desk);
    await desk.act('retry', [id], { reason: 'RIS knows the code' });
    await desk.engine.settle();
    const rows = async (item: string | null) => {
      const reply = await desk.ask({ ask: 'history', id: item, most: 50 });
      if (!reply.ok || reply.answer !== 'history') throw new Error('no history');
      return reply.rows.map(({ who, action }) => `${who} ${action}`);
    };
    expect(await rows(null)).toEqual(['m-brandt q-retry']);
    expect(await rows(id)).toEqual(['system:deliver protocolWrittenBack', 'm-brandt q-retry', 'system:deliver deliveryFailed']);
    expect(await rows(caseNumber)).toEqual(expect.arrayContaining(['sender:mllp orderOpened', 'dr-okafor protocolApproved', 'm-brandt q-retry']));
  });

  it('is open to an admin, and what operators did to nobody without a role for it', async () => {
    expect(await desk.ask({ ask: 'list', filter: {}, most: 9 }, 'akim')).toMatchObject({ ok: true });
    expect(await desk.ask({ ask: 'history', id: null, most: 9 }, 'nokafor')).toMatchObject({ ok: false, code: 'denied' });
  });
});
