import { createHash } from 'node:crypto';
import type { Delivery } from '#core/delivery.js';
import type { Effect } from '#core/effect.js';
import type { Instant } from '#core/time.js';
import { criticalResultData, orderChangeData, outboundMessage, recommendationData } from '#domain/outbound.js';
import type { OrderReference, OutboundMessage } from '#domain/outbound.js';
import type { AssignedNumber } from '#domain/order.js';
import type { Endpoints, FieldMap } from '#domain/site.js';
import type { Restored } from '#ports/restored.js';
import { hl7Time } from './ack.ts';
import { build, usualWriting } from './build.ts';
import type { Fields, Value } from './build.ts';
import { charsetNamed } from './charset.ts';
import { pathOf } from './path.ts';

type Destination = Endpoints['destinations'][string];
type SendHl7 = Effect & { readonly kind: 'sendHl7' };
type Named = readonly [name: string, fields: Fields];

/** Coding system of what only Radloop names. */
const OWN_CODES = '99RADLOOP';

/**
 * Bytes of an outbound message. Pure in (effect, writtenAt) for one site: MSH-10 comes from the effect's key, every time is `writtenAt` or in the data.
 * @param restored what is written after a restore may carry the key of what left before it, which the store no longer knows of: it gets another MSH-10
 * @returns `cannot-be-written` for a message or data that is not known here, and for text that does not fit in the link's character set.
 */
export function render(
  effect: SendHl7,
  writtenAt: Instant,
  destination: Destination,
  fieldMap: FieldMap,
  restored: Restored | null = null,
): Delivery<Buffer> {
  const name = outboundMessage.safeParse(effect.message);
  if (!name.success) return cannot(`There is no outbound message "${effect.message}".`);
  const segments = bodyOf(name.data, effect.data, writtenAt, fieldMap);
  if (typeof segments === 'string') return cannot(segments);
  const charset = charsetNamed([destination.charset ?? usualWriting.charset.name]);
  if (charset === null) return cannot(`endpoints/endpoints.json names a character set for "${effect.destination}" that can not be written.`);
  const header = { ...headerOf(writtenAt, destination, segments.type, charset.name), 10: controlIdOf(effect, writtenAt, restored) };
  const bytes = build([['MSH', header], ...segments.body], {
    ...usualWriting,
    charset,
  });
  if (bytes === null) return cannot(`The message holds characters that ${charset.name}, the set of "${effect.destination}", does not have.`);
  return { ok: true, receipt: bytes };
}

function bodyOf(name: OutboundMessage, data: unknown, writtenAt: Instant, fieldMap: FieldMap): Body | string {
  switch (name) {
    case 'order-change':
      return orderChange(data, fieldMap);
    case 'protocol-recommendation':
      return recommendation(data, writtenAt, fieldMap);
    case 'critical-result':
      return criticalResult(data, fieldMap);
    default:
      return name satisfies never;
  }
}

interface Body {
  /** MSH-9. */
  readonly type: readonly string[];
  readonly body: readonly Named[];
}

function controlIdOf({ key }: SendHl7, writtenAt: Instant, restored: Restored | null): string {
  const known = restored !== null && writtenAt >= restored.at ? `${key}|restored ${restored.epoch}` : key;
  return createHash('sha256').update(known).digest('hex').slice(0, 20);
}

function headerOf(writtenAt: Instant, to: Destination, type: readonly string[], charset: string): Fields {
  return {
    3: to.sendingApplication,
    4: to.sendingFacility,
    5: to.receivingApplication,
    6: to.receivingFacility,
    7: hl7Time(writtenAt),
    9: type,
    11: 'P',
    12: to.version,
    // Enhanced mode: CA at once, the application's answer when it has worked on it (HL7 v2.5.1 chapter 2.9.3).
    ...(to.acknowledgement === 'enhanced' ? { 15: 'AL', 16: 'AL' } : {}),
    18: charset,
  };
}

/** ORU^R01, everything marked preliminary (OBR-25, OBX-11 P): the proposed protocol (CE), the confidence 0..1 (NM), each rule or model version (ST). */
function recommendation(data: unknown, writtenAt: Instant, fieldMap: FieldMap): Body | string {
  const parsed = recommendationData.safeParse(data);
  if (!parsed.success) return faultOf('protocol-recommendation', parsed.error.issues[0]?.path);
  const { order, protocol, confidence, versions } = parsed.data;
  const results = [
    observed('CE', 'PROTOCOL', 'Proposed protocol', [protocol.id, protocol.name, 'L']),
    observed('NM', 'CONFIDENCE', 'Confidence of the proposal, 0 to 1', decimal(confidence)),
    ...versions.map((version, index) => ({ ...observed('ST', 'VERSION', 'Rule or model version', version), 4: String(index + 1) })),
  ];
  return resultsOf(order, 'P', hl7Time(writtenAt), results, fieldMap);
}

/** ORU^R01, final: who was told of which finding, when it was sent, taken and read back, in whose words; and the text of an addendum for the radiologist to sign. */
function criticalResult(data: unknown, fieldMap: FieldMap): Body | string {
  const parsed = criticalResultData.safeParse(data);
  if (!parsed.success) return faultOf('critical-result', parsed.error.issues[0]?.path);
  const { order, category, finding, declaredBy, releasedAt, receivedBy, acknowledgedAt, readBack, addendum } = parsed.data;
  const results = [
    observed('NM', 'CRIT-CATEGORY', 'ACR category of the critical result', String(category)),
    observed('TX', 'CRIT-FINDING', 'Critical finding', finding),
    observed('ST', 'CRIT-DECLARED-BY', 'Declared by', declaredBy.name),
    observed('TS', 'CRIT-SENT', 'Sent', hl7Time(releasedAt)),
    observed('ST', 'CRIT-RECEIVED-BY', 'Received by', receivedBy),
    observed('TS', 'CRIT-ACKNOWLEDGED', 'Acknowledged', hl7Time(acknowledgedAt)),
    observed('TX', 'CRIT-READ-BACK', 'Read back, in the words of the receiver', readBack.finding),
    observed('TX', 'CRIT-ACTION', 'What the receiver will do', readBack.action),
    observed('TX', 'CRIT-ADDENDUM', 'Addendum for signature', addendum),
  ];
  return resultsOf(order, 'F', hl7Time(readBack.at), results, fieldMap);
}

/** One OBX of our own codes, before it has its number and its status. */
function observed(type: string, code: string, text: string, value: Value): Fields {
  return { 2: type, 3: [code, text, OWN_CODES], 5: value };
}

/** ORU^R01 with these results. @param status OBR-25 and OBX-11: P preliminary, F final @param at HL7 time of all of them */
function resultsOf(order: OrderReference, status: 'P' | 'F', at: string, results: readonly Fields[], fieldMap: FieldMap): Body {
  const request = placed(requestOf(order), accessionPath(fieldMap, ['OBR']), order.accessionNumber);
  return {
    type: ['ORU', 'R01', 'ORU_R01'],
    body: [
      ...patientOf(order),
      ['ORC', { 1: 'RE', 2: number(order.placerOrderNumber), 3: number(order.fillerOrderNumber) }],
      ['OBR', { ...request, 7: at, 22: at, 25: status }],
      ...results.map((fields, index): Named => ['OBX', { ...fields, 1: String(index + 1), 11: status, 14: at }]),
    ],
  };
}

/**
 * ORM^O01 with ORC-1 XO, or OMI^O23 when the site's field is in IPC: the protocol's code at the site's field. Who approved it is ORC-19
 * (action by: id and name), when is ORC-9 (date and time of the transaction).
 */
function orderChange(data: unknown, fieldMap: FieldMap): Body | string {
  const parsed = orderChangeData.safeParse(data);
  if (!parsed.success) return faultOf('order-change', parsed.error.issues[0]?.path);
  const { order, protocol, approvedBy, approvedAt } = parsed.data;
  const path = pathOf(fieldMap.protocol);
  const isImaging = path.segment === 'IPC';
  const control: Fields = {
    1: 'XO',
    2: number(order.placerOrderNumber),
    3: number(order.fillerOrderNumber),
    9: hl7Time(approvedAt),
    12: provider(order),
    19: [approvedBy.id, approvedBy.name],
  };
  const accession = accessionPath(fieldMap, isImaging ? ['OBR', 'IPC'] : ['OBR']);
  const inRequest = accession.startsWith('OBR') ? placed(requestOf(order), accession, order.accessionNumber) : requestOf(order);
  const body: Named[] = [
    ['ORC', control],
    ['OBR', inRequest],
  ];
  if (isImaging) body.push(['IPC', { 1: order.accessionNumber ?? '', 5: protocol.modality }]);
  const own = body.findIndex(([name]) => name === path.segment);
  // IPC-6 is a coded element by the standard; any other field gets the bare code.
  const isCoded = isImaging && path.field === 6 && path.component === undefined;
  const value: Value = isCoded ? [protocol.id, protocol.name, 'L'] : atComponent(path.component ?? 1, protocol.id);
  const [name, fields] = body[own] ?? [path.segment, {}];
  const changed: Named = [name, { ...fields, [path.field]: value }];
  if (own < 0) body.push(changed);
  else body[own] = changed;
  return { type: isImaging ? ['OMI', 'O23', 'OMI_O23'] : ['ORM', 'O01', 'ORM_O01'], body: [...patientOf(order), ...body] };
}

function patientOf(order: OrderReference): readonly Named[] {
  const { identifiers, name, birthDate, sex } = order.patient;
  const pid: Fields = {
    1: '1',
    3: { repetitions: identifiers.map((one) => [one.id, '', '', one.assigner, one.type]) },
    5: name === null ? '' : [name.family, name.given],
    7: birthDate ?? '',
    8: sex ?? '',
  };
  return [['PID', pid], ...(order.patientClass === null ? [] : [['PV1', { 1: '1', 2: order.patientClass }] as const])];
}

function requestOf(order: OrderReference): Fields {
  const { procedure } = order;
  return {
    1: '1',
    2: number(order.placerOrderNumber),
    3: number(order.fillerOrderNumber),
    4: procedure === null ? '' : [procedure.code, procedure.text, procedure.system],
    16: provider(order),
  };
}

/** The first of the site's accession paths that lies in a segment which is sent; OBR-18 where none does. */
function accessionPath(fieldMap: FieldMap, segments: readonly string[]): string {
  return fieldMap.accessionNumber.find((path) => segments.includes(pathOf(path).segment)) ?? 'OBR-18';
}

function placed(fields: Fields, at: string, text: string | null): Fields {
  const path = pathOf(at);
  return text === null ? fields : { ...fields, [path.field]: atComponent(path.component ?? 1, text) };
}

function atComponent(component: number, text: string): Value {
  return [...Array.from({ length: component - 1 }, () => ''), text];
}

function number(given: AssignedNumber | null): Value {
  return given === null ? '' : [given.id, given.assigner];
}

function provider(order: OrderReference): Value {
  return order.orderingProvider === null ? '' : [order.orderingProvider.id, order.orderingProvider.name];
}

/** At most three places, no exponent. */
function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}

function faultOf(message: string, path: readonly PropertyKey[] | undefined): string {
  return `The data of "${message}" does not fit its schema at ${path === undefined || path.length === 0 ? 'the top' : path.map(String).join('.')}.`;
}

function cannot(detail: string): Delivery<never> {
  return { ok: false, code: 'cannot-be-written', detail };
}
