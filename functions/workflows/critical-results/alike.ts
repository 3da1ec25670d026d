import type { Effect } from '#core/effect.js';
import { nothing } from '#core/workflow.js';
import type { Decision } from '#core/workflow.js';
import { alertKey, alikeKey, examOf, patientOf } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import { tellAlert } from './effects.ts';
import type { Fact, Input, Named } from './events.ts';
import type { Alert } from './state.ts';
import type { At } from './turn.ts';

type Raised = Extract<Input, { type: 'criticalRaised' }>;
type Found = Extract<Input, { type: 'alikeFound' }>;
type Judged = Extract<Input, { type: 'alikeJudged' }>;

/** Whoever has this number and class hears that this one is here. */
export function announced(alert: Alert, moment: At): readonly Effect[] {
  const key = alikeKey(alert.about, alert.finding.classId);
  return key === null ? [] : [tellAlert({ key }, itself(alert, false, moment), 'alike', moment)];
}

export function itself({ about, opened }: Alert, answers: boolean, { caseNumber }: At): Found {
  return { type: 'alikeFound', of: caseNumber, patient: [...patientOf(about.patient)], typed: about.asTyped === true, opened, answers };
}

/** Is it certain that these are not of two patients? */
export function isOfPatient({ about }: Alert, patient: About['patient']): boolean {
  const [own, other] = [patientOf(about.patient), patientOf(patient)];
  return own.length === 0 ? other.length === 0 : own.some((one) => other.includes(one));
}

/** What came to the wrong alert goes to the one of its own patient; nothing of it stays here. */
export function passedOn(input: Raised, moment: At): Decision<Fact> {
  const subject = alertKey(examOf(input.about), input.finding.classId, 1);
  return { facts: [], effects: [tellAlert({ opens: subject }, input, 'passed-on', moment)] };
}

/** What comes to one that ended as the same as another goes to that one. */
export function toTheOther(alert: Alert, { source, finding, since }: Raised, moment: At): Decision<Fact> {
  if (alert.same === null) return nothing;
  const { as, by } = alert.same;
  const said = { ...judgement(alert, by, true, true, moment), sources: [source], category: finding.category, since };
  return { facts: [], effects: [tellAlert({ number: as }, said, 'further', moment)] };
}

/** What a person said of the two, for the other one. */
export function judgement(alert: Alert, by: Named, same: boolean, yields: boolean, { caseNumber }: At): Judged {
  const { opened, sources, finding, since } = alert;
  const known = { sources: [...sources], category: finding.category, since };
  return { type: 'alikeJudged', of: caseNumber, opened, by, same, rank: rankOf(alert), yields, ...known };
}

/** What was sent stays; before what a person has written; before a question. */
export function rankOf({ released, status }: Alert): number {
  return released !== null ? 2 : status === 'draft' ? 1 : 0;
}
