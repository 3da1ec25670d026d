import { authorise } from '#core/authorise.js';
import { role } from '#core/people.js';
import type { Person, Role } from '#core/people.js';
import type { Command, ExamSaid, Understood } from '#domain/utterance.js';
import { whenOf } from '#domain/when.js';
import { talkIn } from '../words.ts';
import { categoryIn, plainFinding } from './finding.ts';
import type { NotYet, Talk } from '../words.ts';

/** What the bot does with what it understood. `text` is what it says; `asks`: it asks back before anything is changed. */
export type Plan =
  | { readonly kind: 'say'; readonly text: string; readonly asks: boolean }
  | { readonly kind: 'list'; readonly text: string; readonly asks: false }
  | { readonly kind: 'show'; readonly caseNumber: string; readonly text: string; readonly asks: boolean }
  /** Several cases could be meant: a button opens each. */
  | { readonly kind: 'which'; readonly cases: readonly string[]; readonly text: string; readonly asks: true }
  /** Cases of a patient, by name or number; in the private chat alone. */
  | { readonly kind: 'search'; readonly words: string; readonly text: string; readonly asks: boolean }
  | { readonly kind: 'on-call'; readonly text: string; readonly asks: false }
  /** Repeated back first, with whom it goes to. */
  | { readonly kind: 'hand-over'; readonly cases: readonly string[]; readonly text: string; readonly asks: boolean }
  /** Repeated back first, with what it would undo. */
  | { readonly kind: 'take-back'; readonly caseNumber: string; readonly text: string; readonly asks: boolean }
  /** Written, not sent: it is repeated back with the button that sends it. */
  | {
      readonly kind: 'declare';
      readonly of: Exam;
      readonly finding: string;
      readonly category: 1 | 2 | 3 | null;
      /** What else was said of the exam, which must be so; null: nothing, or not in private. */
      readonly also: ExamSaid | null;
      readonly text: string;
      readonly asks: boolean;
    }
  /** The person has not seen it as it is now. */
  | { readonly kind: 'look-first'; readonly caseNumber: string; readonly text: string; readonly asks: true }
  | { readonly kind: 'offer'; readonly offers: readonly Command[]; readonly text: string; readonly asks: true }
  | { readonly kind: 'act'; readonly commands: readonly Command[]; readonly text: string; readonly asks: false }
  /** As `denied`, of a critical result. */
  | {
      readonly kind: 'denied-alert';
      readonly verb: 'acknowledge' | 'read-back' | 'decline-alert';
      readonly caseNumber: string;
      readonly text: string;
      readonly asks: false;
    }
  /** The person has no role for it: the desk says so, as it does to a button, and its no is on record. */
  | { readonly kind: 'denied'; readonly commands: readonly Command[]; readonly text: string; readonly asks: false };

/** As it was said; an accession number and a patient's name in the private chat alone. */
export type Exam = { readonly caseNumber: string } | { readonly accession: string } | { readonly patient: string };

export interface Here {
  readonly person: Person;
  readonly inPrivate: boolean;
  /** Was the current revision's personal view of this case shown to this person? */
  readonly seen: (caseNumber: string) => boolean;
  /** What this person was shown here in the last minutes; in a shared place nothing. */
  readonly shown: readonly string[];
  /** As it was written. */
  readonly said: string;
}

/** Decides what becomes of a sentence; pure. Only `act` changes something without a press, and the desk checks it again as it does a button. */
export function planFor(understood: Understood, here: Here): Plan {
  const talk = talkIn(understood.language);
  const say = (text: string, asks = false): Plan => ({ kind: 'say', text, asks });
  const [caseNumber] = understood.slots.cases ?? [];
  const { intent } = understood;
  switch (intent) {
    case 'help':
      return say(talk.help);
    case 'none':
      return say(understood.hindrance === 'too-long' ? talk.refused['too-long'] : here.inPrivate ? talk.unclear : talk.unclearInChannel);
    case 'list-waiting':
      return { kind: 'list', text: talk.waiting.here, asks: false };
    case 'show-case':
      if (caseNumber === undefined) return lookFor(understood, here, talk);
      return { kind: 'show', caseNumber, text: talk.showing(caseNumber), asks: false };
    case 'why':
      return caseNumber === undefined ? which(here, talk) : { kind: 'show', caseNumber, text: talk.why(caseNumber), asks: false };
    case 'history':
      return say(talk.history);
    case 'system-status':
      return say(talk.systemStatus);
    case 'approve':
    case 'choose-other':
    case 'reject':
    case 'ask-orderer':
    case 'remind':
      return actOn(intent, understood, here, talk);
    case 'hand-over':
    case 'take-back':
      return ownAct(intent, understood, here, talk);
    case 'declare-critical':
      return declare(understood, here, talk);
    case 'acknowledge':
    case 'read-back':
    case 'decline-alert':
      return onAlert(intent, understood, here, talk);
    case 'who-on-call':
      return { kind: 'on-call', text: talk.onCall, asks: false };
    default:
      return notYet(intent, here, talk);
  }
}

/** Of what no workflow serves yet: what would change something, and who might (INVARIANTS 3). Others are told that they may not. */
const everybody: readonly Role[] = role.options.filter((one) => one !== 'operator' && one !== 'auditor' && one !== 'admin' && one !== 'switchboard');
const mightChange: Readonly<Partial<Record<NotYet, readonly Role[]>>> = {
  'close-follow-up': ['reading-radiologist', 'protocoling-radiologist', 'coordinator'],
  'propose-schedule-change': everybody,
};

function notYet(intent: NotYet, { person }: Here, talk: Talk): Plan {
  const who = mightChange[intent];
  const may = who === undefined || person.roles.some((role) => who.includes(role));
  return { kind: 'say', text: may ? talk.notYet[intent] : `${talk.mayNot} ${talk.notYet[intent]}`, asks: may && who !== undefined };
}

/** A finding on a case: a card repeats it back, not sent, with the button that sends it. What is missing is asked for, and that nothing was sent is said. */
function declare({ slots, exam }: Understood, here: Here, talk: Talk): Plan {
  const { critical } = talk;
  const say = (text: string, asks = true): Plan => ({ kind: 'say', text, asks });
  const may = authorise(here.person, 'declare-critical', null).allowed;
  const { accession = null, patient = null } = exam ?? {};
  const [caseNumber] = slots.cases ?? [];
  // Another exam may be meant than the one whose thread it is said in.
  if (!here.inPrivate && accession !== null && !isWritten(caseNumber, here)) return say(may ? critical.inPrivate : talk.mayNot, may);
  const of = examOf(caseNumber, here.inPrivate ? { accession, patient } : null);
  const finding = plainFinding(slots.finding ?? '', slots.cases ?? []);
  const also = here.inPrivate && exam !== undefined && of !== null && !('patient' in of) ? exam : null;
  const said = { finding, category: categoryIn(here.said), also };
  // The desk says no, and its no is on record.
  if (!may) return of === null ? say(talk.mayNot, false) : { kind: 'declare', of, ...said, text: talk.mayNot, asks: false };
  if (of === null) return say(exam === undefined ? critical.whichExam : critical.inPrivate);
  const named = 'caseNumber' in of ? of.caseNumber : 'accession' in of ? of.accession : critical.somePatient;
  if (finding === '') return say(critical.whatFinding(named));
  return { kind: 'declare', of, ...said, text: here.inPrivate ? critical.draft(named) : critical.draftInPrivate(named), asks: true };
}

/** By its case number before its accession number, and by that before its patient's name; null: by nothing that may be used here. */
function examOf(caseNumber: string | undefined, said: ExamSaid | null): Exam | null {
  if (caseNumber !== undefined) return { caseNumber };
  if (said?.accession != null) return { accession: said.accession };
  return said?.patient == null ? null : { patient: said.patient };
}

function isWritten(caseNumber: string | undefined, { said }: Here): boolean {
  return (
    caseNumber !== undefined &&
    said
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]/gu, '')
      .includes(caseNumber)
  );
}

/** Taken, read back and handed on with its card: it shows the patient, and asks for the words that count. */
function onAlert(intent: 'acknowledge' | 'read-back' | 'decline-alert', { slots }: Understood, here: Here, talk: Talk): Plan {
  const [caseNumber] = slots.cases ?? [];
  if (!mayOnAlert(here.person, intent)) {
    const text = talk.mayNot;
    return caseNumber === undefined ? { kind: 'say', text, asks: false } : { kind: 'denied-alert', verb: intent, caseNumber, text, asks: false };
  }
  if (caseNumber === undefined) return which(here, talk);
  const { onCard, onCardToDecline, onCardToRecord } = talk.critical;
  const isOthers = !authorise(here.person, intent, null).allowed;
  const text = isOthers ? onCardToRecord(caseNumber) : intent === 'decline-alert' ? onCardToDecline(caseNumber) : onCard(caseNumber);
  return { kind: 'show', caseNumber, text, asks: true };
}

/** A read-back of somebody else's, by telephone, is recorded by whoever records calls. */
export function mayOnAlert(person: Person, intent: 'acknowledge' | 'read-back' | 'decline-alert'): boolean {
  return authorise(person, intent, null).allowed || (intent === 'read-back' && authorise(person, 'record-call', null).allowed);
}

/** A patient's name or number: looked up in the private chat, and in a shared place neither used nor repeated. */
function lookFor({ slots, namesPatient }: Understood, here: Here, talk: Talk): Plan {
  const { subject } = slots;
  if (!here.inPrivate) return { kind: 'say', text: talk.search.inPrivate, asks: namesPatient !== true };
  if (subject === undefined) return which(here, talk);
  const may = authorise(here.person, 'view', null).allowed;
  return { kind: 'search', words: subject, text: may ? talk.search.title : talk.search.denied, asks: false };
}

/** Always repeated back first, in the private chat. */
function ownAct(intent: 'hand-over' | 'take-back', { slots }: Understood, here: Here, talk: Talk): Plan {
  // The desk says no, and its no is on record.
  const may = authorise(here.person, intent, null).allowed;
  const { cases = [] } = slots;
  const [caseNumber] = cases;
  if (caseNumber === undefined) return may ? which(here, talk) : { kind: 'say', text: talk.mayNot, asks: false };
  const text = !may
    ? talk.mayNot
    : here.inPrivate
      ? intent === 'hand-over'
        ? talk.handOver.ask
        : talk.takeBack.ask(caseNumber, null)
      : talk.confirmInPrivate;
  return intent === 'hand-over' ? { kind: intent, cases, text, asks: may } : { kind: intent, caseNumber, text, asks: may };
}

function actOn(verb: Command['verb'], understood: Understood, here: Here, talk: Talk): Plan {
  const say = (text: string, asks = true): Plan => ({ kind: 'say', text, asks });
  const { commands, hindrance } = understood;
  const offers = commands.length > 0 ? commands : offered(verb, understood);
  if (!authorise(here.person, verb, null).allowed)
    return offers.length > 0 ? { kind: 'denied', commands: offers, text: talk.mayNot, asks: false } : say(talk.mayNot, false);
  const unseen = offers.find((offer) => needsLook(offer) && !here.seen(offer.caseNumber));
  // A question about a case that was not seen as it is now may have its answer there: it is asked back.
  const asked = verb === 'ask-orderer' && offers.some((offer) => !here.seen(offer.caseNumber));
  if (commands.length > 0 && unseen === undefined && !asked) {
    const text = commands.map((one) => talk.doing(one.verb, one.caseNumber, protocolOf(one))).join(' ');
    return { kind: 'act', commands, text, asks: false };
  }
  if (hindrance !== null && hindrance !== 'no-case') return say(talk.refused[hindrance], hindrance !== 'all');
  const [caseNumber] = understood.slots.cases ?? [];
  if (caseNumber === undefined) return whichToDo(verb, understood, here, talk);
  if (unseen !== undefined) return lookFirst(unseen.caseNumber, here, talk);
  if (offers.length === 0) {
    if (verb === 'reject') return say(talk.refused['needs-reason']);
    if (verb === 'ask-orderer') return say(talk.refused['needs-question']);
    if (verb === 'remind') return say(talk.refused['needs-time']);
    return here.seen(caseNumber)
      ? { kind: 'show', caseNumber, text: talk.chooseFromList(caseNumber), asks: true }
      : lookFirst(caseNumber, here, talk);
  }
  const text = here.inPrivate
    ? talk.confirm(offers.map((one) => talk.act(one.verb, one.caseNumber, protocolOf(one))).join('; '))
    : talk.confirmInPrivate;
  return { kind: 'offer', offers, text, asks: true };
}

/** More buttons than this are no choice any more. */
const mostToChoose = 5;

function which({ inPrivate, shown }: Here, talk: Talk): Plan {
  const cases = inPrivate && shown.length > 1 && shown.length <= mostToChoose ? shown : [];
  return cases.length === 0 ? { kind: 'say', text: talk.whichCase, asks: true } : { kind: 'which', cases, text: talk.whichOf, asks: true };
}

/** "approve it" after two were shown: a button for each, at the revision that was seen (DECISIONS 11). */
function whichToDo(verb: Command['verb'], understood: Understood, here: Here, talk: Talk): Plan {
  const open = which(here, talk);
  if (open.kind !== 'which') return open;
  const offers = offered(verb, { ...understood, slots: { ...understood.slots, cases: open.cases } });
  const allSeen = offers.every((offer) => !needsLook(offer) || here.seen(offer.caseNumber));
  return offers.length > 0 && allSeen ? { kind: 'offer', offers, text: talk.whichOf, asks: true } : open;
}

function lookFirst(caseNumber: string, here: Here, talk: Talk): Plan {
  return { kind: 'look-first', caseNumber, text: here.inPrivate ? talk.lookFirst(caseNumber) : talk.lookFirstInPrivate(caseNumber), asks: true };
}

/** A question and a reminder commit to nothing: they need no look. */
function needsLook({ verb }: Command): boolean {
  return verb !== 'ask-orderer' && verb !== 'remind';
}

/** What only the model understood, as buttons to press; empty: a part is missing. */
function offered(verb: Command['verb'], { slots, protocolId }: Understood): Command[] {
  return (slots.cases ?? []).flatMap((caseNumber): Command[] => {
    switch (verb) {
      case 'approve':
        return [{ verb, caseNumber }];
      case 'choose-other':
        return protocolId === null ? [] : [{ verb, caseNumber, protocolId, text: slots.reason ?? null }];
      case 'reject':
        return slots.reason === undefined ? [] : [{ verb, caseNumber, text: slots.reason }];
      case 'ask-orderer':
        return slots.question === undefined ? [] : [{ verb, caseNumber, text: slots.question }];
      case 'remind':
        return slots.when === undefined || whenOf(slots.when) === null ? [] : [{ verb, caseNumber, when: slots.when }];
      default:
        return verb satisfies never;
    }
  });
}

export function protocolOf(command: Command): string | null {
  return command.verb === 'choose-other' ? command.protocolId : null;
}
