import type { Language } from '#core/language.js';
import type { CriticalRule } from '#domain/critical.js';
import type { DrillRules } from '#domain/drill.js';
import type { OnCallService } from '#domain/on-call.js';
import type { DrillReply } from '#ports/drills.js';
import type { Parts } from './parts.ts';

export interface DrillNeeds {
  readonly parts: Parts;
  /** Null: the site holds none. */
  readonly rules: DrillRules | null;
  readonly services: readonly OnCallService[];
  /** Times within which a category is acknowledged. */
  readonly windows: readonly Pick<CriticalRule, 'category' | 'acknowledgeWithinMinutes'>[];
  readonly site: { readonly id: string; readonly zone: string; readonly language: Language };
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
  /** How many times sooner than agreed a rehearsal's drill ends. @default 1 */
  readonly speed?: number;
}

/** What is said, and what stands of it in the audit beside who asked. */
export interface Answered {
  readonly reply: DrillReply;
  readonly detail: Readonly<Record<string, string | boolean | number>>;
}
