import type { CriticalRule, LadderRule } from './critical.ts';
import { equallyFitting, kindsIn, ladderFor, ruleFor } from './critical-rules.ts';
import type { Chooses, CriticalRows } from './critical-rules.ts';

/** What cannot be meant in a row, or of all rows together (`ruleId` null), and what to write. */
export interface RuleFault {
  readonly set: 'critical' | 'ladders';
  readonly ruleId: string | null;
  readonly field: string;
  readonly what: string;
}

/** Steps that nobody would ever reach, that contradict each other, or that nothing says: refused before they are used (INVARIANTS 19, field report 18). */
export function criticalFaults(rows: CriticalRows): readonly RuleFault[] {
  const alone = [...rows.critical.flatMap(withinRule), ...ladderFaults(rows.ladders)];
  return alone.length > 0 ? alone : together(rows);
}

function withinRule({ ruleId, levelsAfterMinutes: levels, failsafeAfterMinutes: failsafe, channels }: CriticalRule): RuleFault[] {
  const fault = (field: string, what: string): RuleFault => ({ set: 'critical', ruleId, field, what });
  const last = Math.max(...levels);
  return [
    ...(levels[0] === 0 ? [] : [fault('levelsAfterMinutes', `the first level is called at the release: begin with 0, not ${String(levels[0])}`)]),
    ...levels.flatMap((minutes, at) => {
      const before = levels[at - 1];
      if (before === undefined || minutes > before) return [];
      return [fault(`levelsAfterMinutes.${at}`, `level ${at + 1} would be called at ${minutes}, not after level ${at} (${before}): write times that ascend`)];
    }),
    ...(failsafe > last
      ? []
      : [fault('failsafeAfterMinutes', `the failsafe would come at ${failsafe}, before the last level (${last}) has had its time: write more than ${last}`)]),
    ...(channels.some((channel) => channel !== 'print') ? [] : [fault('channels', 'without Teams nobody would be called: name one of pager, sms, voice, email')]),
  ]; // prettier-ignore
}

function ladderFaults(ladders: readonly LadderRule[]): RuleFault[] {
  const fault = (ruleId: string | null, what: string): RuleFault => ({ set: 'ladders', ruleId, field: 'patientClasses', what });
  const others = ladders.filter(({ patientClasses }) => patientClasses.length === 0);
  return [
    ...(others.length === 0 ? [fault(null, 'no ladder is for every other patient: leave the patientClasses of one row empty')] : []),
    ...others.slice(1).map(({ ruleId }) => fault(ruleId, `${others[0]?.ruleId ?? ''} is for every other patient already: name the classes of one of them`)),
    ...ladders.flatMap(({ ruleId, patientClasses }, at) => {
      const before = ladders.slice(0, at).find((one) => one.patientClasses.some((name) => patientClasses.includes(name)));
      return before === undefined ? [] : [fault(ruleId, `names a class that ${before.ruleId} names: keep it in one of them`)];
    }),
  ]; // prettier-ignore
}

/** Each kind of alert has one row and one ladder, and as many windows as levels. */
function together(rows: CriticalRows): readonly RuleFault[] {
  const faults = kindsIn(rows).flatMap((of): RuleFault[] => {
    const rule = ruleFor(of, rows.critical);
    if (rule === null) return [withoutRow(of)];
    const [first, second] = equallyFitting(of, rows.critical);
    if (first !== undefined && second !== undefined) {
      const what = `${first.ruleId} and this row say as much of ${kindOf(of)}, and nobody could tell which counts: name other classes in one of them`;
      return [{ set: 'critical', ruleId: second.ruleId, field: fieldOf(second), what }];
    }
    const ladder = ladderFor(of.about.patientClass, rows.ladders);
    const [windows, levels] = [rule.levelsAfterMinutes.length, ladder?.levels.length ?? 0];
    if (windows === levels) return [];
    const what = `has ${windows} times, and the ladder ${ladder?.ruleId ?? ''} has ${levels} levels: write one time a level, or a row of its own for those patients`;
    return [{ set: 'critical', ruleId: rule.ruleId, field: 'levelsAfterMinutes', what }];
  });
  // Of what is wrong with one field the first example says enough.
  const keys = faults.map(({ ruleId, field, what }) => `${field} of ${ruleId ?? what}`);
  return faults.filter((_one, at) => keys.indexOf(keys[at] ?? '') === at);
}

/** Rows for some classes are no row for the others. */
function withoutRow({ finding: { category } }: Chooses): RuleFault {
  return {
    ...{ set: 'critical', ruleId: null, field: 'category' },
    what: `no row says how category ${category} is communicated: write one without classIds and patientClasses`,
  };
}

function fieldOf({ classIds = [] }: CriticalRule): string {
  return classIds.length > 0 ? 'classIds' : 'patientClasses';
}

function kindOf({ finding: { category, classId }, about: { patientClass } }: Chooses): string {
  return [`category ${category}`, ...(classId === '' ? [] : [classId]), ...(patientClass === null ? [] : [`patient class ${patientClass}`])].join(
    ', ',
  );
}
