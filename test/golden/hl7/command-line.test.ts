import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { bytesOf, header, MSH, noon, OBR, ORC, PID, site } from './hl7-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'radloop-hl7-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function radloop(words: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['infra/cli/radloop.mjs', ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', (code) => {
      done({ code, stdout: Buffer.concat(out), stderr });
    });
  });
}

function lines(ended: Ended): unknown[] {
  return ended.stdout
    .toString()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

const good = bytesOf(MSH, PID, ORC, OBR);
const bad = bytesOf(MSH.replace('MSG1', 'MSG2'), PID, ORC);

it('hl7 read says of each message what is answered and seen, and goes on after a bad one', async () => {
  const path = file('two.hl7', Buffer.concat([bad, good]));
  const ended = await radloop(['hl7', 'read', path, file('none.txt', Buffer.from('hello')), '--json']);
  expect(ended.code).toBe(1);
  expect(lines(ended)).toMatchObject([
    { file: path, n: 0, controlId: 'MSG2', ack: 'AE', errors: [{ segment: 'OBR', code: '100' }], roundTrip: true, event: null },
    {
      file: path,
      n: 1,
      type: 'ORM^O01',
      version: '2.5.1',
      segments: 4,
      ack: 'AA',
      kind: 'order',
      roundTrip: true,
      event: {
        placerOrderNumber: 'P1',
        fillerOrderNumber: 'F1',
        patient: { id: 'A1', assigner: 'NORTH-MRN' },
        procedure: { code: 'CTHEAD' },
        procedures: [],
      },
    },
    { n: 0, error: { code: 'not-hl7' } },
  ]);
});

it('hl7 read reads standard input and ends with 0 when nothing is refused', async () => {
  const ended = await radloop(['hl7', 'read', '-', '--json'], good);
  expect(ended.code).toBe(0);
  expect(lines(ended)).toMatchObject([{ file: '-', ack: 'AA' }]);
});

it('hl7 read shows the first event, all where there are several, and what is wrong with them', async () => {
  const several = bytesOf(MSH, PID, ORC, OBR, 'ORC|CA|P2^HIS', 'OBR|2|||CTHEAD^CT head^L');
  const admission = bytesOf(header('ADT^A02', { 10: 'MSG3' }), PID, 'PV1|1|I|4WEST');
  const ack = bytesOf(header('ACK', { 10: 'MSG4' }), 'MSA|AE|OUR1');
  const ended = await radloop(['hl7', 'read', '-', '--json'], Buffer.concat([several, admission, ack]));
  expect(lines(ended)).toMatchObject([
    {
      event: { type: 'orderReceived', verb: 'new', placerOrderNumber: 'P1' },
      events: [{ placerOrderNumber: 'P1' }, { verb: 'cancel', placerOrderNumber: 'P2' }],
      quality: expect.arrayContaining([{ code: 'no-indication', where: 'OBR-31', kind: 'gap', text: 'No reason for the study is said.' }]),
    },
    { kind: 'admission', event: { type: 'patientUpdated', trigger: 'A02', location: { pointOfCare: '4WEST' } } },
    { kind: 'ack', event: null, acknowledgement: { code: 'AE', controlId: 'OUR1' }, quality: [] },
  ]);
  const forPeople = await radloop(['hl7', 'read', '-'], several);
  expect(forPeople.stdout.toString()).toContain('OBR-31 gap: No reason for the study is said.');
});

it('hl7 read says what a file is that holds no message', async () => {
  const files = [
    file('empty.txt', Buffer.alloc(0)),
    file('some.xml', Buffer.from('<?xml version="1.0"?>\n<HL7Message><MSH><MSH.1>|</MSH.1></MSH></HL7Message>')),
    file('some.dcm', Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.alloc(40, 7)])),
    file('some.txt', Buffer.from('MSH is not here')),
  ];
  const ended = await radloop(['hl7', 'read', ...files, '--json']);
  expect(ended.code).toBe(1);
  const messages = lines(ended).map((line) => (line as { error: { message: string } }).error.message);
  expect(messages).toEqual([
    expect.stringContaining('empty'),
    expect.stringContaining('This is XML'),
    expect.stringContaining('DICOM file'),
    expect.stringContaining('no line begins with MSH'),
  ]);
});

it('hl7 echo gives the same bytes', async () => {
  const path = file('echo.hl7', Buffer.concat([Buffer.from('\u000b'), good, Buffer.from([0x1c, 0x0d, 0xff, 0x00])]));
  const ended = await radloop(['hl7', 'echo', path]);
  expect(ended.stdout.equals(readFileSync(path))).toBe(true);
  expect(ended.code).toBe(0);
});

it('hl7 explain names the fields', async () => {
  const ended = await radloop(['hl7', 'explain', file('explain.hl7', good)]);
  expect(ended.stdout.toString()).toMatch(/ORC-2 +placer order number +P1\^HIS/u);
});

it('hl7 explain names the fields around the messages of a batch, whatever its delimiters', async () => {
  const batch = Buffer.concat([Buffer.from('BHS*:!$%*HIS\r'), good, Buffer.from('BTS*1*end\r')]);
  const { stdout } = await radloop(['hl7', 'explain', '-'], batch);
  expect(stdout.toString()).toMatch(
    /^BHS {2}batch header\n[^]*BHS-3 +batch sending application +HIS\n[^]*MSH {2}message header[^]*BTS-2 +batch comment +end\n$/u,
  );
});

it('hl7 send gives the answers of a listener, and 1 when one is refused or nobody listens', async () => {
  const door = hl7Door(site);
  const listener = await listenMllp({
    host: '127.0.0.1',
    port: 0,
    onMessage: async (bytes) => ({ ...door.judge(bytes, noon).answers, identity: '' }),
    onOversize: async ({ first64k }) => ({
      ...door.refuse(first64k, 'AR', { segment: '', field: null, code: '207', text: 'too long' }, noon),
      identity: '',
    }),
    onFault: () => undefined,
  });
  const path = file('send.hl7', Buffer.from(Buffer.concat([good, bad]).toString().replaceAll('\r', '\n')));
  const to = `127.0.0.1:${listener.port}`;
  const ended = await radloop(['hl7', 'send', path, '--to', to, '--json']);
  await listener.close();
  expect(ended.code).toBe(1);
  expect(lines(ended)).toMatchObject([
    { n: 0, controlId: 'MSG1', ack: 'AA', errors: [] },
    { n: 1, controlId: 'MSG2', ack: 'AE', errors: [{ segment: 'OBR', field: 0, code: '100' }] },
  ]);
  const alone = await radloop(['hl7', 'send', path, '--to', to, '--json']);
  expect(alone.code).toBe(1);
  expect(lines(alone)[0]).toMatchObject({ ack: null, errors: [{ code: 'not-connected' }] });
});

it.each([
  [['nope'], 2],
  [['hl7', 'nope'], 2],
  [['hl7', 'read'], 2],
  [['hl7', 'read', '--bogus'], 2],
  [['hl7', 'read', join(folder, 'absent.hl7')], 2],
  [['hl7', 'send', 'x.hl7'], 2],
  [['hl7', 'send', 'x.hl7', '--to', 'nowhere'], 2],
  [['--help'], 0],
  [['hl7', '--help'], 0],
  [['hl7', 'send', '--help'], 0],
])('radloop %j ends with %i, in words and without a stack trace', async (words, code) => {
  const ended = await radloop(words);
  expect(ended.code).toBe(code);
  expect(ended.stdout.toString() + ended.stderr).not.toBe('');
  expect(ended.stderr).not.toMatch(/^\s+at /mu);
});
