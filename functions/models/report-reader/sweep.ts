import { bit } from './triggers.ts';
import type { Token } from './words.ts';

const kinds = Object.values(bit);
/** A list that is negated goes on over a comma when an "or" is so near, in words. */
const orWithin = 24;

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

/** What is said from a trigger's second word on (or its last but one back), as far as `until`. */
export interface Place {
  readonly kind: number;
  readonly until: number;
  /** The word behind the trigger; where it looks back, its first. */
  readonly edge: number;
  /** Said of the whole list in front of it. */
  readonly list: boolean;
}

interface Forward {
  readonly tokens: readonly Token[];
  readonly said: Said;
  readonly ahead: readonly (readonly Place[] | undefined)[];
  readonly endsAt: readonly number[];
  readonly anew: ReadonlySet<number>;
  readonly denying: ReadonlySet<number>;
  readonly isMention: readonly number[];
}

/** What is said of each word from in front. */
export function sweepOn({ tokens, said, ahead, endsAt, anew, denying, isMention }: Forward): void {
  const stop = new Map<number, number>();
  const edges = new Map<number, number>();
  const orAhead = nextOr(tokens, denying);
  let denied: Place | null = null;
  let newEnds = 0;
  let knownEnds = 0;
  let passed = false;
  let ended = false;
  for (let t = 0; t < tokens.length; t += 1) {
    for (const place of ahead[t] ?? []) {
      stop.set(place.kind, Math.max(stop.get(place.kind) ?? 0, place.until));
      edges.set(place.kind, place.edge);
      if (place.kind === bit.negated) denied = place;
      if (place.kind === bit.fresh) newEnds = place.edge;
      if (place.kind === bit.stable) [knownEnds, passed] = [place.edge, false];
    }
    for (const kind of kinds) if (((endsAt[t] ?? 0) & kind) !== 0) stop.delete(kind);
    // "The drain has not done its job: the ventricles are larger", but "no evidence of the following: ...".
    if (tokens[t]?.before === 'colon') for (const kind of stop.keys()) if (!headsAt(tokens, edges.get(kind) ?? t, t)) stop.delete(kind);
    const comma = tokens[t]?.before === 'comma';
    // "Although no bleed is seen, an infarct is possible".
    if (comma && ended && conceding.test(tokens[0]?.word ?? '')) stop.delete(bit.negated);
    ended ||= seen.test(tokens[t]?.word ?? '');
    const apart = comma || tokens[t]?.before === 'mark' || tokens[t - 1]?.word === 'and';
    if (apart && anew.has(t) && (orAhead[t] ?? Infinity) - t > orWithin && !saysAgain(tokens, t, denied)) {
      stop.delete(bit.negated);
      stop.delete(bit.hypothetical);
      if (comma) stop.delete(bit.historical);
    }
    // "Increased effusion, small pneumothorax": what is new stands before the comma.
    if (comma && t > newEnds && (anew.has(t) || isMention[t] === 1)) stop.delete(bit.fresh);
    // "Unchanged cardiomegaly, small pneumothorax": but "unchanged since May, small pneumothorax".
    if (comma && t > knownEnds && anew.has(t) && !passed && !linking.test(tokens[knownEnds]?.word ?? '')) stop.delete(bit.stable);
    passed ||= isMention[t] === 1;
    let flags = 0;
    for (const [kind, until] of stop) if (until > t) flags |= kind;
    said.on[t] = flags;
  }
}

/** Between what heads a list and its colon stands nothing, or "any of the following". */
function headsAt(tokens: readonly Token[], edge: number, colon: number): boolean {
  return tokens.slice(edge, colon).every(({ word }) => heading.test(word));
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

/** For each word where the "or" of its list stands: with no measure, verb or other denial before it ("no fracture, small effusion, no nodule or mass"). */
function nextOr(tokens: readonly Token[], denying: ReadonlySet<number>): number[] {
  const next: number[] = [];
  let at = Infinity;
  for (let t = tokens.length - 1; t >= 0; t -= 1) {
    const word = tokens[t]?.word;
    if (word === 'nor' || (word === 'or' && !/^[0-9]/u.test(tokens[t + 1]?.word ?? ''))) at = t;
    else if (denying.has(t) || (tokens[t]?.millimetres ?? 0) > 0 || breaking.test(word ?? '')) at = Infinity;
    next[t] = at;
  }
  return next;
}

/** What is said of each word from behind. */
export function sweepBack(
  tokens: readonly Token[],
  said: Said,
  behind: readonly (readonly Place[] | undefined)[],
  endsFrom: readonly number[],
  isMention: readonly number[],
): void {
  const stop = new Map<number, number>();
  let passed = false;
  let list = false;
  let begun = tokens.length;
  let clause = false;
  let newFrom = -1;
  let subject = false;
  let apposed = false;
  let openFrom = tokens.length;
  for (let t = tokens.length - 1; t >= 0; t -= 1) {
    if (tokens[t + 1]?.before === 'comma' && !list) {
      if (passed) for (const kind of [bit.negated, bit.uncertain, bit.open, bit.hypothetical, bit.resolved, bit.stable]) stop.delete(kind);
      // "While no bleed is seen, an old fracture cannot be excluded", but "while no bleed is seen, it cannot be excluded".
      if (openFrom > t && conceding.test(tokens[0]?.word ?? '') && !tokens.slice(t + 1, openFrom + 1).some(({ word }) => pronoun.test(word)))
        stop.delete(bit.open);
      // "Known subdural, swelling increased": behind the comma stands what has increased.
      if (subject && !apposed) stop.delete(bit.fresh);
      if (subject) [subject, apposed] = [!apposed, false];
    }
    for (const { kind, until, edge, list: ofAll } of behind[t] ?? []) {
      stop.set(kind, Math.min(stop.get(kind) ?? Infinity, until));
      passed = false;
      list = ofAll;
      begun = edge;
      clause = false;
      if (kind === bit.open) openFrom = edge;
      // "Subdural, known from May, has increased."
      if (kind === bit.fresh) [newFrom, subject, apposed] = [edge, false, tokens[edge]?.before === 'comma'];
    }
    // "Is unlikely but could not be excluded", "is not seen, though it is not excluded": without a subject of its own it is said of the one in front.
    const same = openFrom > t && openFrom - t <= 3 && tokens.slice(t + 1, openFrom).every(({ word }) => pronoun.test(word) || verb.test(word));
    for (const kind of kinds) if (((endsFrom[t] ?? 0) & kind) !== 0 && !(same && kind === bit.open)) stop.delete(kind);
    let flags = 0;
    for (const [kind, until] of stop) if (until < t) flags |= kind;
    said.back[t] = flags;
    if (isMention[t] === 1) passed = true;
    const word = tokens[t]?.word ?? '';
    if (t < newFrom && !light.test(word)) subject = true;
    if (t >= begun) continue;
    if (word === 'and' || word === 'or' || word === 'nor') {
      list = true;
      // "Was asked about and is not there": one subject.
      clause ||= word === 'and' && (said.starts[t + 1] ?? 0) === 0 && !verb.test(tokens[t + 1]?.word ?? '');
    }
    // "The cisterns are effaced and the sulci are not seen": in front of "and" stands a statement of its own.
    else if (clause && verb.test(word)) for (const kind of [bit.negated, bit.uncertain, bit.open, bit.resolved, bit.stable]) stop.delete(kind);
  }
}

const conceding = /^(?:although|though|while|whilst)$/u;
const seen = /^(?:seen|identified|demonstrated|visible|present|evident|apparent|appreciated|noted|found|detected|visuali[sz]ed|shown)$/u;
const heading = /^(?:the|following|these|any|of|all|below|either|as|for|are|is)$/u;
const breaking = /^(?:with|is|are|has|have|there)$/u;
const linking = /^(?:from|since|compared|to|in|of|over|as|with|than|on|at|when)$/u;
const pronoun = /^(?:it|this|that|these|they|one|ones|which|such)$/u;
const verb = /^(?:is|are|was|were|has|have)$/u;
/** Words between a finding and what has changed of it that are no other finding: "subdural, 9 mm, now slightly larger". */
const light =
  /^(?:slightly|mildly|minimally|markedly|significantly|much|somewhat|considerably|clearly|again|further|substantially|moderately|rapidly|possibly|also|now|has|have|had|is|are|was|were|which|that|but|both|mm|cm|[0-9].*)$/u;
