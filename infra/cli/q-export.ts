import { createDecipheriv, scryptSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { z } from 'zod/v4';
import { COMMON_HELP, NoAnswer, answered, ask, words } from './q-ask.ts';
import { only } from './q-look.ts';
import { print } from './q-print.ts';

export const usage = `radloop q export ID --to FILE --reason TEXT     radloop q export --open FILE > message.hl7

Writes one item with its bytes sealed: JSON with what "radloop q show" says of it, the bytes encrypted by the service
(AES-256-GCM, key by scrypt from a passphrase of at least 12 characters). For those who may see the patient's data,
such as the sender's interface team: give them file and passphrase on different ways. The export is audited with your
name and reason. --open decrypts such a file to standard output.

The passphrase is asked for, or taken from the environment variable RADLOOP_EXPORT_PASSPHRASE.

  --reason TEXT  why; stands in the audit with your name. No patient data in it
${COMMON_HELP}

Example: radloop q export m33 --to m33.sealed.json --reason "sender asks what it sent, INC-4711"`;

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values, positionals } = words(args, { to: { type: 'string' }, open: { type: 'string' }, reason: { type: 'string', default: '' } });
    if (values.open !== undefined) return open(values.open);
    const id = only(positionals, usage);
    if (values.to === undefined) throw new NoAnswer(2, 'Name the file to write with --to FILE.');
    const passphrase = await passphraseOf();
    if (passphrase.length < 12) throw new NoAnswer(2, 'The passphrase needs at least 12 characters.');
    const reply = await ask(values, { ask: 'export', id, reason: values.reason, passphrase });
    if (!reply.ok || reply.answer !== 'export') return print(reply, values.json);
    const { item, about, sealed } = reply;
    writeFileSync(values.to, `${JSON.stringify({ item, about, sealed }, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    console.log(values.json ? JSON.stringify({ id, to: values.to }) : `${id} is in ${values.to}, sealed.`);
    return 0;
  });
}

const bytes = z.string().transform((text) => Buffer.from(text, 'base64'));
const sealedFile = z.object({
  sealed: z.object({
    cipher: z.literal('aes-256-gcm'),
    kdf: z.object({ name: z.literal('scrypt'), N: z.number().max(2 ** 20), r: z.number().max(16), p: z.number().max(4), salt: bytes }),
    ...{ iv: bytes, tag: bytes, body: bytes },
  }),
});

async function open(file: string): Promise<number> {
  const parsed = sealedFile.safeParse(jsonIn(file));
  if (!parsed.success) throw new NoAnswer(2, `${file} is no sealed export of Radloop.`);
  const { kdf, iv, tag, body } = parsed.data.sealed;
  const { N, r, p, salt } = kdf;
  const key = scryptSync((await passphraseOf()).normalize('NFC'), salt, 32, { N, r, p, maxmem: 256 * N * r });
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(tag);
    process.stdout.write(Buffer.concat([decipher.update(body), decipher.final()]));
    return 0;
  } catch {
    throw new NoAnswer(1, `The passphrase does not open ${file}, or the file was changed.`);
  }
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new NoAnswer(2, `${file} can't be read: ${error instanceof Error ? error.message : 'unknown'}.`);
  }
}

/** From the environment, else asked for without showing what is typed; from a pipe its first line. */
async function passphraseOf(): Promise<string> {
  const given = process.env['RADLOOP_EXPORT_PASSPHRASE'];
  if (given !== undefined) return given;
  const dark = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output: dark, terminal: process.stdin.isTTY });
  try {
    if (process.stdin.isTTY) process.stderr.write('Passphrase (at least 12 characters): ');
    const typed = await reader.question('');
    if (process.stdin.isTTY) process.stderr.write('\n');
    return typed;
  } finally {
    reader.close();
  }
}
