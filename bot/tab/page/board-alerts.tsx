import { Badge } from '@fluentui/react-badge';
import type { ReactNode } from 'react';
import type { BoardPerson } from '#core/board.js';
import type { BoardAlert } from '#ports/tab.js';
import { clockText } from './clock.ts';
import { usePage } from './page.ts';
import { minutesSince } from './time.ts';

const DAY_MS = 86_400_000;
/** Seconds after which a step that has not come is no longer just on its way. */
const OVERDUE_SECONDS = 30;

/** Gravest and oldest first, as the service has sorted them. @param now the service's time, in milliseconds; null: not to be trusted */
export function BoardAlerts({ alerts, now }: { readonly alerts: readonly BoardAlert[]; readonly now: number | null }): ReactNode {
  return (
    <ol className="alerts">
      {alerts.map((alert) => (
        <Alert key={alert.caseNumber} alert={alert} now={now} />
      ))}
    </ol>
  );
}

const colours = { 1: 'danger', 2: 'warning', 3: 'informative' } as const;

function Alert({ alert, now }: { readonly alert: BoardAlert; readonly now: number | null }): ReactNode {
  const { words } = usePage();
  const { caseNumber, category, drill, status, level, called, comesNow, notSeenBy, takenBy, callBack, opens } = alert;
  const more = [
    ...(status === 'open' ? [words.board.level(level)] : []),
    ...(takenBy === null || status === 'taken' ? [] : [words.board.takenBy(takenBy)]),
  ];
  return (
    <li className={`alert alert-${status}`}>
      <div className="alert-badges">
        <Badge appearance={category === 1 ? 'filled' : 'tint'} color={colours[category]} shape="rounded">
          {words.board.category(category)}
        </Badge>
        {drill ? (
          <Badge appearance="outline" color="informative" shape="rounded">
            {words.board.drill}
          </Badge>
        ) : null}
        <span className="small">{words.board.categoryLine[category]}</span>
      </div>
      <div className="alert-what">
        <p>
          <a className="alert-link" href={`#/${opens}/${caseNumber}`}>
            <span className="number strong">{caseNumber}</span> <span className="strong">{words.board.status[status]}</span>
          </a>
          {more.length === 0 ? null : <span> · {more.join(' · ')}</span>}
        </p>
        <Called title={words.board.called[status]} people={called} inOrder={status === 'failsafe' || status === 'failsafe-taken'} />
        {comesNow.length === 0 ? null : <p className="small">{words.board.comesNow(comesNow.join(', '))}</p>}
        {notSeenBy.length === 0 ? null : <Called title={words.board.notSeenBy} people={notSeenBy} />}
        <p className="small">
          {words.board.callBack(callBack.name)} <Phone name={callBack.name} phone={callBack.phone} />
        </p>
      </div>
      <Clocks alert={alert} now={now} />
    </li>
  );
}

function Called({
  title,
  people,
  inOrder = false,
}: {
  readonly title: string;
  readonly people: readonly BoardPerson[];
  readonly inOrder?: boolean;
}): ReactNode {
  const { words } = usePage();
  if (people.length === 0)
    return (
      <p className="small">
        {title}: {words.board.nobody}
      </p>
    );
  return (
    <div className="small called">
      <span>{title}: </span>
      <Callees people={people} inOrder={inOrder} />
    </div>
  );
}

/** Each with the number that a telephone dials. @param inOrder who is phoned first stands first, and is numbered */
export function Callees({ people, inOrder }: { readonly people: readonly BoardPerson[]; readonly inOrder: boolean }): ReactNode {
  const { words, times } = usePage();
  const List = inOrder ? 'ol' : 'ul';
  return (
    <List>
      {people.map(({ name, as, service, phone, pages = [] }) => (
        <li key={name}>
          {[name, ...(as === null ? [] : [as]), ...(service === null ? [] : [service])].join(', ')} <Phone name={name} phone={phone} />
          {pages.map(({ channel, delivered, at, logged }) => (
            <span key={channel}> · {words.board.page[logged ? 'logged' : delivered ? 'delivered' : 'undeliverable'](channel, times.time(at))}</span>
          ))}
        </li>
      ))}
    </List>
  );
}

export function Phone({ name, phone }: { readonly name: string; readonly phone: string | null }): ReactNode {
  const { words } = usePage();
  if (phone === null) return null;
  return (
    <a className="phone" href={`tel:${phone.replaceAll(/[^+\d*#]/gu, '')}`} aria-label={words.board.phone(name, phone)}>
      {phone}
    </a>
  );
}

/** How old it is, and how long until it goes on. Nothing of it runs while there is no connection. */
function Clocks({ alert: { status, since, until }, now }: { readonly alert: BoardAlert; readonly now: number | null }): ReactNode {
  const { words, times } = usePage();
  const left = until === null || now === null ? null : Date.parse(until) - now;
  const isOverdue = left !== null && left < -OVERDUE_SECONDS * 1000;
  const label = isOverdue ? words.board.overdue : words.board.next[status];
  return (
    <div className="alert-clocks" data-overdue={isOverdue}>
      {until === null ? null : (
        <p>
          <span className="small">{label}</span>
          <span className="clock" data-until={until}>
            {left === null ? words.board.notTrusted : left <= 0 && !isOverdue ? words.board.dueNow : spanText(Math.abs(left))}
          </span>
        </p>
      )}
      <p className="small">
        {now === null ? '' : `${words.board.old(words.age(minutesSince(since, new Date(now).toISOString())))}, `}
        {words.since(times.dayTime(since))}
      </p>
    </div>
  );

  function spanText(ms: number): string {
    return ms >= DAY_MS ? words.age(Math.floor(ms / 60_000)) : clockText(ms);
  }
}
