import type { DetectionRow, FindingClass } from './content.ts';
import type { Detection } from './hospital-event.ts';
import type { Procedure } from './order.ts';

/** A class of finding that has to be communicated, which a model's positive names. */
export interface Detected {
  readonly classId: string;
  readonly name: string;
  readonly category: 1 | 2 | 3;
}

/** HL7 table 0396, DICOM PS3.16 chapter 8 and FHIR write one system in several ways. */
const SYSTEMS: Readonly<Record<string, string>> = {
  ...{ SNOMED: 'SCT', SNM: 'SCT', 'SNOMED-CT': 'SCT', 'SNOMED CT': 'SCT', 'HTTP://SNOMED.INFO/SCT': 'SCT' },
  ...{ RID: 'RADLEX', 'HTTP://RADLEX.ORG': 'RADLEX', 'HTTP://WWW.RADLEX.ORG': 'RADLEX' },
  ...{ RDE: 'RADELEMENT', RDES: 'RADELEMENT', 'HTTPS://RADELEMENT.ORG': 'RADELEMENT' },
};

/**
 * What a model's result has found; null: nothing, nothing that has to be communicated, or it can't be told. It is named by the observation, which says that it is there,
 * or by its value. Of several classes the gravest.
 */
export function detectedIn(
  { names, says, outcome }: Detection,
  { detections, findings }: { readonly detections: readonly DetectionRow[]; readonly findings: readonly FindingClass[] },
): Detected | null {
  const rowsOf = (said: readonly Procedure[]): readonly DetectionRow[] => detections.filter((row) => said.some((one) => isNamed(one, row)));
  const byName = rowsOf(names);
  const byValue = outcome === 'absent' ? [] : rowsOf(says);
  const rows = byName.length === 0 ? byValue : outcome === 'present' ? byName : [];
  const classes = findings.filter(({ ruleId }) => rows.some(({ classId }) => classId === ruleId));
  const [gravest] = classes.toSorted((a, b) => a.category - b.category);
  return gravest === undefined ? null : { classId: gravest.ruleId, name: gravest.name, category: gravest.category };
}

/** By a code of the row in its system; a word, or a code whose system is not said, by one of the row's names. */
function isNamed({ code, text, system }: Procedure, { codes, names }: DetectionRow): boolean {
  const spoken = [text, ...(system === '' ? [code] : [])].map(plain);
  return (
    codes.some((one) => one.code === code.toUpperCase() && one.system === systemOf(system)) || names.some((name) => spoken.includes(plain(name)))
  );
}

function systemOf(system: string): string {
  const upper = system.trim().toUpperCase().replace(/\/+$/u, '');
  return SYSTEMS[upper] ?? upper;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
