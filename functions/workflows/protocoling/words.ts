import type { Priority } from '#domain/modality.js';

/**
 * Every word that a person reads of protocoling, in one place, to approve and to translate: another language is a second object of the type Words.
 * `answers`, `shared` and `notes` may be read in a channel or on a locked phone: no patient data, nothing free. Times come in written out.
 */

type Verb = 'approve' | 'choose-other' | 'reject' | 'ask-orderer' | 'answer-question';

const english = {
  /** What a person is told at once after a button or a sentence. */
  answers: {
    won(verb: Verb, caseNumber: string): string {
      switch (verb) {
        case 'approve':
          return `Approved ${caseNumber}. The RIS is being told; the card says when it has it.`;
        case 'choose-other':
          return `Your protocol is set for ${caseNumber}. The RIS is being told; the card says when it has it.`;
        case 'reject':
          return `Rejected ${caseNumber}. The coordinator is told; nothing is written into the RIS.`;
        case 'ask-orderer':
          return `Your question about ${caseNumber} is on its way. The case waits for the answer.`;
        case 'answer-question':
          return `Thank you. Your answer is with the radiologist who protocols ${caseNumber}.`;
        default:
          return verb satisfies never;
      }
    },
    /** @param what what they did with the order, such as "approved". */
    alreadyDecided: (name: string, time: string, what: string): string => `${name} ${what} this order at ${time}. Your answer changed nothing.`,
    stale: 'This case has changed since you opened it. Your answer changed nothing: open it again and look at what is new.',
    beingChecked: 'This order is still being checked. Your answer changed nothing: the card says when it is ready.',
    cancelled: 'The RIS has cancelled this order. Your answer changed nothing.',
    closedRejected: (name: string, time: string): string => `${name} rejected this order at ${time}. Your answer changed nothing.`,
    needsReason: 'A reason is needed. Nothing was changed: say why in a few words.',
    needsQuestion: 'The question is empty. Nothing was sent: write what you want to know.',
    needsAnswer: 'The answer is empty. Nothing was sent: write a few words.',
    needsProtocol: 'No protocol was chosen. Nothing was changed: pick one from the list.',
    notInCatalogue: 'That protocol is not in the catalogue. Nothing was changed: pick one from the list.',
    noProposal: 'There is no proposal to approve. Nothing was changed: choose a protocol from the list.',
    noOrderer: 'The orderer is not known here and there is no coordinator to ask instead. Nothing was sent.',
    alreadyAsked: 'A question is already waiting for its answer. Nothing was sent.',
    answered: 'This question has been answered already. Your answer changed nothing.',
    questionClosed: 'This question is closed: the case was decided or has changed. Your answer changed nothing.',
    notYourQuestion: 'This question was put to somebody else. Your answer changed nothing.',
    noCase: 'There is no open order under this number.',
  },

  urgency: { STAT: 'STAT', URGENT: 'Urgent', ROUTINE: 'Routine', unknown: 'New' } satisfies Record<Priority | 'unknown', string>,

  /** The card of the channel, and the head of every other one. */
  shared: {
    kind: (modality: string | null): string => (modality === null ? 'Imaging protocol request' : `${modality} protocol request`),
    open: 'Open',
    hint: (caseNumber: string): string => `Or write: show ${caseNumber}`,
    checking: 'Being checked',
    checkingLines: ['The EHR and the models are being asked.'],
    changedChecking: 'The order has changed: being checked again',
    waiting: (since: string): string => `Waiting for a radiologist since ${since}`,
    overdue: (since: string): string => `Overdue since ${since}: with the coordinator`,
    waitingSince: (since: string): string => `Waiting since ${since}.`,
    asking: (time: string): string => `Question put to the orderer, ${time}`,
    askingBy: (name: string): string => `Asked by ${name}. The case waits for the answer.`,
    approved: (name: string, time: string): string => `Approved by ${name}, ${time}`,
    chosen: (name: string, time: string): string => `Another protocol chosen by ${name}, ${time}`,
    notYet: 'Not yet in the RIS.',
    written: (time: string): string => `In the RIS, ${time}.`,
    risRefused: 'Not in the RIS: it was refused',
    risUnreached: 'Not in the RIS: it could not be written',
    rejected: (name: string, time: string): string => `Rejected by ${name}, ${time}`,
    coordinatorTold: 'The coordinator is told.',
    cancelled: (time: string): string => `Cancelled by the RIS, ${time}`,
    cancelledAfter: (name: string): string => `It had been approved by ${name}.`,
    contextMissing: 'The EHR did not answer: context missing.',
    noModel: 'The model did not answer: no proposal.',
    noProposal: 'No proposal: a person chooses.',
    held: 'A message under this order number was held: it names another patient.',
    heldNumberless: 'A message under this order number was held: it names no patient number.',
    lapsed: 'A question to the orderer got no answer in time.',
    speak: (kind: string, caseNumber: string, urgency: string, status: string): string => `${kind} ${caseNumber}, ${urgency}. ${status}.`,
  },

  /** The person's own view: the only place with patient data, beside the question to the orderer. */
  view: {
    asOf: (time: string, revision: number): string => `As of ${time}, revision ${revision}`,
    speak: (kind: string, caseNumber: string): string => `${kind} ${caseNumber}: your own view.`,
    noName: 'Name not given',
    number: (id: string, assigner: string): string => (assigner === '' ? `MRN ${id}` : `MRN ${id} (${assigner})`),
    noNumber: 'No record number',
    born: (date: string): string => `born ${date}`,
    notBorn: 'birth date not given',
    years: (age: number): string => `${age} y`,
    sexes: { F: 'female', M: 'male', O: 'other', A: 'ambiguous', N: 'not applicable', U: 'sex unknown' } satisfies Record<string, string>,
    noSex: 'sex not given',
    order: 'Order',
    noProcedure: 'No procedure given',
    alsoOrdered: 'Also ordered',
    indication: 'Indication',
    noIndication: 'No indication was given',
    cut: (count: number): string => ` (${count} more characters: read them in the RIS)`,
    more: (count: number): string => `and ${count} more`,
    orderedBy: 'Ordered by',
    numbers: 'Order numbers',
    orderNumber: (id: string): string => `order ${id}`,
    accession: (number: string): string => `accession ${number}`,
    patientClass: 'Class',
    classes: { E: 'Emergency', I: 'Inpatient', O: 'Outpatient', P: 'Preadmission', R: 'Recurring', B: 'Obstetrics' } satisfies Record<string, string>,
    urgency: 'Urgency',
    orderedPriorities: {
      S: 'STAT',
      A: 'ASAP',
      R: 'Routine',
      P: 'Preop',
      C: 'Callback',
      T: 'Timing critical',
    } satisfies Record<string, string>,
    asOrdered: 'as ordered',
    orderedAs: (ordered: string): string => `ordered as ${ordered}`,
    noPriority: 'no priority was ordered',
    raised: (ordered: string): string => `raised; ordered as ${ordered}`,
    because: 'because of',
    notSaid: 'not given',
    orderedPriorityOnly: 'as ordered (the indication was not read: the model did not answer)',
    safety: 'Safety',
    severities: { stop: 'STOP', ask: 'ASK', inform: 'NOTE' } satisfies Record<string, string>,
    noFlags: 'The checks that could be made raised nothing.',
    flagSource: (rule: string, source: string): string => `Rule ${rule} · ${source}`,
    moreFlags: (count: number): string => `${count} more flags do not fit on this card.`,
    notChecked: 'NOT CHECKED',
    notCheckedWhy: (why: string): string => `Allergies, kidney function, pregnancy, implants: ${why}`,
    notCheckedParts: (parts: string): string => `${parts}. What needs these was not checked.`,
    ehrSilent: 'the EHR did not answer',
    stillAsked: 'The EHR and the models are still being asked. This view will be renewed.',
    proposal: 'Proposal',
    noProposal: 'No proposal',
    abstained: (confidence: string): string => `The model abstains: ${confidence} sure of its best guess`,
    modelSilent: 'The model did not answer',
    notInCatalogue: (id: string): string => `${id} is not in the catalogue of this site`,
    confidence: (percent: string): string => `${percent} sure`,
    closest: 'Closest',
    alternatives: 'Also possible',
    contrast: 'Contrast',
    contrasts: {
      none: 'none',
      iv: 'IV',
      gad: 'gadolinium IV',
      arterial: 'IV, arterial',
      multiphase: 'IV, multiphase',
      radiotracer: 'radiotracer',
      'oral+iv': 'oral and IV',
      oral: 'oral',
      'intra-articular': 'intra-articular',
      intrathecal: 'intrathecal',
      intravesical: 'intravesical',
      'rectal+iv': 'rectal and IV',
    } satisfies Record<string, string>,
    phases: 'Phases',
    sequences: 'Sequences',
    slices: 'Slices',
    millimetres: (mm: string): string => `${mm} mm`,
    why: 'Why',
    basis: 'Basis',
    basisModel: (model: string, version: string): string => `model ${model} ${version}`,
    basisRow: (id: string, version: string, source: string): string => `catalogue ${id} ${version} (${source})`,
    context: 'Patient context',
    weight: 'Weight',
    pregnancy: 'Pregnancy',
    pregnant: 'PREGNANT',
    notPregnant: 'not pregnant',
    allergies: 'Allergies',
    medications: 'Medications',
    problems: 'Problems',
    egfr: 'eGFR',
    creatinine: 'Creatinine',
    priors: 'Prior imaging',
    notes: 'Notes',
    noneRecorded: 'none recorded',
    undated: 'no date',
    notKnown: 'NOT KNOWN',
    parts: {
      age: 'age',
      weight: 'weight',
      pregnancy: 'pregnancy',
      allergies: 'allergies',
      medications: 'medications',
      problems: 'problems',
      egfr: 'eGFR',
      creatinine: 'creatinine',
      priors: 'prior imaging',
      notes: 'notes',
    } satisfies Record<string, string>,
    questions: 'Questions to the orderer',
    openQuestion: (name: string, time: string): string => `${name}, ${time}, not yet answered`,
    saidBy: (name: string): string => `${name}: `,
    heldTitle: 'A message under this order number was held',
    heldLines: {
      'another-patient': 'It names another patient. Nothing of it was used. Make sure in the RIS that this is the right patient.',
      'no-patient-number': 'It names no patient number. Nothing of it was used. Make sure in the RIS that nothing is missing here.',
    } satisfies Record<string, string>,
    overdue: (time: string): string => `Overdue since ${time}`,
    overdueLine: 'It is with the coordinator too. It still waits for an answer.',
    lapsedTitle: 'A question to the orderer got no answer in time',
    lapsedLine: 'Decide with what is known, or ask again.',
    protocolLine: (id: string, name: string): string => (name === '' ? id : `${id}: ${name}`),
    insteadOf: (id: string): string => `Instead of the proposed ${id}.`,
    reason: (text: string): string => `Reason: ${text}`,
    failure: (detail: string): string => `What came back: ${detail}`,
  },

  /** Buttons and what is typed. */
  ask: {
    approve: 'Approve',
    approveThis: (id: string): string => `Approve ${id}`,
    choose: 'Choose another',
    chooseFirst: 'Choose a protocol',
    chooseLabel: 'Protocol',
    choosePlaceholder: 'Type a part of its name',
    chooseRequired: 'Pick a protocol from the list.',
    chooseSend: 'Use this protocol',
    chooseWhy: 'Why not the proposal (may be left empty)',
    suggested: (title: string): string => `${title} (close second)`,
    choicesCut: (count: number): string => `${count} more are in the catalogue: write "use" with the protocol's id and the case number.`,
    stops: (count: number): string => `${count === 1 ? 'One STOP flag' : `${count} STOP flags`} above: look before you approve.`,
    unchecked: 'Not everything was checked: see Safety above.',
    reject: 'Reject',
    rejectLabel: 'Why is it rejected?',
    rejectRequired: 'Say why in a few words.',
    rejectSend: 'Reject this order',
    question: 'Ask the orderer',
    questionLabel: 'What do you want to know?',
    questionRequired: 'Write the question.',
    questionSend: 'Send the question',
    answerLabel: 'Your answer',
    answerRequired: 'Write a few words.',
    answerSend: 'Send the answer',
    mayNot: 'You may look at this case; others decide it.',
  },

  /** The orderer's private chat. */
  question: {
    title: (name: string): string => `${name} asks about your order`,
    speak: (caseNumber: string): string => `A radiologist has a question about an order, case ${caseNumber}.`,
    exam: 'Exam',
    asked: 'Asked',
    question: 'Question',
    answered: (name: string): string => `Answered by ${name}`,
    thanks: 'Thank you. Nothing more is needed.',
    closed: 'This question is closed',
    closedDecided: 'The order was decided meanwhile. No answer is needed.',
    closedCancelled: 'The order was cancelled. No answer is needed.',
    closedLapsed: 'It was not answered in time, or the order has changed. No answer is needed now.',
  },

  /** Private notes: what happened, what to do. */
  notes: {
    overdue: { title: 'Nobody has answered this in time', todo: 'Find somebody who can protocol it now. It stays in the list of what is waiting.' },
    rejected: { title: 'This order was rejected', todo: 'Open it for the reason, and tell the orderer. Nothing was written into the RIS.' },
    'write-failed': {
      title: 'The RIS did not take the approved protocol',
      todo: 'Open it and enter the protocol in the RIS by hand, and tell the integration operator. Radloop does not try again.',
    },
    'orderer-answered': { title: 'The orderer has answered', todo: 'Open it: the answer is there, and it waits for your decision.' },
    'changed-after-approval': {
      title: 'The order was changed after it was approved',
      todo: 'The approval was for the order as it was. It is checked again: look at it when its card says that it waits.',
    },
    'question-lapsed': { title: 'The orderer did not answer in time', todo: 'Open it and decide with what is known, or phone the orderer.' },
    'held-message': {
      title: 'A message under this order number was held',
      todo: 'It names another patient, or none. Nothing of it was used. Compare the two orders in the RIS before anybody acts.',
    },
    speak: (title: string, caseNumber: string): string => `${title}: case ${caseNumber}.`,
  },
};

export type Words = typeof english;
export const words: Words = english;
export const { answers } = words;
