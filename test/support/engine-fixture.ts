import { readSite } from '#adapters/embedded/site-folder.js';
import { embeddedModels } from '#adapters/embedded/models.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import type { Delivery } from '#core/delivery.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Mode } from '#core/workflow.js';
import type { Site } from '#domain/site.js';
import { desk } from '#engine/desk.js';
import { deliver } from '#engine/deliver.js';
import { tellClaimed } from '#engine/hear.js';
import { receive } from '#engine/intake.js';
import type { Bringer, Received } from '#engine/intake.js';
import type { Parts } from '#engine/parts.js';
import { routeKept } from '#engine/routing.js';
import type { AckReceipt } from '#ports/hl7-sender.js';
import type { Posting } from '#ports/people.js';
import { registry } from '#workflows/registry.js';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { Verb } from '../../infra/rehearsal/order-message.ts';
import { directoryOf, haddad, okafor, silentLog } from './clinic.ts';
import { plannedOrders, testSite } from './planned-orders.ts';
import { shippedPolicy } from './shipped.ts';
import { embeddedStores, t0 } from './store-fixture.ts';
import type { EmbeddedStores } from './store-fixture.ts';

/** What left Radloop, in its order. */
export type Left =
  | { readonly to: 'channel' | 'person'; readonly card: string }
  | { readonly to: 'ris'; readonly bytes: string }
  | { readonly to: 'ehr'; readonly what: string; readonly data: unknown; readonly key: string }
  /** Our own application answer on a connection of ours. */
  | { readonly to: 'sender'; readonly destination: string; readonly bytes: string };

/** The engine's parts over embedded stores, with a clock that a test moves and an outside that answers what a test says. */
export interface EngineFixture {
  readonly parts: Parts;
  readonly stores: EmbeddedStores;
  readonly left: Left[];
  /** What the RIS answers, one each; when it is empty it accepts. */
  readonly risAnswers: Delivery<AckReceipt>[];
  readonly ehrAsked: unknown[];
  /** What the EHR answers to a write, one each; when it is empty it takes it. */
  readonly ehrAnswers: Awaited<ReturnType<Parts['ehr']['write']>>[];
  /** What becomes of our own late answers, one each; when it is empty they leave. */
  readonly answersSent: Delivery<null>[];
  now: Instant;
  mode: Mode;
  /** Does all that is due, until nothing is; the clock stands. */
  settle(): Promise<void>;
  /** The next due time of anything, made now, and what is due done; false when nothing is ever due. */
  skip(): Promise<boolean>;
  /** Over MLLP on loopback; gives the application answer, empty when there is none. */
  bring(bytes: Buffer): Promise<Buffer>;
  receive(bytes: Buffer, from?: Bringer): Promise<Received>;
  approve(revision?: number): Promise<string>;
  close(): Promise<void>;
}

const accepted: Delivery<AckReceipt> = { ok: true, receipt: { code: 'AA', controlId: 'x', text: 'MSA|AA|x' } };
const rehearsal = readSite(testSite);
const [planned] = plannedOrders(4711, 1);
if (planned === undefined) throw new Error('the rehearsal has no order');

const headCt = {
  code: 'CTHEADWO',
  text: 'CT HEAD WO CONTRAST',
  modality: 'CT',
  indication: 'Sudden severe headache, vomiting. Rule out subarachnoid hemorrhage',
};

/** An order message of the rehearsal, the same order each time. */
export function orderBytes(verb: Verb = 'new', controlId = 'M1'): Buffer {
  return Buffer.from(orderMessage({ ...planned!, ...headCt }, verb, controlId, new Date(t0)));
}

/** @param change makes another site of the rehearsal's. @param folder of a store that is there already */
export function startEngineFixture(mode: Mode, change: (site: Site) => Site = (same) => same, folder?: string): EngineFixture {
  const site = change(rehearsal);
  const stores = embeddedStores(folder);
  const left: Left[] = [];
  const risAnswers: Delivery<AckReceipt>[] = [];
  const ehrAsked: unknown[] = [];
  const ehrAnswers: EngineFixture['ehrAnswers'] = [];
  const answersSent: EngineFixture['answersSent'] = [];
  const place = async (to: 'channel' | 'person', card: object, posting: Posting): Promise<Delivery<Posting>> => {
    left.push({ to, card: JSON.stringify(card) });
    return { ok: true, receipt: posting };
  };
  const posting: Posting = { place: 'protocoling', conversationId: 'thread', activityId: 'card' };
  const parts: Parts = {
    ...{ cases: stores.cases, outbox: stores.outbox, bus: stores.bus, deadlines: stores.deadlines },
    ...{ raw: stores.raw, views: stores.views, audit: stores.audit },
    directory: directoryOf([okafor, haddad]),
    door: hl7Door(site),
    hl7: {
      render: (effect, writtenAt) => ({ ok: true, receipt: Buffer.from(`${effect.message} written ${writtenAt}, rendered at ${fixture.now}`) }),
      send: async (_destination, bytes) => {
        left.push({ to: 'ris', bytes: bytes.toString() });
        return risAnswers.shift() ?? accepted;
      },
      sendAnswer: async (destination, bytes) => {
        const answer = answersSent.shift() ?? { ok: true, receipt: null };
        if (answer.ok) left.push({ to: 'sender', destination, bytes: bytes.toString() });
        return answer;
      },
    },
    ehr: {
      gather: async (order) => {
        ehrAsked.push(order);
        return { ok: false, why: 'The EHR did not answer' };
      },
      write: async (what, data, key) => {
        left.push({ to: 'ehr', what, data, key });
        return ehrAnswers.shift() ?? { ok: true, receipt: { id: '1', version: '1' } };
      },
    },
    model: embeddedModels(shippedPolicy.content),
    people: {
      post: (_place, card) => place('channel', card, posting),
      edit: (before, card) => place('channel', card, before),
      tell: (person, card) => place('person', card, { place: person, conversationId: person, activityId: 'note' }),
    },
    clock: { now: () => fixture.now },
    log: silentLog(),
    workflows: registry({ protocoling: shippedPolicy }),
    facilities: site.settings.facilities,
    destinations: site.endpoints.destinations,
    modeOf: () => fixture.mode,
    wake: () => undefined,
  };
  const fixture: EngineFixture = {
    ...{ parts, stores, left, risAnswers, ehrAsked, ehrAnswers, answersSent, mode, now: addSeconds(t0, 60) },
    async settle() {
      for (let round = 0; round < 100; round += 1) {
        await routeKept(parts);
        const events = await stores.bus.claim(fixture.now, 60, 99);
        for (const event of events) await tellClaimed(parts, event);
        const items = await stores.outbox.claim(fixture.now, 60, 99);
        for (const item of items) await deliver(parts, item);
        const due = await stores.deadlines.due(fixture.now, 99);
        for (const deadline of due) await stores.deadlines.fire(deadline, fixture.now);
        if (events.length + items.length + due.length === 0) return;
      }
      throw new Error('the engine does not come to rest');
    },
    async skip() {
      const next = [await stores.bus.nextDue(), await stores.outbox.nextDue()].filter((due) => due !== null).sort()[0];
      if (next === undefined) return false;
      if (next > fixture.now) fixture.now = next;
      await fixture.settle();
      return true;
    },
    bring: async (bytes) => (await fixture.receive(bytes)).application ?? Buffer.alloc(0),
    async receive(bytes, from = { endpoint: 'mllp', facility: null }) {
      const received = await receive(parts, bytes, from);
      await routeKept(parts);
      return received;
    },
    async approve(revision = 1) {
      const [row] = await stores.views.open('protocoling');
      if (row === undefined) throw new Error('no case is open');
      const { caseNumber } = row;
      const protocolId = 'CT-HEAD-WO';
      const answer = await desk(parts, []).answer({ person: okafor, caseNumber, revision, verb: 'choose-other', protocolId });
      return answer.outcome;
    },
    close: () => stores.close(),
  };
  return fixture;
}
