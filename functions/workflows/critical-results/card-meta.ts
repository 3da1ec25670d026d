import type { About } from '#cards/kit/ask.js';
import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Instant } from '#core/time.js';
import type { Policy } from './policy.ts';
import type { Alert } from './state.ts';

/** What rendering knows besides the alert. */
export interface Meta {
  readonly caseNumber: CaseNumber;
  readonly now: Instant;
  readonly names: Readonly<Record<string, string>>;
  readonly language: Language;
  readonly policy: Policy;
}

export function aboutOf({ revision }: Alert, { caseNumber }: Meta): About {
  return { caseNumber, revision };
}
