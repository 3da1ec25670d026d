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

/** Who may do what. One table for card, chat, HTTP and command line (INVARIANTS 3). */
const allowed: Readonly<Record<Action, readonly Role[]>> = {
  view: ['protocoling-radiologist', 'reading-radiologist', 'protocoling-technologist', 'coordinator'],
  approve: ['protocoling-radiologist', 'protocoling-technologist'],
  'choose-other': ['protocoling-radiologist', 'protocoling-technologist'],
  reject: ['protocoling-radiologist', 'protocoling-technologist'],
  'ask-orderer': ['protocoling-radiologist', 'protocoling-technologist', 'coordinator'],
  'answer-question': ['referrer', 'coordinator'],
  'list-waiting': [
    'protocoling-radiologist',
    'reading-radiologist',
    'protocoling-technologist',
    'coordinator',
    'technologist',
    'scheduler',
    'operator',
  ],
  /** Types in what others decided on paper. */
  'enter-paper': ['coordinator', 'protocoling-radiologist', 'protocoling-technologist'],
  'q-list': ['operator', 'admin'],
  'q-history': ['operator', 'admin', 'auditor'],
  'q-retry': ['operator'],
  'q-skip': ['operator'],
  'q-park': ['operator'],
  'q-release': ['operator'],
  'q-export': ['operator'],
  'q-confirm': ['operator', 'admin'],
  'audit-query': ['auditor'],
  'audit-export': ['auditor'],
  'keys-show': ['admin', 'auditor'],
  'keys-rotate': ['admin'],
  'retention-show': ['admin', 'auditor'],
  'retention-hold': ['auditor'],
  /** These three take a second person, who confirms. */
  'retention-unhold': ['auditor'],
  'retention-shred': ['auditor'],
  'retention-shorten': ['admin'],
  'retention-confirm': ['admin', 'auditor'],
};

/** What authorisation needs to know of a case; nothing of the patient. */
export interface Subject {
  /** Null where the order does not say: then only somebody without a modality restriction may act. */
  readonly modality: string | null;
  /** The person who placed the order, where people.json knows them: nobody approves their own order. */
  readonly orderer: string | null;
  /** The person a question of this case was put to. */
  readonly askedOf: string | null;
}

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

/** May this person do this on this case? Deny by default; pure, so that every surface gives the same answer. */
export function authorise(person: Person, action: Action, subject: Subject | null): Verdict {
  if (!person.roles.some((role) => allowed[action].includes(role))) return no(`${person.name} has no role that may ${words[action]}.`);
  if (subject === null) return { allowed: true };
  if (action === 'answer-question') {
    return subject.askedOf === person.id ? { allowed: true } : no('The question was put to somebody else.');
  }
  if (action !== 'view' && subject.orderer === person.id) return no('Nobody decides on an order of their own.');
  const restricted = person.modalities.length > 0;
  if (restricted && (subject.modality === null || !person.modalities.includes(subject.modality))) {
    return no(`${person.name} is not on the list for ${subject.modality ?? 'orders without a modality'}.`);
  }
  return { allowed: true };
}

const words: Readonly<Record<Action, string>> = {
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
