import { role } from '#core/people.js';
import type { Role } from '#core/people.js';
import { idOf, openClinic, people } from '../bot/permissions-fixture.ts';
import type { Clinic } from '../bot/permissions-fixture.ts';

/** Who may have placed an order, and so may be asked about it. Nobody who looks after the site alone. */
const clinical = role.options.filter((one) => !(['scheduler', 'operator', 'auditor', 'admin', 'switchboard'] as readonly Role[]).includes(one));

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
}, 60_000);
afterAll(() => clinic.close());

it.each(clinical)('whom a question was put to may open the case and answer, and not a moment longer: %s', async (which) => {
  // Whose list it is not on: the question alone gives the right.
  const orderer = people.find(({ id }) => id === idOf(which, 'placed the order'))!;
  const who = { ...orderer, modalities: ['NM'] };
  const of = await clinic.caseIn('asking', orderer);
  expect((await clinic.subjectOf(of)).askedOf).toBe(who.id);
  expect(await clinic.desk.open(who, of.caseNumber)).toMatchObject({ ok: true });
  const answer = { person: who, caseNumber: of.caseNumber, revision: 1, verb: 'answer-question', text: 'No.' } as const;
  expect((await clinic.desk.answer(answer)).outcome).toBe('noted');
  const mayLookAnyway = which === 'coordinator';
  expect((await clinic.desk.open(who, of.caseNumber)).ok).toBe(mayLookAnyway);
  expect((await clinic.desk.answer({ ...answer, text: 'Yes.' })).outcome).toBe('denied');
});
