import { parseArgs } from 'node:util';
import { decode } from '#adapters/hl7/message.js';
import type { Segment } from '#adapters/hl7/message.js';
import { fieldNames, segmentNames } from './hl7-dictionary.ts';
import { bytesOf, whyUnreadable, write } from './hl7-input.ts';
import { pieces } from './hl7-pieces.ts';

export const usage = `radloop hl7 explain FILE

Shows every message of FILE (- for standard input) segment by segment and field by field, with the names of HL7 v2.5.1. Escapes are shown as what
they mean; "" is shown as "deleted"; fields that are empty are left out.

Example: radloop hl7 explain order.hl7`;

export async function run(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    console.error(usage);
    return 2;
  }
  let n = 0;
  let refused = false;
  try {
    for await (const piece of pieces(bytesOf(file))) {
      if (piece.kind !== 'message') continue;
      const decoded = decode(piece.bytes, piece.logForm);
      await write(`${n > 0 ? '\n' : ''}message ${String(n)}\n`);
      if (!decoded.ok) {
        refused = true;
        await write(`  ${decoded.problem.segment}-${String(decoded.problem.field)} ${decoded.problem.code}: ${decoded.problem.text}\n`);
      }
      for (const segment of decoded.message?.segments ?? []) await write(explained(segment));
      n += 1;
    }
  } catch (error) {
    console.error(whyUnreadable(file, error));
    return 2;
  }
  if (n === 0) console.error(`${file}: no HL7 v2 message: no line begins with MSH and a field separator.`);
  return n === 0 || refused ? 1 : 0;
}

function explained(segment: Segment): string {
  const lines = [`${segment.name}  ${segmentNames[segment.name] ?? (segment.name.startsWith('Z') ? "site's own segment" : '')}`.trimEnd()];
  const names = fieldNames[segment.name] ?? [];
  for (let field = 1; field <= segment.length; field += 1) {
    const label = `${segment.name}-${String(field)}`;
    for (let repetition = 1; repetition <= segment.repetitions(field); repetition += 1) {
      const nth = repetition > 1 ? `(${String(repetition)})` : '';
      const said = segment.said(field, undefined, undefined, repetition);
      if (said === 'absent') continue;
      const value = said === 'null' ? 'deleted ("")' : shown(segment.text(field, undefined, undefined, repetition));
      lines.push(`  ${(label + nth).padEnd(11)} ${(names[field - 1] ?? '').padEnd(34)} ${value}`.trimEnd());
    }
  }
  return `${lines.join('\n')}\n`;
}

/** On one line, and nothing that could steer a terminal. */
function shown(text: string): string {
  return text.replace(/\r\n|\r|\n/gu, ' / ').replace(/\p{Cc}/gu, '?');
}
