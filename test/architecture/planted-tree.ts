import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { companions, plants, sound, unusedDependency } from './plants.ts';
import type { Tool } from './plants.ts';

/** One complaint of one tool about one file (path from the tree's root). */
export interface Complaint {
  readonly tool: Tool;
  readonly rule: string;
  readonly file: string;
  readonly text: string;
}

const repository = join(import.meta.dirname, '..', '..');
/** Inside the repository, so that packages resolve; ignored by git. */
const tree = join(repository, '.tmp', 'planted');

/** Writes the sound files and the plants afresh, with the repository's own package.json and TypeScript settings. */
export function plant(): void {
  rmSync(tree, { recursive: true, force: true });
  const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const dependencies = { ...own.dependencies, [unusedDependency]: '1.0.0' };
  write('package.json', JSON.stringify({ ...own, name: 'planted', dependencies }));
  write('tsconfig.json', JSON.stringify({ extends: '../../tsconfig.json', include: ['functions', 'bot', 'cards', 'infra', 'test'] }));
  for (const [path, text] of Object.entries({ ...sound, ...companions })) write(path, text);
  for (const { at, text } of plants) if (text !== '') write(at, text);
}

function write(path: string, text: string): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Runs every tool over the tree, two at a time, and gathers what they say. */
export async function complaints(): Promise<readonly Complaint[]> {
  const [first, second] = await Promise.all([inTurn([lint]), inTurn([imports, types, unused, format])]);
  return [...first, ...second];
}

async function inTurn(tools: readonly (() => Promise<Complaint[]>)[]): Promise<Complaint[]> {
  const all: Complaint[] = [];
  for (const tool of tools) all.push(...(await tool()));
  return all;
}

async function lint(): Promise<Complaint[]> {
  const config = join(repository, 'eslint.config.js');
  const output = await run('eslint/bin/eslint.js', ['.', '--config', config, '--format', 'json']);
  const files: { filePath: string; messages: { ruleId: string | null; message: string }[] }[] = JSON.parse(output);
  return files.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => ({ tool: 'lint', rule: ruleId ?? 'no-inline-config', file: fromTree(filePath), text: message })),
  );
}

async function imports(): Promise<Complaint[]> {
  const config = join(repository, '.dependency-cruiser.cjs');
  const folders = ['functions', 'bot', 'cards', 'infra', 'test'];
  const output = await run('dependency-cruiser/bin/dependency-cruiser.mjs', [...folders, '--config', config, '--output-type', 'json']);
  const violations: { from: string; to: string; rule: { name: string } }[] = JSON.parse(output).summary.violations;
  return violations.map(({ from, to, rule }) => ({ tool: 'imports', rule: rule.name, file: from, text: to }));
}

async function types(): Promise<Complaint[]> {
  const output = await run('typescript/bin/tsc', ['-p', '.', '--pretty', 'false']);
  return [...output.matchAll(/^(.+?)\(\d+,\d+\): error (TS\d+): (.*)$/gmu)].map(([, file = '', rule = '', text = '']) => ({
    tool: 'types',
    rule,
    file,
    text,
  }));
}

async function unused(): Promise<Complaint[]> {
  const output = await run('knip/bin/knip.js', ['--no-gitignore', '--no-progress', '--no-config-hints', '--reporter', 'json']);
  const issues: ({ file: string } & Record<string, string | { name: string }[]>)[] = JSON.parse(output).issues;
  return issues.flatMap(({ file, ...kinds }) =>
    Object.entries(kinds).flatMap(([rule, found]): Complaint[] =>
      typeof found === 'string' ? [] : found.map(({ name }) => ({ tool: 'unused', rule, file, text: name })),
    ),
  );
}

async function format(): Promise<Complaint[]> {
  const output = await run('prettier/bin/prettier.cjs', ['--list-different', 'functions', 'bot', 'cards', 'infra', 'test']);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((file) => ({ tool: 'format', rule: 'format', file, text: '' }));
}

function fromTree(path: string): string {
  return relative(tree, path).replaceAll('\\', '/');
}

/** Standard output of a tool that was run in the tree; its exit code says nothing here, for there always are violations. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(repository, 'node_modules', program), ...args], {
      cwd: tree,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NODE_OPTIONS: '' },
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}
