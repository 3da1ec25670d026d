import { SealBroken } from '#adapters/sealing/envelope.js';
import type { Consequence, Kept, RawMessage, RawStore, Route, Unrouted } from '#ports/raw-store.js';
import { arrivalsOf } from './arrivals.ts';
import type { Arriving } from './arrivals.ts';
import { BlobFailure, BodyMissing } from './blob-bodies.ts';
import { replaced } from './case-partition.ts';
import { CosmosFailure } from './cosmos-failure.ts';
import { carryOut, checkConsequences, namesIn } from './consequences.ts';
import { idOf } from './cosmos-documents.ts';
import type { EventDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';
import { patientNow } from './patients.ts';
import { answersOf, entryOf, rawDocument } from './raw-documents.ts';
import type { RawDocument } from './raw-documents.ts';
import { DayShredded, ofDay } from './site-keys.ts';
import { stamp } from './stamp.ts';
import { turns } from './turns.ts';

type Row = Stored<RawDocument>;

/** Milliseconds after which what another process was carrying out is taken to be left by a crash. Doing it beside that process does no harm. */
const LEFT_BEHIND_MS = 30_000;
/** How much is worked out in one turn, beside the first message: so that a few large ones do not hold up the rest. */
const ROUTED_BYTES = 1024 * 1024;

/**
 * The inbox on Azure: the body in Blob Storage, then the row in Cosmos DB, then the answer. What a message causes lies in other partitions: it is carried out in
 * steps that can be repeated, the row's state last, and again by `unrouted` and by whoever brings the message again when a crash came between.
 *
 * @param leftBehindMs after so long what is under way elsewhere is carried out here too
 */
export function rawStore(arriving: Arriving, leftBehindMs = LEFT_BEHIND_MS): RawStore {
  const { cosmos } = arriving.site;
  const inTurn = turns();
  const read = (id: string): Promise<Row | null> => cosmos.read<RawDocument>('raw', id, id);
  const entries = async (query: string, values: Readonly<Record<string, string | number | readonly string[]>>) =>
    cosmos.query<Row>('raw', { query, values });
  const finish = async (row: Row): Promise<void> => {
    const { pending, pendingSince: _, ...rest } = row;
    if (pending === undefined) return;
    const consequences = JSON.parse((await arriving.bodies.get(pending)).toString()) as Consequence[];
    for (const consequence of consequences) await carryOut(arriving, consequence, row.id, row.receivedAt);
    await cosmos.write('raw', row.id, [replaced(row, rest as Row)]);
  };
  let lookedAt = 0;
  /** What a crash left under way: looked for at the start, and then as often as it takes to be left. */
  const finishLeft = async (): Promise<void> => {
    const now = Date.now();
    if (now < lookedAt + leftBehindMs) return;
    lookedAt = now;
    const before = String(now - leftBehindMs).padStart(15, '0');
    const left = await entries('SELECT TOP 10 * FROM c WHERE c.pendingSince <= @before ORDER BY c.pendingSince', { before });
    for (const row of left) await finish(row).catch((error: unknown) => putAside(arriving, row, error));
  };
  const keep = async (message: RawMessage, consequences: readonly Consequence[] | 'later'): Promise<Kept> => {
    const id = idOf(message.identity);
    for (;;) {
      const known = await read(id);
      if (known !== null) {
        await finish(known);
        return { ...answersOf(known), fresh: false, controlIdReused: false };
      }
      const scope = ofDay(message.receivedAt);
      const isLater = consequences === 'later' || consequences.length === 0;
      const [body, pending, reused] = await Promise.all([
        arriving.bodies.put(scope, message.bytes),
        isLater ? null : arriving.bodies.put(scope, Buffer.from(JSON.stringify(consequences))),
        isReused(arriving, message),
      ]);
      const document = rawDocument(message, { id, reused, body, queuedAt: stamp(), pending });
      if (!(await cosmos.write('raw', id, [{ do: 'create', document }])).ok) continue;
      const row = isLater ? null : await read(id);
      if (row !== null) await finish(row);
      return { ...answersOf(document), fresh: true, controlIdReused: reused };
    }
  };

  return {
    async find(identity) {
      const found = await read(idOf(identity));
      return found === null ? null : answersOf(found);
    },
    async keep(message, consequences) {
      if (consequences === 'later') return keep(message, consequences);
      checkConsequences(consequences);
      return inTurn([`identity ${message.identity}`, ...namesIn(consequences)], () => keep(message, consequences));
    },
    async unrouted(most) {
      await finishLeft();
      const rows = await entries("SELECT TOP @most * FROM c WHERE c.state = 'new' ORDER BY c.state, c.queuedAt", { most });
      let sum = 0;
      const few = rows.filter(({ length }, index) => (sum += length) <= ROUTED_BYTES || index === 0);
      const found = await Promise.all(few.map((row) => unroutedOf(arriving, row)));
      return found.filter((one) => one !== null);
    },
    async route(routes) {
      for (const { consequences } of routes) checkConsequences(consequences);
      await Promise.all(routes.map((route) => inTurn([`row ${route.id}`, ...namesIn(route.consequences)], () => routeOne(arriving, route))));
    },
    async waiting(most) {
      const held = await cosmos.query<Pick<EventDocument, 'caseId'>>('cases', { query: HELD });
      const waiting = "SELECT VALUE COUNT(1) FROM c WHERE c.kind = 'event' AND NOT ARRAY_CONTAINS(@held, c.caseId)";
      const counts = await Promise.all([
        cosmos.query<number>('raw', { query: "SELECT VALUE COUNT(1) FROM c WHERE c.state = 'new'" }),
        cosmos.query<number>('cases', { query: waiting, values: { held: [...new Set(held.map(({ caseId }) => caseId))] } }),
      ]);
      const [messages = 0, events = 0] = counts.map(([count = 0]) => Math.min(count, most));
      return { messages, events };
    },
    async list(most, state) {
      const [where, order] = state === undefined ? ['', ''] : [' WHERE c.state = @state', 'c.state DESC, '];
      const query = `SELECT TOP @most * FROM c${where} ORDER BY ${order}c.queuedAt DESC`;
      return (await entries(query, { most, ...(state === undefined ? {} : { state }) })).map(entryOf);
    },
    async read(id) {
      const row = await read(id);
      return row === null ? null : arriving.bodies.get(row.body);
    },
    arrivals: (most, state) => arrivalsOf(arriving, most, state),
    async signedReports(from, to) {
      const query = "SELECT VALUE COUNT(1) FROM c WHERE c.id = 'arrival' AND c.what = 'report' AND c.receivedAt >= @from AND c.receivedAt < @to";
      return (await cosmos.query<number>('lookups', { query, values: { from, to } }))[0] ?? 0;
    },
    patientNow: (identifiers) => patientNow(arriving, identifiers),
    async answered(identity) {
      for (;;) {
        const row = await read(idOf(identity));
        if (row?.owedSince === undefined) return;
        const { owedSince: _, ...rest } = row;
        if ((await cosmos.write('raw', row.id, [replaced(row, rest as Row)])).ok) return;
      }
    },
    async unanswered(before, most, endpoints) {
      const among = endpoints === undefined ? '' : ' AND ARRAY_CONTAINS(@endpoints, c.endpoint)';
      const query = `SELECT TOP @most * FROM c WHERE c.owedSince < @before${among} ORDER BY c.owedSince`;
      const owed = await entries(query, { before, most, ...(endpoints === undefined ? {} : { endpoints }) });
      return owed.flatMap((row) => {
        const { application } = answersOf(row).answers;
        return application === null ? [] : [{ identity: row.identity, endpoint: row.endpoint, application }];
      });
    },
  };
}

/** Cases whose head a person has to see to; more than these are a burst of poison, which is told otherwise. */
const HELD = "SELECT TOP 1000 c.caseId FROM c WHERE c.kind = 'event' AND c.state = 'quarantined'";

/** The row's state last: before it, all of this is done again. A row that is no longer new is passed over. */
async function routeOne(arriving: Arriving, { id, state, reason, consequences }: Route): Promise<void> {
  const { cosmos } = arriving.site;
  const row = await cosmos.read<RawDocument>('raw', id, id);
  if (row?.state !== 'new') return;
  for (const consequence of consequences) await carryOut(arriving, consequence, id, row.receivedAt);
  for (let now: Row | null = row; now?.state === 'new'; now = await cosmos.read<RawDocument>('raw', id, id)) {
    if ((await cosmos.write('raw', id, [replaced(now, { ...now, state, reason })])).ok) return;
  }
}

/** Null: its body can't be had. */
async function unroutedOf(arriving: Arriving, row: Row): Promise<Unrouted | null> {
  const { id, endpoint, hash, receivedAt } = row;
  try {
    return { id, endpoint, hash, receivedAt, bytes: await arriving.bodies.get(row.body) };
  } catch (error) {
    await putAside(arriving, row, error);
    return null;
  }
}

/** What can't be read any more, or what our reader fails at, is left for an operator, who finds it among the kept ones; the others go on. Only the services' own faults may pass. */
async function putAside({ site }: Arriving, row: Row, error: unknown): Promise<void> {
  if (error instanceof CosmosFailure || error instanceof BlobFailure) throw error;
  const isGone = error instanceof BodyMissing || error instanceof DayShredded || error instanceof SealBroken;
  const fault = error instanceof Error ? error.name : 'unknown';
  const reason = isGone ? error.message : `What it causes could not be worked out (${fault}).`;
  const { pending: _, pendingSince: __, ...rest } = row;
  await site.cosmos.write('raw', row.id, [replaced(row, { ...rest, state: 'kept', reason })]);
}

/** The sender's name for a message, under its keyed hash, with the first two hashes that it was used for. */
interface ControlDocument {
  readonly id: 'control';
  readonly key: string;
  readonly hashes: readonly string[];
}

/** Did this sender use this control id for other bytes (INVARIANTS 4)? Asked again of the same message it is the same answer, so that a crash before the row changes nothing. */
async function isReused({ site, hash }: Arriving, { controlId, sender, hash: content }: RawMessage): Promise<boolean> {
  if (controlId === null) return false;
  const key = hash(`control|${sender}|${controlId}`);
  for (;;) {
    const found = await site.cosmos.read<ControlDocument>('lookups', key, 'control');
    const others = found?.hashes.filter((one) => one !== content) ?? [];
    if (found !== null && (found.hashes.length > 1 || others.length === 0)) return others.length > 0;
    const document: ControlDocument = { id: 'control', key, hashes: [...others, content] };
    const change = found === null ? { do: 'create' as const, document } : replaced(found, document as Stored<ControlDocument>);
    if ((await site.cosmos.write('lookups', key, [change])).ok) return others.length > 0;
  }
}
