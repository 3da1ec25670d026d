/** An Adaptive Card as JSON with the sentence that screen readers and notifications get. */
export interface RenderedCard {
  readonly card: Readonly<Record<string, unknown>>;
  readonly speak: string;
}

/** Where a card stands: enough to edit it later. */
export interface Posting {
  readonly place: string;
  readonly conversationId: string;
  readonly activityId: string;
}
