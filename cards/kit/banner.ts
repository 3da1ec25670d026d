import { container, paragraph, run } from './card.ts';
import type { Container } from './card.ts';

/** The least that is safe to act on: two identifiers, and what makes a mix-up be noticed. Every part is written out by the caller. */
export interface PatientLines {
  readonly name: string;
  /** Record number with its assigner. */
  readonly number: string;
  /** Birth date, age, sex. */
  readonly person: string;
}

/** Who it is about, on a ground of its own, so that a case of another patient looks different at once. Only for personal views (disclose.ts). */
export function patientBanner(lines: PatientLines): Container {
  return container('emphasis', [
    paragraph([run(lines.name, { size: 'large', weight: 'bolder' }, 120)], 'none'),
    paragraph([run(lines.number, { weight: 'bolder' }, 120), run(lines.person === '' ? '' : `  ·  ${lines.person}`, {}, 120)], 'small'),
  ]);
}
