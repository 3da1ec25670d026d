import { adaptiveCard, container, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { RenderedCard } from '#cards/kit/card.js';
import { formatDayTime } from '#cards/kit/text.js';
import type { Language } from '#core/language.js';
import type { OnCallGap } from '#domain/on-call-gap.js';
import { noteNames } from './effects.ts';
import { lackLines } from './lack-lines.ts';
import type { Policy } from './policy.ts';
import type { Known } from './state.ts';
import { wordsIn } from './words-in.ts';
import type { Words } from './words.ts';

/** A private note to a coordinator; null where it is not true any more. Services, hours and names of staff: no patient. */
export function noteCard(note: string, { status, gap }: Pick<Known, 'status' | 'gap'>, policy: Policy, language: Language): RenderedCard | null {
  const which = noteNames.find((known) => known === note);
  if (which === undefined || (which === 'gap-closed') === (status === 'open')) return null;
  const words = wordsIn(language);
  const { serviceName, zone } = policy;
  if (gap.lacks !== undefined) return lackCard(status, gap.service, status === 'open' ? lackLines(gap.lacks, words, policy) : [], policy, language);
  const headline = words.title[status](serviceName(gap.service));
  const hours = hoursOf(gap, words, zone, language);
  const body = [
    paragraph([run(words.kind, { size: 'medium', weight: 'bolder' })]),
    container(status === 'open' ? 'warning' : 'good', [
      textBlock(headline, { weight: 'bolder' }),
      textBlock(words.todo[status], { spacing: 'small' }),
    ]),
    paragraph([run(hours)], 'small'),
  ];
  return adaptiveCard(words.speak(headline, hours), body);
}

function lackCard(status: Known['status'], service: string, lines: readonly string[], { serviceName }: Policy, language: Language): RenderedCard {
  const words = wordsIn(language);
  const isOpen = status === 'open';
  const says = isOpen ? words.wanting.open : words.wanting.mended;
  const headline = says.title(serviceName(service));
  return adaptiveCard(words.speak(headline, says.todo), [
    paragraph([run(words.kind, { size: 'medium', weight: 'bolder' })]),
    container(isOpen ? 'warning' : 'good', [textBlock(headline, { weight: 'bolder' }), textBlock(says.todo, { spacing: 'small' })]),
    ...lines.map((line) => paragraph([run(line)], 'small')),
  ]);
}

function hoursOf({ level, from, to }: OnCallGap, words: Words, zone: string, language: Language): string {
  const time = (at: OnCallGap['from']): string => formatDayTime(at, zone, language);
  return to === null ? words.onwards(words.level(level), time(from)) : words.hours(words.level(level), time(from), time(to));
}
