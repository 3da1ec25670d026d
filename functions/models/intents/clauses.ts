import { NUMBER } from './rules.ts';

/** Words that begin a request of their own after "and", a comma or a full stop. */
const begins = String.raw`(?:please |also |then |if so,? |can you |could you |i want to |let us |just |por favor |tambien |luego |y )*(?:approve|reject|decline|use|choose|switch|change|ask|show|open|list|tell|give me|explain|why|who|what|when|how|hand|pass|transfer|assign|give|remind|take|undo|close|move|reschedule|swap|postpone|cancel|declare|report|flag|acknowledge|read back|is there|is the|any|anything|pull up|bring up|next(?= ?(?:one|case|please)?[.!]*$)|help|send|page|do not|aprueba|rechaza|usa|cambia|elige|pregunta|preguntale|muestra|muestrame|abre|ensename|lista|dime|explica|por que|quien|que hay|que esta|cuantos|pasa|pasale|pasalo|asigna|transfiere|recuerdame|avisame|deshaz|cierra|mueve|reprograma|aplaza|cancela|declara|acuso|repito|retira|no apruebes)\b`;
const splitter = new RegExp(
  String.raw`(?:[.!?;]+\s+|\n+|\s*,\s*(?:and |then |but |also |y |luego |pero )*|\s+(?:and then|and also|and|then|but|plus|also|y luego|y tambien|y|luego|pero|despues)\s+)(?=${begins})|[?!]+\s+(?=\S)`,
  'gu',
);

/** Requests in the order of the text; a reason, a question or a reminder keeps what belongs to it. */
export function requestsIn(folded: string): { readonly text: string; readonly start: number }[] {
  const cuts = [0];
  for (const match of folded.matchAll(splitter)) {
    const before = folded.slice(cuts.at(-1) ?? 0, match.index);
    const free = /\b(?:ask|pregunta\w*|query|remind|recuerda\w*)\b/u.test(before) && !/[.;?!\n]/u.test(match[0]);
    // "if nobody else has, ack it": the condition belongs to what follows.
    if (
      /^\s*(?:please |then |and )*(?:if|when|once|unless|as soon as|in case|before|after|while|until|assuming|provided|should(?= (?:the|an?|her|his|my|she|he|it|they|labs?|any\w+)\b)|si|cuando|en cuanto|una vez|antes de|despues de)\b/u.test(
        before,
      ) &&
      /,|\bthen\b/u.test(match[0]) &&
      !new RegExp(`,\\s*(?:then )?${begins}`, 'u').test(before)
    )
      continue;
    const next = folded.slice(match.index + match[0].length);
    // "ask whether she ate and what she takes": a question goes on with a question; an order does not.
    if (free && /^(?:what|who|when|how|why|is|any|anything|que|quien|cuando|cuantos|por que)\b/u.test(next)) continue;
    cuts.push(match.index + match[0].length);
  }
  return cuts.map((from, i) => ({ text: folded.slice(from, cuts[i + 1] ?? folded.length), start: from })).filter(({ text }) => text.trim() !== '');
}

const leadingCondition = new RegExp(
  String.raw`^\s*(?:(?:ok|okay|so|and|but|please),? )*(?:(?:if|once|when|unless|as soon as|provided(?: that)?|assuming(?: that)?|in case|should|si|cuando|en cuanto|una vez que)\b(?! (?:i|we) )[^?]*?)(?:,\s*(?:then\s+|please\s+)*|\s+then\s+)(?=${begins})`,
  'u',
);

/** "if the labs are fine then approve": what is asked for stands after the condition; null: no condition leads. */
export function afterCondition(request: string): string | null {
  const found = leadingCondition.exec(request);
  return found === null || request.includes('?') ? null : request.slice(found[0].length);
}

/** What is quoted, blanked out at its length: other people's words, or a word that is spoken about. Names and numbers in quotation marks stay. */
export function withoutQuotes(folded: string): { readonly text: string; readonly quoted: boolean } {
  let quoted = false;
  const blank = (whole: string): string => {
    const inside = whole.replace(/^[\s>"'(]+|["'\s)]+$/gu, '');
    if (new RegExp(`^(?:${NUMBER}|\\S+(?: \\S+)?)$`, 'u').test(inside) && !/\b(?:approve|reject|use|undo|aprueba|rechaza|usa)/u.test(inside))
      return whole.replace(/["']/gu, ' ');
    quoted = true;
    return ' '.repeat(whole.length);
  };
  const text = folded
    .replace(/"[^"]*(?:"|$)/gu, blank)
    .replace(/(?<![a-z0-9])'[^']{3,}'(?![a-z0-9])/gu, blank)
    .replace(/(?:^|\n)\s*>[^\n]*/gu, blank);
  return { text, quoted };
}

const order = new RegExp(`^\\s*${begins}`, 'u');

/** Does it begin as an order or a question does? */
export function isOrder(request: string): boolean {
  return order.test(request);
}

/** A condition anywhere in it. "ask whether", "if it is free" inside a question to somebody is none: see `intent.ts`. */
export const condition =
  /\b(?:if|unless|once|until|till|provided|providing|assuming|as long as|so long as|in case|only when|when(?! (?:was|were|did|is|are|has|will|does|do|can|should)\b)|as soon as|after(?! all\b)|before|pending|depending|subject to|contingent|otherwise|except|a menos|salvo|siempre que|en cuanto|cuando(?! (?:se|fue|es)\b)|a no ser|en caso|mientras|hasta que|despues de|antes de|si (?!por favor|,)(?=[a-z]))\b/u;

/** "do not", "never", "instead of" and the like right before what they forbid. */
export const negation =
  /(?:\b(?:not|never|no(?! (?:problem|worries|doubt|rush))|nor|nobody|none|without|instead of|rather than|stop|quit|cease|hold off(?: on)?|hold|refrain from|avoid|no need to|refuse to|forget about|against|wait (?:with|before)|nunca|jamas|sin|ni|tampoco|evita|deja de|en vez de|en lugar de)\b|\bnon-)(?:[^,.;:?!\n]{0,28})$/u;

/** Somebody else said, wrote or wants it. */
const reported =
  /\b(?:(?:he|she|they|it|dr|doctor|orderer|referrer|resident|fellow|attending|radiologist|nurse|tech|technologist|surgeon|er|ed|ward|team|boss|colleague|everybody|everyone|somebody|someone|people|\w+) (?:just |also |has |had |have |already |keeps? |kept |still )*(?:said|says|saying|told|tells|telling|wants?|wanted|asked|asks|asking|thinks?|thought|recommends?|recommended|suggests?|suggested|insists?|insisted|claims?|claimed|writes|wrote|mentioned|mentions|demands?|demanded|requested|requests|advised|advises|decided|texted|emailed|messaged|believes|replied|answered|instructed|instructs|ordered me|meant|means by)|according to|per dr|per the|i (?:was|have been|got|am being|am|just got) (?:told|asked|advised|instructed)|heard|rumou?r|the (?:note|email|message|text|report|order|card|policy|sticky|banner|page|rule) (?:says|said|reads|tells)|someone's|quote|(?:dijo|dice|dijeron|dicen|pidio|pide|pidieron|quiere|quieren|queria|escribio|escribe|comento|opina|cree|creen|sugiere|sugirio|recomienda|recomendo|insiste|mando|ordeno) (?:que|a|me)?|segun|me (?:ha|han) (?:dicho|pedido)|han dicho|ha dicho|(?:dijo|dice|pidio|quiere|escribio)\b)\b/u;
/** What the asker says of themselves is not reported. */
const own =
  /\b(?:i|we|you|yo) (?:just |also |already )*(?:said|say|want|wanted|asked|think|thought|told|recommend|suggest|mentioned|decided|believe|requested|need|meant|mean|intended)\b/gu;

export function isReported(before: string): boolean {
  return reported.test(before.replace(own, ' '));
}
