/** Words that mean alike, by what they mean here; folded, a star for any ending. The statistic sees the class beside the word, so that it knows a word that it never met. */
const classes: Readonly<Record<string, string>> = {
  SHOW: 'show open view see display pull bring load find search look check read print muestra* mostrar ensena* abre* abrir ver veamos busca* dame saca* visualiza* get fetch preview zoom reopen retrieve recap gist overview summar* enlarge browse back',
  APPROVE:
    'approve* approving accept* green* authori* endorse* lgtm aprueb* aprob* autoriz* acept* apruebo conforme agree* proceed valid* ok okay concur* consent* sanction* bless* nod ratif* greenlight okayed okays oked vouch* happy content thumbs ship clear cleared agreeable apruebalo apruebala',
  REJECT:
    'reject* refus* deny denied turn veto bounce scrap rechaz* rechac* denieg* deneg* desestim* devuelv* toss nix dismiss* void voided strike bin binned dump kill kick knock bounc* drop throw decline* pointless unjustified inappropriate unindicated unnecessary rechazalo',
  DECLINE: 'declin*',
  USE: 'use using choose* choosing chose pick select switch swap change* convert go run try prefer usa usar utiliza* elig* elij* escog* cambi* pon ponle ponlo aplica* instead rather alternative other different set make turn put upgrade* downgrade* amend* edit correct take wants gets protocol* convert* replac* override*',
  ASK: 'ask* query clarify inquire enquire pregunt* consult* verif* confirm* check find request* double message write text ping need specify clarif*',
  ORDERER:
    'orderer* ordering referrer* referring referer requester* requesting clinician* physician* provider* gp pcp ward ed er doctor* surgeon* solicitante* peticionari* prescriptor* medico* clinico* remitente* icu floor nurse unit clinic team practice surgery obstetrician oncolog* cardiolog* urolog* residente planta',
  WHY: 'why reason* rationale because* evidence source* justif* explain* basis motivo* razon* explica* logic guideline* based confidence confident sure grounds criteria thinking sources reference* cite* cited triggered trigger* reliable curious wherefrom fired',
  HIST: 'history timeline log audit trail changed changes happened update* news new* edits edited version* historial historia cambios cambiado cambio paso novedades auditoria registro events activity previously chronolog* cronolog* changelog recap replied answered reply replies decided paged notified told earlier opened touched previous record who did',
  ONCALL:
    'call guardia covering cover covers coverage duty shift* pager roster turno rota cubre backup beeper bleep carrying cover* roster* rotas relieves replaces holding phone number contact nights weekends reader consultant registrar available',
  CRIT: 'critical* crit* emergency emergent* red life alarm* critico* critica* panic actionable category cat categoria urgently immediate immediately alarming deadly lethal dangerous unexpected significant catastrophic asap notify',
  FIND: 'pneumothorax pneumo ptx bleed* hemorrhag* haemorrhag* hematoma haematoma embol* pe dvt dissection* aneurysm* aaa perf perforat* air torsion ectopic abscess stroke infarct* occlu* ischemi* herniat* midline fracture* rupture* extravasat* tamponade appendicitis obstruct* volvulus subdural epidural subarachnoid sah thromb* clot* mass tumor* leak* compress* cord lvo free tension laceration spleen pneumoperitoneum neumotorax sangrado hemorragia* embolia* diseccion* aneurisma* perforacion* isquemi* rotura* fractura* trombo* hematoma* torsion* apendicitis neumoperitoneo saddle ich bowel nodule* hallazgo finding* gas blood bleeding fasciitis epiglottitis meningitis encephalitis osteomyelitis cholangitis hemothorax haemothorax pericardial effusion sponge tube misplaced unstable cauda equina metastas* mets intussusception malrotation hydrocephalus vasospasm pseudoaneurysm ruptur* necroti* gangrene abuse trauma nonaccidental hydronephrosis pyelonephritis peritonitis sigmoid incarcerated strangulated retained',
  ACK: 'acknowledg* ack received receive receipt noted seen aware roger understood copy acuso acuse recib* enterad* anotado wilco copied heard informed taken actioned acting treating bedside heading responding gotcha conforme',
  BACK: 'readback repeat* reading echo* repit* relectura releo lectura verbatim reread repeating',
  ALERT: 'alert* page paged notification* alarm alerta* aviso* notificacion*',
  BUSY: 'surgery surgical theatre theater scrubbed cath lab code coding crash flight vacation leave home off quirofano busy clinic procedure away sick ocupad* vacaciones responsible mine patient service holiday annual abroad driving intubating resus operating scrub* otherwise unavailable tied mid middle hands transferred discharged moved covering meeting shift',
  FU: 'follow* fu recommend* surveillance recheck repeat nodule* tracking seguimiento* recomendacion* recomend* control controles biopsy recall* tracker tracked lesion* surveill* programme mammogram* rescan* rechecks letters letter screening interval',
  LATE: 'overdue late missed past deadline* due lapsed slipped behind expired never vencid* atrasad* retrasad* caducad* plazo* forgotten delinquent lapse* slipping stale straggler* chase* chasing beyond outstanding fell cracks lost red unfinished dues',
  DONE: 'done scheduled booked completed complete happen* performed made finished resolved hecho hecha programad* citad* realizad* hizo arranged turned up took place diary came attended resected operated deceased died moved privately elsewhere benign stable',
  CLOSE:
    'close* closing closed clos* cierr* cerr* finish* resolve* discharge* archive mark finaliz* shut end ended ending stop drop terminate* conclude* wrap remove removed delete* tick ticked finalise* complete cancel* obsolete off',
  SCHED:
    'appointment* slot* schedule* reschedul* booking* calendar scanner* room magnet gap opening time hour* cita* hueco* agenda sala table earlier sooner later forward hora* reprogram* aplaz* adelant* pospon* postpone* bump* push* delay* squeeze overbook* intercambi* swap* move* moving mueve* mover* squeez* fit slide shift* defer* double morning afternoon list rebook* add adding place release free session retrasa* atrasa* hueco dia',
  GIVE: 'hand* pass* give* transfer* assign* reassign* forward* delegat* send* route* pasa* pasal* transfier* asign* entreg* deriv* ced* traspas* dale encarg* punt* toss* kick* shoot slide sub own owner* ownership belongs let have take leave park cede over goes pasaselo traspasa* asigna*',
  TEAM: 'fellow* resident* attending* team* colleague* consultant* registrar reader* radiologist* tech* technologist* coordinator* scheduler* neuro* night* day* residente* adjunt* radiolog* companer* equipo* somebody someone anyone partner junior senior trainee attendings nights days shift others another else department section group chest neuro msk ir peds body breast cardiac',
  REMIND:
    'remind* reminder* nudge* ping snooze* wake alarm recuerda* recorda* recordatorio* avisa* despiert* forget poke bug buzz jog resurface timer again heads shout ping* notify requeue come back later',
  UNDO: 'undo undone revert* retract* withdraw* recall* reverse* revoke* mistake* oops wrong accident* unapprove* unreject* scratch deshac* deshaz* retir* revier* anul* equivoc* error* misclick* unsend rescind* annul* nullif* overturn* revok* whoops oopsie accidentally accident premature regret unassign* unapprov* unclick ctrl z back reversal recalled pulled',
  COUNT:
    'many average* median mean rate* percent* percentage turnaround volume* number* statistic* metric* stats figures throughput total* count* kpi* busy cuant* promedio media* mediana porcentaje tasa* estadistic* cifras numeros volumen compare trend* utili* full longest fastest share tally ratio p90 p95 p99 compliance dashboard report quick* fast busiest slowest top hit accuracy utilis* occupancy sum',
  SYS: 'system* server* interface* feed* hl7 fhir dicom pacs ris ehr epic connection* bot radloop integration* network database listener gateway engine backup* bakcup worker certificate* disk mllp queue* messages cards sync* version sistema* servidor* interfaz* conexion* cola mensajes cert* lab outage downtime api teams health status orthanc relay broker subscription* certificates vpn archive cloud adapter* breaker* replica* failover feeds listener* dictation service* process* deliveries dead letter letters outbox backlog* latency cpu memory uptime heartbeat watchdog diagnostic* timers',
  BROKEN:
    'down up working broken running slow stuck online offline alive healthy lagging failing hang* frozen dead error* problem* issue* responding funciona* funcionando caid* atascad* colgad* lento averia* fallo* arriving flowing connected disconnected awake reachable degraded silent retries retry unhealthy crash* outage* loaded coming refreshing updating green operational overloaded',
  WAIT: 'waiting pending queue* worklist* list* outstanding unread left backlog todo open next cola pendiente* espera* lista* plate pile inbox quedan queda falta* unprotocol* protocoled unassigned untouched undecided unscheduled unfinished remaining hanging lined leftover* owed owing overnight deck stack due',
  URGENT: 'stat* urgent* urgente* emergent routine rutina* priority red hot acute burning',
  HELP: 'help* command* instruction* tutorial ayuda* comandos instrucciones capable able can could options supported speak manual guide instructions examples teach confused lost stuck new phrase type explain support assistance',
  DATA: 'creatinine egfr gfr allerg* prior* age weight labs lab history indication implant* pacemaker pregnant* dob mrn name images report* status creatinina alergi* peso edad previos previas indicacion estado priors contraindication* comparison details detail summary info information',
  PROTO:
    'protocol* contrast gad gadolinium noncon noncontrast multiphase angio cta mra mrcp ctv mrv urogram enterography perfusion arterial venous dual triple phase low dose plain protocolo* contraste trauma runoff liver stroke pe renal pancreas dry ctpa dissection stone stones seizure pituitary enterograph* hematuria aorta dynamic delayed thin',
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
  SAID: 'said says told tells asked asks wants wanted thinks thought wrote writes dijo dice pidio quiere quieren escribio according heard recommends suggested insists reads texted mentioned claims claimed suggests insisted quote quoted believes feels',
  HYPO: 'if suppose imagine would might maybe perhaps whether si quizas unless once until when hypothetically were could wonder wondering',
  WORLD:
    'coffee lunch pizza weather joke game parking vacation printer dinner birthday movie song election password football cafe comida tiempo chiste president capital meeting song gym beer cake canteen taxi cat cats phone music lights lift elevator keys stethoscope email wife dog holiday party everest world cup rain raining',
  THANKS:
    'thank* thx gracias hello hi hey hola bye night congratulations sorry lol haha wow great nice cool ta cheers bravo brilliant super fine evening mate welcome understood okey',
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
