import { z } from 'zod/v4';
import { caseNumber, personId } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { instant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { Desk, Opened, PersonAnswer } from '#ports/desk.js';
import type { Turn } from '../turn.ts';
import { criticalAnswerOf, criticalPress } from './critical-press.ts';
import type { CriticalPress } from './critical-press.ts';
import { takeOverCard } from './take-over-card.ts';
import { words } from '../words.ts';

const text = z.string().max(2000).optional();

/** What a button brings back, with the inputs around it. All of it may be forged but who pressed: that comes from the token. */
const open = z.object({ verb: z.literal('open'), caseNumber });
const answer = z.object({
  verb: z.enum(['approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question', 'remind', 'hand-over', 'take-back', 'follow-up-done']),
  caseNumber,
  revision: z.number().int().positive(),
  protocolId: z.string().min(1).max(100).optional(),
  reason: text,
  /** Why not the proposal: an id of its own, because two inputs of one card may not share one. */
  chooseReason: text,
  question: text,
  answerText: text,
  /** What was done about a follow-up. */
  followUpText: text,
  due: instant.optional(),
  to: personId.optional(),
  round: z.number().int().nonnegative().optional(),
  confirmed: z.boolean().optional(),
});
/** A critical result of this exam is written, and not sent: said in words, and the exam chosen from several (`found`), or typed into the form of the button. */
const declare = z
  .object({
    verb: z.literal('declare-critical'),
    caseNumber,
    found: z.string().min(1).max(500).optional(),
    category: z.literal([1, 2, 3]).optional(),
    criticalFinding: z.string().min(1).max(500).optional(),
    criticalCategory: z.enum(['1', '2', '3', '']).optional(),
    criticalSide: z.enum(['left', 'right', 'both', '']).optional(),
  })
  .refine(({ found, criticalFinding }) => (found === undefined) !== (criticalFinding === undefined));
export type DeclarePress = z.infer<typeof declare>;
const press = z.discriminatedUnion('verb', [open, declare, answer, criticalPress]);
export type Press = z.infer<typeof press>;

/** Null for a verb that nobody knows and for data that does not fit its verb. */
export function readPress(data: unknown): Press | null {
  const read = press.safeParse(data);
  return read.success ? read.data : null;
}

/** The answer that a press of this person gives. A repeat gives the same one: the engine keys it by case, revision, verb and actor. */
export function answerOf(person: Person, pressed: Extract<Press, { revision: number }>): PersonAnswer {
  if (isCritical(pressed)) return criticalAnswerOf(person, pressed);
  const { verb, caseNumber: number, revision, protocolId } = pressed;
  const written = {
    approve: undefined,
    'choose-other': pressed.chooseReason ?? pressed.reason,
    reject: pressed.reason,
    'ask-orderer': pressed.question,
    'answer-question': pressed.answerText,
    remind: undefined,
    'hand-over': undefined,
    'take-back': undefined,
    'follow-up-done': pressed.followUpText,
  }[verb];
  const { due, to, round, confirmed } = pressed;
  return {
    person,
    caseNumber: number,
    revision,
    verb,
    ...(protocolId === undefined ? {} : { protocolId }),
    ...(written === undefined || written.trim() === '' ? {} : { text: written }),
    ...(verb === 'remind' && due !== undefined ? { due } : {}),
    ...(verb === 'hand-over' && to !== undefined ? { to } : {}),
    ...(round === undefined || (verb !== 'hand-over' && verb !== 'take-back' && verb !== 'remind') ? {} : { round }),
    ...(verb === 'take-back' && confirmed === true ? { confirmed } : {}),
  };
}

export function isCritical(pressed: Press): pressed is CriticalPress {
  return criticalPress.shape.verb.safeParse(pressed.verb).success;
}

/** What the person reads: where they looked at something old, how to see the new. */
export function told({ outcome, text: said }: Answer): string {
  return outcome === 'stale' || outcome === 'already' || outcome === 'closed' ? `${said} ${words.openAgain}` : said;
}

/** The personal view goes into the private chat, wherever it was asked for. It counts as shown once it is there (DECISIONS 12). */
export async function openInPrivate(desk: Desk, turn: Turn, number: CaseNumber): Promise<string> {
  const opened = await desk.open(turn.person, number, undefined, false);
  if (!opened.ok) {
    await offerTakeOver(turn, opened);
    return opened.why;
  }
  return (await showView(desk, turn, opened)) ? words.openInPrivate : words.noPrivateChat;
}

/** In the private chat: whoever was not called for a critical result, and may take it over, can do so. */
export async function offerTakeOver(turn: Turn, { why, mayTakeOver }: Extract<Opened, { ok: false }>): Promise<void> {
  if (mayTakeOver !== undefined) await turn.showInPrivate(takeOverCard(why, mayTakeOver, turn.person.language));
}

/** Into the private chat, from where it is taken away once the case has gone on. @returns is it there? */
export async function showView(
  desk: Desk,
  turn: Turn,
  { caseNumber: number, revision, view, ends }: Extract<Opened, { ok: true }>,
): Promise<boolean> {
  const posting = await turn.showView(view);
  if (posting === null) return false;
  await (ends === true ? desk.seen(turn.person, number, revision, posting) : desk.seen(turn.person, number, revision));
  return true;
}
