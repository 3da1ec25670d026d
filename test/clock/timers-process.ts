import { writeSync } from 'node:fs';
import { machineClocks, steadyClock } from '#adapters/embedded/steady-clock.js';
import type { ClockMark } from '#adapters/embedded/steady-clock.js';
import { addSeconds } from '#core/time.js';
import { startWorker } from '#engine/worker.js';
import { silentLog } from '../support/clinic.ts';
import { appendTo, caseNo, effects, embeddedStores } from '../support/store-fixture.ts';

/**
 * A process with timers on the embedded store in the folder of its first argument: one for each second of the second argument, armed when the store is new.
 * Says `MARK` and where its clock stands, `FIRED` with the timer's name, `STEP` with what its clock was told. Each line begins with milliseconds that nobody can set.
 */
const [folder = '', seconds = '0', marked = 'null'] = process.argv.slice(2);
const clocks = machineClocks();
const say = (text: string): void => {
  writeSync(1, `${Math.round(clocks.uptime() * 1000)} ${text}\n`);
};
const clock = steadyClock(clocks, JSON.parse(marked) as ClockMark | null, (step) => {
  say(`STEP ${step.seconds} ${step.followed ? 'followed' : 'not followed'}`);
});
const stores = embeddedStores(folder);
const start = clock.now();
for (let n = 1; n <= Number(seconds); n += 1) {
  await appendTo(stores, caseNo(n), { at: start, effects: [{ effect: effects.wake(`after-${n}`, 1, addSeconds(start, n)), suppressed: false }] });
}
say(`MARK ${JSON.stringify(clock.mark())}`);
startWorker(
  {
    name: 'deadlines',
    atOnce: 1,
    take: (now) => stores.deadlines.due(now, 100),
    async do(deadline) {
      await stores.deadlines.fire(deadline, clock.now());
      say(`FIRED ${deadline.name}`);
    },
    nextDue: () => stores.deadlines.nextDue(),
  },
  clock,
  silentLog(),
);
