import { queueStore } from '#adapters/embedded/queue-store.js';
import { fieldsOf } from '#adapters/hl7/fields.js';
import type { CaseNumber } from '#core/ids.js';
import { person } from '#core/people.js';
import { operator } from '#engine/operator.js';
import type { ActOn, Operator, Queue, QueueReply, QueueRequest, ShownItem, Which } from '#ports/queue.js';
import { directoryOf, haddad, okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';

const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Two operators and an admin, each with an account of this machine. */
export const people = [
  person.parse({ id: 'm-brandt', name: 'Mika Brandt', roles: ['operator'], aadObjectId: guid(1), osAccount: 'mbrandt' }),
  person.parse({ id: 's-weber', name: 'Sam Weber', roles: ['operator'], aadObjectId: guid(2), osAccount: 'sweber' }),
  person.parse({ id: 'a-kim', name: 'Ada Kim', roles: ['admin'], aadObjectId: guid(3), osAccount: 'akim' }),
  { ...okafor, osAccount: 'nokafor' },
  haddad,
];

export interface OperatorFixture {
  readonly engine: EngineFixture;
  readonly queue: Queue;
  readonly operator: Operator;
  ask(request: QueueRequest, account?: string): Promise<QueueReply>;
  /** `retry`, `skip` or `release` of named items. */
  act(ask: 'retry' | 'skip' | 'release', ids: readonly string[], more?: { dryRun?: boolean; reason?: string; account?: string }): Promise<QueueReply>;
  listed(): Promise<readonly ShownItem[]>;
  /** Audit rows of operators: action, outcome, detail. */
  audited(): readonly {
    readonly actor: string;
    readonly action: string;
    readonly outcome: string;
    readonly detail: Readonly<Record<string, unknown>>;
  }[];
  /** What went to the RIS as an order change. */
  changesSent(): readonly string[];
  /** A digest of everything in the store but the audit. */
  state(): string;
  close(): Promise<void>;
}

export function startOperatorFixture({ rehearsal = false, exportKey = null as string | null } = {}): OperatorFixture {
  const engine = startEngineFixture('assist');
  const queue = queueStore(engine.stores.db);
  const parts = { ...engine.parts, directory: directoryOf(people) };
  const asked = operator({ parts, queue, fieldsOf, exportKey, rehearsal });
  const { db } = engine.stores;
  const fixture: OperatorFixture = {
    ...{ engine, queue, operator: asked },
    ask: (request, account = 'mbrandt') => asked.ask({ account, as: null }, request),
    act: (ask, ids, { dryRun = false, reason = 'the cause is mended', account = 'mbrandt' } = {}) =>
      fixture.ask({ ask, which: named(...ids), reason, dryRun }, account),
    async listed() {
      const reply = await fixture.ask({ ask: 'list', filter: {}, most: 200 });
      if (!reply.ok || reply.answer !== 'list') throw new Error('no list');
      return reply.items;
    },
    audited: () =>
      db
        .all<{ actor: string; action: string; outcome: string; detail: string }>(
          "SELECT actor, action, outcome, detail FROM audit WHERE action LIKE 'q-%' ORDER BY seq",
        )
        .map((row) => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> })),
    changesSent: () => engine.left.flatMap((one) => (one.to === 'ris' && one.bytes.startsWith('order-change') ? [one.bytes] : [])),
    state: () =>
      JSON.stringify(
        ['raw', 'facts', 'heard', 'events', 'outbox', 'rows', 'arrivals', 'parked', 'bulk', 'order_numbers', 'case_keys', 'cases'].map((table) =>
          db.all(`SELECT * FROM ${table}`),
        ),
      ),
    close: () => engine.close(),
  };
  return fixture;
}

export function named(...ids: string[]): Which {
  return { ids, filter: null };
}

/** What became of the items; a reply that is no list of acts fails the test. */
export function acts(reply: QueueReply): readonly ActOn[] {
  if (!reply.ok || reply.answer !== 'acted') throw new Error(`not acted: ${JSON.stringify(reply)}`);
  return reply.on;
}

/** An approved order whose change was refused by the RIS: its delivery is held. Gives the case and the id of the delivery. */
export async function heldChange(desk: OperatorFixture): Promise<{ readonly caseNumber: CaseNumber; readonly id: string }> {
  const { engine } = desk;
  await engine.bring(orderBytes());
  await engine.settle();
  engine.risAnswers.push({ ok: false, code: 'refused', detail: 'The receiver answered AR (OBR-44 103).' });
  if ((await engine.approve()) !== 'won') throw new Error('not approved');
  await engine.settle();
  const held = (await desk.listed()).find(({ kind }) => kind === 'delivery');
  if (held?.caseNumber == null) throw new Error('nothing is held');
  return { caseNumber: held.caseNumber, id: held.id };
}
