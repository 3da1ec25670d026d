import type { CaseId } from '#core/ids.js';
import type { Database } from './database.ts';
import { caseIdKeyedBy, keyedHash } from './surroundings.ts';

/** The store with its keyed hashes, for what is written under them. */
export interface Keeping {
  readonly db: Database;
  readonly hash: (text: string) => Uint8Array;
  readonly caseIdOf: (workflow: string, subject: string) => CaseId;
}

export function keeper(db: Database): Keeping {
  return { db, hash: keyedHash(db.secret), caseIdOf: caseIdKeyedBy(db.secret) };
}
