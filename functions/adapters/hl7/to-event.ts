import type { Instant } from '#core/time.js';
import type { AssignedNumber, OrderReceived } from '#domain/order.js';
import type { FieldMap, ProcedureMap } from '#domain/site.js';
import { kindOf, verbOf } from './kind.ts';
import type { MessageKind } from './kind.ts';
import type { Message, Problem, Segment } from './message.ts';
import { numberOf, orderOf } from './order-fields.ts';
import type { OrderGroup } from './order-fields.ts';

/** What a site's folder says about reading orders. */
export interface OrderSite {
  readonly fieldMap: FieldMap;
  readonly procedureMap: ProcedureMap;
}

export type OrderReading =
  | { readonly ok: true; readonly event: OrderReceived }
  /** Accepted and kept, but no event: `reason` says why. `order` is what it says of the order, for people who look. */
  | { readonly ok: true; readonly event: null; readonly kind: MessageKind; readonly reason: string; readonly order: OrderReceived['order'] }
  | { readonly ok: false; readonly ack: 'AE' | 'AR'; readonly errors: readonly Problem[] };

/** One order message as an event. @param rawHash sha256 of the bytes, hexadecimal. */
export function readOrder(message: Message, site: OrderSite, receivedAt: Instant, rawHash: string): OrderReading {
  const { groups, strays } = groupsOf(message);
  const missing = [
    ...(message.first('PID') === null ? [lacking('PID')] : []),
    ...(groups.length === 0 ? [lacking('ORC')] : []),
    ...(strays + groups.reduce((sum, group) => sum + group.requests.length, 0) === 0 ? [lacking('OBR')] : []),
  ];
  if (missing.length > 0) return refuse(...missing);
  if (strays > 0) return refuse({ segment: 'OBR', field: 0, code: '100', text: 'An OBR stands before the first ORC: send each OBR after its ORC.' });
  const [first] = groups;
  if (first === undefined || groups.some((group) => group.control.text(1, 1) === '')) {
    return refuse({ segment: 'ORC', field: 1, code: '101', text: 'ORC-1 (order control) is empty: send NW, XO or CA.' });
  }
  if (groups.every((group) => verbOf(group.control.text(1, 1)) === null)) {
    const reason = `Order control ${closedWord(first.control.text(1, 1))} is not used: the message is kept.`;
    return { ok: true, event: null, kind: kindOf(message), reason, order: orderOf(message, merged(groups, first), site) };
  }
  const wrong = numberProblem(groups);
  const verb = verbOf(first.control.text(1, 1));
  if (wrong !== null || verb === null) return refuse(wrong ?? severalOrders);
  const header = message.first('MSH');
  return {
    ok: true,
    event: {
      type: 'orderReceived',
      verb,
      order: orderOf(message, merged(groups, first), site),
      rawHash,
      sendingApplication: header?.text(3, 1) ?? '',
      sendingFacility: header?.text(4, 1) ?? '',
      messageTime: said(header?.text(7, 1) ?? ''),
      receivedAt,
    },
  };
}

/** Placer and filler number of the first order group, each null where the message does not say. Also for messages that are refused. */
export function numbersOf(message: Message): { readonly placer: AssignedNumber | null; readonly filler: AssignedNumber | null } {
  const [first] = groupsOf(message).groups;
  return first === undefined ? { placer: null, filler: null } : { placer: numberOf(first, 2), filler: numberOf(first, 3) };
}

/** ORC with what follows it. OBR before any ORC are strays. */
function groupsOf(message: Message): { readonly groups: readonly OrderGroup[]; readonly strays: number } {
  const groups: { control: Segment; requests: Segment[]; others: Segment[] }[] = [];
  let strays = 0;
  for (const segment of message.segments) {
    const current = groups.at(-1);
    if (segment.name === 'ORC') groups.push({ control: segment, requests: [], others: [] });
    else if (segment.name === 'OBR' && current === undefined) strays += 1;
    else if (segment.name === 'OBR') current?.requests.push(segment);
    else current?.others.push(segment);
  }
  return { groups, strays };
}

function merged(groups: readonly OrderGroup[], first: OrderGroup): OrderGroup {
  return { control: first.control, requests: groups.flatMap((group) => group.requests), others: groups.flatMap((group) => group.others) };
}

const severalOrders: Problem = {
  segment: 'ORC',
  field: 2,
  code: '102',
  text: 'The message holds more than one order: one order per message is taken. Send each ORC group in a message of its own.',
};

/** Every ORC group must be about one and the same numbered order. */
function numberProblem(groups: readonly OrderGroup[]): Problem | null {
  const noNumber = groups.find((group) => numberOf(group, 2) === null && numberOf(group, 3) === null);
  if (noNumber !== undefined) {
    return { segment: 'ORC', field: 2, code: '101', text: 'Neither a placer order number (ORC-2, OBR-2) nor a filler order number (ORC-3, OBR-3).' };
  }
  if (groups.some(isCut)) return { segment: 'ORC', field: 2, code: '102', text: 'The order number was truncated by its sender.' };
  const orders = new Set(groups.map((group) => JSON.stringify([verbOf(group.control.text(1, 1)), numberOf(group, 2), numberOf(group, 3)])));
  return orders.size > 1 || groups.some(holdsSeveral) ? severalOrders : null;
}

/** Without a number in ORC each OBR has its own: other numbers are other orders. */
function holdsSeveral(group: OrderGroup): boolean {
  const isNumbered = group.control.text(2, 1) !== '' || group.control.text(3, 1) !== '';
  const several = [2, 3].some((field) => new Set(group.requests.map((request) => request.raw(field)).filter((raw) => raw !== '')).size > 1);
  return !isNumbered && several;
}

function isCut(group: OrderGroup): boolean {
  return [group.control, ...group.requests].some((segment) => segment.isTruncated(2, 1) || segment.isTruncated(3, 1));
}

function lacking(segment: string): Problem {
  return { segment, field: 0, code: '100', text: `The message has no ${segment} segment: an order needs PID, ORC and OBR.` };
}

function refuse(...errors: readonly Problem[]): OrderReading {
  return { ok: false, ack: 'AE', errors };
}

/** ORC-1 is a code of two letters; anything else is not repeated in a reason (it could be patient data in a wrong field). */
function closedWord(control: string): string {
  return /^[A-Z]{2}$/u.test(control) ? control : 'of another shape';
}

function said(text: string): string | null {
  return text === '' ? null : text;
}
