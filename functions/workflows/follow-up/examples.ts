import { personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Example } from '#core/workflow.js';
import type { About, Finding } from '#domain/critical.js';
import type { FollowUpSource } from '#domain/follow-up.js';
import type { Fact, Input } from './events.ts';

/** 25 November 2026, UTC. The policy is that of the examples of critical results: it knows the provider P1, Lena Brandt. */
const time = (text: string): Instant => instant.parse(`2026-11-25T${text}.000Z`);
const at = (text: string) => ({ at: time(text), v: 1 }) as const;

const brandt = { id: personId.parse('dr-brandt'), name: 'Lena Brandt' };
const reyes = { id: personId.parse('c-reyes'), name: 'Carmen Reyes' };

export const exampleAbout: About = {
  ...{ placerOrderNumber: { id: 'P9', assigner: 'HIS' }, fillerOrderNumber: { id: 'F9', assigner: 'RIS' }, accessionNumber: 'ACC9' },
  patient: {
    ...{ id: '48813', assigner: 'MRN', identifiers: [{ id: '48813', assigner: 'MRN', type: 'MR' }] },
    ...{ name: { family: 'Vandermolen', given: 'Ottilie' }, birthDate: '19610303', sex: 'F' },
  },
  ...{ procedure: { code: 'CTCHEST', text: 'CT chest', system: 'L' }, priority: null, patientClass: 'O', orderCase: null, modality: 'CT' },
  ...{ orderingProvider: { id: 'P1', name: 'Brandt, Lena' }, location: null, exam: 'CT chest' },
};
const finding: Finding = { text: 'Spiculated nodule of 9 mm in the right upper lobe.', classId: 'lung-nodule', side: 'right', category: 3 };
const source: FollowUpSource = { version: 'ORU-1', quote: finding.text, reportedAt: '20261125095800' };
const again: FollowUpSource = { version: 'ORU-2', quote: finding.text, reportedAt: '20261125110000' };
const other: FollowUpSource = { version: 'ORU-3', quote: 'The nodule measures 12 mm.', reportedAt: '20261125120000' };

const raised = (by: FollowUpSource, about: About = exampleAbout): Input => ({
  type: 'followUpRaised',
  about,
  finding,
  source: by,
  since: time('10:00:00'),
});
const corrected = (reportedAt: string, ...classes: string[]): Input => ({ type: 'reportCorrected', version: 'ORU-4', reportedAt, classes });
const done = (text: string, revision = 1, by = brandt): Input => ({
  ...{ type: 'personAnswered', verb: 'follow-up-done', person: by.id, name: by.name, revision, text },
});

const opened: Fact = {
  ...{ type: 'followUpOpened', ...at('10:00:00'), about: exampleAbout, finding, source, since: time('10:00:00') },
  ...{ due: time('10:15:00'), owner: { person: brandt.id, as: 'orderer' } },
};
const posting = { place: 'chat', conversationId: 'a:brandt', activityId: '1' };
const shown: Fact = { type: 'viewShown', ...at('10:05:00'), person: brandt.id, posting };
const over: Fact = { type: 'followUpDone', ...at('11:00:00'), by: brandt, text: 'CT in three months is booked' };
const takenBack: Fact = { type: 'followUpWithdrawn', ...at('11:00:00'), version: 'ORU-4' };

export const examples: readonly Example<Fact, Input>[] = [
  {
    name: 'a signed report says it: it is kept with who ordered the exam as its owner, and nobody is called or asked',
    given: [],
    now: time('10:00:00'),
    when: raised(source),
    then: [{ type: 'followUpOpened', owner: { person: brandt.id, as: 'orderer' }, since: time('10:00:00'), due: time('10:15:00') }],
    effects: [],
  },
  {
    name: 'an orderer whom people.json does not know: the attending has it',
    given: [],
    now: time('10:00:00'),
    when: raised(source, { ...exampleAbout, orderingProvider: { id: 'X9', name: 'Practice' }, attending: { id: 'P1', name: 'Brandt' } }),
    then: [{ type: 'followUpOpened', owner: { person: brandt.id, as: 'attending' } }],
    effects: [],
  },
  {
    name: 'neither is known: the coordinators have it',
    given: [],
    now: time('10:00:00'),
    when: raised(source, { ...exampleAbout, orderingProvider: null }),
    then: [{ type: 'followUpOpened', owner: { person: null, as: 'coordinator' } }],
    effects: [],
  },
  {
    name: 'the same version of the report changes nothing',
    given: [opened],
    now: time('10:01:00'),
    when: raised(source),
    then: [],
    effects: [],
  },
  {
    name: 'a later version that says it too joins the one that is there',
    given: [opened],
    now: time('11:00:00'),
    when: raised(again),
    then: [{ type: 'sourceJoined', source: again }],
    effects: [],
  },
  {
    name: 'a corrected report that says it no longer takes it back, and the view in the private chat loses its patient',
    given: [opened, shown],
    now: time('11:00:00'),
    when: corrected('20261125110000', 'renal-mass'),
    then: [
      { type: 'followUpWithdrawn', version: 'ORU-4' },
      { type: 'privateCardOver', person: brandt.id },
    ],
    effects: ['tellPerson dr-brandt view-over'],
  },
  {
    name: 'a corrected report that still says it takes nothing back',
    given: [opened],
    now: time('11:00:00'),
    when: corrected('20261125110000', 'lung-nodule'),
    then: [],
    effects: [],
  },
  {
    name: 'a correction that is older than what was reported after it takes nothing back',
    given: [opened, { type: 'sourceJoined', ...at('11:00:00'), source: again }],
    now: time('11:05:00'),
    when: corrected('20261125103000'),
    then: [],
    effects: [],
  },
  {
    name: 'what a correction took back, and a later report says again, is open again',
    given: [opened, takenBack],
    now: time('12:00:00'),
    when: raised(again),
    then: [{ type: 'followUpOpened', source: again }],
    effects: [],
  },
  {
    name: 'its owner says that it is dealt with, and how',
    given: [opened],
    now: time('11:00:00'),
    when: done('CT in three months is booked'),
    then: [{ type: 'followUpDone', by: brandt, text: 'CT in three months is booked' }],
    effects: [],
    answer: 'won',
    says: 'dealt with',
  },
  {
    name: 'without a word of what was done it stays open',
    given: [opened],
    now: time('11:00:00'),
    when: done('  '),
    then: [],
    effects: [],
    answer: 'invalid',
    says: 'what was done',
  },
  {
    name: 'what was done about an older version does not end it',
    given: [opened, { type: 'sourceJoined', ...at('10:30:00'), source: other }],
    now: time('11:00:00'),
    when: done('CT in three months is booked'),
    then: [],
    effects: [],
    answer: 'stale',
  },
  {
    name: 'said twice, the second hears who said it first',
    given: [opened, over],
    now: time('11:05:00'),
    when: done('Patient called', 1, reyes),
    then: [],
    effects: [],
    answer: 'already',
    says: 'Lena Brandt',
  },
  {
    name: 'what a correction took back needs nobody any more',
    given: [opened, takenBack],
    now: time('11:05:00'),
    when: done('Patient called'),
    then: [],
    effects: [],
    answer: 'closed',
  },
  {
    name: 'dealt with, and a later version says the same: it stays so',
    given: [opened, over],
    now: time('12:00:00'),
    when: raised(again),
    then: [{ type: 'sourceJoined' }],
    effects: [],
  },
  {
    name: 'dealt with, and a later report says it in other words: it is open again',
    given: [opened, over],
    now: time('12:00:00'),
    when: raised(other),
    then: [{ type: 'followUpOpened', source: other }],
    effects: [],
  },
  {
    name: 'a view that reaches the chat after the end loses its patient at once',
    given: [opened, over],
    now: time('11:00:01'),
    when: { type: 'viewShown', person: brandt.id, revision: 1, posting },
    then: [{ type: 'viewShown' }, { type: 'privateCardOver', person: brandt.id }],
    effects: ['tellPerson dr-brandt view-over'],
  },
  {
    name: 'the patient’s records are merged: it is known by both numbers',
    given: [opened],
    now: time('11:00:00'),
    when: {
      ...{ type: 'patientMerged', trigger: 'A40', rawHash: 'x', sendingApplication: 'ADT', sendingFacility: 'H', messageTime: null, quality: [] },
      ...{ receivedAt: time('11:00:00'), prior: [{ id: '48813', assigner: 'MRN', type: 'MR' }], sortTime: null },
      surviving: { ...exampleAbout.patient, id: '77', identifiers: [{ id: '77', assigner: 'MRN', type: 'MR' }] },
    },
    then: [{ type: 'patientJoined', identifiers: [{ id: '77', assigner: 'MRN', type: 'MR' }] }],
    effects: [],
  },
  {
    name: 'cards that were lost are none of its own',
    given: [opened],
    now: time('11:00:00'),
    when: { type: 'cardsLost' },
    then: [],
    effects: [],
  },
];
