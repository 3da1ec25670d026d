import type { Context } from '#domain/context.js';
import type { Order } from '#domain/order.js';
import type { ModelAnswer, ModelTask } from '#domain/protocol.js';

/** What every model of an order is given. `formatVersion` 1. */
export interface ModelQuestion {
  readonly task: ModelTask;
  readonly formatVersion: 1;
  readonly order: Order;
  /** Null when the EHR gave none. */
  readonly context: Context | null;
}

export type ModelResult = { readonly ok: true; readonly answer: ModelAnswer; readonly tookMs: number } | { readonly ok: false; readonly why: string };

/** One contract for every model, embedded or a vendor's. Never throws; an answer outside its task's schema is `ok: false`. */
export interface Model {
  ask(question: ModelQuestion, budgetSeconds: number): Promise<ModelResult>;
}
