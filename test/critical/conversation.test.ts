import { caseId, caseNumber, eventId } from '#core/ids.js';
import { personalView } from '#workflows/critical-results/card.js';
import { examplePolicy, examples } from '#workflows/critical-results/examples.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import { isAlert } from '#workflows/critical-results/state.js';
import type { Fact, Input } from '#workflows/critical-results/events.js';

const number = caseNumber.parse('7KF3QN');
const exampleOf = (name: string) => {
  const found = examples.find((one) => one.name.startsWith(name));
  if (found === undefined) throw new Error(`there is no example "${name}"`);
  return found;
};

/** The example's answer with these fields: what follows, and the alert after it. */
function recorded(name: string, fields: Readonly<Record<string, string>>) {
  const { given, when, now } = exampleOf(name);
  const before = given.reduce(criticalResults.evolve, criticalResults.initial);
  const actor = { kind: 'system', part: 'test' } as const;
  const moment = { now, caseId: caseId.parse('0'.repeat(32)), caseNumber: number, event: eventId.parse('recorded'), actor, policy: examplePolicy };
  const decision = criticalResults.decide(before, { ...when, fields } as Input, moment);
  const state = decision.facts.reduce(criticalResults.evolve, before);
  if (!isAlert(state)) throw new Error('there is no alert');
  return { ...decision, state, now };
}
const conversationIn = (facts: readonly Fact[]) => facts.find(({ type }) => type === 'conversationRecorded');

it('the addendum of one that was communicated by telephone names who spoke: whoever recorded it, or who they say it was', () => {
  const spokenBy = (fields: Readonly<Record<string, string>>) =>
    /Communicated by telephone by (?<who>[^;]+?) to /u.exec(JSON.stringify(recorded('a coordinator who phoned records it', fields).effects))
      ?.groups?.['who'];
  const { name } = exampleOf('a coordinator who phoned records it').when as Extract<Input, { type: 'personAnswered' }>;
  expect(spokenBy({ when: '10:15' })).toBe(name);
  expect(spokenBy({ when: '10:15', spoke: 'Maja Lindqvist' })).toBe('Maja Lindqvist');
  expect(conversationIn(recorded('a coordinator who phoned records it', { spoke: '  ' }).facts)).not.toHaveProperty('spoke');
});

it('the view says who spoke with whom and when; the time line names them in what people wrote', () => {
  const { state, facts, now } = recorded('the conversation names who spoke', { spoke: 'Maja Lindqvist', when: '10:03' });
  const meta = { caseNumber: number, now, names: {}, language: 'en', policy: examplePolicy } as const;
  const view = JSON.stringify(personalView(state, meta, { decide: false, ask: false, answer: false }).card);
  expect(view).toMatch(/Maja Lindqvist with [^"]+, 25[^"]*10:03/u);
  const line = criticalResults.story?.line(conversationIn(facts)!, { caseNumber: number, now, names: {}, policy: examplePolicy }, false);
  expect(line?.lines).toContain('Maja Lindqvist spoke');
});

it('a record of a release before this one is read as before', () => {
  const [before] = exampleOf('"that was not me" opens a phoned one again').given.filter(({ type }) => type === 'conversationRecorded');
  expect(criticalResults.facts.parse(before)).toEqual(before);
  expect(before).not.toHaveProperty('spoke');
});

it('who records a call is offered the call to whoever took it, by their account alone; who was called the radiologist’s number', () => {
  const { state, now } = recorded('taken and read back with the right number', { identifier: '0048813', finding: 'pneumothorax', action: 'drain' });
  const meta = { caseNumber: number, now, names: {}, language: 'en', policy: examplePolicy } as const;
  const viewOf = (right: string): string =>
    JSON.stringify(personalView(state, meta, { decide: false, ask: false, answer: false, allows: (action) => action === right }).card);
  expect(viewOf('record-call')).toContain('https://teams.microsoft.com/l/call/0/0?users=singh%40hospital.example');
  expect(viewOf('record-call')).toContain('\u260e\u00a04711');
  expect(viewOf('read-back')).toContain('\u260e\u00a04701');
  expect(viewOf('read-back')).not.toContain('Action.OpenUrl');
  expect(viewOf('view')).not.toContain('Action.OpenUrl');
});
