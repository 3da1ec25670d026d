import rhea from 'rhea';
import type { AmqpError, Delivery, EventContext, Sender } from 'rhea';
import { Refusal } from './refusal.ts';
import type { Broker, Settlement } from './broker.ts';
import type { Consumer, Seeker } from './sessions.ts';
import { guidBytes, outgoingOf, raw, socketOf, ticks } from './wire.ts';

const SESSION_FILTER = 'com.microsoft:session-filter';
const TIMEOUT = 'com.microsoft:timeout';

/** A client opens a receiver; for a session its attach is answered when it has one. */
export function openConsumer(broker: Broker, queue: string, link: Sender): void {
  const filter = (link.source as { filter?: Record<string, unknown> } | undefined)?.filter;
  if (filter === undefined || !(SESSION_FILTER in filter)) {
    if (broker.rulesOf(queue).sessions === true)
      throw new Refusal(
        'amqp:not-allowed',
        `It is not possible for an entity that requires sessions to create a non-sessionful message receiver: '${queue}'.`,
      );
    const link_ = new ConsumerLink(broker, link, queue, null);
    link.set_source({ address: queue });
    broker.sessions.join(link_);
    return;
  }
  seekSession(broker, queue, link, filter[SESSION_FILTER]);
}

function seekSession(broker: Broker, queue: string, link: Sender, wanted: unknown): void {
  const letGo = holdAttach(link);
  const timeout = Number((link.properties as Record<string, unknown> | undefined)?.[TIMEOUT] ?? 60_000);
  const seeker: Seeker = {
    queue,
    session: typeof wanted === 'string' ? wanted : null,
    until: broker.now() + timeout,
    granted(session, lockedUntil) {
      link.set_source({ address: queue, filter: { [SESSION_FILTER]: session } });
      raw(link).local.attach.properties = { 'com.microsoft:locked-until-utc': rhea.types.wrap_long(ticks(lockedUntil)) };
      const consumer = new ConsumerLink(broker, link, queue, session);
      letGo();
      setImmediate(() => {
        broker.sessions.join(consumer);
      });
      return consumer;
    },
    refused(refusal) {
      letGo();
      link.close({ condition: refusal.condition, description: refusal.message });
    },
  };
  const stop = () => {
    broker.sessions.stopSeeking(seeker);
  };
  link.on('sender_close', () => {
    stop();
    letGo();
  });
  socketOf(link.connection).on('close', stop);
  broker.sessions.seek(seeker);
}

/** rhea writes the attach in its next turn unless its turns are passed over. */
function holdAttach(link: Sender): () => void {
  const held = raw(link);
  held._process = () => undefined;
  return () => {
    if (!Object.hasOwn(held, '_process')) return;
    delete held._process;
    held.connection._register();
  };
}

class ConsumerLink implements Consumer {
  readonly queue: string;
  readonly session: string | null;
  readonly keepsNothing: boolean;
  readonly #broker: Broker;
  readonly #link: Sender;
  #woken = false;
  #ended = false;

  constructor(broker: Broker, link: Sender, queue: string, session: string | null) {
    this.#broker = broker;
    this.#link = link;
    this.queue = queue;
    this.session = session;
    this.keepsNothing = link.snd_settle_mode === 1;
    if (this.keepsNothing) raw(link).local.attach.snd_settle_mode = 1;
    // rhea answers a drain only while there is credit; the client waits for the answer also when there is none.
    raw(link)._get_drain = () => {
      const inner = raw(link);
      if (inner._draining !== true) return false;
      // Once: a second answer would take away credit that the client has given since.
      inner._draining = false;
      inner.delivery_count += inner.credit;
      inner.credit = 0;
      return true;
    };
    const leave = () => {
      this.#ended = true;
      broker.sessions.leave(this);
    };
    link.on('sender_flow', () => {
      this.wake();
    });
    link.on('sender_close', leave);
    link.on('session_close', leave);
    socketOf(link.connection).on('close', leave);
    for (const outcome of ['accepted', 'released', 'modified', 'rejected'])
      link.on(outcome, (context: EventContext) => {
        this.#settle(outcome, context.delivery);
      });
  }

  wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      if (!this.#ended) this.#pump();
    });
  }

  end({ condition, message }: Refusal): void {
    this.#ended = true;
    this.#link.close({ condition, description: message });
  }

  #pump(): void {
    const link = raw(this.#link);
    while (!this.#ended && link.credit > 0) {
      const next = this.#broker.next(this);
      if (next === null) break;
      const { message, token, until } = next;
      this.#link.send(outgoingOf(message, until), guidBytes(token));
      // rhea debits the credit when it processes, which may not happen inside its own events.
      link.session.outgoing.process();
      link.connection._register();
      if (this.#broker.faults.happens('lose-lock')) this.#lose(token);
      if (this.#broker.faults.happens('cut-on-delivery')) setImmediate(() => socketOf(this.#link.connection).destroy());
    }
    if (link._draining !== true || this.#ended) return;
    link.issue_flow = true;
    link.connection._register();
  }

  #lose(token: string): void {
    setTimeout(() => {
      if (this.session === null) this.#broker.forget({ token });
      else this.#broker.sessions.lose(this.queue, this.session);
      this.#broker.sessions.wake(this.queue);
    }, 5);
  }

  #settle(outcome: string, delivery: Delivery | undefined): void {
    if (delivery === undefined || this.keepsNothing) return;
    const state = delivery.remote_state as Record<string, unknown>;
    const answer = () => {
      try {
        this.#broker.settle(tokenOf(delivery), settlementOf(outcome, state));
        delivery.update(true, described(outcome, state));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        delivery.update(true, rejected({ condition: error.condition, description: error.message }));
      }
    };
    if (this.#broker.faults.slowMs === 0) answer();
    else setTimeout(answer, this.#broker.faults.slowMs);
  }
}

function tokenOf({ tag }: Delivery): string {
  // Reversing the groups again gives the token back.
  return rhea.uuid_to_string(guidBytes(rhea.uuid_to_string(tag as Buffer)));
}

function settlementOf(outcome: string, state: Record<string, unknown>): Settlement {
  if (outcome === 'accepted') return { how: 'complete' };
  if (outcome === 'modified') return { how: state['undeliverable_here'] === true ? 'defer' : 'abandon' };
  if (outcome === 'released') return { how: 'abandon' };
  const info = ((state['error'] as Record<string, unknown> | undefined)?.['info'] ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof info[name] === 'string' ? info[name] : null);
  return { how: 'dead-letter', reason: text('DeadLetterReason'), detail: text('DeadLetterErrorDescription') };
}

interface Outcomes {
  accepted(): { described(): unknown };
  modified(fields: object): { described(): unknown };
  rejected(fields: object): { described(): unknown };
}
const outcomes = rhea.message as unknown as Outcomes;

function described(outcome: string, state: Record<string, unknown>): unknown {
  if (outcome === 'modified') return outcomes.modified({ undeliverable_here: state['undeliverable_here'] }).described();
  return outcome === 'rejected' ? outcomes.rejected({}).described() : outcomes.accepted().described();
}

const rejected = (error: AmqpError): unknown => outcomes.rejected({ error }).described();
