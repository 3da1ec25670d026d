import { caseId, caseNumber, effectKey, eventId, personId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { exampleAbout, examplePolicy, examples } from '#workflows/critical-results/examples.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import { isAlert } from '#workflows/critical-results/state.js';
import type { Alert } from '#workflows/critical-results/state.js';

/** What some pages say: whom to phone, and nothing of the patient. */
const number = caseNumber.parse('7KF3QN');

function after(name: string): { readonly alert: Alert; readonly now: Instant } {
  const example = examples.find((one) => one.name.startsWith(name))!;
  const before = example.given.reduce(criticalResults.evolve, criticalResults.initial);
  const about = { caseId: caseId.parse('0'.repeat(32)), caseNumber: number, event: eventId.parse('example') };
  const moment = { ...about, now: example.now, actor: { kind: 'system', part: 'test' } as const, policy: examplePolicy };
  const alert = criticalResults.decide(before, example.when, moment).facts.reduce(criticalResults.evolve, before);
  if (!isAlert(alert)) throw new Error('there is no alert');
  return { alert, now: example.now };
}

function pageFor(name: string, note: string, language: 'en' | 'es' = 'en') {
  const { alert, now } = after(name);
  const look = { caseNumber: number, now, names: {}, policy: { ...examplePolicy, language } };
  const page = criticalResults.page?.(note, alert, look, { channel: 'sms', to: personId.parse('s-tamm'), key: effectKey.parse(`x/example/${note}`) });
  for (const secret of [exampleAbout.patient.name!.family, exampleAbout.patient.id!, exampleAbout.accessionNumber!, alert.finding.text])
    expect(JSON.stringify(page)).not.toContain(secret);
  return page?.text ?? null;
}

it('while nobody has judged it the switchboard is told which number to phone', () => {
  const asked = 'then to all of them and on paper';
  expect(pageFor(asked, 'phone-reading-room')).toBe('NOBODY HAS JUDGED 7KF3QN, 15 min. Phone the reading room, 4700: somebody must judge it.');
  expect(pageFor(asked, 'phone-reading-room', 'es')).toContain('4700');
  expect(pageFor('unanswered it is put to the radiologist on duty', 'phone-reading-room')).toBeNull();
});

it('who has to record the conversation is told with whom to speak, and their number', () => {
  const due = 'a conversation that nobody has recorded is asked for again';
  expect(pageFor(due, 'conversation-due')).toMatch(
    /^READ BACK: critical result 7KF3QN\. Speak to .*, 4711\. Then record the conversation in Radloop\.$/u,
  );
  expect(pageFor(due, 'conversation-due', 'es')).toContain('4711');
  expect(pageFor('category 1 is closed by the conversation', 'conversation-due')).toBeNull();
});

it('whoever sent what a corrected report no longer says is told so, and that nothing is withdrawn by it', () => {
  const corrected = 'a corrected report no longer says what was communicated';
  expect(pageFor(corrected, 'no-longer-said')).toBe(
    'CORRECTED REPORT no longer says critical result 7KF3QN. Open Radloop: withdraw it, or keep it. Or call 4700.',
  );
});
