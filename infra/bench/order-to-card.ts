import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openFact } from '#adapters/embedded/case-pieces.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { CaseId } from '#core/ids.js';
import { build } from '../build.ts';
import { checkFree, portsFrom, startHospital, startService, startTeams } from '../local/installation.ts';
import { orderMessage } from '../rehearsal/order-message.ts';
import { orderOf } from '../rehearsal/orders.ts';
import type { Catalogue } from '../rehearsal/orders.ts';
import { percentile, residentOf } from './figures.ts';

const ORDERS = 200;
const PER_SECOND = 10;
const EHR_DELAY_MS = 5;
/** What the issue asks of the run without our own limiter. */
const bounds = { medianMs: 300, p99Ms: 1500, residentMb: 400 };
const SITE = 'infra/rehearsal/site';

interface Figures {
  readonly cards: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly residentMb: number;
}

/**
 * 200 orders at 10 a second over MLLP; from the last byte in to the card accepted by the Teams side. Teams side and EHR (5 ms an answer) run in
 * other processes. Once with our own send limiter off, with bounds; once with it on, without.
 */
export async function run(): Promise<number> {
  await build();
  const off = await measure('off', 26_000);
  print('send limiter off', off);
  const on = await measure('on', 26_100);
  print('send limiter on (Teams takes 60 new threads in 30 s a channel)', on);
  const held = off.cards === ORDERS && off.medianMs <= bounds.medianMs && off.p99Ms <= bounds.p99Ms && off.residentMb <= bounds.residentMb;
  console.log(
    `Bounds without the limiter: median ${bounds.medianMs} ms, p99 ${bounds.p99Ms} ms, ${bounds.residentMb} MB resident: ${held ? 'held' : 'NOT HELD'}.`,
  );
  return held ? 0 : 1;
}

async function measure(teamsLimit: 'on' | 'off', basePort: number): Promise<Figures> {
  const data = mkdtempSync(join(tmpdir(), 'radloop-bench-'));
  const ports = portsFrom(basePort);
  await checkFree(ports);
  const teams = await startTeams({ site: SITE, data, ports, playground: false });
  const hospital = await startHospital({
    site: SITE,
    data,
    ports,
    more: ['--rate', '0', '--people', 'none', '--ehr-delay-ms', String(EHR_DELAY_MS)],
  });
  const service = await startService({ site: SITE, data, ports, fault: 'none', teamsLimit, cardsLost: null });
  try {
    const sent = await sendOrders(ports.mllp);
    let residentMb = residentOf(service.pid);
    const until = Date.now() + (teamsLimit === 'on' ? 150_000 : 20_000);
    while (Date.now() < until && postings(data).size < ORDERS) {
      await pause(250);
      residentMb = Math.max(residentMb, residentOf(service.pid));
    }
    const cards = postings(data);
    const numbers = await caseNumbers(data);
    const took = [...sent].flatMap(([placer, at]) => {
      const posted = cards.get(numbers.get(placer) ?? '');
      return posted === undefined ? [] : [posted - at];
    });
    took.sort((a, b) => a - b);
    return { cards: took.length, medianMs: percentile(took, 0.5), p99Ms: percentile(took, 0.99), residentMb };
  } finally {
    for (const part of [service, hospital, teams]) await part.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

/** Placer number -> when its last byte was handed to the socket. One connection, the next order on time whether or not the ACK has come. */
async function sendOrders(port: number): Promise<ReadonlyMap<string, number>> {
  const map = JSON.parse(readFileSync(join(SITE, 'hl7', 'procedure-map.json'), 'utf8')) as {
    imaging: { code: string; text: string; modality: string }[];
  };
  const catalogue: Catalogue = new Map(map.imaging.map((row) => [row.code, row]));
  const socket = await connected(port);
  socket.resume();
  const sent = new Map<string, number>();
  const start = Date.now();
  for (let n = 1; sent.size < ORDERS; n += 1) {
    const order = orderOf(1, n, catalogue);
    if (order.kind === 'not-imaging') continue;
    const due = start + (sent.size * 1000) / PER_SECOND;
    await pause(Math.max(0, due - Date.now()));
    socket.write(`\v${orderMessage(order, 'new', `BENCH${n}`, new Date())}\x1c\r`);
    sent.set(`P${String(n).padStart(6, '0')}`, Date.now());
  }
  socket.end();
  return sent;
}

function connected(port: number): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
      done(socket);
    });
    socket.once('error', failed);
  });
}

/** Case number -> when the Teams side accepted its card, by the Teams side's own ledger. */
function postings(data: string): ReadonlyMap<string, number> {
  const lines = readFileSync(join(data, 'ledgers', 'teams.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1);
  const posted = lines.map((line) => JSON.parse(line) as { kind: string; at: string; card?: unknown }).filter((line) => line.kind === 'posted');
  return new Map(posted.map((line) => [/"caseNumber":"([^"]+)"/u.exec(JSON.stringify(line.card))?.[1] ?? '', Date.parse(line.at)]));
}

/** Placer number -> case number, by the service's store. */
async function caseNumbers(data: string): Promise<ReadonlyMap<string, string>> {
  const db = openDatabase(join(data, 'store'), { readOnly: true });
  const rows = db.all<{ case_id: CaseId; number: string; seq: number; fact: Uint8Array }>(
    "SELECT case_id, number, seq, fact FROM facts JOIN cases USING (case_id) WHERE type = 'orderOpened'",
  );
  const opened = rows.map(({ case_id, number, seq, fact }) => {
    const { order } = openFact(db, case_id, seq, fact) as { order: { placerOrderNumber: { id: string } } };
    return [order.placerOrderNumber.id, number] as const;
  });
  await db.close();
  return new Map(opened);
}

function print(title: string, { cards, medianMs, p99Ms, residentMb }: Figures): void {
  console.log(`${title}: ${cards} of ${ORDERS} cards, median ${medianMs} ms, p99 ${p99Ms} ms, service at most ${residentMb.toFixed(0)} MB resident`);
}
