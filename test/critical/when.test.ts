import { instant } from '#core/time.js';
import { whenOf } from '#workflows/critical-results/when.js';
import { NOT_AGREED, openDrillWard } from './drill-fixture.ts';

/** When a call was: by the clock on the site's wall, never a time that has not come. */
const ZONE = 'America/Chicago';
/** 00:30 in Chicago. */
const now = instant.parse('2026-11-24T06:30:00.000Z');

it.each([
  ['', '2026-11-24T06:30:00.000Z'],
  ['now', '2026-11-24T06:30:00.000Z'],
  ['0:10', '2026-11-24T06:10:00.000Z'],
  [' 00.10 ', '2026-11-24T06:10:00.000Z'],
  // Of the evening before.
  ['23:50', '2026-11-24T05:50:00.000Z'],
  ['2026-11-23 14:05', '2026-11-23T20:05:00.000Z'],
  ['2026-11-23T14:05', '2026-11-23T20:05:00.000Z'],
  ['2026-11-24T06:00:00.000Z', '2026-11-24T06:00:00.000Z'],
])('“%s” is read', (typed, at) => {
  expect(whenOf(typed, now, ZONE)).toBe(at);
});

it.each(['just now, 2 min ago', '25:00', '14:60', '14', '2026-02-30 10:00', '2026-13-01 10:00', '2026-11-25 10:00', '2026-11-24T09:00:00.000Z', '11/24 10:00'])(
  '“%s” is no time that a call was',
  (typed) => {
    expect(whenOf(typed, now, ZONE)).toBeNull();
  },
); // prettier-ignore

it('a time that can’t be read records nothing, and it is said how one is written; one that can closes it, and stands there as a time', async () => {
  const on = await openDrillWard(NOT_AGREED);
  try {
    const alert = await on.real('neurosurgery');
    const [called = ''] = await on.ward.calledFor(alert);
    const fields = { identifier: '77001', finding: 'tension pneumothorax', action: 'drain' };
    expect(await on.ward.act(called, alert, 'read-back', { fields })).toBe('won');
    expect(await on.ward.act('dr-okafor', alert, 'record-call', { fields: { when: 'just now, 2 min ago' } })).toBe('invalid');
    expect(await on.statusOf(alert)).toBe('read-back');
    expect(await on.ward.act('dr-okafor', alert, 'record-call', { fields: { when: '14:20' } })).toBe('won');
    expect(await on.statusOf(alert)).toBe('closed');
    const { cases } = on.ward.engine.parts;
    const known = (await cases.findByNumber(alert))!;
    const { facts } = await cases.read(known.workflow, known.caseId);
    expect(facts.map(({ fact }) => fact)).toContainEqual(expect.objectContaining({ type: 'conversationRecorded', when: '2026-11-23T20:20:00.000Z' }));
  } finally {
    await on.close();
  }
});
