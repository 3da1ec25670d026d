import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import type { MllpServer, PeerInfo } from '#adapters/hl7/mllp-server.js';
import { authority, sitePki } from '../support/certificates.ts';
import type { SitePki } from '../support/certificates.ts';
import { closeAll, listening, pause, plain, reading } from '../support/mllp-wire-listener.ts';
import { frame } from '../support/mllp-wire.ts';

let pki: SitePki;

beforeAll(async () => {
  pki = await sitePki();
});
afterEach(closeAll);

function dial(server: MllpServer, options: ConnectionOptions): TLSSocket {
  return connectTls({ host: '127.0.0.1', port: server.port, ca: pki.ca, ...options });
}

async function listener() {
  const peers: PeerInfo[] = [];
  const heard: string[] = [];
  const wire = await listening({
    tls: pki.server,
    frameTimeoutSeconds: 0.5,
    onMessage: async (bytes, peer) => {
      peers.push(peer);
      heard.push(bytes.toString());
      return plain('yes');
    },
  });
  return { ...wire, peers, heard };
}

it.each(['TLSv1.2', 'TLSv1.3'] as const)('takes a message over %s and knows the certificate by its alternative names', async (version) => {
  const { server, peers, refused } = await listener();
  const caller = reading(dial(server, { ...pki.good, minVersion: version, maxVersion: version }));
  caller.socket.write(frame('A'));
  expect(await caller.until(1)).toEqual(['yes']);
  expect(peers).toEqual([{ address: '127.0.0.1', certificateNames: ['ris.hospital.example', 'urn:hospital:ris'] }]);
  expect(refused).toEqual([]);
});

it('knows a certificate without alternative names by its common name', async () => {
  const { server, peers } = await listener();
  const caller = reading(dial(server, pki.plainName));
  caller.socket.write(frame('A'));
  await caller.until(1);
  expect(peers[0]?.certificateNames).toEqual(['ward-engine']);
});

it('takes a name with a comma in it for one name', async () => {
  const site = await authority('Hospital CA');
  const tls = { ...(await site.issue('listener', { names: [{ type: 'ip', value: '127.0.0.1' }] })), ca: site.ca };
  const peers: PeerInfo[] = [];
  const { server } = await listening({ tls, onMessage: async (_, peer) => (peers.push(peer), plain('yes')) });
  const sly = await site.issue('x', { names: [{ type: 'url', value: 'urn:x, DNS:ris.hospital.example' }] });
  const caller = reading(dial(server, { ...sly, ca: site.ca }));
  caller.socket.write(frame('A'));
  await caller.until(1);
  expect(peers[0]?.certificateNames).toEqual(['urn:x, DNS:ris.hospital.example']);
});

it.each([
  ['of another CA', 'untrusted-certificate', () => pki.foreign],
  ['that has expired', 'expired-certificate', () => pki.expired],
  ['that is missing', 'no-certificate', () => ({})],
  ['that is fine, over TLS 1.1', 'old-tls', () => ({ ...pki.good, ...old })],
] as const)('refuses a certificate %s, says so, and reads nothing', async (_, why, identity) => {
  const { server, refused, heard } = await listener();
  const caller = reading(dial(server, identity()));
  caller.socket.write(frame('A'));
  await caller.closed();
  expect(refused).toEqual([{ address: '127.0.0.1', why }]);
  expect([heard, caller.answers]).toEqual([[], []]);
});
const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };

it('refuses a certificate of another CA over TLS 1.2 too', async () => {
  const { server, refused } = await listener();
  await reading(dial(server, { ...pki.foreign, maxVersion: 'TLSv1.2' })).closed();
  expect(refused).toEqual([{ address: '127.0.0.1', why: 'untrusted-certificate' }]);
});

it('refuses plain MLLP, and one who says nothing at all', async () => {
  const { server, refused } = await listener();
  const loud = reading(connect(server.port, server.host));
  loud.socket.write(frame('MSH|^~\\&|A'));
  await loud.closed();
  expect(refused).toEqual([{ address: '127.0.0.1', why: 'not-tls' }]);
  const silent = reading(connect(server.port, server.host));
  await silent.closed();
});

it('does not call it a refusal when somebody only looks whether the port is open', async () => {
  const { server, refused } = await listener();
  const probe = reading(connect(server.port, server.host));
  await once(probe.socket, 'connect');
  probe.socket.destroy();
  await pause(50);
  expect(refused).toEqual([]);
});

it('says once a minute, not each time, that the same sender is refused', async () => {
  const { server, refused } = await listener();
  for (let n = 0; n < 5; n += 1) await reading(dial(server, pki.foreign)).closed();
  await reading(dial(server, pki.expired)).closed();
  expect(refused.map(({ why }) => why)).toEqual(['untrusted-certificate', 'expired-certificate']);
});

it('resumes no session: each connection shows its certificate', async () => {
  const { server, peers } = await listener();
  const first = dial(server, pki.good);
  let session: Buffer | undefined;
  first.on('session', (given) => (session = given));
  const before = reading(first);
  first.write(frame('A'));
  await before.until(1);
  const again = dial(server, { ...pki.good, ...(session === undefined ? {} : { session }) });
  const after = reading(again);
  again.write(frame('B'));
  await after.until(1);
  expect(again.isSessionReused()).toBe(false);
  expect(peers.map((peer) => peer.certificateNames?.length)).toEqual([2, 2]);
});

it('a half-closed TLS connection still gets its answer', async () => {
  const { server } = await listening({ tls: pki.server, onMessage: async () => (await pause(50), plain('late')) });
  const socket = connectTls({ host: '127.0.0.1', port: server.port, ca: pki.ca, ...pki.good, allowHalfOpen: true } as ConnectionOptions);
  const caller = reading(socket);
  socket.end(frame('A'));
  expect(await caller.until(1)).toEqual(['late']);
});

it('a handshake that is not finished does not keep the listener from closing', async () => {
  const { server } = await listener();
  const socket = connect(server.port, server.host);
  const silent = reading(socket);
  await once(socket, 'connect');
  await server.close();
  await silent.closed();
});

it('will not listen without TLS where others can reach it', async () => {
  const nothing = { onMessage: async () => plain(''), onOversize: async () => plain(''), onFault: () => undefined };
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'radloop.hospital.example'])
    await expect(listenMllp({ host, port: 0, ...nothing })).rejects.toThrow(
      `on this machine only, not on ${host}: give --tls-cert, --tls-key and --tls-ca`,
    );
});

it('names what is wrong with files that do not fit together', async () => {
  const wrong = [
    { ...pki.server, key: pki.good.key },
    { ...pki.server, cert: 'no certificate' },
  ];
  for (const tls of wrong)
    await expect(listening({ tls })).rejects.toThrow(/^The TLS files can not be used \(ERR_OSSL_[A-Z0-9_]+\): certificate, key and CA/u);
});

it('listens to everybody with TLS', async () => {
  const { server } = await listening({ host: '0.0.0.0', tls: pki.server });
  const caller = reading(dial(server, pki.good));
  caller.socket.write(frame('A'));
  expect(await caller.until(1)).toEqual(['ok A']);
});
