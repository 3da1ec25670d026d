import type { Intent } from '#domain/utterance.js';

/** What says an intent, in folded words; of several that fit the first in this list counts. */
export interface Rule {
  readonly intent: Intent;
  readonly says: RegExp;
}

/** A case number in a folded text: there only they are in upper case. */
export const NUMBER = '[2-9BCDFGHJKMNPQRTVWXY]{6,7}';
const THING = String.raw`(?:${NUMBER}|it|this|that|them|these|those|one|order|case|protocol|request|study|exam)`;
const service = String.raw`(?:neuro\w*|body|msk|chest|thoracic|cardi\w+|ped\w+|abdom\w+|ir|interventional|breast|mammo\w*|nuc\w*|nm|er|ed|emergency|trauma|gi|gu|ortho\w*|stroke|surgery|vascular|urgencias|torax|mama|intervencionista|musculo\w*)`;
const any = (...sources: readonly string[]) => new RegExp(sources.map((source) => String.raw`(?:${source})`).join('|'), 'u');
const word = (...sources: readonly string[]) => new RegExp(String.raw`\b(?:${sources.join('|')})\b`, 'u');

const rule = (intent: Intent, says: RegExp): Rule => ({ intent, says });

export const rules: readonly Rule[] = [
  rule(
    'remind',
    word(
      String.raw`remind(?: me| us)?(?! (?:what|who|which|how|why)\b)`,
      'reminder',
      'snooze',
      String.raw`(?:nudge|ping|poke|alert|wake|notify|tell|text|buzz) me (?:again )?(?:in|at|when|later|tomorrow|about|before|after|on|once|if)`,
      String.raw`(?:come|get|circle|check) back to me (?:in|at|later|tomorrow)`,
      String.raw`bring (?:it|this|that) (?:back )?up (?:again )?(?:in|at|later|tomorrow)`,
      String.raw`do not let me forget`,
      String.raw`recuerda(?:me|melo|nos)?`,
      String.raw`recordar(?:me|melo)?`,
      'recordatorio',
      'recordame',
      'acuerdame',
      String.raw`(?:avisa|avisar|avisame|despiertame|dime|llamame)(?:me)? (?:de nuevo |otra vez )?(?:en|a las|dentro|manana|luego|cuando)`,
    ),
  ),
  rule(
    'take-back',
    word(
      String.raw`take (?:that|it|this|the last one|my \w+|back|${NUMBER}|them) ?(?:\w+ )?back`,
      String.raw`take back`,
      'undo',
      'unapprove',
      'unreject',
      'undecline',
      'revert',
      'retract',
      'rescind',
      String.raw`walk (?:that|it) back`,
      String.raw`roll (?:that|it)? ?back`,
      'rollback',
      String.raw`(?:withdraw|recall|reverse|cancel|revoke|pull back) (?:my|that|the|it|this|what|${NUMBER})(?: last)?(?: (?:approval|rejection|decision|answer|message|order protocol|handover|hand over|question|choice|reminder|approve|acknowledgement|alert|action))?(?= |$|[.,!?])(?!.*\b(?:appointment|slot|order|booking)\b)`,
      String.raw`(?:withdraw|recall|reverse|revoke|cancel) (?:\w+ )?(?:approval|rejection|decision)`,
      String.raw`(?:did not|didn't) mean (?:to|that|it)`,
      String.raw`(?:that|it|this) was (?:a |my )?(?:mistake|error|wrong (?:one|case|button)|accident)`,
      String.raw`(?:i )?(?:made a mistake|clicked (?:the )?wrong|pressed (?:the )?wrong|hit (?:the )?wrong)`,
      String.raw`(?:approved|rejected|sent|clicked|pressed|chose|declared|acknowledged|closed) (?:the )?(?:wrong|it by (?:mistake|accident)|that by (?:mistake|accident)|by (?:mistake|accident))`,
      'by mistake',
      'scratch that',
      'strike that',
      'oops',
      'deshaz(?:lo)?',
      'deshacer(?:lo)?',
      'revierte(?:lo)?',
      'revertir(?:lo)?',
      String.raw`retira(?:lo|r|rlo)? (?:eso|esto|lo|la|mi|el)?`,
      String.raw`(?:anula|anular|cancela|retira|retirar)(?:r|lo)? (?:eso|lo ultimo|la aprobacion|mi \w+|el rechazo|la ultima|lo que)`,
      String.raw`(?:me (?:equivoque|he equivocado)|fue un error|por error|vuelve atras|echa(?:lo)? (?:para )?atras|marcha atras|dar marcha atras)`,
    ),
  ),
  rule(
    'decline-alert',
    any(
      String.raw`\b(?:not|is not|are not|isnt) (?:my|mine|our|ours)\b(?: (?:patient|case|alert|problem|service|pt))?`,
      String.raw`\bi am (?:not|no longer) (?:on (?:call|duty|shift|service)|covering|the (?:right|one|on|responsible)|responsible|taking|available|here)`,
      String.raw`\b(?:i (?:can|could) not|i am unable to|unable to) (?:take|accept|handle|cover|respond to|deal with|act on|look at|answer|own) (?:\w+ ){0,3}(?:alert|critical|result|call|page|patient|one|this|it)`,
      String.raw`\b(?:decline|refuse|reject|dismiss|bounce|pass on|turn down)\w* (?:(?:this|the|that|my|an|for|${NUMBER}|critical|of) ){0,3}(?:alert|critical|notification|page|critical result)`,
      String.raw`\bdeclin(?:e|ing) (?:it|this|that)?,? ?(?:i am|because i|not my|as i|since i|wrong)`,
      String.raw`\b(?:wrong (?:person|doctor|dr|physician|provider|clinician|recipient|team|on call|guy|number))\b`,
      String.raw`\b(?:alert|critical|page|this|it) (?:should|needs to|must|ought to) (?:go|be sent|be routed|be directed) to\b`,
      String.raw`\b(?:send|route|redirect|reroute|escalate) (?:the |this |that )?(?:alert|critical|page|critical result) (?:\w+ )?to\b`,
      String.raw`\b(?:send|page|call|alert|try|notify) (?:someone|somebody|the next|anyone) (?:else|person|on call|one)?`,
      String.raw`\bno es (?:mi|mio|mia|nuestro|nuestra)\b`,
      String.raw`\bno (?:estoy|soy yo|soy el|soy la) (?:de )?(?:guardia|turno|responsable|medico|quien)`,
      String.raw`\bno soy (?:el|la) (?:responsable|medico|de guardia|destinatari\w)`,
      String.raw`\bno puedo (?:atender|hacerme cargo|aceptar|encargarme|coger|tomar)`,
      String.raw`\b(?:rechaz|declin)\w+ (?:\w+ ){0,2}(?:alerta|aviso|notificacion)`,
      String.raw`\bpersona equivocada\b`,
      String.raw`\bavisa(?:d)? a otro`,
    ),
  ),
  rule(
    'read-back',
    word(
      'read back',
      'reading back',
      'readback',
      'read it back',
      'read that back',
      String.raw`reading (?:it|this|that) back`,
      'repeating back',
      'repeat back',
      'repeating it back',
      String.raw`(?:let me|i will|i) (?:repeat|read) (?:that |it |this )?(?:back|what)`,
      'confirm read back',
      'i read',
      'i repeat',
      String.raw`to repeat`,
      'echoing back',
      'repeat after me',
      String.raw`(?:lo )?(?:repito|releo|leo de vuelta|lectura de vuelta|repitiendo|confirmo (?:la )?lectura|relectura|lectura de confirmacion)`,
      String.raw`leo (?:de nuevo|otra vez)`,
      String.raw`(?:te |le |lo )?(?:repito|leo) (?:el|lo|la)`,
    ),
  ),
  rule('list-overdue', any(
    String.raw`\b(?:overdue|past due|past their due|lapsed|behind schedule|missed (?:follow|deadline|due)|late (?:follow|recommendation)|slipped|fell through|fallen through|out of date follow|expired follow)\b`,
    String.raw`\b(?:follow ups?|recommendations?)\b.*\b(?:late|missed|not (?:been )?(?:done|scheduled|booked|completed)|nobody|no one|never)\b(?!.*${NUMBER})`,
    String.raw`\b(?:which|what|list|any|show)\b.*\b(?:follow ups?|recommendations?) (?:are|is|that are|have|has|were)? ?(?:late|due|missed|open|not)\b`,
    String.raw`\b(?:vencid[oa]s?|atrasad[oa]s?|fuera de plazo|retrasad[oa]s?|caducad[oa]s?)\b`,
    String.raw`\bwho (?:has|have) (?:missed|not had) (?:their|a|the)\b.*\bfollow`,
  )), // prettier-ignore
  rule('close-follow-up', any(
    String.raw`\b(?:close|closing|complete|resolve|finish|end|sign off|clear|discharge|mark|set|tick off|cross off|remove|drop)\b(?! up)(?:(?! follow).){0,30} (?:follow ups?|recommendation|recs?|tracking|surveillance)\b`,
    String.raw`\bfollow ups?\b.{0,30}\b(?:can be|should be|is|as|may be)? ?(?:closed|close|completed|complete|resolved|done)\b(?=.*\b(?:close|mark|please|can be closed|should be closed)\b)`,
    String.raw`\bfollow up (?:for |of |on )?(?:${NUMBER} )?(?:can be|should be) closed\b`,
    String.raw`\bclose (?:out )?(?:${NUMBER}|it|this|that|the loop)\b`, String.raw`\bno (?:further |more )?follow up (?:is )?(?:needed|required|necessary)\b`, String.raw`\bstop (?:tracking|following)\b`,
    String.raw`\b(?:cierra|cerrar|cierre|cierralo|cierralo|finaliza|termina|da por (?:cerrado|terminado|hecho))\b`,
  )), // prettier-ignore
  rule('follow-up-status', any(
    String.raw`\bfollow (?:up|ups|ed up)\b(?!.*\b(?:remind|how many)\b)`, String.raw`\b(?:recommended|recommendation)\b.*\b(?:done|happen\w*|scheduled|booked|ordered|performed|completed|status|made|followed)\b`, String.raw`\bdid\b.*\b(?:get|have|come (?:back )?for|ever get|go for) (?:the|her|his|their|that|a)\b.*\b(?:ct|mr|scan|mammo\w*|ultrasound|biopsy|us|imaging|exam|x ray|xr|repeat)\b`,
    String.raw`\b(?:has|have|was|is) (?:the |that |her |his )?(?:nodule|lesion|cyst|mass|repeat|biopsy|recheck)\b.*\b(?:been|done|scheduled|followed|booked)\b`, String.raw`\bseguimiento\b`, String.raw`\brecomendacion\b.*\b(?:hecho|hizo|programad\w|estado|cumpli\w+)`, String.raw`\bcontrol\b.*\b(?:hecho|hizo|programad\w|citad\w|pedid\w)`,
  )), // prettier-ignore
  rule('acknowledge', any(
    String.raw`\b(?:acknowledge|acknowledging|acknowledgement|acknowledgment)\b`,
    String.raw`^(?:ok |okay |yes |yep |thanks |hi )*[,. ]*(?:got it|got the|got this|received|i (?:have )?(?:received|seen|got|have got|saw) (?:the|this|it|that|your|alert|critical|result)|message received|noted|understood|roger|copy(?: that)?|i am aware|aware|will do|on it|i am on it|i have it|seen|i have seen)\b`,
    String.raw`\b(?:alert|critical|critical result|notification|page|message) (?:${NUMBER} )?(?:is |was )?(?:received|seen|noted|got)\b`, String.raw`\b(?:confirm|confirming) (?:i |that i )?(?:receipt|received|have received|got|having received|have seen|i received)\b`, String.raw`\b(?:i have|i) (?:got|received|seen|saw|read) (?:the |your |this |that )?(?:alert|critical|page|notification|result)`, String.raw`\bi (?:am )?(?:accept|taking|will take|take|own|have taken) (?:the |this |that )?(?:alert|critical|responsibility)\b`,
    String.raw`\b(?:acuso recibo|acuse de recibo|recibid[oa]|enterad[oa]|confirmo (?:la )?(?:recepcion|recibo|que)|he (?:recibido|visto|leido) (?:la |el )?(?:alerta|aviso|resultado|hallazgo)|lo he (?:recibido|visto)|me doy por enterad[oa]|anotado|entendido|me hago cargo|visto)\b`,
  )), // prettier-ignore
  rule('declare-critical', any(
    String.raw`\b(?:declare|declaring|report|reporting|flag|flagging|call|calling|log|raise|raising|register|enter|file|submit|communicate|communicating|issue|send|escalate|notify|record|activate|create|open|mark|make|document|put in|start|trigger)\b.{0,40}\b(?:critical|criticals|critical finding|critical result|actionable|red alert|category (?:1|2|3|one|two|three)|cat ?(?:1|2|3))\b`,
    String.raw`\b(?:i|we) (?:have|found|see|got|am seeing|have got|am looking at) (?:a|an|another)?(?: new)? ?(?:critical|category|cat)\b`, String.raw`^(?:new |this is )?(?:a )?(?:critical|criticals)(?: finding| result)?(?: on| in| for)?\s*(?::|,|-|${NUMBER})`, String.raw`\b(?:this|that|it|${NUMBER}) (?:is|has|shows|looks like) (?:a |an )?(?:critical|category (?:1|2|3|one|two|three))(?! alert)`, String.raw`\bcritical (?:finding|result)s? (?:on|in|for|here|:)`,
    String.raw`\b(?:declar|notific|comunic|marc|registr|report|avis)\w* .{0,40}\b(?:critic[oa]s?|categoria)\b`, String.raw`\b(?:hallazgo|resultado) critico (?:en|:|,)`, String.raw`\bhay un (?:hallazgo|resultado)? ?critico`, String.raw`\btengo un (?:hallazgo|resultado)? ?critico`,
  )), // prettier-ignore
  rule('hand-over', any(
    String.raw`\b(?:hand|handing|pass|passing|give|giving|transfer|transferring|assign|assigning|reassign|forward|forwarding|delegate|delegating|send|route|sign|turn|shift|move|kick|punt|toss|dump)\b(?: (?:my|the|this|that|it|these|those|them|all|over|out|off|on|along|${NUMBER}|case|cases|list|one|order|two|and|both|of|first|second|last|remaining|everything|request|study|worklist|queue|alert|follow up|patient|second one|neuro|ct|mr|stat)){0,6} (?:over )?to (?:the |dr|my |a |our |whoever|someone|somebody|${service}|[a-z]+ (?:fellow|resident|team|attending|reader|on call)|night|day|[a-z]+$|[a-z]+ (?:please|instead|thanks))`,
    String.raw`\bhand (?:it|this|that|${NUMBER}|them|my \w+|the \w+)? ?(?:over|off)\b`, String.raw`\b(?:hand over|hand off)\b`, String.raw`\b(?:can|could|let|have|get|ask|want) (?:the |dr )?(?:[a-z]+ ){1,3}(?:take over|take (?:this|it|that|${NUMBER})|handle (?:this|it|that|${NUMBER})|pick (?:this|it) up|cover (?:this|it)|do (?:this|it) one)\b`, String.raw`\b(?:let|have) (?:the )?(?:[a-z]+ ){1,2}(?:fellow|resident|team|attending|radiologist|colleague) (?:take|do|handle|have|read|look)`,
    String.raw`\b(?:pasa|pasale|pasaselo|pasalo|pasala|pasar|pase|paso|transfiere|transfiereselo|transferir|asigna|asignale|asignaselo|asignar|entrega|entregar|entregale|deriva|derivar|derivalo|da(?:le|selo)|cede|ceder|traspasa|traspasar|encarga)\b.*\b(?:a|al)\b (?:la |el |los |las |dr|mi |otro|[a-z]+)`,
  )), // prettier-ignore
  rule('propose-schedule-change', any(
    String.raw`\b(?:reschedule|rescheduling|rebook|re book|re schedule|postpone|postponing)\b`, String.raw`\b(?:move|moving|push|pushing|bump|bumping|shift|delay|bring|pull|slide|switch|swap|swapping|slot|squeeze|fit|put|change|book|schedule|add|delay|advance)\b.{0,60}\b(?:to|from|forward|earlier|later|up|back|in|for|with|at|until|till|into|before|after|ahead|tomorrow|next|monday|tuesday|wednesday|thursday|friday|saturday|sunday|sooner|today|tonight) ?(?:the )?(?:\d|tomorrow|today|tonight|this (?:morning|afternoon|evening|week)|next|monday|tuesday|wednesday|thursday|friday|saturday|sunday|noon|earlier|later|a (?:later|earlier|different)|morning|afternoon|scanner|slot|room|(?:ct|mr|us)[ -]?\d|an hour|one hour|an? )`,
    String.raw`\b(?:swap|swapping|exchange|trade)\b`, String.raw`\b(?:cancel|change|move|book|find|need|get|free up|open up|open|add|block|hold|offer|propose|make|extend|shorten|drop|fill|give|look for|see if there is|any)\b.{0,40}\b(?:appointment|appointments|slot|slots|booking|schedule|time slot|opening)\b`, String.raw`\b(?:schedule change|earlier (?:slot|time|appointment)|later (?:slot|time|appointment)|different (?:slot|time|day|scanner)|another (?:slot|time|day|scanner))\b`, String.raw`\b(?:move|bump|push|bring|pull|slide) (?:${NUMBER}|it|this|that|him|her|them|the \w+|my \w+|the patient|the \w+ \w+) (?:up|back|earlier|later|forward|ahead|out|down|to|before|after|sooner)\b`, String.raw`\bput (?:${NUMBER}|it|this|him|her|the patient) (?:on|in|at|before|after|ahead|first)\b`,
    String.raw`\b(?:reprogram|aplaz|pospon|pospong|adelant|atras|retras|reagend|intercambi|permut|reubic)(?:a|ar|o|e|alo|ala|arlo|arla|en|emos|er)\b`, String.raw`\b(?:mueve|mover|mueva|muevelo|muevela|cambia|cambiar|cancela|cancelar|pasa|busca|buscar|anula)\b.*\b(?:cita|citas|hueco|huecos|hora|turno|lunes|martes|miercoles|jueves|viernes|sabado|domingo|manana|tarde|agenda|dia|sala|a las)\b`, String.raw`\b(?:hueco|cita) (?:antes|mas temprano|libre|anterior)`,
  )), // prettier-ignore
  rule('who-on-call', any(
    String.raw`\bon call\b`, String.raw`\bwho (?:is |are |will be )?(?:covering|covers|on duty|on tonight|on for|on today|on right now|on now|on (?:${service})|working|in charge|available|reading|taking (?:calls|call)|around|the (?:\w+ )?(?:fellow|attending|resident) (?:on|tonight|today|now))\b`, String.raw`\bwho (?:do|should|can|would|must) (?:i|we) (?:call|page|ring|phone|contact|reach|ask|talk to|get)\b`, String.raw`\bwho (?:has|carries|have|got) (?:the )?(?:pager|phone|call|bleep|duty)\b`, String.raw`\bwhose (?:call|shift|turn)\b`, String.raw`\bwho to (?:call|page|contact)\b`, String.raw`\b(?:covering|duty|cover) (?:radiologist|physician|doctor|roster|person|tonight)\b`, String.raw`\broster\b`,
    String.raw`\bde (?:guardia|turno)\b`, String.raw`\bguardia\b`, String.raw`\bquien (?:cubre|esta cubriendo|atiende|lleva|esta (?:en|hoy|esta noche))\b`, String.raw`\ba quien (?:llamo|aviso|puedo llamar|hay que llamar|debo llamar|tengo que llamar)\b`,
  )), // prettier-ignore
  rule('ask-orderer', any(
    String.raw`\b(?:ask|query|message|text|email|contact|call|check|clarify|confirm|find out|inquire|enquire|request)\b.{0,25}\b(?:orderer|ordering|referrer|referring|referer|requester|requesting|ordering (?:physician|doctor|provider|clinician|team|md)|whoever ordered|who ordered|clinical team|primary team)\b`,
    String.raw`\b(?:need|needs|want) (?:the |a |an |his |her )?[\w/ ]{2,30} from (?:the |his |her )?(?:orderer|ordering \w+|referr\w+(?: \w+)?|requester|ward|floor|clinic|surgeons?|clinical team|primary team|doctor|physician)\b`, String.raw`\b(?:orderer|referrer|ward|clinic|surgeon|physician|doctor|team|office) (?:has to|needs to|must|should) (?:tell|say|confirm|clarify|answer|specify)\b`,
    String.raw`\b(?:ask|question (?:for|to)|query) (?:the |for |to |dr )?(?:\w+ ){0,2}(?:orderer|referrer|physician|provider|clinician|doctor|team|ward|er|ed|gp|pcp)\b`, String.raw`\bask (?:him|her|them|dr \w+|doctor \w+)\b`, String.raw`\bquestion (?:for|to) (?:the )?(?:orderer|referr\w+|ordering)`, String.raw`^(?:please |can you |could you )*ask (?:if|whether|about|what|why|when|which|for|how)\b`, String.raw`\b(?:need|get) (?:more )?(?:info|information|clarification|details|an answer)\b.{0,25}\bfrom (?:the )?(?:orderer|ordering|referr\w+|requester|physician|clinician|provider|doctor|team)`,
    String.raw`\b(?:pregunta|preguntale|preguntales|preguntar|pregunto|preguntarle|consulta|consultale|consultar|pide|pidele)\b.{0,30}\b(?:a|al) ?(?:el |la |los )?(?:\w+ )?(?:solicitante|peticionari\w|medico|doctor|doctora|dr|clinico|prescriptor|servicio|referente|remitente|equipo)\b`, String.raw`\b(?:preguntale|preguntales)\b`, String.raw`^(?:por favor )?pregunta (?:si|que|por|cuando|cual)\b`,
  )), // prettier-ignore
  rule('why', any(
    String.raw`\bwhy\b(?! not (?:approve|use|reject))`, String.raw`\bhow come\b`, String.raw`\b(?:what is|what was|what are|give me|show me|tell me|show) (?:the|your|its) (?:reason|reasons|reasoning|rationale|evidence|basis|justification|logic|thinking|source|sources)\b`, String.raw`\b(?:reasoning|rationale|justification) (?:for|behind|of|on)\b`, String.raw`\bon what (?:basis|grounds|evidence)\b`, String.raw`\bbased on what\b`, String.raw`\bwhat (?:made|makes) you\b`, String.raw`\b(?:explain|justify) (?:the|this|that|your|why|it|${NUMBER}|how)\b`, String.raw`\bwhat (?:is|was) (?:this|that|it|the \w+|${NUMBER}) (?:based on|for)\b`, String.raw`\bwhat (?:rule|guideline|evidence|reason)\b`, String.raw`\bhow did you (?:choose|pick|decide|get|come|arrive|select)\b`, String.raw`\breason (?:for|behind) (?:the |this |that )?(?:protocol|choice|proposal|suggestion|flag|${NUMBER}|stat|priority)`, String.raw`^(?:the )?(?:reason|rationale|evidence|sources?)\??$`,
    String.raw`\bpor que\b(?! no (?:apruebas|usamos|usas))`, String.raw`\b(?:cual es|dame|explica|explicame|justifica|muestra\w*) (?:el|la|las|los|por) (?:motivo|razon|razones|justificacion|evidencia|base|que)\b`, String.raw`\ben que (?:se basa|te basas)\b`, String.raw`\bbasado en que\b`, String.raw`\ba que se debe\b`, String.raw`\bexplica\w*\b`,
  )), // prettier-ignore
  rule('history', any(
    String.raw`\b(?:history|timeline|time line|audit|audit trail|change log|changelog|trail)\b`, String.raw`\bwhat (?:has |have |had )?(?:all |else |just |really )?(?:changed|happened|been (?:done|changed|decided|happening)|was (?:done|changed|decided))\b`, String.raw`\bwhat (?:is|are|were|was) (?:new|the (?:latest )?(?:changes|updates|events))\b`, String.raw`\b(?:any|show|list|give me|latest|recent|see) (?:the |me the |me |all |recent |latest )?(?:changes|updates|activity|events|news)\b`, String.raw`\bwho (?:has |have |else |last |all |already |actually )?(?:\w+ed|did|saw|seen|chose|took|made|sent|has looked|looked|wrote|gave|signed off|read)\b(?! on call)`, String.raw`\b(?:when|at what time|what time) (?:was|were|did|has|is)\b.*\b(?:\w+ed|approve|reject|change|acknowledge|come|arrive|sent|happen|order|see|decide)\b`,
    String.raw`^(?:so |and |but |hey |hi )?(?:was|were|is|are|has|have|had|did|does)\b.*\b(?:approved?|rejected?|changed?|decided?|acknowledged?|declined?|cancell?ed|protocoled|protocolled|signed off|closed|answered?|repl(?:y|ied)|handed|assigned|transferred|taken back|respond(?:ed)?|touched|looked at|seen|opened|viewed|updated|sent)\b`, String.raw`\bwhat did (?:i|we|you|he|she|they|dr|the)\b`, String.raw`\bwhat (?:was|were) (?:the |my )?(?:last|previous|earlier)\b`, String.raw`\b(?:walk|take) me through\b.*\b(?:happened|case|${NUMBER})`,
    String.raw`\b(?:historial|historia|cronologia|bitacora|auditoria|registro)\b`, String.raw`\bque (?:ha )?(?:cambiado|cambio|paso|pasado|sucedido|ocurrido|ocurrio|se (?:ha )?hecho|hay de nuevo|novedades)\b`, String.raw`\bcambios (?:de hoy|recientes|de|en)\b`, String.raw`\bquien (?:lo |la |ha |se )?(?:aprobo|aprobado|rechazo|rechazado|cambio|cambiado|vio|visto|decidio|abrio|hizo|eligio|modifico|pidio)\b`, String.raw`\bcuando (?:se |fue |lo |la )?(?:aprobo|aprobad[oa]|rechazo|cambio|llego|decidio|hizo)\b`, String.raw`^(?:ya )?(?:esta|fue|ha sido|se ha|han|se) (?:ya )?(?:aprobad[oa]|rechazad[oa]|aprobado|aprobo|cambiad[oa])`, 'novedades',
  )), // prettier-ignore
  rule('numbers', any(
    String.raw`\bhow many\b`, String.raw`\b(?:turnaround|throughput|statistics|metrics|kpis?|volumes?|averages?|mean time|median|percentage|percent|percentile|rates?(?! of)|rate of|totals?|tally|head ?count|dashboard|figures|numbers|count(?:s)? (?:of|for|by))\b(?! (?:alert|doctor))`, String.raw`\bhow (?:long|fast|quickly|often|much time) (?:does|do|did|is|are|on average|it takes|have|has)\b`, String.raw`\b(?:stats|busy)\b`, String.raw`\bwhat (?:share|fraction|proportion|portion)\b`, String.raw`\bhow (?:busy|much|are we doing|is the (?:volume|backlog))\b`, String.raw`\bbacklog\b`,
    String.raw`\bcuant[oa]s?\b`, String.raw`\b(?:promedio|media de|mediana|estadisticas?|porcentaje|tasa|cifras|numeros|metricas|tiempo medio|tiempo de respuesta|volumen|indicadores)\b`,
  )), // prettier-ignore
  rule('system-status', any(
    String.raw`\b(?:is|are|was|has|have) (?:the |your |our |all |any |everything |anything )?(?:\w+ )?(?:system|systems|server|servers|service|interface|interfaces|feed|feeds|hl7|fhir|dicom|pacs|ris|ehr|epic|cerner|connection|connections|link|bot|radloop|integration|integrations|queue|queues|network|database|store|teams|listener|gateway|endpoint|endpoints|engine|backup|backups|worker|certificates?|disk|mllp|model|models)\b.{0,30}\b(?:up|down|ok|okay|working|running|online|offline|alive|healthy|broken|slow|connected|disconnected|stuck|fine|dead|lagging|behind|back|failing|backed up|responding|full|expired|expiring|live|happy|good|there|having|available|reachable)\b`,
    String.raw`\b(?:system|interface|interfaces|hl7|service|server|feed|integration|bot|radloop|engine|site|queue|endpoint|connection|platform) (?:status|health|state|check|up|down|problems?|issues?|errors?|ok)\b`, String.raw`\b(?:status|health|state|uptime) (?:of |on |check )?(?:the |your |our |all )?(?:system|systems|interface|interfaces|hl7|service|services|server|feed|feeds|integration|bot|radloop|engine|queue|queues|connections?|installation|pacs|ris|fhir|ehr|site|everything|platform)\b`, String.raw`\b(?:is|are) (?:you|everything|things|it|radloop|we) (?:still )?(?:up|down|ok|okay|working|running|online|alive|healthy|broken|slow|awake|there|connected|operational|all right|alright|live)\b`, String.raw`\bare you (?:there|alive|up|ok|awake|working|online|down|still there|listening)\b`, String.raw`\b(?:outage|downtime|uptime|health ?check|heartbeat|system status|any (?:problems|issues|errors|faults) (?:with|on|in)|error queue|stuck messages|messages? (?:are |is )?(?:stuck|backing up|held|queued|coming (?:in|through))|orders (?:are )?(?:coming in|coming through|flowing|arriving)|getting orders|queue depth|dead letter|last backup|anything (?:broken|down|failing)|what is (?:broken|down|failing))\b`,
    String.raw`\b(?:funciona|funcionan|funcionando|caid[oa]s?|estado de(?:l)? (?:sistema|la|las|los|interfaz|hl7|radloop|servicio|servidor|cola|conexion)|estado del sistema|en linea|operativ[oa]|conectad[oa]|averia|estas ahi|sigues ahi|esta vivo|va bien el|colgado)\b`,
  )), // prettier-ignore
  rule('choose-other', any(
    String.raw`\b(?:use|using|choose|choosing|pick|select|switch|swap|change|run|do|go with|go for|make|want|prefer|take|put|set|try|rather|substitute|replace|would like|perform)\b.{0,70}\b(?:protocol|instead|contrast|rather than|noncon|non con|non contrast|w/o|with and without|without)\b`,
    String.raw`\b(?:switch|change|swap|convert|set|update|move)\b (?:${THING}|the \w+|to)? ?(?:\w+ )?(?:to|for|over to|into) (?:the |a |an )?(?:ct|mr|mra|cta|us|pet|nm|xr|fl|mg|mrcp|low dose|dual|triple|multiphase|stroke|pe|plain|trauma)\b`, String.raw`\b(?:use|choose|pick|select|go with|go for|prefer)\b (?:the |a |an |protocol )?(?:ct|mr|mra|cta|ctv|mrv|us|pet|nm|xr|fl|mg|mrcp|fdg|psma|dotatate)\b`, String.raw`\b(?:different|another|other|alternative|alternate|second|next) (?:protocol|option|choice|suggestion|one instead)\b(?! is)`, String.raw`\b(?:use|choose|pick|select|go with|take|prefer)\b (?:the |a |an |protocol )?[a-z0-9 \-]+? (?:for|on|in|instead)\b`, String.raw`\b(?:should|needs to|has to|must|ought to) be (?:the |a |an )?(?:ct|mr|mra|cta|us|pet|with|without|low dose|stroke|pe)\b`, String.raw`\b(?:add|give|no|skip|without|drop|needs?|wants?) (?:\w+ )?contrast\b`, String.raw`\b(?:ct|mr|mra|cta|us|pet|mrcp)\b.{0,40}\binstead\b`, String.raw`\binstead\b`,
    String.raw`\b(?:usa|usar|use|utiliza|utilizar|utilice|elige|elegir|elija|escoge|escoger|cambia|cambiar|cambie|cambialo|pon|ponle|ponlo|aplica|aplicar|haz|hazlo|selecciona|prefiero|mejor|quiero)\b.{0,60}\b(?:protocolo|en (?:su|vez|lugar)|contraste|tac|tc|rm|resonancia|ct|mr|cta|mra|ecografia|angio\w*)\b`,
  )), // prettier-ignore
  rule('reject', any(
    String.raw`\b(?:reject|rejecting|rejection|decline|declining|refuse(?! to)|refusing(?! to)|deny|denying|turn down|turn it down|send (?:it|this|that|${NUMBER}) back|bounce|kick (?:it|this|that|${NUMBER}) back|veto|throw out|throw it out|scrap|nix|can it|void|disapprove)\b`, String.raw`\b(?:cancel|kill|drop|bin) (?:the |this |that )?(?:order|request|${NUMBER}|it|this|that|case|study|exam)\b`, String.raw`\b(?:do not|not) (?:do|perform|scan) (?:this|it|that|${NUMBER})\b`, String.raw`^no (?:to |on )${NUMBER}`,
    String.raw`\b(?:rechaza|rechazar|rechace|rechazo|rechazalo|rechazala|rechacemos|rechacen|deniega|denegar|deniego|deniegalo|desestima|desestimar|desaprueba|devuelve|devuelvelo)\b`, String.raw`\b(?:cancela|cancelar|anula|anular) (?:la |el |esta |este )?(?:orden|peticion|solicitud|${NUMBER}|caso|estudio)\b`,
  )), // prettier-ignore
  rule('approve', any(
    String.raw`\b(?:approve|approving|approval|accept|accepting|green ?light|authorize|authorise|okay|sign off|signing off|sign (?:it|this|that|${NUMBER})|rubber stamp|validate|endorse|agree|agreed|give (?:it|this|that|${NUMBER}) (?:the )?(?:ok|go|green|thumbs)|thumbs up|go ahead|proceed|lgtm|i am (?:ok|fine|good|happy) with|confirm)\b`, String.raw`\b(?:looks?|sounds?|seems?|is|all) (?:good|fine|right|correct|great|ok|okay|perfect|appropriate|reasonable)\b(?!.*\?)`, String.raw`^(?:ok|yes|go)[,.!]? (?:to |for |on |with )?(?:${NUMBER}|it|this|that one)`, String.raw`${NUMBER} (?:is )?(?:ok|okay|fine|good|approved|yes|go)$`, String.raw`\bdo it\b`,
    String.raw`\b(?:aprueba|aprobar|apruebo|apruebe|apruebalo|apruebala|aprobemos|aprobamos|aprobarlo|aprobarla|aprobacion|acepta|aceptar|acepto|aceptalo|autoriza|autorizar|autorizo|autorizalo|valida|validar|valido|confirma|confirmar|conforme|de acuerdo|visto bueno|adelante con|dale (?:el )?ok|da(?:le)? (?:el )?visto bueno|esta bien|me parece bien|adelante)\b`,
  )), // prettier-ignore
  rule('list-waiting', any(
    String.raw`\b(?:waiting|pending|outstanding|unread|unprotocoled|unprotocolled|undecided|backlogged|to do|todo|to be (?:done|protocol\w*|approved|decided|reviewed|read))\b`, String.raw`\b(?:my|the|our|neuro|body|your) (?:\w+ )?(?:list|queue|worklist|tasks|inbox|pile|plate|stack)\b`, String.raw`\b(?:worklist|queue)\b`, String.raw`\b(?:any|anything|something|got any|any more|are there any|is there any(?:thing)?|what|which|what are the|list|show|show me|give me|see|got)\b.{0,30}\b(?:stats?|urgents?|emergent|emergency|emergencies|routine|open|left|due|new|for me|need\w* (?:me|attention|approval|protocol\w*)|protocol|to (?:approve|protocol|look at|review|decide|sign|do)|on (?:my|the) (?:list|plate)|in (?:my|the) (?:list|queue)|cases?|orders?|requests?|studies|exams)\b(?!.*${NUMBER})`,
    String.raw`\bwhat is (?:left|open|next|up|on|due|new|stat|urgent|hot)\b`, String.raw`\b(?:next (?:one|case|order|up)|next please|whats? next)\b`, String.raw`\banything (?:for me|stat|urgent|new|else|left|up|hot|pressing|burning|there|in|on)\b`, String.raw`^(?:any )?(?:stats?|urgents?|open (?:cases|orders)|my (?:cases|orders|list|tasks|stuff)|list|queue|tasks)\??$`, String.raw`\bwhat (?:do|have) (?:i|we) (?:have|got|need)\b`, String.raw`\bneed(?:s|ing)? (?:my )?(?:attention|approval|protocol\w*|a decision|sign off|me)\b`, String.raw`^list\b`,
    String.raw`\b(?:pendientes?|en espera|esperando|en cola|por (?:aprobar|hacer|revisar|protocolizar|decidir|leer)|lista(?:do)?|cola|sin (?:aprobar|revisar|protocolizar))\b`, String.raw`\b(?:hay|tengo|tenemos|queda|quedan|falta|faltan)\b.{0,30}\b(?:algo|urgentes?|casos?|stat|ordenes|peticiones|pendiente|nuevo|para mi)\b`, String.raw`\b(?:algo|alguno|alguna) (?:urgente|stat|nuevo|para)\b`, String.raw`\bque (?:hay|tengo|queda|tenemos|falta) (?:para|de|en|por|hoy|ahora|urgente)\b`, String.raw`\bmis (?:casos|tareas|ordenes)\b`,
  )), // prettier-ignore
  rule('show-case', any(
    String.raw`\b(?:show|open|view|see|display|pull up|bring up|pull|look at|look up|details?|detail|tell me (?:about|more)|what about|info|information|let me see|have a look|take a look|check|summary|summarize|summarise|read me|give me|get me|load|present|find|go to|let us see|let us look|status|where is|how is|how about|more about|more on|what does .* say)\b(?=.*\b(?:${THING}|first|second|third|last|next|other|me|up|card|patient|chart|more)\b|$)`,
    String.raw`^(?:#|case |the |and |ok |please )*(?:${NUMBER}|(?:first|second|third|last|other) one)\s*(?:please)?[?.!]*$`, String.raw`\bwhat (?:is|was|are)\b.*${NUMBER}`, String.raw`^${NUMBER}\b`,
    String.raw`\b(?:muestra|muestrame|muestramelo|mostrar|mostrame|ensena|ensename|ensenamelo|abre|abreme|abrir|abrelo|abrela|ver|veamos|dame|detalles?|informacion|busca|carga|quiero ver|dejame ver|que es|que hay (?:de|en|con)|como va|estado)\b`,
  )), // prettier-ignore
  rule('help', any(
    String.raw`\b(?:help|commands|instructions for|tutorial|manual|documentation|examples)\b`, String.raw`\bwhat (?:can|do|should|could) (?:you|i|we) (?:do|say|write|ask|type|understand|know)\b`, String.raw`\bhow (?:do|does|can|should|to|would) \b`, String.raw`\bwhat are (?:you|your)\b`, String.raw`\bwho are you\b`, String.raw`\bhow to\b`, String.raw`^\?+$`, String.raw`\bwhat (?:is|does) (?:radloop|this bot|the bot|this thing|stat|\w+) (?:do|mean|for)\b`, String.raw`\b(?:i am (?:lost|stuck|confused|new)|what now|options|menu|show me how|teach me|explain how|usage)\b`,
    String.raw`\b(?:ayuda|ayudame|comandos|instrucciones|opciones)\b`, String.raw`\bque (?:puedes|puedo|sabes|entiendes)\b`, String.raw`\bcomo (?:se |puedo |hago |funciona|uso|te |debo)\b`, String.raw`\bquien eres\b`,
  )), // prettier-ignore
];
