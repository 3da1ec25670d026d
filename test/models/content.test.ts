import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentError, readContent } from '#adapters/embedded/content.js';
import { reviewed, unreviewed } from '../support/content.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'radloop-content-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function siteWith(path: string, json: unknown): string {
  const file = join(dir, 'content', path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return dir;
}

function faultOf(siteDir: string): string {
  try {
    readContent(siteDir);
  } catch (error) {
    if (error instanceof ContentError) return error.message;
  }
  return 'no fault';
}

const own = {
  id: 'CT-OWN', name: 'CT of our own', modality: 'CT', region: 'head', contrast: 'none', phases: [], sequences: [], sliceMm: 1, terms: ['own'], notTerms: [],
  version: '1', source: 'our department', sourceDate: '2026-01-01', reviewedBy: 'Dr. A', effectiveFrom: '2026-01-01',
}; // prettier-ignore

describe('the shipped content', () => {
  it('has a deep catalogue over every modality, each id once', () => {
    expect(reviewed.protocols.length).toBeGreaterThanOrEqual(75);
    expect(new Set(reviewed.protocols.map((row) => row.id)).size).toBe(reviewed.protocols.length);
    expect(new Set(reviewed.protocols.map((row) => row.modality))).toEqual(new Set(['CT', 'MR', 'US', 'XR', 'NM', 'MG', 'FL']));
  });

  it('ships every row without a reviewer, so that no site shows it before somebody has answered for it', () => {
    const rows = [
      unreviewed.protocols,
      unreviewed.safety,
      unreviewed.misfits,
      unreviewed.appropriateness,
      unreviewed.priority,
      unreviewed.choices,
      unreviewed.validity,
      unreviewed.detections,
    ].flat();
    expect(rows.filter((row) => row.reviewedBy !== null)).toEqual([]);
  });

  it('says for how long a statement on pregnancy holds, and a site may say otherwise, but not nothing', () => {
    const numbersOf = (siteDir?: string) => readContent(siteDir).validity.map(({ ruleId, numbers, unit }) => ({ ruleId, numbers, unit }));
    expect(numbersOf()).toEqual([{ ruleId: 'pregnancy-statement', numbers: { pregnant: 300, notPregnant: 30 }, unit: 'days' }]);
    const [row] = unreviewed.validity;
    const siteRow = (more: object) => siteWith('validity/own.json', { set: 'validity', rows: [{ ...row, ...more }] });
    expect(numbersOf(siteRow({ numbers: { pregnant: 280, notPregnant: 7 } }))[0]?.numbers).toEqual({ pregnant: 280, notPregnant: 7 });
    expect(faultOf(siteRow({ numbers: { pregnant: 280 } }))).toBe('validity/own.json: pregnancy-statement, numbers.notPregnant: is missing');
    expect(faultOf(siteRow({ ruleId: 'weight-statement' }))).toMatch(/nothing asks for this row; known are pregnancy-statement/u);
  });

  it('takes a site’s own codes of its models, and no class that nobody could be asked of', () => {
    const [row] = unreviewed.detections;
    const vendor = (more: object) => siteWith('detections/own.json', { set: 'detections', rows: [{ ...row, ruleId: 'vendor', ...more }] });
    const codes = [{ system: '99VENDOR', code: 'ICH-1' }];
    expect(readContent(vendor({ codes })).detections.at(-1)).toMatchObject({ classId: row?.classId, codes });
    expect(faultOf(vendor({ classId: 'nowhere' }))).toBe('detections/own.json: vendor, classId: "nowhere" is no row of findings');
    expect(faultOf(vendor({ asks: 'clinician' }))).toContain('vendor, asks');
  });

  it('is reviewed at the rehearsal site for rehearsal only', () => {
    expect(reviewed.safety.every((row) => row.reviewedBy?.includes('rehearsal only') === true)).toBe(true);
  });

  it('names protocols in its choice rules that the catalogue has', () => {
    const ids = new Set(reviewed.protocols.map((row) => row.id));
    const named = reviewed.choices.flatMap((row) => row.prefer.ids ?? []);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('has the same version for the same rows', () => {
    expect(readContent().version).toBe(unreviewed.version);
    expect(reviewed.version).not.toBe(unreviewed.version);
  });
});

describe('a site’s own content', () => {
  it('adds a row, and replaces the row of the same id', () => {
    siteWith('protocols/ours.json', { set: 'protocols', rows: [own, { ...own, id: 'CT-HEAD-WO', name: 'Our head' }] });
    const { protocols } = readContent(dir);
    expect(protocols.find((row) => row.id === 'CT-OWN')?.name).toBe('CT of our own');
    expect(protocols.filter((row) => row.id === 'CT-HEAD-WO').map((row) => row.name)).toEqual(['Our head']);
  });

  it('reviews one row by its id', () => {
    siteWith('reviews.json', { reviews: [{ set: 'safety', ruleId: 'kidney-aki', version: '*', reviewedBy: 'Dr. B', reviewedOn: '2026-02-02' }] });
    expect(
      readContent(dir)
        .safety.filter((row) => row.reviewedBy !== null)
        .map((row) => row.ruleId),
    ).toEqual(['kidney-aki']);
  });

  it.each([
    ['a wrong field', 'protocols/a.json', { set: 'protocols', rows: [{ ...own, region: 'elbows' }] }, /protocols\/a\.json: CT-OWN, region: /u],
    ['a file that is not JSON', 'protocols/a.json', '{', /protocols\/a\.json: is not JSON/u],
    ['an unknown set', 'x.json', { set: 'recipes', rows: [] }, /x\.json: set: "recipes" is not known/u],
    [
      'a safety row that no check asks',
      'safety/a.json',
      { set: 'safety', rows: [{ ruleId: 'made-up' }] },
      /safety\/a\.json: made-up: no check asks/u,
    ],
    [
      'a safety row without its number',
      'safety/a.json',
      { set: 'safety', rows: [{ ruleId: 'kidney-egfr-low', numbers: {} }] },
      /numbers\.belowMlMin: is missing/u,
    ],
    ['an id that stands twice', 'protocols/a.json', { set: 'protocols', rows: [own, own] }, /CT-OWN: stands twice/u],
  ] as const)('is refused with file, row and field for %s', (_what, path, json, message) => {
    expect(faultOf(siteWith(path, json))).toMatch(message);
  });
});
