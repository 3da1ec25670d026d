import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { intent as intents } from '#domain/utterance.js';
import type { Intent } from '#domain/utterance.js';
import { version } from '#models/intents/statistic.js';
import { answerTo } from '../cli/ask.ts';
import type { Answered } from '../cli/ask.ts';
import { catalogue, readUtterances } from './utterances.ts';
import type { Labelled } from './utterances.ts';
import { wilson } from './wilson.ts';

interface Judged {
  readonly one: Labelled;
  readonly got: Answered;
}

/** Acts that a workflow serves in this version; the others are understood and never done. */
const served: ReadonlySet<Intent> = new Set<Intent>(['approve', 'choose-other', 'reject', 'ask-orderer', 'remind']);

/**
 * `npm run eval intents [FILE…]`: what `radloop ask` makes of labelled utterances, by default of every file in test/eval/intents.
 * `--misses` lists what was missed. Ends with 1 on a wrong act.
 */
export function run(args: string[]): number {
  const folder = fileURLToPath(new URL('../../test/eval/intents/', import.meta.url));
  const misses = args.includes('--misses');
  const named = args.filter((arg) => !arg.startsWith('--'));
  const files =
    named.length > 0
      ? named
      : readdirSync(folder)
          .filter((name) => name.endsWith('.jsonl'))
          .map((name) => `${folder}${name}`);
  const protocols = catalogue();
  console.log(`weights ${version}`);
  let wrongActs = 0;
  for (const file of files) {
    const judged = readUtterances(file).map((one): Judged => ({ one, got: answerTo(one, protocols) }));
    wrongActs += report(basename(file), judged, misses);
  }
  return wrongActs === 0 ? 0 : 1;
}

function report(name: string, judged: readonly Judged[], misses: boolean): number {
  const right = judged.filter(({ one, got }) => one.expect.intent === got.intent);
  const [low, high] = wilson(right.length, judged.length);
  const wrong = judged.filter(({ one, got }) => got.act && !one.expect.act);
  const plain = judged.filter(({ one }) => one.expect.act);
  const shown = plain.filter(({ one }) => served.has(one.expect.intent));
  const done = shown.filter(({ one, got }) => got.act && got.intent === one.expect.intent);
  const unserved = plain.length - shown.length;
  const isJustShown = ({ one }: Judged): boolean => {
    const named = [one.expect.slots['cases'] ?? []].flat();
    return named.length > 0 && named.every((number) => one.lastShown.includes(number));
  };
  console.log(`\n${name}: ${judged.length} utterances`);
  console.log(`  intent accuracy     ${share(right.length, judged.length)}   95 % Wilson interval ${low.toFixed(3)} to ${high.toFixed(3)}`);
  console.log(`  wrong acts          ${wrong.length}`);
  console.log(
    `  plain acts done     ${share(done.length, shown.length)}   without a question${unserved === 0 ? '' : `; ${unserved} more are of intents that no workflow serves yet and never act`}`,
  );
  console.log(`    on a case just shown ${share(done.filter(isJustShown).length, shown.filter(isJustShown).length)}`);
  console.log(`  confirm as labelled ${share(judged.filter(({ one, got }) => one.expect.confirm === got.confirm).length, judged.length)}`);
  console.log(`  slots as labelled   ${slotShare(right, word)}   of utterances whose intent is right, word for word`);
  const spoken = right.filter(({ one }) => one.expect.intent !== 'help' && one.expect.intent !== 'none');
  console.log(`  slots by meaning    ${slotShare(spoken, loose)}   without help and none; letter case, articles, "protocol" and outer marks aside`);
  console.log(`\n  ${'intent'.padEnd(24)}${'labelled'.padStart(9)}${'precision'.padStart(11)}${'recall'.padStart(8)}   taken for`);
  for (const kind of intents.options) console.log(line(kind, judged));
  for (const { one } of wrong) console.log(`  WRONG ACT ${one.id}: ${one.text}`);
  if (misses)
    for (const { one, got } of judged)
      if (one.expect.intent !== got.intent) console.log(`  ${one.id}: ${one.expect.intent}, taken for ${got.intent}: ${one.text}`);
  return wrong.length;
}

/** One row of the confusion table: what the intent was taken for, most often first. */
function line(kind: Intent, judged: readonly Judged[]): string {
  const meant = judged.filter(({ one }) => one.expect.intent === kind);
  const given = judged.filter(({ got }) => got.intent === kind);
  const both = meant.filter(({ got }) => got.intent === kind).length;
  const others = new Map<Intent, number>();
  for (const { got } of meant) if (got.intent !== kind) others.set(got.intent, (others.get(got.intent) ?? 0) + 1);
  const taken = [...others].sort(([, a], [, b]) => b - a).map(([other, times]) => `${other} ${times}`);
  const rate = (of: number) => (of === 0 ? '-' : (both / of).toFixed(3));
  return `  ${kind.padEnd(24)}${String(meant.length).padStart(9)}${rate(given.length).padStart(11)}${rate(meant.length).padStart(8)}   ${taken.join(', ')}`;
}

function slotShare(right: readonly Judged[], plain: (said: string) => string): string {
  const same = right.filter(({ one, got }) => canonical(one.expect.slots, plain) === canonical(got.slots, plain));
  return share(same.length, right.length);
}

function canonical(slots: object, plain: (said: string) => string): string {
  const entries = Object.entries(slots).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries, (_key, value: unknown) => (typeof value === 'string' ? plain(value) : value));
}

const word = (said: string): string => said;

/** How the second half's labeller compares slots. */
function loose(said: string): string {
  return said
    .toLowerCase()
    .replace(/\b(?:the|an?|protocol)\b/gu, ' ')
    .replace(/\s+/gu, ' ')
    .replace(/^[\s.,;:!?]+|[\s.,;:!?]+$/gu, '');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
}
