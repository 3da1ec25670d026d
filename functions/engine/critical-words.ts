import type { Language } from '#core/language.js';
import type { CaseNumber } from '#core/ids.js';
import type { PhoneNow } from '#ports/desk.js';

/** What the engine itself says of critical results; the rest is their workflow's. */
interface Words {
  readonly notSetUp: string;
  /** @param whom null: the site has said nobody */
  readonly notSent: (whom: PhoneNow | null) => string;
  /** No answer has come in time: it may still go out. */
  readonly notSentInTime: (whom: PhoneNow | null) => string;
  readonly noFinding: string;
  readonly noSuchCase: (caseNumber: CaseNumber) => string;
  readonly noExam: (caseNumber: CaseNumber) => string;
  /** @param whom as notSent */
  readonly noAccession: (whom: PhoneNow | null) => string;
  /** @param whom as notSent @param complete all cases were looked at */
  readonly nobodyCalledSo: (whom: PhoneNow | null, complete: boolean) => string;
  /** The exam that was named is of a patient of another name, or has another accession number, than was said with it. */
  readonly otherExam: string;
  /** What was typed of an exam names no patient, or no exam. */
  readonly notTyped: string;
  /** What was typed has another record number than the exam that is known under this accession number. */
  readonly otherPatient: string;
  readonly severalPatients: string;
  readonly written: (caseNumber: CaseNumber, kind: string, isUnsent: boolean) => string;
  readonly tooMany: string;
}

const english: Words = {
  notSetUp: 'This site has not set up critical results: NOTHING WAS SENT. Call the responsible clinician now, and write down the read-back.',
  notSent: (whom) => `NOT SENT: phone ${whom === null ? 'the responsible clinician' : `${whom.name}, ${whom.phone}`} now.`,
  notSentInTime: (whom) => `${english.notSent(whom)} Radloop has not answered in time; it may still go out: open the case again to see.`,
  noFinding: 'NOT SENT: the finding is missing. Say it in a few words, at most 500 characters.',
  noSuchCase: (caseNumber) => `NOT SENT: there is no case ${caseNumber}.`,
  noExam: (caseNumber) => `NOT SENT: ${caseNumber} names no exam. Give a case number of the exam, or phone.`,
  noAccession: (whom) =>
    `${english.notSent(whom)} No exam that you may see has this accession number, here or in the EHR. On the Radloop tab you can write whose exam it is.`,
  nobodyCalledSo: (whom, complete) =>
    `${english.notSent(whom)} I found no exam of a patient of that name among the cases of the last days that you may see.${complete ? '' : ' Not all could be looked at in time.'} By its accession number I find older ones, and those in the EHR: write "critical: FINDING on accession NUMBER".`,
  otherExam:
    'NOT SENT: what you said of it is of two exams: the name or the accession number is not that of this case. Compare it with the PACS, or phone.',
  notTyped: 'NOT SENT: accession number, record number, family name and exam are all needed, to say whose exam it is.',
  otherPatient: 'NOT SENT: this accession number is of another patient’s exam. Compare the record number with the PACS, or phone.',
  severalPatients: 'NOT SENT: this accession number stands on the exams of more than one patient. Give a case number of the exam, or phone.',
  written: (caseNumber, kind, isUnsent) => `This is written already, as ${caseNumber} (${kind}).${isUnsent ? ' NOT SENT YET: press Send.' : ''}`,
  tooMany: 'NOT SENT: there are too many critical results of this kind on this exam already. Phone.',
};

const spanish: Words = {
  notSetUp: 'Este centro no ha configurado los resultados críticos: NO SE HA ENVIADO NADA. Llame ya al médico responsable y anote lo que repita.',
  notSent: (whom) => `SIN ENVIAR: llame ya a ${whom === null ? 'quien atiende al paciente' : `${whom.name}, ${whom.phone}`}.`,
  notSentInTime: (whom) => `${spanish.notSent(whom)} Radloop no ha respondido a tiempo; aún puede salir: abra el caso otra vez para verlo.`,
  noFinding: 'SIN ENVIAR: falta el hallazgo. Dígalo en pocas palabras, como mucho 500 caracteres.',
  noSuchCase: (caseNumber) => `SIN ENVIAR: no existe el caso ${caseNumber}.`,
  noExam: (caseNumber) => `SIN ENVIAR: ${caseNumber} no nombra ningún estudio. Dé un número de caso del estudio, o llame.`,
  noAccession: (whom) =>
    `${spanish.notSent(whom)} Ningún estudio que usted pueda ver tiene ese número de acceso, ni aquí ni en la historia clínica. En la pestaña de Radloop puede escribir de quién es.`,
  nobodyCalledSo: (whom, complete) =>
    `${spanish.notSent(whom)} No he encontrado ningún estudio de un paciente con ese nombre entre los casos de los últimos días que usted puede ver.${complete ? '' : ' No se han podido mirar todos a tiempo.'} Por el número de acceso encuentro los más antiguos y los de la historia clínica: escriba «critical: FINDING on accession NUMBER».`,
  otherExam: 'SIN ENVIAR: lo que ha dicho es de dos estudios: el nombre o el número de acceso no es el de este caso. Compárelo con el PACS, o llame.',
  notTyped: 'SIN ENVIAR: hacen falta número de acceso, número de historia, apellidos y estudio para decir de quién es.',
  otherPatient: 'SIN ENVIAR: ese número de acceso es de un estudio de otro paciente. Compare el número de historia con el PACS, o llame.',
  severalPatients: 'SIN ENVIAR: ese número de acceso consta en estudios de más de un paciente. Dé un número de caso del estudio, o llame.',
  written: (caseNumber, kind, isUnsent) => `Esto ya está escrito, como ${caseNumber} (${kind}).${isUnsent ? ' SIN ENVIAR: pulse Enviar.' : ''}`,
  tooMany: 'SIN ENVIAR: ya hay demasiados resultados críticos de este tipo en este estudio. Llame.',
};

export function criticalWordsIn(language: Language | undefined): Words {
  return language === 'es' ? spanish : english;
}
