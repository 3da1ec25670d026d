import type { Intent, Slots } from '#domain/utterance.js';
import { condition } from './clauses.ts';
import { patientNamed } from './patient-name.ts';
import { NUMBER } from './rules.ts';

const when = new RegExp(
  String.raw`\b(?:(?:since|until|till|by|before|after) (?:about )?\d{1,2}(?::\d\d)?(?: ?(?:am|pm|h))?\b|(?:before|after|at|during) (?:the )?(?:lunch|breakfast|dinner|rounds|noon|my shift|midnight)\b|in the (?:last|past|next) (?:\d+ ?)?(?:h|hours?|days?|weeks?|months?)\b|(?:in )?\d{1,3} (?:mins?|minutes|hours?)\b|in \d{1,3}(?= *(?:$|[.,!?]))|(?:in )?(?:january|february|march|april|june|july|august|september|sept|october|november|december)\b|at (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: thirty| fifteen)?(?: [ap] ?m)?\b|this night\b|tomorrow(?: (?:morning|afternoon|evening))? at \d{1,2}(?::\d\d)?(?: ?(?:am|pm))?\b|(?:tomorrow|today|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?: at)? \d{1,2}(?::\d\d| ?(?:am|pm))(?: ?(?:am|pm))?|(?:in|within|after|en|dentro de) (?:about |a |an |un |una |half |media |unos |unas )?(?:\d+|two|three|five|ten|fifteen|twenty|thirty|forty|sixty|dos|tres|cinco|diez|quince|veinte|treinta|few|couple of)? ?(?:an? )?(?:hours?|mins?|minutes?|days?|weeks?|months?|hrs?|h|half|minutos?|horas?|dias?|semanas?|hour)\b|(?:(?:on|at|by|before|after|until|since|el|a las|a la|antes de(?: las)?|desde) )?(?:(?:this |next |last |esta |este |proximo )(?!today|tomorrow|yesterday))?(?:today|tonight|tomorrow(?: (?:morning|afternoon|evening|night))?|yesterday|overnight|right now|this (?:morning|afternoon|evening|week|month|weekend|shift|year|quarter)|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|hoy|manana por la (?:manana|tarde|noche)|ayer|lunes|martes|miercoles|jueves|viernes|sabado|domingo)(?: (?:at|a las) \d{1,2}(?::\d\d)? ?(?:am|pm)?)?(?: (?:morning|afternoon|evening|night))?\b|(?:last|next|past) (?:night|week|month|hour|year|shift|quarter|\d+ (?:days|hours|weeks))\b|(?:esta|la) (?:noche|tarde|semana)\b|esta manana\b|\b(?:at|by|before|after|until|from|to|a las|antes de las) (?:the )?(?:\d{1,2}(?::\d\d| ?(?:am|pm|h))?(?: ?(?:am|pm))?|noon|midnight|mediodia)\b|\bmanana\b|\blater\b)`,
  'u',
);
const serviceWord = String.raw`(?:neuro(?:radiology|logy|logia|rradiologia|surgery|cirugia)?|body(?: imaging)?|msk|musculoskeletal|chest|thoracic|cardiac|cardiology|cardiologia|pediatrics?|peds|pediatria|paediatrics?|abdominal|ir|interventional(?: radiology)?|breast(?: imaging)?|mammography|nuclear(?: medicine)?|nuc med|er|ed|emergency(?: radiology)?|trauma|stroke|vascular|surgery|ortho|orthopedics|urology|gi|oncology|urgencias|torax|mama|intervencionista|radiologia|radiology|abdomen|musculo\w*)`;
const service = new RegExp(
  String.raw`\b(?:for|on|in|to|the|cover(?:ing|s)?|para|de|en|any|of|call|is|page|from|with|at|guardia (?:de|en))? ?\b(?<service>${serviceWord})\b`,
  'u',
);
const modality =
  /\b(?<ct>cts?\d?|cat scans?|tac|tc|tomografia\w*)\b|\b(?<mr>mrs?\d?|mris?|rm|resonancias?|resonance|mra)\b|\b(?<us>ultrasounds?|sonos?|ecografias?|ecos?|us)\b|\b(?<xr>x ?-?rays?|xrs?|plain films?|radiografias?|rx|placas?)\b|\b(?<nm>nm|nuclear|nuc med|gammagrafias?|bone scans?)\b|\b(?<mg>mg|mammos?|mammograms?|mammography|mamografias?)\b|\b(?<fl>fl|fluoro\w*)\b|\b(?<pet>pets?|pet\/ct)\b/u;
const urgency =
  /\b(?<stat>stats?|emergent|immediate|inmediat\w+)\b|\b(?<urgent>urgents?|urgentes?|urgently)\b|\b(?<routine>routines?|rutinas?|rutinari\w+)\b/u;
const because =
  /(?:\bbecause(?: of)?|\bdue to|\bsince|\breason(?: is)?:?|\bporque|\bdebido a|\bmotivo:?|\bpor(?= (?!favor))|\s*[:–]|\s-\s|,)\s*(?<reason>[^\n]+?)\s*[.!]*$/u;
const person = new RegExp(
  String.raw`\b(?:to|with|from|by|for|a|al|tell|ask|page|let|have|con)\b (?<person>(?:the |la |el |my )?(?:dr\.? [a-z]+(?: [a-z]+)?|(?:[a-z]+ ){0,2}(?:fellow|resident|attending|team|radiologist|reader|colleague|consultant|coordinator|scheduler|technologist|registrar|shift|equipo|residente|adjunt[oa]|radiologo|radiologa|companer[oa]|coordinador[a]?)))\b`,
  'u',
);
const toWhom = new RegExp(
  String.raw`\b(?:over to|off to|to|a|al)\b (?<person>(?!(?:me|it|do|the ct|approve|see|${NUMBER})\b)[a-z][a-z .'-]*?)(?=$|[,.!?;]| (?:please|because|until|instead|tonight|for|so|when|if|now|thanks|in|por favor|porque|hasta)\b)`,
  'u',
);
const protocolAfter = [
  /\b(?:should|ought to|must|has to) (?:rather )?be (?:a |an |the )?(?<protocol>[a-z0-9][a-z0-9 \-/+.&]*?)(?=$|[,:;!?]|\.(?: |$)| (?:instead|for|because|please)\b)|\bgo (?<protocol>non ?con\w*|plain|without contrast|with contrast)\b|\bshe needs (?<protocol>(?:ct|mr|us|cta|mra)\b[a-z0-9 ]*?)(?=$|[,:;!?])|\bneeds (?:a |an |the )?(?<protocol>(?:ct|mr|us|cta|mra)\b[a-z0-9 ]*?)(?=$|[,:;!?])|\bjust (?:a |the )?(?<protocol>(?:ct|mr|us|cta|mra|plain)\b[a-z0-9 ]*?)(?=$|[,:;!?])/u,
  /\b(?:use|using|choose|choosing|pick|select|go with|go for|do(?! not)|run|want|put (?:it|this|that|[2-9A-Z]{6,7}(?: and [2-9A-Z]{6,7})*)(?: both)? on|prefer|try|make it|make this|make that|usa|usar|utiliza|elige|escoge|pon|haz|prefiero|aplica|perform|take|would like)\b (?:el |un |una |de |instead |for [2-9A-Z]{6,7} )?(?<protocol>[a-z0-9][a-z0-9 \-/+.&]*?)(?=$|[,:;!?]|\.(?: |$)| (?:instead|for|on|here|because|due|rather|please|thanks|porque|para|en su|en vez|en lugar|if|when|since|so|por favor|as|mejor|in)\b)/u,
  /\b(?:switch|change|convert|swap|set|cambia\w*|pasa\w*|update)\b.*? (?:to|over to|into|for|a|al|por) (?<protocol>[a-z0-9][a-z0-9 \-/+.&]*?)(?=$|[,:;!?]|\.(?: |$)| (?:instead|for|on|because|due|please|thanks|porque|para|en su|en vez|if|when|since|por favor)\b)/u,
];
const question =
  /(?:(?=\b(?:whether|if) )|:\s*|\bcolon\s+|,\s*(?!(?:question|ask)\b)|\bask (?:ortho|neuro\w*|cardio\w*|uro\w*|onco\w*|surgery|them|the (?:ward|floor|ed|clinic|surgeons?)) |\bfind out (?=what|which|who|when|how|where)|\b(?:orderer|referrer|physician|provider|clinician|doctor|team|solicitante|peticionari[oa]|medico|prescriptor|him|her|them)\b(?: (?:of|for|on|about|de|sobre) [2-9A-Z]{6,7}| (?:of|for|about) (?:it|this|that)(?: one| case)?)?\s*[:,]?\s*)(?<question>[^\n]+?)\s*$/u;
const finding = new RegExp(
  String.raw`(?:\b(?:finding|findings|result|critical|criticals|category (?:1|2|3|one|two|three)|hallazgo|critico|critica|resultado|read back|reading back|readback|repito|repeat|back)\b(?: (?:finding|result|on|for|in|of|en|de|alert|critico|critical|is|${NUMBER}))*\s*[:,–-]?\s*)(?<finding>[a-z][^\n]*?)\s*[.!]*$`,
  'u',
);

/** "aneurysm clip make and model? ask them", "… needs to tell us right or left" */
const askedFirst =
  /^(?:[2-9A-Z]{6,7}[:, ]+)?(?<question>[^?.,]+\?) ?(?:please |pls |can you |could you )?ask\b[^?]{0,20}$|\b(?:tell us|clarify|specify) (?<question>[^.?!]+)[.?!]|\b(?:need|needs) (?<question>[\w/ ]{2,30}?) from (?:the )?(?:order|ward|floor|clinic|refer)|\b(?:confirm) (?<question>[^.,?!]+?)(?: for [2-9A-Z]{6,7})?, ask\b/u;
const askedWhom =
  /\b(?:ask(?: to)?|query|message|page|text|call|with|from|question (?:to|for)) (?<person>(?:the )?(?:dr \w+'s office|dr \w+|(?:ordering|referring|requesting) (?:physician|doctor|provider|clinician|team|service|doc)|clinician|petitioner|ortho\w*|neuro\w*|cardio\w*|uro\w*|onco\w*|floor|ward|clinic|ed|surgeons?|primary team|clinical team))\b/u;

const whoTakes =
  /\b(?:can|could|let|have|may) (?<person>(?:the |dr |a )?[a-z]+(?: (?:fellow|resident|team|attending|reader|radiologist|colleague))?) (?:please )?(?:take|have|do|read|handle|look at|pick)\b|\bto (?<person>whoever (?:is|'s) on(?: for \w+)?)|\bto (?<person>(?:my |a )?colleague of \w+)/u;
const upToWhen = String.raw`(?= *(?:$|[?,.!]| (?:tonight|today|tomorrow|now|right now|this|these|on|at|after|until|till|over|since|in the|during|last|for the|please|monday|tuesday|wednesday|thursday|friday|saturday|sunday|so far|per night)\b))`;
/** Who covers what: any words stand for a service here. */
const coveredBy = new RegExp(
  String.raw`\b(?:on call for|on for|covering|covers|cover|on duty for|(?:call|page|wake|ring|phone|reach) for|gap for|guard of|(?:attending|radiologist|tech|fellow|resident) for) (?:the )?(?<service>(?!(?:me|us|tonight|today|tomorrow|now|this|dr|ct\b(?! tech)|mr\b(?! tech))\b)[a-z]+(?: [a-z]+)??)${upToWhen}|\b(?<service>(?:neuro|body|chest|msk|peds|cardiac|integration|pacs|ris|breast|vascular)(?: ir)?) (?:on call|phone|pager|fellow|attending)\b|\bwho is (?<service>(?:neuro|body|chest|msk|peds|rads)(?: ir)?)\b`,
  'u',
);
const state = String.raw`(?:up|down|ok|okay|alive|stuck|working|running|online|offline|healthy|slow|full|fine|done|reachable|connected|lagging|behind|broken|there|loaded|flowing|going|coming|back|green|expired|valid|depth)`;
const partOfSystem = [
  new RegExp(
    String.raw`^(?:hey |so |ok )?(?:is|are|was|were) (?:the |our |your |all )?(?<subject>(?!(?:are you|is it|are we|you|we|everything|it|things|there|anything|system|something)\b)[a-z0-9]+(?: [a-z0-9]+){0,3}?) (?:still |also |really )?${state}\b`,
    'u',
  ),
  new RegExp(String.raw`^(?:the )?(?<subject>(?!(?:are|is|am|was|why)\b)[a-z0-9]+(?: [a-z0-9]+){0,2}?) (?:still )?(?:${state}|over)(?: yet)?\?`, 'u'),
  /\b(?:stuck|held|waiting|anything|what is) in the (?<subject>(?:dead letter |error |send )?(?:queue|outbox|inbox)(?: to the \w+)?)\b/u,
  /\bany (?<subject>dead letters?|errors|held messages|stuck messages|outages?)\b/u,
  /^(?<subject>(?:cert\w*|hl7|fhir|outbox|inbox|audit|disk|backup)(?: [a-z0-9]+){0,3}?)(?: dates?)? ?\?/u,
  /\b(?<subject>last (?:ack|message|backup) from the \w+)\b/u,
];
/** What is counted or measured. */
const measure = [
  /\b(?:how many|cuant[oa]s?|count of|number of|total) (?<subject>(?!(?:did|do|have|are)\b)[^\n?]+?)(?= (?:so far|did|do|have|has|are|were|was|is|went|came|came in|today|yesterday|overnight|tonight|this|in the|in|last|since|per|hay|hoy|tenemos|hemos|esta|en)\b| i\b|[?.!]|$)/u,
  /(?<subject>\b(?!(?:what|is|the|our|my|s|a|me|give|show|can|get|how|much)\b)(?:[a-z0-9-]+ ){0,2}?(?:rate|ratio|volume|utili[sz]ation|turnaround(?: time)?|time|backlog|throughput)s?\b(?: (?:of (?:the )?\w+|to \w+|from \w+ to \w+|for \w+ \w+|per \w+|for \w+ to \w+))?)(?= *(?:$|[?,.!]| (?:this|last|today|yesterday|in|for|on|at|since|per|these|over|by|now|right)\b))/u,
  /\b(?<subject>p\d\d for (?:\w+ )?\w+)/u,
  /\b(?:numbers|figures|stats|statistics|counts) (?:for|of|on) (?<subject>(?!(?:last|this|today|yesterday|the|october)\b)[^\n?]+?)(?= (?:this|last|in|since|today|yesterday|per)\b|[?.!,]|$)/u,
];
const plainFinding =
  /\b(?:critical|crit)\b\s*[.:,–-]\s*(?<finding>[^\n]+?)[.!]*$|\bnew (?<finding>[a-z]+)\b|\bthere is (?:a |an )?(?<finding>[a-z]+)/u;
const toTell =
  /\b(?:advise|notify|alert|tell|page|call(?: to)?) (?<person>(?:the )?(?:stroke team|[a-z]+ team|emergency department|ed|icu|oncology|surgery|neurosurgery|vascular|ward|on call))\b/u;

type Take = (name: string, pattern: RegExp) => string | null;

/** What a request says besides its intent. @param original gives the words as they were written @param reply in a shared place names of people are left out by the caller */
export function slotsOf(intent: Intent, request: string, original: (start: number, end: number) => string): Slots {
  const take: Take = (name, pattern) => {
    const found = new RegExp(pattern.source, 'du').exec(request);
    const at = found?.indices?.groups?.[name];
    if (at === undefined) return null;
    const said = original(at[0], at[1])
      .replace(/[\s,.;:!]+$/u, '')
      .trim();
    if (said === '') return null;
    return name === 'reason' || name === 'question'
      ? withoutCourtesy(said)
      : withoutCourtesy(said.replace(/^(?:the|a|an|my|el|la|los|las|un|una)\s+(?=\S)/iu, ''));
  };
  const taken: Partial<Record<keyof Slots, string | null>> = {};
  if (['who-on-call', 'list-waiting', 'numbers', 'list-overdue', 'history', 'remind', 'propose-schedule-change', 'follow-up-status'].includes(intent))
    taken.when = wholeOf(when, request, original)?.replace(/^(?:to|from|on)\s+/iu, '') ?? null;
  if (['who-on-call', 'list-waiting', 'numbers', 'list-overdue', 'declare-critical'].includes(intent))
    taken.service = (intent === 'who-on-call' ? take('service', coveredBy) : null) ?? take('service', service);
  if (
    !['choose-other', 'why', 'help', 'system-status', 'ask-orderer', 'reject', 'hand-over', 'declare-critical', 'read-back', 'remind'].includes(
      intent,
    )
  ) {
    taken.modality = kindOf(modality, withoutTitles(request, original))?.toUpperCase() ?? null;
    taken.urgency = kindOf(urgency, request)?.toUpperCase() ?? null;
  }
  if (['reject', 'choose-other'].includes(intent)) taken.reason = reasonOf(take);
  if (intent === 'take-back') taken.reason = reasonOf(byBecause(take));
  if (intent === 'reject') taken.reason ??= clauseOf(intent, request, original) ?? take('reason', badReason);
  if (intent === 'decline-alert') taken.reason = take('reason', mine);
  if (byClauses.has(intent)) taken.reason ??= reasonOf(byBecause(take)) ?? clauseOf(intent, request, original);
  if (intent === 'choose-other')
    taken.protocol = trimmedProtocol(protocolAfter.map((pattern) => take('protocol', pattern)).find((said) => said !== null) ?? null);
  if (intent === 'ask-orderer') {
    taken.question = take('question', askedFirst) ?? take('question', question);
    taken.person = take('person', askedWhom);
  }
  if (intent === 'hand-over') taken.person = take('person', whoTakes) ?? take('person', person) ?? take('person', toWhom);
  if (intent === 'decline-alert') taken.person = take('person', person);
  if (intent === 'declare-critical') taken.finding = withoutTeam(take('finding', finding) ?? take('finding', plainFinding));
  if (intent === 'declare-critical') taken.person = take('person', toTell);
  if (intent === 'read-back') {
    const [what, done] = twoParts(take('finding', finding));
    taken.finding = what;
    taken.action = done;
  }
  if (intent === 'propose-schedule-change')
    taken.action = wholeOf(
      /\b(?:reschedule|rebook|postpone|move|push back|push|bump|swap|switch|cancel|change|book|bring forward|bring|pull forward|find|add|delay|squeeze|fit|put|schedule|extend|exchange|trade|reprograma\w*|aplaza\w*|pospon\w*|adelanta\w*|retrasa\w*|mueve|mover|muevelo|muevela|cambia\w*|cancela\w*|intercambia\w*|busca\w*)\b/u,
      request,
      original,
    );
  if (intent === 'remind')
    taken.subject =
      take(
        'action',
        /\b(?:about|sobre|para)\b (?<action>(?!(?:\d|las\b|me\b|it\b|this\b|that\b|the second|the first|case\b|[2-9A-Z]{6}))[^\n]+?)(?= in \d| at \d| en \d| please|$|[.,!?])/u,
      ) ??
      wholeOf(
        /\b(?:to|de que) (?!(?:\d|me|do it)\b)[a-z][^\n.,!?]*?(?= in \d| at \d| about [2-9A-Z]{6}| tomorrow| tonight|$|[.,!?])/u,
        request,
        original,
      );
  const patient = intent === 'show-case' ? patientNamed(request) : null;
  if (patient !== null)
    taken.subject = original(patient.from, patient.to)
      .replace(/'s$/u, '')
      .replace(/^(?:(?:la|el|the|patient|paciente|señora?|sra?|mrs?|ms)\.? )+/iu, '');
  if (intent === 'numbers') taken.subject = measure.map((pattern) => take('subject', pattern)).find((one) => one !== null) ?? null;
  if (intent === 'system-status')
    taken.subject =
      partOfSystem.map((pattern) => take('subject', pattern)).find((one) => one !== null) ??
      wholeOf(
        /\b(?:(?:hl7|fhir|dicom|lab|ris|ehr|scheduling|page|paging|dictation) )?(?:hl7|fhir|dicom|pacs|ris|ehr|interfaces?|interfaz|feeds?|links?|servers?|servidor|backups?|database|queue|cola|outbox|listener|bot|radloop|teams|sistema|engine|network|mllp|worklist|cards|timers|intent model)\b/u,
        request,
        original,
      );
  // One word says it once: "mammography" is no service beside its modality, "CT tech" no modality beside its service.
  if (taken.service != null && taken.modality != null) {
    if (intent === 'who-on-call' && modality.test(taken.service.toLowerCase())) taken.modality = null;
    else if (modality.test(taken.service.toLowerCase())) taken.service = null;
  }
  if (intent === 'declare-critical' && taken.person != null) taken.service = null;
  return Object.fromEntries(Object.entries(taken).filter((entry): entry is [string, string] => entry[1] != null && entry[1] !== ''));
}

/** Without "Mr" and "Mrs" before a name: they are no scanner. */
function withoutTitles(request: string, original: (start: number, end: number) => string): string {
  return request.replace(/\bmrs?\b\.?(?= [a-z])/gu, (found, at: number) =>
    /^Mrs?\.?$/u.test(original(at, at + found.length)) ? ' '.repeat(found.length) : found,
  );
}

/** Without what only leads on. */
function withoutCourtesy(said: string): string {
  return said.replace(/[\s,;.!]+(?:(?:and|y|then|please|pls|thanks|thx|thank you|por favor|gracias)[\s,;.!]*)+$/iu, '').trim();
}

/** "saddle PE, starting heparin": what was found, and what is done about it. */
function twoParts(whole: string | null): [string | null, string | null] {
  const quoted = /"([^"]+)"[\s,.]*(?:and )?(?:(?:is|are|was) )?(.*)$/su.exec(whole ?? '');
  if (quoted !== null) return [quoted[1] ?? null, quoted[2]?.trim() || null];
  const said =
    whole
      ?.replace(/^to me(?: by phone)?\s*[:,]?\s*|^(?:nurse|dr\.?|doctor|the) ?[\w ]{0,20} (?:repeated|repeats|reads back|said|says)[,:]? /iu, '')
      .replace(/"$/u, '') ?? null;
  if (said === null || /^done\b/iu.test(said)) return [null, null];
  const parts =
    /^(.+?)(?:\s*,\s*(?:and )?| comma | and (?=(?:\w+ ){0,2}(?:is|are|was|has|have|will|\w+ing)\b))(?!likely|probably|left|right|with|without|correct|\w+(?: \w+)?$(?<!ed|ing|way|or|now|aware|informed|coming))(.+)$/isu.exec(
      said,
    );
  const found = (parts?.[1] ?? said)
    .replace(/^(?:first|second|third) one\s*[:,]\s*|^(?:colon)\s+/iu, '')
    .replace(/[,.]? (?:correct|right)\??$/iu, '');
  return [found, parts?.[2]?.trim() ?? null];
}

/** Who is to be told is not what was found. */
function withoutTeam(said: string | null): string | null {
  return (
    said
      ?.replace(/[,.;]? (?:please )?(?:advise|notify|alert|tell|page|call|needs a call to)\b.*$/iu, '')
      .replace(/^(?:please\s*:\s*|new paragraph )/iu, '') ?? null
  );
}

function wholeOf(pattern: RegExp, request: string, original: (start: number, end: number) => string): string | null {
  const found = pattern.exec(request);
  return found === null ? null : original(found.index, found.index + found[0].length) || null;
}

function kindOf(pattern: RegExp, request: string): string | null {
  const groups = pattern.exec(request)?.groups ?? {};
  return Object.keys(groups).find((name) => groups[name] !== undefined) ?? null;
}

function reasonOf(take: Take): string | null {
  const said = take('reason', because);
  // What follows a reason that came first is the request itself.
  if (
    said !== null &&
    /^(?:please )?(?:reject|approve|use|take it|undo|send it|give it|hand|close the|close it|put |make it|otherwise|should|is that|rechaz|usa )/iu.test(
      said,
    )
  )
    return null;
  return said === null || /^(?:please|thanks|thank you|por favor|gracias)\b[\s.!]*$/iu.test(said) ? null : said;
}

/** "reject it duplicate": a reason that nothing marks. */
const badReason =
  /\breject(?:ed|ing)?(?: (?:it|this|that|this one|[2-9A-Z]{6,7}))?[. ]+(?:as (?:a |an )?)?(?<reason>(?:wrong|duplicate|no|not|already|contraindicated|pregnant|missing)\b[^\n,.;!?]*)|\bas (?:a |an )?(?<reason>duplicate)\b|\breject\b.*?(?<reason>wrong (?:side|patient|leg|protocol|study|exam|body part))\b|\bit (?<reason>wrong (?:side|patient|leg|study|exam|body part))\b/u;
/** "im off since 7 send it to the next person" */
const mine = /\b(?<reason>i (?:am|was) (?!declining|refusing|escalating)[^,.;!?]+?)(?= (?:send|please|give|so|try|page|find)\b|[,.;!?]|$)/u;

/** Intents whose reason stands in a clause of its own, before or after what is asked for. */
const byClauses: ReadonlySet<Intent> = new Set<Intent>(['decline-alert', 'close-follow-up', 'hand-over', 'propose-schedule-change']);

/** The reason that a word marks, and no other. */
function byBecause(take: Take): Take {
  return (name) =>
    take(name, /(?:\bbecause(?: of)?|\bdue to|\bsince(?! \d)|\breason(?: is)?[:,]?|\bporque|\bdebido a|\bmotivo:?)\s*(?<reason>[^\n]+?)\s*[.!]*$/u);
}

const askedClause: Readonly<Partial<Record<Intent, RegExp>>> = {
  reject:
    /\b(?:reject\w*|refus\w*|cancel\w*|send (?:it|this|that)? ?back|kick|bounce|declin\w*|deny|approve|not doing|not going on|do not|rechaz\w*)\b/u,
  'decline-alert':
    /\b(?:escalat\w+|can not do|declin\w+|refuse|send (?:it|this|that)|try|page|ask|someone else|somebody else|next person|can not take|take it|give it|find)\b/u,
  'close-follow-up': /\b(?:clos\w+|mark|tick|finish|end|take .* off|stop|cierra|cerrar|cierre|chasing)\b/u,
  'hand-over': /\b(?:hand\w*|give|pass|transfer|assign|reassign|send|route|take|to [a-z]+|goes to|let|hand over|over to)\b/u,
  'propose-schedule-change':
    /\b(?:move|push|swap|bump|cancel|reschedul\w*|book|find|put|give|slot (?:him|her|them|it)|squeeze|anything|bring|postpone|change|go (?:after|before)|try|come forward|earlier|later|mueve|reprograma)\b/u,
};

/** The one clause that asks for nothing; null: none, or several. */
function clauseOf(intent: Intent, request: string, original: (start: number, end: number) => string): string | null {
  const asks = askedClause[intent];
  if (asks === undefined) return null;
  const parts = [...request.matchAll(/(?:(?!\s[-–]\s)[^,;.!?])+/gu)].flatMap((part) => {
    const lead =
      /^[\s–-]*(?:(?:but|so|and|good news|sorry|sry|ok|hi|please|radloop|case)\b[\s,]*)*(?:[2-9BCDFGHJKMNPQRTVWXY]{6,7}\b\s*(?:is a |is |was )?)?/u.exec(
        part[0],
      )?.[0].length ?? 0;
    return [{ text: part[0].slice(lead), at: part.index + lead }];
  });
  if (parts.length < 2) return null;
  const told = parts.filter(
    ({ text }) =>
      text.trim().length > 3 &&
      !asks.test(text) &&
      !/^\s*(?:please|pls|thanks|thank you|por favor|gracias|not mine|not me|no|good news|if|once|when|unless)\b/u.test(text) &&
      !condition.test(text),
  );
  const [only] = told;
  return only === undefined || told.length > 1
    ? null
    : withoutCourtesy(original(only.at, only.at + only.text.length).replace(/[\s,.;:!]+$/u, '')) || null;
}

/** "the stroke protocol" is called "stroke". */
function trimmedProtocol(said: string | null): string | null {
  if (said === null) return null;
  const name = said
    .replace(/\s+(?:not|rather than)\s.*$/iu, '')
    .replace(/^of\s+/iu, '')
    .replace(/^(?:the|a|an|el|la|un|una|protocol|protocolo)\s+/iu, '')
    .replace(/^(?:protocol|protocolo)\s+(?:de\s+)?/iu, '')
    .replace(/\s+(?:proto\w*|prtoco\w*|one)$/iu, '')
    .trim();
  return /^(?:it|this|that|something|another|other|different|protocol|one)$/iu.test(name) ? null : name;
}
