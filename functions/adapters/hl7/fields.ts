import type { Field } from '#ports/queue.js';
import { decode } from './message.ts';

/** Every filled field of a message, delimiters and escapes as they stand; null when the bytes are no HL7 message. */
export function fieldsOf(bytes: Buffer): readonly Field[] | null {
  const { message } = decode(bytes);
  if (message === null) return null;
  const seen = new Map<string, number>();
  return message.segments.flatMap((segment) => {
    const name = /^[A-Z][A-Z0-9]{2}$/u.test(segment.name) ? segment.name : '???';
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    const fields = Array.from({ length: segment.length }, (_, index) => ({ segment: name, nth, field: index + 1, value: segment.raw(index + 1) }));
    // A segment without a name of three letters is text: as one field.
    if (name === '???') return [{ segment: name, nth, field: 0, value: segment.bytes.toString('latin1') }];
    return fields.filter(({ value }) => value !== '');
  });
}
