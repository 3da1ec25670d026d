/**
 * Says where an alert was silent (invariants 19 and 20), from what stands outside of Radloop alone: what receivers got, what people did and were answered, and when what
 * was not there. The policy says what is due; how an alert stands is worked out here a third time, besides the workflow and test/laws/critical-reference.ts. Times are
 * epoch milliseconds by a clock that nobody set.
 */
export type Channel = 'teams' | 'pager' | 'sms' | 'email' | 'print';

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Somebody got a call about an alert, or a sheet was printed (`to`: `printer`). */
export interface Call {
  readonly at: number;
  readonly alert: string;
  readonly channel: Channel;
  readonly to: string;
}

/** What a person did: it was done between these two. */
export interface Act {
  readonly asked: number;
  /** When it was answered. */
  readonly at: number;
  readonly alert: string;
  readonly by: string;
  readonly does: 'acknowledge' | 'read-back' | 'record-call' | 'take-failsafe' | 'not-critical';
  /** Who took the call that was recorded. */
  readonly to?: string;
  /** Did the answer say that it counts? */
  readonly counted: boolean;
}

/** What the policy makes due for one alert that was sent, or one question that a report asks. */
export interface Due {
  readonly alert: string;
  readonly asked: number;
  /** The answer to whoever sent it; of a question the report's acknowledgement. */
  readonly since: number;
  /** Who is called on each level, and milliseconds until the next is due. */
  readonly levels: readonly { readonly people: readonly string[]; readonly lasts: number }[];
  readonly failsafe: { readonly people: readonly string[]; readonly every: number; readonly rests: number };
  readonly readBackWithin: number;
  /** Sent it: can't take it. Null: a question, which a radiologist answers. */
  readonly declarer: string | null;
  readonly ways: (person: string) => readonly Channel[];
}

export interface Timeline {
  readonly due: readonly Due[];
  readonly calls: readonly Call[];
  readonly acts: readonly Act[];
  /** Has this person a role that takes results, or answers questions? */
  readonly mayTake: (person: string) => boolean;
  readonly isOut: Readonly<Partial<Record<Channel, readonly Span[]>>>;
  /** The service was dead or starting, or the whole machine stood still. */
  readonly isAway: readonly Span[];
  /** What is due later is not judged. */
  readonly until: number;
  /** Milliseconds: a call after it is due; a print while mail and SMS are out; a call after its channel is back. */
  readonly within: { readonly call: number; readonly print: number; readonly back: number };
}

/** A clock of a moment is not that of another process to the millisecond. */
const SLOP = 2000;
/** What was under way when it was taken still arrives. */
const UNDER_WAY = 15_000;
export const PRINTER = 'printer';

/** Where it was silent, or stopped by the wrong person, a sentence each; of one alert the first silence, because the rest follows from it. */
export function silencesIn(timeline: Timeline): readonly string[] {
  const known = new Set(timeline.due.map(({ alert }) => alert));
  const strangers = new Set([...timeline.calls, ...timeline.acts].map(({ alert }) => alert).filter((alert) => !known.has(alert)));
  return [
    ...timeline.due.flatMap((due) => ofAlert(due, timeline)),
    ...[...strangers].map((alert) => `${alert}: people are called about it, and nobody has sent it`),
  ];
}

/** How one stands: what is next, and between when and when. */
interface Standing {
  /** Levels that have been reached; past the last it is at the failsafe. */
  level: number;
  reached: Set<string>;
  waits: 'for a step' | 'for a read-back' | 'at rest' | 'for nothing';
  holder: string | null;
  soonest: number;
  latest: number;
}

function ofAlert(due: Due, timeline: Timeline): readonly string[] {
  const calls = timeline.calls.filter(({ alert }) => alert === due.alert).toSorted((a, b) => a.at - b.at);
  const acts = timeline.acts.filter(({ alert, counted }) => alert === due.alert && counted).toSorted((a, b) => a.at - b.at);
  const now: Standing = {
    ...{ level: 0, reached: new Set<string>(), waits: 'for a step', holder: null },
    ...{ soonest: due.asked, latest: due.since },
  };
  const found: string[] = [];
  for (let next = 0; ;) {
    const step = stepOf(due, now);
    const deadline = patience(now.latest, timeline.within.call, timeline.isAway);
    const seen = witness(step, calls, now.soonest - SLOP, deadline);
    const act = acts[next];
    if (act !== undefined && (now.waits === 'for nothing' || act.at <= (seen?.at ?? deadline)) && !isByWhoIsCalledNow(act, step, now)) {
      next += 1;
      found.push(...applied(act, due, now, timeline));
      if (now.waits === 'for nothing') found.push(...calledAfter(act, calls));
      continue;
    }
    if (now.waits === 'for nothing' || deadline > timeline.until) return found;
    const missing = missingOf(step, due, now, { calls, acts, timeline });
    if (missing.length > 0) return [...found, ...missing];
    const soonest = seen === null ? now.soonest : Math.max(now.soonest, soonestOf(seen, timeline));
    reach(step, now, soonest, seen?.at ?? deadline);
  }
}

interface Step {
  readonly name: string;
  readonly people: readonly string[];
  readonly isFailsafe: boolean;
  readonly lasts: number;
}

function stepOf({ levels, failsafe }: Due, { level, reached }: Standing): Step {
  const found = levels[level];
  if (found !== undefined) return { name: `level ${level + 1}`, ...found, isFailsafe: false };
  return { name: 'the failsafe', people: [...new Set([...failsafe.people, ...reached])], isFailsafe: true, lasts: failsafe.every };
}

/** When the step was first seen from outside. The sheet tells it best: people may get what was meant for them before. */
function witness({ people, isFailsafe }: Step, calls: readonly Call[], from: number, to: number): Call | null {
  const those = calls.filter(({ at }) => at >= from && at <= to);
  const sheet = isFailsafe ? those.find(({ channel }) => channel === 'print') : undefined;
  return sheet ?? those.find((call) => people.includes(call.to)) ?? null;
}

/** When the step of a call can have been taken at the soonest: before it the call may have waited for the service, or for its way. */
function soonestOf({ at, channel }: Call, { isAway, isOut, within }: Timeline): number {
  const waited = (spans: readonly Span[], ms: number): readonly number[] =>
    spans.filter(({ from, to }) => from < at && to > at - ms).map(({ from }) => from);
  return Math.min(at, ...waited(isAway, within.call), ...waited(isOut[channel] ?? [], within.back));
}

/** Nobody outside saw the step, and whoever it is for acts already: it was taken. */
function isByWhoIsCalledNow(act: Act, { people }: Step, { reached, soonest, waits }: Standing): boolean {
  const who = act.to ?? act.by;
  return waits !== 'for nothing' && act.at >= soonest && !reached.has(who) && people.includes(who);
}

/** The step was taken between these two. */
function reach({ people, isFailsafe, lasts }: Step, now: Standing, soonest: number, latest: number): void {
  for (const person of people) now.reached.add(person);
  now.soonest = soonest + lasts;
  now.latest = latest + lasts;
  if (!isFailsafe) now.level += 1;
  now.waits = 'for a step';
  now.holder = null;
}

/** Only whoever was called, treats patients and did not send it themselves stops it; whoever takes the failsafe has it for a while. */
function applied(act: Act, due: Due, now: Standing, { mayTake }: Timeline): readonly string[] {
  if (act.does === 'take-failsafe') {
    if (now.level < due.levels.length) return [`${due.alert}: ${act.by} took the failsafe at ${time(act.at)}, and it was not there`];
    now.waits = 'at rest';
    now.soonest = act.asked + due.failsafe.rests;
    now.latest = act.at + due.failsafe.rests;
    return [];
  }
  const who = act.does === 'record-call' ? (act.to ?? '') : act.by;
  const isTheirs = due.declarer === null || (who !== due.declarer && now.reached.has(who));
  const isEntitled = mayTake(who) && isTheirs && !(act.does === 'record-call' && who === act.by);
  if (!isEntitled) return [`${due.alert}: ${act.does} of ${who} counted at ${time(act.at)}, who may not take it`];
  if (act.does === 'acknowledge') {
    now.waits = 'for a read-back';
    now.holder = who;
    now.soonest = act.asked + due.readBackWithin;
    now.latest = act.at + due.readBackWithin;
    return [];
  }
  if (now.holder !== null && now.holder !== who) return [`${due.alert}: ${act.does} of ${who} counted at ${time(act.at)}, and ${now.holder} had it`];
  now.waits = 'for nothing';
  return [];
}

function calledAfter({ at, by, to }: Act, calls: readonly Call[]): readonly string[] {
  const late = calls.find((call) => call.at > at + UNDER_WAY);
  return late === undefined
    ? []
    : [`${late.alert}: ${late.to} is called by ${late.channel} at ${time(late.at)}, and ${to ?? by} has had it since ${time(at)}`];
}

/** Of everybody whom the step is for, by each way that they have and that works. */
function missingOf(
  { name, people, isFailsafe }: Step,
  due: Due,
  now: Standing,
  { calls, acts, timeline }: { readonly calls: readonly Call[]; readonly acts: readonly Act[]; readonly timeline: Timeline },
): readonly string[] {
  const { isOut, isAway, within, until } = timeline;
  const wanted = [
    ...people.flatMap((to) => due.ways(to).map((channel) => ({ to, channel }))),
    ...(isFailsafe ? [{ to: PRINTER, channel: 'print' as const }] : []),
  ];
  return wanted.flatMap(({ to, channel }) => {
    const isOnlyPrint = channel === 'print' && (['email', 'sms'] as const).every((one) => overlaps(isOut[one], now.latest, now.latest + within.call));
    const by = patience(now.latest, isOnlyPrint ? within.print : within.call, isAway, isOut[channel], within.back);
    const isTaken = acts.some(({ asked, at, does }) => does !== 'take-failsafe' && at >= now.soonest && asked <= by);
    if (by > until || isTaken) return [];
    const came = calls.some((call) => call.to === to && call.channel === channel && call.at >= now.soonest - SLOP && call.at <= by);
    const after = calls.find((call) => call.to === to && call.channel === channel && call.at > by);
    const how = after === undefined ? 'never came' : `came ${((after.at - now.latest) / 1000).toFixed(1)} s after it was due`;
    return came ? [] : [`${due.alert}: ${name} was due at ${time(now.latest)}, and the ${channel} to ${to} ${how}`];
  });
}

function overlaps(spans: readonly Span[] = [], from: number, to: number): boolean {
  return spans.some((span) => span.from < to && span.to > from);
}

/**
 * Until when something that is due may take: so long with everything there. Time in which the service is away does not count, and after it there is `ms` again; after
 * its channel is back there is `back`.
 */
function patience(due: number, ms: number, isAway: readonly Span[], isOut: readonly Span[] = [], back = ms): number {
  let [at, left] = [due, ms];
  const spans = [...isAway.map((span) => ({ ...span, least: ms })), ...isOut.map((span) => ({ ...span, least: back }))];
  for (const { from, to, least } of spans.toSorted((a, b) => a.from - b.from)) {
    if (to <= at) continue;
    if (from >= at + left) break;
    left = Math.max(left - Math.max(from - at, 0), least);
    at = to;
  }
  return at + left;
}

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
