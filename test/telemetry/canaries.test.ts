import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import type { ChartResource } from '../../infra/rehearsal/chart.ts';
import { startEhr } from '../../infra/rehearsal/ehr.ts';
import { buttonFor, cardIn, choicesOf } from '../../infra/rehearsal/teams-side.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { PartsOf, TestInstallation } from '../support/installation-for-tests.ts';
import { readPostings } from '../support/ledgers.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { controlIdOf, peerReceiver } from '../support/peers.ts';
import type { PeerReceiver } from '../support/peers.ts';
import { radloop } from '../support/radloop.ts';
import { CANARIES, canariesIn } from './canary-forms.ts';
import { otlpReceiver } from './otlp-receiver.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';

/** An EHR or a vendor's model at a port of the hospital: it notes the address and the headers of each request, and answers as it is told. */
interface Receiver {
  mood: 'answers' | 'refuses' | 'hangs';
  readonly lines: string[];
  close(): Promise<void>;
}

/** @param forward where requests go on to while it answers; null: it refuses */
async function receiverAt(port: number, forward: string | null): Promise<Receiver> {
  const receiver = { mood: 'answers' as Receiver['mood'], lines: [] as string[] };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    receiver.lines.push(`${request.method ?? ''} ${request.url ?? ''} ${request.rawHeaders.join(' ')}`);
    const body = await buffer(request);
    if (receiver.mood === 'hangs') return;
    if (receiver.mood === 'refuses' || forward === null) {
      const text = 'QUILLFEATHER OBADIAH 77341902 zyxwound';
      response.writeHead(500, { 'content-type': 'application/fhir+json', 'x-request': text });
      response.end(JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: text, diagnostics: text }] }));
      return;
    }
    const { 'content-type': type = 'application/json' } = request.headers;
    const init = { method: request.method ?? 'GET', headers: { 'content-type': type }, ...(body.length === 0 ? {} : { body: new Uint8Array(body) }) };
    const from = await fetch(forward + (request.url ?? ''), init);
    response.writeHead(from.status, { 'content-type': from.headers.get('content-type') ?? '' }).end(Buffer.from(await from.arrayBuffer()));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return Object.assign(receiver, {
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}

const subject = { reference: 'Patient/ehr-id-of-quillfeather' };
const chart: readonly ChartResource[] = [
  {
    resourceType: 'Patient',
    id: 'ehr-id-of-quillfeather',
    identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.4711', value: '77341902', assigner: { display: 'RADLOOP-MRN' } }],
    name: [{ family: 'QUILLFEATHER', given: ['OBADIAH'] }],
    gender: 'female',
    birthDate: '1941-02-03',
  },
  { resourceType: 'Condition', id: 'c1', subject, code: { text: 'zyxwound' }, clinicalStatus: { coding: [{ code: 'active' }] } },
  { resourceType: 'AllergyIntolerance', id: 'a1', patient: subject, code: { text: 'No known allergy' } },
];

/** An order of the rehearsal whose patient, numbers and words are canaries. */
function canaryOrder(n: number): string {
  const fields: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
    PID: [[3, '77341902^^^RADLOOP-MRN^MR'], [5, 'QUILLFEATHER^OBADIAH'], [7, '19410203']],
    ORC: [[2, `77341902${n}^HIS`]],
    OBR: [[2, `77341902${n}^HIS`], [13, 'zyxwound of QUILLFEATHER'], [18, `ACC5550199${n}`]],
  }; // prettier-ignore
  const lines = orderBytes('new', `C${n}`).toString('latin1').split('\r');
  return lines
    .map((line) => {
      const parts = line.split('|');
      for (const [at, value] of fields[parts[0] ?? ''] ?? []) parts[at] = value;
      return parts.join('|');
    })
    .join('\r');
}

async function eventually<T>(what: string, find: () => T | null | undefined, seconds = 40): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await pause(100)) {
    const found = find();
    if (found !== null && found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
  }
}

it('the search finds a canary in any of its forms, and takes nothing else for one', () => {
  for (const canary of CANARIES) {
    const forms = [
      canary.toUpperCase(),
      encodeURIComponent(`<${canary}>`),
      ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${canary}, and more`).toString('base64')),
      Buffer.from(canary).toString('hex').toUpperCase(),
      [...canary].map((letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
    ];
    for (const form of forms) expect({ form, found: canariesIn(`before ${form} behind`).length > 0 }).toEqual({ form, found: true });
  }
  expect(canariesIn('GET /fhir/Patient/_search {"at":"2026-11-25T21:00:00.000Z","number":77341903}')).toEqual([]);
});

beforeAll(build, 180_000);

/** `RADLOOP_FAULTS=full`: each fault alone too, before all of them. */
const isFull = process.env['RADLOOP_FAULTS'] === 'full';
const partsOf: readonly PartsOf[] = ['embedded', 'azure'];
describe.each(partsOf)('a play of orders under every fault, on the %s parts', (parts) => {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-canaries-'));
  const [faultFile, requestsFile] = [join(folder, 'fault'), join(folder, 'requests')] as const;
  const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'RADLOOP_TEST_FAULT', 'RADLOOP_TEST_REQUESTS', 'NODE_OPTIONS'];
  let service: TestInstallation;
  let collector: OtlpReceiver;
  const ends: (() => Promise<void>)[] = [];
  let fhir: Receiver;
  let model: Receiver;
  let ris: PeerReceiver | null = null;
  /** What the RIS says to a write-back. */
  let says: 'AA' | 'AR' = 'AA';
  const answered: string[] = [];
  let orders = 0;

  beforeAll(async () => {
    collector = await otlpReceiver();
    ends.push(() => collector.close());
    writeFileSync(faultFile, '');
    writeFileSync(requestsFile, '');
    const preloads = ['faults.mjs', 'receivers.mjs'].map((name) => `--import=${resolve('test/telemetry', name)}`);
    for (const [index, value] of [collector.url, faultFile, requestsFile, preloads.join(' ')].entries()) process.env[names[index] ?? ''] = value;
    service = await openInstallation({ partsOf: parts, env: (ports) => ({ RADLOOP_MODEL_URL: `http://127.0.0.1:${ports.model}/model` }) });
    ends.push(() => service.clear());
    const ehr = await startEhr({ port: 0, charts: [chart] });
    ends.push(() => ehr.stop());
    fhir = await receiverAt(service.ports.ehr, ehr.baseUrl.replace(/\/fhir$/u, ''));
    ends.push(() => fhir.close());
    model = await receiverAt(service.ports.model, null);
    ends.push(() => model.close());
    await openRis();
  }, 240_000);

  afterAll(async () => {
    for (const name of names) Reflect.deleteProperty(process.env, name);
    await ris?.close();
    for (const end of ends.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  async function openRis(): Promise<void> {
    ris = await peerReceiver(
      (message, socket) => {
        const error = says === 'AR' ? 'ERR||PID^1^5|103^QUILLFEATHER OBADIAH 77341902^HL70357|E|||zyxwound|OBADIAH\r' : '';
        const id = controlIdOf(message);
        socket.write(frame(`MSH|^~\\&|RIS|N|RADLOOP|N|2026||ACK^O01|R${id}|P|2.5.1\rMSA|${says}|${id}|QUILLFEATHER\r${error}`));
      },
      undefined,
      service.ports.ris,
    );
  }
  const postings = (): ReturnType<typeof readPostings> => readPostings(service.data, 'protocoling');
  const setFault = (name: string): void => {
    writeFileSync(faultFile, name);
  };
  const get = async (path: string): Promise<string> => {
    const token = readFileSync(join(service.store, 'health.token'), 'utf8').trim();
    const answer = await fetch(`http://127.0.0.1:${service.ports.http}/api/${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    answered.push(text);
    return text;
  };
  const order = async (): Promise<void> => {
    orders += 1;
    const answer = await exchangeBytes(service.ports.mllp, frame(canaryOrder(orders)));
    expect(answer?.toString('latin1')).toContain('MSA|AA|');
  };
  /** Waits for the card of each order so far, and has the last one approved. */
  const cards = (): Promise<true> => eventually(`${orders} cards`, () => (postings().length >= orders ? true : null));
  const approve = async (): Promise<void> => {
    const { conversationId, activityId, open } = postings().at(-1) ?? { conversationId: '', activityId: '', open: {} };
    const ask = (name: 'task/fetch' | 'task/submit', data: object) => service.teams.act({ person: 'dr-okafor', kind: 'invoke', name, conversationId, replyToId: activityId, value: { data, context: { theme: 'default' } } }); // prettier-ignore
    const view = cardIn((await ask('task/fetch', open))?.body);
    expect(JSON.stringify(view)).toContain('QUILLFEATHER');
    const choose = { ...buttonFor(view, 'choose-other')?.data, protocolId: choicesOf(view, 'protocolId')[0], chooseReason: 'zyxwound' };
    expect(JSON.stringify((await ask('task/submit', buttonFor(view, 'approve')?.data ?? choose))?.body)).toMatch(/Approved|is set for/u);
  };
  const written = (count: number): Promise<true> => eventually(`${count} write-backs`, () => ((ris?.messages.length ?? 0) >= count ? true : null));

  it('a patient stands in the cards, in the questions to EHR and model, and in the write-back', async () => {
    await order();
    await cards();
    await approve();
    await written(1);
    expect(ris?.messages[0]).toContain('77341902');
    expect(fhir.lines.some((line) => line.startsWith('POST /fhir/Patient/_search'))).toBe(true);
    expect(model.lines.length).toBeGreaterThan(0);
  }, 90_000);

  const eachAlone = async (): Promise<void> => {
    for (const receiver of [fhir, model]) {
      for (const mood of ['refuses', 'hangs'] as const) {
        receiver.mood = mood;
        await order();
        await cards();
      }
      receiver.mood = 'answers';
    }
    setFault('edge');
    await order();
    await pause(2500);
    setFault('');
    await cards();
  };
  if (isFull) it('each fault alone: every order has its card', eachAlone, 120_000);

  it('all of them with a SIGKILL in the middle: every order has its card, every approval its write-back', async () => {
    // The RIS says no, with the patient's name in it: held for a person, with its reason.
    says = 'AR';
    await order();
    await cards();
    const before = ris?.messages.length ?? 0;
    await approve();
    await written(before + 1);
    says = 'AA';
    // All at once.
    [fhir.mood, model.mood] = ['hangs', 'hangs'];
    setFault('edge');
    await ris?.close();
    ris = null;
    await order();
    await order();
    await pause(1500);
    await service.killAndRestart();
    [fhir.mood, model.mood] = ['refuses', 'answers'];
    setFault('');
    await cards();
    await approve();
    await openRis();
    await written(1);
  }, 180_000);

  /** Words with the patient in them, as people write them although they should not. */
  const talk = (number: string): readonly string[] => [
    'what is waiting',
    'show me QUILLFEATHER',
    'approve the order of OBADIAH QUILLFEATHER',
    `approve ${number} for 77341902`,
    `show ${number}`,
    'why this protocol?',
    'what changed today',
    'remind me of QUILLFEATHER in 20 minutes',
    'hand this to dr lindqvist, it is about OBADIAH',
    'take that back',
    'who is on call for neuro tonight',
    'quién es QUILLFEATHER',
    `ask the orderer of ${number}: is the zyxwound of QUILLFEATHER old?`,
    `reject ${number} because zyxwound`,
  ];

  it('is talked about in the channel, in a thread and in private', async () => {
    await order();
    await cards();
    const { conversationId, open } = postings().at(-1) ?? { conversationId: '', open: {} };
    const number = String((open as { caseNumber?: unknown }).caseNumber);
    let said = 0;
    for (const text of talk(number)) {
      for (const where of [{}, { conversationId }, { conversationId: conversationId.split(';')[0] ?? '' }]) {
        const acted = await service.teams.act({ person: 'dr-okafor', kind: 'message', text, ...where });
        said += acted?.replies.length ?? 0;
      }
    }
    expect(said).toBeGreaterThan(talk(number).length);
    await eventually('the patient in private', () => (shownLines().some(({ kind, card }) => kind === 'personal' && canariesIn(JSON.stringify(card)).length > 0) ? true : null)); // prettier-ignore
  }, 90_000);

  const shownLines = (): readonly { kind: string; place: string; card: unknown; text: string; around: object; name?: string; answer?: unknown }[] =>
    readFileSync(join(service.data, 'ledgers', 'teams.jsonl'), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)); // prettier-ignore
  /** What everybody may read: messages of the channel, and of each message, private ones too, what a notification shows and a screen reader says. */
  const readByAll = (): string =>
    shownLines()
      .flatMap(({ kind, place, card, text, around, name, answer }) => {
        if (kind === 'told') return name === 'adaptiveCard/action' ? [JSON.stringify(answer)] : [];
        const spoken = (card as { speak?: string; fallbackText?: string } | null) ?? {};
        return [JSON.stringify(place === 'protocoling' ? { card, text, around } : { around, speak: spoken.speak, fallback: spoken.fallbackText })];
      })
      .join('\n');

  it('and then it crashes with the patient in the error', async () => {
    for (const path of ['readyz', 'healthz/progress', 'metrics']) await get(path);
    for (const command of [['q', 'list', '--data', service.data], ['doctor', '--data', service.data, '--service', `http://127.0.0.1:${service.ports.http}`]]) {
      const { out, err } = await radloop(...command);
      answered.push(out, err);
    } // prettier-ignore
    await eventually('metrics and traces', () => (['/v1/metrics', '/v1/traces'].every((path) => collector.got.some((got) => got.path === path)) ? true : null)); // prettier-ignore
    setFault('crash');
    process.kill(service.servicePid(), 'SIGUSR2');
    const log = (): string => readFileSync(join(service.data, 'logs', 'service.log'), 'utf8');
    await eventually('the crash', () => (log().includes('process.crashed') ? true : null));
    await pause(500);
  }, 60_000);

  it('left no trace of a patient: not in logs, traces, metrics, addresses, headers, reasons, lists or crash output (invariant 36)', () => {
    const file = (...path: string[]): string => (existsSync(join(...path)) ? readFileSync(join(...path), 'latin1') : '');
    const places: Readonly<Record<string, string>> = {
      'the log of the service': file(service.data, 'logs', 'service.log'),
      'the log of the Teams side': `${file(service.data, 'logs', 'teams.log')} `,
      'what everybody could read in Teams': readByAll(),
      'traces and metrics': collector.got.map(({ path, body }) => path + body).join('\n'),
      'what health, metrics, q list and doctor said': answered.join('\n'),
      'addresses and headers at the EHR': fhir.lines.join('\n'),
      'addresses and headers at the model': model.lines.join('\n'),
      'addresses and headers at Teams, at our own doors and at Azure': file(requestsFile),
      ...(parts === 'azure' ? { 'what came to the broker, and dead-letter reasons': file(service.data, 'ledgers', 'service-bus.jsonl') } : {}),
    };
    process.stdout.write(`${JSON.stringify(Object.fromEntries(Object.entries(places).map(([place, text]) => [place, text.length])))}\n`);
    for (const [place, text] of Object.entries(places)) {
      expect({ place, isThere: text.length > 0 }).toEqual({ place, isThere: true });
      const lines = text.split('\n').map((line) => [canariesIn(line), line.slice(0, 300)] as const);
      expect({ place, found: lines.filter(([found]) => found.length > 0).slice(0, 5) }).toEqual({ place, found: [] });
    }
  });
});
