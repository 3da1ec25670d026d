import type { Hl7Message } from '@medplum/core';
import { believeCritical, isCritical, judgeCritical } from './ris-critical.ts';
import type { CriticalBelief } from './ris-critical.ts';

/** What the RIS believes of one order. */
export interface Belief {
  /** ORC-2.1 */
  readonly placer: string;
  readonly filler: string;
  readonly accession: string;
  /** Initials only: the page is looked at over shoulders. */
  readonly initials: string;
  readonly code: string;
  readonly exam: string;
  readonly modality: string;
  readonly priority: string;
  readonly patientClass: string;
  readonly indication: string;
  readonly orderedAt: string;
  /** What the receiver said of the order: AA, AE, AR; null until it has answered. */
  readonly acknowledged: string | null;
  readonly acknowledgedAt: string | null;
  readonly changedAt: string | null;
  readonly cancelledAt: string | null;
  readonly recommendation: {
    readonly protocolId: string;
    readonly protocolText: string;
    readonly confidence: number | null;
    readonly at: string;
  } | null;
  readonly approved: { readonly protocolId: string; readonly protocolText: string; readonly by: string; readonly at: string } | null;
  /** How often an approved protocol took effect; more than one is a fault of the sender. */
  readonly approvals: number;
  /** What came of critical results of this exam, by the sender's case number. */
  readonly critical: readonly CriticalBelief[];
}

export type Beliefs = Map<string, Belief>;

export function statusOf(belief: Belief): 'cancelled' | 'approved' | 'recommended' | 'refused' | 'ordered' | 'not-sent' {
  if (belief.cancelledAt !== null) return 'cancelled';
  if (belief.approved !== null) return 'approved';
  if (belief.recommendation !== null) return 'recommended';
  if (belief.acknowledged === null) return 'not-sent';
  return belief.acknowledged === 'AA' ? 'ordered' : 'refused';
}

/** Text of a field or component; empty where there is none. */
export function part(message: Hl7Message, segment: string, field: number, component = 0): string {
  return message.getSegment(segment)?.getComponent(field, component + 1) ?? '';
}

/** The order that a message speaks of, by placer number: ORC-2, else OBR-2. */
export function orderNumberIn(message: Hl7Message): string {
  return part(message, 'ORC', 2) || part(message, 'OBR', 2);
}

/** The RIS has written an order message of its own. */
export function believeOwn(beliefs: Beliefs, message: Hl7Message, at: string): void {
  const placer = orderNumberIn(message);
  const known = beliefs.get(placer);
  const verb = part(message, 'ORC', 1);
  if (verb === 'CA' && known !== undefined) {
    beliefs.set(placer, { ...known, cancelledAt: known.cancelledAt ?? at });
    return;
  }
  beliefs.set(placer, {
    placer,
    filler: part(message, 'ORC', 3),
    accession: part(message, 'OBR', 18) || part(message, 'IPC', 1),
    initials: `${initial(part(message, 'PID', 5, 1))}${initial(part(message, 'PID', 5, 0))}`,
    code: part(message, 'OBR', 4, 0),
    exam: part(message, 'OBR', 4, 1),
    modality: part(message, 'OBR', 24),
    priority: part(message, 'TQ1', 9) || part(message, 'ORC', 7, 5),
    patientClass: part(message, 'PV1', 2),
    indication: plain(part(message, 'OBR', 31, 1) || part(message, 'OBR', 13)),
    orderedAt: known?.orderedAt ?? at,
    acknowledged: known?.acknowledged ?? null,
    acknowledgedAt: known?.acknowledgedAt ?? null,
    changedAt: verb === 'XO' ? at : (known?.changedAt ?? null),
    cancelledAt: known?.cancelledAt ?? null,
    recommendation: known?.recommendation ?? null,
    approved: known?.approved ?? null,
    approvals: known?.approvals ?? 0,
    critical: known?.critical ?? [],
  });
}

/** The receiver has answered an order message. */
export function believeAck(beliefs: Beliefs, placer: string, code: string, at: string): void {
  const known = beliefs.get(placer);
  if (known === undefined || known.acknowledged === 'AA') return;
  beliefs.set(placer, { ...known, acknowledged: code, acknowledgedAt: at });
}

/** What a message from outside asks of the RIS, as one line that names the change (the effect's identity), or why it is refused. */
export type Judged =
  { readonly ok: true; readonly effect: string } | { readonly ok: false; readonly code: 'AE' | 'AR'; readonly why: string; readonly where: string };

export function judge(beliefs: Beliefs, message: Hl7Message, protocolField: number): Judged {
  const kind = part(message, 'MSH', 9, 0);
  const placer = orderNumberIn(message);
  const known = beliefs.get(placer);
  if (kind !== 'ORU' && kind !== 'ORM' && kind !== 'OMI' && kind !== 'MDM')
    return refuse('AR', `this RIS does not take ${kind || 'messages without a type'}`, 'MSH^1^9');
  if (known === undefined) return refuse('AE', 'no such order', 'ORC^1^2');
  // What was found on the images counts whatever became of the order.
  if (isCritical(message)) return judgeCritical(known.critical, message, placer);
  if (known.cancelledAt !== null) return refuse('AR', 'the order is cancelled', 'ORC^1^2');
  if (kind === 'ORU') {
    const protocol = observation(message, ['CE', 'CWE']);
    if (protocol === null) return refuse('AE', 'an ORU^R01 needs an OBX that names a protocol', 'OBX^1^5');
    return { ok: true, effect: `recommended ${placer} ${protocol.code}` };
  }
  if (part(message, 'ORC', 1) !== 'XO') return refuse('AR', 'only a change (XO) is taken', 'ORC^1^1');
  const code = part(message, 'OBR', protocolField, 0);
  if (code === '') return refuse('AE', 'the change names no protocol', `OBR^1^${String(protocolField)}`);
  return { ok: true, effect: `approved ${placer} ${code}` };
}

/** Carries out what `judge` let through. */
export function believe(beliefs: Beliefs, message: Hl7Message, protocolField: number, at: string): void {
  const placer = orderNumberIn(message);
  const known = beliefs.get(placer);
  if (known === undefined) return;
  if (isCritical(message)) {
    beliefs.set(placer, { ...known, critical: believeCritical(known.critical, message, at) });
    return;
  }
  if (part(message, 'MSH', 9, 0) === 'ORU') {
    const protocol = observation(message, ['CE', 'CWE']);
    const confidence = Number(observation(message, ['NM'])?.code ?? Number.NaN);
    beliefs.set(placer, {
      ...known,
      recommendation: {
        protocolId: protocol?.code ?? '',
        protocolText: protocol?.text ?? '',
        confidence: Number.isFinite(confidence) ? confidence : null,
        at,
      },
    });
    return;
  }
  const by = [19, 11, 10].map((field) => personIn(message, field)).find((name) => name !== '') ?? '';
  beliefs.set(placer, {
    ...known,
    approved: { protocolId: part(message, 'OBR', protocolField, 0), protocolText: plain(part(message, 'OBR', protocolField, 1)), by, at },
    approvals: known.approvals + 1,
  });
}

/** ORC-19 action by, ORC-11 verified by, ORC-10 entered by: family and given name, else the id. */
function personIn(message: Hl7Message, field: number): string {
  const name = [part(message, 'ORC', field, 2), part(message, 'ORC', field, 1)].filter((one) => one !== '').join(' ');
  return plain(name || part(message, 'ORC', field, 0));
}

function observation(message: Hl7Message, types: readonly string[]): { readonly code: string; readonly text: string } | null {
  for (const segment of message.segments) {
    if (segment.name === 'OBX' && types.includes(segment.getComponent(2, 1))) {
      return { code: segment.getComponent(5, 1), text: plain(segment.getComponent(5, 2)) };
    }
  }
  return null;
}

function refuse(code: 'AE' | 'AR', why: string, where: string): Judged {
  return { ok: false, code, why, where };
}

function initial(name: string): string {
  return plain(name).charAt(0).toUpperCase();
}

/** Field text with the escape sequences of HL7 turned back. */
function plain(text: string): string {
  const meanings: Readonly<Record<string, string>> = { F: '|', S: '^', T: '&', R: '~', E: '\\', '.br': '\n' };
  return text.replaceAll(/\\(F|S|T|R|E|\.br)\\/gu, (whole, name: string) => meanings[name] ?? whole);
}
