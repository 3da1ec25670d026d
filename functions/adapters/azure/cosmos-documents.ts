import { createHash } from 'node:crypto';
import type { Effect } from '#core/effect.js';
import type { CaseId, CaseNumber, EventId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Answer, TaskRow } from '#core/workflow.js';
import type { NewRow } from '#adapters/audit-chain/row.js';

/** A name that Cosmos takes as a document's id (no / \ ? #) and that tells nothing: 32 hexadecimal digits of a SHA-256. */
export function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Sealed bytes in base64; too many of them for one document: the ids of the documents that hold them, in their order. */
export type Piece = string | { readonly parts: readonly string[] };

/** The one document of a case that every change of the case replaces by its ETag: what is decided about a case is decided on this one. */
export interface HeadDocument {
  readonly id: 'head';
  readonly kind: 'head';
  readonly caseId: CaseId;
  /** The case's data key as the keyring wraps it, base64; null: shredded. */
  readonly dataKey: string | null;
  /** Both null before somebody has read the case: what is told of it, or views of it, may come first. */
  readonly workflow: string | null;
  readonly number: CaseNumber | null;
  readonly version: number;
  /** Of the last outbox item; of the last event queued. */
  readonly seq: number;
  readonly eventSeq: number;
  /** Counts the appends: of two states of the head the one with the higher is the later. */
  readonly stamp: number;
  readonly row: TaskRow | null;
  readonly updatedAt: Instant | null;
  /** Its place in lists: when it first had a row. */
  readonly order: string | null;
  readonly deadlines: Readonly<Record<string, { readonly epoch: number; readonly at: Instant }>>;
  /** The first of the deadlines; absent when there is none. Queries find the case by it. */
  readonly wakeAt?: Instant;
  /** By lane, in their order: what later items of the lane wait behind. */
  readonly lanes: Readonly<Record<string, readonly Waiting[]>>;
  readonly parked: { readonly by: string; readonly reason: string; readonly at: Instant } | null;
  /** Since when it is set aside; absent: it is not. Queries find the case by it. */
  readonly parkedAt?: Instant;
  /** Keyed hashes of the keys that `lookups` was told. */
  readonly keys: readonly string[];
  /** The last row of the case's audit chain. */
  readonly chain: { readonly caseSeq: number; readonly hash: string } | null;
  /** PersonId -> the highest revision whose personal view they were shown. */
  readonly shown: Readonly<Record<string, number>>;
}

export interface Waiting {
  readonly id: string;
  readonly seq: number;
}

/** What one event did: written once, never changed. `quiet`: it gave no fact. */
export interface StepDocument {
  readonly id: string;
  readonly kind: 'step' | 'quiet';
  readonly caseId: CaseId;
  readonly eventId: EventId;
  /** Facts that the case had before it. */
  readonly base: number;
  readonly at: Instant;
  readonly facts: readonly Piece[];
  readonly answer: Answer | null;
  readonly rows: readonly NewRow[];
}

/** One audit row alone: a view, a denial. */
export interface AuditDocument {
  readonly id: string;
  readonly kind: 'audit';
  readonly caseId: CaseId;
  /** When an operator did it; absent on every other row. Queries find what operators did by it. */
  readonly actAt?: Instant;
  readonly rows: readonly NewRow[];
}

export type OutboxState = 'waiting' | 'leased' | 'held' | 'delivered' | 'withdrawn' | 'suppressed' | 'skipped';

export interface OutboxDocument {
  readonly id: string;
  readonly kind: 'outbox';
  readonly caseId: CaseId;
  readonly workflow: string;
  readonly number: CaseNumber;
  /** Order of writing within the case. */
  readonly seq: number;
  readonly lane: string | null;
  readonly effectKind: Effect['kind'];
  /** `rankOf` of the effect; absent on what was written before it was kept: 2. */
  readonly rank?: number;
  /** `destinationOf` of the effect; null on a page that was written before its channel was kept. */
  readonly destination: string | null;
  /** The message, resource or note, for lists. */
  readonly what: string;
  readonly weight: Effect['weight'];
  readonly effect: Piece;
  readonly state: OutboxState;
  /** The instance that claimed it last. */
  readonly owner?: string;
  readonly attempt: number;
  readonly crashes: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly bytes: Piece | null;
  readonly due: Instant;
  readonly leaseUntil: Instant | null;
  /** When it can be claimed; absent: it can't, being ended, held, behind another of its lane, or of a parked case. Queries find it by this. */
  readonly readyAt?: Instant;
  /** With `readyAt`: 0 when it was tried before, so that it stands behind no flood of new ones once its time has come; else 1. */
  readonly fresh?: 0 | 1;
  readonly awaits?: string;
  readonly receipt: Piece | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly writtenAt: Instant;
  readonly doneAt: Instant | null;
}

/** Outbox items of a step that wanted too many for one batch: put into documents of their own by whoever claims next. */
export interface BundleDocument {
  readonly id: string;
  readonly kind: 'outbox';
  readonly bundle: true;
  readonly fresh: 1;
  readonly caseId: CaseId;
  readonly ids: readonly string[];
  readonly items: readonly OutboxDocument[];
  readonly readyAt: Instant;
}

/** A piece of something larger than a document may be: seen by nobody until a document names it. */
export interface PartDocument {
  readonly id: string;
  readonly kind: 'part';
  readonly caseId: CaseId;
  readonly data: string;
}

/** An event on its way to its case. */
export interface EventDocument {
  readonly id: string;
  readonly kind: 'event';
  readonly caseId: CaseId;
  readonly workflow: string;
  readonly eventId: EventId;
  /** Order within the case. */
  readonly turn: number;
  /** When it was queued, as stamp() gives it: which case is served first. */
  readonly queuedAt: string;
  /** The whole event, sealed. */
  readonly body: Piece;
  /** Its input's type and its bringer's door, for lists. */
  readonly what: string;
  readonly door: string | null;
  readonly state: 'waiting' | 'leased' | 'quarantined';
  /** The instance that claimed it last. */
  readonly owner?: string;
  readonly attempt: number;
  readonly failures: number;
  readonly crashes: number;
  readonly due: Instant;
  readonly leaseUntil: Instant | null;
  /** When a sweep may take it; absent while it is quarantined. */
  readonly eventDue?: Instant;
  readonly reason: string | null;
}

export const headId = 'head';
export const stepId = (event: EventId): string => `s:${idOf(event)}`;
export const eventDocumentId = (event: EventId): string => `e:${idOf(event)}`;
export const outboxId = (key: string): string => `o:${idOf(key)}`;

/** The name by which the engine knows a document of a case: its case and its id. */
export function nameOf({ caseId, id }: { readonly caseId: CaseId; readonly id: string }): string {
  return `${caseId}.${id}`;
}

/** The case and the document's id again. */
export function partsOf(name: string): { readonly caseId: string; readonly id: string } {
  const dot = name.indexOf('.');
  return { caseId: name.slice(0, dot), id: name.slice(dot + 1) };
}

/** A head with its first deadline where queries find it. */
export function withDeadlines(head: HeadDocument, deadlines: HeadDocument['deadlines']): HeadDocument {
  const { wakeAt: _, ...rest } = head;
  const first = Object.values(deadlines)
    .map(({ at }) => at)
    .sort()[0];
  return { ...rest, deadlines, ...(first === undefined ? {} : { wakeAt: first }) };
}
