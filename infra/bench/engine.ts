import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import { build } from '../build.ts';
import type { Part } from '../local/children.ts';
import { checkFree, portsFrom, startService } from '../local/installation.ts';
import type { Ports } from '../local/installation.ts';
import type { Catalogue } from '../rehearsal/orders.ts';
import { SITE, engineOn } from './engine-parts.ts';
import type { EngineOnStore } from './engine-parts.ts';
import { fillWithCases } from './many-cases.ts';

const FEW = 1_000;
const MANY = 1_000_000;
const BACKLOG = 100_000;
const ROUNDS = 5;
const EVENTS_A_ROUND = 200;
/** Issue "Nothing is lost", line 3; INVARIANTS 29. */
const bounds = { longCaseMs: 5, manyCases: 1.3, firstAaSeconds: 5, timersSeconds: 10, startSeconds: 30 };

/** What an event costs its case, and how long a start takes over a backlog and over a million cases. `--cost`, `--start`: one of the two. */
export async function run(args: string[]): Promise<number> {
  const rows = (
    JSON.parse(readFileSync(join(SITE, 'hl7', 'procedure-map.json'), 'utf8')) as { readonly imaging: readonly { readonly code: string }[] }
  ).imaging;
  const catalogue = new Map(rows.map((row) => [row.code, row])) as unknown as Catalogue;
  const work = mkdtempSync(join(tmpdir(), 'radloop-bench-engine-'));
  try {
    const verdicts: boolean[] = [];
    if (!args.includes('--start')) verdicts.push(await longCase(join(work, 'long'), catalogue));
    const many = join(work, 'many', 'store');
    await filled(many, catalogue, MANY);
    if (!args.includes('--start')) verdicts.push(await manyCases(join(work, 'few', 'store'), many, catalogue));
    if (!args.includes('--cost')) verdicts.push(await startOver(join(work, 'many')), await startBehind(join(work, 'behind'), catalogue));
    return verdicts.every(Boolean) ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The 300th event of one case beside its 10th. */
async function longCase(folder: string, catalogue: Catalogue): Promise<boolean> {
  const engine = engineOn(folder, catalogue);
  const took: number[] = [];
  for (let n = 0; n < 310; n += 1) took.push(await engine.hear(engine.order(1, n === 0 ? 'new' : 'change', `L${n}`, n)));
  await engine.close();
  const tenth = median(took.slice(5, 15));
  const late = median(took.slice(295, 305));
  const held = late - tenth <= bounds.longCaseMs;
  console.log(
    `\nOne case: its 10th event costs ${tenth.toFixed(1)} ms, its 300th ${late.toFixed(1)} ms (medians of 10); at most ${bounds.longCaseMs} ms more: ${word(held)}.`,
  );
  return held;
}

async function filled(folder: string, catalogue: Catalogue, cases: number): Promise<void> {
  await engineOn(folder, catalogue).close();
  const began = Date.now();
  fillWithCases(folder, cases);
  const size = statSync(join(folder, 'radloop.sqlite')).size / 1024 ** 3;
  console.error(`${cases.toLocaleString('en')} cases loaded in ${((Date.now() - began) / 1000).toFixed(0)} s, ${size.toFixed(2)} GiB`);
}

/** The same events on a store of a thousand cases and on one of a million, in turns. */
async function manyCases(few: string, many: string, catalogue: Catalogue): Promise<boolean> {
  await filled(few, catalogue, FEW);
  const stores = [engineOn(few, catalogue), engineOn(many, catalogue)] as const;
  const medians: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS + 1; round += 1) {
    for (const [index, store] of stores.entries()) {
      const took = await eventsOn(store, round);
      // The first round warms both.
      if (round > 0) medians[index]?.push(median(took));
    }
  }
  for (const store of stores) await store.close();
  const [ofFew, ofMany] = [median(medians[0]), median(medians[1])];
  const held = ofMany / ofFew <= bounds.manyCases;
  console.log(
    `\nMedian event: ${ofFew.toFixed(2)} ms with ${FEW.toLocaleString('en')} cases, ${ofMany.toFixed(2)} ms with ${MANY.toLocaleString('en')}: ` +
      `${(ofMany / ofFew).toFixed(2)} times (median of ${ROUNDS} rounds in turns); at most ${bounds.manyCases}: ${word(held)}.`,
  );
  return held;
}

async function eventsOn(engine: EngineOnStore, round: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < EVENTS_A_ROUND / 2; n += 1) {
    const order = round * 1000 + n + 1;
    took.push(await engine.hear(engine.order(order, 'new', `N${round}-${n}`, n)));
    took.push(await engine.hear(engine.order(order, 'change', `X${round}-${n}`, n + 1)));
  }
  return took;
}

/** A start of the whole service over a store of a million cases. */
async function startOver(data: string): Promise<boolean> {
  const started = await startedOn(data, 30_900);
  await started.stop();
  const { seconds } = started;
  const held = seconds <= bounds.startSeconds;
  console.log(
    `\nStart over ${MANY.toLocaleString('en')} cases: ready after ${seconds.toFixed(1)} s; at most ${bounds.startSeconds} s: ${word(held)}.`,
  );
  return held;
}

/** A start with 100,000 messages that were acknowledged and never worked on, and as many timers, the first of them due. */
async function startBehind(data: string, catalogue: Catalogue): Promise<boolean> {
  const store = join(data, 'store');
  const engine = engineOn(store, catalogue);
  await leaveBehind(engine);
  await engine.close();
  const began = Date.now();
  const starting = startedOn(data, 30_920);
  const [firstAa, timers] = await Promise.all([firstAnswer(30_920, began), firstTimer(store, began)]);
  await (await starting).stop();
  const held = firstAa <= bounds.firstAaSeconds && timers <= bounds.timersSeconds;
  console.log(
    `\nStart with ${BACKLOG.toLocaleString('en')} events and as many timers waiting: first AA after ${firstAa.toFixed(1)} s (at most ${bounds.firstAaSeconds}), ` +
      `the first overdue timer fired after ${timers.toFixed(1)} s (at most ${bounds.timersSeconds}): ${word(held)}.`,
  );
  return held;
}

async function leaveBehind(engine: EngineOnStore): Promise<void> {
  for (let from = 0; from < BACKLOG; from += 500)
    await engine.keep(Array.from({ length: 500 }, (_, n) => engine.order(from + n + 1, 'new', `B${from + n}`, 0)));
  await engine.db.write(() => {
    engine.db.run(`WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < ${BACKLOG})
      INSERT INTO deadlines (case_id, workflow, name, epoch, at) SELECT lower(hex(randomblob(16))), 'protocoling', 'bench', 1, CASE n WHEN 1 THEN '2026-01-01T00:00:00.000Z' ELSE '2099-01-01T00:00:00.000Z' END FROM c`);
  });
}

interface Started {
  readonly seconds: number;
  stop(): Promise<void>;
}

async function startedOn(data: string, basePort: number): Promise<Started> {
  await build();
  const ports: Ports = portsFrom(basePort);
  await checkFree(ports);
  const began = Date.now();
  const service: Part = await startService({ site: SITE, data, ports, fault: 'none', teamsLimit: 'off', cardsLost: null });
  return { seconds: (Date.now() - began) / 1000, stop: () => service.kill() };
}

/** Seconds until an order that was sent again and again had its AA. */
async function firstAnswer(basePort: number, began: number): Promise<number> {
  const { mllp } = portsFrom(basePort);
  const text = '\vMSH|^~\\&|HIS|RADLOOP-GENERAL|R|F|20261125104000+0000||ADT^A08^ADT_A01|FIRST|P|2.5.1\rPID|1||1^^^RADLOOP-MRN\r\x1c\r';
  for (;;) {
    const answered = await new Promise<boolean>((done) => {
      const socket = connect(mllp, '127.0.0.1', () => socket.write(text));
      socket.setTimeout(10_000, () => socket.destroy());
      socket.on('data', (chunk) => {
        done(chunk.includes('MSA|AA|FIRST'));
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        done(false);
      });
    });
    if (answered) return (Date.now() - began) / 1000;
    await pause(50);
  }
}

async function firstTimer(store: string, began: number): Promise<number> {
  const db = openDatabase(store, { readOnly: true });
  // Of those that were left: the cases that are worked on meanwhile set timers of their own.
  while (db.get("SELECT 1 FROM deadlines WHERE name = 'bench' AND at < '2027'") !== undefined) await pause(50);
  await db.close();
  return (Date.now() - began) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function word(held: boolean): string {
  return held ? 'held' : 'NOT HELD';
}
