import { AI, ActionPlanner, Application, Prompt, PromptManager, TemplateSection } from '@microsoft/teams-ai';
import type { Augmentation, Plan, PredictedDoCommand, PromptCompletionModel, PromptTemplate, Tokenizer } from '@microsoft/teams-ai';
import type { Storage, TurnContext } from 'botbuilder';
import { z } from 'zod/v4';
import { intent as intents } from '#domain/utterance.js';
import type { Understood } from '#domain/utterance.js';

/** What the conversation library needs of the bot; it never sees a case, a person or a desk. */
export interface Conversation {
  /** What the local model makes of this turn's words. */
  understand(context: TurnContext): Promise<Understood>;
  /** Does or asks back what was understood. */
  answer(context: TurnContext, understood: Understood): Promise<void>;
}

/** A plan as any model must write it: an intent, and nothing that could be done; what does not fit is no plan. */
const plan = z.object({
  type: z.literal('plan'),
  commands: z.array(z.object({ type: z.literal('DO'), action: intents, parameters: z.object({}) })).max(1),
});

/**
 * teams-ai carries the conversation: its planner asks a model for an intent, its actions hand over to us. The model here is the embedded one. A better model
 * may stand in its place without more power: what it names is asked back, unless the embedded one, asked again, reads the same in the person's own words.
 */
export function createConversation(bot: Conversation): (context: TurnContext) => Promise<void> {
  const prompts = new PromptManager({ promptsFolder: '' });
  prompts.addPrompt(intentPrompt);
  const planner = new ActionPlanner({
    model: localModel(bot),
    prompts,
    defaultPrompt: intentPrompt.name,
    max_repair_attempts: 0,
    tokenizer: noTokens,
  });
  const app = new Application({ storage: forgetting, startTypingTimer: false, ai: { planner, allow_looping: false } });

  for (const intent of intents.options) {
    app.ai.action(intent, async (context: TurnContext) => {
      const understood = await bot.understand(context);
      await bot.answer(context, understood.intent === intent ? understood : { ...understood, intent, also: [], commands: [], hindrance: null });
      return AI.StopCommandName;
    });
  }
  return async (context) => {
    if (await app.run(context)) return;
    const understood = await bot.understand(context);
    await bot.answer(context, { ...understood, intent: 'none', also: [], commands: [] });
  };
}

function localModel(bot: Conversation): PromptCompletionModel {
  return {
    completePrompt: async (context) => {
      const { intent } = await bot.understand(context);
      const command = { type: 'DO', action: intent, parameters: {} };
      return { status: 'success', message: { role: 'assistant', content: JSON.stringify({ type: 'plan', commands: [command] }) } };
    },
  };
}

const nothingUnderstood: PredictedDoCommand = { type: 'DO', action: 'none', parameters: {} };
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
  prompt: new Prompt([new TemplateSection('Say which one of the known intents the person means.', 'system')]),
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
