import { Button } from '@fluentui/react-button';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { BoardAlert } from '#ports/tab.js';
import { BoardAlerts } from './board-alerts.tsx';
import { OnCallNow } from './board-on-call.tsx';
import { usePage } from './page.ts';
import { Empty, Loading, Message, NotAnswered } from './states.tsx';
import { TakeByCode } from './take-by-code.tsx';
import { useBoard } from './use-board.ts';
import { useSound } from './use-sound.ts';

/** With its sound on it goes on behind other pages: a case that is being looked at makes nobody deaf. */
export function BoardPage({ isShown }: { readonly isShown: boolean }): ReactNode {
  const [isHeard, setHeard] = useState(false);
  if (!isShown && !isHeard) return null;
  return (
    <div hidden={!isShown}>
      <Board onSound={setHeard} />
    </div>
  );
}

/** What is open, who is called, and when it goes on; who is on call. Nothing of a patient: it may hang on a wall. */
function Board({ onSound }: { readonly onSound: (isOn: boolean) => void }): ReactNode {
  const { words, times } = usePage();
  const { board, now, refused, isSignedOut, tick, again } = useBoard();
  // A drill is heard too: it takes the real path; it is not counted with what is real.
  const waiting = (board?.alerts ?? []).filter(({ status }) => status === 'failsafe');
  const untaken = countOf(waiting) === 0 ? waiting.length : countOf(waiting);
  const isDrill = waiting.every(({ drill }) => drill);
  const isLost = board !== null && now === null;
  // A board that hears nothing any more is not silent about it.
  const sound = useSound(untaken > 0 || isLost, tick);
  useEffect(() => {
    onSound(sound.isOn);
  }, [onSound, sound.isOn]);
  if (refused !== null) return <NotAnswered came={refused} words={words} again={again} />;
  if (board === null) return <Loading label={words.loading} />;
  const { alerts, onCall, asOf, takesFailsafe, isFailsafeAlone } = board;
  return (
    <section aria-labelledby="board-title" className="board" data-trusted={!isLost}>
      <div className="bar">
        <h2 id="board-title">{countOf(alerts) === 0 ? words.board.title : words.board.count(countOf(alerts))}</h2>
        <span className="quiet">{words.asOf(times.time(isLost ? asOf : new Date(now ?? 0).toISOString()))}</span>
        <Sound isOn={sound.isOn} turnOn={sound.turnOn} turnOff={sound.turnOff} />
      </div>
      <div role="alert">
        {isLost ? (
          <Message
            said={{
              title: isSignedOut ? words.board.lost.signedOut : words.board.lost.title,
              line: words.board.lost.line(times.time(asOf)),
              todo: words.signedOut.todo,
            }}
            intent="error"
            {...(isSignedOut ? { onTodo: again } : {})}
          />
        ) : null}
      </div>
      <div role="alert">
        {untaken > 0 ? (
          <Message
            said={{
              title: `${isDrill ? `${words.board.drill}: ` : ''}${words.board.untaken(untaken)}`,
              line: takesFailsafe ? words.board.untakenLine : words.board.untakenElsewhere,
            }}
            intent="error"
          />
        ) : null}
      </div>
      {takesFailsafe ? <TakeByCode alerts={alerts} again={again} /> : null}
      <div className="board-both">
        {alerts.length === 0 ? <Empty said={isFailsafeAlone ? words.board.noneHere : words.board.none} /> : <BoardAlerts alerts={alerts} now={now} />}
        <OnCallNow services={onCall} />
      </div>
    </section>
  );
}

/** Without drills. */
function countOf(alerts: readonly Pick<BoardAlert, 'drill'>[]): number {
  return alerts.filter(({ drill }) => !drill).length;
}

function Sound({ isOn, turnOn, turnOff }: { readonly isOn: boolean; readonly turnOn: () => void; readonly turnOff: () => void }): ReactNode {
  const { words } = usePage();
  return isOn ? (
    <span className="sound">
      <span className="quiet">{words.board.soundOn}</span>
      <Button size="small" appearance="subtle" onClick={turnOff}>
        {words.board.turnOff}
      </Button>
    </span>
  ) : (
    <span className="sound sound-off">
      <span>
        <span className="strong">{words.board.soundOff}</span>
        <span className="small">{words.board.soundOffLine}</span>
      </span>
      <Button size="small" appearance="primary" onClick={turnOn}>
        {words.board.turnOn}
      </Button>
    </span>
  );
}
