import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Auditor } from '#ports/auditor.js';
import type { Custodian } from '#ports/custody.js';
import type { CaseDesk } from '#ports/case-desk.js';
import type { PaperDesk } from '#ports/downtime.js';
import type { Caller, Operator, QueueReply } from '#ports/queue.js';
import { PathTooLong, controlAddress } from '../../infra/local/control-address.ts';
import { ControlFolderUnsafe, ControlTaken, listenControl } from '../../infra/local/control.ts';
import type { Control } from '../../infra/local/control.ts';

const onUnix = process.platform === 'win32' ? describe.skip : describe;

let data: string;
let folder: string;
let control: Control;
let callers: Caller[];
const operator: Operator = {
  ask: async (caller): Promise<QueueReply> => {
    callers.push(caller);
    return { ok: true, answer: 'list', items: [], more: false };
  },
};

const auditor: Auditor = { ask: async () => ({ ok: false, code: 'denied', text: 'not here' }) };
const custodian: Custodian = { ask: async () => ({ ok: false, code: 'denied', text: 'not here' }) };
const cases: CaseDesk = { ask: async () => ({ ok: false, code: 'denied', text: 'not here' }) };
const paper: PaperDesk = { enter: async () => ({ ok: true, outcome: 'refused', text: 'not here' }) };

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'radloop-control-'));
  folder = join(data, 'control');
  callers = [];
  control = await listenControl(folder, { operator, paper, auditor, custodian, cases });
});
afterEach(async () => {
  await control.close();
  rmSync(data, { recursive: true, force: true });
});

const request = { ask: 'list', filter: {}, most: 10 };
const proofOf = (nonce: string): string => join(folder, 'proof', nonce);

/** One connection: what it says after each line that is sent. `prove` gets the nonce before the request leaves. */
function talk(prove: (nonce: string) => void, line: string | object = { as: null, request }): Promise<{ reply?: QueueReply; error?: string } | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(control.address);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      const before = text;
      text += chunk;
      if (before.includes('\n') || !text.includes('\n')) return;
      prove((JSON.parse(text) as { nonce: string }).nonce);
      socket.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
    });
    socket.on('close', () => {
      const [, answer] = text.split('\n');
      resolve(answer ? (JSON.parse(answer) as { reply?: QueueReply; error?: string }) : null);
    });
  });
}

const honest = (nonce: string): void => {
  writeFileSync(proofOf(nonce), nonce, { mode: 0o644 });
};
const notProven = expect.stringContaining('Nothing proves which account asks');

onUnix('the control socket', () => {
  it('passes on the account that owns the proof, and takes the proof away', async () => {
    expect(await talk(honest)).toEqual({ reply: { ok: true, answer: 'list', items: [], more: false } });
    expect(callers).toEqual([{ account: userInfo().username, as: null }]);
    expect(readdirSync(join(folder, 'proof'))).toEqual([]);
  });

  it.each<[string, (nonce: string) => void]>([
    ['no proof', () => undefined],
    ['a proof that holds another nonce', (nonce) => writeFileSync(proofOf(nonce), 'f'.repeat(nonce.length))],
    ['an empty proof', (nonce) => writeFileSync(proofOf(nonce), '')],
    [
      'a symbolic link to a file that holds the nonce',
      (nonce) => {
        writeFileSync(join(data, 'elsewhere'), nonce);
        symlinkSync(join(data, 'elsewhere'), proofOf(nonce));
      },
    ],
    [
      'a second name of a file that holds the nonce',
      (nonce) => {
        writeFileSync(join(data, 'elsewhere'), nonce);
        linkSync(join(data, 'elsewhere'), proofOf(nonce));
      },
    ],
    ['a folder as proof', (nonce) => mkdirSync(proofOf(nonce))],
    [
      'a proof that others may write to',
      (nonce) => {
        honest(nonce);
        chmodSync(proofOf(nonce), 0o666);
      },
    ],
  ])('refuses %s', async (_name, prove) => {
    expect(await talk(prove)).toEqual({ error: notProven });
    expect(callers).toEqual([]);
  });

  it('refuses the nonce of another connection, and one that was used before', async () => {
    let first = '';
    await talk((nonce) => {
      first = nonce;
      honest(nonce);
    });
    expect(await talk(() => honest(first))).toEqual({ error: notProven });
    expect(callers).toHaveLength(1);
  });

  it('names another account by its own name when another account owns the proof', async () => {
    if (process.getuid?.() !== 0) return;
    const { chownSync, readFileSync } = await import('node:fs');
    const [name = '', , uid = ''] = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':')).find(([, , id]) => Number(id) > 0) ?? []; // prettier-ignore
    for (const [owner, account] of [
      [Number(uid), name],
      [54_321, 'uid:54321'],
    ] as const) {
      await talk((nonce) => {
        honest(nonce);
        chownSync(proofOf(nonce), owner, -1);
      });
      expect(callers.at(-1)?.account).toBe(account);
    }
  });

  it.each([
    ['no JSON', 'hello\n'],
    ['an unknown act', { as: null, request: { ask: 'delete', id: 'o1' } }],
    ['ids without end', { as: null, request: { ask: 'retry', which: { ids: Array(501).fill('o1'), filter: null }, reason: 'x', dryRun: false } }],
    ['a reason without end', { as: null, request: { ask: 'park', caseNumber: '7KF3QN', reason: 'x'.repeat(501), dryRun: false } }],
  ])('says that it can not read %s', async (_name, line) => {
    expect(await talk(honest, line)).toEqual({ error: expect.stringContaining("The request can't be read") });
    expect(callers).toEqual([]);
  });

  it('hangs up on a request without end', async () => {
    expect(await talk(honest, 'x'.repeat(100_000))).toBeNull();
    expect(await talk(honest)).toMatchObject({ reply: { ok: true } });
  });

  it('is closed to every other account: folder 0700, socket 0600', () => {
    expect([folder, join(folder, 'proof'), control.address].map((path) => statSync(path).mode & 0o7777)).toEqual([0o700, 0o700, 0o600]);
  });

  it('is open to a group that the folder is given to, and nobody in it takes away the proof of another', async () => {
    await control.close();
    chmodSync(folder, 0o2750);
    control = await listenControl(folder, { operator, paper, auditor, custodian, cases });
    expect([join(folder, 'proof'), control.address].map((path) => statSync(path).mode & 0o7777)).toEqual([0o1770, 0o660]);
    expect(await talk(honest)).toMatchObject({ reply: { ok: true } });
  });

  it('is not opened in a folder that others may enter', async () => {
    await control.close();
    chmodSync(folder, 0o755);
    await expect(listenControl(folder, { operator, paper, auditor, custodian, cases })).rejects.toThrow(ControlFolderUnsafe);
    chmodSync(folder, 0o700);
    control = await listenControl(folder, { operator, paper, auditor, custodian, cases });
  });

  it('takes the place of a socket that a dead service left, and leaves none when it ends', async () => {
    await control.close();
    writeFileSync(control.address, '');
    writeFileSync(proofOf('left'), '');
    control = await listenControl(folder, { operator, paper, auditor, custodian, cases });
    expect(await talk(honest)).toMatchObject({ reply: { ok: true } });
    expect(readdirSync(join(folder, 'proof'))).toEqual([]);
    await control.close();
    expect(existsSync(control.address)).toBe(false);
    control = await listenControl(folder, { operator, paper, auditor, custodian, cases });
  });

  it('says in a sentence that a path is too long for a socket', () => {
    expect(() => controlAddress(join(data, 'x'.repeat(120)))).toThrow(PathTooLong);
  });

  it('says that a fault of the service is one, without its text', async () => {
    await control.close();
    control = await listenControl(folder, { operator: { ask: () => Promise.reject(new TypeError('Abara^Vera')) }, paper, auditor, custodian, cases });
    const answer = await talk(honest);
    expect(answer?.error).toMatch(/^The service could not do it: TypeError/u);
    expect(answer?.error).not.toContain('Abara');
  });
});

describe('two processes of one store', () => {
  it('answer operators one at a time: the second leaves the first alone, and may answer when that has ended', async () => {
    await expect(listenControl(folder, { operator, paper, auditor, custodian, cases })).rejects.toThrow(ControlTaken);
    expect(await talk((nonce) => { writeFileSync(proofOf(nonce), nonce); })).toMatchObject({ reply: { ok: true } }); // prettier-ignore
    await control.close();
    control = await listenControl(folder, { operator, paper, auditor, custodian, cases });
    expect(await talk((nonce) => { writeFileSync(proofOf(nonce), nonce); })).toMatchObject({ reply: { ok: true } }); // prettier-ignore
  });
});
