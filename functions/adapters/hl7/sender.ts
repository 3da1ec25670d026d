import type { Delivery } from '#core/delivery.js';
import type { Endpoints, FieldMap } from '#domain/site.js';
import type { AckReceipt, Hl7Sender } from '#ports/hl7-sender.js';
import type { Restored } from '#ports/restored.js';
import { render } from './from-effect.ts';
import { decode } from './message.ts';
import { MllpClient } from './mllp-client.ts';
import type { ClientTls, MllpAddress } from './mllp-client.ts';
import { RelayClient } from './relay-client.ts';
import type { RelayAddress } from './relay-client.ts';
import { isLoopback } from './tls.ts';

/** One receiver of messages, as endpoints.json names it. */
export type Destination = Endpoints['destinations'][string];

/** What the sender needs of a site and of the engine. */
export interface SenderSite {
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly fieldMap: FieldMap;
  /** Reads a file that a destination's `tls` names, relative to the site's folder. Only sites with TLS destinations need it. */
  readonly readFile?: (path: string) => Buffer;
  /**
   * Enhanced mode: a message that came on the connection to this destination and is not the answer that is waited for: its application's answer
   * to an earlier message. Gives the CA for it, null when it wants none.
   */
  readonly onAnswer?: (bytes: Buffer, destination: string) => Promise<Buffer | null>;
  /** The last time that the store was put back from a backup. */
  readonly restored?: Restored | null;
  /** Every destination is reached through the relay (its settings say where each is), in original mode only; left out: we connect ourselves. */
  readonly relay?: RelayAddress;
}

/** Messages to hospital systems over MLLP: one connection a destination, one message in flight. Connecting again is the outbox's: it waits longer each time. */
export function hl7Sender(site: SenderSite): Hl7Sender & { close(): void } {
  const clients = new Map<string, MllpClient | RelayClient>();
  const clientOf = (name: string): Delivery<MllpClient | RelayClient> => {
    const destination = site.destinations[name];
    if (destination === undefined) return unknownDestination(name);
    const { relay } = site;
    if (relay !== undefined && destination.acknowledgement === 'enhanced') return notByRelay(name);
    if (relay === undefined && !destination.tls && !isLoopback(destination.host)) return needsTls(name, destination.host);
    const made = (): MllpClient | RelayClient =>
      relay === undefined ? new MllpClient(addressOf(name, destination, site)) : new RelayClient(relay, name, destination.ackTimeoutSeconds);
    const client = clients.get(name) ?? made();
    clients.set(name, client);
    return { ok: true, receipt: client };
  };
  return {
    render: (effect, writtenAt) => {
      const destination = site.destinations[effect.destination];
      return destination === undefined
        ? unknownDestination(effect.destination)
        : render(effect, writtenAt, destination, site.fieldMap, site.restored);
    },
    send: async (name, bytes) => {
      const sent = decode(bytes);
      const controlId = sent.ok ? sent.message.text('MSH-10') : '';
      const client = clientOf(name);
      if (!client.ok) return client;
      if (controlId === '') return { ok: false, code: 'cannot-be-written', detail: 'The message has no MSH-10: no answer could be matched.' };
      const isEnhanced = site.destinations[name]?.acknowledgement === 'enhanced';
      return client.receipt.exchange(bytes, (answer) => (isEnhanced && isOther(answer, controlId) ? 'other' : readAck(answer, controlId)));
    },
    sendAnswer: async (name, bytes) => {
      const client = clientOf(name);
      return client.ok ? client.receipt.tell(bytes) : client;
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}

function addressOf(name: string, destination: Destination, { readFile, onAnswer }: SenderSite): MllpAddress {
  const { host, port, ackTimeoutSeconds, tls, acknowledgement } = destination;
  return {
    ...{ host, port, ackTimeoutSeconds },
    ...(tls === null ? {} : { tls: () => readTls(tls, readFile) }),
    ...(acknowledgement === 'enhanced' ? { onOther: async (frame: Buffer) => (await answerTo(frame, name, onAnswer)) ?? null } : {}),
  };
}

function readTls(tls: NonNullable<Destination['tls']>, readFile: SenderSite['readFile']): ClientTls {
  if (!readFile) throw new Error('no way to read files was given');
  return {
    ca: readFile(tls.caFile),
    ...(tls.certFile === undefined ? {} : { cert: readFile(tls.certFile) }),
    ...(tls.keyFile === undefined ? {} : { key: readFile(tls.keyFile) }),
    ...(tls.serverName === undefined ? {} : { serverName: tls.serverName }),
  };
}

/** The answer is the engine's; what goes back for it is the CA that its MSH-15 asks for. */
async function answerTo(frame: Buffer, destination: string, onAnswer: SenderSite['onAnswer']): Promise<Buffer | null> {
  const reply = (await onAnswer?.(frame, destination)) ?? null;
  const { message } = decode(frame);
  return message?.text('MSH-15') === 'AL' ? reply : null;
}

/** An application's answer to another message. A commit of another message is no such thing: nothing else is in flight. */
function isOther(answer: Buffer, controlId: string): boolean {
  const { message } = decode(answer);
  const msa = message?.all('MSA') ?? [];
  return msa.length === 1 && msa[0]?.text(2) !== controlId && /^A[AER]$/u.test(msa[0]?.text(1) ?? '');
}

/** Judges an answer. Only one whose MSA-2 is our MSH-10 counts; `detail` repeats codes and places of ERR, never its free text. */
export function readAck(answer: Buffer, controlId: string): Delivery<AckReceipt> {
  const decoded = decode(answer);
  if (!decoded.ok) return unreadable('it is no HL7 message');
  const msa = decoded.message.first('MSA');
  if (msa === null || decoded.message.all('MSA').length > 1) return unreadable('it has not one MSA');
  if (msa.text(2) !== controlId) return unreadable('its MSA-2 names another message');
  const code = msa.text(1);
  switch (code) {
    case 'AA':
    case 'CA':
      return { ok: true, receipt: { code, controlId, text: answer.toString('latin1').replace(/[^ -~\r]/gu, '?') } };
    case 'AE':
    case 'CE':
      return { ok: false, code: 'refused-for-now', detail: `The receiver answered ${code}${placesOf(decoded.message)}.` };
    case 'AR':
    case 'CR':
      return { ok: false, code: 'refused', detail: `The receiver answered ${code}${placesOf(decoded.message)}.` };
    default:
      return unreadable('its MSA-1 is no code of HL7 table 0008');
  }
}

function placesOf(message: { all(name: string): readonly { text(field: number, component?: number): string }[] }): string {
  const places = message.all('ERR').map((error) => {
    const place = [error.text(2, 1) || error.text(1, 1), error.text(2, 3) || error.text(1, 3)]
      .filter((part) => /^[A-Z0-9]{1,3}$/u.test(part))
      .join('-');
    const code = error.text(3, 1);
    return `${place}${/^\d{1,4}$/u.test(code) ? ` ${code}` : ''}`.trim();
  });
  const said = places.filter((place) => place !== '');
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

function unreadable(why: string): Delivery<never> {
  return { ok: false, code: 'answer-unreadable', detail: `The answer can not be used: ${why}.` };
}

function needsTls(name: string, host: string): Delivery<never> {
  const detail = `Destination "${name}" is ${host}, not this machine: give it "tls" in endpoints/endpoints.json.`;
  return { ok: false, code: 'not-allowed', detail };
}

/** The application's later answer would come on the relay's connection, which keeps nothing. */
function notByRelay(name: string): Delivery<never> {
  const detail = `Destination "${name}" is in enhanced mode, which does not go through the relay: take "acknowledgement" out of endpoints/endpoints.json.`;
  return { ok: false, code: 'not-allowed', detail };
}

function unknownDestination(name: string): Delivery<never> {
  return { ok: false, code: 'not-allowed', detail: `Destination "${name}" is not in endpoints/endpoints.json.` };
}
