import fc from 'fast-check';
import { breakGlassMinutes } from '#core/break-glass.js';
import { caseId, caseNumber, eventId, personId } from '#core/ids.js';
import { addMinutes, epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { accessFact, activeOf, withAccess } from '#domain/break-glass.js';
import type { Access, AccessFact } from '#domain/break-glass.js';
import { decide } from '#workflows/break-glass/decide.js';
import type { Input } from '#workflows/break-glass/events.js';
import { examplePolicy as policy } from '#workflows/break-glass/examples.js';

const people = ['t-novak', 'c-reyes', 'p-ivers'].map((id) => ({ id: personId.parse(id), name: id }));
const target = { caseId: caseId.parse('0'.repeat(32)), caseNumber: caseNumber.parse('7KF3QN') };
const by = fc.constantFrom(...people);
const text = fc.constantFrom('', 'Trauma bay 2');
const opening = fc.integer({ min: 1, max: 4 });
const start = toInstant(Date.parse('2026-11-25T10:40:00.000Z'));

const asked: fc.Arbitrary<Input> = fc.oneof(
  fc.record({
    type: fc.constant('accessAsked' as const),
    by,
    text,
    target: fc.constant(target),
    reason: fc.constant('emergency-care' as const),
    signedInAt: fc.constant(start),
  }),
  fc.record({ type: fc.constant('accessEndAsked' as const), by }),
  fc.record({ type: fc.constant('longerAsked' as const), by, text }),
  fc.record({ type: fc.constant('longerConfirmed' as const), by }),
  fc.record({
    type: fc.constant('reviewGiven' as const),
    by,
    opening,
    finding: fc.constantFrom('justified' as const, 'not-justified' as const),
    text,
  }),
  fc.record({
    type: fc.constant('deadlinePassed' as const),
    name: fc.constantFrom('end', 'review-1', 'review-2'),
    epoch: fc.integer({ min: 0, max: 400 }).map((minutes) => epochOf(addMinutes(start, minutes))),
  }),
  fc.constant<Input>({ type: 'cardsLost' }),
);
/** What is heard, and minutes until the next. */
const history = fc.array(fc.tuple(asked, fc.integer({ min: 0, max: 40 })), { maxLength: 25 });

interface Heard {
  readonly input: Input;
  readonly now: Instant;
  readonly after: Access;
  readonly facts: readonly AccessFact[];
  readonly effects: ReturnType<typeof decide>['effects'];
}

function play(told: readonly (readonly [Input, number])[]): readonly Heard[] {
  let [state, now]: [Access, Instant] = [{ status: 'none' }, start];
  return told.map(([input, minutes], n) => {
    const moment = { ...target, now, event: eventId.parse(`e${n}`), actor: { kind: 'system', part: 'law' } as const, policy };
    const decision = decide(state, input, moment);
    expect(decide(state, input, moment)).toEqual(decision);
    state = decision.facts.reduce(withAccess, state);
    const heard = { input, now, after: state, ...decision };
    now = addMinutes(now, minutes);
    return heard;
  });
}

const always = (check: (heard: readonly Heard[]) => void): void =>
  fc.assert(
    fc.property(history, (told) => check(play(told))),
    { numRuns: 300 },
  );

describe('an emergency access, whatever it hears', () => {
  it('shows the case to nobody beyond an hour from its opening and one more for each yes of a second person', () => {
    always((heard) => {
      const facts = heard.flatMap((one) => one.facts);
      for (const { after, now } of heard) {
        // A clock that was set back a day, or a restart in between, makes it no longer.
        expect(activeOf(after, addMinutes(now, -24 * 60))).toBeNull();
        const active = activeOf(after, now);
        if (active === null) continue;
        const yes = facts.filter((fact) => fact.type === 'longerConfirmed' && fact.opening === active.n && fact.at <= now).length;
        expect(now < addMinutes(active.at, breakGlassMinutes.open * (1 + yes))).toBe(true);
      }
    });
  });

  it('is opened with a reason, confirmed and judged by others than who it is, one opening at a time', () => {
    always((heard) => {
      const facts = heard.flatMap((one) => one.facts);
      const opener = facts.find((fact) => fact.type === 'glassBroken')?.by.id;
      for (const fact of facts) {
        if (fact.type === 'glassBroken') expect([fact.by.id, fact.text.trim() !== '']).toEqual([opener, true]);
        if (fact.type === 'longerConfirmed' || fact.type === 'accessReviewed') expect(fact.by.id).not.toBe(opener);
      }
      for (const { after } of heard)
        if (after.status === 'known') expect(after.openings.filter(({ closedAt }) => closedAt === null).length).toBeLessThan(2);
    });
  });

  it('tells privacy and arms its end and its judgement with each opening, and never changes anything in the hospital', () => {
    always((heard) => {
      for (const { facts, effects } of heard) {
        expect(effects.filter(({ weight }) => weight === 'commit')).toEqual([]);
        const broken = facts.find((fact) => fact.type === 'glassBroken');
        if (broken === undefined) continue;
        const deadlines = effects.flatMap((effect) => (effect.kind === 'setDeadline' ? [effect.name] : []));
        expect(deadlines).toEqual(['end', `review-${broken.opening}`]);
        const told = effects.flatMap((effect) => (effect.kind === 'tellPerson' ? [effect.person] : []));
        expect(told.sort()).toEqual([...policy.auditors, ...policy.coordinators].filter((id) => id !== broken.by.id).sort());
      }
    });
  });

  it('is the same after a replay of what is stored', () => {
    always((heard) => {
      const stored = heard.flatMap(({ facts }) => facts).map((fact) => accessFact.parse(JSON.parse(JSON.stringify(fact))));
      expect(stored.reduce<Access>(withAccess, { status: 'none' })).toEqual(heard.at(-1)?.after ?? { status: 'none' });
    });
  });
});
