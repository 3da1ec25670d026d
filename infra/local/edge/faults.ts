import { z } from 'zod/v4';

// What goes wrong on this Teams side on purpose: for tests, and for whoever wants to see what Radloop does then. POST /faults sets one, or several in one go; GET /faults
// tells them.

const fault = z.discriminatedUnion('what', [
  /** The next calls of one kind are answered so: a new message in a channel, an edit, a message in a private chat. */
  z.strictObject({
    what: z.literal('answers'),
    call: z.enum(['post', 'update', 'tell']),
    /** A key of channels.json or a person's id; absent: anywhere. */
    place: z.string().optional(),
    status: z.number().int().min(400).max(599),
    code: z.string().default('ServiceError'),
    retryAfterSeconds: z.number().int().positive().optional(),
    times: z.number().int().positive().default(1),
  }),
  z.strictObject({ what: z.literal('message-deleted'), conversationId: z.string(), activityId: z.string() }),
  z.strictObject({ what: z.literal('channel-deleted'), place: z.string() }),
  /** The app is no longer there for this person. */
  z.strictObject({ what: z.literal('person-left'), person: z.string() }),
  z.strictObject({ what: z.literal('none') }),
]);
type Fault = z.infer<typeof fault>;

/** One call of the bot that would show something. */
export interface ShowingCall {
  readonly call: 'post' | 'update' | 'tell';
  /** A key of channels.json or a person's id. */
  readonly place: string;
  readonly conversationId: string;
  /** Of the message that is edited; empty otherwise. */
  readonly activityId: string;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;
}

export interface Faults {
  /** What is wrong with it, in words; undefined: it stands. */
  set(body: unknown): string | undefined;
  /** Undefined: the call is answered as always. */
  refusalOf(call: ShowingCall): Refusal | undefined;
  /** Messages that somebody deleted, as `conversation\nactivity`. */
  gone(): readonly string[];
  /** The calls that were refused, oldest first. */
  refused(): readonly (ShowingCall & { readonly status: number; readonly at: string })[];
}

export function openFaults(): Faults {
  let answers: Extract<Fault, { what: 'answers' }>[] = [];
  const deleted = new Set<string>();
  const channels = new Set<string>();
  const people = new Set<string>();
  const refused: (ShowingCall & { status: number; at: string })[] = [];

  const judge = ({ call, place, conversationId, activityId }: ShowingCall): Refusal | undefined => {
    if (channels.has(place)) return { status: 404, code: 'ConversationNotFound', retryAfterSeconds: undefined };
    if (people.has(place)) return { status: 403, code: 'BotNotInConversationRoster', retryAfterSeconds: undefined };
    if (deleted.has(`${conversationId}\n${activityId}`)) return { status: 404, code: 'ActivityNotFoundInConversation', retryAfterSeconds: undefined };
    const hit = answers.find((one) => one.call === call && (one.place === undefined || one.place === place) && one.times > 0);
    if (!hit) return undefined;
    hit.times -= 1;
    return { status: hit.status, code: hit.code, retryAfterSeconds: hit.retryAfterSeconds };
  };

  const put = (one: Fault): void => {
    switch (one.what) {
      case 'answers':
        answers.push(one);
        return;
      case 'message-deleted':
        deleted.add(`${one.conversationId}\n${one.activityId}`);
        return;
      case 'channel-deleted':
        channels.add(one.place);
        return;
      case 'person-left':
        people.add(one.person);
        return;
      case 'none':
        answers = [];
        channels.clear();
        people.clear();
        return;
      default:
        one satisfies never;
    }
  };

  return {
    set: (body) => {
      const parsed = z.array(fault).safeParse(Array.isArray(body) ? body : [body]);
      if (!parsed.success) return z.prettifyError(parsed.error);
      for (const one of parsed.data) put(one);
      return undefined;
    },
    refusalOf: (call) => {
      const refusal = judge(call);
      if (refusal) refused.push({ ...call, status: refusal.status, at: new Date().toISOString() });
      return refusal;
    },
    gone: () => [...deleted],
    refused: () => refused,
  };
}
