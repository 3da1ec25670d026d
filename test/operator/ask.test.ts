import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'radloop-ask-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The command as an operator runs it, over these lines. */
function ask(lines: readonly string[], ...more: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', 'ask', '-', ...more],
    { input: lines.join('\n'), encoding: 'utf8', timeout: 60_000 },
  );
  return { status, stdout, stderr };
}
const line = (id: string, text: string, parts: object = {}) =>
  JSON.stringify({ id, text, place: 'private', threadCase: null, lastShown: ['7KF3QN'], role: 'radiologist', ...parts });
const rows = (stdout: string) => stdout.trim().split('\n').map((row) => JSON.parse(row)); // prettier-ignore

it('answers a line a line, in their order, with intent, slots, act, confirm, also and reply', () => {
  const { status, stdout } = ask(
    [
      line('a', 'approve it'),
      line('b', 'approve 9M2QX8 if the creatinine is fine'),
      line('c', 'who is on call for neuro tonight'),
      line('d', 'show me 7KF3QN and tell me what is waiting', { place: 'channel' }),
      line('e', 'aprueba 7KF3QN'),
    ],
    '--json',
  );
  expect(status).toBe(0);
  const [a, b, c, d, e] = rows(stdout);
  expect(a).toEqual({ id: 'a', intent: 'approve', slots: { cases: ['7KF3QN'] }, act: true, confirm: false, also: [], reply: '7KF3QN is approved.' });
  expect(b).toMatchObject({ intent: 'approve', act: false, confirm: true });
  expect(c).toMatchObject({ intent: 'who-on-call', slots: { service: 'neuro', when: 'tonight' }, act: false, confirm: false });
  expect(d).toMatchObject({ intent: 'show-case', slots: { cases: ['7KF3QN'] }, also: [{ intent: 'list-waiting' }] });
  expect(e).toMatchObject({ intent: 'help', act: false, confirm: false, reply: expect.stringContaining('en inglés') });
});

it('says of a bad line what is wrong and where, goes on, and ends with 1', () => {
  const { status, stdout } = ask(
    [line('a', 'help'), 'nope', '', '{"id":"x","text":"hi"}', line('b', 'help', { role: 'king' }), line('c', 'help')],
    '--json',
  );
  expect(status).toBe(1);
  const answered = rows(stdout);
  expect(answered.map((row) => row.error?.at ?? row.id)).toEqual(['a', 'line 2', 'line 4, place', 'line 5, role', 'c']);
  expect(answered[2]).toMatchObject({ id: 'x', error: { code: 'not-a-question' } });
});

it('ends with 2 for wrong usage, a file that is not there and a site that can not be read', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', 'ask', ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  expect(run().status).toBe(2);
  const missing = run(join(folder, 'none.jsonl'));
  expect(missing.status).toBe(2);
  expect(missing.stderr).not.toContain('    at ');
  const file = join(folder, 'one.jsonl');
  writeFileSync(file, line('a', 'help'));
  expect(run(file, '--site', join(folder, 'no-site')).status).toBe(2);
});

it('prints for people without --json', () => {
  const { status, stdout } = ask([line('a', 'reject, wrong side')]);
  expect(status).toBe(0);
  expect(stdout).toContain('a  reject  done at once');
  expect(stdout).toContain('reason: wrong side');
});
