import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Numbered, Shown, Told } from '../../infra/local/edge/ledger.ts';
import { buttonFor } from '../../infra/rehearsal/teams-side.ts';
import type { EhrLine } from '../../infra/rehearsal/ehr-ledger.ts';
import type { PeopleLine } from '../../infra/rehearsal/people-ledger.ts';
import type { RisLine } from '../../infra/rehearsal/ris-ledger.ts';

/** What sender, RIS, people and the Teams side wrote down outside the service: tests judge the service by these. */

/** Whole lines of one ledger, oldest first; none when it is not there yet. A line under way is left out. */
function linesOf<Line>(data: string, name: 'ris' | 'ehr' | 'people' | 'teams'): Line[] {
  const file = join(data, 'ledgers', `${name}.jsonl`);
  if (!existsSync(file)) return [];
  const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Line);
}

/** Bytes that the three ledgers hold: unchanged means that nobody outside the service did or heard anything. */
export function sizeOfLedgers(data: string): number {
  const files = ['ris', 'people', 'teams'].map((name) => join(data, 'ledgers', `${name}.jsonl`));
  return files.reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
}

/** How the order messages of the RIS stand. Keys are placer numbers. */
export interface RisSide {
  /** Answer to the new-order message, AA, AE or AR. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Order messages (new, change, cancel) that were written, and those of them that were answered AA. */
  readonly messages: { readonly written: number; readonly accepted: number };
  readonly cancelled: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
  /** Protocols that took effect, one entry for each time that one did. */
  readonly writeBacks: ReadonlyMap<string, readonly string[]>;
  /** Messages that came in again, byte for byte. */
  readonly repeats: number;
  /** A control id that was used for two different messages. */
  readonly conflicts: number;
}

export function readRisSide(data: string): RisSide {
  const acknowledged = new Map<string, string>();
  const written = new Set<string>();
  const accepted = new Set<string>();
  const cancelled = new Set<string>();
  const changed = new Set<string>();
  const writeBacks = new Map<string, string[]>();
  let repeats = 0;
  let conflicts = 0;
  for (const line of linesOf<RisLine>(data, 'ris')) {
    switch (line.event) {
      case 'order-out':
        written.add(line.controlId);
        // The control id ends with what the message is: K1 new, K2 change, K3 cancel.
        if (line.controlId.endsWith('K2')) changed.add(line.order);
        if (line.controlId.endsWith('K3')) cancelled.add(line.order);
        break;
      case 'order-ack':
        if (line.code === 'AA') accepted.add(line.controlId);
        if (line.controlId.endsWith('K1')) acknowledged.set(line.order, line.code);
        break;
      case 'received': {
        if (line.repeat) repeats += 1;
        if (line.conflict) conflicts += 1;
        const [what, order = '', protocolId = ''] = line.effect?.split(' ') ?? [];
        if (what === 'approved') writeBacks.set(order, [...(writeBacks.get(order) ?? []), protocolId]);
        break;
      }
      case 'note':
        break;
      default:
        line satisfies never;
    }
  }
  return { acknowledged, messages: { written: written.size, accepted: accepted.size }, cancelled, changed, writeBacks, repeats, conflicts };
}

/** What took effect of critical results in the RIS, oldest first, as its ledger names it; and each time that the EHR was written of one, how it stood then. */
export interface CriticalSide {
  readonly ris: readonly string[];
  readonly ehr: readonly { readonly caseNumber: string; readonly id: string; readonly status: string }[];
}

export function readCriticalSide(data: string): CriticalSide {
  const ris = linesOf<RisLine>(data, 'ris').flatMap((line) =>
    line.event === 'received' && line.effect !== null && /^(?:critical|document) /u.test(line.effect) ? [line.effect] : [],
  );
  const ehr = linesOf<EhrLine>(data, 'ehr').map(({ id, resource }) => {
    const { status, identifier } = resource as { status: string; identifier: readonly { system: string; value: string }[] };
    return { caseNumber: identifier.find(({ system }) => system === 'urn:radloop:critical-result')?.value ?? '', id, status };
  });
  return { ris, ehr };
}

/** When each order was first sent, by placer number, in epoch milliseconds. */
export function sentAt(data: string): ReadonlyMap<string, number> {
  const sent = linesOf<RisLine>(data, 'ris').flatMap((line) => (line.event === 'order-out' && line.controlId.endsWith('K1') ? [[line.order, Date.parse(line.at ?? '')] as const] : [])); // prettier-ignore
  return new Map(sent.toReversed());
}

/** Placer numbers whose new-order message had its AA before this time, as the RIS noted it. */
export function acknowledgedBy(data: string, at: string): ReadonlySet<string> {
  const lines = linesOf<RisLine>(data, 'ris');
  const acked = lines.flatMap((line) => (line.event === 'order-ack' && line.controlId.endsWith('K1') && line.code === 'AA' && (line.at ?? '') < at ? [line.order] : [])); // prettier-ignore
  return new Set(acked);
}

/** What people set out to do with one case, as far as they were told that it counts. */
export interface PersonSide {
  /** Approvals (also of another protocol) that were answered as won: one entry a click, however often it was repeated. */
  readonly wins: number;
  readonly rejects: number;
  /** Approving clicks of which one attempt got no answer and no later one a win: whether they won is not known to the person. */
  readonly unsure: number;
  /** Was the last decision that a person took on it an approval that won? */
  readonly lastIsWin: boolean;
}

const approving: readonly string[] = ['approve', 'approve-in-words', 'choose-other'];

/** The answer to an approval that won (functions/workflows/protocoling/words.ts, as a person reads it). */
export function saysWon(said: string): boolean {
  return /\b(Approved \w{6}\.|Your protocol is set for \w{6}\.)/u.test(said);
}

/** By case number; and the order's placer number by case number, as the person's own view showed it. */
export function readPeopleSide(data: string): { readonly cases: ReadonlyMap<string, PersonSide>; readonly orders: ReadonlyMap<string, string> } {
  const orders = new Map<string, string>();
  const clicks = new Map<string, PeopleLine[]>();
  for (const line of linesOf<PeopleLine>(data, 'people')) {
    if (line.order != null) orders.set(line.caseNumber, line.order);
    clicks.set(line.click, [...(clicks.get(line.click) ?? []), line]);
  }
  const cases = new Map<string, PersonSide>();
  for (const attempts of clicks.values()) {
    const last = attempts.at(-1);
    if (last === undefined || last.intent === 'open' || last.intent === 'answer-question' || last.intent === 'ask-orderer') continue;
    const before = cases.get(last.caseNumber) ?? { wins: 0, rejects: 0, unsure: 0, lastIsWin: false };
    const won = approving.includes(last.intent) && attempts.some((line) => saysWon(line.said ?? ''));
    const rejected = last.intent === 'reject' && attempts.some((line) => (line.said ?? '').startsWith('Rejected'));
    const unsure = approving.includes(last.intent) && !won && attempts.some((line) => line.status === null);
    cases.set(last.caseNumber, {
      wins: before.wins + (won ? 1 : 0),
      rejects: before.rejects + (rejected ? 1 : 0),
      unsure: before.unsure + (unsure ? 1 : 0),
      lastIsWin: won || (before.lastIsWin && !rejected),
    });
  }
  return { cases, orders };
}

/** A card that stands in a channel. */
export interface ChannelPosting {
  readonly caseNumber: string;
  readonly conversationId: string;
  readonly activityId: string;
  readonly at: string;
  /** What its Open button sends. */
  readonly open: Readonly<Record<string, unknown>>;
}

/** Every posting of a card in the channel `place`, oldest first; edits of a posting are not postings. */
export function readPostings(data: string, place: string): ChannelPosting[] {
  const lines = linesOf<Numbered<Shown> | Numbered<Told>>(data, 'teams');
  return lines.flatMap((line) => {
    if (line.kind !== 'posted' || line.place !== place) return [];
    const open = buttonFor(line.card, 'open')?.data;
    const caseNumber = open?.['caseNumber'];
    const { conversationId, activityId, at } = line;
    return open === undefined || typeof caseNumber !== 'string' ? [] : [{ caseNumber, conversationId, activityId, at, open }];
  });
}
