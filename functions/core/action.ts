/** What somebody may want to do with a case. */
export type Action =
  | 'view'
  | 'approve'
  | 'choose-other'
  | 'reject'
  | 'ask-orderer'
  | 'answer-question'
  | 'remind'
  | 'hand-over'
  | 'take-back'
  | 'list-waiting'
  | 'enter-paper'
  | CriticalAction
  | FollowUpAction
  | BreakGlassAction
  | QueueAction
  | AuditAction
  | ReportAction
  | DrillAction
  | CustodyAction;

/** A critical result: say it, send it, take it, read it back, hand it on, record what was done by hand, take it back. */
export type CriticalAction =
  | 'declare-critical'
  | 'release-critical'
  | 'not-critical'
  | 'recategorise'
  | 'withdraw-critical'
  | 'acknowledge'
  | 'read-back'
  | 'on-my-way'
  | 'decline-alert'
  | 'take-over'
  | 'record-call'
  | 'not-what-i-said'
  | 'not-me'
  | 'take-failsafe'
  | 'record-attempt'
  | 'seen'
  | 'join-alert'
  | 'keep-apart';

/** What a report says and can wait for days: its owner says that it is dealt with. */
export type FollowUpAction = 'follow-up-done';

/** Emergency access: open it and ask for longer, confirm the longer time of somebody else, judge it (INVARIANTS 3). */
export type BreakGlassAction = 'break-glass' | 'break-glass-confirm' | 'break-glass-review';

/** What somebody may want to do with what is held: by id, without its body. */
export type QueueAction = 'q-list' | 'q-history' | 'q-retry' | 'q-skip' | 'q-park' | 'q-release' | 'q-export' | 'q-confirm';

/** What somebody may want to read of the audit (INVARIANTS 3). */
export type AuditAction = 'audit-query' | 'audit-export';

/** What somebody may want to know across critical results: times, numbers, services; no patient, and nobody's name. */
export type ReportAction = 'critical-report';

/** A drill of a critical result: make and stop one, read what came of them. */
export type DrillAction = 'drill-critical' | 'drill-report';

/** What somebody may want to do with keys and retention. */
export type CustodyAction =
  | 'keys-show'
  | 'keys-rotate'
  | 'retention-show'
  | 'retention-hold'
  | 'retention-unhold'
  | 'retention-shred'
  | 'retention-shorten'
  | 'retention-confirm'
  | CriticalPolicyAction;

/** What somebody may want to do with the policy of critical results. */
export type CriticalPolicyAction = 'critical-policy-show' | 'critical-policy-change' | 'critical-policy-confirm';

/** What somebody may or may not, in the words of a refusal. */
export const actionWords: Readonly<Record<Action, string>> = {
  view: 'open this case',
  approve: 'approve a protocol',
  'choose-other': 'choose a protocol',
  reject: 'reject an order',
  'ask-orderer': 'ask the orderer',
  'answer-question': 'answer this question',
  remind: 'be reminded of a case',
  'hand-over': 'hand a case over',
  'take-back': 'take something back',
  'list-waiting': 'see what is waiting',
  'enter-paper': 'enter what was decided on paper',
  'declare-critical': 'declare a critical result',
  'release-critical': 'send a critical result',
  'not-critical': 'judge a finding not critical',
  recategorise: 'change the category of a critical result',
  'withdraw-critical': 'withdraw a critical result',
  acknowledge: 'take a critical result',
  'read-back': 'read a critical result back',
  'on-my-way': 'say that they are on their way',
  'decline-alert': 'hand a critical result on',
  'take-over': 'take a critical result over',
  'record-call': 'record a call about a critical result',
  'not-what-i-said': 'say that a read-back is not what they said',
  'not-me': 'say that it was not them',
  'take-failsafe': 'take an untaken critical result in hand',
  'record-attempt': 'record an attempt to reach somebody',
  seen: 'say that they have seen what became of a critical result',
  'follow-up-done': 'say that a follow-up is dealt with',
  'join-alert': 'say that two critical results are the same',
  'keep-apart': 'say that two critical results are not the same',
  'break-glass': 'open a case in an emergency',
  'break-glass-confirm': 'confirm a longer emergency access',
  'break-glass-review': 'judge an emergency access',
  'q-list': 'see what is held',
  'q-history': 'read what operators did',
  'q-retry': 'send or read again what is held',
  'q-skip': 'skip what is held',
  'q-park': 'set a case aside',
  'q-release': 'release what is held',
  'q-export': 'export what is held',
  'q-confirm': 'confirm an act on many',
  'audit-query': 'read the audit',
  'audit-export': 'export the audit',
  'critical-report': 'read the times of critical results',
  'drill-critical': 'make a drill of a critical result',
  'drill-report': 'read what came of drills',
  'keys-show': 'see which keys there are',
  'keys-rotate': 'change the site key',
  'retention-show': 'see what is kept for how long',
  'retention-hold': 'hold a case for a court',
  'retention-unhold': 'lift a legal hold',
  'retention-shred': 'have a case’s data deleted',
  'retention-shorten': 'shorten the retention',
  'retention-confirm': 'confirm a deletion',
  'critical-policy-show': 'see the policy of critical results',
  'critical-policy-change': 'have people called later for critical results',
  'critical-policy-confirm': 'confirm that people are called later',
};
