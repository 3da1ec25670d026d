import type { Language } from '#core/language.js';

/** What stands in the picture of the report on times. */
export interface PictureWords {
  readonly title: (from: string, to: string) => string;
  readonly category: (category: number, alerts: number) => string;
  readonly ends: Readonly<Record<'delivered' | 'acknowledged' | 'readBack', string>>;
  readonly open: string;
  readonly target: string;
  /** @param window as it is written on a clock */
  readonly within: (window: string) => string;
  readonly missesByService: string;
  readonly missesByHour: string;
  readonly noService: string;
  readonly others: (services: number) => string;
  readonly missedOf: (missed: number, alerts: number) => string;
  readonly nothing: string;
  readonly says: (category: number, alerts: number, missed: number) => string;
}

const english: PictureWords = {
  title: (from, to) => `Critical results, ${from} to ${to}`,
  category: (category, alerts) => `Category ${category}: ${alerts} ${alerts === 1 ? 'alert' : 'alerts'}`,
  ends: { delivered: 'delivered', acknowledged: 'acknowledged', readBack: 'read back' },
  open: 'not come to it yet',
  target: 'window of the category',
  within: (window) => `acknowledge within ${window}`,
  missesByService: 'Misses by service',
  missesByHour: 'Misses by hour of the day',
  noService: '(no service)',
  others: (services) => `${services} more services`,
  missedOf: (missed, alerts) => `${missed} of ${alerts}`,
  nothing: 'Nothing began in these days.',
  says: (category, alerts, missed) => `${english.category(category, alerts)}, ${missed} missed.`,
};

const spanish: PictureWords = {
  title: (from, to) => `Resultados críticos, ${from} a ${to}`,
  category: (category, alerts) => `Categoría ${category}: ${alerts} ${alerts === 1 ? 'aviso' : 'avisos'}`,
  ends: { delivered: 'entregado', acknowledged: 'recogido', readBack: 'confirmado' },
  open: 'aún no ha llegado',
  target: 'plazo de la categoría',
  within: (window) => `recoger en ${window}`,
  missesByService: 'Fuera de plazo por servicio',
  missesByHour: 'Fuera de plazo por hora del día',
  noService: '(sin servicio)',
  others: (services) => `${services} servicios más`,
  missedOf: (missed, alerts) => `${missed} de ${alerts}`,
  nothing: 'Nada empezó en estos días.',
  says: (category, alerts, missed) => `${spanish.category(category, alerts)}, ${missed} fuera de plazo.`,
};

export function pictureWordsIn(language: Language | undefined): PictureWords {
  return language === 'es' ? spanish : english;
}
