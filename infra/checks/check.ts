import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run check`: what can be said of the code without running it. Two tools at a time, a line each with its seconds,
 * and of those that failed everything they said. Tests are `npm test`.
 */
interface Check {
  readonly name: string;
  readonly says: string;
  readonly program: string;
  readonly args: readonly string[];
}

const root = join(import.meta.dirname, '..', '..');
const sources = ['functions', 'bot', 'cards', 'infra', 'test'].filter((folder) => existsSync(join(root, folder)));

/** The slow ones first. */
const checks: readonly Check[] = [
  { name: 'lint', says: 'ESLint', program: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  { name: 'types', says: 'TypeScript', program: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'tab', says: 'TypeScript, DOM', program: 'typescript/bin/tsc', args: ['-p', 'bot/tab/page', '--noEmit'] },
  {
    name: 'imports',
    says: 'dependency-cruiser',
    program: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: [...sources, '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long'],
  },
  { name: 'unused', says: 'knip', program: 'knip/bin/knip.js', args: ['--no-progress'] },
  { name: 'format', says: 'Prettier', program: 'prettier/bin/prettier.cjs', args: ['--check', '.'] },
];

interface Result {
  readonly check: Check;
  readonly ok: boolean;
  readonly output: string;
}

function run(check: Check): Promise<Result> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', check.program), ...check.args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = (ok: boolean, more = ''): void => {
      const output = `${Buffer.concat(chunks).toString('utf8')}${more}`.trim();
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const count = /\d+ modules, \d+ dependencies cruised/u.exec(output)?.[0];
      const note = count === undefined ? '' : `  (${count})`;
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${check.name.padEnd(8)} ${check.says.padEnd(18)} ${seconds.padStart(5)} s${note}`);
      resolve({ check, ok, output });
    };
    child.on('error', (error) => {
      end(false, error.message);
    });
    child.on('close', (code) => {
      end(code === 0);
    });
  });
}

async function worker(queue: Check[], results: Result[]): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.push(await run(next));
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(', ')}. There are: ${checks.map((check) => check.name).join(', ')}.`);
  process.exit(2);
}
const queue = checks.filter((check) => wanted.length === 0 || wanted.includes(check.name));
const results: Result[] = [];
await Promise.all([worker(queue, results), worker(queue, results)]);

const failed = results.filter((result) => !result.ok);
for (const { check, output } of failed) console.log(`\n--- ${check.name} (${check.says}) ---\n${output}`);
console.log(failed.length === 0 ? `\n${results.length} checks passed` : `\n${failed.length} of ${results.length} checks failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
