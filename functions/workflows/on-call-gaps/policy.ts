import type { PagingChannel } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';

/** How a gap that is near reaches coordinators besides Teams. */
export interface Paging {
  /** A gap that begins within so many minutes is paged (on-call.json). */
  readonly withinMinutes: number;
  /** Those that the site has set up and this person has. */
  readonly channelsOf: (person: PersonId) => readonly PagingChannel[];
  /** What is dialled back. */
  readonly callBack: string;
}

/** Who is told of a gap, and how it is said. */
export interface Policy {
  readonly coordinators: readonly PersonId[];
  /** What people call a service. @param service its id */
  readonly serviceName: (service: string) => string;
  /** What people call somebody. Left out: their id. */
  readonly personName?: (person: PersonId) => string;
  /** Left out or null: nobody is paged. */
  readonly paging?: Paging | null;
  /** IANA zone of the site. */
  readonly zone: string;
  /** Of people who have none of their own. @default en */
  readonly language?: Language;
}
