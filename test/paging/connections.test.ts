import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { guardedLookup, mayReach } from '#adapters/paging/guard.js';
import type { PagingChannel } from '#core/effect.js';
import type { PagingSettings } from '#domain/paging.js';
import { REHEARSAL_SECRET } from '../../infra/rehearsal/paging-side.ts';
import { wrongWithSignature } from '../../infra/rehearsal/paging-signatures.ts';
import { authority } from '../support/certificates.ts';
import type { Authority, Identity } from '../support/certificates.ts';
import { aPage, keys, pagerFor, settingsFor, startSide, stopSides } from '../support/paging.ts';

let hospital: Authority;
let here: Identity;
let expired: Identity;
const usual = getCACertificates('default');
const open: Server[] = [];

beforeAll(async () => {
  hospital = await authority('Hospital CA');
  const names = [{ type: 'dns', value: 'localhost' } as const, { type: 'ip', value: '127.0.0.1' } as const];
  here = await hospital.issue('paging', { names });
  expired = await hospital.issue('paging', { names, isExpired: true });
});
beforeEach(() => {
  setDefaultCACertificates([...usual, hospital.ca]);
});
afterEach(async () => {
  setDefaultCACertificates(usual);
  for (const server of open.splice(0)) {
    server.close();
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
  }
  await stopSides();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The webhook's settings alone. */
function hook(url: string, more: object = {}): PagingSettings {
  return {
    readingRoom: { name: 'Reading room', phone: '+1 555 0100' },
    channels: { pager: { kind: 'webhook', url, secretFile: 'keys/pager', ...more } },
    switchboard: { phone: '4711', printer: null },
  };
}

describe('a page over TLS', () => {
  const served = async (identity: Identity): Promise<string> => {
    const port = await listening(createTlsServer(identity, (request, response) => { request.resume(); response.end('{"id":"p1"}'); })); // prettier-ignore
    return `https://localhost:${String(port)}/pager`;
  };

  it('goes to a server whose certificate is trusted', async () => {
    expect(await pagerFor(hook(await served(here))).pager.send(aPage('pager'))).toEqual({ ok: true, receipt: { id: 'p1' } });
  });

  it('does not leave for one whose certificate has expired, is of another authority, or names another host', async () => {
    const foreign = await (await authority('Other CA')).issue('paging', { names: [{ type: 'dns', value: 'localhost' }] });
    const other = await hospital.issue('other.example', { names: [{ type: 'dns', value: 'other.example' }] });
    for (const identity of [expired, foreign, other]) {
      const sent = await pagerFor(hook(await served(identity))).pager.send(aPage('pager'));
      expect(sent).toEqual({ ok: false, code: 'not-connected', detail: 'The pager shows a certificate that is not trusted here' });
    }
  });

  it('does not leave for one that speaks no TLS', async () => {
    const port = await listening(createServer((_request, response) => response.end()));
    expect(await pagerFor(hook(`https://localhost:${String(port)}/`), 2).pager.send(aPage('pager'))).toMatchObject({
      ok: false,
      code: 'not-connected',
    });
  });
});

describe('mail over TLS', () => {
  const mail = async (tls: 'starttls' | 'tls', offered: Identity | null, login?: { user: string; password: string }) => {
    const side = await startSide({
      smtp: {
        ...(offered === null ? {} : { tls: { ...offered, fromTheStart: tls === 'tls' } }),
        ...(login === undefined ? {} : { login }),
      },
    });
    const settings = settingsFor(side, ['email']);
    const email = { host: 'localhost', port: side.smtpPort, tls, from: 'radloop@hospital.example', ...(login === undefined ? {} : { user: 'radloop', passwordFile: 'keys/mail' }) }; // prettier-ignore
    const { pager, logged } = pagerFor({ ...settings, channels: { email } }, 2);
    return { side, logged, sent: await pager.send(aPage('email')) };
  };

  it.each(['starttls', 'tls'] as const)('goes by %s, with a login', async (how) => {
    const { side, sent } = await mail(how, here, { user: 'radloop', password: 'mail-password' });
    expect(sent).toMatchObject({ ok: true });
    expect(side.lines).toHaveLength(1);
  });

  it('does not go where no STARTTLS is offered, or the certificate is not trusted', async () => {
    expect((await mail('starttls', null)).sent).toMatchObject({ ok: false, code: 'not-connected' });
    const { sent, side } = await mail('starttls', expired);
    expect(sent).toMatchObject({ ok: false, code: 'not-connected' });
    expect((await mail('tls', expired)).sent).toMatchObject({ ok: false, code: 'not-connected' });
    expect(side.lines).toEqual([]);
  });

  it('says that the login is refused, without it', async () => {
    const { sent, logged } = await mail('starttls', here, { user: 'radloop', password: 'another' });
    expect(sent).toMatchObject({ ok: false, code: 'not-allowed' });
    expect(JSON.stringify([sent, logged])).not.toContain('mail-password');
  });
});

describe('signatures', () => {
  it('two secrets sign while one takes the other’s place, and either fits', async () => {
    const seen: { headers: Record<string, string | string[] | undefined>; body: string }[] = [];
    const port = await listening(
      createServer((request, response) => {
        let body = '';
        request.on('data', (part: Buffer) => (body += part.toString('utf8')));
        request.on('end', () => {
          seen.push({ headers: request.headers, body });
          response.writeHead(204).end();
        });
      }),
    );
    const { pager } = pagerFor(hook(`http://127.0.0.1:${String(port)}/`, { previousSecretFile: 'keys/old' }));
    expect(await pager.send(aPage('pager'))).toEqual({ ok: true, receipt: { id: null } });
    const [{ headers, body } = { headers: {}, body: '' }] = seen;
    for (const secret of [REHEARSAL_SECRET, 'a secret of before']) expect(wrongWithSignature(headers, body, [secret], Date.now())).toBeNull();
    expect(wrongWithSignature(headers, body, ['another'], Date.now())).toMatch(/does not fit/u);
    expect(wrongWithSignature(headers, `${body} `, [REHEARSAL_SECRET], Date.now())).toMatch(/does not fit/u);
    expect(wrongWithSignature(headers, body, [REHEARSAL_SECRET], Date.now() + 301_000)).toMatch(/5 minutes/u);
  });

  it.each(['pager', 'sms', 'voice'] as const)('%s with the wrong key reaches nobody, and says to look at the key', async (channel) => {
    const side = await startSide({ secrets: ['another'], accessKey: Buffer.from('another').toString('base64') });
    const sent = await pagerFor(settingsFor(side)).pager.send(aPage(channel));
    expect(sent).toMatchObject({ ok: false, code: 'not-allowed', detail: expect.stringContaining('look at its key') });
    expect(side.lines.map(({ event }) => event)).toEqual(['refused']);
  });

  it('a new key counts at once, and one that can’t be read is said', async () => {
    const side = await startSide();
    const files: Record<string, string> = { ...keys, 'keys/pager': 'wrong' };
    const { pager } = pagerFor(settingsFor(side), 2, files);
    expect(await pager.send(aPage('pager'))).toMatchObject({ ok: false, code: 'not-allowed' });
    files['keys/pager'] = REHEARSAL_SECRET;
    expect(await pager.send(aPage('pager'))).toMatchObject({ ok: true });
    delete files['keys/pager'];
    expect(await pager.send(aPage('pager'))).toMatchObject({ ok: false, code: 'not-allowed', detail: expect.stringContaining('can’t be read') });
  });
});

describe('where pages may go', () => {
  it.each(['169.254.169.254', '168.63.129.16', '0.0.0.0', '255.255.255.255', '224.0.0.1', 'fe80::1', 'fd00:ec2::254', '::', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', 'not-an-ip'])(
    'never to %s',
    (ip) => {
      expect(mayReach(ip, 'pager.hospital.example')).toBe(false);
      expect(mayReach(ip, ip)).toBe(false);
    },
  ); // prettier-ignore

  it('to the hospital’s own network, and to this machine where the settings say so, not where a name server does', () => {
    expect(['10.1.2.3', '192.168.1.9', '172.16.0.4', 'fd12::1', '203.0.113.9'].map((ip) => mayReach(ip, 'pager.hospital.example'))).not.toContain(
      false,
    );
    expect([mayReach('127.0.0.1', 'localhost'), mayReach('127.0.0.1', '127.0.0.1'), mayReach('::1', '::1')]).toEqual([true, true, true]);
    expect([mayReach('127.0.0.1', 'pager.hospital.example'), mayReach('::1', 'evil.example')]).toEqual([false, false]);
  });

  it.each(['http://169.254.169.254/pager', 'http://[::ffff:169.254.169.254]/pager', 'https://2852039166/pager'])(
    'no page leaves for %s',
    async (url) => {
      const sent = await pagerFor(hook(url), 1).pager.send(aPage('pager'));
      expect(sent).toMatchObject({ ok: false, code: 'not-allowed', detail: expect.stringContaining('no page may go to') });
    },
  );

  it('not to what a name server says when that is this machine or a metadata service, also the second time', async () => {
    let said = ['10.1.2.3', '169.254.169.254', '127.0.0.1'];
    const look = guardedLookup((_host, _options, give) => { give(null, said.map((address) => ({ address, family: 4 }))); }); // prettier-ignore
    expect(await found(look)).toEqual(['10.1.2.3']);
    said = ['127.0.0.1'];
    expect(await found(look)).toBe('NotReachable');
  });

  it('to the address of before while the name server is gone or slow, and nowhere when there is none', async () => {
    let answer: 'well' | 'gone' | 'silent' = 'gone';
    const look = guardedLookup((_host, _options, give) => {
      if (answer === 'well') give(null, [{ address: '10.1.2.3', family: 4 }]);
      if (answer === 'gone') give(Object.assign(new Error('x'), { code: 'EAI_AGAIN' }), []);
    });
    expect(await found(look)).toBe('NotReachable');
    answer = 'well';
    expect(await found(look)).toEqual(['10.1.2.3']);
    answer = 'gone';
    expect(await found(look)).toEqual(['10.1.2.3']);
    answer = 'silent';
    const began = performance.now();
    expect(await found(look)).toEqual(['10.1.2.3']);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it('a name is looked up once for all families, and localhost leads to this machine', async () => {
    const found = await new Promise((done) => {
      guardedLookup()('localhost', { all: true }, (error, all) => { done(error ?? all); }); // prettier-ignore
    });
    expect(found).toEqual(expect.arrayContaining([expect.objectContaining({ address: expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/u) })]));
  });
});

function found(look: ReturnType<typeof guardedLookup>): Promise<unknown> {
  return new Promise((done) => {
    look('pager.hospital.example', { all: true }, (error, all) => {
      done(error === null ? (all as { address: string }[]).map(({ address }) => address) : error.name);
    });
  });
}

describe('channels beside each other', () => {
  const all: readonly PagingChannel[] = ['pager', 'sms', 'voice', 'email', 'print'];

  it.each(all)('%s that nobody listens at is known to have got nothing: it is tried for as long as that lasts', async (channel) => {
    const side = await startSide();
    const { pager } = pagerFor(settingsFor(side));
    await side.stop();
    const sent = await pager.send(aPage(channel));
    expect(sent).toMatchObject({ ok: false, code: 'not-connected', detail: expect.stringMatching(/ could not be reached$/u) });
  });

  /** The second slowest of 48 pages by the other channels, while one hangs, in milliseconds. */
  const besideA = async (hanging: PagingChannel): Promise<number> => {
    const side = await startSide();
    const { pager } = pagerFor(settingsFor(side), 1);
    side.fault({ channel: hanging, what: 'hang' });
    const stuck = Array.from({ length: 20 }, () => pager.send(aPage(hanging)));
    const took: number[] = [];
    const page = async (channel: PagingChannel, n: number): Promise<void> => {
      const began = performance.now();
      const sent = await pager.send(aPage(channel, { key: `k${String(n)}`, ...(channel === 'print' ? { sheet: [String(n)] } : {}) }));
      if (!sent.ok) throw new Error(`${channel}: ${sent.detail}`);
      // A mail server's and a printer's own 100 ms (early talkers, busy print servers) are no waiting of ours.
      took.push(performance.now() - began - (channel === 'email' || channel === 'print' ? 100 : 0));
    };
    const others = all.filter((channel) => channel !== hanging);
    await Promise.all(others.map(async (channel) => { for (let n = 0; n < 50 / others.length; n += 1) await page(channel, n); })); // prettier-ignore
    side.fault({ channel: hanging, what: 'none' });
    expect((await Promise.all(stuck)).map(({ ok }) => ok)).not.toContain(true);
    return took.sort((a, b) => b - a)[1]!;
  };

  it.each(all)('while %s hangs, the others go on as ever', async (hanging) => {
    // A machine that does other things too is late now and then; a channel that waits for another is late each time.
    let slowest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3 && slowest >= 200; round += 1) slowest = Math.min(slowest, await besideA(hanging));
    expect(slowest).toBeLessThan(200);
  });
});

it('what paging.json allows in a minute leaves, by each channel for itself; what is more does not, and comes again when there is room', async () => {
  const side = await startSide();
  const settings = settingsFor(side, ['sms', 'email']);
  const { sms, email } = settings.channels;
  const { pager } = pagerFor({ ...settings, channels: { ...(sms && { sms: { ...sms, perMinute: 2 } }), ...(email && { email }) } });
  const sent = [];
  for (let n = 0; n < 4; n += 1) sent.push(await pager.send(aPage('sms', { key: `page ${String(n)}` })));
  expect(sent.map((one) => one.ok)).toEqual([true, true, false, false]);
  expect(sent[2]).toMatchObject({ code: 'own-limit', detail: 'paging.json allows 2 a minute by sms' });
  const again = sent[2]?.ok === false ? (sent[2].retryAfterSeconds ?? 0) : 0;
  expect(again).toBeGreaterThan(50);
  expect(again).toBeLessThanOrEqual(60);
  expect(await pager.send(aPage('email'))).toMatchObject({ ok: true });
  expect(side.lines.filter(({ event, channel }) => event === 'arrived' && channel === 'sms')).toHaveLength(2);
});
