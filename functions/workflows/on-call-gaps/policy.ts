import type { PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';

/** Who is told of a gap, and how it is said. */
export interface Policy {
  readonly coordinators: readonly PersonId[];
  /** What people call a service. @param service its id */
  readonly serviceName: (service: string) => string;
  /** IANA zone of the site. */
  readonly zone: string;
  /** Of people who have none of their own. @default en */
  readonly language?: Language;
}
