import { actionWords } from './action.ts';
import type { Action } from './action.ts';
import type { Person, Role } from './people.ts';

/** What somebody is to a case, besides their role (INVARIANTS 3). */
export type Relationship =
  /** Placed the order. */
  | 'orderer'
  /** A question about the order was put to them: the orderer, or whoever answers for the orderer's service; or one about a critical result, which they judge. */
  | 'asked'
  /** On the list that holds the case: people.json names the modality, or none for all of them. */
  | 'list-member'
  /** Keeps the work of the site moving, whatever list it is on. */
  | 'site-coordinator'
  /** Did something on this case that still stands: nobody takes back what somebody else did. */
  | 'did-it'
  /** Was called for this critical result, or has taken it over: only they can stop its escalation (INVARIANTS 20). */
  | 'addressed'
  /** Declared or sent it. */
  | 'declarer'
  /** Is who took it, as it is recorded; or who is said to have been told by telephone what became of it. */
  | 'receiver'
  /** Was told of it, and has not said that they have seen what became of it. */
  | 'unseen'
  /** Whose follow-up it is. */
  | 'owner';

interface Rule {
  /** Who may, and what such a person must be to the case, one of several where there are several; null: being of the site is enough. */
  readonly may: Readonly<Partial<Record<Role, Relationship | readonly Relationship[] | null>>>;
  /** Refused to whoever is this, whatever roles they have. */
  readonly never?: 'orderer';
}

const decides: Rule = { may: { 'protocoling-radiologist': 'list-member', 'protocoling-technologist': 'list-member' }, never: 'orderer' };
const ofSite = (...roles: readonly Role[]): Rule => ({ may: Object.fromEntries(roles.map((role) => [role, null])) });
/** Everybody who works on cases: not who looks after the site alone. */
const atWork = [
  ...(['protocoling-radiologist', 'reading-radiologist', 'technologist', 'protocoling-technologist'] as const),
  ...(['coordinator', 'scheduler', 'oncall', 'referrer', 'operator'] as const),
] as const;

const radiologists = ofSite('protocoling-radiologist', 'reading-radiologist');
const asAddressed: Rule = {
  may: {
    ...{ oncall: 'addressed', referrer: 'addressed' },
    ...{ 'protocoling-radiologist': 'addressed', 'reading-radiologist': 'addressed' },
  },
};

/** Whoever treats patients may have placed an order, and so may be asked about it, whatever list it is on. */
const clinical = [
  ...(['protocoling-radiologist', 'reading-radiologist', 'technologist', 'protocoling-technologist'] as const),
  ...(['coordinator', 'oncall', 'referrer'] as const),
] as const;
const whoWasAsked: Rule['may'] = Object.fromEntries(clinical.map((role) => [role, 'asked' as const]));
const whoWasCalled: Rule['may'] = Object.fromEntries(clinical.map((role) => [role, ['asked', 'addressed', 'receiver', 'owner'] as const]));
const ofListOrAsked = ['list-member', 'asked', 'addressed', 'declarer', 'owner'] as const;

/** Who may do what. One table for card, chat, HTTP and command line (INVARIANTS 3); infra/docs/permissions.md is drawn from it. What it does not say is denied. */
export const permissions: Readonly<Record<Action, Rule>> = {
  view: {
    may: {
      ...whoWasCalled,
      'protocoling-radiologist': ofListOrAsked,
      'reading-radiologist': ofListOrAsked,
      'protocoling-technologist': ofListOrAsked,
      /** The least of the patient that the exam needs (see May.least). */
      technologist: ofListOrAsked,
      coordinator: 'site-coordinator',
    },
  },
  approve: decides,
  'choose-other': decides,
  reject: decides,
  'ask-orderer': { may: { ...decides.may, technologist: 'list-member', coordinator: 'site-coordinator' }, never: 'orderer' },
  'answer-question': { may: whoWasAsked },
  /** Says the case number and how the case stands, as its card in the channel does. */
  remind: ofSite(...atWork),
  /** Whom it goes to must be somebody who may decide it. */
  'hand-over': {
    may: {
      ...decides.may,
      'reading-radiologist': 'list-member',
      technologist: 'list-member',
      coordinator: 'site-coordinator',
      oncall: 'asked',
      referrer: 'asked',
    },
  },
  'take-back': { may: Object.fromEntries(atWork.map((role) => [role, 'did-it' as const])) },
  'list-waiting': ofSite(
    ...(['protocoling-radiologist', 'reading-radiologist', 'protocoling-technologist', 'coordinator'] as const),
    ...(['technologist', 'scheduler', 'operator'] as const),
  ),
  /** Types in what others decided on paper. */
  'enter-paper': ofSite('coordinator', 'protocoling-radiologist', 'protocoling-technologist'),
  'declare-critical': radiologists,
  'release-critical': { may: { ...radiologists.may, coordinator: 'site-coordinator' } },
  'not-critical': radiologists,
  recategorise: radiologists,
  'withdraw-critical': radiologists,
  acknowledge: asAddressed,
  'read-back': asAddressed,
  'on-my-way': asAddressed,
  'decline-alert': asAddressed,
  /** A clinician who has the patient before them, whoever was called. */
  'take-over': ofSite('oncall', 'referrer'),
  'record-call': { may: { ...radiologists.may, coordinator: 'site-coordinator' } },
  'not-what-i-said': { may: { 'protocoling-radiologist': 'declarer', 'reading-radiologist': 'declarer' } },
  'not-me': { may: Object.fromEntries(clinical.map((role) => [role, 'receiver' as const])) },
  'take-failsafe': ofSite('switchboard', 'coordinator'),
  'record-attempt': ofSite('switchboard', 'coordinator'),
  /** Whether two alerts of one number are one: a person who may look says so. */
  'join-alert': { may: { ...radiologists.may, coordinator: 'site-coordinator' } },
  'keep-apart': { may: { ...radiologists.may, coordinator: 'site-coordinator' } },
  /** Whoever was told of one that was withdrawn or changed says that they know; it acknowledges nothing. */
  seen: { may: Object.fromEntries([...clinical, 'switchboard' as const].map((role) => [role, 'unseen' as const])) },
  'follow-up-done': { may: { ...Object.fromEntries(clinical.map((role) => [role, 'owner' as const])), coordinator: 'site-coordinator' } },
  /** To look at a case without what `view` asks for; it lets nobody decide. On the tab alone, after a fresh sign-in. */
  'break-glass': ofSite(
    ...(['protocoling-radiologist', 'reading-radiologist', 'technologist', 'protocoling-technologist'] as const),
    ...(['oncall', 'referrer', 'operator'] as const),
  ),
  'break-glass-confirm': ofSite('coordinator', 'protocoling-radiologist', 'reading-radiologist'),
  'break-glass-review': ofSite('auditor'),
  'q-list': ofSite('operator', 'admin'),
  'q-history': ofSite('operator', 'admin', 'auditor'),
  'q-retry': ofSite('operator'),
  'q-skip': ofSite('operator'),
  'q-park': ofSite('operator'),
  'q-release': ofSite('operator'),
  'q-export': ofSite('operator'),
  'q-confirm': ofSite('operator', 'admin'),
  'audit-query': ofSite('auditor'),
  'audit-export': ofSite('auditor'),
  'critical-report': ofSite('coordinator', 'auditor', 'reading-radiologist'),
  'drill-critical': ofSite('coordinator', 'reading-radiologist'),
  'drill-report': ofSite('coordinator', 'auditor', 'reading-radiologist'),
  'keys-show': ofSite('admin', 'auditor'),
  'keys-rotate': ofSite('admin'),
  'retention-show': ofSite('admin', 'auditor'),
  'retention-hold': ofSite('auditor'),
  /** These three take a second person, who confirms. */
  'retention-unhold': ofSite('auditor'),
  'retention-shred': ofSite('auditor'),
  'retention-shorten': ofSite('admin'),
  'retention-confirm': ofSite('admin', 'auditor'),
  'critical-policy-show': ofSite('coordinator', 'protocoling-radiologist', 'reading-radiologist', 'admin', 'auditor'),
  /** Whoever may send one to a clinician; one of the two is a radiologist. */
  'critical-policy-change': ofSite('coordinator', 'protocoling-radiologist', 'reading-radiologist'),
  'critical-policy-confirm': radiologists,
};

/** What authorisation needs to know of a case as it stands; nothing of the patient. */
export interface Subject {
  /** Null where the order does not say: then only somebody without a modality restriction is on its list. */
  readonly modality: string | null;
  /** The person who placed the order, where people.json knows them: nobody approves their own order. */
  readonly orderer: string | null;
  /** The person a question of this case was put to, while it waits for the answer. */
  readonly askedOf: string | null;
  /** People each of whom was asked to judge it. @default nobody */
  readonly asked?: readonly string[];
  /** Who did something on it that could be taken back. @default nobody */
  readonly did?: readonly string[];
  /** Who was called for it, who declared it, who is recorded to have taken it. @default nobody */
  readonly addressed?: readonly string[];
  readonly declarers?: readonly string[];
  readonly receivers?: readonly string[];
  /** Who was told of it and has not said that they have seen what became of it. @default nobody */
  readonly unseen?: readonly string[];
  /** Whose follow-up it is. @default nobody's */
  readonly owner?: string | null;
}

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

/** May this person do this on this case (null: on the site)? Deny by default; pure, so that every surface gives the same answer. */
export function authorise(person: Person, action: Action, subject: Subject | null): Verdict {
  const { may, never } = permissions[action];
  const needed = person.roles.flatMap<Relationship | null>((role) => {
    const relationship = may[role];
    return relationship === undefined ? [] : (relationship ?? [null]);
  });
  if (needed.length === 0) return no(`${person.name} has no role that may ${actionWords[action]}.`);
  if (subject === null) return { allowed: true };
  if (never !== undefined && is(person, never, subject)) return no(ownOrder);
  const missing = needed.filter((relationship) => relationship !== null && !is(person, relationship, subject));
  const [first] = missing;
  return missing.length < needed.length || first == null ? { allowed: true } : no(lacks[first](person, subject));
}

function is(person: Person, relationship: Relationship, subject: Subject): boolean {
  switch (relationship) {
    case 'orderer':
      return subject.orderer === person.id;
    case 'asked':
      return subject.askedOf === person.id || (subject.asked?.includes(person.id) ?? false);
    case 'list-member':
      return person.modalities.length === 0 || (subject.modality !== null && person.modalities.includes(subject.modality));
    case 'site-coordinator':
      return person.roles.includes('coordinator');
    case 'did-it':
      return subject.did?.includes(person.id) ?? false;
    case 'addressed':
      return subject.addressed?.includes(person.id) ?? false;
    case 'declarer':
      return subject.declarers?.includes(person.id) ?? false;
    case 'receiver':
      return subject.receivers?.includes(person.id) ?? false;
    case 'unseen':
      return subject.unseen?.includes(person.id) ?? false;
    case 'owner':
      return subject.owner === person.id;
    default:
      return relationship satisfies never;
  }
}

type Said = Readonly<Record<Relationship, (person: Person, subject: Subject) => string>>;

const ownOrder = 'Nobody decides on an order of their own.';
/** Why not, to somebody who is not what the table asks for. */
const lacks: Said = {
  orderer: () => 'Somebody else placed this order.',
  asked: ({ name }, { askedOf }) => (askedOf === null ? `${name} was asked nothing about this case.` : 'The question was put to somebody else.'),
  'list-member': ({ name }, { modality }) => `${name} is not on the list for ${modality ?? 'orders without a modality'}.`,
  'site-coordinator': ({ name }) => `${name} is no coordinator of this site.`,
  addressed: ({ name }) => `${name} was not called for this. Take it over, with a reason, if the patient is yours.`,
  declarer: () => 'Somebody else declared this.',
  receiver: () => 'Somebody else is recorded to have taken this.',
  unseen: ({ name }) => `Nothing that ${name} was told of this waits to be seen.`,
  owner: () => 'This follow-up is somebody else’s.',
  'did-it': ({ name }) => `${name} has done nothing on this case that could be taken back.`,
};

function no(why: string): Verdict {
  return { allowed: false, why };
}
