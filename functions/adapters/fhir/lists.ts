import type { PriorStudy } from '#domain/context.js';
import { DENIED_ELSEWHERE, NOTHING_ON_LIST, NOT_IMAGES, NO_KNOWN_ALLERGY } from './codes.ts';
import type { Reading } from './observations.ts';
import { at, conceptCodes, conceptText, distinct, listAt, newestFirst, numberAt, textAt } from './read.ts';

const MOST_PRIORS = 10;
const MOST_NOTES = 5;
const LONGEST_NOTE_BYTES = 20 * 1024;

function codeOf(resource: unknown, element: string): string {
  return conceptCodes(at(resource, element))[0] ?? '';
}

/**
 * Active allergies with what is known of the reaction. Sure only when there is one or the record says that none is known: no entry at all is no answer
 * (FHIR R4 AllergyIntolerance, 9.1.2). Entries without a status count as active.
 */
export function allergiesOf(resources: readonly unknown[]): Reading<readonly string[]> {
  const current = resources.filter(
    (one) =>
      !['inactive', 'resolved'].includes(codeOf(one, 'clinicalStatus')) &&
      !['refuted', 'entered-in-error'].includes(codeOf(one, 'verificationStatus')),
  );
  let denied = false;
  const allergies: string[] = [];
  for (const resource of current) {
    const name = conceptText(at(resource, 'code')) ?? listAt(resource, 'reaction').map((reaction) => conceptText(at(reaction, 'substance'))).find((text) => text !== null) ?? 'an allergy without a name'; // prettier-ignore
    const codes = conceptCodes(at(resource, 'code'));
    if (NO_KNOWN_ALLERGY.words.test(name) || codes.some((code) => NO_KNOWN_ALLERGY.codes.includes(code))) denied = true;
    else if (!DENIED_ELSEWHERE.test(name)) allergies.push(name + detailOf(resource));
  }
  return { value: distinct(allergies), sure: denied || allergies.length > 0 };
}

/** ` (criticality high; reaction: hives, severe)` or nothing. */
function detailOf(resource: unknown): string {
  const criticality = textAt(resource, 'criticality');
  const reactions = listAt(resource, 'reaction').flatMap((reaction) => {
    const shown = listAt(reaction, 'manifestation').flatMap((manifestation) => conceptText(manifestation) ?? []);
    const words = shown.length > 0 ? shown : [textAt(reaction, 'description')].filter((text) => text !== null);
    return words.length === 0 ? [] : [[...words, textAt(reaction, 'severity')].filter((text) => text !== null).join(', ')];
  });
  const parts = [
    ...(criticality === 'high' || criticality === 'low' ? [`criticality ${criticality}`] : []),
    ...(reactions.length === 0 ? [] : [`reaction: ${distinct(reactions).join('; ')}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** Active requests and statements by name; a request not to give something is none. `pool` holds Medication resources that came along. */
export function medicationsOf(resources: readonly unknown[], pool: readonly unknown[]): Reading<readonly string[]> {
  const active = resources.filter((one) => at(one, 'status') === 'active' && at(one, 'doNotPerform') !== true && !['proposal', 'plan'].includes(textAt(one, 'intent') ?? '')); // prettier-ignore
  const names = active.map((one) => medicationName(one, pool));
  const known = names.filter((name) => name !== null).filter((name) => !NOTHING_ON_LIST.test(name));
  return { value: distinct(known), sure: names.every((name) => name !== null) };
}

/** Ids of the Medications that are referred to and that nothing here names. */
export function unnamedMedications(resources: readonly unknown[]): readonly string[] {
  const unnamed = resources.filter((one) => at(one, 'medicationReference') !== undefined && medicationName(one, resources) === null);
  return distinct(
    unnamed.flatMap((one) => /(?:^|\/)Medication\/([A-Za-z0-9\-.]{1,64})$/u.exec(textAt(one, 'medicationReference', 'reference') ?? '')?.[1] ?? []),
  );
}

function medicationName(resource: unknown, pool: readonly unknown[]): string | null {
  const written = conceptText(at(resource, 'medicationCodeableConcept')) ?? textAt(resource, 'medicationReference', 'display');
  if (written !== null) return written;
  const reference = textAt(resource, 'medicationReference', 'reference') ?? '';
  const id = reference.split('/').at(-1)?.replace(/^#/u, '') ?? '';
  const contained = listAt(resource, 'contained').filter((one) => at(one, 'id') === id);
  const named = [...contained, ...pool.filter((one) => at(one, 'id') === id)].map((one) => conceptText(at(one, 'code')));
  return named.find((name) => name !== null) ?? null;
}

/** Active problems and diagnoses; what is not confirmed says so. */
export function problemsOf(resources: readonly unknown[]): Reading<readonly string[]> {
  const problems: string[] = [];
  let sure = true;
  for (const resource of resources) {
    const certainty = codeOf(resource, 'verificationStatus');
    if (!['', 'active', 'recurrence', 'relapse'].includes(codeOf(resource, 'clinicalStatus')) || ['refuted', 'entered-in-error'].includes(certainty))
      continue;
    const name = conceptText(at(resource, 'code'));
    if (name === null) sure = false;
    else if (!NOTHING_ON_LIST.test(name))
      problems.push(['unconfirmed', 'provisional', 'differential'].includes(certainty) ? `${name} (${certainty})` : name);
  }
  return { value: distinct(problems), sure };
}

/** Earlier studies, the newest ten; the study of this order itself (by accession number) is no prior. */
export function priorsOf(resources: readonly unknown[], accessionNumber: string | null): Reading<readonly PriorStudy[]> {
  const studies = resources
    .filter((one) => !['cancelled', 'entered-in-error'].includes(textAt(one, 'status') ?? '') && hasImages(one))
    .filter((one) => accessionNumber === null || !listAt(one, 'identifier').some((identifier) => textAt(identifier, 'value') === accessionNumber))
    .map((one): PriorStudy => {
      const series = listAt(one, 'series');
      const codes = [...listAt(one, 'modality'), ...series.map((part) => at(part, 'modality'))].flatMap((coding) => textAt(coding, 'code') ?? []);
      const modality = distinct(codes.filter((code) => !NOT_IMAGES.includes(code))).join('/');
      const procedures = [...listAt(one, 'procedureCode').map(conceptText), ...series.map((part) => textAt(part, 'description'))];
      const text = textAt(one, 'description') ?? procedures.find((name) => name !== null) ?? `${modality} study`.trim();
      return { text, modality, date: textAt(one, 'started') };
    });
  return { value: newestFirst(studies, (study) => study.date).slice(0, MOST_PRIORS), sure: true };
}

/** `registered` is a study that is expected; some archives leave it so when the images are there. */
function hasImages(study: unknown): boolean {
  return at(study, 'status') !== 'registered' || (numberAt(study, 'numberOfInstances') ?? 0) > 0;
}

/** Plain text that lies in the document itself, the newest five. Not sure when one is of another kind, lies elsewhere or is cut at 20 kB. */
export function notesOf(resources: readonly unknown[]): Reading<readonly string[]> {
  const current = resources.filter((one) => ['current', ''].includes(textAt(one, 'status') ?? '') && at(one, 'docStatus') !== 'entered-in-error');
  const notes: string[] = [];
  let sure = true;
  for (const document of newestFirst(current, (one) => textAt(one, 'date'))) {
    if (notes.length === MOST_NOTES) break;
    const read = listAt(document, 'content').map((content) => noteOf(at(content, 'attachment'))).filter((note) => note !== null); // prettier-ignore
    const [note] = read;
    if (note === undefined || note.cut) sure = false;
    if (note !== undefined && note.text !== '') notes.push(note.text);
  }
  return { value: notes, sure };
}

function noteOf(attachment: unknown): { readonly text: string; readonly cut: boolean } | null {
  const [type = '', ...settings] = (textAt(attachment, 'contentType') ?? '').toLowerCase().split(';');
  const data = at(attachment, 'data');
  if (type.trim() !== 'text/plain' || typeof data !== 'string') return null;
  const charset = settings.map((setting) => /^\s*charset="?([\w-]+)/u.exec(setting)?.[1]).find((name) => name !== undefined);
  const bytes = Buffer.from(data.slice(0, Math.ceil((LONGEST_NOTE_BYTES + 3) / 3) * 4), 'base64');
  const cut = bytes.length > LONGEST_NOTE_BYTES;
  const text = decoderOf(charset)
    .decode(bytes.subarray(0, LONGEST_NOTE_BYTES), { stream: cut })
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .trim();
  return { text: cut ? `${text}\n[cut at 20 kB]` : text, cut };
}

function decoderOf(charset = 'utf-8'): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
