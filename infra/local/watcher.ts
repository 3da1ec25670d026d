import { parseArgs } from 'node:util';
import { machineClocks, steadyClock } from '#adapters/embedded/steady-clock.js';
import { LOOK_EVERY, PING_EVERY } from '#engine/watcher.js';
import { clockMark } from '../../functions/clock-mark.ts';
import { readConfig } from '../../functions/config.ts';
import { openStores } from '../../functions/open-stores.ts';
import { watch } from '../../functions/telemetry.ts';
import { openWatcher, watchedSite } from '../../functions/watching.ts';
import { writeLines } from '../../functions/write-lines.ts';

/**
 * The watcher's process on one machine, beside the service and not of it (engine/watcher.ts): it looks over the store itself every ten seconds, pages by itself, and pings
 * whoever is outside for as long as all is well. Started by infra/local/start.ts with the service's settings, RADLOOP_ROLE=auditor and RADLOOP_SERVICE_URL. `--faster N`
 * at a rehearsal site: everything so many times as often. Prints one JSON line when it watches.
 */
const { values } = parseArgs({ options: { faster: { type: 'string', default: '1' } } });
const config = readConfig();
const site = watchedSite(config);
const stores = await openStores(config);
const clock = steadyClock(machineClocks(), await clockMark(stores.cursors), () => undefined);
const watching = watch(config, site, stores, clock, writeLines());
const faster = site.settings.rehearsal ? Math.max(1, Number(values.faster)) : 1;
const watcher = openWatcher({ config, site, stores, clock, log: watching.log, faster });

const every = (seconds: number, work: (() => Promise<void>) | undefined): NodeJS.Timeout =>
  setInterval(
    () => {
      work?.().catch(() => process.exit(1));
    },
    (seconds * 1000) / faster,
  );
const timers = [every(LOOK_EVERY, watcher?.look), every(PING_EVERY, watcher?.prove)];
await watcher?.look();
process.stdout.write(`${JSON.stringify({ ready: true, watches: watcher !== null })}\n`);

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  for (const timer of timers) clearInterval(timer);
  await watching.stop();
  await stores.close();
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    end().catch(() => process.exit(1));
  });
