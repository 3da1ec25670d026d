import type { Command, Hindrance, Intent } from '#domain/utterance.js';

/** What the bot says to a button, whoever presses it. No patient data: it may be read in a channel. */
export const words = {
  openAgain: 'Open it again to see it as it is now.',
  badRequest: 'Radloop does not know this button. Nothing was changed: open the case again.',
  late: 'Radloop takes longer than usual. What you pressed may still count: open the case again to see how it stands.',
  broken: 'Radloop could not finish this. What you pressed may still count: open the case again to see how it stands.',
  automatic: 'Nothing is done without a person pressing a button.',
  openInPrivate: 'I have put it into your private chat.',
  noPrivateChat: 'I could not reach your private chat. Write "help" to me there once, then try again.',
  textOnly: 'I read text only. Write "help" to see what I understand.',
} as const;

/** Intents that no workflow serves yet: understood, told so, never done. */
export type NotYet = Exclude<
  Intent,
  'list-waiting' | 'show-case' | 'approve' | 'choose-other' | 'reject' | 'ask-orderer' | 'why' | 'history' | 'system-status' | 'help' | 'none'
>;

/**
 * Everything that the bot itself says in conversation; what belongs to a case comes from its workflow. All of it may be read in a channel: no patient data,
 * and nothing that the person wrote but case numbers and catalogue ids.
 */
export interface Talk {
  readonly noSuchCase: string;
  readonly whichCase: string;
  readonly whichOf: string;
  readonly lookFirst: (caseNumber: string) => string;
  readonly lookFirstInPrivate: (caseNumber: string) => string;
  readonly showing: (caseNumber: string) => string;
  readonly why: (caseNumber: string) => string;
  readonly history: string;
  readonly systemStatus: string;
  /** An act that was understood and would be done at once: said by `radloop ask` alone. */
  readonly doing: (verb: Command['verb'], caseNumber: string, protocolId: string | null) => string;
  readonly confirm: (what: string) => string;
  readonly confirmInPrivate: string;
  /** What a button does, as its title. */
  readonly act: (verb: Command['verb'], caseNumber: string, protocolId: string | null) => string;
  readonly open: (caseNumber: string) => string;
  readonly firstOnly: string;
  readonly mayNot: string;
  readonly chooseFromList: (caseNumber: string) => string;
  readonly unclear: string;
  readonly unclearInChannel: string;
  readonly refused: Readonly<Record<Hindrance | 'check-character', string>>;
  readonly notYet: Readonly<Record<NotYet, string>>;
  readonly waiting: {
    readonly none: string;
    readonly here: string;
    readonly title: (count: number) => string;
    readonly more: (count: number) => string;
    readonly hint: string;
    readonly columns: readonly [string, string, string, string];
    readonly minutes: (minutes: number) => string;
  };
  readonly help: string;
}

const age = (minutes: number): string =>
  minutes < 60 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} d`;

const english: Talk = {
  noSuchCase: 'I know no such case that you may see.',
  whichCase: 'Which case? Write its case number with it, such as "show 7KF3QN".',
  whichOf: 'Which of these? I did nothing yet: press the one that you mean.',
  lookFirst: (caseNumber) => `I changed nothing: you have not seen ${caseNumber} as it is now. Look at it here, then write it again.`,
  lookFirstInPrivate: (caseNumber) =>
    `I changed nothing: you have not seen ${caseNumber} as it is now. I have put it into your private chat. Look at it there, then write it again.`,
  showing: (caseNumber) => `Here is ${caseNumber}.`,
  why: (caseNumber) => `Each reason stands with its source in ${caseNumber}.`,
  history: 'What happened to a case, and who did it, stands on its time line on the Radloop tab.',
  systemStatus: 'I am here. How the interfaces, the queue and the store are stands in "radloop doctor"; an operator can run it.',
  doing: (verb, caseNumber, protocolId) =>
    ({
      approve: `${caseNumber} is approved.`,
      'choose-other': `${caseNumber} gets ${protocolId ?? 'another protocol'}.`,
      reject: `${caseNumber} is rejected.`,
      'ask-orderer': `The orderer of ${caseNumber} is asked.`,
    })[verb],
  confirm: (what) => `I did nothing yet. If you mean it, press: ${what}.`,
  confirmInPrivate: 'I did nothing yet. I have put the question into your private chat: answer it there.',
  act: (verb, caseNumber, protocolId) =>
    ({
      approve: `Approve ${caseNumber}`,
      'choose-other': `Use ${protocolId ?? 'it'} for ${caseNumber}`,
      reject: `Reject ${caseNumber}`,
      'ask-orderer': `Ask the orderer of ${caseNumber}`,
    })[verb],
  open: (caseNumber) => `Open ${caseNumber}`,
  firstOnly: 'I answered the first request only. Write the next one by itself.',
  mayNot: 'Your role may not do that. Nothing was changed.',
  chooseFromList: (caseNumber) => `I did nothing: I do not know which protocol you mean. Choose it from the list in ${caseNumber}.`,
  unclear: 'I did not understand that, and did nothing. Write "help" to see what I understand.',
  unclearInChannel:
    'I did not understand that, and did nothing. Here I go by case numbers only; for anything else, write to me in your private chat.',
  refused: {
    all: 'I do one case at a time: each needs its own look. Name the case numbers.',
    'no-case': 'Which case? Write its case number with it, such as "show 7KF3QN". I did nothing.',
    'not-a-case-number': 'That is not a case number. It has six or seven characters, such as 7KF3QN; "what is waiting" lists them.',
    'check-character': 'That is not a case number (the last character does not check). Look at it once more.',
    'needs-reason': 'A reason is needed, and I did nothing. Write "reject 7KF3QN because …".',
    'needs-question': 'I do not see the question, and did nothing. Write "ask the orderer of 7KF3QN: …?".',
    'unknown-protocol': 'I know no protocol of that name, and did nothing. Open the case to choose from the list.',
    conditional: 'That sets a condition, and I did nothing. Decide first, or ask the orderer; then write it without "if".',
    'taken-back': 'That takes itself back, and I did nothing.',
    'too-long': 'That is too long for me, and I did nothing. Two thousand characters is the most.',
  },
  notYet: {
    'who-on-call': 'I do not know the rosters in this version. Look at the roster, or ask the switchboard.',
    'declare-critical':
      'Critical findings are not part of this version: nothing was sent. Call the responsible clinician now, and write down the read-back.',
    acknowledge: 'Alerts are not part of this version: nothing was recorded. Call whoever sent the result and read it back to them.',
    'read-back': 'Read-backs are not part of this version: nothing was recorded. Read it back by telephone, and write it down.',
    'decline-alert': 'Alerts are not part of this version: nothing was passed on. Call whoever sent the result now, so that somebody else is asked.',
    'follow-up-status': 'Follow-ups are not part of this version. Look into the report and the appointment book.',
    'list-overdue': 'Follow-ups are not part of this version: I have no list of overdue ones.',
    'close-follow-up': 'Follow-ups are not part of this version: nothing was closed.',
    'propose-schedule-change': 'Appointments are not part of this version: nothing was moved. Call the scheduling desk.',
    'hand-over':
      'Cases are not handed over in this version: nothing was changed. Whoever may decide finds the case under "what is waiting"; tell them by telephone.',
    remind: 'I cannot remind you in this version: nothing was set. The case stays under "what is waiting".',
    'take-back': 'Nothing was taken back. Open the case to decide anew with a reason; what was sent already must be called back by telephone.',
    numbers: 'I have no figures in this version. "what is waiting" lists what is open.',
  },
  waiting: {
    none: 'Nothing is waiting for you.',
    here: 'Here is what is waiting.',
    title: (count) => (count === 1 ? '1 case is waiting' : `${count} cases are waiting`),
    more: (count) => `and ${count} more`,
    hint: 'Write "show" and the case number to open one.',
    columns: ['Case', 'Urgency', 'Kind', 'Waiting'],
    minutes: age,
  },
  help: [
    'I understand these sentences:',
    '• what is waiting',
    '• show 7KF3QN',
    '• approve 7KF3QN',
    '• use CT-HEAD-WO for 7KF3QN',
    '• reject 7KF3QN because …',
    '• ask the orderer of 7KF3QN: …?',
    "Other words are understood as well; then I ask back before anything is done. I read English and Spanish. In the thread of a card the case number may be left out. I act on a case only when you have seen it as it is now; if you have not, I show it first. In a channel use case numbers only, never a patient's name or number.",
  ].join('\n'),
};

const spanish: Talk = {
  noSuchCase: 'No conozco ningún caso así que usted pueda ver.',
  whichCase: '¿Qué caso? Escriba su número de caso, por ejemplo «muestra 7KF3QN».',
  whichOf: '¿Cuál de estos? Todavía no he hecho nada: pulse el que quiere.',
  lookFirst: (caseNumber) => `No he cambiado nada: usted no ha visto ${caseNumber} como está ahora. Mírelo aquí y escríbalo otra vez.`,
  lookFirstInPrivate: (caseNumber) =>
    `No he cambiado nada: usted no ha visto ${caseNumber} como está ahora. Lo he puesto en su chat privado. Mírelo allí y escríbalo otra vez.`,
  showing: (caseNumber) => `Aquí está ${caseNumber}.`,
  why: (caseNumber) => `Cada motivo está con su fuente en ${caseNumber}.`,
  history: 'Lo que pasó con un caso, y quién lo hizo, está en su línea de tiempo, en la pestaña Radloop.',
  systemStatus: 'Estoy aquí. El estado de las interfaces, de la cola y del almacén lo da «radloop doctor»; lo puede ejecutar un operador.',
  doing: (verb, caseNumber, protocolId) =>
    ({
      approve: `${caseNumber} queda aprobado.`,
      'choose-other': `${caseNumber} recibe ${protocolId ?? 'otro protocolo'}.`,
      reject: `${caseNumber} queda rechazado.`,
      'ask-orderer': `Se pregunta al solicitante de ${caseNumber}.`,
    })[verb],
  confirm: (what) => `Todavía no he hecho nada. Si es lo que quiere, pulse: ${what}.`,
  confirmInPrivate: 'Todavía no he hecho nada. He puesto la pregunta en su chat privado: respóndala allí.',
  act: (verb, caseNumber, protocolId) =>
    ({
      approve: `Aprobar ${caseNumber}`,
      'choose-other': `Usar ${protocolId ?? 'este'} para ${caseNumber}`,
      reject: `Rechazar ${caseNumber}`,
      'ask-orderer': `Preguntar al solicitante de ${caseNumber}`,
    })[verb],
  open: (caseNumber) => `Abrir ${caseNumber}`,
  firstOnly: 'He respondido solo a lo primero. Escriba lo siguiente aparte.',
  mayNot: 'Su función no le permite hacer eso. No se ha cambiado nada.',
  chooseFromList: (caseNumber) => `No he hecho nada: no sé qué protocolo quiere. Elíjalo de la lista en ${caseNumber}.`,
  unclear: 'No lo he entendido y no he hecho nada. Escriba «ayuda» para ver lo que entiendo.',
  unclearInChannel: 'No lo he entendido y no he hecho nada. Aquí solo uso números de caso; para lo demás, escríbame en su chat privado.',
  refused: {
    all: 'Hago los casos de uno en uno: cada uno hay que mirarlo. Escriba los números de caso.',
    'no-case': '¿Qué caso? Escriba su número de caso, por ejemplo «muestra 7KF3QN». No he hecho nada.',
    'not-a-case-number': 'Eso no es un número de caso. Tiene seis o siete caracteres, como 7KF3QN; «qué hay pendiente» los lista.',
    'check-character': 'Eso no es un número de caso (el último carácter no concuerda). Mírelo otra vez.',
    'needs-reason': 'Hace falta un motivo, y no he hecho nada. Escriba «rechaza 7KF3QN porque …».',
    'needs-question': 'No veo la pregunta, y no he hecho nada. Escriba «pregunta al solicitante de 7KF3QN: ¿…?».',
    'unknown-protocol': 'No conozco ningún protocolo con ese nombre, y no he hecho nada. Abra el caso para elegir de la lista.',
    conditional: 'Eso pone una condición, y no he hecho nada. Decida primero, o pregunte al solicitante; después escríbalo sin «si».',
    'taken-back': 'Eso se retira a sí mismo, y no he hecho nada.',
    'too-long': 'Es demasiado largo para mí, y no he hecho nada. Como mucho dos mil caracteres.',
  },
  notYet: {
    'who-on-call': 'En esta versión no conozco las guardias. Mire el cuadro de guardias o pregunte a la centralita.',
    'declare-critical':
      'Los hallazgos críticos no están en esta versión: no se ha enviado nada. Llame ahora al médico responsable y anote la lectura de confirmación.',
    acknowledge: 'Las alertas no están en esta versión: no se ha registrado nada. Llame a quien envió el resultado y léaselo de vuelta.',
    'read-back': 'Las lecturas de confirmación no están en esta versión: no se ha registrado nada. Hágala por teléfono y anótela.',
    'decline-alert': 'Las alertas no están en esta versión: no se ha avisado a nadie más. Llame ahora a quien envió el resultado.',
    'follow-up-status': 'Los seguimientos no están en esta versión. Mire el informe y la agenda.',
    'list-overdue': 'Los seguimientos no están en esta versión: no tengo lista de vencidos.',
    'close-follow-up': 'Los seguimientos no están en esta versión: no se ha cerrado nada.',
    'propose-schedule-change': 'Las citas no están en esta versión: no se ha movido nada. Llame a la agenda.',
    'hand-over':
      'En esta versión no se traspasan casos: no se ha cambiado nada. Quien pueda decidir encuentra el caso en «qué hay pendiente»; avísele por teléfono.',
    remind: 'En esta versión no puedo recordarle nada: no se ha puesto ningún aviso. El caso sigue en «qué hay pendiente».',
    'take-back': 'No se ha retirado nada. Abra el caso para decidir de nuevo con un motivo; lo ya enviado hay que retirarlo por teléfono.',
    numbers: 'En esta versión no tengo cifras. «qué hay pendiente» lista lo que está abierto.',
  },
  waiting: {
    none: 'No hay nada pendiente para usted.',
    here: 'Esto es lo que está pendiente.',
    title: (count) => (count === 1 ? '1 caso pendiente' : `${count} casos pendientes`),
    more: (count) => `y ${count} más`,
    hint: 'Escriba «muestra» y el número de caso para abrir uno.',
    columns: ['Caso', 'Urgencia', 'Tipo', 'Espera'],
    minutes: age,
  },
  help: [
    'Entiendo estas frases:',
    '• qué hay pendiente',
    '• muestra 7KF3QN',
    '• aprueba 7KF3QN',
    '• usa CT-HEAD-WO para 7KF3QN',
    '• rechaza 7KF3QN porque …',
    '• pregunta al solicitante de 7KF3QN: ¿…?',
    'También entiendo otras palabras. En español pregunto siempre antes de hacer algo. En el hilo de una tarjeta no hace falta el número. Solo hago algo con un caso que usted ha visto como está ahora; si no, se lo muestro primero. En un canal use solo números de caso, nunca el nombre o el número de un paciente.',
  ].join('\n'),
};

export function talkIn(language: 'en' | 'es'): Talk {
  return language === 'es' ? spanish : english;
}
