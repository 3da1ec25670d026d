import { clean } from '#cards/kit/text.js';
import type { DowntimeList, ListedCase, PaperRow } from '#domain/downtime.js';

/** Columns of the CSV in their order: what is listed, then what is filled in. */
const listed = [
  'as_of',
  'case',
  'revision',
  'urgency',
  'group',
  'patient',
  'born',
  'patient_number',
  'location',
  'exam',
  'order',
  'accession',
  'state',
  'waits_for',
  'deadline',
  'last_change',
  'proposal',
  'zone',
] as const;
const filledIn = ['decision', 'protocol', 'person', 'decided_at', 'in_ris', 'note'] as const;

/** RFC 4180 with a byte order mark, so that a spreadsheet reads it as UTF-8. Cases that can't be decided are in it too. In pieces, one a line. */
export function* sheetOf(list: DowntimeList): Generator<string> {
  yield `\ufeff${recordOf([...listed, ...filledIn])}`;
  for (const one of list.cases) yield recordOf([...cellsOf(list, one), ...filledIn.map(() => '')]);
}

function recordOf(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

function cellsOf({ asOf, zone }: DowntimeList, one: ListedCase): readonly string[] {
  const { caseNumber, revision, urgency, group, patient, location, exam, order, accession, state, waitsFor, deadline, changedAt, proposal } = one;
  return [
    ...[asOf, caseNumber, String(revision), urgency, group, patient.name, patient.born, patient.number, location, exam, order, accession],
    ...[state, waitsFor, deadline ?? '', changedAt, proposal?.id ?? '', zone],
  ];
}

/** Nothing in a cell is a formula: what begins like one gets an apostrophe, as spreadsheets write text. */
function quoted(cell: string): string {
  const text = clean(cell);
  const safe = /^[=+\-@\t]/u.test(text) ? `'${text}` : text;
  return /[",;\n\r]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line of a filled-in sheet; `line` as an editor counts it. */
export interface FilledRow {
  readonly line: number;
  readonly row: PaperRow;
}

/** A file that is no sheet of ours; the message says what is missing. */
export class NotASheet extends Error {
  override readonly name = 'NotASheet';
}

/** Rows in which something was filled in. Commas, semicolons or tabs, as the spreadsheet wrote them. @throws NotASheet */
export function filledRows(text: string): readonly FilledRow[] {
  const records = recordsOf(text.replace(/^\ufeff/u, ''));
  const [head] = records;
  const columns = head?.cells.map((name) => name.trim().toLowerCase()) ?? [];
  const needed = ['as_of', 'case', 'revision', 'patient_number', 'order', ...filledIn];
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length > 0) throw new NotASheet(`The first line must name the columns of the list; missing: ${missing.join(', ')}.`);
  return records.slice(1).flatMap(({ line, cells }) => {
    const cell = (name: string): string => unapostrophed((cells[columns.indexOf(name)] ?? '').trim());
    if (filledIn.every((name) => cell(name) === '')) return [];
    const row: PaperRow = {
      ...{ caseNumber: cell('case'), revision: cell('revision'), asOf: cell('as_of'), patient: cell('patient_number'), order: cell('order') },
      ...{ decision: cell('decision'), protocol: cell('protocol'), person: cell('person'), decidedAt: cell('decided_at') },
      ...{ inRis: cell('in_ris'), note: cell('note') },
    };
    return [{ line, row }];
  });
}

/** Every line of a sheet by its columns, for a screen. @throws NotASheet */
export function listedRows(text: string): readonly Readonly<Record<string, string>>[] {
  const [head, ...records] = recordsOf(text.replace(/^\ufeff/u, ''));
  if (head?.cells.includes('case') !== true) throw new NotASheet('This is no list for a downtime.');
  return records.map(({ cells }) => Object.fromEntries(listed.map((name) => [name, unapostrophed(cells[head.cells.indexOf(name)] ?? '')])));
}

function unapostrophed(cell: string): string {
  return /^'[=+\-@\t]/u.test(cell) ? cell.slice(1) : cell;
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** RFC 4180; the separator is the one that the first line has most of. Empty lines are left out. @throws NotASheet */
function recordsOf(text: string): readonly CsvRecord[] {
  const [first = ''] = text.split(/\r?\n/u);
  const separator = [',', ';', '\t'].toSorted((a, b) => first.split(b).length - first.split(a).length)[0] ?? ',';
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let line = 1;
  let began = 1;
  const endRecord = (): void => {
    cells.push(cell);
    if (cells.some((one) => one !== '')) records.push({ line: began, cells });
    cells = [];
    cell = '';
    began = line;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') line += 1;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else {
        const next = text.charAt(at + 1);
        // Else the rest of a line, and the lines after it, would be taken for one cell.
        if (!['', '\r', '\n', separator].includes(next)) throw unclosed(began);
        isQuoted = false;
      }
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === separator) {
      cells.push(cell);
      cell = '';
    } else if (character === '\n') endRecord();
    else if (character !== '\r') cell += character;
  }
  if (isQuoted) throw unclosed(began);
  endRecord();
  return records;
}

function unclosed(line: number): NotASheet {
  return new NotASheet(`A quotation mark that begins in the line ${line} is not closed: nothing is read. Save the file as CSV from a spreadsheet.`);
}
