import fc from 'fast-check';
import { Deframer, framed } from '#adapters/hl7/mllp.js';
import type { Arrived } from '#adapters/hl7/mllp.js';

const stream = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => framed(Buffer.from(bytes))),
      fc.constantFrom('\u000b', '\u001c', '\u001c\r', '\r', '\n', '\u000bMSH|^~\\&|', 'PID|1\r').map((text) => Buffer.from(text)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts));

function arrivals(parts: readonly Buffer[], limit: number): readonly Arrived[] {
  const deframer = new Deframer(limit);
  return [...parts.flatMap((part) => deframer.push(part)), ...deframer.end()];
}

function cut(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let turn = 0; from < bytes.length; turn += 1) {
    const to = from + (lengths[turn % lengths.length] ?? 1);
    parts.push(bytes.subarray(from, to));
    from = to;
  }
  return parts;
}

const limit = fc.constantFrom(1, 7, 30, 10_000);

it('gives the same frames and faults however the stream is cut', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }), limit, (bytes, lengths, most) => {
      expect(arrivals(cut(bytes, lengths), most)).toEqual(arrivals([bytes], most));
    }),
    { numRuns: 1000 },
  );
});

it('gives the same for every single place of one cut, and byte by byte', () => {
  fc.assert(
    fc.property(stream, limit, (bytes, most) => {
      const whole = arrivals([bytes], most);
      for (let at = 0; at <= bytes.length; at += 1) expect(arrivals([bytes.subarray(0, at), bytes.subarray(at)], most)).toEqual(whole);
      expect(arrivals(cut(bytes, [1]), most)).toEqual(whole);
    }),
    { numRuns: 100 },
  );
});

it('gives every message of a stream of frames, once and in order, however many are merged', () => {
  const messages = fc.array(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0b && byte !== 0x1c))),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (all, lengths) => {
      const bytes = Buffer.concat(all.map((message) => framed(message)));
      expect(arrivals(cut(bytes, lengths), 10_000)).toEqual(all.map((message) => ({ kind: 'frame', bytes: message })));
    }),
  );
});

it('takes linear time for a frame that comes byte by byte, and for one that does not end', () => {
  const time = (size: number, portion: number): number => {
    const bytes = Buffer.concat([Buffer.from([0x0b]), Buffer.alloc(size, 0x41)]);
    const started = process.cpuUsage().user;
    const deframer = new Deframer();
    for (let from = 0; from < bytes.length; from += portion) deframer.push(bytes.subarray(from, from + portion));
    return (process.cpuUsage().user - started) / 1000;
  };
  expect(time(2_000_000, 1)).toBeLessThan(Math.max(time(250_000, 1), 20) * 24);
  expect(time(40_000_000, 65_536)).toBeLessThan(2000);
});
