import type { Intent, Slots } from '#domain/utterance.js';
import { NUMBER } from './rules.ts';

const when = new RegExp(
  String.raw`\b(?:(?:in|within|after|en|dentro de) (?:about |a |an |un |una |half |media |unos |unas )?(?:\d+|two|three|five|ten|fifteen|twenty|thirty|forty|sixty|dos|tres|cinco|diez|quince|veinte|treinta|few|couple of)? ?(?:an? )?(?:hours?|mins?|minutes?|days?|weeks?|months?|hrs?|h|half|minutos?|horas?|dias?|semanas?|hour)\b|(?:(?:on|at|by|before|after|until|since|el|a las|a la|antes de(?: las)?|desde) )?(?:this |next |last |esta |este |proximo )?(?:today|tonight|tomorrow(?: (?:morning|afternoon|evening|night))?|yesterday|overnight|right now|this (?:morning|afternoon|evening|week|month|weekend|shift|year|quarter)|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|hoy|manana por la (?:manana|tarde|noche)|ayer|lunes|martes|miercoles|jueves|viernes|sabado|domingo)(?: (?:at|a las) \d{1,2}(?::\d\d)? ?(?:am|pm)?)?(?: (?:morning|afternoon|evening|night))?\b|(?:last|next|past) (?:night|week|month|hour|year|shift|quarter|\d+ (?:days|hours|weeks))\b|(?:esta|la) (?:noche|tarde|semana)\b|esta manana\b|\b(?:at|by|before|after|until|from|to|a las|antes de las) (?:the )?(?:\d{1,2}(?::\d\d| ?(?:am|pm|h))?(?: ?(?:am|pm))?|noon|midnight|mediodia)\b|\bmanana\b|\blater\b)`,
  'u',
);
const serviceWord = String.raw`(?:neuro(?:radiology|logy|logia|rradiologia|surgery|cirugia)?|body(?: imaging)?|msk|musculoskeletal|chest|thoracic|cardiac|cardiology|cardiologia|pediatrics?|peds|pediatria|paediatrics?|abdominal|ir|interventional(?: radiology)?|breast(?: imaging)?|mammography|nuclear(?: medicine)?|nuc med|er|ed|emergency(?: radiology)?|trauma|stroke|vascular|surgery|ortho|orthopedics|urology|gi|oncology|urgencias|torax|mama|intervencionista|radiologia|radiology|abdomen|musculo\w*)`;
const service = new RegExp(
  String.raw`\b(?:for|on|in|to|the|cover(?:ing|s)?|para|de|en|any|of|call|is|page|from|with|at|guardia (?:de|en))? ?\b(?<service>${serviceWord})\b`,
  'u',
);
const modality =
  /\b(?<ct>cts?|cat scans?|tac|tc|tomografia\w*)\b|\b(?<mr>mrs?|mris?|rm|resonancias?|mra)\b|\b(?<us>ultrasounds?|sonos?|ecografias?|ecos?|us)\b|\b(?<xr>x ?-?rays?|xrs?|plain films?|radiografias?|rx|placas?)\b|\b(?<nm>nm|nuclear|nuc med|gammagrafias?|bone scans?)\b|\b(?<mg>mg|mammos?|mammograms?|mammography|mamografias?)\b|\b(?<fl>fl|fluoro\w*)\b|\b(?<pet>pets?|pet\/ct)\b/u;
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
  /\b(?:use|using|choose|choosing|pick|select|go with|go for|do|run|want|prefer|try|make it|make this|make that|usa|usar|utiliza|elige|escoge|pon|haz|prefiero|aplica|perform|take|would like)\b (?:el |un |una |de |instead |for [2-9A-Z]{6,7} )?(?<protocol>[a-z0-9][a-z0-9 \-/+.&]*?)(?=$|[,:;!?]|\.(?: |$)| (?:instead|for|on|because|due|rather|please|thanks|porque|para|en su|en vez|en lugar|if|when|since|so|por favor|as|mejor|in)\b)/u,
  /\b(?:switch|change|convert|swap|set|cambia\w*|pasa\w*|update)\b.*? (?:to|over to|into|for|a|al|por) (?<protocol>[a-z0-9][a-z0-9 \-/+.&]*?)(?=$|[,:;!?]|\.(?: |$)| (?:instead|for|on|because|due|please|thanks|porque|para|en su|en vez|if|when|since|por favor)\b)/u,
];
const question =
  /(?:\b(?:whether|if)\b|:\s*|,\s*|\b(?:orderer|referrer|physician|provider|clinician|doctor|team|solicitante|peticionari[oa]|medico|prescriptor|him|her|them)\b(?: (?:of|for|on|about|de|sobre) [2-9A-Z]{6,7}| (?:of|for|about) (?:it|this|that)(?: one| case)?)?\s*[:,]?\s*)(?<question>[^\n]+?)\s*$/u;
const finding = new RegExp(
  String.raw`(?:\b(?:finding|findings|result|critical|criticals|category (?:1|2|3|one|two|three)|hallazgo|critico|critica|resultado|read back|reading back|readback|repito|repeat|back)\b(?: (?:finding|result|on|for|in|of|en|de|alert|critico|critical|is|${NUMBER}))*\s*[:,–-]?\s*)(?<finding>[a-z][^\n]*?)\s*[.!]*$`,
  'u',
);

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
    return said === '' ? null : trimmed(said);
  };
  const taken: Partial<Record<keyof Slots, string | null>> = {};
  if (['who-on-call', 'list-waiting', 'numbers', 'list-overdue', 'history', 'remind', 'propose-schedule-change', 'follow-up-status'].includes(intent))
    taken.when = wholeOf(when, request, original)?.replace(/^(?:to|from)\s+/iu, '') ?? null;
  if (['who-on-call', 'list-waiting', 'numbers', 'list-overdue', 'declare-critical'].includes(intent)) taken.service = take('service', service);
  if (
    !['choose-other', 'why', 'help', 'system-status', 'ask-orderer', 'reject', 'hand-over', 'declare-critical', 'read-back', 'remind'].includes(
      intent,
    )
  ) {
    taken.modality = kindOf(modality, request)?.toUpperCase() ?? null;
    taken.urgency = kindOf(urgency, request)?.toUpperCase() ?? null;
  }
  if (['reject', 'choose-other', 'decline-alert', 'close-follow-up', 'take-back'].includes(intent)) taken.reason = reasonOf(take);
  if (intent === 'choose-other')
    taken.protocol = trimmedProtocol(protocolAfter.map((pattern) => take('protocol', pattern)).find((said) => said !== null) ?? null);
  if (intent === 'ask-orderer') taken.question = take('question', question);
  if (intent === 'hand-over') taken.person = take('person', person) ?? take('person', toWhom);
  if (intent === 'decline-alert') taken.person = take('person', person);
  if (intent === 'declare-critical' || intent === 'read-back') taken.finding = take('finding', finding);
  if (intent === 'propose-schedule-change')
    taken.action = wholeOf(
      /\b(?:reschedule|rebook|postpone|move|push back|push|bump|swap|switch|cancel|change|book|bring forward|bring|pull forward|find|add|delay|squeeze|fit|put|schedule|extend|exchange|trade|reprograma\w*|aplaza\w*|pospon\w*|adelanta\w*|retrasa\w*|mueve|mover|muevelo|muevela|cambia\w*|cancela\w*|intercambia\w*|busca\w*)\b/u,
      request,
      original,
    );
  if (intent === 'take-back')
    taken.action = wholeOf(
      /\b(?:approval|rejection|decision|question|answer|acknowledgement|ack|reminder|protocol|handover|hand over|unapprove|move|aprobacion|rechazo|decision|pregunta|recordatorio)\b/u,
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
  if (intent === 'numbers')
    taken.subject =
      take(
        'subject',
        /\b(?:how many|cuant[oa]s?|turnaround (?:time )?(?:for|of)?|average|median|rate of|number of|volume of|promedio de|numero de)\b (?<subject>[^\n?]+?)(?= (?:do|did|have|are|were|was|is|this|today|in|for|last|hay|hoy|tenemos|hemos|esta|en)\b|[?.!]|$)/u,
      ) ??
      wholeOf(
        /\b(?:turnaround(?: times?)?|throughput|volumes?|backlog|no shows?|rejection rate|approval rate|tiempo de respuesta)\b/u,
        request,
        original,
      );
  if (intent === 'system-status')
    taken.subject = wholeOf(
      /\b(?:hl7|fhir|dicom|pacs|ris|ehr|interfaces?|interfaz|feeds?|servers?|servidor|backups?|database|queue|cola|listener|bot|radloop|teams|system|sistema|engine|network|mllp|worklist)\b/u,
      request,
      original,
    );
  return Object.fromEntries(Object.entries(taken).filter((entry): entry is [string, string] => entry[1] != null && entry[1] !== ''));
}

/** Without a leading article and what only leads on. */
function trimmed(said: string): string {
  return said
    .replace(/^(?:the|a|an|my|el|la|los|las|un|una)\s+(?=\S)/iu, '')
    .replace(/[\s,;.!]+(?:(?:and|y|then|please|pls|thanks|thx|thank you|por favor|gracias)[\s,;.!]*)+$/iu, '')
    .trim();
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

/** "the stroke protocol" is called "stroke". */
function trimmedProtocol(said: string | null): string | null {
  if (said === null) return null;
  const name = said
    .replace(/^(?:the|a|an|el|la|un|una|protocol|protocolo)\s+/iu, '')
    .replace(/^(?:protocol|protocolo)\s+(?:de\s+)?/iu, '')
    .replace(/\s+(?:protocol|protocolo|one)$/iu, '')
    .trim();
  return /^(?:it|this|that|something|another|other|different|protocol|one)$/iu.test(name) ? null : name;
}
