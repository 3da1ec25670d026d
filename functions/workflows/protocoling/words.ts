import type { Priority } from '#domain/modality.js';

/**
 * Every word that a person reads of protocoling, in one place, to approve and to translate: another language is a second object of the type Words (words-es.ts).
 * `answers`, `shared` and `notes` may be read in a channel or on a locked phone: no patient data, nothing free. Times come in written out.
 */

type Verb = 'approve' | 'choose-other' | 'reject' | 'ask-orderer' | 'answer-question';

export const english = {
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
    wonInRis: (caseNumber: string): string => `Approved ${caseNumber}. It is in the RIS already: nothing is sent there.`,
    alreadyDecided: (name: string, time: string): string => `${name} approved this order at ${time}. Your answer changed nothing.`,
    stale: 'This case has changed since you opened it. Your answer changed nothing.',
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
    reminderSet: (caseNumber: string, time: string): string => `I will remind you of ${caseNumber} at ${time}, in private, if it is still open then.`,
    noReminder: 'This case is closed. No reminder was set.',
    needsTime: 'I need a time that is still ahead, such as "in 20 minutes" or "at 16:00". No reminder was set.',
    handedOver: (caseNumber: string, name: string): string =>
      `${caseNumber} is with ${name} now, who is told in private. Whoever may decide it still may.`,
    needsReceiver: 'Nobody was named to hand it over to. Nothing was changed.',
    nothingToHandOver: 'This case is decided or closed: there is nothing to hand over. Nothing was changed.',
    yoursAlready: 'It was not handed to anybody: you may decide it as it is. Nothing was changed.',
    nothingOfYours: 'Nothing of yours stands on this case that could be taken back. Nothing was changed.',
    takenBackAlready: 'You have taken it back already. Nothing more was changed.',
    takenBack(caseNumber: string, what: 'approval' | 'rejection' | 'question' | 'hand-over' | 'reminder'): string {
      switch (what) {
        case 'approval':
          return `Taken back: ${caseNumber} waits for a decision again. Nothing of it had reached the RIS as far as is known; you are told if it had.`;
        case 'rejection':
          return `Taken back: ${caseNumber} waits for a decision again. The coordinator is told.`;
        case 'question':
          return `Taken back: ${caseNumber} waits for a decision again, and whoever was asked is told that no answer is needed.`;
        case 'hand-over':
          return `Taken back: ${caseNumber} is where it was before, and whoever had it is told.`;
        case 'reminder':
          return `Taken back: you are not reminded of ${caseNumber}.`;
        default:
          return what satisfies never;
      }
    },
    takenBackSent: (caseNumber: string): string =>
      `Taken back: ${caseNumber} waits for a decision again. The RIS still has the protocol until the next decision replaces it: decide now, or call the scanner.`,
    alreadySent:
      'The RIS has it already. If you take it back, the case waits for a new decision, and the RIS keeps the protocol until that one replaces it.',
    sentMeanwhile:
      'The RIS has it already, and nothing was changed. If it is still to be taken back, say so again and confirm: the case then waits for a new decision, and the RIS keeps the protocol until that one replaces it.',
    tooLate:
      'The exam has begun or is done: this can’t be taken back, and nothing was changed. Call the technologist at the scanner now, and have the RIS corrected by hand.',
  },

  urgency: { STAT: 'STAT', URGENT: 'Urgent', ROUTINE: 'Routine', unknown: 'New' } satisfies Record<Priority | 'unknown', string>,

  /** What somebody did, as a sentence goes on. */
  ownActs: {
    approval: (caseNumber: string): string => `your approval of ${caseNumber}`,
    rejection: (caseNumber: string): string => `your rejection of ${caseNumber}`,
    question: (caseNumber: string): string => `your question about ${caseNumber}`,
    'hand-over': (caseNumber: string): string => `your hand-over of ${caseNumber}`,
    reminder: (caseNumber: string): string => `your reminder of ${caseNumber}`,
  },

  /** The card of the channel, and the head of every other one. */
  shared: {
    kind: (modality: string | null): string => (modality === null ? 'Imaging protocol request' : `${modality} protocol request`),
    /** `kind`, where there is one line for all of it. */
    shortKind: (modality: string | null): string => (modality === null ? 'Protocol' : `${modality} protocol`),
    open: 'Open',
    hint: (caseNumber: string): string => `Or write: show ${caseNumber}`,
    checking: 'Being checked',
    checkingLines: ['The EHR and the models are being asked.'],
    changedChecking: 'The order has changed: being checked again',
    patientChecking: 'What is known of the patient has changed: being checked again',
    putAgain: (what: string): string => `Put again: ${what}.`,
    changes: {
      procedure: 'the exam has changed',
      priority: 'the ordered priority has changed',
      indication: 'the indication has changed',
      patientClass: 'the patient’s class has changed',
      birthDate: 'the birth date has changed',
      sex: 'the sex has changed',
      left: 'the patient has left the house',
      back: 'the patient is in the house again',
      patient: 'records of the patient were merged',
    } satisfies Record<string, string>,
    booked: (when: string): string => `Booked for ${when}.`,
    bookedUndated: 'Booked; the message does not say for when.',
    unbooked: (when: string): string => `The appointment of ${when} was cancelled.`,
    unbookedUndated: 'The appointment was cancelled.',
    noShow: (when: string): string => `The patient did not come to the appointment of ${when}.`,
    noShowUndated: 'The patient did not come to the appointment.',
    images: 'Images have arrived: the exam was done without this answer.',
    examBegun: 'The exam has begun, says the RIS: without this answer.',
    examDone: 'The exam is done, says the RIS: without this answer.',
    waiting: (since: string): string => `Waiting for a radiologist since ${since}`,
    overdue: (since: string): string => `Overdue since ${since}: with the coordinator`,
    waitingSince: (since: string): string => `Waiting since ${since}.`,
    asking: (time: string): string => `Question put to the orderer, ${time}`,
    askingBy: (name: string): string => `Asked by ${name}. The case waits for the answer.`,
    approved: (name: string, time: string): string => `Approved by ${name}, ${time}`,
    chosen: (name: string, time: string): string => `Another protocol chosen by ${name}, ${time}`,
    notYet: 'Not yet in the RIS.',
    written: (time: string): string => `In the RIS, ${time}.`,
    inRis: 'In the RIS.',
    historyMissing: (from: string, until: string | null): string =>
      `Radloop was restored from a backup: what happened ${until === null ? `since ${from}` : `between ${from} and ${until}`} is not known here. Look into the RIS first.`,
    writtenByHand: 'In the RIS: entered there by hand.',
    onPaper: (name: string): string => `Decided on paper; entered by ${name}.`,
    risRefused: 'Not in the RIS: it was refused',
    risUnreached: 'Not in the RIS: it could not be written',
    risSkipped: 'Radloop has not written it to the RIS: an operator skipped it',
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
    /** Who was made to look, and what came of it. */
    lookAsked: {
      put: (names: string, time: string): string => `Asked to look: ${names}, ${time}.`,
      'handed-over': (names: string, time: string): string => `Asked to look: ${names}, ${time}.`,
      'not-opened': (names: string, time: string): string => `Not opened in time. Asked to look: ${names}, ${time}.`,
      'not-reached': (names: string, time: string): string => `Could not be reached. Asked to look: ${names}, ${time}.`,
    },
    lookedAt: (name: string, time: string): string => `Opened by ${name}, ${time}.`,
    handedOver: (to: string, by: string, time: string): string => `With ${to}: handed over by ${by}, ${time}.`,
    takenBack: (name: string, time: string): string => `The decision was taken back by ${name}, ${time}.`,
    stillInRis: 'The RIS still has the protocol that was taken back, until a new decision replaces it.',
    removeFromRis: 'The RIS still has a protocol that was taken back: have it removed there.',
    speak: (kind: string, caseNumber: string, urgency: string, status: string): string => `${kind} ${caseNumber}, ${urgency}. ${status}.`,
  },

  /** The person's own view: the only place with patient data, beside the question to the orderer. */
  view: {
    asOf: (time: string, revision: number): string => `As of ${time}, revision ${revision}`,
    speak: (kind: string, caseNumber: string): string => `${kind} ${caseNumber}: your own view.`,
    /** Names no patient: whoever reads it may not be allowed to see the other one. @param cases case numbers @param more how many are not in `cases` */
    alike: (cases: string, count: number, more: number): string =>
      count === 1
        ? `Another open case (${cases}) has a patient of a similar name: check both identifiers.`
        : `${count} other open cases (${cases}${more > 0 ? ` and ${more} more` : ''}) have patients of a similar name: check both identifiers.`,
    alikeUnknown: 'Not all open cases were compared for similar names: check both identifiers.',
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
    place: 'Location',
    room: (room: string): string => `room ${room}`,
    bed: (bed: string): string => `bed ${bed}`,
    left: 'not in the house',
    last: (place: string): string => ` (last ${place})`,
    examStatus: 'Exam status',
    orderStatuses: {
      A: 'some results are there',
      CM: 'done',
      HD: 'on hold',
      IP: 'begun',
      SC: 'scheduled',
      completed: 'done',
      'on-hold': 'on hold',
      active: '',
    } satisfies Record<string, string>,
    appointment: 'Appointment',
    imagesRow: 'Images',
    imagesCame: 'have arrived',
    changedTitle: 'The question is put again',
    mergedTitle: (time: string): string => `Records of this patient were merged, ${time}`,
    mergedLine: 'The number above is the one in use. An order that waits is checked against the EHR anew.',
    imagesTitle: 'Images have arrived: the exam was done without this answer',
    imagesLine: 'Nobody can be asked before the exam any more. Close it: approve what was done, or reject it with the reason.',
    findings: 'What the order does not say',
    doubt: 'DOUBTFUL',
    moreFindings: (count: number): string => `${count} more are in the message: see it in the RIS.`,
    byArrival: 'A message of this order carries no time: what its messages say was taken in the order in which they came.',
    ehrFailure: (what: string): string => `Not recorded in the EHR: ${what}.`,
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
    /** Why EHR or model gave nothing, as it was recorded. A sentence that the other language does not have stays as it is. */
    unavailable: (why: string): string => why,
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

  /** What came before its order, or instead of it. */
  early: {
    change: 'Change without an order',
    cancel: 'Cancel without an order',
    neverCame: 'The order of this change has not come',
    neverCameLine: 'Look for it in the RIS under the numbers below, and have it sent again.',
    waits: 'This change waits for its order.',
    cancelled: 'The cancel came first',
    cancelledLine: 'An order that comes under this number for this patient opens cancelled.',
    message: { new: 'Order', change: 'Change', cancel: 'Cancel', status: 'Status', numbers: 'Numbers' } satisfies Record<string, string>,
    more: (count: number): string => `${count} more messages wait with these.`,
    badge: 'No order',
    asOf: (time: string): string => `As of ${time}`,
    speak: (kind: string, caseNumber: string): string => `${kind}: case ${caseNumber}.`,
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
    takeBack: 'Take back my decision',
    takeBackSays: 'Your decision no longer counts, and the case waits for a new one.',
    takeBackSend: 'Take it back',
    question: 'Ask the orderer',
    questionLabel: 'What do you want to know?',
    questionRequired: 'Write the question.',
    questionSend: 'Send the question',
    answerLabel: 'Your answer',
    answerRequired: 'Write a few words.',
    answerSend: 'Send the answer',
    mayNot: 'You may look at this case; others decide it.',
  },

  /** A finding in this exam that somebody must hear of in time. */
  critical: {
    button: 'Critical result',
    finding: 'What you found, in your own words',
    findingRequired: 'Write the finding.',
    category: 'How urgent (may be left empty)',
    categories: { 1: 'Category 1: within minutes', 2: 'Category 2: within hours', 3: 'Category 3: within days' },
    byFinding: 'As the site’s list has it, else category 1',
    side: 'Side (may be left empty)',
    sides: { left: 'Left', right: 'Right', both: 'Both sides' },
    noSide: 'Not said',
    write: 'Write it; nothing is sent yet',
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
    'on-duty': {
      title: 'STAT: you are on duty for this',
      todo: 'Open it now. If it is not opened in time, the next person is asked, then the coordinator.',
    },
    'not-looked-at': {
      title: 'STAT: nobody on duty has opened this',
      todo: 'Find somebody who can protocol it now, by phone. It stays in the list of what is waiting.',
    },
    'card-not-shown': {
      title: 'The card of this case could not be posted in the channel',
      todo: 'Nobody sees it there. Find somebody who can protocol it now, and tell the integration operator: is the app still in the team?',
    },
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
    'question-not-told': {
      title: 'A question to the orderer could not be delivered',
      todo: 'Their private chat could not be reached. Phone the orderer, or open it and decide with what is known.',
    },
    'held-message': {
      title: 'A message under this order number was held',
      todo: 'It names another patient, or none. Nothing of it was used. Compare the two orders in the RIS before anybody acts.',
    },
    'images-arrived': {
      title: 'Images have arrived before anybody answered',
      todo: 'The exam was done without this answer. Open it and have somebody close it: approve what was done, or reject it with the reason.',
    },
    'order-never-came': {
      title: 'An order was changed that has never come',
      todo: 'Open it for the numbers, look for the order in the RIS, and have it sent again.',
    },
    'ehr-write-failed': {
      title: 'The EHR did not take the record of the approval',
      todo: 'The RIS is told of the protocol all the same. Tell the integration operator: Radloop does not try again.',
    },
    'entered-from-paper': {
      title: 'A decision on paper was entered in your name',
      todo: 'Open it and make sure that it is what you decided. If it is not, tell the coordinator and the RIS at once.',
    },
    reminder: { title: 'You wanted to be reminded', todo: 'It is still open. Open it to see it as it is now.' },
    'handed-over': { title: 'This case was handed to you', todo: 'Open it: it waits for your decision. Its card says who handed it over.' },
    'handed-on': { title: 'This case is not yours any more', todo: 'It was handed on or taken back. Nothing is expected of you.' },
    'hand-over-not-told': {
      title: 'Somebody does not know that a case was handed to them',
      todo: 'Their private chat could not be reached. Call them, or hand it to somebody else.',
    },
    'taken-back': {
      title: 'A decision was taken back',
      todo: 'It waits for a decision again. If the exam is near, see to it that somebody decides now.',
    },
    'left-all-the-same': {
      title: 'The RIS has a protocol that was taken back',
      todo: 'It had left already. Decide anew, which replaces it, or call the scanner.',
    },
    'view-over': {
      title: 'The case has gone on since you opened it here',
      todo: 'Its details were taken off this card. Open it to see it as it is now.',
    },
    speak: (title: string, caseNumber: string): string => `${title}: case ${caseNumber}.`,
  },

  /** The list for a downtime: as short as paper needs it. */
  paper: {
    noGroup: 'No modality',
    noPatient: 'patient not named',
    radiologist: 'a radiologist',
    coordinator: 'the coordinator',
    asked: (names: string): string => `${names} (asked to look)`,
    opened: (name: string): string => `${name} (has opened it)`,
    checking: 'Was being checked: no proposal yet',
    asking: (name: string, question: string): string => `${name} asked the orderer: “${question}”`,
    approved: (protocol: string, who: string): string => `${who}: ${protocol}`,
    notInRis: 'NOT YET IN THE RIS: look there, enter it by hand if it is missing',
    risFailed: 'THE RIS DID NOT TAKE IT: enter it by hand',
    enters: 'whoever enters it in the RIS',
  },
};

export type Words = typeof english;
