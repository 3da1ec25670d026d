import type { FhirTold, GridTold, ToldResult } from '#ports/fhir-door.js';
import { at, distinct, jsonOf, textAt } from './read.ts';
import { ownReference } from './references.ts';

/** DICOM PS3.5 9.1: digits and dots, at most 64. */
const UID = /^[0-9.]{1,64}$/u;

const studyKinds = {
  'Microsoft.HealthcareApis.DicomImageCreated': 'created',
  'Microsoft.HealthcareApis.DicomImageUpdated': 'updated',
  'Microsoft.HealthcareApis.DicomImageDeleted': 'deleted',
} as const;

/**
 * One delivery of Azure Event Grid: an array in the Event Grid schema (learn.microsoft.com/azure/event-grid/event-schema), or CloudEvents 1.0, one
 * (application/cloudevents+json) or a batch (application/cloudevents-batch+json). FHIR events name type, id and version, DICOM events the study; nothing else is read.
 */
export function readGrid(told: FhirTold, baseUrl: string): ToldResult<GridTold> {
  const json = jsonOf(told.body);
  const events: readonly unknown[] = Array.isArray(json) ? json : [json];
  const kinds = events.map((event) => textAt(event, 'eventType') ?? textAt(event, 'type'));
  if (events.length === 0 || kinds.some((kind) => kind === null)) {
    return { ok: false, status: 400, why: 'The body is no event of Event Grid: JSON in the Event Grid schema or CloudEvents 1.0 is read.' };
  }
  const validation = events.find((_, index) => kinds[index] === 'Microsoft.EventGrid.SubscriptionValidationEvent');
  const all = events.map((event, index) => ({ kind: kinds[index] ?? '', data: at(event, 'data') }));
  const references = all.flatMap(({ kind, data }) => (isFhir(kind) ? (resourceOf(data, baseUrl) ?? []) : []));
  const studies = all.flatMap(({ kind, data }) => studyOf(kind, data) ?? []);
  return {
    ok: true,
    value: {
      validationCode: validation === undefined ? null : textAt(validation, 'data', 'validationCode'),
      references: distinct(references),
      studies: [...new Map(studies.map((study) => [`${study.kind} ${study.studyUid}`, study])).values()],
      ignored: events.length - references.length - studies.length - (validation === undefined ? 0 : 1),
    },
  };
}

function isFhir(kind: string): boolean {
  return /^Microsoft\.HealthcareApis\.FhirResource(?:Created|Updated|Deleted)$/u.test(kind);
}

/** Of the own FHIR service only: `resourceFhirAccount` is its host. */
function resourceOf(data: unknown, baseUrl: string): string | null {
  if (textAt(data, 'resourceFhirAccount') !== new URL(baseUrl).host) return null;
  return ownReference(`${textAt(data, 'resourceType') ?? ''}/${textAt(data, 'resourceFhirId') ?? ''}`, baseUrl);
}

function studyOf(kind: string, data: unknown): GridTold['studies'][number] | null {
  if (!isStudyKind(kind)) return null;
  const studyUid = textAt(data, 'imageStudyInstanceUid') ?? '';
  return UID.test(studyUid) ? { kind: studyKinds[kind], studyUid, host: textAt(data, 'serviceHostName') ?? '' } : null;
}

function isStudyKind(kind: string): kind is keyof typeof studyKinds {
  return Object.hasOwn(studyKinds, kind);
}
