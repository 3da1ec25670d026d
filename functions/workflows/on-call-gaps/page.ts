import { formatDayTime } from '#cards/kit/text.js';
import type { PageText } from '#core/workflow.js';
import type { Policy } from './policy.ts';
import type { Known } from './state.ts';
import { wordsIn } from './words-in.ts';

/** For a small screen: service and hour, and nobody's name. Null: nobody is paged. */
export function pageOf({ gap }: Pick<Known, 'gap'>, { serviceName, zone, language = 'en', paging = null }: Policy): PageText | null {
  if (paging === null) return null;
  const { page, level } = wordsIn(language);
  const { service, from, lacks } = gap;
  // A pager knows plain spaces alone.
  const at = formatDayTime(from, zone, language).replaceAll(/\s/gu, ' ');
  const subject = lacks === undefined ? page.hours(serviceName(service), level(gap.level), at) : page.lacks(serviceName(service), lacks.length);
  return { subject, text: `${subject}. ${page.doThis(paging.callBack)}`, callBack: paging.callBack };
}
