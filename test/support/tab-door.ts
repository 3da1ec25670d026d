import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { HttpRequest } from '@azure/functions';
import type { HttpResponseInit } from '@azure/functions';
import { createChannelKeys } from '#bot/keys.js';
import { createTabDoor } from '#bot/tab/door.js';
import { readPage } from '#bot/tab/files.js';
import { TEAMS_CLIENTS } from '#bot/tab/guard.js';
import type { Person } from '#core/people.js';
import type { Instant } from '#core/time.js';
import type { CriticalRule } from '#domain/critical.js';
import { desk } from '#engine/desk.js';
import type { PhoneOf } from '#engine/not-sent.js';
import type { Parts } from '#engine/parts.js';
import { refusals } from '#engine/refusals.js';
import { tabDesk } from '#engine/story-desk.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Rota } from '#ports/rota.js';
import type { TabReply } from '#ports/tab.js';
import { apiHandlers } from '../../functions/triggers/api.ts';
import type { TeamsSide } from './teams-provider.ts';

export const tabAudience = '3d1f9a3e-52d5-4c3c-8a7d-0c5b8e2f0a11';

/** The page and its questions over a real socket: trigger, guard and desk over real stores. Needs dist/ to be built. */
export interface TabDoorFixture {
  /** Of the page, ending in `/api/tab/`. */
  readonly url: string;
  /** Audit rows that were written alone, oldest first. */
  readonly audited: AuditEntry[];
  /** How often the desk was asked anything. */
  asked(): number;
  post(headers: Record<string, string>, body?: unknown, path?: string): Promise<Response>;
  ask<Found = unknown>(token: string, asked: object): Promise<{ readonly status: number; readonly reply: TabReply<Found> }>;
  close(): Promise<void>;
}

interface Issuer {
  readonly metadataUrl: string;
  readonly issuer: string;
  readonly tenantId: string;
  readonly audience: string;
  /** The site's tenant signs in, as with Entra; only its keys are here. Left out: a local provider, as on a rehearsal site. */
  readonly isTenant?: true;
}

export function issuedBy(side: TeamsSide): Issuer {
  return { metadataUrl: `${side.origin}/.well-known/openidconfiguration`, issuer: side.origin, tenantId: side.tenantId, audience: tabAudience };
}

/** A token as Entra gives one to the tab of this person; claims are merged over it, null takes one out. `auth_time`: now, with a second factor. */
export function tabToken(side: TeamsSide, { aadObjectId }: Pick<Person, 'aadObjectId'>, claims: Record<string, unknown> = {}): Promise<string> {
  const own = { aud: tabAudience, serviceurl: null, tid: side.tenantId, oid: aadObjectId, scp: 'access_as_user', ver: '2.0', azp: TEAMS_CLIENTS[1] };
  return side.token({ ...own, auth_time: Math.floor(Date.now() / 1000), acrs: ['c1'], ...claims });
}

/** @param phoneOf left out: nobody is named to phone. @param rota left out: the site has none. @param rules within how long critical results must be acknowledged; left out: nobody says */
export async function openTabDoor(
  parts: Parts,
  issuer: Issuer,
  protocolIds: readonly string[] = [],
  rota: Rota | null = null,
  rules: readonly CriticalRule[] = [],
  phoneOf?: PhoneOf,
): Promise<TabDoorFixture> {
  const audited: AuditEntry[] = [];
  const { audit } = parts;
  const watched: Parts = {
    ...parts,
    audit: {
      ...audit,
      record: async (entry: AuditEntry) => {
        audited.push(entry);
        await audit.record(entry);
      },
      shownRevision: audit.shownRevision.bind(audit),
    },
  };
  const noted = refusals(watched);
  const cases = desk(watched, protocolIds, noted, { zone: 'UTC', rota: null, ...(phoneOf === undefined ? {} : { phoneOf }) });
  let asked = 0;
  const site = { name: 'Radloop General', zone: 'America/Chicago', language: 'en' } as const;
  const tab = new Proxy(tabDesk({ parts: watched, desk: cases, rota, site, rules }), {
    get(target, name, receiver) {
      asked += 1;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  const { metadataUrl, issuer: named, tenantId, audience, isTenant = false } = issuer;
  const settings = { audience, tenantId, local: isTenant ? null : { metadataUrl, issuer: named }, stepUp: 'c1' };
  const page = readPage(join('dist', 'tab'));
  // Tokens are judged by the parts' own clock: a test moves it.
  const clock = { now: (): Instant => parts.clock.now() };
  const handlers = apiHandlers(
    createTabDoor({
      settings,
      page,
      tab,
      desk: cases,
      directory: parts.directory,
      clock,
      log: parts.log,
      keys: createChannelKeys(metadataUrl, clock),
    }),
  );
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const headers = Object.fromEntries(Object.entries(incoming.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]));
      const path = new URL(incoming.url ?? '/', 'http://127.0.0.1').pathname.replace(/^\/api\/tab\/?/u, '');
      const request = new HttpRequest({
        url: `http://127.0.0.1${incoming.url ?? ''}`,
        method: incoming.method ?? '',
        // As the host does: its own hop comes after those that the sender names.
        headers: { ...headers, 'x-forwarded-for': [headers['x-forwarded-for'], incoming.socket.remoteAddress].filter(Boolean).join(', ') },
        params: { file: path },
        ...(incoming.method === 'POST' ? { body: { bytes: Buffer.concat(chunks) } } : {}),
      });
      const handle = incoming.method === 'GET' ? handlers.page : path === 'sign-in' ? handlers.signIn : handlers.ask;
      handle(request).then(
        ({ status = 200, headers: given, body }: HttpResponseInit) => {
          response.writeHead(status, given as Record<string, string>).end(typeof body === 'string' || body instanceof Uint8Array ? body : '');
        },
        (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/tab/`;
  const post = (headers: Record<string, string>, body: unknown = { ask: 'me' }, path = 'ask'): Promise<Response> => {
    const { 'Content-Type': type = 'application/json', ...others } = headers;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(`${url}${path}`, { method: 'POST', headers: { 'Content-Type': type, ...others }, body: text });
  };
  return {
    ...{ url, audited, post },
    asked: () => asked,
    async ask<Found>(token: string, asks: object) {
      const response = await post({ Authorization: `Bearer ${token}` }, asks);
      return { status: response.status, reply: (await response.json()) as TabReply<Found> };
    },
    async close() {
      await noted.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
