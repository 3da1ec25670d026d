import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';

/** An alert that does not go on, as a page says it: nothing of the patient, and no finding. */
export interface StuckAlert {
  readonly caseNumber: CaseNumber;
  readonly drill: boolean;
  /** Null: not known. */
  readonly category: number | null;
  readonly minutes: number;
  /** Whoever was called last; null: nobody whose number is known. */
  readonly last: { readonly name: string; readonly phone: string } | null;
}

interface Words {
  /** Before everything that says nothing of a real patient's. */
  readonly drill: string;
  readonly subject: (numbers: readonly CaseNumber[], more: number) => string;
  readonly line: (alert: StuckAlert) => string;
  readonly last: (name: string, phone: string) => string;
  readonly doThis: (callBack: string) => string;
  readonly sheetTitle: string;
  readonly sheetEnd: (name: string, callBack: string) => readonly string[];
}

const english: Words = {
  drill: 'DRILL ',
  subject: (numbers, more) =>
    `${numbers.length + more === 1 ? 'ALERT' : 'ALERTS'} OVERDUE ${numbers.join(', ')}${more === 0 ? '' : ` and ${more} more`}: phone`,
  line: ({ caseNumber, drill, category, minutes }) =>
    `${drill ? english.drill : ''}${caseNumber}${category === null ? '' : `, category ${category}`}: stands still for ${minutes} min`,
  last: (name, phone) => `called last: ${name}, ${phone}`,
  doThis: (callBack) => `Phone whoever is on call now. Call back: ${callBack}`,
  sheetTitle: 'CRITICAL RESULTS THAT DO NOT GO ON: PHONE NOW',
  sheetEnd: (name, callBack) => [
    'Radloop calls nobody about these by itself now. Phone, one after the other:',
    'whoever is on call for the patient, then the duty radiologist.',
    `Call back: ${name}, ${callBack}`,
  ],
};

const spanish: Words = {
  drill: 'SIMULACRO ',
  subject: (numbers, more) =>
    `${numbers.length + more === 1 ? 'AVISO' : 'AVISOS'} SIN SEGUIR ${numbers.join(', ')}${more === 0 ? '' : ` y ${more} más`}: llame por teléfono`,
  line: ({ caseNumber, drill, category, minutes }) =>
    `${drill ? spanish.drill : ''}${caseNumber}${category === null ? '' : `, categoría ${category}`}: parado desde hace ${minutes} min`,
  last: (name, phone) => `último aviso a: ${name}, ${phone}`,
  doThis: (callBack) => `Llame ya a quien esté de guardia. Devolver la llamada: ${callBack}`,
  sheetTitle: 'RESULTADOS CRÍTICOS QUE NO SIGUEN: LLAME YA',
  sheetEnd: (name, callBack) => [
    'Radloop no llama ahora a nadie por estos avisos. Llame, uno tras otro:',
    'a quien esté de guardia para el paciente, y después al radiólogo de guardia.',
    `Devolver la llamada: ${name}, ${callBack}`,
  ],
};

export function watcherWordsIn(language: Language | undefined): Words {
  return language === 'es' ? spanish : english;
}
