import { createHash } from 'node:crypto';
import type { Anchors } from '#ports/anchors.js';
import type { AuditRow, AuditVerdict, Purge } from '#ports/audit-store.js';
import type { ExportEnd } from '#ports/auditor.js';
import { knownAnchors, startWalk } from './check.ts';
import type { Bad, Known, Walk } from './check.ts';
import { endBytes, isWhole } from './export.ts';
import { formatOf, frameOf, recordOf } from './export-lines.ts';
import type { ExportFormat } from './export-lines.ts';
import { hashOf, isEmptied } from './row.ts';
import { isSigned } from './signature.ts';
import type { Verifies } from './signature.ts';

export interface ExportVerdict extends AuditVerdict {
  /** Who exported what and when, by the export's signed end; null when that is not there. */
  readonly end: Omit<ExportEnd, 'signed'> | null;
}

/** Checks an export by itself: every line is as it was written, the rows fit the signed end, and of a whole chain all that the store's own check asks. */
export async function checkExport(bytes: AsyncIterable<Uint8Array>, key: Verifies, anchors: Anchors | null): Promise<ExportVerdict> {
  const known = await knownAnchors({ anchors, key });
  const read = startReading(key, known);
  let firstBad = known.bad;
  for await (const line of linesOf(bytes)) {
    firstBad ??= await read.line(line);
    if (firstBad !== null) break;
  }
  firstBad ??= await read.end();
  const end = read.seen();
  const { cases, rows, signedUpto, anchoredUpto } = read.counts();
  return { ok: firstBad === null, cases, rows, signedUpto, anchoredUpto, restored: known.restored, firstBad, end };
}

interface Line {
  /** Null: these bytes are no text. */
  readonly text: string | null;
  /** False: the file ends in the middle of it. */
  readonly isEnded: boolean;
}

/** Far more than a row can be: a file of something else is not gathered in memory. */
const LONGEST_LINE_BYTES = 1024 * 1024;

/** Lines end with a line feed and with nothing else. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    rest = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield { text: textOf(rest.subarray(from, end)), isEnded: true };
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > LONGEST_LINE_BYTES) {
      yield { text: null, isEnded: false };
      return;
    }
  }
  if (rest.length > 0) yield { text: textOf(rest), isEnded: false };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

interface Reading {
  line(line: Line): Promise<Bad | null>;
  end(): Promise<Bad | null>;
  seen(): ExportVerdict['end'];
  counts(): Pick<AuditVerdict, 'cases' | 'rows' | 'signedUpto' | 'anchoredUpto'>;
}

function startReading(key: Verifies, anchors: Known): Reading {
  const purges: Purge[] = [];
  const digest = createHash('sha256');
  const count = { lines: 0, rows: 0, checkpoints: 0, seq: 0 };
  let format: ExportFormat | null = null;
  let isFramed = false;
  let end: ExportEnd | null = null;
  let walk: Walk | null = null;
  /** Where the chain of all rows breaks: a fault only in an export of all of them. */
  let walkBad: Bad | null = null;
  const cases = new Set<string>();

  const bad = (what: string): Bad => ({ seq: count.seq + 1, what: `${what} (line ${count.lines})` });
  const walking = (): Walk => (walk ??= startWalk({ purges, key, anchors: anchors.byHeight }, () => null));
  const onRow = (row: AuditRow): Bad | null => {
    if (row.seq <= count.seq) return bad('a row stands twice, or in another place');
    if (row.purged === null ? row.hash !== hashOf(row) : !isEmptied(row)) return { ...bad('the row is not what was written'), seq: row.seq };
    count.seq = row.seq;
    count.rows += 1;
    cases.add(row.caseId);
    digest.update(row.hash);
    walkBad ??= walking().row(row);
    return null;
  };
  const onLine = async (text: string, as: ExportFormat): Promise<Bad | null> => {
    if (end !== null) return text === frameOf(as).end && !isFramed ? ((isFramed = true), null) : bad('there is more after the end of the export');
    const record = recordOf(text, as);
    switch (record?.kind) {
      case undefined:
        return bad('the line is not what was exported');
      case 'row':
        return onRow(record.row);
      case 'checkpoint':
        count.checkpoints += 1;
        walkBad ??= await walking().checkpoint(record.checkpoint);
        return null;
      case 'purge':
        if (walk !== null) return bad('a purge stands in another place');
        purges.push(record.purge);
        return null;
      case 'end':
        end = record.end;
        isFramed = frameOf(as).end === null;
        return null;
      default:
        return record satisfies never;
    }
  };
  return {
    line({ text, isEnded }) {
      count.lines += 1;
      if (text === null || !isEnded) return Promise.resolve(bad('the line is not what was exported'));
      if (format !== null) return onLine(text, format);
      format = formatOf(text);
      if (format === null) return Promise.resolve({ seq: 0, what: 'this is no export of the audit' });
      return frameOf(format).start === null ? onLine(text, format) : Promise.resolve(null);
    },
    async end() {
      if (end === null || !isFramed) return walkBad ?? bad('the end of the export is missing: it was cut, or has not been written to its end');
      if (!(await isSigned(key, endBytes(end), end.signed))) return walkBad ?? bad('the end of the export is not signed by this site');
      if (isWhole(end.filter)) walkBad ??= await walking().end({ rows: end.upto, checkpoints: end.checkpoints });
      if (isWhole(end.filter) && walkBad !== null) return walkBad;
      const isAll =
        end.rows === count.rows && end.digest === digest.digest('hex') && end.checkpoints === count.checkpoints && end.purges === purges.length;
      return isAll ? null : bad('the rows are not those that were exported');
    },
    seen() {
      if (end === null) return null;
      const { at, by, filter, upto, rows, checkpoints, purges: purged, digest: over } = end;
      return { at, by, filter, upto, rows, digest: over, checkpoints, purges: purged };
    },
    counts() {
      const { signedUpto = 0, anchoredUpto = 0 } = walk?.seen() ?? {};
      return { cases: [...cases].filter((id) => id !== 'site').length, rows: count.rows, signedUpto, anchoredUpto };
    },
  };
}
