import { createHash } from 'node:crypto';
import type { Delivery } from '#core/delivery.js';
import type { Effect } from '#core/effect.js';
import type { Instant } from '#core/time.js';
import { orderChangeData, outboundMessage, readingPriorityData, recommendationData } from '#domain/outbound.js';
import type { OutboundMessage } from '#domain/outbound.js';
import type { Endpoints, FieldMap } from '#domain/site.js';
import type { Restored } from '#ports/restored.js';
import { hl7Time } from './ack.ts';
import { build, usualWriting } from './build.ts';
import type { Fields, Value } from './build.ts';
import { charsetNamed } from './charset.ts';
import { criticalDocument, criticalResult } from './critical.ts';
import {
  OWN_CODES,
  accessionPath,
  atComponent,
  faultOf,
  number,
  observed,
  patientOf,
  placed,
  provider,
  requestOf,
  resultsOf,
} from './outbound-order.ts';
import type { Body, Named } from './outbound-order.ts';
import { pathOf } from './path.ts';

type Destination = Endpoints['destinations'][string];
type SendHl7 = Effect & { readonly kind: 'sendHl7' };

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
    case 'critical-document':
      return criticalDocument(data, writtenAt, fieldMap);
    case 'reading-priority':
      return readingPriority(data, writtenAt, fieldMap);
    default:
      return name satisfies never;
  }
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

/** ORU^R01, everything marked preliminary: how soon the exam may be read (CE), what the model suspects (CE), which model (ST), how sure it is (NM). */
function readingPriority(data: unknown, writtenAt: Instant, fieldMap: FieldMap): Body | string {
  const parsed = readingPriorityData.safeParse(data);
  if (!parsed.success) return faultOf('reading-priority', parsed.error.issues[0]?.path);
  const { order, priority, finding, model } = parsed.data;
  const results = [
    observed('CE', 'READ-PRIORITY', 'Proposed reading priority; it may only be raised', [priority, PRIORITIES[priority], 'HL70485']),
    observed('CE', 'AI-SUSPECTS', 'Suspected by an image model; nobody has judged it', [finding.classId, finding.text, OWN_CODES]),
    observed('ST', 'AI-MODEL', 'Model and version', `${model.name} ${model.version}`.trim()),
    ...(model.confidence === null ? [] : [observed('NM', 'AI-CONFIDENCE', 'Confidence of the model, 0 to 1', decimal(model.confidence))]),
  ];
  return resultsOf(order, 'P', hl7Time(writtenAt), results, fieldMap);
}

const PRIORITIES = { S: 'Stat', A: 'As soon as possible' } as const;

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

/** At most three places, no exponent. */
function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}

function cannot(detail: string): Delivery<never> {
  return { ok: false, code: 'cannot-be-written', detail };
}
