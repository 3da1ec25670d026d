import type { Utterance } from '#domain/utterance.js';
import { NUMBER } from './rules.ts';

const ordinals: readonly (readonly [RegExp, number])[] = [
  [/\b(?:first|1st|primer|primero|primera|top)\b/u, 0],
  [/\b(?:second|segundo|segunda)\b/u, 1],
  [/\b(?:third|tercer|tercero|tercera)\b/u, 2],
  [/\b(?:fourth|cuarto|cuarta)\b/u, 3],
  [/\b(?:fifth|quinto|quinta)\b/u, 4],
];
/** An ordinal stands for a case, not for a trimester or a try. */
const ordinal =
  /\b(?:the|number|el|la|al)? ?(?:first|second|third|fourth|fifth|last|latest|primer|primero|primera|segundo|segunda|tercer|tercero|tercera|cuarto|cuarta|quinto|quinta|ultimo|ultima)\b(?: (?:one|case|order|caso|request|study|exam))?(?! (?:trimester|time|opinion|person|line|phase|thing|name|shift|week|day|year|month|approval|decision|ct|mr|name|look|scan|read|floor))/u;
const pronoun =
  /\b(?:it|its|this|that|this one|that one|the (?:case|order|request|study|one|exam)|lo|la(?= (?:orden|peticion))|este|esta|esto|ese|esa|eso|el (?:caso|estudio)|\w+(?:alo|ala|elo|ela|arlo|arla|azalo|melo|selo))\b/u;
/** "it" that stands for nothing that was shown. */
const empty =
  /\b(?:is it|it is|that is|is that|this (?:morning|afternoon|evening|week|month|shift|bot|thing|system|weekend|year)|that (?:bot|system|thing|was|day)|what is this|it (?:late|ok|safe)|got it|esta (?:noche|manana|tarde|semana|de)|este (?:mes|turno)|(?:is|was|does) (?:this|that|it))\b/gu;

export function numbersOf(text: string): string[] {
  return [...new Set(text.match(new RegExp(`(?<![A-Za-z0-9])${NUMBER}(?![A-Za-z0-9])`, 'gu')) ?? [])];
}

/** The case at this place of what was shown; null: none, or it can't be said which. @param which -1: the last */
export function shownAt({ lastShown, place }: Utterance, which: number): string | null {
  if (place === 'channel') return null;
  if (which === -1) return lastShown.length > 1 ? (lastShown.at(-1) ?? null) : (lastShown[0] ?? null);
  return lastShown[which] ?? null;
}

/** What "it" means: in a thread its case, in private the one case that was shown; two candidates or none: null (DECISIONS 11). */
export function pointed({ place, threadCase, lastShown }: Utterance): string | null {
  if (place === 'thread') return threadCase;
  if (place === 'channel') return null;
  const [only, ...more] = new Set(lastShown);
  return more.length > 0 ? null : (only ?? null);
}

/** The cases that a request is about. @param needed an intent about a case: in a thread, or after one case, it need not say which */
export function casesOf(request: string, said: Utterance, needed: boolean): string[] {
  const named = numbersOf(request);
  // "swap with 4XTYJ7": the thread's own case is the other one.
  const other =
    /\b(?:swap|exchange|trade|switch)(?: (?:it|this|this one))? (?:with|for) /u.test(request) && named.length === 1 ? pointed(said) : null;
  if (named.length > 0) return other === null ? named : [...new Set([other, ...named])];
  // "both, first and second", "swap them": several of what was shown.
  const ranked = [...request.matchAll(/\b(?:the )?(first|second|third|fourth|fifth)\b(?: (?:one|case))?(?=[ ,]*(?:and|&|$|,|\.))/gu)].map(
    ([, which]) => which,
  );
  if (needed && said.place === 'private' && ranked.length > 1) {
    const places = ['first', 'second', 'third', 'fourth', 'fifth'];
    return [...new Set(ranked.map((which) => said.lastShown[places.indexOf(which ?? '')]).filter((one) => one !== undefined))];
  }
  if (/\bswap (?:them|both|the two|these two)\b/u.test(request) && said.place === 'private' && said.lastShown.length === 2)
    return [...said.lastShown];
  if (/\b(?:both|the two|these two|all of them|them all|all|every\w*|ambos|ambas|los dos|las dos|todos|todas)\b/u.test(request) && needed) return [];
  if (ordinal.test(request)) {
    const which = ordinals.find(([says]) => says.test(request))?.[1] ?? -1;
    const shown = shownAt(said, which);
    if (shown !== null) return [shown];
    if (said.place !== 'thread') return [];
  }
  // "the other one", "the liver one": a description names none.
  if (/\b(?:the other|other one|another one|el otro|la otra)\b/u.test(request) && needed) return [];
  const points = pronoun.test(request.replace(empty, ' '));
  const elided =
    needed && !elsewhere.test(request.replace(/\b(?:use|not|choose|pick|want|do) the (?:stroke|liver|neuro|chest|ct|mr|stat) one\b/gu, ' '));
  const meant = points || elided || (needed && said.place === 'thread') ? pointed(said) : null;
  return meant === null ? [] : [meant];
}

/** What is asked about is not the case that was shown: somebody's list, a day, another patient. */
const elsewhere =
  /\b(?:my (?:list|cases|queue)|mis casos|list|today|yesterday|tonight|overnight|this (?:week|morning|month)|last (?:week|night|month)|the next|next (?:one|case)|(?:for|of|about|show|open|find|see|approve|reject|on|to) (?:mrs?|ms)\.? [a-z]+|patients|cases|orders|hoy|ayer|siguiente|find(?! out)|search|to (?:call|check|phone)|the (?:stroke|liver|neuro|chest|ct|mr|stat) one)\b/u;
