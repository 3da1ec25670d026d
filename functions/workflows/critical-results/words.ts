import type { Category } from '#domain/critical.js';
import type { DrillEnd } from '#domain/drill.js';
import type { FactOf, RecordMessage, WhyNext } from './events.ts';
import type { Alert, Alike, Status } from './state.ts';

/** Every word that a person reads of an alert. Times are given as people read them. */
export interface Words {
  readonly kind: (category: Category) => string;
  readonly drill: string;
  /** How a drill stands that ended before it was closed. */
  readonly drillEnded: Readonly<Record<DrillEnd, string>>;
  readonly category: Readonly<Record<Category, string>>;
  readonly status: Readonly<Record<Status, string>>;
  readonly urgency: Readonly<Record<Category, string>>;
  /** Less than a minute is said in seconds. */
  readonly span: (minutes: number) => string;
  readonly answers: {
    readonly alreadyWritten: (caseNumber: string) => string;
    readonly drafted: (caseNumber: string) => string;
    readonly stale: (caseNumber: string) => string;
    readonly closed: (caseNumber: string, alert: Alert) => string;
    readonly alreadySent: (caseNumber: string) => string;
    readonly notReleased: (phone: string) => string;
    readonly sent: (caseNumber: string, names: readonly string[]) => string;
    readonly notSent: (phone: string) => string;
    readonly toldNobody: (phone: string) => string;
    readonly mayNotRelease: (category: Category) => string;
    readonly mayNotRegrade: (category: Category) => string;
    readonly notTheirs: (caseNumber: string, name: string) => string;
    readonly notSentYet: (caseNumber: string) => string;
    readonly needsReason: string;
    readonly needsWords: string;
    readonly needsReadBack: string;
    readonly needsWhen: string;
    readonly needsReceiver: string;
    readonly notCritical: (caseNumber: string) => string;
    readonly staysOver: (caseNumber: string) => string;
    readonly sameCategory: (category: Category) => string;
    readonly recategorised: (caseNumber: string, category: Category) => string;
    readonly withdrawn: (caseNumber: string, wasTold: boolean) => string;
    readonly withdrawalSeen: (caseNumber: string) => string;
    readonly changeSeen: (caseNumber: string) => string;
    readonly nothingToSee: (caseNumber: string) => string;
    readonly seenByPhone: (caseNumber: string, name: string) => string;
    readonly notWaitedFor: (caseNumber: string, name: string) => string;
    readonly seenDisputed: (caseNumber: string) => string;
    readonly alreadyTaken: (caseNumber: string, alert: Alert) => string;
    readonly acknowledged: (caseNumber: string, minutes: number) => string;
    readonly wrongIdentifier: (phone: string) => string;
    readonly readBack: (caseNumber: string, isDone: boolean, radiologist: string) => string;
    readonly onMyWay: (caseNumber: string) => string;
    readonly notYours: (caseNumber: string) => string;
    readonly declined: (caseNumber: string) => string;
    readonly takenOver: (caseNumber: string) => string;
    readonly nothingToDispute: (caseNumber: string) => string;
    readonly disputed: (caseNumber: string) => string;
    readonly conversation: (caseNumber: string) => string;
    readonly callRecorded: (caseNumber: string, receiver: string) => string;
    readonly notAtFailsafe: (caseNumber: string) => string;
    readonly failsafeTakenBy: (caseNumber: string, name: string) => string;
    readonly failsafeTaken: (caseNumber: string, minutes: number) => string;
    readonly attempt: (caseNumber: string) => string;
    readonly drillEnded: (caseNumber: string) => string;
    readonly nothingAlike: (caseNumber: string) => string;
    readonly judgedBy: (name: string, same: boolean) => string;
    readonly joined: (caseNumber: string, other: string) => string;
    readonly keptApart: (caseNumber: string, other: string) => string;
  };
  readonly notes: Readonly<Record<NoteName, { readonly title: string; readonly todo: string }>>;
  /** What such a message says later, besides what these say. */
  readonly now: Readonly<Record<NowName, { readonly title: string; readonly todo: string }>>;
  readonly card: {
    readonly speak: (kind: string, caseNumber: string, status: string) => string;
    readonly hint: (caseNumber: string) => string;
    readonly notSent: string;
    readonly open: string;
    readonly asOf: (time: string, revision: number) => string;
    readonly finding: string;
    readonly exam: string;
    readonly side: Readonly<Record<'left' | 'right' | 'both', string>>;
    readonly where: string;
    readonly unknownPlace: string;
    readonly emergency: string;
    readonly source: string;
    readonly saidBy: (name: string) => string;
    readonly byReport: string;
    /** One at which the report reader failed. */
    readonly unreadReport: string;
    readonly byModel: (model: string, version: string) => string;
    readonly whoIsCalled: string;
    readonly willBeCalled: string;
    readonly nobodyIsCalled: (phone: string) => string;
    readonly rung: (level: number) => string;
    /** `what`: places that are empty; empty: nobody stands there but who declares it. */
    readonly nobody: (what: string) => string;
    readonly moved: string;
    readonly level: (n: number, time: string, why: string) => string;
    readonly why: Readonly<Record<WhyNext, string>>;
    readonly skipped: (what: string) => string;
    readonly targets: Readonly<Record<FactOf<'stepTaken'>['reached'][number]['as'], string>>;
    /** Another alert has the number and class of this one. */
    readonly alike: Readonly<Record<Alike['why'], (other: string) => string>>;
    readonly judged: (other: string, name: string, same: boolean) => string;
    readonly sameAs: (other: string, name: string) => string;
    /** Nobody but who declared it says whose exam it is. */
    readonly asTyped: string;
    readonly placeUnsure: string;
    readonly until: (time: string) => string;
    readonly atFailsafe: (since: string) => string;
    readonly failsafeTaken: (name: string, until: string) => string;
    readonly takenBy: (name: string, time: string) => string;
    readonly writtenDownBy: (name: string) => string;
    readonly phonedBy: (name: string) => string;
    readonly comesNow: (names: string) => string;
    readonly readBackBy: (name: string, time: string) => string;
    readonly conversation: string;
    readonly spokeWith: (who: string, to: string, when: string) => string;
    readonly spoke: (who: string) => string;
    readonly call: string;
    readonly callInTeams: (name: string) => string;
    readonly readBackWords: string;
    readonly actionWords: string;
    /** The badge: short, beside the kind. */
    readonly within: Readonly<Record<Category, string>>;
    readonly sentAt: (time: string) => string;
    readonly sentAgo: (time: string, minutes: number) => string;
    /** What is left of a message that a newer one has followed. */
    readonly earlier: string;
    readonly callBack: (name: string, phone: string) => string;
    readonly attempts: string;
    readonly failed: string;
    readonly logged: string;
    /** What a gateway has said of a page since. */
    readonly delivered: (time: string) => string;
    readonly undeliverable: (time: string) => string;
    /** How somebody let know that they are on their way. */
    readonly answeredBy: Readonly<Record<'sms' | 'voice', string>>;
    readonly withdrawn: (name: string, reason: string) => string;
    readonly unseen: (count: number) => string;
    readonly changeUnseen: (count: number) => string;
    readonly askedAnew: Readonly<Record<'closed' | 'withdrawn', string>>;
    /** In a corrected report, which came at that time. */
    readonly noLongerSaid: (time: string) => string;
    readonly notCritical: (name: string, reason: string) => string;
    readonly missing: string;
    /** On every card of a drill. */
    readonly noPatient: string;
    readonly asIfThereWere: string;
    readonly sheetHow: string;
    readonly sheetFrom: string;
    readonly sheetSince: string;
    readonly sheetCallBack: string;
  };
  readonly ask: {
    readonly send: string;
    readonly sendAs: Readonly<Record<Category, string>>;
    readonly notCritical: string;
    readonly reason: string;
    readonly reasonRequired: string;
    readonly acknowledge: string;
    readonly onMyWay: string;
    readonly readBack: string;
    readonly sendReadBack: string;
    readonly identifier: string;
    readonly identifierRequired: string;
    readonly finding: string;
    readonly findingRequired: string;
    readonly action: string;
    readonly actionRequired: string;
    readonly decline: string;
    readonly takeOver: string;
    readonly recordCall: string;
    /** Of one that was read back on screen. */
    readonly recordConversation: string;
    readonly receiver: string;
    readonly receiverRequired: string;
    readonly receiverPlaceholder: string;
    readonly when: string;
    readonly spoke: string;
    readonly saidBack: string;
    readonly saidBackRequired: string;
    readonly recategorise: string;
    readonly category: string;
    readonly categoryRequired: string;
    readonly withdraw: string;
    readonly endDrill: string;
    readonly withdrawKind: string;
    readonly withdrawKindRequired: string;
    readonly withdrawKinds: Readonly<Record<'withdrawn' | 'wrong-patient' | 'corrected', string>>;
    readonly notWhatISaid: string;
    readonly notMe: string;
    readonly seen: string;
    readonly takeFailsafe: string;
    readonly recordAttempt: string;
    readonly attemptTo: string;
    readonly attemptHow: string;
    readonly same: (other: string) => string;
    readonly notSame: (other: string) => string;
    readonly confirm: string;
  };
  /** Of the hospital's record: the text that a radiologist signs, and what took it. */
  readonly record: {
    readonly result: (category: Category, finding: string) => string;
    readonly how: Readonly<Record<'form' | 'phone', string>>;
    readonly communicated: (how: string, by: string, to: string) => string;
    readonly times: (released: string, acknowledged: string, readBack: string) => string;
    readonly withdrawn: (caseNumber: string, by: string, time: string) => string;
    readonly takenBy: Readonly<Record<RecordMessage, string>>;
  };
  readonly patient: {
    /** In the place of the patient of a drill: who, which number is read back, and how. */
    readonly ofDrill: string;
    readonly drillNumber: (accession: string) => string;
    readonly drillHow: string;
    readonly noName: string;
    readonly noNumber: string;
    readonly notBorn: string;
    readonly born: (date: string) => string;
  };
  /** Pages: no patient data, short enough for a small screen. */
  readonly page: {
    readonly alert: (category: Category, caseNumber: string) => string;
    /** What tells a repeat from those before it. */
    readonly age: (minutes: number) => string;
    readonly within: Readonly<Record<Category, string>>;
    readonly asked: (caseNumber: string) => string;
    /** For the switchboard: nobody has answered, and what to do. */
    readonly notJudged: (caseNumber: string) => string;
    readonly phoneRoom: (phone: string) => string;
    /** It was read back; `who`: by whom, with their number where it is known. */
    readonly speakTo: (caseNumber: string, who: string) => string;
    readonly recordIt: string;
    readonly noLongerSaid: (caseNumber: string) => string;
    readonly withdrawOrKeep: (phone: string) => string;
    readonly unsent: (caseNumber: string) => string;
    readonly withdrawn: (caseNumber: string) => string;
    readonly changed: (caseNumber: string) => string;
    readonly disputed: (caseNumber: string) => string;
    readonly phoned: (caseNumber: string, recorder: string) => string;
    readonly failsafe: (category: Category, caseNumber: string, minutes: number) => string;
    readonly drillEnded: (said: string, caseNumber: string) => string;
    readonly doThis: (phone: string) => string;
    readonly sheetTitle: string;
    readonly sheetAsked: string;
    readonly sheetWithdrawn: string;
    readonly sheetLines: (rows: readonly (readonly [string, string])[]) => readonly string[];
    readonly sheetCode: (code: string) => string;
    readonly sheetDrill: string;
    readonly sheetOthers: string;
    readonly sheetHas: (name: string) => string;
    readonly sheetMore: (n: number) => string;
    readonly printed: (time: string) => string;
    readonly sheet: (n: number) => string;
  };
}

/** What is put to one person in private. */
export const NOTES = [
  ...([
    'unsent',
    'asked',
    'still-asked',
    'phone-reading-room',
    'no-longer-said',
    'alert',
    'repeat',
    'taken',
    'taken-over',
    'read-back-overdue',
    'was-read-back',
    'conversation-due',
  ] as const),
  ...(['failsafe', 'failsafe-again', 'untaken', 'phoned', 'disputed', 'withdrawn', 'changed', 'phoned-seen', 'view-over', 'not-recorded'] as const),
  ...(['drill-ended', 'alike'] as const),
] as const;
export type NoteName = (typeof NOTES)[number];

/** How it stands, where no note says so. */
export type NowName = 'sent' | 'in-hand' | 'read-back-due' | 'speak-now' | 'closed' | 'not-critical' | 'same' | 'withdrawn-seen';

const name = (names: readonly string[]): string => (names.length === 0 ? 'nobody' : names.join(', '));

export const english: Words = {
  kind: (category) => `Critical result, category ${category}`,
  drill: 'DRILL',
  drillEnded: {
    'real-alert': 'DRILL ended: a real alert is open',
    stopped: 'DRILL ended: it was stopped',
    time: 'DRILL ended: its time is over',
    'not-sent': 'DRILL ended: it was not sent',
  },
  category: { 1: 'Category 1: within minutes', 2: 'Category 2: within hours', 3: 'Category 3: within days' },
  status: {
    draft: 'NOT SENT YET',
    asking: 'Is this critical? Nobody has judged it yet',
    open: 'Nobody has taken it yet',
    acknowledged: 'Taken; the read-back is due',
    'read-back': 'Read back; the conversation is to be recorded',
    closed: 'Closed',
    'not-critical': 'Judged not critical',
    same: 'The same as another',
    withdrawn: 'Withdrawn',
    'drill-over': 'DRILL ended',
  },
  urgency: { 1: 'STAT', 2: 'URGENT', 3: 'ROUTINE' },
  span: (minutes) => (minutes < 1 ? `${Math.round(minutes * 60)} seconds` : minutes === 1 ? '1 minute' : `${minutes} minutes`),
  answers: {
    alreadyWritten: (caseNumber) => `This is written already, as ${caseNumber}. Nothing was added.`,
    drafted: (caseNumber) => `${caseNumber} is written. NOT SENT YET: press Send.`,
    stale: (caseNumber) => `${caseNumber} has changed since you looked at it. Nothing was done.`,
    closed: (caseNumber, { status }) => `${caseNumber} is over (${english.status[status].toLowerCase()}). Nothing was changed.`,
    alreadySent: (caseNumber) => `${caseNumber} was sent already. Nothing was changed.`,
    notReleased: (phone) => `NOT SENT: phone the switchboard, ${phone} now.`,
    sent: (caseNumber, names) =>
      `Sent. ${name(names)} ${names.length > 1 ? 'are' : 'is'} being called for ${caseNumber}, in every way that is set up. You will hear who takes it.`,
    notSent: (phone) =>
      `NOT SENT to a clinician: phone the switchboard, ${phone} now. Nobody stands on the on-call list. The switchboard was told as well.`,
    toldNobody: (phone) =>
      `NOT SENT: phone the switchboard, ${phone} now. Nobody stands on the on-call list, and nobody at the switchboard could be told.`,
    mayNotRelease: (category) => `NOT SENT: a result of category ${category} is sent by somebody else here. Ask a radiologist now.`,
    mayNotRegrade: (category) =>
      `NOT SENT: only a radiologist changes the category, and it is ${category}. Send it as it is, or ask a radiologist now.`,
    notTheirs: (caseNumber, who) =>
      `${who} was not called for ${caseNumber} and can’t be who took it. They take it over first, or name who was called. Nothing was recorded.`,
    notSentYet: (caseNumber) => `${caseNumber} has not been sent. Nothing was recorded.`,
    needsReason: 'A reason is needed. Nothing was changed.',
    needsWords: 'Say what you did. Nothing was recorded.',
    needsReadBack: 'The finding in your own words and what you will do are needed. Nothing was recorded.',
    needsWhen: 'Write when it was as 14:05, or 2026-11-24 14:05; it can’t be later than now. Nothing was recorded.',
    needsReceiver: 'Say who took the call: nobody was named. Nothing was recorded.',
    notCritical: (caseNumber) => `${caseNumber} is recorded as not critical. Nobody outside radiology was told.`,
    staysOver: (caseNumber) => `Recorded. ${caseNumber} is again what it was before it was asked; nobody outside radiology was told.`,
    sameCategory: (category) => `It is category ${category} already.`,
    recategorised: (caseNumber, category) => `${caseNumber} is category ${category} now. Whoever was told is told again.`,
    withdrawn: (caseNumber, wasTold) =>
      wasTold
        ? `${caseNumber} is withdrawn. Whoever was told is told so, until they have seen it.`
        : `${caseNumber} is withdrawn. Nobody had been told.`,
    withdrawalSeen: (caseNumber) => `Recorded: you have seen that ${caseNumber} was withdrawn.`,
    changeSeen: (caseNumber) => `Recorded: you have seen that ${caseNumber} was changed. It acknowledges nothing else.`,
    nothingToSee: (caseNumber) => `Nothing of ${caseNumber} was changed since you were told of it.`,
    seenByPhone: (caseNumber, who) => `Recorded: ${who} was told by telephone what became of ${caseNumber}. They are told so.`,
    notWaitedFor: (caseNumber, who) =>
      `${who} is not waited for: they were not told of ${caseNumber}, or have seen what became of it. Nothing was recorded.`,
    seenDisputed: (caseNumber) => `Recorded: that was not you. Open ${caseNumber}, and say that you have seen it.`,
    alreadyTaken: (caseNumber, { acknowledged, readBack }) =>
      `${caseNumber} was taken by ${(readBack ?? acknowledged)?.by.name ?? 'somebody else'}. Nothing was changed.`,
    acknowledged: (caseNumber, minutes) =>
      `${caseNumber} is yours. Read it back within ${english.span(minutes)}: patient, finding, what you will do. Without that the next person is called.`,
    wrongIdentifier: (phone) => `That is no number of this patient. NOTHING IS ACKNOWLEDGED. Look again, or call whoever sent it: ${phone}.`,
    readBack: (caseNumber, isDone, radiologist) =>
      isDone
        ? `Read back. ${caseNumber} is closed.`
        : `Read back. Speak now with ${radiologist}. ${caseNumber} closes when the conversation is recorded.`,
    onMyWay: (caseNumber) => `Noted: you are on your way to ${caseNumber}. It is not acknowledged; others are still called.`,
    notYours: (caseNumber) => `${caseNumber} is not with you. Nothing was changed.`,
    declined: (caseNumber) => `${caseNumber} goes on to the next person now.`,
    takenOver: (caseNumber) => `${caseNumber} is put to you; the clock goes on. Whoever was called is told. Acknowledge it.`,
    nothingToDispute: (caseNumber) => `There is nothing of yours to correct on ${caseNumber}.`,
    disputed: (caseNumber) => `${caseNumber} is open again, and the next person is called.`,
    conversation: (caseNumber) => `The conversation is recorded. ${caseNumber} is closed.`,
    callRecorded: (caseNumber, receiver) => `Recorded: ${receiver} took ${caseNumber} by telephone. They are told so.`,
    notAtFailsafe: (caseNumber) => `${caseNumber} is not with the switchboard. Nothing was changed.`,
    failsafeTakenBy: (caseNumber, who) => `${who} has ${caseNumber} in hand already.`,
    failsafeTaken: (caseNumber, minutes) => `${caseNumber} is in your hands. If no doctor takes it within ${english.span(minutes)} it sounds again.`,
    attempt: (caseNumber) => `The attempt is recorded on ${caseNumber}. It goes on until a doctor takes it.`,
    drillEnded: (caseNumber) => `${caseNumber} is ended. Everybody who was called for it is told so.`,
    nothingAlike: (caseNumber) => `Of that one nothing is asked about ${caseNumber}. Nothing was changed.`,
    judgedBy: (who, same) => `${who} has said already that they are ${same ? 'the same' : 'not the same'}. Nothing was changed.`,
    joined: (caseNumber, other) =>
      `Recorded: ${caseNumber} and ${other} are the same. What is only a question ends in the other, with all that is known of it; what was sent goes on until it is taken.`,
    keptApart: (caseNumber, other) =>
      `Recorded: ${caseNumber} and ${other} are not the same. Both go on. If one of them has the wrong patient, say so there, and have its number put right.`,
  },
  notes: {
    unsent: { title: 'Critical result NOT SENT', todo: 'It was written and nobody has been told. Open it and send it, or say why not.' },
    asked: { title: 'Is this critical?', todo: 'A report or a model says so. Open it: yes or no.' },
    'still-asked': { title: 'Is this critical? Nobody has answered', todo: 'Open it: yes or no. It does not go away by itself.' },
    'phone-reading-room': {
      title: 'Is this critical? Nobody has answered',
      todo: 'Phone the reading room now: somebody has to judge this case. If nobody answers there, phone who was asked.',
    },
    'no-longer-said': {
      title: 'The corrected report no longer says this',
      todo: 'Nothing is withdrawn by itself. Open it: withdraw it, or keep it as it is.',
    },
    alert: { title: 'Critical result for you', todo: 'Open it now, take it, and read it back.' },
    repeat: { title: 'Critical result: nobody has taken it', todo: 'Open it now, take it, and read it back.' },
    taken: { title: 'Somebody has taken it', todo: 'There is nothing for you to do.' },
    'taken-over': { title: 'Somebody else has it put to them', todo: 'You may still take it.' },
    'read-back-overdue': { title: 'Your read-back is overdue', todo: 'The next person is being called. You can still read it back.' },
    'was-read-back': { title: 'It was read back to you', todo: 'Look at what was said. If it is not what you said, say so.' },
    'conversation-due': {
      title: 'Record the conversation',
      todo: 'It was read back on screen. Speak with the receiver and record it: then it closes.',
    },
    failsafe: { title: 'Untaken critical result: with the switchboard', todo: 'Take it, and phone until a doctor has it.' },
    'failsafe-again': {
      title: 'Untaken critical result: still with the switchboard',
      todo: 'Nobody has it in hand. Take it, and phone until a doctor has it.',
    },
    untaken: { title: 'Nobody has taken your critical result', todo: 'The switchboard has it now. Phone too, and record the call.' },
    phoned: { title: 'A call with you was recorded', todo: 'It was recorded that you took this by telephone. If that was not you, say so.' },
    disputed: { title: 'A critical result that you took is open again', todo: 'Open it and look.' },
    withdrawn: { title: 'A critical result was WITHDRAWN', todo: 'What you were told no longer holds. Open it and say that you have seen this.' },
    changed: { title: 'A critical result was CHANGED', todo: 'What you were told is not what it is now. Open it and say that you have seen this.' },
    'phoned-seen': {
      title: 'A call with you was recorded',
      todo: 'Somebody recorded that they told you by telephone what became of this. If that was not you, say so.',
    },
    'view-over': { title: 'This critical result has ended', todo: 'Its details were taken off this card.' },
    'drill-ended': { title: 'DRILL ended', todo: 'There is nothing more for you to do about it.' },
    alike: {
      title: 'Two critical results under one accession number',
      todo: 'Open it and say whether they are the same. Both go on until they are answered.',
    },
    'not-recorded': {
      title: 'A critical result is NOT in the hospital’s record',
      todo: 'The RIS or the EHR did not take it. Write it there by hand; an operator sees why with “radloop q list”.',
    },
  },
  now: {
    sent: { title: 'Sent', todo: 'It goes from level to level until somebody takes it; then this says who.' },
    'in-hand': { title: 'Critical result: in hand at the switchboard', todo: 'Phone until a doctor has it.' },
    'read-back-due': { title: 'You have taken it', todo: 'Open it and read it back: patient, finding, what you will do.' },
    'speak-now': { title: 'You have read it back', todo: 'Speak with whoever sent it now. It closes when the conversation is recorded.' },
    closed: { title: 'This critical result is closed', todo: 'There is nothing more to do.' },
    'not-critical': { title: 'Judged not critical', todo: 'There is nothing more to do.' },
    same: { title: 'This is the same as another critical result', todo: 'Open it: it says which one goes on.' },
    'withdrawn-seen': { title: 'This critical result was withdrawn', todo: 'What it said no longer holds.' },
  },
  card: {
    speak: (kind, caseNumber, status) => `${kind}, ${caseNumber}: ${status}.`,
    hint: (caseNumber) => `Or write: show ${caseNumber}`,
    notSent: 'NOT SENT YET',
    open: 'Open',
    asOf: (time, revision) => `As of ${time}, version ${revision}`,
    finding: 'Finding',
    exam: 'Exam',
    side: { left: 'left', right: 'right', both: 'both sides' },
    where: 'Patient is at',
    unknownPlace: 'not known',
    emergency: 'Emergency department, place not given',
    source: 'Known from',
    saidBy: (who) => `${who}, radiologist`,
    byReport: 'a signed report',
    unreadReport: 'a signed report that Radloop could not read: READ IT for critical findings',
    byModel: (model, version) => `the model ${model} ${version}`.trim(),
    whoIsCalled: 'Called',
    willBeCalled: 'Will be called',
    nobodyIsCalled: (phone) => `Nobody is on the on-call list. Phone ${phone}.`,
    rung: (level) => `Level ${level}`,
    nobody: (what) => (what === '' ? 'nobody else' : `nobody: ${what}`),
    moved: 'the patient was moved',
    level: (n, time, why) => `Level ${n} at ${time} (${why})`,
    why: {
      released: 'sent',
      time: 'nobody took it in time',
      declined: 'handed on',
      'not-reached': 'could not be reached',
      'read-back-overdue': 'the read-back did not come',
      reopened: 'opened again',
      raised: 'the category was changed',
      merged: 'the patient’s record was merged with another',
    },
    skipped: (what) => `skipped, nobody there: ${what}`,
    targets: {
      'on-call-1': 'first on call',
      'on-call-2': 'second on call',
      attending: 'attending',
      chief: 'chief of service',
      orderer: 'orderer',
      'duty-radiologist': 'radiologist on duty',
      coordinator: 'coordinator',
    },
    alike: {
      'other-patient': (other) =>
        `TWO PATIENTS UNDER ONE ACCESSION NUMBER: ${other} is of another patient. A person has to say whether they are the same.`,
      'no-patient': (other) =>
        `${other} has the same accession number, and one of the two names no patient. A person has to say whether they are the same.`,
      typed: (other) =>
        `${other} has the same accession number, and the exam of one of the two was typed. A person has to say whether they are the same.`,
    },
    judged: (other, who, same) => `${same ? 'The same as' : 'Not the same as'} ${other}, says ${who}.`,
    sameAs: (other, who) => `Ended as the same as ${other}, says ${who}. ${other} goes on.`,
    asTyped: 'Patient and exam are as the radiologist typed them: no system here knows this exam.',
    placeUnsure: 'It is not certain where the patient is: all who may have them are called.',
    until: (time) => `The next step is at ${time}.`,
    atFailsafe: (since) => `With the switchboard since ${since}; everybody is called again until somebody takes it.`,
    failsafeTaken: (who, until) => `${who} at the switchboard has it in hand until ${until}.`,
    takenBy: (who, time) => `Taken by ${who} at ${time}`,
    writtenDownBy: (who) => `By telephone; written down by ${who}`,
    phonedBy: (who) => `${who} recorded that you took this by telephone. If that was not you, say so.`,
    comesNow: (names) => `On the way: ${names}`,
    readBackBy: (who, time) => `Read back by ${who} at ${time}`,
    conversation: 'Spoken',
    spokeWith: (who, to, when) => `${who} with ${to}, ${when}`,
    spoke: (who) => `${who} spoke`,
    call: 'To call',
    callInTeams: (who) => `Call ${who} in Teams`,
    readBackWords: 'Read back',
    actionWords: 'Will do',
    within: { 1: 'Minutes', 2: 'Hours', 3: 'Days' },
    sentAt: (time) => `Sent at ${time}.`,
    sentAgo: (time, minutes) => `Sent at ${time}, ${minutes} min ago.`,
    earlier: 'Earlier message; the newest says how it stands',
    callBack: (who, phone) => `Call back: ${who}, ${phone}`,
    attempts: 'What was tried',
    failed: 'not delivered',
    logged: 'a line in the log, reaches nobody',
    delivered: (time) => `delivered at ${time}`,
    undeliverable: (time) => `undeliverable, said at ${time}`,
    answeredBy: { sms: 'By a reply to the SMS', voice: 'By a key in the call' },
    withdrawn: (who, reason) => `Withdrawn by ${who}: ${reason}`,
    unseen: (count) => `${count} ${count === 1 ? 'person has' : 'people have'} not seen that yet.`,
    changeUnseen: (count) => `${count} ${count === 1 ? 'person has' : 'people have'} not seen yet that it was changed.`,
    askedAnew: {
      closed: 'It was read back and closed; a later source says that it is graver.',
      withdrawn: 'It was withdrawn; a later source says it again.',
    },
    noLongerSaid: (time) => `A corrected report, which came at ${time}, no longer says this.`,
    notCritical: (who, reason) => `${who}: not critical, because ${reason}`,
    noPatient: 'DRILL: there is no patient.',
    asIfThereWere: 'Do what you would do if there were one.',
    sheetHow: 'How urgent',
    sheetFrom: 'Sent by',
    sheetSince: 'Sent',
    sheetCallBack: 'Call back',
    missing: 'A backup was put back: of some time it is not known what happened here. Phone.',
  },
  ask: {
    send: 'Send',
    sendAs: { 1: 'Send as category 1', 2: 'Send as category 2', 3: 'Send as category 3' },
    notCritical: 'Not critical',
    reason: 'Why?',
    reasonRequired: 'Write a reason.',
    acknowledge: 'I take it',
    onMyWay: 'On my way',
    readBack: 'Read back',
    sendReadBack: 'Send the read-back',
    identifier: 'The patient’s record number or accession number, from your own system',
    identifierRequired: 'Type a number of the patient.',
    finding: 'The finding, in your own words',
    findingRequired: 'Write the finding.',
    action: 'What you will do',
    actionRequired: 'Write what you will do.',
    decline: 'Not mine',
    takeOver: 'I take this over',
    recordCall: 'Record a call',
    recordConversation: 'Record the conversation',
    receiver: 'Who took the call',
    receiverRequired: 'Choose who took the call.',
    receiverPlaceholder: 'Type part of the name',
    when: 'When, such as 14:05 (left empty: now)',
    spoke: 'Who spoke with them (left empty: you)',
    saidBack: 'What they said back',
    saidBackRequired: 'Write what they said back.',
    recategorise: 'Change the category',
    category: 'Category',
    categoryRequired: 'Choose a category.',
    withdraw: 'Withdraw',
    endDrill: 'End the drill',
    withdrawKind: 'What happened',
    withdrawKindRequired: 'Choose what happened.',
    withdrawKinds: { withdrawn: 'It does not hold any more', 'wrong-patient': 'It was the wrong patient', corrected: 'The report was corrected' },
    notWhatISaid: 'Not what I said',
    notMe: 'That was not me',
    seen: 'I have seen this',
    takeFailsafe: 'I take it in hand',
    recordAttempt: 'Record an attempt',
    attemptTo: 'Whom',
    attemptHow: 'What happened',
    same: (other) => `The same as ${other}`,
    notSame: (other) => `Not the same as ${other}`,
    confirm: 'Confirm',
  },
  patient: {
    ofDrill: 'DRILL: no patient',
    drillNumber: (accession) => `Number to read back: ${accession}`,
    drillHow: 'as you would the patient’s',
    noName: 'No name given',
    noNumber: 'No record number given',
    notBorn: 'birth date not given',
    born: (date) => `born ${date}`,
  },
  record: {
    result: (category, finding) => `Critical result (ACR category ${category}): ${finding}.`,
    how: { form: 'by secure message with read-back', phone: 'by telephone' },
    communicated: (how, by, to) => `Communicated ${how} by ${by} to ${to};`,
    times: (released, acknowledged, readBack) => `released ${released}, acknowledged ${acknowledged}, read back ${readBack}.`,
    withdrawn: (caseNumber, by, time) => `WITHDRAWN: critical result ${caseNumber}, by ${by} on ${time}. What was communicated holds no longer.`,
    takenBy: { 'critical-result': 'results in the RIS', 'critical-document': 'document in the RIS', Communication: 'Communication in the EHR' },
  },
  page: {
    alert: (category, caseNumber) => `CRITICAL RESULT cat ${category} ${caseNumber}`,
    age: (minutes) => `, ${minutes} min`,
    within: { 1: 'within minutes', 2: 'within hours', 3: 'within days' },
    asked: (caseNumber) => `IS THIS CRITICAL? ${caseNumber}`,
    notJudged: (caseNumber) => `NOBODY HAS JUDGED ${caseNumber}`,
    phoneRoom: (phone) => `Phone the reading room, ${phone}: somebody must judge it.`,
    speakTo: (caseNumber, who) => `READ BACK: critical result ${caseNumber}. Speak to ${who}`,
    noLongerSaid: (caseNumber) => `CORRECTED REPORT no longer says critical result ${caseNumber}`,
    withdrawOrKeep: (phone) => `Open Radloop: withdraw it, or keep it. Or call ${phone}.`,
    recordIt: 'Then record the conversation in Radloop.',
    unsent: (caseNumber) => `CRITICAL RESULT NOT SENT ${caseNumber}`,
    withdrawn: (caseNumber) => `WITHDRAWN: critical result ${caseNumber}`,
    changed: (caseNumber) => `CHANGED: critical result ${caseNumber}`,
    disputed: (caseNumber) => `OPEN AGAIN: critical result ${caseNumber}`,
    phoned: (caseNumber, recorder) => `A call about ${caseNumber} was recorded with you by ${recorder}`,
    failsafe: (category, caseNumber, minutes) => `UNTAKEN critical result cat ${category} ${caseNumber}, ${minutes} min`,
    drillEnded: (said, caseNumber) => `${said} (drill ${caseNumber})`,
    doThis: (phone) => `Open Radloop and take it, or call ${phone}. A reply to this does not acknowledge it.`,
    sheetTitle: 'UNTAKEN CRITICAL RESULT: PHONE UNTIL A DOCTOR HAS IT',
    sheetAsked: 'IS THIS CRITICAL? NOBODY HAS ANSWERED: PHONE A RADIOLOGIST',
    sheetWithdrawn: 'WITHDRAWN CRITICAL RESULT: DO NOT PHONE ABOUT IT ANY MORE',
    sheetLines: (rows) => rows.map(([label, value]) => `${label}: ${value}`),
    sheetCode: (code) => `You have it in hand? Key in ${code} on the Radloop tab, or tell the coordinator.`,
    sheetDrill: 'DRILL: there is no patient. Phone as you would, and say first that it is a drill.',
    sheetOthers: 'ALSO UNTAKEN NOW. Each has a sheet of its own, with whom to phone:',
    sheetHas: (name) => `, in hand: ${name}`,
    sheetMore: (n) => `and ${n} more, all on the Radloop tab`,
    printed: (time) => `Printed ${time}`,
    sheet: (n) => `, sheet ${n}`,
  },
};
