import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSite } from '#adapters/embedded/site-folder.js';
import { judge } from '#adapters/hl7/door.js';
import type { Verdict } from '#adapters/hl7/door.js';
import { readReport } from '#adapters/hl7/report.js';
import type { OrderSite } from '#adapters/hl7/to-event.js';
import { toInstant } from '#core/time.js';
import type { Order } from '#domain/order.js';
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

async function readFile(file: string, site: OrderSite, json: boolean): Promise<number> {
  let n = 0;
  let code = 0;
  const say = async (line: Line): Promise<void> => {
    await write(`${json ? JSON.stringify({ file, n, ...line.json }) : line.text(file, n)}\n`);
    code = Math.max(code, line.refused ? 1 : 0);
    n += 1;
  };
  try {
    for await (const piece of pieces(bytesOf(file))) {
      if (piece.kind === 'too-long') await say(failed('too-long', 'The message is longer than 10 MB and was not read.'));
      if (piece.kind === 'message') await say(described(piece, site));
    }
    if (n === 0) await say(failed('not-hl7', 'No HL7 v2 message: no line begins with MSH and a field separator.'));
    return code;
  } catch (error) {
    const why = whyUnreadable(file, error);
    if (json) await say(failed('unreadable', why));
    console.error(why);
    return 2;
  }
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

function described(piece: Piece, site: OrderSite): Line {
  const verdict = judge(piece.bytes, site, toInstant(Date.now()), piece.logForm);
  const { message } = verdict;
  const json = {
    type: verdict.messageType ?? '',
    version: verdict.version,
    controlId: verdict.controlId,
    segments: message?.segments.length ?? 0,
    ack: verdict.ackCode,
    errors: verdict.errors,
    kind: verdict.kind,
    reason: verdict.reason,
    roundTrip: message !== null && message.encode().equals(piece.bytes),
    event: eventOf(verdict, site),
  };
  return { json, text: (file, n) => forPeople(file, n, json, verdict), refused: verdict.ackCode !== 'AA' };
}

/** What the workflows would see, on one level. An order message that is kept but not used is shown with `used: false`. */
function eventOf(verdict: Verdict, site: OrderSite): Readonly<Record<string, unknown>> | null {
  const { orderEvent, keptOrder, message } = verdict;
  if (orderEvent !== null) {
    const { order, ...rest } = orderEvent;
    return { ...rest, ...flat(order) };
  }
  if (keptOrder !== null) return { type: 'orderMessageKept', used: false, ...flat(keptOrder) };
  return verdict.ackCode === 'AA' && verdict.kind === 'report' && message !== null ? { ...readReport(message, site.fieldMap) } : null;
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
  json: { type: string; version: string | null; controlId: string | null; segments: number; roundTrip: boolean },
  verdict: Verdict,
): string {
  const about = [json.type || '?', json.version ?? '?', `id ${json.controlId ?? '?'}`, `${String(json.segments)} segments`, verdict.kind];
  const trip = json.roundTrip ? '' : '  does not encode to the same bytes';
  const errors = verdict.errors.map(
    (error) => `\n    ${error.segment}${error.field > 0 ? `-${String(error.field)}` : ''} ${error.code}: ${error.text}`,
  );
  return `${file} ${String(n)}  ${verdict.ackCode}  ${about.join('  ')}${trip}${errors.join('')}`;
}
