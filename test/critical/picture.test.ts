import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { AlertTimes } from '#domain/critical-times.js';
import { reportOf } from '#engine/critical-figures.js';
import { pictureOf } from '#engine/critical-picture.js';
import type { Picture, Shape } from '#ports/critical-report.js';
import { svgOf } from '../../infra/cli/critical-picture-svg.ts';
import { numbered } from '../support/clinic.ts';

const at = (time: string): Instant => instant.parse(`2026-11-02T${time}.000Z`);
const nothing: AlertTimes = {
  ...{ drill: false, category: 1, outcome: 'open', service: 'medicine', declaredAt: at('10:00:00'), modelAt: null, reportAt: null },
  ...{ releasedAt: at('10:00:00'), deliveredAt: at('10:00:00'), acknowledgedAt: null, readBackAt: null, closedAt: null, phoned: false },
  ...{ failsafeAt: null, failsafeTakenAt: null, troubles: [] },
};
const drawn = (alerts: readonly Partial<AlertTimes>[], language: 'en' | 'es' = 'en', windows = { 1: 15, 2: 180, 3: 4320 }): Picture => {
  const given = alerts.map((times) => ({ caseNumber: numbered('7KF3Q'), times: { ...nothing, ...times } }));
  return pictureOf(
    reportOf({ alerts: given, signedReports: 0, windows, from: at('00:00:00'), to: at('23:59:59'), asOf: at('23:00:00'), zone: 'America/Chicago' }),
    language,
  );
};
const texts = ({ shapes }: Picture): readonly string[] => shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
type Bar = Extract<Shape, { kind: 'bar' }>;
/** Bars of one row of the plot, as tone and width, in the order in which they are drawn. */
const barsAt = ({ shapes }: Picture, y: number) =>
  shapes.filter((shape): shape is Bar => shape.kind === 'bar' && shape.y === y && shape.x === 180).map(({ tone, width }) => [tone, width]);
const rowOf = (picture: Picture, name: string): number => {
  const found = picture.shapes.find((shape) => shape.kind === 'text' && shape.text === name);
  return found?.kind === 'text' ? found.y - 10 : Number.NaN;
};

describe('the picture of the report, worked by hand', () => {
  it('has for each category the percentiles on one scale with its window, and what has not come to its end as a bar to the edge', () => {
    // 450 s of a window of 900 s; the scale ends a tenth beyond the longest, at 990 s, and is 380 wide.
    const picture = drawn([{ acknowledgedAt: at('10:07:30') }]);
    expect(barsAt(picture, rowOf(picture, 'acknowledged'))).toEqual([
      ['p95', 172.7],
      ['p90', 172.7],
      ['p50', 172.7],
    ]);
    expect(barsAt(picture, rowOf(picture, 'read back'))).toEqual([['open', 380]]);
    // At once: a bar that can be seen.
    expect(barsAt(picture, rowOf(picture, 'delivered')).at(-1)).toEqual(['p50', 2]);
    expect(texts(picture)).toEqual(expect.arrayContaining(['Category 1: 1 alert', 'acknowledge within 15:00', '7:30 / 7:30 / 7:30', '- / - / -']));
    const [, target] = picture.shapes.filter((shape) => shape.kind === 'line' && shape.tone === 'target');
    expect(target).toMatchObject({ x1: 525.5, x2: 525.5 });
  });

  it('stands the shorter percentile before the longer one, and grows where one was longer than its window', () => {
    const late = [60, 120, 180, 240, 300, 360, 420, 480, 540, 1800].map((seconds) => ({
      acknowledgedAt: instant.parse(new Date(Date.parse(at('10:00:00')) + seconds * 1000).toISOString()),
    }));
    const picture = drawn(late);
    // 300, 540 and 1800 s of 1980.
    expect(barsAt(picture, rowOf(picture, 'acknowledged'))).toEqual([
      ['p95', 345.5],
      ['p90', 103.6],
      ['p50', 57.6],
    ]);
  });

  it('has each service with its misses, the worst first, and an hour’s misses at that hour of the site’s day', () => {
    const picture = drawn([{ service: 'icu' }, { service: null, category: 2 }, { acknowledgedAt: at('10:01:00') }, {}, {}]);
    const rows = texts(picture).slice(texts(picture).indexOf('Misses by service'));
    expect(rows).toEqual([
      'Misses by service',
      'medicine',
      '2 of 3',
      'icu',
      '1 of 1',
      '(no service)',
      '1 of 1',
      'Misses by hour of the day',
      '4',
      '00',
      '06',
      '12',
      '18',
    ]);
    expect(barsAt(picture, rowOf(picture, 'medicine'))).toEqual([['miss', 380]]);
    expect(barsAt(picture, rowOf(picture, 'icu'))).toEqual([['miss', 190]]);
    // 10:00 UTC is 04:00 in Chicago: the fifth of 24 columns.
    expect(picture.shapes.filter((shape) => shape.kind === 'bar' && shape.tone === 'miss').at(-1)).toMatchObject({ x: 245.3, height: 64 });
  });

  it('draws a site’s many services as twelve and the others, and stays within its edges', () => {
    const picture = drawn(
      Array.from({ length: 40 }, (_, n) => ({ service: `a-service-with-a-very-long-name-${String(n)}`, category: ([1, 2, 3] as const)[n % 3]! })),
    );
    expect(texts(picture)).toContain('28 more services');
    expect(
      texts(picture)
        .filter((text) => text.startsWith('a-service'))
        .every((text) => text.length === 24),
    ).toBe(true);
    for (const shape of picture.shapes) {
      if (shape.kind === 'line') expect([shape.x2 <= 760, shape.y2 <= picture.height]).toEqual([true, true]);
      if (shape.kind === 'bar')
        expect([shape.x >= 0, shape.x + shape.width <= 560, shape.y + shape.height <= picture.height]).toEqual([true, true, true]);
      if (shape.kind === 'text') expect([shape.x >= 0, shape.x < 760, shape.y < picture.height]).toEqual([true, true, true]);
    }
  });

  it('draws no window where the site has no rule, and says so where nothing began', () => {
    const without = drawn([{ acknowledgedAt: at('10:07:30') }], 'en', { 1: Number.POSITIVE_INFINITY, 2: 180, 3: 4320 });
    expect(texts(without).some((text) => text.startsWith('acknowledge within'))).toBe(false);
    expect(texts(drawn([]))).toEqual(['Critical results, 2026-11-01 to 2026-11-02', 'Nothing began in these days.']);
  });

  it('says in the reader’s language what it shows', () => {
    expect(drawn([{}, { category: 2 }])).toMatchObject({ says: 'Category 1: 1 alert, 1 missed. Category 2: 1 alert, 1 missed.' });
    expect(drawn([{}], 'es')).toMatchObject({
      title: 'Resultados críticos, 2026-11-01 a 2026-11-02',
      says: 'Categoría 1: 1 aviso, 1 fuera de plazo.',
    });
  });
});

it('as a file it loads and runs nothing, and what stands in it is text', () => {
  const svg = svgOf(drawn([{ service: '<b>&"x"' }]));
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="-16 0 792 \d+/u);
  expect(svg).toContain('>&lt;b&gt;&amp;&quot;x&quot;</text>');
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/<b>|<script|href=|https?:|url\(|on\w+=/u);
  expect(svg.match(/<(?:rect|line|text) /gu)).toHaveLength(drawn([{ service: '<b>&"x"' }]).shapes.length + 1);
});
