import { setTimeout as sleep } from 'node:timers/promises';
import { ActivityTypes } from 'botbuilder';
import type { TurnContext } from 'botbuilder';
import type { Person } from '#core/people.js';
import { epochOf } from '#core/time.js';
import type { Channels } from '#domain/site.js';
import type { Clock } from '#ports/clock.js';
import type { ConversationStore } from '#ports/conversations.js';
import type { Desk } from '#ports/desk.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import type { People } from '#ports/people.js';
import { GuardedAdapter, answerInvokeWith } from './adapter.ts';
import { plainText } from './conversation/plain-text.ts';
import { createGuard } from './guard.ts';
import type { Admitted, BotRequest } from './guard.ts';
import { isPrivate } from './identity.ts';
import { pressOnCard, readPress } from './inbound/card-answer.ts';
import { answerWords, askBack } from './inbound/command.ts';
import type { Envelope } from './inbound/envelope.ts';
import { rememberChat } from './inbound/install.ts';
import { answerInvoke } from './inbound/invoke.ts';
import { messageOf, textOf } from './outbound/activity.ts';
import { createConnectors } from './outbound/connector.ts';
import { createLimiter, unlimited } from './outbound/limiter.ts';
import { createPeople } from './outbound/people.ts';
import { botSettings } from './settings.ts';
import type { BotSettings } from './settings.ts';
import type { Turn } from './turn.ts';
import { words } from './words.ts';

export interface Bot {
  /** Everything for POST /api/messages. Refusals are answered with a status and a short body; it throws for nothing that a sender may do. */
  handle(request: BotRequest): Promise<{ readonly status: number; readonly body?: unknown }>;
  /** Teams, as the engine needs it. */
  readonly people: People;
  /** Are the keys at hand by which the channel's tokens are checked? */
  keysUsable(): Promise<boolean>;
  /** Loads what carries the conversation ahead of the first message (half a second, 70 MB); call it once the server listens, or not at all. */
  warmUp(): Promise<void>;
}

export interface BotNeeds {
  readonly settings: BotSettings;
  readonly desk: Desk;
  readonly directory: Directory;
  readonly channels: Channels;
  readonly conversations: ConversationStore;
  readonly log: Log;
  readonly clock: Clock;
  /** Our own limiter in front of Teams; off for measurements that say so. */
  readonly sendLimit: 'on' | 'off';
}

/** One turn's facts, kept beside the SDK's context; never in turn state that is stored. */
interface Spoken {
  readonly turn: Turn;
  readonly text: string;
}
const SPOKEN = Symbol('spoken');
/** Longest that a reply waits for a place under the limits of Teams. */
const mostReplyWaitMs = 8_000;

/** @throws Where the settings can't be used, with the field named; without an app id there is no bot. */
export function createBot(needs: BotNeeds): Bot {
  const { desk, directory, channels, conversations, log, clock } = needs;
  const settings = botSettings.parse(needs.settings);
  const connectors = createConnectors(settings);
  const adapter = new GuardedAdapter(connectors);
  const limiter = needs.sendLimit === 'on' ? createLimiter(() => epochOf(clock.now())) : unlimited;
  const people = createPeople({ connectors, settings, channels, directory, conversations, limiter, log });
  const guard = createGuard({ settings, directory, desk, clock, log });

  async function send(context: TurnContext, activity: ReturnType<typeof textOf> | ReturnType<typeof messageOf>): Promise<void> {
    const { waitMs } = limiter.reserve(context.activity.conversation.id, mostReplyWaitMs);
    if (waitMs > 0) await sleep(Math.min(waitMs, mostReplyWaitMs));
    await context.sendActivity(activity);
  }

  function turnOf(context: TurnContext, activity: Envelope, person: Person): Turn {
    const inPrivate = isPrivate(activity);
    const show: Turn['show'] = (card) => send(context, messageOf(card));
    return {
      person,
      inPrivate,
      conversationId: activity.conversation?.id ?? '',
      say: (text) => send(context, textOf(text)),
      show,
      showInPrivate: async (card) => {
        if (!inPrivate) return (await people.tell(person.id, card)).ok;
        await show(card);
        return true;
      },
    };
  }

  let conversation: Promise<(context: TurnContext) => Promise<void>> | null = null;
  /** Half of the start time and 70 MB: loaded at the first message in words, or by warmUp. */
  function converse(): Promise<(context: TurnContext) => Promise<void>> {
    conversation ??= import('./conversation/planner.ts').then(({ createConversation }) =>
      createConversation(() => desk.protocolIds(), {
        textOf: (context) => spokenIn(context).text,
        understood: (context, heard) => answerWords({ desk, clock }, spokenIn(context).turn, heard),
        supposed: (context, guessed) => askBack(desk, spokenIn(context).turn, guessed),
      }),
    );
    return conversation;
  }

  async function message(context: TurnContext, activity: Envelope, turn: Turn): Promise<void> {
    const text = plainText(activity);
    // A plain Action.Submit comes as a message without text.
    if (text === '' && activity['value'] !== undefined) {
      const pressed = readPress(activity['value']);
      return turn.say(pressed === null ? words.badRequest : await pressOnCard(desk, turn, pressed));
    }
    if (text === '') return turn.say(words.textOnly);
    const spoken: Spoken = { turn, text };
    context.turnState.set(SPOKEN, spoken);
    await (
      await converse()
    )(context);
  }

  async function heard({ activity, serviceUrl, person }: Admitted): ReturnType<Bot['handle']> {
    await rememberChat({ conversations, directory }, activity, serviceUrl);
    if (person === null || (activity.type !== ActivityTypes.Message && activity.type !== ActivityTypes.Invoke)) return { status: 200 };
    const answer = await adapter.run(activity, async (context) => {
      const turn = turnOf(context, activity, person);
      if (activity.type === ActivityTypes.Message) return message(context, activity, turn);
      await answerInvokeWith(context, await answerInvoke(desk, log, turn, activity.name ?? '', activity['value']));
    });
    return answer === undefined ? { status: 200 } : { status: answer.status, body: answer.body };
  }

  return {
    people,
    keysUsable: () => guard.keysUsable(),
    async handle(request) {
      const guarded = await guard.check(request);
      if (!guarded.ok) return refusal(guarded.status, guarded.check);
      try {
        return await heard(guarded);
      } catch (error) {
        // A fault of ours, or a reply that could not be sent: the connector may send the activity again, which the engine hears once.
        log.error('bot.turn-failed', { fault: error });
        return { status: 500 };
      }
    },
    async warmUp() {
      await converse();
    },
  };
}

function spokenIn(context: TurnContext): Spoken {
  const spoken: Spoken | undefined = context.turnState.get(SPOKEN);
  if (spoken === undefined) throw new Error('bot/agent.ts: a sentence reached the conversation without its turn.');
  return spoken;
}

/** For an invoke the `statusCode` in the body counts too. The reason stays short: a hostile sender learns nothing from it. */
function refusal(status: number, check: string): { readonly status: number; readonly body: unknown } {
  const why = check === 'person' ? 'You are not known to Radloop. Ask its administrator.' : 'Refused.';
  return { status, body: { statusCode: status, type: 'application/vnd.microsoft.error', value: { code: String(status), message: why } } };
}
