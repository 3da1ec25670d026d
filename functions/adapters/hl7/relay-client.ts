import { Agent, request } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { z } from 'zod/v4';
import { failureCode } from '#core/delivery.js';
import type { Delivery } from '#core/delivery.js';
import type { Judge, MllpClient } from './mllp-client.ts';

/** Where the relay is, and how we prove to it who we are; all PEM. */
export interface RelayAddress {
  /** Such as `https://relay.radloop.internal:8443`. */
  readonly url: string;
  readonly cert: string;
  readonly key: string;
  /** Authorities of the relay's certificate; no other is believed. */
  readonly ca: string;
}

/** Seconds that the relay has beyond the receiver's own time. */
const GRACE_SECONDS = 5;
const MOST_ANSWER_BYTES = 10 * 1024 * 1024;
const refusalOf = z.object({ code: failureCode, detail: z.string() });

type Answer = { readonly status: number; readonly body: Buffer };

/**
 * One receiver behind the relay, for a host that can't open TCP into the hospital (DECISIONS 29): the message goes as HTTPS with mutual TLS, the receiver's own answer comes
 * back. As `MllpClient`, without its connection: the relay keeps that. What was cut or not answered is ambiguous.
 */
export class RelayClient implements Pick<MllpClient, 'exchange' | 'tell' | 'close'> {
  private readonly address: RelayAddress;
  private readonly destination: string;
  private readonly seconds: number;
  private readonly agent: Agent;

  constructor(address: RelayAddress, destination: string, ackTimeoutSeconds: number) {
    this.address = address;
    this.destination = destination;
    this.seconds = ackTimeoutSeconds + GRACE_SECONDS;
    const { cert, key, ca } = address;
    this.agent = new Agent({ keepAlive: true, minVersion: 'TLSv1.2', cert, key, ca });
  }

  async exchange<Receipt>(bytes: Buffer, judge: Judge<Receipt>): Promise<Delivery<Receipt>> {
    const answered = await this.post('send', bytes);
    if (!answered.ok) return answered;
    const { status, body } = answered.receipt;
    if (status !== 200) return refusal(answered.receipt);
    const judged = judge(body);
    return judged === 'other' ? { ok: false, code: 'answer-unreadable', detail: 'The answer that the relay gave is about another message.' } : judged;
  }

  async tell(bytes: Buffer): Promise<Delivery<null>> {
    const answered = await this.post('tell', bytes);
    if (!answered.ok) return answered;
    return answered.receipt.status === 202 ? { ok: true, receipt: null } : refusal(answered.receipt);
  }

  close(): void {
    this.agent.destroy();
  }

  private post(how: 'send' | 'tell', bytes: Buffer): Promise<Delivery<Answer>> {
    const url = new URL(`/${how}/${encodeURIComponent(this.destination)}`, this.address.url);
    return new Promise((settle) => {
      const headers = { 'Content-Type': 'x-application/hl7-v2+er7', 'Content-Length': bytes.length };
      const asked = request(url, { method: 'POST', agent: this.agent, headers });
      const timer = setTimeout(() => asked.destroy(new TimedOut()), this.seconds * 1000);
      const done = (outcome: Delivery<Answer>): void => {
        clearTimeout(timer);
        settle(outcome);
      };
      const sent = watchSent(asked);
      const failed = (error: unknown): void => {
        done(failure(error, sent()));
      };
      asked.on('error', failed);
      asked.on('response', (response) => {
        readAll(response).then((body) => { done({ ok: true, receipt: { status: response.statusCode ?? 0, body } }); }, failed); // prettier-ignore
      });
      asked.end(bytes);
    });
  }
}

class TimedOut extends Error {}

/** Can the relay have had a byte? Not before TLS stood. */
function watchSent(asked: ClientRequest): () => boolean {
  let isOpen = false;
  asked.on('socket', (socket) => {
    if (asked.reusedSocket) isOpen = true;
    else socket.once('secureConnect', () => { isOpen = true; }); // prettier-ignore
  });
  return () => isOpen;
}

function failure(error: unknown, wasSent: boolean): Delivery<never> {
  if (!wasSent) return { ok: false, code: 'not-connected', detail: `The relay could not be reached (${codeOf(error)}).` };
  if (error instanceof TimedOut) return { ok: false, code: 'timed-out-after-send', detail: 'The relay gave no answer in time.' };
  return { ok: false, code: 'cut-after-send', detail: `The connection to the relay was cut before an answer came (${codeOf(error)}).` };
}

/** What the relay says became of it; what no relay says is ambiguous. */
function refusal({ status, body }: Answer): Delivery<never> {
  const parsed = refusalOf.safeParse(jsonOf(body));
  if (parsed.success) return { ok: false, ...parsed.data };
  return { ok: false, code: 'cut-after-send', detail: `Something before the relay answered HTTP ${String(status)}.` };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/** Rejects when it is longer than an answer may be. */
export async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_ANSWER_BYTES) throw new Error('answer too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
}
