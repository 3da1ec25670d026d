import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { rota as rotaOf } from '#adapters/embedded/rota.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { eventId, personId } from '#core/ids.js';
import type { CaseNumber, PersonId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { addMinutes, instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Roster } from '#domain/roster.js';
import { caseNow } from '#engine/case-now.js';
import { desk } from '#engine/desk.js';
import { runCase } from '#engine/run-case.js';
import type { Declaration, PersonAnswer } from '#ports/desk.js';
import type { Rota } from '#ports/rota.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';

export const site = readSite(testSite);
const people = directory(site.people);
const always: readonly (readonly [string, readonly string[]])[] = [
  ['radiology', ['dr-okafor', 'dr-lindqvist']],
  ['emergency', ['dr-abebe', 'dr-castillo']],
  ['neurosurgery', ['dr-marchetti', 'dr-vance']],
  ['general-surgery', ['dr-fujita', 'dr-laurent']],
  ['medicine', ['dr-mensah', 'dr-kaplan']],
  // Nobody is second on call here.
  ['icu', ['dr-sandoval', '']],
];

export function personOf(id: string): Person {
  const found = site.people.find((one) => one.id === id);
  if (found === undefined) throw new Error(`people.json has no ${id}`);
  return found;
}

/** Critical results over a real store, with people, content and paging.json of the rehearsal site and a roster that never changes. */
export interface Ward {
  readonly engine: EngineFixture;
  readonly rota: Rota;
  /** A case of an order; alerts are declared on it. */
  readonly order: CaseNumber;
  declare(finding: string, category: 1 | 2 | 3, by?: string): Promise<CaseNumber>;
  /** A model, or a signed report, says it of the order's exam: one of its own, since then. */
  raise(kind: 'model' | 'report', finding: string, since: Instant): Promise<CaseNumber>;
  /** As a press on the card of now. */
  act(who: string, alert: CaseNumber, verb: PersonAnswer['verb'], more?: Partial<PersonAnswer>): Promise<string>;
  /** Written and sent by the radiologist. */
  send(finding: string, category: 1 | 2 | 3): Promise<CaseNumber>;
  /** The clock goes on; what falls due is done at its time. */
  later(minutes: number): Promise<void>;
  /** Who was called last for it. */
  calledFor(alert: CaseNumber): Promise<readonly PersonId[]>;
  patient(alert: CaseNumber): Promise<{ readonly id: string; readonly family: string; readonly given: string; readonly accession: string | null }>;
}

/** @param now the clock's first time @param speed of a rehearsal */
export async function openWard(now: Instant = instant.parse(new Date().toISOString()), speed = 1): Promise<Ward> {
  const engine = startEngineFixture('assist');
  engine.now = now;
  const until = addMinutes(now, 600);
  const levels = (service: string) =>
    (always.find(([id]) => id === service)?.[1] ?? []).map((id, index) => ({
      level: index + 1,
      people: id === '' ? [] : [personId.parse(id)],
      until,
    }));
  const roster: Roster = {
    services: () => always.map(([id]) => id),
    at: (service) => (always.some(([id]) => id === service) ? levels(service) : null),
    gaps: () => [],
    nextHandOff: () => until,
    named: () => [],
  };
  const policy = criticalPolicy({ site, content: readContent(testSite), people, roster, speed });
  if (policy === null) throw new Error('the rehearsal site has no critical results');
  Object.assign(engine.parts, {
    directory: people,
    workflows: registry({ protocoling: shippedPolicy, criticalResults: policy }),
    pager: { channels: new Set(['pager', 'sms', 'voice', 'email', 'print']), send: () => Promise.resolve({ ok: true, receipt: { id: '1' } }) },
  });
  await engine.receive(orderBytes());
  await engine.settle();
  const [row] = await engine.stores.views.open('protocoling');
  if (row === undefined) throw new Error('no case is open');
  const order = row.caseNumber;
  const at = () => desk(engine.parts, []);
  const factsOf = async (alert: CaseNumber) => {
    const known = await engine.parts.cases.findByNumber(alert);
    if (known === null) throw new Error(`there is no ${alert}`);
    return (await engine.parts.cases.read(known.workflow, known.caseId)).facts.map(
      ({ fact }) => fact as Record<string, unknown> & { readonly type: string },
    );
  };
  const ward: Ward = {
    ...{ engine, order, rota: rotaOf(site.onCall, roster, site.settings.zone) },
    async declare(finding, category, by = 'dr-okafor') {
      const asked: Declaration = { person: personOf(by), of: { caseNumber: order }, finding, category, side: null, via: 'words' };
      const declared = await at().declare(asked);
      if (!declared.ok) throw new Error(declared.why);
      await engine.settle();
      return declared.caseNumber;
    },
    async raise(kind, finding, since) {
      const { parts } = engine;
      const exam = await parts.cases.findByNumber(order);
      if (exam === null) throw new Error(`there is no ${order}`);
      const { workflow, state } = await caseNow(parts, exam.workflow, exam.caseId);
      const about = { ...(workflow.see(state).about as object), orderCase: order };
      const source =
        kind === 'model' ? { kind, model: 'head-ct', version: '1', confidence: 0.9 } : { kind, version: '1', quote: finding, reportedAt: since };
      const caseId = parts.cases.caseIdOf('critical-results', `raised ${finding}`);
      await runCase(parts, {
        ...{
          id: eventId.parse(`raised:${kind}`),
          workflow: 'critical-results',
          caseId,
          occurredAt: engine.now,
          actor: { kind: 'system', part: 'test' },
        },
        input: { type: 'criticalRaised', about, finding: { text: finding, classId: 'other', side: null, category: 1 }, source, reader: null, since },
      });
      await engine.settle();
      return (await parts.cases.read('critical-results', caseId)).caseNumber;
    },
    async act(who, alert, verb, more = {}) {
      const { current: revision = 1 } = (await at().shown(personId.parse(who), alert)) ?? {};
      const { outcome } = await at().answer({ person: personOf(who), caseNumber: alert, revision, verb, ...more });
      await engine.settle();
      return outcome;
    },
    async send(finding, category) {
      const alert = await ward.declare(finding, category);
      const outcome = await ward.act('dr-okafor', alert, 'release-critical');
      if (outcome !== 'won') throw new Error(`${alert} was not sent: ${outcome}`);
      return alert;
    },
    async later(minutes) {
      const end = addMinutes(engine.now, minutes);
      for (;;) {
        const due = await engine.stores.deadlines.nextDue();
        if (due === null || due > end) break;
        if (due > engine.now) engine.now = due;
        await engine.settle();
      }
      engine.now = end;
      await engine.settle();
    },
    async calledFor(alert) {
      const step = (await factsOf(alert)).findLast(({ type }) => type === 'stepTaken') as { reached: { person: PersonId }[] } | undefined;
      return step?.reached.map(({ person }) => person) ?? [];
    },
    async patient(alert) {
      const [first] = await factsOf(alert);
      const { about } = first as unknown as {
        about: { patient: { id: string; name: { family: string; given: string } }; accessionNumber: string | null };
      };
      return { id: about.patient.id, ...about.patient.name, accession: about.accessionNumber };
    },
  };
  return ward;
}
