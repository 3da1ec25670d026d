import type { ReactNode } from 'react';
import type { BoardService } from '#ports/tab.js';
import { Phone } from './board-alerts.tsx';
import { usePage } from './page.ts';

/** Who is on call for each service, and until when: the roster as it is now. */
export function OnCallNow({ services }: { readonly services: readonly BoardService[] }): ReactNode {
  const { words, times } = usePage();
  return (
    <aside className="on-call" aria-labelledby="on-call-title">
      <h3 id="on-call-title">{words.board.onCall}</h3>
      {services.length === 0 ? <p>{words.board.noRota}</p> : null}
      <dl>
        {services.map(({ service, levels }) => (
          <div key={service} className="on-call-service">
            <dt>{service}</dt>
            {levels.map(({ level, people, until }) => (
              <dd key={level}>
                <span className="on-call-level">{words.board.person(level)}</span>
                <span>
                  {people.length === 0 ? <strong className="gap">{words.board.gap}</strong> : null}
                  {people.map(({ name, phone }) => (
                    <span key={name} className="on-call-person">
                      {name} <Phone name={name} phone={phone} />
                    </span>
                  ))}
                  {until === null ? null : <span className="small quiet">{words.board.until(times.dayTime(until))}</span>}
                </span>
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </aside>
  );
}
