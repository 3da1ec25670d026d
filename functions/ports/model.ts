import type { ModelQuestion } from '#domain/model-question.js';
import type { ModelAnswer } from '#domain/protocol.js';

export type { ModelQuestion };

export type ModelResult = { readonly ok: true; readonly answer: ModelAnswer; readonly tookMs: number } | { readonly ok: false; readonly why: string };

/** One contract for every model, embedded or a vendor's. Never throws; an answer outside its task's schema is `ok: false`. */
export interface Model {
  ask(question: ModelQuestion, budgetSeconds: number): Promise<ModelResult>;
}
