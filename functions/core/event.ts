import type { CaseId, EventId, PersonId } from './ids.ts';
import type { Instant } from './time.ts';

/** Who or what caused something. */
export type Actor =
  /** `enteredBy`: who typed in what this person had decided on paper. */
  | { readonly kind: 'person'; readonly person: PersonId; readonly enteredBy?: PersonId }
  | { readonly kind: 'sender'; readonly endpoint: string }
  | { readonly kind: 'system'; readonly part: string };

/** One thing told to one case. The same id told again is heard once. */
export interface CaseEvent<Input = unknown> {
  readonly id: EventId;
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly occurredAt: Instant;
  readonly actor: Actor;
  readonly input: Input;
}
