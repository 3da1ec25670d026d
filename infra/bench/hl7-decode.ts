import { createRequire } from 'node:module';
import { Hl7Message } from '@medplum/core';
import { Message as ClientMessage } from 'node-hl7-client';
import { decode } from '#adapters/hl7/message.js';
import { pathOf } from '#adapters/hl7/path.js';

const ROUNDS = 5;
const ROUND_MS = 400;
/** Reads between two looks at the clock: a look takes as long as ten of ours. */
const TURN = 1024;
/** At least so many times the fastest library that reads every field right. */
const WANTED_RATIO = 20;

/** 25 fields of an order as a RIS reads them. */
const PATHS = [
  'MSH-3', 'MSH-4', 'MSH-7', 'MSH-9.1', 'MSH-9.2', 'MSH-10', 'MSH-12',
  'PID-3.1', 'PID-3.4.2', 'PID-3(2).1', 'PID-5.1', 'PID-5.2', 'PID-7', 'PID-8',
  'PV1-2', 'PV1-3.1',
  'ORC-1', 'ORC-2.1', 'ORC-3.1', 'ORC-9',
  'OBR-4.1', 'OBR-4.2', 'OBR-13', 'OBR-16.1', 'OBR-18',
] as const; // prettier-ignore

/** One library: bytes in, the texts of PATHS out. */
type Reader = (bytes: Buffer) => readonly string[];

/** Messages a second: of this process's own time, so that what else the machine does takes nothing from either side, and by the clock on the wall. */
interface Rate {
  readonly cpu: number;
  readonly wall: number;
}

interface Row extends Rate {
  readonly name: string;
  /** The paths whose values are not right in every message. */
  readonly wrong: readonly string[];
}

/**
 * Decodes 1 kB orders and reads 25 fields of each, from bytes to unescaped text. Libraries of npm on the same messages, in turns with ours,
 * in this process; medians of five. Fails when a value of ours is wrong or ours is less than 20 times the fastest library that reads all 25 right.
 */
export async function run(): Promise<number> {
  const messages = Array.from({ length: 256 }, (_, n) => order(n));
  const readers = readersOf();
  const rates = new Map<string, Rate[]>([...readers.keys()].map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, read] of readers) {
      const rate = measured(read, messages);
      // The first round is for the compiler.
      if (round > 0) rates.get(name)?.push(rate);
    }
  }
  const rowOf = (name: string, read: Reader): Row => ({ name, ...medianOf(rates.get(name) ?? []), wrong: wrongOf(read, messages) });
  const peers = [...readers].map(([name, read]) => rowOf(name, read));
  const own = peers.shift();
  if (own === undefined) throw new Error('Nothing was measured.');
  console.log(`Decode of ${messages[0]?.length ?? 0} bytes and 25 fields read, medians of ${ROUNDS}`);
  for (const row of [own, ...peers]) console.log(`  ${lineOf(row, own)}`);
  const fastest = fastestOf(peers);
  const right = fastestOf(peers.filter(({ wrong }) => wrong.length === 0));
  console.log(`The fastest library, ${sentence(fastest, own)}.`);
  console.log(`The fastest one that reads every field right, ${sentence(right, own)}.`);
  const held = own.wrong.length === 0 && timesOf(own, right) >= WANTED_RATIO;
  console.log(`At least ${WANTED_RATIO} times the fastest one that reads every field right: ${held ? 'held' : 'NOT HELD'}.`);
  return held ? 0 : 1;
}

function lineOf({ name, cpu, wall, wrong }: Row, own: Row): string {
  const rates = `${rounded(cpu)} messages/s of CPU time ${(1e6 / cpu).toFixed(1).padStart(6)} us each ${rounded(wall)}/s by the clock`;
  const fields = `${PATHS.length - wrong.length} of ${PATHS.length} right${wrong.length === 0 ? '' : ` (not ${wrong.join(', ')})`}`;
  return `${name.padEnd(16)} ${rates}  ${fields}${name === own.name ? '' : `; Radloop is ${(own.cpu / cpu).toFixed(1)} times as fast`}`;
}

function sentence(peer: Row | undefined, own: Row): string {
  if (peer === undefined) return 'there is none';
  const fields = `${PATHS.length - peer.wrong.length} of ${PATHS.length} fields right`;
  return `${peer.name} (${fields}): Radloop is ${timesOf(own, peer).toFixed(1)} times as fast in CPU time, ${(own.wall / peer.wall).toFixed(1)} times by the clock`;
}

function timesOf(own: Row, peer: Row | undefined): number {
  return own.cpu / (peer?.cpu ?? Number.NaN);
}

function fastestOf(rows: readonly Row[]): Row | undefined {
  return rows.toSorted((a, b) => b.cpu - a.cpu)[0];
}

function rounded(rate: number): string {
  return Math.round(rate).toLocaleString('en').padStart(9);
}

function readersOf(): ReadonlyMap<string, Reader> {
  const fromServer = createRequire(createRequire(import.meta.url).resolve('node-hl7-server'));
  const { Message: ServerMessage } = fromServer('node-hl7-client') as { Message: typeof ClientMessage };
  const { Parser } = createRequire(import.meta.url)('simple-hl7') as { Parser: new (options: { segmentSeperator: string }) => SimpleParser };
  return new Map<string, Reader>([
    ['Radloop', ours],
    ['@medplum/core', medplum],
    ['node-hl7-client', ofClient(ClientMessage)],
    ['node-hl7-server', ofClient(ServerMessage)],
    ['simple-hl7', simple(new Parser({ segmentSeperator: '\r' }))],
  ]);
}

function ours(bytes: Buffer): readonly string[] {
  const decoded = decode(bytes);
  if (!decoded.ok) throw new Error(decoded.problem.text);
  const { message } = decoded;
  const texts: string[] = [];
  for (const path of PATHS) texts.push(message.text(path));
  return texts;
}

const places = PATHS.map((path) => pathOf(path));

function medplum(bytes: Buffer): readonly string[] {
  const message = Hl7Message.parse(bytes.toString());
  const texts: string[] = [];
  for (const { segment, field, component, subcomponent, repetition } of places) {
    texts.push(message.getSegment(segment)?.getComponent(field, component ?? 1, (subcomponent ?? 1) - 1, repetition - 1) ?? '');
  }
  return texts;
}

/** Its paths read the first repetition, and the second as `get('PID.3').get(1)`. */
function ofClient(Message: typeof ClientMessage): Reader {
  const paths = places.map(({ segment, field, component, subcomponent, repetition }) => ({
    repetition,
    path: repetition > 1 ? `${segment}.${field}` : [segment, field, component, subcomponent].filter((part) => part !== undefined).join('.'),
  }));
  return (bytes) => {
    const message = new Message({ text: bytes.toString() });
    const texts: string[] = [];
    for (const { path, repetition } of paths) texts.push((repetition > 1 ? message.get(path).get(repetition - 1) : message.get(path)).toString());
    return texts;
  };
}

interface SimpleParser {
  parse(text: string): { readonly header: SimpleSegment; getSegment(name: string): SimpleSegment | undefined };
}
interface SimpleSegment {
  readonly fields: readonly SimpleNode[];
}
/** It keeps components as arrays in arrays; a repeated field has one more of them. */
type Nested = string | readonly Nested[] | SimpleNode | undefined;
interface SimpleNode {
  readonly value: readonly Nested[];
}

function simple(parser: SimpleParser): Reader {
  return (bytes) => {
    const message = parser.parse(bytes.toString());
    const texts: string[] = [];
    for (const { segment, field, component, subcomponent, repetition } of places) {
      const isHeader = segment === 'MSH';
      const parts = inside((isHeader ? message.header : message.getSegment(segment))?.fields[field - (isHeader ? 3 : 1)]?.value[repetition - 1]);
      const components = Array.isArray(parts[0]) ? inside(parts[0]) : parts;
      const leaf = inside(components[(component ?? 1) - 1])[0];
      const text = typeof leaf === 'string' ? leaf : inside(leaf)[(subcomponent ?? 1) - 1];
      texts.push(typeof text === 'string' ? text : '');
    }
    return texts;
  };
}

function inside(node: Nested): readonly Nested[] {
  if (node === undefined || typeof node === 'string') return [];
  return 'value' in node ? node.value : node;
}

function measured(read: Reader, messages: readonly Buffer[]): Rate {
  const started = { cpu: process.cpuUsage(), wall: performance.now() };
  const turns = TURN / messages.length;
  let count = 0;
  let length = 0;
  let tookMs = 0;
  while (tookMs < ROUND_MS) {
    for (let turn = 0; turn < turns; turn += 1) for (const message of messages) length += read(message)[0]?.length ?? 0;
    count += turns * messages.length;
    const { user, system } = process.cpuUsage(started.cpu);
    tookMs = (user + system) / 1000;
  }
  if (length === 0) throw new Error('Nothing was read.');
  return { cpu: (count * 1000) / tookMs, wall: (count * 1000) / (performance.now() - started.wall) };
}

function wrongOf(read: Reader, messages: readonly Buffer[]): readonly string[] {
  const texts = messages.map((message) => read(message));
  return PATHS.filter((_, index) => texts.some((got, n) => got[index] !== valuesOf(n)[index]));
}

function valuesOf(n: number): readonly string[] {
  return [
    'EHR', 'NORTH', '20261125104000', 'ORM', 'O01', `C${n}`, '2.5.1',
    `M${n}`, '1.2.3', `B${n}`, 'INVENTED', 'PATIENT', '19700101', 'F',
    'O', 'CLINIC',
    'NW', `P${n}`, `F${n}`, '20261125104000',
    'CTCHEST', 'CT chest with contrast', 'Cough & fever, crackles left | smoker', '778', `A${n}`,
  ]; // prettier-ignore
}

/** An invented order of about 1 kB. */
function order(n: number): Buffer {
  const lines = [
    `MSH|^~\\&|EHR|NORTH|RADLOOP|NORTH|20261125104000||ORM^O01^ORM_O01|C${n}|P|2.5.1|||AL|NE||UNICODE UTF-8`,
    `PID|1||M${n}^^^NORTH&1.2.3&ISO^MR~B${n}^^^SOUTH&1.2.4&ISO^PI||INVENTED^PATIENT^Q^^^^L||19700101|F|||1 Some Street^^Sometown^^12345^^H||^PRN^PH^^^555^5550100|||M||VISIT${n}`,
    `PV1|1|O|CLINIC^3^1^NORTH||||778^INVENTED^REFERRER^^^DR|779^INVENTED^SECOND||RAD||||||||V|VISIT${n}^^^NORTH|||||||||||||||||||||||||20261125100000`,
    `ORC|NW|P${n}^EHR|F${n}^RIS||SC||1^^^20261125120000^^R||20261125104000|901^INVENTED^CLERK||778^INVENTED^REFERRER^^^DR|CLINIC||20261125104000`,
    `OBR|1|P${n}^EHR|F${n}^RIS|CTCHEST^CT chest with contrast^LOCAL|R||20261125104000||||||Cough \\T\\ fever, crackles left \\F\\ smoker|||778^INVENTED^REFERRER^^^DR||A${n}|||||||CT|||1^^^20261125120000^^R|||WALK|^Cough for two weeks`,
    'DG1|1||R05^Cough^I10|Cough|20261125|W',
    'NTE|1|L|Patient speaks a little English; an interpreter is booked for the examination, please call before.',
    'OBX|1|NM|2160-0^Creatinine^LN||0.9|mg/dL|0.5-1.1|N|||F|||20261120',
  ];
  return Buffer.from(`${lines.join('\r')}\r`);
}

function medianOf(rates: readonly Rate[]): Rate {
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return { cpu: median(rates.map(({ cpu }) => cpu)), wall: median(rates.map(({ wall }) => wall)) };
}
