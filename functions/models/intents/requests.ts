import type { Intent, Utterance } from '#domain/utterance.js';
import { afterCondition, isOrder, requestsIn, withoutQuotes } from './clauses.ts';
import { featuresOf } from './features.ts';
import { byRules, forbids, isAct, toldAsDone } from './intent.ts';

/** One thing that is asked for, and where it stands in the folded text. */
export interface Request {
  readonly intent: Intent;
  readonly text: string;
  readonly start: number;
}

/** What the statistic makes of features: an intent and how sure it is, 0 to 1. */
export type Classify = (features: readonly string[]) => { readonly intent: Intent; readonly sure: number };

const bareAsk =
  /^\s*(?:please |pls |can you |could you |can somebody |someone )*ask(?: (?:them|him|her|the \w+(?: \w+)?|[a-z]+))?(?: please)?[\s.?!]*$/u;
/** No more than "no". */
const mereNo = /^\s*(?:no|nope|nah|never|not)(?: (?:no|way|thanks|thank you|never|chance|a chance|today|now|yet|really))*[\s.!]*$/u;

/** "stop chasing him" ends a follow-up: it forbids none. */
const stopsFollowing =
  /^[^,;.]{0,20}\b(?:stop|no (?:more|further|longer)|no need)\b.{0,25}\b(?:chas|track|follow|recall|remind|surveil|repeat|letters?|calls?)/u;

/** "the patient had the scan, close the follow-up": what is told first asks for nothing, and what follows is an order. */
function leadsUp(told: Request, then: { readonly intent: Intent; readonly text: string; readonly sure: number }): boolean {
  // "the list, then close 7KF3QN" are two requests.
  const asks =
    /\?|\b(?:and|then)\b[\s,]*$/u.test(told.text) ||
    isAct(told.intent) ||
    isOrder(told.text) ||
    /^\s*(?:what|who|when|where|which|why|how|is|are|was|were|has|have|did|does|do|any|anything|status|update)\b/u.test(told.text);
  return !asks && isAct(then.intent) && then.sure >= 0.85 && isOrder(then.text);
}

/** Acts that a remark may lead up to. */
const reasoned: ReadonlySet<Intent> = new Set<Intent>(['hand-over', 'remind', 'take-back', 'propose-schedule-change', 'ask-orderer']);
const remark =
  /^\s*(?:(?:ok|sorry|well|hi|hey),? )*(?:i\b|we\b|my\b|not\b|no\b|too\b|beyond\b|outside\b|busy\b|(?:can|could|do|will) not\b|end of\b|it is\b|this is\b|later\b|tied up\b|mid\b|stuck\b|scrubb?\w*\b|off\b|going\b|conflict\b)(?!.*\b(?:alert|page|escalate|acknowledge)\b)/u;

/** A later part that surely asks: then an opening that asks for nothing clear is a remark. */
function clearer({ intent, sure, start }: { readonly intent: Intent; readonly sure: number; readonly start: number }): boolean {
  return start > 0 && intent !== 'none' && sure >= 0.85;
}

/** Below this a part of a sentence is a remark, not a request of its own. */
const surely = 0.5;

/** The requests of a folded text, in its order; empty: none. */
export function readRequests(folded: string, said: Utterance, classify: Classify): Request[] {
  const { text } = withoutQuotes(folded);
  if (!/[a-z0-9]/iu.test(text)) return text.includes('?') ? [{ intent: 'help', text, start: 0 }] : [];
  const whole = read(folded, text, 0, '', '', said, classify);
  const parts = requestsIn(text);
  if (parts.length < 2) return whole.intent === 'none' ? [] : [whole];
  const found = parts
    .map((part) =>
      read(
        folded.slice(part.start, part.start + part.text.length),
        part.text,
        part.start,
        text.slice(0, part.start),
        text.slice(part.start + part.text.length),
        said,
        classify,
      ),
    )
    .filter(({ text: part }) => !mereNo.test(part))
    .filter(({ intent, sure, start }, _, all) => intent !== 'none' && (sure >= surely || (start === 0 && !all.some(clearer))));
  // "aneurysm clip make and model? ask them": what is to be asked stands before.
  const last = parts.at(-1);
  if (last !== undefined && bareAsk.test(last.text) && /[?]\s*$/u.test(text.slice(0, last.start))) return [{ intent: 'ask-orderer', text, start: 0 }];
  const distinct = found.filter((one, i) => found.findIndex(({ intent }) => intent === one.intent) === i || i === 0);
  const [first, ...more] = distinct;
  if (first === undefined) return whole.intent === 'none' || isAct(whole.intent) ? [] : [whole];
  // A remark and one request: the whole says it at least as well.
  if (more.length === 0) return [{ ...first, start: 0, text }];
  // "I'm scrubbing, remind me in 30", "not my area, give it to MSK": what comes first says why.
  const wanted = more.find(({ intent }) => reasoned.has(intent) && (intent === 'remind' || said.role !== 'oncall'));
  if ((first.intent === 'decline-alert' || first.intent === 'acknowledge') && wanted !== undefined && remark.test(first.text))
    return [{ ...wanted, start: 0, text }, ...more.filter((one) => one !== wanted)];
  const [second, ...rest] = more;
  if (second !== undefined && leadsUp(first, second)) return [{ ...second, start: 0, text }, ...rest];
  return distinct;
}

function read(
  folded: string,
  text: string,
  start: number,
  before: string,
  after: string,
  said: Utterance,
  classify: Classify,
): Request & { readonly sure: number } {
  const wanted = afterCondition(text);
  if (wanted !== null && isAct(byRules(wanted, before, after).intent)) {
    const main = read(folded.slice(folded.length - wanted.length), wanted, start, before, after, said, classify);
    if (isAct(main.intent)) return { ...main, text, start };
  }
  const { intent, sure } = classify(featuresOf(folded, before, said));
  const rules = byRules(text, before, after);
  const stops = intent === 'close-follow-up' && stopsFollowing.test(text);
  const forbidden = forbids(text) && !stops && intent !== 'decline-alert' && intent !== 'remind' && rules.intent !== intent;
  const denied = ((rules.denied && !stops) || forbidden || toldAsDone(text, intent)) && isAct(intent);
  return { intent: denied ? 'none' : intent, sure, text, start };
}
