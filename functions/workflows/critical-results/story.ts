import { clean, formatDayTime, formatTime, shorten } from '#cards/kit/text.js';
import type { StoryHeading, StoryKind, StoryLine } from '#core/story.js';
import { instant } from '#core/time.js';
import type { Meta } from './card-meta.ts';
import type { Fact } from './events.ts';
import { patientLines } from './patient-lines.ts';
import { isAlert } from './state.ts';
import type { State } from './state.ts';
import { storyTitles } from './story-words.ts';
import { wordsIn } from './words-in.ts';

/** Two identifiers of the patient. */
export function headingOf(state: State, { language }: Meta): StoryHeading | null {
  if (!isAlert(state)) return null;
  return patientLines(state, language);
}

/** @param least what people wrote in their own words is left out */
export function lineOf(fact: Fact, meta: Meta, least: boolean): StoryLine | null {
  if (fact.type === 'cardPosted' || fact.type === 'viewShown' || fact.type === 'privateCardOver') return null;
  const { lines, own = [] } = said(fact, meta);
  const all = [...lines, ...(least ? [] : own)].map((text) => shorten(clean(text).trim(), 600)).filter((text) => text !== '');
  return {
    kind: isLogged(fact) ? 'trouble' : kindOf(fact),
    title: storyTitles[meta.language][isLogged(fact) ? 'notReached' : fact.type],
    lines: all,
    who: 'by' in fact ? (fact.by?.name ?? null) : null,
    source: null,
  };
}

/** A line in the log reaches nobody. */
function isLogged(fact: Fact): boolean {
  return fact.type === 'wasPaged' && fact.logged === true;
}

function kindOf({ type }: Fact): StoryKind {
  switch (type) {
    case 'notReached':
    case 'pageUndeliverable':
    case 'resultNotSent':
    case 'identifierWrong':
    case 'readBackOverdue':
    case 'failsafeReached':
    case 'failsafeRepeated':
    case 'historyMissing':
      return 'trouble';
    case 'stepTaken':
    case 'incomingTold':
    case 'unsentTold':
    case 'askedWhether':
    case 'wasPaged':
    case 'pageDelivered':
    case 'wasTold':
    case 'withdrawalRepeated':
    case 'changeRepeated':
    case 'conversationAsked':
    case 'readingRaised':
    case 'resultSent':
    case 'drillEnded':
      return 'sent';
    case 'patientMoved':
    case 'patientJoined':
      return 'message';
    case 'alertRaised':
    case 'sourceJoined':
    case 'saidNoLonger':
    case 'alikeFound':
      return 'check';
    default:
      return 'person';
  }
}

interface Said {
  readonly lines: readonly string[];
  /** In people's own words. */
  readonly own?: readonly string[];
}

function said(fact: Fact, { names, language, policy }: Meta): Said {
  const { card, category, ask, record, drillEnded } = wordsIn(language);
  const nameOf = (person: string) => names[person] ?? person;
  switch (fact.type) {
    case 'alertDrafted':
      return { lines: [category[fact.finding.category]], own: [fact.finding.text, fact.terms?.reason ?? ''] };
    case 'alertRaised':
      return { lines: [category[fact.finding.category]], own: [fact.finding.text] };
    case 'sourceJoined':
    case 'alertReleased':
      return { lines: [category[fact.category]] };
    case 'alikeFound':
      return { lines: [card.alike[fact.why](fact.with)] };
    case 'alikeJudged':
      return { lines: [card.judged(fact.with, fact.by.name, fact.same)] };
    case 'tookIn':
      return { lines: [fact.of] };
    case 'foundSame':
      return { lines: [card.sameAs(fact.as, fact.by.name)] };
    case 'unsentTold':
    case 'saidNoLonger':
    case 'askedWhether':
      return { lines: fact.people.map(nameOf) };
    case 'stepTaken': {
      const skipped = fact.skipped.length === 0 ? [] : [card.skipped(fact.skipped.map(({ as }) => card.targets[as]).join(', '))];
      const reached = fact.reached.map(({ person, as }) => `${nameOf(person)}, ${card.targets[as]}`);
      return { lines: [card.level(fact.level, formatTime(fact.at, policy.zone), card.why[fact.because]), ...reached, ...skipped] };
    }
    case 'incomingTold':
      return {
        lines: [
          ...(fact.because === undefined ? [] : [card.moved]),
          ...fact.reached.map(({ person, as }) => `${nameOf(person)}, ${card.targets[as]}`),
        ],
      };
    case 'failsafeReached':
      return {
        lines: [
          card.why[fact.because],
          ...(fact.skipped.length === 0 ? [] : [card.skipped(fact.skipped.map(({ as }) => card.targets[as]).join(', '))]),
        ],
      };
    case 'wasPaged':
    case 'pageDelivered':
    case 'pageUndeliverable':
      return { lines: [`${fact.channel} → ${nameOf(fact.to)}${isLogged(fact) ? `: ${card.logged}` : ''}`] };
    case 'comesNow':
      return { lines: fact.via === undefined ? [] : [card.answeredBy[fact.via]] };
    case 'wasTold':
      return { lines: [nameOf(fact.person)] };
    case 'notReached':
      return { lines: [`${fact.channel} → ${nameOf(fact.to)}: ${fact.code}`] };
    case 'resultSent':
      return { lines: [record.takenBy[fact.what ?? 'critical-result']] };
    case 'resultNotSent':
      return { lines: [`${record.takenBy[fact.what]}: ${fact.code}`] };
    case 'attemptRecorded':
      return { lines: [fact.to], own: [fact.how] };
    case 'readBack':
      return { lines: fact.recordedBy === null ? [] : [fact.recordedBy.name], own: [fact.finding, fact.action] };
    case 'conversationRecorded':
      return { lines: [fact.with, whenOf(fact.when, { policy, language })], own: fact.spoke === undefined ? [] : [card.spoke(fact.spoke)] };
    case 'recategorised':
      return { lines: [`${fact.from} → ${fact.to}`], own: [fact.reason] };
    case 'foundNotCritical':
    case 'declined':
    case 'takenOver':
      return { lines: [], own: [fact.reason] };
    case 'withdrawn':
      return { lines: [ask.withdrawKinds[fact.why]], own: [fact.reason] };
    case 'drillEnded':
      return { lines: [drillEnded[fact.why], ...(fact.alert === null ? [] : [fact.alert])] };
    case 'disputed':
      return { lines: [fact.what === 'not-me' ? ask.notMe : ask.notWhatISaid], own: [fact.text] };
    case 'acknowledged':
    case 'withdrawalSeen':
    case 'changeSeen':
      return { lines: fact.recordedBy == null ? [] : [fact.recordedBy.name] };
    default:
      return { lines: [] };
  }
}

/** As somebody wrote it, or the moment of the record itself. */
export function whenOf(when: string, { policy, language }: Pick<Meta, 'policy' | 'language'>): string {
  const at = instant.safeParse(when);
  return at.success ? formatDayTime(at.data, policy.zone, language) : when;
}
