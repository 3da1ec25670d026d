import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import { TEAMS_CLIENTS } from '#bot/tab/guard.js';
import { addMinutes } from '#core/time.js';
import { person } from '#core/people.js';
import type { CaseStory, Me, TabTasks } from '#ports/tab.js';
import type { CaseRow } from '#ports/views.js';
import { directoryOf, haddad, okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { issuedBy, openTabDoor, tabAudience, tabToken } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

const technologist = person.parse({
  id: 't-novak',
  name: 'Jana Novak',
  roles: ['technologist'],
  aadObjectId: '00000000-0000-4000-8000-000000000071',
});
const reyes = person.parse({
  id: 'c-reyes',
  name: 'Carmen Reyes',
  roles: ['coordinator'],
  language: 'es',
  aadObjectId: '00000000-0000-4000-8000-000000000072',
});
const stranger = { aadObjectId: '00000000-0000-4000-8000-000000000500' };

let side: TeamsSide;
let engine: EngineFixture;
let door: TabDoorFixture;
let row: CaseRow;

beforeAll(async () => {
  side = await startTeamsSide();
  engine = startEngineFixture('assist');
  engine.now = new Date().toISOString() as typeof engine.now;
  Object.assign(engine.parts, { directory: directoryOf([okafor, haddad, technologist, reyes]) });
  await engine.receive(orderBytes());
  await engine.settle();
  const [found] = await engine.stores.views.open('protocoling');
  if (found === undefined) throw new Error('no case is open');
  row = found;
  door = await openTabDoor(engine.parts, issuedBy(side), ['CT-HEAD-WO']);
});
afterAll(async () => {
  await door.close();
  await engine.close();
  await side.close();
});

const seconds = (): number => Math.floor(Date.now() / 1000);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const of = (claims: Record<string, unknown> = {}, options: Parameters<TeamsSide['token']>[1] = {}): Promise<string> =>
  side.token(
    {
      ...{ aud: tabAudience, serviceurl: null, tid: side.tenantId, oid: okafor.aadObjectId, scp: 'access_as_user', azp: TEAMS_CLIENTS[0] },
      ...claims,
    },
    options,
  );
const bearer = async (token: Promise<string>): Promise<Record<string, string>> => ({ Authorization: `Bearer ${await token}` });

/** name, status, the check that the audit row names, and the request's headers and body. */
const hostile: readonly (readonly [string, number, string, () => Promise<Record<string, string>> | Record<string, string>, unknown?])[] = [
  ['no token', 401, 'no-token', () => ({})],
  ['another scheme', 401, 'not-a-bearer-token', () => ({ Authorization: 'Basic dXNlcjpwYXNz' })],
  ['three parts of garbage', 401, 'token-unreadable', () => ({ Authorization: 'Bearer aaaa.bbbb.cccc' })],
  ['two tokens', 401, 'not-a-bearer-token', async () => ({ Authorization: `Bearer ${await of()} ${await of()}` })],
  [
    'alg none',
    401,
    'token-algorithm',
    async () => ({ Authorization: `Bearer ${part({ alg: 'none', kid: 'good' })}.${(await of()).split('.')[1]}.AAAA` }),
  ],
  [
    'HS256 with the public key as its secret',
    401,
    'token-algorithm',
    async () => {
      const unsigned = `${part({ alg: 'HS256', kid: 'good' })}.${(await of()).split('.')[1]}`;
      const signature = createHmac('sha256', await exportSPKI(side.keys.good.public))
        .update(unsigned)
        .digest('base64url');
      return { Authorization: `Bearer ${unsigned}.${signature}` };
    },
  ],
  ['an unknown key id', 401, 'unknown-key', () => bearer(of({}, { kid: 'nowhere', key: side.keys.unpublished.private }))],
  ['a foreign key under a known id', 401, 'token-signature', () => bearer(of({}, { key: side.keys.unpublished.private }))],
  [
    'changed claims under a good signature',
    401,
    'token-signature',
    async () => {
      const [header, , signature] = (await of()).split('.');
      const claims = { iss: side.origin, aud: tabAudience, tid: side.tenantId, oid: haddad.aadObjectId, scp: 'access_as_user', exp: seconds() + 900 };
      return { Authorization: `Bearer ${header}.${part(claims)}.${signature}` };
    },
  ],
  ['another issuer', 401, 'token-iss', () => bearer(of({ iss: 'https://evil.example' }))],
  ['the issuer of another tenant', 401, 'token-iss', () => bearer(of({ iss: `https://login.microsoftonline.com/${stranger.aadObjectId}/v2.0` }))],
  ['another audience', 401, 'token-aud', () => bearer(of({ aud: stranger.aadObjectId }))],
  ['the bot’s own audience', 401, 'token-aud', () => bearer(of({ aud: side.appId }))],
  ['our audience among others', 401, 'token-aud', () => bearer(of({ aud: [tabAudience, side.appId] }))],
  ['expired six minutes ago', 401, 'token-expired', () => bearer(of({ exp: seconds() - 360 }))],
  ['no end', 401, 'token-exp', () => bearer(of({ exp: null }))],
  ['valid in six minutes', 401, 'token-nbf', () => bearer(of({ nbf: seconds() + 360 }))],
  ['another tenant', 401, 'tenant', () => bearer(of({ tid: stranger.aadObjectId }))],
  ['no tenant', 401, 'token-of-no-person', () => bearer(of({ tid: null }))],
  ['a token of an app and not of a person', 401, 'token-of-no-person', () => bearer(of({ oid: null, scp: null }))],
  ['another scope', 403, 'token-scope', () => bearer(of({ scp: 'User.Read' }))],
  ['the client of an outside orchestrator', 403, 'token-client', () => bearer(of({ azp: stranger.aadObjectId }))],
  ['no client', 401, 'token-of-no-person', () => bearer(of({ azp: null }))],
  ['nobody of the site', 403, 'person', () => bearer(of({ oid: stranger.aadObjectId }))],
  ['an object id that is none', 401, 'token-of-no-person', () => bearer(of({ oid: 'dr-okafor' }))],
  ['a page of another site', 403, 'another-site', async () => ({ ...(await bearer(of())), 'Sec-Fetch-Site': 'cross-site' })],
  ['a form', 415, 'content-type', async () => ({ ...(await bearer(of())), 'Content-Type': 'application/x-www-form-urlencoded' })],
  ['300 kB', 413, 'size', () => bearer(of()), { ask: 'me', x: 'x'.repeat(300_000) }],
  ['no JSON', 400, 'not-of-the-tab', () => bearer(of()), '{'],
  ['a question that nobody knows', 400, 'not-of-the-tab', () => bearer(of()), { ask: 'everything' }],
  ['a person in the question', 400, 'not-of-the-tab', () => bearer(of()), { ask: 'tasks', person: 'c-reyes' }],
  [
    'a verb that nobody knows',
    400,
    'not-of-the-tab',
    () => bearer(of()),
    { ask: 'answer', data: { verb: 'release', caseNumber: '7KF3QN', revision: 1 } },
  ],
  ['a case number that is a path', 400, 'not-of-the-tab', () => bearer(of()), { ask: 'story', caseNumber: '../../../etc/passwd' }],
  [
    'a finding that nobody knows',
    400,
    'not-of-the-tab',
    () => bearer(of()),
    { ask: 'access-review', access: '7KF3QN', opening: 1, finding: 'fine', text: 'x' },
  ],
];

describe('a request that our page in Teams can’t have sent', () => {
  const requests = hostile.map(([name, status, check, headers, body]) => [name, status, check, { headers, body }] as const);
  it.each(requests)('%s: %i, on record as %s, and nobody is asked', async (_name, status, check, { headers, body }) => {
    const before = { asked: door.asked(), rows: door.audited.length };
    const answered = await door.post(await headers(), body);
    const text = await answered.text();
    expect([answered.status, door.asked()]).toEqual([status, before.asked]);
    expect(door.audited.slice(before.rows).map(({ action, outcome, detail }) => [action, outcome, detail['check'], detail['status']])).toEqual([
      ['tab-request-refused', 'denied', check, status],
    ]);
    expect(text).not.toMatch(/Okafor|token-|evil/u);
  });

  it('a key service that is down: 503, and nothing is shown', async () => {
    const other = await openTabDoor(engine.parts, issuedBy(side));
    side.keyService.down = true;
    try {
      expect((await other.post(await bearer(of()))).status).toBe(503);
    } finally {
      side.keyService.down = false;
      await other.close();
    }
  });
});

describe('what the tab is served', () => {
  it('is the page under a policy that fetches nothing from elsewhere and lets Teams alone frame it', async () => {
    const page = await fetch(door.url);
    const policy = page.headers.get('content-security-policy') ?? '';
    const html = await page.text();
    const [, nonce = ''] = /'nonce-([^']+)'/u.exec(policy) ?? [];
    expect(policy).toMatch(/^default-src 'self'; style-src 'self' 'nonce-/u);
    expect(policy).toContain("frame-ancestors 'self' https://teams.microsoft.com ");
    expect(policy).not.toContain('unsafe');
    expect(html).toContain(`content="${nonce}"`);
    expect(nonce.length).toBeGreaterThan(20);
    expect((await fetch(door.url)).headers.get('content-security-policy')).not.toBe(policy);
    const script = /src="([^"]+\.js)"/u.exec(html)?.[1] ?? '';
    const asset = await fetch(new URL(script, door.url));
    expect([asset.status, asset.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it.each(['../package.json', '..%2Fpackage.json', 'assets/../../package.json', 'assets/', 'nothing.js', '.built'])(
    'holds nothing at %s',
    async (path) => {
      expect((await fetch(`${door.url}${path}`)).status).toBe(404);
    },
  );

  it('gives the person picker to this machine’s own pages alone', async () => {
    expect((await fetch(`${door.url}start.json`)).status).toBe(200);
    expect((await fetch(`${door.url}start.json`, { headers: { Origin: 'https://elsewhere.example' } })).status).toBe(403);
    expect((await fetch(`${door.url}start.json`, { headers: { 'X-Forwarded-For': '203.0.113.9' } })).status).toBe(403);
    const foreign = await door.post({ Origin: 'https://elsewhere.example' }, { person: 'dr-okafor' }, 'sign-in');
    expect(foreign.status).toBe(403);
  });
});

describe('my tasks', () => {
  it('are those of the store, in the order of the list in the chat, and without patient data', async () => {
    const { reply } = await door.ask<TabTasks>(await tabToken(side, okafor), { ask: 'tasks' });
    if (!reply.ok) throw new Error(reply.why);
    const rows = await engine.stores.views.open('protocoling');
    expect(reply.found.tasks.map(({ caseNumber, status }) => [caseNumber, status])).toEqual(
      rows.map(({ caseNumber, status }) => [caseNumber, status]),
    );
    expect(JSON.stringify(reply)).not.toMatch(/subarachnoid|vomiting|MRN|P00/u);
  });

  it('are refused to who has no list, on record', async () => {
    const { status, reply } = await door.ask(await tabToken(side, haddad), { ask: 'tasks' });
    expect([status, reply]).toMatchObject([403, { ok: false, code: 'denied' }]);
    expect(door.audited.at(-1)).toMatchObject({ action: 'list-waiting', outcome: 'denied', actor: { person: 'dr-haddad' } });
  });

  it('says who it is, in which language and zone, and which pages there are for them', async () => {
    const me = async (who: typeof okafor): Promise<unknown> => (await door.ask<Me>(await tabToken(side, who), { ask: 'me' })).reply;
    expect(await me(reyes)).toEqual({
      ok: true,
      found: {
        name: 'Carmen Reyes',
        language: 'es',
        zone: 'America/Chicago',
        site: 'Radloop General',
        pages: ['tasks', 'accesses'],
        opensCases: true,
        declares: false,
      },
    });
    expect(await me(haddad)).toMatchObject({ found: { pages: [] } });
  });
});

describe('a case’s story', () => {
  const story = async (who: typeof okafor) => door.ask<CaseStory>(await tabToken(side, who), { ask: 'story', caseNumber: row.caseNumber });

  it('has two identifiers at its head, every fact of the store in its order, and the view of now', async () => {
    const { reply } = await story(okafor);
    if (!reply.ok) throw new Error(reply.why);
    const { heading, lines, view, emergency, revision } = reply.found;
    const { facts } = await engine.stores.cases.read(row.workflow, row.caseId);
    expect(lines.map(({ at }) => at)).toEqual(facts.map(({ at }) => at));
    expect(lines[0]).toMatchObject({ kind: 'message', title: 'The order came in', source: expect.stringMatching(/^message [0-9a-f]{8}$/u) });
    expect(lines.map(({ title }) => title)).toContain('A protocol was proposed');
    expect(heading?.name).toMatch(/^\S+, \S+/u);
    expect(heading?.number).toMatch(/^MRN \S+/u);
    expect(JSON.stringify(view.card)).toContain('AdaptiveCard');
    expect([emergency, revision]).toEqual([null, row.revision]);
  });

  it('is a view: audited as one, and then the case counts as shown to this person', async () => {
    const other = await openTabDoor(engine.parts, issuedBy(side));
    try {
      expect(await engine.stores.audit.shownRevision(row.caseId, reyes.id)).toBe(0);
      await other.ask(await tabToken(side, reyes), { ask: 'story', caseNumber: row.caseNumber });
      expect(await engine.stores.audit.shownRevision(row.caseId, reyes.id)).toBe(row.revision);
      expect(other.audited.map(({ action, outcome, detail }) => [action, outcome, detail])).toEqual([
        ['view', 'done', { number: row.caseNumber, revision: row.revision }],
      ]);
    } finally {
      await other.close();
    }
  });

  it('is in the reader’s language', async () => {
    const { reply } = await story(reyes);
    expect(reply.ok && reply.found.lines[0]?.title).toBe('Llegó la solicitud');
  });

  it('shows a technologist nothing that people wrote in their own words', async () => {
    const [all, least] = [await story(okafor), await story(technologist)];
    expect(JSON.stringify(all.reply)).toContain('Sudden severe headache');
    expect(least.reply.ok).toBe(true);
    expect(JSON.stringify(least.reply.ok ? least.reply.found.lines : '')).not.toContain('headache');
  });

  it('is refused without the relationship, which the person is told, with the way that an emergency has', async () => {
    const { status, reply } = await story(haddad);
    expect([status, reply]).toEqual([
      403,
      { ok: false, code: 'denied', why: 'Samir Haddad was asked nothing about this case.', mayBreakGlass: true },
    ]);
    expect(door.audited.at(-1)).toMatchObject({ action: 'view', outcome: 'denied', caseId: row.caseId });
  });

  it.each(['ZZZZZZ', '', '7KF3QX'])('of a number that is none (%s) is told so', async (caseNumber) => {
    expect(await door.ask(await tabToken(side, okafor), { ask: 'story', caseNumber })).toMatchObject({ status: 404, reply: { code: 'unknown' } });
  });
});

describe('a button of the view', () => {
  it('goes the way of the dialog: decided once, whoever presses again gets the first answer', async () => {
    const token = await tabToken(side, okafor);
    const data = { verb: 'choose-other', caseNumber: row.caseNumber, revision: row.revision, protocolId: 'CT-HEAD-WO' };
    const first = await door.ask(token, { ask: 'answer', data });
    expect(first.reply).toMatchObject({ ok: true, found: { outcome: 'won' } });
    expect((await door.ask(token, { ask: 'answer', data })).reply).toEqual(first.reply);
    const facts = (await engine.stores.cases.read(row.workflow, row.caseId)).facts.map(({ fact }) => (fact as { type: string }).type);
    expect(facts.filter((type) => type === 'protocolApproved')).toHaveLength(1);
  });

  it('of somebody who may not changes nothing', async () => {
    const data = { verb: 'reject', caseNumber: row.caseNumber, revision: row.revision, reason: 'wrong side' };
    expect(await door.ask(await tabToken(side, haddad), { ask: 'answer', data })).toMatchObject({
      status: 403,
      reply: { ok: false, code: 'denied' },
    });
  });
});

describe('a sign-in that ran out while the page stood open', () => {
  it('is asked for anew, and nothing is shown meanwhile', async () => {
    const token = await tabToken(side, okafor);
    const before = engine.now;
    engine.now = addMinutes(before, 120);
    try {
      expect((await door.post({ Authorization: `Bearer ${token}` }, { ask: 'story', caseNumber: row.caseNumber })).status).toBe(401);
    } finally {
      engine.now = before;
    }
  });
});
