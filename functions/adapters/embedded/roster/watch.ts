import type { Roster } from '#domain/roster.js';
import type { Clock } from '#ports/clock.js';
import type { Log } from '#ports/log.js';
import type { Rota } from '#ports/rota.js';

/** A new file is looked at by then, also where nobody asks who is on call. */
const LOOK_EVERY_MS = 30_000;
const GAPS_EVERY_MS = 60 * 60_000;
const DAYS_AHEAD = 2;

interface Needs {
  readonly roster: Roster;
  readonly rota: Rota;
  readonly clock: Clock;
  readonly log: Log;
}

/** Says while Radloop runs what is wrong with the rosters before they are needed: hours of the next two days without anybody. `radloop oncall gaps` names them. @returns ends it */
export function watchRosters({ roster, rota, clock, log }: Needs): () => void {
  const sayGaps = (): void => {
    const count = rota.gaps(clock.now(), DAYS_AHEAD).length;
    if (count > 0) log.error('on-call.gaps', { count });
  };
  sayGaps();
  const timers = [setInterval(() => roster.services(), LOOK_EVERY_MS), setInterval(sayGaps, GAPS_EVERY_MS)];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
