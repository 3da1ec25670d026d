import type { ReactNode } from 'react';
import { spanText } from '#core/time.js';
import type { Figures, ReportedAlert, Spread } from '#ports/critical-report.js';
import { usePage } from './page.ts';
import { Wide } from './states.tsx';

/** One row a group of alerts. */
export function Groups({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly figures: Figures }[];
}): ReactNode {
  const { words } = usePage();
  const { heads } = words.report;
  return (
    <Wide label={title}>
      <table className="figures">
        <caption>{title}</caption>
        <thead>
          <tr>
            <td />
            {[
              heads.alerts,
              heads.delivered,
              heads.acknowledged,
              heads.readBack,
              heads.inTime,
              heads.missed,
              heads.running,
              heads.byPhone,
              heads.atFailsafe,
            ].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, figures }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{figures.alerts}</td>
              <td>{spreadText(figures.delivered)}</td>
              <td>{spreadText(figures.acknowledged)}</td>
              <td>{spreadText(figures.readBack)}</td>
              <td>{figures.inTime}</td>
              <td>{figures.missed}</td>
              <td>{figures.running}</td>
              <td>{figures.byPhone}</td>
              <td>{figures.atFailsafe}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function spreadText({ p50, p90, p95 }: Spread): string {
  return [p50, p90, p95].map(spanText).join(' / ');
}

/** Each that was not acknowledged within its window, and why. */
export function Misses({ misses }: { readonly misses: readonly ReportedAlert[] }): ReactNode {
  const { words, times, me } = usePage();
  const { report } = words;
  if (misses.length === 0) return <p className="strong">{report.noMiss}</p>;
  return (
    <Wide label={report.misses(misses.length)}>
      <table className="figures">
        <caption>{report.misses(misses.length)}</caption>
        <thead>
          <tr>
            {[words.findLabel, report.heads.category, report.heads.service, report.heads.began, report.heads.took, report.heads.why].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {misses.map(({ caseNumber, times: of, began, acknowledged, window, reasons }) => (
            <tr key={caseNumber}>
              <th scope="row" className="number">
                {me.opensCases ? <a href={`#/case/${caseNumber}`}>{caseNumber}</a> : caseNumber}
              </th>
              <td>{of.category}</td>
              <td>{of.service ?? report.noService}</td>
              <td>{times.dayTime(began)}</td>
              <td>{report.took(acknowledged === null ? null : spanText(acknowledged), spanText(window))}</td>
              <td className="words">{reasons.map((reason) => report.reasons[reason]).join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
