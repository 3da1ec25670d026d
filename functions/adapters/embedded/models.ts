import { chooseProtocol } from '#models/protocol-choice/index.js';
import { choosePriority } from '#models/order-priority/index.js';
import type { Content } from '#domain/content.js';
import type { Model, ModelQuestion } from '#ports/model.js';
import type { ModelAnswer } from '#domain/protocol.js';

/** The models that ship with the program, over the site's content. They answer at once, so the budget never matters. */
export function embeddedModels(content: Content): Model {
  return {
    ask(question) {
      const began = performance.now();
      try {
        return Promise.resolve({ ok: true, answer: answer(question, content), tookMs: Math.round(performance.now() - began) });
      } catch (error) {
        // A fault of ours must not keep the order from its card; the class alone, since a message could hold patient data.
        return Promise.resolve({ ok: false, why: `the embedded model failed (${error instanceof Error ? error.name : 'unknown fault'})` });
      }
    },
  };
}

function answer(question: ModelQuestion, content: Content): ModelAnswer {
  switch (question.task) {
    case 'protocol-choice':
      return chooseProtocol(question, content);
    case 'order-priority':
      return choosePriority(question, content);
  }
}
