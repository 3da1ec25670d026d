import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { openDatabase } from '#adapters/embedded/database.js';
import { approval } from '../bot/hostile.ts';
import type { Forge, Sent } from '../bot/hostile.ts';
import { orderBytes } from './engine-fixture.ts';
import { openInstallation } from './installation-for-tests.ts';
import type { TestInstallation } from './installation-for-tests.ts';
import { settingsFor, startTeamsSide } from './teams-provider.ts';
import type { TeamsSide } from './teams-provider.ts';

/** A running service whose Teams is a test's own: real tokens of every kind, over real HTTP. */
export interface BotDoor extends Forge {
  readonly installation: TestInstallation;
  post(sent: Sent): Promise<Answered>;
  counters(headers?: Record<string, string>): Promise<{ readonly handlers: number; readonly effects: number; readonly audited: number }>;
  /** Audit rows of refused activities, oldest first. */
  refusals(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Rows of decisions on the case. */
  decisions(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** Needs dist/ to be built. One order has come and its case waits for a decision. */
export async function openBotDoor(): Promise<BotDoor> {
  const side = await startTeamsSide();
  let installation: TestInstallation | null = null;
  try {
    installation = await openInstallation({ partsOf: 'embedded', env: () => settingsOfService(side) });
    return await doorOf(side, installation);
  } catch (error) {
    await installation?.clear();
    await side.close();
    throw error;
  }
}

function settingsOfService(side: TeamsSide): Record<string, string> {
  return {
    ...settingsFor(side).local,
    ...{ MicrosoftAppId: side.appId, RADLOOP_TEAMS_SERVICE_URL: side.serviceUrl },
    ...{ IDENTITY_ENDPOINT: `${side.origin}/msi/token`, IDENTITY_HEADER: 'secret' },
  };
}

async function doorOf(side: TeamsSide, installation: TestInstallation): Promise<BotDoor> {
  const { http, mllp } = installation.ports;
  await overMllp(mllp, orderBytes());
  const caseNumber = await until(() => /"caseNumber":"(?<number>[^"]+)"/u.exec(JSON.stringify(side.calls))?.groups?.['number'] ?? null);
  const post = async (sent: Sent): Promise<Answered> => {
    const { activity = approval(door), body = Buffer.from(JSON.stringify(activity)), contentEncoding } = sent;
    const authorization = 'authorization' in sent ? sent.authorization : `Bearer ${await side.token()}`;
    const type = 'contentType' in sent ? sent.contentType : 'application/json';
    const tokens = authorization === undefined ? [] : typeof authorization === 'string' ? [authorization] : authorization;
    const headers = [
      ...tokens.flatMap((token) => ['Authorization', token]),
      ...(type === undefined ? [] : ['Content-Type', type]),
      ...(contentEncoding === undefined ? [] : ['Content-Encoding', contentEncoding]),
      ...['Host', `127.0.0.1:${http}`, 'Content-Length', String(body.length)],
    ];
    return asked(http, 'POST', '/api/messages', headers, body);
  };
  const audit = async <Row>(where: string): Promise<readonly Row[]> => {
    const db = openDatabase(installation.store, { readOnly: true });
    try {
      return db.all<Row & object>(`SELECT action, outcome, detail FROM audit WHERE ${where} ORDER BY seq`);
    } finally {
      await db.close();
    }
  };
  const door: BotDoor = {
    ...{ side, installation, caseNumber, revision: 1, post },
    async counters(headers = {}) {
      const response = await fetch(`http://127.0.0.1:${http}/rehearsal/counters`, { headers });
      if (!response.ok) throw new Error(`the counters answered ${response.status}`);
      return (await response.json()) as Awaited<ReturnType<BotDoor['counters']>>;
    },
    refusals: async () =>
      (await audit<{ detail: string }>("action = 'teams-activity-refused'")).map(({ detail }) => JSON.parse(detail) as Record<string, unknown>),
    decisions: async () => (await audit<{ action: string }>('detail LIKE \'%"event":"answer:%\'')).map(({ action }) => action),
    async close() {
      await installation.clear();
      await side.close();
    },
  };
  const revision = await until(async () => revisionIn((await post({ activity: opening(door) })).body));
  return Object.assign(door, { revision });
}

/** Dr Okafor opens the case. */
export function opening(door: Forge): Record<string, unknown> {
  return approval(door, { name: 'task/fetch', value: { data: { verb: 'open', caseNumber: door.caseNumber } } });
}

/** The revision that the buttons of a view decide on; null: nothing can be decided. */
function revisionIn(body: unknown): number | null {
  const found = /"verb":"choose-other"[^}]*"revision":(?<a>\d+)|"revision":(?<b>\d+)[^}]*"verb":"choose-other"/u.exec(JSON.stringify(body))?.groups;
  const revision = Number(found?.['a'] ?? found?.['b'] ?? 0);
  return revision > 0 ? revision : null;
}

async function until<Value>(look: () => Value | null | Promise<Value | null>, seconds = 40): Promise<Value> {
  for (const began = Date.now(); Date.now() - began < seconds * 1000;) {
    const value = await look();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it did not come to pass');
}

function overMllp(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([Buffer.from([0x0b]), bytes, Buffer.from([0x1c, 0x0d])])));
    socket.on('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}

function asked(port: number, method: string, path: string, headers: readonly string[], body: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers: headers as string[] }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: text === '' ? null : (JSON.parse(text) as unknown) });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
