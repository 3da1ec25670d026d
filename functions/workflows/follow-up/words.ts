import type { FollowUpOwner } from '#domain/follow-up.js';
import type { FollowUp } from './evolve.ts';
import type { Fact } from './events.ts';

/** Every word that a person reads of a follow-up. */
export const english = {
  kind: 'Finding for follow-up',
  within: 'Days',
  status: {
    open: 'For follow-up',
    done: 'Dealt with',
    withdrawn: 'The report was corrected and says it no longer',
  } satisfies Record<FollowUp['status'], string>,
  owners: { orderer: 'orderer', attending: 'attending', coordinator: 'coordinators' } satisfies Record<FollowUpOwner['as'], string>,
  story: {
    followUpOpened: 'Found in a signed report, for follow-up',
    sourceJoined: 'A further version of the report says the same',
    followUpDone: 'Dealt with',
    followUpWithdrawn: 'The report was corrected and says it no longer',
    patientJoined: 'The patient’s records were merged',
  } satisfies Record<Exclude<Fact['type'], 'viewShown' | 'privateCardOver'>, string>,
  answers: {
    done: (caseNumber: string): string => `${caseNumber} is recorded as dealt with.`,
    already: (caseNumber: string, name: string): string => `${name} has recorded ${caseNumber} as dealt with already. Nothing was changed.`,
    withdrawn: (caseNumber: string): string => `${caseNumber} is over: the report was corrected and says it no longer. Nothing was changed.`,
    stale: (caseNumber: string): string => `${caseNumber} has changed since you looked at it. Nothing was done.`,
    needsText: 'Say what was done. Nothing was changed.',
  },
  card: {
    speak: (kind: string, caseNumber: string, status: string): string => `${kind}, ${caseNumber}: ${status}`,
    asOf: (time: string, revision: number): string => `As of ${time}, version ${revision}`,
    nobodyWasAsked: 'A signed report says it. Nobody was called or asked.',
    doneBy: (name: string, time: string): string => `By ${name}, ${time}`,
    exam: 'Exam',
    owner: 'Owner',
    since: 'Since',
    due: 'Due by',
    source: 'Report',
    open: 'Open',
    button: 'Dealt with',
    what: 'What was done',
    confirm: 'Confirm',
    over: 'This follow-up is over',
    overLine: 'Its details were taken off this card.',
  },
  patient: {
    noName: 'No name given',
    noNumber: 'No record number given',
    notBorn: 'birth date not given',
    born: (date: string): string => `born ${date}`,
  },
};
export type Words = typeof english;
