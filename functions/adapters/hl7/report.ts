import { createHash } from 'node:crypto';
import type { ReportReceived } from '#domain/hospital-event.js';
import type { AssignedNumber } from '#domain/order.js';
import type { Modality } from '#domain/modality.js';
import { kindOfProcedures, modalityOfProcedures } from '#domain/procedures.js';
import type { ProcedureMap } from '#domain/site.js';
import { triggerOf } from './kind.ts';
import type { Message, Segment } from './message.ts';
import { mappedAccession, patientOf, procedureOf } from './order-fields.ts';
import { qualityOfReport } from './quality.ts';
import { allSaid, firstSaid, grouped, kept, lacking } from './reading.ts';
import type { Heard, Reading } from './reading.ts';
import { careOf } from './visit.ts';

/** The segments of one report: from its ORC or OBR up to the next of another order, and what stands before the first (MSH, PID, TXA). */
export interface Part {
  readonly pid: Segment | null;
  readonly head: readonly Segment[];
  readonly own: readonly Segment[];
}

/** ORU^R01 and MDM: one event for each order that it reports, by patient. HL7 v2.5.1 chapters 7.3.1 and 9. */
export function readReports(heard: Heard): Reading {
  const { message } = heard;
  const isDocument = message.text('MSH-9.1') === 'MDM';
  const missing = (isDocument ? ['PID', 'TXA'] : ['OBR']).filter((name) => message.first(name) === null);
  if (missing.length > 0) return lacking(missing, isDocument ? 'a document needs PID and TXA' : 'a result needs OBR');
  // HL7 lets a result go without (of a sample, of a device): it is nobody's report.
  if (message.first('PID') === null) return kept('The result names no patient: it is kept.');
  const parts = partsOf(message, isDocument, heard);
  const told = parts.filter((part) => !isElsewhere(part, heard));
  if (told.length === 0) return kept('It is the result of another service (OBR-24, or the procedure map says not imaging): it is kept.');
  const events = told.map((part) => eventOf(part, heard)).filter((event) => event.sections.length > 0 || event.attachments.length > 0);
  return events.length === 0 ? kept('The result holds neither text nor a document: it is kept.') : { ok: true, tells: true, events, reason: null };
}

/** What belongs to one patient and one order. In a document everything is one report. */
export function partsOf(message: Message, isDocument: boolean, { site }: Heard): readonly Part[] {
  const { head, groups } = grouped(message.segments, (segment) => segment.name === 'PID');
  return groups.flatMap(({ first, rest }): readonly Part[] => {
    const pid = first;
    if (isDocument) return [{ pid, head, own: rest }];
    const orders = grouped(rest, (segment) => segment.name === 'OBR');
    const before = [...head, ...orders.head];
    const parts = new Map<string, Segment[]>();
    let control: readonly Segment[] = orders.head.filter((segment) => segment.name === 'ORC').slice(-1);
    for (const { first: request, rest: results } of orders.groups) {
      const own = [...control, request, ...results.filter((segment) => segment.name !== 'ORC')];
      const next = results.filter((segment) => segment.name === 'ORC').slice(-1);
      // An ORC stands before its OBR; without one of its own an OBR goes on with the order of the last.
      if (next.length > 0) control = next;
      const key = mappedAccession(own, site.fieldMap) ?? JSON.stringify([accessionIn(own), request.text(3, 1), request.text(2, 1)]);
      parts.set(key, [...(parts.get(key) ?? []), ...own]);
    }
    return [...parts.values()].map((own) => ({ pid, head: before.filter((segment) => segment.name !== 'ORC'), own }));
  });
}

/** Laboratory and the like: sections of HL7 table 0074 that make no images. */
const otherServices = new Set('AU BG BLB CG CH CP GE HM IMM LAB MB MCB MYC NRS OSL PAT PF PHR RC SP SR TX VR'.split(' '));

function isElsewhere({ own }: Part, { site }: Heard): boolean {
  const requests = own.filter((segment) => segment.name === 'OBR');
  if (requests.length === 0) return false;
  const isNotImaging = kindOfProcedures(
    requests.flatMap((request) => procedureOf(request) ?? []),
    site.procedureMap,
  );
  return isNotImaging === 'not-imaging' || (isNotImaging === 'unknown' && requests.every((one) => otherServices.has(one.text(24, 1).toUpperCase())));
}

function eventOf({ pid, head, own }: Part, heard: Heard): ReportReceived {
  const { site, origin, message } = heard;
  const near = [...own, ...head];
  const named = (name: string): Segment | null => near.find((segment) => segment.name === name) ?? null;
  const [request, document] = [named('OBR'), named('TXA')];
  const lines = own.filter((line) => line.name === 'OBX');
  const texts = lines.filter(isText);
  const event: ReportReceived = {
    ...origin,
    type: 'reportReceived',
    accessionNumber: mappedAccession(near, site.fieldMap) ?? accessionIn(own),
    status: statusOf(message, request, document, texts),
    procedure: request === null ? null : procedureOf(request),
    patient: patientOf(pid, site.fieldMap),
    orderNumbers: {
      placer: numberIn([named('ORC'), 2], [request, 2], [document, 14]),
      filler: numberIn([named('ORC'), 3], [request, 3], [document, 15]),
      accession: mappedAccession(near, site.fieldMap) ?? accessionIn(own),
      serviceRequest: null,
    },
    reportedAt: firstSaid([
      request?.text(22, 1),
      ...lines.map((line) => line.text(14, 1)),
      document?.text(7, 1),
      document?.text(4, 1),
      message.text('MSH-7.1'),
    ]),
    sections: sectionsOf(texts),
    attachments: lines.flatMap((line) => attachmentOf(line)),
    care: careOf({ visit: named('PV1'), control: named('ORC'), request }, heard),
    modality: modalityIn(own, site.procedureMap),
    ...signedBy(request, document, lines),
    version: '',
    quality: [],
  };
  return { ...event, version: versionOf(event, lines, document), quality: qualityOfReport(heard, event) };
}

/** OBR-32 (NDL, of which others write an XCN: the number is the first part of either); in a document who authenticated it before who wrote it. */
function signedBy(request: Segment | null, document: Segment | null, lines: readonly Segment[]): Pick<ReportReceived, 'signedBy'> {
  const numbers = allSaid([
    request?.text(32, 1, 1),
    ...[22, 10].map((field) => document?.text(field, 1, 1)),
    ...lines.map((line) => line.text(16, 1, 1)),
    document?.text(9, 1, 1),
  ]);
  return numbers.length === 0 ? {} : { signedBy: numbers };
}

/** From the site's map, else OBR-24. */
export function modalityIn(own: readonly Segment[], map: ProcedureMap): Modality | null {
  const requests = own.filter((segment) => segment.name === 'OBR');
  return modalityOfProcedures(
    requests.flatMap((request) => procedureOf(request) ?? []),
    map,
    requests.map((request) => request.text(24, 1)),
  );
}

/** Where no field of the map holds one: OBR-18, OBR-20. */
export function accessionIn(own: readonly Segment[]): string | null {
  const requests = own.filter((segment) => segment.name === 'OBR');
  return firstSaid([18, 20].flatMap((field) => requests.map((request) => request.text(field, 1))));
}

export function numberIn(...places: readonly (readonly [Segment | null, number])[]): AssignedNumber | null {
  for (const [segment, field] of places) {
    const id = segment?.text(field, 1) ?? '';
    if (id !== '') return { id, assigner: firstSaid([segment?.text(field, 2), segment?.text(field, 3)]) ?? '' };
  }
  return null;
}

/** The same report sent again, whatever message brings it, is the same version: numbers, document, status, time and what it says. */
function versionOf(event: ReportReceived, lines: readonly Segment[], document: Segment | null): string {
  const { orderNumbers, status, reportedAt, patient } = event;
  const said = lines.map((line) => [line.raw(2), line.raw(3), line.raw(5), line.raw(11)]);
  const ids = [12, 13].map((field) => document?.text(field, 1) ?? '');
  return createHash('sha256')
    .update(JSON.stringify([orderNumbers, patient.id, patient.assigner, ids, status, reportedAt, said]))
    .digest('hex');
}

/** A short string with a unit or a reference range is a measurement, no text. */
function isText(line: Segment): boolean {
  const type = line.text(2);
  return type === 'TX' || type === 'FT' || (type === 'ST' && line.text(6) === '' && line.text(7) === '');
}

/** OBX of type ED (OBX-5: source, type, subtype, encoding, data) and RP (pointer, application, type, subtype). */
function attachmentOf(line: Segment): readonly { readonly type: string; readonly subtype: string }[] {
  const at = { ED: 2, RP: 3 }[line.text(2)];
  return at === undefined ? [] : [{ type: line.text(5, at), subtype: line.text(5, at + 1) }];
}

/** OBR-25 (HL7 table 0123) or TXA-17 of a document; an addendum is told by its OBX-3 suffix ADT, a replacement by its MDM trigger. */
function statusOf(message: Message, request: Segment | null, document: Segment | null, lines: readonly Segment[]): ReportReceived['status'] {
  const isDocument = document !== null && message.text('MSH-9.1') === 'MDM';
  if (lines.some((line) => suffix(line) === 'ADT')) return 'addendum';
  if (isDocument && triggerOf(message) === 'T10') return 'corrected';
  const inDocument = isDocument ? document.text(17, 1) : '';
  const word = firstSaid([inDocument, request?.text(25, 1), ...lines.map((line) => line.text(11)), document?.text(17, 1)])?.toUpperCase() ?? '';
  if (['P', 'R', 'I', 'A', 'S', 'DI', 'DO', 'IP', 'IN', 'PA'].includes(word) || word.startsWith('PRELIM')) return 'preliminary';
  if (['F', 'AU', 'LA'].includes(word) || word.startsWith('FINAL')) return 'final';
  return word === 'C' || word.startsWith('CORR') ? 'corrected' : null;
}

function sectionsOf(lines: readonly Segment[]): ReportReceived['sections'] {
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
