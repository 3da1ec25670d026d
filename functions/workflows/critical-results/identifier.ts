import type { About } from '#domain/critical.js';
import { recordNumbers } from '#domain/patient.js';

/** By what the receiver names the patient; null: by nothing that is this patient's. Spaces, dashes and case do not count. */
export function identifierOf(typed: string, { patient, accessionNumber }: About): 'record-number' | 'accession' | null {
  const said = plain(typed);
  if (said.length < 3) return null;
  if (recordNumbers(patient).some(({ id }) => plain(id) === said)) return 'record-number';
  return accessionNumber !== null && plain(accessionNumber) === said ? 'accession' : null;
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
