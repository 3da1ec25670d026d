import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { RelayClient } from '#adapters/hl7/relay-client.js';
import { hl7Sender, readAck } from '#adapters/hl7/sender.js';
import type { Identity } from '../support/certificates.ts';
import { until } from '../support/instances.ts';
import { inFrame, playReceiver, relaySite, startRelay, writeSettings } from './relay-fixture.ts';
import type { PlayedReceiver, Relay, RelaySite } from './relay-fixture.ts';

const message = (controlId: string): Buffer =>
  Buffer.from(`MSH|^~\\&|RADLOOP|GENERAL|RIS|GENERAL|20261125120000||ORM^O01|${controlId}|P|2.5.1\rORC|XO|4711\r`);
const ack = (code: string, controlId: string): Buffer =>
  Buffer.from(`MSH|^~\\&|RIS|GENERAL|RADLOOP|GENERAL|20261125120001||ACK|R${controlId}|P|2.5.1\rMSA|${code}|${controlId}\r`);

let site: RelaySite;
let ris: PlayedReceiver;
let relay: Relay;
beforeAll(async () => {
  site = await relaySite();
});
afterAll(() => {
  site.remove();
});
beforeEach(async () => {
  ris = await playReceiver();
  const here = { host: '127.0.0.1', port: ris.port, ackTimeoutSeconds: 1, tls: null };
  writeSettings(site, { ris: here, nobody: { ...here, port: 1 }, elsewhere: { ...here, host: '192.0.2.1' } });
  relay = await startRelay(site, 'https://127.0.0.1:1/api/hl7');
});
afterEach(async () => {
  await relay.stop();
  ris.close();
});

/** One request as somebody. */
async function post(
  path: string,
  body: Buffer,
  who: Identity | null = site.service,
  signal?: AbortSignal,
): Promise<{ status: number; body: Buffer }> {
  return new Promise((done, failed) => {
    const options = { method: 'POST', ca: site.hospital.ca, agent: false as const, ...(who ?? {}), ...(signal === undefined ? {} : { signal }) };
    const asked = request(`https://127.0.0.1:${String(relay.https)}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => { done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }); }); // prettier-ignore
    });
    asked.on('error', failed);
    asked.end(body);
  });
}
const codeIn = ({ body }: { body: Buffer }): unknown => Reflect.get(JSON.parse(body.toString()) as object, 'code');

describe('the MLLP relay, from the service to a receiver', () => {
  it("sends the bytes as they are and gives the receiver's own answer back, byte for byte", async () => {
    const answer = Buffer.concat([ack('AA', 'S1'), Buffer.from([0xff, 0xfe, 0x80, 0x0d])]);
    ris.answer = (_frame, socket) => socket.write(inFrame(answer));
    expect(await post('/send/ris', message('S1'))).toEqual({ status: 200, body: answer });
    expect(ris.bytes).toEqual([message('S1')]);
    expect(relay.output()).not.toContain('4711');
  });

  it('keeps one connection to a receiver and one message in flight', async () => {
    let inFlight = 0;
    let most = 0;
    ris.answer = (frame, socket) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setTimeout(() => {
        inFlight -= 1;
        socket.write(inFrame(ack('AA', frame.toString().split('|')[9] ?? '')));
      }, 20);
    };
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => post('/send/ris', message(`M${String(n)}`))));
    expect(answers.map(({ body }) => body.toString())).toEqual(Array.from({ length: 8 }, (_, n) => ack('AA', `M${String(n)}`).toString()));
    expect([most, ris.connections]).toEqual([1, 1]);
  });

  it("field report 1: a late answer is never another message's: the connection is closed when the time is over", async () => {
    ris.answer = (frame, socket) => {
      if (frame.includes('L1')) setTimeout(() => socket.write(inFrame(ack('AA', 'L1'))), 1100);
      else socket.write(inFrame(ack('AA', 'L2')));
    };
    const late = await post('/send/ris', message('L1'));
    expect([late.status, codeIn(late)]).toEqual([504, 'timed-out-after-send']);
    expect((await post('/send/ris', message('L2'))).body.toString()).toBe(ack('AA', 'L2').toString());
    expect(ris.connections).toBe(2);
  });

  it('field report 3: gives a foreign or unreadable answer back as it is, and closes that connection', async () => {
    ris.answer = (_frame, socket) => socket.write(inFrame(ack('AA', 'OTHER')));
    expect((await post('/send/ris', message('F1'))).body.toString()).toBe(ack('AA', 'OTHER').toString());
    await post('/send/ris', message('F2'));
    expect(ris.connections).toBe(2);
  });

  it.each([
    ['a receiver that can not be reached', '/send/nobody', 502, 'not-connected'],
    ['a receiver that is not in its settings', '/send/other', 404, 'not-allowed'],
    ['a receiver elsewhere without TLS', '/send/elsewhere', 404, 'not-allowed'],
    ['another path', '/ris', 404, 'not-allowed'],
  ])('says so for %s, and nothing is sent', async (_what, path, status, code) => {
    const answer = await post(path, message('N1'));
    expect([answer.status, codeIn(answer)]).toEqual([status, code]);
    expect(ris.bytes).toEqual([]);
  });

  it('says that it was cut after it was sent when the receiver ends the connection', async () => {
    ris.answer = (_frame, socket) => socket.destroy();
    expect(codeIn(await post('/send/ris', message('X1')))).toBe('cut-after-send');
  });

  it('refuses what has no control id, and what is longer than 10 MB', async () => {
    expect(codeIn(await post('/send/ris', Buffer.from('MSH|^~\\&|\r')))).toBe('cannot-be-written');
    // The rest of a body that is too long is not read: the caller may see the connection end before the answer.
    const long = await post('/send/ris', Buffer.alloc(11 * 1024 * 1024, 'x')).catch(() => null);
    expect(long?.status ?? 413).toBe(413);
    expect(ris.bytes).toEqual([]);
  });

  it("lets nobody but the service send: not a sender, not a stranger, not another authority's, not nobody", async () => {
    for (const who of [site.sender, site.stranger, site.foreign, null]) expect((await post('/send/ris', message('W1'), who)).status).toBe(403);
    expect(ris.bytes).toEqual([]);
  });

  it('does not send what its caller has given up before its turn', async () => {
    const caller = new AbortController();
    ris.answer = (_frame, socket) => setTimeout(() => socket.write(inFrame(ack('AA', 'G1'))), 400);
    const first = post('/send/ris', message('G1'));
    await until(() => ris.bytes.length > 0); // each is sent on a connection of its own; on a busy machine the second came first
    const second = post('/send/ris', message('G2'), site.service, caller.signal).catch(() => 'gone');
    setTimeout(() => { caller.abort(); }, 150); // prettier-ignore
    expect((await first).status).toBe(200);
    expect(await second).toBe('gone');
    await new Promise((done) => setTimeout(done, 300));
    expect(ris.bytes).toEqual([message('G1')]);
  });

  it('tells what nothing comes back for', async () => {
    expect((await post('/tell/ris', message('T1'))).status).toBe(202);
    await until(() => ris.bytes.length > 0);
    expect(ris.bytes).toEqual([message('T1')]);
  });

  it.each([
    ['no JSON', 'token', 'not JSON'],
    ['a field that it does not know', JSON.stringify({ senders: [], servise: [] }), 'senders'],
    [
      'a token that is too short',
      JSON.stringify({ senders: [{ certificateNames: ['a'], token: 'short-secret' }], service: ['b'], destinations: {} }),
      'senders.0.token',
    ],
  ])('does not start with settings that are %s, names the place and tells no value', async (_what, text, place) => {
    writeFileSync(join(site.folder, 'bad.json'), text);
    const file = (name: string): string => join(site.folder, name);
    const args = ['--conditions=source', 'infra/relay/main.ts', '--settings', file('bad.json'), '--door', 'https://127.0.0.1:1/'];
    const { status, stderr } = spawnSync(
      process.execPath,
      [...args, '--tls-cert', file('cert.pem'), '--tls-key', file('key.pem'), '--tls-ca', file('ca.pem')],
      { encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toContain(place);
    expect(stderr).not.toContain('short-secret');
  });
});

describe('the sender of the service behind the relay', () => {
  const address = (): { url: string; cert: string; key: string; ca: string } => ({
    url: `https://localhost:${String(relay.https)}`,
    ...site.service,
    ca: site.hospital.ca,
  });
  const sender = (): ReturnType<typeof hl7Sender> =>
    hl7Sender({
      destinations: {
        ris: {
          ...{
            host: 'ris.hospital.example',
            port: 2575,
            ackTimeoutSeconds: 1,
            sendingApplication: 'RADLOOP',
            sendingFacility: 'G',
            receivingApplication: 'RIS',
          },
          ...{ receivingFacility: 'G', version: '2.5.1', tls: null, acknowledgement: 'original' },
        } as never,
        late: { acknowledgement: 'enhanced' } as never,
      },
      fieldMap: {} as never,
      relay: address(),
    });

  it("has a message delivered when the receiver's AA names it", async () => {
    ris.answer = (_frame, socket) => socket.write(inFrame(ack('AA', 'D1')));
    const hl7 = sender();
    expect(await hl7.send('ris', message('D1'))).toMatchObject({ ok: true, receipt: { code: 'AA', controlId: 'D1' } });
    hl7.close();
  });

  it('tells an AE, an AR, a foreign answer, a cut and a receiver that is away apart, as it does without a relay', async () => {
    const hl7 = sender();
    const answering = async (answer: PlayedReceiver['answer']): Promise<unknown> => {
      ris.answer = answer;
      const done = await hl7.send('ris', message('D2'));
      return done.ok ? 'delivered' : done.code;
    };
    expect(await answering((_frame, socket) => socket.write(inFrame(ack('AE', 'D2'))))).toBe('refused-for-now');
    expect(await answering((_frame, socket) => socket.write(inFrame(ack('AR', 'D2'))))).toBe('refused');
    expect(await answering((_frame, socket) => socket.write(inFrame(ack('AA', 'D3'))))).toBe('answer-unreadable');
    expect(await answering((_frame, socket) => socket.destroy())).toBe('cut-after-send');
    expect(await answering(() => undefined)).toBe('timed-out-after-send');
    ris.close();
    expect(await answering(() => undefined)).toBe('not-connected');
    hl7.close();
  });

  it('is not connected when there is no relay, and it was cut when the relay dies with the message', async () => {
    const client = new RelayClient(address(), 'ris', 5);
    const sent = new Promise<void>((done) => {
      ris.answer = () => { done(); }; // prettier-ignore
    });
    const under = client.exchange(message('K1'), (answer) => readAck(answer, 'K1'));
    await sent;
    relay.process.kill('SIGKILL');
    expect(await under).toMatchObject({ ok: false, code: 'cut-after-send' });
    expect(await client.exchange(message('K1'), (answer) => readAck(answer, 'K1'))).toMatchObject({ ok: false, code: 'not-connected' });
    client.close();
  });

  it('does not take a receiver in enhanced mode through the relay, and says how to mend it', async () => {
    const hl7 = sender();
    expect(await hl7.send('late', message('E1'))).toMatchObject({
      ok: false,
      code: 'not-allowed',
      detail: expect.stringContaining('endpoints.json') as string,
    });
    hl7.close();
  });
});
