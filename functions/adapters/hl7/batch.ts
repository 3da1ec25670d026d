import type { Instant } from '#core/time.js';
import { hl7Time } from './ack.ts';
import { build } from './build.ts';
import { Lines } from './lines.ts';
import type { Message, Problem } from './message.ts';

/** What a batch file holds. */
export interface Batch {
  /** Each as its own bytes, line end included. */
  readonly messages: readonly Buffer[];
  /** Its own counts (BTS-1, FTS-1) say otherwise: part of it was lost, or never written. Null: they agree, or none is given. */
  readonly problem: Problem | null;
}

/**
 * Takes a batch apart: FHS and BHS, messages, BTS and FTS, each of the four optional but one of the first two (HL7 v2.5.1 chapter 2.10.3). Any
 * delimiters, any line ends. Null: it begins with neither FHS nor BHS, so it is one message.
 */
export function splitBatch(bytes: Buffer): Batch | null {
  const view = bytes.toString('latin1');
  const start = view.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  if (!/^\s*[FB]HS[^A-Za-z0-9\s]/u.test(view.slice(start, start + 80))) return null;
  const messages: Buffer[] = [];
  const counts = new Counts();
  const lines = new Lines(view, false);
  let begin = -1;
  for (let from = start; from < view.length; from = lines.next) {
    lines.find(from);
    const line = view.slice(from, lines.stop).trimStart();
    const name = /^(MSH|FHS|BHS|BTS|FTS)(?:[^A-Za-z0-9\s]|\s*$)/u.exec(line)?.[1];
    if (name === undefined) continue;
    if (begin >= 0) messages.push(bytes.subarray(begin, from));
    begin = name === 'MSH' ? from : -1;
    counts.take(name, line);
  }
  if (begin >= 0) messages.push(bytes.subarray(begin));
  return { messages, problem: counts.problem };
}

/** The messages since BHS against BTS-1, the batches since FHS against FTS-1. */
class Counts {
  problem: Problem | null = null;
  private messages = 0;
  private batches = 0;

  take(name: string, line: string): void {
    if (name === 'MSH') this.messages += 1;
    if (name === 'BHS') this.messages = 0;
    if (name === 'BTS') this.compare('BTS', line, this.messages, 'messages');
    if (name === 'BTS') this.batches += 1;
    if (name === 'FTS') this.compare('FTS', line, this.batches, 'batches');
  }

  private compare(segment: string, line: string, count: number, what: string): void {
    const said = (line.slice(4).split(line.charAt(3))[0] ?? '').trim();
    if (said === '' || Number(said) === count) return;
    const text = `${segment}-1 does not say the number of ${what} that came, ${count}. Send the batch again, whole.`;
    this.problem ??= { segment, field: 1, code: '102', text };
  }
}

/** The answers to a batch as a batch: BHS, the ACK messages in its order, BTS with their number (HL7 v2.5.1 chapter 2.10.3). */
export function batchOf(answers: readonly Buffer[], at: Instant): Buffer {
  const head = build([['BHS', { 7: hl7Time(at) }]]);
  const tail = build([['BTS', { 1: String(answers.length) }]]);
  return Buffer.concat([head, ...answers, tail].flatMap((part) => part ?? []));
}

/** Is it a part of a message that goes on in another (DSC-1 filled), or goes on from one (ADD)? HL7 v2.5.1 chapter 2.10.2. */
export function isContinued(message: Message): boolean {
  return message.text('DSC-1') !== '' || message.first('ADD') !== null;
}
