import { readRosters } from '#adapters/embedded/roster/files.js';
import { rota } from '#adapters/embedded/rota.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { instant } from '#core/time.js';
import { onCallRules, serviceFor } from '#domain/on-call.js';
import { onCallFaults } from '#domain/on-call-check.js';
import { addDays, atWallTime, dayIn } from '#domain/on-call-time.js';
import { testSite } from '../support/planned-orders.ts';
import { onCallSays } from '../../bot/conversation/on-call.ts';
import { calendar, event, folderWith } from '../rosters/site.ts';

const site = readSite(testSite);
const known = site.onCall!;
const zone = site.settings.zone;
const { roster } = readRosters(testSite, zone);
const now = Date.parse('2026-11-25T12:00:00Z');
const at = (text: string) => instant.parse(text);

describe('who is on call', () => {
  it('reads the rehearsal site: by the clock on its wall, first and second, until the shift ends', () => {
    // 25 November 2026, 20:30 in Chicago.
    const found = rota(known, roster, zone).at('radiology', at('2026-11-26T02:30:00.000Z'));
    expect(found).toMatchObject({
      service: 'radiology',
      name: 'Radiology',
      levels: [{ level: 1, people: ['dr-lindqvist'] }, { people: ['dr-okafor'] }],
    });
    expect(found?.levels[0]?.until).toBe('2026-11-26T13:00:00.000Z');
    expect(rota(known, roster, zone).at('nobody', at('2026-11-26T02:30:00.000Z'))).toBeNull();
  });

  it('knows services by what people call them', () => {
    const all = rota(known, roster, zone);
    expect(all.named(' Neuro ')?.id).toBe('neuro');
    expect(all.named('neuroradiology')?.id).toBe('neuro');
    expect(all.named('cardiology')).toBeNull();
    const ids = ['radiology', 'neuro', 'emergency', 'neurosurgery', 'general-surgery', 'medicine', 'icu'];
    expect(all.services().map(({ id }) => id)).toEqual(ids);
    expect([serviceFor(known, 'MR'), serviceFor(known, 'CT'), serviceFor(known, null)]).toEqual(['neuro', 'radiology', 'radiology']);
  });

  it('reads a time that does not exist with the offset before the gap, and one that occurs twice as the first', () => {
    expect(atWallTime('2026-03-08', '02:30', 'America/Chicago')).toBe('2026-03-08T08:30:00.000Z');
    expect(atWallTime('2026-11-01', '01:30', 'America/Chicago')).toBe('2026-11-01T06:30:00.000Z');
    expect(atWallTime('2026-03-29', '02:30', 'Europe/Madrid')).toBe('2026-03-29T01:30:00.000Z');
    expect(dayIn(at('2026-11-26T05:59:59.000Z'), 'America/Chicago')).toBe('2026-11-25');
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  });
});

describe('asked in words', () => {
  const says = (of: typeof roster, service: string, language: 'en' | 'es' = 'en') =>
    onCallSays({ rota: rota(known, of, zone), now: at('2026-11-26T12:00:00.000Z'), zone, names: {} }, { service, when: 'at 6' }, language);

  it('answers for any service that has a roster, now and at a time', () => {
    expect(says(roster, 'neurosurgery')).toMatch(/On call for Neurosurgery, [^\n]*\n1\. dr-marchetti, until [^\n]*\n2\. dr-vance/u);
  });

  it('says so where the service has none: nobody is made up', () => {
    const neuro = readRosters(
      folderWith({ 'neuro.ics': calendar(event('DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=DAILY', 'SUMMARY:dr-okafor')) }, zone),
      zone,
    );
    expect(says(neuro.roster, 'neurosurgery')).toBe('I have no roster of Neurosurgery: call the switchboard.');
    expect(says(neuro.roster, 'neurosurgery', 'es')).toContain('No tengo el cuadro de guardias de Neurosurgery');
    expect(says(neuro.roster, 'cardiology')).toBe('On call for which service? I have the rota of: Neuroradiology.');
  });
});

describe('a rota that is read', () => {
  const faults = (change: (rules: typeof known) => object, staff = site.people, of = roster) =>
    onCallFaults(onCallRules.parse({ ...known, ...change(known) }), of, staff, now);
  const look = (more: object) => () => ({ madeToLook: { ...known.madeToLook, ...more } });
  const { steps } = known.madeToLook;

  it('is the rehearsal site’s without a fault, and with somebody at every hour of a year', () => {
    expect(onCallFaults(known, roster, site.people, now)).toEqual([]);
    expect(rota(known, roster, zone).gaps(at('2026-11-25T12:00:00.000Z'), 400)).toEqual([]);
  });

  it.each([
    [
      'nobody at a level that is asked',
      look({ steps: [{ to: { level: 3 }, minutes: 3 }, steps[2]] }),
      /steps\.0\.to: nobody can be reached: roster\/neuro\.ics has nobody at level 3/u,
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
      'roster/radiology.ics: line 12 (UID radiology-first-night@rehearsal.invalid): people.json knows nobody called "dr-lindqvist"',
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

  it('does not mind who has left and has only past shifts, and refuses a level that only they had (field report 17)', () => {
    const shift = (person: string, year: number, ...more: string[]) => event(`DTSTART:${year}0101T000000Z`, `DTEND:${year + 1}0101T000000Z`, `SUMMARY:${person}`, ...more); // prettier-ignore
    const read = (...events: string[]) => {
      const text = calendar(...events);
      return readRosters(folderWith({ 'radiology.ics': text, 'neuro.ics': text }, zone), zone).roster;
    };
    const second = shift('dr-lindqvist', 2026, 'X-RADLOOP-LEVEL:2');
    expect(faults(() => ({}), site.people, read(shift('dr-gone', 2020), shift('dr-okafor', 2026), second))).toEqual([]);
    expect(faults(() => ({}), site.people, read(shift('dr-gone', 2020), second)).join('\n')).toMatch(
      /nobody can be reached: roster\/neuro\.ics has nobody at level 1/u,
    );
  });

  it('has no minutes in which nobody could look, and says where shifts stand now', () => {
    expect(() => onCallRules.parse({ ...known, madeToLook: { ...known.madeToLook, steps: [{ to: { level: 1 }, minutes: 0.2 }] } })).toThrow();
    const old = known.services.map((one) => ({ ...one, levels: [{ shifts: [] }] }));
    expect(() => onCallRules.parse({ ...known, services: old })).toThrow(/shifts stand in roster\/ID\.ics/u);
  });
});
