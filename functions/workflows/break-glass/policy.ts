import type { PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';

/** Who is told of an access at once, and how times are written. */
export interface Policy {
  /** Privacy auditors: they judge it. */
  readonly auditors: readonly PersonId[];
  /** They keep the work of the site moving, and can confirm a longer time. */
  readonly coordinators: readonly PersonId[];
  /** IANA zone of the site. */
  readonly zone: string;
  /** Of people who have none of their own. @default en */
  readonly language?: Language;
}
