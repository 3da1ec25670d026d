import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Bug } from './bugs.ts';

const PARTS = ['functions', 'bot', 'cards', 'infra', 'test', 'package.json', 'package-lock.json', 'tsconfig.json', '.gitattributes'];

/** A copy of the tree in the temporary folder, with a temporary folder of its own in `.tmp`. The tree itself is never written to. */
export function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'radloop-planted-'));
  for (const part of PARTS) cpSync(part, join(copy, part), { recursive: true, filter: (from) => !from.includes('node_modules') });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, '.tmp'));
  return copy;
}

/** Puts the bug there. @returns what takes it out again @throws when the file does not have what is to be replaced, once */
export function plant(tree: string, bug: Bug): () => void {
  const file = join(tree, bug.file);
  const before = readFileSync(file, 'utf8');
  if (before.split(bug.find).length !== 2)
    throw new Error(`"${bug.name}": ${bug.file} has what is to be replaced not once: mend test/planted-bugs/bugs.ts`);
  writeFileSync(
    file,
    before.replace(bug.find, () => bug.put),
  );
  return () => {
    writeFileSync(file, before);
  };
}

/** All bugs at once compile, so that none of them is caught by the compiler. @returns what tsc says, empty: nothing */
export function compileErrors(tree: string, bugs: readonly Bug[]): string {
  const undo = bugs.map((bug) => plant(tree, bug));
  const tsc = ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.', '--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
  const { stdout, status } = spawnSync(process.execPath, tsc, { cwd: tree, encoding: 'utf8' });
  for (const takeOut of undo.reverse()) takeOut();
  const files = new Set(bugs.map(({ file }) => file));
  const ours = stdout.split('\n').filter((line) => files.has(line.split('(')[0] ?? ''));
  return status === 0 ? '' : ours.join('\n');
}
