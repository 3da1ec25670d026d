import { AI, ActionPlanner, Application, Prompt, PromptManager, TemplateSection } from '@microsoft/teams-ai';
import type { Augmentation, Plan, PredictedDoCommand, PromptCompletionModel, PromptTemplate, Tokenizer } from '@microsoft/teams-ai';
import type { Storage, TurnContext } from 'botbuilder';
import { z } from 'zod/v4';
import { caseNumber } from '#core/ids.js';
import { guess } from './guess.ts';
import { hear } from './grammar.ts';
import type { Guess, Heard } from './heard.ts';

/** What the conversation library needs of the bot; it never sees a case, a person or a desk. */
export interface Conversation {
  /** What the person wrote in this turn, as plain text. */
  textOf(context: TurnContext): string;
  /** The closed grammar understood it: do it. */
  understood(context: TurnContext, heard: Heard): Promise<void>;
  /** Only the planner or a guess understood it: ask back, do nothing. */
  supposed(context: TurnContext, guessed: Guess): Promise<void>;
}

const kinds = ['waiting', 'help', 'show', 'approve', 'use', 'reject', 'ask', 'refused', 'unclear'] as const satisfies readonly Heard['kind'][];
const guessable = z.enum(['approve', 'use', 'reject', 'ask', 'show', 'waiting']);

/** A plan as any model must write it; what does not fit is no plan. */
const plan = z.object({
  type: z.literal('plan'),
  commands: z
    .array(z.object({ type: z.literal('DO'), action: z.enum(kinds), parameters: z.object({ caseNumber: caseNumber.nullable().catch(null) }) }))
    .max(1),
});

/**
 * teams-ai carries the conversation: its planner asks a model for a plan, its actions hand over to us. The model here is the closed grammar, then a guess,
 * both local and deterministic. A better model may stand in its place without more power: an action counts only when the closed grammar, asked again, reads
 * the same in the person's own words; everything else is asked back.
 */
export function createConversation(protocolIds: () => readonly string[], bot: Conversation): (context: TurnContext) => Promise<void> {
  const heardIn = (context: TurnContext) => hear(bot.textOf(context), protocolIds());
  const prompts = new PromptManager({ promptsFolder: '' });
  prompts.addPrompt(intentPrompt);
  const planner = new ActionPlanner({
    model: localModel(bot, heardIn),
    prompts,
    defaultPrompt: intentPrompt.name,
    max_repair_attempts: 0,
    tokenizer: noTokens,
  });
  const app = new Application({ storage: forgetting, startTypingTimer: false, ai: { planner, allow_looping: false } });

  for (const kind of kinds) {
    app.ai.action(kind, async (context: TurnContext, _state: unknown, parameters: unknown) => {
      const heard = heardIn(context);
      const supposed = guessable.safeParse(kind);
      if (heard.kind === kind || heard.kind !== 'unclear' || !supposed.success) await bot.understood(context, heard);
      else await bot.supposed(context, { kind: supposed.data, caseNumber: named.safeParse(parameters).data?.caseNumber ?? null });
      return AI.StopCommandName;
    });
  }
  return async (context) => {
    if (!(await app.run(context))) await bot.understood(context, { kind: 'unclear' });
  };
}

const named = z.object({ caseNumber: caseNumber.nullable() });

function localModel(bot: Conversation, heardIn: (context: TurnContext) => Heard): PromptCompletionModel {
  return {
    completePrompt: async (context) => {
      const heard = heardIn(context);
      const guessed = heard.kind === 'unclear' ? guess(bot.textOf(context)) : null;
      const command = { type: 'DO', action: guessed?.kind ?? heard.kind, parameters: { caseNumber: guessed?.caseNumber ?? null } };
      return { status: 'success', message: { role: 'assistant', content: JSON.stringify({ type: 'plan', commands: [command] }) } };
    },
  };
}

const nothingUnderstood: PredictedDoCommand = { type: 'DO', action: 'unclear', parameters: { caseNumber: null } };
const noPlan: Plan = { type: 'plan', commands: [nothingUnderstood] };

/** Turns the model's text into a plan of ours, or into none. */
const strictPlan: Augmentation<string> = {
  createPromptSection: () => undefined,
  validateResponse: () => Promise.resolve({ type: 'Validation', valid: true }),
  createPlanFromResponse: (_context, _memory, response): Promise<Plan> => {
    const read = plan.safeParse(parsed(response.message?.content ?? ''));
    return Promise.resolve(read.success ? read.data : noPlan);
  },
};

const intentPrompt: PromptTemplate = {
  name: 'intent',
  prompt: new Prompt([new TemplateSection('Say which one of the known sentences the person means.', 'system')]),
  config: {
    schema: 1.1,
    type: 'completion',
    completion: {
      include_history: false,
      include_input: true,
      include_images: false,
      frequency_penalty: 0,
      presence_penalty: 0,
      max_input_tokens: 2000,
      max_tokens: 200,
      temperature: 0,
      top_p: 0,
    },
  },
  augmentation: strictPlan,
};

/** The library would keep what was said; nothing of a conversation is kept in its state. */
const forgetting: Storage = { read: () => Promise.resolve({}), write: () => Promise.resolve(), delete: () => Promise.resolve() };
/** A local model counts no tokens; the library's own tokenizer would load megabytes of tables. */
const noTokens: Tokenizer = { encode: () => [], decode: () => '' };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
