import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as overTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { sitePki } from '../support/certificates.ts';
import type { Identity, SitePki } from '../support/certificates.ts';
import { fixtureApp } from './fixture-app.ts';
import type { FixtureApp } from './fixture-app.ts';
import { startHostProcess } from './host-process.ts';
import type { HostProcess } from './host-process.ts';

const SHOWS = `
import { app } from '@azure/functions';
app.http('shows', { methods: ['GET'], route: 'shows', handler: (request) => ({ jsonBody: { url: request.url, certificate: request.headers.get('x-arr-clientcert') } }) });
`;

let pki: SitePki;
let folder: string;
let app: FixtureApp;
let host: HostProcess;
beforeAll(async () => {
  pki = await sitePki();
  folder = mkdtempSync(join(tmpdir(), 'radloop-pem-'));
  writeFileSync(join(folder, 'cert.pem'), pki.server.cert);
  writeFileSync(join(folder, 'key.pem'), pki.server.key);
  writeFileSync(join(folder, 'ca.pem'), pki.ca);
  app = await fixtureApp(SHOWS);
  const started = await startHostProcess(app.root, 1000, folder);
  if (typeof started === 'string') throw new Error(started);
  host = started;
});
afterAll(async () => {
  await host.close();
  await app.remove();
  rmSync(folder, { recursive: true });
});

interface Shown {
  readonly url: string;
  readonly certificate: string | null;
}
const tlsPort = () => Number(host.ready['tlsPort']);
async function shown(send: typeof overTls, options: RequestOptions & { cert?: string; key?: string; ca?: string }): Promise<Shown> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ host: '127.0.0.1', path: '/api/shows', ...options }, resolve)
      .on('error', reject)
      .end();
  });
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return JSON.parse(text) as Shown;
}
const asked = (identity: Identity | null, headers = {}) => shown(overTls, { port: tlsPort(), ca: pki.ca, headers, agent: false, ...identity });
const der = ({ cert }: Identity) => new X509Certificate(cert).raw.toString('base64');

describe('the local function host over TLS', () => {
  it('passes a client certificate that its authority signed on as Azure does, DER in base64', async () => {
    expect(await asked(pki.good)).toEqual({ url: `https://127.0.0.1:${tlsPort()}/api/shows`, certificate: der(pki.good) });
  });

  it.each([
    ['none', () => null],
    ['one of another authority', () => pki.foreign],
    ['one that has expired', () => pki.expired],
  ])('passes nothing on of a client with %s', async (_name, identity) => {
    expect((await asked(identity())).certificate).toBeNull();
  });

  it('takes away a header by which somebody would pass for the holder of a certificate', async () => {
    const header = { 'X-ARR-ClientCert': der(pki.good), 'x-arr-clientcert': der(pki.good) };
    expect((await asked(null, header)).certificate).toBeNull();
    expect((await asked(pki.foreign, header)).certificate).toBeNull();
    expect((await asked(pki.plainName, header)).certificate).toBe(der(pki.plainName));
    expect((await shown(overHttp, { port: host.port, headers: header })).certificate).toBeNull();
  });

  it('speaks no TLS before 1.2', async () => {
    const why = await new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: tlsPort(), ca: pki.ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
      socket.on('secureConnect', () => {
        resolve('connected');
        socket.destroy();
      });
      socket.on('error', () => {
        resolve('refused');
      });
    });
    expect(why).toBe('refused');
  });
});

/** What stands in place of dist/functions/main.js: it tells what the service's process has set. */
const TELLS = `
const { RADLOOP_CLIENT_CERTIFICATE_HEADER: header = null } = process.env;
process.stdout.write(JSON.stringify({ header }) + '\\n');
export const radloop = { operator: {}, stop: async () => undefined };
`;

describe('the service on one machine', () => {
  const headerOf = async (more: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> => {
    const told = await fixtureApp(TELLS);
    const script = join(import.meta.dirname, '..', '..', 'infra', 'local', 'service.ts');
    const ports = ['--http-port', '0', '--mllp-port', '0'];
    const child = spawn(process.execPath, ['--conditions=source', script, '--root', told.root, ...ports, ...more], {
      env: { ...process.env, RADLOOP_DATA: folder, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    let header: unknown = 'not told';
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as { header?: unknown; ready?: true };
      if (said.header !== undefined) ({ header } = said);
      if (said.ready) child.kill('SIGTERM');
    }
    await ended;
    await told.remove();
    return header;
  };
  const files = () => ['--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem'), '--tls-ca', join(folder, 'ca.pem')];

  it('has the header of a client certificate trusted only where its own HTTPS listener is on and nobody says otherwise', async () => {
    expect(await headerOf([])).toBeNull();
    expect(await headerOf(files())).toBeNull();
    expect(await headerOf([...files(), '--https-port', '0'])).toBe('trusted');
    expect(await headerOf([...files(), '--https-port', '0'], { RADLOOP_CLIENT_CERTIFICATE_HEADER: 'ignored' })).toBe('ignored');
  }, 30_000);
});
