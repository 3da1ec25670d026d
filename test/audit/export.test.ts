import { validateResource } from '@medplum/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkExport } from '#adapters/audit-chain/check-export.js';
import { EVERYTHING } from '#adapters/audit-chain/export.js';
import { publicKeyFile } from '#adapters/audit-chain/signature.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { okafor } from '../support/clinic.ts';
import { later, t0 } from '../support/store-fixture.ts';
import { learnFhir } from '../support/fhir-store.ts';
import { chunk, startAudited } from './fixture.ts';
import type { AuditedStore } from './fixture.ts';

let site: AuditedStore;
beforeAll(async () => {
  learnFhir();
  site = startAudited();
  await site.play(80);
  const person = { kind: 'person', person: okafor.id } as const;
  // What an auditor's spreadsheet and a reader of lines must stand: formulas, quotes, commas, line breaks, letters beyond ASCII.
  await site.audit.record({
    caseId: null,
    at: later(200),
    actor: person,
    action: 'q-skip',
    outcome: 'done',
    detail: { reason: '=1+1,"x"\nline ü \u2028 \u0000', n: 1.5, ok: true, none: null },
  });
  await site.audit.record({
    caseId: null,
    at: later(201),
    actor: { kind: 'sender', endpoint: 'mllp:nord' },
    action: 'hl7',
    outcome: 'denied',
    detail: { why: 'MSH-4' },
  });
  await site.audit.record({ caseId: null, at: later(202), actor: person, action: 'audit-export', outcome: 'done', detail: { account: 'vmoreau' } });
  await site.seal();
  await site.play(5);
});
afterAll(() => site.close());

interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

const resources = async (): Promise<readonly Resource[]> =>
  (await site.exported('fhir', EVERYTHING))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Resource);

describe('an export as FHIR', () => {
  it('is valid R4, line by line and as a Bundle', async () => {
    const all = await resources();
    expect(new Set(all.map(({ resourceType }) => resourceType))).toEqual(new Set(['AuditEvent', 'Provenance']));
    for (const resource of all) expect(() => validateResource(resource as never)).not.toThrow();
    const bundle = JSON.parse((await site.exported('bundle', EVERYTHING)).toString()) as Resource;
    expect(() => validateResource(bundle as never)).not.toThrow();
    expect(bundle['entry']).toHaveLength(all.length);
    expect(JSON.stringify(all)).not.toMatch(/:(?:""|\[\]|\{\})/u);
  });

  /**
   * Our own table, made from the text of IHE BALP 1.1 (PatientRead, PatientUpdate) by hand: it is not the validator of the guide. Elements that those profiles want, by
   * the action of the event; `path`: where one of them must be, with `system|code` where the profile fixes it.
   */
  const balp: readonly { readonly action: 'R' | 'U'; readonly path: readonly string[]; readonly code?: string }[] = [
    ...(['R', 'U'] as const).flatMap((action) => [
      { action, path: ['type'], code: 'http://terminology.hl7.org/CodeSystem/audit-event-type|rest' },
      { action, path: ['subtype'], code: `http://hl7.org/fhir/restful-interaction|${action === 'R' ? 'read' : 'update'}` },
      { action, path: ['recorded'] },
      { action, path: ['outcome'] },
      { action, path: ['agent', 'type', 'coding'], code: 'http://dicom.nema.org/resources/ontology/DCM|110152' },
      { action, path: ['agent', 'type', 'coding'], code: 'http://dicom.nema.org/resources/ontology/DCM|110153' },
      { action, path: ['agent', 'who'] },
      { action, path: ['agent', 'network'] },
      { action, path: ['source', 'observer'] },
      { action, path: ['entity', 'type'], code: 'http://terminology.hl7.org/CodeSystem/audit-entity-type|1' },
      { action, path: ['entity', 'type'], code: 'http://terminology.hl7.org/CodeSystem/audit-entity-type|2' },
      { action, path: ['entity', 'role'], code: 'http://terminology.hl7.org/CodeSystem/object-role|1' },
      { action, path: ['entity', 'role'], code: 'http://terminology.hl7.org/CodeSystem/object-role|4' },
      { action, path: ['entity', 'what'] },
    ]),
    { action: 'R', path: ['agent', 'type', 'coding'], code: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType|IRCP' },
  ];

  const at = (value: unknown, [name, ...rest]: readonly string[]): readonly unknown[] => {
    if (Array.isArray(value))
      return value.flatMap((one) =>
        at(
          one,
          [name, ...rest].filter((part) => part !== undefined),
        ),
      );
    if (name === undefined) return value === undefined ? [] : [value];
    return at((value as Record<string, unknown> | undefined)?.[name], rest);
  };

  it('has what IHE BALP wants of a patient’s record read or updated, by a table of our own', async () => {
    const events = (await resources()).filter(
      ({ resourceType, outcome, entity }) => resourceType === 'AuditEvent' && outcome === '0' && (entity as unknown[]).length > 1,
    );
    expect(events.filter(({ action }) => action === 'R').length).toBeGreaterThan(5);
    expect(events.filter(({ action }) => action === 'U').length).toBeGreaterThan(5);
    for (const event of events)
      for (const { action, path, code } of balp.filter((row) => row.action === event['action'])) {
        const found = at(event, path);
        const codes = found.map((one) => `${(one as { system?: string }).system}|${(one as { code?: string }).code}`);
        const has = code === undefined ? found.length > 0 : codes.includes(code);
        expect({ id: event['id'], action, path: path.join('.'), code, has }).toMatchObject({ has: true });
      }
  });

  it('says of a denial that it is a security alert, and of the audit’s own use that the log was used', async () => {
    const events = (await resources()).filter(({ resourceType }) => resourceType === 'AuditEvent');
    const typeOf = (code: string) => events.filter(({ type }) => (type as { code: string }).code === code);
    for (const event of typeOf('110113')) expect(event).toMatchObject({ outcome: '4', outcomeDesc: 'denied' });
    expect(typeOf('110113').length).toBeGreaterThan(5);
    expect(typeOf('110101')).toMatchObject([
      { action: 'R', outcome: '0', agent: [{ who: { identifier: { value: 'dr-okafor' } }, requestor: true }, {}, {}] },
    ]);
  });
});

describe('an export', () => {
  it.each(['fhir', 'bundle', 'csv'] as const)('as %s holds by itself: signed, anchored, and of each filter', async (format) => {
    const whole = await checkExport(chunk(await site.exported(format, EVERYTHING)), site.key, site.anchors);
    const { rows } = await site.audit.verify();
    expect(whole).toMatchObject({ ok: true, rows, cases: 5, end: { by: 'p-auditor', rows, upto: rows } });
    expect(whole.anchoredUpto).toBeGreaterThan(80);
    const some = await checkExport(
      chunk(await site.exported(format, { ...EVERYTHING, person: okafor.id, since: t0, until: later(50) })),
      site.key,
      site.anchors,
    );
    expect(some).toMatchObject({ ok: true, end: { filter: { person: okafor.id, until: later(50) } } });
    expect(some.rows).toBeGreaterThan(2);
    expect(some.rows).toBeLessThan(rows);
  });

  it('is checked with the site’s public key alone, and fails with another’s', async () => {
    const bytes = await site.exported('csv', EVERYTHING);
    const pem = (await site.key.publicKeys()).map((key) => key.pem).join('');
    expect(await checkExport(chunk(bytes), publicKeyFile(pem), null)).toMatchObject({ ok: true });
    const folder = mkdtempSync(join(tmpdir(), 'radloop-other-'));
    const other = siteKeyFile(join(folder, 'site.key'));
    expect(await checkExport(chunk(bytes), other, null)).toMatchObject({ ok: false });
    rmSync(folder, { recursive: true });
  });

  it('does not hold when it is older than what is said of it: the end of another export, or of another site', async () => {
    const first = (await site.exported('fhir', EVERYTHING)).toString().trimEnd().split('\n');
    await site.play(3);
    const second = (await site.exported('fhir', EVERYTHING)).toString().trimEnd().split('\n');
    const mixed = `${[...first.slice(0, -1), second.at(-1)].join('\n')}\n`;
    expect(await checkExport(chunk(Buffer.from(mixed)), site.key, null)).toMatchObject({ ok: false });
    expect(await checkExport(chunk(Buffer.from(`${second.slice(0, -1).join('\n')}\n`)), site.key, null)).toMatchObject({
      ok: false,
      firstBad: { what: expect.stringContaining('the end of the export is missing') },
    });
    expect(await checkExport(chunk(Buffer.from('hello\n')), site.key, null)).toMatchObject({
      ok: false,
      firstBad: { what: 'this is no export of the audit' },
    });
    expect(await checkExport(chunk(Buffer.alloc(0)), site.key, null)).toMatchObject({ ok: false });
  });

  it('is read in pieces of any size', async () => {
    const bytes = await site.exported('bundle', EVERYTHING);
    async function* pieces(size: number) {
      for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
    }
    for (const size of [7, 1000, 65_536]) expect(await checkExport(pieces(size), site.key, site.anchors)).toMatchObject({ ok: true });
  });

  it('as csv is a table: a field for each column, no formula of ours, and the row that a reader of tables finds', async () => {
    const [head = [], ...lines] = csvOf((await site.exported('csv', EVERYTHING)).toString());
    const rows = lines.map((cells) => Object.fromEntries(cells.map((cell, index) => [head[index] ?? 'beyond', cell])));
    const skip = rows.find(({ action }) => action === 'q-skip');
    expect(skip).toMatchObject({ record: 'row', who: 'dr-okafor', outcome: 'done', case: 'site' });
    expect(JSON.parse(skip!['detail']!)).toMatchObject({ reason: '=1+1,"x"\nline ü \u2028 \u0000' });
    for (const row of rows) expect(Object.keys(row)).toEqual(head);
  });
});

/** RFC 4180, read letter by letter. */
function csvOf(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (isQuoted && letter === '"' && text[at + 1] === '"') cell += text.charAt((at += 1));
    else if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (letter === ',' || letter === '\n')) {
      rows.at(-1)!.push(cell);
      cell = '';
      if (letter === '\n') rows.push([]);
    } else cell += letter;
  }
  return rows.slice(0, -1);
}
