import { openButton } from '#cards/kit/ask.js';
import { badged } from '#cards/kit/badge.js';
import { patientBanner } from '#cards/kit/banner.js';
import { adaptiveCard, container, paragraph, run, textBlock, verbatim } from '#cards/kit/card.js';
import type { Action, Container, ColumnSet, Element, Tone } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { formatDayTime, formatTime, unbroken } from '#cards/kit/text.js';
import type { RenderedCard } from '#core/card.js';
import type { PersonId } from '#core/ids.js';
import { minutesBetween } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Look, May } from '#core/workflow.js';
import { actionsOf, readBackForm } from './card-ask.ts';
import { callsOf, conversationOf } from './card-call.ts';
import { aboutOf } from './card-meta.ts';
import type { Meta } from './card-meta.ts';
import type { Source } from './events.ts';
import { dutyRadiologists, rungs } from './ladder.ts';
import type { Rung } from './ladder.ts';
import { patientLines } from './patient-lines.ts';
import type { Policy } from './policy.ts';
import { holdsNothing, isEnded, isOpen, unjudged } from './state.ts';
import type { Alert, Step } from './state.ts';
import type { Words } from './words.ts';
import { drillEndIn, wordsIn } from './words-in.ts';

export function kindOf(alert: Alert, { language }: Pick<Meta, 'language'>): string {
  const words = wordsIn(language);
  return `${alert.drill ? `${words.drill}: ` : ''}${words.kind(alert.finding.category)}`;
}

/** The card in the channel: no patient data. Who is called now is mentioned, so that they are notified of it. */
export function sharedCard(alert: Alert, meta: Meta): RenderedCard {
  const words = wordsIn(meta.language);
  const status = statusOf(alert, words);
  const body = [
    ...drillOf(alert, words),
    head(alert, meta),
    standing(alert, meta, 'posted'),
    textBlock(words.card.hint(meta.caseNumber), { isSubtle: true, size: 'small', spacing: 'small' }),
  ];
  const card = adaptiveCard(words.card.speak(kindOf(alert, meta), meta.caseNumber, status), body, [
    openButton(words.card.open, aboutOf(alert, meta)),
  ]);
  const called = calledOf(alert);
  return called.length === 0 ? card : { ...card, mentions: [...called] };
}

/** Who is mentioned: whom the last step is for; at the failsafe everybody. */
function calledOf({ status, failsafe, addressed, steps, asked }: Alert): readonly PersonId[] {
  if (status === 'asking') return asked.people;
  if (status !== 'open') return [];
  return failsafe === null ? (steps.at(-1)?.reached ?? []).map(({ person }) => person) : addressed;
}

/** What a view is opened with: why anew, for whom, and what they had typed. */
type Opening = Pick<Look<Policy>, 'notice' | 'reader' | 'typed'>;

/** One person's own view: two identifiers first, the buttons right under the finding, then what has happened. */
export function personalView(alert: Alert, meta: Meta, may: May, { notice, reader, typed }: Opening = {}): RenderedCard {
  const words = wordsIn(meta.language);
  const { card } = words;
  const isUnsent = alert.status === 'draft' || alert.status === 'asking';
  const called = whoIsCalled(alert, meta);
  // Whoever has taken it has minutes for the read-back: its form stands there at once.
  const isDue = alert.status === 'acknowledged' && alert.acknowledged?.by.id === reader;
  const form = typed === undefined && !isDue ? null : readBackForm(alert, meta, may, typed ?? {});
  const buttons = actionsOf(alert, meta, may, form !== null);
  const asOf = card.asOf(formatTime(meta.now, meta.policy.zone), alert.revision);
  const patient = patientBanner(patientLines(alert, meta.language));
  const body: Element[] = [
    ...(notice === undefined ? [] : [container('warning', [textBlock(notice, { weight: 'bolder' })])]),
    ...drillOf(alert, words),
    head(alert, meta, asOf),
    // What was not sent says so before everything else.
    ...(alert.status === 'draft' ? [standing(alert, meta, 'opened'), patient] : [patient, standing(alert, meta, 'opened')]),
    ...findingOf(alert, meta),
    ...readBackOf(alert, meta),
    ...conversationOf(alert, meta),
    // Whom Send would reach is looked at before it is pressed.
    ...(isUnsent ? called : []),
    ...(form === null ? [] : [form]),
    ...actionSet(buttons),
    ...callsOf(alert, meta, may),
    callBack(meta, { weight: 'bolder' }),
    ...(isUnsent ? [] : called),
    ...attemptsOf(alert, meta),
  ];
  const speak = card.speak(kindOf(alert, meta), meta.caseNumber, statusOf(alert, words));
  return adaptiveCard(notice === undefined ? speak : `${notice} ${speak}`, body);
}

export function actionSet(actions: readonly Action[]): readonly Element[] {
  return actions.length === 0 ? [] : [{ type: 'ActionSet', actions, spacing: 'medium' }];
}

export function callBack({ language, policy: { readingRoom } }: Meta, look: { readonly weight?: 'bolder' } = {}): Element {
  return paragraph([run(wordsIn(language).card.callBack(readingRoom.name, unbroken(readingRoom.phone)), look)], 'medium');
}

/** Before everything else. */
export function drillOf(alert: Alert, { card }: Words): readonly Container[] {
  if (!alert.drill) return [];
  return [container('accent', [textBlock(isOpen(alert) ? `${card.noPatient} ${card.asIfThereWere}` : card.noPatient, { weight: 'bolder' })])];
}

export function head(alert: Alert, meta: Meta, asOf = ''): ColumnSet {
  const words = wordsIn(meta.language);
  const tones: Readonly<Record<1 | 2 | 3, Tone>> = { 1: 'attention', 2: 'warning', 3: 'emphasis' };
  const { category } = alert.finding;
  const number = run(meta.caseNumber, { fontType: 'monospace', weight: 'bolder' });
  return badged({ word: words.card.within[category], tone: isOpen(alert) ? tones[category] : 'emphasis' }, [
    textBlock(kindOf(alert, meta), { style: 'heading', size: 'medium', weight: 'bolder' }),
    paragraph(asOf === '' ? [number] : [number, run(`  ·  ${asOf}`, { isSubtle: true })], 'none'),
  ]);
}

export function statusOf(alert: Alert, words: Words): string {
  const { status, failsafe, withdrawn } = alert;
  if (status === 'drill-over') return drillEndIn(alert, words);
  if (status === 'withdrawn' && withdrawn !== null) return words.status.withdrawn;
  if (status !== 'open' || failsafe === null) return words.status[status];
  return failsafe.taken === null ? words.notes.failsafe.title : words.now['in-hand'].title;
}

/**
 * How it stands, in words for everybody: who has it, since when, what comes next. No patient, no finding.
 * @param where what is `opened` is looked at as it is drawn and says how long ago; a message that was `told` says neither what comes next nor how many have not seen
 * a change; under the words for the switchboard, who phones, stand the lines alone
 */
export function standing(alert: Alert, meta: Meta, where: 'opened' | 'posted' | 'told' | 'phoned'): Container {
  const words = wordsIn(meta.language);
  const { card } = words;
  const time = (at: Instant) => formatTime(at, meta.policy.zone, meta.now);
  const { acknowledged, readBack, failsafe, withdrawn, notCritical, comingNow, until, status } = alert;
  const sentOf = (at: Instant) => (where === 'opened' ? card.sentAgo(time(at), minutesBetween(at, meta.now)) : card.sentAt(time(at)));
  // A message is not drawn anew for each of them.
  const counts = where === 'opened' || where === 'posted';
  const lines = [
    ...(alert.same === null ? [] : [card.sameAs(alert.same.as, alert.same.by.name)]),
    ...(isEnded(alert) ? [] : unjudged(alert).map((one) => card.alike[one.why](one.with))),
    ...alert.alike.flatMap((one) => (one.judged === null || alert.same !== null ? [] : [card.judged(one.with, one.judged.by.name, one.judged.same)])),
    ...(acknowledged === null ? [] : [card.takenBy(acknowledged.by.name, time(acknowledged.at))]),
    ...(readBack === null ? [] : [card.readBackBy(readBack.by.name, time(readBack.at))]),
    ...(readBack?.recordedBy == null ? [] : [card.writtenDownBy(readBack.recordedBy.name)]),
    ...(status === 'open' && alert.released !== null ? [sentOf(alert.released.at)] : []),
    ...(comingNow.length === 0 || status !== 'open' ? [] : [card.comesNow(comingNow.map(({ name }) => name).join(', '))]),
    ...(status === 'open' && failsafe !== null
      ? [failsafe.taken === null ? card.atFailsafe(time(failsafe.since)) : card.failsafeTaken(failsafe.taken.by.name, time(failsafe.taken.until))]
      : []),
    ...(status === 'open' && failsafe === null && until !== null && where !== 'told' ? [card.until(time(until))] : []),
    ...(counts && withdrawn !== null && withdrawn.unseen.length > 0 ? [card.unseen(withdrawn.unseen.length)] : []),
    ...(counts && status !== 'withdrawn' && alert.change !== null ? [card.changeUnseen(alert.change.unseen.length)] : []),
    ...(alert.noLonger === null || holdsNothing(alert) ? [] : [card.noLongerSaid(time(alert.noLonger.at))]),
    ...(alert.overBefore === null ? [] : [card.askedAnew[alert.overBefore.status]]),
    ...(notCritical === null ? [] : [card.saidBy(notCritical.by.name)]),
    ...(alert.missing === null ? [] : [card.missing]),
  ];
  const isHeld = status === 'acknowledged' || status === 'read-back' || (where === 'phoned' && failsafe?.taken != null);
  const openTone: Tone = isHeld || status === 'closed' ? 'warning' : 'attention';
  const tone: Tone = isOpen(alert) ? openTone : status === 'closed' ? 'good' : 'emphasis';
  const title = where === 'phoned' ? [] : [textBlock(statusOf(alert, words), { weight: 'bolder', size: 'medium' })];
  return container(tone, [...title, ...lines.map((line) => textBlock(line, { spacing: 'small' }))]);
}

/** A finding that says its side itself. */
const NAMES_SIDE = {
  left: /\b(?:left|izquierd[oa]s?)\b/iu,
  right: /\b(?:right|derech[oa]s?)\b/iu,
  both: /\b(?:both|bilateral(?:es)?|amb[oa]s)\b/iu,
} as const;

function findingOf(alert: Alert, meta: Meta): readonly Element[] {
  const { card } = wordsIn(meta.language);
  const { finding, about, sources } = alert;
  const side = finding.side === null || NAMES_SIDE[finding.side].test(finding.text) ? '' : ` (${card.side[finding.side]})`;
  const unknown = about.patientClass === 'E' ? card.emergency : card.unknownPlace;
  const place =
    about.location === null
      ? unknown
      : [about.location.at.pointOfCare, about.location.at.room, about.location.at.bed].filter((part) => part !== '').join(' ');
  return [
    ...(alert.withdrawn === null
      ? []
      : [container('attention', [paragraph([run(card.withdrawn(alert.withdrawn.by.name, alert.withdrawn.reason), { weight: 'bolder' }, 600)])])]),
    paragraph([verbatim(`${finding.text}${side}`, { size: 'medium', weight: 'bolder' }, 500)], 'medium'),
    ...(about.asTyped === true ? [container('warning', [textBlock(card.asTyped)])] : []),
    ...facts([
      { label: card.exam, value: about.exam },
      { label: card.where, value: place === '' ? unknown : place },
      { label: card.source, value: sources.map((source) => sourceOf(source, alert, meta)).join('; ') },
    ]),
    ...(alert.notCritical === null ? [] : [paragraph([run(card.notCritical(alert.notCritical.by.name, alert.notCritical.reason), {}, 600)])]),
  ];
}

function sourceOf(source: Source, { drill }: Alert, { language }: Meta): string {
  const { card } = wordsIn(language);
  switch (source.kind) {
    case 'person':
      // A coordinator may begin a drill too.
      return drill ? source.by.name : card.saidBy(source.by.name);
    case 'report':
      return `${source.unread === true ? card.unreadReport : card.byReport}: “${source.quote}”`;
    case 'model':
      return card.byModel(source.model, source.version);
    default:
      return source satisfies never;
  }
}

/** Before it is sent who would be called, level by level; after it each level with who was called and why them. */
export function whoIsCalled(alert: Alert, meta: Meta): readonly Element[] {
  const { card } = wordsIn(meta.language);
  const { policy, names } = meta;
  const nameOf = (person: string) => names[person] ?? person;
  if (alert.status === 'draft' || alert.status === 'asking') {
    const ladder = rungs(alert, policy, meta.now);
    if (ladder.every(({ reached }) => reached.length === 0))
      return [container('attention', [textBlock(card.nobodyIsCalled(unbroken(policy.switchboard.phone)), { weight: 'bolder' })])];
    const duty = alert.status === 'asking' ? dutyRadiologists(policy, meta.now).map(nameOf).join(', ') : '';
    return [
      textBlock(card.willBeCalled, { weight: 'bolder', spacing: 'medium' }),
      ...facts(ladder.map((rung) => ({ label: card.rung(rung.level), value: rungOf(rung, meta) }))),
      ...(ladder[0]?.placeUnsure === true ? [textBlock(card.placeUnsure)] : []),
      ...facts(duty === '' ? [] : [{ label: card.targets['duty-radiologist'], value: duty }]),
    ];
  }
  const lines = alert.steps.slice(-4).map((step) => paragraph([run(lineOf(step, meta), {}, 400)], 'small'));
  const last = alert.steps.at(-1);
  return lines.length === 0
    ? []
    : [
        textBlock(card.whoIsCalled, { weight: 'bolder', spacing: 'medium' }),
        ...lines,
        ...(last?.placeUnsure === true ? [textBlock(card.placeUnsure)] : []),
      ];
}

/** Who stands on it, and which of its places are empty. */
function rungOf({ reached, skipped }: Rung, { language, names }: Meta): string {
  const { card } = wordsIn(language);
  const people = reached.map(({ person, as }) => `${names[person] ?? person} (${card.targets[as]})`);
  const empty = skipped.length > 0 || people.length === 0 ? [card.nobody(skipped.map(({ as }) => card.targets[as]).join(', '))] : [];
  return [...people, ...empty].join(', ');
}

function lineOf({ level, at, because, reached, skipped }: Step, { language, policy, names, now }: Meta): string {
  const { card } = wordsIn(language);
  const who = reached
    .map(({ person, as, service }) => `${names[person] ?? person}, ${card.targets[as]}${serviceOf(service, policy)}${phoneOf(person, policy)}`)
    .join('; ');
  const without = skipped.length === 0 ? '' : ` · ${card.skipped(skipped.map(({ as }) => card.targets[as]).join(', '))}`;
  const title = level === 0 ? formatTime(at, policy.zone, now) : card.level(level, formatTime(at, policy.zone, now), card.why[because]);
  return `${title}: ${who === '' ? '–' : who}${without}`;
}

/** Of whoever asks the switchboard for somebody: which service. */
export function serviceOf(service: string | null, { services }: Policy): string {
  const found = services.find(({ id }) => id === service);
  return found === undefined ? '' : `, ${found.name}`;
}

export function phoneOf(person: PersonId, { phoneOf: of }: Policy): string {
  const phone = of(person);
  return phone === null ? '' : ` ☎\u00a0${unbroken(phone)}`;
}

function readBackOf({ readBack }: Alert, { language, policy }: Meta): readonly Element[] {
  if (readBack === null) return [];
  const { card } = wordsIn(language);
  return facts([
    { label: card.readBackWords, value: `${readBack.finding} (${readBack.by.name}, ${formatDayTime(readBack.at, policy.zone, language)})` },
    { label: card.actionWords, value: readBack.action },
  ]);
}

/** The last ones; all of them stand on the time line. */
function attemptsOf(alert: Alert, { language, policy, names, now }: Meta): readonly Element[] {
  if (alert.attempts.length === 0) return [];
  const { card } = wordsIn(language);
  const lines = alert.attempts.slice(-6).map(({ channel, to, at, failed, logged, came }) => {
    const since = came === null ? null : card[came.delivered ? 'delivered' : 'undeliverable'](formatTime(came.at, policy.zone, now));
    const became = failed !== null ? card.failed : logged ? card.logged : since;
    const what = `${formatTime(at, policy.zone, now)} ${channel} → ${names[to] ?? to}${became === null ? '' : ` (${became})`}`;
    return paragraph([run(what, { isSubtle: true, size: 'small' }, 200)], 'none');
  });
  return [textBlock(card.attempts, { weight: 'bolder', spacing: 'medium' }), ...lines];
}
