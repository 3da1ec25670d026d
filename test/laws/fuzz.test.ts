import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
// `npm run fuzz` runs ten million; here it is a look at every change, longer where nobody waits for it.
const seconds = process.env['CI'] === undefined ? 5 : 60;

it(`finds nothing in ${seconds} s of coverage-guided inputs at codec, framer and door`, () => {
  const options = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/fuzz/main.ts', '--seconds', String(seconds)];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, { cwd: root, encoding: 'utf8' });
  expect({ status, failures: /failures (\d+)/u.exec(stdout)?.[1], said: status === 0 ? '' : stdout + stderr }).toEqual({
    status: 0,
    failures: '0',
    said: '',
  });
}, 120_000);
