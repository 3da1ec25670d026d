import { hasOffset, hasTimeOfDay, momentOf } from '#adapters/hl7/moment.js';

describe('an HL7 time as a moment', () => {
  it.each([
    ['20261125103045.1234+0100', '2026-11-25T09:30:45.123Z'],
    ['20261125103045-0530', '2026-11-25T16:00:45.000Z'],
    ['20261125103045+0000', '2026-11-25T10:30:45.000Z'],
    ['20261125103045', '2026-11-25T15:30:45.000Z'],
    ['202611251030', '2026-11-25T15:30:00.000Z'],
    ['2026112510', '2026-11-25T15:00:00.000Z'],
    ['20261125', '2026-11-25T05:00:00.000Z'],
    ['20260701', '2026-07-01T04:00:00.000Z'],
    ['20240229', '2024-02-29T05:00:00.000Z'],
  ])('%s is %s: what is left out is the beginning, without an offset it is read in the zone of the site', (text, expected) => {
    expect(momentOf(text, 'America/New_York')).toBe(expected);
  });

  it.each([
    ['the hour that occurs twice is the earlier one', '20261101013000', '2026-11-01T05:30:00.000Z', 'America/New_York'],
    ['the minute after it', '20261101020000', '2026-11-01T07:00:00.000Z', 'America/New_York'],
    ['the hour that does not exist is read with the offset before', '20260308023000', '2026-03-08T07:30:00.000Z', 'America/New_York'],
    ['the minute before it', '20260308015900', '2026-03-08T06:59:00.000Z', 'America/New_York'],
    ['in autumn in Berlin', '20261025023000', '2026-10-25T00:30:00.000Z', 'Europe/Berlin'],
    ['in spring in Berlin', '20260329023000', '2026-03-29T01:30:00.000Z', 'Europe/Berlin'],
    ['in a zone of a quarter hour', '20261125120000', '2026-11-25T06:15:00.000Z', 'Asia/Kathmandu'],
    ['where the change is half an hour', '20260405014500', '2026-04-04T14:45:00.000Z', 'Australia/Lord_Howe'],
  ])('%s', (_, text, expected, zone) => {
    expect(momentOf(text, zone)).toBe(expected);
  });

  it.each([
    '',
    '2026',
    '202611',
    '20261332',
    '20260229',
    '20261125250000',
    '20261125106000',
    '2026-11-25',
    '2026112510304',
    '20261125103045+9900',
    '20261125+01',
    'now',
    '00010101',
    '""',
  ])('"%s" is none', (text) => {
    expect(momentOf(text, 'UTC')).toBeNull();
  });

  it('says whether it has a time of day and an offset', () => {
    expect(['20261125', '2026112510', '20261125+0100'].map(hasTimeOfDay)).toEqual([false, true, false]);
    expect(['20261125', '2026112510', '20261125103000+0100'].map(hasOffset)).toEqual([false, false, true]);
  });
});
