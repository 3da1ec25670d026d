import { createReadStream } from 'node:fs';

/** The bytes of a file, or of standard input for `-`. Fails with the system's error when it can't be read. */
export async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const stream: AsyncIterable<unknown> = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
  for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}

/** Why a file can't be read, and what to do about it. */
export function whyUnreadable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reasons: Readonly<Record<string, string>> = { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read by you' };
  return `${file} ${reasons[code] ?? `can not be read (${code})`}. Give the path of a file of HL7 v2 messages, or - for standard input.`;
}

/** Writes to standard output and waits until there is room, so that a long answer does not pile up in memory. */
export async function write(output: string | Buffer): Promise<void> {
  if (process.stdout.write(output)) return;
  await new Promise<void>((done) => process.stdout.once('drain', done));
}
