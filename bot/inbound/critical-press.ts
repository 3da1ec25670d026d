import { z } from 'zod/v4';
import { caseNumber, personId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { CriticalVerb, PersonAnswer } from '#ports/desk.js';

const text = z.string().max(1000).optional();
const verbs = [
  ...(['release-critical', 'not-critical', 'recategorise', 'withdraw-critical'] as const),
  ...(['acknowledge', 'read-back', 'on-my-way', 'decline-alert', 'take-over', 'not-me'] as const),
  ...(['record-call', 'not-what-i-said', 'take-failsafe', 'record-attempt', 'seen', 'join-alert', 'keep-apart'] as const),
] as const satisfies readonly CriticalVerb[];

/** What a button of a critical result brings back, each input under an id of its own in the whole card. All of it may be forged but who pressed. */
export const criticalPress = z.object({
  verb: z.enum(verbs),
  caseNumber,
  revision: z.number().int().positive(),
  /** The round of the case that the card was drawn in: tells a repeat of the press from the same press made anew. */
  round: z.number().int().nonnegative().optional(),
  ...{ reason: text, categoryReason: text, withdrawReason: text, declineReason: text, overReason: text, disputeText: text },
  category: z.enum(['1', '2', '3']).optional(),
  withdrawKind: z.enum(['withdrawn', 'wrong-patient', 'corrected']).optional(),
  ...{ identifier: text, finding: text, action: text },
  receiver: personId.optional(),
  ...{ saidBack: text, callAction: text, spoke: text, when: text },
  ...{ attemptTo: text, attempt: text },
  alike: caseNumber.optional(),
});
export type CriticalPress = z.infer<typeof criticalPress>;

/** The answer that such a press of this person gives. */
export function criticalAnswerOf(person: Person, pressed: CriticalPress): PersonAnswer {
  const { verb, caseNumber: number, revision, round } = pressed;
  const said = writtenWith(pressed);
  const written = said.text?.trim() ?? '';
  const fields = Object.fromEntries(
    Object.entries(said.fields ?? {}).flatMap(([name, value]) => (value === undefined || value.trim() === '' ? [] : [[name, value]])),
  );
  return {
    ...{ person, caseNumber: number, revision, verb, fields },
    ...(written === '' ? {} : { text: written }),
    ...(round === undefined ? {} : { round }),
    ...(verb === 'record-call' && pressed.receiver !== undefined ? { to: pressed.receiver } : {}),
  };
}

interface Written {
  readonly text?: string | undefined;
  readonly fields?: Readonly<Record<string, string | undefined>>;
}

function writtenWith(pressed: CriticalPress): Written {
  switch (pressed.verb) {
    case 'release-critical':
      return { fields: { category: pressed.category } };
    case 'not-critical':
      return { text: pressed.reason };
    case 'recategorise':
      return { text: pressed.categoryReason, fields: { category: pressed.category } };
    case 'withdraw-critical':
      return { text: pressed.withdrawReason, fields: { kind: pressed.withdrawKind } };
    case 'read-back':
      return { fields: { identifier: pressed.identifier, finding: pressed.finding, action: pressed.action } };
    case 'decline-alert':
      return { text: pressed.declineReason };
    case 'take-over':
      return { text: pressed.overReason };
    case 'record-call':
      return { text: pressed.saidBack, fields: { action: pressed.callAction, spoke: pressed.spoke, when: pressed.when } };
    case 'not-what-i-said':
      return { text: pressed.disputeText };
    case 'record-attempt':
      return { text: pressed.attempt, fields: { to: pressed.attemptTo } };
    case 'join-alert':
    case 'keep-apart':
      return { fields: { with: pressed.alike } };
    case 'acknowledge':
    case 'on-my-way':
    case 'not-me':
    case 'take-failsafe':
    case 'seen':
      return {};
    default:
      return pressed.verb satisfies never;
  }
}
