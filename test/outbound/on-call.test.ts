import { readSite } from '#adapters/embedded/site-folder.js';
import { rota } from '#adapters/embedded/rota.js';
import { instant } from '#core/time.js';
import { gapsBetween, onCallAt, onCallRota, serviceFor } from '#domain/on-call.js';
import type { OnCallRota } from '#domain/on-call.js';
import { onCallFaults } from '#domain/on-call-check.js';
import { addDays, atWallTime, dayIn } from '#domain/on-call-time.js';
import { testSite } from '../support/planned-orders.ts';

const site = readSite(testSite);
const known = site.onCall!;
const zone = site.settings.zone;
const at = (text: string) => instant.parse(text);
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A service whose nights are from 19:00 to 07:00, in a zone whose clocks change. */
const nights = (levels: unknown): OnCallRota =>
  onCallRota.parse({
    ...{ version: '1', source: 'test', reviewedBy: null, reviewedOn: null, services: [{ id: 'x', name: 'X', levels }] },
    madeToLook: { services: { '*': 'x' }, steps: [{ to: 'coordinator', minutes: null }], stoppedBy: 'opened' },
  });
const shifts = [
  { days: everyDay, from: '07:00', until: '19:00', people: ['day'] },
  { days: everyDay, from: '19:00', until: '07:00', people: ['night'] },
];
const people = (which: OnCallRota, when: string, where = 'America/Chicago') =>
  onCallAt(which, 'x', at(when), where)?.levels.map((level) => level.people);

describe('who is on call', () => {
  it('reads the rehearsal site: by the clock on its wall, first and second, until the shift ends', () => {
    // 25 November 2026, 20:30 in Chicago.
    const found = rota(known, zone).at('radiology', at('2026-11-26T02:30:00.000Z'));
    expect(found).toMatchObject({
      service: 'radiology',
      name: 'Radiology',
      levels: [{ level: 1, people: ['dr-lindqvist'] }, { people: ['dr-okafor'] }],
    });
    expect(found?.levels[0]?.until).toBe('2026-11-26T13:00:00.000Z');
    expect(rota(known, zone).at('nobody', at('2026-11-26T02:30:00.000Z'))).toBeNull();
  });

  it('knows services by what people call them', () => {
    const all = rota(known, zone);
    expect(all.named(' Neuro ')?.id).toBe('neuro');
    expect(all.named('neuroradiology')?.id).toBe('neuro');
    expect(all.named('cardiology')).toBeNull();
    expect(all.services().map(({ id }) => id)).toEqual(['radiology', 'neuro']);
    expect([serviceFor(known, 'MR'), serviceFor(known, 'CT'), serviceFor(known, null)]).toEqual(['neuro', 'radiology', 'radiology']);
  });

  it('keeps to the clock on the wall over both changes of the clocks, without an hour of nobody or of two (field report 16)', () => {
    const both = nights([{ shifts }]);
    // Spring 2026: 8 March, 02:00 becomes 03:00. Autumn: 1 November, 02:00 becomes 01:00.
    for (const [night, morning] of [
      ['2026-03-08T12:59:59.000Z', '2026-03-08T12:00:00.000Z'],
      ['2026-11-01T12:59:59.000Z', '2026-11-01T13:00:00.000Z'],
    ] as const) {
      expect(people(both, night)).toEqual([[morning < night ? 'day' : 'night']]);
      expect(people(both, morning)).toEqual([['day']]);
    }
    expect(people(both, '2026-03-08T11:59:59.000Z')).toEqual([['night']]);
    for (const year of [2026, 2027]) expect(gapsBetween(both, `${year}-01-01`, `${year + 1}-01-01`, 'America/Chicago')).toEqual([]);
  });

  it('reads a time that does not exist with the offset before the gap, and one that occurs twice as the first', () => {
    expect(atWallTime('2026-03-08', '02:30', 'America/Chicago')).toBe('2026-03-08T08:30:00.000Z');
    expect(atWallTime('2026-11-01', '01:30', 'America/Chicago')).toBe('2026-11-01T06:30:00.000Z');
    expect(atWallTime('2026-03-29', '02:30', 'Europe/Madrid')).toBe('2026-03-29T01:30:00.000Z');
    expect(dayIn(at('2026-11-26T05:59:59.000Z'), 'America/Chicago')).toBe('2026-11-25');
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  });

  it('puts a change in place of the shifts for the time that it covers, and lists who changes together', () => {
    const holiday = { from: '2026-12-24T07:00', until: '2026-12-25T07:00', people: ['locum'] };
    const also = { from: '2026-12-24T12:00', until: '2026-12-24T13:00', people: ['second'] };
    const changed = nights([{ shifts, changes: [holiday, also] }]);
    expect(people(changed, '2026-12-24T12:59:59.000Z')).toEqual([['night']]);
    expect(people(changed, '2026-12-24T13:00:00.000Z')).toEqual([['locum']]);
    expect(people(changed, '2026-12-24T18:30:00.000Z')).toEqual([['locum', 'second']]);
    expect(people(changed, '2026-12-25T13:00:00.000Z')).toEqual([['day']]);
    expect(onCallAt(changed, 'x', at('2026-12-24T12:00:00.000Z'), 'America/Chicago')?.levels[0]?.until).toBe('2026-12-24T13:00:00.000Z');
  });

  it('finds the hours at which nobody is on call', () => {
    const weekdays = nights([{ shifts: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '00:00', until: '00:00', people: ['day'] }] }]);
    expect(gapsBetween(weekdays, '2026-11-23', '2026-11-30', 'America/Chicago')).toEqual([
      { service: 'x', level: 1, from: '2026-11-28T06:00:00.000Z', to: '2026-11-30T06:00:00.000Z' },
    ]);
    const ended = nights([{ shifts: [{ days: everyDay, from: '00:00', until: '00:00', people: ['day'], lastDay: '2026-11-24' }] }]);
    expect(gapsBetween(ended, '2026-11-24', '2026-11-26', 'UTC')).toEqual([
      { service: 'x', level: 1, from: '2026-11-25T00:00:00.000Z', to: '2026-11-26T00:00:00.000Z' },
    ]);
    expect(people(ended, '2026-11-25T12:00:00.000Z', 'UTC')).toEqual([[]]);
  });
});

describe('a rota that is read', () => {
  const faults = (change: (rows: typeof known) => object, staff = site.people) =>
    onCallFaults(onCallRota.parse({ ...known, ...change(known) }), staff);
  const look = (more: object) => () => ({ madeToLook: { ...known.madeToLook, ...more } });
  const { steps } = known.madeToLook;

  it('is the rehearsal site’s without a fault', () => {
    expect(onCallFaults(known, site.people)).toEqual([]);
    expect(rota(known, zone).gaps(at('2026-11-25T12:00:00.000Z'), 400)).toEqual([]);
  });

  it.each([
    [
      'nobody at a level that is asked',
      look({ steps: [{ to: { level: 3 }, minutes: 3 }, steps[2]] }),
      /steps\.0\.to: nobody can be reached: service "neuro"/u,
    ],
    [
      'a step after the coordinator',
      look({ steps: [{ to: 'coordinator', minutes: 3 }, ...steps.slice(1)] }),
      /steps\.0\.to: the coordinator is the last step/u,
    ],
    [
      'a step that the one before never ends for',
      look({ steps: [{ to: { level: 1 }, minutes: null }, steps[2]] }),
      /steps\.0\.minutes: expected a number/u,
    ],
    ['an end that is no person', look({ steps: steps.slice(0, 2) }), /steps\.1: expected \{ "to": "coordinator"/u],
    ['a level asked twice', look({ steps: [steps[0], steps[0], steps[2]] }), /a level is asked twice/u],
    ['a service that is not there', look({ services: { '*': 'cardiology' } }), /services\.\*: expected the id of a service, got "cardiology"/u],
  ])('is refused with %s (field report 18)', (_name, change, why) => {
    expect(faults(change).join('\n')).toMatch(why);
  });

  it('is refused where somebody is not known, may not decide, or where nobody is a coordinator (field report 17)', () => {
    const without = site.people.filter(({ id }) => id !== 'dr-lindqvist');
    expect(faults(() => ({}), without).join('\n')).toContain(
      'on-call.json: services.radiology.levels.0: people.json knows nobody called "dr-lindqvist"',
    );
    const mri = site.people.map((one) => (one.id === 'dr-okafor' ? { ...one, modalities: ['MR'] } : one));
    expect(faults(() => ({}), mri).join('\n')).toMatch(/dr-okafor of service "radiology" may not decide CT, US, XR, MG, NM, FL orders/u);
    expect(
      faults(
        () => ({}),
        site.people.filter(({ roles }) => !roles.includes('coordinator')),
      ).join('\n'),
    ).toContain('names no coordinator');
  });

  it('has no minutes in which nobody could look, and no time of day that is none', () => {
    expect(() => onCallRota.parse({ ...known, madeToLook: { ...known.madeToLook, steps: [{ to: { level: 1 }, minutes: 0.2 }] } })).toThrow();
    expect(() => nights([{ shifts: [{ days: ['mon'], from: '24:00', until: '07:00', people: ['x'] }] }])).toThrow(/07:30/u);
  });
});
