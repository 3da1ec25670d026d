// What `npm start`, `npm test` and the other scripts run. Plain JavaScript without dependencies, because it is the one file that has to work
// on whatever Node (18 or later) somebody happens to have, before anything is installed. It installs what the lock file names, finds the
// Node 24 that came with it, and runs the script with that. ADR 0011 says why.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const fromSource = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
// A process that a test has left behind is named and ended by test/support/left-over.ts; nothing else may keep a run from ending.
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--forceExit'];

/** What each word runs. `build`: dist/ is built first, because what runs then loads it. */
const scripts = {
  start: { node: [...fromSource, 'infra/local/start.ts'] },
  test: { build: true, node: jest },
  'test:crash': { build: true, node: [...jest, 'test/chaos'], env: { RADLOOP_CRASH: 'full' } },
  'test:faults': {
    build: true,
    node: [
      ...jest,
      '--runInBand',
      'test/chaos',
      'test/clock',
      'test/audit',
      'test/sealing',
      'test/downtime',
      'test/backup',
      'test/contracts',
      'test/telemetry',
      'test/laws/critical',
      'test/rosters',
    ],
    env: { RADLOOP_FAULTS: 'full', RADLOOP_CRASH: 'full', RADLOOP_TAMPER: 'full', RADLOOP_TEST_FAULTS: 'all' },
  },
  'test:planted': { build: true, node: [...fromSource, 'test/planted-bugs/run.ts'] },
  scale: { node: [...fromSource, 'infra/scale/main.ts'] },
  bench: { build: true, node: [...fromSource, 'infra/bench/main.ts'] },
  eval: { node: [...fromSource, 'infra/eval/main.ts'] },
  fuzz: { node: [...fromSource, 'infra/fuzz/main.ts'] },
  'package:teams': { node: [...fromSource, 'infra/package/main.ts'] },
  build: { node: [...fromSource, 'infra/build.ts'] },
  check: { node: [...fromSource, 'infra/checks/check.ts'] },
};

const [word = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(scripts, word)) {
  say(`usage: node infra/run.mjs <${Object.keys(scripts).join('|')}> [args]`);
  process.exit(2);
}
const script = scripts[word];
install();
const node = findNode();
if (script.build === true) {
  const built = spawnSync(node, scripts.build.node, { cwd: root, env: environment(), stdio: ['ignore', 2, 2] });
  if (built.status !== 0) stop('the build failed (above); nothing was run.', built.status ?? 1);
}
run(node, [...script.node, ...args], script.env);

/** Installs what the lock file names, unless that is what node_modules holds already. */
function install() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stamp = createHash('sha256').update(lock).digest('hex');
  const stampFile = join(root, 'node_modules', '.radloop-lock');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === stamp) return;
  if (!holds(JSON.parse(lock.toString('utf8')))) {
    const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    say(`installing what package-lock.json names: npm ${options.join(' ')} (once; a minute or two, about 1.1 GB on disk)`);
    const started = Date.now();
    const { status, error } = npm(options);
    if (error) stop(`npm could not be started: ${error.message}. Install Node.js with npm (https://nodejs.org) and try again.`);
    if (status !== 0) {
      stop(
        `npm ended with ${String(status)}; its own words are above. Nothing was started. Most often the registry can't be reached ` +
          '(check `npm ping` and your proxy) or the disk is full. Then run the same command again.',
      );
    }
    say(`installed in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  writeFileSync(stampFile, `${stamp}\n`);
}

/** Does node_modules hold exactly what the lock file names? So that an `npm install` by hand is not undone. */
function holds(lock) {
  const heldFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(heldFile)) return false;
  try {
    const held = JSON.parse(readFileSync(heldFile, 'utf8')).packages;
    const named = Object.entries(lock.packages).filter(([path]) => path !== '');
    const missing = named.some(([path, { version, optional }]) => (path in held ? held[path].version !== version : optional !== true));
    return !missing && Object.keys(held).every((path) => path in lock.packages);
  } catch {
    return false; // an install that was cut short: do it again
  }
}

/** npm's own output goes to standard error: standard output belongs to the script that follows. */
function npm(options) {
  const stdio = ['ignore', 2, 2];
  const cli = process.env.npm_execpath ?? '';
  if (basename(cli) === 'npm-cli.js') return spawnSync(process.execPath, [cli, ...options], { cwd: root, stdio });
  return spawnSync('npm', options, { cwd: root, stdio, shell: process.platform === 'win32' });
}

/** The Node 24 of node_modules where there is one for this machine and it runs, else this Node when it is new enough. */
function findNode() {
  const platform = { linux: 'linux', win32: 'win' }[process.platform];
  if (platform !== undefined) {
    const bin = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', platform === 'win' ? 'node.exe' : 'node');
    if (existsSync(bin) && spawnSync(bin, ['--version']).status === 0) return bin;
  }
  if (isNewEnough(process.versions.node)) return process.execPath;
  return stop(
    `Radloop needs Node.js 24.21 or later (its SQLite loses nothing when two checkpoints meet). This is ${process.version} on ${process.platform} ${process.arch}, ` +
      'and npm has no Node 24 package that runs on this machine. Install Node 24 from https://nodejs.org and run the same command again.',
  );
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 24 && minor >= 21) || major > 24;
}

/** This process's environment with the found Node first on the path, so that `node` means the same one everywhere below. */
function environment(more = {}) {
  const began = String(Math.round(performance.timeOrigin));
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { RADLOOP_BEGAN: began, ...process.env, ...more, [name]: `${dirname(node)}${delimiter}${process.env[name] ?? ''}` };
}

/** Runs it in our place: same terminal, signals passed on, its exit code is ours. */
function run(command, options, more) {
  const child = spawn(command, options, { cwd: root, env: environment(more), stdio: 'inherit' });
  child.on('error', (error) => stop(`${command} could not be started: ${error.message}`));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // On a terminal Ctrl-C reaches the whole group: passing it on would make two of one.
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    });
  }
  if (process.env.npm_lifecycle_event !== undefined) {
    // A signal sent to npm ends the shell between npm and us, and the shell does not pass it on: when our parent is gone, somebody asked us to end.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      child.kill('SIGTERM');
    }, 200);
  }
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function say(text) {
  process.stderr.write(`radloop: ${text}\n`);
}

function stop(text, code = 1) {
  say(text);
  process.exit(code);
}
