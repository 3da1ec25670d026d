/** Words that mean alike, by what they mean here; folded, a star for any ending. The statistic sees the class beside the word, so that it knows a word that it never met. */
const classes: Readonly<Record<string, string>> = {
  SHOW: 'show open view see display pull bring load find search look check read print muestra* mostrar ensena* abre* abrir ver veamos busca* dame saca* visualiza* get fetch preview zoom',
  APPROVE: 'approve* approving accept* green* authori* endorse* lgtm aprueb* aprob* autoriz* acept* apruebo conforme agree* proceed valid* ok okay',
  REJECT: 'reject* refus* deny denied turn veto bounce scrap rechaz* rechac* denieg* deneg* desestim* devuelv* toss nix',
  DECLINE: 'declin*',
  USE: 'use using choose* choosing chose pick select switch swap change* convert go run try prefer usa usar utiliza* elig* elij* escog* cambi* pon ponle ponlo aplica* instead rather alternative other different',
  ASK: 'ask* query clarify inquire enquire pregunt* consult*',
  ORDERER:
    'orderer* ordering referrer* referring referer requester* requesting clinician* physician* provider* gp pcp ward ed er doctor* surgeon* solicitante* peticionari* prescriptor* medico* clinico* remitente* icu',
  WHY: 'why reason* rationale because* evidence source* justif* explain* basis motivo* razon* explica* logic guideline* based confidence confident sure',
  HIST: 'history timeline log audit trail changed changes happened update* news new* edits edited version* historial historia cambios cambiado cambio paso novedades auditoria registro events activity previously',
  ONCALL: 'call guardia covering cover covers coverage duty shift* pager roster turno rota cubre backup beeper bleep carrying',
  CRIT: 'critical* crit* emergency emergent* red life alarm* critico* critica* panic actionable category cat categoria',
  FIND: 'pneumothorax pneumo ptx bleed* hemorrhag* haemorrhag* hematoma haematoma embol* pe dvt dissection* aneurysm* aaa perf perforat* air torsion ectopic abscess stroke infarct* occlu* ischemi* herniat* midline fracture* rupture* extravasat* tamponade appendicitis obstruct* volvulus subdural epidural subarachnoid sah thromb* clot* mass tumor* leak* compress* cord lvo free tension laceration spleen pneumoperitoneum neumotorax sangrado hemorragia* embolia* diseccion* aneurisma* perforacion* isquemi* rotura* fractura* trombo* hematoma* torsion* apendicitis neumoperitoneo saddle ich bowel nodule* hallazgo finding*',
  ACK: 'acknowledg* ack received receive receipt noted seen aware roger understood copy acuso acuse recib* enterad* anotado',
  BACK: 'readback repeat* reading echo* repit* relectura releo lectura verbatim',
  ALERT: 'alert* page paged notification* alarm alerta* aviso* notificacion*',
  BUSY: 'surgery surgical theatre theater scrubbed cath lab code coding crash flight vacation leave home off quirofano busy clinic procedure away sick ocupad* vacaciones responsible mine patient service',
  FU: 'follow* fu recommend* surveillance recheck repeat nodule* tracking seguimiento* recomendacion* recomend* control controles biopsy',
  LATE: 'overdue late missed past deadline* due lapsed slipped behind expired never vencid* atrasad* retrasad* caducad* plazo* forgotten delinquent',
  DONE: 'done scheduled booked completed complete happen* performed made finished resolved hecho hecha programad* citad* realizad* hizo',
  CLOSE: 'close* closing closed clos* cierr* cerr* finish* resolve* discharge* archive mark finaliz*',
  SCHED:
    'appointment* slot* schedule* reschedul* booking* calendar scanner* room magnet gap opening time hour* cita* hueco* agenda sala table earlier sooner later forward hora* reprogram* aplaz* adelant* pospon* postpone* bump* push* delay* squeeze overbook* intercambi* swap* move* moving mueve* mover*',
  GIVE: 'hand* pass* give* transfer* assign* reassign* forward* delegat* send* route* pasa* pasal* transfier* asign* entreg* deriv* ced* traspas* dale encarg*',
  TEAM: 'fellow* resident* attending* team* colleague* consultant* registrar reader* radiologist* tech* technologist* coordinator* scheduler* neuro* night* day* residente* adjunt* radiolog* companer* equipo* somebody someone anyone partner junior senior trainee',
  REMIND: 'remind* reminder* nudge* ping snooze* wake alarm recuerda* recorda* recordatorio* avisa* despiert* forget poke bug',
  UNDO: 'undo undone revert* retract* withdraw* recall* reverse* revoke* mistake* oops wrong accident* unapprove* unreject* scratch deshac* deshaz* retir* revier* anul* equivoc* error* misclick* unsend',
  COUNT:
    'many average* median mean rate* percent* percentage turnaround volume* number* statistic* metric* stats figures throughput total* count* kpi* busy cuant* promedio media* mediana porcentaje tasa* estadistic* cifras numeros volumen compare trend* utili* full longest fastest share',
  SYS: 'system* server* interface* feed* hl7 fhir dicom pacs ris ehr epic connection* bot radloop integration* network database listener gateway engine backup* bakcup worker certificate* disk mllp queue* messages cards sync* version sistema* servidor* interfaz* conexion* cola mensajes cert* lab outage downtime api teams health status',
  BROKEN:
    'down up working broken running slow stuck online offline alive healthy lagging failing hang* frozen dead error* problem* issue* responding funciona* funcionando caid* atascad* colgad* lento averia* fallo* arriving flowing connected disconnected awake',
  WAIT: 'waiting pending queue* worklist* list* outstanding unread left backlog todo open next cola pendiente* espera* lista* plate pile inbox quedan queda falta* unprotocol* protocoled unassigned untouched undecided unscheduled',
  URGENT: 'stat* urgent* urgente* emergent routine rutina* priority',
  HELP: 'help* command* instruction* tutorial ayuda* comandos instrucciones capable able can could options supported speak',
  DATA: 'creatinine egfr gfr allerg* prior* age weight labs lab history indication implant* pacemaker pregnant* dob mrn name images report* status creatinina alergi* peso edad previos previas indicacion estado priors contraindication* comparison details detail summary info information',
  PROTO:
    'protocol* contrast gad gadolinium noncon noncontrast multiphase angio cta mra mrcp ctv mrv urogram enterography perfusion arterial venous dual triple phase low dose plain protocolo* contraste trauma runoff liver stroke pe renal pancreas',
  MODAL: 'ct cts mr mri mrs us xr xray ultrasound* mammo* pet nm nuclear fluoro tac tc rm resonancia* eco* radiografia* scan* study studies exam*',
  CASE: 'it this that these those one ones case* order* request* caso* orden* peticion* estudio* lo la esto esta este eso',
  DAY: 'today tonight tomorrow yesterday morning afternoon evening night week* weekend month* monday tuesday wednesday thursday friday saturday sunday shift hoy manana ayer noche tarde semana* mes lunes martes miercoles jueves viernes sabado domingo noon midnight',
  SPAN: 'minute* min mins hour* hr hrs h minuto* hora* half',
  PATIENT: 'patient* she he her him his hers mrs ms paciente* pt woman man guy lady kid baby',
  SELF: 'i me my mine we us our yo mi mis',
  WH: 'what which who when where how que cual cuales quien quienes cuando donde como whose whom',
  ANY: 'any anything something algo alguno alguna nothing everything everyone anybody anyone',
  AUX: 'is are was were has have had do does did will would should could can may es esta fue ha han hay',
  NOT: 'not no never nobody none nor without nunca jamas tampoco ni sin',
  SAID: 'said says told tells asked asks wants wanted thinks thought wrote writes dijo dice pidio quiere quieren escribio according heard recommends suggested insists reads',
  HYPO: 'if suppose imagine would might maybe perhaps whether si quizas unless once until when',
  WORLD:
    'coffee lunch pizza weather joke game parking vacation printer dinner birthday movie song election password football cafe comida tiempo chiste president capital meeting song gym beer',
  THANKS: 'thank* thx gracias hello hi hey hola bye night congratulations sorry lol haha wow great nice cool',
};

const words = new Map<string, string[]>();
const beginnings: [string, string][] = [];
for (const [name, list] of Object.entries(classes)) {
  for (const word of list.split(' ')) {
    if (word.endsWith('*')) beginnings.push([word.slice(0, -1), name]);
    else words.set(word, [...(words.get(word) ?? []), name]);
  }
}

/** The classes of a folded word, in the order of the list; empty: none. */
export function classesOf(word: string): readonly string[] {
  const own = words.get(word) ?? [];
  const begun = beginnings.filter(([start]) => word.startsWith(start) && word.length - start.length <= 6).map(([, name]) => name);
  return [...new Set([...own, ...begun])];
}
