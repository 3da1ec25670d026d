import { hl7Sender } from '#adapters/hl7/sender.js';
import type { Hl7Sender } from '#ports/hl7-sender.js';
import { ack, controlIdOf, orderMessage, receiver } from './hl7-sender-peer.ts';
import type { Receiver } from './hl7-sender-peer.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function pair(answer: Parameters<typeof receiver>[0], ackTimeoutSeconds = 0.3): Promise<{ sender: Hl7Sender; peer: Receiver }> {
  const peer = await receiver(answer);
  return { sender: senderTo(peer.port, ackTimeoutSeconds, peer), peer };
}

function senderTo(port: number, ackTimeoutSeconds: number, ...others: { close(): unknown }[]): Hl7Sender {
  const names = { sendingApplication: 'A', sendingFacility: 'B', receivingApplication: 'C', receivingFacility: 'D', version: '2.5.1' };
  const sender = hl7Sender({
    destinations: {
      ris: {
        host: '127.0.0.1',
        port,
        ackTimeoutSeconds,
        ...names,
        tls: null,
        acknowledgement: 'original',
        answerWithinMinutes: 10,
        answeredBy: null,
      },
    },
    fieldMap: { accessionNumber: [], protocol: 'OBR-19', preferredAssigners: [] },
  });
  open.push(...others, sender);
  return sender;
}

it.each(['AA', 'CA'])('credits %s with the control id of the message', async (code) => {
  const { sender } = await pair((message, socket) => socket.write(ack(code, controlIdOf(message))));
  expect(await sender.send('ris', orderMessage('M1'))).toMatchObject({ ok: true, receipt: { code, controlId: 'M1' } });
});

it.each([
  ['AE', 'refused-for-now'],
  ['CE', 'refused-for-now'],
  ['AR', 'refused'],
  ['CR', 'refused'],
])('answers %s with %s, says where, and keeps the connection', async (code, failure) => {
  const { sender, peer } = await pair((message, socket, n) =>
    socket.write(ack(n === 1 ? code : 'AA', controlIdOf(message), n === 1 ? 'ERR||OBR^1^4|103^x^HL70357|E||||JANE DOE is unknown\r' : '')),
  );
  const first = await sender.send('ris', orderMessage('M1'));
  expect(first).toEqual({ ok: false, code: failure, detail: `The receiver answered ${code} (OBR-4 103).` });
  expect((await sender.send('ris', orderMessage('M2'))).ok).toBe(true);
  expect(peer.connections()).toBe(1);
});

it.each([
  ['another message', (id: string) => ack('AA', `${id}0`)],
  ['nothing', () => ack('AA', '')],
  ['a code that is none', (id: string) => ack('OK', id)],
  ['no MSA', () => '\u000bMSH|^~\\&|RIS|N|R|N|2026||ACK|9|P|2.5.1\r\u001c\r'],
  ['no HL7', () => '\u000bHTTP/1.1 400 Bad Request\u001c\r'],
  ['no frame at all', () => 'HTTP/1.1 400 Bad Request\r\n\r\n\u000b'],
  ['two answers', (id: string) => ack('AE', id) + ack('AA', id)],
])('does not credit an answer that names %s, and never uses that connection again', async (_, answer) => {
  const { sender, peer } = await pair((message, socket, n) => socket.write(n === 1 ? answer(controlIdOf(message)) : ack('AA', controlIdOf(message))));
  expect(await sender.send('ris', orderMessage('M1'))).toMatchObject({ ok: false, code: 'answer-unreadable' });
  expect((await sender.send('ris', orderMessage('M2'))).ok).toBe(true);
  expect(peer.connections()).toBe(2);
});

it('closes the socket of a message that was not answered in time before it sends anything else', async () => {
  const late: (() => void)[] = [];
  const { sender, peer } = await pair((message, socket, n) => {
    if (n === 1) late.push(() => socket.write(ack('AA', controlIdOf(message))));
    else {
      for (const go of late) go();
      setTimeout(() => socket.write(ack('AE', controlIdOf(message))), 50);
    }
  });
  expect(await sender.send('ris', orderMessage('M1'))).toMatchObject({ ok: false, code: 'timed-out-after-send' });
  // The same message again: the late AA of the first attempt is not taken for its answer.
  expect(await sender.send('ris', orderMessage('M1'))).toMatchObject({ ok: false, code: 'refused-for-now' });
  expect(peer.connections()).toBe(2);
});

it('drops a connection on which something came that nobody asked for', async () => {
  const { sender, peer } = await pair((message, socket, n) => {
    socket.write(ack('AA', controlIdOf(message)));
    if (n === 1) setTimeout(() => socket.write(ack('AA', 'M2')), 20);
  });
  expect((await sender.send('ris', orderMessage('M1'))).ok).toBe(true);
  await new Promise((done) => setTimeout(done, 80));
  expect((await sender.send('ris', orderMessage('M2'))).ok).toBe(true);
  expect(peer.connections()).toBe(2);
});

it('tells a connection cut after sending from one that was never made', async () => {
  const { sender, peer } = await pair((_, socket) => socket.destroy());
  expect(await sender.send('ris', orderMessage('M1'))).toMatchObject({ ok: false, code: 'cut-after-send' });
  await peer.close();
  expect(await sender.send('ris', orderMessage('M1'))).toMatchObject({ ok: false, code: 'not-connected' });
});

it('half an answer and an end is a cut', async () => {
  const { sender } = await pair((message, socket) => socket.end(ack('AA', controlIdOf(message)).slice(0, -10)));
  expect(await sender.send('ris', orderMessage('M1'))).toMatchObject({ ok: false, code: 'cut-after-send' });
});

it('reads an answer that comes a byte at a time, and one that is followed by the end of the connection', async () => {
  const { sender } = await pair((message, socket, n) => {
    const bytes = ack('AA', controlIdOf(message));
    if (n === 1) for (const [at, sign] of [...bytes].entries()) setTimeout(() => socket.write(sign), at);
    else socket.end(bytes);
  }, 3);
  expect((await sender.send('ris', orderMessage('M1'))).ok).toBe(true);
  await new Promise((done) => setTimeout(done, 50));
  expect((await sender.send('ris', orderMessage('M2'))).ok).toBe(true);
  expect((await sender.send('ris', orderMessage('M3'))).ok).toBe(true);
});

it('has one message in flight, however many are asked for at once', async () => {
  let inFlight = 0;
  let most = 0;
  const { sender, peer } = await pair((message, socket) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    setTimeout(() => {
      inFlight -= 1;
      socket.write(ack('AA', controlIdOf(message)));
    }, 5);
  }, 5);
  const results = await Promise.all(Array.from({ length: 20 }, (_, n) => sender.send('ris', orderMessage(`M${n}`))));
  expect(results.every((result) => result.ok)).toBe(true);
  expect(most).toBe(1);
  expect(peer.messages.map(controlIdOf)).toEqual(Array.from({ length: 20 }, (_, n) => `M${n}`));
  expect(peer.connections()).toBe(1);
});

it('sends nothing to a destination that is not named, and nothing without a control id', async () => {
  const { sender, peer } = await pair(() => undefined);
  expect(await sender.send('pacs', orderMessage('M1'))).toMatchObject({ ok: false, code: 'not-allowed' });
  expect(await sender.send('ris', orderMessage(''))).toMatchObject({ ok: false, code: 'cannot-be-written' });
  expect(peer.messages).toEqual([]);
});
