import { rmSync } from 'node:fs';
import { bugs } from './bugs.ts';
import type { Bug } from './bugs.ts';
import { endAll, runSuite } from './judge.ts';
import type { Showed } from './judge.ts';
import { compileErrors, copyTree, plant } from './tree.ts';

/**
 * Puts one bug after the other into copies of the tree, two side by side, and runs the suites that it names. Caught is a bug when an assertion failed in one of them;
 * a suite that does not load shows nothing, and one that runs out of time only where the bug can show itself in no other way. Each suite must pass without a bug first.
 * `--only TEXT`: those whose name has this text. Ends with 1 unless every bug was caught.
 */
const SIDE_BY_SIDE = 2;
/** A run may take so many times what it takes without a bug, and never less than three minutes: a property that fails is shrunk first, and a crash suite collects all it finds. */
const PATIENCE = 8;
const LEAST_SECONDS = 180;
const FIRST_RUN_SECONDS = 600;

type Verdict = 'caught' | 'survived' | 'timed out' | 'not judged';
interface Judged {
  readonly bug: Bug;
  readonly verdict: Verdict;
  readonly seconds: number;
  readonly why: string;
}
/** How long a suite takes without a bug, in seconds; null: it does not pass. */
type Sound = ReadonlyMap<string, number | null>;

const at = process.argv.indexOf('--only');
const wanted = at < 0 ? bugs : bugs.filter(({ name }) => name.includes(process.argv[at + 1] ?? ''));
const began = Date.now();
const trees = Array.from({ length: SIDE_BY_SIDE }, copyTree);
const clean = (): void => {
  endAll();
  for (const tree of trees) rmSync(tree, { recursive: true, force: true, maxRetries: 5 });
};
process.on('exit', clean);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Each job is done once, by whichever tree is free. */
async function share<Job>(jobs: readonly Job[], work: (tree: string, job: Job) => Promise<void>): Promise<void> {
  const left = [...jobs];
  const busy = async (tree: string): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await work(tree, job);
  };
  await Promise.all(trees.map(busy));
}

const runName = (suite: string, only: string | undefined): string => (only === undefined ? suite : `${suite} -t "${only}"`);
const seconds = (from: number): number => (Date.now() - from) / 1000;

async function soundSuites(): Promise<Sound> {
  const names = new Map(wanted.flatMap(({ suites, only }) => suites.map((suite) => [runName(suite, only), { suite, only }] as const)));
  const sound = new Map<string, number | null>();
  await share([...names], async (tree, [name, { suite, only }]) => {
    const from = Date.now();
    const showed = await runSuite(tree, suite, only, FIRST_RUN_SECONDS);
    sound.set(name, showed.what === 'passed' ? seconds(from) : null);
    console.log(
      `${showed.what.padEnd(11)} ${seconds(from).toFixed(0).padStart(4)} s  without a bug: ${name}${'test' in showed ? `: ${showed.test}` : ''}`,
    );
  });
  return sound;
}

async function judge(tree: string, bug: Bug, sound: Sound): Promise<Judged> {
  const from = Date.now();
  const takeOut = plant(tree, bug);
  const shown: Showed[] = [];
  try {
    for (const suite of bug.suites) {
      const usual = sound.get(runName(suite, bug.only)) ?? null;
      if (usual === null) return { bug, verdict: 'not judged', seconds: seconds(from), why: `${suite} does not pass without it` };
      const showed = await runSuite(tree, suite, bug.only, Math.max(LEAST_SECONDS, usual * PATIENCE));
      if (showed.what === 'failed') return { bug, verdict: 'caught', seconds: seconds(from), why: showed.test };
      if (showed.what === 'timed out' && bug.hangs !== undefined)
        return { bug, verdict: 'caught', seconds: seconds(from), why: `hangs: ${showed.test}` };
      shown.push(showed);
    }
  } finally {
    takeOut();
  }
  const [other] = shown.filter(({ what }) => what !== 'passed');
  if (other === undefined || other.what === 'passed') return { bug, verdict: 'survived', seconds: seconds(from), why: bug.suites.join(' ') };
  return { bug, verdict: other.what === 'timed out' ? 'timed out' : 'not judged', seconds: seconds(from), why: other.test };
}

const errors = compileErrors(trees[0] ?? '', wanted);
if (errors !== '') {
  console.error(`These bugs would be caught by the compiler; mend test/planted-bugs/bugs.ts:\n${errors}`);
  process.exit(1);
}
const sound = await soundSuites();
const judged: Judged[] = [];
await share(wanted, async (tree, bug) => {
  const one = await judge(tree, bug, sound);
  judged.push(one);
  console.log(`${one.verdict.padEnd(10)} ${one.seconds.toFixed(0).padStart(4)} s  ${bug.name}`);
});
const of = (verdict: Verdict): readonly Judged[] => judged.filter((one) => one.verdict === verdict);
console.log('\nverdict    bug, and what showed it');
for (const verdict of ['caught', 'survived', 'timed out', 'not judged'] as const)
  for (const { bug, why } of of(verdict)) console.log(`${verdict.padEnd(10)} ${bug.name}\n${' '.repeat(13)}${why}`);
const unjudged = of('not judged').length;
console.log(`\n${wanted.length} bugs in ${(seconds(began) / 60).toFixed(1)} minutes.`);
console.log(
  `${of('caught').length} caught, ${of('survived').length} survived, ${of('timed out').length} timed out${unjudged > 0 ? `, ${unjudged} not judged` : ''}`,
);
process.exitCode = wanted.length > 0 && of('caught').length === wanted.length ? 0 : 1;
