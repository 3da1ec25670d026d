import { z } from 'zod/v4';
import { breakGlassFinding, breakGlassReason } from '#core/break-glass.js';
import type { SignedIn, TabDesk, TabReply } from '#ports/tab.js';
import { answerOf, readPress } from '../inbound/card-answer.ts';
import type { Press } from '../inbound/card-answer.ts';

const number = z.string().max(12);
const day = z.string().max(10);
const words = z.string().max(1000);
const accession = z.string().min(1).max(64);
/** As TypedExam. */
const typed = z.strictObject({
  recordNumber: z.string().min(1).max(64),
  family: z.string().min(1).max(100),
  given: z.string().max(100),
  birthDate: z.iso.date().nullable(),
  exam: z.string().min(1).max(200),
});

/** A button of a view, as the dialog reads it (inbound/card-answer.ts); "Open" is none here, and the form of a critical result is asked as `declare`. */
function pressedIn(data: unknown, context: z.RefinementCtx): Extract<Press, { revision: number }> {
  const pressed = readPress(data);
  if (pressed !== null && pressed.verb !== 'open' && pressed.verb !== 'declare-critical') return pressed;
  context.addIssue({ code: 'custom', message: 'no button of ours' });
  return z.NEVER;
}

/** All that the tab can ask. Nobody is named in it: who asks is in the token. */
export const tabAsk = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('me') }),
  z.strictObject({ ask: z.literal('tasks') }),
  z.strictObject({ ask: z.literal('story'), caseNumber: number }),
  /** `data`: what the button of a card brings, with its inputs. */
  z.strictObject({ ask: z.literal('answer'), data: z.unknown().transform(pressedIn) }),
  z.strictObject({ ask: z.literal('exam'), accession }),
  z.strictObject({
    ask: z.literal('declare'),
    of: z.union([z.strictObject({ caseNumber: number }), z.strictObject({ accession }), z.strictObject({ accession, typed })]),
    finding: z.string().max(500),
    category: z.literal([1, 2, 3]).nullable(),
    side: z.enum(['left', 'right', 'both']).nullable(),
    via: z.enum(['tab', 'link', 'button']).default('tab'),
  }),
  z.strictObject({ ask: z.literal('break-glass'), caseNumber: number, reason: breakGlassReason, text: words }),
  z.strictObject({ ask: z.literal('break-glass-end'), caseNumber: number }),
  z.strictObject({ ask: z.literal('break-glass-longer'), caseNumber: number, text: words }),
  z.strictObject({ ask: z.literal('accesses') }),
  z.strictObject({ ask: z.literal('board') }),
  z.strictObject({ ask: z.enum(['failsafe', 'failsafe-take']), caseNumber: number }),
  z.strictObject({ ask: z.literal('critical-report'), from: day, to: day }),
  z.strictObject({ ask: z.literal('access-confirm'), access: number }),
  z.strictObject({
    ask: z.literal('access-review'),
    access: number,
    opening: z.number().int().min(1).max(10_000),
    finding: breakGlassFinding,
    text: words,
  }),
]);

export function answerAsk(desk: TabDesk, who: SignedIn, asked: z.infer<typeof tabAsk>): Promise<TabReply<unknown>> | TabReply<unknown> {
  switch (asked.ask) {
    case 'me':
      return { ok: true, found: desk.me(who) };
    case 'tasks':
      return desk.tasks(who);
    case 'story':
      return desk.story(who, asked.caseNumber);
    case 'answer':
      return desk.answer(answerOf(who.person, asked.data));
    case 'exam':
      return desk.exam(who, asked.accession);
    case 'declare':
      return desk.declare(who, asked);
    case 'break-glass':
      return desk.breakGlass(who, asked);
    case 'break-glass-end':
      return desk.endBreakGlass(who, asked.caseNumber);
    case 'break-glass-longer':
      return desk.longerBreakGlass(who, asked);
    case 'accesses':
      return desk.accesses(who);
    case 'board':
      return desk.board(who);
    case 'failsafe':
      return desk.failsafe(who, asked.caseNumber);
    case 'failsafe-take':
      return desk.takeFailsafe(who, asked.caseNumber);
    case 'critical-report':
      return desk.report(who, asked);
    case 'access-confirm':
      return desk.confirmAccess(who, asked.access);
    case 'access-review':
      return desk.reviewAccess(who, asked);
    default:
      return asked satisfies never;
  }
}
