import type { AuditEntry } from '#ports/audit-store.js';
import type { Parts } from './parts.ts';
import { changed, tapped } from './tapped.ts';

/** What came of what people said and pressed since the start. A refused activity adds to `audited` alone. */
export interface Counters {
  /** Activities that reached a handler. */
  readonly handlers: number;
  /** Effects that were written because of them. */
  readonly effects: number;
  /** Audit rows that were written because of them, or because they were refused. */
  readonly audited: number;
}

/** For the rehearsal site: lets somebody outside see what a request has done, and that a hostile one has done nothing. */
export interface Counting {
  /** The same parts, looked on at. */
  over(parts: Parts): Parts;
  /** An activity has reached a handler. */
  readonly heard: () => void;
  readonly now: () => Counters;
}

export function counting(): Counting {
  const counters = { handlers: 0, effects: 0, audited: 0 };
  return {
    over: (parts) =>
      changed(parts, {
        cases: tapped(parts.cases, {
          append: ([{ event, facts, effects, answer }], appended) => {
            if (!appended.ok || event.actor.kind !== 'person') return;
            counters.effects += effects.length;
            counters.audited += facts.length === 0 && answer !== undefined ? 1 : facts.length;
          },
        }),
        audit: tapped(parts.audit, {
          record: ([{ actor }]) => {
            if (isOfPeople(actor)) counters.audited += 1;
          },
        }),
      }),
    heard() {
      counters.handlers += 1;
    },
    now: () => ({ ...counters }),
  };
}

function isOfPeople(actor: AuditEntry['actor']): boolean {
  return actor.kind === 'person' || (actor.kind === 'system' && actor.part === 'guard');
}
