import { answerTask } from '#bot/inbound/task.js';
import { readPress } from '#bot/inbound/card-answer.js';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import { addMinutes } from '#core/time.js';
import { desk as deskOf } from '#engine/desk.js';
import type { Desk } from '#ports/desk.js';
import { silentLog } from '../support/clinic.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';
import { plannedOrders } from '../support/planned-orders.ts';

const radiologist = person.parse({
  id: 'dr-okafor', name: 'Ngozi Okafor', roles: ['protocoling-radiologist'], aadObjectId: 'f3267af5-3040-4fc6-9205-761ce2ab09e7',
}); // prettier-ignore
const spanish: Person = { ...radiologist, language: 'es' };
const mrOnly: Person = { ...radiologist, modalities: ['MR'] };

let engine: EngineFixture;
let desk: Desk;
let told = 0;
const plans = new Map<string, PlannedOrder>();
beforeEach(() => {
  engine = startEngineFixture('assist');
  desk = deskOf(engine.parts, []);
});
afterEach(() => engine.close());

interface Wanted {
  readonly family?: string;
  readonly given?: string;
  readonly birthDate?: string;
  readonly mrn?: string;
  readonly indication?: string;
  readonly priority?: string;
  readonly code?: string;
  readonly text?: string;
  readonly modality?: string;
}

const routine = { indication: 'Chronic headache, follow-up', priority: 'R' };

/** Brings an order of a patient of their own, and gives the number of its case. */
async function order({ family = `Patient${'abcdefghij'[told % 10]}${told}`, given = 'Ada', birthDate = '19500101', mrn, ...of }: Wanted = {}) {
  told += 1;
  const [planned] = plannedOrders(4711, 1);
  const patient = { ...planned!.patient, family, given, birthDate, mrn: mrn ?? `9${String(told).padStart(6, '0')}` };
  const more = { code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', ...of };
  const one: PlannedOrder = {
    ...planned!,
    n: told,
    kind: 'imaging',
    then: null,
    sendsBirthDate: true,
    indication: 'Sudden severe headache, vomiting. Rule out subarachnoid hemorrhage',
    priority: 'S',
    ...more,
    patient,
  };
  const before = new Set((await engine.stores.views.open('protocoling')).map(({ caseId }) => caseId));
  await engine.bring(Buffer.from(orderMessage(one, 'new', `N${told}`, new Date(engine.now))));
  await engine.settle();
  const row = (await engine.stores.views.open('protocoling')).find(({ caseId }) => !before.has(caseId));
  if (row === undefined) throw new Error('the order opened no case');
  engine.now = addMinutes(engine.now, 1);
  plans.set(row.caseNumber, one);
  return row.caseNumber;
}

/** The order is changed in nothing but its patient's family name: the same patient, married. */
async function marry(caseNumber: string, family: string): Promise<void> {
  const planned = plans.get(caseNumber)!;
  const changed = { ...planned, patient: { ...planned.patient, family } };
  await engine.bring(Buffer.from(orderMessage(changed, 'change', `C${planned.n}`, new Date(engine.now))));
  await engine.settle();
}

type Data = Readonly<Record<string, unknown>>;
interface Dialog {
  readonly type: string;
  readonly title: string;
  readonly json: string;
  readonly speak: string;
  readonly buttons: readonly { readonly title: string; readonly data: Data }[];
}

async function press(who: Person, data: Data): Promise<Dialog> {
  const pressed = readPress(data);
  if (pressed === null) throw new Error('no such press');
  const { answer, shows } = await answerTask({ desk, clock: engine.parts.clock, log: silentLog() }, who, pressed);
  if (shows !== null) await desk.seen(who, shows.caseNumber, shows.revision);
  const { task } = answer;
  if (task.type === 'message') return { type: task.type, title: '', json: task.value, speak: task.value, buttons: [] };
  const { title, card } = task.value;
  const { speak, actions } = card.content as { speak: string; actions?: { title: string; data?: Data }[] };
  return {
    type: task.type,
    title,
    json: JSON.stringify(card.content),
    speak,
    buttons: (actions ?? []).map((one) => ({ title: one.title, data: one.data ?? {} })),
  };
}

const choose = (caseNumber: string, revision = 1): Data => ({ verb: 'choose-other', caseNumber, revision, protocolId: 'CT-HEAD-WO' });
const views = () =>
  engine.stores.db.all<{ detail: string }>("SELECT detail FROM audit WHERE action = 'view'").map(({ detail }) => JSON.parse(detail));

describe('after an answer', () => {
  it('the same dialog says what became of it and offers the most urgent case that waits longest', async () => {
    const first = await order();
    await order(routine);
    const stat = await order();
    await order();
    engine.now = addMinutes(engine.now, 2);
    const dialog = await press(radiologist, choose(first));
    expect(dialog.speak).toMatch(/^Your protocol is set for .* Next: STAT, 4 min, 3 waiting\.$/u);
    expect(dialog.buttons).toEqual([{ title: 'Next: STAT, 4 min, 3 waiting', data: { verb: 'open', caseNumber: stat, revision: 1 } }]);
  });

  it('the button opens the next case with its own identifiers and nothing chosen, and the view is audited', async () => {
    const first = await order({ family: 'Vandermolen', given: 'Ottilie' });
    const second = await order({ family: 'Quillfeather', given: 'Obadiah', birthDate: '19400202' });
    const receipt = await press(radiologist, choose(first));
    expect(receipt.json).not.toMatch(/Vandermolen|Quillfeather/iu);
    const next = await press(radiologist, receipt.buttons[0]!.data);
    expect(next.title).toBe(`CT protocol request ${second}`);
    expect(next.json).toMatch(/Quillfeather, Obadiah/iu);
    expect(next.json).not.toMatch(/Vandermolen/iu);
    expect(next.json).not.toContain('"value":"CT-HEAD-WO"}],"value"');
    expect(views()).toEqual([{ number: second }, { number: second, revision: 1 }]);
    expect(await desk.shown(radiologist.id, second)).toEqual({ shown: 1, current: 1, round: 0 });
  });

  it('says that nothing waits when this was the last one', async () => {
    const only = await order();
    const dialog = await press(radiologist, choose(only));
    expect(dialog.speak).toMatch(/Nothing else is waiting for your decision\.$/u);
    expect(dialog.buttons).toEqual([]);
  });

  it('offers no case of another list, of their own order, or that waits for the orderer', async () => {
    const mr = await order({ code: 'MRBRAINWO', text: 'MR BRAIN WO CONTRAST', modality: 'MR', ...routine });
    const ct = await order();
    expect((await desk.next(mrOnly, ct))?.row.caseNumber).toBe(mr);
    expect(await desk.next({ ...mrOnly, modalities: ['US'] }, ct)).toBeNull();
    expect(await desk.next({ ...radiologist, roles: ['referrer'] }, ct)).toBeNull();
    expect((await press(radiologist, { verb: 'ask-orderer', caseNumber: ct, revision: 1, question: 'Which side?' })).speak).toContain('1 waiting');
    expect(await desk.next(radiologist, mr)).toBeNull();
  });

  it('offers nothing that would not be decided here: the workflow is silent', async () => {
    const first = await order();
    await order();
    Object.assign(engine.parts, { modeOf: () => 'silent' });
    expect(await desk.next(radiologist, first)).toBeNull();
  });

  it('the answer counts and is said although the look at what waits next fails', async () => {
    const first = await order();
    Object.assign(engine.parts, { views: { ...engine.stores.views, open: () => Promise.reject(new Error('the disk is full')) } });
    expect((await press(radiologist, choose(first))).speak).toMatch(/^Your protocol is set for .* could not be looked up/u);
  });

  it('many who ask at once after a start have each open case read once, not once each', async () => {
    const numbers = [await order(), await order(), await order()];
    let reads = 0;
    const { cases } = engine.parts;
    const read: typeof cases.read = (...of) => {
      reads += 1;
      return cases.read(...of);
    };
    const started = deskOf({ ...engine.parts, cases: { ...cases, read } }, []);
    const offered = await Promise.all(Array.from({ length: 10 }, () => started.next(radiologist, numbers[0]!)));
    expect(offered.map((one) => one?.row.caseNumber)).toEqual(Array.from({ length: 10 }, () => numbers[1]));
    expect(reads).toBe(numbers.length);
  });

  it('a person who reads Spanish reads the receipt and the next case in Spanish', async () => {
    const first = await order();
    await order();
    const receipt = await press(spanish, choose(first));
    expect(receipt.speak).toMatch(/^Su protocolo queda fijado para .* Siguiente: STAT, 1 min, 1 pendiente\.$/u);
    const next = await press(spanish, receipt.buttons[0]!.data);
    expect(next.title).toMatch(/^Solicitud de protocolo de TC /u);
    expect(next.buttons.map(({ title }) => title)).toContain('Preguntar al solicitante');
  });
});

describe('an answer that changes nothing (invariant 15)', () => {
  it('shows the case as it is now, with why at its top, when somebody else was faster', async () => {
    const number = await order({ family: 'Vandermolen', given: 'Ottilie' });
    const other = person.parse({ ...radiologist, id: 'dr-lindqvist', name: 'Maja Lindqvist', aadObjectId: '691feb5b-9eb0-4dd4-bb4e-ffcf4d5b0d9d' });
    await press(other, choose(number));
    const dialog = await press(radiologist, choose(number));
    expect(dialog.speak).toMatch(/^Maja Lindqvist approved this order at .* Your answer changed nothing\. CT protocol request/u);
    expect(dialog.json.indexOf('Maja Lindqvist approved')).toBeLessThan(dialog.json.search(/Vandermolen/iu));
    expect(dialog.buttons).toEqual([]);
  });

  it('shows the new revision when the order has changed, and its buttons carry that one', async () => {
    const number = await order();
    const dialog = await press(radiologist, choose(number, 7));
    expect(dialog.speak).toMatch(/^This case has changed since you opened it\. Your answer changed nothing\./u);
    expect(JSON.stringify(dialog.buttons)).toContain('"revision":1');
    expect(views()).toEqual([{ number }, { number, revision: 1 }]);
  });

  it('shows no view to somebody who may not decide', async () => {
    const number = await order();
    const dialog = await press({ ...radiologist, roles: ['technologist'] }, choose(number));
    expect(dialog).toMatchObject({ type: 'message', json: 'Ngozi Okafor has no role that may choose a protocol.' });
    expect(views()).toEqual([]);
  });
});

describe('a patient of a similar name', () => {
  const banner = /Another open case \((\S+)\) has a patient of a similar name: check both identifiers\./u;

  it('is said by case number alone, in the views of both', async () => {
    const one = await order({ family: 'Marchetti', given: 'Elena', birthDate: '19610303' });
    const two = await order({ family: 'Marchetti', given: 'Elisa', birthDate: '19740404' });
    await order({ family: 'Okonkwo', given: 'Emeka' });
    const first = await press(radiologist, { verb: 'open', caseNumber: one });
    const second = await press(radiologist, { verb: 'open', caseNumber: two });
    expect(banner.exec(first.json)?.[1]).toBe(two);
    expect(banner.exec(second.json)?.[1]).toBe(one);
    expect(first.json).not.toMatch(/Elisa|19740404|4 Apr 1974/iu);
  });

  it('is not said of the same patient’s other order, and no more when the other case is closed', async () => {
    const one = await order({ family: 'Marchetti', given: 'Elena', mrn: '9777001' });
    await order({ family: 'Marchetti', given: 'Elena', mrn: '9777001' });
    const two = await order({ family: 'Marchetti', given: 'Ernst' });
    expect(banner.exec((await press(radiologist, { verb: 'open', caseNumber: one })).json)?.[1]).toBe(two);
    await press(radiologist, choose(two));
    await engine.settle();
    expect((await press(radiologist, { verb: 'open', caseNumber: one })).json).not.toMatch(/similar name/u);
  });

  it('is said once the other case has come, also to whoever has looked before, and by a spelling one letter off', async () => {
    const one = await order({ family: 'Marchetti', given: 'Elena' });
    expect((await press(radiologist, { verb: 'open', caseNumber: one })).json).not.toMatch(/similar name/u);
    const two = await order({ family: 'Marchetty', given: 'Eva' });
    expect(banner.exec((await press(radiologist, { verb: 'open', caseNumber: one })).json)?.[1]).toBe(two);
  });

  it('holds no view up that the open cases can’t be looked through: it says that they were not compared', async () => {
    const one = await order();
    Object.assign(engine.parts, { views: { ...engine.stores.views, open: () => Promise.reject(new Error('the disk is full')) } });
    expect((await press(radiologist, { verb: 'open', caseNumber: one })).json).toContain('Not all open cases were compared for similar names');
  });

  it('is said after the other patient’s name has changed, although that is no new question', async () => {
    const one = await order({ family: 'Marchetti', given: 'Elena' });
    const other = await order({ family: 'Okonkwo', given: 'Emily' });
    expect((await press(radiologist, { verb: 'open', caseNumber: one })).json).not.toMatch(/similar name/u);
    await marry(other, 'Marchetti');
    expect((await desk.shown(radiologist.id, other))?.current).toBe(1);
    expect(banner.exec((await press(radiologist, { verb: 'open', caseNumber: one })).json)?.[1]).toBe(other);
  });
});
