import { calendar, event, rostersOf, shown } from './site.ts';

/** Longest that a file may take to be refused or read, whatever it holds, in milliseconds; on a busy machine with two cores. */
const PATIENCE_MS = 20_000;

const shift = (...more: string[]): string => event('DTSTART;TZID=Europe/Berlin:20260101T080000', 'DURATION:PT12H', 'SUMMARY:a', ...more);
const faultsOf = (text: string | Buffer, zone = 'Europe/Berlin'): string => rostersOf({ 'neuro.ics': text }, zone).faults.join('\n');

describe('a roster file that can’t be used is refused with file, line, UID, what is wrong and how to mend it', () => {
  it.each([
    ['a line that is none', calendar('this is no line'), /^roster\/neuro\.ics: line 4: "this is no line" is no line of a calendar$/u],
    [
      'a component that is not closed',
      calendar(shift()).replace('END:VCALENDAR', ''),
      /^roster\/neuro\.ics: line 1: BEGIN:VCALENDAR is never closed: was the file cut short\?$/u,
    ],
    ['a file that was cut short', calendar(shift(), shift()).slice(0, -60), /is never closed|ends nothing/u],
    ['ends that are crossed', calendar('BEGIN:VEVENT', 'END:VTODO'), /line 5: END:VTODO ends nothing: BEGIN:VEVENT of line 4 is still open/u],
    ['something else', 'name,when\nx,y\n', /line 1: "name,when" is no line of a calendar/u],
    ['nothing', '', /line 1: no BEGIN:VCALENDAR: this is no iCalendar file/u],
    [
      'an event outside a calendar',
      event('DTSTART:20260101T080000Z', 'DURATION:PT1H', 'SUMMARY:a'),
      /line 1: BEGIN:VEVENT stands outside a VCALENDAR/u,
    ],
    [
      'another set of characters',
      Buffer.from(calendar(shift().replace('SUMMARY:a', 'SUMMARY:b\u00fcch')), 'latin1'),
      /is not UTF-8: save it as UTF-8/u,
    ],
    [
      'an unknown zone',
      calendar(shift('UID:z').replace('Europe/Berlin', 'Mars/Olympus')),
      /line 4 \(UID z\): DTSTART: TZID "Mars\/Olympus" is unknown: write an IANA name such as Europe\/Berlin, or add its VTIMEZONE/u,
    ],
    ['no start', calendar(event('UID:z', 'DURATION:PT1H', 'SUMMARY:a')), /\(UID z\): has no DTSTART/u],
    [
      'a start that is none',
      calendar(shift().replace('20260101T080000', '20261332T256199')),
      /DTSTART of line 7: expected a time such as 20261125T190000/u,
    ],
    ['a day without VALUE=DATE', calendar(event('DTSTART:20260101', 'SUMMARY:a')), /a day alone needs VALUE=DATE/u],
    ['no end', calendar(event('DTSTART:20260101T080000Z', 'SUMMARY:a')), /has no end: write DTEND or DURATION/u],
    ['two ends', calendar(shift('DTEND;TZID=Europe/Berlin:20260101T200000')), /has both DTEND and DURATION/u],
    [
      'an end before the start',
      calendar(event('DTSTART:20260101T080000Z', 'DTEND:20260101T080000Z', 'SUMMARY:a')),
      /DTEND: the shift ends before it begins/u,
    ],
    [
      'a length that is none',
      calendar(event('DTSTART:20260101T080000Z', 'DURATION:twelve hours', 'SUMMARY:a')),
      /DURATION: expected one such as PT12H or P1D, got "twelve hours"/u,
    ],
    ['nobody', calendar(event('DTSTART:20260101T080000Z', 'DURATION:PT1H')), /SUMMARY: expected the id of a person in people\.json/u],
    [
      'a level that is none',
      calendar(shift('X-RADLOOP-LEVEL:first')),
      /X-RADLOOP-LEVEL: expected a number from 1 \(called first\) to 20, got "first"/u,
    ],
    [
      'every second',
      calendar(shift('RRULE:FREQ=SECONDLY')),
      /RRULE of line 10: FREQ: expected HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY: a shift begins no more often/u,
    ],
    ['every second of an hour', calendar(shift('RRULE:FREQ=HOURLY;BYMINUTE=0,10,20,30,40,50')), /begins 144 times a day: expected 48 at most/u],
    ['a huge COUNT', calendar(shift('RRULE:FREQ=DAILY;COUNT=999999999')), /COUNT: expected 10000 at most: leave it out, or write UNTIL/u],
    ['a COUNT that takes for ever', calendar(shift('RRULE:FREQ=YEARLY;INTERVAL=100;COUNT=9')), /COUNT=9 takes more than 40 years: leave COUNT out/u],
    ['a huge INTERVAL', calendar(shift('RRULE:FREQ=DAILY;INTERVAL=999999999')), /RRULE of line 10: INTERVAL: /u],
    ['COUNT and UNTIL', calendar(shift('RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260201T000000Z')), /COUNT and UNTIL exclude each other/u],
    ['a part that is not read', calendar(shift('RRULE:FREQ=YEARLY;BYWEEKNO=1')), /BYWEEKNO: is not read: write it another way/u],
    ['an nth day of a week', calendar(shift('RRULE:FREQ=WEEKLY;BYDAY=1MO')), /BYDAY=1MO needs FREQ=MONTHLY or YEARLY/u],
    ['a rule that is none', calendar(shift('RRULE:FREQ=SOMETIMES')), /line 10: RRULE: invalid frequency "SOMETIMES"/u],
    ['EXRULE', calendar(shift('EXRULE:FREQ=DAILY')), /EXRULE is not read: write the days with EXDATE/u],
    [
      'a repeated shift of years',
      calendar(event('DTSTART:20260101T080000Z', 'DURATION:P9999D', 'RRULE:FREQ=DAILY', 'SUMMARY:a')),
      /is repeated and lasts longer than 400 days/u,
    ],
    [
      'RANGE',
      calendar(shift('UID:z'), shift('UID:z', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20260101T070000Z')),
      /RECURRENCE-ID with RANGE is not read/u,
    ],
    [
      'one UID for two shifts',
      calendar(shift('UID:z'), shift('UID:z')),
      /line 11 \(UID z\): line 4 \(UID z\) has the same UID: give each shift its own, or write RECURRENCE-ID/u,
    ],
  ])('%s', (_what, text, says) => {
    expect(faultsOf(text)).toMatch(says);
  });

  it('names each fault of a file, twenty at most, and uses nothing of it; the other files are used', () => {
    const { roster, faults } = rostersOf(
      { 'neuro.ics': calendar(shift(), ...Array.from({ length: 30 }, () => shift('X-RADLOOP-LEVEL:0'))), 'icu.ics': calendar(shift()) },
      'Europe/Berlin',
    );
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toBe('roster/neuro.ics: 10 more');
    expect(roster.services()).toEqual(['icu']);
  });

  it('minds the name of a file, and two files for one service; what is neither calendar nor table is left alone', () => {
    const csv = 'person,from,until\na,2026-06-01T08:00,2026-06-01T09:00\n';
    const { roster, faults } = rostersOf(
      { 'Neuro Surgery.ics': calendar(shift()), 'icu.ics': calendar(shift()), 'icu.csv': csv, 'README.md': 'hello', '.neuro.ics.swp': 'x' },
      'UTC',
    );
    expect(faults).toEqual([
      'roster/Neuro Surgery.ics: expected the id of a service in small letters as its name, such as neuro.ics',
      'roster/icu.csv: the service has icu.ics too: keep one of them',
    ]);
    expect(roster.services()).toEqual(['icu']);
  });

  it('is none where the folder has no rosters', () => {
    const { roster, faults } = rostersOf({}, 'UTC');
    expect([roster.services(), faults]).toEqual([[], []]);
  });
});

describe('a roster file that would take for ever', () => {
  const timed = (text: string): { readonly faults: string; readonly ms: number } => {
    const started = performance.now();
    const faults = faultsOf(text);
    return { faults, ms: performance.now() - started };
  };
  const many = (count: number, ...more: string[]): string => calendar(...Array.from({ length: count }, () => shift(...more)));

  it.each([
    ['of 10 MB', () => `${calendar(shift())}${'X-LONG:'.padEnd(10_000_000, 'x')}`, /has 10\.0 MB: expected 4 at most: leave out past years/u],
    [
      'of more events than a hospital has',
      () => calendar(...Array.from({ length: 20_001 }, (_, n) => `BEGIN:VEVENT\r\nUID:${n}\r\nSTATUS:CANCELLED\r\nEND:VEVENT`)),
      /more than 20000 events/u,
    ],
    [
      'of more repeated shifts than can be worked out',
      () => many(8000, 'RRULE:FREQ=DAILY;UNTIL=20270101T000000Z'),
      /more repeated shifts than can be worked out/u,
    ],
    ['of many long COUNTs', () => many(1500, 'RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29;COUNT=10'), /more repeated shifts than can be worked out/u],
    ['whose rule never comes', () => many(200, 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'), /^$/u],
    [
      'whose rule never comes and is counted',
      () => calendar(shift('RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2')),
      /takes more than 40 years/u,
    ],
    ['of one line without end', () => calendar(shift(`EXDATE:${Array.from({ length: 200_000 }, () => '20260101T070000Z').join(',')}`)), /^$/u],
    ['of folds without end', () => calendar(shift()).replace('SUMMARY:a', `SUMMARY:a${'\r\n '.repeat(500_000)}`), /^$/u],
  ])('%s is read or refused in seconds', (_what, text, says) => {
    const { faults, ms } = timed(text());
    expect(faults).toMatch(says);
    expect(ms).toBeLessThan(PATIENCE_MS);
  });

  it('answers in seconds where thousands of shifts are repeated and nothing ever changes', () => {
    const { roster, faults } = rostersOf({ 'x.ics': many(1900, 'RRULE:FREQ=DAILY') }, 'Europe/Berlin');
    expect(faults).toEqual([]);
    const started = performance.now();
    expect(shown(roster, '2030-06-01T08:00:00Z')).toBe('a');
    expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
  });
});
