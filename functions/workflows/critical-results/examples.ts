import { approvalBy } from '#core/approval.js';
import { caseNumber, eventId, personId } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import { person } from '#core/people.js';
import type { Role } from '#core/people.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Example } from '#core/workflow.js';
import { criticalRule, ladderRule } from '#domain/critical.js';
import type { About, Category, CriticalRule } from '#domain/critical.js';
import type { DrillEnd, DrillTerms } from '#domain/drill.js';
import { evolve } from './evolve.ts';
import type { Fact, FactOf, Input, Verb } from './events.ts';
import type { Policy } from './policy.ts';
import { isAlert } from './state.ts';
import type { State } from './state.ts';

/** 25 November 2026, UTC. */
const time = (text: string): Instant => instant.parse(`2026-11-25T${text}.000Z`);
const at = (text: string) => ({ at: time(text), v: 1 }) as const;
const id = (text: string): PersonId => personId.parse(text);

const okafor = { id: id('dr-okafor'), name: 'Ngozi Okafor' };
const lindqvist = { id: id('dr-lindqvist'), name: 'Maja Lindqvist' };
const singh = { id: id('dr-singh'), name: 'Arjun Singh' };
const moreau = { id: id('dr-moreau'), name: 'Claire Moreau' };
const brandt = { id: id('dr-brandt'), name: 'Lena Brandt' };
const adler = { id: id('dr-adler'), name: 'Tobias Adler' };
const haas = { id: id('dr-haas'), name: 'Jonas Haas' };
const reyes = { id: id('c-reyes'), name: 'Carmen Reyes' };
const tamm = { id: id('s-tamm'), name: 'Siiri Tamm' };
const everybody = [okafor, lindqvist, singh, moreau, brandt, adler, haas, reyes, tamm];

const roles: Readonly<Record<string, readonly Role[]>> = {
  'dr-okafor': ['reading-radiologist', 'protocoling-radiologist'],
  'dr-lindqvist': ['reading-radiologist'],
  ...{ 'dr-singh': ['oncall'], 'dr-moreau': ['oncall'], 'dr-adler': ['oncall'], 'dr-haas': ['oncall'] },
  ...{ 'dr-brandt': ['referrer'], 'c-reyes': ['coordinator'], 's-tamm': ['switchboard'] },
};
const ways: Readonly<Record<string, ReturnType<Policy['channelsOf']>>> = {
  ...{
    'dr-singh': ['pager', 'sms'],
    'dr-moreau': ['sms'],
    'dr-brandt': ['email'],
    'dr-lindqvist': ['pager'],
    'c-reyes': ['email'],
    's-tamm': ['voice'],
  },
};

const origin = {
  ...{ version: 'examples', source: 'Radloop authors', sourceDate: '2026-11-26', reviewedBy: null, effectiveFrom: '2026-11-26' },
  ...{ population: 'Invented patients', exclusions: 'none', inputs: ['none'] },
};
const rule = (
  category: Category,
  minutes: Pick<
    CriticalRule,
    'levelsAfterMinutes' | 'failsafeAfterMinutes' | 'failsafeEveryMinutes' | 'failsafeRestsMinutes' | 'readBackWithinMinutes'
  >,
): CriticalRule =>
  criticalRule.parse({
    ...{
      ...origin,
      ruleId: `category-${category}`,
      category,
      ...minutes,
      acknowledgeWithinMinutes: 15,
      closesWith: category === 1 ? 'conversation' : 'form',
    },
    channels: category === 1 ? ['pager', 'sms', 'voice', 'email'] : category === 2 ? ['pager', 'email'] : ['email'],
    releasedBy:
      category === 1 ? ['reading-radiologist', 'protocoling-radiologist'] : ['reading-radiologist', 'protocoling-radiologist', 'coordinator'],
  });

/** What is on the rosters of the examples: shifts that end at 20:00. `without` names levels that nobody stands on. */
function policyOf(rosters: Readonly<Record<string, readonly PersonId[]>>): Policy {
  return {
    rules: [
      rule(1, {
        levelsAfterMinutes: [0, 5, 10],
        failsafeAfterMinutes: 15,
        failsafeEveryMinutes: 5,
        failsafeRestsMinutes: 10,
        readBackWithinMinutes: 5,
      }),
      rule(2, {
        levelsAfterMinutes: [0, 60, 120],
        failsafeAfterMinutes: 165,
        failsafeEveryMinutes: 5,
        failsafeRestsMinutes: 10,
        readBackWithinMinutes: 15,
      }),
      {
        ...rule(2, {
          levelsAfterMinutes: [0, 30, 90],
          failsafeAfterMinutes: 120,
          failsafeEveryMinutes: 5,
          failsafeRestsMinutes: 10,
          readBackWithinMinutes: 15,
        }),
        ...{ ruleId: 'category-2-emergency', patientClasses: ['E'] },
      },
      {
        ...rule(2, {
          levelsAfterMinutes: [0, 20, 40],
          failsafeAfterMinutes: 60,
          failsafeEveryMinutes: 5,
          failsafeRestsMinutes: 10,
          readBackWithinMinutes: 5,
        }),
        ...{ ruleId: 'category-2-appendicitis', classIds: ['appendicitis'], channels: ['pager', 'sms'] },
      },
      rule(3, {
        levelsAfterMinutes: [0, 1440, 2880],
        failsafeAfterMinutes: 4200,
        failsafeEveryMinutes: 240,
        failsafeRestsMinutes: 480,
        readBackWithinMinutes: 240,
      }),
    ],
    ladders: [
      { ruleId: 'emergency', patientClasses: ['E'], levels: [['on-call-1'], ['on-call-2', 'orderer'], ['chief', 'duty-radiologist', 'coordinator']] },
      {
        ruleId: 'inpatient',
        patientClasses: ['I', 'B'],
        levels: [['on-call-1'], ['on-call-2', 'attending'], ['chief', 'duty-radiologist', 'coordinator']],
      },
      { ruleId: 'outpatient', patientClasses: [], levels: [['orderer'], ['on-call-1', 'on-call-2'], ['duty-radiologist', 'coordinator']] },
    ].map((row) => ladderRule.parse({ ...origin, ...row })),
    services: [
      { id: 'neurosurgery', name: 'Neurosurgery', pointsOfCare: ['W3'], chief: adler.id, phone: null },
      { id: 'emergency', name: 'Emergency', pointsOfCare: ['ED'], chief: null, phone: null },
      { id: 'surgery', name: 'Surgery', pointsOfCare: ['W7'], chief: null, phone: null },
      { id: 'hill-practice', name: 'Hill practice', pointsOfCare: [], chief: null, phone: null },
    ],
    // The shifts are 8 to 20 and 20 to 8; at night Haas has neurosurgery too.
    onCall(service, level, now) {
      const isNight = now >= time('20:00:00');
      const people = rosters[`${service}-${level}${isNight ? '-night' : ''}`] ?? rosters[`${service}-${level}`] ?? [];
      return { people, until: isNight ? instant.parse('2026-11-26T08:00:00.000Z') : time('20:00:00') };
    },
    radiology: 'radiology',
    isOfficeHours: (now) => now >= time('08:00:00') && now < time('17:00:00'),
    withRole: (role) => everybody.filter((one) => roles[one.id]?.includes(role)).map((one) => one.id),
    providers: { P1: brandt.id, P2: haas.id, R1: okafor.id },
    practiceOf: (one) => (one === haas.id ? 'hill-practice' : null),
    channelsOf: (one) => ways[one] ?? [],
    phoneOf: (one) => (one === singh.id ? '4711' : one === okafor.id ? '4701' : null),
    accountOf: (one) => (one === singh.id ? 'singh@hospital.example' : null),
    nameOf: (one) => everybody.find((known) => known.id === one)?.name ?? one,
    readingRoom: { name: 'Reading room', phone: '4700' },
    switchboard: { phone: '9', printer: 'SWITCHBOARD' },
    record: ['ORU^R01', 'MDM^T02', 'Communication'],
    place: 'critical',
    locationGoodForMinutes: 720,
    unsentAfterSeconds: [60, 120],
    readingPriorityTo: 'worklist',
    zone: 'Europe/London',
  };
}

export const examplePolicy: Policy = policyOf({
  ...{ 'neurosurgery-1': [singh.id], 'neurosurgery-1-night': [haas.id], 'neurosurgery-2': [moreau.id] },
  ...{ 'emergency-1': [haas.id], 'radiology-1': [lindqvist.id], 'hill-practice-1': [moreau.id], 'hill-practice-2': [adler.id] },
});

export const exampleAbout: About = {
  ...{ placerOrderNumber: { id: 'P7719', assigner: 'HIS' }, fillerOrderNumber: null, accessionNumber: 'ACC7719001' },
  patient: {
    ...{ id: '0048813', assigner: 'MRN', identifiers: [{ id: '0048813', assigner: 'MRN', type: 'MR' }] },
    ...{ name: { family: 'Vandermolen', given: 'Ottilie' }, birthDate: '19610303', sex: 'F' },
  },
  ...{ procedure: null, priority: 'S', patientClass: 'I', orderingProvider: { id: 'P1', name: 'Brandt' } },
  ...{ orderCase: caseNumber.parse('7KF3QN'), exam: 'CT of the chest', modality: 'CT' },
  location: { at: { pointOfCare: 'W3', room: '12', bed: 'A', facility: '' }, asOf: time('08:00:00') },
};
const about = exampleAbout;
const finding = { text: 'Tension pneumothorax', classId: 'pneumothorax', side: 'left', category: 1 } as const;
const byButton = { kind: 'person', by: okafor, via: 'button' } as const;
const byReport = { kind: 'report', version: 'ORU-1', quote: 'Large left tension pneumothorax.', reportedAt: null } as const;
const byModel = { kind: 'model', model: 'chest-triage', version: '3.1', confidence: 0.94 } as const;

const approval = approvalBy(
  person.parse({ ...okafor, roles: ['reading-radiologist'], aadObjectId: '6f1c1f0e-0c3b-4f0e-9d0a-6a2f5b8d1c01' }),
  ...([time('10:00:20'), caseNumber.parse('7KF3QN'), 1, eventId.parse('answer-1')] as const),
);

const inChat = { place: 'person:dr-okafor', conversationId: 'a:okafor', activityId: '1' };

type Reached = FactOf<'stepTaken'>['reached'];
const onCall: Reached = [{ person: singh.id, as: 'on-call-1', service: 'neurosurgery' }];
const second: Reached = [
  { person: moreau.id, as: 'on-call-2', service: 'neurosurgery' },
  { person: brandt.id, as: 'attending', service: null },
];
const third: Reached = [
  { person: adler.id, as: 'chief', service: 'neurosurgery' },
  { person: lindqvist.id, as: 'duty-radiologist', service: 'radiology' },
  { person: reyes.id, as: 'coordinator', service: null },
];

/** With which notes an event put it to people, so that what stands in their chats is edited later. */
const put = (event: string, ...notes: readonly (readonly [note: string, ...people: readonly { readonly id: PersonId }[]])[]) => ({
  put: { event: eventId.parse(event), to: notes.flatMap(([note, ...people]) => people.map((one) => ({ person: one.id, note }))) },
});

const drafted: Fact = {
  type: 'alertDrafted',
  ...at('10:00:00'),
  by: okafor,
  source: byButton,
  about,
  finding,
  drill: false,
  until: time('10:01:00'),
};
const released: Fact = { type: 'alertReleased', ...at('10:00:20'), by: okafor, approval, category: 1 };
const step = (level: number, when: string, reached: Reached, until: string): Fact => ({ type: 'stepTaken', ...at(when), level, because: level === 1 ? 'released' : 'time', reached, skipped: [], placeUnsure: false, until: time(until) }); // prettier-ignore
const told = (...people: readonly PersonId[]): Fact[] => people.map((one) => ({ type: 'wasTold', ...at('10:00:21'), person: one, note: 'alert' }));
const paged = (to: PersonId, channel: FactOf<'wasPaged'>['channel'], receipt?: string): Fact => ({
  ...{ type: 'wasPaged', ...at('10:00:21'), channel, to, note: 'alert' },
  ...(receipt === undefined ? {} : { receipt }),
});

/** As histories of facts: how far an alert has come. */
const sent: readonly Fact[] = [drafted, released, step(1, '10:00:20', onCall, '10:05:20'), ...told(singh.id), paged(singh.id, 'pager')];
const atSecond: readonly Fact[] = [...sent, step(2, '10:05:20', second, '10:10:20'), ...told(moreau.id, brandt.id)];
const atThird: readonly Fact[] = [...atSecond, step(3, '10:10:20', third, '10:15:20'), ...told(adler.id, lindqvist.id, reyes.id)];
const atFailsafe: readonly Fact[] = [
  ...atThird,
  { type: 'failsafeReached', ...at('10:15:20'), because: 'time', skipped: [], until: time('10:20:20') },
];
/** As it is when who was put what is known. */
const sentNoted: readonly Fact[] = [drafted, released, { ...step(1, '10:00:20', onCall, '10:05:20'), ...put('answer-1', ['alert', singh]) }, ...told(singh.id)]; // prettier-ignore
const secondNoted: readonly Fact[] = [...sentNoted, { ...step(2, '10:05:20', second, '10:10:20'), ...put('timer-1', ['alert', moreau, brandt]) }, ...told(moreau.id, brandt.id)]; // prettier-ignore
const failsafeNoted: readonly Fact[] = [
  ...atThird,
  {
    ...{ type: 'failsafeReached', ...at('10:15:20'), because: 'time', skipped: [], until: time('10:20:20') },
    ...put('timer-3', ['failsafe', tamm], ['repeat', singh, moreau, brandt, adler, lindqvist, reyes], ['untaken', okafor]),
  },
];
const inHand: readonly Fact[] = [...atFailsafe, { type: 'failsafeTaken', ...at('10:17:00'), by: tamm, until: time('10:27:00') }];
const takenAt = (when: string, until: string, by = singh): FactOf<'acknowledged'> => ({ type: 'acknowledged', ...at(when), by, via: 'form', recordedBy: null, revision: 1, until: time(until) }); // prettier-ignore
/** The gateway's ids of an SMS to the first on call, and of a call. */
const sentBySms: readonly Fact[] = [...sent, paged(singh.id, 'sms', 'Outgoing_7')];
const calledUp: readonly Fact[] = [...sentBySms, paged(singh.id, 'voice', 'call-7')];
const acknowledged: readonly Fact[] = [...sent, takenAt('10:02:00', '10:07:00')];
const readBackFact: FactOf<'readBack'> = { type: 'readBack', ...at('10:03:00'), by: singh, via: 'form', recordedBy: null, identifier: 'record-number', finding: 'pneumothorax, left', action: 'chest drain now' }; // prettier-ignore
const readBack: readonly Fact[] = [...acknowledged, readBackFact, { type: 'conversationAsked', ...at('10:03:00'), until: time('10:08:00') }];
const closed: readonly Fact[] = [...readBack, { type: 'conversationRecorded', ...at('10:04:00'), by: okafor, with: singh.name, when: '10:03' }, { type: 'alertClosed', ...at('10:04:00') }]; // prettier-ignore
const withdrawn: readonly Fact[] = [...sent, { type: 'withdrawn', ...at('10:03:00'), by: okafor, why: 'wrong-patient', reason: 'Images of another patient', until: time('10:08:00'), unseen: [singh.id] }]; // prettier-ignore
const askedFact = (n: number, when: string, people: PersonId[], until: string): Fact => ({
  type: 'askedWhether',
  ...at(when),
  n,
  people,
  until: time(until),
});
const raised: Fact = { type: 'alertRaised', ...at('10:00:00'), source: byReport, about, finding, reader: okafor.id, since: time('10:00:00') };
const asked: readonly Fact[] = [raised, askedFact(1, '10:00:00', [okafor.id], '10:05:00')];
const asked2: readonly Fact[] = [
  { ...raised, finding: { ...finding, category: 2 } },
  askedFact(1, '10:00:00', [okafor.id], '11:00:00'),
  askedFact(2, '11:00:00', [lindqvist.id], '12:00:00'),
];
const byReportNow = { type: 'criticalRaised', about, finding, source: byReport, reader: null, since: time('10:00:00') } as const;
const closedByReport: readonly Fact[] = [
  ...closed,
  { type: 'sourceJoined', ...at('10:30:00'), source: byReport, category: 1, since: time('10:30:00') },
];
const corrected = (...classes: string[]) => ({ type: 'reportSaysNoLonger', version: 'ORU-3', classes, patient: about.patient }) as const;
const askedByModel: readonly Fact[] = [
  { ...raised, source: byModel, reader: null, since: time('10:00:00') },
  { type: 'readingRaised', ...at('10:00:00'), priority: 'S' },
  askedFact(2, '10:00:00', [lindqvist.id], '10:05:00'),
];
const category2: readonly Fact[] = [
  { ...drafted, finding: { ...finding, text: 'Appendicitis', category: 2 } },
  { ...released, category: 2 },
  step(1, '10:00:20', onCall, '11:00:20'),
  ...told(singh.id),
];
const category2AtFailsafe: readonly Fact[] = [
  ...category2,
  step(2, '11:00:20', second, '12:00:20'),
  step(3, '12:00:20', third, '12:45:20'),
  { type: 'failsafeReached', ...at('12:45:20'), because: 'time', skipped: [], until: time('12:50:20') },
];
/** Lowered when the second level had been called: three people were told what it is not any more. */
const changed: readonly Fact[] = [
  ...atSecond,
  {
    type: 'recategorised',
    ...at('10:06:00'),
    by: okafor,
    from: 1,
    to: 2,
    reason: 'Small',
    unseen: [singh.id, moreau.id, brandt.id],
    remindAt: time('10:21:00'),
  },
  step(2, '10:06:00', second, '11:06:00'),
];
const changedAndClosed: readonly Fact[] = [
  ...changed,
  { ...takenAt('10:07:00', '10:22:00'), revision: 2 },
  readBackFact,
  { type: 'alertClosed', ...at('10:08:00') },
];
/** Read back and closed as category 2, by one who is not on the first level. */
const closedAs2: readonly Fact[] = [
  ...category2,
  step(2, '11:00:20', second, '12:00:20'),
  ...told(moreau.id, brandt.id),
  takenAt('11:02:00', '11:17:00', moreau),
  { ...readBackFact, ...at('11:03:00'), by: moreau },
  { type: 'alertClosed', ...at('11:03:00') },
];
const anewAt = (when: string, until: string): readonly Fact[] => [
  { type: 'sourceJoined', ...at(when), source: byReport, category: 1, since: time(when), asksAnew: true },
  askedFact(2, when, [lindqvist.id], until),
];
const closedAskedAnew: readonly Fact[] = [...closedAs2, ...anewAt('12:30:00', '12:35:00')];
const withdrawnAskedAnew: readonly Fact[] = [...withdrawn, ...anewAt('10:04:00', '10:09:00')];
const amended = (when: string, category: Category): Input => ({
  ...{ type: 'criticalRaised', about, finding: { ...finding, category }, source: byReport, reader: null, since: time(when) },
});
/** A ward whose service has nobody on call. */
const elsewhere: About['location'] = { at: { pointOfCare: 'W7', room: '', bed: '', facility: '' }, asOf: time('08:00:00') };
const outpatient: About = { ...about, patientClass: 'O', location: null };
/** Of an orderer whose practice has somebody on call. */
const ofPractice: About = { ...outpatient, orderingProvider: { id: 'P2', name: 'Haas' } };
const orderedThere: readonly Fact[] = [
  { ...drafted, about: ofPractice },
  released,
  step(1, '10:00:20', [{ person: haas.id, as: 'orderer', service: null }], '10:05:20'),
];
/** Written by a radiologist, and sent by a coordinator. */
const sentByCoordinator: readonly Fact[] = [
  { ...drafted, finding: { ...finding, text: 'Appendicitis', category: 2 } },
  { ...released, by: reyes, category: 2 },
  step(1, '10:00:20', onCall, '11:00:20'),
  ...told(singh.id),
];
/** Called for a patient of the emergency department, who is then admitted to a ward. */
const inEmergency: readonly Fact[] = [
  { ...drafted, about: { ...about, patientClass: 'E', location: { at: { pointOfCare: 'ED', room: '', bed: '', facility: '' }, asOf: time('09:00:00') } } }, // prettier-ignore
  released,
  step(1, '10:00:20', [{ person: haas.id, as: 'on-call-1', service: 'emergency' }], '10:05:20'),
  ...told(haas.id),
];
const admitted: FactOf<'patientMoved'> = {
  ...{ type: 'patientMoved', ...at('10:03:00'), location: { pointOfCare: 'W3', room: '12', bed: 'A', facility: '' }, patientClass: 'I' },
  ...{ asOf: time('10:03:00'), present: true },
};
/** In the house, nobody knows where; of an orderer whose practice has somebody on call. */
const nowhere: About = { ...about, location: null, orderingProvider: { id: 'P2', name: 'Haas' } };
const attendedBy = (id: string): About => ({ ...about, attending: { id, name: 'Attending' } });

/** An exam that is none, on the ward of who is called. */
const drillAbout: About = {
  ...{ placerOrderNumber: null, fillerOrderNumber: null, accessionNumber: 'DRILL-7KF3QN', procedure: null, priority: null },
  patient: { id: null, assigner: '', identifiers: [], name: null, birthDate: null, sex: null },
  ...{ patientClass: 'I', orderingProvider: null, orderCase: null, exam: 'DRILL: no exam', modality: null, location: about.location },
};
const drillFinding = { text: 'DRILL: invented finding, there is no patient', classId: 'drill', side: null, category: 1 } as const;
const terms: DrillTerms = { service: 'neurosurgery', agreed: { by: adler.name, on: '2026-11-20' }, reason: null, endsAfterMinutes: 45 };
const byCommand = { kind: 'person', by: reyes, via: 'command-line' } as const;
const drillDrafted: Fact = { ...drafted, by: reyes, source: byCommand, about: drillAbout, finding: drillFinding, drill: true, terms };
const drillSent: readonly Fact[] = [
  ...[drillDrafted, { ...released, by: reyes }, step(1, '10:00:20', onCall, '10:05:20')],
  ...[...told(singh.id), paged(singh.id, 'pager')],
];
const onDrill: Reached = [{ person: moreau.id, as: 'on-call-2', service: 'neurosurgery' }];
const drillAtSecond: readonly Fact[] = [...drillSent, step(2, '10:05:20', onDrill, '10:10:20'), ...told(moreau.id)];
const drillAtFailsafe: readonly Fact[] = [
  ...drillAtSecond,
  { type: 'failsafeReached', ...at('10:15:20'), because: 'time', skipped: [], until: time('10:20:20') },
];
const calledOff = (why: DrillEnd, by: FactOf<'drillEnded'>['by'] = null): Input => ({ type: 'drillCalledOff', why, by, alert: null });
/** Another patient, whose report has the accession number of this exam. */
const elsewhereNumbered: About = {
  ...about,
  patient: {
    ...{ id: '0077001', assigner: 'MRN', identifiers: [{ id: '0077001', assigner: 'MRN', type: 'MR' }] },
    ...{ name: { family: 'Achterberg', given: 'Joost' }, birthDate: '19480912', sex: 'M' },
  },
};
const other = caseNumber.parse('8FKT5W');
/** What another alert says of itself. @param whose numbers of its patient */
const alikeTo = (whose: string, opened: string, more: Partial<Extract<Input, { type: 'alikeFound' }>> = {}): Input => ({
  ...{ type: 'alikeFound', of: other, patient: whose === '' ? [] : [whose], typed: false, opened: time(opened), answers: false, ...more },
});
const alikeFact = (why: FactOf<'alikeFound'>['why'], when = '10:01:00'): Fact => ({ type: 'alikeFound', ...at(when), with: other, why, people: [lindqvist.id, reyes.id] }); // prettier-ignore
/** What a person has said on the other one. */
const judgedThere = (same: boolean, more: Partial<Extract<Input, { type: 'alikeJudged' }>> = {}): Input => ({
  ...{ type: 'alikeJudged', of: other, opened: time('10:01:00'), by: lindqvist, same, rank: 0, yields: false },
  ...{ sources: [byReport], category: 1, since: time('09:59:00'), ...more },
});

/** The timer of the window that is open. @param late windows ago: one that comes late or twice */
function windowOver(given: readonly Fact[], late = 0): Input {
  const state = given.reduce<State>(evolve, { status: 'none' });
  return { type: 'deadlinePassed', name: 'window', epoch: isAlert(state) ? state.epoch - late : 0 };
}

function says(
  who: { readonly id: PersonId; readonly name: string },
  verb: Verb,
  more: Partial<Extract<Input, { type: 'personAnswered' }>> = {},
): Input {
  return { type: 'personAnswered', verb, person: who.id, name: who.name, revision: 1, text: null, fields: {}, approval: null, ...more };
}

/** In every way that this person has. */
const call = (who: { readonly id: PersonId }, note: string, channels = ways[who.id] ?? []): readonly string[] => [
  `tellPerson ${who.id} ${note}`,
  ...channels.map((channel) => `page ${channel} ${who.id} ${note}`),
];
const failsafe = (note: 'failsafe' | 'failsafe-again'): readonly string[] => [...call(tamm, note), `page print SWITCHBOARD ${note}`, 'showCard'];
const everybodyAgain = [singh, moreau, brandt, adler, lindqvist, reyes].flatMap((one) => call(one, 'repeat'));
const handOff = 'wake hand-off 20:00:00';
/** What the hospital's record is told; and what of it is stopped where it has not left. */
const recorded = ['sendHl7 critical-result commit', 'sendHl7 critical-document commit', 'writeFhir Communication'];
const stopped = ['withdraw', 'withdraw'];

const readBackOf = (identifier: string) => ({ fields: { identifier, finding: 'pneumothorax, left', action: 'chest drain now' } });

/** The specification, the test and the table in one. */
export const examples: readonly Example<Fact, Input>[] = [
  {
    name: 'what a radiologist writes is a draft: nothing has left, and in a minute it is asked after',
    given: [],
    now: time('10:00:00'),
    when: { type: 'criticalDrafted', by: okafor, via: 'words', about, finding, drill: false },
    then: [{ type: 'alertDrafted', by: okafor, finding, until: time('10:01:00') }],
    effects: ['tellCase key', 'wake window 10:01:00'],
    answer: 'noted',
    says: 'NOT SENT YET',
  },
  {
    name: 'the same written twice is one alert',
    given: [drafted],
    now: time('10:00:10'),
    when: { type: 'criticalDrafted', by: okafor, via: 'words', about, finding, drill: false },
    then: [],
    effects: [],
    answer: 'already',
  },
  {
    name: 'unsent after a minute its author is told, in every way',
    given: [{ ...drafted, by: lindqvist }],
    now: time('10:01:00'),
    when: windowOver([{ ...drafted, by: lindqvist }]),
    then: [{ type: 'unsentTold', n: 1, people: [lindqvist.id], until: time('10:02:00') }],
    effects: [...call(lindqvist, 'unsent'), 'wake window 10:02:00'],
  },
  {
    name: 'unsent after two minutes the radiologist on duty and the coordinators are told too, in every way, and again every five minutes',
    given: [drafted, { type: 'unsentTold', ...at('10:01:00'), n: 1, people: [okafor.id], until: time('10:02:00') }],
    now: time('10:02:00'),
    when: windowOver([drafted, { type: 'unsentTold', ...at('10:01:00'), n: 1, people: [okafor.id], until: time('10:02:00') }]),
    then: [{ type: 'unsentTold', n: 2, until: time('10:07:00') }],
    effects: [...call(okafor, 'unsent'), ...call(lindqvist, 'unsent'), ...call(reyes, 'unsent'), 'wake window 10:07:00'],
  },
  {
    name: 'sent, the first on call is called in the same second in the chat, the channel and each other way',
    given: [drafted],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased', category: 1 },
      { type: 'stepTaken', level: 1, because: 'released', reached: onCall, until: time('10:05:20') },
    ],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake window 10:05:20'],
    answer: 'won',
    says: 'Arjun Singh is being called',
  },
  {
    name: 'sent: the view on which it was still unsent says now that it was, and of the note that had asked after it a line is left',
    given: [
      drafted,
      { type: 'viewShown', ...at('10:00:01'), person: okafor.id, revision: 1, posting: inChat },
      { ...{ type: 'unsentTold', ...at('10:01:00'), n: 1, people: [okafor.id], until: time('10:02:00') }, ...put('timer-0', ['unsent', okafor]) },
    ],
    now: time('10:01:10'),
    when: says(okafor, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 1 }, { type: 'privateCardOver', person: okafor.id, posting: inChat }],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake window 10:06:10', 'tellPerson dr-okafor now', 'tellPerson dr-okafor earlier'],
    answer: 'won',
  },
  {
    name: 'sent: the note that had asked after it says now that it was',
    given: [drafted, { ...{ type: 'unsentTold', ...at('10:01:00'), n: 1, people: [okafor.id], until: time('10:02:00') }, ...put('timer-0', ['unsent', okafor]) }], // prettier-ignore
    now: time('10:01:10'),
    when: says(okafor, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 1 }],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake window 10:06:10', 'tellPerson dr-okafor now'],
    answer: 'won',
  },
  {
    name: 'without the approval of who sends it nothing leaves, and the answer names the number to phone',
    given: [drafted],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical'),
    then: [],
    effects: [],
    answer: 'invalid',
    says: 'NOT SENT: phone the switchboard, 9 now',
  },
  {
    name: 'a coordinator sends no category 1, which the policy leaves to a radiologist',
    given: [drafted],
    now: time('10:00:20'),
    when: says(reyes, 'release-critical', { approval }),
    then: [],
    effects: [],
    answer: 'denied',
    says: 'NOT SENT',
  },
  {
    name: 'a coordinator sends a category 2',
    given: [{ ...drafted, finding: { ...finding, category: 2 } }],
    now: time('10:00:20'),
    when: says(reyes, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased', by: reyes, category: 2 },
      { type: 'stepTaken', level: 1, until: time('11:00:20') },
    ],
    effects: [...call(singh, 'alert', ['pager']), 'showCard', handOff, 'wake window 11:00:20'],
    answer: 'won',
  },
  {
    name: 'a coordinator can’t lower a category 1 and send it',
    given: [drafted],
    now: time('10:00:20'),
    when: says(reyes, 'release-critical', { approval, fields: { category: '2' } }),
    then: [],
    effects: [],
    answer: 'denied',
    says: 'only a radiologist changes the category, and it is 1',
  },
  {
    name: 'a coordinator sends a category 2 as no other, and as what it is',
    given: [{ ...drafted, finding: { ...finding, category: 2 } }],
    now: time('10:00:20'),
    when: says(reyes, 'release-critical', { approval, fields: { category: '3' } }),
    then: [],
    effects: [],
    answer: 'denied',
    says: 'NOT SENT',
  },
  {
    name: 'a coordinator who names the category that it has sends it',
    given: [{ ...drafted, finding: { ...finding, category: 2 } }],
    now: time('10:00:20'),
    when: says(reyes, 'release-critical', { approval, fields: { category: '2' } }),
    then: [{ type: 'alertReleased', by: reyes, category: 2 }, { type: 'stepTaken' }],
    effects: [...call(singh, 'alert', ['pager']), 'showCard', handOff, 'wake window 11:00:20'],
    answer: 'won',
  },
  {
    name: 'a second press of Send sends nothing twice',
    given: sent,
    now: time('10:01:00'),
    when: says(okafor, 'release-critical', { approval }),
    then: [],
    effects: [],
    answer: 'already',
  },
  {
    name: 'a level that nobody stands on is skipped at once, not waited for (field report 17)',
    given: [{ ...drafted, about: { ...about, location: elsewhere } }],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased' },
      { type: 'stepTaken', level: 2, reached: [{ person: brandt.id, as: 'attending', service: null }], skipped: [{ level: 1, as: 'on-call-1', why: 'nobody' }, { level: 2, as: 'on-call-2', why: 'nobody' }], until: time('10:05:20') }, // prettier-ignore
    ],
    effects: [...call(brandt, 'alert'), 'showCard', 'forget hand-off', 'wake window 10:05:20'],
    answer: 'won',
    says: 'Lena Brandt',
  },
  {
    name: 'where nobody stands on any level the answer says whom to phone now, and the switchboard is called in the same second, on paper too',
    given: [{ ...drafted, by: lindqvist, about: { ...outpatient, orderingProvider: null }, finding: { ...finding, category: 2 } }],
    now: time('18:00:00'),
    when: says(reyes, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased', by: reyes },
      { type: 'failsafeReached', because: 'released', until: time('18:05:00') },
    ],
    effects: [
      ...[...call(tamm, 'failsafe'), 'page print SWITCHBOARD failsafe', ...call(reyes, 'repeat'), 'tellPerson dr-lindqvist untaken'],
      ...['showCard', 'forget hand-off', 'wake window 18:05:00'],
    ],
    answer: 'won',
    says: 'NOT SENT to a clinician: phone the switchboard, 9 now',
  },
  {
    name: 'nobody in five minutes: the next level is called, the first stays called',
    given: sent,
    now: time('10:05:20'),
    when: windowOver(sent),
    then: [{ type: 'stepTaken', level: 2, because: 'time', reached: second, until: time('10:10:20') }],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'the timer of a window that is over already changes nothing, late or told twice (field report 14)',
    given: atSecond,
    now: time('10:06:00'),
    when: windowOver(atSecond, 1),
    then: [],
    effects: [],
  },
  {
    name: 'a clock that was set back does not keep the window open: its own timer ends it',
    given: sent,
    now: time('09:05:20'),
    when: windowOver(sent),
    then: [{ type: 'stepTaken', level: 2, until: time('09:10:20') }],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 09:10:20'],
  },
  {
    name: 'no timer of an alert that was closed calls anybody, however long after (field report 14)',
    given: closed,
    now: time('19:00:00'),
    when: windowOver(closed),
    then: [],
    effects: [],
  },
  {
    name: 'handed on with a reason, the next level is called at once',
    given: sent,
    now: time('10:01:00'),
    when: says(singh, 'decline-alert', { text: 'In theatre' }),
    then: [
      { type: 'declined', by: singh, reason: 'In theatre' },
      { type: 'stepTaken', level: 2, because: 'declined', until: time('10:06:00') },
    ],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:06:00'],
    answer: 'won',
  },
  {
    name: 'handed on twice by one person nobody is passed over',
    given: [...sent, { type: 'declined', ...at('10:01:00'), by: singh, reason: 'In theatre' }, step(2, '10:01:00', second, '10:06:00')],
    now: time('10:01:02'),
    when: says(singh, 'decline-alert', { text: 'In theatre' }),
    then: [],
    effects: [],
    answer: 'already',
  },
  {
    name: 'handing on needs a reason',
    given: sent,
    now: time('10:01:00'),
    when: says(singh, 'decline-alert', { text: ' ' }),
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: 'one way of several that fails for good is recorded; the others are waited for',
    given: sent,
    now: time('10:00:30'),
    when: { type: 'effectFailed', kind: 'page', message: 'alert', code: 'refused', detail: 'no such number', channel: 'sms', to: singh.id },
    then: [{ type: 'notReached', channel: 'sms', to: singh.id, code: 'refused' }],
    effects: [],
  },
  {
    name: 'when every way to everybody of a level has failed for good the next level is called at once',
    given: [
      ...sent.slice(0, 3),
      { type: 'notReached', ...at('10:00:22'), channel: 'chat', to: singh.id, note: 'alert', code: 'not-allowed' },
      { type: 'notReached', ...at('10:00:23'), channel: 'pager', to: singh.id, note: 'alert', code: 'refused' },
    ],
    now: time('10:00:30'),
    when: { type: 'effectFailed', kind: 'page', message: 'alert', code: 'refused', detail: 'no such number', channel: 'sms', to: singh.id },
    then: [
      { type: 'notReached', channel: 'sms' },
      { type: 'stepTaken', level: 2, because: 'not-reached', until: time('10:05:30') },
    ],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:05:30'],
  },
  {
    name: 'an SMS is known by the id that the gateway gave it',
    given: sent,
    now: time('10:00:21'),
    when: { type: 'paged', channel: 'sms', to: singh.id, note: 'alert', revision: 1, receipt: 'Outgoing_7' },
    then: [{ type: 'wasPaged', channel: 'sms', to: singh.id, receipt: 'Outgoing_7' }],
    effects: [],
  },
  {
    name: 'an SMS that was delivered is shown, and nobody has taken it by that',
    given: sentBySms,
    now: time('10:00:25'),
    when: { type: 'pageReported', channel: 'sms', receipt: 'Outgoing_7', what: 'delivered' },
    then: [{ type: 'pageDelivered', channel: 'sms', to: singh.id, note: 'alert' }],
    effects: [],
  },
  {
    name: 'what was delivered stays so, whatever is reported later',
    given: [...sentBySms, { type: 'pageDelivered', ...at('10:00:25'), channel: 'sms', to: singh.id, note: 'alert', receipt: 'Outgoing_7' }],
    now: time('10:00:40'),
    when: { type: 'pageReported', channel: 'sms', receipt: 'Outgoing_7', what: 'undeliverable' },
    then: [],
    effects: [],
  },
  {
    name: 'an SMS that can’t be delivered is one way fewer; the others are waited for',
    given: sentBySms,
    now: time('10:00:30'),
    when: { type: 'pageReported', channel: 'sms', receipt: 'Outgoing_7', what: 'undeliverable' },
    then: [{ type: 'pageUndeliverable', channel: 'sms', to: singh.id }],
    effects: [],
  },
  {
    name: 'an SMS that can’t be delivered, where every other way has failed, calls the next level at once',
    given: [
      ...sent.slice(0, 3),
      paged(singh.id, 'sms', 'Outgoing_7'),
      { type: 'notReached', ...at('10:00:22'), channel: 'chat', to: singh.id, note: 'alert', code: 'not-allowed' },
      { type: 'notReached', ...at('10:00:23'), channel: 'pager', to: singh.id, note: 'alert', code: 'refused' },
    ],
    now: time('10:00:30'),
    when: { type: 'pageReported', channel: 'sms', receipt: 'Outgoing_7', what: 'undeliverable' },
    then: [{ type: 'pageUndeliverable' }, { type: 'stepTaken', level: 2, because: 'not-reached', until: time('10:05:30') }],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:05:30'],
  },
  {
    name: 'a report of a page that is none of its own says nothing',
    given: sentBySms,
    now: time('10:00:25'),
    when: { type: 'pageReported', channel: 'sms', receipt: 'Outgoing_8', what: 'undeliverable' },
    then: [],
    effects: [],
  },
  {
    name: 'a reply to an SMS is "on my way": it is shown and stops nothing',
    given: sentBySms,
    now: time('10:01:00'),
    when: { type: 'pageReplied', channel: 'sms', person: singh.id },
    then: [{ type: 'comesNow', by: singh, via: 'sms' }],
    effects: ['showCard'],
  },
  {
    name: 'a key that is pressed in a call is the same',
    given: calledUp,
    now: time('10:01:00'),
    when: { type: 'pageReported', channel: 'voice', receipt: 'call-7', what: 'answered' },
    then: [{ type: 'comesNow', by: singh, via: 'voice' }],
    effects: ['showCard'],
  },
  {
    name: 'a second reply says nothing new',
    given: [...sentBySms, { type: 'comesNow', ...at('10:00:50'), by: singh, via: 'sms' }],
    now: time('10:01:00'),
    when: { type: 'pageReplied', channel: 'sms', person: singh.id },
    then: [],
    effects: [],
  },
  {
    name: 'a reply of somebody to whom no SMS has gone says nothing',
    given: sent,
    now: time('10:01:00'),
    when: { type: 'pageReplied', channel: 'sms', person: singh.id },
    then: [],
    effects: [],
  },
  {
    name: 'a reply to what somebody has taken says nothing',
    given: [...sentBySms, takenAt('10:02:00', '10:07:00')],
    now: time('10:03:00'),
    when: { type: 'pageReplied', channel: 'sms', person: singh.id },
    then: [],
    effects: [],
  },
  {
    name: '"on my way" is shown and stops nothing',
    given: sent,
    now: time('10:01:00'),
    when: says(singh, 'on-my-way'),
    then: [{ type: 'comesNow', by: singh }],
    effects: ['showCard'],
    answer: 'noted',
    says: 'It is not acknowledged',
  },
  {
    name: 'taken by who was called: nobody else is called, and the read-back is due in five minutes',
    given: atSecond,
    now: time('10:06:00'),
    when: says(singh, 'acknowledge'),
    then: [{ type: 'acknowledged', by: singh, revision: 1, until: time('10:11:00') }],
    effects: ['showCard', 'tellPerson dr-moreau taken', 'tellPerson dr-brandt taken', 'wake window 10:11:00'],
    answer: 'won',
    says: 'Read it back within 5 minutes',
  },
  {
    name: 'taken: the message in the chat of who took it says so now; of what the others had a line is left, once they have been told',
    given: secondNoted,
    now: time('10:06:00'),
    when: says(singh, 'acknowledge'),
    then: [{ type: 'acknowledged', by: singh }],
    effects: [
      ...['showCard', 'tellPerson dr-moreau taken', 'tellPerson dr-brandt taken', 'wake window 10:11:00'],
      ...['tellPerson dr-singh now', 'tellPerson dr-moreau earlier', 'tellPerson dr-brandt earlier'],
    ],
    answer: 'won',
  },
  {
    name: 'a press that Teams sends twice is told the same, and takes it once (invariant 17)',
    given: acknowledged,
    now: time('10:03:00'),
    when: says(singh, 'acknowledge'),
    then: [],
    effects: [],
    answer: 'already',
    says: 'is yours. Read it back within 4 minutes',
  },
  {
    name: 'somebody who was not called takes nothing (invariant 20)',
    given: sent,
    now: time('10:01:00'),
    when: says(haas, 'acknowledge'),
    then: [],
    effects: [],
    answer: 'denied',
  },
  {
    name: 'a coordinator who was called at the third level takes nothing either: they phone, and record the call',
    given: atThird,
    now: time('10:11:00'),
    when: says(reyes, 'acknowledge'),
    then: [],
    effects: [],
    answer: 'denied',
  },
  {
    name: 'an acknowledgement of an older version counts for nothing (invariant 15)',
    given: [
      ...sent,
      { type: 'recategorised', ...at('10:01:00'), by: okafor, from: 1, to: 2, reason: 'Smaller than I thought' },
      step(1, '10:01:00', onCall, '11:01:00'),
    ],
    now: time('10:01:30'),
    when: says(singh, 'acknowledge', { revision: 1 }),
    then: [],
    effects: [],
    answer: 'stale',
  },
  {
    name: 'one that nobody has judged can’t be taken',
    given: asked,
    now: time('10:01:00'),
    when: says(singh, 'acknowledge'),
    then: [],
    effects: [],
    answer: 'invalid',
    says: 'has not been sent',
  },
  {
    name: 'taken and read back with the right number: the record gets it, and for category 1 the conversation is asked for',
    given: acknowledged,
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('00 48813')),
    then: [
      { type: 'readBack', identifier: 'record-number', action: 'chest drain now' },
      { type: 'conversationAsked', until: time('10:08:00') },
    ],
    effects: ['tellPerson dr-okafor was-read-back', ...recorded, 'showCard', 'wake window 10:08:00'],
    answer: 'won',
    says: 'Speak now with',
  },
  {
    name: 'the accession number does as well, and reading back at once takes it too',
    given: sent,
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('acc7719001')),
    then: [{ type: 'acknowledged', by: singh }, { type: 'readBack', identifier: 'accession' }, { type: 'conversationAsked' }],
    effects: ['tellPerson dr-okafor was-read-back', ...recorded, 'showCard', 'wake window 10:08:00'],
    answer: 'won',
  },
  {
    name: 'a read-back with a wrong number takes nothing and names the radiologist’s number',
    given: sent,
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('0048814')),
    then: [{ type: 'identifierWrong', by: singh }],
    effects: [],
    answer: 'invalid',
    says: '4701',
  },
  {
    name: 'a read-back without the finding and what will be done is none',
    given: acknowledged,
    now: time('10:03:00'),
    when: says(singh, 'read-back', { fields: { identifier: '0048813' } }),
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: 'a read-back that does not come calls the next level',
    given: acknowledged,
    now: time('10:07:00'),
    when: windowOver(acknowledged),
    then: [
      { type: 'readBackOverdue', by: singh },
      { type: 'stepTaken', level: 2, because: 'read-back-overdue', until: time('10:12:00') },
    ],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), ...call(singh, 'repeat'), 'tellPerson dr-singh read-back-overdue', 'tellPerson dr-singh earlier', 'showCard', handOff, 'wake window 10:12:00'], // prettier-ignore
  },
  {
    name: 'whoever was told that somebody has it is called again when that lapses',
    given: [...atSecond, takenAt('10:06:00', '10:11:00', brandt)],
    now: time('10:11:00'),
    when: windowOver([...atSecond, takenAt('10:06:00', '10:11:00', brandt)]),
    then: [
      { type: 'readBackOverdue', by: brandt },
      { type: 'stepTaken', level: 3, because: 'read-back-overdue' },
    ],
    effects: [
      ...[adler, lindqvist, reyes].flatMap((one) => call(one, 'alert')),
      ...[singh, moreau, brandt].flatMap((one) => call(one, 'repeat')),
      ...['tellPerson dr-brandt read-back-overdue', 'tellPerson dr-brandt earlier', 'showCard', handOff, 'wake window 10:16:00'],
    ],
  },
  {
    name: 'whoever let the read-back lapse can still read it back',
    given: [...acknowledged, { type: 'readBackOverdue', ...at('10:07:00'), by: singh }, step(2, '10:07:00', second, '10:12:00')],
    now: time('10:08:00'),
    when: says(singh, 'read-back', readBackOf('0048813')),
    then: [{ type: 'acknowledged', by: singh }, { type: 'readBack' }, { type: 'conversationAsked' }],
    effects: ['tellPerson dr-okafor was-read-back', ...recorded, 'showCard', 'wake window 10:13:00'],
    answer: 'won',
  },
  {
    name: 'whoever took it and can’t do it hands it on',
    given: acknowledged,
    now: time('10:03:00'),
    when: says(singh, 'decline-alert', { text: 'Called to theatre' }),
    then: [
      { type: 'declined', by: singh },
      { type: 'stepTaken', level: 2, because: 'declined', until: time('10:08:00') },
    ],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), ...call(singh, 'repeat'), 'showCard', handOff, 'wake window 10:08:00'],
    answer: 'won',
  },
  {
    name: 'category 1 is closed by the conversation',
    given: readBack,
    now: time('10:04:00'),
    when: says(okafor, 'record-call', { fields: { when: '10:03' } }),
    then: [{ type: 'conversationRecorded', by: okafor, with: singh.name, when: time('10:03:00') }, { type: 'alertClosed' }],
    effects: ['showCard', 'forget window'],
    answer: 'won',
  },
  {
    name: 'the conversation names who spoke, where that is not who records it',
    given: readBack,
    now: time('10:04:00'),
    when: says(reyes, 'record-call', { fields: { spoke: 'Maja Lindqvist', when: '10:03' } }),
    then: [{ type: 'conversationRecorded', by: reyes, spoke: 'Maja Lindqvist', with: singh.name, when: time('10:03:00') }, { type: 'alertClosed' }],
    effects: ['showCard', 'forget window'],
    answer: 'won',
  },
  {
    name: 'a conversation that nobody has recorded is asked for again',
    given: readBack,
    now: time('10:08:00'),
    when: windowOver(readBack),
    then: [{ type: 'conversationAsked', until: time('10:13:00') }],
    effects: [...call(okafor, 'conversation-due'), ...call(reyes, 'conversation-due'), 'wake window 10:13:00'],
  },
  {
    name: 'category 2 is closed by the form',
    given: [...category2, { ...takenAt('10:02:00', '10:17:00') }],
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('0048813')),
    then: [{ type: 'readBack' }, { type: 'alertClosed' }],
    effects: ['tellPerson dr-okafor was-read-back', ...recorded, 'showCard', 'forget window'],
    answer: 'won',
    says: 'is closed',
  },
  {
    name: 'sent by a coordinator: whoever declared it sees what was read back, and whoever sent it',
    given: [...sentByCoordinator, takenAt('10:02:00', '10:17:00')],
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('0048813')),
    then: [{ type: 'readBack' }, { type: 'alertClosed' }],
    effects: ['tellPerson c-reyes was-read-back', 'tellPerson dr-okafor was-read-back', ...recorded, 'showCard', 'forget window'],
    answer: 'won',
  },
  {
    name: 'sent by a coordinator: whoever declared it says that it is not what they said',
    given: [...sentByCoordinator, takenAt('10:02:00', '10:17:00'), readBackFact, { type: 'alertClosed', ...at('10:03:00') }],
    now: time('10:04:00'),
    when: says(okafor, 'not-what-i-said', { text: 'Left, not right' }),
    then: [
      { type: 'disputed', by: okafor },
      { type: 'stepTaken', level: 2, because: 'reopened' },
    ],
    effects: [
      ...[moreau, brandt].flatMap((one) => call(one, 'alert', one === brandt ? ['email'] : [])),
      ...[...call(singh, 'repeat', ['pager']), ...call(singh, 'disputed', ['pager']), 'tellPerson dr-singh earlier'],
      ...[...stopped, 'showCard', handOff, 'wake window 11:04:00'],
    ],
    answer: 'won',
  },
  {
    name: 'sent by a coordinator: a wrong number names that of the radiologist who declared it',
    given: sentByCoordinator,
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('0048814')),
    then: [{ type: 'identifierWrong', by: singh }],
    effects: [],
    answer: 'invalid',
    says: '4701',
  },
  {
    name: 'of a report’s finding that a coordinator sent no radiologist has said it: a wrong number names that of the reading room',
    given: [{ ...raised, finding: { ...finding, category: 2 } }, ...sentByCoordinator.slice(1)],
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('0048814')),
    then: [{ type: 'identifierWrong', by: singh }],
    effects: [],
    answer: 'invalid',
    says: '4700',
  },
  {
    name: 'a conversation that nobody has recorded is asked for of whoever wrote it too',
    given: [drafted, { ...released, by: lindqvist }, ...readBack.slice(2)],
    now: time('10:08:00'),
    when: windowOver(readBack),
    then: [{ type: 'conversationAsked' }],
    effects: [...[lindqvist, okafor, reyes].flatMap((one) => call(one, 'conversation-due')), 'wake window 10:13:00'],
  },
  {
    name: 'a coordinator who phoned records it with both names, and who was told is told so',
    given: atFailsafe,
    now: time('10:16:00'),
    when: says(reyes, 'record-call', { to: singh, text: 'pneumothorax left, drain now', fields: { when: '10:15' } }),
    then: [
      { type: 'acknowledged', by: singh, via: 'phone', recordedBy: reyes },
      { type: 'readBack', by: singh, via: 'phone', recordedBy: reyes, identifier: 'by-phone' },
      { type: 'conversationRecorded', by: reyes, with: singh.name, when: time('10:15:00') },
      { type: 'alertClosed' },
    ],
    effects: [
      ...['tellPerson dr-okafor was-read-back', ...recorded, 'showCard', 'forget window', ...call(singh, 'phoned')],
      ...[moreau, brandt, adler, lindqvist, reyes].map((one) => `tellPerson ${one.id} taken`),
    ],
    answer: 'won',
  },
  {
    name: 'nobody who was not called can be recorded as who took a call',
    given: sent,
    now: time('10:02:00'),
    when: says(reyes, 'record-call', { to: haas, text: 'said back' }),
    then: [],
    effects: [],
    answer: 'invalid',
    says: 'was not called',
  },
  {
    name: 'a coordinator who was called is not recorded as who took it, least of all by themselves',
    given: atThird,
    now: time('10:12:00'),
    when: says(reyes, 'record-call', { to: reyes, text: 'said back' }),
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: '"that was not me" opens a phoned one again and calls the next level',
    given: [...sent, { ...takenAt('10:02:00', '10:02:00'), via: 'phone', recordedBy: reyes }, { ...readBackFact, via: 'phone', recordedBy: reyes }, { type: 'conversationRecorded', ...at('10:02:00'), by: reyes, with: singh.name, when: '10:02' }, { type: 'alertClosed', ...at('10:02:00') }], // prettier-ignore
    now: time('10:05:00'),
    when: says(singh, 'not-me'),
    then: [
      { type: 'disputed', by: singh, what: 'not-me' },
      { type: 'stepTaken', level: 2, because: 'reopened' },
    ],
    effects: [...stopped, ...call(moreau, 'alert'), ...call(brandt, 'alert'), ...call(singh, 'repeat'), 'showCard', handOff, 'wake window 10:10:00'],
    answer: 'won',
  },
  {
    name: '"that was not me" is said by nobody else',
    given: closed,
    now: time('10:05:00'),
    when: says(moreau, 'not-me'),
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: '"not what I said" opens a closed one again; who read it back is told',
    given: closed,
    now: time('10:05:00'),
    when: says(okafor, 'not-what-i-said', { text: 'I said the left side, not the right' }),
    then: [
      { type: 'disputed', what: 'not-what-i-said' },
      { type: 'stepTaken', level: 2, because: 'reopened', until: time('10:10:00') },
    ],
    effects: [
      ...stopped,
      ...call(moreau, 'alert'),
      ...call(brandt, 'alert'),
      ...call(singh, 'repeat'),
      ...call(singh, 'disputed'),
      'tellPerson dr-singh earlier',
      'showCard',
      handOff,
      'wake window 10:10:00',
    ],
    answer: 'won',
  },
  {
    name: 'contested after it was closed, and nobody left to call: the switchboard has it at once',
    given: [...atThird, takenAt('10:11:00', '10:16:00', adler), { ...readBackFact, by: adler }, { type: 'alertClosed', ...at('10:12:00') }],
    now: time('10:13:00'),
    when: says(okafor, 'not-what-i-said', { text: 'No' }),
    then: [{ type: 'disputed' }, { type: 'failsafeReached', because: 'reopened', until: time('10:18:00') }],
    effects: [
      ...stopped,
      ...failsafe('failsafe'),
      ...everybodyAgain,
      ...call(adler, 'disputed'),
      'tellPerson dr-adler earlier',
      'tellPerson dr-okafor untaken',
      handOff,
      'wake window 10:18:00',
    ],
    answer: 'won',
  },
  {
    name: 'a clinician who has the patient before them takes over with a reason; the clock goes on, and who was called is told',
    given: sent,
    now: time('10:02:00'),
    when: says(haas, 'take-over', { text: 'The patient is with me in the resuscitation room' }),
    then: [{ type: 'takenOver', by: haas }],
    effects: ['tellPerson dr-haas alert', 'tellPerson dr-singh taken-over', 'showCard'],
    answer: 'won',
    says: 'the clock goes on',
  },
  {
    name: 'nobody on any level: the switchboard on screen, by telephone and on paper, and everybody once more',
    given: atThird,
    now: time('10:15:20'),
    when: windowOver(atThird),
    then: [{ type: 'failsafeReached', because: 'time', until: time('10:20:20') }],
    effects: [...failsafe('failsafe'), ...everybodyAgain, 'tellPerson dr-okafor untaken', handOff, 'wake window 10:20:20'],
  },
  {
    name: 'a print is no person: nobody has taken it in hand, so it is all repeated every five minutes',
    given: [...atFailsafe, { type: 'wasPaged', ...at('10:15:25'), channel: 'print', to: 'SWITCHBOARD', note: 'failsafe' }],
    now: time('10:20:20'),
    when: windowOver(atFailsafe),
    then: [{ type: 'failsafeRepeated', n: 1, until: time('10:25:20') }],
    effects: [...failsafe('failsafe-again'), ...everybodyAgain, 'tellPerson dr-okafor untaken', 'wake window 10:25:20'],
  },
  {
    name: 'category 2 at the failsafe: everybody in every way that they have, also those that its levels do not use, and again every five minutes',
    given: category2AtFailsafe,
    now: time('12:50:20'),
    when: windowOver(category2AtFailsafe),
    then: [{ type: 'failsafeRepeated', n: 1, until: time('12:55:20') }],
    effects: [...failsafe('failsafe-again'), ...everybodyAgain, 'tellPerson dr-okafor untaken', 'wake window 12:55:20'],
  },
  {
    name: 'category 2 of a patient in the emergency department goes by the row for such patients: half an hour a level',
    given: [{ ...drafted, about: { ...about, patientClass: 'E' }, finding: { ...finding, category: 2 } }],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 1, until: time('10:30:20') }],
    effects: [...call(singh, 'alert', ['pager']), 'showCard', handOff, 'wake window 10:30:20'],
    answer: 'won',
  },
  {
    name: 'the row for a class of finding counts before the one for a class of patient, with its windows and its ways',
    given: [{ ...drafted, about: { ...about, patientClass: 'E' }, finding: { ...finding, classId: 'appendicitis', category: 2 } }],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 1, until: time('10:20:20') }],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake window 10:20:20'],
    answer: 'won',
  },
  {
    name: 'a repeat is a message of its own, that is noticed; of the one before it a line is left once it has come',
    given: failsafeNoted,
    now: time('10:20:20'),
    when: windowOver(failsafeNoted),
    then: [{ type: 'failsafeRepeated', n: 1 }],
    effects: [
      ...[...failsafe('failsafe-again'), ...everybodyAgain, 'tellPerson dr-okafor untaken', 'wake window 10:25:20'],
      ...[tamm, singh, moreau, brandt, adler, lindqvist, reyes, okafor].map((one) => `tellPerson ${one.id} earlier`),
    ],
  },
  {
    name: 'taken in hand: every message about it says by whom, and nobody gets a new one',
    given: failsafeNoted,
    now: time('10:17:00'),
    when: says(tamm, 'take-failsafe'),
    then: [{ type: 'failsafeTaken', by: tamm }],
    effects: [
      ...['showCard', 'wake window 10:27:00'],
      ...[tamm, singh, moreau, brandt, adler, lindqvist, reyes, okafor].map((one) => `tellPerson ${one.id} now`),
    ],
    answer: 'won',
  },
  {
    name: 'an edit that Teams does not take for good is no call that failed',
    given: sentNoted,
    now: time('10:06:00'),
    when: { type: 'effectFailed', kind: 'tellPerson', message: 'now', code: 'refused', detail: 'the connector answered 400', person: singh.id },
    then: [],
    effects: [],
  },
  {
    name: 'an operator takes it in hand: it rests for ten minutes',
    given: atFailsafe,
    now: time('10:17:00'),
    when: says(tamm, 'take-failsafe'),
    then: [{ type: 'failsafeTaken', by: tamm, until: time('10:27:00') }],
    effects: ['showCard', 'wake window 10:27:00'],
    answer: 'won',
  },
  {
    name: 'taken in hand is not acknowledged: after its rest it sounds again',
    given: inHand,
    now: time('10:27:00'),
    when: windowOver(inHand),
    then: [{ type: 'failsafeRepeated', n: 1, until: time('10:32:00') }],
    effects: [...failsafe('failsafe-again'), ...everybodyAgain, 'tellPerson dr-okafor untaken', 'wake window 10:32:00'],
  },
  {
    name: 'two operators: the second is told who has it in hand',
    given: inHand,
    now: time('10:18:00'),
    when: says(reyes, 'take-failsafe'),
    then: [],
    effects: [],
    answer: 'already',
    says: 'Siiri Tamm has',
  },
  {
    name: 'an operator records an attempt, which stops nothing',
    given: inHand,
    now: time('10:18:00'),
    when: says(tamm, 'record-attempt', { text: 'No answer on 4711', fields: { to: 'Dr Singh' } }),
    then: [{ type: 'attemptRecorded', by: tamm, to: 'Dr Singh' }],
    effects: ['showCard'],
    answer: 'noted',
  },
  {
    name: 'one of many who hands it on at the failsafe does not take it out of the operator’s hands',
    given: inHand,
    now: time('10:18:00'),
    when: says(moreau, 'decline-alert', { text: 'Off duty' }),
    then: [{ type: 'declined', by: moreau }],
    effects: ['showCard'],
    answer: 'won',
  },
  {
    name: 'a repeat that reached whom it had reached before is no further line of the record',
    given: [...atFailsafe, { type: 'wasTold', ...at('10:15:22'), person: singh.id, note: 'repeat' }],
    now: time('10:20:25'),
    when: { type: 'personTold', person: singh.id, note: 'repeat', revision: 1 },
    then: [],
    effects: [],
  },
  {
    name: 'withdrawn: whoever was called is told so in the ways of before, until they have said that they have seen it',
    given: sent,
    now: time('10:03:00'),
    when: says(okafor, 'withdraw-critical', { text: 'Images of another patient', fields: { kind: 'wrong-patient' } }),
    then: [{ type: 'withdrawn', why: 'wrong-patient', unseen: [singh.id], until: time('10:08:00') }],
    effects: [...call(singh, 'withdrawn'), 'showCard', 'wake window 10:08:00'],
    answer: 'won',
  },
  {
    name: 'withdrawn before any word came back of what was sent: it may have been read, so they are told all the same',
    given: [drafted, released, step(1, '10:00:20', onCall, '10:05:20')],
    now: time('10:00:22'),
    when: says(okafor, 'withdraw-critical', { text: 'Wrong patient', fields: { kind: 'wrong-patient' } }),
    then: [{ type: 'withdrawn', unseen: [singh.id] }],
    effects: [...call(singh, 'withdrawn'), 'showCard', 'wake window 10:05:22'],
    answer: 'won',
  },
  {
    name: 'the wrong patient is found out after it was closed: it is withdrawn all the same, and the hospital’s record is told so',
    given: closed,
    now: time('11:00:00'),
    when: says(okafor, 'withdraw-critical', { text: 'Wrong patient', fields: { kind: 'wrong-patient' } }),
    then: [{ type: 'withdrawn', unseen: [singh.id], until: time('11:05:00') }],
    effects: [...stopped, ...call(singh, 'withdrawn'), 'showCard', ...recorded, 'wake window 11:05:00'],
    answer: 'won',
  },
  {
    name: 'withdrawn when it was open again: the record had been told of the first read-back, so it is told of this too',
    given: [
      ...closed,
      { type: 'disputed', ...at('10:05:00'), by: okafor, what: 'not-what-i-said', text: 'No' },
      step(2, '10:05:00', second, '10:10:00'),
    ],
    now: time('10:06:00'),
    when: says(okafor, 'withdraw-critical', { text: 'An old finding', fields: { kind: 'withdrawn' } }),
    then: [{ type: 'withdrawn', unseen: [singh.id, moreau.id, brandt.id] }],
    effects: [...[singh, moreau, brandt].flatMap((one) => call(one, 'withdrawn')), 'showCard', ...recorded, 'wake window 10:11:00'],
    answer: 'won',
  },
  {
    name: 'what took it, and when, stands on the record of the alert',
    given: closed,
    now: time('10:04:05'),
    when: { type: 'effectDelivered', kind: 'writeFhir', message: 'Communication', controlId: '', ack: '' },
    then: [{ type: 'resultSent', what: 'Communication' }],
    effects: [],
  },
  {
    name: 'what the hospital’s record does not take is told to who sent it and to the coordinators, who write it there by hand',
    given: closed,
    now: time('10:04:05'),
    when: { type: 'effectFailed', kind: 'sendHl7', message: 'critical-document', code: 'refused', detail: 'The receiver answered AR' },
    then: [{ type: 'resultNotSent', what: 'critical-document', code: 'refused' }],
    effects: ['tellPerson dr-okafor not-recorded', 'tellPerson c-reyes not-recorded'],
  },
  {
    name: 'withdrawn at the failsafe: the switchboard, the coordinators and the printer hear it too, and who is a person is waited for',
    given: atFailsafe,
    now: time('10:16:00'),
    when: says(okafor, 'withdraw-critical', { text: 'An old finding', fields: {} }),
    then: [{ type: 'withdrawn', why: 'withdrawn', unseen: [singh.id, moreau.id, brandt.id, adler.id, lindqvist.id, reyes.id, tamm.id] }],
    effects: [
      ...[singh, moreau, brandt, adler, lindqvist, reyes, tamm].flatMap((one) => call(one, 'withdrawn')),
      ...['page print SWITCHBOARD withdrawn', 'showCard', 'wake window 10:21:00'],
    ],
    answer: 'won',
  },
  {
    name: 'who has not seen a withdrawal is told again',
    given: withdrawn,
    now: time('10:08:00'),
    when: windowOver(withdrawn),
    then: [{ type: 'withdrawalRepeated', until: time('10:13:00') }],
    effects: [...call(singh, 'withdrawn'), 'showCard', 'wake window 10:13:00'],
  },
  {
    name: 'when the last one has seen it, it is over',
    given: withdrawn,
    now: time('10:06:00'),
    when: says(singh, 'seen', { revision: 2 }),
    then: [{ type: 'withdrawalSeen', by: singh }],
    effects: ['showCard', 'forget window'],
    answer: 'noted',
  },
  {
    name: 'a card of before, whose button said "I take it", says of what was withdrawn that it was seen',
    given: withdrawn,
    now: time('10:06:00'),
    when: says(singh, 'acknowledge', { revision: 2 }),
    then: [{ type: 'withdrawalSeen', by: singh }],
    effects: ['showCard', 'forget window'],
    answer: 'noted',
  },
  {
    name: 'a recorded call takes nothing that was withdrawn: it says, with both names, that who was told knows it, and they are told so',
    given: withdrawn,
    now: time('10:06:00'),
    when: says(reyes, 'record-call', { revision: 2, to: singh, text: 'said back' }),
    then: [{ type: 'withdrawalSeen', by: singh, recordedBy: reyes }],
    effects: ['showCard', 'tellPerson dr-singh phoned-seen', 'forget window'],
    answer: 'noted',
  },
  {
    name: 'nobody is recorded to have seen a withdrawal who was not told of it',
    given: withdrawn,
    now: time('10:06:00'),
    when: says(reyes, 'record-call', { revision: 2, to: haas }),
    then: [],
    effects: [],
    answer: 'invalid',
    says: 'is not waited for',
  },
  {
    name: 'who was not told by telephone after all is waited for again',
    given: [...withdrawn, { type: 'withdrawalSeen', ...at('10:06:00'), by: singh, recordedBy: reyes }],
    now: time('10:07:00'),
    when: says(singh, 'not-me', { revision: 2 }),
    then: [{ type: 'seenDisputed', by: singh, remindAt: time('10:12:00') }],
    effects: ['showCard', 'wake window 10:12:00'],
    answer: 'won',
  },
  {
    name: 'who was told and does not take it says that they saw the change: it acknowledges nothing, and nobody is called for it',
    given: changed,
    now: time('10:07:00'),
    when: says(moreau, 'seen', { revision: 2 }),
    then: [{ type: 'changeSeen', by: moreau, recordedBy: null }],
    effects: ['showCard'],
    answer: 'noted',
    says: 'acknowledges nothing else',
  },
  {
    name: 'that somebody saw an older version is not that they saw this one',
    given: changed,
    now: time('10:07:00'),
    when: says(moreau, 'seen'),
    then: [],
    effects: [],
    answer: 'stale',
  },
  {
    name: 'who takes it after the change has seen it by that',
    given: changed,
    now: time('10:07:00'),
    when: says(singh, 'acknowledge', { revision: 2 }),
    then: [{ type: 'acknowledged', by: singh, revision: 2 }],
    effects: ['showCard', 'tellPerson dr-moreau taken', 'tellPerson dr-brandt taken', 'wake window 10:22:00'],
    answer: 'won',
  },
  {
    name: 'closed, and somebody who was told has not seen the change: they are reminded in the ways of before, and nobody is called again',
    given: changedAndClosed,
    now: time('10:21:00'),
    when: { type: 'deadlinePassed', name: 'seen', epoch: 1 },
    then: [{ type: 'changeRepeated', remindAt: time('10:26:00') }],
    effects: ['tellPerson dr-moreau changed', ...call(brandt, 'changed'), 'showCard', 'wake seen 10:26:00'],
  },
  {
    name: 'a reminder of before the last one changes nothing',
    given: [...changedAndClosed, { type: 'changeRepeated', ...at('10:21:00'), remindAt: time('10:36:00') }],
    now: time('10:22:00'),
    when: { type: 'deadlinePassed', name: 'seen', epoch: 1 },
    then: [],
    effects: [],
  },
  {
    name: 'when everybody has seen it, one of them by a recorded call, it is no longer listed',
    given: [...changedAndClosed, { type: 'changeSeen', ...at('10:22:00'), by: moreau, recordedBy: null }],
    now: time('10:23:00'),
    when: says(reyes, 'record-call', { revision: 2, to: brandt }),
    then: [{ type: 'changeSeen', by: brandt, recordedBy: reyes }],
    effects: ['showCard', 'tellPerson dr-brandt phoned-seen', 'forget seen'],
    answer: 'noted',
  },
  {
    name: 'withdrawn after a change: who had not seen that is waited for once, for the withdrawal',
    given: changed,
    now: time('10:08:00'),
    when: says(okafor, 'withdraw-critical', { revision: 2, text: 'An old finding', fields: {} }),
    then: [{ type: 'withdrawn', unseen: [singh.id, moreau.id, brandt.id] }],
    effects: [
      ...call(singh, 'withdrawn', ['pager']),
      'tellPerson dr-moreau withdrawn',
      ...call(brandt, 'withdrawn'),
      'showCard',
      'forget seen',
      'wake window 10:13:00',
    ],
    answer: 'won',
  },
  {
    name: 'lowered after it was taken: it is another thing, so it is told again, in the ways of before, and has to be taken anew',
    given: acknowledged,
    now: time('10:03:00'),
    when: says(okafor, 'recategorise', { text: 'Small, not under tension', fields: { category: '2' } }),
    then: [
      { type: 'recategorised', from: 1, to: 2, unseen: [singh.id], remindAt: time('10:08:00') },
      { type: 'stepTaken', level: 1, because: 'raised', until: time('11:03:00') },
    ],
    effects: [...call(singh, 'alert', ['pager']), 'showCard', handOff, 'wake seen 10:08:00', 'wake window 11:03:00'],
    answer: 'won',
  },
  {
    name: 'raised at the second level: both levels are called again, and the window is that of the new category',
    given: [...category2, step(2, '11:00:20', second, '12:00:20'), ...told(moreau.id, brandt.id)],
    now: time('11:30:00'),
    when: says(okafor, 'recategorise', { text: 'Perforated', fields: { category: '1' } }),
    then: [
      { type: 'recategorised', from: 2, to: 1 },
      { type: 'stepTaken', level: 2, because: 'raised', until: time('11:35:00') },
    ],
    effects: [...[singh, moreau, brandt].flatMap((one) => call(one, 'alert')), 'showCard', handOff, 'wake seen 11:35:00', 'wake window 11:35:00'],
    answer: 'won',
  },
  {
    name: 'another category at the failsafe stays there: everybody is called with the new one',
    given: inHand,
    now: time('10:18:00'),
    when: says(okafor, 'recategorise', { text: 'Smaller', fields: { category: '2' } }),
    then: [{ type: 'recategorised' }, { type: 'failsafeReached', because: 'raised', until: time('10:23:00') }],
    effects: [
      ...[...call(tamm, 'failsafe'), 'page print SWITCHBOARD failsafe', ...call(singh, 'repeat'), ...call(moreau, 'repeat')],
      ...[
        ...call(brandt, 'repeat'),
        'tellPerson dr-adler repeat',
        ...call(lindqvist, 'repeat'),
        ...call(reyes, 'repeat'),
        'tellPerson dr-okafor untaken',
      ],
      ...['showCard', handOff, 'wake seen 10:23:00', 'wake window 10:23:00'],
    ],
    answer: 'won',
  },
  {
    name: 'the patient’s record is merged with another: who took it is told again, and the number in use is right as well',
    given: acknowledged,
    now: time('10:03:00'),
    when: { type: 'patientMerged', trigger: 'A40', rawHash: 'x', sendingApplication: 'ADT', sendingFacility: 'H', messageTime: null, receivedAt: time('10:03:00'), quality: [], surviving: { ...about.patient, id: '990', identifiers: [{ id: '990', assigner: 'MRN', type: 'MR' }] }, prior: [{ id: '0048813', assigner: 'MRN', type: 'MR' }], sortTime: null }, // prettier-ignore
    then: [{ type: 'patientJoined' }, { type: 'stepTaken', level: 1, because: 'merged', until: time('10:08:00') }],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake seen 10:08:00', 'wake window 10:08:00'],
  },
  {
    name: 'the patient is moved (A02): the on call of the new ward is called at once, and who was called before may still take it',
    given: sent,
    now: time('10:02:00'),
    when: movedTo('ED', 'I', null, '10:02:00'),
    then: [
      { type: 'patientMoved', patientClass: 'I' },
      { type: 'incomingTold', because: 'moved', reached: [{ person: haas.id, as: 'on-call-1', service: 'emergency' }] },
    ],
    effects: [...call(haas, 'alert'), 'showCard', handOff],
  },
  {
    name: 'a patient of the emergency department is admitted (A01): the first on call of the ward is called at once, and the window goes on',
    given: inEmergency,
    now: time('10:03:00'),
    when: movedTo('W3', 'I', true, '10:03:00'),
    then: [{ type: 'patientMoved' }, { type: 'incomingTold', because: 'moved', reached: onCall }],
    effects: [...call(singh, 'alert'), 'showCard', handOff],
  },
  {
    name: 'after an admission the next step is the second level of the ward',
    given: [...inEmergency, admitted, { type: 'incomingTold', ...at('10:03:00'), reached: onCall, because: 'moved' }],
    now: time('10:05:20'),
    when: windowOver(inEmergency),
    then: [{ type: 'stepTaken', level: 2, reached: second }],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'a move to a ward whose on call has every way failed: the next level is called at once, whoever was called before',
    given: [
      ...inEmergency,
      admitted,
      { type: 'incomingTold', ...at('10:03:00'), reached: onCall, because: 'moved' },
      ...(['chat', 'pager'] as const).map((channel): Fact => ({ type: 'notReached', ...at('10:03:01'), channel, to: singh.id, note: 'alert', code: 'gone' })), // prettier-ignore
      { type: 'notReached', ...at('10:03:02'), channel: 'chat', to: haas.id, note: 'alert', code: 'gone' },
    ],
    now: time('10:03:03'),
    when: { type: 'effectFailed', kind: 'page', message: 'alert', code: 'gone', detail: 'gone', channel: 'sms', to: singh.id },
    then: [{ type: 'notReached' }, { type: 'stepTaken', level: 2, because: 'not-reached', reached: second }],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:08:03'],
  },
  {
    name: 'a move of which nobody was told, as in releases before this one: the first on call of the ward is called with the next step',
    given: [...inEmergency, admitted],
    now: time('10:05:20'),
    when: windowOver(inEmergency),
    then: [{ type: 'stepTaken', level: 2, reached: [...second, ...onCall] }],
    effects: [...[moreau, brandt, singh].flatMap((one) => call(one, 'alert')), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'at the failsafe whoever stands on any level by then is called with everybody else',
    given: [...inEmergency, step(3, '10:10:20', third.slice(1), '10:15:20'), admitted],
    now: time('10:15:20'),
    when: windowOver([...inEmergency, step(3, '10:10:20', third.slice(1), '10:15:20')]),
    then: [
      { type: 'incomingTold', reached: [...onCall, ...second, ...third.slice(0, 1)] },
      { type: 'failsafeReached', because: 'time' },
    ],
    effects: [
      ...[...failsafe('failsafe'), 'tellPerson dr-okafor untaken', handOff, 'wake window 10:20:20'],
      ...[haas, lindqvist, reyes, singh, moreau, brandt, adler].flatMap((one) => call(one, 'repeat')),
    ],
  },
  {
    name: 'a patient who is moved while the switchboard has it in hand: the on call of the new ward is called at once',
    given: inHand,
    now: time('10:18:00'),
    when: movedTo('ED', 'I', true, '10:18:00'),
    then: [{ type: 'patientMoved' }, { type: 'incomingTold', reached: [{ person: haas.id, as: 'on-call-1', service: 'emergency' }] }],
    effects: [...call(haas, 'alert'), 'showCard', handOff],
  },
  {
    name: 'a patient who is moved when somebody has taken it: nobody is called for that',
    given: acknowledged,
    now: time('10:03:00'),
    when: movedTo('ED', 'I', true, '10:03:00'),
    then: [{ type: 'patientMoved' }],
    effects: [handOff],
  },
  {
    name: 'a patient who is moved before it was sent: nobody is told of it',
    given: [drafted],
    now: time('10:00:10'),
    when: movedTo('ED', 'I', true, '10:00:10'),
    then: [{ type: 'patientMoved' }],
    effects: [],
  },
  {
    name: 'a patient who is discharged (A03) in office hours: the orderer, who is the first to be called then, is called at once',
    given: sent,
    now: time('10:02:00'),
    when: { ...movedTo('W3', 'I', false, '10:02:00'), location: null, patientClass: null },
    then: [{ type: 'patientMoved', present: false }, { type: 'incomingTold', because: 'moved', reached: [{ person: brandt.id, as: 'orderer', service: null }] }], // prettier-ignore
    effects: [...call(brandt, 'alert'), 'showCard', 'forget hand-off'],
  },
  {
    name: 'a move to a ward that no service has: whoever ordered it is called at once, and the on call of the ward before may still take it',
    given: sent,
    now: time('10:02:00'),
    when: movedTo('X9', 'I', true, '10:02:00'),
    then: [{ type: 'patientMoved' }, { type: 'incomingTold', reached: [{ person: brandt.id, as: 'orderer', service: null }] }],
    effects: [...call(brandt, 'alert'), 'showCard', handOff],
  },
  {
    name: 'after a move to a ward without a second on call the attending is called',
    given: [
      ...sent,
      {
        type: 'patientMoved',
        ...at('10:02:00'),
        location: { pointOfCare: 'W7', room: '', bed: '', facility: '' },
        patientClass: 'I',
        asOf: time('10:02:00'),
        present: true,
      },
    ],
    now: time('10:05:20'),
    when: windowOver(sent),
    then: [
      {
        type: 'stepTaken',
        level: 2,
        reached: [{ person: brandt.id, as: 'attending', service: null }],
        skipped: [{ level: 2, as: 'on-call-2', why: 'nobody' }],
      },
    ],
    effects: [...call(brandt, 'alert'), 'showCard', 'forget hand-off', 'wake window 10:10:20'],
  },
  {
    name: 'at the attending’s level whoever attends the patient is called, not whoever ordered the exam',
    given: [{ ...drafted, about: attendedBy('P2') }, ...sent.slice(1)],
    now: time('10:05:20'),
    when: windowOver(sent),
    then: [
      {
        type: 'stepTaken',
        level: 2,
        reached: [
          { person: moreau.id, as: 'on-call-2', service: 'neurosurgery' },
          { person: haas.id, as: 'attending', service: null },
        ],
      },
    ],
    effects: [...call(moreau, 'alert'), ...call(haas, 'alert'), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'an attending whom the site does not know leaves whoever ordered the exam at that level',
    given: [{ ...drafted, about: attendedBy('P9') }, ...sent.slice(1)],
    now: time('10:05:20'),
    when: windowOver(sent),
    then: [{ type: 'stepTaken', level: 2, reached: second }],
    effects: [...call(moreau, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'another doctor attends the patient from now on (ADT): the next step is for them',
    given: sent,
    now: time('10:02:00'),
    when: { ...movedTo('W3', 'I', true, '10:02:00'), attending: { id: 'P2', name: 'Haas' } },
    then: [{ type: 'patientMoved', attending: { id: 'P2', name: 'Haas' } }],
    effects: [handOff],
  },
  {
    name: 'a patient who was discharged (A03) is of the outpatient ladder: at its second level the on-call of the service that discharged them',
    given: [...sent, { type: 'patientMoved', ...at('10:02:00'), location: null, patientClass: null, asOf: time('10:02:00'), present: false }],
    now: time('10:05:20'),
    when: windowOver(sent),
    then: [
      {
        type: 'stepTaken',
        level: 2,
        reached: [
          { person: singh.id, as: 'on-call-1', service: 'neurosurgery' },
          { person: moreau.id, as: 'on-call-2', service: 'neurosurgery' },
          { person: brandt.id, as: 'orderer', service: null },
        ],
      },
    ],
    effects: [...[singh, moreau, brandt].flatMap((one) => call(one, 'alert')), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'an older message does not put the patient back into a bed that they have left',
    given: [...sent, { type: 'patientMoved', ...at('10:02:00'), location: null, patientClass: null, asOf: time('10:02:00'), present: false }],
    now: time('10:03:00'),
    when: movedTo('W7', 'I', true, '09:30:00'),
    then: [],
    effects: [],
  },
  {
    name: 'an outpatient in office hours: whoever ordered it',
    given: [{ ...drafted, about: outpatient }],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 1, reached: [{ person: brandt.id, as: 'orderer', service: null }] }],
    effects: [...call(brandt, 'alert'), 'showCard', 'forget hand-off', 'wake window 10:05:20'],
    answer: 'won',
  },
  {
    name: 'an outpatient in the evening whose practice is not known: radiologist on duty and coordinators, who decide about phoning the patient',
    given: [{ ...drafted, about: outpatient }],
    now: time('18:00:00'),
    when: says(okafor, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased' },
      {
        type: 'stepTaken',
        level: 3,
        reached: [
          { person: lindqvist.id, as: 'duty-radiologist', service: 'radiology' },
          { person: reyes.id, as: 'coordinator', service: null },
        ],
      },
    ],
    effects: [...call(lindqvist, 'alert'), ...call(reyes, 'alert'), 'showCard', handOff, 'wake window 18:05:00'],
    answer: 'won',
  },
  {
    name: 'an outpatient in the evening: whoever is on call for the orderer’s practice',
    given: [{ ...drafted, about: ofPractice }],
    now: time('18:00:00'),
    when: says(okafor, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 1, reached: [{ person: moreau.id, as: 'on-call-1', service: 'hill-practice' }] }],
    effects: [...call(moreau, 'alert'), 'showCard', handOff, 'wake window 18:05:00'],
    answer: 'won',
  },
  {
    name: 'an orderer who does not answer in office hours is followed by who is on call for their practice',
    given: orderedThere,
    now: time('10:05:20'),
    when: windowOver(orderedThere),
    then: [
      {
        type: 'stepTaken',
        level: 2,
        reached: [
          { person: moreau.id, as: 'on-call-1', service: 'hill-practice' },
          { person: adler.id, as: 'on-call-2', service: 'hill-practice' },
        ],
      },
    ],
    effects: [...call(moreau, 'alert'), ...call(adler, 'alert'), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'nobody is called for what they declare themselves: the radiologist on duty is left out, the others of that level are not',
    given: [{ ...drafted, by: lindqvist, about: { ...outpatient, orderingProvider: null } }],
    now: time('18:00:00'),
    when: says(lindqvist, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 3, reached: [{ person: reyes.id, as: 'coordinator', service: null }] }],
    effects: [...call(reyes, 'alert'), 'showCard', 'forget hand-off', 'wake window 18:05:00'],
    answer: 'won',
  },
  {
    name: 'a place on which who declared it stands themselves is left out, and not said to be empty',
    given: [{ ...drafted, by: lindqvist }, { ...released, by: lindqvist }, ...sent.slice(2), step(2, '10:05:20', second, '10:10:20')],
    now: time('10:10:20'),
    when: windowOver(atSecond),
    then: [{ type: 'stepTaken', level: 3, skipped: [], reached: [{ person: adler.id, as: 'chief', service: 'neurosurgery' }, { person: reyes.id, as: 'coordinator', service: null }] }], // prettier-ignore
    effects: [...call(adler, 'alert'), ...call(reyes, 'alert'), 'showCard', handOff, 'wake window 10:15:20'],
  },
  {
    name: 'where the patient’s place is too old to be believed, the ward’s on call and whoever ordered it are called, and it is said so',
    given: [
      {
        ...drafted,
        about: {
          ...about,
          location: { at: { pointOfCare: 'W3', room: '', bed: '', facility: '' }, asOf: instant.parse('2026-11-24T10:00:00.000Z') },
        },
      },
    ],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased' },
      {
        type: 'stepTaken',
        level: 1,
        placeUnsure: true,
        reached: [
          { person: singh.id, as: 'on-call-1', service: 'neurosurgery' },
          { person: brandt.id, as: 'orderer', service: null },
        ],
      },
    ],
    effects: [...call(singh, 'alert'), ...call(brandt, 'alert'), 'showCard', handOff, 'wake window 10:05:20'],
    answer: 'won',
  },
  {
    name: 'an inpatient of whom no place is known: who is on call for the orderer’s practice and whoever ordered it, and it is said so',
    given: [{ ...drafted, about: nowhere }],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased' },
      {
        type: 'stepTaken',
        level: 1,
        placeUnsure: true,
        reached: [
          { person: moreau.id, as: 'on-call-1', service: 'hill-practice' },
          { person: haas.id, as: 'orderer', service: null },
        ],
      },
    ],
    effects: [...call(moreau, 'alert'), ...call(haas, 'alert'), 'showCard', handOff, 'wake window 10:05:20'],
    answer: 'won',
  },
  {
    name: 'of an inpatient who is where no service is known the last ward that had them is called too, at every level',
    given: [{ ...drafted, about: { ...nowhere, location: about.location } }, { ...admitted, location: { pointOfCare: 'X9', room: '', bed: '', facility: '' } }, released, step(1, '10:00:20', onCall, '10:05:20')], // prettier-ignore
    now: time('10:05:20'),
    when: windowOver([drafted, released, step(1, '10:00:20', onCall, '10:05:20')]),
    then: [
      {
        type: 'stepTaken',
        level: 2,
        placeUnsure: true,
        reached: [
          { person: moreau.id, as: 'on-call-2', service: 'neurosurgery' },
          { person: adler.id, as: 'on-call-2', service: 'hill-practice' },
          { person: haas.id, as: 'attending', service: null },
        ],
      },
    ],
    effects: [...[moreau, adler, haas].flatMap((one) => call(one, 'alert')), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'at the change of the shift who comes on duty is told, and either may take it',
    given: [drafted, released, step(1, '19:58:00', onCall, '20:03:00'), ...told(singh.id)],
    now: time('20:00:00'),
    when: { type: 'deadlinePassed', name: 'hand-off', epoch: 1 },
    then: [{ type: 'incomingTold', reached: [{ person: haas.id, as: 'on-call-1', service: 'neurosurgery' }] }],
    effects: [...call(haas, 'alert'), 'wake hand-off 08:00:00'],
  },
  {
    name: 'who came on duty takes it, and so could who went off',
    given: [
      drafted,
      released,
      step(1, '19:58:00', onCall, '20:03:00'),
      { type: 'incomingTold', ...at('20:00:00'), reached: [{ person: haas.id, as: 'on-call-1', service: 'neurosurgery' }] },
    ],
    now: time('20:01:00'),
    when: says(haas, 'acknowledge'),
    then: [{ type: 'acknowledged', by: haas }],
    effects: ['showCard', 'wake window 20:06:00'],
    answer: 'won',
  },
  {
    name: 'who comes on duty at a level that was passed is told too',
    given: [drafted, released, step(1, '19:50:00', onCall, '19:55:00'), step(2, '19:55:00', second, '20:02:00')],
    now: time('20:00:00'),
    when: { type: 'deadlinePassed', name: 'hand-off', epoch: 1 },
    then: [{ type: 'incomingTold', reached: [{ person: haas.id, as: 'on-call-1', service: 'neurosurgery' }] }],
    effects: [...call(haas, 'alert'), 'wake hand-off 08:00:00'],
  },
  {
    name: 'a signed report says it: its reader is asked whether it is critical, from when it reached us; nobody outside radiology hears of it',
    given: [],
    now: time('10:00:00'),
    when: { type: 'criticalRaised', about, finding, source: byReport, reader: okafor.id, since: time('09:58:00') },
    then: [
      { type: 'alertRaised', source: byReport },
      { type: 'askedWhether', n: 1, people: [okafor.id], until: time('10:03:00') },
    ],
    effects: [...call(okafor, 'asked'), 'showCard', 'tellCase key', 'wake window 10:03:00'],
  },
  {
    name: 'a model’s positive is put to the radiologist on duty where no reader is known, and the exam is to be read sooner; no clinician hears of it',
    given: [],
    now: time('10:00:00'),
    when: { type: 'criticalRaised', about, finding, source: byModel, reader: null, since: time('10:00:00') },
    then: [
      { type: 'alertRaised', source: byModel },
      { type: 'readingRaised', priority: 'S' },
      { type: 'askedWhether', n: 2, people: [lindqvist.id] },
    ],
    effects: ['sendHl7 reading-priority advice', ...call(lindqvist, 'asked'), 'showCard', 'tellCase key', 'wake window 10:05:00'],
  },
  {
    name: 'a second model that says the same asks nobody again, and the reading list has been told already',
    given: askedByModel,
    now: time('10:02:00'),
    when: {
      type: 'criticalRaised',
      about,
      finding,
      source: { ...byModel, model: 'chest-b', confidence: 0.7 },
      reader: null,
      since: time('10:02:00'),
    },
    then: [{ type: 'sourceJoined', category: 1 }],
    effects: [],
  },
  {
    name: 'a model’s more urgent result has the exam read sooner still, and what is waited for is due sooner',
    given: [
      { ...raised, source: byModel, reader: null, finding: { ...finding, category: 2 } },
      { type: 'readingRaised', ...at('10:00:00'), priority: 'A' },
      askedFact(2, '10:00:00', [lindqvist.id], '11:00:00'),
    ],
    now: time('10:02:00'),
    when: { type: 'criticalRaised', about, finding, source: { ...byModel, version: '3.2' }, reader: null, since: time('10:02:00') },
    then: [
      { type: 'sourceJoined', category: 1, until: time('10:07:00') },
      { type: 'readingRaised', priority: 'S' },
    ],
    effects: ['sendHl7 reading-priority advice', 'wake window 10:07:00'],
  },
  {
    name: 'a model’s positive of what a report has said already changes no reading list: it was read',
    given: asked,
    now: time('10:02:00'),
    when: { type: 'criticalRaised', about, finding, source: byModel, reader: null, since: time('10:02:00') },
    then: [{ type: 'sourceJoined', category: 1 }],
    effects: [],
  },
  {
    name: 'unanswered it is put to the radiologist on duty',
    given: asked,
    now: time('10:05:00'),
    when: windowOver(asked),
    then: [{ type: 'askedWhether', n: 2, people: [lindqvist.id], until: time('10:10:00') }],
    effects: [...call(lindqvist, 'asked'), 'showCard', 'wake window 10:10:00'],
  },
  {
    name: 'then to the coordinators',
    given: [...asked, askedFact(2, '10:05:00', [lindqvist.id], '10:10:00')],
    now: time('10:10:00'),
    when: windowOver([...asked, askedFact(2, '10:05:00', [lindqvist.id], '10:10:00')]),
    then: [{ type: 'askedWhether', n: 3, people: [reyes.id] }],
    effects: [...call(reyes, 'asked'), 'showCard', 'wake window 10:15:00'],
  },
  {
    name: 'then to all of them and on paper, and the switchboard phones the reading room, again and again: it never lapses',
    given: [...asked, askedFact(2, '10:05:00', [lindqvist.id], '10:10:00'), askedFact(3, '10:10:00', [reyes.id], '10:15:00')],
    now: time('10:15:00'),
    when: windowOver([...asked, askedFact(2, '10:05:00', [lindqvist.id], '10:10:00'), askedFact(3, '10:10:00', [reyes.id], '10:15:00')]),
    then: [{ type: 'askedWhether', n: 4, people: [okafor.id, lindqvist.id, reyes.id], until: time('10:20:00') }],
    effects: [
      ...[okafor, lindqvist, reyes].flatMap((one) => call(one, 'still-asked')),
      ...call(tamm, 'phone-reading-room'),
      'page print SWITCHBOARD asked',
      'showCard',
      'wake window 10:20:00',
    ],
  },
  {
    name: 'of category 2 all of them are asked at the end of its windows, as a critical result of that category is with the switchboard then',
    given: asked2,
    now: time('12:00:00'),
    when: windowOver(asked2),
    then: [{ type: 'askedWhether', n: 3, people: [reyes.id], until: time('12:45:00') }],
    effects: [...call(reyes, 'asked'), 'showCard', 'wake window 12:45:00'],
  },
  {
    name: 'a signed report names who read it by the number of their system: whom the site knows as a radiologist is asked first',
    given: [],
    now: time('10:00:00'),
    when: { ...byReportNow, signedBy: ['RIS-9', 'P1', 'R1'] },
    then: [
      { type: 'alertRaised', reader: okafor.id },
      { type: 'askedWhether', n: 1, people: [okafor.id], until: time('10:05:00') },
    ],
    effects: [...call(okafor, 'asked'), 'showCard', 'tellCase key', 'wake window 10:05:00'],
  },
  {
    name: 'a corrected report no longer says what was communicated: who sent it and the radiologist on duty are asked, and nothing is withdrawn',
    given: closedByReport,
    now: time('11:00:00'),
    when: corrected(),
    then: [{ type: 'saidNoLonger', people: [okafor.id, lindqvist.id] }],
    effects: [...call(okafor, 'no-longer-said'), ...call(lindqvist, 'no-longer-said')],
  },
  {
    name: 'a corrected report that no longer says what is only asked: the question goes on, and nobody is told by itself',
    given: [...asked, { type: 'cardPosted', ...at('10:00:05'), revision: 1, posting: inChat }],
    now: time('10:02:00'),
    when: corrected(),
    then: [{ type: 'saidNoLonger', people: [] }],
    effects: ['showCard'],
  },
  {
    name: 'a corrected report that does not say what no report had said asks nobody',
    given: closed,
    now: time('11:00:00'),
    when: corrected(),
    then: [],
    effects: [],
  },
  {
    name: 'a further correction asks nobody again',
    given: [...closedByReport, { type: 'saidNoLonger', ...at('11:00:00'), version: 'ORU-3', people: [okafor.id, lindqvist.id] }],
    now: time('11:10:00'),
    when: { ...corrected(), version: 'ORU-4' },
    then: [],
    effects: [],
  },
  {
    name: '"no" needs a reason',
    given: asked,
    now: time('10:01:00'),
    when: says(okafor, 'not-critical'),
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: '"no" with a name and a reason ends the question',
    given: asked,
    now: time('10:01:00'),
    when: says(okafor, 'not-critical', { text: 'Known since last week, unchanged' }),
    then: [{ type: 'foundNotCritical', by: okafor, reason: 'Known since last week, unchanged' }],
    effects: ['forget window'],
    answer: 'won',
  },
  {
    name: 'after a "no" to a model, a signed report that says it is another question, and its reader is asked first',
    given: [
      { ...raised, source: byModel, reader: null },
      askedFact(2, '10:00:00', [lindqvist.id], '10:05:00'),
      { type: 'foundNotCritical', ...at('10:02:00'), by: lindqvist, reason: 'Skin fold' },
    ],
    now: time('10:30:00'),
    when: { type: 'criticalRaised', about, finding, source: byReport, reader: okafor.id, since: time('10:30:00') },
    then: [
      { type: 'sourceJoined', asksAnew: true },
      { type: 'askedWhether', n: 1, people: [okafor.id] },
    ],
    effects: [...call(okafor, 'asked'), 'showCard', 'wake window 10:35:00'],
  },
  {
    name: 'after a "no" to a report the same words in its next version ask nobody again',
    given: [...asked, { type: 'foundNotCritical', ...at('10:02:00'), by: okafor, reason: 'Known' }],
    now: time('10:30:00'),
    when: { type: 'criticalRaised', about, finding, source: { ...byReport, version: 'ORU-2' }, reader: okafor.id, since: time('10:30:00') },
    then: [{ type: 'sourceJoined' }],
    effects: [],
  },
  {
    name: 'closed, and an amended report says that it is graver: a radiologist is asked, and until they answer nothing of it is undone',
    given: closedAs2,
    now: time('12:30:00'),
    when: amended('12:30:00', 1),
    then: [
      { type: 'sourceJoined', category: 1, asksAnew: true },
      { type: 'askedWhether', n: 2, people: [lindqvist.id], until: time('12:35:00') },
    ],
    effects: [...call(lindqvist, 'asked'), 'showCard', 'wake window 12:35:00'],
  },
  {
    name: 'closed, and an amended report says the same, or less: it joins, and nobody is asked',
    given: closedAs2,
    now: time('12:30:00'),
    when: amended('12:30:00', 2),
    then: [{ type: 'sourceJoined', category: 2 }],
    effects: [],
  },
  {
    name: '"yes" to what was closed: the ladder begins again with the new category, the record’s old version is stopped, and who was told before hears of it',
    given: closedAskedAnew,
    now: time('12:31:00'),
    when: says(lindqvist, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased', category: 1, unseen: [singh.id, moreau.id, brandt.id], remindAt: time('12:36:00') },
      { type: 'stepTaken', level: 1, because: 'released', reached: onCall, until: time('12:36:00') },
    ],
    effects: [
      ...[...stopped, ...call(singh, 'alert'), 'showCard', handOff, ...call(moreau, 'changed'), ...call(brandt, 'changed')],
      ...['wake seen 12:36:00', 'wake window 12:36:00'],
    ],
    answer: 'won',
  },
  {
    name: 'what had been read back before counts for nothing of what was sent since',
    given: [
      ...closedAskedAnew,
      { ...released, ...at('12:31:00'), by: lindqvist, unseen: [singh.id, moreau.id, brandt.id], remindAt: time('12:36:00') },
      step(1, '12:31:00', onCall, '12:36:00'),
    ],
    now: time('12:32:00'),
    when: says(moreau, 'acknowledge'),
    then: [],
    effects: [],
    answer: 'stale',
  },
  {
    name: '"no" to what was closed: it is closed again as it was',
    given: closedAskedAnew,
    now: time('12:31:00'),
    when: says(lindqvist, 'not-critical', { text: 'The report means the old study' }),
    then: [{ type: 'foundNotCritical', by: lindqvist }],
    effects: ['showCard', 'forget window'],
    answer: 'won',
    says: 'again what it was',
  },
  {
    name: 'nobody disputes a read-back while more is asked of it; it can be withdrawn',
    given: closedAskedAnew,
    now: time('12:31:00'),
    when: says(okafor, 'not-what-i-said', { text: 'He said the right side' }),
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: 'withdrawn, and a report says it in other words: it is asked anew, and who has not seen the withdrawal is reminded of that',
    given: withdrawn,
    now: time('10:04:00'),
    when: amended('10:04:00', 1),
    then: [
      { type: 'sourceJoined', asksAnew: true },
      { type: 'askedWhether', n: 2, people: [lindqvist.id], until: time('10:09:00') },
    ],
    effects: [...call(lindqvist, 'asked'), 'showCard', 'wake seen 10:08:00', 'wake window 10:09:00'],
  },
  {
    name: 'who was told by telephone of what is asked anew has seen it by that',
    given: withdrawnAskedAnew,
    now: time('10:05:00'),
    when: says(reyes, 'record-call', { revision: 2, to: singh }),
    then: [{ type: 'changeSeen', by: singh, recordedBy: reyes }],
    effects: ['showCard', 'tellPerson dr-singh phoned-seen', 'forget seen'],
    answer: 'noted',
  },
  {
    name: '"no" to what was withdrawn: it stays withdrawn, and who has not seen that is waited for as before',
    given: withdrawnAskedAnew,
    now: time('10:05:00'),
    when: says(lindqvist, 'not-critical', { revision: 2, text: 'Of the other patient' }),
    then: [{ type: 'foundNotCritical', by: lindqvist }],
    effects: ['showCard', 'forget seen', 'wake window 10:08:00'],
    answer: 'won',
  },
  {
    name: '"yes" to what was withdrawn sends it as another version',
    given: withdrawnAskedAnew,
    now: time('10:05:00'),
    when: says(lindqvist, 'release-critical', { revision: 2, approval }),
    then: [
      { type: 'alertReleased', unseen: [singh.id], remindAt: time('10:10:00') },
      { type: 'stepTaken', level: 1, reached: onCall, until: time('10:10:00') },
    ],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake seen 10:10:00', 'wake window 10:10:00'],
    answer: 'won',
  },
  {
    name: '"yes" sends it, with the category that the radiologist gives',
    given: asked,
    now: time('10:01:00'),
    when: says(okafor, 'release-critical', { approval, fields: { category: '2' } }),
    then: [
      { type: 'alertReleased', category: 2 },
      { type: 'stepTaken', level: 1, until: time('11:01:00') },
    ],
    effects: [...call(singh, 'alert', ['pager']), 'showCard', handOff, 'wake window 11:01:00'],
    answer: 'won',
  },
  {
    name: 'a radiologist who declares what was only asked makes it theirs: written, not sent',
    given: asked,
    now: time('10:01:00'),
    when: { type: 'criticalDrafted', by: okafor, via: 'words', about, finding, drill: false },
    then: [{ type: 'alertDrafted', by: okafor, until: time('10:02:00') }],
    effects: ['wake window 10:02:00'],
    answer: 'noted',
  },
  {
    name: 'a finding that can wait for days asks nobody at once',
    given: [],
    now: time('10:00:00'),
    when: {
      type: 'criticalRaised',
      about,
      finding: { ...finding, text: 'Nodule of 9 mm', category: 3 },
      source: byReport,
      reader: okafor.id,
      since: time('10:00:00'),
    },
    then: [{ type: 'alertRaised' }],
    effects: ['tellCase key'],
  },
  {
    name: 'a further source of category 1 to one that could wait asks at once',
    given: [{ ...raised, finding: { ...finding, category: 3 } }],
    now: time('10:30:00'),
    when: { type: 'criticalRaised', about, finding, source: byModel, reader: null, since: time('10:30:00') },
    then: [
      { type: 'sourceJoined', category: 1 },
      { type: 'askedWhether', n: 1, people: [okafor.id], until: time('10:35:00') },
    ],
    effects: [...call(okafor, 'asked'), 'showCard', 'wake window 10:35:00'],
  },
  {
    name: 'a further source calls nobody again and lowers nothing',
    given: sent,
    now: time('10:02:00'),
    when: { type: 'criticalRaised', about, finding: { ...finding, category: 2 }, source: byReport, reader: okafor.id, since: time('10:02:00') },
    then: [{ type: 'sourceJoined', category: 2 }],
    effects: [],
  },
  {
    name: 'a further source that is more urgent calls nobody again, but the next level comes in its time',
    given: category2,
    now: time('10:10:00'),
    when: { type: 'criticalRaised', about, finding, source: byReport, reader: okafor.id, since: time('10:10:00') },
    then: [{ type: 'sourceJoined', category: 1, until: time('10:15:00') }],
    effects: ['wake window 10:15:00'],
  },
  {
    name: 'the same source told again changes nothing',
    given: asked,
    now: time('10:02:00'),
    when: { type: 'criticalRaised', about, finding, source: byReport, reader: okafor.id, since: time('09:58:00') },
    then: [],
    effects: [],
  },
  {
    name: 'a report of another patient never joins: it goes to the alert of its own patient, and nothing of it stays',
    given: sent,
    now: time('10:02:00'),
    when: { type: 'criticalRaised', about: elsewhereNumbered, finding, source: byReport, reader: null, since: time('10:02:00') },
    then: [],
    effects: ['tellCase opens'],
  },
  {
    name: 'another patient under the number of one that was sent: it says so and goes on as it was; the later one is told of it',
    given: sent,
    now: time('10:02:00'),
    when: alikeTo('MRN|0077001', '10:02:00'),
    then: [{ type: 'alikeFound', with: other, why: 'other-patient' }],
    effects: ['tellCase 8FKT5W'],
  },
  {
    name: 'the later of the two tells the radiologist on duty and the coordinators, once, and goes on asking',
    given: asked,
    now: time('10:01:00'),
    when: alikeTo('MRN|0077001', '09:30:00', { answers: true }),
    then: [{ type: 'alikeFound', with: other, why: 'other-patient', people: [lindqvist.id, reyes.id] }],
    effects: ['tellPerson dr-lindqvist alike', 'tellPerson c-reyes alike'],
  },
  {
    name: 'told of it once more nobody is told again',
    given: [...asked, alikeFact('other-patient')],
    now: time('10:02:00'),
    when: alikeTo('MRN|0077001', '09:30:00'),
    then: [],
    effects: [],
  },
  {
    name: 'an exam that was typed, of the same record number: a person is asked all the same',
    given: asked,
    now: time('10:01:00'),
    when: alikeTo('|0048813', '09:30:00', { typed: true, answers: true }),
    then: [{ type: 'alikeFound', why: 'typed' }],
    effects: ['tellPerson dr-lindqvist alike', 'tellPerson c-reyes alike'],
  },
  {
    name: 'a report that names no patient joins nothing by itself: a person is asked',
    given: sent,
    now: time('10:02:00'),
    when: alikeTo('', '10:02:00'),
    then: [{ type: 'alikeFound', why: 'no-patient' }],
    effects: ['tellCase 8FKT5W'],
  },
  {
    name: 'of one patient, as systems say it, nothing is asked: what comes finds it by itself',
    given: sent,
    now: time('10:02:00'),
    when: alikeTo('MRN|0048813', '10:02:00'),
    then: [],
    effects: [],
  },
  {
    name: 'what was communicated and closed tells a later one that it is there, and changes nothing',
    given: closed,
    now: time('11:00:00'),
    when: alikeTo('MRN|0077001', '11:00:00'),
    then: [],
    effects: ['tellCase 8FKT5W'],
  },
  {
    name: '"the same", said on a question: it is recorded and the other one is told; the question goes on until that has taken it in',
    given: [...asked, alikeFact('typed')],
    now: time('10:03:00'),
    when: says(lindqvist, 'join-alert', { fields: { with: other } }),
    then: [{ type: 'alikeJudged', by: lindqvist, with: other, same: true }],
    effects: ['tellCase 8FKT5W'],
    answer: 'won',
    says: '8FKT5W are the same',
  },
  {
    name: 'said by a second person nothing is changed',
    given: [...asked, alikeFact('typed'), { type: 'alikeJudged', ...at('10:02:00'), by: okafor, with: other, same: false }],
    now: time('10:03:00'),
    when: says(lindqvist, 'join-alert', { fields: { with: other } }),
    then: [],
    effects: [],
    answer: 'already',
    says: 'Ngozi Okafor',
  },
  {
    name: 'said of one that nothing is asked of nothing is changed',
    given: asked,
    now: time('10:03:00'),
    when: says(lindqvist, 'join-alert', { fields: { with: other } }),
    then: [],
    effects: [],
    answer: 'invalid',
  },
  {
    name: '"not the same": both go on',
    given: [...sent, alikeFact('other-patient')],
    now: time('10:03:00'),
    when: says(lindqvist, 'keep-apart', { fields: { with: other } }),
    then: [{ type: 'alikeJudged', same: false }],
    effects: ['tellCase 8FKT5W'],
    answer: 'won',
    says: 'Both go on',
  },
  {
    name: 'the same as a later question: what was sent takes in what is known of it, graver counts, and nobody is called for it',
    given: [...category2, alikeFact('typed')],
    now: time('10:10:00'),
    when: judgedThere(true),
    then: [
      { type: 'alikeJudged', by: lindqvist, same: true },
      { type: 'tookIn', of: other },
      { type: 'sourceJoined', source: byReport, category: 1, until: time('10:15:00') },
    ],
    effects: ['tellCase 8FKT5W', 'wake window 10:15:00'],
  },
  {
    name: 'the same as one that was sent: the question gives way, with what is known of it, and does not end before that was taken in',
    given: [...asked, alikeFact('typed')],
    now: time('10:03:00'),
    when: judgedThere(true, { rank: 2 }),
    then: [{ type: 'alikeJudged', same: true }],
    effects: ['tellCase 8FKT5W'],
  },
  {
    name: 'taken in by the other, a question ends, with who said so; nobody is asked again',
    given: [...asked, alikeFact('typed'), { type: 'alikeJudged', ...at('10:02:00'), by: lindqvist, with: other, same: true }],
    now: time('10:03:00'),
    when: { type: 'takenIn', of: other, by: lindqvist, rank: 2 },
    then: [{ type: 'foundSame', by: lindqvist, as: other }],
    effects: ['tellCase 8FKT5W', 'forget window'],
  },
  {
    name: 'what was sent is never ended by another one, also when both are the same: both go on until they are taken',
    given: [...sent, alikeFact('typed'), { type: 'alikeJudged', ...at('10:02:00'), by: lindqvist, with: other, same: true }],
    now: time('10:03:00'),
    when: { type: 'takenIn', of: other, by: lindqvist, rank: 2 },
    then: [],
    effects: [],
  },
  {
    name: 'one that has taken another in never ends as the same as a third',
    given: [...asked, alikeFact('typed'), { type: 'tookIn', ...at('10:02:00'), by: lindqvist, of: caseNumber.parse('9MHV4T') }],
    now: time('10:03:00'),
    when: { type: 'takenIn', of: other, by: lindqvist, rank: 2 },
    then: [],
    effects: [],
  },
  {
    name: 'what comes later to one that ended as the same goes to the other one',
    given: [...asked, { type: 'foundSame', ...at('10:03:00'), by: lindqvist, as: other }],
    now: time('11:00:00'),
    when: { type: 'criticalRaised', about, finding, source: { ...byReport, version: 'ORU-2' }, reader: null, since: time('11:00:00') },
    then: [],
    effects: ['tellCase 8FKT5W'],
  },
  {
    name: 'a drill goes the whole way, and every text of it is marked',
    given: [],
    now: time('10:00:00'),
    when: { type: 'criticalDrafted', by: reyes, via: 'command-line', about: drillAbout, finding: drillFinding, drill: true, terms },
    then: [{ type: 'alertDrafted', drill: true, terms }],
    effects: ['wake window 10:01:00'],
    answer: 'noted',
    says: 'DRILL: ',
  },
  {
    name: 'a drill is sent by whoever begins it, a coordinator too; the first on call is called in every way, and in its time it ends by itself',
    given: [drillDrafted],
    now: time('10:00:20'),
    when: says(reyes, 'release-critical', { approval }),
    then: [
      { type: 'alertReleased', by: reyes, category: 1 },
      { type: 'stepTaken', level: 1, because: 'released', reached: onCall, until: time('10:05:20') },
    ],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake drill-end 10:45:20', 'wake window 10:05:20'],
    answer: 'won',
    says: 'DRILL: Sent. Arjun Singh is being called',
  },
  {
    name: 'a drill that nobody takes climbs as in earnest; an attending is nobody’s',
    given: drillSent,
    now: time('10:05:20'),
    when: windowOver(drillSent),
    then: [{ type: 'stepTaken', level: 2, reached: onDrill, skipped: [{ level: 2, as: 'attending', why: 'nobody' }], until: time('10:10:20') }],
    effects: [...call(moreau, 'alert'), 'showCard', handOff, 'wake window 10:10:20'],
  },
  {
    name: 'a drill comes to the switchboard, on paper too',
    given: [...drillAtSecond, step(3, '10:10:20', third, '10:15:20')],
    now: time('10:15:20'),
    when: windowOver([...drillAtSecond, step(3, '10:10:20', third, '10:15:20')]),
    then: [{ type: 'failsafeReached', until: time('10:20:20') }],
    effects: [
      ...failsafe('failsafe'),
      ...[singh, moreau, adler, lindqvist, reyes].flatMap((one) => call(one, 'repeat')),
      handOff,
      'wake window 10:20:20',
    ],
  },
  {
    name: 'a drill is read back by the number on its card; the hospital’s record hears nothing of it',
    given: [...drillSent, takenAt('10:02:00', '10:07:00')],
    now: time('10:03:00'),
    when: says(singh, 'read-back', readBackOf('drill 7kf3qn')),
    then: [{ type: 'readBack', identifier: 'accession' }, { type: 'conversationAsked' }],
    effects: ['tellPerson c-reyes was-read-back', 'showCard', 'wake window 10:08:00'],
    answer: 'won',
  },
  {
    name: 'a real alert opens: the drill ends at once, and everybody who was called is told so in every way',
    given: drillAtSecond,
    now: time('10:06:00'),
    when: calledOff('real-alert'),
    then: [{ type: 'drillEnded', why: 'real-alert' }],
    effects: [...call(singh, 'drill-ended'), ...call(moreau, 'drill-ended'), 'tellPerson c-reyes drill-ended', 'showCard', 'forget window'],
  },
  {
    name: 'a drill that ends at the switchboard is told there too, and on paper',
    given: drillAtFailsafe,
    now: time('10:16:00'),
    when: calledOff('real-alert'),
    then: [{ type: 'drillEnded', why: 'real-alert' }],
    effects: [
      ...[singh, moreau, tamm, reyes].flatMap((one) => call(one, 'drill-ended')),
      ...['page print SWITCHBOARD drill-ended', 'showCard', 'forget window'],
    ],
  },
  {
    name: 'a drill that nobody has closed in its time ends by itself',
    given: drillAtFailsafe,
    now: time('10:45:20'),
    when: { type: 'deadlinePassed', name: 'drill-end', epoch: 0 },
    then: [{ type: 'drillEnded', why: 'time' }],
    effects: [
      ...[singh, moreau, tamm, reyes].flatMap((one) => call(one, 'drill-ended')),
      ...['page print SWITCHBOARD drill-ended', 'showCard', 'forget window'],
    ],
  },
  {
    name: 'a drill that was stopped says so to whoever was called, and to who stopped it',
    given: drillSent,
    now: time('10:01:00'),
    when: calledOff('stopped', reyes),
    then: [{ type: 'drillEnded', why: 'stopped', by: reyes }],
    effects: [...call(singh, 'drill-ended'), 'showCard', 'forget window'],
    answer: 'won',
    says: 'DRILL: 7KF3QN is ended',
  },
  {
    name: 'to withdraw a drill is to end it, and nobody has to say that they have seen it',
    given: drillSent,
    now: time('10:01:00'),
    when: says(okafor, 'withdraw-critical'),
    then: [{ type: 'drillEnded', why: 'stopped', by: okafor }],
    effects: [...call(singh, 'drill-ended'), 'tellPerson c-reyes drill-ended', 'showCard', 'forget window'],
    answer: 'won',
    says: 'DRILL: 7KF3QN is ended',
  },
  {
    name: 'of what a drill had said in a private chat a line is left once its end is told there',
    given: [drillDrafted, { ...released, by: reyes }, { ...step(1, '10:00:20', onCall, '10:05:20'), ...put('sent', ['alert', singh]) }],
    now: time('10:01:00'),
    when: calledOff('real-alert'),
    then: [{ type: 'drillEnded', why: 'real-alert' }],
    effects: [...call(singh, 'drill-ended'), 'tellPerson dr-singh earlier', 'tellPerson c-reyes drill-ended', 'showCard', 'forget window'],
  },
  {
    name: 'a drill whose category is changed is called anew as in earnest, and nobody has to say that they have seen that',
    given: [...drillSent, takenAt('10:02:00', '10:07:00')],
    now: time('10:03:00'),
    when: says(okafor, 'recategorise', { text: 'One of category 2', fields: { category: '2' } }),
    then: [
      { type: 'recategorised', from: 1, to: 2 },
      { type: 'stepTaken', level: 1, because: 'raised', until: time('11:03:00') },
    ],
    effects: [...call(singh, 'alert', ['pager']), 'showCard', handOff, 'wake window 11:03:00'],
    answer: 'won',
    says: 'DRILL: ',
  },
  {
    name: 'a drill that was taken by telephone is written down with both names, and not in the hospital’s record',
    given: drillAtFailsafe,
    now: time('10:16:00'),
    when: says(lindqvist, 'record-call', { to: singh, text: 'a drill; I would come now' }),
    then: [
      { type: 'acknowledged', via: 'phone' },
      { type: 'readBack', identifier: 'by-phone' },
      { type: 'conversationRecorded', with: singh.name },
      { type: 'alertClosed' },
    ],
    effects: ['tellPerson c-reyes was-read-back', 'showCard', 'forget window', ...call(singh, 'phoned'), 'tellPerson dr-moreau taken'],
    answer: 'won',
  },
  {
    name: 'a drill that is contested goes on as in earnest; the hospital’s record, which had heard nothing, is told nothing',
    given: [...drillSent, takenAt('10:02:00', '10:07:00'), readBackFact, { type: 'conversationAsked', ...at('10:03:00'), until: time('10:08:00') }],
    now: time('10:05:00'),
    when: says(reyes, 'not-what-i-said', { text: 'The number of another drill' }),
    then: [{ type: 'disputed' }, { type: 'stepTaken', level: 2, because: 'reopened', until: time('10:10:00') }],
    effects: [
      ...[...call(moreau, 'alert'), ...call(singh, 'repeat'), ...call(singh, 'disputed'), 'tellPerson dr-singh earlier'],
      ...['showCard', handOff, 'wake window 10:10:00'],
    ],
    answer: 'won',
  },
  {
    name: 'a drill that was written and not sent ends, and nobody hears of it',
    given: [drillDrafted],
    now: time('10:01:00'),
    when: windowOver([drillDrafted]),
    then: [{ type: 'drillEnded', why: 'not-sent' }],
    effects: ['forget window'],
  },
  {
    name: 'the time of a drill that was closed changes nothing',
    given: [...drillSent, takenAt('10:02:00', '10:07:00'), readBackFact, { type: 'alertClosed', ...at('10:04:00') }],
    now: time('10:45:20'),
    when: { type: 'deadlinePassed', name: 'drill-end', epoch: 0 },
    then: [],
    effects: [],
  },
  {
    name: 'a drill that has ended is taken by nobody',
    given: [...drillSent, { type: 'drillEnded', ...at('10:02:00'), why: 'real-alert', by: null, alert: null }],
    now: time('10:03:00'),
    when: says(singh, 'acknowledge', { revision: 2 }),
    then: [],
    effects: [],
    answer: 'closed',
    says: 'DRILL: ',
  },
  {
    name: 'a drill that was closed is not opened again',
    given: [...drillSent, takenAt('10:02:00', '10:07:00'), readBackFact, { type: 'alertClosed', ...at('10:04:00') }],
    now: time('10:05:00'),
    when: says(singh, 'not-me'),
    then: [],
    effects: [],
    answer: 'closed',
  },
  {
    name: 'what is in earnest is never called off',
    given: sent,
    now: time('10:01:00'),
    when: calledOff('real-alert'),
    then: [],
    effects: [],
  },
  {
    name: 'a drill whose facts name no terms, as they were written before, goes on as it did',
    given: [{ ...drafted, drill: true }],
    now: time('10:00:20'),
    when: says(okafor, 'release-critical', { approval }),
    then: [{ type: 'alertReleased' }, { type: 'stepTaken', level: 1 }],
    effects: [...call(singh, 'alert'), 'showCard', handOff, 'wake window 10:05:20'],
    answer: 'won',
  },
  {
    name: 'after a backup was put back the card says so, and what was waited for is armed again',
    given: sent,
    now: time('10:03:00'),
    when: { type: 'historyMissing', from: time('10:01:00'), until: null },
    then: [{ type: 'historyMissing' }],
    effects: ['showCard', 'wake window 10:05:20'],
  },
  {
    name: 'cards that were lost are shown anew; nobody is called for it',
    given: sent,
    now: time('10:02:00'),
    when: { type: 'cardsLost' },
    then: [],
    effects: ['showCard'],
  },
];

function movedTo(pointOfCare: string, patientClass: string, present: boolean | null, when: string): Extract<Input, { type: 'patientUpdated' }> {
  return {
    ...{ type: 'patientUpdated', trigger: 'A02', rawHash: 'x', sendingApplication: 'ADT', sendingFacility: 'H', messageTime: null, quality: [] },
    ...{
      receivedAt: time('10:03:00'),
      patient: about.patient,
      location: { pointOfCare, room: '', bed: '', facility: '' },
      patientClass,
      present,
      sortTime: time(when),
    },
  };
}
