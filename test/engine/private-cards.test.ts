import { addMinutes } from '#core/time.js';
import { desk } from '#engine/desk.js';
import type { PersonAnswer } from '#ports/desk.js';
import type { Posting } from '#ports/people.js';
import { registry } from '#workflows/registry.js';
import { haddad, okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { shippedPolicy } from '../support/shipped.ts';

let engine: EngineFixture;
let row: { readonly caseNumber: PersonAnswer['caseNumber']; readonly revision: number };
/** What stands in private chats now, by posting: the JSON of the card. */
let chats: Map<string, string>;
/** Edits that Teams does not take, from the first. */
let refuses: number;
const key = ({ place, conversationId, activityId }: Posting) => `${place} ${conversationId} ${activityId}`;

beforeEach(async () => {
  engine = startEngineFixture('assist');
  [chats, refuses] = [new Map(), 0];
  Object.assign(engine.parts, { workflows: registry({ protocoling: { ...shippedPolicy, providers: { D4711: haddad.id } } }) });
  const { people } = engine.parts;
  const edit = people.edit.bind(people);
  people.tell = async (person, card) => {
    const receipt = { place: `person:${person}`, conversationId: `a:${person}`, activityId: String(chats.size + 1) };
    chats.set(key(receipt), JSON.stringify(card));
    return { ok: true, receipt };
  };
  people.edit = async (posting, card, of) => {
    if (!posting.place.startsWith('person:')) return edit(posting, card, of);
    refuses -= 1;
    if (refuses >= 0) return { ok: false, code: 'unavailable', detail: 'the connector answered 503' };
    if (!chats.has(key(posting))) return { ok: false, code: 'gone', detail: '' };
    chats.set(key(posting), JSON.stringify(card));
    return { ok: true, receipt: posting };
  };
  await engine.bring(orderBytes());
  await engine.settle();
  const [open] = await engine.stores.views.open('protocoling');
  row = open!;
});
afterEach(() => engine.close());

const answer = (person: PersonAnswer['person'], verb: PersonAnswer['verb'], more: Partial<PersonAnswer> = {}) =>
  desk(engine.parts, []).answer({ person, caseNumber: row.caseNumber, revision: row.revision, verb, ...more });
/** Dr Okafor opens it in her chat, as the bot does it. */
async function openInChat(activityId: string): Promise<string> {
  const of = desk(engine.parts, []);
  const opened = await of.open(okafor, row.caseNumber, undefined, false);
  if (!opened.ok) throw new Error(opened.why);
  const posting = { place: `person:${okafor.id}`, conversationId: 'a:okafor', activityId };
  chats.set(key(posting), JSON.stringify(opened.view));
  await of.seen(okafor, row.caseNumber, opened.revision, opened.ends === true ? posting : undefined);
  return key(posting);
}
const withPatient = () => [...chats.values()].filter((card) => card.includes('MRN') || card.includes('Abara')).length;
const cardOf = (name: string) => [...chats].find(([posting]) => posting.includes(name))?.[1] ?? '';

describe('a question in the orderer’s private chat', () => {
  beforeEach(async () => {
    await answer(okafor, 'ask-orderer', { text: 'Pacemaker?' });
    await engine.settle();
    expect(withPatient()).toBe(1);
  });
  const over = (what: RegExp) => {
    expect(withPatient()).toBe(0);
    expect(cardOf(haddad.id)).toMatch(what);
    expect(cardOf(haddad.id)).toContain(row.caseNumber);
    expect(cardOf(haddad.id)).not.toContain('Pacemaker');
  };

  it('loses its patient data when it was answered', async () => {
    await answer(haddad, 'answer-question', { text: 'None.' });
    await engine.settle();
    over(/Answered by Samir Haddad/u);
  });

  it('loses it when nobody answered in time', async () => {
    engine.now = addMinutes(engine.now, 24 * 60);
    await engine.settle();
    over(/not answered in time/u);
  });

  it('loses it when the case was decided without the answer, also after Teams was away for an hour', async () => {
    refuses = 1;
    await answer(okafor, 'choose-other', { protocolId: 'CT-HEAD-WO' });
    await engine.settle();
    expect(withPatient()).toBe(1);
    engine.now = addMinutes(engine.now, 60);
    await engine.settle();
    over(/decided meanwhile/u);
  });

  it('loses it when the question was taken back', async () => {
    await answer(okafor, 'take-back');
    await engine.settle();
    over(/closed/u);
  });

  it('holds nothing up when somebody has deleted it', async () => {
    chats.clear();
    await engine.bring(orderBytes('cancel', 'M2'));
    await engine.settle();
    expect(chats.size).toBe(0);
    expect(await engine.stores.outbox.nextDue()).toBeNull();
  });
});

it('a question that reached its chat only after the case was decided loses its patient data all the same', async () => {
  const { people } = engine.parts;
  const tell = people.tell.bind(people);
  people.tell = async (person, card, of) => {
    const told = await tell(person, card, of);
    if (person === haddad.id) await answer(okafor, 'choose-other', { protocolId: 'CT-HEAD-WO' });
    return told;
  };
  await answer(okafor, 'ask-orderer', { text: 'Pacemaker?' });
  await engine.settle();
  expect(chats.size).toBe(1);
  expect(withPatient()).toBe(0);
});

describe('a personal view in a private chat', () => {
  it('loses its patient data when the case is decided, says what became of it, and can be opened again', async () => {
    const posting = await openInChat('v1');
    expect(withPatient()).toBe(1);
    await answer(okafor, 'choose-other', { protocolId: 'CT-HEAD-WO' });
    await engine.settle();
    expect(withPatient()).toBe(0);
    expect(chats.get(posting)).toMatch(new RegExp(`${row.caseNumber}.*Approved.*"verb":"open"`, 'u'));
  });

  it('loses it when the order was cancelled or changed, each that was shown', async () => {
    await openInChat('v1');
    await openInChat('v2');
    expect(withPatient()).toBe(2);
    await engine.bring(orderBytes('cancel', 'M2'));
    await engine.settle();
    expect(withPatient()).toBe(0);
  });

  it.each(['silent', 'off'] as const)('loses it also when the workflow was switched %s meanwhile', async (mode) => {
    await openInChat('v1');
    engine.mode = mode;
    await engine.bring(orderBytes('cancel', 'M2'));
    await engine.settle();
    expect(withPatient()).toBe(0);
  });

  it('loses it when it was opened between the decision and its write-back, once that is done', async () => {
    await answer(okafor, 'choose-other', { protocolId: 'CT-HEAD-WO' });
    await openInChat('v1');
    expect(withPatient()).toBe(1);
    await engine.settle();
    expect(withPatient()).toBe(0);
  });

  it('a list of patients that a search found loses them when one of the cases has gone on, and counts as no view', async () => {
    const of = desk(engine.parts, []);
    const posting = { place: `person:${okafor.id}`, conversationId: 'a:okafor', activityId: 's1' };
    chats.set(key(posting), 'Abara, MRN 1');
    await of.stands(okafor, row.caseNumber, row.revision, posting);
    expect(await of.shown(okafor.id, row.caseNumber)).toMatchObject({ shown: 0 });
    await engine.settle();
    expect(withPatient()).toBe(1);
    await engine.bring(orderBytes('cancel', 'M2'));
    await engine.settle();
    expect(withPatient()).toBe(0);
  });

  it('stays for who opens a case that is closed: nothing more happens to it', async () => {
    await answer(okafor, 'choose-other', { protocolId: 'CT-HEAD-WO' });
    await engine.settle();
    await openInChat('v1');
    await engine.settle();
    expect(withPatient()).toBe(1);
  });
});
