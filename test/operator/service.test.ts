import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { portsFrom } from '../../infra/local/installation.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { runNode } from '../support/radloop.ts';

const BASE_PORT = 29_500;
const ports = portsFrom(BASE_PORT);

let installation: TestInstallation;
let ris: Server;
const lines = new Set<Socket>();
/** What came to the RIS, and what it answers. */
const taken: string[] = [];
let answers: 'AA' | 'AR' = 'AR';

beforeAll(async () => {
  ris = createServer((socket) => {
    lines.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      taken.push(text);
      const [header = ''] = text.slice(1).split('\r');
      const error = answers === 'AR' ? 'ERR||OBR^1^4|103^Table value not found^HL70357|E\r' : '';
      socket.write(frame(`MSH|^~\\&|RIS|NORTH|RADLOOP|NORTH|20261125100000||ACK|A1|P|2.5.1\rMSA|${answers}|${header.split('|')[9] ?? ''}\r${error}`));
    });
  });
  installation = await openInstallation(BASE_PORT);
  await new Promise<void>((done) => ris.listen(ports.ris, '127.0.0.1', done));
}, 60_000);
afterAll(async () => {
  for (const line of lines) line.destroy();
  ris.close();
  await installation.clear();
}, 30_000);

const q = (...args: string[]) =>
  runNode('--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', 'q', ...args, '--data', installation.data);
/** An export with the passphrase on standard input. */
const typed = (passphrase: string, ...args: string[]): Promise<{ code: number | null; out: string }> =>
  new Promise((done) => {
    const program = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', 'q', 'export', ...args];
    const child = spawn(process.execPath, [...program, '--data', installation.data], { stdio: ['pipe', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.on('close', (code) => {
      done({ code, out });
    });
    child.stdin.end(`${passphrase}\n`);
  });
interface Listed {
  readonly id: string;
  readonly what: string;
  readonly type: string;
  readonly reason: string;
}
const listed = async (...args: string[]): Promise<Listed[]> =>
  (await q('list', '--json', ...args)).out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Listed]));

async function untilListed(kind: string): Promise<Listed> {
  for (let tries = 0; tries < 40; tries += 1) {
    const [item] = await listed('--kind', kind);
    if (item) return item;
    await new Promise((resume) => setTimeout(resume, 250));
  }
  throw new Error(`no ${kind} is held`);
}

describe('an operator beside the running service', () => {
  it('sees what the RIS refused, tries it out, retries it with a reason: the same bytes, once', async () => {
    expect((await exchangeBytes(ports.mllp, frame(orderBytes())))?.toString()).toContain('MSA|AA|');
    const { id, reason } = await untilListed('delivery');
    expect(reason).toContain('AR (OBR-4 103)');
    const show = await q('show', id);
    expect(show.out).not.toMatch(/Abara|M4811000|headache/u);
    expect(show.out).toMatch(/PID-5 +x+\^x+/u);

    const before = taken.length;
    const dry = await q('retry', id, '--dry-run');
    expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/would: the same \d+ bytes \(MSH-10 \w+\) go to ris again/u) });
    expect(await q('retry', id)).toMatchObject({ code: 1, err: expect.stringContaining('Say why with --reason') });
    expect(taken).toHaveLength(before);

    answers = 'AA';
    expect(await q('retry', id, '--reason', 'RIS knows the code now')).toMatchObject({ code: 0, out: expect.stringContaining('done: the same') });
    for (let tries = 0; tries < 40 && taken.length === before; tries += 1) await new Promise((resume) => setTimeout(resume, 100));
    expect(taken).toHaveLength(before + 1);
    const sent = taken.filter((text) => text.includes('ORU^R01'));
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent).size).toBe(1);
    expect(await listed('--kind', 'delivery')).toEqual([]);
    const history = await q('history', id);
    expect(history.out).toMatch(/m-brandt +q-retry +done .*"RIS knows the code now"/u);
  }, 90_000);

  it('needs another person for more than one item', async () => {
    for (const control of ['M2', 'M3']) {
      const bytes = orderBytes('new', control).toString().replaceAll('P000001^REHEARSAL-EHR|F000001^REHEARSAL-RIS', '|');
      await exchangeBytes(ports.mllp, frame(bytes));
    }
    expect(await listed('--state', 'refused')).toHaveLength(2);
    const asked = await q('release', '--state', 'refused', '--reason', 'sender has mended them');
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is done yet') });
    const bulk = /radloop q confirm (b\d+)/u.exec(asked.out)?.[1] ?? '';
    expect(await q('confirm', bulk)).toMatchObject({ code: 1, err: expect.stringContaining('another person has to confirm it') });
    expect(await listed('--state', 'refused')).toHaveLength(2);
    expect(await q('confirm', bulk, '--as', 's-weber')).toMatchObject({ code: 0 });
    expect(await listed('--state', 'refused')).toEqual([]);
    expect(await q('confirm', bulk, '--as', 'dr-okafor')).toMatchObject({ code: 1, err: expect.stringContaining('has no role') });
  }, 60_000);

  it('exports sealed what only the passphrase opens', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'radloop-export-'));
    const file = join(folder, 'm1.json');
    try {
      expect(await typed('short', 'm1', '--to', file, '--reason', 'sender asks')).toMatchObject({ code: 2 });
      expect(await typed('correct horse battery', 'm1', '--to', file, '--reason', 'sender asks')).toMatchObject({ code: 0 });
      expect(readFileSync(file, 'utf8')).not.toContain('Abara');
      expect((await typed('correct horse battery', '--open', file)).out).toBe(orderBytes().toString());
      expect(await typed('another passphrase', '--open', file)).toMatchObject({ code: 1, out: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  it('is told that the service must run once it does not, and may still look', async () => {
    await installation.stop();
    expect(await q('skip', 'm1', '--reason', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('The service does not run') });
    expect((await q('history')).out).toContain('q-export');
    expect((await q('show', 'm1')).code).toBe(0);
    expect((await q('list')).code).toBe(0);
    expect((await runNode('--conditions=source', 'infra/cli/main.ts', 'audit', 'verify', '--data', installation.data)).code).toBe(0);
  }, 60_000);
});
