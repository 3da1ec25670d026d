import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openHospital } from '../../infra/rehearsal/hospital.ts';
import type { Hospital } from '../../infra/rehearsal/hospital.ts';
import { readSettings } from '../../infra/rehearsal/settings.ts';
import { approval, critical, document, field, frame, receiver, recommendation, sendFrames } from './wire.ts';
import type { Receiver } from './wire.ts';

const site = join(import.meta.dirname, '../../infra/rehearsal/site');
let dataDir: string;
let hospital: Hospital;
let radloop: Receiver;

async function open(more: readonly string[] = []): Promise<void> {
  const ports = [
    '--ris-port',
    '0',
    '--ehr-port',
    '0',
    '--page-port',
    '0',
    '--model-port',
    '0',
    '--paging-ports',
    '0,0,0',
    '--radloop-mllp',
    `127.0.0.1:${String(radloop.port)}`,
  ];
  hospital = await openHospital(readSettings(['--data', dataDir, ...ports, '--rate', '0', ...more], site));
}

const risPort = (): number => Number(hospital.addresses.ris.split(':')[1]);

async function placeOrder(): Promise<string> {
  const response = await fetch(`${hospital.addresses.page}orders/next`, { method: 'POST' });
  return ((await response.json()) as { readonly order: string }).order;
}

interface Seen {
  readonly listening: boolean;
  readonly counts: { readonly received: number; readonly repeats: number; readonly refused: number; readonly conflicts: number };
  readonly orders: readonly {
    readonly placer: string;
    readonly status: string;
    readonly approvals: number;
    readonly recommendation: { readonly protocolId: string; readonly confidence: number } | null;
    readonly approved: { readonly protocolId: string; readonly by: string } | null;
  }[];
}

async function seen(): Promise<Seen> {
  return (await (await fetch(`${hospital.addresses.page}orders.json`)).json()) as Seen;
}

async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${String(seconds)} s in vain: ${what}`);
    await pause(20);
  }
}

const statusOf = async (order: string): Promise<string | undefined> => (await seen()).orders.find((one) => one.placer === order)?.status;
const acknowledged = async (order: string): Promise<boolean> => (await statusOf(order)) === 'ordered';

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'ris-'));
  radloop = await receiver();
});
afterEach(async () => {
  await hospital.stop();
  await radloop.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('orders that the rehearsal RIS sends', () => {
  it('arrive with the numbers, the patient and the procedure where HL7 has them', async () => {
    await open();
    const order = await placeOrder();
    await until('the order is acknowledged', () => acknowledged(order));
    const [message = ''] = radloop.messages;
    expect(order).toBe('P000001');
    expect(field(message, 'MSH', 3)).toBe('REHEARSAL-RIS');
    expect(field(message, 'MSH', 9)).toMatch(/^(ORM\^O01|OMI\^O23)/u);
    expect(field(message, 'ORC', 1)).toBe('NW');
    expect(field(message, 'ORC', 2)).toBe('P000001^REHEARSAL-EHR');
    expect(field(message, 'ORC', 3)).toBe('F000001^REHEARSAL-RIS');
    expect(field(message, 'PID', 3)).toMatch(/^M\d+\^\^\^RADLOOP-MRN\^MR$/u);
    expect(field(message, 'OBR', 4)).toMatch(/^[A-Z0-9]+\^[^^]+\^LOCAL$/u);
  });

  it('are repeated byte for byte when the line is cut before the answer', async () => {
    await radloop.stop();
    radloop = await receiver((_, nth) => (nth <= 2 ? 'cut' : 'AA'));
    await open();
    const order = await placeOrder();
    await until('the order is acknowledged', () => acknowledged(order));
    expect(radloop.messages).toHaveLength(3);
    expect(new Set(radloop.messages).size).toBe(1);
  });

  it('wait while nobody listens, and are sent in order when somebody does', async () => {
    const { port } = radloop;
    await radloop.stop();
    await open();
    const first = await placeOrder();
    const second = await placeOrder();
    await pause(200);
    expect(await statusOf(first)).toBe('not-sent');
    radloop = await receiver(() => 'AA', port);
    await until('both are acknowledged', async () => (await acknowledged(first)) && (await acknowledged(second)));
    expect(radloop.messages.map((message) => field(message, 'ORC', 2).split('^')[0])).toEqual([first, second]);
  });

  it('stand as refused after an AR, and the next one is sent', async () => {
    await radloop.stop();
    radloop = await receiver((_, nth) => (nth === 1 ? 'AR' : 'AA'));
    await open();
    const [first, second] = [await placeOrder(), await placeOrder()];
    await until('the second is acknowledged', () => acknowledged(second));
    expect(await statusOf(first)).toBe('refused');
  });
});

describe('messages that the rehearsal RIS takes', () => {
  it('a recommendation and an approval become what it believes', async () => {
    await open();
    const order = await placeOrder();
    const answers = await sendFrames(risPort(), [
      recommendation({ controlId: 'A1', order, protocol: 'CT-HEAD-WO' }),
      approval({ controlId: 'A2', order, protocol: 'CT-HEAD-W' }),
    ]);
    expect(answers.map((answer) => field(answer, 'MSA', 1) + field(answer, 'MSA', 2))).toEqual(['AAA1', 'AAA2']);
    const [believed] = (await seen()).orders;
    expect(believed).toMatchObject({
      status: 'approved', approvals: 1, recommendation: { protocolId: 'CT-HEAD-WO', confidence: 0.83 }, approved: { protocolId: 'CT-HEAD-W', by: 'Ngozi Okafor' },
    }); // prettier-ignore
  });

  it('the same bytes again get the same ACK, are counted, and change nothing', async () => {
    await open();
    const order = await placeOrder();
    const message = approval({ controlId: 'A1', order, protocol: 'CT-HEAD-WO' });
    const [first] = await sendFrames(risPort(), [message]);
    await pause(1100);
    const [again] = await sendFrames(risPort(), [message]);
    expect(again).toBe(first);
    const state = await seen();
    expect(state.orders[0]?.approvals).toBe(1);
    expect(state.counts).toMatchObject({ received: 2, repeats: 1 });
  });

  it('other bytes under a known control id, an unknown order and a cancelled order are refused with a reason', async () => {
    await open();
    const order = await placeOrder();
    const said = { order, protocol: 'CT-HEAD-WO' };
    const [, reused = '', unknown = ''] = await sendFrames(risPort(), [
      approval({ controlId: 'A1', ...said }),
      approval({ controlId: 'A1', order, protocol: 'CT-HEAD-W' }),
      approval({ controlId: 'A2', order: 'P999999', protocol: 'CT-HEAD-W' }),
    ]);
    expect([field(reused, 'MSA', 1), field(unknown, 'MSA', 1)]).toEqual(['AR', 'AE']);
    expect(field(reused, 'ERR', 8)).toContain('control id');
    expect(field(unknown, 'ERR', 2)).toBe('ORC^1^2');
    expect((await seen()).orders[0]?.approved?.protocolId).toBe('CT-HEAD-WO');
  });

  it('stand in the ledger as the raw bytes that came, each with its answer', async () => {
    await open();
    const order = await placeOrder();
    const message = recommendation({ controlId: 'Ä1', order, protocol: 'CT-HEAD-WO' });
    const [answer = ''] = await sendFrames(risPort(), [message]);
    const lines = readFileSync(join(dataDir, 'ledgers/ris.jsonl'), 'utf8').trim().split('\n');
    const line = lines.map((text) => JSON.parse(text) as Record<string, string>).find((one) => one['event'] === 'received');
    expect(Buffer.from(line?.['bytes'] ?? '', 'base64')).toEqual(frame(message));
    expect(Buffer.from(line?.['ackBytes'] ?? '', 'base64')).toEqual(frame(answer));
    expect(line).toMatchObject({ effect: `recommended ${order} CT-HEAD-WO`, order, repeat: false });
  });
});

describe('what the rehearsal RIS takes of critical results', () => {
  const of = '7KF3QN';
  interface Holds {
    readonly orders: readonly { readonly critical: readonly object[] }[];
  }
  const holds = async (): Promise<readonly object[]> =>
    ((await (await fetch(`${hospital.addresses.page}orders.json`)).json()) as Holds).orders[0]?.critical ?? [];
  const answersTo = async (...messages: readonly string[]): Promise<readonly string[]> =>
    (await sendFrames(risPort(), messages)).map((answer) => `${field(answer, 'MSA', 1)} ${field(answer, 'ERR', 8)}`.trim());

  it('results and a document, then their next versions in their place; also over a restart, and when the order was cancelled', async () => {
    await open();
    const order = await placeOrder();
    expect(await answersTo(critical({ controlId: 'C1', order, of, version: 1 }), document({ controlId: 'D1', order, number: `${of}-1` }))).toEqual([
      'AA',
      'AA',
    ]);
    expect(await holds()).toMatchObject([
      { caseNumber: of, version: 1, status: 'read-back', receivedBy: 'Liya Abebe', document: { number: `${of}-1`, completion: 'DO' } },
    ]);
    await fetch(`${hospital.addresses.page}orders/cancel?order=${order}`, { method: 'POST' });
    const next = [
      critical({ controlId: 'C2', order, of, version: 2, status: 'withdrawn' }),
      document({ controlId: 'D2', order, number: `${of}-2`, replaces: `${of}-1` }),
    ];
    expect(await answersTo(...next)).toEqual(['AA', 'AA']);
    const withdrawn = [{ caseNumber: of, version: 2, status: 'withdrawn', document: { number: `${of}-2` } }];
    expect(await holds()).toMatchObject(withdrawn);
    await hospital.stop();
    await open();
    expect(await holds()).toMatchObject(withdrawn);
  });

  it('nothing twice under another control id, nothing older, and nothing that does not say what it is', async () => {
    await open();
    const order = await placeOrder();
    await answersTo(critical({ controlId: 'C1', order, of, version: 2 }), document({ controlId: 'D1', order, number: `${of}-1` }));
    expect(
      await answersTo(
        critical({ controlId: 'C2', order, of, version: 2 }),
        critical({ controlId: 'C3', order, of, version: 1 }),
        document({ controlId: 'D2', order, number: `${of}-1` }),
        critical({ controlId: 'C4', order, of, version: 0 }),
        critical({ controlId: 'C5', order, of, version: 3 }).replace('ST|CRIT-RECEIVED-BY', 'ST|CRIT-OTHER'),
        document({ controlId: 'D3', order, number: `${of}-2` }).replace('MDM^T02', 'MDM^T10'),
        document({ controlId: 'D4', order: 'P999999', number: `${of}-2` }),
      ),
    ).toEqual([
      'AR version 2 is here already',
      'AR version 2 is here already',
      'AR a document of this number is here already',
      'AE a critical result needs its version',
      'AE who received it is not said',
      'AE a replacement names what it replaces, and nothing else does',
      'AE no such order',
    ]);
    expect(await holds()).toMatchObject([{ version: 2, document: { number: `${of}-1` } }]);
  });
});

describe('the rehearsal RIS after a restart', () => {
  it('believes what it believed, knows a repeat, goes on with the next number, and sends the same bytes of what was not answered', async () => {
    await radloop.stop();
    radloop = await receiver((text) => (field(text, 'ORC', 2).startsWith('P000002') ? 'silent' : 'AA'));
    await open();
    const first = await placeOrder();
    const message = approval({ controlId: 'A1', order: first, protocol: 'CT-HEAD-WO' });
    const [answer] = await sendFrames(risPort(), [message]);
    const second = await placeOrder();
    await until('the second was sent', () => radloop.messages.length === 2);
    const before = (await seen()).orders;
    await hospital.stop();
    appendFileSync(join(dataDir, 'ledgers/ris.jsonl'), '{"event":"order-out","contr');
    const { port } = radloop;
    const unanswered = radloop.messages[1];
    await radloop.stop();
    radloop = await receiver(() => 'AA', port);

    await open();
    await until('the second is acknowledged', () => acknowledged(second));
    expect(radloop.messages).toEqual([unanswered]);
    expect((await seen()).orders.map((one) => [one.placer, one.approved])).toEqual(before.map((one) => [one.placer, one.approved]));
    expect(await sendFrames(risPort(), [message])).toEqual([answer]);
    expect(await placeOrder()).toBe('P000003');
  });
});

describe('the rehearsal hospital', () => {
  it('names a port that is in use and leaves nothing open', async () => {
    await open();
    const held = createServer();
    await new Promise<void>((resolve) => {
      held.listen(0, '127.0.0.1', resolve);
    });
    const port = String((held.address() as AddressInfo).port);
    const settings = readSettings(
      ['--data', join(dataDir, 'other'), '--ris-port', port, '--ehr-port', '0', '--page-port', '0', '--paging-ports', '0,0,0'],
      site,
    );
    await expect(openHospital(settings)).rejects.toThrow(`port ${port} for the RIS (--ris-port) is in use`);
    held.close();
  });

  it('keeps its RIS away with --fault ris-away and says so on the page', async () => {
    await open(['--fault', 'ris-away']);
    expect((await seen()).listening).toBe(false);
    expect(await (await fetch(hospital.addresses.page)).text()).toContain('The RIS is away');
  });

  it('offers a model that never answers with --fault model-hangs', async () => {
    await open(['--fault', 'model-hangs']);
    const { model = '' } = hospital.addresses;
    await expect(fetch(model, { method: 'POST', body: '{}', signal: AbortSignal.timeout(300) })).rejects.toThrow();
  });

  it('shows free text on the page as text, and takes an order from its own page only', async () => {
    await open();
    const order = await placeOrder();
    await sendFrames(risPort(), [approval({ controlId: 'A1', order, protocol: '<script>alert(1)</script>' })]);
    expect(await (await fetch(`${hospital.addresses.page}table`)).text()).toContain('&lt;script&gt;');
    const foreign = await fetch(`${hospital.addresses.page}orders/next`, { method: 'POST', headers: { origin: 'http://elsewhere.example' } });
    expect(foreign.status).toBe(403);
  });

  it('names the option that is wrong', () => {
    expect(() => readSettings([], site)).toThrow('--data DIR is needed');
    expect(() => readSettings(['--data', 'x', '--fault', 'fire'], site)).toThrow('--fault: one of');
    expect(() => readSettings(['--data', 'x', '--radloop-mllp', '10.0.0.5:2575'], site)).toThrow('stays on this machine');
  });
});
