import { auditStore } from '#adapters/embedded/audit-store.js';
import { caseStore } from '#adapters/embedded/case-store.js';
import { readContent } from '#adapters/embedded/content.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { directory } from '#adapters/embedded/directory.js';
import { eventBus } from '#adapters/embedded/event-bus.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { addSeconds } from '#core/time.js';
import { receive } from '#engine/intake.js';
import type { Intake } from '#engine/intake.js';
import { routeKept } from '#engine/routing.js';
import { runCase } from '#engine/run-case.js';
import { registry } from '#workflows/registry.js';
import { orderMessage } from '../rehearsal/order-message.ts';
import type { Verb } from '../rehearsal/order-message.ts';
import { orderOf } from '../rehearsal/orders.ts';
import type { Catalogue } from '../rehearsal/orders.ts';

export const SITE = 'infra/rehearsal/site';

/** The engine on a store of its own, with nothing outside: what is delivered stays in the outbox. */
export interface EngineOnStore {
  readonly db: Database;
  /** An order of the rehearsal as bytes. `second`: seconds after the first moment. */
  order(n: number, verb: Verb, controlId: string, second: number): Buffer;
  /** Takes a message in and tells its case; gives the milliseconds from claimed to written. */
  hear(bytes: Buffer): Promise<number>;
  /** Takes messages in and leaves it at that. */
  keep(all: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

const CT_OF_THE_HEAD = { code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT' };

export function engineOn(folder: string, catalogue: Catalogue): EngineOnStore {
  const db = openDatabase(folder);
  const site = readSite(SITE);
  const people = directory(site.people);
  const { settings } = site;
  const workflows = registry({
    protocoling: {
      content: readContent(SITE),
      destination: 'ris',
      place: 'protocoling',
      answerWithinMinutes: settings.answerWithinMinutes,
      questionWithinMinutes: settings.questionWithinMinutes,
      orderWithinMinutes: settings.orderWithinMinutes,
      contextBudgetSeconds: settings.contextBudgetSeconds,
      modelBudgetSeconds: settings.modelBudgetSeconds,
      coordinators: people.withRole('coordinator').map((person) => person.id),
      providers: {},
      zone: settings.zone,
      fhirWrites: site.endpoints.ehr.writes,
    },
  });
  const bus = eventBus(db);
  const parts: Intake & { readonly bus: typeof bus } = {
    ...{ raw: rawStore(db), outbox: outboxStore(db), cases: caseStore(db), audit: auditStore(db), bus },
    ...{ door: hl7Door(site), clock: wallClock, log: { info: () => undefined, error: () => undefined } },
    ...{ workflows, destinations: site.endpoints.destinations, modeOf: () => 'assist' as const, wake: () => undefined },
  };
  const start = Date.now();
  return {
    db,
    order(n, verb, controlId, second) {
      return Buffer.from(orderMessage({ ...orderOf(4711, n, catalogue), ...CT_OF_THE_HEAD }, verb, controlId, new Date(start + second * 1000)));
    },
    async hear(bytes) {
      await receive(parts, bytes, { endpoint: 'mllp', facility: null });
      await routeKept(parts);
      const claimed = await bus.claim(addSeconds(wallClock.now(), 1), 60, 16);
      const began = performance.now();
      for (const job of claimed) await runCase(parts, job.event, job);
      return (performance.now() - began) / Math.max(1, claimed.length);
    },
    async keep(all) {
      await Promise.all(all.map((bytes) => receive(parts, bytes, { endpoint: 'mllp', facility: null })));
    },
    close: () => db.close(),
  };
}
