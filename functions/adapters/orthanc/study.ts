import { createHash } from 'node:crypto';
import type { Instant } from '#core/time.js';
import type { StudyArrived } from '#domain/hospital-event.js';
import type { Patient } from '#domain/patient.js';
import type { StudySaid } from './answers.ts';
import { momentOfStudy } from './dicom-time.ts';
import { qualityOf } from './quality.ts';

/** Manufacturer (0008,0070) of the series that Radloop makes. */
const OURS = 'radloop';

/** Without the series of ours: a study that became stable because of them has nothing new. */
export function othersOf(series: StudySaid['series']): StudySaid['series'] {
  return series.filter((one) => one.MainDicomTags['Manufacturer']?.toLowerCase() !== OURS);
}

/**
 * What is kept of a study. The same images give the same bytes, whenever and however often they are announced: nothing in it counts time or readings but
 * LastUpdate, the time at which a series was last sent something.
 */
export function bodyOf({ study, series, object }: StudySaid): Buffer {
  const listed = series
    .map(({ ID, LastUpdate, Instances, MainDicomTags }) => ({ ID, LastUpdate, instances: Instances.length, MainDicomTags }))
    .sort((a, b) => (a.ID < b.ID ? -1 : 1));
  return Buffer.from(JSON.stringify({ ...study, series: listed, object }, null, 1));
}

export function eventOf(said: StudySaid, body: Buffer, receivedAt: Instant, zone: string): StudyArrived {
  const { study, series, object } = said;
  const of = (name: string): string => study.MainDicomTags[name] ?? '';
  const modalities = [...new Set(series.map((one) => one.MainDicomTags['Modality'] ?? '').filter((one) => one !== ''))].sort();
  return {
    type: 'studyArrived',
    rawHash: createHash('sha256').update(body).digest('hex'),
    sendingApplication: 'Orthanc',
    sendingFacility: '',
    messageTime:
      series
        .map((one) => one.LastUpdate)
        .sort()
        .at(-1) ?? null,
    receivedAt,
    quality: [...qualityOf(said, zone)],
    studyUid: of('StudyInstanceUID'),
    accessionNumber: of('AccessionNumber') || null,
    patient: patientOf(study.PatientMainDicomTags, object.IssuerOfPatientID),
    modalities,
    startedAt: momentOfStudy(of('StudyDate'), of('StudyTime'), object.TimezoneOffsetFromUTC, zone),
    description: of('StudyDescription') || null,
  };
}

/** DICOM PS3.3 C.7.1.1. A name (PN) has up to three groups, of which the first that is filled counts. */
function patientOf(all: Readonly<Record<string, string>>, issuer: string): Patient {
  const id = all['PatientID'] || null;
  const name = (all['PatientName'] ?? '').split('=').find((group) => /[^\^\s]/u.test(group));
  const [family = '', given = ''] = name?.split('^').map((part) => part.trim()) ?? [];
  return {
    id,
    assigner: issuer,
    identifiers: id === null ? [] : [{ id, assigner: issuer, type: '' }],
    name: name === undefined ? null : { family, given },
    birthDate: all['PatientBirthDate'] || null,
    sex: all['PatientSex'] || null,
  };
}
