import { nextRun, timerSchedule } from '../../infra/local/function-host/timer-schedule.ts';

function next(schedule: string, after: string): string | undefined {
  return nextRun(timerSchedule(schedule, { EVERY: '0 */15 * * * *' }), new Date(after))?.toISOString();
}

describe('a timer schedule', () => {
  it.each([
    ['* * * * * *', '2026-11-25T10:00:00.400Z', '2026-11-25T10:00:01.000Z'],
    ['*/5 * * * * *', '2026-11-25T10:00:55.000Z', '2026-11-25T10:01:00.000Z'],
    ['0 30 4 * * mon', '2026-11-25T10:00:00.000Z', '2026-11-30T04:30:00.000Z'],
    ['0 0 0 29 2 *', '2026-11-25T10:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 9-17/4 * jan,jul 1-5', '2026-11-25T10:00:00.000Z', '2027-01-01T09:00:00.000Z'],
    ['10/20 * * * * *', '2026-12-31T23:59:50.000Z', '2027-01-01T00:00:10.000Z'],
    ['59 59 23 31 * *', '2026-11-25T10:00:00.000Z', '2026-12-31T23:59:59.000Z'],
    ['0 12 * * *', '2026-11-25T12:00:00.000Z', '2026-11-26T12:00:00.000Z'],
    ['%EVERY%', '2026-11-25T10:01:00.000Z', '2026-11-25T10:15:00.000Z'],
    ['0 0 0 13 * fri', '2026-11-25T10:00:00.000Z', '2027-08-13T00:00:00.000Z'],
  ])('%s after %s comes at %s', (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  it('never comes on 30 February', () => {
    expect(next('0 0 0 30 2 *', '2026-11-25T10:00:00.000Z')).toBeUndefined();
  });

  it.each(['', '* * * *', '60 * * * * *', '* * * * * mo', '*/0 * * * * *', '5-1 * * * * *', '%UNSET%', '1,,2 * * * * *', '00:05:00'])(
    '"%s" is refused',
    (schedule) => {
      expect(() => timerSchedule(schedule, {})).toThrow(/Timer schedule/u);
    },
  );
});
