import { adaptiveCard, container, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { RenderedCard } from '#cards/kit/card.js';
import { formatDayTime } from '#cards/kit/text.js';
import { breakGlassMinutes } from '#core/break-glass.js';
import { addMinutes } from '#core/time.js';
import type { Language } from '#core/language.js';
import { noteNames } from './effects.ts';
import type { KnownAccess } from '#domain/break-glass.js';
import { wordsIn } from './words-in.ts';

interface Meta {
  readonly zone: string;
  readonly language: Language;
}

/** A private note to privacy and coordination: who looks at which case, why by its code, until when. No patient data, and not what the person wrote. */
export function noteCard(note: string, state: KnownAccess, { zone, language }: Meta): RenderedCard | null {
  const [name, written] = note.split(':');
  const which = noteNames.find((known) => known === name);
  const opening = state.openings.find(({ n }) => String(n) === written);
  if (which === undefined || opening === undefined) return null;
  const words = wordsIn(language);
  const { title, todo } = words.notes[which];
  const { caseNumber } = state.target;
  const time = (at: typeof opening.at): string => formatDayTime(at, zone, language);
  const headline = title(state.by.name);
  const body = [
    paragraph([run(words.kind, { size: 'medium', weight: 'bolder' }), run(`  ·  ${caseNumber}`, { fontType: 'monospace' })]),
    container(which === 'longer-confirmed' ? 'accent' : 'warning', [
      textBlock(headline, { weight: 'bolder' }),
      textBlock(todo, { spacing: 'small' }),
    ]),
    paragraph([run(words.about(caseNumber, time(opening.at), time(opening.until), words.reasons[opening.reason]))], 'small'),
    paragraph([run(words.judgeBy(time(addMinutes(opening.at, breakGlassMinutes.review))), { isSubtle: true })], 'none'),
  ];
  return adaptiveCard(words.speak(headline, caseNumber), body);
}
