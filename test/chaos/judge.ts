import type { StoreAt } from '../support/azure-part.ts';
import { readPeopleSide, readPostings, readRisSide } from '../support/ledgers.ts';
import type { PersonSide } from '../support/ledgers.ts';
import { recordsOf } from '../support/records.ts';
import type { EffectRecord, Records } from '../support/records-shape.ts';

export interface Verdict {
  /** What should not be, one sentence each; empty: nothing was lost, nothing done twice. */
  readonly findings: readonly string[];
  readonly figures: {
    readonly orders: number;
    readonly cases: number;
    readonly postings: number;
    readonly orphans: number;
    readonly mostOrphansOfOneKill: number;
    readonly wins: number;
    readonly writeBacks: number;
    readonly repeatsAtTheRis: number;
    readonly cancelled: number;
    readonly changed: number;
    readonly heldForAPerson: number;
    readonly auditRows: number;
  };
}

interface StoredCase {
  readonly number: string;
  readonly placer: string;
  /** Was the question ever put to people? Then its card is due. */
  readonly asked: boolean;
  /** Ids of the postings that the case has on record, and how many of them were replaced. */
  readonly posted: readonly string[];
  readonly superseded: number;
}

/**
 * Judges what is left after a run: the ledgers outside the service against each other, then the store against them.
 * The service has ended by then. `imaging`: placer numbers of the orders that open a case; `kills`: epoch milliseconds by which each had happened.
 */
export async function judge(data: string, kept: StoreAt, orders: number, imaging: ReadonlySet<string>, kills: readonly number[]): Promise<Verdict> {
  const ris = readRisSide(data);
  const people = readPeopleSide(data);
  const postings = readPostings(data, 'protocoling');
  const records = await recordsOf(kept);
  try {
    const cases = await casesIn(records);
    const effects = await records.effects();
    const held = effects.filter(({ state }) => state === 'held');
    const audit = await records.verify();
    const recorded = new Set(cases.flatMap((one) => one.posted));
    const orphans = postings.filter(({ activityId }) => !recorded.has(activityId)).map(({ at }) => Date.parse(at));
    const mostOrphansOfOneKill = mostAt(orphans, kills);
    const unanswered = [...ris.acknowledged.values()].filter((code) => code !== 'AA').length + (orders - ris.acknowledged.size);
    const findings = [
      ...(unanswered === 0 ? [] : [`${unanswered} of ${orders} orders were not acknowledged AA`]),
      ...(ris.messages.written === ris.messages.accepted ? [] : [`${ris.messages.written} messages were sent, ${ris.messages.accepted} were taken`]),
      ...(ris.conflicts === 0 ? [] : [`${ris.conflicts} control ids were used for two different messages`]),
      ...(mostOrphansOfOneKill <= 1 ? [] : [`one kill left ${mostOrphansOfOneKill} postings that are on no record`]),
      ...[...imaging].flatMap((placer) => ofOrder(placer, cases, ris.cancelled.has(placer))),
      ...cases.filter((one) => !imaging.has(one.placer)).map((one) => `case ${one.number} belongs to ${one.placer}, which opens none`),
      ...cases.flatMap((one) => cardOf(one, postings.filter((posting) => posting.caseNumber === one.number))),
      ...cases.flatMap((one) => writeBackOf(one, ris, people.cases.get(one.number))),
      ...[...ris.writeBacks.keys()].filter((placer) => !imaging.has(placer)).map((placer) => `${placer} has a write-back and no case`),
      ...[...people.orders].filter(([number, placer]) => cases.find((one) => one.number === number)?.placer !== placer).map(([number]) => `people saw another order under ${number} than the store has`),
      ...unfinishedIn(await records.events(), effects),
      ...held.filter((row) => !ris.cancelled.has(placerOf(cases, row.number))).map((row) => `${row.kind} of ${row.number} is held: ${row.code} ${row.detail}`),
      ...(audit.ok ? [] : [`the audit chain is broken: ${JSON.stringify(audit.firstBad)}`]),
    ]; // prettier-ignore
    const figures = {
      orders,
      cases: cases.length,
      postings: postings.length,
      orphans: orphans.length,
      mostOrphansOfOneKill,
      wins: [...people.cases.values()].reduce((sum, one) => sum + one.wins, 0),
      writeBacks: [...ris.writeBacks.values()].reduce((sum, all) => sum + all.length, 0),
      repeatsAtTheRis: ris.repeats,
      cancelled: ris.cancelled.size,
      changed: ris.changed.size,
      heldForAPerson: held.length,
      auditRows: audit.rows,
    };
    return { findings, figures };
  } finally {
    await records.close();
  }
}

/** The Teams side may still take what was on the wire when the service died. */
const ON_THE_WIRE_MS = 300;

/** The largest number of orphans that one kill left. One after the last kill belongs to none: it counts as a second one. */
function mostAt(orphans: readonly number[], kills: readonly number[]): number {
  const byKill = new Map<number, number>();
  for (const at of orphans) {
    const kill = kills.findIndex((killed) => at <= killed + ON_THE_WIRE_MS);
    byKill.set(kill, (byKill.get(kill) ?? (kill < 0 ? 1 : 0)) + 1);
  }
  return Math.max(0, ...byKill.values());
}

function ofOrder(placer: string, cases: readonly StoredCase[], cancelled: boolean): string[] {
  const own = cases.filter((one) => one.placer === placer);
  if (own.length !== 1) return [`${placer} has ${own.length} cases`];
  return own.every((one) => one.asked || cancelled) ? [] : [`${placer} was never put before anybody`];
}

/** One recorded card where one is due; every recorded posting stands in the Teams side's ledger, under this case's number. */
function cardOf(one: StoredCase, standing: readonly { readonly activityId: string }[]): string[] {
  const due = one.asked ? 1 : 0;
  const recorded = one.posted.length - one.superseded;
  const unknown = one.posted.filter((id) => standing.every((posting) => posting.activityId !== id));
  return [
    ...(recorded === due ? [] : [`${one.placer} (${one.number}) has ${recorded} recorded cards, ${due} is due`]),
    ...unknown.map((id) => `${one.placer} (${one.number}) has posting ${id} on record, which Teams never saw`),
  ];
}

/**
 * An approval that won has one write-back in effect, and nothing else has one. Where the RIS itself cancelled or changed the order meanwhile, the
 * write-back of an approval that it overtook may have been withdrawn in time, or not; the approval of what the order is now has its own.
 */
function writeBackOf(one: StoredCase, ris: ReturnType<typeof readRisSide>, person: PersonSide | undefined): string[] {
  const { wins, unsure, lastIsWin } = person ?? { wins: 0, unsure: 0, lastIsWin: false };
  const inEffect = ris.writeBacks.get(one.placer)?.length ?? 0;
  const cancelled = ris.cancelled.has(one.placer);
  const overtaken = cancelled || ris.changed.has(one.placer);
  const least = overtaken ? (lastIsWin && !cancelled ? 1 : 0) : wins;
  const most = overtaken ? wins + unsure : wins;
  const twice = !overtaken && wins > 1 ? [`${one.placer} (${one.number}) was won ${wins} times`] : [];
  if (inEffect >= least && inEffect <= most) return twice;
  return [
    ...twice,
    `${one.placer} (${one.number}) has ${inEffect} write-backs in effect, approvals won: ${wins}${overtaken ? ', overtaken by the RIS' : ''}`,
  ];
}

async function casesIn(records: Records): Promise<StoredCase[]> {
  const facts = await records.facts<{ order?: { placerOrderNumber: { id: string } }; posting?: { activityId: string } }>();
  const all = Map.groupBy(facts, ({ caseId }) => caseId);
  const cases = [...all.values()].flatMap((facts) => {
    return facts.flatMap(({ type, number, fact }) => {
      if (type !== 'orderOpened') return [];
      return {
        number,
        placer: fact.order?.placerOrderNumber.id ?? '',
        asked: facts.some((one) => one.type === 'approvalAsked'),
        posted: facts.flatMap((one) => (one.type === 'cardPosted' ? (one.fact.posting?.activityId ?? []) : [])),
        superseded: facts.filter((one) => one.type === 'cardSuperseded').length,
      };
    });
  });
  return cases.sort((a, b) => (a.placer < b.placer ? -1 : 1));
}

/** Events and effects that somebody still has to see to. */
function unfinishedIn(events: readonly string[], effects: readonly EffectRecord[]): string[] {
  const ended = ['delivered', 'withdrawn', 'suppressed', 'held'];
  const open = effects.filter(({ state }) => !ended.includes(state)).map(({ kind, state }) => `effects of kind ${kind} are still ${state}`);
  const all = Map.groupBy([...events.map((state) => `events are still ${state}`), ...open], (what) => what);
  return [...all].map(([what, { length }]) => `${length} ${what}`);
}

function placerOf(cases: readonly StoredCase[], number: string): string {
  return cases.find((one) => one.number === number)?.placer ?? '';
}
