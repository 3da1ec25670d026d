import type { ReportLanguage } from '#domain/content.js';
import { saidIn } from './assertion.ts';
import type { Hit, Patterns } from './pattern.ts';
import type { Assertion } from './reading.ts';
import type { Stated } from './resolve.ts';
import type { Sentence } from './sentences.ts';
import { bit } from './triggers.ts';
import type { Triggers } from './triggers.ts';
import type { Token } from './words.ts';

/** What of the language tells of the sentence before, by pattern number. */
export interface Between {
  readonly refers: ReadonlySet<number>;
  readonly alone: ReadonlySet<number>;
  readonly harmless: ReadonlySet<number>;
  readonly clears: ReadonlySet<number>;
  readonly partly: ReadonlySet<number>;
  readonly yes: ReadonlySet<number>;
  readonly no: ReadonlySet<number>;
  readonly unsure: ReadonlySet<number>;
}

export function betweenOf({ between }: ReportLanguage, patterns: Patterns): Between {
  const all = (sayings: readonly string[]): ReadonlySet<number> => new Set(sayings.map((one) => patterns.seek(one)));
  const { refers, alone, harmless, clears, partly, yes, no, unsure } = between;
  return { refers: all(refers), alone: all(alone), harmless: all(harmless), clears: all(clears), partly: all(partly), yes: all(yes), no: all(no), unsure: all(unsure) }; // prettier-ignore
}

const handing = bit.negated | bit.question | bit.hypothetical;

/** What a sentence says of the items of a list that it heads, as bits ("No evidence of:", "Negative for: free air;"); 0: it heads none. */
export function handedOn(text: string, { end }: Sentence, tokens: readonly Token[], hits: readonly Hit[], triggers: Triggers): number {
  const mark = text.charAt(end - 1);
  const colon = mark === ':' ? tokens.length : mark === ';' ? tokens.findIndex(({ before }) => before === 'colon') : -1;
  if (colon <= 0) return 0;
  let flags = 0;
  for (const { pattern, to } of hits)
    if (to === colon) for (const { kind, reach } of triggers.says.get(pattern) ?? []) if (reach === 'on') flags |= kind & handing;
  return flags;
}

const item = /^[ \t]*[\r\n]+[ \t]*(?:[-*•·▪–>#]+|\(?[0-9]{1,2}[.)]|\(?[a-z][.)])[ \t]*$/u;

/** A line of a list, or what stands behind a semicolon. */
export function isItem(text: string, before: Sentence, { section, start }: Sentence): boolean {
  return before.section === section && (text.charAt(before.end - 1) === ';' || item.test(text.slice(before.end, start)));
}

/** One behind the other in one paragraph, and no item of a list. */
export function isNext(text: string, before: Sentence, { section, start }: Sentence): boolean {
  const gap = text.slice(before.end, start);
  return before.section === section && !item.test(gap) && !/\n[ \t\r]*\n/u.test(gap);
}

/** Words that may stand in front of "this is". */
const mostLead = 6;
const mostAsked = 10;
/** "Unchanged since May", but not "unchanged ventricles". */
const when = /^(?:since|from|compared|over|when|to|than|as|on|at)$/u;

/** What a sentence that mentions nothing makes of the one before: "This is unchanged.", "Stable since March.", "It is artefact.", or "No." behind a question. */
export function turnOf(
  tokens: readonly Token[],
  hits: readonly Hit[],
  asked: boolean,
  { refers, alone, harmless, yes, no, unsure }: Between,
  triggers: Triggers,
): Assertion | null {
  const begins = (set: ReadonlySet<number>, goesOn: (next: Token) => boolean): boolean =>
    hits.some(({ pattern, from, to }) => {
      const next = tokens[to];
      return from === 0 && set.has(pattern) && (next === undefined || goesOn(next));
    });
  if (asked && begins(no, ({ before }) => before === 'comma')) return 'negated';
  if (asked && begins(yes, () => true)) return 'affirmed';
  if (asked && begins(unsure, () => true)) return 'uncertain';
  if (begins(alone, ({ word }) => when.test(word))) return 'stable';
  const word = hits.find(({ pattern, from }) => refers.has(pattern) && from < mostLead);
  if (word === undefined) return null;
  const at = word.from;
  const said = saidIn(tokens, hits, [{ from: at, to: at + 1 }], triggers);
  const flags = said.whole | (said.on[at] ?? 0) | (said.back[at] ?? 0);
  if ((flags & (bit.uncertain | bit.open | bit.hypothetical | bit.question)) !== 0) return null;
  if (hits.some(({ pattern, from, to }) => harmless.has(pattern) && from > at && from - at < mostLead && !isDoubted(hits, at, to, triggers)))
    return 'negated';
  if ((flags & bit.fresh) !== 0) return null;
  if ((flags & bit.resolved) !== 0) return 'resolved';
  return (flags & bit.stable) !== 0 ? 'stable' : null;
}

/** "This is no artefact", "this is possibly artefact": between two words something denies or doubts. */
function isDoubted(hits: readonly Hit[], after: number, to: number, { says }: Triggers): boolean {
  return hits.some(
    ({ pattern, from }) =>
      from > after &&
      from < to &&
      says.get(pattern)?.some(({ kind, reach }) => (kind & (bit.uncertain | bit.open)) !== 0 || (kind === bit.negated && reach === 'on')) === true,
  );
}

/** Whether a sentence asks, and so shortly that the next one may answer it. */
export function mayBeAnswered(text: string, { end }: Sentence, tokens: readonly Token[]): boolean {
  return text.charAt(end - 1) === '?' && tokens.length <= mostAsked;
}

/** "IMPRESSION: No change.": the first of the impression is said of all that the findings state. */
export function isOfAll(turn: Assertion, { section }: Sentence, before: Sentence, stated: readonly Stated[]): boolean {
  return turn === 'stable' && section.kind === 'impression' && before.section !== section && !stated.some((one) => one.section === 'impression');
}

const excepting = /^(?:other|otherwise|elsewhere|except|excepting|apart|aside|beside|besides|but|additional|further|beyond)$/u;

/** "No acute intracranial abnormality.", without an exception. @param concludes it stands in an impression; else it must be all that a last sentence says */
export function isClear(tokens: readonly Token[], hits: readonly Hit[], { clears }: Between, concludes: boolean): boolean {
  const whole = ({ from, to }: Hit): boolean => from === 0 && to === tokens.length;
  const clause = ({ from, to }: Hit): boolean => (from === 0 && to > 1) || (to === tokens.length && tokens[from]?.before !== 'space');
  return (
    hits.some((hit) => clears.has(hit.pattern) && (whole(hit) || (concludes && clause(hit)))) && !tokens.some(({ word }) => excepting.test(word))
  );
}

/** Gives what was stated since a sentence the turn of a later one. What is new or worse is not settled by it, nor a tube that is still in the wrong place. */
export function turnBack(stated: Stated[], turn: Assertion, since: number): void {
  for (let k = stated.length - 1; k >= 0; k -= 1) {
    const one = stated[k];
    if (one === undefined || one.at < since) return;
    const isNew = (one.flags & bit.fresh) !== 0 && turn !== 'negated';
    const counts = turn === 'stable' && one.row.stable === 'counts';
    const asked =
      one.assertion === 'question' && (turn === 'affirmed' || turn === 'uncertain') && (one.section === 'findings' || one.section === 'impression');
    const isOpen = asked || one.assertion === 'uncertain' || (one.assertion === 'affirmed' && !isNew && !counts);
    if (isOpen && one.assertion !== turn) stated[k] = { ...one, assertion: turn };
  }
}
