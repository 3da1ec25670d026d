import type { Minimised, Named, Understood, Utterance } from '#domain/utterance.js';
import type { Log } from '#ports/log.js';
import type { Understanding, Unusable } from '#ports/understanding.js';

interface Needs {
  readonly endpoint: Understanding;
  /** What may be sent of a sentence; null: nothing, the embedded model's guess stands. */
  readonly toAsk: (said: Utterance, embedded: Understood) => Minimised | null;
  /** The answer in the place of the embedded guess; never with commands. */
  readonly withAnswer: (said: Utterance, embedded: Understood, sent: Minimised, named: Named) => Understood;
  readonly log: Log;
  /** Counts an answer that was not used. */
  readonly fellBack: (why: Unusable) => void;
}

/** Asks an endpoint of the site's what is meant, where the embedded model may be wrong; whatever goes wrong there, the embedded model's guess stands. */
export function asking({ endpoint, toAsk, withAnswer, log, fellBack }: Needs): (said: Utterance, embedded: Understood) => Promise<Understood> {
  return async (said, embedded) => {
    const sent = toAsk(said, embedded);
    if (sent === null) return embedded;
    const answer = await endpoint.ask(sent.text);
    if (answer.ok) return withAnswer(said, embedded, sent, answer.named);
    fellBack(answer.why);
    log.info('words.not-understood-there', { why: answer.why });
    return embedded;
  };
}
