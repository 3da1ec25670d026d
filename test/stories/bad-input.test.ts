import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cardIn } from '../../infra/rehearsal/teams-side.ts';
import type { Ports } from '../../infra/local/installation.ts';
import { KNOWN_PLACER, PATIENT_NAME, badMessages, hugeMessage, message } from '../support/bad-messages.ts';
import type { BadMessage } from '../support/bad-messages.ts';
import { fakeEhr } from '../support/fake-ehr.ts';
import type { EhrMood, FakeEhr } from '../support/fake-ehr.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readPostings } from '../support/ledgers.ts';
import type { ChannelPosting } from '../support/ledgers.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { radloop } from '../support/radloop.ts';
import { amounts, caseOf, holds, rawRows } from '../support/store-facts.ts';
import type { RawRow } from '../support/store-facts.ts';

let ports: Ports;
/** Of the rehearsal site (infra/rehearsal/site/README.md). */
const TOKEN = 'rehearsal-token-not-secret';
const KEPT_OF_OVERSIZE = 64 * 1024;

let installation: TestInstallation;
let ehr: FakeEhr;

beforeAll(async () => {
  installation = await openInstallation();
  ({ ports } = installation);
  ehr = await fakeEhr(ports.ehr);
  await exchangeBytes(ports.mllp, frame(message({ placer: KNOWN_PLACER })));
}, 180_000);
afterAll(async () => {
  await installation.clear();
  await ehr.close();
}, 30_000);

describe.each([
  ['MLLP', 'mllp', overMllp],
  ['HTTPS', 'https:radloop-general', overHttps],
] as const)('the %s door', (door, endpoint, send) => {
  it.each(badMessages(door).map((bad) => [bad.name, bad] as const))(
    'answers, keeps and lists %s, and a good order beside it gets its card',
    async (name, bad) => {
      const beside = goodOrder(`GOOD-${door}-${name.replaceAll(/\W/gu, '')}`);
      const answer = await send(bad.bytes);
      expect(ackOf(answer)).toEqual({ code: bad.ack, at: bad.at });
      const row = await eventually(async () => (await keptRows(endpoint, bad.bytes)).find(({ state }) => state !== 'new') ?? null);
      expect({ ack: row.ack_code, state: row.state, kept: row.kept }).toEqual({ ack: bad.ack, state: bad.state, kept: bad.bytes.length });
      if (bad.reason === null) expect(row.reason).toBeNull();
      else expect(row.reason).toContain(bad.reason);
      if (bad.state !== 'used') expect(await listed()).toContainEqual(expect.objectContaining({ id: `m${row.id}`, what: `message ${bad.state}` }));
      // The same bytes again: the same answer, no second row.
      expect((await send(bad.bytes))?.equals(answer ?? Buffer.alloc(0))).toBe(true);
      expect(await keptRows(endpoint, bad.bytes)).toHaveLength(1);
      await beside;
    },
    30_000,
  );

  it('refuses 20 MB, keeps their beginning, their length and their hash, and a good order beside them gets its card', async () => {
    const bytes = hugeMessage(door);
    const beside = goodOrder(`GOOD-${door}-huge`);
    const answer = await send(bytes);
    expect(ackOf(answer).code).toBe('AR');
    const [row] = await keptRows(endpoint, bytes);
    expect(row).toMatchObject({
      length: bytes.length,
      kept: KEPT_OF_OVERSIZE,
      state: 'refused',
      reason: `longer than the limit: ${String(bytes.length)} bytes`,
    });
    expect(await listed()).toContainEqual(expect.objectContaining({ id: `m${String(row?.id)}`, what: 'message refused' }));
    expect((await send(bytes))?.equals(answer ?? Buffer.alloc(0))).toBe(true);
    await beside;
  }, 60_000);

  it('opens a case for a person where nobody knows the procedure', async () => {
    const posting = await cardOf(`PROC-${door}`);
    expect(await viewOf(posting)).toMatch(/procedure.{0,20} not in the (?:site's )?map/iu);
  }, 30_000);
});

describe('what is in no frame', () => {
  it.each([
    ['a frame that never ends', Buffer.concat([Buffer.from([0x0b]), Buffer.from(message({ placer: 'NOEND-1' }))]), 'unfinished-frame'],
    ['bytes without a frame', Buffer.from(message({ placer: 'NOFRAME-1' })), 'between-frames'],
  ])('%s is kept and listed once the sender hangs up, and opens no case', async (_name, bytes, reason) => {
    const beside = goodOrder(`GOOD-${reason}`);
    expect(await exchangeBytes(ports.mllp, bytes, { hangUp: true })).toBeNull();
    const row = await eventually(async () => (await rawRows(installation.kept)).find((one) => one.reason === reason) ?? null);
    expect(row.state).toBe('refused');
    expect(await listed()).toContainEqual(expect.objectContaining({ id: `m${row.id}`, reason: expect.stringContaining(reason) }));
    expect([await caseOf(installation.kept, 'NOEND-1'), await caseOf(installation.kept, 'NOFRAME-1')]).toEqual([null, null]);
    await beside;
  }, 30_000); // prettier-ignore
});

describe('who may come in at the HTTPS door', () => {
  it.each([
    ['without a token', {}],
    ['with a wrong token', { authorization: 'Bearer rehearsal-token-not-secrex' }],
    ['with a token of another kind', { authorization: `Basic ${TOKEN}` }],
  ])('nobody %s: 401, and nothing is kept', async (_name, headers) => {
    const before = (await amounts(installation.kept)).raw;
    const response = await post(Buffer.from(message({ placer: 'NOTOKEN-1' })), headers);
    expect({ status: response.status, kept: (await amounts(installation.kept)).raw - before }).toEqual({ status: 401, kept: 0 });
    expect(await response.text()).toMatch(/token/u);
  });

  it('no facility that its token is not for: AR at MSH-4, kept with its reason', async () => {
    const bytes = Buffer.from(message({ placer: 'STRANGER-1', facility: 'ELSEWHERE' }));
    expect(ackOf(await overHttps(bytes))).toEqual({ code: 'AR', at: 'MSH-4' });
    const [row] = await keptRows('https:radloop-general', bytes);
    expect(row).toMatchObject({ state: 'refused', reason: expect.stringContaining('MSH-4') });
    expect(await listed()).toContainEqual(expect.objectContaining({ id: `m${String(row?.id)}`, what: 'message refused' }));
    expect(await caseOf(installation.kept, 'STRANGER-1')).toBeNull();
  }, 30_000);

  it.each([
    ['application/xml', '<ORM_O01/>', 415, 'ER7', 'XML'],
    ['application/fhir+json', '{"resourceType":"ServiceRequest"}', 400, 'message', 'JSON'],
    ['application/json', '{"message":"not base64!"}', 400, 'base64', 'JSON'],
  ])(
    'no body that says it is %s and holds %s: %i, kept with its reason',
    async (type, body, status, words, reason) => {
      const bytes = Buffer.from(body);
      const response = await post(bytes, { authorization: `Bearer ${TOKEN}`, 'content-type': type });
      expect({ status: response.status, says: await response.text() }).toEqual({ status, says: expect.stringContaining(words) });
      const [row] = await keptRows('https:radloop-general', bytes);
      expect(row).toMatchObject({ state: 'refused', reason: expect.stringContaining(reason) });
      expect(await listed()).toContainEqual(expect.objectContaining({ id: `m${String(row?.id)}`, what: 'message refused' }));
    },
    30_000,
  );
});

describe('an EHR that is of no help', () => {
  const moods: readonly (readonly [EhrMood, string])[] = [
    ['html', 'not FHIR'],
    ['error-500', 'HTTP 500'],
    ['silent', 'did not answer within 5 s'],
    ['away', 'could not be reached'],
  ];
  it.each(moods)(
    '%s: the card is out within 10 s, and the view says what was not checked, never that it is safe',
    async (mood, why) => {
      await ehr.setMood(mood);
      try {
        const started = Date.now();
        await overMllp(Buffer.from(message({ placer: `EHR-${mood}` })));
        const posting = await cardOf(`EHR-${mood}`);
        const seconds = (Date.now() - started) / 1000;
        process.stdout.write(`${JSON.stringify({ mood, seconds })}\n`);
        expect(seconds).toBeLessThan(10);
        const view = await viewOf(posting);
        expect(view).toContain('NOT CHECKED');
        expect(view).toContain(why);
        expect(view).not.toMatch(/\bsafe\b/iu);
      } finally {
        await ehr.setMood('empty');
      }
    },
    40_000,
  );
});

describe('after all of it', () => {
  it('the known number is one case with a hold for each door, and no name of a patient stands in a log or a list', async () => {
    const held = await holds(installation.kept);
    expect(held).toEqual({ cases: [(await caseOf(installation.kept, KNOWN_PLACER))?.number], messages: 2 });
    const list = await radloop('q', 'list', '--data', installation.data);
    // The table cuts a reason that is too long for it.
    expect(JSON.stringify(await listed())).toMatch(/a message under this number was held/u);
    const log = readFileSync(join(installation.data, 'logs', 'service.log'), 'utf8');
    expect([list.out, log].filter((text) => text.includes(PATIENT_NAME))).toEqual([]);
    const states = (await rawRows(installation.kept)).reduce<Record<string, number>>(
      (sum, { state }) => ({ ...sum, [state]: (sum[state] ?? 0) + 1 }),
      {},
    );
    process.stdout.write(`${JSON.stringify({ ...states, cases: (await amounts(installation.kept)).cases })}\n`);
  }, 30_000);
});

function overMllp(bytes: Buffer): Promise<Buffer | null> {
  return exchangeBytes(ports.mllp, frame(bytes));
}

async function overHttps(bytes: Buffer): Promise<Buffer | null> {
  const response = await post(bytes, { authorization: `Bearer ${TOKEN}`, 'content-type': 'x-application/hl7-v2+er7' });
  return [200, 413].includes(response.status) ? Buffer.from(await response.arrayBuffer()) : null;
}

function post(bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<Response> {
  const body = new Uint8Array(bytes);
  return fetch(`http://127.0.0.1:${String(ports.http)}/api/hl7`, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) });
}

/** Code and place of an answer, as an HL7 v2.5.1 ERR or the older form writes it. */
function ackOf(answer: Buffer | null): { readonly code: string; readonly at: BadMessage['at'] } {
  const lines = (answer?.toString('latin1') ?? '').split('\r').map((line) => line.split('|'));
  const field = (name: string, at: number): string => lines.find((line) => line[0] === name)?.[at] ?? '';
  const [segment = '', , place = ''] = (field('ERR', 2) || field('ERR', 1)).split('^');
  return { code: field('MSA', 1), at: place === '' ? segment : `${segment}-${place}` };
}

async function keptRows(endpoint: string, bytes: Buffer): Promise<RawRow[]> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return (await rawRows(installation.kept)).filter((row) => row.endpoint === endpoint && row.hash === hash);
}

async function listed(): Promise<unknown[]> {
  const { out } = await radloop('q', 'list', '--data', installation.data, '--json');
  return out.trim().split('\n').map((line) => JSON.parse(line) as unknown); // prettier-ignore
}

/** A good order on a connection of its own; resolves once its card stands in the channel. */
async function goodOrder(placer: string): Promise<void> {
  expect(ackOf(await overMllp(Buffer.from(message({ placer })))).code).toBe('AA');
  await cardOf(placer);
}

function cardOf(placer: string): Promise<ChannelPosting> {
  return eventually(async () => {
    const { number } = (await caseOf(installation.kept, placer)) ?? { number: null };
    return readPostings(installation.data, 'protocoling').find(({ caseNumber }) => caseNumber === number) ?? null;
  });
}

/** The personal view behind a card's Open button, as JSON text. */
async function viewOf({ conversationId, activityId, open }: ChannelPosting): Promise<string> {
  const value = { data: open, context: { theme: 'default' } };
  const acted = await installation.teams.act({
    person: 'dr-okafor',
    kind: 'invoke',
    name: 'task/fetch',
    conversationId,
    replyToId: activityId,
    value,
  });
  return JSON.stringify(cardIn(acted?.body) ?? '');
}

async function eventually<T>(find: () => Promise<T | null>, seconds = 15): Promise<T> {
  const until = Date.now() + seconds * 1000;
  for (let found = await find(); ; found = await find()) {
    if (found !== null) return found;
    if (Date.now() > until) throw new Error(`Not within ${String(seconds)} s.`);
    await pause(100);
  }
}
