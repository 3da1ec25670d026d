import { fileURLToPath } from 'node:url';
import { understand } from '#models/intents/index.js';
import { classifierOf, learn, rowsOf } from './learn.ts';
import type { Row } from './learn.ts';
import { catalogue, readByIntent, readFrames, readUtterances } from './utterances.ts';
import type { Labelled } from './utterances.ts';

/**
 * `npm run eval cross`: how the whole model does on utterances that did not teach it. Each development half is judged by what the other halves taught; own*.txt and
 * frames.txt always teach. The rules, and many of the lines of own*.txt, were written after a look at all of them: a new half will do worse.
 */
export function run(args: string[]): number {
  const folder = fileURLToPath(new URL('../../test/eval/intents/', import.meta.url));
  const halves = ['dev', 'dev-2', 'dev-3', 'dev-4'].map((name) => ({ name, said: readUtterances(`${folder}${name}.jsonl`) }));
  const own = ['own', 'own-2', 'own-3', 'own-4'].flatMap((name) => readByIntent(`${folder}${name}.txt`));
  const always = [...own, ...readFrames(`${folder}frames.txt`)].flatMap(rowsOf);
  for (const { name, said } of halves) {
    const taught = halves.filter((other) => other.name !== name).flatMap((other) => other.said.flatMap(rowsOf));
    print(`${name}, taught by the others`, judge(said, [...always, ...taught], args.includes('--misses')), said.length);
  }
  return 0;
}

/** How many intents are right. */
function judge(test: readonly Labelled[], taught: readonly Row[], misses: boolean): number {
  const protocols = catalogue();
  const by = classifierOf(learn(taught));
  const wrong = test.flatMap((one) => {
    const got = understand(one, protocols, by).intent;
    return got === one.expect.intent ? [] : [`  ${one.expect.intent}, taken for ${got} (${one.role}, ${one.place}): ${one.text}`];
  });
  if (misses) for (const line of wrong) console.log(line);
  return test.length - wrong.length;
}

function print(what: string, right: number, of: number): void {
  console.log(`${what}: ${right} of ${of} (${((100 * right) / of).toFixed(1)} %)`);
}
