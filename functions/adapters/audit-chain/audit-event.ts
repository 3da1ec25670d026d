import type { Actor } from '#core/event.js';
import type { AuditRow } from '#ports/audit-store.js';

/** Carries the row itself, as JSON: from it the whole resource can be made again, byte for byte. */
export const ROW_EXTENSION = 'urn:radloop:audit-row';

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const REST = { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest', display: 'Restful Operation' };
const ALERT = { system: DCM, code: '110113', display: 'Security Alert' };
/** Emergency access, as DICOM PS3.16 names its beginning and its end. */
const OVERRIDE: Readonly<Record<string, object>> = {
  glassBroken: { system: DCM, code: '110127', display: 'Emergency Override Started' },
  glassClosed: { system: DCM, code: '110138', display: 'Emergency Override Stopped' },
};
/** What a look without a relationship was for. @see http://terminology.hl7.org/CodeSystem/v3-ActReason */
const BREAK_THE_GLASS = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'BTG', display: 'break the glass' }] };
const LOG_USED = { system: DCM, code: '110101', display: 'Audit Log Used' };
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

type Interaction = 'read' | 'update' | 'operation';

/**
 * A row as FHIR R4 AuditEvent, laid out as IHE BALP 1.1 wants it for reads and updates of a patient's data (PatientRead, PatientUpdate). The patient stands in it as a
 * logical reference to the case, because the audit holds no patient data; its source is the service, whose client is whatever the actor came through.
 */
export function auditEventOf(row: AuditRow): object {
  const actor = JSON.parse(row.actor) as Actor;
  const detail = JSON.parse(row.detail) as { number?: string; purpose?: string };
  const interaction = interactionOf(row);
  const isRead = interaction === 'read';
  return {
    resourceType: 'AuditEvent',
    id: `audit-${row.seq}`,
    extension: [{ url: ROW_EXTENSION, valueString: JSON.stringify(row) }],
    type: typeOf(row),
    subtype: [
      { system: 'http://hl7.org/fhir/restful-interaction', code: interaction },
      { system: 'urn:radloop:audit-action', code: codeOf(row.action) },
      ...(Object.hasOwn(OVERRIDE, row.action) ? [OVERRIDE[row.action] ?? {}] : []),
    ],
    ...(detail.purpose === 'BTG' ? { purposeOfEvent: [BREAK_THE_GLASS] } : {}),
    action: isRead ? 'R' : interaction === 'update' ? 'U' : 'E',
    recorded: row.at,
    outcome: row.outcome === 'done' ? '0' : '4',
    outcomeDesc: row.outcome === '' ? 'none' : row.outcome,
    agent: [...user(actor, isRead), ...endpoints(actor, isRead)],
    source: {
      observer: { identifier: { system: 'urn:radloop:part', value: 'radloop' }, display: 'Radloop' },
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4', display: 'Application Server' }],
    },
    entity: entitiesOf(row, detail.number ?? null),
  };
}

function interactionOf({ action, caseId, outcome }: AuditRow): Interaction {
  if (action === 'view' || action === 'audit-query' || action === 'audit-export') return 'read';
  return caseId !== 'site' && outcome === 'done' ? 'update' : 'operation';
}

function typeOf({ action, outcome }: AuditRow): object {
  if (outcome === 'denied' || Object.hasOwn(OVERRIDE, action)) return ALERT;
  return action.startsWith('audit-') ? LOG_USED : REST;
}

/** A FHIR code has no space at its ends and none doubled inside. */
function codeOf(action: string): string {
  return action.trim().replace(/\s+/gu, ' ') || 'none';
}

function user(actor: Actor, isRead: boolean): readonly object[] {
  if (actor.kind !== 'person') return [];
  const code = isRead ? { code: 'IRCP', display: 'information recipient' } : { code: 'AUT', display: 'author (originator)' };
  return [{ type: coded(PARTICIPATION, code.code, code.display), who: known('urn:radloop:person', actor.person), requestor: true }];
}

/** Data flows from the source to the destination: on a read out of the service, else into it. */
function endpoints(actor: Actor, isRead: boolean): readonly object[] {
  const source = coded(DCM, '110153', 'Source Role ID');
  const destination = coded(DCM, '110152', 'Destination Role ID');
  const client =
    actor.kind === 'sender'
      ? known('urn:radloop:endpoint', actor.endpoint)
      : known('urn:radloop:part', actor.kind === 'system' ? actor.part : 'surface');
  // Addresses are not kept in the audit; FHIR wants to be told so rather than given an invented one.
  const network = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] };
  return [
    { type: isRead ? destination : source, who: client, requestor: actor.kind !== 'person', network },
    { type: isRead ? source : destination, who: known('urn:radloop:part', 'radloop'), requestor: false, network },
  ];
}

function entitiesOf({ caseId, hash }: AuditRow, number: string | null): readonly object[] {
  const data = {
    what: known(caseId === 'site' ? 'urn:radloop:audit-row-hash' : 'urn:radloop:case', caseId === 'site' ? hash : caseId),
    type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
    role: { system: ROLE, code: '4', display: 'Domain Resource' },
  };
  if (caseId === 'site') return [data];
  const patient = {
    what: { type: 'Patient', ...known('urn:radloop:patient-of-case', number ?? caseId) },
    type: { system: ENTITY_TYPE, code: '1', display: 'Person' },
    role: { system: ROLE, code: '1', display: 'Patient' },
  };
  return [patient, data];
}

function known(system: string, value: string): { readonly identifier: object } {
  return { identifier: { system, value: value === '' ? 'none' : value } };
}

function coded(system: string, code: string, display: string): object {
  return { coding: [{ system, code, display }] };
}
