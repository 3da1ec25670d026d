import { caseId, caseNumber, personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Example } from '#core/workflow.js';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';

/** 25 November 2026, UTC. */
const time = (text: string): Instant => instant.parse(`2026-11-25T${text}.000Z`);
const at = (text: string) => ({ at: time(text), v: 1 }) as const;

const novak = { id: personId.parse('t-novak'), name: 'Jana Novak' };
const reyes = { id: personId.parse('c-reyes'), name: 'Carmen Reyes' };
const auditor = { id: personId.parse('p-ivers'), name: 'Pia Ivers' };
const target = { caseId: caseId.parse('0123456789abcdef0123456789abcdef'), caseNumber: caseNumber.parse('7KF3QN') };

export const examplePolicy: Policy = { auditors: [auditor.id], coordinators: [reyes.id], zone: 'Europe/London' };

const asked: Extract<Input, { type: 'accessAsked' }> = {
  ...{ type: 'accessAsked', by: novak, target, reason: 'emergency-care', text: 'Trauma bay 2, reader not reachable', signedInAt: time('10:39:00') },
};
const broken: Fact = { type: 'glassBroken', ...at('10:40:00'), opening: 1, by: novak, target, reason: 'emergency-care', text: asked.text, signedInAt: asked.signedInAt, until: time('11:40:00') }; // prettier-ignore
const closed: Fact = { type: 'glassClosed', ...at('11:40:00'), opening: 1, why: 'time' };
const longer: Fact = { type: 'longerAsked', ...at('11:20:00'), opening: 1, by: novak, text: 'Still in the bay', until: time('11:40:00') };

/** The specification, the test and the table in one. */
export const examples: readonly Example<Fact, Input>[] = [
  {
    name: 'an emergency access is open for an hour, and privacy and coordination are told at once',
    given: [],
    now: time('10:40:00'),
    when: asked,
    then: [{ type: 'glassBroken', opening: 1, by: novak, target, until: time('11:40:00') }],
    effects: ['tellPerson p-ivers opened:1', 'tellPerson c-reyes opened:1', 'wake end 11:40:00', 'wake review-1 10:40:00'],
    answer: 'won',
    says: '7KF3QN is open to you until 11:40',
  },
  {
    name: 'a second press opens nothing twice',
    given: [broken],
    now: time('10:41:00'),
    when: asked,
    then: [],
    effects: [],
    answer: 'already',
  },
  {
    name: 'without a reason in words nothing is opened',
    given: [],
    now: time('10:40:00'),
    when: { ...asked, text: '  ' },
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: 'an access is of one person to one case: another person does not get it',
    given: [broken],
    now: time('10:41:00'),
    when: { ...asked, by: reyes },
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: 'it ends by itself after its hour',
    given: [broken],
    now: time('11:40:00'),
    when: { type: 'deadlinePassed', name: 'end', epoch: Date.parse('2026-11-25T11:40:00.000Z') },
    then: [{ type: 'glassClosed', opening: 1, why: 'time' }],
    effects: [],
  },
  {
    name: 'the deadline of before a longer time was confirmed ends nothing',
    given: [broken, longer, { type: 'longerConfirmed', ...at('11:30:00'), opening: 1, by: reyes, until: time('12:40:00') }],
    now: time('11:40:00'),
    when: { type: 'deadlinePassed', name: 'end', epoch: Date.parse('2026-11-25T11:40:00.000Z') },
    then: [],
    effects: [],
  },
  {
    name: 'it can be ended before its time',
    given: [broken],
    now: time('10:50:00'),
    when: { type: 'accessEndAsked', by: novak },
    then: [{ type: 'glassClosed', opening: 1, why: 'person' }],
    effects: ['forget end'],
    answer: 'won',
  },
  {
    name: 'a longer time waits for a second person, and no longer than the access itself',
    given: [broken],
    now: time('11:20:00'),
    when: { type: 'longerAsked', by: novak, text: 'Still in the bay' },
    then: [{ type: 'longerAsked', opening: 1, until: time('11:40:00') }],
    effects: ['tellPerson p-ivers longer:1', 'tellPerson c-reyes longer:1'],
    answer: 'noted',
  },
  {
    name: 'nobody confirms their own longer time',
    given: [broken, longer],
    now: time('11:30:00'),
    when: { type: 'longerConfirmed', by: novak },
    then: [],
    effects: [],
    answer: 'denied',
  },
  {
    name: 'a second person makes it longer by an hour, and the others are told',
    given: [broken, longer],
    now: time('11:30:00'),
    when: { type: 'longerConfirmed', by: reyes },
    then: [{ type: 'longerConfirmed', opening: 1, by: reyes, until: time('12:40:00') }],
    effects: ['tellPerson p-ivers longer-confirmed:1', 'wake end 12:40:00'],
    answer: 'won',
  },
  {
    name: 'a second person who comes too late makes nothing longer',
    given: [broken, longer],
    now: time('11:41:00'),
    when: { type: 'longerConfirmed', by: reyes },
    then: [],
    effects: [],
    answer: 'closed',
  },
  {
    name: 'privacy judges it once it has ended',
    given: [broken, closed],
    now: time('14:00:00'),
    when: { type: 'reviewGiven', by: auditor, opening: 1, finding: 'justified', text: 'In the trauma team of that night.' },
    then: [{ type: 'accessReviewed', opening: 1, finding: 'justified' }],
    effects: ['forget review-1'],
    answer: 'won',
  },
  {
    name: 'nobody judges their own access',
    given: [broken, closed],
    now: time('14:00:00'),
    when: { type: 'reviewGiven', by: novak, opening: 1, finding: 'justified', text: 'It was me.' },
    then: [],
    effects: [],
    answer: 'denied',
  },
  {
    name: 'after 72 hours without a finding privacy and coordination are told again',
    given: [broken, closed],
    now: instant.parse('2026-11-28T10:40:00.000Z'),
    when: { type: 'deadlinePassed', name: 'review-1', epoch: 1 },
    then: [{ type: 'reviewOverdue', opening: 1 }],
    effects: ['tellPerson p-ivers review-due:1', 'tellPerson c-reyes review-due:1'],
  },
  {
    name: 'it is opened a second time with a reason and an hour of its own',
    given: [broken, closed],
    now: time('15:00:00'),
    when: { ...asked, signedInAt: time('14:59:00') },
    then: [{ type: 'glassBroken', opening: 2, until: time('16:00:00') }],
    effects: ['tellPerson p-ivers opened:2', 'tellPerson c-reyes opened:2', 'wake end 16:00:00', 'wake review-2 15:00:00'],
    answer: 'won',
  },
  {
    name: 'what every open case is told changes nothing here',
    given: [broken],
    now: time('10:50:00'),
    when: { type: 'cardsLost' },
    then: [],
    effects: [],
  },
];
