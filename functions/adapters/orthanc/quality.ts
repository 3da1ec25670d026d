import type { QualityFinding } from '#domain/quality.js';
import type { StudySaid } from './answers.ts';
import { momentOfStudy } from './dicom-time.ts';

/** Letters, digits and the marks that record numbers have. A `*`, `?`, `\` or `^` would be syntax in DICOM or HL7; U+FFFD is a byte that could not be read. */
const USUAL_ID = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._/-]*[\p{L}\p{N}])?$/u;
const LONGEST_ID = 64;

/** What is wrong or missing in a study's headers, before any rule sees it (GOV-12, as far as the PACS tells them). Texts hold no value of the study. */
export function qualityOf({ study, series, object }: StudySaid, zone: string): readonly QualityFinding[] {
  const of = (name: string): string => study.MainDicomTags[name] ?? '';
  const patient = (name: string): string => study.PatientMainDicomTags[name] ?? '';
  const findings: QualityFinding[] = [];
  const add = (when: boolean, kind: QualityFinding['kind'], code: string, where: string, text: string): void => {
    if (when) findings.push({ code, where, kind, text });
  };
  const id = patient('PatientID');
  const date = of('StudyDate');
  add(of('AccessionNumber') === '', 'gap', 'no-accession-number', '(0008,0050)', 'The images name no accession number');
  add(id === '', 'gap', 'no-patient-id', '(0010,0020)', 'The images name no patient number');
  add(id !== '' && (id.length > LONGEST_ID || !USUAL_ID.test(id)), 'doubt', 'odd-patient-id', '(0010,0020)', 'The patient number has characters that record numbers do not have'); // prettier-ignore
  add(id !== '' && object.IssuerOfPatientID === '', 'gap', 'no-issuer', '(0010,0021)', 'The images do not say who gave the patient number');
  add(date === '', 'gap', 'no-study-date', '(0008,0020)', 'The images name no study date');
  const unread = date !== '' && momentOfStudy(date, of('StudyTime'), object.TimezoneOffsetFromUTC, zone) === null;
  add(unread, 'doubt', 'study-time-unreadable', '(0008,0020), (0008,0030)', 'Study date and time can not be read');
  const without = series.filter((one) => (one.MainDicomTags['Modality'] ?? '') === '').length;
  add(without > 0, 'gap', 'no-modality', '(0008,0060)', `${String(without)} of ${String(series.length)} series name no modality`);
  const texts = [...Object.values(study.MainDicomTags), ...Object.values(study.PatientMainDicomTags)];
  add(texts.some((text) => text.includes('\u{FFFD}')), 'doubt', 'text-unreadable', '(0008,0005)', 'Some text does not fit its character set'); // prettier-ignore
  return findings;
}
