import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What the RIS's page says of one order (infra/rehearsal/ris-beliefs.ts). */
interface RisOrder {
  readonly placer: string;
  readonly code: string;
  readonly exam: string;
  readonly status: string;
  readonly orderedAt: string;
  readonly acknowledged: string | null;
  readonly cancelledAt: string | null;
  readonly recommendation: { readonly protocolId: string; readonly confidence: number | null } | null;
  readonly approved: { readonly protocolId: string; readonly by: string; readonly at: string } | null;
  readonly approvals: number;
}

/** A click as the scripted person wrote it down (infra/rehearsal/people-ledger.ts). */
interface Click {
  readonly order?: string | null;
  readonly person: string;
  readonly caseNumber: string;
  readonly intent: string;
  readonly status: number | null;
  readonly said: string | null;
  readonly at?: string;
}

interface Line {
  readonly order: string;
  readonly exam: string;
  readonly proposal: string;
  readonly answer: string;
  readonly ris: string;
  readonly seconds: string;
  readonly closed: boolean;
}

export interface PlayOptions {
  readonly page: string;
  readonly data: string;
  readonly site: string;
  readonly orders: number;
  /** Of earlier plays in this folder: the RIS still believes in them, and they are not counted. */
  readonly before: OrdersBefore;
  readonly fault: string;
  readonly say: (line: string) => void;
}

/** Orders that the RIS had written into this folder before this play. */
export interface OrdersBefore {
  readonly placers: ReadonlySet<string>;
  /** Number of the last one; 0: none. */
  readonly last: number;
}

/** As the RIS's own ledger says (infra/rehearsal/ris-ledger.ts); to be asked before it goes on writing. */
export function ordersBefore(data: string): OrdersBefore {
  const placers = new Set(
    linesOf<{ readonly event: string; readonly order?: string }>(join(data, 'ledgers', 'ris.jsonl')).flatMap(({ event, order }) =>
      event === 'order-out' && order !== undefined ? [order] : [],
    ),
  );
  return { placers, last: Math.max(0, ...[...placers].map((placer) => Number(placer.slice(1)))) };
}

/**
 * Waits until every order of the play is closed (its protocol is in the RIS once, it was cancelled, it was rejected, it is no imaging) and prints
 * what became of each. Judged by the RIS's beliefs and the people's own ledger, not by Radloop. Gives the exit code.
 */
export async function playAndReport(options: PlayOptions): Promise<number> {
  const { orders, fault, say } = options;
  const notImaging = notImagingCodes(options.site);
  const until = Date.now() + 1000 * (90 + orders * 4 + (fault === 'none' ? 0 : 120));
  let lines: Line[] = [];
  while (Date.now() < until) {
    lines = await look(options, notImaging);
    if (lines.length >= orders && lines.every((line) => line.closed)) break;
    await pause(500);
  }
  say('');
  say(tableOf(lines));
  const open = lines.filter((line) => !line.closed);
  say(
    open.length === 0 && lines.length >= orders
      ? `Every loop is closed: ${lines.length} of ${orders}.`
      : `Not closed: ${open.length + Math.max(0, orders - lines.length)} of ${orders}.`,
  );
  return open.length === 0 && lines.length >= orders ? 0 : 1;
}

async function look({ page, data, before }: PlayOptions, notImaging: ReadonlySet<string>): Promise<Line[]> {
  const answered = await fetch(new URL('/orders.json', page));
  const { orders } = (await answered.json()) as { orders: RisOrder[] };
  const clicks = readClicks(join(data, 'ledgers', 'people.jsonl'));
  const own = orders.filter(({ placer }) => !before.placers.has(placer));
  return own.map((order) => lineOf(order, clicks, notImaging)).sort((a, b) => (a.order < b.order ? -1 : 1));
}

function readClicks(file: string): Click[] {
  return linesOf<Click>(file).filter((click) => click.status !== null && click.status < 400);
}

/** Of a ledger: whole lines, what is being written just now left out. */
function linesOf<Line>(file: string): Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

function lineOf(order: RisOrder, clicks: readonly Click[], notImaging: ReadonlySet<string>): Line {
  const own = clicks.filter((click) => click.order === order.placer && click.intent !== 'open');
  const last = own.at(-1);
  const rejected = own.some((click) => click.intent === 'reject');
  const noImaging = notImaging.has(order.code) && order.acknowledged === 'AA';
  // A change of the order after an approval asks again: then a second approval is written, never more than were given.
  const given = own.filter((click) => /^(?:Approved|Your protocol is set)/u.test(click.said ?? '')).length;
  const written = order.approved !== null && order.approvals >= 1 && order.approvals <= given;
  const closed = written || order.cancelledAt !== null || rejected || noImaging;
  const answer =
    last === undefined
      ? order.cancelledAt === null
        ? noImaging
          ? 'none needed: no imaging'
          : ''
        : 'none needed'
      : own.map((click) => `${click.intent} (${click.person})`).join(', ');
  const confidence = order.recommendation?.confidence ?? null;
  const proposal =
    order.recommendation === null ? '-' : `${order.recommendation.protocolId}${confidence === null ? '' : ` ${confidence.toFixed(2)}`}`;
  const end = order.approved?.at ?? order.cancelledAt ?? last?.at ?? null;
  return {
    order: order.placer,
    exam: order.exam,
    proposal,
    answer,
    ris: order.approved === null ? order.status : `${order.status}: ${order.approved.protocolId}`,
    seconds: end === null ? '' : ((Date.parse(end) - Date.parse(order.orderedAt)) / 1000).toFixed(1),
    closed,
  };
}

function notImagingCodes(site: string): ReadonlySet<string> {
  const map = JSON.parse(readFileSync(join(site, 'hl7', 'procedure-map.json'), 'utf8')) as { notImaging: { code: string }[] };
  return new Set(map.notImaging.map((row) => row.code));
}

function tableOf(lines: readonly Line[]): string {
  const head = { order: 'Order', exam: 'Exam', proposal: 'Proposal', answer: 'Answer', ris: 'RIS', seconds: 'Seconds', closed: 'Closed' };
  const rows = [head, ...lines.map((line) => ({ ...line, closed: line.closed ? 'yes' : 'NO' }))];
  const columns = ['order', 'exam', 'proposal', 'answer', 'ris', 'seconds', 'closed'] as const;
  const widths = columns.map((column) => Math.min(44, Math.max(...rows.map((row) => row[column].length))));
  return rows
    .map((row) =>
      columns
        .map((column, i) => row[column].slice(0, 44).padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
