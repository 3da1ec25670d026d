import { splitBatch } from '#adapters/hl7/batch.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { decode } from '#adapters/hl7/message.js';
import type { Message } from '#adapters/hl7/message.js';
import { Deframer } from '#adapters/hl7/mllp.js';
import type { Arrived } from '#adapters/hl7/mllp.js';
import { toInstant } from '#core/time.js';
import type { Chance } from './mutate.ts';

const door = hl7Door({
  settings: { zone: 'America/New_York' },
  fieldMap: { accessionNumber: ['OBR-18', 'IPC-1', 'ZDS-1'], protocol: 'OBR-19', preferredAssigners: ['NORTH-MRN'] },
  procedureMap: { imaging: [{ code: 'CTHEAD', modality: 'CT', text: 'CT head' }], notImaging: [{ code: 'CBC', text: 'blood count' }] },
});
const noon = toInstant(Date.UTC(2026, 10, 25, 12));

/** What must hold for any bytes at a door. Each throws what is wrong. */
export function codec(bytes: Buffer, chance: Chance): void {
  const decoded = decode(bytes, chance.upTo(8) === 0, chance.upTo(4) === 0);
  if (decoded.message === null) return;
  if (!decoded.message.encode().equals(bytes)) throw new Error('encode(decode(bytes)) is not bytes');
  readAll(decoded.message);
}

function readAll(message: Message): void {
  for (const segment of message.segments.slice(0, 8)) {
    if (segment.name !== 'MSH' && segment.length < 0) throw new Error('a segment without length');
    for (let field = 1; field <= Math.min(segment.length, 6); field += 1) {
      const repetitions = segment.repetitions(field);
      if ((segment.raw(field) === '') !== (repetitions === 0)) throw new Error('repetitions do not agree with the field');
      for (let repetition = 1; repetition <= Math.min(repetitions, 2); repetition += 1) {
        const value = segment.value(field, undefined, undefined, repetition);
        if (segment.text(field, undefined, undefined, repetition) !== value.trim()) throw new Error('text is not value without blanks');
        segment.value(field, 2, 2, repetition);
        segment.isTruncated(field, 1, undefined, repetition);
      }
      if (segment.said(field) === 'absent' && segment.value(field) !== '') throw new Error('an absent field has a value');
    }
  }
}

export function framer(bytes: Buffer, chance: Chance): void {
  const limit = chance.upTo(8) === 0 ? 1 + chance.upTo(100) : 10_000;
  const whole = arrivals([bytes], limit);
  for (let times = 0; times < 2; times += 1) {
    if (arrivals(pieces(bytes, chance), limit) !== whole) throw new Error('frames depend on how the bytes were cut');
  }
}

function pieces(bytes: Buffer, chance: Chance): readonly Buffer[] {
  const parts: Buffer[] = [];
  const most = 1 + chance.upTo(chance.upTo(16) === 0 ? 3 : bytes.length);
  for (let from = 0; from < bytes.length;) {
    const to = from + 1 + chance.upTo(most);
    parts.push(bytes.subarray(from, to));
    from = to;
  }
  return parts;
}

/** As one text, for comparing. */
function arrivals(parts: readonly Buffer[], limit: number): string {
  const deframer = new Deframer(limit);
  let all = '';
  for (const part of parts) for (const one of deframer.push(part)) all += told(one);
  for (const one of deframer.end()) all += told(one);
  if (deframer.isWaiting) throw new Error('the framer still waits after the end');
  return all;
}

function told(one: Arrived): string {
  switch (one.kind) {
    case 'frame':
      return `frame ${one.bytes.toString('latin1')}\u0000`;
    case 'oversize':
      return `oversize ${one.oversize.length} ${one.oversize.sha256} ${one.oversize.first64k.toString('latin1')}\u0000`;
    case 'fault':
      return `${one.why} ${one.length} ${one.bytes.toString('latin1')}\u0000`;
  }
}

export function judging(bytes: Buffer): void {
  const batch = splitBatch(bytes);
  if (batch !== null && batch.messages.some((message) => !message.toString('latin1').trimStart().startsWith('MSH'))) {
    throw new Error('a batch gave something that is no message');
  }
  const { answers, acknowledgement, messageType } = door.judge(bytes, noon);
  const isAnswer = acknowledgement !== null || /ACK|^OR[RGI]|^RRI|^MCF/u.test(messageType ?? '') || bytes.includes('MSA');
  const isSilent = answers.commit === null && answers.application === null;
  // Enhanced mode may ask for nothing; an ACK is not acknowledged.
  if (isSilent && !isAnswer && !/MSH/u.test(bytes.toString('latin1'))) throw new Error('no answer');
  for (const answer of [answers.commit, answers.application]) {
    if (answer === null) continue;
    const read = decode(answer);
    if (!read.ok || read.message.text('MSA-1') === '') throw new Error('the answer is no message with MSA');
    if (answer.includes(0x0b) || answer.includes(0x1c)) throw new Error('the answer holds a framing byte');
  }
}
