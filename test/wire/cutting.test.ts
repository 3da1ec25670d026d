import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { Verb } from '../../infra/rehearsal/order-message.ts';
import { sendTo, wireDoor } from '../support/mllp-wire-door.ts';
import type { WireDoor } from '../support/mllp-wire-door.ts';
import { cutterTo } from '../support/mllp-wire-cutter.ts';
import type { Cut, Cutter } from '../support/mllp-wire-cutter.ts';
import { calling, closeAll, soon } from '../support/mllp-wire-listener.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { answerTo, controlIdOf, peerReceiver } from '../support/peers.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { t0 } from '../support/store-fixture.ts';

afterEach(closeAll);

const [planned] = plannedOrders(4711, 1);
if (planned === undefined) throw new Error('the rehearsal has no order');
const pad = (n: number): string => String(n).padStart(5, '0');
/** The same text each time but for its numbers, so that a byte is the same byte in all of them. */
const order =
  (verb: Verb) =>
  (n: number): string =>
    orderMessage({ ...planned, n: 10_000 + n }, verb, `CUT${pad(n)}`, new Date(t0));

/** Ledger of a sender: which messages it holds to be safe, and by which answer. */
type Acked = Map<string, Buffer>;

/** Sends the message on a line that is cut there, then again, whole, until it is answered. */
async function sendCut(cutter: Cutter, text: string, cut: Cut, acked: Acked): Promise<void> {
  const bytes = frame(text);
  cutter.next = cut;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const answer = await exchangeBytes(cutter.port, bytes);
    if (answer === null) continue;
    expect(answer.toString()).toMatch(new RegExp(`\\rMSA\\|[AC]A\\|${controlIdOf(text)}`, 'u'));
    acked.set(controlIdOf(text), answer);
    return;
  }
}

/** Lengths of message and answer as frames. */
async function lengths(cutter: Cutter, text: string): Promise<{ message: number; answer: Buffer }> {
  const answer = await exchangeBytes(cutter.port, frame(text));
  if (answer === null) throw new Error('no answer on a whole line');
  return { message: frame(text).length, answer: frame(answer) };
}

/** Judges by the sender's ledger and the inbox: everything acknowledged is there once, and is answered with the same bytes when it comes again. */
async function judge(door: WireDoor, textOf: (n: number) => string, sent: number, acked: Acked): Promise<void> {
  expect(acked.size).toBe(sent);
  expect(door.effects().messages).toBe(sent);
  for (let n = 0; n < sent; n += Math.max(1, Math.floor(sent / 20))) {
    const again = await exchangeBytes(door.server.port, frame(textOf(n)));
    expect(again).toEqual(acked.get(controlIdOf(textOf(n))));
  }
  expect(door.effects().messages).toBe(sent);
}

it('an order in, cut at every byte of the message and of its answer: nothing is lost, nothing has a second effect', async () => {
  const door = await wireDoor();
  const cutter = await cutterTo(door.server.port);
  const textOf = order('new');
  const acked: Acked = new Map();
  const whole = await lengths(cutter, textOf(0));
  acked.set(controlIdOf(textOf(0)), whole.answer.subarray(1, -2));
  let n = 1;
  for (const [of, length] of [
    ['message', whole.message],
    ['answer', whole.answer.length],
  ] as const)
    // prettier-ignore
    for (let after = 0; after <= length; after += 1, n += 1) await sendCut(cutter, textOf(n), { of, after }, acked);
  expect(n).toBeGreaterThan(550);
  await judge(door, textOf, n, acked);
  expect(door.effects()).toEqual({ messages: n, events: n, arrivals: 0 });
}, 60_000);

it('an order in enhanced mode, cut at every byte of its two answers: kept once, both answers the same again, none owed in the end', async () => {
  const door = await wireDoor();
  const cutter = await cutterTo(door.server.port);
  const textOf = (n: number): string => order('new')(n).replace('|P|2.5.1||||||', '|P|2.5.1|||AL|AL||');
  const both = async (n: number): Promise<string[]> => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const caller = await calling({ host: '127.0.0.1', port: cutter.port });
      caller.socket.write(frame(textOf(n)));
      const answers = await caller.until(2).catch(() => null);
      caller.socket.destroy();
      if (answers !== null) return answers;
    }
    throw new Error('no answers on a whole line');
  };
  const [commit = '', application = ''] = await both(0);
  expect([commit, application].map((answer) => /MSA\|(\w\w)/u.exec(answer)?.[1])).toEqual(['CA', 'AA']);
  let n = 1;
  for (let after = 0; after <= frame(commit).length + frame(application).length; after += 1, n += 1) {
    cutter.next = { of: 'answer', after };
    const answers = await both(n);
    expect(await both(n)).toEqual(answers);
  }
  expect(door.effects()).toEqual({ messages: n, events: n, arrivals: 0 });
  await soon('every answer has left', () => door.owed() === 0);
}, 60_000);

const msh = (type: string, n: number, more = ''): string =>
  `MSH|^~\\&|RIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|20261125100000+0000||${type}|CUT${pad(n)}|P|2.5.1${more}`;
const pid = (n: number): string => `PID|1||M${pad(n)}^^^RADLOOP-MRN^MR||Abara^Vera||19541005|F`;
const lines = (...segments: string[]): string => segments.map((segment) => `${segment}\r`).join('');

/** Invented messages of every other kind. `n` makes each a message, a patient and an order of its own. */
const kinds: Readonly<Record<string, (n: number) => string>> = {
  'ORM^O01 change': order('change'),
  'ORM^O01 cancel': order('cancel'),
  'OMI^O23': (n) => orderMessage({ ...planned, messageType: 'OMI^O23', n: 10_000 + n }, 'new', `CUT${pad(n)}`, new Date(t0)),
  'ADT^A08': (n) => lines(msh('ADT^A08^ADT_A01', n), 'EVN|A08|20261125100000+0000', pid(n), 'PV1|1|I|WARD^12^1'),
  'ADT^A40': (n) => lines(msh('ADT^A40^ADT_A39', n), 'EVN|A40|20261125100000+0000', pid(n), `MRG|X${pad(n)}^^^RADLOOP-MRN^MR`),
  'SIU^S12': (n) =>
    lines(
      ...[msh('SIU^S12^SIU_S12', n), `SCH|A${pad(n)}^RIS|A${pad(n)}^RIS||||R^Routine^L|||30|MIN|^^^20261126100000+0000^20261126103000+0000`],
      ...[pid(n), 'RGS|1|A', 'AIS|1|A|CTHEADWO^CT HEAD WO CONTRAST^LOCAL|20261126100000+0000'],
    ),
  'ORU^R01': (n) =>
    lines(
      ...[msh('ORU^R01^ORU_R01', n), pid(n), `ORC|RE|P${pad(n)}^RIS|F${pad(n)}^RIS`],
      ...[`OBR|1|P${pad(n)}^RIS|F${pad(n)}^RIS|CTHEADWO^CT HEAD WO CONTRAST^LOCAL|||20261125090000+0000|||||||||||||||20261125095900+0000|||F`],
      'OBX|1|TX|GDT^Report^L||No haemorrhage.||||||F',
    ),
  'MDM^T02': (n) =>
    lines(
      ...[msh('MDM^T02^MDM_T02', n), 'EVN|T02|20261125100000+0000', pid(n), 'PV1|1|O'],
      ...[
        `TXA|1|RAD|TX|20261125100000+0000||||||||D${pad(n)}^RIS||P${pad(n)}^RIS|F${pad(n)}^RIS||LA`,
        'OBX|1|TX|GDT^Report^L||No haemorrhage.||||||F',
      ],
    ),
  'ACK that asks for CA': (n) => lines(msh('ACK^O01^ACK', n, '|||AL|NE'), `MSA|AA|SENT${pad(n)}`),
};

/** The same "random" numbers each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Each framing byte, each segment end and twenty random bytes of a frame. */
function places(whole: Buffer, random: () => number): number[] {
  const found = new Set([0, 1, whole.length - 2, whole.length - 1, whole.length]);
  for (const [at, byte] of whole.entries()) if (byte === 0x0d) for (const place of [at, at + 1]) found.add(place);
  for (let n = 0; n < 20; n += 1) found.add(2 + Math.floor(random() * (whole.length - 4)));
  return [...found].sort((a, b) => a - b);
}

it.each(Object.keys(kinds))('%s in, cut at its framing bytes, segment ends and 20 random bytes, and those of its answer', async (kind) => {
  const textOf = kinds[kind];
  if (textOf === undefined) throw new Error(kind);
  const door = await wireDoor();
  const cutter = await cutterTo(door.server.port);
  const random = seeded(Object.keys(kinds).indexOf(kind) + 1);
  const acked: Acked = new Map();
  const whole = await lengths(cutter, textOf(0));
  acked.set(controlIdOf(textOf(0)), whole.answer.subarray(1, -2));
  let n = 1;
  for (const [of, bytes] of [
    ['message', frame(textOf(0))],
    ['answer', whole.answer],
  ] as const)
    // prettier-ignore
    for (const after of places(bytes, random)) await sendCut(cutter, textOf(n++), { of, after }, acked);
  await judge(door, textOf, n, acked);
  const { events, arrivals } = door.effects();
  const each = { order: kind.startsWith('O') && !kind.startsWith('ORU') ? n : 0, arrival: /^(SIU|ORU|MDM)/u.test(kind) ? n : 0 };
  expect({ events, arrivals }).toEqual({ events: each.order, arrivals: each.arrival });
});

it('an order change out, cut at every byte of the message and of its answer: the RIS has each once, and the case knows it', async () => {
  const { fixture } = await wireDoor();
  const { db } = fixture.stores;
  // Nothing is killed here: waiting for the disk a hundred times an order would only take its time.
  db.all('PRAGMA synchronous = OFF');
  // Ledger of the RIS: what it did, by control id; the same bytes again are no second effect, other bytes under the same id are a fault.
  const believed = new Map<string, string>();
  const repeats: string[] = [];
  const peer = await peerReceiver((message, socket) => {
    const id = controlIdOf(message);
    const before = believed.get(id);
    if (before === undefined) believed.set(id, message);
    else repeats.push(before === message ? 'same bytes' : `OTHER BYTES of ${id}`);
    socket.write(answerTo(id, 'AA'));
  });
  const cutter = await cutterTo(peer.port);
  const sender = sendTo(fixture, cutter.port);
  /** One order through to its change; the line is cut at each of `cuts`, one after the other, when the change leaves. */
  const through = async (n: number, cuts: readonly Cut[]): Promise<void> => {
    await fixture.bring(Buffer.from(order('new')(n)));
    await fixture.settle();
    expect(await fixture.approve()).toBe('won');
    sender.close();
    const [first = null, ...others] = cuts;
    cutter.next = first;
    await fixture.settle();
    for (const cut of others) {
      expect(cutter.next).toBeNull();
      cutter.next = cut;
      await fixture.skip();
    }
    if (cuts.length > 0) await fixture.skip();
  };
  await through(0, []);
  const { message, answer } = cutter.passed;
  const cuts: Cut[] = [
    ...Array.from({ length: message + 1 }, (_, after) => ({ of: 'message' as const, after })),
    ...Array.from({ length: answer + 1 }, (_, after) => ({ of: 'answer' as const, after })),
  ];
  expect(cuts.length).toBeGreaterThan(500);
  // Five attempts of unknown outcome are allowed, so four cuts a message.
  let n = 1;
  for (let at = 0; at < cuts.length; at += 4, n += 1) await through(n, cuts.slice(at, at + 4));
  const changes = [...believed.values()].filter((message) => message.includes('ORC|XO'));
  expect(changes).toHaveLength(n);
  expect(new Set(repeats)).toEqual(new Set(['same bytes']));
  expect(db.all("SELECT 1 FROM facts WHERE type = 'protocolWrittenBack'")).toHaveLength(n);
  expect(db.all("SELECT 1 FROM outbox WHERE kind = 'sendHl7' AND state <> 'delivered'")).toEqual([]);
}, 120_000);
