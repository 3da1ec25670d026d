import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Deframer, framed, KEPT_BYTES } from '#adapters/hl7/mllp.js';
import type { Arrived } from '#adapters/hl7/mllp.js';

const [START, END] = [0x0b, 0x1c];

function all(portions: readonly Uint8Array[], limit = 1000): Arrived[] {
  const deframer = new Deframer(limit);
  return [...portions.flatMap((portion) => [...deframer.push(Buffer.from(portion))]), ...deframer.end()];
}

function frames(arrived: readonly Arrived[]): string[] {
  return arrived.flatMap((item) => (item.kind === 'frame' ? [item.bytes.toString()] : []));
}

it('gives the same for every way of cutting the stream', () => {
  const byte = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(START, END, 0x0d, 0x0a, 0x41) }, { weight: 1, arbitrary: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 8 }), fc.nat(12), (bytes, cuts, limit) => {
      const stream = Buffer.from(bytes);
      const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, stream.length)), stream.length])].sort((a, b) => a - b);
      const portions = places.map((place, index) => stream.subarray(place, places[index + 1] ?? stream.length));
      expect(all(portions, limit)).toEqual(all([stream], limit));
      expect(all([...stream].map((one) => Buffer.from([one])), limit)).toEqual(all([stream], limit)); // prettier-ignore
    }),
    { numRuns: 500 },
  );
});

it('gives back what was framed, several in one packet too', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (texts) => {
      // The two marks never stand in HL7 text.
      const plain = texts.map((text) => [...text].filter((sign) => sign !== '\u000b' && sign !== '\u001c').join(''));
      expect(frames(all([Buffer.concat(plain.map((text) => framed(Buffer.from(text))))]))).toEqual(plain);
    }),
  );
});

it('begins anew at a start block inside a frame and reports what it gave up', () => {
  expect(all([Buffer.from('\u000bhalf\u000bwhole\u001c\r')])).toEqual([
    { kind: 'fault', why: 'new-start-in-frame', bytes: Buffer.from('half'), length: 4 },
    { kind: 'frame', bytes: Buffer.from('whole') },
  ]);
});

it('reports bytes between frames, but no line ends', () => {
  expect(all([Buffer.from('noise\u000bA\u001c\r\r\n\u000bB\u001c\r')])).toEqual([
    { kind: 'fault', why: 'between-frames', bytes: Buffer.from('noise'), length: 5 },
    { kind: 'frame', bytes: Buffer.from('A') },
    { kind: 'frame', bytes: Buffer.from('B') },
  ]);
});

it('reports a frame that never ended', () => {
  expect(all([Buffer.from('\u000bABC')])).toEqual([{ kind: 'fault', why: 'unfinished-frame', bytes: Buffer.from('ABC'), length: 3 }]);
});

it('holds only the beginning of a frame over the limit, with its length and hash, and reads the next one', () => {
  const long = Buffer.alloc(3_000_000, 'x');
  const [first, second] = all([Buffer.concat([framed(long), framed(Buffer.from('next'))])], 1_000_000);
  expect(first?.kind === 'oversize' && first.oversize).toEqual({
    first64k: long.subarray(0, KEPT_BYTES),
    length: long.length,
    sha256: createHash('sha256').update(long).digest('hex'),
  });
  expect(second).toEqual({ kind: 'frame', bytes: Buffer.from('next') });
});

it('takes exactly the limit, and 2 MB a byte at a time in linear time', () => {
  expect(frames(all([framed(Buffer.alloc(1000, 'x'))]))).toHaveLength(1);
  const started = performance.now();
  const deframer = new Deframer();
  const single = Buffer.from('x');
  deframer.push(Buffer.from([START]));
  for (let n = 0; n < 2_000_000; n += 1) deframer.push(single);
  const [frame] = deframer.push(Buffer.from([END]));
  expect(frame?.kind === 'frame' && frame.bytes.length).toBe(2_000_000);
  expect(performance.now() - started).toBeLessThan(10_000);
});
