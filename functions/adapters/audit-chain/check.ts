import { createHash } from 'node:crypto';
import type { Anchor, Anchors } from '#ports/anchors.js';
import type { AuditRow, AuditVerdict, Checkpoint, Link, Purge } from '#ports/audit-store.js';
import { anchorBytes, checkpointBytes, checkpointHash, purgeBytes } from './checkpoint.ts';
import { SITE, START, hashOf, isEmptied } from './row.ts';
import { isSigned } from './signature.ts';
import type { Signs, Verifies } from './signature.ts';

export type Bad = NonNullable<AuditVerdict['firstBad']>;

/** A chain to be checked, in its order, and what it is checked against. */
export interface Evidence {
  readonly links: AsyncIterable<readonly Link[]>;
  readonly purges: readonly Purge[];
  /** How much there should be; null where nothing but the chain says so. */
  readonly extent: { readonly rows: number; readonly checkpoints: number } | null;
  readonly key: Verifies;
  /** Null: there are none to hold it against. */
  readonly anchors: Anchors | null;
}

/** What a store's chain is sealed and checked with. */
export interface Proof {
  readonly key: Signs & Verifies;
  /** Null: nothing is held against anchors. */
  readonly anchors: Anchors | null;
}

/**
 * Walks the chain once: every row's hash and place, every checkpoint and its signature, the anchors. Memory grows with the number of cases, not of rows.
 * @param onRow what else is to be held against a row; gives what is wrong with it
 */
export async function checkChain(evidence: Evidence, onRow: (row: AuditRow) => string | null = () => null): Promise<AuditVerdict> {
  const anchors = await knownAnchors(evidence);
  const walk = startWalk({ ...evidence, anchors: anchors.byHeight }, onRow);
  const firstBad = anchors.bad ?? (await through(evidence, walk)) ?? walk.beyond() ?? (await walk.end(evidence.extent));
  return { ok: firstBad === null, ...walk.seen(), restored: anchors.restored, firstBad };
}

export interface Known {
  /** What stands outside the store, by height. */
  readonly byHeight: Map<number, Anchor>;
  readonly restored: { readonly at: string; readonly upto: number }[];
  bad: Bad | null;
}

export async function knownAnchors({ anchors, key }: Pick<Evidence, 'anchors' | 'key'>): Promise<Known> {
  const known: Known = { byHeight: new Map(), restored: [], bad: null };
  if (anchors === null) return known;
  for await (const anchor of anchors.all()) {
    const { height, upto, at } = anchor;
    const bad = (what: string): Known => ({ ...known, bad: { seq: upto, what: `${what} (anchor ${height} of ${at} in ${anchors.where})` } });
    if (!(await isSigned(key, anchorBytes(anchor), anchor.signed))) return bad('an anchor is not signed by this site');
    if (anchor.restored) {
      for (const above of [...known.byHeight.keys()].filter((other) => other > height)) known.byHeight.delete(above);
      known.restored.push({ at, upto });
    }
    const before = known.byHeight.get(height);
    if (before !== undefined && before.hash !== anchor.hash) return bad('two anchors of one height say different things');
    known.byHeight.set(height, anchor);
  }
  return known;
}

async function through({ links }: Evidence, walk: Walk): Promise<Bad | null> {
  for await (const page of links)
    for (const link of page) {
      const bad = 'row' in link ? walk.row(link.row) : await walk.checkpoint(link.checkpoint);
      if (bad !== null) return bad;
    }
  return null;
}

/** The walk along a chain: each piece in its order, then the end. */
export interface Walk {
  row(row: AuditRow): Bad | null;
  checkpoint(checkpoint: Checkpoint): Promise<Bad | null>;
  /** Anchors of what has not been met: it was cut off. */
  beyond(): Bad | null;
  end(extent: Evidence['extent']): Promise<Bad | null>;
  seen(): Pick<AuditVerdict, 'cases' | 'rows' | 'signedUpto' | 'anchoredUpto'>;
}

export interface WalkedAgainst extends Pick<Evidence, 'purges' | 'key'> {
  readonly anchors: Known['byHeight'];
}

export function startWalk({ purges, key, anchors }: WalkedAgainst, onRow: (row: AuditRow) => string | null): Walk {
  const heads = new Map<string, { readonly caseSeq: number; readonly hash: string }>();
  const purged = purgedRows(purges);
  const upto = { rows: 0, signed: 0, anchored: 0 };
  /** Hashes of the rows that no checkpoint has joined yet. */
  let open: string[] = [];
  let last: Checkpoint | null = null;
  let unsigned = 0;

  const judgeRow = (row: AuditRow): string | null => {
    if (row.seq !== upto.rows + 1) return 'a row is missing';
    const head = heads.get(row.caseId);
    if (row.caseSeq !== (head?.caseSeq ?? 0) + 1 || row.prev !== (head?.hash ?? START)) return 'the chain of its case is broken here';
    if (row.purged !== null) return purged.judge(row, row.purged);
    return row.hash === hashOf(row) ? onRow(row) : 'the row is not what was written';
  };
  const judgeCheckpoint = async (checkpoint: Checkpoint): Promise<string | null> => {
    const { height, at, prev, hash, rows, signed } = checkpoint;
    const isNext = height === (last?.height ?? 0) + 1 && prev === (last?.hash ?? START);
    if (!isNext || checkpoint.upto !== upto.rows || rows !== open.length) return 'a checkpoint is missing here, or another stands in its place';
    if (hash !== checkpointHash(prev, at, checkpoint.upto, open)) return 'the checkpoint does not fit the rows that it joins';
    const anchor = anchors.get(height);
    if (signed === null && (last?.signed != null || anchor !== undefined)) return 'the checkpoint has lost its signature';
    if (signed !== null && !(await isSigned(key, checkpointBytes(checkpoint, unsigned), signed)))
      return 'the checkpoint is not signed by this site, or one before it has lost its signature';
    if (signed === null) unsigned += 1;
    if (anchor !== undefined && (anchor.hash !== hash || anchor.upto !== checkpoint.upto))
      return `what stands here is not what was anchored at ${anchor.at}`;
    if (anchor !== undefined) upto.anchored = checkpoint.upto;
    if (signed !== null) upto.signed = checkpoint.upto;
    return null;
  };
  const missing = (what: string): Bad => ({ seq: upto.rows + 1, what });
  return {
    row(row) {
      const what = judgeRow(row);
      if (what !== null) return { seq: Math.min(row.seq, upto.rows + 1), what };
      upto.rows += 1;
      heads.set(row.caseId, { caseSeq: row.caseSeq, hash: row.hash });
      open.push(row.hash);
      return null;
    },
    async checkpoint(checkpoint) {
      const what = await judgeCheckpoint(checkpoint);
      if (what !== null) return { seq: upto.rows, what };
      open = [];
      last = checkpoint;
      return null;
    },
    beyond() {
      const found = [...anchors.values()].find((anchor) => anchor.height > (last?.height ?? 0));
      return found === undefined ? null : missing(`rows up to ${found.upto} are missing that were anchored at ${found.at}`);
    },
    end(extent) {
      if (extent !== null && upto.rows < extent.rows) return Promise.resolve(missing('rows at the end are missing'));
      if (extent !== null && (last?.height ?? 0) < extent.checkpoints) return Promise.resolve(missing('a checkpoint at the end is missing'));
      return purged.end(key);
    },
    seen() {
      return { cases: heads.size - (heads.has(SITE) ? 1 : 0), rows: upto.rows, signedUpto: upto.signed, anchoredUpto: upto.anchored };
    },
  };
}

/** Rows whose content was taken away: their hashes still hold the chain together, and a signature must say that they went by a purge. */
function purgedRows(purges: readonly Purge[]): { judge(row: AuditRow, by: number): string | null; end(key: Verifies): Promise<Bad | null> } {
  const counted = new Map(purges.map((purge) => [purge.id, { purge, digest: createHash('sha256'), rows: 0 }]));
  return {
    judge(row, by) {
      const one = counted.get(by);
      if (one === undefined || row.seq > one.purge.upto) return 'the row is empty, and no purge of this site did it';
      if (!isEmptied(row)) return 'the row was purged and has content again';
      one.digest.update(row.hash);
      one.rows += 1;
      return null;
    },
    async end(key) {
      for (const { purge, digest, rows } of counted.values()) {
        const bad = (what: string): Bad => ({ seq: purge.upto, what: `${what} (purge of ${purge.at})` });
        if (rows !== purge.rows || digest.digest('hex') !== purge.digest) return bad('the rows that are empty are not the ones that were purged');
        if (!(await isSigned(key, purgeBytes(purge), purge.signed))) return bad('a purge is not signed by this site');
      }
      return null;
    },
  };
}
