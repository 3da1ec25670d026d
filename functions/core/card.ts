/** An Adaptive Card as JSON with the sentence that screen readers and notifications get. */
export interface RenderedCard {
  readonly card: Readonly<Record<string, unknown>>;
  readonly speak: string;
  /** Whoever it goes to is alerted, also where a new message alone would not. @default false */
  readonly alert?: boolean;
  /** PersonIds that are mentioned with it, so that they are notified of it. */
  readonly mentions?: readonly string[];
}

/** Where a card stands: enough to edit it later. */
export interface Posting {
  readonly place: string;
  readonly conversationId: string;
  readonly activityId: string;
}
