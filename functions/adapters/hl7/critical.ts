import type { Instant } from '#core/time.js';
import { criticalRecordData } from '#domain/outbound.js';
import type { CriticalRecordData, CriticalResultData, CriticalWithdrawnData } from '#domain/outbound.js';
import type { FieldMap } from '#domain/site.js';
import { hl7Time } from './ack.ts';
import type { Fields } from './build.ts';
import { accessionPath, faultOf, number, observed, patientOf, placed, requestOf, resultsOf } from './outbound-order.ts';
import type { Body, Named } from './outbound-order.ts';

/** Who gave a document its number (TXA-12.2). */
const ASSIGNER = 'RADLOOP';

/**
 * ORU^R01: who was told of which finding, when it was sent, taken and read back, in whose words; and the text of an addendum for the radiologist to sign. The
 * first version is final, each later one a correction (OBR-25 C). One that was withdrawn takes what was said before away (OBX-11 D, or W where it stood with the
 * wrong patient: HL7 table 0085), without saying it again.
 */
export function criticalResult(data: unknown, fieldMap: FieldMap): Body | string {
  const parsed = criticalRecordData.safeParse(data);
  if (!parsed.success) return faultOf('critical-result', parsed.error.issues[0]?.path);
  const told = parsed.data;
  const results = [...('withdrawn' in told ? withdrawn(told) : readBack(told)), ...identity(told)];
  return resultsOf(told.order, told.version === 1 ? 'F' : 'C', hl7Time(saidAt(told)), results, fieldMap);
}

/**
 * MDM^T02: the addendum as a document that waits for its signature (TXA-17 DO). A later version replaces it (MDM^T10, whose TXA-13 is the number of the one
 * before); so does what is said of one that was withdrawn, because a document that others have seen is never cancelled (HL7 v2.5.1 chapter 9.5.11).
 */
export function criticalDocument(data: unknown, writtenAt: Instant, fieldMap: FieldMap): Body | string {
  const parsed = criticalRecordData.safeParse(data);
  if (!parsed.success) return faultOf('critical-document', parsed.error.issues[0]?.path);
  const { order, caseNumber, version, declaredBy, addendum } = parsed.data;
  if (caseNumber === null) return faultOf('critical-document', ['caseNumber']);
  const at = hl7Time(saidAt(parsed.data));
  const numbered = (n: number) => [`${caseNumber}-${n}`, ASSIGNER];
  const document: Fields = {
    ...{ 1: '1', 2: 'DI', 3: 'TX', 4: at, 5: [declaredBy.id, declaredBy.name], 6: at, 9: [declaredBy.id, declaredBy.name] },
    ...{ 12: numbered(version), ...(version === 1 ? {} : { 13: numbered(version - 1) }) },
    ...{ 14: number(order.placerOrderNumber), 15: number(order.fillerOrderNumber), 17: 'DO', 19: 'AV' },
  };
  const request = placed(requestOf(order), accessionPath(fieldMap, ['OBR']), order.accessionNumber);
  return {
    type: ['MDM', version === 1 ? 'T02' : 'T10', 'MDM_T02'],
    body: [
      ['EVN', { 2: hl7Time(writtenAt) }],
      ...withVisit(patientOf(order)),
      ['ORC', { 1: 'RE', 2: number(order.placerOrderNumber), 3: number(order.fillerOrderNumber) }],
      ['OBR', { ...request, 7: at }],
      ['TXA', document],
      ['OBX', { ...addendumOf(addendum), 1: '1', 11: 'P', 14: at }],
    ],
  };
}

/** PV1 is required in a document; U: the class is not known (HL7 table 0004). */
function withVisit(patient: readonly Named[]): readonly Named[] {
  return patient.some(([name]) => name === 'PV1') ? patient : [...patient, ['PV1', { 1: '1', 2: 'U' }]];
}

function saidAt(told: CriticalRecordData): Instant {
  return 'withdrawn' in told ? told.withdrawn.at : told.readBack.at;
}

/** What is said of one that was read back, but for the addendum; all of it goes when it is withdrawn. */
const SAID = {
  category: ['NM', 'CRIT-CATEGORY', 'ACR category of the critical result'],
  finding: ['TX', 'CRIT-FINDING', 'Critical finding'],
  declaredBy: ['ST', 'CRIT-DECLARED-BY', 'Declared by'],
  sent: ['TS', 'CRIT-SENT', 'Sent'],
  receivedBy: ['ST', 'CRIT-RECEIVED-BY', 'Received by'],
  acknowledged: ['TS', 'CRIT-ACKNOWLEDGED', 'Acknowledged'],
  readBack: ['TX', 'CRIT-READ-BACK', 'Read back, in the words of the receiver'],
  action: ['TX', 'CRIT-ACTION', 'What the receiver will do'],
} as const;

function addendumOf(text: string): Fields {
  return observed('TX', 'CRIT-ADDENDUM', 'Addendum for signature', text);
}

function readBack({ category, finding, declaredBy, releasedAt, receivedBy, acknowledgedAt, readBack: said, addendum }: CriticalResultData): Fields[] {
  return [
    observed(...SAID.category, String(category)),
    observed(...SAID.finding, finding),
    observed(...SAID.declaredBy, declaredBy.name),
    observed(...SAID.sent, hl7Time(releasedAt)),
    observed(...SAID.receivedBy, receivedBy),
    observed(...SAID.acknowledged, hl7Time(acknowledgedAt)),
    observed(...SAID.readBack, said.finding),
    observed(...SAID.action, said.action),
    addendumOf(addendum),
  ];
}

function withdrawn({ withdrawn: { at, by, why }, addendum }: CriticalWithdrawnData): Fields[] {
  const gone = why === 'wrong-patient' ? 'W' : 'D';
  return [
    ...Object.values(SAID).map(([type, code, text]) => ({ ...observed(type, code, text, ''), 11: gone })),
    addendumOf(addendum),
    observed('TS', 'CRIT-WITHDRAWN', 'Withdrawn', hl7Time(at)),
    observed('ST', 'CRIT-WITHDRAWN-BY', 'Withdrawn by', by.name),
    observed('ST', 'CRIT-WITHDRAWN-WHY', 'Why it was withdrawn', why),
  ];
}

/** By which a later version is known to be of the same critical result. */
function identity({ caseNumber, version }: CriticalRecordData): Fields[] {
  if (caseNumber === null) return [];
  return [observed('ST', 'CRIT-CASE', 'Case number', caseNumber), observed('NM', 'CRIT-VERSION', 'Version', String(version))];
}
