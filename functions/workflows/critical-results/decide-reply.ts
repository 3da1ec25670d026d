import type { PagingChannel } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import { unlessLost } from './decide-step.ts';
import { showCard } from './effects.ts';
import type { Fact, FactOf, Input } from './events.ts';
import type { Policy } from './policy.ts';
import { isEscalating } from './state.ts';
import type { Alert, Attempt } from './state.ts';
import { fold } from './turn.ts';

/** Channels whose gateway says later what became of a page, and passes on what people answer. */
export const REPORTING: readonly PagingChannel[] = ['sms', 'voice'];

/** Delivered is not acknowledged: it is shown. What can't be delivered counts as a page that failed for good. The first report of a page stands. */
export function reported(alert: Alert, input: Extract<Input, { type: 'pageReported' }>, moment: Moment<Policy>): Decision<Fact> {
  const { channel, receipt, what } = input;
  const page = alert.attempts.find((one) => one.channel === channel && one.receipt === receipt);
  if (page === undefined) return nothing;
  if (what === 'answered') return answeredBy(alert, page, moment);
  if (page.came !== null) return nothing;
  const known = { at: moment.now, v: 1, channel, to: page.to, note: page.note, receipt } as const;
  return what === 'delivered'
    ? { facts: [{ type: 'pageDelivered', ...known }], effects: [] }
    : unlessLost(alert, { type: 'pageUndeliverable', ...known }, moment);
}

/** A reply to an SMS. */
export function replied(alert: Alert, { channel, person }: Extract<Input, { type: 'pageReplied' }>, moment: Moment<Policy>): Decision<Fact> {
  const page = lastPage(alert, person, channel);
  return page === undefined ? nothing : answeredBy(alert, page, moment);
}

/** Whoever answers a page is on their way, and no more: it takes nothing and stops nothing, however often it is said. */
function answeredBy(alert: Alert, { channel, to }: Attempt, moment: Moment<Policy>): Decision<Fact> {
  const via = channel === 'sms' || channel === 'voice' ? channel : null;
  const person = alert.addressed.find((one) => one === to);
  if (via === null || person === undefined || !isEscalating(alert) || alert.comingNow.some(({ id }) => id === person)) return nothing;
  const by = { id: person, name: moment.policy.nameOf(person) };
  const fact: FactOf<'comesNow'> = { type: 'comesNow', at: moment.now, v: 1, by, via };
  return { facts: [fact], effects: [showCard(fold(alert, fact), moment)] };
}

/** The last page by this channel that was on its way to this person. @param by left out: by now */
export function lastPage({ attempts }: Alert, person: PersonId, channel: PagingChannel, by?: Instant): Attempt | undefined {
  return attempts.findLast((one) => one.to === person && one.channel === channel && one.failed === null && (by === undefined || one.at <= by));
}
