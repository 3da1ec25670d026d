import { fileURLToPath } from 'node:url';
import { understand } from '#models/intents/index.js';
import { classifierOf, learn, rowsOf } from './learn.ts';
import { catalogue, readByIntent, readFrames, readUtterances } from './utterances.ts';

const folds = 5;

/** `npm run eval cross`: five-fold cross-validation of the whole model over dev.jsonl; own.txt always teaches. How it does on utterances that did not teach it. */
export function run(args: string[]): number {
  const folder = fileURLToPath(new URL('../../test/eval/intents/', import.meta.url));
  const all = readUtterances(`${folder}dev.jsonl`);
  const own = [...readByIntent(`${folder}own.txt`), ...readFrames(`${folder}frames.txt`)].flatMap(rowsOf);
  const protocols = catalogue();
  // A fixed order that mixes the intents.
  const order = all.map((one, i) => ({ one, key: (i * 7919) % all.length })).sort((a, b) => a.key - b.key);
  let right = 0;
  for (let fold = 0; fold < folds; fold += 1) {
    const by = classifierOf(learn([...own, ...order.filter((_, i) => i % folds !== fold).flatMap(({ one }) => rowsOf(one))]));
    for (const { one } of order.filter((_, i) => i % folds === fold)) {
      const got = understand(one, protocols, by).intent;
      if (got === one.expect.intent) right += 1;
      else if (args.includes('--misses')) console.log(`${one.expect.intent}, taken for ${got} (${one.role}, ${one.place}): ${one.text}`);
    }
  }
  console.log(`${right} of ${all.length} (${((100 * right) / all.length).toFixed(1)} %)`);
  return 0;
}
