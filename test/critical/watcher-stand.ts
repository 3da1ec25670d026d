import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventId } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import { addSeconds, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Part } from '../../infra/local/children.ts';
import { startWatcher } from '../../infra/local/installation.ts';
import type { Ports } from '../../infra/local/installation.ts';
import type { PagingSide } from '../../infra/rehearsal/paging-side.ts';
import { startSide, stopSides } from '../support/paging.ts';
import { testSite } from '../support/planned-orders.ts';
import { takePorts } from '../support/ports.ts';
import { caseNo, effects, embeddedStores } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

/** Everything so many times as often as in a hospital. */
export const FASTER = 100;
/** Nothing that leaves may hold these. */
export const PATIENT = ['CANARYMRN77', 'Zzyzxova', 'tension pneumothorax'];

/** A store with alerts, the other ends of paging, somebody outside who is pinged, and watchers in processes of their own. */
export interface Stand {
  readonly data: string;
  readonly stores: EmbeddedStores;
  readonly ports: Ports;
  readonly side: PagingSide;
  /** When the one outside was pinged, of this process in milliseconds; and the heads and bodies of what came. */
  readonly pings: number[];
  readonly asked: string[];
  /** What the stand-in for the service's own word answers: a status, or nothing at all. */
  says: number | 'nothing';
  readonly deadmanUrl: string;
  /** Where nothing stands for the service, a real one may. */
  watch(more?: { readonly faster?: number; readonly standIn?: boolean }): Promise<Part>;
  /** Writes an alert. `at`: its timer; null: none. */
  alert(n: number, at: Instant | null, more?: Written): Promise<CaseNumber>;
  readonly log: () => string;
  /** Ends all watchers at once. */
  stopWatching(): Promise<void>;
  close(): Promise<void>;
}

export const ago = (seconds: number): Instant => addSeconds(toInstant(Date.now()), -seconds);

export async function openStand(): Promise<Stand> {
  const data = mkdtempSync(join(tmpdir(), 'radloop-watcher-'));
  const stores = embeddedStores(join(data, 'store'));
  const side = await startSide();
  const taken = await takePorts();
  const ports = { ...taken.ports, smtp: side.smtpPort, printer: side.printerPort };
  const parts: Part[] = [];
  const [pings, asked]: [number[], string[]] = [[], []];
  const outside = createServer((request, response) => {
    pings.push(performance.now());
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.rawHeaders.join(' ')}`);
    response.end('ok');
  });
  const service = createServer((_, response) => {
    if (stand.says === 'nothing') return;
    response.statusCode = stand.says;
    response.end('{}');
  });
  const [outsidePort, servicePort] = [await listening(outside), await listening(service)];
  const stand: Stand = {
    ...{ data, stores, ports, side, pings, asked, says: 200, deadmanUrl: `http://127.0.0.1:${outsidePort}/alive` },
    async watch({ faster = FASTER, standIn = true } = {}) {
      const env = { RADLOOP_DEADMAN_URL: stand.deadmanUrl, ...(standIn ? { RADLOOP_SERVICE_URL: `http://127.0.0.1:${servicePort}` } : {}) };
      const part = await startWatcher({ site: testSite, data, ports, env }, ['--faster', String(faster)]);
      parts.push(part);
      return part;
    },
    alert: (n, at, more) => writeAlert(stores, n, at, more),
    log: () => readFileSync(join(data, 'logs', 'watcher.log'), 'utf8'),
    async stopWatching() {
      await Promise.all(parts.splice(0).map((part) => part.kill()));
    },
    async close() {
      await stand.stopWatching();
      await stopSides();
      await stores.db.close().catch(() => undefined);
      outside.closeAllConnections();
      service.closeAllConnections();
      outside.close();
      service.close();
      await taken.release();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return stand;
}

interface Written {
  readonly drill?: boolean;
  readonly updatedAt?: Instant;
  /** Of its row. */
  readonly status?: string;
  /** Other timers than `window`. */
  readonly timers?: Readonly<Record<string, Instant>>;
}

/** An alert of somebody whose data must not leave, written as its workflow writes one. @param at its timer; null: none */
export async function writeAlert(
  { cases }: Pick<EmbeddedStores, 'cases'>,
  n: number,
  at: Instant | null,
  { drill = false, updatedAt = ago(0), status = 'open', timers = {} }: Written = {},
): Promise<CaseNumber> {
  const id = caseNo(n);
  const { caseNumber, version } = await cases.read('critical-results', id);
  const nobody = { declaredAt: updatedAt, modelAt: null, reportAt: null, releasedAt: updatedAt, deliveredAt: null, acknowledgedAt: null };
  const never = { readBackAt: null, closedAt: null, failsafeAt: null, failsafeTakenAt: null };
  const figures = { drill, category: 1, outcome: 'open', service: null, ...nobody, ...never, phoned: false, troubles: [] };
  const appended = await cases.append({
    ...{ workflow: 'critical-results', caseId: id, caseNumber, expectedVersion: version, at: updatedAt, keys: [], answer: undefined },
    event: { id: eventId.parse(`declared-${n}`), type: 'told', actor: { kind: 'system', part: 'test' } },
    facts: [{ type: 'alertDrafted', fact: { type: 'alertDrafted', patient: PATIENT } }],
    effects: Object.entries({ ...(at === null ? {} : { window: at }), ...timers }).map(([name, time]) => ({
      effect: effects.wake(name, 1, time),
      suppressed: false,
    })),
    row: {
      ...{ status, waiting: true, open: true, kind: 'Critical result, category 1', urgency: 'minutes', since: updatedAt },
      ...{ owner: 'dr-abebe', note: null, revision: 1, figures },
    },
  });
  if (!appended.ok) throw new Error(appended.code);
  return caseNumber;
}

/** Waits until it is so. @returns seconds that it took */
export async function until(met: () => boolean | Promise<boolean>, seconds = 20): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await met()) return (performance.now() - began) / 1000;
    if (performance.now() - began > seconds * 1000) throw new Error(`It was not so within ${seconds} s.`);
    await pause(20);
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      done((server.address() as AddressInfo).port);
    });
  });
}
