import { z } from 'zod/v4';

/** The Teams side as a person's client sees it: what was posted, and a way to click and write. */
const item = z.looseObject({
  n: z.number(),
  kind: z.enum(['posted', 'updated', 'personal']),
  conversationId: z.string(),
  activityId: z.string().nullish(),
  place: z.string().nullish(),
  card: z.unknown(),
  at: z.string().nullish(),
});
export type FeedItem = z.infer<typeof item>;

const feed = z.looseObject({ next: z.number(), items: z.array(item) });

const acted = z.looseObject({
  status: z.number(),
  body: z.unknown().optional(),
  replies: z.array(z.looseObject({ text: z.string().nullish(), card: z.unknown().optional() })).default([]),
});
export type Acted = z.infer<typeof acted>;

export interface Act {
  readonly person: string;
  readonly kind: 'message' | 'invoke';
  readonly text?: string;
  readonly conversationId?: string;
  readonly replyToId?: string;
  readonly name?: 'task/fetch' | 'task/submit' | 'adaptiveCard/action';
  readonly value?: unknown;
  /** The activity's id: the same on every repeat of one click, as Teams does it. */
  readonly id?: string;
}

export interface TeamsSide {
  /** What stands in the feed after `since`; null when the Teams side does not answer. */
  feed(since: number): Promise<z.infer<typeof feed> | null>;
  /** Null when nothing answered: the act may or may not have arrived. */
  act(act: Act): Promise<Acted | null>;
}

export function teamsSide(baseUrl: string, timeoutMs = 15_000): TeamsSide {
  const ask = async <T>(path: string, schema: z.ZodType<T>, init: RequestInit, refused?: (status: number) => T): Promise<T | null> => {
    try {
      const response = await fetch(new URL(path, baseUrl), { ...init, signal: AbortSignal.timeout(timeoutMs) });
      if (response.status >= 400 && response.status < 500 && refused !== undefined) return refused(response.status);
      if (!response.ok) return null;
      return schema.parse(await response.json());
    } catch {
      return null;
    }
  };
  return {
    feed: (since) => ask(`/feed?since=${String(since)}`, feed, {}),
    act: (act) => ask('/act', acted, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(act) }, refusedAct),
  };
}

/** The Teams side itself says no (nobody of that name, no such conversation): the same act again would get the same answer. */
function refusedAct(status: number): Acted {
  return { status, body: undefined, replies: [] };
}

/** A button of a card: its title and what it sends. */
export interface Button {
  readonly title: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Every Action.Submit and Action.Execute of a card, wherever it stands, in reading order. */
export function buttonsOf(card: unknown): Button[] {
  const found: Button[] = [];
  visit(card, (node) => {
    const type = node['type'];
    if (type !== 'Action.Submit' && type !== 'Action.Execute') return;
    const data = isNode(node['data']) ? node['data'] : {};
    const verb = typeof node['verb'] === 'string' ? { verb: node['verb'] } : {};
    found.push({ title: typeof node['title'] === 'string' ? node['title'] : '', data: { ...verb, ...data } });
  });
  return found;
}

export function buttonFor(card: unknown, verb: string): Button | undefined {
  return buttonsOf(card).find((button) => button.data['verb'] === verb);
}

/** Values of the ChoiceSet with this id; empty when the card has none. */
export function choicesOf(card: unknown, id: string): string[] {
  const values: string[] = [];
  visit(card, (node) => {
    if (node['type'] !== 'Input.ChoiceSet' || node['id'] !== id || !Array.isArray(node['choices'])) return;
    for (const choice of node['choices']) if (isNode(choice) && typeof choice['value'] === 'string') values.push(choice['value']);
  });
  return values;
}

/** The card inside a task/fetch answer (`task.value.card.content`), wherever it is nested. */
export function cardIn(body: unknown): unknown {
  let card: unknown;
  visit(body, (node) => {
    if (card === undefined && node['type'] === 'AdaptiveCard') card = node;
  });
  return card;
}

/** Texts of an answer, for the ledger: at most 200 characters. */
export function saidIn(acted: Acted): string {
  const texts = acted.replies.map((reply) => reply.text ?? '').filter((text) => text !== '');
  visit(acted.body, (node) => {
    const value = node['value'];
    if (node['type'] === 'message' && typeof value === 'string') texts.push(value);
    if (node['type'] === 'application/vnd.microsoft.activity.message' && typeof value === 'string') texts.push(value);
    // What a dialog says first, to whoever can't see it.
    if (node['type'] === 'AdaptiveCard' && typeof node['speak'] === 'string') texts.push(node['speak']);
  });
  return texts.join(' / ').slice(0, 200);
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) visit(one, see);
    return;
  }
  if (!isNode(value)) return;
  see(value);
  for (const inner of Object.values(value)) visit(inner, see);
}
