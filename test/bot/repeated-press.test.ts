import type { Person } from '#core/people.js';
import { idOf, openClinic, people } from './permissions-fixture.ts';
import type { Clinic } from './permissions-fixture.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
}, 60_000);
afterAll(() => clinic.close());

const orderer: Person = people.find(({ id }) => id === idOf('referrer', 'placed the order'))!;

it('an answer to a question, sent again by Teams, gets the first answer again, although the question is closed by it (invariant 17, field report 19)', async () => {
  const of = await clinic.caseIn('asking', orderer);
  const data = { verb: 'answer-question', caseNumber: of.caseNumber, revision: 1, answerText: 'No pacemaker.' };
  const action = { type: 'Action.Execute', verb: 'answer-question', data };
  const press = (id: string) => clinic.activityOf(orderer, { id, type: 'invoke', name: 'adaptiveCard/action', value: { trigger: 'manual', action } });
  const first = await press('1');
  expect(JSON.stringify(first)).toContain('Thank you');
  const { facts } = clinic.trace(orderer, of);
  expect(await press('1')).toEqual(first);
  expect(await press('2')).toEqual(first);
  expect(clinic.trace(orderer, of)).toEqual({ facts, denials: 0 });
});

it('another answer to it is refused, and the refusal is on record', async () => {
  const of = await clinic.caseIn('asking', orderer);
  const say = (text: string) => clinic.desk.answer({ person: orderer, caseNumber: of.caseNumber, revision: 1, verb: 'answer-question', text });
  expect((await say('No.')).outcome).toBe('noted');
  expect((await say('Yes.')).outcome).toBe('denied');
  expect(clinic.trace(orderer, of).denials).toBe(1);
});
