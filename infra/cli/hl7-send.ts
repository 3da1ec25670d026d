import { parseArgs } from 'node:util';
import { classOf } from '#core/delivery.js';
import { isAnswer } from '#adapters/hl7/kind.js';
import { decode } from '#adapters/hl7/message.js';
import type { Problem } from '#adapters/hl7/message.js';
import { MllpClient } from '#adapters/hl7/mllp-client.js';
import { readAck } from '#adapters/hl7/sender.js';
import { bytesOf, whyUnreadable, write } from './hl7-input.ts';
import { pieces } from './hl7-pieces.ts';
import type { Piece } from './hl7-pieces.ts';

export const usage = `radloop hl7 send FILE... --to HOST:PORT [--json] [--timeout SECONDS]

Sends every message of the files (- for standard input) over MLLP, one after the other on one connection, and says what was answered.
Exit 1 when one was answered AE or AR, or was not answered.

  --to HOST:PORT     the listener
  --timeout SECONDS  how long an answer is waited for (default 10)
  --json             one JSON object a message

Example: radloop hl7 send order.hl7 --to 127.0.0.1:2575`;

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { to: { type: 'string' }, json: { type: 'boolean', default: false }, timeout: { type: 'string', default: '10' } },
  });
  const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/u.exec(values.to ?? '') ?? [];
  const ackTimeoutSeconds = Number(values.timeout);
  if (positionals.length === 0 || host === undefined || Number(port) > 65_535 || !(ackTimeoutSeconds > 0)) {
    console.error(usage);
    return 2;
  }
  const client = new MllpClient({ host, port: Number(port), ackTimeoutSeconds, onOther: () => Promise.resolve(null) });
  let worst = 0;
  for (const file of positionals) worst = Math.max(worst, await sendFile(file, client, values.json));
  client.close();
  return worst;
}

async function sendFile(file: string, client: MllpClient, json: boolean): Promise<number> {
  let n = 0;
  let worst = 0;
  try {
    for await (const piece of pieces(bytesOf(file))) {
      if (piece.kind === 'other') continue;
      const answered = await sendOne(wire(piece), client);
      await write(`${json ? JSON.stringify({ file, n, ...answered }) : forPeople(file, n, answered)}\n`);
      worst = Math.max(worst, answered.ack === 'AA' || answered.ack === 'CA' ? 0 : 1);
      n += 1;
    }
    if (n > 0) return worst;
    const message = 'No HL7 v2 message: no line begins with MSH and a field separator.';
    if (json) await write(`${JSON.stringify({ file, n, error: { code: 'not-hl7', message, at: 'MSH' } })}\n`);
    else console.error(`${file}: ${message}`);
    return 1;
  } catch (error) {
    console.error(whyUnreadable(file, error));
    return 2;
  }
}

/** As it goes over a wire: segments of a log or of a text file end with CR there, those of a message that has its own CR stay as they are. */
function wire(piece: Piece): Buffer {
  const { message } = decode(piece.bytes, piece.logForm, true);
  if (message === null || (!piece.logForm && piece.bytes.includes(0x0d))) return piece.bytes;
  return Buffer.concat(message.segments.flatMap((segment) => [segment.bytes, Buffer.from('\r')]));
}

interface Answered {
  readonly controlId: string | null;
  readonly ack: string | null;
  readonly errors: readonly Problem[];
  readonly ms: number;
}

async function sendOne(bytes: Buffer, client: MllpClient): Promise<Answered> {
  const sent = decode(bytes).message;
  const controlId = sent?.text('MSH-10') ?? '';
  const isOurAnswer = sent !== null && isAnswer(sent);
  const wanted = answersAsked(sent?.text('MSH-15') ?? '', isOurAnswer ? 'NE' : (sent?.text('MSH-16') ?? ''));
  if (wanted === 'none') return sentUnanswered(bytes, controlId, client);
  const started = performance.now();
  const answers: Buffer[] = [];
  const exchanged = await client.exchange(bytes, (received) => {
    // A message without a control id can only be refused: its answer names none either.
    const judged = readAck(received, controlId);
    // What comes for the message before this one, later than we waited for it.
    if (wanted !== 'one' && !judged.ok && judged.code === 'answer-unreadable') return 'other';
    answers.push(received);
    return wanted === 'both' && judged.ok && judged.receipt.code === 'CA' ? 'other' : judged;
  });
  const committed = answers[0] === undefined || exchanged.ok ? null : readAck(answers[0], controlId);
  // Accepted, and the application has not answered in time: that is what is known.
  const delivery = committed?.ok === true ? committed : exchanged;
  const ms = Math.round((performance.now() - started) * 10) / 10;
  const answer = answers.at(-1);
  const said = answer === undefined ? null : decode(answer).message;
  const isAnswered = delivery.ok || (said !== null && classOf(delivery.code) !== 'ambiguous');
  const errors = said === null || !isAnswered ? [] : said.all('ERR').map((error) => problemOf((field, component) => error.text(field, component)));
  const own: Problem[] = delivery.ok || isAnswered ? [] : [{ segment: '', field: 0, code: delivery.code, text: delivery.detail }];
  return { controlId: controlId === '' ? null : controlId, ack: isAnswered ? (said?.text('MSA-1') ?? null) : null, errors: [...errors, ...own], ms };
}

/** By MSH-15 and MSH-16 (HL7 v2.5.1 2.9): original mode and a commit or an application answer alone are one answer. */
function answersAsked(accept: string, application: string): 'one' | 'both' | 'none' {
  if (accept === '' && application === '') return 'one';
  const [commits, applies] = [accept, application].map((condition) => condition !== '' && condition !== 'NE');
  if (commits === true && application === 'AL') return 'both';
  return commits === true || applies === true ? 'one' : 'none';
}

async function sentUnanswered(bytes: Buffer, controlId: string, client: MllpClient): Promise<Answered> {
  const started = performance.now();
  const told = await client.tell(bytes);
  const ms = Math.round((performance.now() - started) * 10) / 10;
  const text = told.ok ? 'Sent. The message asks for no answer: MSH-15 and MSH-16 say so, or it is an answer itself.' : told.detail;
  return {
    controlId: controlId === '' ? null : controlId,
    ack: null,
    errors: [{ segment: 'MSH', field: 15, code: told.ok ? 'none-asked' : told.code, text }],
    ms,
  };
}

/** ERR of HL7 2.5 and later (ERR-2, -3, -8), else its old form (ERR-1). */
function problemOf(text: (field: number, component?: number) => string): Problem {
  const isNew = text(3, 1) !== '';
  return {
    segment: isNew ? text(2, 1) : text(1, 1),
    field: Number(isNew ? text(2, 3) : text(1, 3)) || 0,
    code: isNew ? text(3, 1) : (text(1, 4).split('&')[0] ?? ''),
    text: isNew ? text(8) || text(3, 2) : (text(1, 4).split('&')[1] ?? ''),
  };
}

function forPeople(file: string, n: number, { controlId, ack, errors, ms }: Answered): string {
  const reasons = errors.map((error) => `\n    ${error.segment}${error.field > 0 ? `-${String(error.field)}` : ''} ${error.code}: ${error.text}`);
  return `${file} ${String(n)}  ${ack ?? 'no answer'}  id ${controlId ?? '?'}  ${String(ms)} ms${reasons.join('')}`;
}
