import type { Bot } from '#bot/agent.js';
import { createBot } from '#bot/agent.js';
import type { Subject } from '#core/authorise.js';
import { personId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { person, role } from '#core/people.js';
import type { Person, Role } from '#core/people.js';
import { caseNow } from '#engine/case-now.js';
import { desk as deskOf } from '#engine/desk.js';
import { understand } from '#models/intents/index.js';
import type { Desk, PersonAnswer } from '#ports/desk.js';
import { registry } from '#workflows/registry.js';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';
import { channels, conversationsInMemory, directoryOf, silentLog } from '../support/clinic.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { settingsFor, startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

/** What somebody is to a CT case: on its list, on another list, or the one who placed the order. */
export const scopes = ['on the list', 'on another list', 'placed the order'] as const;
export type Scope = (typeof scopes)[number];
export const states = ['waiting', 'asking', 'approved', 'rejected', 'cancelled'] as const;
export type State = (typeof states)[number];

const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const idOf = (which: Role, scope: Scope): string => `${which}-${scopes.indexOf(scope)}`;
/** One person a role and scope; whoever places orders is known to HL7 by their own id. */
export const people: readonly Person[] = role.options.flatMap((which, r) =>
  scopes.map((scope, s) =>
    person.parse({
      ...{ id: idOf(which, scope), name: `Person of ${which}, ${scope}`, roles: [which], aadObjectId: guid(r * 10 + s + 1) },
      ...{ modalities: scope === 'on another list' ? ['MR'] : ['CT', 'US'], providerIds: scope === 'placed the order' ? [`D${r}`] : [] },
    }),
  ),
);
/** Brings cases into their states. */
const helper = person.parse({ id: 'helper', name: 'Helping Hand', roles: ['protocoling-radiologist', 'coordinator'], aadObjectId: guid(999) });
const coordinators = [idOf('coordinator', 'on the list')];

type Verb = PersonAnswer['verb'];

export interface Case {
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
}

/** A real desk over a real engine, a bot in front of it, and one person of each role and scope. */
export interface Clinic {
  readonly side: TeamsSide;
  readonly engine: EngineFixture;
  readonly bot: Bot;
  readonly desk: Desk;
  /** A CT case in this state; `orderer` null: nobody whom people.json knows. */
  caseIn(state: State, orderer: Person | null): Promise<Case>;
  subjectOf(of: Case): Promise<Subject>;
  /** Posts an activity of this person in their private chat; parts are merged over it. */
  activityOf(who: Person, parts: Record<string, unknown>): ReturnType<Bot['handle']>;
  /** Denials of this person on this case, and facts of the case, by the store. */
  trace(who: Person, of: Case): { readonly denials: number; readonly facts: number };
  close(): Promise<void>;
}

export async function openClinic(): Promise<Clinic> {
  const side = await startTeamsSide();
  process.env['IDENTITY_ENDPOINT'] = `${side.origin}/msi/token`;
  process.env['IDENTITY_HEADER'] = 'secret';
  const engine = startEngineFixture('assist');
  engine.now = new Date().toISOString() as typeof engine.now;
  const everybody = [...people, helper];
  const providers = Object.fromEntries(people.flatMap(({ id, providerIds }) => providerIds.map((provider) => [provider, id])));
  const policy = { ...shippedPolicy, providers, coordinators: coordinators.map((id) => personId.parse(id)) };
  Object.assign(engine.parts, { directory: directoryOf(everybody), workflows: registry({ protocoling: policy }) });
  const { parts } = engine;
  const { protocols } = shippedPolicy.content;
  const desk = deskOf(
    parts,
    protocols.map(({ id }) => id),
  );
  const bot = createBot({
    ...{ settings: settingsFor(side), desk, directory: parts.directory, channels: channels(side.serviceUrl, side.tenantId) },
    ...{ conversations: conversationsInMemory(), log: silentLog(), clock: parts.clock, sendLimit: 'off' },
    understand: (said) => understand(said, protocols),
  });
  let orders = 0;

  async function caseIn(state: State, orderer: Person | null): Promise<Case> {
    orders += 1;
    const [planned] = plannedOrders(4711, 1);
    const order: PlannedOrder = {
      ...{ ...planned!, n: orders, code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', kind: 'imaging', then: null },
      ...{ indication: 'Sudden severe headache, vomiting. Rule out subarachnoid hemorrhage' },
      orderer: { id: orderer?.providerIds[0] ?? 'UNKNOWN', family: 'Abara', given: 'Vera' },
    };
    const tell = async (verb: 'new' | 'cancel') => {
      await engine.bring(Buffer.from(orderMessage(order, verb, `${verb}${orders}`, new Date(engine.now))));
      await engine.settle();
    };
    const before = new Set((await engine.stores.views.open('protocoling')).map(({ caseId }) => caseId));
    await tell('new');
    const row = (await engine.stores.views.open('protocoling')).find(({ caseId }) => !before.has(caseId));
    if (row === undefined) throw new Error('the order opened no case');
    const { caseId, caseNumber } = row;
    const decide = async (verb: Verb, more: Partial<PersonAnswer> = {}) => {
      const { current = 0 } = (await desk.shown(helper.id, caseNumber)) ?? {};
      const { outcome, text } = await desk.answer({ person: helper, caseNumber, revision: current, verb, ...more });
      if (outcome !== 'won' && outcome !== 'noted') throw new Error(`${verb}: ${outcome} ${text}`);
    };
    if (state === 'asking') await decide('ask-orderer', { text: 'Is there a pacemaker?' });
    if (state === 'approved') await decide('choose-other', { protocolId: 'CT-HEAD-WO' });
    if (state === 'rejected') await decide('reject', { text: 'wrong side' });
    if (state === 'cancelled') await tell('cancel');
    return { caseId, caseNumber };
  }

  async function subjectOf({ caseId }: Case): Promise<Subject> {
    const { workflow, state } = await caseNow(engine.parts, 'protocoling', caseId);
    return workflow.see(state).subject;
  }

  async function activityOf(who: Person, parts: Record<string, unknown>): ReturnType<Bot['handle']> {
    const activity = {
      ...{ id: '1', channelId: 'msteams', serviceUrl: side.serviceUrl, recipient: { id: `28:${side.appId}` } },
      from: { id: `29:${who.id}`, name: who.name, aadObjectId: who.aadObjectId },
      conversation: { id: `a:${who.id}`, conversationType: 'personal', tenantId: side.tenantId },
      channelData: { tenant: { id: side.tenantId } },
      ...parts,
    };
    const authorization = `Bearer ${await side.token()}`;
    return bot.handle({ authorization, contentType: 'application/json', body: Buffer.from(JSON.stringify(activity)) });
  }

  function trace(who: Person, { caseId }: Case): { readonly denials: number; readonly facts: number } {
    const { db } = engine.stores;
    const count = (sql: string, ...values: string[]): number => db.get<{ n: number }>(sql, ...values)?.n ?? 0;
    return {
      denials: count("SELECT count(*) AS n FROM audit WHERE case_id = ? AND outcome = 'denied' AND actor LIKE ?", caseId, `%"${who.id}"%`),
      // Where a view stands in a chat is nothing that anybody did to the case.
      facts: count("SELECT count(*) AS n FROM facts WHERE case_id = ? AND type NOT IN ('viewShown', 'privateCardOver')", caseId),
    };
  }

  return {
    ...{ side, engine, bot, desk, caseIn, subjectOf, activityOf, trace },
    async close() {
      await engine.close();
      await side.close();
    },
  };
}
