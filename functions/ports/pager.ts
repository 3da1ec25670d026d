import type { Delivery } from '#core/delivery.js';
import type { PagingChannel } from '#core/effect.js';
import type { PageText } from '#core/workflow.js';

export interface Page extends PageText {
  /** The effect's: a receiver that knows keys again shows a repeat once. */
  readonly key: string;
  readonly channel: PagingChannel;
  /** Number, address or name, as the channel needs it; of `print` the printer's name. */
  readonly address: string;
}

/** What the receiving system said: its id of the page, where it gives one. That it was taken says nothing of a person. */
export interface PageReceipt {
  readonly id: string | null;
  /** It became a line in the log: nobody is reached by it. Left out: it went to a system that pages. */
  readonly logged?: true;
}

/** Ways to reach people that do not go through Teams. */
export interface Pager {
  /** Channels that the site has set up. */
  readonly channels: ReadonlySet<PagingChannel>;
  send(page: Page): Promise<Delivery<PageReceipt>>;
}
