import { CASE_ALPHABET, caseNumber } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Heard, RefusedWhy } from './heard.ts';

/** Longest sentence that is read. */
const mostCharacters = 2000;

/** Six or seven letters or digits, as people write them: `7KF3QN`, `7kf 3qn`, `7K-F3-QN`. */
const CASE = String.raw`(?:(?:the\s+)?(?:protocol|order|case|request)\s+(?:(?:of|for|number|no\.?)\s+)*)?(?:case\s+)?#?(?<case>[A-Za-z0-9](?:[\s\-–]{0,2}[A-Za-z0-9]){5,6})`;
/** The case of the thread. */
const THIS = String.raw`(?:it|this|that|this\s+one|this\s+case|this\s+order|the\s+case|the\s+order|the\s+protocol)`;
const TARGET = String.raw`(?:${CASE}|${THIS})`;
const I = String.raw`(?:i\s+)?`;
const BECAUSE = String.raw`(?:\s*[,;\-–]?\s*(?:because(?:\s+of)?|due\s+to|reason\s*:?)\s*:?\s+|\s*:\s*)`;
const ORDERER = String.raw`(?:the\s+)?(?:orderer|referrer|ordering\s+(?:physician|doctor|provider|clinician)|referring\s+(?:physician|doctor|provider|clinician))`;

const sentence = (body: string) => new RegExp(`^${body}$`, 'isu');

const sentences = {
  waiting: sentence(
    String.raw`(?:what(?:['’]?s|\s+is|\s+are)?\s+(?:still\s+)?(?:waiting|open|pending|to\s+do)(?:\s+for\s+me)?(?:\s+(?:now|today))?|(?:(?:show|list)(?:\s+me)?\s+)?(?:what(?:['’]?s|\s+is)\s+waiting|(?:the\s+|my\s+)?(?:waiting|open|pending)(?:\s+(?:cases|orders|list|tasks))?|(?:the\s+|my\s+)?(?:list|queue|tasks)))\??`,
  ),
  help: sentence(String.raw`(?:help(?:\s+me)?|\?|commands|what\s+can\s+(?:you|i)\s+(?:do|say|write|ask)|how\s+does\s+(?:this|it)\s+work)\??`),
  show: sentence(String.raw`(?:show|open|view|see|display)(?:\s+me)?(?:\s+${TARGET})?`),
  number: sentence(CASE),
  approve: sentence(String.raw`${I}approve(?:\s+${TARGET})?`),
  use: sentence(
    String.raw`${I}(?:use|choose)\s+(?:the\s+)?(?:protocol\s+)?(?<protocol>[A-Za-z0-9][\w \-/+.]*?)(?:\s+instead)?(?:\s+(?:for|on|in)\s+${TARGET})?(?:${BECAUSE}(?<reason>.+))?`,
  ),
  reject: sentence(String.raw`${I}reject(?:\s+${TARGET})?(?:${BECAUSE}(?<reason>.+))?`),
  ask: sentence(String.raw`ask\s+${ORDERER}(?:\s+(?:of|about|for|on)\s+${TARGET})?(?:\s*[:,]\s*(?<question>.+)|\s*:?)`),
} as const;

const actVerb = /^(?:i\s+)?(?:approve|use|choose|reject|ask)\b/iu;
const everything = /\b(?:all|everything|every|each|both|any|them|these|those|the\s+rest|the\s+lot|the\s+others?)\b/iu;
const condition = /\b(?:if|unless|only\s+when|provided|in\s+case|once|until|assuming)\b/iu;
const takenBack = /\b(?:no\s+wait|wait,|never\s*mind|scratch\s+that|forget\s+it|not\s+really|just\s+kidding)/iu;

/**
 * Reads one sentence of the closed grammar; pure. The whole sentence must fit, so that "do not approve", "should I approve …?" and a quotation do nothing.
 * @param text What the person wrote, mentions and mark-up already taken out.
 * @param protocolIds The site's catalogue ids.
 */
export function hear(text: string, protocolIds: readonly string[]): Heard {
  if (text.length > mostCharacters) return refused('too-long');
  const said = withoutCourtesies(text);
  const act = actVerb.test(said);
  if (act) {
    const { command, freeText } = splitFreeText(said);
    if (everything.test(command)) return refused('all');
    if (shaped(command).length > 1 || new Set([...shaped(command), ...valid(freeText)]).size > 1) return refused('several');
  }
  return (
    (sentences.help.test(said) ? { kind: 'help' } : null) ??
    (sentences.waiting.test(said) ? { kind: 'waiting' } : null) ??
    aboutCase(said, protocolIds) ?? { kind: 'unclear' }
  );
}

function aboutCase(said: string, protocolIds: readonly string[]): Heard | null {
  const approve = sentences.approve.exec(said);
  if (approve !== null) return withCase(approve, (named) => ({ kind: 'approve', caseNumber: named }));

  const reject = sentences.reject.exec(said);
  if (reject !== null) {
    const reason = reject.groups?.['reason']?.trim() ?? '';
    return withCase(reject, (named) => wary(reason) ?? (reason === '' ? refused('needs-reason') : { kind: 'reject', caseNumber: named, reason }));
  }

  const ask = sentences.ask.exec(said);
  if (ask !== null) {
    const question = ask.groups?.['question']?.trim() ?? '';
    return withCase(ask, (named) => (question === '' ? refused('needs-question') : { kind: 'ask', caseNumber: named, question }));
  }

  const use = sentences.use.exec(said);
  if (use !== null) {
    const protocolId = protocolNamed(use.groups?.['protocol'] ?? '', protocolIds);
    const reason = use.groups?.['reason']?.trim() ?? '';
    if (protocolId === null) return refused('unknown-protocol');
    return withCase(use, (named) => wary(reason) ?? { kind: 'use', caseNumber: named, protocolId, reason: reason === '' ? null : reason });
  }

  const show = sentences.show.exec(said);
  if (show !== null) return withCase(show, (named) => ({ kind: 'show', caseNumber: named }));

  const number = sentences.number.exec(said);
  const bare = compacted(number?.groups?.['case'] ?? '');
  // A word of six letters alone ("status") is no case number that was mistyped.
  return number === null || !(inAlphabet(bare) || /\d/u.test(bare)) ? null : withCase(number, (named) => ({ kind: 'show', caseNumber: named }));
}

/** A reason that ends as a question, sets a condition or takes itself back is no plain reason. */
function wary(reason: string): Heard | null {
  if (condition.test(reason)) return refused('conditional');
  if (takenBack.test(reason)) return refused('taken-back');
  return reason.endsWith('?') ? { kind: 'unclear' } : null;
}

function withCase(match: RegExpExecArray, then: (named: CaseNumber | null) => Heard): Heard {
  const written = match.groups?.['case'];
  if (written === undefined) return then(null);
  const compact = compacted(written);
  const parsed = caseNumber.safeParse(compact);
  if (parsed.success) return then(parsed.data);
  return refused(inAlphabet(compact) ? 'check-character' : 'not-a-case-number');
}

/** The catalogue id that was meant: letter case, spaces and dashes don't matter; null when none or more than one fits. */
function protocolNamed(written: string, protocolIds: readonly string[]): string | null {
  const meant = canonical(written);
  const fits = protocolIds.filter((id) => canonical(id) === meant);
  return fits.length === 1 ? (fits[0] ?? null) : null;
}

function canonical(text: string): string {
  return text.replace(/[^A-Za-z0-9]/gu, '').toUpperCase();
}

function compacted(text: string): string {
  return text.replace(/[\s\-–]/gu, '').toUpperCase();
}

function inAlphabet(text: string): boolean {
  return [...text].every((character) => CASE_ALPHABET.includes(character));
}

/** Words written as one that have the shape of a case number. */
function shaped(text: string): readonly string[] {
  return [...new Set((text.match(/(?<![A-Za-z0-9])[A-Za-z0-9]{6,7}(?![A-Za-z0-9])/gu) ?? []).map(compacted))].filter(inAlphabet);
}

function valid(text: string): readonly string[] {
  return shaped(text).filter((word) => caseNumber.safeParse(word).success);
}

/** What is commanded, and the free text (a reason, a question) that follows it. */
function splitFreeText(said: string): { readonly command: string; readonly freeText: string } {
  const at = /\bbecause\b|\bdue\s+to\b|\breason\b|:|,/iu.exec(said)?.index ?? said.length;
  return { command: said.slice(0, at), freeText: said.slice(at) };
}

/** Greetings, the bot's name, "please" and closing marks are no part of what is said. */
function withoutCourtesies(text: string): string {
  return text
    .trim()
    .replace(/^(?:(?:hi|hello|hey|ok|okay|yes|please|pls|radloop)\b[\s,!.:]*)+(?=\S)/iu, '')
    .replace(/(?:[\s,]+(?:please|pls|thanks|thank\s+you|now))*[\s.!]*$/iu, '')
    .trim();
}

function refused(why: RefusedWhy): Heard {
  return { kind: 'refused', why };
}
