import { z } from 'zod/v4';
import type { ExportRecord } from '#ports/auditor.js';
import { ROW_EXTENSION, auditEventOf } from './audit-event.ts';

/** `fhir`: NDJSON; `bundle`: one FHIR Bundle with an entry a line; `csv`: RFC 4180, every field quoted. */
export type ExportFormat = 'fhir' | 'bundle' | 'csv';

const RECORD_EXTENSION = 'urn:radloop:audit-record';
const BUNDLE_START = '{"resourceType":"Bundle","type":"collection","entry":[';
const BUNDLE_END = ']}';
const COLUMNS = [
  'record',
  'seq',
  'case',
  'case_seq',
  'at',
  'who',
  'action',
  'outcome',
  'case_number',
  'actor',
  'detail',
  'previous',
  'hash',
  'purged',
  'content',
];
const CSV_START = COLUMNS.join(',');

/** The lines around the records. */
export function frameOf(format: ExportFormat): { readonly start: string | null; readonly end: string | null } {
  if (format === 'fhir') return { start: null, end: null };
  return format === 'csv' ? { start: CSV_START, end: null } : { start: BUNDLE_START, end: BUNDLE_END };
}

/** The format of a file by its first line. */
export function formatOf(firstLine: string): ExportFormat | null {
  if (firstLine === CSV_START) return 'csv';
  if (firstLine === BUNDLE_START) return 'bundle';
  return firstLine.startsWith('{') ? 'fhir' : null;
}

/** A record as one line, without its end. The same record gives the same line: whatever else stands in a file was not written here. */
export function lineOf(written: ExportRecord, format: ExportFormat): string {
  const record = inOrder(written);
  if (format === 'csv') return csvLine(record);
  const resource = JSON.stringify(record.kind === 'row' ? auditEventOf(record.row) : provenanceOf(record));
  if (format === 'fhir') return resource;
  // The end is the last entry of the Bundle.
  return `{"resource":${resource}}${record.kind === 'end' ? '' : ','}`;
}

/** The record of a line; null when no export has such a line. */
export function recordOf(line: string, format: ExportFormat): ExportRecord | null {
  try {
    const found = format === 'csv' ? csvRecord(line) : fhirRecord(format === 'fhir' ? line : line.replace(/,$/u, ''), format === 'bundle');
    return found !== null && lineOf(found, format) === line ? found : null;
  } catch {
    return null;
  }
}

const extended = z.object({
  extension: z.array(z.object({ url: z.string(), valueString: z.string() })).min(1),
});

function fhirRecord(text: string, isEntry: boolean): ExportRecord | null {
  const parsed: unknown = JSON.parse(text);
  const [extension] = extended.parse(isEntry ? (parsed as { resource: unknown }).resource : parsed).extension;
  if (extension === undefined) return null;
  return recordIn(extension.url === ROW_EXTENSION ? `{"kind":"row","row":${extension.valueString}}` : extension.valueString);
}

/** A signed statement about rows (a checkpoint, a purge, the end of the export) as FHIR has it. */
function provenanceOf(record: Exclude<ExportRecord, { kind: 'row' }>): object {
  const { at, signed, name } = statementOf(record);
  const site = { identifier: { system: 'urn:radloop:part', value: 'radloop' }, display: 'Radloop' };
  return {
    resourceType: 'Provenance',
    id: name,
    extension: [{ url: RECORD_EXTENSION, valueString: JSON.stringify(record) }],
    target: [{ identifier: { system: 'urn:radloop:audit', value: name } }],
    recorded: at,
    agent: [{ who: site }],
    ...(signed === null
      ? {}
      : {
          signature: [
            {
              type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.14', display: 'Source Signature' }],
              when: at,
              who: site,
              sigFormat: 'application/octet-stream',
              data: signed.signature,
            },
          ],
        }),
  };
}

function statementOf(record: Exclude<ExportRecord, { kind: 'row' }>) {
  switch (record.kind) {
    case 'purge':
      return { ...record.purge, name: `purge-${record.purge.id}` };
    case 'checkpoint':
      return { ...record.checkpoint, name: `checkpoint-${record.checkpoint.height}` };
    case 'end':
      return { ...record.end, name: 'end-of-export' };
    default:
      return record satisfies never;
  }
}

function csvLine(record: ExportRecord): string {
  const cells = record.kind === 'row' ? rowCells(record.row) : [record.kind, ...COLUMNS.slice(2).map(() => ''), JSON.stringify(record)];
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
}

function rowCells(row: Extract<ExportRecord, { kind: 'row' }>['row']): readonly string[] {
  const { person, endpoint, part } = JSON.parse(row.actor) as { person?: string; endpoint?: string; part?: string };
  const { number = '' } = JSON.parse(row.detail) as { number?: string };
  return [
    ...['row', String(row.seq), row.caseId, String(row.caseSeq), row.at, safe(person ?? endpoint ?? part ?? ''), safe(row.action), row.outcome],
    ...[safe(number), row.actor, row.detail, row.prev, row.hash, row.purged === null ? '' : String(row.purged), JSON.stringify(row)],
  ];
}

/** A spreadsheet takes what begins like this for a formula. */
function safe(cell: string): string {
  return /^[=+\-@\t\r]/u.test(cell) ? `'${cell}` : cell;
}

function csvRecord(line: string): ExportRecord | null {
  const cells = [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/gu)].map(([, cell = '']) => cell.replaceAll('""', '"'));
  const content = cells.at(-1) ?? '';
  return recordIn(cells[0] === 'row' ? `{"kind":"row","row":${content}}` : content);
}

/** The fields of a row, and of a filter, in the order in which they are written, whatever store they came from. */
function inOrder(record: ExportRecord): ExportRecord {
  if (record.kind === 'row') {
    const { seq, caseId, caseSeq, at, actor, action, outcome, detail, prev, hash, purged } = record.row;
    return { kind: 'row', row: { seq, caseId, caseSeq, at, actor, action, outcome, detail, prev, hash, purged } };
  }
  if (record.kind !== 'end') return record;
  const { at, by, upto, rows, digest, checkpoints, purges, signed, filter } = record.end;
  const { caseNumber, person, action, outcome, since, until } = filter;
  return {
    kind: 'end',
    end: { at, by, upto, rows, digest, checkpoints, purges, signed, filter: { caseNumber, person, action, since, until, outcome } },
  };
}

const signature = z.strictObject({ keyVersion: z.string(), algorithm: z.enum(['Ed25519', 'ES256']), signature: z.string() });
const count = z.number().int().min(0);
const text = z.string();
const record = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('row'),
    row: z.strictObject({
      ...{ seq: count, caseId: text, caseSeq: count, at: text, actor: text, action: text, outcome: text, detail: text },
      ...{ prev: text, hash: text, purged: count.nullable() },
    }),
  }),
  z.strictObject({
    kind: z.literal('checkpoint'),
    checkpoint: z.strictObject({ height: count, at: text, upto: count, rows: count, prev: text, hash: text, signed: signature.nullable() }),
  }),
  z.strictObject({
    kind: z.literal('purge'),
    purge: z.strictObject({ id: count, at: text, before: text, upto: count, rows: count, digest: text, signed: signature }),
  }),
  z.strictObject({
    kind: z.literal('end'),
    end: z.strictObject({
      ...{ at: text, by: text, upto: count, rows: count, digest: text, checkpoints: count, purges: count, signed: signature },
      filter: z.strictObject({
        ...{ caseNumber: text.nullable(), person: text.nullable(), action: text.nullable(), since: text.nullable(), until: text.nullable() },
        outcome: z.enum(['done', 'denied', 'nothing']).nullable(),
      }),
    }),
  }),
]);

/** In the order of the schema, so that the order in which an edit puts them shows. */
function recordIn(json: string): ExportRecord | null {
  return record.safeParse(JSON.parse(json)).data ?? null;
}
