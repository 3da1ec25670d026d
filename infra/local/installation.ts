import { createServer } from 'node:net';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startPart } from './children.ts';
import type { Part } from './children.ts';
import { REHEARSAL_APP_ID, edgeServiceUrl, edgeSettings, edgeUrl } from './edge/settings.ts';

/** Ports of everything that runs on one machine; all of them on loopback. */
export interface Ports {
  readonly mllp: number;
  readonly http: number;
  readonly edge: number;
  readonly playground: number;
  readonly faces: readonly [number, number];
  readonly ris: number;
  readonly ehr: number;
  readonly page: number;
  readonly model: number;
  /** What stands in for paging systems: webhook, SMS and calls; mail; the printer. */
  readonly pages: number;
  readonly smtp: number;
  readonly printer: number;
}

export const usualPorts: Ports = {
  mllp: 2575,
  http: 7071,
  edge: 3979,
  playground: 56150,
  faces: [3981, 3982],
  ris: 2576,
  ehr: 8091,
  page: 8090,
  model: 8092,
  pages: 8093,
  smtp: 8094,
  printer: 8095,
};

/** The same layout from `base` on, so that two installations can stand beside each other. */
export function portsFrom(base: number): Ports {
  return {
    mllp: base,
    http: base + 1,
    edge: base + 2,
    playground: base + 3,
    faces: [base + 4, base + 5],
    ris: base + 6,
    ehr: base + 7,
    page: base + 8,
    model: base + 9,
    pages: base + 10,
    smtp: base + 11,
    printer: base + 12,
  };
}

/** A port is taken by somebody else. */
export class PortInUse extends Error {
  override name = 'PortInUse';
}

/** @throws PortInUse, which names the port and what it is for. */
export async function checkFree(ports: Ports, skip: readonly (keyof Ports)[] = []): Promise<void> {
  for (const [name, value] of Object.entries(ports) as [keyof Ports, number | readonly number[]][]) {
    if (skip.includes(name)) continue;
    for (const port of typeof value === 'number' ? [value] : value) {
      if (!(await isFree(port))) {
        throw new PortInUse(`Port ${port} (${name}) is in use on 127.0.0.1: end what listens there, or move all ports with --base-port N.`);
      }
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => {
      done(false);
    });
    probe.listen({ port, host: '127.0.0.1' }, () => {
      probe.close(() => {
        done(true);
      });
    });
  });
}

export interface ServiceOptions {
  readonly site: string;
  readonly data: string;
  readonly ports: Ports;
  /** The site's tenant, as in channels.json. */
  readonly fault: string;
  readonly teamsLimit?: 'on' | 'off';
  /** Name of the occasion on which the Teams client lost what it showed; null: it kept it. */
  readonly cardsLost: string | null;
  /** Further settings of functions/config.ts. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Options of Node for the service, which keep its memory as it is under load: its young generation stays at 16 MB (left alone it grows to four times that), and its
 * old one is cleared when it has grown by 60 % (left alone it grows to four times what lives in it).
 */
export const SERVICE_NODE_OPTIONS: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=60'];

/** The service's own process: the Function App, the engine, the bot, the MLLP listener. */
export function startService(options: ServiceOptions): Promise<Part> {
  const { data, ports, fault, teamsLimit = 'on', cardsLost, env = {} } = options;
  return startPart({
    name: 'service',
    args: [...SERVICE_NODE_OPTIONS, 'infra/local/service.ts', '--http-port', String(ports.http), '--mllp-port', String(ports.mllp)],
    logFile: logOf(data, 'service'),
    env: {
      ...settingsOf(options),
      RADLOOP_TEAMS_LIMIT: teamsLimit,
      RADLOOP_TAB_URL: `http://127.0.0.1:${ports.http}/api/tab/`,
      ...(fault === 'model-hangs' ? { RADLOOP_MODEL_URL: `http://127.0.0.1:${ports.model}/model` } : {}),
      ...(cardsLost === null ? {} : { RADLOOP_CARDS_LOST: cardsLost }),
      ...env,
    },
  });
}

/** The watcher, on the service's store. @param more options of infra/local/watcher.ts */
export function startWatcher(options: Pick<ServiceOptions, 'site' | 'data' | 'ports' | 'env'>, more: readonly string[] = []): Promise<Part> {
  const { data, ports, env = {} } = options;
  return startPart({
    name: 'watcher',
    args: ['infra/local/watcher.ts', ...more],
    logFile: logOf(data, 'watcher'),
    env: { ...settingsOf(options), RADLOOP_ROLE: 'auditor', RADLOOP_SERVICE_URL: `http://127.0.0.1:${ports.http}`, ...env },
  });
}

/** Settings that the service and its watcher share. */
function settingsOf({ site, data, ports }: Pick<ServiceOptions, 'site' | 'data' | 'ports'>): Readonly<Record<string, string>> {
  const { tenantId } = JSON.parse(readFileSync(join(site, 'channels.json'), 'utf8')) as { tenantId: string };
  return {
    ...edgeSettings(ports.edge, REHEARSAL_APP_ID, tenantId),
    RADLOOP_SITE: resolve(site),
    RADLOOP_DATA: join(resolve(data), 'store'),
    RADLOOP_RIS: `127.0.0.1:${ports.ris}`,
    RADLOOP_EHR_URL: `http://127.0.0.1:${ports.ehr}/fhir`,
    RADLOOP_PAGES: `http://127.0.0.1:${ports.pages}`,
    RADLOOP_SMTP: `127.0.0.1:${ports.smtp}`,
    RADLOOP_PRINTER: `127.0.0.1:${ports.printer}`,
    RADLOOP_TEAMS_SERVICE_URL: edgeServiceUrl(ports.edge),
  };
}

/** The Teams side: signing edge, Agents Playground, a page for each of two people; without the Playground the edge stands in for Teams. */
export function startTeams(options: { site: string; data: string; ports: Ports; playground: boolean }): Promise<Part> {
  const { site, data, ports, playground } = options;
  const where = ['--data', resolve(data), '--site', site, '--port', String(ports.edge), '--bot', `http://127.0.0.1:${ports.http}/api/messages`];
  const pages = playground ? ['--playground-port', String(ports.playground), '--face-ports', ports.faces.join(',')] : ['--no-playground'];
  return startPart({ name: 'teams', args: ['infra/local/edge/main.ts', ...where, ...pages, '--json'], logFile: logOf(data, 'teams') });
}

/** The rehearsal hospital: RIS, EHR, orders, people. `more` are further options of infra/rehearsal/main.ts. */
export function startHospital(options: { site: string; data: string; ports: Ports; more: readonly string[] }): Promise<Part> {
  const { site, data, ports, more } = options;
  const own = [
    '--ris-port',
    String(ports.ris),
    '--ehr-port',
    String(ports.ehr),
    '--page-port',
    String(ports.page),
    '--model-port',
    String(ports.model),
    '--paging-ports',
    [ports.pages, ports.smtp, ports.printer].join(','),
  ];
  const others = ['--radloop-mllp', `127.0.0.1:${ports.mllp}`, '--teams', edgeUrl(ports.edge)];
  const args = ['infra/rehearsal/main.ts', '--data', resolve(data), '--site', site, ...own, ...others, ...more, '--json'];
  return startPart({ name: 'hospital', args, logFile: logOf(data, 'hospital') });
}

function logOf(data: string, name: string): string {
  const folder = join(resolve(data), 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${name}.log`);
}
