import { ActivityTypes } from 'botbuilder';
import type { TurnContext } from 'botbuilder';
import type { Person } from '#core/people.js';
import { epochOf } from '#core/time.js';
import type { Channels } from '#domain/site.js';
import type { Understood, Utterance } from '#domain/utterance.js';
import type { Clock } from '#ports/clock.js';
import type { ConversationStore } from '#ports/conversations.js';
import type { Desk } from '#ports/desk.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import type { People } from '#ports/people.js';
import type { Rota } from '#ports/rota.js';
import { GuardedAdapter, answerInvokeWith } from './adapter.ts';
import { plainText } from './conversation/plain-text.ts';
import { remembering } from './conversation/recent.ts';
import { createGuard } from './guard.ts';
import type { Admitted, BotRequest } from './guard.ts';
import { isPrivate } from './identity.ts';
import { readPress } from './inbound/card-answer.ts';
import { answerWords, utteranceOf } from './inbound/command.ts';
import { pressOnCard } from './inbound/press-on-card.ts';
import type { Press } from './inbound/card-answer.ts';
import type { Envelope } from './inbound/envelope.ts';
import { rememberChat } from './inbound/install.ts';
import { answerInvoke, readInvoke } from './inbound/invoke.ts';
import { messageOf, textOf } from './outbound/activity.ts';
import { createConnectors } from './outbound/connector.ts';
import { createLimiter, unlimited } from './outbound/limiter.ts';
import type { LimiterMemory } from './outbound/limiter.ts';
import { createPeople, privatePlace } from './outbound/people.ts';
import type { HasApp } from './outbound/people.ts';
import { replyInTurn } from './outbound/reply.ts';
import { botSettings } from './settings.ts';
import type { BotSettings } from './settings.ts';
import type { Turn } from './turn.ts';
import { words } from './words.ts';

export interface Bot {
  /** Everything for POST /api/messages. Refusals are answered with a status and a short body; it throws for nothing that a sender may do. */
  handle(request: BotRequest): Promise<{ readonly status: number; readonly body?: unknown }>;
  /** Teams, as the engine needs it. */
  readonly people: People & HasApp;
  /** What is to be known after the next start. */
  limits(): LimiterMemory;
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
  /** What was sent, and what Teams was promised, before this start. @default nothing */
  readonly limits?: LimiterMemory;
  /** The embedded intent model over the site's words. */
  readonly understand: (said: Utterance) => Understood;
  /** Asks a better model, where the site has one; left out: the embedded one's guess stands. Never throws; gives no commands that it was not given. */
  readonly ask?: (said: Utterance, embedded: Understood) => Promise<Understood>;
  /** Of the site, IANA; times that the bot says are in it. @default UTC */
  readonly zone?: string;
  /** Who is on call; left out or null: the site has given none. */
  readonly rota?: Rota | null;
  /** Told of each activity that reaches a handler. */
  readonly heard?: () => void;
}

/** One turn's facts, kept beside the SDK's context; never in turn state that is stored. */
interface Spoken {
  readonly turn: Turn;
  readonly text: string;
  understood?: Promise<Understood>;
}
const SPOKEN = Symbol('spoken');

/** @throws Where the settings can't be used, with the field named; without an app id there is no bot. */
export function createBot(needs: BotNeeds): Bot {
  const { directory, channels, conversations, log, clock, zone = 'UTC', rota = null } = needs;
  const recent = remembering(needs.desk, clock);
  const { desk } = recent;
  const settings = botSettings.parse(needs.settings);
  const connectors = createConnectors(settings);
  const adapter = new GuardedAdapter(connectors);
  const limiter = needs.sendLimit === 'on' ? createLimiter(() => epochOf(clock.now()), needs.limits) : unlimited;
  const people = createPeople({ connectors, settings, channels, directory, conversations, limiter, log });
  const guard = createGuard({ settings, directory, desk, clock, log });

  /** Gives the id of what was sent; '' when none came back. */
  async function send(context: TurnContext, activity: ReturnType<typeof textOf> | ReturnType<typeof messageOf>): Promise<string> {
    let id = '';
    await replyInTurn(limiter, context.activity.conversation.id, async () => {
      id = (await context.sendActivity(activity))?.id ?? '';
    });
    return id;
  }

  function turnOf(context: TurnContext, activity: Envelope, person: Person): Turn {
    const inPrivate = isPrivate(activity);
    const conversationId = activity.conversation?.id ?? '';
    const show: Turn['show'] = async (card) => {
      await send(context, messageOf(card));
    };
    return {
      person,
      inPrivate,
      conversationId,
      say: async (text) => {
        await send(context, textOf(text));
      },
      show,
      showView: async (card) => {
        const told = inPrivate ? null : await people.tell(person.id, card);
        if (told !== null) return told.ok ? told.receipt : null;
        const activityId = await send(context, messageOf(card));
        // Delivered means that the connector's id came back (FIELD-REPORTS 22).
        return activityId === '' ? null : { place: privatePlace(person.id), conversationId, activityId };
      },
      showInPrivate: async (card) => {
        if (!inPrivate) return (await people.tell(person.id, card)).ok;
        await show(card);
        return true;
      },
    };
  }

  async function meantBy({ turn, text }: Spoken): Promise<Understood> {
    const said = await utteranceOf(desk, turn, text, turn.inPrivate ? recent.of(turn.person.id) : []);
    const embedded = needs.understand(said);
    return needs.ask === undefined ? embedded : needs.ask(said, embedded);
  }

  let conversation: Promise<(context: TurnContext) => Promise<void>> | null = null;
  /** Half of the start time and 70 MB: loaded at the first message in words, or by warmUp. */
  function converse(): Promise<(context: TurnContext) => Promise<void>> {
    conversation ??= import('./conversation/planner.ts').then(({ createConversation }) =>
      createConversation({
        understand(context) {
          // Asked twice a turn: by the planner and by the action; a model outside is asked once.
          const spoken = spokenIn(context);
          spoken.understood ??= meantBy(spoken);
          return spoken.understood;
        },
        answer: (context, understood) => {
          const { turn, text } = spokenIn(context);
          return answerWords(
            { desk, clock, zone, rota, names: () => directory.names() },
            turn,
            understood,
            text,
            turn.inPrivate ? recent.of(turn.person.id) : [],
          );
        },
      }),
    );
    return conversation;
  }

  async function message(context: TurnContext, activity: Envelope, turn: Turn, pressed: Press | null): Promise<void> {
    if (pressed !== null) {
      const { said, alarm } = await pressOnCard(desk, turn, pressed);
      return alarm !== null && turn.inPrivate ? turn.show(alarm) : turn.say(said);
    }
    const text = plainText(activity);
    if (text === '') return turn.say(words.textOnly);
    const spoken: Spoken = { turn, text };
    context.turnState.set(SPOKEN, spoken);
    await (
      await converse()
    )(context);
  }

  /** @param at when it came, by `performance.now()` */
  async function heard(request: BotRequest, { activity, serviceUrl, person }: Admitted, at: number): ReturnType<Bot['handle']> {
    const { type } = activity;
    const value = activity['value'];
    const invoked = type === ActivityTypes.Invoke ? readInvoke(activity.name ?? '', value) : null;
    if (invoked?.ok === false) {
      await guard.refused(request, 400, invoked.check, activity);
      return { status: 200, body: invoked.body };
    }
    // A plain Action.Submit comes as a message without text.
    const isSubmit = type === ActivityTypes.Message && value != null && plainText(activity) === '';
    const submitted = isSubmit ? readPress(value) : null;
    const isNotOurs = isSubmit && submitted === null;
    if (isNotOurs) await guard.refused(request, 400, 'card-data', activity);
    else if (person !== null) needs.heard?.();
    const first = rememberChat({ conversations, directory }, activity, serviceUrl);
    if (invoked === null || person === null) await first;
    // An invoke waits for it within its own time, and says if it failed.
    else first.catch(() => undefined);
    if (person === null || (type !== ActivityTypes.Message && invoked === null)) return { status: 200 };
    const answer = await adapter.run(activity, async (context) => {
      const turn = turnOf(context, activity, person);
      if (invoked !== null) await answerInvokeWith(context, await answerInvoke({ desk, clock, log }, turn, invoked, { at, first }));
      else if (isNotOurs) await turn.say(words.badRequest);
      else await message(context, activity, turn, submitted);
    });
    return answer === undefined ? { status: 200 } : { status: answer.status, body: answer.body };
  }

  return {
    people,
    limits: () => limiter.memory(),
    keysUsable: () => guard.keysUsable(),
    async handle(request) {
      const at = performance.now();
      try {
        const guarded = await guard.check(request);
        return guarded.ok ? await heard(request, guarded, at) : refusal(guarded.status, guarded.check);
      } catch (error) {
        // A fault of ours, an audit that takes nothing, or a reply that could not be sent: the connector may send it again, which the engine hears once.
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
