import type { Cursors } from '#ports/cursors.js';
import type { Log } from '#ports/log.js';

const NAME = 'teams-limits';
const EVERY_MS = 2000;

export interface KeptLimits {
  /** Writes what there is at last. */
  stop(): Promise<void>;
}

/** What was kept before this start; undefined where there is nothing, or nothing that can be read: then Teams says itself when it is too much. */
export async function readLimits<Limits>(cursors: Cursors): Promise<Limits | undefined> {
  const kept = await cursors.read(NAME);
  try {
    return kept === null ? undefined : (JSON.parse(kept) as Limits);
  } catch {
    return undefined;
  }
}

/** Keeps what was sent and promised under the limits of Teams, so that a start neither sends too much nor too early. Of the last two seconds nothing is known. */
export function keepLimits(cursors: Cursors, limits: () => unknown, log: Log): KeptLimits {
  let written = '';
  const write = async (): Promise<void> => {
    const now = JSON.stringify(limits());
    if (now === written) return;
    await cursors.write(NAME, now);
    written = now;
  };
  let underWay: Promise<void> = Promise.resolve();
  const keep = (): void => {
    underWay = underWay.then(write).catch((fault: unknown) => {
      log.error('teams.limits-not-kept', { fault });
    });
  };
  const timer = setInterval(keep, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      keep();
      await underWay;
    },
  };
}
