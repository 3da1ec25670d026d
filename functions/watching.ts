import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { livePeople } from '#adapters/embedded/live-people.js';
import { keptOnLoopback, siteToRun } from '#adapters/embedded/site-folder.js';
import { machineClocks, steadyClock } from '#adapters/embedded/steady-clock.js';
import { pagerOf } from '#adapters/paging/pager.js';
import { ping } from '#adapters/paging/ping.js';
import { isLoopback, pagingSettings } from '#domain/paging.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Site } from '#domain/site.js';
import { watcher } from '#engine/watcher.js';
import type { Watcher } from '#engine/watcher.js';
import type { Clock } from '#ports/clock.js';
import type { Log } from '#ports/log.js';
import { clockMark } from './clock-mark.ts';
import { ConfigError } from './config.ts';
import type { Config } from './config.ts';
import { pagingAt } from './paging-at.ts';
import type { Stores } from './stores.ts';

/** What is watched. */
const WORKFLOW = 'critical-results';
/** The timer that each of its cases has; and that of one that is closed, where somebody has not seen what was changed (workflows/critical-results). */
const WINDOW = 'window';
const SEEN = 'seen';

interface Given {
  readonly config: Config;
  readonly site: Site;
  readonly stores: Pick<Stores, 'pending' | 'cursors' | 'audit'>;
  readonly clock: Clock;
  readonly log: Log;
  /** At a rehearsal alone. @default 1 */
  readonly faster?: number;
}

/** The site's folder with the addresses that the environment gives to whoever watches. Throws SiteError, ConfigError. */
export function watchedSite(config: Config): Site {
  const site = siteToRun(config.RADLOOP_SITE);
  const { RADLOOP_SERVICE_URL: service, RADLOOP_DEADMAN_URL: url } = config;
  if (site.settings.rehearsal && service !== undefined && !isLoopback(new URL(service).hostname))
    throw new ConfigError('RADLOOP_SERVICE_URL: a rehearsal site may only reach this machine (127.0.0.1).');
  return keptOnLoopback({ ...site, paging: site.paging && deadmanAt(pagingAt(site.paging, config), url) });
}

function deadmanAt(paging: PagingSettings, url: string | undefined): PagingSettings {
  if (url === undefined) return paging;
  const deadman = pagingSettings.shape.deadman.safeParse({ url });
  if (!deadman.success) throw new ConfigError(`RADLOOP_DEADMAN_URL: ${deadman.error.issues.map(({ message }) => message).join('; ')}`);
  return { ...paging, deadman: deadman.data };
}

/** The watcher with a pager of its own; null: the site pages nobody, so there are no alerts. Throws ConfigError. */
export function openWatcher({ config, site, stores, clock, log, faster = 1 }: Given): Watcher | null {
  const { paging, settings, people } = site;
  if (paging === null) return null;
  const { RADLOOP_SITE: folder, RADLOOP_SERVICE_URL: service } = config;
  const deadman = paging.deadman?.url;
  if (deadman !== undefined && service === undefined)
    throw new ConfigError('RADLOOP_SERVICE_URL: needed where somebody outside is pinged: that the service gets on is asked there.');
  let last = clock;
  return watcher({
    ...{ paging, language: settings.language, log, faster },
    pager: pagerOf(paging, { clock, log, readKey: (file) => readFileSync(join(folder, file), 'utf8') }),
    directory: livePeople({ folder, language: settings.language, first: people, log, now: () => performance.now() }),
    pending: () => stores.pending.open(WORKFLOW),
    timerOf: ({ status }) => (status === 'changed' ? SEEN : WINDOW),
    // As a service would have it that started now: its timers go by the mark of the one that runs, whatever somebody has set meanwhile.
    async now() {
      last = await clockMark(stores.cursors).then((mark) => steadyClock(machineClocks(), mark, () => undefined), () => last); // prettier-ignore
      return last.now();
    },
    ...{ cursors: stores.cursors, audit: stores.audit },
    progress: () => (service === undefined ? Promise.resolve(false) : ping(`${service.replace(/\/+$/u, '')}/api/healthz/progress`)),
    ping: deadman === undefined ? null : () => ping(deadman),
  });
}
