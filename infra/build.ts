import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The sources do not compile, or there is nothing to compile; the message holds the compiler's lines. */
export class BuildFailed extends Error {
  override name = 'BuildFailed';
}

const repository = join(import.meta.dirname, '..');
const dist = join(repository, 'dist');
/** The tab's page, as Vite bundles it. */
const page = join(repository, 'bot', 'tab', 'page');
const pageStamp = join(dist, 'tab', '.built');
const stamp = join(dist, '.built');
const lock = join(repository, '.tmp', 'build.lock');
const LOCK_STALE_MS = 180_000;

/** What is emitted: these folders' TypeScript. */
const compiled = ['functions', 'bot', 'cards'];
/** Whatever else decides what dist/ holds. */
const watched = [...compiled, 'package.json', 'tsconfig.json', 'infra/build.ts'];
/** What is in the page: of ports and core only their types, and a few names. */
const watchedByPage = ['bot/tab/page', 'functions/core/break-glass.ts', 'package-lock.json', 'infra/build.ts'];

/**
 * Builds `dist/`, the Function App as it is deployed: the emitted JavaScript of functions, bot and cards, the tab's page, host.json, functions/content and a
 * package.json that names the main module and what `#…` means there. Does nothing when no source is newer than the last build.
 * Two builds at once wait for each other.
 * @throws BuildFailed with the lines of the compiler or of Vite
 */
export async function build(): Promise<void> {
  if (await isFresh()) return;
  await locked(async () => {
    if (await isFresh()) return;
    const started = new Date();
    await mkdir(dist, { recursive: true });
    await rm(stamp, { force: true });
    // Both to their end: whoever waits for this build may not find one of them still writing.
    const failed = (await Promise.allSettled([compile(), bundlePage()])).find((done) => done.status === 'rejected');
    if (failed !== undefined) throw failed.reason as unknown;
    await dropOrphans();
    await cp(join(repository, 'functions', 'host.json'), join(dist, 'host.json'));
    await copyContent();
    await writeFile(join(dist, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
    // The time at which it began: what was saved while it ran is newer and is built next time.
    await writeFile(stamp, `${started.toISOString()}\n`);
  });
}

async function isFresh(): Promise<boolean> {
  return (await isNewerThanAll(stamp, watched)) && isNewerThanAll(pageStamp, watchedByPage);
}

async function isNewerThanAll(mark: string, paths: readonly string[]): Promise<boolean> {
  const built = await readFile(mark, 'utf8').catch(() => null);
  if (built === null) return false;
  const newest = await Promise.all(paths.map((path) => newestChange(join(repository, path))));
  return Math.max(...newest) < Date.parse(built.trim());
}

/** Folders count too: a file that is taken away changes only its folder. */
async function newestChange(path: string): Promise<number> {
  const own = await stat(path).catch(() => null);
  if (own === null) return 0;
  if (!own.isDirectory()) return own.mtimeMs;
  const inside = await Promise.all((await readdir(path)).map((name) => newestChange(join(path, name))));
  return Math.max(own.mtimeMs, ...inside);
}

async function compile(): Promise<void> {
  const compiler = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, lines } = await run([compiler, '-p', join(repository, 'functions', 'tsconfig.json'), '--pretty', 'false']);
  if (code === 0) return;
  // tsc emits in spite of errors and notes the files as done: without the note the next build says the same again.
  await rm(join(dist, '.tsbuildinfo'), { force: true });
  throw new BuildFailed(`The TypeScript sources do not compile (npx tsc -p functions says):\n${lines.slice(0, 60).join('\n')}`);
}

/** Only what has changed: the page takes a few seconds and seldom changes. Its types are the check's (infra/checks). */
async function bundlePage(): Promise<void> {
  if (await isNewerThanAll(pageStamp, watchedByPage)) return;
  const started = new Date();
  const vite = join(repository, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code, lines } = await run([vite, 'build', '--config', join(page, 'vite.config.ts'), '--logLevel', 'error']);
  if (code !== 0) throw new BuildFailed(`The tab's page can't be bundled (vite build says):\n${lines.slice(0, 60).join('\n')}`);
  await writeFile(pageStamp, `${started.toISOString()}\n`);
}

async function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, lines: Buffer.concat(chunks).toString('utf8').trim().split('\n').filter((line) => line !== '') }); // prettier-ignore
    });
  });
}

/** Takes away emitted files whose source is gone, so that nothing runs that is in no commit. */
async function dropOrphans(): Promise<void> {
  for (const folder of compiled) {
    const emitted = await readdir(join(dist, folder), { recursive: true }).catch(() => []);
    for (const name of emitted.filter((file) => file.endsWith('.js'))) {
      const source = join(repository, folder, name.replace(/\.js$/u, '.ts'));
      if ((await stat(source).catch(() => null)) === null) await rm(join(dist, folder, name));
    }
  }
}

async function copyContent(): Promise<void> {
  const from = join(repository, 'functions', 'content');
  const to = join(dist, 'functions', 'content');
  await rm(to, { recursive: true, force: true });
  if ((await stat(from).catch(() => null)) === null) return;
  await cp(from, to, { recursive: true, filter: (path) => !path.endsWith('.ts') });
}

/** package.json of the deployed app: the root's, with `imports` cut down to what holds for emitted files. */
async function manifest(): Promise<Record<string, unknown>> {
  const root: unknown = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  const names = member(root, 'imports');
  const imports = Object.entries(typeof names === 'object' && names !== null ? names : {}).map(([name, targets]) => [
    name,
    member(targets, 'default'),
  ]);
  return {
    name: member(root, 'name'),
    version: member(root, 'version'),
    private: true,
    license: member(root, 'license'),
    type: 'module',
    main: member(root, 'main'),
    engines: member(root, 'engines'),
    imports: Object.fromEntries(imports),
    dependencies: member(root, 'dependencies'),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

async function locked(work: () => Promise<void>): Promise<void> {
  await mkdir(join(repository, '.tmp'), { recursive: true });
  for (;;) {
    const mine = await mkdir(lock).then(() => true, () => false); // prettier-ignore
    if (mine) break;
    const held = await stat(lock).catch(() => null);
    // Left behind by a build that was killed.
    if (held !== null && Date.now() - held.mtimeMs > LOCK_STALE_MS) await rm(lock, { recursive: true, force: true });
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  try {
    const started = performance.now();
    await build();
    console.log(`${relative(process.cwd(), dist) || '.'} is built (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    if (!(error instanceof BuildFailed)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
