import type { Person } from '#core/people.js';
import type { Posting } from '#ports/people.js';
import { called, openCriticalClinic, people, radiologist } from '../bot/critical-fixture.ts';
import type { Alert, CriticalClinic } from '../bot/critical-fixture.ts';

/** What stands in private chats, over a real store: each message goes on saying how it stands, and a new one leaves a line of the one before. */
let clinic: CriticalClinic;
/** By posting, in the order in which they came: the JSON of the card. */
let chats: Map<string, string>;
/** Whom Teams lets nobody write to, and does it take edits? */
let refused: string | null;
let takesEdits: boolean;
/** Done while the next message is under way. */
let meanwhile: () => Promise<unknown>;
const key = ({ place, activityId }: Posting) => `${place} ${activityId}`;

beforeEach(async () => {
  clinic = await openCriticalClinic();
  [chats, refused, takesEdits] = [new Map(), null, true];
  meanwhile = () => Promise.resolve();
  Object.assign(clinic.engine.parts.people, {
    tell: async (person: string, card: object) => {
      if (person === refused) return { ok: false, code: 'not-allowed', detail: '' };
      const receipt = { place: `person:${person}`, conversationId: `a:${person}`, activityId: String(chats.size + 1) };
      const work = meanwhile;
      meanwhile = () => Promise.resolve();
      await work();
      chats.set(key(receipt), JSON.stringify(card));
      return { ok: true, receipt };
    },
    edit: async (posting: Posting, card: object) => {
      if (!posting.place.startsWith('person:')) return { ok: true, receipt: posting };
      if (!takesEdits) return { ok: false, code: 'unavailable', detail: '' };
      chats.set(key(posting), JSON.stringify(card));
      return { ok: true, receipt: posting };
    },
  });
}, 30_000);
afterEach(() => clinic.close());

const chatOf = ({ id }: Person): string[] => [...chats].flatMap(([where, card]) => (where.startsWith(`person:${id} `) ? [card] : []));
const isLine = (card: string | undefined): boolean => card?.includes('Earlier message') === true;

/** As the bot shows it in the chat. */
async function openInChat(who: Person, { caseNumber }: Alert): Promise<void> {
  const opened = await clinic.desk.open(who, caseNumber, undefined, false);
  if (!opened.ok) throw new Error(opened.why);
  const posting = { place: `person:${who.id}`, conversationId: `a:${who.id}`, activityId: 'view' };
  chats.set(key(posting), JSON.stringify(opened.view.card));
  await clinic.desk.seen(who, caseNumber, opened.revision, posting);
}

async function sent(): Promise<Alert> {
  const of = await clinic.declare('tension pneumothorax');
  await clinic.answer(radiologist, of, 'release-critical');
  await clinic.engine.settle();
  return of;
}
const toFailsafe = async (of: Alert): Promise<void> => {
  await clinic.window(of, (await clinic.stateOf(of)).epoch);
  await clinic.engine.settle();
};

it('the view that said NOT SENT YET says who is called, without the patient, and then who has taken it', async () => {
  const of = await clinic.declare('tension pneumothorax');
  await openInChat(radiologist, of);
  const { patient } = (await clinic.stateOf(of)).about;
  const identifiers = [patient.id ?? 'no number', patient.name?.family ?? 'no name'];
  for (const part of ['NOT SENT YET', ...identifiers]) expect(chatOf(radiologist)).toEqual([expect.stringContaining(part)]);
  await clinic.answer(radiologist, of, 'release-critical');
  await clinic.engine.settle();
  const [view = ''] = chatOf(radiologist);
  for (const part of ['"Sent"', called.name]) expect(view).toContain(part);
  for (const part of ['NOT SENT', ...identifiers, 'pneumothorax', 'release-critical']) expect(view).not.toContain(part);
  await clinic.answer(called, of, 'acknowledge');
  await clinic.engine.settle();
  expect(chatOf(radiologist)).toEqual([expect.stringContaining('Somebody has taken it')]);
});

it('whoever takes it reads in the same message that it is theirs, and after the read-back whom to speak with, by name and number', async () => {
  const of = await sent();
  expect(chatOf(called)).toEqual([expect.stringContaining('Critical result for you')]);
  await clinic.answer(called, of, 'acknowledge');
  await clinic.engine.settle();
  expect(chatOf(called)).toEqual([expect.stringContaining('You have taken it')]);
  const identifier = (await clinic.stateOf(of)).about.patient.id ?? '';
  await clinic.answer(called, of, 'read-back', { fields: { identifier, finding: 'air', action: 'drain' } });
  await clinic.engine.settle();
  const [note = '', ...more] = chatOf(called);
  expect([more, note.includes('You have read it back')]).toEqual([[], true]);
  expect(note.replaceAll('\u00a0', ' ')).toContain(`${radiologist.name}, +1 555 555 0142`);
});

it('a view that says “I take it” says who has it once its person has taken it, without the patient; of the message before it a line is left', async () => {
  const of = await sent();
  await openInChat(called, of);
  const { patient } = (await clinic.stateOf(of)).about;
  expect(chatOf(called)[1]).toContain('"verb":"acknowledge"');
  await clinic.answer(called, of, 'acknowledge');
  await clinic.engine.settle();
  const [note, view = '', ...more] = chatOf(called);
  expect([isLine(note), view.includes('You have taken it'), more]).toEqual([true, true, []]);
  for (const part of [patient.id ?? 'no number', '"verb":"acknowledge"']) expect(view).not.toContain(part);
  // The view with the form, which is shown then, goes the same way at the read-back.
  await openInChat(called, of);
  expect(chatOf(called)[1]).toContain('Send the read-back');
  const fields = { identifier: patient.id ?? '', finding: 'air', action: 'drain' };
  await clinic.answer(called, of, 'read-back', { fields });
  await clinic.engine.settle();
  expect(chatOf(called).some((card) => card.includes('Send the read-back') || card.includes(patient.id ?? 'no number'))).toBe(false);
});

it('a repeat is a new message, and of the one before it a line is left', async () => {
  const of = await sent();
  await toFailsafe(of);
  await toFailsafe(of);
  const [first, second, third] = chatOf(called);
  expect([isLine(first), isLine(second), third?.includes('nobody has taken it')]).toEqual([true, true, true]);
  expect(chatOf(called)).toHaveLength(3);
});

it('a repeat that Teams refuses leaves the message before it whole, and that one says later who has taken it', async () => {
  const of = await sent();
  refused = called.id;
  await toFailsafe(of);
  refused = null;
  expect(chatOf(called)).toEqual([expect.stringContaining('Critical result for you')]);
  await clinic.answer(called, of, 'acknowledge');
  await clinic.engine.settle();
  expect(chatOf(called)).toEqual([expect.stringContaining('You have taken it')]);
});

it('an edit that Teams does not take keeps no call waiting, and is made later', async () => {
  const of = await sent();
  takesEdits = false;
  await toFailsafe(of);
  await toFailsafe(of);
  expect(chatOf(called).map(isLine)).toEqual([false, false, false]);
  takesEdits = true;
  for (let round = 0; round < 8; round += 1) await clinic.engine.skip();
  expect(chatOf(called).map(isLine)).toEqual([true, true, false]);
});

it('what was taken while its message was under way does not stand there as untaken', async () => {
  const of = await clinic.declare('tension pneumothorax');
  meanwhile = () => clinic.answer(called, of, 'acknowledge');
  await clinic.answer(radiologist, of, 'release-critical');
  await clinic.engine.settle();
  for (let round = 0; round < 3; round += 1) await clinic.engine.skip();
  expect(chatOf(called)).toEqual([expect.stringContaining('You have taken it')]);
});

it('whoever has it in hand at the switchboard is named in its message, which asks nobody to take it any more', async () => {
  const of = await sent();
  await toFailsafe(of);
  const operator = people.find(({ roles }) => roles.includes('switchboard'))!;
  expect(chatOf(operator)).toEqual([expect.stringContaining('"verb":"take-failsafe"')]);
  await clinic.answer(operator, of, 'take-failsafe');
  await clinic.engine.settle();
  const [note = ''] = chatOf(operator);
  expect(note).toContain('in hand at the switchboard');
  expect(note).not.toContain('"verb":"take-failsafe"');
  await clinic.answer(called, of, 'acknowledge');
  await clinic.engine.settle();
  expect(chatOf(operator)).toEqual([expect.stringContaining('Somebody has taken it')]);
});
