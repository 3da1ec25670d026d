import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedStores } from '../support/store-fixture.ts';
import { message } from '../support/store-fixture.ts';
import { radloop } from '../support/radloop.ts';

const commands = ['list', 'show', 'diff', 'retry', 'skip', 'park', 'release', 'confirm', 'export', 'history'];

let data: string;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'radloop-q-'));
  const stores = embeddedStores(join(data, 'store'));
  const bytes = Buffer.from('MSH|^~\\&|RIS|NORTH|RADLOOP|NORTH|20261125100000||ORM^O01|M1|P|2.5.1\rPID|||4711||Abara^Vera\r');
  const reason =
    'Neither a placer order number (ORC-2, OBR-2) nor a filler order number (ORC-3, OBR-3), and more words than a line of a terminal holds.';
  await stores.raw.keep(message({ bytes, length: bytes.length, state: 'refused', ackCode: 'AE', reason }), []);
  await stores.db.close();
});
afterAll(() => {
  rmSync(data, { recursive: true });
});

describe('radloop q', () => {
  it.each(commands)(
    '%s has help with one worked example',
    async (command) => {
      const { code, out } = await radloop('q', command, '--help');
      expect(code).toBe(0);
      expect(out).toMatch(/^Example: radloop q /mu);
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    },
    20_000,
  );

  it('lists, shows and tells the history without a running service, and no patient data', async () => {
    const list = await radloop('q', 'list', '--data', data);
    expect(list.code).toBe(0);
    const [head, row] = list.out.split('\n');
    expect(head).toMatch(/^id held +what +case +age +where why +what to do$/u);
    expect(row).toMatch(/^m1 refused ORM\^O01 .* Neither a placer order number .*… sender mends; release$/u);
    expect(Math.max(...list.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    const json = await radloop('q', 'list', '--data', data, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ id: 'm1', what: 'message refused', case: null, type: 'ORM^O01', code: 'AE' });
    const show = await radloop('q', 'show', 'm1', '--data', data);
    expect(show.out).toContain('PID-5       xxxxx^xxxx');
    expect(show.out + list.out + json.out).not.toContain('Abara');
    expect((await radloop('q', 'history', '--data', data)).out).toBe('Nothing was done by an operator.\n');
  }, 30_000);

  it('does nothing without a running service, and says how to start it', async () => {
    for (const args of [
      ['retry', 'm1', '--reason', 'x'],
      ['diff', 'm1'],
      ['park', '7KF3QN', '--reason', 'x'],
      ['confirm', 'b1'],
    ]) {
      const { code, out, err } = await radloop('q', ...args, '--data', data);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain(`start it (npm start -- --data ${data})`);
    }
  }, 30_000);

  it('says what it can not read, in a sentence, and ends with 2', async () => {
    const wrong: [string[], string][] = [
      [['show', '--data', data], 'radloop q show ID'],
      [['retry', '--data', data], 'Name at least one id'],
      [['retry', 'm1', '--kind', 'message', '--data', data], 'not both'],
      [['list', '--kind', 'patient', '--data', data], '--kind takes one of'],
      [['list', '--limit', '0', '--data', data], '--limit takes a whole number'],
      [['list', '--data', join(data, 'nowhere')], 'holds no store of Radloop'],
      [['list', '--reveal', '--data', data], "Unknown option '--reveal'"],
      [['export', 'm1', '--data', data], '--to FILE'],
      [['export', '--open', join(data, 'nowhere'), '--key', 'x'], "can't be read"],
      [['export', '--open', 'package.json'], '--key PRIVATE.pem'],
      [['export', '--open', 'package.json', '--key', 'package.json'], 'is no sealed export of Radloop'],
    ];
    for (const [args, says] of wrong) {
      const { code, err } = await radloop('q', ...args);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(err).toContain(says);
      expect(err).not.toMatch(/^\s+at /mu);
    }
    const unknown = await radloop('q', 'show', 'o99', '--data', data);
    expect(unknown).toMatchObject({ code: 1, err: 'Nothing is held as o99. "radloop q list" shows what is.\n' });
  }, 60_000);
});
