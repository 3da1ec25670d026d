import { approvalBy } from '#core/approval.js';
import { authorise } from '#core/authorise.js';
import type { CriticalAction } from '#core/action.js';
import { isEdit } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import { caseId, eventId, personId } from '#core/ids.js';
import type { EventId, PersonId } from '#core/ids.js';
import { toInstant } from '#core/time.js';
import type { Answer, Decision } from '#core/workflow.js';
import type { Fact, Input } from '#workflows/critical-results/events.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import { MOST_BEFORE } from '#workflows/critical-results/notes.js';
import type { Policy } from '#workflows/critical-results/policy.js';
import { isAlert } from '#workflows/critical-results/state.js';
import type { Alert, State } from '#workflows/critical-results/state.js';
import { NUMBER, personOf, policyWith, START } from './critical-world.ts';
import type { Gaps } from './critical-world.ts';

interface Timer {
  readonly name: string;
  readonly epoch: number;
  /** By the wall clock, as it was set. */
  readonly at: string;
  /** By a clock that nobody sets. */
  readonly dueAt: number;
}

export type Sent = Extract<Effect, { kind: 'tellPerson' | 'page' | 'showCard' | 'sendHl7' }>;

export type Page = Extract<Sent, { kind: 'page' }>;

/** A message that stands in a private chat; `note`: as what it was drawn last. */
interface Message {
  readonly person: PersonId;
  readonly note: string;
  readonly says: string;
}

/** The workflow with what the engine does around it: a clock, timers, a queue of messages that may go out late, or not. */
export class Real {
  readonly policy: Policy;
  readonly gaps: Gaps;
  state: State = criticalResults.initial;
  /** Milliseconds since it began; and by how much the wall clock was set. */
  elapsed = 0;
  stepped = 0;
  readonly timers = new Map<string, Timer>();
  readonly old: Timer[] = [];
  queue: Sent[] = [];
  /** Pages in the order of their writing, and those that were taken. */
  readonly pages: Page[] = [];
  readonly paged: Page[] = [];
  readonly facts: Fact[] = [];
  /** What stands in private chats, by the key of the effect that put it there; and people to whom something was lost on its way, or more has not come than a line is left of (ADR 0035). */
  readonly chats = new Map<string, Message>();
  readonly lostTo = new Set<string>();
  readonly keys = new Set<string>();
  last: Decision<Fact> = { facts: [], effects: [] };
  /** Since when it climbs without a stop, at which version. */
  climbing: { readonly since: number; readonly version: number } | null = null;
  private readonly turns = new Map<string, number>();
  /** Of each person the messages that were written, and the turn of the last one that came. */
  private readonly written = new Map<string, number[]>();
  private readonly arrived = new Map<string, number>();
  private events = 0;
  private readonly longIds: boolean;

  constructor(gaps: Gaps, longIds = false) {
    this.gaps = gaps;
    this.policy = policyWith(gaps);
    this.longIds = longIds;
  }

  now(): number {
    return START + this.elapsed + this.stepped;
  }

  alert(): Alert {
    if (!isAlert(this.state)) throw new Error('there is no alert');
    return this.state;
  }

  hear(input: Input, event: EventId = this.nextEvent()): Decision<Fact> {
    const now = toInstant(this.now());
    const moment = {
      now,
      caseId: caseId.parse('0'.repeat(32)),
      caseNumber: NUMBER,
      event,
      actor: { kind: 'system', part: 'law' } as const,
      policy: this.policy,
    };
    const decision = criticalResults.decide(this.state, input, moment);
    this.state = decision.facts.reduce(criticalResults.evolve, this.state);
    this.facts.push(...decision.facts);
    for (const effect of decision.effects) this.take(effect);
    this.last = decision;
    return decision;
  }

  /** As the desk does: authorised first by the state that it looks at. */
  answer(
    by: string,
    verb: CriticalAction,
    revision: number,
    more: Partial<Extract<Input, { type: 'personAnswered' }>> = {},
  ): Answer['outcome'] | 'unauthorised' {
    const person = personOf(by);
    if (!authorise(person, verb, criticalResults.subject(this.state)).allowed) {
      this.last = { facts: [], effects: [] };
      return 'unauthorised';
    }
    return this.answerUnchecked(by, verb, revision, more);
  }

  answerUnchecked(
    by: string,
    verb: CriticalAction,
    revision: number,
    more: Partial<Extract<Input, { type: 'personAnswered' }>> = {},
  ): Answer['outcome'] {
    const person = personOf(by);
    const event = this.nextEvent();
    const approval = verb === 'release-critical' ? approvalBy(person, toInstant(this.now()), NUMBER, Math.max(revision, 1), event) : null;
    const answered = { type: 'personAnswered', verb, person: person.id, name: person.name, revision, text: null, fields: {}, approval } as const;
    const { answer } = this.hear({ ...answered, ...more } as Input, event);
    return answer!.outcome;
  }

  nextTimer(until: number): Timer | null {
    const due = [...this.timers.values()].filter(({ dueAt }) => dueAt <= until).toSorted((a, b) => a.dueAt - b.dueAt);
    return due[0] ?? null;
  }

  fire(timer: Timer): Decision<Fact> {
    if (this.timers.get(timer.name) === timer) this.timers.delete(timer.name);
    this.old.push(timer);
    return this.hear({ type: 'deadlinePassed', name: timer.name, epoch: timer.epoch });
  }

  /** What one message says now; null: nothing is sent. */
  says(sent: Sent): string | null {
    const look = { caseNumber: NUMBER, now: toInstant(this.now()), policy: this.policy, names: {} };
    if (sent.kind === 'tellPerson')
      return text(criticalResults.note(sent.note, this.state, { ...look, told: { person: sent.person, revision: sent.revision } }));
    if (sent.kind === 'page')
      return text(
        criticalResults.page!(sent.note, this.state, { ...look, told: { person: personId.parse(sent.to), revision: sent.revision } }, sent),
      );
    return sent.kind === 'showCard' ? text(criticalResults.sharedCard(this.state, look)) : '';
  }

  deliver(sent: Sent, isLost: boolean): void {
    const { revision = 0 } = sent as { readonly revision?: number };
    if (isLost) {
      if (sent.kind === 'tellPerson') this.lostTo.add(sent.person);
      const where = sent.kind === 'tellPerson' ? { person: sent.person } : sent.kind === 'page' ? { channel: sent.channel, to: sent.to } : {};
      const message = sent.kind === 'tellPerson' || sent.kind === 'page' ? sent.note : sent.kind === 'sendHl7' ? sent.message : '';
      this.hear({ type: 'effectFailed', kind: sent.kind, message, code: 'gone', detail: 'gone', ...where });
      return;
    }
    if (sent.kind === 'tellPerson') this.tellOrEdit(sent);
    else if (sent.kind === 'page') {
      this.paged.push(sent);
      this.hear({ type: 'paged', channel: sent.channel, to: sent.to, note: sent.note, revision, receipt: sent.key });
    } else if (sent.kind === 'showCard') {
      const posting = this.alert().posting ?? { place: sent.place, conversationId: '19:x', activityId: String(this.events) };
      this.hear({ type: 'cardShown', revision, posting, superseded: null });
    } else this.hear({ type: 'effectDelivered', kind: 'sendHl7', message: sent.message, controlId: 'C1', ack: 'AA' });
  }

  /** As engine/deliver.ts does: an edit waits for what it is of, and for what it comes after; where that has never come it does nothing. */
  private tellOrEdit(sent: Extract<Sent, { kind: 'tellPerson' }>): void {
    const { person, note, key, revision, after } = sent;
    const says = this.says(sent) ?? '';
    if (!isEdit(sent)) {
      this.chats.set(key, { person, note, says });
      this.arrived.set(person, Math.max(this.arrived.get(person) ?? 0, this.turns.get(key) ?? 0));
      this.hear({ type: 'personTold', person, note, revision });
      return;
    }
    const places = (sent.replaces ?? []).map(String);
    const turnOf = (one: Sent): number => this.turns.get(one.key) ?? 0;
    // Edits of one chat are carried out in the order of their writing.
    const isFirst = !this.queue.some((one) => one.kind === 'tellPerson' && one.person === person && isEdit(one) && turnOf(one) < turnOf(sent));
    const isOpen = (key: string | undefined): boolean => key !== undefined && this.queue.some((one) => one.key === key);
    const of = places.find((place) => this.chats.has(place) || isOpen(place));
    if (!isFirst || isOpen(after) || isOpen(of)) this.queue.push(sent);
    else if (of !== undefined && (after === undefined || this.chats.has(after))) this.chats.set(of, { person, note, says });
  }

  named(id: string) {
    return { id: personId.parse(id), name: personOf(id).name };
  }

  private nextEvent(): EventId {
    this.events += 1;
    const id = `event-${this.events}`;
    return eventId.parse(this.longIds ? id.padEnd(200, 'x') : id);
  }

  private put({ person, key }: Extract<Sent, { kind: 'tellPerson' }>): void {
    const written = [...(this.written.get(person) ?? []), this.turns.get(key) ?? 0];
    this.written.set(person, written);
    if (written.filter((turn) => turn > (this.arrived.get(person) ?? -1)).length > MOST_BEFORE) this.lostTo.add(person);
  }

  private take(effect: Effect): void {
    if (this.keys.has(effect.key)) throw new Error(`the key ${effect.key} was given twice`);
    if (effect.key.length > 200) throw new Error(`the key ${effect.key} is too long`);
    this.keys.add(effect.key);
    this.turns.set(effect.key, this.turns.size);
    if (effect.kind === 'tellPerson' && !isEdit(effect)) this.put(effect);
    if (effect.kind === 'page') this.pages.push(effect);
    if (effect.kind === 'setDeadline') {
      const { name, epoch, at } = effect;
      if (at === null) this.timers.delete(name);
      else this.timers.set(name, { name, epoch, at, dueAt: this.elapsed + Math.max(0, Date.parse(at) - this.now()) });
    } else if (effect.kind === 'tellPerson' || effect.kind === 'page' || effect.kind === 'showCard' || effect.kind === 'sendHl7')
      this.queue.push(effect);
  }
}

function text(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
