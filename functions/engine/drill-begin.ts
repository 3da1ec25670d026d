import { approvalBy } from '#core/approval.js';
import { isInTheWay } from '#core/drill.js';
import type { Calling } from '#core/drill.js';
import { eventId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import { CRITICAL } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import { agreedAt, drillKey } from '#domain/drill.js';
import type { DrillRules, DrillTerms } from '#domain/drill.js';
import { serviceNamed } from '#domain/on-call.js';
import type { OnCallService } from '#domain/on-call.js';
import type { DrillRequest } from '#ports/drills.js';
import type { Asker } from './caller.ts';
import { caseNow } from './case-now.ts';
import { callOff, callingsOf } from './drill-clear.ts';
import type { Open } from './drill-clear.ts';
import type { Answered, DrillNeeds } from './drill-needs.ts';
import { drillWordsIn } from './drill-words.ts';
import { inLanguageOf } from './found.ts';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';

type Start = Extract<DrillRequest, { ask: 'drill-start' }>;
type Says = ReturnType<typeof drillWordsIn>;

/**
 * It is written first and sent after it was looked whether it is in the way of something; whatever opens in between finds it written, and ends it. So of the two
 * one always sees the other.
 */
export async function beginDrill(needs: DrillNeeds, asker: Asker, request: Start): Promise<Answered> {
  const { parts, rules, site, services } = needs;
  const says = drillWordsIn(asker.person.language);
  if (!parts.workflows.some(({ name }) => name === CRITICAL)) return refused('not-set-up', says.notSetUp);
  if (rules === null) return refused('no-rules', says.noRules);
  if (request.site !== null && request.site !== site.id) return refused('other-site', says.otherSite(site.id, request.site));
  const now = parts.clock.now();
  const service = serviceOf(needs, rules, request.service, now);
  if (service === null) {
    const names = services.filter(hasWards).map(({ name }) => name);
    return refused('service', request.service === null ? says.whichService(names) : says.noService(request.service, names));
  }
  const terms = termsOf(needs, rules, service, request, now);
  if (terms.agreed === null && terms.reason === null) {
    const agreed = rules.agreed.filter((one) => one.service === service.id);
    return refused('needs-reason', says.needsReason(service.name, agreed), service);
  }
  const before = among(await openCallings(parts), null, { drill: true, services: [service.id], people: [] });
  if (before !== null) return hindered(before, says, service);
  const drill = await written(needs, asker, { service, terms, category: request.category, now });
  const open = await openCallings(parts);
  const mine = open.find(({ caseId }) => caseId === drill.caseId);
  const since = mine === undefined ? null : among(open, mine.caseId, mine.calling);
  if (since !== null) {
    await callOff(parts, drill, { why: 'not-sent', alert: since.calling.drill ? null : since.caseNumber, by: null });
    return hindered(since, says, service);
  }
  const answer = await sent(parts, asker, drill);
  if (answer?.outcome !== 'won') return refused('ended', says.notSent(drill.caseNumber), service);
  const detail = { number: drill.caseNumber, service: service.id, category: request.category, agreed: terms.agreed !== null };
  return { reply: { ok: true, answer: 'said', caseNumber: drill.caseNumber, text: answer.text }, detail };
}

function hasWards({ pointsOfCare }: OnCallService): boolean {
  return pointsOfCare.length > 0;
}

/** Which is meant; left out, the one that has agreed to now. Nobody finds the on-call of a service without wards by where a patient is. */
function serviceOf({ services, site }: DrillNeeds, rules: DrillRules, said: string | null, now: Instant): OnCallService | null {
  const withWards = services.filter(hasWards);
  if (said !== null) return serviceNamed(withWards, said);
  const [only, ...more] = withWards.filter(({ id }) => agreedAt(rules, id, now, site.zone) !== null);
  return only === undefined || more.length > 0 ? null : only;
}

function termsOf({ site, speed = 1 }: DrillNeeds, rules: DrillRules, { id }: OnCallService, { category, reason }: Start, now: Instant): DrillTerms {
  const agreed = agreedAt(rules, id, now, site.zone);
  const why = reason?.trim().slice(0, 1000) ?? '';
  return {
    service: id,
    agreed: agreed === null ? null : { by: agreed.agreedBy, on: agreed.agreedOn },
    reason: why === '' ? null : why,
    endsAfterMinutes: rules.endsAfterMinutes[category] / speed,
  };
}

async function openCallings(parts: Parts): Promise<readonly Open[]> {
  return callingsOf(parts, await parts.views.open(CRITICAL));
}

/** Something in earnest, or another drill of the service. */
function among(open: readonly Open[], own: CaseId | null, drill: Calling): Open | null {
  const others = open.filter(({ caseId }) => caseId !== own);
  const earnest = others.find(({ calling }) => !calling.drill && isInTheWay(drill, calling));
  return earnest ?? others.find(({ calling }) => calling.drill && (calling.services?.some((one) => drill.services?.includes(one)) ?? true)) ?? null;
}

interface Wanted {
  readonly service: OnCallService;
  readonly terms: DrillTerms;
  readonly category: 1 | 2;
  readonly now: Instant;
}

async function written({ parts, site }: DrillNeeds, { person }: Asker, { service, terms, category, now }: Wanted) {
  const caseId = parts.cases.caseIdOf(CRITICAL, drillKey(service.id, now));
  const { caseNumber } = await caseNow(parts, CRITICAL, caseId);
  const { exam, finding } = drillWordsIn(site.language);
  await runCase(parts, {
    ...{ id: eventId.parse(`drill:${person.id}`), workflow: CRITICAL, caseId, occurredAt: now, actor: { kind: 'person', person: person.id } },
    input: {
      ...{ type: 'criticalDrafted', by: { id: person.id, name: person.name }, via: 'command-line', drill: true, terms },
      about: aboutOf(service, caseNumber, exam, now),
      finding: { text: finding, classId: 'drill', side: null, category },
      ...inLanguageOf(person),
    },
  });
  return { caseId, caseNumber };
}

/** An exam that is none, of nobody, on the service's own ward: whoever is on call there is found as for a patient. */
function aboutOf({ id, pointsOfCare: [pointOfCare = ''] }: OnCallService, caseNumber: CaseNumber, exam: string, asOf: Instant): About {
  return {
    ...{ placerOrderNumber: null, fillerOrderNumber: null, accessionNumber: `DRILL-${caseNumber}`, procedure: null, priority: null },
    patient: { id: null, assigner: '', identifiers: [], name: null, birthDate: null, sex: null },
    ...{ patientClass: id === 'emergency' ? 'E' : 'I', orderingProvider: null, orderCase: null, exam, modality: null },
    location: { at: { pointOfCare, room: '', bed: '', facility: '' }, asOf },
  };
}

/** The yes is that of who begins it. */
function sent(
  parts: Parts,
  { person }: Asker,
  { caseId, caseNumber }: { readonly caseId: CaseId; readonly caseNumber: CaseNumber },
): Promise<Answer | undefined> {
  const now = parts.clock.now();
  const id = eventId.parse(`drill-sent:${person.id}`);
  return runCase(parts, {
    ...{ id, workflow: CRITICAL, caseId, occurredAt: now, actor: { kind: 'person', person: person.id } },
    input: {
      ...{ type: 'personAnswered', verb: 'release-critical', person: person.id, name: person.name, revision: 1, text: null },
      approval: approvalBy(person, now, caseNumber, 1, id),
      ...inLanguageOf(person),
    },
  });
}

function hindered({ calling, caseNumber, category }: Open, says: Says, service: OnCallService): Answered {
  return calling.drill
    ? refused('under-way', says.underWay(service.name, caseNumber), service)
    : refused('in-earnest', says.inEarnest(service.name, caseNumber, category), service);
}

function refused(why: string, text: string, service?: OnCallService): Answered {
  return {
    reply: { ok: false, code: 'not-possible', text },
    detail: { refused: why, ...(service === undefined ? {} : { service: service.id }) },
  };
}
