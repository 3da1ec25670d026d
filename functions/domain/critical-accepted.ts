import type { CriticalRule, LadderRule } from './critical.ts';
import { kindsIn, ladderFor, ruleFor } from './critical-rules.ts';
import type { CriticalRows } from './critical-rules.ts';

/** Where people would be called later, by fewer ways or not at all, in words: it takes two people. Empty: nowhere. */
export function loosenings(before: CriticalRows, wanted: CriticalRows): readonly string[] {
  const found = kindsIn(before, wanted).flatMap((of) => {
    const { patientClass } = of.about;
    const [rule, ladder] = [ruleFor(of, wanted.critical), ladderFor(patientClass, wanted.ladders)];
    return [
      ...ofRule(ruleFor(of, before.critical), rule).map((what) => `${rule?.ruleId ?? 'category'}: ${what}`),
      ...ofLadder(ladderFor(patientClass, before.ladders), ladder).map((what) => `${ladder?.ruleId ?? 'ladder'}: ${what}`),
    ];
  });
  return [...new Set(found)];
}

const WINDOWS = [
  ['failsafeAfterMinutes', 'the failsafe after'],
  ['failsafeEveryMinutes', 'the failsafe repeated every'],
  ['failsafeRestsMinutes', 'the failsafe resting for'],
  ['readBackWithinMinutes', 'read back within'],
  ['acknowledgeWithinMinutes', 'acknowledged within'],
] as const;

function ofRule(before: CriticalRule | null, wanted: CriticalRule | null): readonly string[] {
  if (before === null || wanted === null) return [];
  const levels = wanted.levelsAfterMinutes;
  return [
    ...(levels.length < before.levelsAfterMinutes.length ? [`${levels.length} levels in place of ${before.levelsAfterMinutes.length}`] : []),
    ...before.levelsAfterMinutes.flatMap((minutes, at) => {
      const is = levels[at];
      return is === undefined || is <= minutes ? [] : [`level ${at + 1} after ${is} min in place of ${minutes}`];
    }),
    ...WINDOWS.flatMap(([field, what]) => (wanted[field] > before[field] ? [`${what} ${wanted[field]} min in place of ${before[field]}`] : [])),
    ...before.channels.filter((channel) => !wanted.channels.includes(channel)).map((channel) => `not by ${channel} any more`),
    ...(before.closesWith === 'conversation' && wanted.closesWith === 'form' ? ['closed by a form in place of a conversation'] : []),
  ];
}

function ofLadder(before: LadderRule | null, wanted: LadderRule | null): readonly string[] {
  if (before === null || wanted === null) return [];
  const fewer = wanted.levels.length < before.levels.length ? [`${wanted.levels.length} levels in place of ${before.levels.length}`] : [];
  const later = [...new Set(before.levels.flat())].flatMap((target) => {
    const [was, is] = [levelOf(target, before), levelOf(target, wanted)];
    if (is === null) return [`${target} not called any more`];
    return was !== null && is > was ? [`${target} at level ${is} in place of ${was}`] : [];
  });
  return [...fewer, ...later];
}

/** From 1. */
function levelOf(target: LadderRule['levels'][number][number], { levels }: LadderRule): number | null {
  const at = levels.findIndex((targets) => targets.includes(target));
  return at < 0 ? null : at + 1;
}
