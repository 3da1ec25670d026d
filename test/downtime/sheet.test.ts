import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { downtimeFolder } from '#adapters/embedded/downtime-folder.js';
import { instant } from '#core/time.js';
import { NotASheet, filledRows, listedRows } from '#cards/downtime/sheet.js';
import { HOSTILE } from '../support/card-states.ts';
import { radloop } from '../support/radloop.ts';
import { galleryList, pageText, sheetText } from './listed.ts';

const list = galleryList();
const [first] = list.cases;
const withText = (text: string) => ({ ...list, cases: [{ ...first!, exam: text, patient: { ...first!.patient, name: text } }] });
/** The sheet with the last six cells of one line filled in. */
const typed = (sheet: string, line: number, cells: readonly string[], separator = ','): string => {
  const lines = sheet.split('\r\n');
  lines[line - 1] = (lines[line - 1] ?? '').replace(/,{6}$/u, `,${cells.join(separator)}`);
  return lines.join('\r\n');
};

describe('the table', () => {
  it('has a line for each open case, and gives back what was filled in and nothing else', () => {
    const sheet = sheetText(list);
    expect(listedRows(sheet)).toHaveLength(list.cases.length);
    expect(filledRows(sheet)).toEqual([]);
    const [row, more] = filledRows(typed(sheet, 2, ['approve', '', 'Ngozi Okafor', '2026-11-25 04:21', 'yes', '"a ""note"", two"']));
    expect(more).toBeUndefined();
    expect(row).toEqual({
      line: 2,
      row: {
        ...{ caseNumber: first!.caseNumber, revision: '1', asOf: list.asOf, patient: first!.patient.number, order: first!.order },
        ...{ decision: 'approve', protocol: '', person: 'Ngozi Okafor', decidedAt: '2026-11-25 04:21', inRis: 'yes', note: 'a "note", two' },
      },
    });
  });

  it('is read with the separators of other countries’ spreadsheets, and says which columns are missing', () => {
    const sheet = sheetText({ ...list, cases: [{ ...first!, state: 'waits', indication: '' }] });
    const semicolons = typed(sheet, 2, ['reject', '', 'x', 'y', '', 'z']).replaceAll(',', ';').replaceAll('"', '');
    expect(filledRows(semicolons.replaceAll('Vandermolen; ', 'Vandermolen ')).map(({ row }) => row.decision)).toEqual(['reject']);
    expect(() => filledRows('case,decision\n1,2\n')).toThrow(NotASheet);
    expect(() => filledRows('')).toThrow(/missing: as_of/u);
  });

  it('takes nothing from a file in which a quotation mark is left open: it would swallow other cases', () => {
    const open = typed(sheetText(list), 2, ['approve', '', 'x', 'y', '', '"left open']);
    expect(() => filledRows(open)).toThrow(/begins in the line 2/u);
    expect(() => filledRows(`${open.split('\r\n').slice(0, 2).join('\r\n')}\r\n`)).toThrow(NotASheet);
  });

  it('begins no cell as a formula, and reads back what it wrote', () => {
    for (const text of ['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(A1)']) {
      const sheet = sheetText(withText(text));
      expect(sheet).not.toMatch(/(?:^|[,"\n])[=+\-@]/u);
      expect(listedRows(sheet)[0]?.['exam']).toBe(text);
    }
  });

  it('whatever a message says, one case is one line of the same columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const rows = listedRows(sheetText(withText(text)));
        expect(rows).toHaveLength(1);
        expect(rows[0]).toMatchObject({ case: first!.caseNumber, as_of: list.asOf, order: first!.order });
      }),
      { numRuns: 300 },
    );
  });
});

describe('the page', () => {
  const page = pageText(list);

  it('says on each sheet which place it is for and as of when, and numbers its pages', () => {
    const sheets = page.split('<table class="group">').slice(1);
    expect(sheets.length).toBe(new Set(list.cases.map(({ group }) => group)).size);
    for (const sheet of sheets)
      expect(sheet).toMatch(/^<thead>.*as of Wed, 25 Nov 2026, 04:55 \(America&#47;Chicago\)|^<thead>.*as of Wed, 25 Nov 2026, 04:55/su);
    expect(page).toContain('counter(page)');
    expect(page).toContain('break-before: page');
  });

  it('has a place to tick, to sign and to date for each case', () => {
    const decided = list.cases.filter(({ mayDecide }) => mayDecide).length;
    expect(page.split('In the RIS, by').length - 1).toBe(decided);
    expect(page.split('Date, time').length - 1).toBe(list.cases.length);
    for (const one of list.cases.slice(0, 5)) expect(page).toContain(one.caseNumber);
  });

  it('loads nothing, runs nothing, and shows what a message says as text', () => {
    const hostile = pageText(withText(`<script>alert(1)</script><img src=http://evil/x>" onload="x ${HOSTILE}`));
    expect(hostile).toContain('&#60;script&#62;');
    expect(hostile).not.toMatch(/<(?:script|img|link|iframe|a)\b/iu);
    expect(hostile).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(hostile).not.toContain('\u202e');
  });

  it('says when messages had come that nobody had read yet', () => {
    expect(page).not.toContain('had not been read yet');
    expect(pageText({ ...list, writtenAt: instant.parse('2026-11-25T11:00:00.000Z') })).toContain('had not been read yet');
    expect(pageText({ ...list, cases: [] })).toContain('Nothing was open.');
  });
});

it('on a screen every time is the site’s own, whose zone is named once; a list of an older Radloop, which does not name it, says which are not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-screen-'));
  try {
    const one = { ...first!, deadline: instant.parse('2026-11-25T10:48:00.000Z') };
    const csv = sheetText({ ...list, cases: [one] });
    await downtimeFolder(folder).write(list.asOf, { html: '', csv });
    const { out } = await radloop('downtime', 'list', '--folder', folder);
    expect(out).toMatch(/^As of 25 Nov 2026 04:55, the site's time \(America\/Chicago\), as every time here\. One open case\.\n/u);
    expect(out).toContain('due 25 Nov 04:48');
    expect(out).not.toMatch(/\d{4}-\d\d-\d\dT|UTC|10:48/u);
    expect(out.split('America/Chicago')).toHaveLength(2);
    await downtimeFolder(folder).write(list.asOf, { html: '', csv: csv.replace(',zone,', ',').replace(',America/Chicago,', ',') });
    expect((await radloop('downtime', 'list', '--folder', folder)).out).toMatch(
      /^As of 25 Nov 2026 10:55, UTC; times within the text are the site's own\.[^]*due 25 Nov 10:48/u,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
