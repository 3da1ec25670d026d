import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startPagingSide } from '../../infra/rehearsal/paging-side.ts';
import type { PagingSide } from '../../infra/rehearsal/paging-side.ts';
import { aPage, pagerFor, settingsFor } from '../support/paging.ts';

let dataDir: string;
let side: PagingSide;
const start = async (): Promise<PagingSide> => startPagingSide({ dataDir, ports: { pages: 0, smtp: 0, printer: 0 } });

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'radloop-pages-'));
  side = await start();
});
afterEach(async () => {
  await side.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('what arrives outside Teams at the rehearsal', () => {
  it('is shown on one page, by channel, as it is read there', async () => {
    const { pager } = pagerFor(settingsFor(side));
    for (const channel of ['pager', 'sms', 'voice', 'email', 'print'] as const) await pager.send(aPage(channel));
    const html = await (await fetch(`${side.url}/`)).text();
    for (const title of ['Pages', 'SMS', 'Calls', 'E-mails', 'Printed sheets'])
      expect(html).toContain(`<h2>${title} <span class="count">1</span></h2>`);
    expect(html).toContain('ALERTS NOT TAKEN');
    const { pages } = (await (await fetch(`${side.url}/pages.json`)).json()) as { pages: { channel: string; at: string }[] };
    expect(pages.map(({ channel }) => channel)).toEqual(['pager', 'sms', 'voice', 'email', 'print']);
    expect(pages.every(({ at }) => Math.abs(Date.now() - Date.parse(at)) < 10_000)).toBe(true);
  });

  it('shows text as text', async () => {
    await pagerFor(settingsFor(side)).pager.send(aPage('pager', { subject: '<script>alert(1)</script>' }));
    expect(await (await fetch(`${side.url}/list`)).text()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('stands in the ledger, and is known as a repeat after a restart', async () => {
    await pagerFor(settingsFor(side)).pager.send(aPage('sms'));
    await side.stop();
    side = await start();
    await pagerFor(settingsFor(side)).pager.send(aPage('sms'));
    const lines = readFileSync(join(dataDir, 'ledgers', 'pages.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { repeat: boolean }); // prettier-ignore
    expect(lines.map(({ repeat }) => repeat)).toEqual([false, true]);
    expect(await (await fetch(`${side.url}/list`)).text()).toContain('1 repeated');
  });

  it('goes wrong when it is told to, for as often as it is told, and says what is wrong with such an order', async () => {
    const post = async (body: object, headers = {}) =>
      (await fetch(`${side.url}/faults`, { method: 'POST', body: JSON.stringify(body), headers })).status;
    expect(await post({ channel: 'sms', what: 'unavailable', times: 1 })).toBe(200);
    const { pager } = pagerFor(settingsFor(side));
    expect([await pager.send(aPage('sms')), await pager.send(aPage('sms'))].map(({ ok }) => ok)).toEqual([false, true]);
    expect(await post({ channel: 'fax', what: 'down' })).toBe(400);
    expect(await post({ channel: 'all', what: 'down' }, { origin: 'http://evil.example' })).toBe(403);
    expect(await (await fetch(`${side.url}/faults`)).json()).toEqual({ faults: [] });
  });

  it('people answer by SMS and in calls where there is somebody to tell, and only if they were called', async () => {
    const heard: { secret: unknown; event: { type?: string; eventType?: string; data: object } }[] = [];
    const sink = createServer((request, response) => {
      void text(request).then((body) => {
        const [event] = JSON.parse(body) as [(typeof heard)[number]['event']];
        heard.push({ secret: request.headers['x-radloop-secret'], event });
        // The first time nobody takes it: it comes again.
        response.writeHead(heard.length === 1 ? 503 : 200).end();
      });
    });
    await new Promise<void>((done) => sink.listen(0, '127.0.0.1', done));
    await side.stop();
    const answersTo = { url: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`, secret: 'of-the-test' };
    side = await startPagingSide({ dataDir, ports: { pages: 0, smtp: 0, printer: 0 }, answersTo });
    const say = async (body: object, headers = {}): Promise<number> =>
      (await fetch(`${side.url}/replies`, { method: 'POST', body: JSON.stringify(body), headers })).status;
    const { pager } = pagerFor(settingsFor(side));
    expect(await say({ channel: 'voice', to: '+15550124' })).toBe(400);
    await pager.send(aPage('voice'));
    expect(await say({ channel: 'voice', to: '+15550124' })).toBe(202);
    expect(await say({ channel: 'sms', to: '+15550123' })).toBe(202);
    expect(await say({ channel: 'sms', to: '+15550123' }, { origin: 'http://evil.example' })).toBe(403);
    await pager.send(aPage('sms'));
    for (const begun = Date.now(); heard.length < 4 && Date.now() - begun < 10_000;) await new Promise((done) => setTimeout(done, 10));
    const kinds = heard.map(({ event }) => (event.type ?? event.eventType ?? '').replace('Microsoft.Communication.', ''));
    expect([...new Set(kinds)].sort()).toEqual(['ContinuousDtmfRecognitionToneReceived', 'SMSDeliveryReportReceived', 'SMSReceived']);
    expect(kinds).toHaveLength(4);
    expect(new Set(heard.map(({ secret }) => secret))).toEqual(new Set(['of-the-test']));
    sink.closeAllConnections();
    await new Promise((done) => sink.close(done));
  });

  it('a printer that is down takes no connection, and prints again on the same port', async () => {
    const connects = (): Promise<boolean> =>
      new Promise((done) => {
        const socket = connect(side.printerPort, '127.0.0.1', () => { socket.destroy(); done(true); }); // prettier-ignore
        socket.once('error', () => { done(false); }); // prettier-ignore
      });
    side.fault({ channel: 'all', what: 'down' });
    await new Promise((done) => setTimeout(done, 50));
    expect(await connects()).toBe(false);
    side.fault({ channel: 'all', what: 'none' });
    await new Promise((done) => setTimeout(done, 50));
    expect(await connects()).toBe(true);
  });
});
