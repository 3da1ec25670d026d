import { at, calendar, event, rosterOfEvents, rostersOf, shown } from './site.ts';

interface Story {
  readonly zone: string;
  readonly events: readonly string[];
  /** A moment, who is on call then (levels apart by `/`), and how it was worked out by hand. */
  readonly moments: readonly (readonly [when: string, who: string, why: string])[];
}

const berlin = 'Europe/Berlin';
const newYork = 'America/New_York';
const lordHowe = 'Australia/Lord_Howe';
const daily = (zone: string, person: string, from: string, to: string, ...more: string[]): string =>
  event(`DTSTART;TZID=${zone}:${from}`, `DTEND;TZID=${zone}:${to}`, 'RRULE:FREQ=DAILY', `SUMMARY:${person}`, ...more);
const once = (person: string, from: string, to: string, ...more: string[]): string =>
  event(`DTSTART:${from}`, `DTEND:${to}`, `SUMMARY:${person}`, ...more);

/**
 * Changes of the clocks in 2026. Berlin: 29 March 01:00Z (02:00 +1 becomes 03:00 +2), 25 October 01:00Z (03:00 +2 becomes 02:00 +1). New York: 8 March 07:00Z
 * (02:00 -5 becomes 03:00 -4), 1 November 06:00Z (02:00 -4 becomes 01:00 -5). Lord Howe: 4 April 15:00Z (02:00 +11 becomes 01:30 +10:30), 3 October 15:30Z
 * (02:00 +10:30 becomes 02:30 +11).
 */
const stories: Readonly<Record<string, Story>> = {
  'day and night in Berlin, over both changes of the clocks (field report 16)': {
    zone: berlin,
    events: [daily(berlin, 'a', '20260101T080000', '20260101T200000'), daily(berlin, 'b', '20260101T200000', '20260102T080000')],
    moments: [
      ['2026-01-01T06:59:59Z', '-', 'one second before the first shift, 08:00 +1'],
      ['2026-01-01T07:00:00Z', 'a', '08:00 +1'],
      ['2026-03-28T18:59:59Z', 'a', '19:59:59 +1'],
      ['2026-03-28T19:00:00Z', 'b', 'the hand-off minute, 20:00 +1'],
      ['2026-03-29T00:59:59Z', 'b', '01:59:59 +1, the last second of winter'],
      ['2026-03-29T01:00:00Z', 'b', '03:00 +2'],
      ['2026-03-29T05:59:59Z', 'b', '07:59:59 +2: a night of eleven hours'],
      ['2026-03-29T06:00:00Z', 'a', '08:00 +2'],
      ['2026-10-24T17:59:59Z', 'a', '19:59:59 +2'],
      ['2026-10-24T18:00:00Z', 'b', '20:00 +2'],
      ['2026-10-25T00:30:00Z', 'b', '02:30 for the first time'],
      ['2026-10-25T01:30:00Z', 'b', '02:30 for the second time'],
      ['2026-10-25T06:59:59Z', 'b', '07:59:59 +1: a night of thirteen hours'],
      ['2026-10-25T07:00:00Z', 'a', '08:00 +1'],
      ['2071-07-01T05:59:59Z', 'b', 'a summer of another year, 07:59:59 +2'],
      ['2071-07-01T06:00:00Z', 'a', '08:00 +2'],
    ],
  },
  'twelve hours by the stop-watch in New York (DURATION:PT12H)': {
    zone: newYork,
    events: [event(`DTSTART;TZID=${newYork}:20260101T190000`, 'DURATION:PT12H', 'RRULE:FREQ=DAILY', 'SUMMARY:n')],
    moments: [
      ['2026-03-08T00:00:00Z', 'n', '7 March 19:00 -5'],
      ['2026-03-08T11:59:59Z', 'n', 'twelve hours later but a second, 07:59:59 -4'],
      ['2026-03-08T12:00:00Z', '-', 'twelve hours later: 08:00 -4, not 07:00'],
      ['2026-10-31T23:00:00Z', 'n', '31 October 19:00 -4'],
      ['2026-11-01T10:59:59Z', 'n', '05:59:59 -5'],
      ['2026-11-01T11:00:00Z', '-', 'twelve hours later: 06:00 -5'],
    ],
  },
  'a day by the clock on the wall in New York (DURATION:P1D)': {
    zone: newYork,
    events: [
      event(`DTSTART;TZID=${newYork}:20260307T070000`, 'DURATION:P1D', 'SUMMARY:a'),
      event(`DTSTART;TZID=${newYork}:20261031T070000`, 'DURATION:P1D', 'SUMMARY:b'),
      event(`DTSTART;TZID=${newYork}:20260307T070000`, 'DURATION:P1DT2H', 'SUMMARY:c', 'X-RADLOOP-LEVEL:2'),
      event(`DTSTART;TZID=${newYork}:20261026T070000`, 'DURATION:P1W', 'SUMMARY:d', 'X-RADLOOP-LEVEL:2'),
    ],
    moments: [
      ['2026-03-08T10:59:59Z', 'a / c', '8 March 06:59:59 -4'],
      ['2026-03-08T11:00:00Z', '- / c', '07:00 -4: a day of 23 hours; level 2 has two hours more'],
      ['2026-03-08T12:59:59Z', '- / c', '07:00 -4 and two hours but a second'],
      ['2026-03-08T13:00:00Z', '- / -', '09:00 -4'],
      ['2026-11-01T11:59:59Z', 'b / d', '06:59:59 -5'],
      ['2026-11-01T12:00:00Z', '- / d', '07:00 -5: a day of 25 hours'],
      ['2026-11-02T11:59:59Z', '- / d', 'a week from 26 October 07:00 -4 ends at 07:00 -5'],
      ['2026-11-02T12:00:00Z', '- / -', '07:00 -5'],
    ],
  },
  'a start that does not exist, which COUNT counts': {
    zone: berlin,
    events: [event(`DTSTART;TZID=${berlin}:20260327T023000`, `DTEND;TZID=${berlin}:20260327T060000`, 'RRULE:FREQ=DAILY;COUNT=4', 'SUMMARY:a')],
    moments: [
      ['2026-03-28T01:30:00Z', 'a', '28 March 02:30 +1'],
      ['2026-03-29T01:29:59Z', '-', '02:30 is read with +1, which is 01:30Z: one second before'],
      ['2026-03-29T01:30:00Z', 'a', '03:30 +2'],
      ['2026-03-29T03:59:59Z', 'a', '05:59:59 +2'],
      ['2026-03-29T04:00:00Z', '-', '06:00 +2'],
      ['2026-03-30T00:30:00Z', 'a', '30 March 02:30 +2, the fourth'],
      ['2026-03-31T00:30:00Z', '-', 'there is no fifth: the one of the gap was counted'],
    ],
  },
  'times that occur twice are the first': {
    zone: berlin,
    events: [
      event(`DTSTART;TZID=${berlin}:20261024T200000`, `DTEND;TZID=${berlin}:20261025T023000`, 'SUMMARY:a'),
      event(`DTSTART;TZID=${berlin}:20261025T023000`, `DTEND;TZID=${berlin}:20261025T080000`, 'SUMMARY:b'),
    ],
    moments: [
      ['2026-10-25T00:29:59Z', 'a', '02:29:59 +2'],
      ['2026-10-25T00:30:00Z', 'b', '02:30 +2, the first of the two'],
      ['2026-10-25T01:15:00Z', 'b', '02:15 +1, after it'],
    ],
  },
  'half an hour in Lord Howe': {
    zone: lordHowe,
    events: [
      daily(lordHowe, 'n', '20260101T200000', '20260102T080000'),
      event(`DTSTART;TZID=${lordHowe}:20261004T021500`, `DTEND;TZID=${lordHowe}:20261004T060000`, 'SUMMARY:g', 'X-RADLOOP-LEVEL:2'),
      event(`DTSTART;TZID=${lordHowe}:20260405T014500`, `DTEND;TZID=${lordHowe}:20260405T060000`, 'SUMMARY:t', 'X-RADLOOP-LEVEL:2'),
    ],
    moments: [
      ['2026-04-04T08:59:59Z', '- / -', '19:59:59 +11'],
      ['2026-04-04T09:00:00Z', 'n / -', '20:00 +11'],
      ['2026-04-04T14:44:59Z', 'n / -', '01:44:59 +11'],
      ['2026-04-04T14:45:00Z', 'n / t', '01:45 +11, the first of the two'],
      ['2026-04-04T21:29:59Z', 'n / -', '07:59:59 +10:30: twelve and a half hours'],
      ['2026-04-04T21:30:00Z', '- / -', '08:00 +10:30'],
      ['2026-10-03T15:44:59Z', 'n / -', '02:15 does not exist; with +10:30 it is 15:45Z'],
      ['2026-10-03T15:45:00Z', 'n / g', '02:45 +11'],
      ['2026-10-03T20:59:59Z', 'n / -', '07:59:59 +11: eleven and a half hours; g went at 06:00 +11, 19:00Z'],
      ['2026-10-03T21:00:00Z', '- / -', '08:00 +11'],
    ],
  },
  'overrides, of which those that overlap are all on call': {
    zone: 'UTC',
    events: [
      once('a', '20260601T080000', '20260601T200000'),
      once('b', '20260601T100000', '20260601T140000', 'CATEGORIES:override'),
      once('c', '20260601T120000', '20260601T160000', 'CATEGORIES:Work,OVERRIDE'),
      once('d', '20260601T210000', '20260601T220000', 'CATEGORIES:override'),
      once('z', '20260601T080000', '20260601T200000', 'X-RADLOOP-LEVEL:2'),
    ],
    moments: [
      ['2026-06-01T09:59:59Z', 'a / z', 'before the first'],
      ['2026-06-01T10:00:00Z', 'b / z', 'b in the place of a; level 2 is left alone'],
      ['2026-06-01T12:00:00Z', 'b+c / z', 'both'],
      ['2026-06-01T13:59:59Z', 'b+c / z', 'still both'],
      ['2026-06-01T14:00:00Z', 'c / z', 'b has gone'],
      ['2026-06-01T16:00:00Z', 'a / z', 'a again'],
      ['2026-06-01T20:00:00Z', '- / -', 'an empty hour'],
      ['2026-06-01T21:30:00Z', 'd / -', 'an override where nobody else is'],
    ],
  },
  'EXDATE by a zone, by UTC and by day': {
    zone: berlin,
    events: [
      daily(
        berlin,
        'a',
        '20260701T080000',
        '20260701T200000',
        `EXDATE;TZID=${berlin}:20260702T080000,20260703T080000`,
        'EXDATE:20260704T060000Z',
        'EXDATE;VALUE=DATE:20260705',
        `EXDATE;TZID=${newYork}:20260706T020000`,
        `EXDATE;TZID=${berlin}:20260707T090000`,
      ),
    ],
    moments: [
      ['2026-07-01T10:00:00Z', 'a', 'the first'],
      ['2026-07-02T10:00:00Z', '-', 'left out by Berlin’s clock'],
      ['2026-07-03T10:00:00Z', '-', 'the second of the list'],
      ['2026-07-04T10:00:00Z', '-', '06:00Z is 08:00 +2'],
      ['2026-07-05T10:00:00Z', '-', 'the whole day'],
      ['2026-07-06T10:00:00Z', '-', '02:00 -4 is 08:00 +2'],
      ['2026-07-07T10:00:00Z', 'a', '09:00 is no start: nothing is left out'],
    ],
  },
  'one of a series moved, one cancelled, one given to somebody else (RECURRENCE-ID)': {
    zone: berlin,
    events: [
      daily(berlin, 'a', '20260701T080000', '20260701T200000', 'UID:s'),
      event(
        'UID:s',
        `RECURRENCE-ID;TZID=${berlin}:20260702T080000`,
        `DTSTART;TZID=${berlin}:20260702T120000`,
        `DTEND;TZID=${berlin}:20260702T220000`,
        'SUMMARY:a',
      ),
      event('UID:s', 'RECURRENCE-ID:20260703T060000Z', 'STATUS:CANCELLED'),
      event(
        'UID:s',
        `RECURRENCE-ID;TZID=${newYork}:20260704T020000`,
        `DTSTART;TZID=${berlin}:20260704T080000`,
        `DTEND;TZID=${berlin}:20260704T200000`,
        'SUMMARY:b',
      ),
      event(
        'UID:other',
        `RECURRENCE-ID;TZID=${berlin}:20260705T080000`,
        `DTSTART;TZID=${berlin}:20260705T200000`,
        `DTEND;TZID=${berlin}:20260705T210000`,
        'SUMMARY:o',
      ),
      event(
        'UID:s',
        `RECURRENCE-ID;TZID=${berlin}:20260706T080000`,
        'SEQUENCE:2',
        `DTSTART;TZID=${berlin}:20260706T080000`,
        `DTEND;TZID=${berlin}:20260706T100000`,
        'SUMMARY:new',
      ),
      event(
        'UID:s',
        `RECURRENCE-ID;TZID=${berlin}:20260706T080000`,
        'SEQUENCE:1',
        `DTSTART;TZID=${berlin}:20260706T080000`,
        `DTEND;TZID=${berlin}:20260706T100000`,
        'SUMMARY:old',
      ),
    ],
    moments: [
      ['2026-07-02T08:00:00Z', '-', 'moved to 12:00 +2, which is 10:00Z'],
      ['2026-07-02T10:00:00Z', 'a', 'where it was moved to'],
      ['2026-07-02T19:59:59Z', 'a', 'until 22:00 +2'],
      ['2026-07-03T08:00:00Z', '-', 'cancelled by its instant'],
      ['2026-07-04T08:00:00Z', 'b', 'given to b, by the instant in another zone'],
      ['2026-07-05T08:00:00Z', 'a', 'that of another UID replaces nothing here'],
      ['2026-07-05T18:30:00Z', 'o', 'and is a shift itself'],
      ['2026-07-06T07:00:00Z', 'new', 'the later version of two'],
      ['2026-07-06T09:00:00Z', '-', 'whose shift ends at 10:00 +2'],
    ],
  },
  'days of the site’s zone (VALUE=DATE)': {
    zone: berlin,
    events: [
      event('DTSTART;VALUE=DATE:20260329', 'SUMMARY:a'),
      event('DTSTART;VALUE=DATE:20261024', 'DTEND;VALUE=DATE:20261026', 'SUMMARY:b'),
      event('DTSTART;VALUE=DATE:20260601', 'RRULE:FREQ=DAILY;UNTIL=20260603', 'EXDATE;VALUE=DATE:20260602', 'SUMMARY:c'),
    ],
    moments: [
      ['2026-03-28T22:59:59Z', '-', '28 March 23:59:59 +1'],
      ['2026-03-28T23:00:00Z', 'a', 'midnight +1'],
      ['2026-03-29T21:59:59Z', 'a', '23:59:59 +2: a day of 23 hours'],
      ['2026-03-29T22:00:00Z', '-', 'midnight +2'],
      ['2026-10-23T22:00:00Z', 'b', 'midnight +2'],
      ['2026-10-25T22:59:59Z', 'b', '25 October 23:59:59 +1: two days of 49 hours'],
      ['2026-10-25T23:00:00Z', '-', 'the day of DTEND is not in it'],
      ['2026-06-01T12:00:00Z', 'c', 'the first'],
      ['2026-06-02T12:00:00Z', '-', 'left out'],
      ['2026-06-03T21:59:59Z', 'c', 'the day of UNTIL is in it'],
      ['2026-06-03T22:00:00Z', '-', 'and the last'],
    ],
  },
  'clocks of UTC, of another zone, of none, and one that the file describes': {
    zone: berlin,
    events: [
      once('u', '20260701T000000Z', '20260701T010000Z'),
      event(`DTSTART;TZID=${newYork}:20260701T000000`, `DTEND;TZID=${newYork}:20260701T010000`, 'SUMMARY:n'),
      once('f', '20260701T080000', '20260701T090000'),
      event('DTSTART;TZID="Customized Time":20260702T080000', 'DTEND;TZID="Customized Time":20260702T090000', 'SUMMARY:w'),
      event('DTSTART;TZID=/example.org/2026/America/New_York:20260703T000000', `DTEND;TZID=${berlin}:20260703T070000`, 'SUMMARY:v'),
      ...[
        'BEGIN:VTIMEZONE',
        'TZID:Customized Time',
        'BEGIN:STANDARD',
        'DTSTART:16010101T020000',
        'TZOFFSETFROM:-0400',
        'TZOFFSETTO:-0500',
        'RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11',
        'END:STANDARD',
        'BEGIN:DAYLIGHT',
        'DTSTART:16010101T020000',
        'TZOFFSETFROM:-0500',
        'TZOFFSETTO:-0400',
        'RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3',
        'END:DAYLIGHT',
        'END:VTIMEZONE',
      ],
    ],
    moments: [
      ['2026-07-01T00:30:00Z', 'u', 'UTC'],
      ['2026-07-01T04:30:00Z', 'n', '00:30 -4'],
      ['2026-07-01T06:30:00Z', 'f', '08:30 +2: the site’s clock where none is named'],
      ['2026-07-02T12:00:00Z', 'w', '08:00 -4 by the VTIMEZONE'],
      ['2026-07-02T13:00:00Z', '-', '09:00 -4'],
      ['2026-07-03T04:30:00Z', 'v', 'from 00:00 -4 (behind a prefix) to 07:00 +2'],
      ['2026-07-03T05:00:00Z', '-', '07:00 +2'],
    ],
  },
  'rules of weeks, months and years; RDATE; UNTIL': {
    zone: berlin,
    events: [
      event(`DTSTART;TZID=${berlin}:20260105T080000`, 'DURATION:P1W', 'RRULE:FREQ=WEEKLY;INTERVAL=2', 'SUMMARY:even'),
      event(`DTSTART;TZID=${berlin}:20260130T100000`, 'DURATION:PT1H', 'RRULE:FREQ=MONTHLY;BYDAY=-1FR', 'SUMMARY:last-friday', 'X-RADLOOP-LEVEL:2'),
      event(
        `DTSTART;TZID=${berlin}:20260101T120000`,
        'DURATION:PT1H',
        'RRULE:FREQ=YEARLY',
        'RDATE:20260401T120000Z',
        'RDATE;VALUE=PERIOD:20260402T120000Z/20260402T180000Z,20260403T120000Z/PT30M',
        'SUMMARY:year',
        'X-RADLOOP-LEVEL:2',
      ),
      event(
        `DTSTART;TZID=${berlin}:20260601T080000`,
        'DURATION:PT1H',
        'RRULE:FREQ=DAILY;UNTIL=20260603T060000Z',
        'SUMMARY:until',
        'X-RADLOOP-LEVEL:2',
      ),
      event(`DTSTART;TZID=${berlin}:20260131T060000`, 'DURATION:PT1H', 'RRULE:FREQ=MONTHLY', 'SUMMARY:31st', 'X-RADLOOP-LEVEL:2'),
      event(
        `DTSTART;TZID=${berlin}:20260130T140000`,
        'DURATION:PT1H',
        'RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
        'SUMMARY:last-workday',
        'X-RADLOOP-LEVEL:2',
      ),
    ],
    moments: [
      ['2026-01-12T06:59:59Z', 'even / -', 'the first week ends on Monday 12 January 08:00 +1'],
      ['2026-01-12T07:00:00Z', '- / -', 'the odd week'],
      ['2026-01-19T07:00:00Z', 'even / -', 'two weeks after the first'],
      ['2026-04-13T06:00:00Z', 'even / -', '13 April is fourteen weeks after 5 January, 08:00 +2'],
      ['2026-02-27T09:30:00Z', '- / last-friday', '27 February 10:30 +1 is the last Friday'],
      ['2027-01-01T11:30:00Z', '- / year', '1 January 2027 12:30 +1, in the week of 28 December, which is odd'],
      ['2026-04-01T12:30:00Z', 'even / year', 'RDATE, in the week of 30 March, twelve weeks after 5 January'],
      ['2026-04-02T17:59:59Z', 'even / year', 'a period of its own length'],
      ['2026-04-03T12:30:00Z', 'even / -', 'one of half an hour'],
      ['2026-06-03T06:30:00Z', '- / until', '3 June 08:00 +2 is UNTIL itself'],
      ['2026-06-04T06:30:00Z', '- / -', 'after it'],
      ['2026-02-28T05:30:00Z', '- / -', 'February has no 31st'],
      ['2026-03-31T04:30:00Z', 'even / 31st', '31 March 06:30 +2, twelve weeks and a day after 5 January'],
      ['2026-05-29T12:30:00Z', 'even / last-workday', '29 May 14:30 +2 is a Friday, the last workday; the week of 25 May is the twentieth after'],
    ],
  },
  'rules that calendar programs are known to read wrongly': {
    zone: 'UTC',
    events: [
      event('DTSTART:20260105T080000Z', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1', 'SUMMARY:first'),
      event('DTSTART:20260105T100000Z', 'DURATION:PT1H', 'RRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,2,3;BYDAY=1MO', 'SUMMARY:second'),
      event('DTSTART:20260102T120000Z', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=-1', 'SUMMARY:last'),
      event('DTSTART:20260115T140000Z', 'DURATION:PT1H', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15,-1;BYSETPOS=-1', 'SUMMARY:end'),
    ],
    moments: [
      ['2026-01-07T08:30:00Z', '-', 'Wednesday is not the first of its week'],
      ['2026-01-12T08:30:00Z', 'first', 'Monday is'],
      ['2026-02-02T10:30:00Z', '-', 'every other month from January: February is left out'],
      ['2026-03-02T10:30:00Z', 'second', 'the first Monday of March'],
      ['2026-12-28T12:30:00Z', '-', 'Monday of the week that ends in 2027'],
      ['2027-01-01T12:30:00Z', 'last', 'its Friday'],
      ['2026-01-15T14:30:00Z', 'end', 'DTSTART is a shift also where the rule does not fall on it'],
      ['2026-02-15T14:30:00Z', '-', 'not the last of the three'],
      ['2026-02-28T14:30:00Z', 'end', 'the last day of February'],
    ],
  },
  'what is no shift': {
    zone: 'UTC',
    events: [
      once('a', '20260601T080000', '20260601T090000', 'STATUS:CANCELLED'),
      once('b', '20260601T090000', '20260601T100000', 'STATUS:TENTATIVE'),
      ...['BEGIN:VTODO', 'UID:todo', 'DTSTART:20260601T100000', 'DUE:20260601T110000', 'SUMMARY:c', 'END:VTODO'],
      event(
        'DTSTART:20260601T110000',
        'DTEND:20260601T120000',
        'SUMMARY:d',
        'BEGIN:VALARM',
        'ACTION:DISPLAY',
        'SUMMARY:e',
        'TRIGGER:-PT5M',
        'END:VALARM',
      ),
    ],
    moments: [
      ['2026-06-01T08:30:00Z', '-', 'cancelled'],
      ['2026-06-01T09:30:00Z', 'b', 'tentative is a shift'],
      ['2026-06-01T10:30:00Z', '-', 'a task is none'],
      ['2026-06-01T11:30:00Z', 'd', 'an alarm within an event is not looked at'],
    ],
  },
};

const rows = Object.entries(stories).flatMap(([name, { zone, events, moments }]) => {
  const roster = rosterOfEvents(zone, ...events);
  return moments.map(([when, who, why]) => ({ name, roster, when, who, why }));
});

describe('who is on call, by hand', () => {
  it('has at least sixty moments', () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
  });

  it.each(rows)('$name: $when is $who ($why)', ({ roster, when, who }) => {
    expect(shown(roster, when)).toBe(who);
  });
});

describe('until when an answer holds', () => {
  it('is the next change of who is on call, not the end of a shift that the same person goes on after', () => {
    const roster = rosterOfEvents(
      berlin,
      daily(berlin, 'a', '20260101T080000', '20260101T200000'),
      daily(berlin, 'a', '20260101T200000', '20260102T080000', 'EXDATE;TZID=Europe/Berlin:20261024T200000'),
    );
    expect(roster.at('x', at('2026-06-01T12:00:00Z'))?.[0]?.until).toBe('2026-10-24T18:00:00.000Z');
    expect(roster.at('x', at('2026-10-24T18:00:00Z'))?.[0]).toMatchObject({ people: [], until: '2026-10-25T07:00:00.000Z' });
    expect(roster.at('x', at('2026-10-25T12:00:00Z'))?.[0]).toMatchObject({ people: ['a'], until: null });
    expect(roster.nextHandOff('x', at('2026-06-01T12:00:00Z'))).toBe('2026-10-24T18:00:00.000Z');
  });

  it('is null after the last shift, and the first shift before it', () => {
    const roster = rosterOfEvents('UTC', once('a', '20260601T080000', '20260601T090000'));
    expect(roster.at('x', at('2026-06-01T07:00:00Z'))?.[0]).toMatchObject({ people: [], until: '2026-06-01T08:00:00.000Z' });
    expect(roster.at('x', at('2026-06-01T09:00:00Z'))?.[0]).toMatchObject({ people: [], until: null });
    expect(roster.nextHandOff('x', at('2026-06-01T09:00:00Z'))).toBeNull();
    expect(roster.at('y', at('2026-06-01T09:00:00Z'))).toBeNull();
  });
});

describe('hours at which nobody is on call', () => {
  it('are found over both changes of the clocks, and are none where shifts meet on the wall (field report 16)', () => {
    for (const zone of [berlin, newYork, lordHowe]) {
      const whole = [daily(zone, 'a', '20200101T080000', '20200101T200000'), daily(zone, 'b', '20200101T200000', '20200102T080000')];
      const roster = rosterOfEvents(zone, ...whole);
      expect(roster.gaps('x', at('2026-01-01T00:00:00Z'), at('2028-01-01T00:00:00Z'))).toEqual([]);
    }
    const byStopWatch = rosterOfEvents(berlin, event(`DTSTART;TZID=${berlin}:20260101T080000`, 'DURATION:PT24H', 'RRULE:FREQ=DAILY', 'SUMMARY:a'));
    expect(byStopWatch.gaps('x', at('2026-01-02T00:00:00Z'), at('2027-01-01T00:00:00Z'))).toEqual([
      { service: 'x', level: 1, from: '2026-10-25T06:00:00.000Z', to: '2026-10-25T07:00:00.000Z' },
    ]);
  });

  it('count from a level’s first shift to its last, each level for itself', () => {
    const roster = rosterOfEvents(
      'UTC',
      once('a', '20260601T080000', '20260601T100000'),
      once('a', '20260601T110000', '20260601T120000'),
      once('b', '20260601T090000', '20260601T093000', 'X-RADLOOP-LEVEL:3'),
      once('b', '20260603T090000', '20260603T093000', 'X-RADLOOP-LEVEL:3'),
    );
    expect(roster.gaps('x', at('2026-05-01T00:00:00Z'), at('2026-07-01T00:00:00Z'))).toEqual([
      { service: 'x', level: 1, from: '2026-06-01T10:00:00.000Z', to: '2026-06-01T11:00:00.000Z' },
      { service: 'x', level: 3, from: '2026-06-01T09:30:00.000Z', to: '2026-06-03T09:00:00.000Z' },
    ]);
    expect(roster.gaps('x', at('2026-06-02T00:00:00Z'), at('2026-06-02T06:00:00Z'))).toEqual([
      { service: 'x', level: 3, from: '2026-06-02T00:00:00.000Z', to: '2026-06-02T06:00:00.000Z' },
    ]);
    expect(roster.at('x', at('2026-06-01T09:00:00Z'))?.map(({ level }) => level)).toEqual([1, 3]);
  });
});

describe('a roster of a table', () => {
  const table =
    'person,level,from,until,override\na,,2026-03-28T20:00,2026-03-29T08:00,\nb,1,2026-03-29 01:00,"2026-03-29 03:30",yes\nz,2,2026-03-28T20:00,2026-03-29T08:00,no\n';

  it('says the same as a calendar', () => {
    const { roster, faults } = rostersOf({ 'x.csv': table }, berlin);
    expect(faults).toEqual([]);
    expect(
      ['2026-03-28T19:00:00Z', '2026-03-29T00:00:00Z', '2026-03-29T01:29:59Z', '2026-03-29T01:30:00Z', '2026-03-29T06:00:00Z'].map((when) =>
        shown(roster, when),
      ),
    ).toEqual(['a / z', 'b / z', 'b / z', 'a / z', '- / -']);
  });

  it('may have semicolons and no columns that nobody needs', () => {
    const { roster, faults } = rostersOf({ 'x.csv': '\uFEFFfrom;until;person\r\n2026-06-01T08:00;2026-06-01T09:00;a\r\n' }, 'UTC');
    expect([faults, shown(roster, '2026-06-01T08:30:00Z')]).toEqual([[], 'a']);
  });

  it('is refused line by line, with what is wrong', () => {
    const bad =
      'person,level,from,until,override\n,1,2026-06-01T08:00,2026-06-01T09:00,\na,0,2026-06-01T08:00,2026-06-01T09:00,\na,1,2026-06-31T08:00,2026-07-01T09:00,\na,1,2026-06-01T08:00,2026-06-01T08:00,\na,1,2026-06-01T08:00,2026-06-01T09:00,maybe\n';
    const { roster, faults } = rostersOf({ 'x.csv': bad, 'y.csv': 'who,when\n', 'z.csv': 'person,from,until,pager\n' }, berlin);
    expect(faults).toEqual([
      'roster/x.csv: line 2: person: expected the id of a person in people.json, such as dr-okafor',
      'roster/x.csv: line 3: level: expected a number from 1 (called first) to 20, got "0"',
      'roster/x.csv: line 4: from: expected a day and a time of the site’s clock such as 2026-12-24T07:30, got "2026-06-31T08:00"',
      'roster/x.csv: line 5: until: the shift ends before it begins',
      'roster/x.csv: line 6: override: expected yes or no, got "maybe"',
      'roster/y.csv: line 1: expected a header with person,level,from,until,override: person, from, until is missing',
      'roster/z.csv: line 1: the column "pager" is unknown: expected person,level,from,until,override',
    ]);
    expect(roster.services()).toEqual([]);
  });
});

it('reads two calendars in one file, folded lines and any line ends', () => {
  const folded = calendar(event('DTSTART:20260601T\r\n 080000Z', 'DTEND:20260601T090000Z', 'SUMMARY:dr-\r\n\tlong-name'));
  const text = `${folded}${calendar(once('b', '20260601T090000Z', '20260601T100000Z')).replaceAll('\r\n', '\n')}`;
  const { roster, faults } = rostersOf({ 'x.ics': text }, 'UTC');
  expect([faults, shown(roster, '2026-06-01T08:30:00Z'), shown(roster, '2026-06-01T09:30:00Z')]).toEqual([[], 'dr-long-name', 'b']);
});
