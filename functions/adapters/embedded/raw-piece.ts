import { hash } from 'node:crypto';
import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Answers } from '#ports/hl7-door.js';
import { ofCase, ofDay } from './sealing.ts';
import type { Scope, Sealed, Sealing } from './sealing.ts';
import type { Tables } from './tables.ts';

/** What of a message may hold patient data: sealed in one piece, which costs one cipher a message. */
export interface RawPiece {
  readonly answers: Answers;
  readonly bytes: Buffer;
}

/** Lengths of the two answers, 4 bytes each (2^32 - 1: there is none), the answers, the bytes. */
const HEAD_BYTES = 8;
const NONE = 0xffff_ffff;

export function packed({ answers: { commit, application }, bytes }: RawPiece): Buffer {
  const [first, second] = [commit?.length ?? 0, application?.length ?? 0];
  const all = Buffer.allocUnsafe(HEAD_BYTES + first + second + bytes.length);
  all.writeUInt32BE(commit === null ? NONE : first, 0);
  all.writeUInt32BE(application === null ? NONE : second, 4);
  if (commit !== null) all.set(commit, HEAD_BYTES);
  if (application !== null) all.set(application, HEAD_BYTES + first);
  all.set(bytes, HEAD_BYTES + first + second);
  return all;
}

function unpacked(all: Buffer): RawPiece {
  const lengths = [all.readUInt32BE(0), all.readUInt32BE(4)] as const;
  const [first, second] = lengths.map((length) => (length === NONE ? 0 : length)) as [number, number];
  const part = (length: number, from: number): Buffer | null => (length === NONE ? null : all.subarray(from, from + length));
  const answers = { commit: part(lengths[0], HEAD_BYTES), application: part(lengths[1], HEAD_BYTES + first) };
  return { answers, bytes: all.subarray(HEAD_BYTES + first + second) };
}

/** What no workflow has used. As the index raw_aside has it: SQLite takes that only where a question says the same. */
export const ASIDE = "state NOT IN ('new', 'used')";

/** What is needed of a row to open its piece. */
export interface SealedRow {
  readonly identity: Uint8Array;
  readonly sealed: Uint8Array;
  readonly case_id: CaseId | null;
  readonly received_at: Instant;
}
export const SEALED_COLUMNS = 'identity, sealed, case_id, received_at';

export function openPiece(sealing: Sealing, row: SealedRow): RawPiece {
  return unpacked(sealing.open(scopeOf(row), placeOf(row.identity), row.sealed));
}

export function scopeOf({ case_id, received_at }: Pick<SealedRow, 'case_id' | 'received_at'>): Scope {
  return case_id === null ? ofDay(received_at) : ofCase(case_id);
}

export function placeOf(identity: Uint8Array): string {
  return `raw|${hexOf(identity)}`;
}

/** As the index has it. */
export function identityOf(text: string): Buffer {
  return hash('sha256', text, 'buffer').subarray(0, 16);
}

/** Its answers and its bytes; null: there is no such message. */
export function pieceOf(db: Sealed & Pick<Tables, 'get'>, id: number | string): RawPiece | null {
  const row = db.get<SealedRow>(`SELECT ${SEALED_COLUMNS} FROM raw WHERE id = ?`, id);
  return row === undefined ? null : openPiece(db.sealing, row);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
