import { parseArgs } from 'node:util';
import { decode } from '#adapters/hl7/message.js';
import { bytesOf, whyUnreadable, write } from './hl7-input.ts';
import { pieces } from './hl7-pieces.ts';

export const usage = `radloop hl7 echo FILE

Decodes every message of FILE (- for standard input) and encodes it again, bytes to standard output: for a message file the same bytes.
What is no message passes as it is.

Example: radloop hl7 echo order.hl7 | cmp - order.hl7`;

export async function run(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    console.error(usage);
    return 2;
  }
  try {
    for await (const piece of pieces(bytesOf(file))) {
      const message = piece.kind === 'message' ? decode(piece.bytes, piece.logForm, true).message : null;
      await write(message === null ? piece.bytes : message.encode());
    }
    return 0;
  } catch (error) {
    console.error(whyUnreadable(file, error));
    return 2;
  }
}
