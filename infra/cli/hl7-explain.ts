import { parseArgs } from 'node:util';
import { decode } from '#adapters/hl7/message.js';
import type { Segment } from '#adapters/hl7/message.js';
import { dictionary } from './hl7-dictionary.ts';
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
  let batch = 'MSH|^~\\&';
  try {
    for await (const piece of pieces(bytesOf(file))) {
      if (piece.kind !== 'message') {
        const [line, header] = batchLine(piece.bytes, batch);
        batch = header;
        if (line !== null) await write(explained(line.segment, line.name));
        continue;
      }
      const decoded = decode(piece.bytes, piece.logForm, true);
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

/** FHS, BHS, BTS or FTS between messages; a header is read as an MSH, a trailer after the last header, so that its delimiters count. */
function batchLine(bytes: Buffer, header: string): readonly [{ readonly segment: Segment; readonly name: string } | null, string] {
  const text = bytes.toString('latin1').trim();
  const name = text.slice(0, 3);
  if (!['FHS', 'BHS', 'BTS', 'FTS'].includes(name)) return [null, header];
  const isHeader = name.endsWith('HS');
  const next = isHeader ? `MSH${text.slice(3)}` : header;
  const segments = decode(Buffer.from(isHeader ? next : `${header}\r${text}`, 'latin1')).message?.segments ?? [];
  const segment = segments[isHeader ? 0 : 1];
  return [segment === undefined ? null : { segment, name }, next];
}

function explained(segment: Segment, own = segment.name): string {
  const { name, fields: names } = dictionary[own] ?? { name: own.startsWith('Z') ? "site's own segment" : '', fields: [] };
  const lines = [`${own}  ${name}`.trimEnd()];
  for (let field = 1; field <= segment.length; field += 1) {
    const label = `${own}-${String(field)}`;
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
