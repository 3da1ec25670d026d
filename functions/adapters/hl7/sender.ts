import type { Delivery } from '#core/delivery.js';
import type { Endpoints, FieldMap } from '#domain/site.js';
import type { AckReceipt, Hl7Sender } from '#ports/hl7-sender.js';
import { render } from './from-effect.ts';
import { decode } from './message.ts';
import { MllpClient } from './mllp-client.ts';

/** One receiver of messages, as endpoints.json names it. */
export type Destination = Endpoints['destinations'][string];

/** What the sender needs of a site. */
export interface SenderSite {
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly fieldMap: FieldMap;
}

/** Messages to hospital systems over MLLP: one connection a destination, one message in flight. */
export function hl7Sender(site: SenderSite): Hl7Sender & { close(): void } {
  const clients = new Map<string, MllpClient>();
  return {
    render: (effect, writtenAt) => {
      const destination = site.destinations[effect.destination];
      return destination === undefined ? unknownDestination(effect.destination) : render(effect, writtenAt, destination, site.fieldMap);
    },
    send: async (name, bytes) => {
      const destination = site.destinations[name];
      if (destination === undefined) return unknownDestination(name);
      const sent = decode(bytes);
      const controlId = sent.ok ? sent.message.text('MSH-10') : '';
      if (controlId === '') return { ok: false, code: 'cannot-be-written', detail: 'The message has no MSH-10: no answer could be matched.' };
      const client = clients.get(name) ?? new MllpClient(destination);
      clients.set(name, client);
      return client.exchange(bytes, (answer) => readAck(answer, controlId));
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
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

function unknownDestination(name: string): Delivery<never> {
  return { ok: false, code: 'not-allowed', detail: `Destination "${name}" is not in endpoints/endpoints.json.` };
}
