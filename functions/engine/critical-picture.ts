import type { Language } from '#core/language.js';
import { epochOf, spanText } from '#core/time.js';
import type { CriticalReport, Figures, Picture, Shape, Spread } from '#ports/critical-report.js';
import { pictureWordsIn } from './critical-picture-words.ts';
import type { PictureWords } from './critical-picture-words.ts';

const WIDTH = 760;
/** Bars stand between them: names on the left, figures on the right. */
const [LEFT, RIGHT] = [180, 560];
const [ROW, BAR] = [22, 12];
const COLUMNS = 64;
const HEADING = 30;
const GAP = 20;
const ENDS = ['delivered', 'acknowledged', 'readBack'] as const;
/** From the longest to the shortest: each stands before the one before. */
const RANKS = ['p95', 'p90', 'p50'] as const;
/** Those with the most misses; the others are one row. */
const MOST_SERVICES = 12;
const LONGEST_NAME = 24;

/** One part of the picture, and where it ends. */
interface Part {
  readonly shapes: readonly Shape[];
  readonly bottom: number;
}
type Drawn = Pick<CriticalReport, 'from' | 'to' | 'zone' | 'windows' | 'categories' | 'services' | 'hours'>;

/** The report as a picture: percentiles by category with the window of each, misses by service and by hour. Pure; no patient and nobody's name. */
export function pictureOf(report: Drawn, language?: Language): Picture {
  const words = pictureWordsIn(language);
  const categories = report.categories.filter(({ alerts }) => alerts > 0);
  const title = words.title(dayOf(report.from, report.zone), dayOf(lastMoment(report), report.zone));
  const parts: ((top: number) => Part)[] =
    categories.length === 0
      ? [(top) => ({ shapes: [text('quiet', 0, top + 14, words.nothing)], bottom: top + ROW })]
      : [
          (top) => legend(top, words),
          ...categories.map((figures) => (top: number) => category(top, figures, report.windows[figures.category ?? 1], words)),
          (top) => missesByService(top, report.services, words),
          (top) => missesByHour(top, report.hours, words),
        ];
  const drawn = parts.reduce<Part>(
    ({ shapes, bottom }, part) => {
      const next = part(bottom + GAP);
      return { shapes: [...shapes, ...next.shapes], bottom: next.bottom };
    },
    { shapes: [text('heading', 0, 16, title)], bottom: ROW },
  );
  const says = categories.map(({ category: of, alerts, missed }) => words.says(of ?? 0, alerts, missed)).join(' ');
  return { ...{ width: WIDTH, height: drawn.bottom + GAP, title }, says: says === '' ? words.nothing : says, shapes: drawn.shapes };
}

function legend(top: number, words: PictureWords): Part {
  const entries = [...RANKS.toReversed().map((rank) => [rank, rank] as const), ['open', words.open] as const];
  const shapes = entries.flatMap(([tone, name], n): Shape[] => {
    const x = n * 70;
    return [bar(tone, x, top, 14), text('quiet', x + 20, top + 10, name)];
  });
  const x = entries.length * 70 + 110;
  return { shapes: [...shapes, line('target', x, top - 2, x, top + 14), text('quiet', x + 8, top + 10, words.target)], bottom: top + BAR };
}

/** Three bars one before the other for each end of the clock, and the window as a line across. */
function category(top: number, figures: Figures, window: number | null, words: PictureWords): Part {
  const known = ENDS.flatMap((end) => RANKS.map((rank) => figures[end][rank])).filter((one) => one !== null);
  const scale = scaleTo(Math.max(window ?? 0, ...known, 1) * 1.1);
  const rows = top + HEADING;
  const bottom = rows + ENDS.length * ROW;
  const ends = ENDS.flatMap((end, n) => [
    text('text', LEFT - 8, rows + n * ROW + 10, words.ends[end], 'end'),
    ...spread(rows + n * ROW, figures[end], scale),
  ]);
  const target =
    window === null
      ? []
      : [line('target', scale(window), rows - 6, scale(window), bottom - 4), text('quiet', RIGHT + 10, top + 12, words.within(spanText(window)))];
  return {
    shapes: [text('heading', 0, top + 12, words.category(figures.category ?? 0, figures.alerts)), axis(rows, bottom), ...ends, ...target],
    bottom,
  };
}

function spread(y: number, { p50, p90, p95 }: Spread, scale: (seconds: number) => number): readonly Shape[] {
  const seconds = { p50, p90, p95 };
  const isOpen = RANKS.some((rank) => seconds[rank] === null);
  const bars = RANKS.flatMap((rank): Shape[] => {
    const value = seconds[rank];
    return value === null ? [] : [bar(rank, LEFT, y, Math.max(scale(value) - LEFT, 2))];
  });
  const said = RANKS.toReversed().map((rank) => spanText(seconds[rank]));
  return [...(isOpen ? [bar('open', LEFT, y, RIGHT - LEFT)] : []), ...bars, text('text', RIGHT + 10, y + 10, said.join(' / '))];
}

function missesByService(top: number, services: CriticalReport['services'], words: PictureWords): Part {
  const worst = services.toSorted((a, b) => b.missed - a.missed || b.alerts - a.alerts);
  const others = worst.slice(MOST_SERVICES);
  const sum = (count: (one: Figures) => number) => others.reduce((all, one) => all + count(one), 0);
  const rows = [
    ...worst.slice(0, MOST_SERVICES).map(({ service, missed, alerts }) => ({ name: service ?? words.noService, missed, alerts })),
    ...(others.length === 0 ? [] : [{ name: words.others(others.length), missed: sum(({ missed }) => missed), alerts: sum(({ alerts }) => alerts) }]),
  ];
  const scale = scaleTo(Math.max(1, ...rows.map(({ missed }) => missed)));
  const first = top + HEADING - ROW / 2;
  const shapes = rows.flatMap(({ name, missed, alerts }, n): Shape[] => {
    const y = first + n * ROW;
    return [
      text('text', LEFT - 8, y + 10, shortened(name), 'end'),
      ...(missed === 0 ? [] : [bar('miss', LEFT, y, scale(missed) - LEFT)]),
      text('text', RIGHT + 10, y + 10, words.missedOf(missed, alerts)),
    ];
  });
  const bottom = first + rows.length * ROW;
  return { shapes: [text('heading', 0, top + 6, words.missesByService), axis(first, bottom), ...shapes], bottom };
}

function missesByHour(top: number, hours: CriticalReport['hours'], words: PictureWords): Part {
  const most = Math.max(1, ...hours.map(({ missed }) => missed));
  const wide = (RIGHT - LEFT) / 24;
  const foot = top + HEADING + COLUMNS;
  const columns = hours.flatMap(({ hour, missed }): Shape[] => {
    if (missed === 0) return [];
    const [x, height] = [rounded(LEFT + hour * wide), rounded((missed / most) * COLUMNS)];
    return [
      { kind: 'bar', tone: 'miss', x: rounded(x + 2), y: rounded(foot - height), width: rounded(wide - 4), height },
      text('text', rounded(x + wide / 2), rounded(foot - height - 4), String(missed), 'middle'),
    ];
  });
  const names = [0, 6, 12, 18].map((hour) => text('quiet', rounded(LEFT + (hour + 0.5) * wide), foot + 16, String(hour).padStart(2, '0'), 'middle'));
  return {
    shapes: [text('heading', 0, top + 6, words.missesByHour), line('axis', LEFT, foot, RIGHT, foot), ...columns, ...names],
    bottom: foot + ROW,
  };
}

function scaleTo(most: number): (value: number) => number {
  return (value) => rounded(LEFT + ((RIGHT - LEFT) * value) / most);
}

function axis(from: number, to: number): Shape {
  return line('axis', LEFT, from - 4, LEFT, to - 4);
}

function bar(tone: Shape['tone'], x: number, y: number, width: number): Shape {
  return { kind: 'bar', tone, x, y, width: rounded(width), height: BAR };
}

function line(tone: Shape['tone'], x1: number, y1: number, x2: number, y2: number): Shape {
  return { kind: 'line', tone, x1, y1, x2, y2 };
}

function text(tone: Shape['tone'], x: number, y: number, said: string, anchor: 'start' | 'middle' | 'end' = 'start'): Shape {
  return { kind: 'text', tone, x, y, anchor, text: said };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

/** `to` is not in the period. */
function lastMoment({ to }: Drawn): number {
  return epochOf(to) - 1;
}

function dayOf(at: string | number, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(at));
}
