import { createHmac } from 'node:crypto';
import { caseId as caseIdOf } from '#core/ids.js';
import type { CaseId, OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { CaseKey } from '#ports/raw-store.js';
import { keyedBy } from './append-batch.ts';
import { readHead, replaced } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import type { Stored } from './cosmos.ts';
import { LOCK_MS, withLocks } from './locks.ts';
import type { SiteSealing } from './site-keys.ts';

/** What the look-ups of a site share. In the container `lookups` each key is a partition, under its keyed hash (DECISIONS 34). */
export interface Keeping {
  readonly site: Site;
  readonly sealing: SiteSealing;
  readonly hash: (text: string) => string;
  readonly newCaseId: (workflow: string, subject: string) => CaseId;
  readonly lockMs: number;
}

/** @param lockMs how long the locks of a process that died hold up others */
export function keeping(site: Site, sealing: SiteSealing, secret: string, lockMs = LOCK_MS): Keeping {
  return { site, sealing, hash: keyedBy(secret), newCaseId: caseIdKeyedBy(secret), lockMs };
}

/** Case ids by a keyed hash: the same for the same subject, and no way back to the order number. */
export function caseIdKeyedBy(secret: string): (workflow: string, subject: string) => CaseId {
  return (workflow, subject) => caseIdOf.parse(createHmac('sha256', secret).update(`${workflow}\n${subject}`).digest('hex').slice(0, 32));
}

/** A number of an order leads to its case; it stays with the first one. */
interface NumberDocument {
  /** `n:` and the workflow. */
  readonly id: string;
  readonly key: string;
  readonly workflow: string;
  readonly caseId: CaseId;
}

/** A case is found by a key. */
interface CaseKeyDocument {
  /** `c:` and the case. */
  readonly id: string;
  readonly key: string;
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly since: Instant;
}

/** Placer numbers of a case, hashed without their assigner, which a RIS often leaves out when it gives the number back. */
interface PlacersDocument {
  readonly id: 'placers';
  /** The case's. */
  readonly key: string;
  readonly placers: readonly string[];
}

interface Known {
  readonly number: OrderKey;
  readonly key: string;
  readonly placer: string | null;
  readonly caseId: CaseId | undefined;
}

/**
 * The case of an order, to which all of its numbers that are new lead from now on; a number stays with its first case. The placer number decides (DECISIONS 3).
 * Where that is new or missing: the case of the first other number that is known, unless that case has another placer number (one filler number may stand for
 * several orders of the placer's). Else a case of its own; null for `onlyIfKnown`.
 */
export async function caseOfOrder(keeping: Keeping, workflow: string, numbers: readonly OrderKey[], onlyIfKnown = false): Promise<CaseId | null> {
  const before = await readNumbers(keeping, workflow, numbers);
  const first = await decide(keeping, workflow, before, onlyIfKnown);
  // Nearly always: nothing is new.
  if (first === null || before.every(({ caseId }) => caseId !== undefined)) return first;
  const led = await withLocks(
    { cosmos: keeping.site.cosmos, lockMs: keeping.lockMs },
    before.map(({ key }) => key),
    async () => {
      const known = await readNumbers(keeping, workflow, numbers);
      const caseId = await decide(keeping, workflow, known, onlyIfKnown);
      if (caseId === null) return { caseId, isOurs: true };
      const fresh = known.filter((one) => one.caseId === undefined);
      // Before the numbers: a crash in between must not leave a case with a placer number that it does not know to have.
      await addPlacers(
        keeping,
        caseId,
        fresh.flatMap(({ placer }) => placer ?? []),
      );
      const leading = leadingOf(known);
      // The one that decides comes last: while it leads nowhere all can be decided anew.
      for (const { key } of [...fresh.filter((one) => one !== leading), ...fresh.filter((one) => one === leading)]) {
        const document: NumberDocument = { id: `n:${workflow}`, key, workflow, caseId };
        if (!(await keeping.site.cosmos.write('lookups', key, [{ do: 'create', document }])).ok) return { caseId, isOurs: false };
      }
      return { caseId, isOurs: true };
    },
  );
  // One of them leads elsewhere by now: we stood still for longer than our locks, or another's clock runs ahead.
  return led.isOurs ? led.caseId : caseOfOrder(keeping, workflow, numbers, onlyIfKnown);
}

function readNumbers({ site, hash }: Keeping, workflow: string, numbers: readonly OrderKey[]): Promise<Known[]> {
  return Promise.all(
    numbers.map(async (number) => {
      const key = hash(number);
      const [kind, , ...id] = number.split('|');
      const placer = kind === 'placer' ? hash(`placer||${id.join('|')}`) : null;
      const found = await site.cosmos.read<NumberDocument>('lookups', key, `n:${workflow}`);
      return { number, key, placer, caseId: found?.caseId };
    }),
  );
}

const leadingOf = (known: readonly Known[]): Known | undefined => known.find(({ placer }) => placer !== null) ?? known[0];

async function decide(keeping: Keeping, workflow: string, known: readonly Known[], onlyIfKnown: boolean): Promise<CaseId | null> {
  const leading = leadingOf(known);
  if (leading === undefined) throw new RangeError('an order without a number has no case');
  if (leading.caseId !== undefined) return leading.caseId;
  for (const { caseId } of known) {
    if (caseId !== undefined && !(await hasOtherPlacer(keeping, caseId, leading.placer))) return caseId;
  }
  return onlyIfKnown ? null : keeping.newCaseId(workflow, leading.number);
}

async function hasOtherPlacer({ site }: Keeping, caseId: CaseId, placer: string | null): Promise<boolean> {
  if (placer === null) return false;
  const found = await site.cosmos.read<PlacersDocument>('lookups', caseId, 'placers');
  return found !== null && found.placers.some((one) => one !== placer);
}

async function addPlacers({ site: { cosmos } }: Keeping, caseId: CaseId, placers: readonly string[]): Promise<void> {
  if (placers.length === 0) return;
  for (;;) {
    const found = await cosmos.read<PlacersDocument>('lookups', caseId, 'placers');
    const document: PlacersDocument = { id: 'placers', key: caseId, placers: [...new Set([...(found?.placers ?? []), ...placers])] };
    const change = found === null ? { do: 'create' as const, document } : replaced(found, document as Stored<PlacersDocument>);
    if ((await cosmos.write('lookups', caseId, [change])).ok) return;
  }
}

/** Adds what a case is found by; nothing is ever taken away. Written before the case says so itself, and the same again changes nothing. */
export async function addCaseKeys(
  { site, hash }: Pick<Keeping, 'site' | 'hash'>,
  caseId: CaseId,
  workflow: string,
  keys: readonly CaseKey[],
  at: Instant,
): Promise<void> {
  await Promise.all(
    keys.map(async (one) => {
      const key = hash(one);
      const document: CaseKeyDocument = { id: `c:${caseId}`, key, caseId, workflow, since: at };
      await site.cosmos.write('lookups', key, [{ do: 'create', document }]);
    }),
  );
}

/** Cases by id, each with its workflow. */
export type Cases = ReadonlyMap<CaseId, string>;

/** Cases of one of these keys, and of orders that are so new that their case has told no key yet. */
export async function casesWith(
  { site, hash }: Keeping,
  keys: readonly CaseKey[],
  within: { readonly from: Instant; readonly to: Instant } | null,
): Promise<Cases> {
  const found = await Promise.all(
    keys.map((key) => site.cosmos.query<NumberDocument & Partial<CaseKeyDocument>>('lookups', { query: 'SELECT * FROM c', partition: hash(key) })),
  );
  const leads = ({ id, since }: { readonly id: string; readonly since?: Instant }): boolean =>
    id.startsWith('n:') || (id.startsWith('c:') && since !== undefined && (within === null || (since >= within.from && since <= within.to)));
  return new Map(
    found
      .flat()
      .filter(leads)
      .map(({ caseId, workflow }) => [caseId, workflow]),
  );
}

type Found = readonly [CaseId, string];

/**
 * Of cases of one number the order, where all others are of its patient: they share a key besides the number. Else all of them; but none that could not be told.
 * @param of.keys the number's
 */
export async function ordersAmong(
  keeping: Keeping,
  found: readonly Found[],
  { keys, workflow, tell }: { readonly keys: readonly CaseKey[]; readonly workflow: string; readonly tell: boolean },
): Promise<readonly Found[]> {
  const [order, ...more] = found.filter(([, of]) => of === workflow);
  if (order === undefined) return tell ? [] : found;
  const others = found.filter((one) => one !== order);
  if (more.length > 0 || others.length === 0) return found;
  const number = keys.map(keeping.hash);
  const own = (await keysOf(keeping, order[0])).filter((key) => !number.includes(key));
  const theirs = await Promise.all(others.map(([caseId]) => keysOf(keeping, caseId)));
  return theirs.every((some) => some.some((key) => own.includes(key))) ? [order] : found;
}

async function keysOf({ site }: Keeping, caseId: CaseId): Promise<readonly string[]> {
  return (await readHead(site, caseId))?.keys ?? [];
}

/** Cases that are open, or have no row yet, under one of these keys. @param of all of this workflow, ended ones too */
export async function casesToTell(keeping: Keeping, keys: readonly CaseKey[], of?: string): Promise<Cases> {
  const found = await Promise.all(
    keys.map((key) => keeping.site.cosmos.query<CaseKeyDocument>('lookups', { query: 'SELECT * FROM c', partition: keeping.hash(key) })),
  );
  const cases = new Map(
    found
      .flat()
      .filter(({ id }) => id.startsWith('c:'))
      .map(({ caseId, workflow }) => [caseId, workflow] as const),
  );
  const open = await Promise.all(
    [...cases.keys()].map(async (caseId) => {
      const head = await readHead(keeping.site, caseId);
      if (head === null) return [];
      // One whose data key was dropped can't be told any more.
      const isTold = of === undefined ? (head.row?.open ?? true) : cases.get(caseId) === of && head.dataKey !== null;
      return isTold ? [caseId] : [];
    }),
  );
  return new Map(open.flat().map((caseId) => [caseId, cases.get(caseId) ?? '']));
}

/** The case of a workflow that has the first of these keys that any has, of several the newest; null: none has. One whose data key was dropped has none any more. */
export async function caseKnownBy({ site, hash }: Keeping, workflow: string, keys: readonly CaseKey[]): Promise<CaseId | null> {
  for (const key of keys) {
    const documents = await site.cosmos.query<CaseKeyDocument>('lookups', { query: 'SELECT * FROM c', partition: hash(key) });
    const newest = documents
      .filter((one) => one.id.startsWith('c:') && one.workflow === workflow)
      .toSorted((a, b) => b.since.localeCompare(a.since) || a.caseId.localeCompare(b.caseId));
    for (const { caseId } of newest) {
      const head = await readHead(site, caseId);
      if (head?.dataKey !== null) return caseId;
    }
  }
  return null;
}

/** Cases that ever told this key, ended ones too, first first; none that was shredded. */
export async function casesEverWith(
  { site, hash }: Pick<Keeping, 'site' | 'hash'>,
  key: CaseKey,
): Promise<readonly { readonly workflow: string; readonly caseId: CaseId }[]> {
  const documents = await site.cosmos.query<CaseKeyDocument>('lookups', { query: 'SELECT * FROM c', partition: hash(key) });
  const told = documents.filter(({ id }) => id.startsWith('c:')).toSorted((a, b) => (`${a.since} ${a.caseId}` < `${b.since} ${b.caseId}` ? -1 : 1));
  const heads = await Promise.all(told.map(({ caseId }) => readHead(site, caseId)));
  // A key is written before its case says so: one that never came to be has no head.
  return told.filter((_, n) => heads[n]?.dataKey != null).map(({ workflow, caseId }) => ({ workflow, caseId }));
}
