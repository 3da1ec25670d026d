import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { toInstant } from '#core/time.js';
import { bytesOf, site } from './hl7-samples.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;

/** Else a busy door stands still for ten milliseconds, seven times a second, while what was read is moved about in memory. */
it('a message that was judged is garbage at once: the next quick collection frees it', () => {
  const door = hl7Door(site);
  const order = (n: number): Buffer =>
    bytesOf(
      `MSH|^~\\&|HIS|NORTH|RADLOOP|NORTH|20261125104000+0000||ORM^O01|M${n}|P|2.5.1`,
      'PID|1||A1^^^X||Bench^Bernadette||19590214|F',
      `ORC|NW|P${n}^HIS`,
      `OBR|1|P${n}^HIS||CTHEADWO^CT HEAD WO CONTRAST^L|||||||||${'headache '.repeat(60)}`,
    );
  const few = Array.from({ length: 50 }, (_, n) => order(n));
  const judge = (times: number): void => {
    for (let n = 0; n < times; n += 1) door.judge(few[n % few.length] ?? Buffer.alloc(0), toInstant(n));
  };
  /** Bytes that are left of each, when only what is young was collected. */
  const left = (): number => {
    collect({ type: 'minor' });
    collect({ type: 'minor' });
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 20; round += 1) {
      judge(100);
      collect({ type: 'minor' });
    }
    return (process.memoryUsage().heapUsed - before) / 2000;
  };
  judge(500);
  // What else happens in this process leaves something now and then; what the door keeps it leaves each time.
  expect(Math.min(left(), left(), left())).toBeLessThan(500);
});
