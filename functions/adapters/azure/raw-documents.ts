import type { Instant } from '#core/time.js';
import type { Answers } from '#ports/hl7-door.js';
import type { RawEntry, RawMessage, RawState } from '#ports/raw-store.js';

/** A message that was kept: one document, under its identity. */
export interface RawDocument {
  /** Of the identity: idOf. */
  readonly id: string;
  readonly identity: string;
  readonly endpoint: string;
  readonly hash: string;
  readonly length: number;
  readonly controlId: string | null;
  readonly sender: string;
  readonly messageType: string | null;
  /** The exact answers, base64. */
  readonly commit: string | null;
  readonly application: string | null;
  readonly ackCode: RawMessage['ackCode'];
  readonly state: RawState;
  readonly reason: string | null;
  readonly receivedAt: Instant;
  readonly reused: boolean;
  /** Name of its bytes in Blob Storage. */
  readonly body: string;
  readonly queuedAt: string;
  /** Its application's answer has not left; since when. */
  readonly owedSince?: Instant;
  /** A person has seen to that answer. */
  readonly answerReleased?: boolean;
  /** Its consequences are being carried out, or were when a process died: since when, and the name of their list in Blob Storage. */
  readonly pendingSince?: string;
  readonly pending?: string;
}

const text = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;
const bytes = (base64: string | null): Buffer | null => (base64 === null ? null : Buffer.from(base64, 'base64'));

export function rawDocument(
  message: RawMessage,
  more: Pick<RawDocument, 'id' | 'reused' | 'body' | 'queuedAt'> & { readonly pending: string | null },
): RawDocument {
  const { bytes: _, answers, ...about } = message;
  const { pending, ...rest } = more;
  const { commit, application } = answers;
  return {
    ...about,
    ...rest,
    ...{ commit: text(commit), application: text(application) },
    ...(commit !== null && application !== null ? { owedSince: message.receivedAt } : {}),
    ...(pending === null ? {} : { pending, pendingSince: rest.queuedAt }),
  };
}

export function answersOf({ commit, application, ackCode }: RawDocument): { readonly answers: Answers; readonly ackCode: RawMessage['ackCode'] } {
  return { answers: { commit: bytes(commit), application: bytes(application) }, ackCode };
}

export function entryOf(row: RawDocument): RawEntry {
  const { id, identity, endpoint, hash, length, controlId, sender, messageType, ackCode, state, reason, receivedAt, reused } = row;
  return { id, identity, endpoint, hash, length, controlId, sender, messageType, ackCode, state, reason, receivedAt, controlIdReused: reused };
}
