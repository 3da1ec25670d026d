import type { Mode, Runnable } from '#core/workflow.js';
import type { Endpoints, Facility } from '#domain/site.js';
import type { AuditStore } from '#ports/audit-store.js';
import type { CaseStore } from '#ports/case-store.js';
import type { Clock } from '#ports/clock.js';
import type { DeadlineStore } from '#ports/deadline-store.js';
import type { Directory } from '#ports/directory.js';
import type { EventBus } from '#ports/event-bus.js';
import type { FhirServer } from '#ports/fhir-server.js';
import type { Hl7Door } from '#ports/hl7-door.js';
import type { Hl7Sender } from '#ports/hl7-sender.js';
import type { Log } from '#ports/log.js';
import type { Model } from '#ports/model.js';
import type { OutboxStore } from '#ports/outbox-store.js';
import type { Pager } from '#ports/pager.js';
import type { People } from '#ports/people.js';
import type { RawStore } from '#ports/raw-store.js';
import type { Views } from '#ports/views.js';
import type { Backpressure } from './backpressure.ts';
import type { Readers } from './route-critical.ts';

/** Everything the engine is made of. The composition root (functions/service.ts) puts it together. */
export interface Parts extends Readers {
  readonly cases: CaseStore;
  readonly outbox: OutboxStore;
  readonly bus: EventBus;
  readonly deadlines: DeadlineStore;
  readonly raw: RawStore;
  readonly views: Views;
  readonly audit: AuditStore;
  readonly directory: Directory;
  readonly door: Hl7Door;
  readonly hl7: Hl7Sender;
  readonly ehr: FhirServer;
  readonly model: Model;
  readonly people: People;
  /** Left out: nobody is paged. */
  readonly pager?: Pager;
  readonly clock: Clock;
  readonly log: Log;
  /** Left out where nothing sends more than is worked out: commands, benches. */
  readonly pressure?: Backpressure;
  readonly workflows: readonly Runnable[];
  readonly facilities: readonly Facility[];
  readonly destinations: Endpoints['destinations'];
  /** From modes.json; a workflow that no row names is off. */
  modeOf(workflow: string, modality: string | null): Mode;
  /** Something was written that a worker may be waiting for. */
  wake(): void;
}
