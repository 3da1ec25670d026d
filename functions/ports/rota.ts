import type { Instant } from '#core/time.js';
import type { OnCall } from '#domain/on-call.js';
import type { Gap } from '#domain/roster.js';

export type { OnCall } from '#domain/on-call.js';
export type { Gap } from '#domain/roster.js';

/** Who is on call at the site. Names of people only: no patient data. */
export interface Rota {
  /** Services that have a roster, in the site's order. */
  services(): readonly { readonly id: string; readonly name: string }[];
  /** The service that these words name (`neuro`, `Neuroradiology`), as a person says it; null: none does. */
  named(words: string): { readonly id: string; readonly name: string } | null;
  /** Null: there is no such service; no levels: it has no roster. @param service its id */
  at(service: string, at: Instant): OnCall | null;
  /** Hours at which a level has nobody, from the site's day on which `from` is, so many days. */
  gaps(from: Instant, days: number): readonly Gap[];
}
