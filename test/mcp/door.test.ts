import { TOOLS } from '#bot/mcp/tools.js';
import { authorise } from '#core/authorise.js';
import { person, role } from '#core/people.js';
import type { CaseRow } from '#ports/views.js';
import { haddad, okafor } from '../support/clinic.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { apiAudience, startMcpFixture } from '../support/mcp-door.ts';
import type { McpCaller, McpFixture } from '../support/mcp-door.ts';

const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
/** Somebody of each role, and a radiologist of another list. */
const ofRoles = role.options.map((one, n) => person.parse({ id: `of-${one}`, name: `Somebody ${one}`, roles: [one], aadObjectId: guid(n + 1) }));
const mrOnly = person.parse({ ...okafor, id: 'dr-mr', name: 'Mira Rossi', aadObjectId: guid(99), modalities: ['MR'] });
const stranger = { aadObjectId: guid(500) };

let door: McpFixture;
let row: CaseRow;
let radiologist: McpCaller;

beforeAll(async () => {
  door = await startMcpFixture([okafor, haddad, mrOnly, ...ofRoles]);
  await door.engine.receive(orderBytes());
  await door.engine.settle();
  const [found] = await door.engine.stores.views.open('protocoling');
  if (found === undefined) throw new Error('no case is open');
  row = found;
  radiologist = await door.client(await door.token(okafor));
});
afterAll(() => door.close());

/** Values of the order that are the patient's or the order's own: long enough not to be words of ours. */
function canaries(): readonly string[] {
  const segments = orderBytes().toString('utf8').split('\r');
  const ofPatient = segments.filter((line) => /^(?:PID|PV1|NTE|OBX|DG1|AL1)\|/u.test(line)).flatMap((line) => line.split(/[|^~&]/u).slice(1));
  const own = [
    'subarachnoid',
    'vomiting',
    ...segments.filter((line) => line.startsWith('ORC|')).flatMap((line) => line.split(/[|^~&]/u).slice(2, 4)),
  ];
  return [...new Set([...ofPatient, ...own])].filter((value) => value.length >= 5);
}

/** What a call may not touch. */
async function standing(): Promise<unknown> {
  const { stores } = door.engine;
  const { version } = await stores.cases.read(row.workflow, row.caseId);
  const shown = await Promise.all([okafor, mrOnly, ...ofRoles].map(({ id }) => stores.audit.shownRevision(row.caseId, id)));
  return { version, shown, open: await stores.views.all('protocoling'), due: await stores.outbox.nextDue(), heard: await stores.bus.nextDue() };
}

function refused(): readonly unknown[] {
  return door.audited.filter(({ action }) => action === 'mcp-request-refused').map(({ detail }) => detail);
}

async function post(headers: Record<string, string>, body: unknown = { jsonrpc: '2.0', id: 1, method: 'tools/list' }): Promise<Response> {
  const { 'Content-Type': type = 'application/json', ...others } = headers;
  return fetch(door.url, {
    method: 'POST',
    headers: { Accept: 'application/json, text/event-stream', 'Content-Type': type, ...others },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('an orchestrator with a radiologist signed in', () => {
  it('finds the tools, each marked as reading, with the schema that is written down', async () => {
    const tools = await radiologist.tools();
    expect(tools.map(({ name, inputSchema, annotations }) => [name, inputSchema, annotations?.readOnlyHint])).toEqual(
      TOOLS.map(({ name, inputSchema }) => [name, inputSchema, true]),
    );
    expect(radiologist.instructions).toContain('Microsoft Teams');
  });

  it('is told what waits', async () => {
    const { found } = await radiologist.call('list_waiting_tasks');
    expect(found).toEqual({
      all: 1,
      tasks: [{ caseNumber: row.caseNumber, kind: row.kind, urgency: row.urgency, status: 'waiting', since: row.since, owner: null, note: null }],
    });
  });

  it('is told where a case stands, however the number is typed, and that the rest of it is in Teams', async () => {
    const { found } = await radiologist.call('show_case_status', { caseNumber: ` ${row.caseNumber.toLowerCase()} ` });
    expect(found).toMatchObject({ caseNumber: row.caseNumber, status: 'waiting', open: true, revision: row.revision });
    expect(found).toMatchObject({ says: expect.stringContaining(row.caseNumber), next: expect.stringContaining(`show ${row.caseNumber}`) });
  });

  it('is told what happened to a case', async () => {
    const { found } = await radiologist.call('show_case_history', { caseNumber: row.caseNumber });
    const { facts } = found as { facts: { what: string; at: string }[] };
    expect(facts.map(({ what }) => what)).toEqual(expect.arrayContaining(['order opened', 'approval asked', 'card posted']));
    expect(facts.map(({ at }) => at)).toEqual(facts.map(({ at }) => at).toSorted());
  });

  it('is told whether Radloop works', async () => {
    const { found } = await radiologist.call('show_system_status');
    expect(found).toEqual({ working: true, missing: [], waiting: { [row.urgency]: 1 } });
  });

  it('is told in words when there is no such case, no such number, no such tool', async () => {
    expect(await radiologist.call('show_case_status', { caseNumber: 'BBBBBB' })).toMatchObject({ isError: true });
    expect(await radiologist.call('show_case_status', { caseNumber: 'the neuro one' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('This is no case number'),
    });
    expect(await radiologist.call('show_case_status', {})).toMatchObject({ isError: true, text: expect.stringContaining('caseNumber is missing') });
    await expect(radiologist.call('approve_case', { caseNumber: row.caseNumber })).rejects.toThrow('Radloop has no such tool');
  });

  it('leaves an audit row a call, in the person’s name, before it is answered', async () => {
    const before = door.audited.length;
    await radiologist.call('list_waiting_tasks');
    await radiologist.call('show_case_history', { caseNumber: row.caseNumber });
    expect(door.audited.slice(before)).toEqual([
      expect.objectContaining({ action: 'outside-waiting', outcome: 'done', actor: { kind: 'person', person: 'dr-okafor' } }),
      expect.objectContaining({ action: 'outside-history', outcome: 'done', caseId: row.caseId, detail: { number: row.caseNumber } }),
    ]);
  });

  it('leaves one too for a tool that there is not, and for arguments that a tool does not take; what was sent stands nowhere', async () => {
    const before = door.audited.length;
    await expect(radiologist.call('approve_case_for_DOE', { caseNumber: row.caseNumber })).rejects.toThrow('Radloop has no such tool');
    await radiologist.call('show_case_status', { patient: 'DOE' });
    const actor = { kind: 'person', person: 'dr-okafor' };
    expect(door.audited.slice(before)).toEqual([
      expect.objectContaining({ action: 'outside-refused', outcome: 'denied', actor, detail: { check: 'unknown-tool' } }),
      expect.objectContaining({ action: 'outside-refused', outcome: 'nothing', actor, detail: { check: 'arguments' } }),
    ]);
  });

  it('gets one sentence, and the log no message, when the store fails', async () => {
    const { cases } = door.engine.parts;
    const read = cases.findByNumber.bind(cases);
    Object.assign(cases, { findByNumber: () => Promise.reject(new Error('a fault that names DOE^JANE')) });
    const { isError, text } = await radiologist.call('show_case_status', { caseNumber: row.caseNumber });
    Object.assign(cases, { findByNumber: read });
    expect({ isError, text }).toEqual({ isError: true, text: 'Radloop could not answer. Try again, or look in Microsoft Teams.' });
    expect(door.answered()).not.toContain('DOE');
  });
});

describe('the caller’s own rights', () => {
  it('hold for the list too: it names no case that would not be shown, and counts none', async () => {
    const client = await door.client(await door.token(mrOnly));
    expect((await client.call('list_waiting_tasks')).found).toEqual({ all: 0, tasks: [] });
    expect((await client.call('show_system_status')).found).toMatchObject({ waiting: {} });
    expect(await client.call('show_case_status', { caseNumber: row.caseNumber })).toMatchObject({ isError: true });
  });

  it('hold for every role: the same answer as the table of permissions gives', async () => {
    const subject = { modality: 'CT', orderer: null, askedOf: null };
    const got: unknown[] = [];
    for (const who of [...ofRoles, mrOnly, haddad]) {
      const client = await door.client(await door.token(who));
      const [list, show, history, status] = [
        await client.call('list_waiting_tasks'),
        await client.call('show_case_status', { caseNumber: row.caseNumber }),
        await client.call('show_case_history', { caseNumber: row.caseNumber }),
        await client.call('show_system_status'),
      ].map(({ isError }) => !isError);
      got.push([who.id, list, show, history, status]);
    }
    const may = [...ofRoles, mrOnly, haddad].map((who) => {
      const list = authorise(who, 'list-waiting', null).allowed;
      const view = authorise(who, 'view', subject).allowed;
      return [who.id, list, view, view, list];
    });
    expect(got).toEqual(may);
    expect(new Set(may.map((one) => one.slice(1).join())).size).toBeGreaterThan(2);
  });

  it('are said in a sentence to whoever has none, and audited as denied', async () => {
    const client = await door.client(await door.token(haddad));
    const before = door.audited.length;
    expect(await client.call('list_waiting_tasks')).toMatchObject({ isError: true, text: 'Samir Haddad has no role that may see what is waiting.' });
    expect(door.audited.slice(before)).toContainEqual(expect.objectContaining({ action: 'outside-waiting', outcome: 'denied' }));
  });
});

describe('a caller without a token of the site’s API', () => {
  const now = Math.floor(Date.now() / 1000);
  const cases: readonly (readonly [string, number, string, () => Promise<Record<string, string>>])[] = [
    ['no token', 401, 'no-token', async () => ({})],
    ['something else than a bearer token', 401, 'not-a-bearer-token', async () => ({ Authorization: 'Basic dXNlcjpwYXNz' })],
    ['a token that has expired', 401, 'token-expired', async () => bearer(await door.token(okafor, { exp: now - 600, nbf: now - 4000 }))],
    ['a token of tomorrow', 401, 'token-nbf', async () => bearer(await door.token(okafor, { nbf: now + 3600 }))],
    ['a token for another API', 401, 'token-aud', async () => bearer(await door.token(okafor, { aud: guid(7) }))],
    ['the connector’s token for the bot', 401, 'token-aud', async () => bearer(await door.side.token())],
    ['a token of another issuer', 401, 'token-iss', async () => bearer(await door.token(okafor, { iss: 'https://sts.example/' }))],
    ['a token of another tenant', 401, 'tenant', async () => bearer(await door.token(okafor, { tid: guid(8) }))],
    ['a token that another key signed', 401, 'token-signature', async () => bearer(await signedByAnother({ kid: door.side.keys.good.kid }))],
    ['a token of a key that is not published', 401, 'unknown-key', async () => bearer(await signedByAnother({}))],
    ['an id token, which has no scope', 401, 'token-of-no-person', async () => bearer(await door.token(okafor, { scp: null }))],
    ['an app’s own token', 401, 'token-of-no-person', async () => bearer(await door.token(okafor, { scp: null, roles: ['Everything.Read'] }))],
    ['a token without an object id', 401, 'token-of-no-person', async () => bearer(await door.token(okafor, { oid: null }))],
    ['a token for another permission', 403, 'token-scope', async () => bearer(await door.token(okafor, { scp: 'openid profile' }))],
    ['an unknown person', 403, 'person', async () => bearer(await door.token(stranger))],
    ['a web page', 403, 'origin', async () => ({ ...bearer(await door.token(okafor)), Origin: 'https://evil.example' })],
    ['another type of body', 415, 'content-type', async () => ({ ...bearer(await door.token(okafor)), 'Content-Type': 'text/plain' })],
  ];

  it.each(cases)('%s is answered %i, nothing runs, and an audit row says why', async (_what, status, check, headers) => {
    const [before, rows] = [await standing(), refused().length];
    const response = await post(await headers());
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/tools|list_waiting/u);
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(refused().slice(rows)).toEqual([expect.objectContaining({ status, check, from: 'loopback' })]);
    expect(await standing()).toEqual(before);
  });

  it('can’t connect with the real client either', async () => {
    await expect(door.client(await door.token(stranger))).rejects.toThrow(/403|not known/u);
    await expect(door.client('none')).rejects.toThrow();
  });

  it('finds no stream and no session, and no batch', async () => {
    for (const method of ['GET', 'DELETE']) expect((await fetch(door.url, { method })).status).toBe(405);
    const headers = bearer(await door.token(okafor));
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await post(headers, [list, list])).status).toBe(400);
    expect((await post(headers, 'not json')).status).toBe(400);
    expect((await post(headers, list)).headers.get('mcp-session-id')).toBeNull();
  });

  it('is told 503 while nobody can say whose the keys are', async () => {
    const other = await startMcpFixture([okafor]);
    other.side.keyService.down = true;
    const response = await fetch(other.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...bearer(await other.token(okafor)) },
      body: '{}',
    });
    await other.close();
    expect(response.status).toBe(503);
  });
});

describe('all that was answered', () => {
  it('holds nothing of the patient or the order (invariant 36)', () => {
    const planted = canaries();
    expect(planted.length).toBeGreaterThan(6);
    expect(planted.filter((value) => door.answered().includes(value))).toEqual([]);
    expect(door.answered()).toContain(row.caseNumber);
  });

  it('changed nothing in the store, and showed nobody a case: words still act on what Teams has shown alone (DECISIONS 12)', async () => {
    const before = await standing();
    for (const { name } of TOOLS) await radiologist.call(name, name.startsWith('show_case') ? { caseNumber: row.caseNumber } : {});
    expect(await standing()).toEqual(before);
    expect(await door.engine.stores.audit.shownRevision(row.caseId, okafor.id)).toBe(0);
  });
});

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** As a good one, but by the key that nobody publishes. */
async function signedByAnother({ kid = door.side.keys.unpublished.kid }: { kid?: string }): Promise<string> {
  const claims = { aud: apiAudience, serviceurl: null, tid: door.side.tenantId, oid: okafor.aadObjectId, scp: 'access_as_user' };
  return door.side.token(claims, { kid, key: door.side.keys.unpublished.private });
}
