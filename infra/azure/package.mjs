// What `azd package` runs first: dist/ becomes the package that both function apps get. The emitted code (npm run build), the modules that the lock file names
// without those of development, and the site's folder (RADLOOP_SITE_FOLDER) as `site/`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'dist');
const modules = join(root, '.tmp', 'package');
const site = process.env.RADLOOP_SITE_FOLDER ?? '';

if (!existsSync(join(site, 'site.json'))) {
  stop(
    `RADLOOP_SITE_FOLDER is "${site}", which holds no site.json: azd env set RADLOOP_SITE_FOLDER /path/of/the/site (infra/rehearsal/site is an example).`,
  );
}
run(process.execPath, [join(root, 'infra', 'run.mjs'), 'build'], root);
rmSync(modules, { recursive: true, force: true });
mkdirSync(modules, { recursive: true });
for (const file of ['package.json', 'package-lock.json', '.npmrc']) if (existsSync(join(root, file))) cpSync(join(root, file), join(modules, file));
// `optional` is the Node for people's machines; Azure has its own.
run('npm', ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'], modules);
for (const [from, to] of [
  [join(modules, 'node_modules'), join(dist, 'node_modules')],
  [site, join(dist, 'site')],
]) {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' && command === 'npm' });
  if (error || status !== 0) stop(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.`);
}

function stop(text) {
  process.stderr.write(`radloop: ${text}\n`);
  process.exit(1);
}
