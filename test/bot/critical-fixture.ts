import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { fieldsOf } from '#adapters/hl7/fields.js';
import { createBot } from '#bot/agent.js';
import type { Bot } from '#bot/agent.js';
import { eventId } from '#core/ids.js';
import type { CaseId, CaseNumber, PersonId } from '#core/ids.js';
import { person, role } from '#core/people.js';
import type { Person, Role } from '#core/people.js';
import { toInstant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { RetentionPolicy } from '#domain/retention.js';
import { auditor } from '#engine/auditor.js';
import { caseDesk } from '#engine/case-desk.js';
import { caseNow } from '#engine/case-now.js';
import { custodian } from '#engine/custodian.js';
import { desk as deskOf } from '#engine/desk.js';
import { paperDesk } from '#engine/downtime-entry.js';
import { operator } from '#engine/operator.js';
import { runCase } from '#engine/run-case.js';
import { understand } from '#models/intents/index.js';
import type { CriticalVerb, Desk } from '#ports/desk.js';
import type { Page } from '#ports/pager.js';
import { evolve } from '#workflows/critical-results/evolve.js';
import type { Policy } from '#workflows/critical-results/policy.js';
import type { State as AlertState } from '#workflows/critical-results/state.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { controlFolder } from '../../infra/local/control-address.ts';
import { listenControl } from '../../infra/local/control.ts';
import type { Control } from '../../infra/local/control.ts';
import { channels, conversationsInMemory, silentLog } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { plannedOrders, testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { issuedBy, openTabDoor } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { settingsFor, startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

/** What somebody is to a critical result. */
export const relations = ['addressed', 'declarer', 'receiver', 'none'] as const;
export type Relation = (typeof relations)[number];
export const states = ['draft', 'asking', 'open', 'failsafe', 'acknowledged', 'read-back', 'withdrawn'] as const;
export type State = (typeof states)[number];

export interface Alert {
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
}

const site = readSite(testSite);
const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const idOf = (which: Role, relation: Relation): string => `${which}-${relation}`;
const phoned = { contacts: { phone: '+1 555 555 0142', pager: 'one' } };
/** One person a role and relation. */
export const people: readonly Person[] = role.options.flatMap((which, r) =>
  relations.map((relation, n) =>
    person.parse({
      id: idOf(which, relation),
      name: `Person of ${which}, ${relation}`,
      roles: [which],
      aadObjectId: guid(r * 10 + n + 1),
      modalities: ['CT'],
      ...phoned,
    }),
  ),
);
/** Who declares, sends and withdraws; who is always called; each may do what they do. */
export const radiologist = person.parse({
  id: 'dr-okafor',
  name: 'Ngozi Okafor',
  roles: ['protocoling-radiologist', 'reading-radiologist'],
  aadObjectId: guid(901),
  ...phoned,
});
export const called = person.parse({ id: 'dr-abebe', name: 'Sara Abebe', roles: ['oncall'], aadObjectId: guid(902), ...phoned });
const everybody = [...people, radiologist, called];

/** Hours of nothing: no window of an alert passes while a test runs. */
const slow = {
  levelsAfterMinutes: [0, 6000, 12_000],
  failsafeAfterMinutes: 18_000,
  failsafeEveryMinutes: 6000,
  failsafeRestsMinutes: 6000,
  readBackWithinMinutes: 6000,
};

/** Everything that speaks with people, over a real engine on a real store, with critical results set up as on the rehearsal site. */
export interface CriticalClinic {
  readonly side: TeamsSide;
  readonly engine: EngineFixture;
  readonly bot: Bot;
  readonly desk: Desk;
  readonly tab: TabDoorFixture;
  /** Folder by which the command line asks. */
  readonly data: string;
  /** A CT order that waits. */
  readonly order: CaseNumber;
  /** Where its card stands in the channel. */
  readonly thread: string;
  readonly pages: Page[];
  /** Who is on call at every level; a test may change it. */
  readonly onCall: { first: readonly PersonId[]; second: readonly PersonId[] };
  /** A new alert in this state, to which somebody stands so; null: nobody can. @param category of it */
  alertIn(state: State, relation: Relation, who: Person, category?: 1 | 2 | 3): Promise<Alert | null>;
  declare(finding: string, category?: 1 | 2 | 3, order?: CaseNumber): Promise<Alert>;
  /** A CT order for another patient. */
  anotherOrder(): Promise<CaseNumber>;
  answer(who: Person, of: Alert, verb: CriticalVerb, more?: { readonly text?: string; readonly fields?: Record<string, string> }): Promise<Answer>;
  /** The window of this epoch is over. */
  window(of: Alert, epoch: number): Promise<void>;
  stateOf(of: Alert): Promise<Exclude<AlertState, { status: 'none' }>>;
  activityOf(who: Person, parts: Record<string, unknown>): ReturnType<Bot['handle']>;
  /** Denials of this person on this case or on none, and facts of the case, by the store. */
  trace(who: Person, of: Alert): { readonly denials: number; readonly facts: number };
  close(): Promise<void>;
}

export async function openCriticalClinic(): Promise<CriticalClinic> {
  const side = await startTeamsSide();
  process.env['IDENTITY_ENDPOINT'] = `${side.origin}/msi/token`;
  process.env['IDENTITY_HEADER'] = 'secret';
  const engine = startEngineFixture('assist');
  engine.now = new Date().toISOString() as typeof engine.now;
  const known = directory(everybody);
  const onCall: CriticalClinic['onCall'] = { first: [called.id], second: [] };
  const pages: Page[] = [];
  let alsoTakes: PersonId[] = [];
  const level = (n: number) => ({ level: n, people: n === 1 ? onCall.first : onCall.second, until: null });
  const roster = { services: () => [], at: () => [level(1), level(2)], gaps: () => [], nextHandOff: () => null, named: () => [] };
  const made = criticalPolicy({ site, content: readContent(testSite), people: known, roster });
  if (made === null) throw new Error('the rehearsal site has no critical results');
  const ladders: Policy['ladders'] = made.ladders.slice(0, 1).map((one) => ({ ...one, patientClasses: [], levels: [['on-call-1'], ['on-call-2']] }));
  const policy: Policy = {
    ...made,
    ladders,
    services: made.services.slice(0, 1).map((one) => ({ ...one, id: 'emergency' })),
    rules: made.rules.map((rule) => ({ ...rule, ...slow })),
    unsentAfterSeconds: [60_000, 120_000],
    onCall: (_service, n) => level(n),
    withRole: (which) => [...known.withRole(which).map(({ id }) => id), ...(which === 'oncall' ? alsoTakes : [])],
    providers: {},
  };
  Object.assign(engine.parts, {
    directory: known,
    workflows: registry({ protocoling: shippedPolicy, criticalResults: policy }),
    pager: {
      channels: new Set(['pager', 'sms', 'voice', 'email', 'print']),
      send: async (page: Page) => {
        pages.push(page);
        return { ok: true, receipt: { id: String(pages.length) } };
      },
    },
  });
  const { parts, stores } = engine;
  const { protocols } = shippedPolicy.content;
  const ids = protocols.map(({ id }) => id);
  const desk = deskOf(parts, ids, undefined, { zone: 'UTC', rota: null, phoneOf: () => ({ name: called.name, phone: '+1 555 555 0142' }) });
  const bot = createBot({
    ...{ settings: settingsFor(side), desk, directory: known, channels: channels(side.serviceUrl, side.tenantId) },
    // Its tokens are of now, however long a test takes.
    ...{ conversations: conversationsInMemory(), log: silentLog(), clock: { now: () => toInstant(Date.now()) }, sendLimit: 'off' },
    understand: (said) => understand(said, protocols),
  });
  const data = mkdtempSync(join(tmpdir(), 'radloop-critical-'));
  const rehearsal = true;
  const queue = queueStore(stores.db);
  const records = async function* () {
    yield await Promise.resolve([]);
  };
  const control: Control = await listenControl(controlFolder(data), {
    cases: caseDesk({ parts, desk, rehearsal }),
    operator: operator({ parts, queue, fieldsOf, exportKey: null, rehearsal }),
    auditor: auditor({ ...parts, rehearsal, records }),
    custodian: custodian({ ...{ parts, queue, custody: null, rehearsal, rewrap: () => undefined }, wanted: {} as RetentionPolicy }),
    paper: paperDesk({ ...parts, zone: 'UTC', rehearsal }),
  });
  const tab = await openTabDoor(parts, issuedBy(side), ids);
  await engine.bring(orderBytes());
  await engine.settle();
  const [waiting] = await stores.views.open('protocoling');
  if (waiting === undefined) throw new Error('the order opened no case');
  const order = waiting.caseNumber;
  const thread = 'thread';
  if ((await parts.cases.findByConversation(thread)) !== order) throw new Error('the order’s card stands elsewhere');
  let alerts = 0;

  async function tell(caseId: CaseId, who: Person, input: object): Promise<void> {
    alerts += 1;
    const actor = { kind: 'person', person: who.id } as const;
    await runCase(parts, { id: eventId.parse(`fixture:${alerts}`), workflow: 'critical-results', caseId, occurredAt: engine.now, actor, input });
  }

  async function about() {
    const { caseId } = (await parts.cases.findByNumber(order))!;
    const { workflow, state } = await caseNow(parts, 'protocoling', caseId);
    return { ...(workflow.see(state).about as object), orderCase: order };
  }

  async function stateOf({ caseId }: Alert) {
    const { facts } = await parts.cases.read('critical-results', caseId);
    const state = facts.map(({ fact }) => criticalResults.facts.parse(fact)).reduce<AlertState>(evolve, { status: 'none' });
    if (state.status === 'none') throw new Error('the alert has no fact');
    return state;
  }

  async function answer(who: Person, of: Alert, verb: CriticalVerb, more: { readonly text?: string; readonly fields?: Record<string, string> } = {}) {
    const { current: revision = 0 } = (await desk.shown(who.id, of.caseNumber)) ?? {};
    return desk.answer({ person: who, caseNumber: of.caseNumber, revision, verb, ...more });
  }

  async function must(who: Person, of: Alert, verb: CriticalVerb, more = {}): Promise<void> {
    const { outcome, text } = await answer(who, of, verb, more);
    if (outcome !== 'won') throw new Error(`${verb}: ${outcome} ${text}`);
  }

  const window = (of: Alert, epoch: number): Promise<void> => tell(of.caseId, radiologist, { type: 'deadlinePassed', name: 'window', epoch });

  async function drafted(by: Person | null, category: 1 | 2 | 3): Promise<Alert> {
    alerts += 1;
    const caseId = parts.cases.caseIdOf('critical-results', `fixture ${alerts}`);
    const finding = { text: `finding ${alerts}`, classId: 'other', side: null, category };
    const source = { kind: 'model', model: 'm', version: '1', confidence: null } as const;
    const input =
      by === null
        ? { type: 'criticalRaised', about: await about(), finding, source, since: engine.now }
        : { type: 'criticalDrafted', by: { id: by.id, name: by.name }, via: 'button', about: await about(), finding };
    await tell(caseId, by ?? radiologist, input);
    return { caseId, caseNumber: (await parts.cases.read('critical-results', caseId)).caseNumber };
  }

  async function alertIn(state: State, relation: Relation, who: Person, category: 1 | 2 | 3 = 1): Promise<Alert | null> {
    if (state === 'asking') return relation === 'none' ? drafted(null, category) : null;
    if (state === 'draft' && relation !== 'declarer' && relation !== 'none') return null;
    if (relation === 'receiver' && (state === 'open' || state === 'failsafe')) return null;
    const of = await drafted(relation === 'declarer' ? who : radiologist, category);
    if (state === 'draft') return of;
    const isCalled = relation === 'addressed' || relation === 'receiver';
    onCall.first = isCalled ? [called.id, who.id] : [called.id];
    alsoTakes = isCalled ? [who.id] : [];
    try {
      await must(radiologist, of, 'release-critical');
      const taker = relation === 'receiver' ? who : called;
      const to = { id: taker.id, name: taker.name };
      // By the case itself: a person without a fitting role can have been recorded all the same.
      const take = async (verb: 'acknowledge' | 'read-back', fields: Record<string, string> = {}) => {
        const { revision } = await stateOf(of);
        await tell(of.caseId, taker, { type: 'personAnswered', verb, person: to.id, name: to.name, revision, text: null, fields, approval: null });
      };
      if (state === 'failsafe') {
        onCall.first = [];
        const { epoch } = await stateOf(of);
        await window(of, epoch);
      }
      if (state === 'acknowledged' || state === 'read-back' || (state === 'withdrawn' && relation === 'receiver')) await take('acknowledge');
      if (state === 'read-back')
        await take('read-back', { identifier: (await stateOf(of)).about.patient.id ?? '', finding: 'pneumothorax', action: 'chest tube' });
      if (state === 'withdrawn') await must(radiologist, of, 'withdraw-critical', { text: 'wrong patient' });
    } finally {
      [onCall.first, alsoTakes] = [[called.id], []];
    }
    const { status, failsafe } = await stateOf(of);
    const is = status === 'open' && failsafe !== null ? 'failsafe' : status;
    if (is !== state) throw new Error(`an alert that was to be ${state} is ${is}`);
    return of;
  }

  async function anotherOrder(): Promise<CaseNumber> {
    const [, planned] = plannedOrders(4711, 2);
    const of = { ...planned!, code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', kind: 'imaging', then: null } as const;
    await engine.bring(Buffer.from(orderMessage(of, 'new', 'M2', new Date(engine.now))));
    await engine.settle();
    const found = (await stores.views.open('protocoling')).find(({ caseNumber }) => caseNumber !== order);
    if (found === undefined) throw new Error('the second order opened no case');
    return found.caseNumber;
  }

  async function declare(finding: string, category: 1 | 2 | 3 = 1, of: CaseNumber = order): Promise<Alert> {
    const declared = await desk.declare({ person: radiologist, of: { caseNumber: of }, finding, category, side: null, via: 'button' });
    if (!declared.ok) throw new Error(declared.why);
    const { caseNumber } = declared;
    return { caseNumber, caseId: (await parts.cases.findByNumber(caseNumber))!.caseId };
  }

  async function activityOf(who: Person, more: Record<string, unknown>): ReturnType<Bot['handle']> {
    const activity = {
      ...{ id: '1', channelId: 'msteams', serviceUrl: side.serviceUrl, recipient: { id: `28:${side.appId}` } },
      from: { id: `29:${who.id}`, name: who.name, aadObjectId: who.aadObjectId },
      conversation: { id: `a:${who.id}`, conversationType: 'personal', tenantId: side.tenantId },
      channelData: { tenant: { id: side.tenantId } },
      ...more,
    };
    const authorization = `Bearer ${await side.token()}`;
    return bot.handle({ authorization, contentType: 'application/json', body: Buffer.from(JSON.stringify(activity)) });
  }

  function trace(who: Person, { caseId }: Alert) {
    const { db } = stores;
    const count = (sql: string, ...values: string[]): number => db.get<{ n: number }>(sql, ...values)?.n ?? 0;
    return {
      denials: count(
        "SELECT count(*) AS n FROM audit WHERE (case_id = ? OR case_id = 'site') AND outcome = 'denied' AND actor LIKE ?",
        caseId,
        `%"${who.id}"%`,
      ),
      facts: count("SELECT count(*) AS n FROM facts WHERE case_id = ? AND type NOT IN ('viewShown', 'privateCardOver')", caseId),
    };
  }

  return {
    ...{
      side,
      engine,
      bot,
      desk,
      tab,
      data,
      order,
      thread,
      pages,
      onCall,
      alertIn,
      declare,
      anotherOrder,
      answer,
      window,
      stateOf,
      activityOf,
      trace,
    },
    async close() {
      await tab.close();
      await control.close();
      await engine.close();
      await side.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
