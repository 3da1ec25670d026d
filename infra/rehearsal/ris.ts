import { Hl7Message } from '@medplum/core';
import { asSent, framed, unframed } from './mllp-link.ts';
import { hl7Time, numbersOf, orderMessage } from './order-message.ts';
import type { Verb } from './order-message.ts';
import type { PlannedOrder } from './orders.ts';
import { believe, believeAck, believeOwn, judge, orderNumberIn, part } from './ris-beliefs.ts';
import type { Belief } from './ris-beliefs.ts';
import { openRisLedger } from './ris-ledger.ts';
import type { RisLine } from './ris-ledger.ts';

export interface RisCounts {
  readonly ordersWritten: number;
  readonly acknowledged: number;
  readonly received: number;
  readonly repeats: number;
  readonly refused: number;
  readonly conflicts: number;
}

/** After so many AE a message is left: the order stands as refused, and the next one gets its turn. */
const MOST_AE = 3;

/** An order message that waits for its answer. */
export interface Unanswered {
  readonly controlId: string;
  readonly order: string;
  readonly text: string;
}

/**
 * The RIS: what it believes, and the ledger from which it is believed again after a restart.
 * Lines on the wire are the business of ris-sender.ts and ris-listener.ts.
 */
export interface Ris {
  /** Orders in the order of their writing. */
  orders(): Belief[];
  counts(): RisCounts;
  /** Highest order number that was written; 0 at first. */
  lastOrder(): number;
  /** Was this message of the order written already (before a restart)? */
  written(n: number, verb: Verb): boolean;
  /** Writes a message of an order: it is in the ledger from now on, and is sent until it is answered. */
  place(order: PlannedOrder, verb: Verb): void;
  /** The oldest message without an answer, null when there is none. */
  nextUnanswered(): Unanswered | null;
  /** About to be sent (again): notes the attempt. */
  attempting(message: Unanswered): void;
  answered(message: Unanswered, ackText: string): void;
  /** Takes a frame that came in and gives the text of its answer; the ledger holds both by then. */
  take(frame: Buffer): string;
  note(text: string, bytes?: Buffer): void;
  close(): void;
}

/** @param protocolField number of the OBR field in which this site carries the protocol code. */
export function openRis(dataDir: string, seed: number, protocolField: number): Ris {
  const { ledger, past } = openRisLedger(dataDir);
  const beliefs = new Map<string, Belief>();
  const waiting = new Map<string, Unanswered & { attempts: number }>();
  const ownIds = new Set<string>();
  /** By control id of what came in: the bytes, and what was answered. */
  const taken = new Map<string, { readonly bytes: string; readonly ackText: string; readonly ackCode: string }>();
  const counts = { ordersWritten: 0, acknowledged: 0, received: 0, repeats: 0, refused: 0, conflicts: 0 };
  let lastOrder = 0;

  /** Takes a line into account, whether it is read back or was written just now. */
  const learn = (line: RisLine, at: string): void => {
    switch (line.event) {
      case 'order-out': {
        const known = waiting.get(line.controlId);
        if (known !== undefined) known.attempts = line.attempt;
        if (ownIds.has(line.controlId)) return;
        ownIds.add(line.controlId);
        const text = unframed(Buffer.from(line.bytes, 'base64'));
        waiting.set(line.controlId, { controlId: line.controlId, order: line.order, text, attempts: line.attempt });
        believeOwn(beliefs, Hl7Message.parse(text), at);
        counts.ordersWritten += 1;
        lastOrder = Math.max(lastOrder, Number(line.order.slice(1)));
        return;
      }
      case 'order-ack':
        if (line.code === 'AE' && (waiting.get(line.controlId)?.attempts ?? 0) < MOST_AE) return;
        if (waiting.delete(line.controlId)) counts.acknowledged += 1;
        believeAck(beliefs, line.order, line.code, at);
        return;
      case 'received': {
        counts.received += 1;
        if (line.repeat) counts.repeats += 1;
        if (line.conflict) counts.conflicts += 1;
        if (line.ackCode !== 'AA') counts.refused += 1;
        if (line.repeat || line.conflict) return;
        taken.set(line.controlId, { bytes: line.bytes, ackText: unframed(Buffer.from(line.ackBytes, 'base64')), ackCode: line.ackCode });
        if (line.effect !== null) believe(beliefs, Hl7Message.parse(unframed(Buffer.from(line.bytes, 'base64'))), protocolField, at);
        return;
      }
      case 'note':
        return;
      default:
        line satisfies never;
    }
  };
  const keep = (line: RisLine): void => {
    learn(line, ledger.write(line));
  };
  for (const line of past) learn(line, line.at ?? '');

  return {
    orders: () => [...beliefs.values()],
    counts: () => ({ ...counts }),
    lastOrder: () => lastOrder,
    written: (n, verb) => ownIds.has(controlIdOf(seed, n, verb)),
    place: (order, verb) => {
      const controlId = controlIdOf(seed, order.n, verb);
      const bytes = framed(asSent(orderMessage(order, verb, controlId, new Date()))).toString('base64');
      keep({ event: 'order-out', controlId, order: numbersOf(order.n).placer, attempt: 0, bytes });
    },
    nextUnanswered: () => waiting.values().next().value ?? null,
    attempting: ({ controlId, order, text }) => {
      const attempt = (waiting.get(controlId)?.attempts ?? 0) + 1;
      keep({ event: 'order-out', controlId, order, attempt, bytes: framed(text).toString('base64') });
    },
    answered: ({ controlId, order }, ackText) => {
      const code = part(Hl7Message.parse(ackText), 'MSA', 1);
      keep({ event: 'order-ack', controlId, order, code, bytes: framed(ackText).toString('base64') });
    },
    take: (frame) => {
      const text = unframed(frame);
      const message = Hl7Message.parse(text);
      const controlId = part(message, 'MSH', 10);
      const bytes = frame.toString('base64');
      const said = { controlId, type: `${part(message, 'MSH', 9, 0)}^${part(message, 'MSH', 9, 1)}`, order: orderNumberIn(message), bytes };
      const before = taken.get(controlId);
      if (before?.bytes === bytes) {
        const ackBytes = framed(before.ackText).toString('base64');
        keep({ event: 'received', ...said, repeat: true, conflict: false, effect: null, ackCode: before.ackCode, ackBytes, why: null });
        return before.ackText;
      }
      const judged =
        before === undefined
          ? judge(beliefs, message, protocolField)
          : ({ ok: false, code: 'AR', why: 'this control id was used for another message', where: 'MSH^1^10' } as const);
      const ackCode = judged.ok ? 'AA' : judged.code;
      const ackText = asSent(acknowledgement(message, ackCode, judged.ok ? null : judged));
      keep({
        event: 'received', ...said, repeat: false, conflict: before !== undefined, effect: judged.ok ? judged.effect : null, ackCode,
        ackBytes: framed(ackText).toString('base64'), why: judged.ok ? null : judged.why,
      }); // prettier-ignore
      return ackText;
    },
    note: (text, bytes) => {
      keep({ event: 'note', text, bytes: bytes?.toString('base64') ?? null });
    },
    close: () => {
      ledger.close();
    },
  };
}

/** MSH-10, at most 20 characters: the same for the same message of the same seed. */
function controlIdOf(seed: number, n: number, verb: Verb): string {
  return `R${String(seed)}N${String(n).padStart(6, '0')}${{ new: 'K1', change: 'K2', cancel: 'K3' }[verb]}`;
}

function acknowledgement(message: Hl7Message, code: string, fault: { readonly why: string; readonly where: string } | null): string {
  const at = new Date();
  const controlId = part(message, 'MSH', 10);
  return [
    `MSH|^~\\&|REHEARSAL-RIS|RADLOOP-GENERAL|${part(message, 'MSH', 3)}|${part(message, 'MSH', 4)}|${hl7Time(at)}||ACK^${part(message, 'MSH', 9, 1)}^ACK|` +
      `A${String(at.getTime())}|P|2.5.1||||||UNICODE UTF-8`,
    `MSA|${code}|${controlId}`,
    ...(fault === null ? [] : [`ERR||${fault.where}|207^Application internal error^HL70357|E||||${fault.why}`]),
    '',
  ].join('\r');
}
