import type { Intent } from '#domain/utterance.js';
import { isReported, negation } from './clauses.ts';
import { rules } from './rules.ts';

/** Intents by which something would change. */
const acts: ReadonlySet<Intent> = new Set<Intent>([
  'approve', 'choose-other', 'reject', 'ask-orderer', 'declare-critical', 'acknowledge', 'read-back', 'decline-alert', 'close-follow-up',
  'propose-schedule-change', 'hand-over', 'remind', 'take-back',
]); // prettier-ignore

export function isAct(intent: Intent): boolean {
  return acts.has(intent);
}

const actWord = String.raw`(?:approv\w*|reject\w*|declin\w*|us(?:e|ing)|choos\w*|switch\w*|chang\w*|ask(?:ing)?|declar\w*|acknowledg\w*|clos(?:e|ing)|mov(?:e|ing)|hand(?:ing)?|tak(?:e|ing)|undo\w*|accept\w*|cancel\w*|sign\w*|reschedul\w*|swap\w*|read\w* back|remind\w*|press|click|overrid\w*|aprueb\w*|aprob\w*|rechaz\w*|us[ao]r?|elij\w*|eleg\w*|cambi\w*|pregunt\w*|cierr\w*|cerr\w*|deshac\w*|deshag\w*|retir\w*|pas[oe]|acept\w*|declar\w*|anul\w*|cancel\w*)`;
/** What would come of it, whether one may, how one does it: a question about an act, not the act. */
const consequence = new RegExp(
  [
    String.raw`\bwhat (?:happens|would happen|will happen|does happen|exactly happens|is going to happen|comes|happened if|then)\b.*\b(?:if|when|once|after|to|with)\b`,
    String.raw`\bwhat if\b`,
    String.raw`\b(?:suppose|supposing|imagine|hypothetically|say i|assuming)\b.*\?`,
    String.raw`\bwhat (?:does|do|would|will|did) .*\b${actWord}\b.*\b(?:do|mean|change|cause|trigger|send)\b`,
    String.raw`\b(?:if|when|once) (?:i|we|you|he|she|they|somebody|someone|the) .*${actWord}.*\b(?:what|will|does|do|can|would|is|who|does it|then)\b.*\?`,
    String.raw`\b(?:will|would|does|do|could|can) (?:it|that|this|the order|the patient|anything|approving|rejecting|anyone|somebody|someone|the \w+|declining|closing|undoing|choosing|\w+ing)\b.*\b(?:if|when|once|after)\b.*${actWord}`,
    String.raw`\b(?:should|shall|may|must|might|ought) (?:i|we|one|he|she|they|it) .*${actWord}`,
    String.raw`\b(?:do|did) (?:i|we) (?:have|need|really|want|get) to .*${actWord}`,
    String.raw`\bdo you want me to\b|\bwould you (?:rather|recommend|advise|suggest)\b|\bdo you (?:think|recommend|suggest|advise)\b`,
    String.raw`\b(?:can|could) (?:i|one|you even|anyone|anybody|somebody|someone|a \w+|the \w+|he|she|they) (?:still |even |also |just |safely |really |already )*(?:approve|reject|decline|use|choose|undo|override|change my|take back|acknowledge|declare|unapprove|revert|withdraw)`,
    String.raw`\b(?:am i|are we|is (?:he|she|anyone|a \w+)) (?:allowed|permitted|able|supposed|authori[sz]ed)\b`,
    String.raw`\bis (?:it|this|that) (?:ok|okay|safe|possible|too late|allowed|fine|wise|better|right|alright|all right|a good idea|reversible)\b.*\b(?:to|if|for)\b`,
    String.raw`\bhow (?:do|can|should|would|could|to|does one|does)\b.*${actWord}`,
    String.raw`\b(?:difference between|consequence|consequences|effect of|impact of|side effects?|the meaning of|implications?)\b`,
    String.raw`\b(?:would|does|will) (?:approving|rejecting|declining|using|choosing|closing|acknowledging|declaring|undoing|handing|moving)\b`,
    String.raw`\b(?:can|could|will|would|must|may) (?:a|an|the|my|your|that|this) (?:\w+ ){0,2}(?:ever |still |also |later )?(?:be|get) (?:approv|reject|tak|undon|revers|chang|clos|declin|hand|acknowledg|declar|cancel|withdraw|recall)\w*`,
    String.raw`^(?:so |and |but |hey |ok )?(?:does|will|would|can|is) (?:an? |my |the |your )?(?:acknowledg\w*|approv\w*|reject\w*|declin\w*|read back|hand over|close|closing|undo\w*|take back|reminder|critical|alert|confirm\w*)\b.*\b(?:stop|mean|count|book|send|tell|notify|make|start|end|cancel|reset|reach|page|show|go|last|work|enough|final|binding|reversible|need|require)\w*\b`,
    String.raw`^(?:so |and |but |hey |ok )?how (?:do|can|should|would|could|does) (?:i|we|one|you|people|somebody|someone|a \w+) (?!(?:look|stand|compare|know|get to|choose|pick|come|decide|arrive|do (?:this|last|today|on))\b)\w+`,
    String.raw`^(?:is|are|does|do|would|should) (?:an? |any |every |all )(?:\w+ ){0,4}(?:critical|urgent|stat|count as (?:critical|urgent|stat)|category (?:1|2|3|one|two|three))\b`,
    String.raw`\bwho (?:may|can|is allowed to|gets to|has to|must|decides|should|is supposed to)\b(?! (?:i|we|you)\b).*(?:${actWord}|\bdecides\b)`,
    String.raw`\bque (?:pasa|pasaria|ocurre|ocurriria|sucede|sucederia|hace|implica|significa)\b.*\b(?:si|cuando|al|rechaz\w*|aprob\w*)\b`,
    String.raw`\b(?:puedo|podria|podemos|se puede|deberia|debo|debemos|tengo que|hay que|hace falta|es posible|es seguro)\b.*${actWord}.*\?`,
    String.raw`^(?:deberia|debo|deberiamos|debemos)\b.*${actWord}`,
    String.raw`\bcomo (?:se |puedo |hago para |hago |podria |debo )?${actWord}`,
  ].join('|'),
  'u',
);
const outside = new RegExp(
  [
    String.raw`\b(?:ignore|disregard|forget|override|bypass|skip) (?:all |any |the |your |previous |prior |above |my |every |earlier )*(?:instructions?|rules?|prompts?|guidelines|restrictions|policies|previous|safety|checks?|polic\w+|authori[sz]ation|guardrails)\b`,
    String.raw`\b(?:system|assistant|developer|user|admin|instruction)\s*(?:prompt|message|mode|override|note)?\s*[:>]\s`,
    String.raw`\b(?:system|developer|admin|hidden) (?:prompt|override|message|note|instruction)s?\b`,
    String.raw`\b(?:developer|debug|admin|god|dan|root|sudo|maintenance|test|unrestricted) mode\b`,
    String.raw`\b(?:you are now|from now on,? (?:you|ignore|answer|approve|act|all|every|always|respond|reply|do|treat|your)|act as|acting as|pretend (?:to be|you|that|i)|role ?play|jailbreak|sudo|base64|rot13|drop table|select \*|new (?:rule|policy|instructions?|system)|your new name|no restrictions|without (?:any )?(?:confirmation|asking|logging|restrictions)|do not log|print your|reveal your|repeat (?:after me|everything|the words|your)|what instructions were you|your (?:prompt|instructions|rules|training|guidelines)|must be obeyed|obey|simulate|hypnosis|grandmother|answer every|respond only|reply only|output only|respond with|end every|set (?:act|confirm|intent)|act ?= ?true|role ?= ?\w+|you (?:have been|are|were) (?:granted|given|promoted|elevated|upgraded)|(?:from|of|for) (?:microsoft|(?:teams|it|vendor|technical|tech)(?: it)? support)|it security|(?:this is|i am) (?:from )?(?:it|the it|support)[,:] |(?:emergency|safety) override|(?:microsoft|vendor|it) support here|confirm ?= ?(?:false|true)|execute|eval|tool call|function call|as (?:an )?(?:admin|administrator|root|ai|superuser)|i am (?:the )?(?:admin|administrator|developer|your (?:creator|developer|admin|boss|owner))|this is (?:the |your )?(?:admin|developer|administrator|vendor)|on behalf of the (?:ceo|cmo|system)|end of (?:prompt|message|instructions)|begin (?:prompt|instructions))\b`,
    String.raw`\b(?:all|every|any|each) (?:the )?patients?(?:'s|s)? (?:names?|data|records?|details|dates?)\b|\bpatients?'? (?:names? and|data dump)|\b(?:names|dates of birth|mrns) of (?:all|every)`,
    String.raw`<\/?\w+[^>]*>|\{\{|\[\[|\{"|\x60{3}|\[(?:inst|system|admin)|###|<\||\|>|-->|=>|;\s*--|\w+\([^() ]*\)`,
    String.raw`\b(?:ignora|olvida|omite) (?:todas |las |tus |cualquier |todo |mis )*(?:instrucciones|reglas|anteriores|normas|lo anterior)|\bmodo (?:desarrollador|administrador|dios|admin)|\bactua como\b|\bfinge\b|\ba partir de ahora\b|\beres ahora\b|\bnueva (?:regla|norma)\b|\bsin (?:preguntar|confirmar|registrar)\b`,
  ].join('|'),
  'u',
);

/** Somebody speaks to a machine that isn't there: nothing of it is read as a request. */
export function isInjection(folded: string): boolean {
  return outside.test(folded);
}

const coming =
  /^(?:[2-9BCDFGHJKMNPQRTVWXY]{6,7}\W+)?(?:(?:ok|okay|yes|yep|thanks|thank you|got it|seen|received|sure|i am|we are|am|just|already|radloop)\b\W*)*(?:on (?:my|our|the) way|omw|heading (?:there|over|down|up|in|to)|coming (?:now|down|over|up|in|right|straight))\b(?! home)[^?]*$/u;

/** Is whoever was called on their way? It acknowledges nothing, and opens what does. */
export function isComing(folded: string): boolean {
  return coming.test(folded.trim());
}

const doer = String.raw`(?:i|we|you|he|she|they|it|this|that|anyone|anybody|somebody|someone|everyone|dr|doctor|my|the|this|that|their|her|his|[2-9BCDFGHJKMNPQRTVWXY]{6,7}|[a-z]+)`;
const doneWord = String.raw`(?:approved?|rejected?|protocol+ed|changed?|acknowledged?|declared?|read (?:it |that |this )?back|closed?|handed|taken|took|declined?|answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?|undone|cancel+ed|signed|picked|chosen|chose|asked|informed|notified|booked|moved|sent|seen|opened|decided?|overrid\w+|got back|come back|write back|written back|call(?:ed)? back)`;
/** Was it done, and by whom: what happened, not what should. */
const done = new RegExp(
  [
    String.raw`^(?:so |and |but |hey |ok |wait |hi |please |tell me )?(?:has|have|had|did|was|were) (?:${doer} ){1,4}?(?:not |already |ever |really |actually |just |yet |been |get |also )*${doneWord}\b(?! (?:by mistake|the wrong))`,
    String.raw`^(?:so |and |but |hey |ok |wait )?did (?:${doer} ){1,4}?(?:not |already |ever |really |actually |just |also )*(?:approve|reject|change|see|touch|acknowledge|confirm|decline|close|answer|reply|ask|read|sign|protocol|override|declare|open|decide|cancel)\b`,
    String.raw`^(?:any ?one|anybody|some ?(?:one|body)) (?:touch|change|open|look at|see|approve|reject|answer|acknowledge|ask|decide)(?:e?d)?\b`,
    String.raw`^(?:approved|rejected|closed|answered|declined|acknowledged|changed|decided)(?: already| yet| then| now)? ?\?`,
    String.raw`\bwho (?:has |had |have |just |already |actually |finally |last )*(?:approved|rejected|protocol+ed|changed|acknowledged|declared|read|closed|handed|took|declined|answered|undid|cancel+ed|signed|picked|chose|asked|moved|sent|saw|opened|decided|overrode|got|did|put|gave|wrote|touched|made)\b`,
    String.raw`^(?:\S+ ){1,3}(?:already |just )?(?:approved|rejected|closed|declined|acknowledged|declared|answered|changed|took|moved|signed) (?:it|this|that|one|them|[2-9BCDFGHJKMNPQRTVWXY]{6,7})?(?: already| yet| yesterday| today| then)* ?\?`,
    String.raw`\b(?:last|latest|previous|earlier|recent) (?:change|changes|edit|edits|update|updates|decision|decisions|action|entry|entries|event|events|protocol)\b`,
    String.raw`\bwhat (?:was|were) (?:the |its |her |his |my )?(?:\w+ ){0,2}(?:before|originally|at first|previously|until now)\b`,
    String.raw`\b(?:everything|all|anything) that (?:has |was |had )?(?:happened|been done|done|changed|went on)\b`,
  ].join('|'),
  'u',
);
/** A follow-up that was done or booked is a state, not a history. */
const doneFollowUp =
  /\bfollow ups?\b(?!.*\b(?:closed?|who)\b)|\brecommend\w*|\b(?:repeat|biopsy|recheck|nodule|mammo\w*|scan)\b.*\b(?:booked|come back|got back)\b/u;

/** Does it ask whether something was done, or by whom? */
export function doneIn(request: string): boolean {
  return done.test(request) && !doneFollowUp.test(request);
}

/** Told as done already, by whomever: "I have handed it over", "it got moved". */
const told =
  /\b(?:i|we|he|she|they|dr \w+|[a-z]+) (?:have |has |had |already |just )+(?:approved|rejected|handed|passed|given|moved|rescheduled|asked|changed|switched|declared|flagged|reported|closed|sent|assigned|transferred|cancel+ed|postponed|used|chosen)\b|\b(?:got|was|were|been|is|are) (?:already |just )?(?:approved|rejected|handed|passed|given|moved|rescheduled|asked|changed|switched|declared|flagged|closed|assigned|transferred|postponed|swapped)\b|^(?:approved|rejected|moved|handed|rescheduled|asked|changed) (?:it|them|this|that|\w+)? ?(?:already|yesterday|earlier|by phone|myself)\b/gu;
const actBase = String.raw`(?:approve|reject|decline|use|choose|switch|change|ask|declare|acknowledge|close|hand|pass|give|take|undo|cancel|sign|read)`;
/** What somebody will do, or the speaker at another time: nothing is wanted now. */
const planned = new RegExp(
  [
    String.raw`^(?:\w+,? )?(?!(?:i|we|you|it|that|this|who|what|please|and|then|can|could|will)\b)(?:he|she|they|(?:dr|the|another) \w+(?: \w+)?|some ?(?:one|body)(?: else)?|[a-z]+) (?:will|is going to|are going to|plans? to|intends? to|would like to) (?:also |then |probably |not |just )?${actBase}\b`,
    String.raw`\b(?:i|we) (?:will|am going to|are going to|plan to|intend to)\b(?: \w+)?? ${actBase}\b.*\b(?:tomorrow|later|next week|on monday|after (?:lunch|rounds|work)|when i am back|at the end of)\b`,
    String.raw`^(?:tomorrow|later|next week|after (?:lunch|rounds|work)),? (?:i|we) (?:will |am going to )?${actBase}\b`,
  ].join('|'),
  'u',
);

/** Intents that something told as done never asks for; a mistake that was made is taken back, an alert that was seen is acknowledged. */
const undoneByTelling: ReadonlySet<Intent> = new Set<Intent>([
  'approve', 'choose-other', 'reject', 'ask-orderer', 'hand-over', 'propose-schedule-change', 'remind', 'declare-critical', 'close-follow-up',
]); // prettier-ignore

/** A report that was dictated into the wrong window. */
export function isReport(folded: string): boolean {
  return /^(?:technique|findings?|impression|comparison|conclusion|clinical (?:history|information|question)|indication|exam(?:ination)?)\s*(?::|\bcolon\b)/u.test(
    folded,
  );
}

/** Does it ask what would come of an act, or whether one may? */
export function consequenceIn(request: string): boolean {
  return consequence.test(request);
}

/** Every intent whose words stand in it. */
export function ruleHits(request: string): Intent[] {
  return rules.filter(({ says }) => says.test(request)).map(({ intent }) => intent);
}

/** What the rules alone make of one request. `denied`: an act stands in it that is negated, told of somebody else or taken back. */
export interface ByRules {
  readonly intent: Intent;
  readonly denied: boolean;
}

/** "if he does not answer reject it": the negation belongs to the condition. */
const supposed = /\b(?:if|unless|when|once|si|cuando|in case)\b.{0,40}\b(?:not|no|nobody|never|without|none)\b.{2,}/u;
const takesBack =
  /^[\s,.!?–-]*(?:no|nah|nope|not|never ?mind|wait|just kidding|jk|forget it|said no one|scratch|as if|lol|yeah right|mejor no|olvidalo)\b(?! (?:rush|hurry|problem))|🙄/u;
const mocking =
  /(?:^|[.,!]\s*)(?:oh sure|yeah right|yeah sure|sure thing|oh great|oh yes sure|as if|right,? because|great,? another)\b|🙄|\bsaid no one\b|\bwho cares\b|\bif only\b|\bin your dreams\b|\bcould possibly go wrong\b/u;
const withdrawn =
  /(?:\b(?:no|nah|nope)[, ]+(?:wait|way|hold on|stop)|\b(?:jk|just kidding|never ?mind|forget it|not really|said no one|on second thought|let me (?:look|think|check)|olvidalo|mejor no|no espera|broma)\b|\bnot\s*[.!]*$|[?!.,]\s*(?:no|nah|nope)[\s.!]*$|🙄)/u;

/** A patient's own wish is a reason for another appointment; it is no order of somebody else's. */
const patientWants =
  /\b(?:patient|she|he|[2-9BCDFGHJKMNPQRTVWXY]{6,7}|family|mother|parents?) (?:wants?|wanted|asks?|asked|prefers?|requests?|requested)(?: for| to)?\b/gu;

/** One request, folded, quotations taken out. @param before what stands before it in the text, for who says it */
export function byRules(request: string, before: string, after = ''): ByRules {
  const asked = request.trim();
  if (consequence.test(asked) && !/\b(?:reschedul|appointment|slot|cita)\w*/u.test(asked)) return { intent: 'help', denied: false };
  if (doneIn(asked)) return { intent: 'history', denied: false };
  for (const { intent, says } of rules) {
    const found = says.exec(asked);
    if (found === null) continue;
    if (!acts.has(intent)) return { intent, denied: false };
    const whole = asked.slice(0, found.index);
    // "no no, undo": a cry, and no denial.
    const lead = intent === 'take-back' ? whole.replace(/^(?:\s*(?:no+|wait|stop|oh|ah|damn|argh|crap|shit|hey)\b[\s,!.]*)+$/u, '') : whole;
    // "I'm not on call" declines by its "not".
    const own = intent === 'decline-alert' || /^(?:do not let me forget|did not mean|no (?:further|more) follow)/u.test(found[0]);
    const negated = !own && negation.test(lead) && !supposed.test(lead);
    const others =
      intent !== 'decline-alert' &&
      (isReported(intent === 'propose-schedule-change' ? lead.replace(patientWants, ' ') : (/[^.!?;]*$/u.exec(lead)?.[0] ?? lead)) ||
        (/\b(?:said|says|dijo|dice|wrote|writes|told me|reads)[\s:,–-]*$/u.test(before) && isReported(before)));
    return {
      intent,
      denied: negated || others || mocking.test(before + asked + after) || withdrawn.test(asked.slice(found.index)) || takesBack.test(after),
    };
  }
  return { intent: 'none', denied: false };
}

/** Only told as done already, or as planned, and nothing else of that intent is asked for. */
export function toldAsDone(request: string, intent: Intent): boolean {
  if (request.includes('?')) return false;
  if (intent !== 'remind' && intent !== 'decline-alert' && intent !== 'propose-schedule-change' && planned.test(request)) return true;
  if (!undoneByTelling.has(intent)) return false;
  const rest = request.replace(told, ' ');
  return rest !== request && !rules.some((one) => one.intent === intent && one.says.test(rest));
}

/** It begins by forbidding: whatever act its words are taken for, it asks for none. */
export function forbids(request: string): boolean {
  // "not perfusion, just CTA": what is wanted follows.
  if (/^\s*(?:no|not) [^,.;]{1,40}[,;] ?(?:just|but|only|rather|use|make|do|want|better)\b/u.test(request)) return false;
  // "not doing this one, it was scanned this morning" turns an order down.
  if (
    /^\s*(?:no,? |sorry,? |we are )*not (?:doing|scanning|happening|indicated|appropriate|justified|needed|necessary|going (?:ahead|on))\b/u.test(
      request,
    )
  )
    return false;
  return /^\s*(?:please |pls |but |and |no,? |por favor )*(?:do not|never|not|stop|no (?:lo|la|le)? ?\w+(?:es|as)\b|nobody|no one|nunca)\b/u.test(
    request,
  );
}
