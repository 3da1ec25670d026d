import { fileURLToPath } from 'node:url';
import { understand } from '#models/intents/index.js';
import { classifierOf, learn, rowsOf } from './learn.ts';
import type { Row } from './learn.ts';
import { catalogue, readByIntent, readFrames, readUtterances } from './utterances.ts';
import type { Labelled } from './utterances.ts';

/**
 * `npm run eval cross`: how the whole model does on utterances that did not teach it. Each development half is judged by what the other one taught, then each
 * voice of the second half by everything else; own.txt and frames.txt always teach. The rules were written after a look at both: a new half may do worse.
 */
export function run(args: string[]): number {
  const folder = fileURLToPath(new URL('../../test/eval/intents/', import.meta.url));
  const [first, second] = [readUtterances(`${folder}dev.jsonl`), readUtterances(`${folder}dev-2.jsonl`)];
  const own = [...readByIntent(`${folder}own.txt`), ...readFrames(`${folder}frames.txt`)].flatMap(rowsOf);
  const rows = (of: readonly Labelled[]) => of.flatMap(rowsOf);
  const misses = args.includes('--misses');
  print('dev-2, taught by dev', judge(second, [...own, ...rows(first)], misses), second.length);
  print('dev, taught by dev-2', judge(first, [...own, ...rows(second)], misses), first.length);
  let right = 0;
  for (const voice of new Set(second.map(voiceOf))) {
    const taught = [...own, ...rows(first), ...rows(second.filter((one) => voiceOf(one) !== voice))];
    right += judge(
      second.filter((one) => voiceOf(one) === voice),
      taught,
      misses,
    );
  }
  print('dev-2, each voice taught by the others', right, second.length);
  return 0;
}

/** "u-nr-001": the voice that speaks stands in the middle. */
function voiceOf({ id }: Labelled): string {
  return id.split('-')[1] ?? '';
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
