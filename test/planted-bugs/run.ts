import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bugs } from './bugs.ts';
import type { Bug } from './bugs.ts';

/**
 * Puts one bug after the other into a copy of the tree and runs the suites that it names: each must fail then, and pass without it.
 * `--only TEXT`: those whose name has this text. Prints a table; ends with 1 when a bug survives.
 */
const MINUTES_EACH = 5;
const at = process.argv.indexOf('--only');
const wanted = at < 0 ? bugs : bugs.filter(({ name }) => name.includes(process.argv[at + 1] ?? ''));
const copy = mkdtempSync(join(tmpdir(), 'radloop-planted-'));

function copyTree(): void {
  const parts = ['functions', 'bot', 'cards', 'infra', 'test', 'package.json', 'package-lock.json', 'tsconfig.json', '.gitattributes'];
  for (const part of parts) cpSync(part, join(copy, part), { recursive: true, filter: (from) => !from.includes('node_modules') });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, '.tmp'), { recursive: true });
}

/** Do these suites pass in the copy as it is? */
function passes({ suites }: Pick<Bug, 'suites'>): boolean {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--forceExit', '--bail'];
  const run = spawnSync(process.execPath, [...jest, ...suites], { cwd: copy, stdio: 'ignore', timeout: MINUTES_EACH * 60_000 });
  return run.status === 0;
}

function survives(bug: Bug): boolean {
  const file = join(copy, bug.file);
  const before = readFileSync(file, 'utf8');
  if (before.split(bug.find).length !== 2)
    throw new Error(`${bug.name}: ${bug.file} has what is to be replaced not once: mend test/planted-bugs/bugs.ts`);
  writeFileSync(
    file,
    before.replace(bug.find, () => bug.put),
  );
  try {
    return passes(bug);
  } finally {
    writeFileSync(file, before);
  }
}

const began = Date.now();
copyTree();
let caught = 0;
const sound = new Map<string, boolean>();
for (const bug of wanted) {
  const started = Date.now();
  const suites = bug.suites.join(' ');
  if (!sound.has(suites)) sound.set(suites, passes(bug));
  const verdict = sound.get(suites) !== true ? 'ITS SUITES FAIL WITHOUT IT' : survives(bug) ? 'SURVIVES' : 'caught';
  if (verdict === 'caught') caught += 1;
  console.log(`${verdict.padEnd(9)} ${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s  ${bug.name}  (${suites})`);
}
rmSync(copy, { recursive: true, force: true });
console.log(`\n${caught} of ${wanted.length} planted bugs caught in ${((Date.now() - began) / 60_000).toFixed(1)} minutes.`);
process.exitCode = caught === wanted.length ? 0 : 1;
