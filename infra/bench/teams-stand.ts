import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import { startPart } from '../local/children.ts';
import type { Part } from '../local/children.ts';
import { REHEARSAL_APP_ID } from '../local/edge/settings.ts';
import { checkFree, portsFrom, startHospital, startService } from '../local/installation.ts';
import type { Ports } from '../local/installation.ts';
import { orderMessage } from '../rehearsal/order-message.ts';
import { orderOf } from '../rehearsal/orders.ts';
import type { PlannedOrder } from '../rehearsal/orders.ts';
import { residentOf } from './figures.ts';
import type { Bot, Client } from './teams-clients.ts';

const SITE = 'infra/rehearsal/site';
const CLIENTS = 50;
const CHUNK = 250;
/** Urgent ones a second: what one channel of Teams lets through beside its routine cards. */
export const URGENT_PER_SECOND = 1.3;

/** Radloop with a hospital and a Teams of our own; all of it in processes of its own, over real sockets, through the service's own guard with signed tokens. */
export interface Running {
  readonly data: string;
  readonly ports: Ports;
  readonly service: Part;
  readonly bot: Bot;
  readonly clients: readonly Client[];
  /** VmRSS of the service in megabytes, the most so far. */
  residentMb(): number;
  stop(): Promise<void>;
}

export interface StandOptions {
  /** Changes the bench's own copy of the rehearsal site. */
  readonly prepare?: (site: string, ports: Ports) => void;
  /** A process that stands between, started before the service. */
  readonly beside?: (ports: Ports) => { readonly name: string; readonly args: readonly string[] };
  /** Further settings of the service. */
  readonly env?: (ports: Ports) => Readonly<Record<string, string>>;
  /** What two people have to agree on before the service starts with it. */
  readonly agree?: (data: string, one: string, other: string) => Promise<void>;
}

export async function start(base: number, { prepare, beside, env: more, agree }: StandOptions = {}): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), 'radloop-bench-'));
  const ports = portsFrom(base);
  await checkFree(ports);
  const { site, clients, tenantId } = siteWithPeople(join(data, 'site'));
  prepare?.(site, ports);
  mkdirSync(join(data, 'logs'), { recursive: true });
  const parts: Part[] = [];
  const stop = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop();
    rmSync(data, { recursive: true, force: true });
  };
  const added = async (part: Promise<Part>): Promise<Part> => {
    parts.push(await part);
    return part;
  };
  const logFile = (name: string): string => join(data, 'logs', `${name}.log`);
  try {
    const peerArgs = ['infra/bench/teams-peer.ts', '--port', String(ports.edge), '--app-id', REHEARSAL_APP_ID, '--ris-port', String(ports.ris + 20)];
    await added(startPart({ name: 'teams', args: peerArgs, logFile: logFile('teams') }));
    const origin = `http://127.0.0.1:${ports.edge}`;
    await added(startHospital({ site, data, ports, more: ['--rate', '0', '--people', 'none', '--ehr-delay-ms', '0'] }));
    const between = beside?.(ports);
    if (between !== undefined) await added(startPart({ ...between, logFile: logFile(between.name) }));
    const env = {
      ...{ RADLOOP_TEAMS_SERVICE_URL: `${origin}/_connector`, ToBotFromChannelOpenIdMetadataUrl: `${origin}/.well-known/openidconfiguration` },
      ...{ ToBotFromChannelTokenIssuer: origin, ToBotFromEmulatorOpenIdMetadataUrl: `${origin}/.well-known/openidconfiguration` },
      ...{ IDENTITY_ENDPOINT: `${origin}/msi/token`, IDENTITY_HEADER: 'bench', RADLOOP_RIS: `127.0.0.1:${ports.ris + 20}` },
      ...more?.(ports),
    };
    const serving = (): Promise<Part> => startService({ site, data, ports, fault: 'none', teamsLimit: 'on', cardsLost: null, env });
    const [one, other] = clients;
    if (agree !== undefined && one !== undefined && other !== undefined) {
      const before = await serving();
      await agree(data, one.id, other.id).finally(() => before.stop());
    }
    const service = await added(serving());
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

export interface Seen {
  readonly at: number;
  readonly what: string;
  readonly conversation: string;
  readonly status: number;
  readonly cases: readonly string[];
}

/** What has come to Teams, and how much of it before a Retry-After was over. */
export async function seenAt({ bot }: Running, since = 0): Promise<{ readonly seen: readonly Seen[]; readonly early: number }> {
  return (await (await fetch(`${bot.origin}/seen`, { headers: { 'x-since': String(since) } })).json()) as { seen: Seen[]; early: number };
}

/** Routine orders until so many of their cards wait; some are posted while the others come in. @param like what is the same in all of these orders */
export async function gatherFlood({ data, ports }: Running, waiting: number, like: Partial<PlannedOrder> = {}): Promise<void> {
  for (let first = 1; cardsWaiting(data) < waiting; first += CHUNK) {
    if (first > 3 * waiting + CHUNK) throw new Error('the flood does not gather: its cards are posted as fast as they come');
    await sendOrders(ports.mllp, { first, count: CHUNK, priority: 'R', like });
    if (first + CHUNK > waiting) await until('the flood waits', () => isQuiet(data), 300);
  }
}

export interface Batch {
  readonly first: number;
  readonly count: number;
  readonly priority: 'S' | 'A' | 'R';
  /** Left out: as fast as they are taken. */
  readonly perSecond?: number;
  /** @default 'new' */
  readonly verb?: 'new' | 'change';
  readonly like?: Partial<PlannedOrder>;
}

/** Orders over MLLP, on one connection, the next when the one before has its ACK. */
export async function sendOrders(port: number, { first, count, priority, perSecond, verb = 'new', like = {} }: Batch): Promise<void> {
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
    const order = { ...orderOf(1, n, catalogue), ...exam, priority, then: null, ...like };
    taken = new Promise((done) => answers.push(done));
    socket.write(`\v${orderMessage(order, verb, `B${verb}${n}`, new Date())}\x1c\r`);
    if (perSecond === undefined) await taken;
  }
  await taken;
  socket.end();
}

/** A look into the service's own store, while it works. */
export function inStore<T>(data: string, look: (db: ReturnType<typeof openDatabase>) => T): T {
  const db = openDatabase(join(data, 'store'), { readOnly: true });
  try {
    return look(db);
  } finally {
    void db.close();
  }
}

export function waitingCases(data: string): readonly string[] {
  return inStore(data, (db) => db.all<{ number: string }>("SELECT number FROM rows WHERE open = 1 AND row ->> '$.status' = 'waiting' ORDER BY number").map(({ number }) => number)); // prettier-ignore
}

export function cardsWaiting(data: string): number {
  return inStore(data, (db) => db.get<{ n: number }>("SELECT count(*) AS n FROM outbox_ready WHERE queue = 'showCard' AND rank = 2")?.n ?? 0);
}

/** Is every order that came in worked out? */
function isQuiet(data: string): boolean {
  const waitingEvents = inStore(data, (db) => db.get<{ n: number }>('SELECT count(*) AS n FROM events')?.n ?? 0);
  return waitingEvents === 0;
}

export async function until(what: string, look: () => boolean, seconds = 60): Promise<void> {
  for (const begun = Date.now(); !look(); await pause(500))
    if (Date.now() - begun > seconds * 1000) throw new Error(`it did not come to pass within ${seconds} s: ${what}`);
}
