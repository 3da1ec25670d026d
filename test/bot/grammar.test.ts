import { offerCard, whichCard } from '#bot/conversation/offer-card.js';
import { plainText } from '#bot/conversation/plain-text.js';
import { planFor } from '#bot/conversation/plan.js';
import { remembering } from '#bot/conversation/recent.js';
import { readPress } from '#bot/inbound/card-answer.js';
import { talkIn } from '#bot/words.js';
import { toInstant } from '#core/time.js';
import type { Understood } from '#domain/utterance.js';
import { understand } from '#models/intents/index.js';
import { fakeDesk, haddad, misnumbered, numbered, okafor } from '../support/clinic.ts';

const radiologist = okafor;
const scheduler: typeof okafor = { ...okafor, roles: ['scheduler'] };
const A = numbered('7KF3Q');
const B = numbered('HJ2KM');
/** Of a site that has given half of the numbers of six characters. */
const seven = numbered('7KF3QN');
const wrong = misnumbered('7KF3Q');
const spaced = `${A.slice(0, 3)} ${A.slice(3)}`;
const dashed = [...A].join('-');
const protocols = [
  { id: 'CT-HEAD-WO', name: 'CT head without contrast' },
  { id: 'CT-HEAD-W', name: 'CT head without and with contrast' },
  { id: 'MR-BRAIN-WO', name: 'MR brain without contrast' },
];
const heard = (text: string, lastShown: readonly string[] = [A]): Understood =>
  understand({ text, place: 'private', threadCase: null, lastShown, role: 'radiologist' }, protocols);

describe('what the closed grammar does', () => {
  it.each<[string, object]>([
    [`approve ${A}`, { verb: 'approve', caseNumber: A }],
    [`Approve ${spaced}!`, { verb: 'approve', caseNumber: A }],
    [`please approve ${dashed.toLowerCase()}, thank you.`, { verb: 'approve', caseNumber: A }],
    [`OK, approve case ${A} now`, { verb: 'approve', caseNumber: A }],
    [`I approve ${A}`, { verb: 'approve', caseNumber: A }],
    [`approve the protocol for ${A}`, { verb: 'approve', caseNumber: A }],
    [`  approve\n${A}  `, { verb: 'approve', caseNumber: A }],
    [`please approve ${seven.slice(0, 3)}-${seven.slice(3).toLowerCase()}`, { verb: 'approve', caseNumber: seven }],
    ['approve', { verb: 'approve', caseNumber: A }],
    ['approve it', { verb: 'approve', caseNumber: A }],
    [`use CT-HEAD-WO for ${A}`, { verb: 'choose-other', caseNumber: A, protocolId: 'CT-HEAD-WO', text: null }],
    [`use ct head wo for ${spaced}`, { verb: 'choose-other', caseNumber: A, protocolId: 'CT-HEAD-WO', text: null }],
    [`Choose protocol mr brain wo for case ${A} please`, { verb: 'choose-other', caseNumber: A, protocolId: 'MR-BRAIN-WO', text: null }],
    [
      `use CT-HEAD-W instead for ${A} because a mass is suspected`,
      { verb: 'choose-other', caseNumber: A, protocolId: 'CT-HEAD-W', text: 'a mass is suspected' },
    ],
    [`reject ${A} because it was Done on Monday`, { verb: 'reject', caseNumber: A, text: 'it was Done on Monday' }],
    [`reject ${A}: no indication.`, { verb: 'reject', caseNumber: A, text: 'no indication' }],
    [`Reject ${spaced}, because of Metal`, { verb: 'reject', caseNumber: A, text: 'Metal' }],
    ['reject because it is a duplicate', { verb: 'reject', caseNumber: A, text: 'it is a duplicate' }],
    [`ask the orderer of ${A}: is she pregnant?`, { verb: 'ask-orderer', caseNumber: A, text: 'is she pregnant?' }],
    ['ask the orderer: which side?', { verb: 'ask-orderer', caseNumber: A, text: 'which side?' }],
  ])('%s', (text, expected) => {
    expect(heard(text).commands).toEqual([expected]);
  });
});

describe('what hinders it', () => {
  it.each([
    ['approve all', 'all'],
    ['Approve all of them, please', 'all'],
    [`approve ${A} and all others`, 'all'],
    ['approve 7KF30O', 'not-a-case-number'],
    [`reject ${A}`, 'needs-reason'],
    [`ask the orderer of ${A}:`, 'needs-question'],
    [`use CT-HEAD for ${A}`, 'unknown-protocol'],
    [`use CT-HEAD-WO not CT-HEAD-W for ${A}`, 'unknown-protocol'],
    [`reject ${A} because of the kidneys if they are bad`, 'conditional'],
    [`reject ${A} because it is a duplicate, no wait`, null],
    ['x'.repeat(2001), 'too-long'],
  ])('%s: %s', (text, hindrance) => {
    expect(heard(text)).toMatchObject({ commands: [], hindrance });
  });
});

describe('the plan', () => {
  const here = (person = okafor, inPrivate = true, seen = true, shown: readonly string[] = []) => ({
    person,
    inPrivate,
    seen: () => seen,
    shown,
    said: '',
  });

  it('acts only on what was seen, and only for who may', () => {
    expect(planFor(heard('approve it'), here())).toMatchObject({ kind: 'act' });
    expect(planFor(heard('approve it'), here(okafor, true, false))).toMatchObject({ kind: 'look-first', caseNumber: A });
    expect(planFor(heard('approve it'), here(haddad))).toMatchObject({ kind: 'denied', asks: false });
  });

  it('asks back what only the model understood, one button for each case', () => {
    expect(planFor(heard('you can go ahead with it'), here())).toMatchObject({ kind: 'offer', offers: [{ verb: 'approve', caseNumber: A }] });
    const both = planFor(heard(`could you approve ${A} and ${B}`), here());
    expect(both).toMatchObject({ kind: 'offer', offers: [{ caseNumber: A }, { caseNumber: B }] });
  });

  it('asks which of two was meant with a button for each, in private alone', () => {
    const two = heard('approve it', [A, B]);
    expect(planFor(two, here(okafor, true, true, [A, B]))).toMatchObject({
      kind: 'offer',
      asks: true,
      offers: [{ caseNumber: A }, { caseNumber: B }],
    });
    expect(planFor(two, here(okafor, true, false, [A, B]))).toMatchObject({ kind: 'which', cases: [A, B] });
    expect(planFor(heard('show it', [A, B]), here(haddad, true, true, [A, B]))).toMatchObject({ kind: 'which', asks: true });
    expect(planFor(two, here(okafor, false, true, [A, B]))).toMatchObject({ kind: 'say', asks: true });
    expect(planFor(two, here(haddad, true, true, [A, B]))).toMatchObject({ kind: 'say', asks: false });
    const { card } = whichCard([A, B], talkIn('en'));
    const presses = (card as { actions: { data: unknown }[] }).actions.map(({ data }) => readPress(data));
    expect(presses).toEqual([
      { verb: 'open', caseNumber: A },
      { verb: 'open', caseNumber: B },
    ]);
  });

  it('says of what no workflow serves yet that nothing was done, and what to do instead', () => {
    for (const text of ['close the follow-up', 'move it to tomorrow']) {
      const plan = planFor(heard(text), here());
      expect(plan.kind).toBe('say');
      expect(plan.text).toMatch(/this version/u);
    }
  });

  it('repeats a critical result back with its exam, its finding without it, and the category that was given; nothing of it is done', () => {
    const plan = (text: string, inPrivate = true, person = radiologist) => planFor(heard(text, []), { ...here(person, inPrivate), said: text });
    const written = { kind: 'declare', of: { caseNumber: A }, asks: true };
    expect(plan(`critical: tension pneumothorax on ${A}`)).toMatchObject({ ...written, finding: 'tension pneumothorax', category: null });
    expect(plan(`category 2: new subdural on ${A}`)).toMatchObject({ ...written, finding: 'new subdural', category: 2 });
    expect(plan('critical: tension pneumothorax on A1234567')).toMatchObject({
      kind: 'declare',
      of: { accession: 'A1234567' },
      finding: 'tension pneumothorax',
    });
    // A number of a study is used and repeated in the private chat alone.
    const shared = plan('critical: tension pneumothorax on A1234567', false);
    expect(shared).toMatchObject({ kind: 'say', asks: true, text: expect.stringContaining('NOT SENT') });
    expect(shared.text).not.toContain('A1234567');
    for (const text of [`critical on ${A}`, 'critical: tension pneumothorax'])
      expect(plan(text)).toMatchObject({ kind: 'say', asks: true, text: expect.stringContaining('NOT SENT') });
    expect(plan(`critical: tension pneumothorax on ${A}`, true, haddad)).toMatchObject({
      kind: 'declare',
      asks: false,
      text: expect.stringContaining('may not'),
    });
  });

  it('opens the card of a critical result for words about it', () => {
    const plan = (text: string, person = haddad) => planFor(heard(text, []), { ...here(person), said: text });
    expect(plan(`acknowledge ${A}`)).toMatchObject({
      kind: 'show',
      caseNumber: A,
      asks: true,
      text: expect.stringContaining('Nothing is acknowledged'),
    });
    expect(plan(`decline alert ${A}`)).toMatchObject({ kind: 'show', caseNumber: A, text: expect.stringContaining('Not mine') });
    const coordinator: typeof okafor = { ...okafor, roles: ['coordinator'] };
    expect(plan(`record a phoned read-back for ${A}`, coordinator)).toMatchObject({ kind: 'show', text: expect.stringContaining('Record a call') });
    expect(plan(`acknowledge ${A}`, scheduler)).toMatchObject({ kind: 'denied-alert', verb: 'acknowledge', asks: false });
  });

  it('sets a reminder at once, and repeats a hand-over and a take-back first', () => {
    expect(planFor(heard('remind me in 20 minutes'), here())).toMatchObject({
      kind: 'act',
      commands: [{ verb: 'remind', caseNumber: A, when: 'in 20 minutes' }],
    });
    expect(planFor(heard('remind me in 20 minutes'), here(okafor, true, false))).toMatchObject({ kind: 'act' });
    expect(planFor(heard('remind me later'), here())).toMatchObject({ kind: 'say', asks: true });
    expect(planFor(heard('hand this to the neuro fellow'), here())).toMatchObject({ kind: 'hand-over', cases: [A], asks: true });
    expect(planFor(heard('take that back'), here())).toMatchObject({ kind: 'take-back', caseNumber: A, asks: true });
    expect(planFor(heard('who is on call for neuro tonight'), here())).toMatchObject({ kind: 'on-call', asks: false });
  });

  it('asks a question of the orderer at once only about a case that was seen', () => {
    expect(planFor(heard('ask the orderer: which side?'), here())).toMatchObject({ kind: 'act' });
    expect(planFor(heard('ask the orderer: which side?'), here(okafor, true, false))).toMatchObject({ kind: 'offer', asks: true });
  });

  it('looks for a patient in private only, and takes their name for no case that was shown', () => {
    expect(planFor(heard('show me Flood, Florence'), here())).toMatchObject({ kind: 'search', words: 'Flood, Florence' });
    const shared = understand({ text: 'show me Flood, Florence', place: 'channel', threadCase: null, lastShown: [], role: 'radiologist' }, protocols);
    expect(shared.slots).toEqual({});
    expect(planFor(shared, here(okafor, false))).toMatchObject({ kind: 'say', asks: false, text: expect.stringContaining('private chat') });
  });

  it('offers a button that goes the way of every other press', () => {
    const { card } = offerCard([{ command: { verb: 'reject', caseNumber: A, text: 'wrong side' }, revision: 3 }], talkIn('en'));
    const [button] = (card as { actions: { data: unknown }[] }).actions;
    expect(readPress(button?.data)).toEqual({ verb: 'reject', caseNumber: A, revision: 3, reason: 'wrong side' });
  });

  it('does not take a number whose last character is wrong for another', () => {
    expect(heard(`approve ${wrong}`).commands).toEqual([{ verb: 'approve', caseNumber: wrong }]);
  });
});

describe('what was shown', () => {
  it('is remembered for 10 minutes, in its order', async () => {
    let now = Date.parse('2026-11-25T03:00:00Z');
    const fake = fakeDesk();
    const recent = remembering(fake, { now: () => toInstant(now) });
    await recent.desk.open(okafor, fake.case);
    expect(recent.of(okafor.id)).toEqual([fake.case]);
    expect(recent.of(haddad.id)).toEqual([]);
    now += 10 * 60_000;
    expect(recent.of(okafor.id)).toEqual([]);
    await recent.desk.open(haddad, fake.case);
    expect(recent.of(haddad.id)).toEqual([]);
  });
});

describe('text as Teams sends it', () => {
  const bot = { id: '28:bot' };
  const message = (text: string, entities: unknown[] = []) => plainText({ type: 'message', text, recipient: bot, entities } as never);
  const ours = { type: 'mention', text: '<at>Radloop</at>', mentioned: { id: '28:bot' } };

  it.each([
    ['<at>Radloop</at> approve it', 'approve it'],
    ['<at>Radloop</at>&nbsp;approve&nbsp;it\n', 'approve it'],
    ['approve <at>Radloop</at> it', 'approve   it'],
    ['ｓｈｏｗ\u200b it', 'show it'],
    ['a &lt;b&gt; &amp; c', 'a <b> & c'],
  ])('%s', (text, plain) => {
    expect(message(text, [ours])).toBe(plain);
  });

  it('keeps another person’s name', () => {
    expect(
      message('reject it because <at id="1">Mia</at> did it', [{ type: 'mention', text: '<at id="1">Mia</at>', mentioned: { id: '29:mia' } }]),
    ).toBe('reject it because Mia did it');
  });
});
