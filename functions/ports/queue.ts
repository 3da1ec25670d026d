import type { CaseEvent } from '#core/event.js';
import type { CaseId, CaseNumber, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry } from './audit-store.ts';
import type { Consequence, RawState } from './raw-store.ts';

/**
 * What is held, with a letter before the store's own id, which is opaque: `o12` a delivery, `e5` an event, `m33` a message, `a7` an arrival without an order,
 * `r33` our own delayed answer to message 33, `c7KF3QN` a case, `b3` an act on many that waits for a second person, `f:orders` a feed.
 */
export type ItemKind = 'delivery' | 'event' | 'message' | 'arrival' | 'answer' | 'case' | 'bulk' | 'feed';

/** One thing that is held, without patient data. */
export interface QueueItem {
  readonly id: string;
  readonly kind: ItemKind;
  /** As the store has it: `held`, `awaited`, `quarantined`, `refused`, `kept`, `not-imaging`, `used`, `unmatched`, `unanswered`, `parked`, `noted`, `waiting`; of a feed as domain/feed-state.ts has it. */
  readonly state: string;
  /** Never shown: a case is known to people by its number. */
  readonly caseId: CaseId | null;
  readonly caseNumber: CaseNumber | null;
  /** What it is in the words of its trade: `order-change`, `ORM^O01`, `study`. */
  readonly what: string;
  /** Where it should go, or the door that it came in by. */
  readonly destination: string | null;
  /** Why it is held as a code: of a failed delivery, or the answer that a message got. */
  readonly code: string | null;
  readonly reason: string;
  readonly since: Instant;
}

/** An item and what acting on it needs. */
export interface QueueDetail extends QueueItem {
  /** Numbers, times, hashes, names of our own; no patient data. */
  readonly about: Readonly<Record<string, string | number | null>>;
  /** Its bytes, where it has any: patient data. */
  readonly body: Buffer | null;
  /** A delivery's effect as `effectFailed` names it. */
  readonly failing: { readonly workflow: string; readonly kind: string; readonly message: string; readonly behind: string | null } | null;
  /** Other items that it has to do with: what waits behind it, the message that a case holds. */
  readonly related: readonly QueueItem[];
}

export interface QueueFilter {
  readonly kind?: ItemKind;
  readonly code?: string;
  readonly destination?: string;
  readonly state?: string;
}

/** An act that takes two people: of operators on more than one item, one of retention (`shred`, `unhold`, `shorten`), or of the policy of critical results (`loosen`); and who asked for it. */
export interface Bulk {
  readonly id: string;
  readonly act: 'retry' | 'skip' | 'release' | 'shred' | 'unhold' | 'shorten' | 'loosen';
  /** Fixed when it was asked for: what is held later is not in it. */
  readonly items: readonly string[];
  readonly by: PersonId;
  readonly reason: string;
  readonly at: Instant;
  readonly until: Instant;
  readonly state: 'waiting' | 'confirmed';
}

/** One change by an operator. Each only when the item is still in the state that it was seen in. Ids are the store's own: an item's without its letter. */
export type QueueChange =
  /** The same bytes under the same key, as if it had never been tried. */
  | { readonly change: 'retry-delivery'; readonly id: string; readonly at: Instant }
  /** Never sent; the lane goes on, the case is told. */
  | { readonly change: 'skip-delivery'; readonly id: string; readonly at: Instant; readonly told: CaseEvent | null }
  | { readonly change: 'retry-event'; readonly id: string; readonly at: Instant }
  | { readonly change: 'skip-event'; readonly id: string }
  | {
      readonly change: 'judge-again';
      readonly id: string;
      readonly state: RawState;
      readonly reason: string | null;
      readonly consequences: readonly Consequence[];
      readonly at: Instant;
    }
  | { readonly change: 'release-message'; readonly id: string }
  /** Its order is looked for again. */
  | { readonly change: 'match-again'; readonly id: string }
  | { readonly change: 'release-arrival'; readonly id: string }
  /** A person gives it to this answer themselves, or it is needless. */
  | { readonly change: 'release-answer'; readonly id: string }
  | { readonly change: 'park'; readonly caseId: CaseId; readonly by: PersonId; readonly reason: string; readonly at: Instant }
  | { readonly change: 'unpark'; readonly caseId: CaseId }
  | { readonly change: 'confirm'; readonly id: string };

export interface Applied {
  /** False, and nothing written: the item is not as it was seen. */
  readonly done: boolean;
  /** What cases are told by it. */
  readonly told: readonly { readonly caseNumber: CaseNumber | null; readonly what: string }[];
  /** Arrivals that found their order by it. */
  readonly matched: readonly { readonly what: string; readonly reason: string }[];
}

export interface HistoryRow {
  readonly at: Instant;
  /** PersonId, or the account that no person has. */
  readonly who: string;
  readonly action: string;
  readonly outcome: AuditEntry['outcome'];
  readonly caseNumber: CaseNumber | null;
  readonly detail: AuditEntry['detail'];
}

/** A body that only the holder of a private key opens: AES-256-GCM under a key of its own, which is wrapped for the holder. Bytes in base64, hashes in hexadecimal. */
export interface Sealed {
  /** The item's id. It and the body's hash are authenticated with the body. */
  readonly item: string;
  readonly sha256: string;
  readonly cipher: 'aes-256-gcm';
  readonly wrap: 'rsa-oaep-sha256';
  /** Of the holder's public key (DER, SubjectPublicKeyInfo): which key opens it. */
  readonly keySha256: string;
  readonly wrappedKey: string;
  readonly iv: string;
  readonly tag: string;
  readonly body: string;
}

/** What is held, and every change to it. */
export interface Queue {
  /** The oldest first; of messages, which are kept for ever until somebody releases them, the newest `most`. */
  list(filter: QueueFilter, most: number, now: Instant): Promise<readonly QueueItem[]>;
  find(id: string): Promise<QueueDetail | null>;
  /** What the item is compared with: for a message the last one used before it that holds one of these numbers; for a delivery the one of its lane before it. */
  before(item: QueueDetail, numbers: readonly string[]): Promise<QueueDetail | null>;
  /** The change and its audit row in one transaction. Without an audit row it is tried out and undone. */
  apply(change: QueueChange, audit: AuditEntry | null): Promise<Applied>;
  openBulk(bulk: Omit<Bulk, 'id' | 'state'>, audit: AuditEntry): Promise<string>;
  bulk(id: string): Promise<Bulk | null>;
  isParked(caseId: CaseId): Promise<boolean>;
  caseOf(number: CaseNumber): Promise<CaseId | null>;
  /** What operators did, newest first; of one item when it is named. */
  history(item: string | null, most: number): Promise<readonly HistoryRow[]>;
  /** @param key the holder's public key, PEM */
  seal(item: string, body: Buffer, key: string): Sealed;
}

/** One field of a message: `PID-3`, of the second OBX `OBX(2)-5`. */
export interface Field {
  readonly segment: string;
  readonly nth: number;
  readonly field: number;
  readonly value: string;
}

/** Fields that are filled, in their order; null when the bytes are no HL7 message. */
export type FieldsOf = (bytes: Buffer) => readonly Field[] | null;

/** Which items: named, or all that fit. */
export interface Which {
  readonly ids: readonly string[];
  readonly filter: QueueFilter | null;
}

/** What an operator asks. */
export type QueueRequest =
  | { readonly ask: 'list'; readonly filter: QueueFilter; readonly most: number }
  | { readonly ask: 'show' | 'diff'; readonly id: string }
  | { readonly ask: 'history'; readonly id: string | null; readonly most: number }
  | { readonly ask: 'retry' | 'skip' | 'release'; readonly which: Which; readonly reason: string; readonly dryRun: boolean }
  | { readonly ask: 'park'; readonly caseNumber: string; readonly reason: string; readonly dryRun: boolean }
  | { readonly ask: 'confirm'; readonly bulk: string }
  | { readonly ask: 'export'; readonly id: string; readonly reason: string };

/** An item as an operator sees it. */
export interface ShownItem extends Omit<QueueItem, 'caseId'> {
  /** What may be done about it, in a few words. */
  readonly next: string;
}

/** A body field by field, every value as its shape. */
export interface MaskedField {
  readonly at: string;
  readonly value: string;
}

export interface ShownDetail extends ShownItem {
  readonly about: QueueDetail['about'];
  readonly body: readonly MaskedField[] | null;
  readonly related: readonly ShownItem[];
}

export interface Difference {
  readonly at: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What became of each item, or would become of it. */
export interface ActOn {
  readonly id: string;
  readonly ok: boolean;
  readonly text: string;
}

/** `no`: the answer to what was asked. `text` says it in a sentence. */
export type QueueReply =
  | { readonly ok: false; readonly code: 'denied' | 'unknown' | 'not-possible' | 'no-reason'; readonly text: string }
  | { readonly ok: true; readonly answer: 'list'; readonly items: readonly ShownItem[]; readonly more: boolean }
  | { readonly ok: true; readonly answer: 'show'; readonly item: ShownDetail }
  | {
      readonly ok: true;
      readonly answer: 'diff';
      readonly item: ShownItem;
      readonly with: ShownItem;
      readonly differences: readonly Difference[];
      readonly same: number;
    }
  | { readonly ok: true; readonly answer: 'history'; readonly rows: readonly HistoryRow[] }
  | { readonly ok: true; readonly answer: 'acted'; readonly dryRun: boolean; readonly on: readonly ActOn[] }
  | { readonly ok: true; readonly answer: 'waits'; readonly bulk: string; readonly until: Instant; readonly on: readonly ActOn[] }
  | { readonly ok: true; readonly answer: 'export'; readonly item: ShownItem; readonly about: QueueDetail['about']; readonly sealed: Sealed };

/** Who asks: the account of the operating system, proven. `as`: a person played on the rehearsal site. */
export interface Caller {
  readonly account: string;
  readonly as: string | null;
}

/** The running service, as an operator's command speaks to it: authorised on every call, audited before it answers. */
export interface Operator {
  ask(caller: Caller, request: QueueRequest): Promise<QueueReply>;
}
