import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { judge } from '#adapters/hl7/door.js';
import { decode } from '#adapters/hl7/message.js';
import { toInstant } from '#core/time.js';
import { pieces } from '../../../infra/cli/hl7-pieces.ts';
import type { Piece } from '../../../infra/cli/hl7-pieces.ts';

const folder = join(process.cwd(), '../shared/data/hl7/messages');
const bad = join(process.cwd(), '../shared/data/bad-inputs/hl7_connect');
const isThere = existsSync(folder) && existsSync(bad);
const site = {
  settings: { zone: 'UTC' },
  fieldMap: { accessionNumber: [], protocol: 'OBR-19', preferredAssigners: [] },
  procedureMap: { imaging: [], notImaging: [] },
};

function files(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile());
}

async function* oneByOne(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function cut(bytes: Buffer, size = bytes.length): Promise<Piece[]> {
  const all: Piece[] = [];
  for await (const piece of pieces(oneByOne(bytes, Math.max(1, size)))) all.push(piece);
  return all;
}

const when = isThere ? '' : ' (not run: ../shared/data is absent)';

(isThere ? it : it.skip)(`gives every public message back byte for byte${when}`, async () => {
  let messages = 0;
  for (const path of [...files(folder), ...files(bad)]) {
    const bytes = readFileSync(path);
    const all = await cut(bytes);
    const encoded = all.map((piece) =>
      piece.kind === 'message' ? (decode(piece.bytes, piece.logForm).message?.encode() ?? piece.bytes) : piece.bytes,
    );
    expect(Buffer.concat(encoded).equals(bytes)).toBe(true);
    messages += all.filter((piece) => piece.kind === 'message').length;
  }
  expect(messages).toBeGreaterThan(1000);
});

(isThere ? it : it.skip)(`answers every public message, and says why where it refuses${when}`, async () => {
  for (const path of [...files(folder), ...files(bad)]) {
    for (const piece of await cut(readFileSync(path))) {
      if (piece.kind !== 'message') continue;
      const verdict = judge(piece.bytes, site, toInstant(0), { logForm: piece.logForm, wide: true });
      expect(verdict.ackCode === 'AA').toBe(verdict.errors.length === 0);
      for (const error of verdict.errors) expect(error.text).not.toBe('');
    }
  }
});

it('takes a file in UTF-16 as one message, with and without a byte order mark', async () => {
  const text = 'MSH|^~\\&|A|B|C|D|2026||ZZZ^Z01|1|P|2.5||||||UNICODE UTF-16\rZZZ|Ü\r';
  for (const [mark, swapped] of [
    ['\ufeff', false],
    ['', false],
    ['\ufeff', true],
    ['', true],
  ] as const) {
    const bytes = Buffer.from(mark + text, 'utf16le');
    const file = swapped ? bytes.swap16() : bytes;
    for (const size of [1, 3, file.length]) {
      const all = await cut(file, size);
      expect(all.map((piece) => piece.kind)).toEqual(['message']);
      expect(Buffer.concat(all.map((piece) => piece.bytes))).toEqual(file);
    }
    expect(judge(file, site, toInstant(0), { wide: true })).toMatchObject({ ackCode: 'AA', controlId: '1' });
    expect(judge(file, site, toInstant(0)).ackCode).toBe('AR');
  }
});

it('cuts a file into the same pieces however it arrives', async () => {
  const header = 'MSH|^~\\&|A|B|C|D|2026||ORM^O01|1|P|2.5';
  const texts = [
    `FHS|^~\\&|x\r\nBHS|^~\\&|x\r\n${header}\r\nPID|1\r\n${header}\r\nPID|2\r\nBTS|2\r\nFTS|1\r\n`,
    `\u000b${header}\rPID|1\r\u001c\r\u000b${header}\rPID|2\u001c\r`,
    `2026-01-01|INFO|\n<SB>\n${header}<R>\nPID|1||<R>\n<EB>\n2026-01-02|INFO|\n<SB>${header}<R>\nOBX|1<R><EB>\n`,
    `# remark\n${header}\nPID|1\n\n# another\n${header}\nPID|2`,
  ];
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const whole = await cut(bytes);
    expect(whole.filter((piece) => piece.kind === 'message')).toHaveLength(2);
    expect(Buffer.concat(whole.map((piece) => piece.bytes))).toEqual(bytes);
    for (const size of [1, 2, 3, 5, 7, 50]) {
      const messages = (await cut(bytes, size)).filter((piece) => piece.kind === 'message');
      expect(messages).toEqual(whole.filter((piece) => piece.kind === 'message'));
    }
  }
});
