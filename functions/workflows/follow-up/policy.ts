import type { PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { CriticalRule } from '#domain/critical.js';
import { generalRules } from '#domain/critical-rules.js';

/** Of what critical results rest on, what a follow-up needs. */
export interface Policy {
  readonly rules: readonly Pick<CriticalRule, 'category' | 'classIds' | 'patientClasses' | 'acknowledgeWithinMinutes'>[];
  /** ORC-12.1, XCN.1 as sent -> person of the site. */
  readonly providers: Readonly<Record<string, PersonId>>;
  /** IANA zone of the site. */
  readonly zone: string;
  /** @default en */
  readonly language?: Language;
}

/** Minutes that category 3 has, from the report on. */
export function minutesOf({ rules }: Policy): number {
  const found = generalRules(rules).find(({ category }) => category === 3);
  if (found === undefined) throw new TypeError('no rule says how category 3 is communicated');
  return found.acknowledgeWithinMinutes;
}
