import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Roster } from '#domain/roster.js';
import type { Log } from '#ports/log.js';
import { RosterFault } from './calendar.ts';
import { readRosterFile, rosterFrom, rosterNames } from './files.ts';
import type { RosterFile } from './files.ts';

/** A look costs one stat a file. What the rosters say counts this late at most, and a file that was read half written is read again soon. */
const LOOK_EVERY_MS = 5_000;
/** An error line for what can't be used, so often. */
const SAY_EVERY_MS = 60_000;

interface Needs {
  /** The site's. */
  readonly folder: string;
  readonly zone: string;
  /** What else is wrong with rosters that can be read: somebody whom nobody knows, a level that is asked and has nobody. */
  readonly faultsOf: (roster: Roster) => readonly string[];
  readonly log: Log;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

interface Held {
  readonly file: RosterFile;
  /** Of the file as it was when it was read. */
  readonly stamp: string;
}

/**
 * The rosters of the site's folder as they are now. A new file that is broken, that is gone, that has lost all its shifts or that makes nobody answer where somebody must
 * changes nothing: what was known stays, file by file, and the log says so once a minute.
 */
export function liveRoster({ folder, zone, faultsOf, log, now }: Needs): Roster {
  const held = new Map<string, Held>();
  /** What can't be used, as it was when it was looked at: it is not read again and again. */
  const refused = new Map<string, { readonly stamp: string; readonly at: number; readonly faults: readonly string[] }>();
  let roster = rosterFrom([]);
  let lookedAt = -Infinity;
  const said = new Map<string | null, number>();
  let hasBegun = false;

  function look(): Roster {
    if (now() - lookedAt < LOOK_EVERY_MS) return roster;
    lookedAt = now();
    try {
      const { names, faults } = rosterNames(folder);
      const seen = [...names, ...[...held.keys()].filter((name) => !names.includes(name))].map((name) => lookAt(name));
      const count = seen.filter((one) => one === 'new').length;
      if (count > 0 && hasBegun) log.info('site.rosters-read', { count });
      if (faults.length > 0) say(null, new RosterFault(faults.join('\n')));
    } catch (fault) {
      say(null, fault);
    }
    return roster;
  }

  function lookAt(name: string): 'new' | 'known' | 'refused' {
    const stamp = stampOf(name);
    const last = refused.get(name);
    if (held.get(name)?.stamp === stamp) {
      refused.delete(name);
      return 'known';
    }
    const isKnown = last?.stamp === stamp && now() - last.at < SAY_EVERY_MS;
    const faults = isKnown ? last.faults : take(name, stamp);
    if (faults.length === 0) {
      refused.delete(name);
      return 'new';
    }
    if (!isKnown) refused.set(name, { stamp, at: now(), faults });
    say(name, new RosterFault(faults.join('\n')));
    return 'refused';
  }

  /** Puts a file in the place of what it said before; what is wrong with it, if it can't be. */
  function take(name: string, stamp: string): readonly string[] {
    const { file, faults } = readRosterFile(folder, name, zone);
    if (faults.length > 0) return faults;
    const before = held.get(name)?.file;
    if (file.levels.length === 0 && (before?.levels.length ?? 0) > 0)
      return [`${file.file}: has no shift any more: what it said before stays in force`];
    const others = [...held].filter(([other]) => other !== name).map(([, one]) => one.file);
    const made = rosterFrom([...others.filter(({ service }) => service !== file.service), file]);
    // At the start the files come one by one: what they say together was judged before, with the site.
    const wrong = hasBegun ? faultsOf(made) : [];
    if (wrong.length > 0) return wrong;
    for (const [other, one] of held) if (one.file.service === file.service) held.delete(other);
    held.set(name, { file, stamp });
    roster = made;
    return [];
  }

  function stampOf(name: string): string {
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(join(folder, 'roster', name));
      return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
    } catch {
      return 'gone';
    }
  }

  /** `radloop doctor` says what is wrong with it. @param name null: with the folder, or a name */
  function say(name: string | null, fault: unknown): void {
    if (now() - (said.get(name) ?? -Infinity) < SAY_EVERY_MS) return;
    said.set(name, now());
    log.error('site.roster-unusable', name === null ? { fault } : { roster: name.replace(/\.\w+$/u, ''), fault });
  }

  look();
  hasBegun = true;
  return {
    services: () => look().services(),
    at: (service, at) => look().at(service, at),
    gaps: (service, from, to) => look().gaps(service, from, to),
    nextHandOff: (service, after) => look().nextHandOff(service, after),
    named: (service) => look().named(service),
  };
}
