import fc from 'fast-check';
import { isEdit } from '#core/effect.js';
import { toInstant } from '#core/time.js';
import type { Category } from '#domain/critical.js';
import type { CriticalAction } from '#core/action.js';
import type { Input } from '#workflows/critical-results/events.js';
import type { Real, Sent } from './critical-real.ts';
import type { Reference } from './critical-reference.ts';
import { ACCESSION, aboutWith, holders, names, personOf, RECORD, ruleFor, waysOf } from './critical-world.ts';
import { check, heard, sayNothing } from './critical-laws.ts';

/** What can happen to an alert, each to the reference and to the workflow; after each the laws are checked. */
export type Command = fc.Command<Reference, Real>;

const SECOND = 1000;
const rolesOf = (id: string): readonly string[] => personOf(id).roles;
/** Of roles that nobody holds in this hospital nobody does. */
const holding = (id: string, { gaps }: Real): readonly string[] => rolesOf(id).filter((role) => holders(role, gaps).includes(id));

function command(name: string, run: (model: Reference, real: Real) => void): Command {
  return {
    check: () => true,
    run(model, real) {
      run(model, real);
      check(model, real);
    },
    toString: () => name,
  };
}

/** Time passes; timers come up to ten seconds late, in their order. */
function wait(model: Reference, real: Real, milliseconds: number, lateness: number): void {
  const until = real.elapsed + milliseconds;
  for (let n = 0; n < 2_000; n += 1) {
    const timer = real.nextTimer(until);
    if (timer === null) break;
    real.elapsed = Math.max(real.elapsed, timer.dueAt + lateness);
    if (timer.name === 'window') {
      const { phase } = model;
      model.calls = null;
      model.windowOver(real.now());
      real.fire(timer);
      heard(model, real, phase);
    } else if (timer.name === 'seen') {
      model.reminderPassed(real.now());
      real.fire(timer);
    } else {
      model.shiftChanges(real.now());
      real.fire(timer);
    }
    check(model, real);
  }
  real.elapsed = Math.max(real.elapsed, until);
}

function waysNow(model: Reference, real: Real): (person: string) => readonly string[] {
  const { channels } = ruleFor(model.category);
  return (person) => ['chat', ...(real.gaps.otherWays ? [] : (waysOf[person] ?? []).filter((way) => channels.includes(way)))];
}

function deliver(model: Reference, real: Real, sent: Sent, outcome: 'taken' | 'lost' | 'later'): void {
  if (outcome === 'later') return;
  real.queue = real.queue.filter((one) => one !== sent);
  const says = real.says(sent);
  sayNothing(model, real, sent, says);
  if (says === null) return;
  const isLost = outcome === 'lost';
  const isAlertTo = isLost && (sent.kind === 'tellPerson' || sent.kind === 'page') && sent.note === 'alert';
  const { phase } = model;
  model.calls = null;
  if (isAlertTo) {
    const [person, way] = sent.kind === 'page' ? [sent.to, sent.channel] : [sent.person, 'chat'];
    model.failed(person, way, waysNow(model, real), real.now());
  }
  if (!isLost && sent.kind === 'tellPerson' && !isEdit(sent)) model.heardBy(sent.person, sent.note);
  if (!isLost && sent.kind === 'page' && sent.channel !== 'print') model.heardBy(sent.to, sent.note);
  if (!isLost && sent.kind === 'page') model.paged.add(sent.key);
  real.deliver(sent, isLost);
  heard(model, real, phase);
}

const everybody = fc.constantFrom(...names);

/** What a gateway says later of a page: one that was delivered changes nothing for anybody, one that was not is one way fewer. */
const reports = fc.tuple(fc.nat(30), fc.boolean()).map(([n, isDelivered]) =>
  command(`page ${n} was ${isDelivered ? '' : 'not '}delivered`, (model, real) => {
    const pages = real.paged.filter(({ channel }) => channel === 'sms' || channel === 'voice');
    const page = pages[n % Math.max(pages.length, 1)];
    if (page === undefined) return;
    const { channel, to, note, key } = page;
    const { phase } = model;
    model.calls = null;
    const isFirst = !model.reported.has(key);
    model.reported.add(key);
    if (!isDelivered && isFirst && note === 'alert' && model.paged.has(key)) model.failed(to, channel, waysNow(model, real), real.now());
    const { effects } = real.hear({ type: 'pageReported', channel, receipt: key, what: isDelivered ? 'delivered' : 'undeliverable' });
    if (isDelivered && effects.length > 0) throw new Error('a page that was delivered had something done');
    heard(model, real, phase);
  }),
);

/** Whoever answers a page has taken nothing, stopped nothing and seen nothing by that. */
const replies = fc.tuple(everybody, fc.constantFrom('sms', 'voice')).map(([by, channel]) =>
  command(`${by} answers by ${channel}`, (_model, real) => {
    const before = real.alert();
    const { facts, effects } = real.hear({ type: 'pageReplied', channel, person: real.named(by).id });
    const isCalled = before.addressed.includes(real.named(by).id) && real.paged.some((page) => page.channel === channel && page.to === by);
    const isNew = isCalled && before.status === 'open' && !before.comingNow.some(({ id }) => id === by);
    if (facts.map(({ type }) => type).join() !== (isNew ? 'comesNow' : ''))
      throw new Error('an answer to a page is "on my way" of who was paged, once');
    if (effects.some(({ kind }) => kind !== 'showCard')) throw new Error('an answer to a page had something done');
  }),
);

const revisions = fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1);
const category = fc.constantFrom<Category>(1, 1, 2, 3);

/** An answer, and whether it counted: the workflow and the reference must say the same. */
function answers(name: string, run: (model: Reference, real: Real) => readonly [string, boolean]): Command {
  return command(name, (model, real) => {
    const { phase } = model;
    model.calls = null;
    const [outcome, counted] = run(model, real);
    const did = outcome === 'won' || outcome === 'noted';
    if (did !== counted) throw new Error(`${name}: the workflow says ${outcome}, the reference ${counted ? 'that it counts' : 'that it does not'}`);
    if (!did && real.last.facts.some(({ type }) => type !== 'identifierWrong') && outcome !== 'unauthorised')
      throw new Error(`${name}: refused, and yet it was recorded`);
    heard(model, real, phase);
  });
}

function byAuthorised(
  verb: CriticalAction,
  more: Partial<Extract<Input, { type: 'personAnswered' }>>,
  counts: (model: Reference, real: Real, by: string, version: number) => boolean,
) {
  return fc.tuple(everybody, revisions).map(([by, off]) =>
    answers(`${verb} by ${by} (${off})`, (model, real) => {
      const version = model.version + off;
      const outcome = real.answer(by, verb, version, { text: 'a reason', ...more });
      return [outcome, outcome === 'unauthorised' ? false : counts(model, real, by, version)];
    }),
  );
}

const acts: readonly fc.Arbitrary<Command>[] = [
  fc
    .tuple(fc.constantFrom(null, 1, 2, 3), fc.integer({ min: 0, max: 1 }))
    .chain(([to]) =>
      byAuthorised('release-critical', { fields: to === null ? {} : { category: String(to) } }, (model, real, by, version) =>
        model.release(by, to, version, holding(by, real), real.now()),
      ),
    ),
  byAuthorised('not-critical', {}, (model, _real, _by, version) => model.notCritical(version)),
  category.chain((to) =>
    byAuthorised('recategorise', { fields: { category: String(to) } }, (model, real, by, version) => model.recategorise(by, to, version, real.now())),
  ),
  byAuthorised('withdraw-critical', { fields: { kind: 'wrong-patient' } }, (model, real, by, version) => model.withdraw(by, version, real.now())),
  byAuthorised('take-over', {}, (model, _real, by, version) => model.takeOver(by, version)),
  byAuthorised('take-failsafe', {}, (model, real, _by, version) => model.takeFailsafe(version, real.now())),
  byAuthorised('not-what-i-said', {}, (model, real, by, version) => model.dispute(by, 'not-what-i-said', version, real.now())),
  everybody.chain((receiver) =>
    fc.tuple(everybody, revisions).map(([by, off]) =>
      answers(`record-call by ${by} with ${receiver} (${off})`, (model, real) => {
        const version = model.version + off;
        const outcome = real.answer(by, 'record-call', version, { text: 'said back', to: real.named(receiver) });
        return [outcome, outcome !== 'unauthorised' && model.recordCall(by, receiver, version, rolesOf(receiver))];
      }),
    ),
  ),
  // The workflow itself keeps the wrong ones out, whatever was looked at before.
  fc.tuple(everybody, revisions).map(([by, off]) =>
    answers(`acknowledge by ${by} (${off})`, (model, real) => {
      const version = model.version + off;
      const outcome = real.answerUnchecked(by, 'acknowledge', version);
      return [outcome, model.phase === 'withdrawn' ? model.seen(by, version) : model.acknowledge(by, version, rolesOf(by), real.now())];
    }),
  ),
  fc.tuple(everybody, revisions, fc.constantFrom(RECORD, 'acc-771 9001', '12345', ACCESSION)).map(([by, off, identifier]) =>
    answers(`read-back by ${by} (${off}) of ${identifier}`, (model, real) => {
      const version = model.version + off;
      const fields = { identifier, finding: 'my own words', action: 'a drain' };
      const outcome = real.answerUnchecked(by, 'read-back', version, { fields });
      const isRight = identifier !== '12345';
      return [outcome, model.readBack(by, version, isRight, rolesOf(by), real.now())];
    }),
  ),
  fc.tuple(everybody, revisions).map(([by, off]) =>
    answers(`decline-alert by ${by} (${off})`, (model, real) => {
      const version = model.version + off;
      const outcome = real.answerUnchecked(by, 'decline-alert', version, { text: 'not mine' });
      return [outcome, model.decline(by, version, real.now())];
    }),
  ),
  everybody.map((by) =>
    answers(`not-me by ${by}`, (model, real) => {
      const outcome = real.answerUnchecked(by, 'not-me', model.version);
      return [outcome, model.dispute(by, 'not-me', model.version, real.now())];
    }),
  ),
  byAuthorised('seen', {}, (model, _real, by, version) => model.seen(by, version)),
  everybody.map((by) =>
    command(`on-my-way by ${by}`, (model, real) => {
      if (real.answer(by, 'on-my-way', model.version) === 'noted') model.sees(by);
    }),
  ),
];

/** The one who can do it does, at the version that stands: so that histories get further than refusals. */
const rightActs: readonly fc.Arbitrary<Command>[] = [
  fc.nat(9).map((n) =>
    answers(`acknowledge by one of who was called (${n})`, (model, real) => {
      const all = [...model.called];
      const by = all[n % Math.max(all.length, 1)] ?? 'dr-elsewhere';
      const outcome = real.answerUnchecked(by, 'acknowledge', model.version);
      return [outcome, model.phase === 'withdrawn' ? model.seen(by, model.version) : model.acknowledge(by, model.version, rolesOf(by), real.now())];
    }),
  ),
  fc.nat(9).map((n) =>
    answers(`read-back by who took it, or one of who was called (${n})`, (model, real) => {
      const all = [...model.called];
      const by = model.takenBy ?? all[n % Math.max(all.length, 1)] ?? 'dr-elsewhere';
      const outcome = real.answerUnchecked(by, 'read-back', model.version, {
        fields: { identifier: RECORD, finding: 'my own words', action: 'a drain' },
      });
      return [outcome, model.readBack(by, model.version, true, rolesOf(by), real.now())];
    }),
  ),
  fc.nat(2).map((n) =>
    answers(`decline-alert by one of who was called (${n})`, (model, real) => {
      const by = model.takenBy ?? [...model.called][n] ?? 'dr-elsewhere';
      const outcome = real.answerUnchecked(by, 'decline-alert', model.version, { text: 'not mine' });
      return [outcome, model.decline(by, model.version, real.now())];
    }),
  ),
  fc.nat(4).map((n) =>
    answers(`record-call by dr-okafor with one of who was called (${n})`, (model, real) => {
      const receiver = [...model.called][n] ?? 'dr-elsewhere';
      const outcome = real.answer('dr-okafor', 'record-call', model.version, { text: 'said back', to: real.named(receiver) });
      return [outcome, model.recordCall('dr-okafor', receiver, model.version, rolesOf(receiver))];
    }),
  ),
  fc.tuple(fc.nat(9), fc.boolean()).map(([n, isPhoned]) =>
    answers(`${isPhoned ? 'record-call with' : 'seen by'} one who has not seen what became of it (${n})`, (model, real) => {
      const all = [...(model.phase === 'withdrawn' ? model.unseen : model.changeUnseen)];
      const by = all[n % Math.max(all.length, 1)] ?? 'dr-elsewhere';
      if (!isPhoned) {
        const outcome = real.answer(by, 'seen', model.version);
        return [outcome, outcome !== 'unauthorised' && model.seen(by, model.version)];
      }
      const outcome = real.answer('dr-okafor', 'record-call', model.version, { text: 'said back', to: real.named(by) });
      return [outcome, model.recordCall('dr-okafor', by, model.version, rolesOf(by))];
    }),
  ),
  fc.constant(
    answers('take-failsafe by s-tamm', (model, real) => {
      const outcome = real.answer('s-tamm', 'take-failsafe', model.version);
      return [outcome, outcome !== 'unauthorised' && model.takeFailsafe(model.version, real.now())];
    }),
  ),
  fc.constant(
    answers('release-critical by dr-okafor', (model, real) => {
      const outcome = real.answer('dr-okafor', 'release-critical', model.version);
      return [outcome, model.release('dr-okafor', null, model.version, rolesOf('dr-okafor'), real.now())];
    }),
  ),
];

const waits = fc
  .tuple(
    fc.constantFrom(1, 1, 20, 20, 61, 61, 125, 125, 301, 301, 301, 301, 301, 301, 600, 600, 1200, 1200, 3600, 3600, 11_000, 50_000),
    fc.integer({ min: 0, max: 10_000 }),
  )
  .map(([seconds, lateness]) =>
    command(`wait ${seconds} s, timers ${lateness} ms late`, (model, real) => {
      wait(model, real, seconds * SECOND, lateness);
    }),
  );

const oldTimers = fc.nat(50).map((n) =>
  command(`timer ${n} of before comes once more`, (model, real) => {
    const timer = real.old[n % Math.max(real.old.length, 1)];
    if (timer === undefined) return;
    if (timer.name === 'hand-off') {
      model.shiftChanges(real.now());
      real.hear({ type: 'deadlinePassed', name: timer.name, epoch: timer.epoch });
      return;
    }
    const { facts, effects } = real.hear({ type: 'deadlinePassed', name: timer.name, epoch: timer.epoch });
    if (facts.length > 0 || effects.length > 0) throw new Error('a timer that was heard already changed something');
  }),
);

const deliveries = fc.tuple(fc.nat(30), fc.constantFrom<'taken' | 'lost' | 'later'>('taken', 'lost', 'later')).map(([n, outcome]) =>
  command(`message ${n} ${outcome}`, (model, real) => {
    const sent = real.queue[n % Math.max(real.queue.length, 1)];
    if (sent !== undefined) deliver(model, real, sent, outcome);
  }),
);

const allDeliveries = fc.constantFrom<'taken' | 'lost'>('taken', 'taken', 'lost').map((outcome) =>
  command(`all that waits ${outcome}`, (model, real) => {
    for (const sent of real.queue.slice(0, 60)) {
      deliver(model, real, sent, outcome);
      check(model, real);
    }
  }),
);

const moves = fc
  .tuple(
    fc.constantFrom('I', 'E', 'O', null),
    fc.constantFrom('W3', 'ED', 'NCLIN', 'X9', null),
    fc.constantFrom(true, true, false, null),
    fc.constantFrom(0, 0, -7200, -100_000),
  )
  .map(([patientClass, ward, present, secondsAgo]) =>
    command(`ADT ${String(patientClass)} ${String(ward)} present ${String(present)} ${secondsAgo}`, (model, real) => {
      const asOf = real.now() + secondsAgo * SECOND;
      const { phase } = model;
      model.calls = null;
      model.moved(patientClass, ward, asOf, present, real.now());
      const { patient } = aboutWith('I', null, null);
      const location = ward === null ? null : { pointOfCare: ward, room: '', bed: '', facility: '' };
      const origin = {
        rawHash: 'x',
        sendingApplication: 'ADT',
        sendingFacility: 'H',
        messageTime: null,
        receivedAt: toInstant(real.now()),
        quality: [],
      };
      real.hear({ type: 'patientUpdated', trigger: 'A02', ...origin, patient, location, patientClass, present, sortTime: toInstant(asOf) });
      heard(model, real, phase);
    }),
  );

const merges = fc.nat(2).map((n) =>
  command(`merged with record ${n}`, (model, real) => {
    const { phase } = model;
    model.calls = null;
    const { patient } = aboutWith('I', null, null);
    const surviving = { ...patient, id: `MERGED${n}`, identifiers: [{ id: `MERGED${n}`, assigner: 'MRN', type: 'MR' }] };
    const isNew = !real.alert().about.patient.identifiers.some(({ id }) => id === `MERGED${n}`);
    if (isNew) model.merged(real.now());
    const origin = {
      rawHash: 'x',
      sendingApplication: 'ADT',
      sendingFacility: 'H',
      messageTime: null,
      receivedAt: toInstant(real.now()),
      quality: [],
    };
    real.hear({ type: 'patientMerged', trigger: 'A40', ...origin, surviving, prior: [{ id: RECORD, assigner: 'MRN', type: 'MR' }], sortTime: null });
    heard(model, real, phase);
  }),
);

export function raise(
  model: Reference,
  real: Real,
  quote: string | null,
  to: Category,
  reader: string | null,
  of = aboutWith('I', 'W3', 'P1'),
): void {
  model.raise(quote ?? 'model', to, reader, real.now());
  const source =
    quote === null
      ? ({ kind: 'model', model: 'm', version: '1', confidence: null } as const)
      : ({ kind: 'report', version: '1', quote, reportedAt: null } as const);
  const finding = { text: 'Tension pneumothorax', classId: 'pneumothorax', side: null, category: to };
  real.hear({
    type: 'criticalRaised',
    about: of,
    finding,
    source,
    reader: reader === null ? null : real.named(reader).id,
    since: toInstant(real.now()),
  });
}

export function draft(model: Reference, real: Real, by: string, to: Category, of = aboutWith('I', 'W3', 'P1')): void {
  model.draft(by, to, real.now());
  const finding = { text: 'Tension pneumothorax', classId: 'pneumothorax', side: null, category: to };
  real.hear({ type: 'criticalDrafted', by: real.named(by), via: 'button', about: of, finding, drill: false });
}

const sources = fc.tuple(fc.constantFrom(null, 'one', 'two'), category).map(([quote, to]) =>
  command(`a further source (${quote ?? 'model'}) says category ${to}`, (model, real) => {
    raise(model, real, quote, to, null);
  }),
);
/** Nothing is withdrawn, stopped or begun by it, whatever has become of the alert. */
const corrections = fc.boolean().map((isStill) =>
  command(`a corrected report ${isStill ? 'still' : 'no longer'} says it`, (model, real) => {
    const { phase } = model;
    const { patient } = aboutWith('I', 'W3', 'P1');
    const { until, status } = real.alert();
    const classes = isStill ? ['pneumothorax'] : [];
    model.calls = null;
    const { facts } = real.hear({ type: 'reportSaysNoLonger', version: 'C1', classes, patient });
    if (isStill && facts.length > 0) throw new Error('a report that still says it had something done');
    const after = real.alert();
    if (after.until !== until || after.status !== status) throw new Error('a corrected report changed what is waited for');
    heard(model, real, phase);
  }),
);
const drafts = fc.tuple(fc.constantFrom('dr-okafor', 'dr-both'), category).map(([by, to]) =>
  command(`declared by ${by} with category ${to}`, (model, real) => {
    draft(model, real, by, to);
  }),
);

const clockSteps = fc.constantFrom(-86_400, -3600, -300, -60, 60, 3600, 86_400).map((seconds) =>
  command(`the clock is set by ${seconds} s`, (_model, real) => {
    real.stepped += seconds * SECOND;
  }),
);

export const commands: fc.Arbitrary<Command>[] = [
  ...[waits, waits, waits, waits, waits, waits],
  ...[
    oldTimers,
    deliveries,
    deliveries,
    allDeliveries,
    allDeliveries,
    reports,
    reports,
    replies,
    moves,
    merges,
    sources,
    corrections,
    drafts,
    clockSteps,
  ],
  ...acts,
  ...rightActs,
  ...rightActs,
  ...rightActs,
];
