import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '../../infra/local/children.ts';
import { edgeUrl } from '../../infra/local/edge/settings.ts';
import { startHospital, startService, startTeams } from '../../infra/local/installation.ts';
import type { Ports } from '../../infra/local/installation.ts';
import { teamsSide } from '../../infra/rehearsal/teams-side.ts';
import type { TeamsSide } from '../../infra/rehearsal/teams-side.ts';
import { startAzurePart } from './azure-part.ts';
import type { AzurePart, StoreAt } from './azure-part.ts';
import { testSite } from './planned-orders.ts';
import { takePorts } from './ports.ts';

/** A whole Radloop on this machine, each part in a process of its own; the Teams side is the edge's stand-in, our own send limiter is off unless it is asked for. */
export interface TestInstallation {
  /** Folder with `ledgers/`, `logs/` and the service's `store/`. */
  readonly data: string;
  /** Folder of an embedded store, to be looked at once the service has ended. */
  readonly store: string;
  /** Where the service keeps things, whichever parts it runs on. */
  readonly kept: StoreAt;
  readonly ports: Ports;
  /** Process id of the service that runs now. */
  servicePid(): number;
  /** Acts as a person. */
  readonly teams: TeamsSide;
  /** Starts the hospital; `more` are options of infra/rehearsal/main.ts. */
  openHospital(more: readonly string[]): Promise<void>;
  /** SIGKILL to the service alone, and the same service again at once. Gives the time at which it was dead, in epoch milliseconds. */
  killAndRestart(): Promise<number>;
  /** Ends the hospital alone, in peace; it may be opened again. */
  stopHospital(): Promise<void>;
  /** Ends the service alone, in peace. */
  stopService(): Promise<void>;
  /** The same service again. */
  startService(): Promise<void>;
  /** Ends the hospital and the service in peace, so that everything outside has said its last word. */
  stop(): Promise<void>;
  /** Kills whatever still runs and takes the folder away; after a failed test too. */
  clear(keep?: boolean): Promise<void>;
}

/** What the service keeps things in: `RADLOOP_TEST_STORE=azure` puts whole installations on the Azure parts, against peers of our own. */
export type PartsOf = 'embedded' | 'azure';
export const PARTS: PartsOf = process.env['RADLOOP_TEST_STORE'] === 'azure' ? 'azure' : 'embedded';

export interface InstallationOptions {
  /** Folder of the site. */
  readonly site?: string;
  readonly partsOf?: PartsOf;
  /** Our own limit of sends to Teams. */
  readonly teamsLimit?: 'on' | 'off';
  /** Further settings of functions/config.ts. */
  readonly env?: (ports: Ports) => Readonly<Record<string, string>>;
}

/** Needs dist/ to be built. Its ports are its own (ports.ts): installations of several test files stand side by side. */
export async function openInstallation(options: InstallationOptions = {}): Promise<TestInstallation> {
  const { site = testSite, partsOf = PARTS, teamsLimit = 'off', env = () => ({}) } = options;
  const { ports, release } = await takePorts();
  const data = mkdtempSync(join(tmpdir(), 'radloop-test-'));
  const where = { site, data, ports };
  const parts = new Map<string, Part>();
  /** Parts that are on their way up: a test that ran out of time may leave one behind. */
  const starting = new Set<Promise<void>>();
  const started = async (part: Promise<Part>): Promise<void> => {
    const up = part.then((running) => {
      parts.set(running.name, running);
    });
    starting.add(up);
    await up.finally(() => starting.delete(up));
  };
  const openService = (): Promise<void> =>
    started(startService({ ...where, fault: 'none', teamsLimit, cardsLost: null, env: { ...azure?.env, ...env(ports) } }));
  const clear = async (keep = false): Promise<void> => {
    await Promise.allSettled(starting);
    await Promise.all([...parts.values()].map((part) => part.kill()));
    parts.clear();
    await azure?.kill();
    await release();
    if (!keep) rmSync(data, { recursive: true, force: true });
  };
  let azure: AzurePart | null = null;
  try {
    if (partsOf === 'azure') azure = await startAzurePart(data);
    process.stdout.write(
      `The service keeps things in ${partsOf === 'azure' ? 'the Azure parts, against peers of our own' : 'the embedded parts'}.\n`,
    );
    await started(startTeams({ ...where, playground: false }));
    await openService();
  } catch (error) {
    await clear();
    throw error;
  }
  return {
    data,
    store: join(data, 'store'),
    kept: azure?.env ?? join(data, 'store'),
    ports,
    servicePid: () => parts.get('service')?.pid ?? 0,
    teams: teamsSide(edgeUrl(ports.edge), 30_000),
    openHospital: (more) => started(startHospital({ ...where, more })),
    async killAndRestart() {
      await parts.get('service')?.kill();
      const dead = Date.now();
      parts.delete('service');
      await openService();
      return dead;
    },
    async stopHospital() {
      await parts.get('hospital')?.stop();
      parts.delete('hospital');
    },
    async stopService() {
      await parts.get('service')?.stop();
      parts.delete('service');
    },
    startService: openService,
    async stop() {
      for (const name of ['hospital', 'service', 'teams']) {
        await parts.get(name)?.stop();
        parts.delete(name);
      }
    },
    clear,
  };
}
