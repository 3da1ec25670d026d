import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { exportRecords } from '#adapters/audit-chain/export.js';
import { auditReader } from '#adapters/embedded/audit-reader.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { auditor } from '#engine/auditor.js';
import type { Desks } from '../../infra/local/control.ts';
import { listenControl } from '../../infra/local/control.ts';
import { controlFolder } from '../../infra/local/control-address.ts';
import { testSite } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';
import { haddad, okafor } from '../support/clinic.ts';
import { startAudited } from './fixture.ts';
import type { AuditedStore } from './fixture.ts';

const account = userInfo().username;
let site: AuditedStore;
let folders: string;
/** Sites on which this account is the auditor, an operator, and nobody. */
const sites = { auditor: '', operator: '', nobody: '' };

beforeAll(async () => {
  site = startAudited();
  await site.play(60);
  await site.seal();
  await site.play(5);
  folders = mkdtempSync(join(tmpdir(), 'radloop-sites-'));
  for (const [name, id] of [
    ['auditor', 'v-moreau'],
    ['operator', 'm-brandt'],
    ['nobody', null],
  ] as const) {
    sites[name] = join(folders, name);
    cpSync(testSite, sites[name], { recursive: true });
    const people = join(sites[name], 'people.json');
    const settings = join(sites[name], 'site.json');
    const known = JSON.parse(readFileSync(people, 'utf8')) as { id: string }[];
    writeFileSync(people, JSON.stringify(known.map((person) => (person.id === id ? { ...person, osAccount: account } : person))));
    writeFileSync(settings, readFileSync(settings, 'utf8').replace(/"rehearsal":\s*true/u, '"rehearsal": false'));
  }
}, 30_000);
afterAll(async () => {
  await site.close();
  rmSync(folders, { recursive: true });
});

const audited = () =>
  site.stores.db.all<{ actor: string; action: string; outcome: string; detail: string }>(
    "SELECT actor, action, outcome, detail FROM audit WHERE action LIKE 'audit-%' ORDER BY seq",
  );
const without = (who: keyof typeof sites, ...args: string[]) => radloop('audit', ...args, '--data', site.folder, '--site', sites[who]);

describe('radloop audit', () => {
  it.each(['verify', 'export', 'query'])(
    '%s has help with one worked example',
    async (command) => {
      const { code, out } = await radloop('audit', command, '--help');
      expect(code).toBe(0);
      expect(out).toMatch(/^Example: radloop audit /mu);
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    },
    20_000,
  );

  it('verify checks the store with its key and anchors while another process writes, and says how far they reach', async () => {
    const { code, out } = await radloop('audit', 'verify', '--data', site.folder, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, cases: 5, firstBad: null, anchoredUpto: expect.any(Number) });
    const said = await radloop('audit', 'verify', '--data', site.folder);
    expect(said.out).toMatch(/^The audit chain holds: \d+ rows of 5 cases; signed up to row \d+, anchored up to row \d+[.]\n$/u);
  }, 60_000);

  it('export writes a file that verify checks by itself, and finds what was changed in it, with exit 1 and the row', async () => {
    const verify = (file: string, ...more: string[]) => radloop('audit', 'verify', '--file', file, ...more);
    for (const format of ['fhir', 'bundle', 'csv']) {
      const { code, out } = await without('auditor', 'export', '--format', format);
      expect(code).toBe(0);
      const file = join(folders, `audit.${format}`);
      writeFileSync(file, out);
      const whole = await verify(file, '--data', site.folder, '--json');
      expect(whole.code).toBe(0);
      expect(JSON.parse(whole.out)).toMatchObject({ ok: true, cases: 5 });
    }
    const file = join(folders, 'audit.csv');
    const publicKey = join(folders, 'public.pem');
    writeFileSync(publicKey, (await site.key.publicKeys()).map((key) => key.pem).join(''));
    expect((await verify(file, '--key', publicKey)).code).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('dr-haddad', 'dr-okafor'));
    const changed = await verify(file, '--data', site.folder);
    expect(changed.code).toBe(1);
    expect(changed.out).toMatch(/^The export is BROKEN at row \d+: the (?:row|line) is not what was \w+ \(line \d+\)[.]$/mu);
    expect(audited().filter(({ action, outcome }) => action === 'audit-export' && outcome === 'done')).toHaveLength(3);
  }, 120_000);

  it('query finds rows by case, person, action, outcome and time, and is on record with what it asked', async () => {
    const number = site.stores.db.get<{ number: string }>('SELECT number FROM cases LIMIT 1')!.number;
    const json = async (...args: string[]) => {
      const { code, out } = await without('auditor', 'query', ...args, '--json');
      expect(code).toBe(0);
      return out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { action: string; outcome: string; at: string; actor: { person?: string }; caseNumber: string | null });
    };
    const views = await json('--action', 'view', '--person', okafor.id, '--outcome', 'done');
    expect(views.length).toBeGreaterThan(2);
    for (const row of views) expect(row).toMatchObject({ action: 'view', outcome: 'done', actor: { person: okafor.id } });
    for (const row of await json('--case', number.toLowerCase())) if (row.action === 'noted') expect(row.caseNumber).toBe(number);
    const early = await json('--until', '2026-11-25T10:00:20Z');
    expect(early.length).toBeGreaterThan(10);
    for (const row of early) expect(row.at < '2026-11-25T10:00:20').toBe(true);
    const rows = audited().filter(({ action }) => action === 'audit-query');
    expect(rows).toHaveLength(3);
    expect(JSON.parse(rows[0]!.detail)).toEqual({ account, action: 'view', outcome: 'done', person: okafor.id });
    expect(JSON.parse(rows[1]!.detail)).toEqual({ account, caseNumber: number });
    expect(rows[2]).toMatchObject({ actor: '{"kind":"person","person":"v-moreau"}', outcome: 'done' });
    const shown = await without('auditor', 'query', '--action', 'view', '--limit', '1');
    expect(shown.out).toMatch(/^2026-11-25 10:00:\d\d UTC {2}dr-\w+ +view +done +\w{6} +row \d+/u);
    expect(shown.out).toContain('--limit N shows more');
  }, 120_000);

  it('query shows beside who decided on paper who entered it', async () => {
    const actor = { kind: 'person', person: okafor.id, enteredBy: haddad.id } as const;
    await site.audit.record({ caseId: null, at: wallClock.now(), actor, action: 'enter-paper', outcome: 'denied', detail: { why: 'mode' } });
    const { out } = await without('auditor', 'query', '--action', 'enter-paper');
    expect(out).toMatch(/ dr-okafor +enter-paper +denied .* entered by dr-haddad {2}why mode\n$/u);
  }, 60_000);

  it('is refused to a person without the role and to an account of nobody, and both are rows', async () => {
    const before = audited().length;
    const operator = await without('operator', 'query');
    const nobody = await without('nobody', 'export');
    expect([operator.code, operator.out, nobody.code, nobody.out]).toEqual([1, '', 1, '']);
    expect(operator.err).toContain('has no role that may read the audit');
    expect(nobody.err).toContain('belongs to nobody: people.json names it as osAccount');
    expect(audited().slice(before)).toMatchObject([
      { actor: '{"kind":"person","person":"m-brandt"}', action: 'audit-query', outcome: 'denied' },
      { actor: '{"kind":"system","part":"control"}', action: 'audit-export', outcome: 'denied' },
    ]);
    const played = await without('auditor', 'query', '--as', 'v-moreau');
    expect([played.code, played.err]).toEqual([1, expect.stringContaining('on the rehearsal site only')]);
  }, 90_000);

  it('asks the running service, which decides by its own people.json, and reads page after page', async () => {
    const { db } = site.stores;
    await Promise.all(
      Array.from({ length: 4500 }, () =>
        site.audit.record({
          caseId: null,
          at: wallClock.now(),
          actor: { kind: 'system', part: 'guard' },
          action: 'token-expired',
          outcome: 'denied',
          detail: {},
        }),
      ),
    );
    const served = readSite(sites.auditor);
    const door = auditor({
      ...{ audit: auditStore(db), directory: directory(served.people), clock: wallClock, rehearsal: false },
      records: (asked) => exportRecords(auditReader(db), site.key, asked),
    });
    const notHere = () => Promise.reject(new Error('not here'));
    const desks: Desks = {
      operator: { ask: notHere },
      paper: { enter: notHere },
      auditor: door,
      custodian: { ask: notHere },
      cases: { ask: notHere },
    };
    const control = await listenControl(controlFolder(site.stores.folder), desks);
    try {
      const { code, out } = await without('nobody', 'export');
      expect(code).toBe(0);
      expect(out.trimEnd().split('\n').length).toBeGreaterThan(4500);
      const file = join(folders, 'served.ndjson');
      writeFileSync(file, out);
      expect((await radloop('audit', 'verify', '--file', file, '--data', site.folder)).code).toBe(0);
      expect(await door.ask({ account: 'someone-else', as: null }, { ask: 'audit-next', reading: 'r1' })).toMatchObject({ ok: false });
    } finally {
      await control.close();
    }
  }, 120_000);

  it('says what it can not read, in a sentence, and ends with 2', async () => {
    const wrong: [string[], string][] = [
      [['verify', '--data', join(folders, 'nowhere')], 'holds no store of Radloop'],
      [['verify', '--file', 'package.json', '--data', join(folders, 'nowhere')], 'checked against the site key'],
      [['query', '--since', 'yesterday', '--data', site.folder], '--since takes a time in UTC'],
      [['query', '--outcome', 'perhaps', '--data', site.folder], '--outcome takes done, denied or nothing'],
      [['export', '--format', 'xml', '--data', site.folder], 'radloop audit export [--format'],
    ];
    for (const [args, says] of wrong) {
      const { code, err } = await radloop('audit', ...args);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(err).toContain(says);
    }
  }, 120_000);
});
