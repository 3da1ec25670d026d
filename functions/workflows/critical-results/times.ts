import type { Instant } from '#core/time.js';
import { alertTimes } from '#domain/critical-times.js';
import type { AlertTimes, Outcome, Trouble } from '#domain/critical-times.js';
import type { DrillRecord, DrillTerms } from '#domain/drill.js';
import type { Fact, Source } from './events.ts';
import { isAlert } from './state.ts';
import type { Alert, Attempt, State } from './state.ts';

const none: AlertTimes = {
  ...{ drill: false, category: 1, outcome: 'not-sent', service: null },
  ...{ declaredAt: null, modelAt: null, reportAt: null, releasedAt: null, deliveredAt: null },
  ...{ acknowledgedAt: null, readBackAt: null, closedAt: null, phoned: false },
  ...{ failsafeAt: null, failsafeTakenAt: null, troubles: [] },
};

/** The alert's times with one fact more: what reports are made of, without the patient. */
export function timesWith(before: unknown, fact: Fact, after: State): AlertTimes | undefined {
  if (!isAlert(after)) return undefined;
  const known = before === undefined ? none : alertTimes.parse(before);
  const { drill, finding, overBefore, released, acknowledged, readBack } = after;
  return {
    ...withQuestion(withFact(known, fact, after), known, fact),
    ...{ drill, category: (overBefore?.finding ?? finding).category, outcome: outcomeOf(after) },
    service: after.steps.flatMap(({ reached }) => reached.map(({ service }) => service)).find((service) => service !== null) ?? null,
    releasedAt: released?.at ?? null,
    acknowledgedAt: acknowledged?.at ?? readBack?.at ?? null,
    readBackAt: readBack?.at ?? null,
    phoned: (readBack ?? acknowledged)?.via === 'phone',
    ...(after.terms === null ? {} : { ofDrill: recordOf(after, after.terms) }),
  };
}

/** A signed report asks where it says what nobody knew, or more than what is over; one that joins asks nothing. */
function withQuestion(times: AlertTimes, { questions = [] }: AlertTimes, fact: Fact): AlertTimes {
  const asks = (fact.type === 'alertRaised' && fact.finding.category < 3) || (fact.type === 'sourceJoined' && fact.asksAnew === true);
  if (asks && fact.source.kind === 'report') return { ...times, questions: [...questions, fact.at] };
  return questions.length === 0 ? times : { ...times, questions };
}

/** What the state has forgotten by the time of a report. */
function withFact(known: AlertTimes, fact: Fact, after: Alert): AlertTimes {
  switch (fact.type) {
    case 'alertDrafted':
      return { ...known, declaredAt: earlier(known.declaredAt, fact.at) };
    case 'alertRaised':
      return begun(known, fact.source, fact.since);
    case 'sourceJoined': {
      const wasOver = known.outcome === 'closed' || known.outcome === 'withdrawn';
      if (fact.asksAnew !== true || !wasOver || fact.source.kind === 'person') return begun(known, fact.source, fact.since);
      return { ...known, again: { at: fact.since, by: fact.source.kind } };
    }
    case 'alertReleased': {
      const { acknowledgeWithin } = fact;
      const times = known.again === undefined ? known : begunAgain(known, known.again);
      return acknowledgeWithin === undefined ? times : { ...times, acknowledgeWithin };
    }
    case 'wasTold':
    case 'wasPaged':
    case 'pageDelivered': {
      const [to, isPerson] = fact.type === 'wasTold' ? [fact.person, true] : [fact.to, fact.channel !== 'print'];
      const isLogged = fact.type === 'wasPaged' && fact.logged === true;
      const isReceiver = isPerson && !isLogged && after.released !== null && after.addressed.some((person) => person === to);
      return isReceiver ? { ...known, deliveredAt: known.deliveredAt ?? fact.at } : known;
    }
    case 'pageUndeliverable': {
      const page = after.attempts.find(({ channel, receipt }) => channel === fact.channel && receipt === fact.receipt);
      const isIt = page?.at === known.deliveredAt && known.acknowledgedAt === null;
      return isIt ? { ...known, deliveredAt: deliveryOf(after) } : known;
    }
    case 'acknowledged':
      // By telephone: it has reached a person then at the latest.
      return { ...known, deliveredAt: known.deliveredAt ?? fact.at };
    case 'alertClosed':
      return { ...known, closedAt: fact.at };
    case 'stepTaken':
    case 'failsafeReached': {
      // Where somebody was called, one who is missing beside them left no level empty.
      const isEmpty = fact.skipped.some(({ level }) => fact.type === 'failsafeReached' || level !== fact.level);
      const missing = isEmpty ? withTrouble(known, 'nobody-on-call') : known;
      const reached = fact.because === 'not-reached' ? withTrouble(missing, 'not-reached') : missing;
      return { ...reached, closedAt: null, failsafeAt: fact.type === 'failsafeReached' ? (known.failsafeAt ?? fact.at) : known.failsafeAt };
    }
    case 'failsafeTaken':
      return { ...known, failsafeTakenAt: known.failsafeTakenAt ?? fact.at };
    case 'unsentTold':
    case 'askedWhether':
      return fact.n > 1 ? withTrouble(known, 'not-sent-at-once') : known;
    case 'declined':
      return withTrouble(known, 'declined');
    case 'readBackOverdue':
      return withTrouble(known, 'read-back-overdue');
    case 'disputed':
      return { ...withTrouble(known, 'disputed'), closedAt: null };
    case 'recategorised':
    case 'patientJoined':
      return after.released === null ? known : withTrouble(known, 'changed');
    default:
      return known;
  }
}

/** What was over is another communication from here on: the one before was counted while it stood. */
function begunAgain({ drill, category, outcome, service }: AlertTimes, { at, by }: NonNullable<AlertTimes['again']>): AlertTimes {
  return { ...none, drill, category, outcome, service, ...(by === 'model' ? { modelAt: at } : { reportAt: at }) };
}

function begun(known: AlertTimes, source: Source, since: Instant): AlertTimes {
  switch (source.kind) {
    case 'person':
      return { ...known, declaredAt: earlier(known.declaredAt, since) };
    case 'report':
      return { ...known, reportAt: earlier(known.reportAt, since) };
    case 'model':
      return { ...known, modelAt: earlier(known.modelAt, since) };
    default:
      return source satisfies never;
  }
}

/** Nobody has ordered a drill's exam, so that nobody is missing for it who would have. */
const NOT_OF_A_DRILL: readonly string[] = ['attending', 'orderer'];

function recordOf({ steps, attempts, ended }: Alert, { service, agreed, endsAfterMinutes }: DrillTerms): DrillRecord {
  const ways = [...Map.groupBy(attempts, ({ channel }) => channel)].map(([way, all]) => {
    const failed = all.filter((one) => one.failed !== null).length;
    const logged = all.filter((one) => one.logged).length;
    return { way, taken: all.length - failed - logged, failed, ...(logged === 0 ? {} : { logged }) };
  });
  return {
    ...{ service, agreed, endsAfterMinutes, ways },
    steps: steps.map(({ level, at, reached, skipped }) => ({
      ...{ level, at, people: reached.length },
      nobody: skipped.map(({ as }) => as).filter((as) => !NOT_OF_A_DRILL.includes(as)),
    })),
    ended: ended === null ? null : { at: ended.at, why: ended.why },
  };
}

/** Of what is asked anew: how it had ended. */
function outcomeOf({ status, overBefore }: Alert): Outcome {
  return status === 'draft' || status === 'asking' ? (overBefore?.status ?? 'not-sent') : status;
}

/** When a channel first took it for a person who was called, of what did not turn out to be undeliverable. */
function deliveryOf({ attempts, addressed, released }: Alert): Instant | null {
  if (released === null) return null;
  const isDelivery = ({ channel, to, at, failed, logged, came }: Attempt): boolean =>
    at >= released.at && failed === null && !logged && came?.delivered !== false && channel !== 'print' && addressed.some((person) => person === to);
  return attempts.find(isDelivery)?.at ?? null;
}

function earlier(one: Instant | null, other: Instant): Instant {
  return one !== null && one < other ? one : other;
}

function withTrouble(known: AlertTimes, trouble: Trouble): AlertTimes {
  return known.troubles.includes(trouble) ? known : { ...known, troubles: [...known.troubles, trouble] };
}
