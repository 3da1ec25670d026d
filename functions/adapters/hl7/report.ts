import type { Procedure } from '#domain/order.js';
import type { FieldMap } from '#domain/site.js';
import type { Message, Segment } from './message.ts';
import { mappedAccession, patientOf, procedureOf } from './order-fields.ts';

/** A report as `radloop hl7 read` shows it: a first cut, no workflow reads it yet. */
export interface ReportSeen {
  readonly type: 'reportReceived';
  readonly accessionNumber: string | null;
  readonly status: 'preliminary' | 'final' | 'corrected' | 'addendum' | null;
  readonly procedure: Procedure | null;
  readonly patient: { readonly id: string | null; readonly assigner: string };
  /** OBR-22, else the first OBX-14, else MSH-7: as sent. */
  readonly reportedAt: string | null;
  /** Runs of text OBX of one name (OBX-3), in order. */
  readonly sections: readonly { readonly name: string; readonly text: string }[];
}

export function readReport(message: Message, fieldMap: FieldMap): ReportSeen {
  const request = message.first('OBR');
  const lines = message.all('OBX').filter((line) => ['TX', 'FT', 'ST'].includes(line.text(2)));
  const { id, assigner } = patientOf(message.first('PID'), fieldMap);
  return {
    type: 'reportReceived',
    accessionNumber: mappedAccession(message, fieldMap) ?? firstSaid([request?.text(18, 1), request?.text(20, 1), request?.text(3, 1)]),
    status: statusOf(message, request, lines),
    procedure: request === null ? null : procedureOf(request),
    patient: { id, assigner },
    reportedAt: firstSaid([
      request?.text(22, 1),
      ...message.all('OBX').map((line) => line.text(14, 1)),
      message.text('TXA-7.1'),
      message.text('MSH-7.1'),
    ]),
    sections: sectionsOf(lines),
  };
}

/** OBR-25 (HL7 table 0123) or TXA-17 of a document; an addendum is told by its OBX-3 suffix ADT or its MDM trigger. */
function statusOf(message: Message, request: Segment | null, lines: readonly Segment[]): ReportSeen['status'] {
  const isDocument = message.text('MSH-9.1') === 'MDM';
  if (lines.some((line) => suffix(line) === 'ADT') || (isDocument && ['T05', 'T06'].includes(message.text('MSH-9.2')))) return 'addendum';
  if (isDocument && ['T09', 'T10'].includes(message.text('MSH-9.2'))) return 'corrected';
  const word = firstSaid([request?.text(25, 1), ...lines.map((line) => line.text(11)), message.text('TXA-17')])?.toUpperCase() ?? '';
  if (['P', 'R', 'I', 'A', 'S', 'DI', 'DO', 'IP', 'IN', 'PA'].includes(word) || word.startsWith('PRELIM')) return 'preliminary';
  if (['F', 'AU', 'LA'].includes(word) || word.startsWith('FINAL')) return 'final';
  return word === 'C' || word.startsWith('CORR') ? 'corrected' : null;
}

function sectionsOf(lines: readonly Segment[]): ReportSeen['sections'] {
  const sections: { name: string; texts: string[] }[] = [];
  for (const line of lines) {
    const name = nameOf(line);
    const text = Array.from({ length: line.repetitions(5) }, (_, index) => line.value(5, undefined, undefined, index + 1)).join('\n');
    const current = sections.at(-1);
    if (current?.name === name) current.texts.push(text);
    else sections.push({ name, texts: [text] });
  }
  return sections.map(({ name, texts }) => ({ name, text: texts.join('\n') }));
}

/** OBX-3 suffixes of HL7 v2.5.1 chapter 7.2.4 for reports. */
const suffixes: Readonly<Record<string, string>> = {
  GDT: 'text',
  IMP: 'impression',
  ADT: 'addendum',
  DEV: 'device',
  REC: 'recommendation',
  TCM: 'technique',
  CMT: 'comment',
};

function suffix(line: Segment): string {
  return line.text(3, 1, 2) === '' ? '' : line.text(3, 1, 2).toUpperCase();
}

function nameOf(line: Segment): string {
  return suffixes[suffix(line)] ?? firstSaid([line.text(3, 2), line.text(3, 1)]) ?? 'text';
}

function firstSaid(texts: readonly (string | undefined)[]): string | null {
  return texts.find((text) => text !== undefined && text !== '') ?? null;
}
