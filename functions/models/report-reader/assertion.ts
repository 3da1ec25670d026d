import { compared, today } from './compared.ts';
import type { Hit } from './pattern.ts';
import { sweepBack, sweepOn } from './sweep.ts';
import type { Place, Said } from './sweep.ts';
import { bit } from './triggers.ts';
import type { Triggers } from './triggers.ts';
import type { Token } from './words.ts';

/**
 * How a sentence turns what it mentions, by one pass in each direction (NegEx, Chapman 2001; ConText, Harkema 2009: triggers, their reach, what ends it).
 * @param mentions places of findings: a trigger that begins one belongs to it ("no flow"), and a list of them is held together by "and"
 */
export function saidIn(
  tokens: readonly Token[],
  hits: readonly Hit[],
  mentions: readonly { readonly from: number; readonly to: number }[],
  triggers: Triggers,
): Said {
  const own = new Map<number, number>();
  const closing = new Map<number, number>();
  const isMention = zeros(tokens.length);
  for (const { from, to } of mentions) {
    own.set(from, Math.max(to, own.get(from) ?? 0));
    closing.set(to, Math.min(from, closing.get(to) ?? Infinity));
    isMention.fill(1, from, to);
  }
  const valid = outermost(hits.filter((hit) => counts(hit, tokens, triggers)));
  const anew = new Set<number>();
  const denying = new Set<number>();
  for (const { pattern, from } of hits) {
    if (triggers.anew.has(pattern)) anew.add(from);
    if (triggers.says.get(pattern)?.some(({ kind }) => kind === bit.negated) === true) denying.add(from);
  }
  const n = tokens.length;
  const fresh = new Map<number, number>();
  const said: Said & { whole: number } = { on: zeros(n), back: zeros(n), whole: 0, starts: zeros(n), ends: zeros(n), fresh };
  const ahead: Place[][] = [];
  const behind: Place[][] = [];
  const endsAt = zeros(n);
  const endsFrom = zeros(n);
  said.whole |= ofSentence(hits, tokens, triggers);
  const change = compared(tokens);
  if (change !== null) said.whole |= bit[change];
  for (const { pattern, from, to } of valid) {
    const end = triggers.ends.get(pattern) ?? 0;
    endsAt[from] = (endsAt[from] ?? 0) | end;
    endsFrom[to - 1] = (endsFrom[to - 1] ?? 0) | end;
    const closes = closesAt(tokens, to);
    for (const { kind: meant, reach, within, first, last, list, denies, holdsDenial } of triggers.says.get(pattern) ?? []) {
      const kind = meant === bit.fresh && reach === 'back' && !denies && isDenied(tokens, denying, from, to) ? bit.stable : meant;
      if (!stands(first, last, from, closes)) continue;
      // "Has therefore not responded", "never resolved".
      if (kind === bit.resolved && reach === 'back' && !holdsDenial && isDenied(tokens, denying, from, to)) continue;
      // "No flow" is a finding of its own, its "no" says nothing of others; nor does the end of "flow is not seen".
      if (kind === bit.negated && (isOwn(own, denying, from, to) || (closing.get(to) ?? Infinity) < from)) continue;
      // "Now a 5 mm subdural, previously 12 mm".
      if (kind === bit.fresh && change === 'stable' && today.test(tokens[to - 1]?.word ?? '')) continue;
      if (kind === bit.fresh || kind === bit.acute) fresh.set(from, (fresh.get(from) ?? 0) | kind);
      const field = kind === bit.negated && tokens[from]?.before === 'colon';
      // "Haemorrhage: no, infarct: no".
      const answer = field && reach === 'on' && to - from === 1 && to < n && (closes || isField(tokens, to));
      const final = to === n && from > 0 && reach === 'on' && kind === bit.negated;
      // "Looked for and not found: haemorrhage, infarct".
      const heads = kind === bit.negated && reach === 'back' && tokens[to]?.before === 'colon';
      if (reach === 'sentence') continue;
      said.starts[from] = (said.starts[from] ?? 0) | kind;
      said.ends[from] = Math.max(said.ends[from] ?? 0, to);
      if (((reach === 'on' || reach === 'both') && !answer) || heads) (ahead[from + 1] ??= []).push({ kind, until: to + within, edge: to, list });
      if (reach === 'back' || reach === 'both' || final || answer) {
        const until = from - 1 - within;
        (behind[to - 2] ??= []).push({
          kind,
          until: field ? Math.max(until, fieldBefore(tokens, from) - 1) : until,
          edge: from,
          list: list || (closes && tokens[from]?.before === 'mark'),
        });
      }
    }
  }
  sweepOn({ tokens, said, ahead, endsAt, anew, denying, isMention });
  sweepBack(tokens, said, behind, endsFrom, isMention);
  return said;
}

/** What is said of all that the sentence mentions: a longer trigger around it hides none of it, only a phrase that is none does. */
function ofSentence(hits: readonly Hit[], tokens: readonly Token[], { says, pseudo }: Triggers): number {
  const covered = zeros(tokens.length);
  for (const { pattern, from, to } of hits) if (pseudo.has(pattern)) covered[from] = Math.max(covered[from] ?? 0, to);
  for (let t = 1; t < covered.length; t += 1) covered[t] = Math.max(covered[t] ?? 0, covered[t - 1] ?? 0);
  let flags = 0;
  for (const { pattern, from, to } of hits)
    for (const { kind, reach, first, last } of says.get(pattern) ?? [])
      if (reach === 'sentence' && (covered[from] ?? 0) < to && stands(first, last, from, closesAt(tokens, to))) flags |= kind;
  return flags;
}

/** Whether a place says something: what may stand only at an end of the sentence hides nothing where it stands elsewhere. */
function counts({ pattern, from, to }: Hit, tokens: readonly Token[], { says, pseudo, ends }: Triggers): boolean {
  if (pseudo.has(pattern) || ends.has(pattern)) return true;
  return says.get(pattern)?.some(({ first, last }) => stands(first, last, from, closesAt(tokens, to))) === true;
}

function stands(first: boolean, last: boolean, from: number, closes: boolean): boolean {
  return !(first && from > 0) && (!last || closes);
}

function closesAt(tokens: readonly Token[], to: number): boolean {
  return to === tokens.length || tokens[to]?.before === 'comma';
}

/** "Has not increased", "not significantly larger than before". */
function isDenied(tokens: readonly Token[], denying: ReadonlySet<number>, from: number, to: number): boolean {
  for (let t = from + 1; t < to; t += 1) if (denying.has(t)) return true;
  return /^(?:no|not|nor|never|without)$/u.test(tokens[from - 1]?.word ?? '') || tokens[from - 2]?.word === 'not';
}

/** Whether the trigger's denying word belongs to a finding: "no flow", also in "with no flow". */
function isOwn(own: ReadonlyMap<number, number>, denying: ReadonlySet<number>, from: number, to: number): boolean {
  for (let t = from; t < to; t += 1) if (denying.has(t) && (own.get(t) ?? -1) >= to) return true;
  return false;
}

/** "Absent Mass effect: absent": what begins here has a colon behind its few words. */
function isField(tokens: readonly Token[], at: number): boolean {
  return tokens.slice(at + 1, at + 4).some(({ before }) => before === 'colon');
}

/** The first word of the field that is answered at a word, where another was answered before it ("infarct: no, haemorrhage: yes, shift: no"); 0: none was. */
function fieldBefore(tokens: readonly Token[], answer: number): number {
  let comma: number | null = null;
  for (let t = answer - 1; t > 0; t -= 1) {
    if (tokens[t]?.before === 'colon') return comma ?? t;
    if (tokens[t]?.before === 'comma') comma ??= t;
  }
  return 0;
}

/** Plain numbers: for sentences of a few words typed arrays cost more than they save. */
function zeros(n: number): number[] {
  return new Array<number>(n).fill(0);
}

/** Triggers and their like without those that stand within a longer one. */
function outermost(hits: readonly Hit[]): Hit[] {
  const sorted = [...hits].sort((a, b) => a.from - b.from || b.to - a.to);
  const kept: Hit[] = [];
  let [from, end] = [-1, -1];
  for (const hit of sorted) {
    if (hit.to <= end && !(hit.from === from && hit.to === end)) continue;
    if (hit.to > end) [from, end] = [hit.from, hit.to];
    kept.push(hit);
  }
  return kept;
}

/** What is said of a mention that is made of these places. */
export function saidOf(parts: readonly Pick<Hit, 'from' | 'to' | 'least'>[], said: Said): number {
  let flags = said.whole;
  for (const { from, to, least } of parts) {
    flags |= (said.on[from] ?? 0) | (said.back[least - 1] ?? 0);
    for (let t = from; t < to; t += 1) {
      flags |= said.fresh.get(t) ?? 0;
      // Within the mention, but neither its first words nor its last, which are its own ("no flow", "flow absent"): "tube is not in the stomach". Nor behind what names it already.
      if (t > from && t < least && said.ends[t] !== to) flags |= said.starts[t] ?? 0;
    }
  }
  return flags;
}
