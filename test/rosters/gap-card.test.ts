import { readContent } from '#adapters/embedded/content.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import type { PersonId } from '#core/ids.js';
import { person } from '#core/people.js';
import { language } from '#core/language.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { gapsAhead } from '#domain/on-call-gap.js';
import type { OnCallGap, OnCallLack } from '#domain/on-call-gap.js';
import { lacksAhead, levelsCalled } from '#domain/on-call-lack.js';
import type { Looked } from '#domain/on-call-lack.js';
import type { Roster } from '#domain/roster.js';
import { desk } from '#engine/desk.js';
import { openRows } from '#engine/open-cases.js';
import { tellGaps } from '#engine/gap-watch.js';
import { noteCard } from '#workflows/on-call-gaps/card.js';
import { noteNames } from '#workflows/on-call-gaps/effects.js';
import { fact } from '#workflows/on-call-gaps/events.js';
import { examplePolicy, gap, wanting } from '#workflows/on-call-gaps/examples.js';
import { registry } from '#workflows/registry.js';
import type { Page } from '#ports/pager.js';
import { directoryOf, okafor } from '../support/clinic.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { at, event, rosterOfEvents } from './site.ts';

/** Two people, day and night, but for what a test leaves out. UTC. */
const days = (more = 'RRULE:FREQ=DAILY') => event('DTSTART:20260101T070000Z', 'DURATION:PT12H', more, 'SUMMARY:a');
const nights = (more = 'RRULE:FREQ=DAILY') => event('DTSTART:20260101T190000Z', 'DURATION:PT12H', more, 'SUMMARY:b');
const rosterWithout = (...starts: readonly string[]): Roster =>
  rosterOfEvents('UTC', nights(), days(['RRULE:FREQ=DAILY', ...starts.map((start) => `EXDATE:${start}T070000Z`)].join('\r\n')));
const ofDay = (day: string): OnCallGap => ({ service: 'x', level: 1, from: at(`${day}T07:00Z`), to: at(`${day}T19:00Z`) });

describe('gaps of a roster that lie ahead', () => {
  it.each([
    ['a roster without one has none', rosterWithout(), '2026-06-01T12:00Z', []],
    ['one that begins within a day', rosterWithout('20260602'), '2026-06-01T07:00Z', [ofDay('2026-06-02')]],
    ['none that begins later', rosterWithout('20260602'), '2026-06-01T06:59Z', []],
    ['one that has begun, until it is over', rosterWithout('20260602'), '2026-06-02T18:59Z', [ofDay('2026-06-02')]],
    ['none that is over', rosterWithout('20260602'), '2026-06-02T19:00Z', []],
    ['the first first', rosterWithout('20260602', '20260601'), '2026-06-01T08:00Z', [ofDay('2026-06-01'), ofDay('2026-06-02')]],
  ] as const)('%s', (_, roster, now, expected) => {
    expect(gapsAhead(roster, ['x', 'has-no-roster'], at(now))).toEqual(expected);
  });

  it('a roster that ends is one without an end, on the day before and for as long as it lasts', () => {
    const roster = rosterOfEvents('UTC', event('DTSTART:20260601T000000Z', 'DURATION:P1D', 'RRULE:FREQ=DAILY;COUNT=9', 'SUMMARY:a'));
    const ended: OnCallGap = { service: 'x', level: 1, from: at('2026-06-10T00:00Z'), to: null };
    expect(gapsAhead(roster, ['x'], at('2026-06-08T23:59Z'))).toEqual([]);
    for (const now of ['2026-06-09T00:00Z', '2026-06-10T00:00Z', '2026-09-01T00:00Z']) expect(gapsAhead(roster, ['x'], at(now))).toEqual([ended]);
  });

  it('one of weeks has no end until it is near', () => {
    const roster = rosterOfEvents('UTC', days('RRULE:FREQ=YEARLY'), event('DTSTART:20260801T000000Z', 'DURATION:P1D', 'SUMMARY:b'));
    expect(gapsAhead(roster, ['x'], at('2026-06-01T12:00Z'))).toMatchObject([{ to: null }]);
    expect(gapsAhead(roster, ['x'], at('2026-07-30T12:00Z'))).toMatchObject([{ to: at('2026-08-01T00:00Z') }]);
  });
});

describe('what is wanting of a service', () => {
  const now = at('2026-06-01T12:00Z');
  const id = (text: string) => text as PersonId;
  const service = (more: Partial<Looked>): Looked => ({
    ...{ roster: rosterWithout(), services: new Map([['x', [1]]]), unusable: [], files: [], olderThanDays: null },
    ...{ knows: () => true, isWoken: () => true, ...more },
  });
  const lack = (why: OnCallLack['why'], more: Partial<OnCallLack> = {}): OnCallLack => ({ why, level: null, person: null, from: now, ...more });
  const night = at('2026-06-01T19:00Z');
  const changed = (text: string) => [{ service: 'x', changedAt: at(text) }];

  it.each<readonly [string, Partial<Looked>, readonly OnCallLack[]]>([
    ['nothing, where everybody is known and can be woken', {}, []],
    ['a file that can’t be used', { unusable: [{ service: 'x', file: 'roster/x.ics' }] }, [lack('unusable-roster')]],
    ['a level that is called and that nobody was ever on', { services: new Map([['x', [1, 2]]]) }, [lack('no-level', { level: 2 })]],
    ['a roster older than the limit within a day', { files: changed('2026-05-03T11:00Z'), olderThanDays: 30 }, [lack('old-roster', { from: at('2026-06-02T11:00Z') })]],
    ['no roster that is older later', { files: changed('2026-05-03T13:00Z'), olderThanDays: 30 }, []],
    ['no roster that is never too old', { files: changed('2020-01-01T00:00Z') }, []],
    ['somebody unknown, from their shift on', { knows: (one) => one !== 'b' }, [lack('unknown-person', { level: 1, person: id('b'), from: night })]],
    ['of somebody unknown nothing else', { knows: (one) => one !== 'b', isWoken: (one) => one !== 'b' }, [lack('unknown-person', { level: 1, person: id('b'), from: night })]],
    ['somebody whom nothing wakes, on call now', { isWoken: (one) => one !== 'a' }, [lack('no-second-channel', { level: 1, person: id('a') })]],
    ['nobody of a site that pages nobody', { isWoken: null }, []],
    ['somebody without the app', { withoutApp: new Set([id('b')]) }, [lack('no-app', { level: 1, person: id('b'), from: night })]],
    ['all of it at once', { services: new Map([['x', [1, 2]]]), isWoken: () => false }, [lack('no-level', { level: 2 }), lack('no-second-channel', { level: 1, person: id('a') }), lack('no-second-channel', { level: 1, person: id('b'), from: night })]],
  ])('is %s', (_, more, expected) => {
    expect(lacksAhead(service(more), now).flatMap(({ lacks = [] }) => lacks)).toEqual(expected);
  }); // prettier-ignore

  it('is told of a service without a roster, and of a file that is of none', () => {
    const found = lacksAhead(service({ services: new Map([['y', []]]), unusable: [{ service: 'Neuro 2026', file: 'roster/Neuro 2026.ics' }] }), now);
    expect(found).toEqual([
      { service: 'y', level: 0, from: now, to: null, lacks: [lack('no-roster')] },
      { service: 'Neuro 2026', level: 0, from: now, to: null, lacks: [lack('unusable-roster')] },
    ]);
  });

  it('is nothing of somebody whose next shift is more than a day away', () => {
    const roster = rosterOfEvents('UTC', days(), event('DTSTART:20260602T190000Z', 'DURATION:PT12H', 'SUMMARY:b'));
    expect(lacksAhead(service({ roster, knows: (one) => one !== 'b' }), now)).toEqual([]);
  });

  it('is asked for by the steps of a STAT task and, of a service with wards, by the ladders', () => {
    const { onCall } = readSite(testSite);
    const { ladders } = readContent(testSite);
    expect(Object.fromEntries(levelsCalled(onCall!, ladders))).toMatchObject({ radiology: [1, 2], neuro: [1, 2], icu: [1, 2] });
    expect(Object.fromEntries(levelsCalled(onCall!, []))).toMatchObject({ radiology: [1, 2], neuro: [1, 2], icu: [] });
  });

  it('facts of before there was anything but hours are read as they were', () => {
    const before = { type: 'gapOpened', at: now, v: 1, gap: ofDay('2026-06-02') };
    expect(fact.parse(before)).toEqual(before);
  });
});

describe('the card of a gap', () => {
  let engine: EngineFixture;
  /** What stands in each private chat, by where it stands. */
  let chats: Map<string, string>;
  let sent: number;
  beforeEach(() => {
    engine = startEngineFixture('assist');
    [chats, sent] = [new Map(), 0];
    const put = (place: string, activityId: string, card: object) => {
      chats.set(`${place} ${activityId}`, JSON.stringify(card));
      return Promise.resolve({ ok: true, receipt: { place, conversationId: place, activityId } } as const);
    };
    Object.assign(engine.parts, {
      workflows: registry({ protocoling: shippedPolicy, onCallGaps: examplePolicy }),
      people: {
        tell: (person: string, card: object) => put(person, String((sent += 1)), card),
        edit: (before: { place: string; activityId: string }, card: object) => put(before.place, before.activityId, card),
        post: () => Promise.reject(new Error('there is nothing to post')),
      },
    });
  });
  afterEach(() => engine.close());

  it('what is near is paged once to each coordinator by all that they have, whoever looks how often; nothing that is far off', async () => {
    const pages: Page[] = [];
    const coordinator = (id: string) =>
      person.parse({ ...okafor, id, roles: ['coordinator'], contacts: { email: `${id}@example.invalid`, sms: '+15550111' } });
    Object.assign(engine.parts, {
      directory: directoryOf([coordinator('c-reyes'), coordinator('c-bello')]),
      pager: {
        channels: new Set(['sms', 'email']),
        send: (page: Page) => Promise.resolve({ ok: true, receipt: { id: String(pages.push(page)) } }),
      },
    });
    const found = [gap, wanting({ why: 'no-second-channel', level: 1, person: okafor.id, from: gap.from })];
    for (const minutes of [0, 1, 22 * 60, 23 * 60, 23 * 60 + 1, 24 * 60, 25 * 60]) {
      engine.now = addMinutes(dayBefore, minutes);
      await Promise.all([tellGaps(engine.parts, found, 60), tellGaps(engine.parts, found, 60)]);
      await engine.settle();
      expect(pages).toHaveLength(minutes < 23 * 60 ? 0 : 6);
    }
    expect(pages.map(({ channel, address }) => `${channel} ${address}`).sort()).toEqual([
      ...Array.from({ length: 2 }, () => 'email c-bello@example.invalid'),
      ...Array.from({ length: 2 }, () => 'email c-reyes@example.invalid'),
      ...Array.from({ length: 2 }, () => 'sms +15550111'),
    ]);
    expect(new Set(pages.map(({ subject }) => subject))).toEqual(
      new Set(['NOBODY ON CALL: Neurosurgery, first on call, from 27 Nov 07:00', 'ON CALL NOT SURE: Neurosurgery, 1 to mend']),
    );
    expect(JSON.stringify(pages)).not.toContain(okafor.id);
    const { facts } = await engine.parts.cases.read('on-call-gaps', (await engine.parts.views.open('on-call-gaps'))[0]!.caseId);
    expect(facts.filter((one) => fact.parse(one.fact).type === 'gapPaged')).toHaveLength(1);
  });

  it('what is wanting of a service is one card, which follows its list and says when nothing is', async () => {
    const lack = { why: 'old-roster', level: null, person: null, from: dayBefore } as const;
    const longer = wanting(lack, { why: 'unknown-person', level: 2, person: okafor.id, from: gap.from });
    await look(dayBefore, gap, wanting(lack));
    await look(addMinutes(dayBefore, 1), gap, longer);
    await look(addMinutes(dayBefore, 2), gap, { ...longer, from: addMinutes(dayBefore, 2) });
    expect(readBy('c-reyes')).toEqual([
      expect.stringContaining('Nobody is on call: Neurosurgery'),
      expect.stringMatching(/might not be reached: Neurosurgery.*has not changed.*Not in people\.json \(second on call\)/u),
    ]);
    await look(addMinutes(dayBefore, 3), gap);
    expect(readBy('c-reyes')[1]).toContain('nothing is wanting any more: Neurosurgery');
    await look(addMinutes(dayBefore, 4), gap, longer);
    expect(readBy('c-reyes')).toHaveLength(3);
  });

  const look = async (now: Instant, ...found: readonly OnCallGap[]): Promise<string> => {
    engine.now = now;
    const outcome = await tellGaps(engine.parts, found);
    await engine.settle();
    return outcome;
  };
  const readBy = (person: string): readonly string[] => [...chats].flatMap(([where, card]) => (where.startsWith(`${person} `) ? [card] : []));
  const dayBefore = addMinutes(gap.from, -24 * 60);

  it('every coordinator has it once, however often and by however many it is looked', async () => {
    engine.now = dayBefore;
    await Promise.all([tellGaps(engine.parts, [gap]), tellGaps(engine.parts, [gap])]);
    await engine.settle();
    for (const minutes of [1, 2, 60, 24 * 60, 26 * 60]) await look(addMinutes(dayBefore, minutes), gap);
    expect([...chats.keys()]).toEqual(['c-reyes 1', 'c-bello 2']);
    for (const card of chats.values())
      for (const part of ['Nobody is on call: Neurosurgery', 'first on call', '07:00', '19:00']) expect(card).toContain(part);
  });

  it('a roster that was mended takes its place; where nobody was missing any more before it arrived, nothing is said', async () => {
    await look(dayBefore, gap);
    await look(addMinutes(dayBefore, 5));
    expect(readBy('c-reyes')).toEqual([expect.stringContaining('Somebody is on call again: Neurosurgery')]);
    expect(readBy('c-bello')).toHaveLength(1);
    const other = { ...gap, level: 2 };
    engine.now = addMinutes(dayBefore, 6);
    await tellGaps(engine.parts, [other]);
    await tellGaps(engine.parts, []);
    await engine.settle();
    expect(sent).toBe(2);
  });

  it('hours that were filled in part stand in its place, and what stays of them has a card of its own where it is two', async () => {
    await look(dayBefore, gap);
    const morning = { ...gap, to: addMinutes(gap.from, 60) };
    const evening = { ...gap, from: addMinutes(gap.from, 600) };
    await look(addMinutes(dayBefore, 5), morning, evening);
    expect(readBy('c-reyes')).toEqual([expect.stringMatching(/07:00.*08:00/u), expect.stringMatching(/17:00.*19:00/u)]);
    await look(addMinutes(dayBefore, 10), gap);
    expect(readBy('c-reyes').filter((card) => card.includes('Nobody is on call'))).toHaveLength(2);
    await look(addMinutes(dayBefore, 15));
    expect(readBy('c-reyes').filter((card) => card.includes('Somebody is on call again'))).toHaveLength(2);
  });

  it('hours that pass without anybody are over, not mended', async () => {
    await look(dayBefore, gap);
    await look(gap.to ?? gap.from);
    expect(readBy('c-reyes')).toEqual([expect.stringContaining('The hours without anybody are over')]);
  });

  it('is nobody’s task, opens to nobody, and stands in no list', async () => {
    await look(dayBefore, gap);
    const [row] = await engine.parts.views.open('on-call-gaps');
    expect(row).toMatchObject({ status: 'open', owner: 'coordinator' });
    expect(await openRows(engine.parts)).toEqual([]);
    expect(await desk(engine.parts, []).open(okafor, row!.caseNumber)).toMatchObject({ ok: false });
  });

  it('one that can’t be told keeps none of the others', async () => {
    await look(dayBefore, gap);
    const { cases } = engine.parts;
    const [row] = await engine.parts.views.open('on-call-gaps');
    const read = cases.read.bind(cases);
    cases.read = (workflow, caseId, after) =>
      caseId === row?.caseId ? Promise.reject(new Error('it can’t be read')) : read(workflow, caseId, after);
    expect(await look(addMinutes(dayBefore, 1), gap, { ...gap, service: 'icu' })).toBe('failed');
    expect(readBy('c-reyes')).toHaveLength(2);
    cases.read = read;
    expect(await look(addMinutes(dayBefore, 2), gap, { ...gap, service: 'icu' })).toBe('done');
    expect(readBy('c-reyes')).toHaveLength(2);
  });

  it.each(language.options)('says each note only while it is true, in %s', (spoken) => {
    const known = { gap, since: dayBefore, revision: 1, notices: [] } as const;
    const said = (status: 'open' | 'mended' | 'over') =>
      noteNames.map((note) => noteCard(note, { ...known, status }, examplePolicy, spoken) !== null);
    expect([said('open'), said('mended'), said('over')]).toEqual([
      [true, true, false],
      [false, false, true],
      [false, false, true],
    ]);
  });
});
