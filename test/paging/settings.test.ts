import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptOnLoopback, readSite } from '#adapters/embedded/site-folder.js';
import { person } from '#core/people.js';
import { pagingSettings } from '#domain/paging.js';
import type { Site } from '#domain/site.js';
import { measured } from '#engine/measured.js';
import type { Parts } from '#engine/parts.js';
import { paging } from '../../infra/cli/doctor-paging.ts';
import { aPage, pagerFor, settingsFor, startSide, stopSides } from '../support/paging.ts';

const example = join(import.meta.dirname, '../../infra/rehearsal/site');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'radloop-paging-site-'));
  cpSync(example, dir, { recursive: true });
  for (const one of ['on-call.json', 'roster']) rmSync(join(dir, one), { recursive: true, force: true });
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await stopSides();
});

const base = { readingRoom: { name: 'Reading room', phone: '4710' }, channels: {}, switchboard: { phone: '4711', printer: null } };
const write = (given: unknown): void => {
  writeFileSync(join(dir, 'paging.json'), JSON.stringify(given));
};
const faultsOf = (channels: object): string => {
  const parsed = pagingSettings.safeParse({ ...base, channels });
  return parsed.success ? '' : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
};

describe('paging.json', () => {
  it('is read with the site; without it nobody is paged', () => {
    expect(readSite(dir).paging?.channels.email).toMatchObject({ host: '127.0.0.1', tls: 'none' });
    rmSync(join(dir, 'paging.json'));
    expect(readSite(dir).paging).toBeNull();
  });

  it.each([
    [{ pager: { kind: 'webhook', url: 'http://pager.hospital.example/hook', secretFile: 'k' } }, 'channels.pager.url: write an https address'],
    [{ pager: { kind: 'webhook', url: 'https://me:secret@pager.hospital.example/', secretFile: 'k' } }, 'channels.pager.url: write an https address without a name'],
    [{ pager: { kind: 'webhook', url: 'file:///etc/passwd', secretFile: 'k' } }, 'channels.pager.url'],
    [{ pager: { kind: 'webhook', url: 'https://pager.hospital.example/hook' } }, 'channels.pager.secretFile'],
    [{ sms: { endpoint: 'http://sms.hospital.example', keyFile: 'k', from: '+1' } }, 'channels.sms.endpoint: write an https address'],
    [{ email: { host: 'mail.hospital.example', port: 25, tls: 'none', from: 'a@b.example' } }, 'channels.email.tls: only a server on this machine'],
    [{ email: { host: 'mail.hospital.example', port: 587, tls: 'starttls', user: 'radloop', from: 'a@b.example' } }, 'channels.email.passwordFile'],
    [{ email: { host: 'mail.hospital.example:587', port: 587, tls: 'tls', from: 'a@b.example' } }, ''],
    [{ email: { host: 'mail/x', port: 587, tls: 'tls', from: 'a@b.example' } }, 'channels.email.host: expected a host name'],
    [{ print: { printers: { 'Ward 3': { host: '10.0.0.3', port: 9100 } } } }, 'channels.print.printers'],
  ])('says what is wrong with %j', (channels, fault) => {
    expect(faultsOf(channels)).toContain(fault);
  }); // prettier-ignore

  it('names a printer that is none, and a file of a key that is missing or empty, at the start', () => {
    writeFileSync(join(dir, 'empty.key'), '\n');
    write({
      ...base,
      channels: {
        sms: { endpoint: 'http://127.0.0.1:1', keyFile: 'no.key', from: '+1' },
        voice: { endpoint: 'http://127.0.0.1:1', keyFile: 'empty.key', from: '+1' },
      },
      switchboard: { phone: '4711', printer: 'ward' },
    });
    expect(() => readSite(dir)).toThrow(
      'paging.json: switchboard.printer: expected a printer of channels.print.printers, got "ward"\n' +
        'paging.json: channels.sms.keyFile: no.key is missing\npaging.json: channels.voice.keyFile: empty.key is empty',
    );
  });

  it('keeps a rehearsal site on this machine, whoever names the address', () => {
    writeFileSync(join(dir, 'a.key'), 'a2V5');
    const email = { host: 'mail.hospital.example', port: 587, tls: 'tls', from: 'a@b.example' } as const;
    write({
      ...base,
      channels: {
        email,
        pager: { kind: 'webhook', url: 'https://pager.hospital.example/', secretFile: 'a.key' },
        print: { printers: { ward: { host: '10.0.0.3', port: 9100 } } },
      },
    });
    expect(() => readSite(dir)).toThrow(
      /channels\.pager\.url: a rehearsal site may only reach this machine[^]*channels\.email\.host: a rehearsal[^]*channels\.print\.printers\.ward\.host: a rehearsal/u,
    );
    rmSync(join(dir, 'paging.json'));
    const given = pagingSettings.parse({ ...base, channels: { email } });
    expect(() => keptOnLoopback({ ...readSite(dir), paging: given })).toThrow(/paging\.json: channels\.email\.host/u);
    const pinged = pagingSettings.parse({ ...base, deadman: { url: 'https://outside.example/' } });
    expect(() => keptOnLoopback({ ...readSite(dir), paging: pinged })).toThrow(
      /paging\.json: deadman\.url: a rehearsal site may only reach this machine/u,
    );
    expect(pagingSettings.safeParse({ ...base, deadman: { url: 'http://outside.example/' } }).success).toBe(false);
  });
});

describe('radloop doctor on paging', () => {
  const site = (more: Partial<Site> = {}): Site => ({ ...readSite(dir), people: [], modes: [], ...more });
  const said = async (given: Site): Promise<readonly string[]> => (await paging(given)).map(({ level, what }) => `${level} ${what}`);
  const critical = [{ workflow: 'critical-results', modality: '*', mode: 'assist' }] as const;

  it('says of each channel whether something takes connections there, and sends nothing', async () => {
    const side = await startSide();
    expect(await said(site({ paging: settingsFor(side) }))).toEqual([
      expect.stringMatching(/^ok pager 127\.0\.0\.1:\d+ takes connections$/u),
      expect.stringMatching(/^ok sms .* takes connections$/u),
      expect.stringMatching(/^ok voice .* takes connections$/u),
      expect.stringMatching(/^ok email .* takes connections$/u),
      expect.stringMatching(/^ok print .* takes connections$/u),
    ]);
    expect(side.lines).toEqual([]);
    const closed = createServer();
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
    const { port } = closed.address() as AddressInfo;
    await new Promise((done) => closed.close(done));
    const print = { printers: { ward: { host: '127.0.0.1', port } } };
    const [found] = await paging(site({ paging: { ...settingsFor(side), channels: { print } } }));
    expect(found).toMatchObject({ level: 'fail', what: `print 127.0.0.1:${String(port)}: it could not be reached`, todo: expect.stringContaining('channels.print.printers.ward.host') });
  }); // prettier-ignore

  it('fails a site that may alert people of critical results and has no way to page them, and only such a one', async () => {
    expect(await said(site({ paging: null }))).toEqual([expect.stringMatching(/^ok nobody is paged/u)]);
    expect(await said(site({ paging: null, modes: [...critical] }))).toEqual([
      expect.stringMatching(/^fail critical-results alerts people in every mode/u),
    ]);
    const onlyMail = pagingSettings.parse({ ...base, channels: {} });
    expect(await said(site({ paging: onlyMail, modes: [...critical] }))).toEqual([
      expect.stringMatching(/^fail .* no channel wakes them$/u),
      expect.stringMatching(/^warn no printer stands at the switchboard$/u),
    ]);
  });

  it.each(['off', 'silent', 'assist', 'auto'] as const)('fails it in mode %s too: what a person declares goes out in every mode', async (mode) => {
    const modes = [{ ...critical[0], mode }];
    const onlyMail = pagingSettings.parse({ ...base, channels: {} });
    expect(await said(site({ paging: null, modes }))).toEqual([expect.stringMatching(/^fail .* nobody can be reached but in Teams$/u)]);
    expect(await said(site({ paging: onlyMail, modes }))).toContainEqual(expect.stringMatching(/^fail .* no channel wakes them$/u));
  });

  it('fails a site without a row in modes.json that has set up all that a declaration needs but a pager', async () => {
    const { onCall } = readSite(example);
    const onlyMail = pagingSettings.parse({ ...base, channels: {} });
    expect(await said(site({ paging: onlyMail, onCall }))).toContainEqual(expect.stringMatching(/^fail .* no channel wakes them$/u));
  });

  it('takes a pager that is a log at a rehearsal, and fails it in a hospital', async () => {
    const logOnly = pagingSettings.parse({ ...base, channels: { pager: { kind: 'log' } } });
    const rehearsal = site({ paging: logOnly });
    expect(await said(rehearsal)).toEqual([expect.stringMatching(/^ok pager: a line in the log/u)]);
    const hospital = { ...rehearsal, settings: { ...rehearsal.settings, rehearsal: false }, modes: [...critical] };
    expect(await said(hospital)).toEqual([expect.stringMatching(/^fail .*wakes/u), expect.stringMatching(/^warn no printer/u), expect.stringMatching(/^fail pager: a line/u), expect.stringMatching(/^warn nobody outside/u)]);
    const pinged = { ...hospital, paging: { ...rehearsal.paging!, deadman: { url: 'https://outside.example/ping/7' } } };
    expect(await said(pinged)).toContain('ok outside.example is pinged every minute while all is well');
  }); // prettier-ignore

  it('names by id who is on call and woken by nothing', async () => {
    const some = (id: string, contacts: object) =>
      person.parse({ id, name: `Name of ${id}`, roles: ['oncall'], aadObjectId: '0c7b2f0e-94a4-4b2e-8e5c-2b8f7a2f6a11', contacts });
    const people = [some('dr-a', {}), some('dr-b', { phone: '4711' }), some('dr-c', { pager: 'neuro' }), some('dr-d', { email: 'd@b.example' })];
    const logOnly = pagingSettings.parse({ ...base, channels: { pager: { kind: 'log' } } });
    expect(await said(site({ people, paging: logOnly }))).toContain('warn on call and woken by nothing: dr-a, dr-b, dr-d');
  });
});

describe('what pages leave behind', () => {
  it('each attempt is counted by channel and result', async () => {
    const side = await startSide();
    const { pager } = pagerFor(settingsFor(side, ['sms', 'print']), 1);
    const counted: unknown[] = [];
    const nothing = {} as Parts;
    const parts = { ...nothing, raw: {}, bus: {}, cases: {}, outbox: {}, deadlines: {}, audit: {}, model: {}, ehr: {}, pager } as Parts;
    const telemetry = { count: (name: string, labels: object) => counted.push([name, labels]), measure: () => undefined };
    const watched = measured(parts, telemetry as unknown as Parameters<typeof measured>[1]);
    expect([...(watched.pager?.channels ?? [])]).toEqual(['sms', 'print']);
    await watched.pager?.send(aPage('sms'));
    side.fault({ channel: 'sms', what: 'throttled' });
    await watched.pager?.send(aPage('sms'));
    expect(counted).toEqual([
      ['notify.attempts', { channel: 'sms', result: 'ok' }],
      ['notify.attempts', { channel: 'sms', result: 'throttled' }],
    ]);
  });

  it('a pager that is a log writes one line, with nothing of whom or what it was for', async () => {
    const { pager, logged } = pagerFor(pagingSettings.parse({ ...base, channels: { pager: { kind: 'log' } } }));
    expect(await pager.send(aPage('pager', { text: 'for Quillfeather Zebulon' }))).toMatchObject({ ok: true });
    expect(logged).toHaveLength(1);
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ event: 'page.logged', level: 'info', item: expect.any(String) });
    for (const secret of ['neurosurgery-1', 'Quillfeather', '7KF3QN', 'P000123', '555']) expect(logged[0]).not.toContain(secret);
  });
});
