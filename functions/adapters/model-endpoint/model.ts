import { modelAnswer } from '#domain/protocol.js';
import type { Model, ModelResult } from '#ports/model.js';

/** An answer longer than this is not read. */
const MOST_BYTES = 256 * 1024;

/**
 * A vendor's model behind HTTP: POST of the question as JSON to `url`, an answer of the question's task as JSON.
 * Everything else (refused, late, another status, HTML, another task, too long) is `ok: false` with plain words that name no address.
 */
export function modelEndpoint(url: string): Model {
  return {
    async ask(question, budgetSeconds): Promise<ModelResult> {
      const began = performance.now();
      const late = AbortSignal.timeout(Math.max(1, Math.round(budgetSeconds * 1000)));
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify(question),
          redirect: 'error',
          signal: late,
        });
        if (!response.ok) {
          await response.body?.cancel();
          return no(`the model's endpoint answered ${response.status}`);
        }
        const text = await readText(response);
        if (text === null) return no('the model’s answer is too long');
        const parsed = modelAnswer.safeParse(jsonOf(text));
        if (!parsed.success) return no('the model’s answer is not in the agreed form');
        if (parsed.data.task !== question.task) return no('the model answered another question');
        return { ok: true, answer: parsed.data, tookMs: Math.round(performance.now() - began) };
      } catch {
        return no(late.aborted ? `the model did not answer within ${budgetSeconds} s` : 'the model can’t be reached');
      }
    },
  };
}

async function readText(response: Response): Promise<string | null> {
  if (response.body === null) return '';
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    length += part.byteLength;
    if (length > MOST_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function no(why: string): ModelResult {
  return { ok: false, why };
}
