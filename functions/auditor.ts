import { machineClocks, steadyClock } from '#adapters/embedded/steady-clock.js';
import { startSealer } from '#engine/audit-sealer.js';
import { readConfig } from './config.ts';
import { openStores } from './open-stores.ts';
import { watch } from './telemetry.ts';
import { registerTick } from './triggers/tick.ts';
import { registerWatcher } from './triggers/watcher.ts';
import { openWatcher, watchedSite } from './watching.ts';
import { writeLines } from './write-lines.ts';

/**
 * The auditor's app (DECISIONS 31): signs the audit trail and anchors it outside the store, with an identity that may do that and may change no case. It has no doors and
 * no work; where the site pages people it watches the alerts too (engine/watcher.ts). The service looks how old the last anchor is (`audit.anchor.age`), so that an auditor that stands still is seen.
 */
const config = readConfig();
const site = watchedSite(config);
const stores = await openStores(config);
const clock = steadyClock(machineClocks(), null, () => undefined);
const watching = watch(config, site, stores, clock, writeLines());
const sealer = startSealer({ audit: stores.audit, anchor: stores.anchor, clock, log: watching.log });
const watcher = openWatcher({ config, site, stores, clock, log: watching.log });
if (watcher !== null) registerWatcher(watcher);
// The sealer keeps its own time; the timer keeps an instance of the app.
registerTick(() => Promise.resolve());

export const radloop = {
  async stop(): Promise<void> {
    await sealer.stop();
    await watching.stop();
    await stores.close();
  },
};
