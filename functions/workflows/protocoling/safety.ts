import type { Content } from '#domain/content.js';
import type { Flag } from '#domain/protocol.js';
import { conflictChecks } from './safety-conflict.ts';
import { contrastChecks } from './safety-contrast.ts';
import { kidneyChecks } from './safety-kidney.ts';
import { lookAt, runChecks } from './safety-look.ts';
import type { SafetyQuestion } from './safety-look.ts';
import { mrChecks } from './safety-mr.ts';
import { pregnancyChecks } from './safety-pregnancy.ts';
import { appropriatenessFlags, requestChecks } from './safety-request.ts';

export type { SafetyQuestion } from './safety-look.ts';

const checks = [...conflictChecks, ...mrChecks, ...kidneyChecks, ...contrastChecks, ...pregnancyChecks, ...requestChecks];

/**
 * All safety findings of one order, the gravest first. Pure: the same question and content give the same flags.
 * What could not be checked is a flag of its own (`not-checked`); an empty list means that every question was asked and nothing was found.
 */
export function checkSafety(question: SafetyQuestion, content: Content): Flag[] {
  const look = lookAt(question, content);
  const flags = [...runChecks(checks, look), ...appropriatenessFlags(look)];
  return flags.sort((a, b) => gravity[a.severity] - gravity[b.severity]);
}

const gravity: Readonly<Record<Flag['severity'], number>> = { stop: 0, ask: 1, inform: 2 };

/** Does one of the flags, or an abstention, want a radiologist's decision? The rest is the coordinator's or the technologist's work. */
export function needsRadiologist(flags: readonly Flag[], abstained: boolean, content: Content): boolean {
  return (
    abstained ||
    flags.some((flag) => {
      const row = content.safety.find((one) => flag.rule === `${one.ruleId}@${one.version}` && one.output.code === flag.code);
      return row === undefined ? flag.severity !== 'inform' : row.output.askOf === 'radiologist';
    })
  );
}
