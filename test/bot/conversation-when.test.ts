import { instant } from '#core/time.js';
import { momentOf, whenOf } from '#domain/when.js';

const zone = 'America/Chicago';
/** Wednesday 25 November 2026, 10:30 in Chicago. */
const now = instant.parse('2026-11-25T16:30:00.000Z');
const meant = (text: string, from = now): string | null => {
  const when = whenOf(text);
  return when === null ? null : momentOf(when, from, zone);
};

describe('when somebody wants to be reminded', () => {
  it.each([
    ['in 20 minutes', '2026-11-25T16:50'],
    ['in 30', '2026-11-25T17:00'],
    ['in half an hour', '2026-11-25T17:00'],
    ['in 1 hour and a half', '2026-11-25T18:00'],
    ['at 4', '2026-11-25T22:00'],
    ['at 4 pm', '2026-11-25T22:00'],
    ['at 15:00', '2026-11-25T21:00'],
    ['at 0545', '2026-11-26T11:45'],
    ['at 2am', '2026-11-26T08:00'],
    ['at half past two', '2026-11-25T20:30'],
    ['at five thirty p m', '2026-11-25T23:30'],
    ['tomorrow at 8', '2026-11-26T14:00'],
    ['tomorrow first thing', '2026-11-26T13:30'],
    ['on monday at 9', '2026-11-30T15:00'],
    ['next Wednesday', '2026-12-02T14:00'],
    ['at noon', '2026-11-25T18:00'],
    ['tonight', '2026-11-26T02:00'],
    ['en veinte minutos', '2026-11-25T16:50'],
    ['a las 4 y media', '2026-11-25T22:30'],
    ['mañana por la mañana', '2026-11-26T14:00'],
  ])('%s', (text, expected) => {
    expect(meant(text)?.slice(0, 16)).toBe(expected);
  });

  it.each(['later', 'after lunch', 'today at 9', 'at 25:00', 'in 0 minutes', 'in 900 hours', 'when the labs are back', ''])(
    '%s is no moment ahead',
    (text) => {
      expect(meant(text)).toBeNull();
    },
  );

  it('goes by the clock on the wall over a change of the clocks', () => {
    // Sunday 8 March 2026: 02:00 becomes 03:00.
    const evening = instant.parse('2026-03-08T03:00:00.000Z');
    expect(meant('tomorrow at 8', evening)).toBe('2026-03-08T13:00:00.000Z');
    expect(meant('in 12 hours', evening)).toBe('2026-03-08T15:00:00.000Z');
  });
});
