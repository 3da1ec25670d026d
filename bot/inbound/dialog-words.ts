import type { Language } from '#core/language.js';

/** What the bot says in a dialog after an answer. No patient data. */
export interface DialogWords {
  readonly title: (caseNumber: string) => string;
  /** @param orMore some open cases were not looked at */
  readonly next: (urgency: string, minutes: number, waiting: number, orMore: boolean) => string;
  readonly nothingWaits: string;
  readonly nextNotKnown: string;
  /** What was to reach a clinician and did not. */
  readonly notSent: { readonly title: (caseNumber: string) => string; readonly open: string };
  /** To somebody who was not called for a critical result and may take it over. */
  readonly takeOver: {
    readonly title: (caseNumber: string) => string;
    readonly button: string;
    readonly reason: string;
    readonly required: string;
    readonly confirm: string;
  };
}

const english: DialogWords = {
  title: (caseNumber) => `Answered: ${caseNumber}`,
  next: (urgency, minutes, waiting, orMore) => `Next: ${named(urgency, 'en')}, ${age(minutes)}, ${waiting}${orMore ? ' or more' : ''} waiting`,
  nothingWaits: 'Nothing else is waiting for your decision.',
  nextNotKnown: 'What waits next could not be looked up. Write "what is waiting" to see the list.',
  notSent: { title: (caseNumber) => `NOT SENT: ${caseNumber}`, open: 'Open the case' },
  takeOver: {
    title: (caseNumber) => `Critical result ${caseNumber}`,
    ...{ button: 'I take this over', reason: 'Why you?', required: 'Write a reason.', confirm: 'Take it over' },
  },
};

const spanish: DialogWords = {
  title: (caseNumber) => `Respondido: ${caseNumber}`,
  next: (urgency, minutes, waiting, orMore) =>
    `Siguiente: ${named(urgency, 'es')}, ${age(minutes)}, ${waiting}${orMore ? ' o más' : ''} ${waiting === 1 && !orMore ? 'pendiente' : 'pendientes'}`,
  nothingWaits: 'No hay nada más pendiente de su decisión.',
  nextNotKnown: 'No se ha podido consultar qué sigue. Escriba «what is waiting» para ver la lista.',
  notSent: { title: (caseNumber) => `SIN ENVIAR: ${caseNumber}`, open: 'Abrir el caso' },
  takeOver: {
    title: (caseNumber) => `Resultado crítico ${caseNumber}`,
    ...{ button: 'Me hago cargo', reason: '¿Por qué usted?', required: 'Escriba un motivo.', confirm: 'Hacerme cargo' },
  },
};

export function dialogWordsIn(language: Language | undefined): DialogWords {
  return language === 'es' ? spanish : english;
}

function named(urgency: string, language: Language): string {
  const names: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
    STAT: { en: 'STAT', es: 'STAT' },
    URGENT: { en: 'urgent', es: 'urgente' },
    ROUTINE: { en: 'routine', es: 'rutina' },
  };
  return names[urgency]?.[language] ?? (urgency === '' ? { en: 'new', es: 'nuevo' }[language] : urgency);
}

function age(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}` : `${Math.floor(minutes / 1440)} d`;
}
