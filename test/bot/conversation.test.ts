import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRosters } from '#adapters/embedded/roster/files.js';
import { rota as rotaOf } from '#adapters/embedded/rota.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { createBot } from '#bot/agent.js';
import type { Bot } from '#bot/agent.js';
import { personId } from '#core/ids.js';
import type { CaseNumber, PersonId } from '#core/ids.js';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import { addMinutes } from '#core/time.js';
import { desk as deskOf } from '#engine/desk.js';
import { understand } from '#models/intents/index.js';
import type { Desk } from '#ports/desk.js';
import { registry } from '#workflows/registry.js';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';
import { channels, conversationsInMemory, directoryOf, silentLog } from '../support/clinic.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { plannedOrders, testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { settingsFor, startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

const zone = 'America/Chicago';
const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const someone = (n: number, id: string, name: string, roles: string[], more: object = {}): Person =>
  person.parse({ id, name, roles, aadObjectId: guid(n), ...more });
const okafor = someone(1, 'dr-okafor', 'Ngozi Okafor', ['protocoling-radiologist']);
const lindqvist = someone(2, 'dr-lindqvist', 'Maja Lindqvist', ['protocoling-radiologist']);
const brandt = someone(3, 'dr-brandt', 'Ute Brandt', ['protocoling-radiologist'], { modalities: ['MR'] });
const reyes = someone(4, 'c-reyes', 'Carmen Reyes', ['coordinator']);
const novak = someone(5, 't-novak', 'Jana Novak', ['technologist'], { modalities: ['CT'] });
const weber = someone(6, 's-weber', 'Sam Weber', ['scheduler']);
const everybody = [okafor, lindqvist, brandt, reyes, novak, weber];
const protocols = shippedPolicy.content.protocols;
const rota = rotaOf(readSite(testSite).onCall, readRosters(testSite, zone).roster, zone);

let side: TeamsSide;
let engine: EngineFixture;
let desk: Desk;
let bot: Bot;
let orders = 0;
let spoken = 0;

/** The desk and the bot of this process over the engine's store: what a start makes anew. */
function start(): void {
  const policy = { ...shippedPolicy, zone, coordinators: [personId.parse(reyes.id)] };
  Object.assign(engine.parts, { directory: directoryOf(everybody), workflows: registry({ protocoling: policy }) });
  const ids = protocols.map(({ id }) => id);
  desk = deskOf(engine.parts, ids, undefined, { zone, rota });
  bot = createBot({
    ...{ settings: settingsFor(side), desk, directory: engine.parts.directory, channels: channels(side.serviceUrl, side.tenantId) },
    ...{ conversations: conversationsInMemory(), log: silentLog(), clock: engine.parts.clock, sendLimit: 'off', zone, rota },
    understand: (said) => understand(said, protocols),
  });
}

beforeEach(async () => {
  side = await startTeamsSide();
  process.env['IDENTITY_ENDPOINT'] = `${side.origin}/msi/token`;
  process.env['IDENTITY_HEADER'] = 'secret';
  engine = startEngineFixture('assist');
  engine.now = new Date().toISOString() as typeof engine.now;
  start();
}, 30_000);
afterEach(async () => {
  await engine.close();
  await side.close();
});

interface Named {
  readonly family?: string;
  readonly given?: string;
  readonly mrn?: string;
}

function order(named: Named = {}): PlannedOrder {
  orders += 1;
  const [planned] = plannedOrders(4711, 1);
  const { patient } = planned!;
  return {
    ...{ ...planned!, n: orders, code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', kind: 'imaging', then: null },
    ...{ indication: 'Sudden severe headache, vomiting. Rule out subarachnoid hemorrhage', patient: { ...patient, ...named } },
    orderer: { id: 'UNKNOWN', family: 'Abara', given: 'Vera' },
  };
}

async function send(of: PlannedOrder, verb: 'new' | 'cancel' = 'new'): Promise<void> {
  await engine.bring(Buffer.from(orderMessage(of, verb, `${verb}${of.n}`, new Date(engine.now))));
  await engine.settle();
}

async function newCase(named: Named = {}): Promise<CaseNumber> {
  const before = new Set((await engine.stores.views.open('protocoling')).map(({ caseNumber }) => caseNumber));
  await send(order(named));
  return (await engine.stores.views.open('protocoling')).find(({ caseNumber }) => !before.has(caseNumber))!.caseNumber;
}

interface Activity {
  readonly text?: string;
  readonly attachments?: { readonly content: { readonly speak: string; readonly actions?: { title: string; data: Record<string, unknown> }[] } }[];
}

async function post(who: Person, parts: Record<string, unknown>): Promise<readonly Activity[]> {
  spoken += 1;
  side.calls.length = 0;
  const activity = {
    ...{ id: String(spoken), channelId: 'msteams', serviceUrl: side.serviceUrl, recipient: { id: `28:${side.appId}` } },
    from: { id: `29:${who.id}`, name: who.name, aadObjectId: who.aadObjectId },
    conversation: { id: `a:${who.id}`, conversationType: 'personal', tenantId: side.tenantId },
    channelData: { tenant: { id: side.tenantId } },
    ...parts,
  };
  const body = Buffer.from(JSON.stringify(activity));
  const { status } = await bot.handle({ authorization: `Bearer ${await side.token()}`, contentType: 'application/json', body });
  expect(status).toBeLessThan(300);
  return side.calls.map((call) => call.body as Activity).filter((one) => one.text !== undefined || one.attachments !== undefined);
}

const inChannel = { conversation: { id: '19:protocoling@thread.tacv2;messageid=1', conversationType: 'channel', isGroup: true } };
const say = (who: Person, text: string, parts: Record<string, unknown> = {}) => post(who, { type: 'message', text, ...parts });
const textOf = (said: readonly Activity[]): string => said.map(({ text, attachments }) => text ?? attachments?.[0]?.content.speak ?? '').join('\n');
const buttonsOf = (said: readonly Activity[]) => said.flatMap(({ attachments }) => attachments ?? []).flatMap(({ content }) => content.actions ?? []);
/** Presses a button of the private chat. */
const press = (who: Person, data: Record<string, unknown>) => say(who, '', { value: data });
const toldTo = (): string[] => engine.left.flatMap((one) => (one.to === 'person' ? [one.card] : []));
const rowOf = async (number: CaseNumber) => (await engine.stores.views.all('protocoling')).find(({ caseNumber }) => caseNumber === number)!;
const auditOf = (action: string) =>
  engine.stores.db.all<{ actor: string; detail: string; outcome: string }>('SELECT actor, detail, outcome FROM audit WHERE action = ?', action);
const approve = (who: Person, caseNumber: CaseNumber, revision = 1) =>
  desk.answer({ person: who, caseNumber, revision, verb: 'choose-other', protocolId: 'CT-HEAD-WO' });
const pass = async (minutes: number): Promise<void> => {
  engine.now = addMinutes(engine.now, minutes);
  await engine.settle();
};

describe('a reminder', () => {
  it('comes once, in private, with the case number and nothing of the patient (invariant 18)', async () => {
    const number = await newCase({ family: 'Canaryflood', given: 'Florence' });
    const said = textOf(await say(weber, `remind me of ${number} in 20 minutes`));
    expect(said).toMatch(new RegExp(`I will remind you of ${number} at`, 'u'));
    engine.left.length = 0;
    await pass(19);
    expect(toldTo().filter((card) => card.includes('reminded'))).toEqual([]);
    await pass(2);
    const told = toldTo().filter((card) => card.includes('You wanted to be reminded'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(number);
    expect(told[0]).not.toMatch(/canaryflood/iu);
    await pass(600);
    expect(toldTo().filter((card) => card.includes('You wanted to be reminded'))).toHaveLength(1);
  });

  it('survives a restart between the words and the time', async () => {
    const number = await newCase();
    await say(okafor, `remind me about ${number} in 20 minutes`);
    await engine.settle();
    const { folder } = engine.stores;
    await engine.stores.db.close();
    const now = engine.now;
    engine = startEngineFixture('assist', undefined, folder);
    engine.now = now;
    start();
    await pass(21);
    expect(toldTo().filter((card) => card.includes('You wanted to be reminded'))).toHaveLength(1);
  });

  it.each(['decided and in the RIS', 'cancelled by the RIS', 'rejected'])('is dropped when the case is %s', async (how) => {
    const of = order();
    await send(of);
    const [{ caseNumber } = { caseNumber: '' as CaseNumber }] = await engine.stores.views.open('protocoling');
    await say(okafor, `remind me about ${caseNumber} in 20 minutes`);
    await engine.settle();
    if (how === 'cancelled by the RIS') await send(of, 'cancel');
    else if (how === 'rejected') await desk.answer({ person: okafor, caseNumber, revision: 1, verb: 'reject', text: 'wrong side' });
    else await approve(okafor, caseNumber);
    await engine.settle();
    expect(engine.stores.db.all("SELECT name FROM deadlines WHERE name LIKE 'remind-%'")).toEqual([]);
    await pass(30);
    expect(toldTo().filter((card) => card.includes('You wanted to be reminded'))).toEqual([]);
    expect(textOf(await say(okafor, `remind me about ${caseNumber} in 20 minutes`))).toContain('No reminder was set');
  });

  it('is set anew by the same words later, replaces the one before, and asks for a time that is ahead', async () => {
    const number = await newCase();
    await say(okafor, `remind me about ${number} in 20 minutes`);
    await pass(10);
    await say(okafor, `remind me about ${number} in 20 minutes`);
    await pass(11);
    expect(toldTo().filter((card) => card.includes('You wanted to be reminded'))).toEqual([]);
    await pass(10);
    expect(toldTo().filter((card) => card.includes('You wanted to be reminded'))).toHaveLength(1);
    expect(textOf(await say(okafor, `remind me about ${number} later`))).toContain('When?');
  });
});

describe('a hand-over', () => {
  it('is repeated back, moves the case to another name, tells the receiver in private and is on record', async () => {
    const number = await newCase();
    await say(okafor, `show ${number}`);
    const asked = await say(okafor, 'hand it to Lindqvist');
    const [button, ...others] = buttonsOf(asked);
    expect(others).toEqual([]);
    expect(button?.title).toBe(`Hand ${number} to Maja Lindqvist`);
    expect((await rowOf(number)).owner).not.toBe(lindqvist.id);
    expect(textOf(await press(okafor, button!.data))).toContain(`${number} is with Maja Lindqvist now`);
    await engine.settle();
    expect((await rowOf(number)).owner).toBe(lindqvist.id);
    const told = toldTo().filter((card) => card.includes('handed to you'));
    expect(told).toHaveLength(1);
    // Pressed again, half a minute later, under a new id (field report 19): the same answer, and nobody is told twice.
    await pass(1);
    expect(textOf(await press(okafor, button!.data))).toContain(`${number} is with Maja Lindqvist now`);
    await engine.settle();
    expect(toldTo().filter((card) => card.includes('handed to you'))).toHaveLength(1);
    expect(auditOf('handedOver').concat(auditOf('personAnswered')).length).toBeGreaterThan(0);
    // She hands it on; the first button, pressed late, does not bring it back to her.
    const next = buttonsOf(await say(lindqvist, `hand ${number} to Okafor`));
    await press(lindqvist, next[0]!.data);
    expect((await rowOf(number)).owner).toBe(okafor.id);
    await press(okafor, button!.data);
    expect((await rowOf(number)).owner).toBe(okafor.id);
    // And again to her, by the same words, is a new hand-over.
    await press(okafor, buttonsOf(await say(okafor, `hand ${number} to Lindqvist`))[0]!.data);
    expect((await rowOf(number)).owner).toBe(lindqvist.id);
  });

  it('goes to whoever is on call for a service that is named', async () => {
    const number = await newCase();
    const titles = buttonsOf(await say(okafor, `hand ${number} to the neuro fellow`)).map(({ title }) => title);
    const onCall = rota.at('neuro', engine.now)!.levels.flatMap(({ people }) => people);
    expect(titles).toEqual(onCall.map((id) => `Hand ${number} to ${id === okafor.id ? okafor.name : lindqvist.name}`));
  });

  it('is refused with the reason where the receiver may not decide it, also when the button was forged', async () => {
    const number = await newCase();
    const said = await say(okafor, `hand ${number} to Brandt`);
    expect(textOf(said)).toContain('Ute Brandt is not on the list for CT');
    expect(buttonsOf(said).map(({ title }) => title)).not.toContain(`Hand ${number} to Ute Brandt`);
    expect(textOf(await press(okafor, { verb: 'hand-over', caseNumber: number, revision: 1, to: brandt.id }))).toContain('Nothing was changed');
    expect(textOf(await press(okafor, { verb: 'hand-over', caseNumber: number, revision: 1, to: 'nobody' }))).toContain('Nothing was changed');
    expect((await rowOf(number)).owner).toBeNull();
    expect(textOf(await say(weber, `hand ${number} to Okafor`))).toContain('has no role that may hand a case over');
    expect(auditOf('hand-over').filter(({ outcome }) => outcome === 'denied')).toHaveLength(1);
  });

  it('is asked in the private chat when it was written in a channel, and no name of the request is repeated there', async () => {
    const number = await newCase();
    await say(okafor, 'hello');
    const said = await say(okafor, `hand ${number} to Mrs Canaryflood`, inChannel);
    expect(JSON.stringify(said)).not.toMatch(/canaryflood/iu);
  });

  it('tells the coordinators when the receiver could not be reached', async () => {
    const number = await newCase();
    const { people } = engine.parts;
    const tell = people.tell.bind(people);
    Object.assign(people, {
      tell: (to: PersonId, card: Parameters<typeof tell>[1]) =>
        to === lindqvist.id ? Promise.resolve({ ok: false, code: 'refused', detail: 'HTTP 403' } as const) : tell(to, card),
    });
    await press(okafor, buttonsOf(await say(okafor, `hand ${number} to Lindqvist`))[0]!.data);
    await engine.settle();
    expect(toldTo().some((card) => card.includes('does not know that a case was handed to them'))).toBe(true);
  });
});

describe('a take-back', () => {
  it('of what has not left undoes it: nothing reaches the RIS, and the case waits again', async () => {
    const number = await newCase();
    await say(okafor, `show ${number}`);
    expect((await approve(okafor, number)).outcome).toBe('won');
    const asked = await say(okafor, 'take that back');
    expect(textOf(asked)).toContain(`your approval of ${number}`);
    expect(textOf(asked)).not.toContain('RIS has it');
    const [button] = buttonsOf(asked);
    expect(textOf(await press(okafor, button!.data))).toContain('waits for a decision again');
    expect(textOf(await press(okafor, button!.data))).toContain('waits for a decision again');
    await engine.settle();
    expect(engine.left.filter(({ to, ...one }) => to === 'ris' && JSON.stringify(one).includes('order-change'))).toEqual([]);
    expect(await rowOf(number)).toMatchObject({ status: 'waiting', revision: 2 });
    expect((await approve(okafor, number, 2)).outcome).toBe('won');
    await engine.settle();
    expect(engine.left.filter(({ to, ...one }) => to === 'ris' && JSON.stringify(one).includes('order-change'))).toHaveLength(1);
  });

  it('of what was sent is repeated back with what stays in the RIS; the next decision replaces it there', async () => {
    const number = await newCase();
    await approve(okafor, number);
    await engine.settle();
    const asked = await say(okafor, `take back ${number}`);
    expect(textOf(asked)).toContain('The RIS has it already');
    // A press that has not read it changes nothing.
    const [button] = buttonsOf(asked);
    const { confirmed: _, ...unread } = button!.data;
    expect(textOf(await press(okafor, unread))).toContain('nothing was changed');
    expect(await rowOf(number)).toMatchObject({ status: 'approved' });
    expect(textOf(await press(okafor, button!.data))).toContain('The RIS still has the protocol until the next decision replaces it');
    await engine.settle();
    expect(await rowOf(number)).toMatchObject({ status: 'waiting', open: true });
    expect((await desk.shared(number))?.speak).toBeDefined();
    expect(JSON.stringify((await desk.shared(number))?.card)).toContain('The RIS still has the protocol that was taken back');
    await desk.answer({ person: lindqvist, caseNumber: number, revision: 2, verb: 'choose-other', protocolId: 'CT-HEAD-W' });
    await engine.settle();
    expect(engine.left.filter(({ to, ...one }) => to === 'ris' && JSON.stringify(one).includes('order-change'))).toHaveLength(2);
    expect(JSON.stringify((await desk.shared(number))?.card)).not.toContain('taken back');
  });

  it('that comes while the message is on its way is told of when the RIS takes it all the same', async () => {
    const number = await newCase();
    await approve(okafor, number);
    // The send is under way: the take-back comes between the receiver's bytes and what we do with its answer.
    const { hl7 } = engine.parts;
    const sendFirst = hl7.send.bind(hl7);
    Object.assign(hl7, {
      send: async (...args: Parameters<typeof sendFirst>) => {
        if (args[1].toString().includes('order-change')) await desk.answer({ person: okafor, caseNumber: number, revision: 1, verb: 'take-back' });
        return sendFirst(...args);
      },
    });
    await engine.settle();
    expect(await rowOf(number)).toMatchObject({ status: 'waiting' });
    expect(toldTo().filter((card) => card.includes('The RIS has a protocol that was taken back'))).toHaveLength(2);
    expect(JSON.stringify((await desk.shared(number))?.card)).toContain('The RIS still has the protocol that was taken back');
  });

  it('is refused to whoever did nothing, and says plainly what to do when the exam was done', async () => {
    const of = order();
    await send(of);
    const [{ caseNumber: number } = { caseNumber: '' as CaseNumber }] = await engine.stores.views.open('protocoling');
    await approve(okafor, number);
    const others = await desk.answer({ person: lindqvist, caseNumber: number, revision: 1, verb: 'take-back' });
    expect(others).toMatchObject({ outcome: 'denied', text: expect.stringContaining('has done nothing on this case') });
    expect(textOf(await say(lindqvist, `take back ${number}`))).toContain('has done nothing on this case');
    await send({ ...of, then: null }, 'cancel');
    expect(await desk.answer({ person: okafor, caseNumber: number, revision: 1, verb: 'take-back', confirmed: true })).not.toMatchObject({
      outcome: 'noted',
    });
  });

  it.each([
    ['a rejection', 'reject', 'wrong side', 'your rejection of'],
    ['a question', 'ask-orderer', 'Which side?', 'your question about'],
  ] as const)('of %s opens the case again', async (_name, verb, text, says) => {
    const number = await newCase();
    await desk.answer({ person: okafor, caseNumber: number, revision: 1, verb, text });
    const asked = await say(okafor, `take back ${number}`);
    expect(textOf(asked)).toContain(says);
    await press(okafor, buttonsOf(asked)[0]!.data);
    await engine.settle();
    expect(await rowOf(number)).toMatchObject({ status: 'waiting', open: true });
  });

  it('of a reminder and of a hand-over leaves no trace that acts', async () => {
    const number = await newCase();
    await say(okafor, `remind me about ${number} in 20 minutes`);
    await press(okafor, buttonsOf(await say(okafor, `take back ${number}`))[0]!.data);
    await pass(30);
    expect(toldTo().filter((card) => card.includes('You wanted to be reminded'))).toEqual([]);
    await press(okafor, buttonsOf(await say(okafor, `hand ${number} to Lindqvist`))[0]!.data);
    await press(okafor, buttonsOf(await say(okafor, `take back ${number}`))[0]!.data);
    await engine.settle();
    expect((await rowOf(number)).owner).not.toBe(lindqvist.id);
    expect(toldTo().some((card) => card.includes('not yours any more'))).toBe(true);
  });
});

describe('a search by name or number', () => {
  it('shows the one case of the patient in private, and has an audit row', async () => {
    const number = await newCase({ family: 'Canaryflood', given: 'Florence', mrn: '774411' });
    await newCase({ family: 'Petrov', given: 'Ilja', mrn: '774412' });
    for (const words of ['show me Canaryflood, Florence', 'the CT for Canaryflod', 'find MRN 774411']) {
      const said = await say(okafor, words);
      expect([words, textOf(said)]).toEqual([words, expect.stringContaining(number)]);
      expect(JSON.stringify(said)).toMatch(/canaryflood/iu);
    }
    expect(auditOf('search').every(({ outcome, detail }) => outcome === 'done' && !/canary/iu.test(detail))).toBe(true);
    expect(auditOf('view').filter(({ detail }) => detail.includes('search'))).toHaveLength(3);
    expect(textOf(await say(okafor, 'the MR for Canaryflood'))).toContain('no open case');
  });

  it('asks which of several, with two identifiers each', async () => {
    const [one, two] = [
      await newCase({ family: 'Canaryflood', given: 'Florence', mrn: '774411' }),
      await newCase({ family: 'Canaryflood', given: 'Fay', mrn: '774412' }),
    ];
    const said = await say(okafor, 'find Canaryflood');
    const opens = [...JSON.stringify(said).matchAll(/"verb":"open","caseNumber":"(\w+)"/gu)].map(([, found]) => found);
    expect([...new Set(opens)].sort()).toEqual([one, two].sort());
    expect(JSON.stringify(said)).toContain('774411');
    expect(said[0]?.attachments?.[0]?.content.speak).not.toMatch(/canary/iu);
  });

  it('finds nothing that the asker may not see, and is refused to a role that may look at nothing', async () => {
    await newCase({ family: 'Canaryflood', given: 'Florence' });
    expect(textOf(await say(brandt, 'show me Canaryflood, Florence'))).toContain('no open case');
    expect(textOf(await say(weber, 'show me Canaryflood, Florence'))).toContain('no role that may open this case');
  });

  it('in a shared place offers the private chat and repeats no name', async () => {
    await newCase({ family: 'Canaryflood', given: 'Florence' });
    const said = await say(okafor, 'show me Canaryflood, Florence', inChannel);
    expect(textOf(said)).toContain('private chat');
    expect(JSON.stringify(said)).not.toMatch(/canaryflood/iu);
  });

  it('leaves no plain name in the store (invariant 36)', async () => {
    await newCase({ family: 'Canaryflood', given: 'Florence', mrn: '774411' });
    await say(okafor, 'show me Canaryflood, Florence');
    await engine.settle();
    const files = readdirSync(engine.stores.folder).map((name) => join(engine.stores.folder, name));
    for (const file of files.filter((one) => statSync(one).isFile()))
      expect([file, /canaryflood/iu.test(readFileSync(file, 'latin1'))]).toEqual([file, false]);
  });
});

describe('who is on call', () => {
  it('is told in a channel too, with levels, until when, who comes next, source and as of', async () => {
    const said = textOf(await say(okafor, 'who is on call for neuro now', inChannel));
    const { levels } = rota.at('neuro', engine.now)!;
    const first = levels[0]!.people[0] === okafor.id ? okafor.name : lindqvist.name;
    expect(said).toContain(`1. ${first}, until`);
    expect(said).toMatch(/Next: .* from/u);
    expect(said).toMatch(/Source: the site’s rota, as of/u);
    expect(textOf(await say(okafor, '¿quién está de guardia de neuro esta noche?'))).toMatch(/las frases las entiendo en inglés/u);
    expect(textOf(await say(okafor, 'who is on call'))).toContain('On call for which service?');
  });
});

describe('a technologist', () => {
  it('sees the cases of their modality with the least of the patient, asks, and decides nothing', async () => {
    const number = await newCase({ family: 'Canaryflood', given: 'Florence' });
    const seen = await desk.open(novak, number);
    expect(seen).toMatchObject({ ok: true });
    expect(JSON.stringify(seen)).toMatch(/canaryflood/iu);
    const may = await desk.answer({ person: novak, caseNumber: number, revision: 1, verb: 'ask-orderer', text: 'Can she lie flat?' });
    expect(may.outcome).toBe('noted');
    expect(await desk.answer({ person: novak, caseNumber: number, revision: 1, verb: 'approve' })).toMatchObject({ outcome: 'denied' });
  });
});
