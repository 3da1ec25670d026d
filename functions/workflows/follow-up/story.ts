import { clean, formatDayTime, shorten } from '#cards/kit/text.js';
import type { StoryHeading, StoryLine } from '#core/story.js';
import { patientLines } from './card.ts';
import type { Meta } from './card.ts';
import { isFollowUp } from './evolve.ts';
import type { State } from './evolve.ts';
import type { Fact } from './events.ts';
import { wordsIn } from './words-in.ts';

/** Two identifiers of the patient. */
export function headingOf(state: State, { language }: Pick<Meta, 'language'>): StoryHeading | null {
  return isFollowUp(state) ? patientLines(state.about.patient, language) : null;
}

/** @param least what people and reports say in their own words is left out */
export function lineOf(fact: Fact, meta: Meta, least: boolean): StoryLine | null {
  if (fact.type === 'viewShown' || fact.type === 'privateCardOver') return null;
  const { lines, own } = said(fact, meta);
  const all = [...lines, ...(least ? [] : own)].map((text) => shorten(clean(text).trim(), 600));
  const isPerson = fact.type === 'followUpDone';
  const kind = isPerson ? 'person' : fact.type === 'patientJoined' ? 'message' : 'check';
  return { kind, title: wordsIn(meta.language).story[fact.type], lines: all, who: isPerson ? fact.by.name : null, source: null };
}

interface Said {
  readonly lines: readonly string[];
  readonly own: readonly string[];
}

function said(fact: Exclude<Fact, { type: 'viewShown' | 'privateCardOver' }>, { names, language, zone }: Meta): Said {
  const { owners, card } = wordsIn(language);
  switch (fact.type) {
    case 'followUpOpened': {
      const { person, as } = fact.owner;
      const who = person === null ? owners[as] : `${names[person] ?? person}, ${owners[as]}`;
      return { lines: [`${card.owner}: ${who}`, `${card.due}: ${formatDayTime(fact.due, zone, language)}`], own: [fact.source.quote] };
    }
    case 'sourceJoined':
      return { lines: [], own: [fact.source.quote] };
    case 'followUpDone':
      return { lines: [], own: [fact.text] };
    case 'followUpWithdrawn':
    case 'patientJoined':
      return { lines: [], own: [] };
    default:
      return fact satisfies never;
  }
}
