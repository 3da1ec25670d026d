import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '#adapters/embedded/database.js';
import { build } from '../build.ts';
import { startPart } from '../local/children.ts';
import type { Part } from '../local/children.ts';
import { REHEARSAL_APP_ID } from '../local/edge/settings.ts';
import { checkFree, portsFrom, startHospital, startService } from '../local/installation.ts';
import type { Ports } from '../local/installation.ts';
import { orderMessage } from '../rehearsal/order-message.ts';
import { orderOf } from '../rehearsal/orders.ts';
import { work } from './teams-clients.ts';
import type { Bot, Client, Took } from './teams-clients.ts';

const SITE = 'infra/rehearsal/site';
const CLIENTS = 50;
const TASKS = 100;
const bounds = { invokeP99Ms: 1000, invokeMaxMs: 4500, residentMb: 450, urgentP99Ms: 1000 };
const CHUNK = 250;
/** Urgent orders a second: what one channel of Teams lets through beside its routine cards. */
const URGENT_PER_SECOND = 1.3;
const SIT_OUT_SECONDS = 60;

/**
 * The service under people and under a flood, with a Teams of our own that holds it to the published limits; all of it in processes of its own, over real sockets,
 * through the service's own guard with signed tokens. Exit 1 when a bound is not held.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      'base-port': { type: 'string', default: '26200' },
      seconds: { type: 'string', default: '60' },
      waiting: { type: 'string', default: '10000' },
      urgent: { type: 'string', default: '200' },
      only: { type: 'string', default: 'people,flood' },
    },
  });
  await build();
  const base = Number(values['base-port']);
  const parts = values.only.split(',');
  const people = !parts.includes('people') || (await underPeople(base, Number(values.seconds)));
  const flood = !parts.includes('flood') || (await underFlood(base + 20, Number(values.waiting), Number(values.urgent)));
  return people && flood ? 0 : 1;
}

interface Running {
  readonly data: string;
  readonly ports: Ports;
  readonly service: Part;
  readonly bot: Bot;
  readonly clients: readonly Client[];
  /** VmRSS of the service in megabytes, the most so far. */
  residentMb(): number;
  stop(): Promise<void>;
}

async function start(base: number): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), 'radloop-bench-'));
  const ports = portsFrom(base);
  await checkFree(ports);
  const { site, clients, tenantId } = siteWithPeople(join(data, 'site'));
  mkdirSync(join(data, 'logs'), { recursive: true });
  const parts: Part[] = [];
  const stop = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop();
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const peerArgs = ['infra/bench/teams-peer.ts', '--port', String(ports.edge), '--app-id', REHEARSAL_APP_ID, '--ris-port', String(ports.ris + 20)];
    const peer = await startPart({ name: 'teams', args: peerArgs, logFile: join(data, 'logs', 'teams.log') });
    parts.push(peer);
    const origin = `http://127.0.0.1:${ports.edge}`;
    parts.push(await startHospital({ site, data, ports, more: ['--rate', '0', '--people', 'none', '--ehr-delay-ms', '0'] }));
    const env = {
      ...{ RADLOOP_TEAMS_SERVICE_URL: `${origin}/_connector`, ToBotFromChannelOpenIdMetadataUrl: `${origin}/.well-known/openidconfiguration` },
      ...{ ToBotFromChannelTokenIssuer: origin, ToBotFromEmulatorOpenIdMetadataUrl: `${origin}/.well-known/openidconfiguration` },
      ...{ IDENTITY_ENDPOINT: `${origin}/msi/token`, IDENTITY_HEADER: 'bench', RADLOOP_RIS: `127.0.0.1:${ports.ris + 20}` },
    };
    const service = await startService({ site, data, ports, fault: 'none', teamsLimit: 'on', cardsLost: null, env });
    parts.push(service);
    const { token } = (await (await fetch(`${origin}/token`)).json()) as { token: string };
    let most = 0;
    const look = setInterval(() => (most = Math.max(most, residentOf(service.pid))), 250);
    return {
      ...{ data, ports, service, clients, bot: { port: ports.http, origin, token, appId: REHEARSAL_APP_ID, tenantId } },
      residentMb: () => most,
      async stop() {
        clearInterval(look);
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The rehearsal site with fifty more who may decide. */
function siteWithPeople(folder: string): { readonly site: string; readonly clients: readonly Client[]; readonly tenantId: string } {
  cpSync(SITE, folder, { recursive: true });
  const file = join(folder, 'people.json');
  const known = JSON.parse(readFileSync(file, 'utf8')) as object[];
  const clients = Array.from({ length: CLIENTS }, (_, n): Client => ({
    ...{ id: `bench-${n}`, name: `Bench Person ${n}`, does: n < CLIENTS / 2 ? 'buttons' : 'words' },
    aadObjectId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  }));
  const people = clients.map(({ id, name, aadObjectId }) => ({ id, name, aadObjectId, teamsId: `29:${id}`, roles: ['protocoling-radiologist'] }));
  writeFileSync(file, JSON.stringify([...known, ...people]));
  const { tenantId } = JSON.parse(readFileSync(join(folder, 'channels.json'), 'utf8')) as { tenantId: string };
  return { site: folder, clients, tenantId };
}

/** 50 clients, one request in flight each; each of 100 tasks is two people's to decide. */
async function underPeople(base: number, seconds: number): Promise<boolean> {
  const running = await start(base);
  try {
    await sendOrders(running.ports.mllp, 1, TASKS, 'R');
    await until('the tasks wait', () => waitingCases(running.data).length >= TASKS);
    const cases = waitingCases(running.data).slice(0, TASKS);
    const took = await work(running.bot, running.clients, cases, seconds);
    const decided = decisions(running.data);
    const invokes = sorted(took, 'invoke');
    const said = sorted(took, 'words');
    const wrong = took.filter(({ status }) => status !== 200).length;
    const residentMb = running.residentMb();
    const held =
      wrong === 0 && decided.tasks === TASKS && decided.most === 1 && percentile(invokes, 0.99) <= bounds.invokeP99Ms && last(invokes) <= bounds.invokeMaxMs && residentMb <= bounds.residentMb; // prettier-ignore
    console.log(`\n50 clients, one request in flight each, ${seconds} s, ${TASKS} tasks, each two people's to decide`);
    console.log(row('', 'requests', 'p50', 'p99', 'longest'));
    console.log(row('buttons (invoke)', invokes.length, ...figures(invokes)));
    console.log(row('words', said.length, ...figures(said)));
    console.log(`answers by status: ${statuses(took)}`);
    console.log(`answered otherwise than 200: ${wrong}; tasks decided ${decided.tasks}, by at most ${decided.most}; service at most ${residentMb.toFixed(0)} MB resident, teams-ai loaded`); // prettier-ignore
    console.log(
      `Bounds: invoke p99 ${bounds.invokeP99Ms} ms, none over ${bounds.invokeMaxMs} ms, ${bounds.residentMb} MB, one decision a task: ${verdict(held)}`,
    );
    return held;
  } finally {
    await running.stop();
  }
}

/** Routine cards wait by the thousand; urgent orders come meanwhile, the second half of them while routine threads sit out a Retry-After. */
async function underFlood(base: number, waiting: number, urgent: number): Promise<boolean> {
  const running = await start(base);
  try {
    const { mllp } = running.ports;
    // Some are posted while the others come in.
    for (let first = 1; cardsWaiting(running.data) < waiting; first += CHUNK) {
      if (first > 3 * waiting + CHUNK) throw new Error('the flood does not gather: its cards are posted as fast as they come');
      await sendOrders(mllp, first, CHUNK, 'R');
      if (first + CHUNK > waiting) await until('the flood waits', () => isQuiet(running.data), 300);
    }
    console.log(`\n${cardsWaiting(running.data)} routine cards wait; Teams takes 30 requests a second of the app and 60 in 30 s of the channel`);
    const calm = await urgentOrders(running, 1_000_001, urgent / 2);
    const threads = (await seenAt(running)).seen.filter(({ what, status }) => what === 'posted' && status === 200).length;
    const sitting = await sitOut(running);
    const during = await urgentOrders(running, 2_000_001, urgent / 2);
    const { seen, early } = await seenAt(running);
    const throttled = seen.filter(({ status }) => status === 429).length;
    const all = [...calm, ...during].sort((a, b) => a - b);
    const routine = seen.filter(({ what, status }) => what === 'posted' && status === 200).length - threads;
    const held =
      all.length === urgent && percentile(calm, 0.99) <= bounds.urgentP99Ms && percentile(during, 0.99) <= bounds.urgentP99Ms && early === 0;
    console.log(row('urgent cards, first attempt', 'cards', 'p50', 'p99', 'longest'));
    console.log(row('beside the flood', calm.length, ...figures(calm)));
    console.log(row(`while ${sitting} threads sit out`, during.length, ...figures(during)));
    console.log(`answers 429: ${throttled}; sent before a Retry-After was over: ${early}; cards posted meanwhile: ${routine}; ${cardsWaiting(running.data)} still wait; service at most ${running.residentMb().toFixed(0)} MB resident`); // prettier-ignore
    console.log(`Bounds: first attempt p99 ${bounds.urgentP99Ms} ms in both, every card, no Retry-After broken: ${verdict(held)}`);
    return held;
  } finally {
    await running.stop();
  }
}

/** Milliseconds from when the case asked for its card until it came to Teams for the first time. */
async function urgentOrders(running: Running, first: number, count: number): Promise<readonly number[]> {
  const since = (await seenAt(running)).seen.length;
  const before = new Set(asked(running.data).keys());
  await sendOrders(running.ports.mllp, first, count, 'S', URGENT_PER_SECOND);
  await pause(3000);
  const { seen } = await seenAt(running, since);
  return [...asked(running.data)]
    .filter(([number]) => !before.has(number))
    .map(([number, at]) => {
      const came = seen.find(({ what, cases }) => what === 'posted' && cases.includes(number));
      return came === undefined ? Number.POSITIVE_INFINITY : came.at - at;
    })
    .sort((a, b) => a - b);
}

/** Threads of routine cards that stand are changed, and Teams asks for a pause in each. */
async function sitOut(running: Running): Promise<number> {
  const { origin } = running.bot;
  const threads = (await seenAt(running)).seen.filter(({ what, status }) => what === 'posted' && status === 200);
  await fetch(`${origin}/sit-out`, { method: 'POST', body: JSON.stringify({ seconds: SIT_OUT_SECONDS }) });
  await sendOrders(running.ports.mllp, 1, Math.min(100, threads.length), 'A', 50, 'change');
  await pause(2000);
  return (await seenAt(running)).seen.filter(({ what, status }) => what === 'edited' && status === 429).length;
}

interface Seen {
  readonly at: number;
  readonly what: string;
  readonly conversation: string;
  readonly status: number;
  readonly cases: readonly string[];
}

async function seenAt({ bot }: Running, since = 0): Promise<{ readonly seen: readonly Seen[]; readonly early: number }> {
  return (await (await fetch(`${bot.origin}/seen`, { headers: { 'x-since': String(since) } })).json()) as { seen: Seen[]; early: number };
}

/** Orders over MLLP, on one connection, the next when the one before has its ACK. @param perSecond left out: as fast as they are taken */
async function sendOrders(
  port: number,
  first: number,
  count: number,
  priority: 'S' | 'A' | 'R',
  perSecond?: number,
  verb: 'new' | 'change' = 'new',
): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const answers: (() => void)[] = [];
  socket.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(0x1c); at >= 0; at = chunk.indexOf(0x1c, at + 1)) answers.shift()?.();
  });
  await new Promise((done, failed) => socket.once('connect', done).once('error', failed));
  const catalogue = new Map([['CTHEADWO', { text: 'CT HEAD WO CONTRAST', modality: 'CT' }]]);
  const exam = {
    kind: 'imaging',
    code: 'CTHEADWO',
    text: 'CT HEAD WO CONTRAST',
    modality: 'CT',
    indication: 'Headache for some weeks',
    messageType: 'ORM^O01',
  } as const;
  const begun = Date.now();
  let taken: Promise<void> = Promise.resolve();
  for (let n = first; n < first + count; n += 1) {
    const due = perSecond === undefined ? 0 : begun + ((n - first) * 1000) / perSecond;
    await pause(Math.max(0, due - Date.now()));
    const order = { ...orderOf(1, n, catalogue), ...exam, priority, then: null };
    taken = new Promise((done) => answers.push(done));
    socket.write(`\v${orderMessage(order, verb, `B${verb}${n}`, new Date())}\x1c\r`);
    if (perSecond === undefined) await taken;
  }
  await taken;
  socket.end();
}

function inStore<T>(data: string, look: (db: ReturnType<typeof openDatabase>) => T): T {
  const db = openDatabase(join(data, 'store'), { readOnly: true });
  try {
    return look(db);
  } finally {
    void db.close();
  }
}

function waitingCases(data: string): readonly string[] {
  return inStore(data, (db) => db.all<{ number: string }>("SELECT number FROM rows WHERE open = 1 AND row ->> '$.status' = 'waiting' ORDER BY number").map(({ number }) => number)); // prettier-ignore
}

function decisions(data: string): { readonly tasks: number; readonly most: number } {
  const counts = inStore(data, (db) => db.all<{ n: number }>("SELECT count(*) AS n FROM facts WHERE type = 'protocolApproved' GROUP BY case_id"));
  return { tasks: counts.length, most: Math.max(0, ...counts.map(({ n }) => n)) };
}

function cardsWaiting(data: string): number {
  return inStore(data, (db) => db.get<{ n: number }>("SELECT count(*) AS n FROM outbox_ready WHERE queue = 'showCard' AND rank = 2")?.n ?? 0);
}

/** Is every order that came in worked out? */
function isQuiet(data: string): boolean {
  const waitingEvents = inStore(data, (db) => db.get<{ n: number }>('SELECT count(*) AS n FROM events')?.n ?? 0);
  return waitingEvents === 0;
}

/** Case number -> when its first card was asked for. */
function asked(data: string): ReadonlyMap<string, number> {
  const rows = inStore(data, (db) =>
    db.all<{ number: string; at: string }>("SELECT number, min(written_at) AS at FROM outbox WHERE kind = 'showCard' AND rank = 1 GROUP BY number"),
  );
  return new Map(rows.map(({ number, at }) => [number, Date.parse(at)]));
}

async function until(what: string, look: () => boolean, seconds = 60): Promise<void> {
  for (const begun = Date.now(); !look(); await pause(500))
    if (Date.now() - begun > seconds * 1000) throw new Error(`it did not come to pass within ${seconds} s: ${what}`);
}

function residentOf(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb ?? 0) / 1024;
}

function sorted(took: readonly Took[], kind: Took['kind']): readonly number[] {
  return took.filter((one) => one.kind === kind).map(({ ms }) => ms).sort((a, b) => a - b); // prettier-ignore
}

function statuses(took: readonly Took[]): string {
  const counts = new Map<string, number>();
  for (const { kind, status } of took) counts.set(`${kind} ${status}`, (counts.get(`${kind} ${status}`) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name}: ${count}`).join(', ');
}

function percentile(all: readonly number[], share: number): number {
  return all[Math.min(all.length - 1, Math.ceil(all.length * share) - 1)] ?? Number.NaN;
}

function last(all: readonly number[]): number {
  return all.at(-1) ?? Number.NaN;
}

function figures(all: readonly number[]): readonly string[] {
  return [percentile(all, 0.5), percentile(all, 0.99), last(all)].map((ms) => `${ms.toFixed(0)} ms`);
}

function row(title: string, ...cells: readonly (string | number)[]): string {
  return `  ${title.padEnd(30)}${cells.map((cell) => String(cell).padStart(12)).join('')}`;
}

function verdict(held: boolean): string {
  return held ? 'held' : 'NOT HELD';
}
