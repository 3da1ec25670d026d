import type { Order, OrderReceived, OrderVerb } from '#domain/order.js';
import { verbOf } from './kind.ts';
import type { Problem, Segment } from './message.ts';
import { momentOf } from './moment.ts';
import { clearedOf, numberOf, orderOf } from './order-fields.ts';
import type { OrderGroup } from './order-fields.ts';
import { qualityOfOrder } from './quality.ts';
import { firstSaid, grouped, kept, lacking, telling } from './reading.ts';
import type { Group, Heard, Reading } from './reading.ts';

/**
 * An order message: one event for each order in it, in its order. What stands between two ORC belongs to the first; ORC groups that ask the same of the same
 * number are one order with several procedures. Where ORC has no number, each OBR with one of its own is an order of its own.
 */
export function readOrders(heard: Heard): Reading {
  const { message } = heard;
  const { head, groups } = grouped(message.segments, (segment) => segment.name === 'ORC');
  const missing = ['PID', 'ORC', 'OBR'].filter((name) => message.first(name) === null);
  if (missing.length > 0) return lacking(missing, 'an order needs PID, ORC and OBR');
  if (head.some((segment) => segment.name === 'OBR'))
    return refuse('OBR', 0, '100', 'An OBR stands before the first ORC: send each OBR after its ORC.');
  if (groups.some(({ first }) => first.text(1, 1) === '')) return refuse('ORC', 1, '101', 'ORC-1 (order control) is empty: send NW, XO or CA.');
  const used = groups.filter(({ first }) => verbOf(first) !== null).flatMap((group) => ordersIn(group, head));
  if (used.length === 0) return notUsed(heard, head, groups);
  const problem = numberProblem(used);
  if (problem !== null) return { ok: false, errors: [problem] };
  const orders = joined(used);
  if (orders.some((order) => order.requests.length === 0)) return lacking(['OBR'], 'each order needs an OBR after its ORC');
  return telling(() => orders.map((order) => eventOf(heard, order)));
}

function groupOf(control: Segment, rest: readonly Segment[], head: readonly Segment[]): OrderGroup {
  const requests = rest.filter((segment) => segment.name === 'OBR');
  return { control, requests, others: rest.filter((segment) => segment.name !== 'OBR'), head };
}

/** One ORC as one order, or as several where it has no number and its OBR have different ones: then what follows an OBR is that one's. */
function ordersIn({ first, rest }: Group, head: readonly Segment[]): readonly OrderGroup[] {
  const isNumbered = first.text(2, 1) !== '' || first.text(3, 1) !== '';
  if (isNumbered) return [groupOf(first, rest, head)];
  const { head: shared, groups } = grouped(rest, (segment) => segment.name === 'OBR');
  const numbers = new Set(groups.map((group) => JSON.stringify([group.first.raw(2), group.first.raw(3)])));
  if (numbers.size < 2) return [groupOf(first, rest, head)];
  return groups.map((group) => groupOf(first, [...shared, group.first, ...group.rest], head));
}

/** Groups that ask the same of one order, as one. The placer's number says which order it is, also where a filler made several of it (DECISIONS 3). */
function joined(groups: readonly OrderGroup[]): readonly OrderGroup[] {
  if (groups.length < 2) return groups;
  const orders = new Map<string, OrderGroup>();
  for (const group of groups) {
    const key = JSON.stringify([verbOf(group.control), numberOf(group, 2) ?? numberOf(group, 3)]);
    const same = orders.get(key);
    const requests = [...(same?.requests ?? []), ...group.requests];
    orders.set(key, same === undefined ? group : { ...same, requests, others: [...same.others, ...group.others] });
  }
  return [...orders.values()];
}

function eventOf(heard: Heard, group: OrderGroup): OrderReceived {
  const { message, site, origin } = heard;
  const order = orderOf(message, group, site);
  const [inControl, inHeader] = [group.control.text(9, 1), message.text('MSH-7.1')].map((text) => momentOf(text, site.settings.zone));
  const verb: OrderVerb = verbOf(group.control) ?? 'status';
  return {
    ...origin,
    type: 'orderReceived',
    verb,
    order,
    sortTime: inControl ?? inHeader ?? null,
    timeSource: inControl != null ? 'ORC-9' : inHeader != null ? 'MSH-7' : 'arrival',
    cleared: clearedOf(group, order, site.fieldMap),
    orderStatus: firstSaid([group.control.text(5, 1)]),
    source: 'hl7',
    serviceRequest: null,
    quality: qualityOfOrder(heard, group, order, verb),
  };
}

function notUsed(heard: Heard, head: readonly Segment[], groups: readonly Group[]): Reading {
  const [first] = groups;
  if (first === undefined) return kept('No order control is used: the message is kept.');
  const rest = groups.flatMap((group) => group.rest);
  const keptOrder: Order = orderOf(heard.message, groupOf(first.first, rest, head), heard.site);
  const reason = `Order control ${closedWord(first.first.text(1, 1))} is not used: the message is kept.`;
  return { ok: true, tells: false, events: [], reason, keptOrder };
}

function numberProblem(groups: readonly OrderGroup[]): Problem | null {
  const at = (field: number, code: string, text: string): Problem => ({ segment: 'ORC', field, code, text });
  const hasNoNumber = groups.some((group) => numberOf(group, 2) === null && numberOf(group, 3) === null);
  if (hasNoNumber) return at(2, '101', 'Neither a placer order number (ORC-2, OBR-2) nor a filler order number (ORC-3, OBR-3).');
  return groups.some(isCut) ? at(2, '102', 'The order number was truncated by its sender.') : null;
}

function isCut(group: OrderGroup): boolean {
  return [group.control, ...group.requests].some((segment) => segment.isTruncated(2, 1) || segment.isTruncated(3, 1));
}

function refuse(segment: string, field: number, code: string, text: string): Reading {
  return { ok: false, errors: [{ segment, field, code, text }] };
}

/** ORC-1 is a code of two letters; anything else is not repeated in a reason (it could be patient data in a wrong field). */
function closedWord(control: string): string {
  return /^[A-Z]{2}$/u.test(control) ? control : 'of another shape';
}
