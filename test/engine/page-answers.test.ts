import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpRequest } from '@azure/functions';
import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { secrets } from '#adapters/fhir-in/secrets.js';
import { readPageAnswers } from '#adapters/paging/answers.js';
import type { CaseId } from '#core/ids.js';
import { addSeconds, epochOf, instant, toInstant } from '#core/time.js';
import { boardFor } from '#engine/board.js';
import { desk } from '#engine/desk.js';
import { allowGrid } from '#engine/fhir-doors.js';
import { hearPageAnswers } from '#engine/page-answers.js';
import type { Parts } from '#engine/parts.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { eventGridHandler } from '../../functions/triggers/event-grid.ts';
import type { PagingSide } from '../../infra/rehearsal/paging-side.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { pagerFor, settingsFor, startSide, stopSides } from '../support/paging.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';

/** An open critical result of the rehearsal site, the gateway that its pages go to, and the door at which that answers: real sockets on both sides. */
const SECRET = 'what-comes-back-of-the-test';
const OLD = 'secret-of-before';
const NUMBER = '+15550123';
const shipped = readSite(testSite);
const radiologist = shipped.people.find(({ id }) => id === 'dr-okafor')!;
const called = { ...shipped.people.find(({ roles }) => roles.includes('oncall'))!, contacts: { phone: '4711', sms: NUMBER, voice: NUMBER } };
const people = directory(shipped.people.map((one) => (one.id === called.id ? called : one)));
const onCall = { level: 1, people: [called.id], until: null };
const roster = { services: () => [], at: () => [onCall], gaps: () => [], nextHandOff: () => null, named: () => [] };

let fixture: EngineFixture;
let side: PagingSide;
let door: Server;
let url: string;
let alert: CaseId;
let counted: string[];
let refused: string[];
let logged: string[];
/** Requests that are being answered: they need the store. */
const underWay: Promise<void>[] = [];

beforeEach(async () => {
  fixture = startEngineFixture('assist');
  // The gateway carries the real time.
  fixture.now = toInstant(Date.now());
  [counted, refused, logged] = [[], [], []];
  const { parts } = fixture;
  door = createServer((request, response) => {
    const answering = buffer(request).then(async (bytes) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const asked = new HttpRequest({ method: request.method as 'POST', url, headers, ...(bytes.length === 0 ? {} : { body: { bytes } }) });
      const answer = await eventGridHandler({ hear: (one) => hearPageAnswers(needsOf(parts), one), allow: allowGrid })(asked);
      response.writeHead(answer.status ?? 200, { ...(answer.headers as Record<string, string>) });
      response.end(answer.jsonBody === undefined ? (answer.body as string | undefined) : JSON.stringify(answer.jsonBody));
    });
    underWay.push(answering);
  });
  await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/api/paging`;
  side = await startSide({ answersTo: { url, secret: SECRET } });
  const paging = settingsFor(side, ['sms', 'voice']);
  const policy = criticalPolicy({ site: { ...shipped, paging }, content: readContent(testSite), people, roster });
  if (policy === null) throw new Error('the rehearsal site has no critical results');
  const log = { info: (line: string, fields?: object) => logged.push(JSON.stringify([line, fields])), error: () => undefined };
  const own = { directory: people, pager: pagerFor(paging).pager, log };
  Object.assign(parts, { ...own, workflows: registry({ protocoling: shippedPolicy, criticalResults: policy }) });
  await fixture.bring(orderBytes());
  await fixture.settle();
  alert = await send('tension pneumothorax');
});
afterEach(async () => {
  await stopSides();
  await Promise.all(underWay.splice(0));
  door.closeAllConnections();
  await new Promise((done) => door.close(done));
  await fixture.close();
});

function needsOf(parts: Parts): Parameters<typeof hearPageAnswers>[0] {
  return {
    ...{ parts, secrets, secretsNow: () => [SECRET, OLD], read: readPageAnswers },
    refused: (_door, why) => refused.push(why),
    count: (what, became) => counted.push(`${what} ${became}`),
  };
}

/** Declared and sent; the pages wait for `settle`. */
async function send(words: string): Promise<CaseId> {
  const { parts, stores } = fixture;
  const at = desk(parts, []);
  const [order] = await stores.views.open('protocoling');
  const finding = { finding: words, category: 1, side: 'left', via: 'words' } as const;
  const declared = await at.declare({ person: radiologist, of: { caseNumber: order!.caseNumber }, ...finding });
  if (!declared.ok) throw new Error(declared.why);
  const { caseNumber } = declared;
  const { current: revision = 1 } = (await at.shown(radiologist.id, caseNumber)) ?? {};
  const sent = await at.answer({ person: radiologist, caseNumber, revision, verb: 'release-critical' });
  if (sent.outcome !== 'won') throw new Error(sent.text);
  return (await parts.cases.findByNumber(caseNumber))!.caseId;
}

type Told = Readonly<Record<string, unknown>> & { readonly type: string };
async function facts(of = alert): Promise<readonly Told[]> {
  return (await fixture.parts.cases.read('critical-results', of)).facts.map(({ fact }) => fact as Told);
}
const kinds = async (of = alert) => (await facts(of)).map(({ type }) => type);

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const begun = Date.now(); !(await isSo()); await sleep(10)) if (Date.now() - begun > 20_000) throw new Error(`not within 20 s: ${what}`);
}

const post = (body: unknown, headers: Record<string, string> = { 'x-radloop-secret': SECRET }, method = 'POST'): Promise<Response> =>
  fetch(url, { method, headers, ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}) });

const report = (messageId: string, deliveryStatus = 'Delivered'): object[] => [
  { id: 'r1', eventType: 'Microsoft.Communication.SMSDeliveryReportReceived', data: { messageId, deliveryStatus, to: NUMBER } },
];
const reply = (id: string, from: string, receivedTimestamp: string): object[] => [
  { id, eventType: 'Microsoft.Communication.SMSReceived', data: { messageId: id, from, message: 'Zebulon Quillfeather', receivedTimestamp } },
];
const receiptOf = async (channel: string, of = alert): Promise<string> =>
  String((await facts(of)).find((fact) => fact.type === 'wasPaged' && fact['channel'] === channel && fact['to'] === called.id)?.['receipt']);

describe('what comes back of a page', () => {
  it('an SMS that was delivered stands on the board with its time, and nobody has taken the alert by that (CRT-03)', async () => {
    await fixture.settle();
    await until('the report is on record', async () => (await kinds()).includes('pageDelivered'));
    expect((await facts()).find(({ type }) => type === 'pageDelivered')).toMatchObject({ channel: 'sms', to: called.id, note: 'alert' });
    const board = await boardFor(fixture.parts, null, called);
    const [row] = board.ok ? board.found.alerts : [];
    expect(row).toMatchObject({ status: 'open', takenBy: null, comesNow: [] });
    expect(row?.called.find(({ name }) => name === called.name)?.pages).toMatchObject([{ channel: 'sms', delivered: true }]);
    expect(counted).toEqual(['delivered known']);
  });

  it('an SMS that can’t be delivered is on record as that, and the others are waited for', async () => {
    side.fault({ channel: 'sms', what: 'undeliverable' });
    await fixture.settle();
    await until('the report is on record', async () => (await kinds()).includes('pageUndeliverable'));
    expect((await facts()).filter(({ type }) => type === 'stepTaken')).toHaveLength(1);
  });

  it('a report that is here before the page is written down waits for it', async () => {
    const before = await kinds();
    const heard = post(report('Outgoing_early'));
    await sleep(100);
    const { parts } = fixture;
    Object.assign(parts, {
      pager: { channels: parts.pager!.channels, send: () => Promise.resolve({ ok: true, receipt: { id: 'Outgoing_early' } }) },
    });
    await fixture.settle();
    expect((await heard).status).toBe(200);
    expect(before).not.toContain('wasPaged');
    expect((await kinds()).filter((type) => type === 'pageDelivered')).toHaveLength(1);
  });

  it.each([
    ['a reply to an SMS', 'sms'],
    ['a key that is pressed in a call', 'voice'],
  ] as const)('%s is "on my way" of whoever was called: shown, and nothing stops', async (_what, channel) => {
    await fixture.settle();
    expect(side.answer({ channel, to: NUMBER, text: 'Zebulon Quillfeather' })).toBeUndefined();
    await until('it is on record', async () => (await kinds()).includes('comesNow'));
    expect((await facts()).find(({ type }) => type === 'comesNow')).toMatchObject({ by: { id: called.id, name: called.name }, via: channel });
    const board = await boardFor(fixture.parts, null, called);
    expect(board.ok && board.found.alerts).toMatchObject([{ status: 'open', takenBy: null, comesNow: [called.name] }]);
    // Its window ends as it would have, and the next level is called.
    const windowEnd = (await facts()).find(({ type }) => type === 'stepTaken')?.['until'];
    fixture.now = addSeconds(instant.parse(windowEnd), 1);
    await fixture.settle();
    expect((await kinds()).filter((type) => type === 'stepTaken' || type === 'failsafeReached').length).toBeGreaterThan(1);
    expect(JSON.stringify(await facts())).not.toContain('Quillfeather');
  });

  it('a reply is for the alert of which the person was paged last before it, also when it is told again later', async () => {
    await fixture.settle();
    const first = fixture.now;
    fixture.now = addSeconds(fixture.now, 120);
    const second = await send('intracranial haemorrhage');
    await fixture.settle();
    expect(await receiptOf('sms', second)).not.toBe(await receiptOf('sms'));
    for (let n = 0; n < 3; n += 1) expect((await post(reply('Incoming_1', NUMBER.slice(1), first))).status).toBe(200);
    expect([(await kinds()).includes('comesNow'), (await kinds(second)).includes('comesNow')]).toEqual([true, false]);
    expect((await post(reply('Incoming_2', NUMBER.slice(1), fixture.now))).status).toBe(200);
    expect((await kinds(second)).filter((type) => type === 'comesNow')).toHaveLength(1);
  });

  it('a report that is told ten times at once is one fact', async () => {
    await fixture.settle();
    await until('the report is on record', async () => (await kinds()).includes('pageDelivered'));
    const id = await receiptOf('sms');
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(report(id))));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await kinds()).filter((type) => type === 'pageDelivered')).toHaveLength(1);
  });

  it('what fits no page, no person and no open alert is counted and answered 200; neither number nor words are logged', async () => {
    expect((await post(report('Outgoing_of_last_year'))).status).toBe(200);
    expect((await post(reply('Incoming_3', '15559999999', fixture.now))).status).toBe(200);
    // Nothing has gone out by SMS yet.
    expect((await post(reply('Incoming_4', NUMBER.slice(1), fixture.now))).status).toBe(200);
    expect((await post([{ id: 'x', eventType: 'Microsoft.Communication.ChatMessageReceived', data: {} }])).status).toBe(200);
    expect(counted).toEqual(['delivered unknown-page', 'reply unknown-number', 'reply nothing-waits']);
    expect(logged.filter((line) => line.includes('page.answered'))).toHaveLength(3);
    for (const secret of ['555', 'Quillfeather', 'Outgoing']) expect(logged.join('\n')).not.toContain(secret);
  });
});

describe('the door for it', () => {
  const signed = (secret: string, body: string, at = Math.floor(epochOf(fixture.now) / 1000)): Record<string, string> => {
    return { 'x-radloop-signature': `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}` };
  };

  it('takes the secret in a header, as a bearer token, or as the key of a signature; the one of before too', async () => {
    const body = JSON.stringify(report('Outgoing_none'));
    const good = [{ 'x-radloop-secret': SECRET }, { authorization: `Bearer ${OLD}` }, signed(SECRET, body), signed(OLD, body)];
    expect((await Promise.all(good.map((headers) => post(body, headers)))).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('turns everybody else away, and says why on record alone', async () => {
    const body = JSON.stringify(report('Outgoing_none'));
    const old = Math.floor(epochOf(fixture.now) / 1000) - 301;
    const bad = [{}, { 'x-radloop-secret': 'guessed' }, signed('guessed', body), signed(SECRET, `${body} `), signed(SECRET, body, old)];
    for (const headers of bad) {
      const answer = await post(body, headers);
      expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('is needed')]);
    }
    expect(refused).toEqual(['no-secret', 'wrong-secret', 'wrong-signature', 'wrong-signature', 'old-signature']);
    expect(counted).toEqual([]);
  });

  it('echoes the validation of Event Grid without a secret, and nothing else of what comes with it', async () => {
    const validation = { id: 'v', eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: '512d38b6' } };
    const handshake = { 'aeg-event-type': 'SubscriptionValidation' };
    const answer = await post([validation], handshake);
    expect([answer.status, await answer.json()]).toEqual([200, { validationResponse: '512d38b6' }]);
    expect((await post(report('Outgoing_none'), handshake)).status).toBe(401);
    const allowed = await post('', { 'webhook-request-origin': 'eventgrid.azure.net' }, 'OPTIONS');
    expect([allowed.status, allowed.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
  });

  it('refuses what is too long, and what is no event', async () => {
    expect((await post(JSON.stringify([{ id: 'x'.repeat(1024 * 1024) }]))).status).toBe(413);
    expect((await post('hello')).status).toBe(400);
  });
});
