import type { BreakGlassFinding, BreakGlassReason } from '#core/break-glass.js';

/** Every word that a person reads of an emergency access outside the tab's own. No patient data in any of it, and nothing that anybody wrote. */
export const english = {
  answers: {
    opened: (caseNumber: string, until: string): string => `${caseNumber} is open to you until ${until}. Privacy and coordination are told now.`,
    openAlready: (caseNumber: string, until: string): string => `${caseNumber} is open to you already, until ${until}.`,
    needsReason: 'A reason in your own words is needed. Nothing was opened or changed.',
    nobodyToTell: 'people.json names nobody who could be told of it (auditor, coordinator). Nothing was opened.',
    anotherCase: 'This access is of somebody else or to another case. Nothing was opened.',
    notOpen: 'It is not open to you any more. Nothing was changed.',
    ended: 'It is closed. What was opened is reviewed by privacy.',
    longerAsked: (until: string): string => `A second person is asked to confirm it, until ${until}.`,
    longerAlready: (until: string): string => `A second person has been asked already, until ${until}.`,
    longerConfirmed: (until: string): string => `It stays open until ${until}.`,
    nothingWaits: 'Nothing waits for a second person any more. Nothing was changed.',
    anotherPerson: 'Another person has to do this. Nothing was changed.',
    stillOpen: 'It is still open: judge it once it has ended.',
    reviewed: 'Your finding is on record.',
    reviewedAlready: (name: string): string => `${name} has judged it already. Nothing was changed.`,
  },
  reasons: {
    'emergency-care': 'emergency care of this patient',
    'responsible-unreachable': 'the responsible person can’t be reached',
    'patient-asks': 'the patient asks for it',
    'fault-under-work': 'a technical fault is being worked on',
  } satisfies Record<BreakGlassReason, string>,
  findings: { justified: 'justified', 'not-justified': 'not justified' } satisfies Record<BreakGlassFinding, string>,
  kind: 'Emergency access',
  notes: {
    opened: {
      title: (name: string): string => `${name} opened a case in an emergency`,
      todo: 'Look at it on the Radloop tab, Emergency access. Privacy judges it there.',
    },
    longer: {
      title: (name: string): string => `${name} needs longer`,
      todo: 'Confirm it on the Radloop tab, Emergency access, if it is right. Without a second person it ends in time.',
    },
    'longer-confirmed': { title: (name: string): string => `The emergency access of ${name} was made longer`, todo: 'Nothing is expected of you.' },
    'review-due': {
      title: (name: string): string => `The emergency access of ${name} has not been judged in time`,
      todo: 'Judge it now, on the Radloop tab, Emergency access.',
    },
  },
  about: (caseNumber: string, from: string, until: string, reason: string): string => `Case ${caseNumber}, ${from} until ${until}: ${reason}.`,
  judgeBy: (time: string): string => `To be judged by ${time}.`,
  speak: (title: string, caseNumber: string): string => `${title}: case ${caseNumber}.`,
};
export type Words = typeof english;
