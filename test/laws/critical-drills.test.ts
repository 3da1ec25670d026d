import fc from 'fast-check';
import type { CaseNumber } from '#core/ids.js';
import { AGREED, openDrillWard } from '../critical/drill-fixture.ts';
import type { DrillWard } from '../critical/drill-fixture.ts';

/** Whatever drills are made: what is in earnest goes out as if there were none, and no drill stands beside it. Judged by what left, and by which service each is for. */
const SERVICES = ['neurosurgery', 'medicine', 'emergency'] as const;
type Service = (typeof SERVICES)[number];
type Step =
  | { readonly do: 'drill' | 'take-drill' | 'stop'; readonly service: Service }
  | { readonly do: 'write' | 'real'; readonly service: Service; readonly category: 1 | 2 | 3 }
  | { readonly do: 'send' | 'take-real' }
  | { readonly do: 'wait'; readonly minutes: number };

const service = fc.constantFrom(...SERVICES);
const category = fc.constantFrom<1 | 2 | 3>(1, 1, 2, 3);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('drill' as const), service }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('take-drill' as const, 'stop' as const), service }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('write' as const, 'real' as const), service, category }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('send' as const, 'take-real' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 4, 6, 11, 50) }) },
);

interface Real {
  readonly number: CaseNumber;
  readonly service: Service;
  readonly category: 1 | 2 | 3;
}

interface Drill {
  readonly number: CaseNumber;
  readonly service: Service;
}

interface Played {
  readonly on: DrillWard;
  readonly reals: Real[];
  readonly drills: Drill[];
}

const isOfDrills = (one: Step): boolean => one.do === 'drill' || one.do === 'take-drill' || one.do === 'stop';

async function play({ on, reals, drills }: Played, one: Step): Promise<void> {
  const last = reals.at(-1);
  switch (one.do) {
    case 'drill': {
      const reply = await on.begin('dr-okafor', { service: one.service, reason: 'a law' });
      if (reply.ok && reply.answer === 'said') drills.push({ number: reply.caseNumber, service: one.service });
      return;
    }
    case 'take-drill':
    case 'stop': {
      const drill = drills.findLast((each) => each.service === one.service);
      if (drill === undefined) return;
      if (one.do === 'stop') await on.desk.ask({ account: 'x', as: 'c-reyes' }, { ask: 'drill-stop', caseNumber: drill.number });
      else await on.ward.act((await on.ward.calledFor(drill.number))[0] ?? '', drill.number, 'acknowledge');
      await on.ward.engine.settle();
      return;
    }
    case 'write':
      reals.push({ number: await on.written(one.service, one.category), service: one.service, category: one.category });
      return;
    case 'real':
      reals.push({ number: await on.real(one.service, one.category), service: one.service, category: one.category });
      return;
    case 'send':
      if (last !== undefined) await on.ward.act('dr-okafor', last.number, 'release-critical');
      return;
    case 'take-real': {
      const [who] = last === undefined ? [] : await on.ward.calledFor(last.number);
      if (last !== undefined && who !== undefined) await on.ward.act(who, last.number, 'acknowledge');
      return;
    }
    case 'wait':
      await on.ward.later(one.minutes);
      return;
    default:
      one satisfies never;
  }
}

const OPEN = ['draft', 'open', 'failsafe', 'acknowledged', 'read-back'];

/** No drill stands beside an open alert of category 1 or 2 of its service, or beside one that is with the switchboard. */
async function besides({ on, reals, drills }: Played): Promise<readonly string[]> {
  const standing: string[] = [];
  for (const drill of drills) {
    if (!OPEN.includes(await on.statusOf(drill.number))) continue;
    for (const real of reals.filter((each) => each.category !== 3)) {
      const status = await on.statusOf(real.number);
      if (status === 'failsafe' || (real.service === drill.service && OPEN.includes(status))) standing.push(`${drill.service} beside ${status}`);
    }
  }
  return standing;
}

/** What left for an alert, without the numbers, which are others in another store: a sheet lists what else is untaken. */
function leftOf({ on, reals }: Played, number: CaseNumber): readonly string[] {
  const unnumbered = (text: string): string => reals.reduce((words, real, n) => words.replaceAll(real.number, `NUMBER ${n}`), text);
  return on.of(number).map(({ at, way, to, text }) => `${at} ${way} ${to} ${unnumbered(text)}`);
}

/** One that is ended by an alert in earnest is among those played, whatever else is. */
const ended: Step[] = [
  { do: 'drill', service: 'medicine' },
  { do: 'wait', minutes: 1 },
  { do: 'real', service: 'medicine', category: 1 },
];

/** What of a drill left after it had said that it is over. */
function afterItsEnd({ on, drills }: Played): readonly string[] {
  return drills.flatMap(({ number }) => {
    const texts = on.of(number).map(({ text }) => text);
    const from = texts.findIndex((text) => /DRILL ended|SIMULACRO terminado/u.test(text));
    return from < 0 ? [] : texts.slice(from).filter((text) => !/DRILL ended|SIMULACRO terminado/u.test(text));
  });
}

it('no drill delays, changes or outlasts anything that is in earnest', async () => {
  const seen = { made: 0, reals: 0, ended: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
      const [withDrills, without]: [Played, Played] = [await opened(), await opened()];
      try {
        for (const one of steps) {
          await play(withDrills, one);
          if (!isOfDrills(one)) await play(without, one);
          expect(await besides(withDrills)).toEqual([]);
        }
        expect(afterItsEnd(withDrills)).toEqual([]);
        for (const [n, { number }] of withDrills.reals.entries())
          expect(leftOf(withDrills, number)).toEqual(leftOf(without, without.reals[n]!.number));
        seen.made += withDrills.drills.length;
        seen.reals += withDrills.reals.length;
        for (const { number } of withDrills.drills) if ((await withDrills.on.statusOf(number)) === 'drill-over') seen.ended += 1;
      } finally {
        await withDrills.on.close();
        await without.on.close();
      }
    }),
    { numRuns: process.env['RADLOOP_FAULTS'] === 'full' ? 200 : 15, examples: [[ended]] },
  );
  expect([seen.made > 0, seen.reals > 0, seen.ended > 0]).toEqual([true, true, true]);
}, 180_000);

async function opened(): Promise<Played> {
  return { on: await openDrillWard(AGREED), reals: [], drills: [] };
}
