import type { BoardPerson, BoardRow, BoardStatus } from '#core/board.js';
import { pagingChannel } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { Meta } from './card-meta.ts';
import type { Reached } from './events.ts';
import { once } from './ladder.ts';
import { isAlert, isOpen, levelOf, unseenOf } from './state.ts';
import type { Alert, State } from './state.ts';
import { wordsIn } from './words-in.ts';

/** An open alert as the board shows it: case, category, how it stands, who is called, when it goes on. Nothing of the patient, and no finding. */
export function boardOf(state: State, meta: Meta): BoardRow | null {
  if (!isAlert(state)) return null;
  const status = statusOf(state);
  if (status === null) return null;
  const { finding, drill, released, since, until, acknowledged, readBack, failsafe } = state;
  const { readingRoom, services } = meta.policy;
  const ids = new Set(state.steps.flatMap(({ reached }) => reached.map(({ service }) => service)));
  const isAskedAnew = status === 'asking' || status === 'not-sent';
  const has = status === 'failsafe-taken' ? failsafe?.taken?.by : isAskedAnew ? undefined : (readBack ?? acknowledged)?.by;
  return {
    ...{ category: finding.category, drill, status, level: levelOf(state), since: released?.at ?? since },
    until: status === 'changed' ? (state.change?.until ?? null) : until,
    called: calledNow(state, status, meta).map(({ id, ...person }) => ({ ...person, ...pagesTo(state, id) })),
    comesNow: state.status === 'open' ? state.comingNow.map(({ name }) => name) : [],
    notSeenBy: status === 'withdrawn' || status === 'changed' ? [] : unseenOf(state).map((person) => withoutId(personOf(person, null, meta))),
    takenBy: has?.name ?? null,
    services: services.filter(({ id }) => ids.has(id)).map(({ name, phone }) => ({ name, phone })),
    callBack: { name: readingRoom.name, phone: readingRoom.phone },
  };
}

function statusOf(alert: Alert): BoardStatus | null {
  if (!isOpen(alert)) return null;
  switch (alert.status) {
    case 'draft':
      return 'not-sent';
    case 'open':
      return alert.failsafe === null ? 'open' : alert.failsafe.taken === null ? 'failsafe' : 'failsafe-taken';
    case 'acknowledged':
      return 'taken';
    case 'asking':
    case 'read-back':
    case 'withdrawn':
      return alert.status;
    case 'closed':
      return 'changed';
    case 'not-critical':
    case 'same':
    case 'drill-over':
      return null;
    default:
      return alert.status satisfies never;
  }
}

/** Of an alert that goes on the level of now; at the failsafe everybody who was called; else who is expected to do something. */
function calledNow(alert: Alert, status: BoardStatus, meta: Meta): readonly Called[] {
  const plain = (people: readonly PersonId[]) => people.map((person) => personOf(person, null, meta));
  switch (status) {
    case 'not-sent':
      return plain([...new Set([...(alert.draftedBy === null ? [] : [alert.draftedBy.id]), ...alert.asked.people])]);
    case 'asking':
      return plain(alert.asked.people);
    case 'open':
      return (alert.steps.at(-1)?.reached ?? []).map((one) => personOf(one.person, one, meta));
    case 'failsafe':
    case 'failsafe-taken': {
      const reached = once(alert.steps.flatMap((step) => step.reached));
      return alert.addressed.map((person) => personOf(person, reached.find((one) => one.person === person) ?? null, meta));
    }
    case 'taken':
      return plain(alert.acknowledged === null ? [] : [alert.acknowledged.by.id]);
    case 'read-back':
      return plain(alert.released === null ? [] : [alert.released.by.id]);
    case 'withdrawn':
    case 'changed':
      return plain(unseenOf(alert));
    default:
      return status satisfies never;
  }
}

interface Called extends BoardPerson {
  readonly id: PersonId;
}

function withoutId({ id: _id, ...person }: Called): BoardPerson {
  return person;
}

/** By each channel the last page of which anything is known. */
function pagesTo({ attempts }: Alert, person: PersonId): Pick<BoardPerson, 'pages'> {
  const last = new Map(
    attempts.flatMap(({ channel, to, at, logged, came }) => {
      const paged = pagingChannel.safeParse(channel).data;
      const known = logged ? ({ delivered: false, at, logged } as const) : came;
      return to !== person || known === null || paged === undefined ? [] : [[paged, known] as const];
    }),
  );
  return last.size === 0 ? {} : { pages: [...last].map(([channel, said]) => ({ channel, ...said })) };
}

function personOf(person: PersonId, reached: Reached | null, { names, policy, language }: Meta): Called {
  const service = reached === null ? null : (policy.services.find(({ id }) => id === reached.service)?.name ?? null);
  const as = reached === null ? null : wordsIn(language).card.targets[reached.as];
  return { id: person, name: names[person] ?? person, as, service, phone: policy.phoneOf(person) };
}
