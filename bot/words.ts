import type { Command, Hindrance, Intent } from '#domain/utterance.js';

/** What the bot says to a button, whoever presses it. No patient data: it may be read in a channel. */
export const words = {
  openAgain: 'Open it again to see it as it is now.',
  badRequest: 'Radloop does not know this button. Nothing was changed: open the case again.',
  late: 'Radloop takes longer than usual. What you pressed may still count: open the case again to see how it stands.',
  received: 'Received, and kept: it is heard in its turn. Radloop takes longer than usual. Open the case again to see what became of it.',
  broken: 'Radloop could not finish this. What you pressed may still count: open the case again to see how it stands.',
  automatic: 'Nothing is done without a person pressing a button.',
  openInPrivate: 'I have put it into your private chat.',
  noPrivateChat: 'I could not reach your private chat. Write "help" to me there once, then try again.',
  textOnly: 'I read text only. Write "help" to see what I understand.',
} as const;

/** Intents that no workflow serves yet: understood, told so, never done. */
export type NotYet = Exclude<
  Intent,
  | 'list-waiting'
  | 'show-case'
  | 'approve'
  | 'choose-other'
  | 'reject'
  | 'ask-orderer'
  | 'why'
  | 'history'
  | 'system-status'
  | 'who-on-call'
  | 'remind'
  | 'hand-over'
  | 'take-back'
  | 'declare-critical'
  | 'acknowledge'
  | 'read-back'
  | 'decline-alert'
  | 'help'
  | 'none'
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
  /** Asked back before a case is somebody else's. */
  readonly handOver: {
    readonly ask: string;
    readonly button: (caseNumber: string, name: string) => string;
    /** Nobody who may decide was meant. @param why a sentence each, of those who were meant and may not */
    readonly nobody: (why: string) => string;
    readonly toWhom: string;
  };
  /** Asked back before something is taken back. */
  readonly takeBack: {
    /** @param what as the case says it, such as "your approval of 7KF3QN" @param sent what follows where it was sent */
    readonly ask: (what: string, sent: string | null) => string;
    readonly button: (what: string) => string;
    readonly nothing: string;
  };
  readonly remind: { readonly ask: string; readonly button: (caseNumber: string, time: string) => string };
  readonly search: {
    readonly title: string;
    readonly none: string;
    readonly denied: string;
    readonly inPrivate: string;
    readonly more: (count: number) => string;
    /** Some open cases could not be looked at. */
    readonly notAll: string;
  };
  /** Said by `radloop ask` alone, which has no rota: the bot gives the names. */
  readonly onCall: string;
  readonly firstOnly: string;
  readonly mayNot: string;
  readonly chooseFromList: (caseNumber: string) => string;
  readonly unclear: string;
  readonly unclearInChannel: string;
  readonly refused: Readonly<Record<Hindrance | 'check-character', string>>;
  readonly critical: {
    /** @param exam as it was said: a case number, in private an accession number */
    readonly draft: (exam: string) => string;
    readonly draftInPrivate: (caseNumber: string) => string;
    readonly whatFinding: (exam: string) => string;
    readonly whichExam: string;
    /** In a shared place an accession number and a patient's name are neither used nor repeated. */
    readonly inPrivate: string;
    /** Where a case number or accession number is shown, for an exam that is named by its patient. */
    readonly somePatient: string;
    /** Which of several exams of patients of a name is meant. */
    readonly exams: {
      readonly title: string;
      readonly button: string;
      readonly since: (time: string) => string;
      readonly others: (count: number) => string;
      readonly notAll: string;
    };
    readonly onCard: (caseNumber: string) => string;
    readonly onCardToDecline: (caseNumber: string) => string;
    readonly onCardToRecord: (caseNumber: string) => string;
  };
  readonly notYet: Readonly<Record<NotYet, string>>;
  readonly waiting: {
    readonly none: string;
    readonly here: string;
    readonly title: (count: number) => string;
    readonly more: (count: number) => string;
    readonly hint: string;
    readonly open: string;
    readonly minutes: (minutes: number) => string;
  };
  readonly help: string;
}

const age = (minutes: number): string =>
  minutes < 60
    ? `${minutes} min`
    : minutes < 2880
      ? `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
      : `${Math.floor(minutes / 1440)} d`;

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
      remind: `I will remind you of ${caseNumber}.`,
    })[verb],
  confirm: (what) => `I did nothing yet. If you mean it, press: ${what}.`,
  confirmInPrivate: 'I did nothing yet. I have put the question into your private chat: answer it there.',
  act: (verb, caseNumber, protocolId) =>
    ({
      approve: `Approve ${caseNumber}`,
      'choose-other': `Use ${protocolId ?? 'it'} for ${caseNumber}`,
      reject: `Reject ${caseNumber}`,
      'ask-orderer': `Ask the orderer of ${caseNumber}`,
      remind: `Remind me of ${caseNumber}`,
    })[verb],
  open: (caseNumber) => `Open ${caseNumber}`,
  handOver: {
    ask: 'I did nothing yet. Hand it over to whom? Press the one that you mean; they are told in private, and the case stands under their name.',
    button: (caseNumber, name) => `Hand ${caseNumber} to ${name}`,
    nobody: (why) => `I did nothing: nobody whom you named may decide this case. ${why}`.trim(),
    toWhom: 'I did nothing: to whom? Name a person, such as "hand 7KF3QN to Dr Lindqvist".',
  },
  takeBack: {
    ask: (what, sent) => `I did nothing yet. If you mean it, press to take back ${what}.${sent === null ? '' : ` ${sent}`}`,
    button: (what) => `Take back ${what}`,
    nothing: 'Nothing was changed.',
  },
  remind: { ask: 'I did nothing yet. If you mean it, press.', button: (caseNumber, time) => `Remind me of ${caseNumber}, ${time}` },
  search: {
    title: 'Cases that fit, of those that you may see',
    none: 'I found no open case of that name or number among those that you may see.',
    denied: 'Your role may not look for patients.',
    inPrivate: 'Which case? Here I go by case numbers only. To look for a patient by name or number, write to me in your private chat.',
    more: (count) => `and ${count} more: write more of the name, or the record number`,
    notAll: 'Not every open case could be looked at: ask again in a minute.',
  },
  onCall: 'Who is on call stands in the site’s rota.',
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
    'needs-time': 'When? I set nothing. Write "remind me of 7KF3QN in 20 minutes", or "at 16:00".',
    'unknown-protocol': 'I know no protocol of that name, and did nothing. Open the case to choose from the list.',
    conditional: 'That sets a condition, and I did nothing. Decide first, or ask the orderer; then write it without "if".',
    'taken-back': 'That takes itself back, and I did nothing.',
    'too-long': 'That is too long for me, and I did nothing. Two thousand characters is the most.',
  },
  critical: {
    draft: (exam) => `A critical result on ${exam} is written here. NOT SENT YET: look at it and press Send.`,
    draftInPrivate: (caseNumber) =>
      `A critical result on ${caseNumber} is written. NOT SENT YET: I have put it into your private chat. Look at it there and press Send.`,
    whatFinding: (exam) => `NOT SENT: what is the finding? Write "critical: FINDING on ${exam}".`,
    whichExam: 'NOT SENT: on which exam? Write a case number of it with the finding, such as "critical: FINDING on 7KF3QN".',
    inPrivate:
      'NOT SENT: here I go by case numbers only. Say it to me in your private chat: there the accession number or the patient’s name will do.',
    somePatient: 'patient NAME',
    exams: {
      title: 'NOT SENT: which exam is it? Compare name, birth date and number, then press the one that you mean.',
      button: 'This one',
      since: (time) => `since ${time}`,
      others: (count) => `and ${count} more: give the accession number, "critical: FINDING on accession NUMBER"`,
      notAll: 'Not all cases could be looked at in time, and there may be others of that name. The accession number names the exam for certain.',
    },
    onCard: (caseNumber) => `Nothing is acknowledged yet. Here is ${caseNumber}: take it or read it back with its buttons.`,
    onCardToRecord: (caseNumber) =>
      `Nothing is recorded yet. Here is ${caseNumber}: press "Record a call", and name who took it; once it was read back, "Record the conversation".`,
    onCardToDecline: (caseNumber) => `Nothing is handed on yet. Here is ${caseNumber}: press "Not mine", and say why.`,
  },
  notYet: {
    'follow-up-status':
      '"What is waiting" lists what reports say for follow-up that is yours. Appointments are not part of this version: look into the appointment book.',
    'list-overdue': 'Follow-ups are not part of this version: I have no list of overdue ones.',
    'close-follow-up':
      'Words close no follow-up in this version: nothing was closed. Open it ("show 7KF3QN", with its number) and press "Dealt with".',
    'propose-schedule-change': 'Appointments are not part of this version: nothing was moved. Call the scheduling desk.',
    numbers: 'I have no figures in this version. "what is waiting" lists what is open.',
  },
  waiting: {
    none: 'Nothing is waiting for you.',
    here: 'Here is what is waiting.',
    title: (count) => (count === 1 ? '1 case is waiting' : `${count} cases are waiting`),
    more: (count) => `and ${count} more`,
    hint: 'Or write "show" and the case number.',
    open: 'Open',
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
    '• remind me of 7KF3QN in 20 minutes',
    '• hand 7KF3QN to Dr Lindqvist',
    '• take back 7KF3QN',
    '• who is on call for neuro tonight',
    '• critical: FINDING on 7KF3QN (in private also "on accession NUMBER", or "patient NAME")',
    "Other words are understood as well; then I ask back before anything is done. I read English. In the thread of a card the case number may be left out. I act on a case only when you have seen it as it is now; if you have not, I show it first. In a channel use case numbers only, never a patient's name or number.",
  ].join('\n'),
};

const spanish: Talk = {
  noSuchCase: 'No conozco ningún caso así que usted pueda ver.',
  whichCase: '¿Qué caso? Escriba su número de caso, por ejemplo «show 7KF3QN».',
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
      remind: `Le recordaré ${caseNumber}.`,
    })[verb],
  confirm: (what) => `Todavía no he hecho nada. Si es lo que quiere, pulse: ${what}.`,
  confirmInPrivate: 'Todavía no he hecho nada. He puesto la pregunta en su chat privado: respóndala allí.',
  act: (verb, caseNumber, protocolId) =>
    ({
      approve: `Aprobar ${caseNumber}`,
      'choose-other': `Usar ${protocolId ?? 'este'} para ${caseNumber}`,
      reject: `Rechazar ${caseNumber}`,
      'ask-orderer': `Preguntar al solicitante de ${caseNumber}`,
      remind: `Recordarme ${caseNumber}`,
    })[verb],
  open: (caseNumber) => `Abrir ${caseNumber}`,
  handOver: {
    ask: 'Todavía no he hecho nada. ¿A quién se traspasa? Pulse a quien quiere; se le avisa en privado, y el caso queda a su nombre.',
    button: (caseNumber, name) => `Traspasar ${caseNumber} a ${name}`,
    nobody: (why) => `No he hecho nada: nadie de quienes ha nombrado puede decidir este caso. ${why}`.trim(),
    toWhom: 'No he hecho nada: ¿a quién? Nombre a una persona, por ejemplo «hand 7KF3QN to Dr Lindqvist».',
  },
  takeBack: {
    ask: (what, sent) => `Todavía no he hecho nada. Si es lo que quiere, pulse para retirar ${what}.${sent === null ? '' : ` ${sent}`}`,
    button: (what) => `Retirar ${what}`,
    nothing: 'No se ha cambiado nada.',
  },
  remind: { ask: 'Todavía no he hecho nada. Si es lo que quiere, pulse.', button: (caseNumber, time) => `Recordarme ${caseNumber}, ${time}` },
  search: {
    title: 'Casos que coinciden, de los que usted puede ver',
    none: 'No he encontrado ningún caso abierto con ese nombre o número entre los que usted puede ver.',
    denied: 'Su función no le permite buscar pacientes.',
    inPrivate: '¿Qué caso? Aquí solo uso números de caso. Para buscar a un paciente por nombre o número, escríbame en su chat privado.',
    more: (count) => `y ${count} más: escriba más del nombre, o el número de historia`,
    notAll: 'No se han podido mirar todos los casos abiertos: pregunte otra vez dentro de un minuto.',
  },
  onCall: 'Quién está de guardia figura en el cuadro de guardias del centro.',
  firstOnly: 'He respondido solo a lo primero. Escriba lo siguiente aparte.',
  mayNot: 'Su función no le permite hacer eso. No se ha cambiado nada.',
  chooseFromList: (caseNumber) => `No he hecho nada: no sé qué protocolo quiere. Elíjalo de la lista en ${caseNumber}.`,
  unclear: 'No lo he entendido y no he hecho nada. Escriba «help» para ver lo que entiendo.',
  unclearInChannel: 'No lo he entendido y no he hecho nada. Aquí solo uso números de caso; para lo demás, escríbame en su chat privado.',
  refused: {
    all: 'Hago los casos de uno en uno: cada uno hay que mirarlo. Escriba los números de caso.',
    'no-case': '¿Qué caso? Escriba su número de caso, por ejemplo «show 7KF3QN». No he hecho nada.',
    'not-a-case-number': 'Eso no es un número de caso. Tiene seis o siete caracteres, como 7KF3QN; «what is waiting» los lista.',
    'check-character': 'Eso no es un número de caso (el último carácter no concuerda). Mírelo otra vez.',
    'needs-reason': 'Hace falta un motivo, y no he hecho nada. Escriba en inglés, por ejemplo «reject 7KF3QN because …».',
    'needs-time': '¿Cuándo? No he puesto ningún aviso. Escriba en inglés, por ejemplo «remind me of 7KF3QN in 20 minutes», o «at 16:00».',
    'needs-question': 'No veo la pregunta, y no he hecho nada. Escriba en inglés, por ejemplo «ask the orderer of 7KF3QN: …?».',
    'unknown-protocol': 'No conozco ningún protocolo con ese nombre, y no he hecho nada. Abra el caso para elegir de la lista.',
    conditional: 'Eso pone una condición, y no he hecho nada. Decida primero, o pregunte al solicitante; después escríbalo sin «si».',
    'taken-back': 'Eso se retira a sí mismo, y no he hecho nada.',
    'too-long': 'Es demasiado largo para mí, y no he hecho nada. Como mucho dos mil caracteres.',
  },
  critical: {
    draft: (exam) => `Aquí está escrito un resultado crítico de ${exam}. SIN ENVIAR: mírelo y pulse Enviar.`,
    draftInPrivate: (caseNumber) =>
      `Está escrito un resultado crítico de ${caseNumber}. SIN ENVIAR: lo he puesto en su chat privado. Mírelo allí y pulse Enviar.`,
    whatFinding: (exam) => `SIN ENVIAR: ¿cuál es el hallazgo? Escriba en inglés, por ejemplo «critical: FINDING on ${exam}».`,
    whichExam: 'SIN ENVIAR: ¿de qué estudio? Escriba un número de caso con el hallazgo, por ejemplo «critical: FINDING on 7KF3QN».',
    inPrivate: 'SIN ENVIAR: aquí solo uso números de caso. Dígamelo en su chat privado: allí basta el número de acceso o el nombre del paciente.',
    somePatient: 'patient NAME',
    exams: {
      title: 'SIN ENVIAR: ¿qué estudio es? Compare nombre, fecha de nacimiento y número, y pulse el que quiere.',
      button: 'Este',
      since: (time) => `desde ${time}`,
      others: (count) => `y ${count} más: dé el número de acceso, «critical: FINDING on accession NUMBER»`,
      notAll: 'No se han podido mirar todos los casos a tiempo, y puede haber otros con ese nombre. El número de acceso nombra el estudio sin duda.',
    },
    onCard: (caseNumber) => `Todavía no queda recogido. Aquí está ${caseNumber}: recójalo o confírmelo con sus botones.`,
    onCardToRecord: (caseNumber) => `Todavía no queda anotado. Aquí está ${caseNumber}: pulse «Anotar una llamada» y diga quién la recibió.`,
    onCardToDecline: (caseNumber) => `Todavía no ha pasado a nadie. Aquí está ${caseNumber}: pulse «No es mío» y diga por qué.`,
  },
  notYet: {
    'follow-up-status':
      '«what is waiting» lista lo que dicen los informes para seguimiento y es suyo. Las citas no están en esta versión: mire la agenda.',
    'list-overdue': 'Los seguimientos no están en esta versión: no tengo lista de vencidos.',
    'close-follow-up':
      'En esta versión las palabras no cierran un seguimiento: no se ha cerrado nada. Ábralo («show 7KF3QN», con su número) y pulse «Atendido».',
    'propose-schedule-change': 'Las citas no están en esta versión: no se ha movido nada. Llame a la agenda.',
    numbers: 'En esta versión no tengo cifras. «what is waiting» lista lo que está abierto.',
  },
  waiting: {
    none: 'No hay nada pendiente para usted.',
    here: 'Esto es lo que está pendiente.',
    title: (count) => (count === 1 ? '1 caso pendiente' : `${count} casos pendientes`),
    more: (count) => `y ${count} más`,
    hint: 'O escriba «show» y el número de caso.',
    open: 'Abrir',
    minutes: age,
  },
  help: [
    'Las tarjetas, los botones y mis respuestas están en español; las frases las entiendo en inglés:',
    '• what is waiting (lo que está pendiente)',
    '• show 7KF3QN (abrir un caso)',
    '• approve 7KF3QN (aprobar)',
    '• use CT-HEAD-WO for 7KF3QN (otro protocolo)',
    '• reject 7KF3QN because … (rechazar)',
    '• ask the orderer of 7KF3QN: …? (preguntar al solicitante)',
    '• remind me of 7KF3QN in 20 minutes (recordar)',
    '• hand 7KF3QN to Dr Lindqvist (pasar a otra persona)',
    '• take back 7KF3QN (retirar lo que usted decidió)',
    '• who is on call for neuro tonight (quién está de guardia)',
    '• critical: FINDING on 7KF3QN (resultado crítico; en privado también «on accession NUMBER» o «patient NAME»)',
    'En el hilo de una tarjeta no hace falta el número. Solo hago algo con un caso que usted ha visto como está ahora; si no, se lo muestro primero. En un canal use solo números de caso, nunca el nombre o el número de un paciente.',
  ].join('\n'),
};

export function talkIn(language: 'en' | 'es'): Talk {
  return language === 'es' ? spanish : english;
}
