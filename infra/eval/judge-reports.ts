import { performance } from 'node:perf_hooks';
import type { ReportReader } from '#models/report-reader/index.js';
import type { CriticalFinding } from '#models/report-reader/reading.js';
import type { Banked, LabelledReport, Span, Stated } from './labelled-reports.ts';

/** What the reader made of one labelled report. */
export interface Judged {
  readonly report: LabelledReport;
  readonly critical: readonly CriticalFinding[];
  readonly asks: readonly CriticalFinding[];
  /** Findings of the label with what met each, best category first. */
  readonly met: readonly {
    readonly stated: Stated;
    readonly by: CriticalFinding | null;
    readonly askedOnly: boolean;
    readonly byClearest: boolean;
  }[];
  readonly asked: readonly { readonly stated: Stated; readonly how: 'asked' | 'stated' | 'dropped' }[];
  /** Questions at places that no label names. */
  readonly questions: readonly CriticalFinding[];
  readonly milliseconds: number;
}

/** A finding is met when any of its clauses shares a character with any place that the label names for it. */
export function judge(reports: readonly LabelledReport[], reader: ReportReader): Judged[] {
  return reports.map((report) => {
    const began = performance.now();
    const { critical, asks } = reader.read(report);
    const milliseconds = performance.now() - began;
    const named = [...report.critical, ...report.asks].flatMap(({ places }) => places);
    const met = report.critical.map((stated) => {
      const by = critical.filter((one) => meets(one, stated.places));
      return {
        stated,
        by: by.find(({ category }) => category === stated.category) ?? by[0] ?? null,
        byClearest: by.some((one) => meets({ ...one, also: [] }, stated.places)),
        askedOnly: by.length === 0 && asks.some((one) => meets(one, stated.places)),
      };
    });
    const asked = report.asks.map((stated) => ({ stated, how: howAsked(stated, critical, asks) }));
    const questions = [...critical.filter(({ category }) => category < 3), ...asks].filter((one) => !meets(one, named));
    return { report, critical, asks, met, asked, questions, milliseconds };
  });
}

function howAsked({ places }: Stated, critical: readonly CriticalFinding[], asks: readonly CriticalFinding[]): 'asked' | 'stated' | 'dropped' {
  if (asks.some((one) => meets(one, places))) return 'asked';
  return critical.some((one) => meets(one, places)) ? 'stated' : 'dropped';
}

/** Any clause that the reader names for a finding counts: of one class it states one finding, with all its places. */
function meets({ start, end, also }: CriticalFinding, places: readonly Span[]): boolean {
  return [{ start, end }, ...also].some((one) => places.some((place) => one.start < place.end && place.start < one.end));
}

/** Whether the gravest that is read of a sentence of the bank is what it says. */
export function asMeant({ exam, text, wanted }: Banked, reader: ReportReader): boolean {
  const { critical, asks } = reader.read({ exam, text });
  const [gravest] = critical.map(({ category }) => String(category)).sort();
  if (wanted === 'ask') return asks.length > 0 && gravest !== '1';
  return (gravest ?? (asks.length > 0 ? 'ask' : 'none')) === wanted;
}
