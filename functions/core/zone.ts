const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;

/** Offsets by zone and quarter of an hour (no zone changes in between): asking Intl for each message would cost more than reading it. */
const offsets = new Map<string, number>();
/** One a zone: each holds some 28 KB outside the heap. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** How many milliseconds the zone is ahead of UTC at a moment. @param moment Unix time in milliseconds @param zone IANA name */
export function offsetAt(moment: number, zone: string): number {
  const quarter = Math.floor(moment / QUARTER) * QUARTER;
  const key = `${zone} ${String(quarter)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= 2000) offsets.clear();
  const found = wallAt(quarter, zone) - quarter;
  offsets.set(key, found);
  return found;
}

/**
 * The moment at which a clock on the wall shows this time. One that occurs twice is the first of the two; one that does not exist is read with the offset before the
 * gap, so that nothing is lost in a night of a change of the clocks (COMMANDS, time rules). @param wall what the clock shows, in milliseconds as if it were UTC
 */
export function fromWall(wall: number, zone: string): number {
  return fromWallBy(wall, (moment) => offsetAt(moment, zone));
}

/** The same by whatever tells offsets. @param offset milliseconds ahead of UTC at a moment */
export function fromWallBy(wall: number, offset: (moment: number) => number): number {
  const [before, after] = [offset(wall - DAY), offset(wall + DAY)];
  const fitting = [wall - before, wall - after].filter((moment) => wall - moment === offset(moment));
  return fitting.length === 0 ? wall - before : Math.min(...fitting);
}

function wallAt(moment: number, zone: string): number {
  const known = formats.get(zone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  if (known === undefined) formats.set(zone, format);
  const parts = new Map(format.formatToParts(moment).map((part) => [part.type, Number(part.value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}
