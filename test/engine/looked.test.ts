import fc from 'fast-check';
import { personId } from '#core/ids.js';
import { person as personOf } from '#core/people.js';
import type { Person } from '#core/people.js';
import { addMinutes, addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { rosterOf } from '#domain/roster.js';
import { desk } from '#engine/desk.js';
import { registry } from '#workflows/registry.js';
import { directoryOf, okafor } from '../support/clinic.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { t0 } from '../support/store-fixture.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { Verb } from '../../infra/rehearsal/order-message.ts';

const someone = (id: string, name: string, role: string, n: number): Person =>
  personOf.parse({ id, name, roles: [role], aadObjectId: `00000000-0000-4000-8000-00000000000${n}` });
const lindqvist = someone('dr-lindqvist', 'Maja Lindqvist', 'protocoling-radiologist', 1);
const reyes = someone('coordinator-reyes', 'Carmen Reyes', 'coordinator', 2);
const bystander = someone('dr-adeyemi', 'Bisi Adeyemi', 'protocoling-radiologist', 3);
const staff = [okafor, lindqvist, reyes, bystander];

type Rota = NonNullable<(typeof shippedPolicy)['onCall']>;
const always = (...people: string[]): readonly string[] => people;
/** The same people at every hour, level by level. */
const rotaOf = (levels: readonly (readonly string[])[], stoppedBy: 'opened' | 'answered' = 'opened'): Rota => ({
  madeToLook: {
    services: { '*': 'radiology' },
    steps: [
      { to: { level: 1 }, minutes: 3 },
      { to: { level: 2 }, minutes: 2 },
      { to: 'coordinator', minutes: null },
    ],
    stoppedBy,
  },
  roster: rosterOf(
    new Map([
      [
        'radiology',
        levels.map((people, index) => ({
          ...{ level: index + 1, people: [], first: 0, last: null },
          between: (from, to) => people.map((id) => ({ from, to, person: personId.parse(id), isOverride: false })),
        })),
      ],
    ]),
  ),
});
const usual = rotaOf([always('dr-okafor'), always('dr-lindqvist')]);

const [planned] = plannedOrders(4711, 1);
/** The same STAT order each time; a change says something else of why. */
function statBytes(verb: Verb = 'new', controlId = 'M1', n = 0): Buffer {
  const indication = verb === 'change' ? `Sudden severe headache, worse since ${n} h` : 'Sudden severe headache, vomiting';
  const exam = { code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', indication, priority: 'S', then: null } as const;
  return Buffer.from(orderMessage({ ...planned!, ...exam }, verb, controlId, new Date(Date.parse(t0) + n * 1000)));
}

interface Ward {
  readonly engine: EngineFixture;
  /** Who was told what and when, in private. */
  readonly told: { readonly at: Instant; readonly person: string; readonly card: string; readonly alert: boolean }[];
  /** Who was mentioned at each showing of the card in the channel. */
  readonly mentioned: (readonly string[])[];
  /** People whose chat answers 403. */
  readonly shut: Set<string>;
  pass(minutes: number): Promise<void>;
  open(who: Person): Promise<boolean>;
  alerts(): readonly string[];
}

async function ward(rota: Rota | null = usual): Promise<Ward> {
  const engine = startEngineFixture('assist');
  const told: Ward['told'] = [];
  const mentioned: Ward['mentioned'] = [];
  const shut = new Set<string>();
  const posting = { place: 'protocoling', conversationId: 'thread', activityId: 'card' };
  const shown = (card: { readonly mentions?: readonly string[] }) => {
    mentioned.push(card.mentions ?? []);
    return Promise.resolve({ ok: true as const, receipt: posting });
  };
  Object.assign(engine.parts, {
    workflows: registry({ protocoling: { ...shippedPolicy, onCall: rota, answerWithinMinutes: { STAT: 10, URGENT: 30, ROUTINE: 240 } } }),
    directory: directoryOf(staff),
    people: {
      post: (_place: string, card: object) => shown(card),
      edit: (_posting: object, card: object) => shown(card),
      async tell(person: string, card: { readonly card: object; readonly alert?: boolean }) {
        if (shut.has(person)) return { ok: false, code: 'not-allowed', detail: 'the connector answered 403' };
        told.push({ at: engine.now, person, card: JSON.stringify(card), alert: card.alert === true });
        return { ok: true, receipt: posting };
      },
    },
  });
  await engine.receive(statBytes());
  await engine.settle();
  closed = false;
  return {
    ...{ engine, told, mentioned, shut },
    async pass(minutes) {
      const until = addMinutes(engine.now, minutes);
      for (;;) {
        const due = [await engine.stores.bus.nextDue(), await engine.stores.outbox.nextDue(), await engine.stores.deadlines.nextDue()];
        const next = due.filter((one) => one !== null).sort()[0];
        if (next === undefined || next > until) break;
        if (next > engine.now) engine.now = next;
        await engine.settle();
      }
      engine.now = until;
    },
    async open(who) {
      const [row] = await engine.stores.views.open('protocoling');
      const opened = row === undefined ? { ok: false } : await desk(engine.parts, []).open(who, row.caseNumber);
      await engine.settle();
      return opened.ok;
    },
    alerts: () => told.filter(({ alert }) => alert).map(({ person }) => person),
  };
}

let here: Ward;
let closed = true;
beforeEach(() => {
  closed = true;
});
afterEach(async () => {
  if (!closed) await here.engine.close();
});
const row = async () => (await here.engine.stores.views.open('protocoling'))[0];
const facts = () =>
  here.engine.stores.db.all<{ type: string }>("SELECT type FROM facts WHERE type LIKE 'look%' ORDER BY seq").map(({ type }) => type);

describe('a STAT task', () => {
  it('mentions the person on duty in the channel and alerts them in private, without patient data in either (invariant 18)', async () => {
    here = await ward();
    expect(here.mentioned).toEqual([['dr-okafor']]);
    expect(here.told).toMatchObject([{ person: 'dr-okafor', alert: true }]);
    for (const secret of ['hemorrhage', 'headache', 'RADLOOP-MRN', '1961']) expect(here.told[0]?.card).not.toContain(secret);
    expect(await row()).toMatchObject({ owner: 'dr-okafor', urgency: 'STAT' });
  });

  it('goes to the next person when it is not opened in time, then to the coordinator, each once', async () => {
    here = await ward();
    await here.pass(2.9);
    expect(here.alerts()).toEqual(['dr-okafor']);
    await here.pass(0.1);
    expect(here.alerts()).toEqual(['dr-okafor', 'dr-lindqvist']);
    expect(here.mentioned.at(-1)).toEqual(['dr-lindqvist']);
    await here.pass(2);
    expect(here.alerts()).toEqual(['dr-okafor', 'dr-lindqvist', 'coordinator-reyes']);
    await here.pass(60);
    expect(here.alerts()).toHaveLength(3);
    expect(facts()).toEqual(['lookAsked', 'lookAsked', 'lookAsked']);
  });

  it('asks nobody else once the person has opened it, which is on record, and says so on the card and the downtime list', async () => {
    here = await ward();
    await here.pass(1);
    expect(await here.open(okafor)).toBe(true);
    await here.open(okafor);
    await here.pass(8);
    expect(here.alerts()).toEqual(['dr-okafor']);
    expect(facts()).toEqual(['lookAsked', 'lookedAt']);
    expect(here.mentioned.at(-1)).toEqual([]);
    expect(here.engine.stores.db.all("SELECT action FROM audit WHERE action IN ('lookAsked', 'lookedAt', 'view') ORDER BY seq")).toMatchObject([
      { action: 'lookAsked' },
      { action: 'view' },
      { action: 'lookedAt' },
      { action: 'view' },
    ]);
  });

  it('is not looked at by somebody who was not asked', async () => {
    here = await ward();
    expect(await here.open(bystander)).toBe(true);
    await here.pass(3);
    expect(here.alerts()).toEqual(['dr-okafor', 'dr-lindqvist']);
  });

  it('goes on until it is answered where the site’s policy says so', async () => {
    here = await ward(rotaOf([always('dr-okafor'), always('dr-lindqvist')], 'answered'));
    await here.open(okafor);
    await here.pass(3);
    expect(here.alerts()).toEqual(['dr-okafor', 'dr-lindqvist']);
    expect(await here.engine.approve()).toBe('won');
    await here.pass(30);
    expect(here.alerts()).toHaveLength(2);
  });

  it('skips a step that has nobody at once (field report 17), and whoever ordered it themselves', async () => {
    here = await ward(rotaOf([[], always('dr-lindqvist')]));
    expect(here.alerts()).toEqual(['dr-lindqvist']);
    await here.pass(2);
    expect(here.alerts()).toEqual(['dr-lindqvist', 'coordinator-reyes']);
  });

  it('goes to the next person at once when a chat takes nothing (403), and says so (invariant 19)', async () => {
    here = await ward();
    here.shut.add('dr-lindqvist');
    await here.pass(3);
    expect(here.alerts()).toEqual(['dr-okafor', 'coordinator-reyes']);
    expect(here.told.at(-1)?.at).toBe(here.told[0] && addMinutes(here.told[0].at, 3));
    expect(JSON.stringify(await here.engine.stores.views.held())).toContain('not-allowed');
  });

  it('makes nobody look where the site keeps no rota', async () => {
    here = await ward(null);
    await here.pass(9);
    expect(here.alerts()).toEqual([]);
  });

  it('survives a restart between two steps: the next is asked at its time, once', async () => {
    here = await ward();
    await here.pass(1);
    // Another process of the same store fires and hears the same deadline.
    const due = await here.engine.stores.deadlines.nextDue();
    await here.pass(2);
    const again = { workflow: 'protocoling', caseId: (await row())!.caseId, name: 'look', epoch: 1, at: due! };
    await here.engine.stores.deadlines.fire(again, here.engine.now);
    await here.engine.settle();
    expect(here.alerts()).toEqual(['dr-okafor', 'dr-lindqvist']);
  });
});

it('somebody is always being made to look, and nobody any more once it is over, whatever happens when (invariant 19, field report 15)', async () => {
  const act = fc.oneof(
    fc.record({ pass: fc.integer({ min: 1, max: 25 }) }),
    fc.record({ open: fc.constantFrom(0, 1, 2, 3) }),
    fc.record({ shut: fc.constantFrom('dr-okafor', 'dr-lindqvist') }),
    fc.constantFrom({ does: 'approve' as const }, { does: 'cancel' as const }, { does: 'change' as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
      if (!closed) await here.engine.close();
      here = await ward();
      let [over, isCancelled] = [false, false];
      for (const [n, one] of acts.entries()) {
        const before = here.alerts().length;
        if ('pass' in one) await here.pass(one.pass / 5);
        else if ('open' in one) await here.open(staff[one.open]!);
        else if ('shut' in one) here.shut.add(one.shut);
        else if (one.does === 'approve') over = (await here.engine.approve((await row())?.revision ?? 1).catch(() => 'over')) === 'won' || over;
        else {
          await here.engine.receive(statBytes(one.does, `M${n + 2}`, n + 2));
          // A change puts what was answered before once more.
          isCancelled ||= one.does === 'cancel';
          over = isCancelled;
        }
        await here.engine.settle();
        if (over && !('does' in one)) expect(here.alerts()).toHaveLength(before);
        const [open] = await here.engine.stores.views.open('protocoling');
        if (open === undefined || open.status !== 'waiting' || over) continue;
        const { look, revision } = stateOf(await lookFacts());
        expect(look).not.toEqual([]);
        const last = look.at(-1)!;
        const opened = look.length > 0 && (await openings(revision)) > 0;
        // Within its minutes, opened, or with the coordinator.
        if (!opened && last.until !== null) expect(addSeconds(last.until, 0) >= here.engine.now).toBe(true);
        const people = look.flatMap((asked) => asked.people);
        expect(new Set(people).size).toBe(people.length);
      }
      await here.engine.close();
      closed = true;
    }),
    { numRuns: 15 },
  );
});

interface Asked {
  readonly people: readonly string[];
  readonly until: Instant | null;
  readonly revision: number;
}

/** The facts of the case, opened. */
async function lookFacts(): Promise<
  readonly { readonly type: string; readonly revision: number; readonly people: readonly string[]; readonly until: Instant | null }[]
> {
  const { caseId } = (await row())!;
  const { facts: stored } = await here.engine.stores.cases.read('protocoling', caseId);
  return stored.map(({ fact }) => fact as Awaited<ReturnType<typeof lookFacts>>[number]);
}

function stateOf(all: Awaited<ReturnType<typeof lookFacts>>): { readonly look: readonly Asked[]; readonly revision: number } {
  const revision = Math.max(0, ...all.filter(({ type }) => type === 'approvalAsked').map((fact) => fact.revision));
  return { revision, look: all.filter((fact) => fact.type === 'lookAsked' && fact.revision === revision) };
}

async function openings(revision: number): Promise<number> {
  return (await lookFacts()).filter((fact) => fact.type === 'lookedAt' && fact.revision === revision).length;
}
