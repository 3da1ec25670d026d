import { kindOfProcedures, modalityOfProcedures } from '#domain/procedures.js';
import type { Order, OrderReceived, Procedure, ProcedureKind } from '#domain/order.js';
import type { FhirPool } from '#ports/fhir-door.js';
import { classOf } from './encounter.ts';
import { numbersOf } from './identifiers.ts';
import { instantOf, messageTimeOf, originOf } from './origin.ts';
import type { About } from './origin.ts';
import { patientAt, providerOf } from './people.ts';
import { qualityOfOrder } from './quality.ts';
import { at, conceptCodes, conceptText, distinct, listAt, textAt } from './read.ts';
import { referenceAt } from './references.ts';
import type { FhirSite } from './site.ts';

/** Intents that ask for something to be done (R4 valueset-request-intent); a proposal, plan or option asks for nothing yet. */
const ORDERED = ['order', 'original-order', 'reflex-order', 'filler-order', 'instance-order'];

/** R4 valueset-request-status. `entered-in-error`: there never was an order. R5 also ends one. */
const verbs: Readonly<Record<string, 'open' | 'cancel' | 'status'>> = {
  draft: 'open',
  active: 'open',
  'on-hold': 'status',
  completed: 'status',
  unknown: 'status',
  revoked: 'cancel',
  ended: 'cancel',
  'entered-in-error': 'cancel',
};

/** A ServiceRequest is always the whole order: new when it was never read before, else a change. Null: it orders nothing. */
export function orderEvent(request: unknown, pool: FhirPool, site: FhirSite, about: About): OrderReceived | null {
  const status = textAt(request, 'status');
  const does = verbs[status ?? ''] ?? null;
  if (does === null || !ORDERED.includes(textAt(request, 'intent') ?? '') || at(request, 'doNotPerform') === true) return null;
  const verb = does === 'open' ? (about.known ? 'change' : 'new') : does;
  return received(request, pool, site, about, verb, status);
}

/** What a Task tells of the order that it works on: a status, never a cancel by itself. */
export function taskEvent(task: unknown, request: unknown, pool: FhirPool, site: FhirSite, about: About): OrderReceived | null {
  const status = textAt(task, 'status') ?? '';
  if (!['rejected', 'cancelled', 'failed', 'entered-in-error'].includes(status)) return null;
  const event = received(request, pool, site, about, 'status', status);
  const time = messageTimeOf(task);
  return { ...event, messageTime: time, sortTime: instantOf(time) };
}

function received(request: unknown, pool: FhirPool, site: FhirSite, about: About, verb: OrderReceived['verb'], status: string | null): OrderReceived {
  const order = orderOf(request, pool, site);
  const sortTime = instantOf(messageTimeOf(request)) ?? instantOf(textAt(request, 'authoredOn'));
  return {
    type: 'orderReceived',
    verb,
    order,
    sortTime,
    timeSource: sortTime === null ? 'arrival' : 'fhir',
    cleared: [],
    orderStatus: status,
    source: 'fhir',
    serviceRequest: `ServiceRequest/${textAt(request, 'id') ?? ''}`,
    ...originOf(request, site, about),
    quality: qualityOfOrder(request, order, site, about.receivedAt),
  };
}

function orderOf(request: unknown, pool: FhirPool, site: FhirSite): Order {
  const { placer, filler, accession } = numbersOf(request, site);
  const procedure = procedureOf(at(request, 'code'));
  const procedures = procedure === null ? [] : [procedure];
  const encounter = pool.get(referenceAt(site.baseUrl, request, 'encounter') ?? '') ?? null;
  return {
    placerOrderNumber: placer,
    fillerOrderNumber: filler,
    accessionNumber: accession,
    patient: patientAt(request, 'subject', pool, site),
    procedure,
    procedures: [],
    kind: kindOf(request, procedures, site),
    modality: modalityOfProcedures(procedures, site.procedureMap, categoryCodes(request)),
    priority: priorities[textAt(request, 'priority') ?? ''] ?? null,
    indication: indicationOf(request, pool, site),
    ...reasonCodesOf(request),
    patientClass: encounter === null ? null : classOf(encounter),
    orderingProvider: providerOf(request, pool, site),
    orderedAt: textAt(request, 'authoredOn') ?? messageTimeOf(request),
  };
}

/** R4 valueset-request-priority as letters of HL7 table 0485; urgent has none there but is not routine. */
const priorities: Readonly<Record<string, string>> = { routine: 'R', urgent: 'U', asap: 'A', stat: 'S' };

/** The coding that the site's map knows would be best, but the first one is what is ordered: the others are the same in other systems (R4 datatypes.html#CodeableConcept). */
function procedureOf(concept: unknown): Procedure | null {
  const codings = listAt(concept, 'coding').filter((coding) => textAt(coding, 'code') !== null);
  const coding = codings.find((one) => at(one, 'userSelected') === true) ?? codings[0];
  const code = textAt(coding, 'code') ?? '';
  const text = textAt(concept, 'text') ?? textAt(coding, 'display') ?? '';
  return code === '' && text === '' ? null : { code, text, system: textAt(coding, 'system') ?? '' };
}

/** SNOMED CT categories of R4 valueset-servicerequest-category that are not imaging. */
const OTHER_CATEGORIES = ['108252007', '409063005', '409073007', '387713003'];
/** Imaging: SNOMED CT; HL7 table 0074. */
const IMAGING_CATEGORIES = ['363679005', 'RAD', 'IMG', 'RX', 'CT', 'MR', 'NMR', 'NMS', 'RUS', 'OUS', 'VUS', 'MG'];

/** The site's map decides; what it does not know, by the category; else a person. */
function kindOf(request: unknown, procedures: readonly Procedure[], site: FhirSite): ProcedureKind {
  const mapped = kindOfProcedures(procedures, site.procedureMap);
  if (mapped !== 'unknown') return mapped;
  const codes = categoryCodes(request);
  if (codes.some((code) => IMAGING_CATEGORIES.includes(code))) return 'imaging';
  return codes.some((code) => OTHER_CATEGORIES.includes(code)) ? 'not-imaging' : 'unknown';
}

function categoryCodes(request: unknown): readonly string[] {
  return listAt(request, 'category').flatMap((category) => conceptCodes(category));
}

/** reasonCode in words, then the Conditions of reasonReference; joined with "; ". */
function indicationOf(request: unknown, pool: FhirPool, site: FhirSite): string | null {
  const coded = listAt(request, 'reasonCode').flatMap((reason) => conceptText(reason) ?? []);
  const referred = listAt(request, 'reasonReference').flatMap(
    (reference) => conceptText(at(pool.get(referenceAt(site.baseUrl, reference) ?? '') ?? null, 'code')) ?? textAt(reference, 'display') ?? [],
  );
  const texts = distinct([...coded, ...referred]);
  return texts.length === 0 ? null : texts.join('; ');
}

/** ICD-10 in any of its national forms. */
function reasonCodesOf(request: unknown): { readonly reasonCodes?: string[] } {
  const codings = listAt(request, 'reasonCode').flatMap((reason) => listAt(reason, 'coding'));
  const icd = codings.filter((coding) => /^http:\/\/hl7\.org\/fhir\/sid\/icd-10/u.test(textAt(coding, 'system') ?? ''));
  const codes = distinct(icd.flatMap((coding) => textAt(coding, 'code') ?? []));
  return codes.length === 0 ? {} : { reasonCodes: [...codes] };
}
