import type { Person, Role } from './people.ts';

/** What somebody may want to do with a case. */
export type Action =
  | 'view'
  | 'approve'
  | 'choose-other'
  | 'reject'
  | 'ask-orderer'
  | 'answer-question'
  | 'list-waiting'
  | 'enter-paper'
  | QueueAction
  | AuditAction
  | CustodyAction;

/** What somebody may want to do with what is held: by id, without its body. */
export type QueueAction = 'q-list' | 'q-history' | 'q-retry' | 'q-skip' | 'q-park' | 'q-release' | 'q-export' | 'q-confirm';

/** What somebody may want to read of the audit (INVARIANTS 3). */
export type AuditAction = 'audit-query' | 'audit-export';

/** What somebody may want to do with keys and retention. */
export type CustodyAction =
  | 'keys-show'
  | 'keys-rotate'
  | 'retention-show'
  | 'retention-hold'
  | 'retention-unhold'
  | 'retention-shred'
  | 'retention-shorten'
  | 'retention-confirm';

/** What somebody is to a case, besides their role (INVARIANTS 3). */
export type Relationship =
  /** Placed the order. */
  | 'orderer'
  /** A question about the order was put to them: the orderer, or whoever answers for the orderer's service. */
  | 'asked'
  /** On the list that holds the case: people.json names the modality, or none for all of them. */
  | 'list-member'
  /** Keeps the work of the site moving, whatever list it is on. */
  | 'site-coordinator';

interface Rule {
  /** Who may, and what such a person must be to the case; null: being of the site is enough. */
  readonly may: Readonly<Partial<Record<Role, Relationship | null>>>;
  /** Refused to whoever is this, whatever roles they have. */
  readonly never?: 'orderer';
}

const decides: Rule = { may: { 'protocoling-radiologist': 'list-member', 'protocoling-technologist': 'list-member' }, never: 'orderer' };
const ofSite = (...roles: readonly Role[]): Rule => ({ may: Object.fromEntries(roles.map((role) => [role, null])) });

/** Who may do what. One table for card, chat, HTTP and command line (INVARIANTS 3); infra/docs/permissions.md is drawn from it. What it does not say is denied. */
export const permissions: Readonly<Record<Action, Rule>> = {
  view: {
    may: {
      'protocoling-radiologist': 'list-member',
      'reading-radiologist': 'list-member',
      'protocoling-technologist': 'list-member',
      coordinator: 'site-coordinator',
      referrer: 'asked',
    },
  },
  approve: decides,
  'choose-other': decides,
  reject: decides,
  'ask-orderer': { may: { ...decides.may, coordinator: 'site-coordinator' }, never: 'orderer' },
  'answer-question': { may: { referrer: 'asked', coordinator: 'asked' } },
  'list-waiting': ofSite(
    ...(['protocoling-radiologist', 'reading-radiologist', 'protocoling-technologist', 'coordinator'] as const),
    ...(['technologist', 'scheduler', 'operator'] as const),
  ),
  /** Types in what others decided on paper. */
  'enter-paper': ofSite('coordinator', 'protocoling-radiologist', 'protocoling-technologist'),
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
  'keys-show': ofSite('admin', 'auditor'),
  'keys-rotate': ofSite('admin'),
  'retention-show': ofSite('admin', 'auditor'),
  'retention-hold': ofSite('auditor'),
  /** These three take a second person, who confirms. */
  'retention-unhold': ofSite('auditor'),
  'retention-shred': ofSite('auditor'),
  'retention-shorten': ofSite('admin'),
  'retention-confirm': ofSite('admin', 'auditor'),
};

/** What authorisation needs to know of a case as it stands; nothing of the patient. */
export interface Subject {
  /** Null where the order does not say: then only somebody without a modality restriction is on its list. */
  readonly modality: string | null;
  /** The person who placed the order, where people.json knows them: nobody approves their own order. */
  readonly orderer: string | null;
  /** The person a question of this case was put to, while it waits for the answer. */
  readonly askedOf: string | null;
}

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

/** May this person do this on this case (null: on the site)? Deny by default; pure, so that every surface gives the same answer. */
export function authorise(person: Person, action: Action, subject: Subject | null): Verdict {
  const { may, never } = permissions[action];
  const needed = person.roles.flatMap((role) => {
    const relationship = may[role];
    return relationship === undefined ? [] : [relationship];
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
      return subject.askedOf === person.id;
    case 'list-member':
      return person.modalities.length === 0 || (subject.modality !== null && person.modalities.includes(subject.modality));
    case 'site-coordinator':
      return person.roles.includes('coordinator');
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
};

/** What somebody may or may not, in the words of a refusal. */
export const actionWords: Readonly<Record<Action, string>> = {
  view: 'open this case',
  approve: 'approve a protocol',
  'choose-other': 'choose a protocol',
  reject: 'reject an order',
  'ask-orderer': 'ask the orderer',
  'answer-question': 'answer this question',
  'list-waiting': 'see what is waiting',
  'enter-paper': 'enter what was decided on paper',
  'q-list': 'see what is held',
  'q-history': 'read what operators did',
  'q-retry': 'send or read again what is held',
  'q-skip': 'skip what is held',
  'q-park': 'set a case aside',
  'q-release': 'release what is held',
  'q-export': 'export what is held',
  'q-confirm': 'confirm an act on many',
  'audit-query': 'read the audit',
  'audit-export': 'export the audit',
  'keys-show': 'see which keys there are',
  'keys-rotate': 'change the site key',
  'retention-show': 'see what is kept for how long',
  'retention-hold': 'hold a case for a court',
  'retention-unhold': 'lift a legal hold',
  'retention-shred': 'have a case’s data deleted',
  'retention-shorten': 'shorten the retention',
  'retention-confirm': 'confirm a deletion',
};

function no(why: string): Verdict {
  return { allowed: false, why };
}
