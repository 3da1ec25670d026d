import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';
import { charsetNamed } from '#adapters/hl7/charset.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { messagesUsed, orderControls } from '#adapters/hl7/messages-used.js';
import type { Use } from '#adapters/hl7/messages-used.js';
import { findings } from '#adapters/hl7/quality.js';
import type { DoorSite } from '#adapters/hl7/reading.js';
import { toInstant } from '#core/time.js';
import { fieldsRead, headerFields } from './interface-fields.ts';

/**
 * Writes the generated parts of interfaces.md from the tables that the door goes by, and the examples by asking the door.
 * `node --conditions=source infra/docs/interfaces.ts`; a test says when it is due.
 */
export const FILE = join(import.meta.dirname, 'interfaces.md');

/** The document with every part between `<!-- generated: NAME -->` and `<!-- end -->` written anew. */
export async function renewed(markdown: string): Promise<string> {
  const written = markdown.replace(/(<!-- generated: ([a-z-]+) -->\n)[^]*?(<!-- end -->)/gu, (_, start: string, name: string, end: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`interfaces.md asks for "${name}", which infra/docs/interfaces.ts does not write.`);
    return `${start}\n${part()}\n\n${end}`;
  });
  return format(written, { parser: 'markdown', printWidth: 150 });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const uses: Readonly<Record<Use, string>> = {
  order: 'an order, its change, cancel, status or numbers',
  patient: "a patient's place, class and details",
  merge: 'two records are one patient',
  appointment: 'an appointment',
  report: 'a report, once a version',
  acknowledgement: 'an answer to what we sent',
};

const example: DoorSite = {
  settings: { zone: 'America/New_York' },
  fieldMap: { accessionNumber: ['OBR-18'], protocol: 'OBR-19', preferredAssigners: ['GENERAL-MRN'] },
  procedureMap: { imaging: [{ code: 'CTHEAD', modality: 'CT', text: 'CT head' }], notImaging: [] },
};

/** What the door answers to an order with this MSH-15 and MSH-16. */
function answered(what: string, accept: string, application: string, body: readonly string[], processing = 'P'): string {
  const header = `MSH|^~\\&|EHR|GENERAL|RADLOOP|GENERAL|20261125104000+0000||ORM^O01^ORM_O01|MSG00042|${processing}|2.5.1|||${accept}|${application}`;
  const lines = [header.replace(/\|+$/u, ''), ...body];
  const { answers } = hl7Door(example).judge(Buffer.from(`${lines.join('\r')}\r`), toInstant(Date.UTC(2026, 10, 25, 10, 40)));
  const shown = [answers.commit, answers.application].map((answer) => answer?.toString().trimEnd().replaceAll('\r', '\n') ?? '');
  return `${what}\n\n\`\`\`text\n${shown.filter((text) => text !== '').join('\n\n')}\n\`\`\``;
}

const PID = 'PID|1||1001^^^GENERAL-MRN^MR||ROSS^MARY||19800515|F';
const order = [PID, 'ORC|NW|P1^EHR', 'OBR|1|P1^EHR||CTHEAD^CT head^L'];

/** HL7 table 0211, and what systems write for it. */
const sets = (
  'ASCII, 8859/1, 8859/2, 8859/3, 8859/4, 8859/5, 8859/6, 8859/7, 8859/8, 8859/9, 8859/10, 8859/11, 8859/13, 8859/14, 8859/15, UNICODE UTF-8, UNICODE, ' +
  'GB 18030-2000, BIG-5, KS X 1001, ISO IR14, ISO IR87, WINDOWS-1250, WINDOWS-1251, WINDOWS-1252, WINDOWS-1253, WINDOWS-1254, WINDOWS-1255, WINDOWS-1256, ' +
  'WINDOWS-1257, WINDOWS-1258, ISO IR159, CNS 11643-1992, UNICODE UTF-32'
).split(', ');

const parts: Readonly<Record<string, () => string>> = {
  messages: () => table(['Message', 'HL7 name', 'Read as'], messagesUsed.map(({ type, trigger, name, use }) => [`${type}^${trigger}`, name, uses[use]])),
  controls: () => table(['ORC-1', 'Meaning', 'Read as'], Object.entries(orderControls).map(([code, { name, verb }]) => [code, name, verb])),
  fields: () =>
    [['Every message', headerFields] as const, ...Object.entries(fieldsRead).map(([use, fields]) => [heading(use), fields] as const)]
      .map(([title, fields]) => `### ${title}\n\n${table(['Field', 'What for'], Object.entries(fields))}`)
      .join('\n\n'),
  charsets: () => {
    const read = sets.filter((name) => charsetNamed([name]) !== null);
    const refused = sets.filter((name) => !read.includes(name));
    return `Read: ${read.join(', ')}.\n\nRefused: ${refused.join(', ')}, and every other name.`;
  },
  quality: () => table(['Code', 'Kind', 'Says'], Object.entries(findings).map(([code, { kind, text }]) => [`\`${code}\``, kind, text])),
  examples: () =>
    [
      answered('Original mode, an order that is taken:', '', '', order),
      answered('Original mode, an order without OBR:', '', '', order.slice(0, 2)),
      answered('Enhanced mode (MSH-15 AL, MSH-16 AL), the same order: the commit answer at once, the application answer as a message of its own:', 'AL', 'AL', order.slice(0, 2)),
      answered('Enhanced mode, a header that is not taken (MSH-11 X): the commit answer alone:', 'AL', 'AL', order, 'X'),
    ].join('\n\n'),
}; // prettier-ignore

function heading(use: string): string {
  const types = [...new Set(messagesUsed.filter((row) => row.use === use).map((row) => row.type))].join(', ');
  return `${use === 'patient' ? 'Patient' : use.charAt(0).toUpperCase() + use.slice(1)}: ${types}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(FILE, await renewed(readFileSync(FILE, 'utf8')));
