import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '#core/language.js';
import type { Person } from '#core/people.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import { directory } from './directory.ts';
import { readPeople } from './site-folder.ts';

/** A look costs one stat of the file. What people.json says counts this late at most, and a file that was read half written is read again soon. */
const LOOK_EVERY_MS = 5_000;
/** An error line for a file that can't be used, so often. */
const SAY_EVERY_MS = 60_000;

interface Needs {
  /** The site's. */
  readonly folder: string;
  /** Of who has none of their own. */
  readonly language: Language;
  /** As read at the start. */
  readonly first: readonly Person[];
  readonly log: Log;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/**
 * The people of people.json as it is now, not as it was at the start: whoever is taken out of it, or loses a role in it, is denied within seconds (INVARIANTS 3).
 * A file that is gone or can't be used changes nothing: who was known stays known, and the log says so once a minute.
 */
export function livePeople({ folder, language, first, log, now }: Needs): Directory {
  const file = join(folder, 'people.json');
  let people = directory(first);
  /** Of the file that was read last; null: it could not be used. What was changed between the start's reading and here is read again too. */
  let stamp: string | null = null;
  let lookedAt = -Infinity;
  let saidAt = -Infinity;
  let hasBegun = false;

  function look(): Directory {
    if (now() - lookedAt < LOOK_EVERY_MS) return people;
    lookedAt = now();
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(file);
      const found = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (found === stamp) return people;
      const read = readPeople(folder, language);
      people = directory(read);
      stamp = found;
      if (hasBegun) log.info('site.people-read', { count: read.length });
    } catch (fault) {
      stamp = null;
      if (now() - saidAt >= SAY_EVERY_MS) {
        saidAt = now();
        log.error('site.people-unusable', { fault });
      }
    }
    return people;
  }
  look();
  hasBegun = true;

  return {
    byId: (id) => look().byId(id),
    byAadObjectId: (id) => look().byAadObjectId(id),
    byProviderId: (id) => look().byProviderId(id),
    byOsAccount: (account) => look().byOsAccount(account),
    withRole: (role) => look().withRole(role),
    names: () => look().names(),
  };
}
