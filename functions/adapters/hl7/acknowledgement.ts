import type { AcknowledgementReceived } from '#domain/hospital-event.js';
import type { Message, Segment } from './message.ts';
import { kept } from './reading.ts';
import type { Heard, Reading } from './reading.ts';

const codes: readonly string[] = ['AA', 'AE', 'AR', 'CA', 'CE', 'CR'] satisfies AcknowledgementReceived['code'][];

/** An answer to something that we sent: matched by MSA-2. What it says of an order (ORC of an ORR) is not read: the order itself is told by its own messages. */
export function readAcknowledgement({ message }: Heard): Reading {
  const code = message.text('MSA-1.1').toUpperCase();
  const controlId = message.text('MSA-2');
  if (!isCode(code)) return kept('MSA-1 is no acknowledgement code (AA, AE, AR, CA, CE, CR): the answer is kept and counts for nothing.');
  if (controlId === '') return kept('MSA-2 is empty: the answer is kept and counts for nothing.');
  return {
    ok: true,
    tells: false,
    events: [],
    acknowledgement: { type: 'acknowledgementReceived', code, controlId, detail: detailOf(message) },
    reason: null,
  };
}

function isCode(text: string): text is AcknowledgementReceived['code'] {
  return codes.includes(text);
}

/** Codes and places alone: the texts of others may hold patient data. */
function detailOf(message: Message): string {
  const said = message.all('ERR').flatMap((error) => {
    const isNew = error.text(3, 1) !== '';
    const [code, place] = isNew ? [error.text(3, 1), placeOf(error, 2)] : [error.text(1, 4, 1), placeOf(error, 1)];
    return [[word(code), place].filter((part) => part !== '').join(' at ')];
  });
  const old = message.text('MSA-6.1');
  return [...said, word(old)].filter((text) => text !== '').join(', ');
}

function placeOf(error: Segment, field: 1 | 2): string {
  const [segment, at] = [error.text(field, 1), error.text(field, 3)];
  return /^[A-Z][A-Z0-9]{2}$/u.test(segment) ? segment + (/^\d{1,3}$/u.test(at) && Number(at) > 0 ? `-${at}` : '') : '';
}

/** A code has a number (207, E1204); anything else may be somebody's name in a wrong field. */
function word(code: string): string {
  return /^[A-Za-z]{0,4}\d{1,5}$/u.test(code) ? code : '';
}
