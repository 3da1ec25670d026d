import { randomBytes } from 'node:crypto';
import { z } from 'zod/v4';
import { addressClass } from '#core/address.js';
import { personId } from '#core/ids.js';
import type { Log } from '#ports/log.js';
import type { TabDesk, TabReply } from '#ports/tab.js';
import { answerAsk, tabAsk } from './asks.ts';
import { NONCE } from './files.ts';
import type { PageFiles } from './files.ts';
import { TEAMS_CLIENTS, createTabGuard } from './guard.ts';
import type { TabRequest, TabSettings } from './guard.ts';

export interface TabAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface TabDoor {
  /** The page and its parts: no patient data, and open to everybody, as Teams itself loads it. @param file of the path behind /api/tab/ */
  page(file: string, request: Pick<TabRequest, 'addresses' | 'host' | 'origin'>): TabAnswer;
  ask(request: TabRequest): Promise<TabAnswer>;
  /** On the rehearsal site, and for this machine alone: a token of the local provider for the person who was picked. */
  signIn(request: TabRequest): Promise<TabAnswer>;
}

type Guarded = Omit<Parameters<typeof createTabGuard>[0], 'settings'>;

/** Who may frame the page. @see https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/tab-requirements */
const FRAMES = "'self' https://teams.microsoft.com https://*.teams.microsoft.com https://teams.cloud.microsoft https://*.teams.cloud.microsoft";
const everywhere = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' } as const;
const json = { ...everywhere, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' } as const;
/** Between us and the local provider. */
const SIGN_IN_MS = 3000;

/** What the tab is served and what it asks. */
export function createTabDoor(
  needs: Guarded & { readonly settings: TabSettings; readonly page: PageFiles; readonly tab: TabDesk; readonly log: Log },
): TabDoor {
  const { settings, page, tab, log } = needs;
  const guard = createTabGuard(needs);
  const { local } = settings;

  function start(request: Pick<TabRequest, 'addresses' | 'host' | 'origin'>): TabAnswer {
    if (local === null)
      return said(200, { signIn: 'teams', stepUp: settings.stepUp, browser: { authority: authorityOf(settings), client: settings.audience } });
    if (!isHere(request)) return said(403, { error: 'The rehearsal site answers this machine only.' });
    const people = Object.entries(needs.directory.names()).map(([id, name]) => ({
      id,
      name,
      roles: needs.directory.byId(personId.parse(id))?.roles ?? [],
    }));
    return said(200, { signIn: 'people', people });
  }

  return {
    page(file, request) {
      if (file === 'start.json') return start(request);
      const asset = page.assets.get(file);
      if (asset !== undefined) {
        const headers = { ...everywhere, 'Content-Type': asset.type, 'Cache-Control': 'public, max-age=31536000, immutable' };
        return { status: 200, headers, body: asset.bytes };
      }
      return file === '' || file === 'index.html'
        ? indexOf(page, local === null ? new URL(authorityOf(settings)).origin : null)
        : { status: 404, headers: everywhere, body: '' };
    },
    async ask(request) {
      try {
        const guarded = await guard.check(request);
        if (!guarded.ok) return refusal(guarded.status, guarded.check);
        const asked = tabAsk.safeParse(messageIn(request.body));
        if (!asked.success) {
          await guard.refused(request, 400, 'not-of-the-tab');
          return refusal(400, 'not-of-the-tab');
        }
        const reply = await answerAsk(tab, guarded.who, asked.data);
        return said(statusOf(reply), reply);
      } catch (fault) {
        log.error('tab.failed', { fault });
        return said(500, { error: 'Radloop could not answer.' });
      }
    },
    async signIn(request) {
      if (local === null || !isHere(request)) {
        await guard.refused(request, 403, 'sign-in-elsewhere');
        return said(403, { error: 'Only the rehearsal site has this, for this machine.' });
      }
      const picked = z.object({ person: z.string().min(1).max(64) }).safeParse(messageIn(request.body));
      if (!picked.success) return said(400, { error: 'Name the person: {"person":"ID"}.' });
      const url = new URL('/sign-in', local.issuer);
      url.searchParams.set('person', picked.data.person);
      url.searchParams.set('client', TEAMS_CLIENTS[1] ?? '');
      url.searchParams.set('context', settings.stepUp);
      const answered = await fetch(url, { method: 'POST', redirect: 'error', signal: AbortSignal.timeout(SIGN_IN_MS) }).catch(() => null);
      if (answered === null) return said(503, { error: 'The local sign-in does not answer.' });
      return answered.ok
        ? said(200, z.object({ access_token: z.string() }).parse(await answered.json()))
        : said(404, { error: 'Nobody has that id.' });
    },
  };
}

/** From a page of this machine: a foreign page in a browser here is given away by its Origin, or, after rebinding its name, by the Host. */
function isHere({ addresses, host, origin }: Pick<TabRequest, 'addresses' | 'host' | 'origin'>): boolean {
  const local = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/u;
  const isOwn = (host === undefined || local.test(host)) && (origin === undefined || local.test(origin.replace(/^https?:\/\//u, '')));
  return isOwn && addresses.length > 0 && addresses.every((address) => addressClass(address) === 'loopback');
}

/** Where the tenant's people sign in. */
function authorityOf({ tenantId }: TabSettings): string {
  return `https://login.microsoftonline.com/${tenantId.toLowerCase()}`;
}

/** @param signIn whom the page asks for tokens besides us; null: nobody */
function indexOf(page: PageFiles, signIn: string | null): TabAnswer {
  const nonce = randomBytes(16).toString('base64');
  const connect = signIn === null ? '' : ` connect-src 'self' ${signIn};`;
  const policy = `default-src 'self';${connect} style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ${FRAMES}`;
  const headers = { ...everywhere, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Content-Security-Policy': policy };
  return { status: 200, headers, body: page.index.replaceAll(NONCE, nonce) };
}

function statusOf(reply: TabReply<unknown>): number {
  if (reply.ok) return 200;
  return reply.code === 'unknown' ? 404 : 403;
}

function messageIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}

function said(status: number, body: object): TabAnswer {
  return { status, headers: json, body: JSON.stringify(body) };
}

/** Says little: a hostile sender learns nothing from it. */
function refusal(status: number, check: string): TabAnswer {
  const code = check === 'person' ? 'not-known' : status === 401 ? 'signed-out' : status === 503 ? 'keys-unavailable' : 'refused';
  const challenge: Readonly<Record<string, string>> = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return { status, headers: { ...json, ...challenge }, body: JSON.stringify({ ok: false, code }) };
}
