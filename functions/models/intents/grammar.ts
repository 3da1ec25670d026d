import type { Command, Hindrance, ProtocolName, Utterance } from '#domain/utterance.js';
import { whenOf } from '#domain/when.js';
import { pointed, shownAt } from './cases.ts';
import { condition, requestsIn } from './clauses.ts';
import { cleaned, fold } from './fold.ts';
import type { Folded } from './fold.ts';
import { protocolNamed } from './protocol-name.ts';
import { NUMBER } from './rules.ts';

/**
 * The closed grammar: the only sentences that change something by themselves. The whole sentence must fit, so that "do not approve", "should I approve …?",
 * a condition and a quotation do nothing. English only; slips of the keyboard are not mended here.
 */
export type Read =
  | { readonly ok: true; readonly verb: Command['verb']; readonly commands: readonly Command[] }
  | { readonly ok: false; readonly verb: Command['verb']; readonly hindrance: Hindrance };

/** Longest sentence that is read. */
export const mostCharacters = 2000;

const rank = '(?:first|second|third|fourth|fifth|last)';
const ordinal = String.raw`(?<ordinals>${rank}(?: (?:one|case|order|request|study|exam))?(?:(?:,? and |, ?| & )(?:the )?${rank}(?: (?:one|case|order|request|study|exam))?)*)`;
const one = String.raw`(?:(?:the )?(?:case|order|request) )?#?${NUMBER}`;
const polite = '(?: (?:please|pls|plz))?';
const named = String.raw`(?:(?:(?:the|your) )?(?:(?:proposed |suggested )?protocol|proposal|suggestion|order|case|request) )?(?:(?:of|for|on|number|no\.?) )*(?:(?<cases>${one}(?:(?:,? and |, ?| & )${one})*)|(?:(?:the )?(?:case|order|request) )?#?(?<odd>(?=[a-z]*\d)[a-z0-9]{6,7}))`;
const it = String.raw`(?:it|this|that|(?:this|that|the) (?:one|case|order|request|protocol|exam|study)|(?:the|your) (?:proposal|suggestion|(?:proposed|suggested) protocol)|the ${ordinal})`;
const target = `(?:${named}|${it})`;
/** A mark, typed or spoken. */
const mark = String.raw`(?:[,;.–-]+|\b(?:comma|period|full stop|semicolon|dash)\b)`;
const because = String.raw`(?:\s*${mark}?\s*(?:because(?: of)?|due to|since|on account of|(?:the |with (?:the )?)?reason(?: is| being)?)\s*(?::|\bcolon\b)?\s+|\s*(?::|\bcolon\b)\s*)`;
/** After a comma, a dash, or by its first word, a reason is only what cannot be another sentence: see `loosely`. */
const aside = String.raw`(?:\s*(?:[,;–-]+|\bcomma\b|\bdash\b)\s*|\.?\s+(?=(?:wrong|duplicat\w*|dup|not (?:indicated|fasting|npo|needed|appropriate|safe)|no (?:indication|consent|contrast|reason)|already|contraindicat\w*|incorrect|missing|pregnan\w*|pacemaker|allerg\w*|same|had|patient|pt|she is|he is|she has|he has|as (?:a )?duplicate|for (?:wrong|duplicate|being|no|lack|missing|contrast|pregnancy|metal|safety)|with reason|unnecessary|inappropriate|insufficient|outside|reason)\b))`;
const orderer = String.raw`(?:the )?(?:orderer|referrer|requester|(?:ordering|referring|requesting) (?:physician|doctors?|provider|clinician|team|service|surgeon|md))`;
const protocol = String.raw`(?<protocol>[a-z0-9][a-z0-9 \-/+.&]*?)`;
const asks = String.raw`(?:whether|what|when|which|why|how|who|where)\b`;

const sentence = (body: string) => new RegExp(`^${body.replaceAll(' ', String.raw`\s+`)}$`, 'du');
/** An id of the catalogue, as far as its shape goes. */
const id = String.raw`(?:the )?[a-z]{2,5}(?:[ \-][a-z0-9]+){1,3}`;
const i = String.raw`(?:i |i hereby |just |go ahead and |go ahead, )?`;
const instead = String.raw`(?:,? instead(?: of (?:that|this|it|the proposed one|the proposal|${id}))?| rather than (?:that|this|${id}))?`;
/** A time, as domain/when reads it: what it can't read is asked back. */
const at = String.raw`(?<when>(?:in|within|at|by|on|next|tomorrow|today|tonight|this) ?[a-z0-9:.' ]*?)`;
const why = String.raw`(?:(?:${because}(?<reason>.+))|(?:${aside}(?<loose>.+)))?`;

const forms: readonly (readonly [Command['verb'], RegExp])[] = [
  ['approve', sentence(String.raw`${i}approve(?: ${target})?(?:,? as (?:is|it is|proposed|suggested))?(?:[,\s]*${mark})?`)],
  ['approve', sentence(String.raw`(?:for |on )?${named}\s*[,:–-]?\s*(?:please )?approve(?: (?:it|this|that|this one))?`)],
  ['reject', sentence(String.raw`(?:for |on )?${named}\s*[,:–-]?\s*(?:please )?reject(?: (?:it|this|that|this one))?${why}`)],
  ['reject', sentence(String.raw`${i}reject ${target}${polite}${why}`)],
  ['reject', sentence(String.raw`${i}reject${polite}(?:(?:${because}(?<reason>.+))|(?:\s*(?:[,;–-]+|\bcomma\b)\s*(?<loose>.+)))?`)],
  [
    'ask-orderer',
    sentence(String.raw`${i}ask ${orderer}(?: (?:of|about|for|on) ${target})?(?:\s*[:,]\s*(?<question>.+)| (?<clause>${asks}.+)|\s*:?)`),
  ],
  ['remind', sentence(String.raw`${i}remind me(?: (?:about|of) ${target})?,? ${at}`)],
  ['remind', sentence(String.raw`${i}remind me ${at},? (?:(?:about|of) ${target}|(?:case )?${named})`)],
  ['remind', sentence(String.raw`(?:for |on )?${named}\s*[,:–-]?\s*(?:please )?remind me ${at}`)],
  [
    'choose-other',
    sentence(
      String.raw`(?:(?:for|on) ${target},? )?${i}(?:use|choose|select|pick|go with) (?:the )?(?:protocol )?${protocol}(?: protocol)?${instead}(?:(?:${because}(?<reason>.+))|(?:\s*,\s*(?<loose>.+)))?`,
    ),
  ],
  [
    'choose-other',
    sentence(
      String.raw`${i}(?:use|choose|select|pick|go with) (?:the )?(?:protocol )?${protocol}(?: protocol)?${instead} (?:for|on|in) ${target}${instead}(?:${because}(?<reason>.+)|\s*,\s*(?<loose>.+))?`,
    ),
  ],
  [
    'choose-other',
    sentence(
      String.raw`${i}(?:switch|change)(?: ${target}| protocol)? to (?:the )?(?:protocol )?${protocol}(?: protocol)?${instead}(?:${because}(?<reason>.+)|\s*,\s*(?<loose>.+))?`,
    ),
  ],
  [
    'choose-other',
    sentence(
      String.raw`${i}(?:switch|change) (?:(?:the )?protocol )?to (?:the )?(?:protocol )?${protocol}(?: protocol)?${instead} (?:for|on|in) ${target}(?:${because}(?<reason>.+)|\s*,\s*(?<loose>.+))?`,
    ),
  ],
];

const actVerb = new RegExp(
  String.raw`^(?:(?:(?:for|on) )?(?:(?:the )?(?:case|order|request) )?#?${NUMBER}\s*[,:–-]?\s*(?:please )?|(?:for|on) (?:\S+ ){1,3})?${i}(?:approve|use|choose|select|pick|go with|switch|change|reject|ask|remind)\b`,
  'u',
);
const everything = /\b(?:all|everything|every|each|any|the\s+rest|the\s+lot|the\s+others)\b/u;
const takenBack =
  /\b(?:no[,.]?\s+wait|wait\s+no|never\s*mind|scratch\s+that|forget\s+it|not\s+really|just\s+kidding|jk|on\s+second\s+thought|actually\s+no|or\s+not|maybe\s+not|no\s+way|let\s+me|hold\s+on)\b|\b(?:no|wait)\s*[,;!.]|\b(?:not|no|wait)\s*$/u;
/** In any reason: a second thing to do, a limit, a question. */
const limited = /\bbut\b|\b(?:approve|reject)\b|^why\b|\bis\s+(?:that|it|this)\s+(?:ok|okay|right|fine|correct)\b/u;
/** No question to the orderer: a remark that begins like one. */
const noQuestion =
  /^(?:not|no|never|do\s+not|when\s+you|who\s+cares|(?:what|how|why|when|where|who|which)\s*[?.!]*$|why\s+not|later|now|please)\b|^(?:what|how|why|when|where|who|which)\s*[?.!]*$/u;
/** In a reason that no "because" marks: somebody else's words, a doubt, or a second thing to do. */
const loosely =
  /\b(?:said|says|told|asks?|asked|wants?|wanted|thinks?|according|right\?|correct\?|maybe|perhaps|probably|should|would|could|might|i\s+think|i\s+guess|not\s+sure|approve\w*|reject\w*|use|choose|switch|then|also|later|tomorrow|tonight|show|open|undo|take|hand|remind|lol|haha|yeah|do\s+not|never|not\s+(?:because|now|yet|that|this|it|him|her|so|today)|yourself|instead)\b|[()🙄😂🤣]/u;
/** What limits the first of two requests: then neither is done. */
const limits =
  /^(?:but|first|take|undo|cancel|revert|retract|withdraw|hold|stop|forget|before|after|then only|unless|if|or|otherwise|when|once|until|no|not|nah|wait|never|dont|do not)\b|\bfirst\b/u;

/** Null: nothing of the grammar. */
export function commandIn(said: Utterance, protocols: readonly ProtocolName[]): Read | null {
  const text = cleaned(said.text);
  if (text.length > mostCharacters || /["<>{}[\]=]|(?<![a-z0-9])'/iu.test(text)) return null;
  const folded = plainSentence(fold(text, false));
  if (!actVerb.test(folded.text)) return null;
  const whole = readSentence(folded, said, protocols);
  if (whole?.ok === true || (whole !== null && whole.hindrance !== 'taken-back')) return whole;
  // "approve it and show me the next one": the first is done as it would be alone, the second never.
  const [first, second] = requestsIn(folded.text);
  if (whole !== null || first === undefined || second === undefined) return whole;
  const joint = folded.text.slice(0, second.start);
  const rest = folded.text.slice(second.start);
  // A second sentence of the grammar must be a whole one: "and approve it fast" is no plain speech.
  const following = actVerb.test(rest) ? readSentence(plainSentence({ ...folded, text: rest }), said, protocols) : null;
  if (actVerb.test(rest) && following === null) return null;
  if (/\b(?:but|or)\b[\s,]*$/u.test(joint) || limits.test(rest) || takenBack.test(rest) || condition.test(rest)) return null;
  const alone = first.text.replace(/(?:[\s,;.]+(?:and|then|also|and then|and also|plus))*[\s,;.!]*$/u, '');
  const read = readSentence(plainSentence({ ...folded, text: alone }), said, protocols);
  return read?.ok === true && following !== null && contradicts(read, following, said) ? null : read;
}

/** Two things about one case: only a question may follow a rejection. */
function contradicts(read: Extract<Read, { ok: true }>, following: Read, said: Utterance): boolean {
  if (read.verb === 'reject' && following.verb === 'ask-orderer') return false;
  const others = following.ok ? following.commands.map((one) => one.caseNumber) : [pointed(said)];
  return others.some((other) => other === null || read.commands.some(({ caseNumber }) => caseNumber === other));
}

function readSentence(folded: Folded, said: Utterance, protocols: readonly ProtocolName[]): Read | null {
  const freeAt = /\b(?:because|due\s+to|reason)\b|:|,/u.exec(folded.text)?.index ?? folded.text.length;
  const command = folded.text.slice(0, freeAt);
  const verb = verbOf(command);
  if (everything.test(command) && verb !== 'ask-orderer') return { ok: false, verb, hindrance: 'all' };
  let hindered: Read | null = null;
  for (const [kind, form] of forms) {
    const found = form.exec(folded.text);
    if (found === null) continue;
    const read = complete(kind, found, folded, said, protocols);
    if (read?.ok === true) return read;
    hindered ??= read;
  }
  return hindered;
}

function complete(verb: Command['verb'], found: RegExpExecArray, folded: Folded, said: Utterance, protocols: readonly ProtocolName[]): Read | null {
  const no = (hindrance: Hindrance): Read => ({ ok: false, verb, hindrance });
  const group = (...names: readonly string[]) => names.map((name) => found.groups?.[name] ?? '').join('');
  if (group('odd') !== '') return no('not-a-case-number');
  const free = group('reason', 'loose', 'question', 'clause');
  if (takenBack.test(free)) return no('taken-back');
  if (verb !== 'ask-orderer' && limited.test(free)) return null;
  if (noQuestion.test(group('question', 'clause'))) return null;
  if (verb !== 'ask-orderer' && condition.test(free)) return no('conditional');
  if (verb !== 'ask-orderer' && free.trim().endsWith('?')) return null;
  // "… which side and remind me at 4": the second request is no part of the question.
  if (
    verb === 'ask-orderer' &&
    /[\s,.;?](?:and |then |also )+(?:please )?(?:remind|show|open|approve|reject|tell) (?:me|it|this|the next)\b/u.test(free)
  )
    return null;
  if (loosely.test(group('loose'))) return null;
  // "use A, not B": which of them is asked back.
  if (verb === 'choose-other' && /^(?:not|never)\b/u.test(group('loose'))) return null;
  if (verb === 'ask-orderer' && /\b(?:if|unless|once|until|provided|assuming|in case|otherwise|only when|as long as)\b/u.test(free))
    return no('conditional');
  // Dictated marks: whether the colon was meant can't be told.
  if (/\b(?:colon|question mark|comma|full stop)\b/u.test(free)) return null;
  const words = (name: string) => {
    const at = found.indices?.groups?.[name];
    return at === undefined ? '' : folded.original(at[0], at[1]).trim();
  };
  const cases = casesIn(found, said);
  if (new Set([...cases, ...numbersIn(free)]).size > Math.max(cases.length, 1)) return null;
  const protocolId = verb === 'choose-other' ? protocolNamed(words('protocol'), protocols) : null;
  if (verb === 'choose-other' && protocolId === null) return no('unknown-protocol');
  const when = words('when');
  if (verb === 'remind' && whenOf(when) === null) return null;
  const text = when || words('reason') || words('loose') || words('question') || words('clause');
  if (verb === 'reject' && text === '') return no('needs-reason');
  if (verb === 'ask-orderer' && text === '') return no('needs-question');
  if (cases.length === 0) return no('no-case');
  return { ok: true, verb, commands: cases.map((caseNumber) => commandOf(verb, caseNumber, protocolId ?? '', text)) };
}

function commandOf(verb: Command['verb'], caseNumber: string, protocolId: string, text: string): Command {
  switch (verb) {
    case 'approve':
      return { verb, caseNumber };
    case 'choose-other':
      return { verb, caseNumber, protocolId, text: text === '' ? null : text };
    case 'remind':
      return { verb, caseNumber, when: text };
    case 'reject':
    case 'ask-orderer':
      return { verb, caseNumber, text };
    default:
      return verb satisfies never;
  }
}

function numbersIn(text: string): string[] {
  return text.match(new RegExp(`(?<![A-Za-z0-9])${NUMBER}(?![A-Za-z0-9])`, 'gu')) ?? [];
}

function casesIn(found: RegExpExecArray, said: Utterance): string[] {
  const written = numbersIn(found.groups?.['cases'] ?? '');
  if (written.length > 0) return [...new Set(written)];
  const ranked = [...(found.groups?.['ordinals'] ?? '').matchAll(/\b(?:first|second|third|fourth|fifth|last)\b/gu)].map(([which]) =>
    said.place === 'thread' ? null : shownAt(said, ['first', 'second', 'third', 'fourth', 'fifth'].indexOf(which)),
  );
  const meant = ranked.length === 0 ? [pointed(said)] : ranked;
  const cases = meant.filter((one) => one !== null);
  return cases.length === meant.length ? [...new Set(cases)] : [];
}

function verbOf(text: string): Command['verb'] {
  if (/\bapprove\b/u.test(text)) return 'approve';
  if (/\breject\b/u.test(text)) return 'reject';
  if (/\bremind\b/u.test(text)) return 'remind';
  return /\bask\b/u.test(text) ? 'ask-orderer' : 'choose-other';
}

const greeting =
  /^(?:(?:hi|hello|hey|ok|okay|yes|please|pls|plz|radloop|thanks|thank\s+you|alright|there|bot|morning|good\s+(?:morning|afternoon|evening))(?=[\s,!.–-])[\s,!.–-]*)+(?=\S)/u;
const closing =
  /(?:[\s,.!]+(?:please|pls|plz|thanks|thank\s+you(?:\s+(?:very|so)\s+much)?|(?:please\s+)?and\s+thank\s+you|for\s+me|n|now|immediately|right\s+away|right\s+now|asap|and\s+thanks)|[\s,.!]*(?:🙏|👍|🙂|😊|✅|👌|☺|❤)\uFE0F?[\u{1F3FB}-\u{1F3FF}]?)*[\s.!]*$/u;
/** Greetings, the bot's name, "please" and closing marks are no part of what is said. */
function plainSentence(folded: Folded): Folded {
  const lead = greeting.exec(folded.text)?.[0].length ?? 0;
  const end = closing.exec(folded.text)?.index ?? folded.text.length;
  const skip = lead + (/^\s*/u.exec(folded.text.slice(lead))?.[0].length ?? 0);
  return { text: folded.text.slice(skip, Math.max(end, skip)), original: (start, stop) => folded.original(start + skip, stop + skip) };
}
