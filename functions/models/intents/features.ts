import type { Utterance } from '#domain/utterance.js';
import { withoutQuotes } from './clauses.ts';
import { byRules, consequenceIn, doneIn, ruleHits } from './intent.ts';
import { classesOf } from './lexicon.ts';
import { NUMBER } from './rules.ts';

/**
 * What the statistic sees of a request: its words and pairs of them, the classes that they belong to, which rules fit, and where and by whom it was said.
 * No name and no number.
 */
export function featuresOf(request: string, before: string, said: Pick<Utterance, 'place' | 'lastShown' | 'role'>): string[] {
  const { text, quoted } = withoutQuotes(request);
  const words = tokens(text);
  const out = new Set<string>();
  const { intent, denied } = byRules(text, before);
  const first = denied ? 'denied' : intent;
  out.add(`first:${first}`);
  if (/[.;:,–-]\s*$/u.test(before)) out.add('goes on');
  out.add(`role:${said.role}`);
  out.add(`role:${said.role}+first:${first}`);
  for (const hit of ruleHits(text)) out.add(`rule:${hit}`);
  if (quoted) out.add('quoted');
  if (consequenceIn(text)) out.add('consequence');
  if (doneIn(text)) out.add('done');
  for (const word of words) {
    out.add(word);
    if (word.length > 5) out.add(`${word.slice(0, 5)}*`);
    for (const part of trigrams(word)) out.add(part);
  }
  pairs(words, out);
  const kinds = words.map((word) => classesOf(word));
  const main = words.map((word, i) => kinds[i]?.[0] ?? word);
  pairs(main, out);
  const all = [...new Set(kinds.flat())].sort();
  for (const [i, one] of all.entries()) {
    out.add(one);
    for (const other of all.slice(i + 1)) out.add(`${one}&${other}`);
  }
  out.add(`begins:${main[0] ?? ''}`);
  out.add(`begins:${main[0] ?? ''} ${main[1] ?? ''}`);
  out.add(`long:${Math.min(words.length, 6)}`);
  const one = said.place === 'thread' || (said.place === 'private' && said.lastShown.length === 1);
  if (words.length <= 3) out.add(`${main.join(' ')}+${said.role}+${String(one)}`);
  return [...out];
}

/** Three letters each, the ends marked: a word that was never met, or is misspelt, still has parts that were. */
function trigrams(word: string): string[] {
  if (!/^[a-z]{3,}$/u.test(word)) return [];
  const marked = `<${word}>`;
  return Array.from({ length: marked.length - 2 }, (_, i) => `~${marked.slice(i, i + 3)}`);
}

function pairs(words: readonly string[], out: Set<string>): void {
  const ends = ['^', ...words, '$'];
  for (let i = 0; i + 1 < ends.length; i += 1) out.add(`${ends[i] ?? ''} ${ends[i + 1] ?? ''}`);
  for (let i = 0; i + 2 < ends.length; i += 1) out.add(`${ends[i] ?? ''} _ ${ends[i + 2] ?? ''}`);
}

function tokens(text: string): string[] {
  return (text.match(new RegExp(String.raw`${NUMBER}|[a-z0-9]+(?:'s)?|[?!:,]|\p{Extended_Pictographic}`, 'gu')) ?? [])
    .map((word) => (new RegExp(`^${NUMBER}$`, 'u').test(word) ? '#' : /^\d/u.test(word) ? '0' : word))
    .filter((word) => word !== 'please' && word !== 'thanks');
}
