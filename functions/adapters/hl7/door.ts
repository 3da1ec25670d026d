import { createHash } from 'node:crypto';
import type { Instant } from '#core/time.js';
import type { AssignedNumber, Order, OrderReceived } from '#domain/order.js';
import type { AckCode } from './ack.ts';
import { isOrderMessage, kindOf } from './kind.ts';
import type { MessageKind } from './kind.ts';
import { decode } from './message.ts';
import type { Message, Problem } from './message.ts';
import { numbersOf, readOrder } from './to-event.ts';
import type { OrderSite } from './to-event.ts';

/** Everything that a door needs to know of one inbound message: what to answer, what to keep, what to tell the workflows. */
export interface Verdict {
  readonly ackCode: AckCode;
  /** Empty for AA. */
  readonly errors: readonly Problem[];
  /** sha256 of the bytes, hexadecimal. */
  readonly rawHash: string;
  /** MSH-10; null when it can't be read. */
  readonly controlId: string | null;
  /** MSH-9 such as `ORM^O01`; null when it can't be read. */
  readonly messageType: string | null;
  readonly version: string | null;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly orderEvent: OrderReceived | null;
  /** What an order message that is kept but not used says of its order; null for everything else. */
  readonly keptOrder: Order | null;
  readonly numbers: { readonly placer: AssignedNumber | null; readonly filler: AssignedNumber | null };
  readonly kind: MessageKind;
  /** Why it was refused or is not used; null for what is used. No patient data. */
  readonly reason: string | null;
  /** For the answer (buildAck); null when not even MSH could be read. */
  readonly message: Message | null;
}

/**
 * Judges one message: the same for the MLLP listener, the HTTPS door and `radloop hl7 read`. Pure: no clock, no store.
 * AR: the header is not one that is taken (no HL7, type, control id, processing id, version, character set). AE: the content is not.
 * @param logForm segments end with `<R>`, as interface logs write them; only for files.
 */
export function judge(bytes: Buffer, site: OrderSite, receivedAt: Instant, logForm = false): Verdict {
  const rawHash = createHash('sha256').update(bytes).digest('hex');
  const decoded = decode(bytes, logForm);
  const about = described(decoded.message, rawHash);
  const problem = decoded.ok ? headerProblem(decoded.message) : decoded.problem;
  if (problem !== null) return refused(about, problem.segment === 'MSH' || problem.segment === '' ? 'AR' : 'AE', [problem]);
  const message = decoded.message;
  if (message === null) return about;
  if (!isOrderMessage(message)) return { ...about, reason: unused(about.kind) };
  const reading = readOrder(message, site, receivedAt, rawHash);
  if (!reading.ok) return refused(about, reading.ack, reading.errors);
  if (reading.event === null) return { ...about, kind: reading.kind, reason: reading.reason, keptOrder: reading.order };
  return { ...about, orderEvent: reading.event };
}

function described(message: Message | null, rawHash: string): Verdict {
  const text = (path: string): string => message?.text(path) ?? '';
  const type = [text('MSH-9.1'), text('MSH-9.2')].filter((part) => part !== '').join('^');
  return {
    ackCode: 'AA',
    errors: [],
    rawHash,
    controlId: said(text('MSH-10')),
    messageType: said(type),
    version: said(text('MSH-12.1')),
    sendingApplication: text('MSH-3.1'),
    sendingFacility: text('MSH-4.1'),
    orderEvent: null,
    keptOrder: null,
    numbers: message === null ? { placer: null, filler: null } : numbersOf(message),
    kind: message === null ? 'other' : kindOf(message),
    reason: null,
    message,
  };
}

function refused(about: Verdict, ackCode: AckCode, errors: readonly Problem[]): Verdict {
  return { ...about, ackCode, errors, reason: errors.map((error) => error.text).join(' ') };
}

/** HL7 v2.5.1 chapter 2.9.2: what makes a header one that is rejected. */
function headerProblem(message: Message): Problem | null {
  const at = (field: number, code: string, text: string): Problem => ({ segment: 'MSH', field, code, text });
  if (message.all('MSH').length > 1) return at(0, '100', 'The frame holds more than one MSH: send each message in a frame of its own.');
  if (message.text('MSH-9.1') === '') return at(9, '101', 'MSH-9 (message type) is empty.');
  if (message.text('MSH-10') === '') return at(10, '101', 'MSH-10 (message control id) is empty: without it no answer can be matched.');
  const processing = message.text('MSH-11.1');
  if (processing === '') return at(11, '101', 'MSH-11 (processing id) is empty: send P, T or D.');
  if (!['P', 'T', 'D'].includes(processing)) return at(11, '202', 'MSH-11 (processing id) must be P, T or D.');
  const version = message.text('MSH-12.1');
  if (version === '') return at(12, '101', 'MSH-12 (version) is empty: send 2.5.1 or another 2.x.');
  return /^2(?:\.\d+)*$/u.test(version) ? null : at(12, '203', 'MSH-12 (version) must be a version 2 of HL7, such as 2.5.1.');
}

function unused(kind: MessageKind): string {
  return kind === 'other' ? 'No workflow reads messages of this type: it is kept.' : `No workflow reads messages of kind ${kind} yet: it is kept.`;
}

function said(text: string): string | null {
  return text === '' ? null : text;
}
