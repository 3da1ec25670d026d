import { hl7Sender } from '#adapters/hl7/sender.js';
import type { Destination, SenderSite } from '#adapters/hl7/sender.js';
import { sitePki } from '../support/certificates.ts';
import type { SitePki } from '../support/certificates.ts';
import { answerTo, controlIdOf, outbound, peerReceiver } from '../support/peers.ts';
import { closeAll, later, listening, pause, plain, soon } from '../support/mllp-wire-listener.ts';

let pki: SitePki;

beforeAll(async () => {
  pki = await sitePki();
});
afterEach(closeAll);

function destination(port: number, more: Partial<Destination> = {}): Destination {
  return {
    ...{ host: '127.0.0.1', port, ackTimeoutSeconds: 2, version: '2.5.1', tls: null, acknowledgement: 'original', answerWithinMinutes: 10 },
    ...{ sendingApplication: 'A', sendingFacility: 'B', receivingApplication: 'C', receivingFacility: 'D', answeredBy: null },
    ...more,
  };
}

function sender(destinations: Record<string, Destination>, more: Partial<SenderSite> = {}) {
  const made = hl7Sender({ destinations, fieldMap: { accessionNumber: [], protocol: 'OBR-19', preferredAssigners: [] }, ...more });
  later(() => {
    made.close();
  });
  return {
    send: (name: string, bytes: Buffer) => made.send(name, bytes),
    sendAnswer: (name: string, bytes: Buffer) => made.sendAnswer(name, bytes),
  };
}

describe('original mode', () => {
  it('field report 1: an answer that comes after the time-out is credited to no message, not even to the next one', async () => {
    const peer = await peerReceiver((message, socket, n) => {
      const id = controlIdOf(message);
      if (n === 1) setTimeout(() => socket.write(answerTo(id, 'AA')), 300);
      else setTimeout(() => socket.write(answerTo(id, 'AE')), 300);
    });
    const { send } = sender({ ris: destination(peer.port, { ackTimeoutSeconds: 0.2 }), slow: destination(peer.port) });
    const [first, next] = await Promise.all([send('ris', outbound('M1')), send('ris', outbound('M2'))]);
    expect(first).toMatchObject({ ok: false, code: 'timed-out-after-send' });
    expect(next).toMatchObject({ ok: false, code: 'timed-out-after-send' });
    await pause(350);
    expect(await send('slow', outbound('M1'))).toMatchObject({ ok: false, code: 'refused-for-now' });
    expect(peer.connections()).toBe(3);
  });

  it('field report 1: an answer to the message before is not credited to this one', async () => {
    const peer = await peerReceiver((message, socket, n) => socket.write(answerTo(n === 1 ? controlIdOf(message) : 'M1', 'AA')));
    const { send } = sender({ ris: destination(peer.port) });
    expect((await send('ris', outbound('M1'))).ok).toBe(true);
    expect(await send('ris', outbound('M2'))).toMatchObject({ ok: false, code: 'answer-unreadable' });
  });

  it.each([
    ['text', 'OK'],
    ['an empty frame', '\u000b\u001c\r'],
    ['half an MSA', '\u000bMSH|^~\\&|R|N|A|N|2026||ACK|1|P|2.5.1\rMSA|A\r\u001c\r'],
    ['an MSA that says AA without saying to what', '\u000bMSH|^~\\&|R|N|A|N|2026||ACK|1|P|2.5.1\rMSA|AA\r\u001c\r'],
    ['a web page', 'HTTP/1.1 200 OK\r\n\r\n<html>AA</html>\u001c\r'],
  ])('field report 3: %s in place of an answer is not delivered', async (_, answer) => {
    const peer = await peerReceiver((_message, socket) => socket.write(`${answer.startsWith('\u000b') ? '' : '\u000b'}${answer}\u001c\r`));
    const { send } = sender({ ris: destination(peer.port, { ackTimeoutSeconds: 0.3 }) });
    expect(await send('ris', outbound('M1'))).toMatchObject({ ok: false, code: 'answer-unreadable' });
  });

  it('field report 25: a destination that hangs, and one that is not there, delay no other', async () => {
    const hung = await peerReceiver(() => undefined);
    const good = await peerReceiver((message, socket) => socket.write(answerTo(controlIdOf(message), 'AA')));
    const { send } = sender({ hung: destination(hung.port), good: destination(good.port), gone: destination(1) });
    const stuck = Promise.all([send('hung', outbound('H1')), send('hung', outbound('H2'))]);
    expect(await send('gone', outbound('G1'))).toMatchObject({ ok: false, code: 'not-connected' });
    const started = performance.now();
    for (let n = 0; n < 50; n += 1) expect((await send('good', outbound(`M${n}`))).ok).toBe(true);
    expect(performance.now() - started).toBeLessThan(1500);
    for (const socket of hung.sockets) socket.destroy();
    await pause(20);
    for (const socket of hung.sockets) socket.destroy();
    expect((await stuck).map((each) => each.ok)).toEqual([false, false]);
  });

  it('keeps a connection whose answers end with a carriage return in a packet of its own', async () => {
    const peer = await peerReceiver((message, socket) => {
      socket.setNoDelay(true);
      socket.write(answerTo(controlIdOf(message), 'AA').slice(0, -1));
      setTimeout(() => socket.write('\r'), 15);
    });
    const { send } = sender({ ris: destination(peer.port) });
    for (const id of ['M1', 'M2', 'M3']) {
      expect((await send('ris', outbound(id))).ok).toBe(true);
      await pause(40);
    }
    expect(peer.connections()).toBe(1);
  });

  it('connects again, once, after the receiver was restarted', async () => {
    const hear = (message: string, socket: { write(text: string): unknown }): unknown => socket.write(answerTo(controlIdOf(message), 'AA'));
    const first = await peerReceiver(hear);
    const { send } = sender({ ris: destination(first.port) });
    expect((await send('ris', outbound('M1'))).ok).toBe(true);
    await first.close();
    expect(await send('ris', outbound('M2'))).toMatchObject({ ok: false, code: 'not-connected' });
    const second = await peerReceiver(hear, undefined, first.port);
    expect((await send('ris', outbound('M2'))).ok).toBe(true);
    expect([first.messages.map(controlIdOf), second.messages.map(controlIdOf)]).toEqual([['M1'], ['M2']]);
  });

  it('sends an answer of our own and waits for none', async () => {
    const peer = await peerReceiver(() => undefined);
    const { sendAnswer } = sender({ ris: destination(peer.port), gone: destination(1) });
    expect(await sendAnswer('ris', outbound('M1'))).toEqual({ ok: true, receipt: null });
    await soon('it arrives', () => peer.messages.length === 1);
    expect(await sendAnswer('gone', outbound('M1'))).toMatchObject({ ok: false, code: 'not-connected' });
    expect(await sendAnswer('nowhere', outbound('M1'))).toMatchObject({ ok: false, code: 'not-allowed' });
  });

  it('sends nothing in clear text to another machine', async () => {
    const { send } = sender({ ris: destination(2575, { host: 'ris.hospital.example' }) });
    expect(await send('ris', outbound('M1'))).toEqual({
      ...{ ok: false, code: 'not-allowed' },
      detail: 'Destination "ris" is ris.hospital.example, not this machine: give it "tls" in endpoints/endpoints.json.',
    });
  });
});

describe('TLS', () => {
  const files: Record<string, () => string> = {
    'ca.pem': () => pki.ca,
    'cert.pem': () => pki.good.cert,
    'key.pem': () => pki.good.key,
    'other-cert.pem': () => pki.foreign.cert,
    'other-key.pem': () => pki.foreign.key,
  };
  const readFile = (path: string): Buffer => {
    const found = files[path];
    if (found === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return Buffer.from(found());
  };
  const own = { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' };
  const ack = async (bytes: Buffer) => plain(answerTo(controlIdOf(bytes.toString()), 'AA').slice(1, -2));

  it('sends over TLS with its own certificate, many messages on one connection', async () => {
    const names = new Set<string | undefined>();
    const { server, refused } = await listening({ tls: pki.server, onMessage: (bytes, peer) => (names.add(peer.certificateNames?.[0]), ack(bytes)) });
    const { send } = sender({ ris: destination(server.port, { tls: own }) }, { readFile });
    for (let n = 0; n < 20; n += 1) expect(await send('ris', outbound(`M${n}`))).toMatchObject({ ok: true, receipt: { code: 'AA' } });
    expect([[...names], refused]).toEqual([['ris.hospital.example'], []]);
  });

  it('sends nothing to a receiver whose certificate is another CA’s, has expired, or has another name', async () => {
    const heard: string[] = [];
    const trial = async (tls: { cert: string; key: string }, more: Partial<NonNullable<Destination['tls']>> = {}) => {
      const peer = await peerReceiver((message) => heard.push(message), tls);
      const { send } = sender({ ris: destination(peer.port, { tls: { ...own, ...more } }) }, { readFile });
      return send('ris', outbound('M1'));
    };
    expect(await trial(pki.foreign)).toMatchObject({
      ok: false,
      code: 'not-connected',
      detail: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    });
    expect(await trial(pki.expired)).toMatchObject({ ok: false, code: 'not-connected', detail: expect.stringContaining('CERT_HAS_EXPIRED') });
    expect(await trial(pki.good)).toMatchObject({
      ok: false,
      code: 'not-connected',
      detail: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
    expect(await trial(pki.plainName, { serverName: 'listener' })).toMatchObject({ ok: false, code: 'not-connected' });
    expect(heard).toEqual([]);
  });

  it('takes the name that the site gives for a receiver that is called by its address', async () => {
    const peer = await peerReceiver((message, socket) => socket.write(answerTo(controlIdOf(message), 'AA')), pki.good);
    const { send } = sender({ ris: destination(peer.port, { tls: { ...own, serverName: 'ris.hospital.example' } }) }, { readFile });
    expect((await send('ris', outbound('M1'))).ok).toBe(true);
  });

  it('is told by the receiver that its certificate is not wanted, and credits nothing', async () => {
    const { server, refused } = await listening({ tls: pki.server });
    const { send } = sender(
      { ris: destination(server.port, { tls: { caFile: 'ca.pem', certFile: 'other-cert.pem', keyFile: 'other-key.pem' } }) },
      { readFile },
    );
    expect((await send('ris', outbound('M1'))).ok).toBe(false);
    expect(refused).toMatchObject([{ why: 'untrusted-certificate' }]);
  });

  it('sends nothing when a file is missing, says so, and sends once it is there', async () => {
    const { server } = await listening({ tls: pki.server, onMessage: ack });
    const { send } = sender({ ris: destination(server.port, { tls: { ...own, caFile: 'new-ca.pem' } }) }, { readFile });
    expect(await send('ris', outbound('M1'))).toMatchObject({
      ok: false,
      code: 'not-connected',
      detail: expect.stringContaining('TLS files: ENOENT'),
    });
    files['new-ca.pem'] = () => pki.ca;
    expect((await send('ris', outbound('M1'))).ok).toBe(true);
  });

  it('speaks no TLS below 1.2', async () => {
    const peer = await peerReceiver(() => undefined, { ...pki.server, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const { send } = sender({ ris: destination(peer.port, { tls: own }) }, { readFile });
    expect(await send('ris', outbound('M1'))).toMatchObject({ ok: false, code: 'not-connected' });
  });
});

describe('enhanced mode', () => {
  const enhanced = { acknowledgement: 'enhanced' } as const;

  async function pair(hear: Parameters<typeof peerReceiver>[0], seconds = 1) {
    const peer = await peerReceiver(hear);
    const told: [string, string][] = [];
    const made = sender(
      { ris: destination(peer.port, { ...enhanced, ackTimeoutSeconds: seconds }) },
      {
        onAnswer: async (bytes, name) => {
          const [, code = '', id = ''] = /MSA\|(\w+)\|([^|\r]*)/u.exec(bytes.toString()) ?? [];
          told.push([name, `${code} ${id}`]);
          return Buffer.from(`MSH|^~\\&|RADLOOP|N|RIS|N|2026||ACK|C-${id}|P|2.5.1\rMSA|CA|${controlIdOf(bytes.toString())}\r`);
        },
      },
    );
    return { peer, told, send: (id: string) => made.send('ris', outbound(id, { enhanced: true })) };
  }

  it('is done at CA, and hears the application later on the same connection', async () => {
    const { peer, told, send } = await pair((message, socket) => {
      const id = controlIdOf(message);
      socket.write(answerTo(id, 'CA'));
      setTimeout(() => socket.write(answerTo(id, 'AA')), 60);
    });
    expect(await send('M1')).toMatchObject({ ok: true, receipt: { code: 'CA', controlId: 'M1' } });
    expect(told).toEqual([]);
    await soon('the application answers', () => told.length === 1);
    expect(told).toEqual([['ris', 'AA M1']]);
    expect((await send('M2')).ok).toBe(true);
    expect(peer.connections()).toBe(1);
  });

  it('gives the application’s answer its own CA when it asks for one, and none when it does not', async () => {
    const { peer, told, send } = await pair((message, socket) => {
      if (message.includes('MSA')) return;
      const id = controlIdOf(message);
      socket.write(answerTo(id, 'CA'));
      setTimeout(() => socket.write(answerTo(id, 'AA', { asks: id === 'M1' ? 'AL' : 'NE' })), 20);
    });
    await send('M1');
    await send('M2');
    await soon('both are heard', () => told.length === 2);
    await pause(50);
    expect(peer.messages.filter((message) => message.includes('MSA'))).toEqual([expect.stringContaining('MSA|CA|R-AA-M1')]);
  });

  it('takes CA and AA in one packet apart', async () => {
    const { told, send } = await pair((message, socket) => {
      const id = controlIdOf(message);
      socket.write(answerTo(id, 'CA') + answerTo(id, 'AE'));
    });
    expect(await send('M1')).toMatchObject({ ok: true, receipt: { code: 'CA' } });
    await soon('the application is heard', () => told.length === 1);
    expect(told).toEqual([['ris', 'AE M1']]);
  });

  it('passes on the answer to an earlier message that comes while it waits for its own CA', async () => {
    const { peer, told, send } = await pair((message, socket) => {
      const id = controlIdOf(message);
      if (id === 'M2') socket.write(answerTo('M1', 'AA'));
      setTimeout(() => socket.write(answerTo(id, 'CA')), 30);
    });
    await send('M1');
    expect(await send('M2')).toMatchObject({ ok: true, receipt: { code: 'CA', controlId: 'M2' } });
    expect(told).toEqual([['ris', 'AA M1']]);
    expect(peer.connections()).toBe(1);
  });

  it.each([
    ['CE', { ok: false, code: 'refused-for-now' }],
    ['CR', { ok: false, code: 'refused' }],
    ['AA', { ok: true, receipt: { code: 'AA' } }],
    ['AE', { ok: false, code: 'refused-for-now' }],
    ['AR', { ok: false, code: 'refused' }],
  ])('takes %s in place of CA for what it says', async (code, outcome) => {
    const { told, send } = await pair((message, socket) => socket.write(answerTo(controlIdOf(message), code)));
    expect(await send('M1')).toMatchObject(outcome);
    expect(told).toEqual([]);
  });

  it('field report 1: a CA that comes too late, or is another message’s, is credited to nothing', async () => {
    const { peer, told, send } = await pair((message, socket, n) => {
      const id = controlIdOf(message);
      if (n === 1) setTimeout(() => socket.write(answerTo(id, 'CA')), 250);
      if (n === 2) socket.write(answerTo('M1', 'CA'));
      if (n === 3) socket.write(answerTo(id, 'CA'));
    }, 0.15);
    expect(await send('M1')).toMatchObject({ ok: false, code: 'timed-out-after-send' });
    expect(await send('M2')).toMatchObject({ ok: false, code: 'answer-unreadable' });
    expect((await send('M3')).ok).toBe(true);
    expect([told, peer.connections()]).toEqual([[], 3]);
  });

  it('field report 3: rubbish on the connection ends it, also between two messages', async () => {
    const { peer, told, send } = await pair((message, socket, n) => {
      socket.write(answerTo(controlIdOf(message), 'CA'));
      if (n === 1) setTimeout(() => socket.write('rubbish\u000b'), 20);
    });
    await send('M1');
    await pause(60);
    expect((await send('M2')).ok).toBe(true);
    expect([told, peer.connections()]).toEqual([[], 2]);
  });

  it('an answer that could not be stored ends the connection: it was not taken', async () => {
    const peer = await peerReceiver((message, socket) => {
      socket.write(answerTo(controlIdOf(message), 'CA') + answerTo(controlIdOf(message), 'AA', { asks: 'AL' }));
    });
    const { send } = sender({ ris: destination(peer.port, enhanced) }, { onAnswer: () => Promise.reject(new Error('disk')) });
    expect((await send('ris', outbound('M1', { enhanced: true }))).ok).toBe(true);
    await soon('it is ended', () => peer.sockets.size === 0);
    expect(peer.messages).toHaveLength(1);
  });
});
