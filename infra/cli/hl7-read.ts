import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSite } from '#adapters/embedded/site-folder.js';
import { judge } from '#adapters/hl7/door.js';
import type { Judged } from '#adapters/hl7/door.js';
import type { DoorSite } from '#adapters/hl7/reading.js';
import { toInstant } from '#core/time.js';
import type { HospitalEvent } from '#domain/hospital-event.js';
import type { Order } from '#domain/order.js';
import type { Quality } from '#domain/quality.js';
import { bytesOf, whyUnreadable, write } from './hl7-input.ts';
import { pieces } from './hl7-pieces.ts';
import type { Piece } from './hl7-pieces.ts';

export const usage = `radloop hl7 read FILE... [--json] [--site DIR]

Reads files of HL7 v2 messages (any line end, MLLP frames, batches, the <SB>...<R>...<EB> log form) and says of each message what the listener
would answer and what the workflows would see. - reads standard input. Exit 1 when a message is refused.

  --json      one JSON object a message
  --site DIR  the site whose field and procedure maps count (default: the rehearsal site)

Example: radloop hl7 read order.hl7 --json`;

/** The site of the rehearsal hospital: the worked example, and the default. */
export const REHEARSAL_SITE = fileURLToPath(new URL('../rehearsal/site', import.meta.url));

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, site: { type: 'string', default: REHEARSAL_SITE } },
  });
  if (positionals.length === 0) {
    console.error(usage);
    return 2;
  }
  const site = readSite(values.site);
  let worst = 0;
  for (const file of positionals) worst = Math.max(worst, await readFile(file, site, values.json));
  return worst;
}

async function readFile(file: string, site: DoorSite, json: boolean): Promise<number> {
  let n = 0;
  let code = 0;
  const say = async (line: Line): Promise<void> => {
    await write(`${json ? JSON.stringify({ file, n, ...line.json }) : line.text(file, n)}\n`);
    code = Math.max(code, line.refused ? 1 : 0);
    n += 1;
  };
  try {
    let start = Buffer.alloc(0);
    for await (const piece of pieces(bytesOf(file))) {
      if (n === 0 && start.length < 256) start = Buffer.concat([start, piece.bytes.subarray(0, 256)]);
      if (piece.kind === 'too-long') await say(failed('too-long', 'The message is longer than 10 MB and was not read.'));
      if (piece.kind === 'message') await say(described(piece, site));
    }
    if (n === 0) await say(failed('not-hl7', whyNone(start)));
    return code;
  } catch (error) {
    const why = whyUnreadable(file, error);
    if (json) await say(failed('unreadable', why));
    console.error(why);
    return 2;
  }
}

/** By its first bytes: what a file is that holds no message. */
function whyNone(start: Buffer): string {
  const text = start.toString('latin1').trimStart();
  if (text === '') return 'The file is empty: it holds no HL7 v2 message.';
  if (start.toString('latin1', 128, 132) === 'DICM') return 'This is a DICOM file, no HL7 v2 message.';
  if (text.startsWith('<')) return 'This is XML: HL7 v2 is read as ER7 text, which begins with MSH and a field separator.';
  return 'No HL7 v2 message: no line begins with MSH and a field separator.';
}

interface Line {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: (file: string, n: number) => string;
  readonly refused: boolean;
}

function failed(code: string, message: string): Line {
  return {
    json: { error: { code, message, at: 'MSH' } },
    text: (file, n) => `${file} ${String(n)}  ${message}`,
    refused: true,
  };
}

function described(piece: Piece, site: DoorSite): Line {
  const judged = judge(piece.bytes, site, toInstant(Date.now()), { logForm: piece.logForm, wide: true });
  const { message, events, acknowledgement } = judged;
  const json = {
    type: judged.messageType ?? '',
    version: judged.version,
    controlId: judged.controlId,
    segments: message?.segments.length ?? 0,
    ack: judged.ackCode,
    errors: judged.errors,
    kind: judged.kind,
    reason: judged.reason,
    roundTrip: message?.encode().equals(piece.bytes) ?? false,
    event: firstOf(judged),
    ...(events.length > 1 ? { events: events.map(shown) } : {}),
    ...(acknowledgement === null ? {} : { acknowledgement }),
    quality: qualityOf(events),
  };
  return { json, text: (file, n) => forPeople(file, n, json, judged), refused: judged.ackCode !== 'AA' };
}

/** What the workflows would see. An order message that is kept but not used is shown with `used: false`. */
function firstOf({ events: [event], keptOrder }: Judged): Readonly<Record<string, unknown>> | null {
  if (event !== undefined) return shown(event);
  return keptOrder === null ? null : { type: 'orderMessageKept', used: false, ...flat(keptOrder) };
}

/** On one level. */
function shown(event: HospitalEvent): Readonly<Record<string, unknown>> {
  if (event.type !== 'orderReceived') return { ...event };
  const { order, ...rest } = event;
  return { ...rest, ...flat(order) };
}

/** Each finding once. */
function qualityOf(events: readonly HospitalEvent[]): Quality {
  return [...new Map(events.flatMap((event) => event.quality).map((finding) => [`${finding.code} ${finding.where}`, finding])).values()];
}

function flat(order: Order): Readonly<Record<string, unknown>> {
  const { placerOrderNumber, fillerOrderNumber, ...rest } = order;
  return {
    placerOrderNumber: placerOrderNumber?.id ?? null,
    placerAssigner: placerOrderNumber?.assigner ?? null,
    fillerOrderNumber: fillerOrderNumber?.id ?? null,
    fillerAssigner: fillerOrderNumber?.assigner ?? null,
    ...rest,
  };
}

function forPeople(
  file: string,
  n: number,
  json: { type: string; version: string | null; controlId: string | null; segments: number; roundTrip: boolean; quality: Quality },
  judged: Judged,
): string {
  const about = [json.type || '?', json.version ?? '?', `id ${json.controlId ?? '?'}`, `${String(json.segments)} segments`, judged.kind];
  const trip = json.roundTrip ? '' : '  does not encode to the same bytes';
  const place = (segment: string, field: number): string => segment + (field > 0 ? `-${String(field)}` : '');
  const errors = judged.errors.map((error) => `\n    ${place(error.segment, error.field)} ${error.code}: ${error.text}`);
  const unused = judged.reason !== null && judged.errors.length === 0 ? [`\n    ${judged.reason}`] : [];
  const findings = json.quality.map((finding) => `\n    ${finding.where} ${finding.kind}: ${finding.text}`);
  return `${file} ${String(n)}  ${judged.ackCode}  ${about.join('  ')}${trip}${[...errors, ...unused, ...findings].join('')}`;
}
