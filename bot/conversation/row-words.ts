import type { Badge } from '#cards/kit/badge.js';
import type { Language } from '#core/language.js';

/** How a line of the list says its urgency, as the head of the case's card does. */
export function urgencyBadge(urgency: string, language: Language): Badge {
  switch (urgency) {
    case 'STAT':
      return { word: 'STAT', tone: 'attention' };
    case 'URGENT':
      return { word: { en: 'Urgent', es: 'Urgente' }[language], tone: 'warning' };
    case 'ROUTINE':
      return { word: { en: 'Routine', es: 'Rutina' }[language], tone: 'emphasis' };
    default:
      return { word: { en: 'New', es: 'Nuevo' }[language], tone: 'emphasis' };
  }
}

const kindsEs: Readonly<Record<string, string>> = {
  'Imaging protocol request': 'Protocolo',
  'Change without an order': 'Cambio sin petición',
  'Cancel without an order': 'Anulación sin petición',
  'Finding for follow-up': 'Hallazgo para seguimiento',
};
/** As the cards of the workflow have them. */
const modalitiesEs: Readonly<Record<string, string>> = {
  CT: 'TC',
  MR: 'RM',
  US: 'ecografía',
  XR: 'radiografía',
  MG: 'mamografía',
  NM: 'medicina nuclear',
};

/** As short as the one-line card of a closed case. A workflow says the kind of a task in English (core/workflow.ts); what no list here knows is shown as it is. */
export function kindIn(kind: string, language: Language): string {
  if (language === 'en') return kind.replace(/ request$/u, '');
  const modality = /^(\S+) protocol request$/u.exec(kind)?.[1];
  return kindsEs[kind] ?? (modality === undefined ? kind : `Protocolo de ${modalitiesEs[modality] ?? modality}`);
}
