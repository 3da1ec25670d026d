import { hash } from 'node:crypto';
import type { Instant } from '#core/time.js';
import type { AcknowledgementReceived, HospitalEvent } from '#domain/hospital-event.js';
import type { Order } from '#domain/order.js';
import type { AckCode } from './ack.ts';
import { isContinued } from './batch.ts';
import { kindOf } from './kind.ts';
import type { MessageKind } from './kind.ts';
import { decode } from './message.ts';
import type { Message, Problem } from './message.ts';
import type { DoorSite, Reading } from './reading.ts';
import { read } from './to-event.ts';

/** Everything that is found out about one inbound message: what to answer, what to keep, what to tell the workflows. */
export interface Judged {
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
  /** Are there events? Known without making them. */
  readonly tells: boolean;
  /** Made when they are first asked for: answering does not wait for it. */
  readonly events: readonly HospitalEvent[];
  readonly acknowledgement: AcknowledgementReceived | null;
  /** What an order message that is kept but not used says of its order; null for everything else. */
  readonly keptOrder: Order | null;
  readonly kind: MessageKind;
  /** Why it was refused or is not used; null for what is used. No patient data. */
  readonly reason: string | null;
  /** For the answer; null when not even MSH could be read. */
  readonly message: Message | null;
}

/** How it may be written besides: segments that end with `<R>`, as interface logs write them (files alone); UTF-16 (files and HTTPS). */
export interface Form {
  readonly logForm?: boolean;
  readonly wide?: boolean;
  /** sha256 of the bytes where it is known already. */
  readonly hash?: string;
}

/**
 * Judges one message: the same for the MLLP listener, the HTTPS door and `radloop hl7 read`. Pure: no clock, no store.
 * AR: the header is not one that is taken (no HL7, type, control id, processing id, version, character set), or the message is to be continued. AE: the
 * content is not taken.
 */
export function judge(bytes: Buffer, site: DoorSite, receivedAt: Instant, form: Form = {}): Judged {
  const { logForm = false, wide = false, hash: rawHash = hash('sha256', bytes, 'hex') } = form;
  const decoded = decode(bytes, logForm, wide);
  const about = described(decoded.message, rawHash);
  const problem = decoded.ok ? (headerProblem(decoded.message) ?? continuation(decoded.message)) : decoded.problem;
  if (problem !== null) return new Judgement(about, isOfHeader(problem) ? 'AR' : 'AE', [problem]);
  const message = decoded.message;
  if (message === null) return new Judgement(about, 'AA', []);
  const { sendingApplication, sendingFacility } = about;
  const messageTime = said(message.text('MSH-7.1'));
  const reading = read({ message, site, origin: { rawHash, sendingApplication, sendingFacility, messageTime, receivedAt } });
  return reading.ok ? new Judgement(about, 'AA', [], reading) : new Judgement(about, 'AE', reading.errors);
}

type About = Pick<Judged, 'rawHash' | 'controlId' | 'messageType' | 'version' | 'sendingApplication' | 'sendingFacility' | 'message'>;
type Taken = Extract<Reading, { readonly ok: true }>;

/** What takes time is made when it is asked for. */
class Judgement implements Judged {
  readonly ackCode: AckCode;
  readonly errors: readonly Problem[];
  readonly rawHash: string;
  readonly controlId: string | null;
  readonly messageType: string | null;
  readonly version: string | null;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly tells: boolean;
  readonly acknowledgement: AcknowledgementReceived | null;
  readonly keptOrder: Order | null;
  readonly reason: string | null;
  readonly message: Message | null;
  private readonly reading: Taken | null;

  constructor(about: About, ackCode: AckCode, errors: readonly Problem[], reading: Taken | null = null) {
    this.ackCode = ackCode;
    this.errors = errors;
    this.rawHash = about.rawHash;
    this.controlId = about.controlId;
    this.messageType = about.messageType;
    this.version = about.version;
    this.sendingApplication = about.sendingApplication;
    this.sendingFacility = about.sendingFacility;
    this.tells = reading?.tells ?? false;
    this.acknowledgement = reading?.acknowledgement ?? null;
    this.keptOrder = reading?.keptOrder ?? null;
    this.reason = reading === null ? errors.map(({ text }) => text).join(' ') || null : reading.reason;
    this.message = about.message;
    this.reading = reading;
  }

  get events(): readonly HospitalEvent[] {
    return this.reading?.events ?? [];
  }

  get kind(): MessageKind {
    return this.message === null ? 'other' : kindOf(this.message);
  }
}

/** MSH, its fields forward. */
function described(message: Message | null, rawHash: string): About {
  const header = message?.first('MSH') ?? null;
  const text = (field: number, component?: number): string => header?.text(field, component) ?? '';
  const [sendingApplication, sendingFacility, type, trigger] = [text(3, 1), text(4, 1), text(9, 1), text(9, 2)];
  const messageType = said(type === '' || trigger === '' ? type + trigger : `${type}^${trigger}`);
  const [controlId, version] = [said(text(10)), said(text(12, 1))];
  return { rawHash, controlId, messageType, version, sendingApplication, sendingFacility, message };
}

function isOfHeader(problem: Problem): boolean {
  return ['', 'MSH', 'DSC', 'ADD'].includes(problem.segment);
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

/** A part of a message is refused, as no part tells the whole. */
function continuation(message: Message): Problem | null {
  if (!isContinued(message)) return null;
  const place = message.text('DSC-1') === '' ? { segment: 'ADD', field: 0 } : { segment: 'DSC', field: 1 };
  return { ...place, code: '200', text: 'continued messages are not put together: send the message whole (up to 10 MB).' };
}

function said(text: string): string | null {
  return text === '' ? null : text;
}
