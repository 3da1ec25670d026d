import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Agreement } from '#domain/drill.js';

/** What the engine itself says of drills; the rest is their workflow's. */
interface Words {
  /** In the place of an exam and of a finding. */
  readonly exam: string;
  readonly finding: string;
  readonly notSetUp: string;
  readonly noRules: string;
  readonly otherSite: (site: string, wanted: string) => string;
  readonly whichService: (names: readonly string[]) => string;
  readonly noService: (said: string, names: readonly string[]) => string;
  readonly needsReason: (service: string, agreed: readonly Agreement[]) => string;
  readonly inEarnest: (service: string, caseNumber: CaseNumber, category: number | null) => string;
  readonly underWay: (service: string, caseNumber: CaseNumber) => string;
  readonly notSent: (caseNumber: CaseNumber) => string;
  readonly noDrill: (said: string) => string;
}

const times = (agreed: readonly Agreement[]): string => agreed.map(({ days, from, until }) => `${days.join(' ')} ${from}–${until}`).join('; ');

const english: Words = {
  exam: 'DRILL: no exam',
  finding: 'DRILL: invented finding, there is no patient',
  notSetUp: 'No drill: this site has not set up critical results.',
  noRules: 'No drill: this site has agreed none. Write drills.json (infra/rehearsal/site/drills.json is an example) and start the service anew.',
  otherSite: (site, wanted) => `No drill: this service is that of site "${site}", not of "${wanted}".`,
  whichService: (names) => `No drill: no one service has agreed to this time. Say which is meant, with --service: ${names.join(', ')}.`,
  noService: (said, names) => `No drill: "${said}" is no service that has wards. Those are: ${names.join(', ')}.`,
  needsReason: (service, agreed) =>
    agreed.length === 0
      ? `No drill: nothing is agreed with ${service}. Say why it is made all the same, with --reason.`
      : `No drill: with ${service} is agreed ${times(agreed)}. Say why it is made at another time, with --reason.`,
  inEarnest: (service, caseNumber, category) =>
    `No drill: a real critical result${category === null ? '' : ` of category ${category}`} is open, ${caseNumber}, and ${service} may be needed for it. Nobody was called.`,
  underWay: (service, caseNumber) => `No drill: one is under way with ${service}, ${caseNumber}. Nobody was called.`,
  notSent: (caseNumber) => `No drill: ${caseNumber} had ended before it was sent. Nobody was called.`,
  noDrill: (said) => `There is no drill ${said}. Was a character misread?`,
};

const spanish: Words = {
  exam: 'SIMULACRO: sin prueba',
  finding: 'SIMULACRO: hallazgo inventado, no hay paciente',
  notSetUp: 'Sin simulacro: este centro no ha configurado los resultados críticos.',
  noRules:
    'Sin simulacro: este centro no ha acordado ninguno. Escriba drills.json (ejemplo: infra/rehearsal/site/drills.json) y arranque de nuevo el servicio.',
  otherSite: (site, wanted) => `Sin simulacro: este servicio es el del centro "${site}", no el de "${wanted}".`,
  whichService: (names) => `Sin simulacro: ningún servicio, o más de uno, ha acordado esta hora. Diga cuál, con --service: ${names.join(', ')}.`,
  noService: (said, names) => `Sin simulacro: "${said}" no es un servicio con plantas. Lo son: ${names.join(', ')}.`,
  needsReason: (service, agreed) =>
    agreed.length === 0
      ? `Sin simulacro: con ${service} no hay nada acordado. Diga por qué se hace, con --reason.`
      : `Sin simulacro: con ${service} está acordado ${times(agreed)}. Diga por qué se hace a otra hora, con --reason.`,
  inEarnest: (service, caseNumber, category) =>
    `Sin simulacro: hay abierto un resultado crítico real${category === null ? '' : ` de categoría ${category}`}, ${caseNumber}, y puede hacer falta ${service}. No se ha llamado a nadie.`,
  underWay: (service, caseNumber) => `Sin simulacro: hay uno en marcha con ${service}, ${caseNumber}. No se ha llamado a nadie.`,
  notSent: (caseNumber) => `Sin simulacro: ${caseNumber} había terminado antes de enviarse. No se ha llamado a nadie.`,
  noDrill: (said) => `No hay ningún simulacro ${said}. ¿Se leyó mal un carácter?`,
};

export function drillWordsIn(language: Language | undefined): Words {
  return language === 'es' ? spanish : english;
}
