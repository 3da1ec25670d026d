import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { PersonId } from '#core/ids.js';
import type { Roster, UnusableRoster } from '#domain/roster.js';
import type { Log } from '#ports/log.js';
import { RosterFault } from './calendar.ts';
import { readRosterFile, readRosterText, rosterFrom, rosterNames, serviceOf } from './files.ts';
import type { ReadRoster, RosterFile } from './files.ts';
import type { KeptRosters } from './kept.ts';

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
  /** Ids of those that somebody is called of. */
  readonly services: readonly string[];
  readonly kept: KeptRosters;
  /** Is it somebody of people.json? */
  readonly knows: (person: PersonId) => boolean;
  readonly log: Log;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

interface Held {
  readonly file: RosterFile;
  /** Of the file as it was when it was read. */
  readonly stamp: string;
}

export interface LiveRoster extends Roster {
  /** What stands in the folder and can't be used. Of its service what was known before counts. */
  unusable(): readonly UnusableRoster[];
}

/** Stamp of what is held in the place of a file that can't be used. */
const INSTEAD = 'instead';

/**
 * The rosters of the site's folder as they are now. A new file that is broken, that is gone, that has lost all its shifts or that makes nobody answer where somebody must
 * changes nothing: what was known stays, file by file, and the log says so once a minute. At the start what was known is the last copy that could be used; where there is
 * none, a file that can be read counts without the shifts of people whom nobody knows. Never throws.
 */
export function liveRoster({ folder, zone, faultsOf, services, kept, knows, log, now }: Needs): LiveRoster {
  const held = new Map<string, Held>();
  /** What can't be used, as it was when it was looked at: it is not read again and again. */
  const refused = new Map<string, { readonly stamp: string; readonly at: number; readonly faults: readonly string[] }>();
  let roster = rosterFrom([]);
  let misplaced: readonly string[] = [];
  let lookedAt = -Infinity;
  const said = new Map<string | null, number>();
  let hasBegun = false;

  function look(): Roster {
    if (now() - lookedAt < LOOK_EVERY_MS) return roster;
    lookedAt = now();
    try {
      const { names, faults } = rosterNames(folder);
      misplaced = faults.map((fault) => fault.split(': ')[0] ?? fault);
      const all = [...names, ...[...held.keys()].filter((name) => !names.includes(name))];
      for (const name of refused.keys()) if (!all.includes(name)) refused.delete(name);
      // One that has given way to another of its service meanwhile is not missing.
      const isThere = (name: string): boolean => names.includes(name) || held.has(name);
      const count = all.filter((name) => isThere(name) && lookAt(name) === 'new').length;
      if (count > 0 && hasBegun) log.info('site.rosters-read', { count });
      if (faults.length > 0) say(null, new RosterFault(faults.join('\n')));
    } catch (fault) {
      misplaced = ['roster'];
      say(null, fault);
    }
    return roster;
  }

  /** As if it had never stopped: what the files say now takes the place of the last copies, where it can. */
  function begin(): void {
    for (const service of services) {
      const copy = kept.of(service);
      if (copy !== null) stepIn(copy.name, readRosterText(copy.name, copy.text, zone));
    }
    look();
    for (const name of refused.keys()) if (heldOf(serviceOf(name)) === undefined) stepIn(name, readRosterFile(folder, name, zone));
    hasBegun = true;
  }

  function stepIn(name: string, { file, faults }: ReadRoster): void {
    if (faults.length === 0) hold(name, ofKnown(file), INSTEAD);
  }

  function heldOf(service: string): RosterFile | undefined {
    return [...held.values()].find(({ file }) => file.service === service)?.file;
  }

  /** Whoever is unknown can't be called: at their hours there is a gap. */
  function ofKnown({ levels, ...file }: RosterFile): RosterFile {
    return {
      ...file,
      levels: levels.map((level) => ({
        ...level,
        people: level.people.filter(({ person }) => knows(person)),
        between: (from, to) => level.between(from, to).filter(({ person }) => knows(person)),
      })),
    };
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
    const { file, faults, text } = readRosterFile(folder, name, zone);
    if (faults.length > 0) return faults;
    if (file.levels.length === 0 && (heldOf(file.service)?.levels.length ?? 0) > 0)
      return [`${file.file}: has no shift any more: what it said before stays in force`];
    // What is wrong already must not keep what is right: it is in another file.
    const known = faultsOf(roster);
    const wrong = faultsOf(rosterFrom([...others(file), file])).filter((fault) => !known.includes(fault));
    if (wrong.length > 0) return wrong;
    hold(name, file, stamp);
    if (text !== null) kept.keep(file.service, { name, text });
    return [];
  }

  function others({ service }: RosterFile): readonly RosterFile[] {
    return [...held.values()].map(({ file }) => file).filter((file) => file.service !== service);
  }

  function hold(name: string, file: RosterFile, stamp: string): void {
    roster = rosterFrom([...others(file), file]);
    for (const [other, one] of held) if (one.file.service === file.service) held.delete(other);
    held.set(name, { file, stamp });
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
    log.error('site.roster-unusable', name === null ? { fault } : { roster: serviceOf(name), fault });
  }

  begin();
  return {
    services: () => look().services(),
    at: (service, at) => look().at(service, at),
    gaps: (service, from, to) => look().gaps(service, from, to),
    nextHandOff: (service, after) => look().nextHandOff(service, after),
    named: (service) => look().named(service),
    unusable() {
      look();
      const files = [...[...refused.keys()].map((name) => `roster/${name}`), ...misplaced];
      return files.map((file) => ({ file, service: serviceOf(file.replace(/^roster\//u, '')) }));
    },
  };
}
