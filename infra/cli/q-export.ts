import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod/v4';
import { open } from '#adapters/embedded/sealed-export.js';
import { COMMON_HELP, NoAnswer, answered, ask, words } from './q-ask.ts';
import { only } from './q-look.ts';
import { print } from './q-print.ts';

export const usage = `radloop q export ID --to FILE --reason TEXT
radloop q export --open FILE --key PRIVATE.pem > message.hl7

Writes one item with its bytes sealed: JSON with what "radloop q show" says of it, the bytes encrypted by the service
for the holder of the key that site.json names (exportKey): somebody who may see the patient's data. Whoever exports
does not see it. The export is audited with your name and reason. --open decrypts such a file to standard output, with
the private key of that holder and without a running service.

The holder makes the key: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out PRIVATE.pem
and gives the site's admin its public part: openssl pkey -in PRIVATE.pem -pubout -out export-key.pem

  --to FILE      the file to write; one that is there is not written over
  --reason TEXT  why; stands in the audit with your name. No patient data in it
${COMMON_HELP}

Example: radloop q export m33 --to m33.sealed.json --reason "sender asks what it sent, INC-4711"`;

const options = { to: { type: 'string' }, open: { type: 'string' }, key: { type: 'string' }, reason: { type: 'string', default: '' } } as const;

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values, positionals } = words(args, options);
    if (values.open !== undefined) return openFile(values.open, values.key);
    const id = only(positionals, usage);
    if (values.to === undefined) throw new NoAnswer(2, 'Name the file to write with --to FILE.');
    const reply = await ask(values, { ask: 'export', id, reason: values.reason });
    if (!reply.ok || reply.answer !== 'export') return print(reply, values.json);
    const { item, about, sealed } = reply;
    writeNew(values.to, `${JSON.stringify({ item, about, sealed }, null, 2)}\n`);
    console.log(values.json ? JSON.stringify({ id, to: values.to }) : `${id} is in ${values.to}, sealed.`);
    return 0;
  });
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new NoAnswer(2, `${file} can't be written: ${messageOf(error)}.`);
  }
}

const sealedFile = z.object({
  sealed: z.object({
    ...{ item: z.string(), sha256: z.string(), cipher: z.literal('aes-256-gcm'), wrap: z.literal('rsa-oaep-sha256') },
    ...{ keySha256: z.string(), wrappedKey: z.base64(), iv: z.base64(), tag: z.base64(), body: z.base64() },
  }),
});

function openFile(file: string, keyFile: string | undefined): number {
  if (keyFile === undefined) throw new NoAnswer(2, 'Name the private key that opens it with --key PRIVATE.pem.');
  const parsed = sealedFile.safeParse(jsonOf(file, textOf(file)));
  if (!parsed.success) throw new NoAnswer(2, `${file} is no sealed export of Radloop.`);
  const { sealed } = parsed.data;
  const body = open(sealed, privateKeyOf(keyFile));
  if (body === 'otherKey') throw new NoAnswer(1, `${file} is sealed for another key: its public part has the sha256 ${sealed.keySha256}.`);
  if (body === null) throw new NoAnswer(1, `${file} was changed since it was sealed: nothing of it is shown.`);
  process.stdout.write(body);
  return 0;
}

function privateKeyOf(file: string): KeyObject {
  const text = textOf(file);
  try {
    return createPrivateKey(text);
  } catch (error) {
    const isEncrypted = error instanceof Error && 'code' in error && error.code === 'ERR_MISSING_PASSPHRASE';
    if (isEncrypted) throw new NoAnswer(2, `${file} is encrypted: decrypt it first (openssl pkey -in ${file} -out PLAIN.pem).`);
    throw new NoAnswer(2, `${file} is no private key (PEM).`);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new NoAnswer(2, `${file} can't be read: ${messageOf(error)}.`);
  }
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoAnswer(2, `${file} is no sealed export of Radloop.`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
