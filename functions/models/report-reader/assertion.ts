import type { ReportLanguage, SayingKind } from '#domain/content.js';
import { compared } from './compared.ts';
import type { Hit, Patterns } from './pattern.ts';
import type { Token } from './words.ts';

/** Kinds of saying as bits of one number. */
export const bit: Readonly<Record<SayingKind, number>> = {
  negated: 1, uncertain: 2, historical: 4, resolved: 8, stable: 16, hypothetical: 32, other: 64, question: 128, fresh: 256, acute: 512,
}; // prettier-ignore
const kinds = Object.values(bit);
const every = 1023;
/** A list that is negated goes on over a comma when an "or" is so near, in words. */
const orWithin = 24;

interface Trigger {
  readonly kind: number;
  readonly reach: 'on' | 'back' | 'both' | 'sentence';
  readonly within: number;
  readonly first: boolean;
  readonly last: boolean;
}

/** What the language's patterns mean, by their number. */
export interface Triggers {
  readonly says: ReadonlyMap<number, readonly Trigger[]>;
  readonly pseudo: ReadonlySet<number>;
  /** The kinds that end there. */
  readonly ends: ReadonlyMap<number, number>;
  readonly anew: ReadonlySet<number>;
}

export function triggersOf(language: ReportLanguage, patterns: Patterns): Triggers {
  const says = new Map<number, Trigger[]>();
  for (const { kind, reach, within, first, last, says: sayings } of language.triggers)
    for (const saying of sayings) {
      const id = patterns.add(saying);
      const trigger = { kind: bit[kind], reach, within: within ?? Infinity, first: first ?? false, last: last ?? false };
      says.set(id, [...(says.get(id) ?? []), trigger]);
    }
  const ends = new Map<number, number>();
  for (const { kinds: of, says: sayings } of language.ends)
    for (const saying of sayings) {
      const id = patterns.add(saying);
      ends.set(id, of === undefined ? every : of.reduce((mask, kind) => mask | bit[kind], ends.get(id) ?? 0));
    }
  return {
    says, ends,
    pseudo: new Set(language.pseudo.map((one) => patterns.add(one))),
    anew: new Set(language.anew.map((one) => patterns.add(one))),
  }; // prettier-ignore
}

/** For each word of a sentence what is said of it, from in front and from behind; `whole` is said of all. */
export interface Said {
  readonly on: number[];
  readonly back: number[];
  readonly whole: number;
  /** What a trigger that begins at this word says; and the word behind it. */
  readonly starts: number[];
  readonly ends: number[];
  /** Words that say fresh or acute: also within a mention they make it so. */
  readonly fresh: ReadonlyMap<number, number>;
}

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
  const valid = outermost(hits.filter(({ pattern }) => triggers.says.has(pattern) || triggers.pseudo.has(pattern) || triggers.ends.has(pattern)));
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
  for (const { pattern, from, to } of valid) {
    const end = triggers.ends.get(pattern) ?? 0;
    endsAt[from] = (endsAt[from] ?? 0) | end;
    endsFrom[to - 1] = (endsFrom[to - 1] ?? 0) | end;
    const closes = to === n || tokens[to]?.before === 'comma';
    for (const { kind, reach, within, first, last } of triggers.says.get(pattern) ?? []) {
      if ((first && from > 0) || (last && !closes)) continue;
      // "No flow" is a finding of its own, its "no" says nothing of others; nor does the end of "flow is not seen".
      if (kind === bit.negated && (isOwn(own, denying, from, to) || (closing.get(to) ?? Infinity) < from)) continue;
      if (kind === bit.fresh || kind === bit.acute) fresh.set(from, (fresh.get(from) ?? 0) | kind);
      const field = kind === bit.negated && tokens[from]?.before === 'colon';
      // "Haemorrhage: no, infarct: no".
      const answer = field && reach === 'on' && closes && to - from === 1 && to < n;
      const final = to === n && from > 0 && reach === 'on' && kind === bit.negated;
      if (reach === 'sentence') said.whole |= kind;
      else {
        said.starts[from] = (said.starts[from] ?? 0) | kind;
        said.ends[from] = Math.max(said.ends[from] ?? 0, to);
      }
      if ((reach === 'on' || reach === 'both') && !answer) (ahead[from + 1] ??= []).push({ kind, until: to + within, edge: to });
      if (reach === 'back' || reach === 'both' || final || answer) {
        const until = from - 1 - within;
        (behind[to - 2] ??= []).push({ kind, until: field ? Math.max(until, fieldBefore(tokens, from) - 1) : until, edge: from });
      }
    }
  }
  const change = compared(tokens);
  if (change !== null) said.whole |= bit[change];
  sweepOn(tokens, said, ahead, endsAt, anew, denying);
  sweepBack(tokens, said, behind, endsFrom, isMention);
  return said;
}

/** Whether the trigger's denying word belongs to a finding: "no flow", also in "with no flow". */
function isOwn(own: ReadonlyMap<number, number>, denying: ReadonlySet<number>, from: number, to: number): boolean {
  for (let t = from; t < to; t += 1) if (denying.has(t) && (own.get(t) ?? -1) >= to) return true;
  return false;
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

/** What is said from a trigger's second word on (or its last but one back), as far as `until`. */
interface Place {
  readonly kind: number;
  readonly until: number;
  /** The word behind the trigger; where it looks back, its first. */
  readonly edge: number;
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

function sweepOn(
  tokens: readonly Token[],
  said: Said,
  ahead: readonly (readonly Place[] | undefined)[],
  endsAt: readonly number[],
  anew: ReadonlySet<number>,
  denying: ReadonlySet<number>,
): void {
  const stop = new Map<number, number>();
  const orAhead = nextOr(tokens, denying);
  let denied: Place | null = null;
  let newEnds = 0;
  for (let t = 0; t < tokens.length; t += 1) {
    for (const place of ahead[t] ?? []) {
      stop.set(place.kind, Math.max(stop.get(place.kind) ?? 0, place.until));
      if (place.kind === bit.negated) denied = place;
      if (place.kind === bit.fresh) newEnds = place.edge;
    }
    for (const kind of kinds) if (((endsAt[t] ?? 0) & kind) !== 0) stop.delete(kind);
    const comma = tokens[t]?.before === 'comma';
    const apart = comma || tokens[t]?.before === 'mark' || tokens[t - 1]?.word === 'and';
    if (apart && anew.has(t) && (orAhead[t] ?? Infinity) - t > orWithin && !saysAgain(tokens, t, denied)) {
      stop.delete(bit.negated);
      stop.delete(bit.hypothetical);
    }
    // "Increased effusion, small pneumothorax": what is new stands before the comma.
    if (comma && t > newEnds) stop.delete(bit.fresh);
    let flags = 0;
    for (const [kind, until] of stop) if (until > t) flags |= kind;
    said.on[t] = flags;
  }
}

/** "No acute haemorrhage, acute infarct": the list goes on with the word that it began with; not with a measure, which is of something that is there. */
function saysAgain(tokens: readonly Token[], t: number, denied: Place | null): boolean {
  if (denied === null) return false;
  const word = tokens[t]?.word;
  if (word !== tokens[denied.edge]?.word && word !== tokens[denied.edge - 1]?.word) return false;
  for (let next = t; next < tokens.length; next += 1) {
    if (next > t && tokens[next]?.before === 'comma') break;
    if ((tokens[next]?.millimetres ?? 0) > 0) return false;
  }
  return true;
}

/** For each word where the next "or" stands that is not behind another denial ("no fracture, small effusion, no nodule or mass"), nor between numbers. */
function nextOr(tokens: readonly Token[], denying: ReadonlySet<number>): number[] {
  const next: number[] = [];
  let at = Infinity;
  for (let t = tokens.length - 1; t >= 0; t -= 1) {
    const word = tokens[t]?.word;
    if (word === 'nor' || (word === 'or' && !/^[0-9]/u.test(tokens[t + 1]?.word ?? ''))) at = t;
    else if (denying.has(t)) at = Infinity;
    next[t] = at;
  }
  return next;
}

function sweepBack(
  tokens: readonly Token[],
  said: Said,
  behind: readonly (readonly Place[] | undefined)[],
  endsFrom: readonly number[],
  isMention: readonly number[],
): void {
  const stop = new Map<number, number>();
  let passed = false;
  let list = false;
  let clause = false;
  let newFrom = -1;
  let subject = false;
  for (let t = tokens.length - 1; t >= 0; t -= 1) {
    if (tokens[t + 1]?.before === 'comma' && !list) {
      if (passed) for (const kind of [bit.negated, bit.uncertain, bit.hypothetical, bit.resolved, bit.stable]) stop.delete(kind);
      // "Known subdural, swelling increased": behind the comma stands what has increased.
      if (subject) stop.delete(bit.fresh);
    }
    for (const { kind, until, edge } of behind[t] ?? []) {
      stop.set(kind, Math.min(stop.get(kind) ?? Infinity, until));
      passed = false;
      list = false;
      clause = false;
      if (kind === bit.fresh) [newFrom, subject] = [edge, false];
    }
    for (const kind of kinds) if (((endsFrom[t] ?? 0) & kind) !== 0) stop.delete(kind);
    let flags = 0;
    for (const [kind, until] of stop) if (until < t) flags |= kind;
    said.back[t] = flags;
    if (isMention[t] === 1) passed = true;
    const word = tokens[t]?.word ?? '';
    if (t < newFrom && !light.test(word)) subject = true;
    if (word === 'and' || word === 'or' || word === 'nor') {
      list = true;
      clause ||= word === 'and' && (said.starts[t + 1] ?? 0) === 0;
    }
    // "The cisterns are effaced and the sulci are not seen": in front of "and" stands a statement of its own.
    else if (clause && verb.test(word)) for (const kind of [bit.negated, bit.uncertain, bit.resolved, bit.stable]) stop.delete(kind);
  }
}

/** What is said of a mention that is made of these places. */
export function saidOf(parts: readonly { readonly from: number; readonly to: number }[], said: Said): number {
  let flags = said.whole;
  for (const { from, to } of parts) {
    flags |= (said.on[from] ?? 0) | (said.back[to - 1] ?? 0);
    for (let t = from; t < to; t += 1) {
      flags |= said.fresh.get(t) ?? 0;
      // Within the mention, but neither its first words nor its last, which are its own ("no flow", "flow absent"): "tube is not in the stomach".
      if (t > from && said.ends[t] !== to) flags |= said.starts[t] ?? 0;
    }
  }
  return flags;
}

const verb = /^(?:is|are|was|were|has|have)$/u;
/** Words between a finding and what has changed of it that are no other finding: "subdural, 9 mm, now slightly larger". */
const light =
  /^(?:slightly|mildly|minimally|markedly|significantly|much|somewhat|considerably|clearly|again|further|substantially|moderately|rapidly|possibly|also|now|has|have|had|is|are|was|were|which|that|but|both|mm|cm|[0-9].*)$/u;
