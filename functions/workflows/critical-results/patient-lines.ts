import type { PatientLines } from '#cards/kit/banner.js';
import { formatDate } from '#cards/kit/text.js';
import type { Language } from '#core/language.js';
import type { Alert } from './state.ts';
import { wordsIn } from './words-in.ts';

/** Two identifiers, birth date and sex; what is not given is said. Of a drill what is read back in their place. */
export function patientLines({ about, drill }: Alert, language: Language): PatientLines {
  const { patient: words } = wordsIn(language);
  if (drill) return { name: words.ofDrill, number: words.drillNumber(about.accessionNumber ?? ''), person: words.drillHow };
  const { name, birthDate, id, assigner, sex } = about.patient;
  const full = name === null ? '' : [name.family, name.given].filter((part) => part !== '').join(', ');
  return {
    name: full === '' ? words.noName : full,
    number: id === null ? words.noNumber : `${id}${assigner === '' ? '' : ` (${assigner})`}`,
    person: [birthDate === null ? words.notBorn : words.born(formatDate(birthDate, language)), ...(sex === null ? [] : [sex])].join(' ·\u00a0'),
  };
}
