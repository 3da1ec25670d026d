import { addMinutes, epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Cursors } from '#ports/cursors.js';
import type { DowntimeList } from '#domain/downtime.js';
import type { DowntimeFolder, RecordEnd } from '#ports/downtime.js';
import { downtimeList } from './downtime-list.ts';
import type { ListNeeds } from './downtime-list.ts';
import type { Parts } from './parts.ts';

export type DowntimeNeeds = ListNeeds &
  Pick<Parts, 'audit' | 'log'> & {
    readonly cursors: Cursors;
    readonly folder: DowntimeFolder;
    /** How the list looks (cards/downtime). */
    readonly html: (list: DowntimeList) => Iterable<string>;
    readonly csv: (list: DowntimeList) => Iterable<string>;
  };

export interface Downtime {
  /** As-of time of the newest list on the disk; null: this process has written none yet. */
  asOf(): Instant | null;
  /** Writes a last list: a stop that was planned leaves one that is as of then. */
  stop(): Promise<void>;
}

const EVERY_MINUTES = 5;
/** Minutes until it is tried again when a disk did not take it. */
const AGAIN_MINUTES = 1;
const CURSOR = 'downtime-openings';

/** Writes the list now and every five minutes, and takes into the audit who opened one. Never rejects: a list that can't be written is logged and tried again. */
export function startDowntime(needs: DowntimeNeeds): Downtime {
  let asOf: Instant | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let ended = false;
  const round = async (): Promise<void> => {
    const isWritten = await once(needs, (at) => {
      asOf = at;
    });
    if (!ended) timer = setTimeout(next, (isWritten ? EVERY_MINUTES : AGAIN_MINUTES) * 60_000);
  };
  let underWay: Promise<void> = Promise.resolve();
  const next = (): void => {
    underWay = round();
  };
  next();
  return {
    asOf: () => asOf,
    async stop() {
      ended = true;
      if (timer !== null) clearTimeout(timer);
      await underWay;
      await round();
    },
  };
}

async function once(needs: DowntimeNeeds, tell: (asOf: Instant) => void): Promise<boolean> {
  const { log, clock } = needs;
  try {
    await takeOpenings(needs);
    const list = await downtimeList(needs);
    await needs.folder.write(list.asOf, { html: needs.html(list), csv: needs.csv(list) });
    tell(list.asOf);
    const behind = (epochOf(list.writtenAt) - epochOf(list.asOf)) / 1000;
    const took = (epochOf(clock.now()) - epochOf(list.writtenAt)) / 1000;
    log.info('downtime.written', { cases: list.cases.length, held: list.held.length, behind, took });
    return true;
  } catch (error) {
    log.error('downtime.not-written', { fault: error });
    return false;
  }
}

/** Up to where the record of openings was taken. `until`: an instance takes lines just now, until then at most. */
interface Taken extends RecordEnd {
  readonly until?: Instant;
}

/** Minutes that taking lines may last, before another instance goes on with it. */
const TAKING_MINUTES = 1;

/**
 * Who opened a list since, also while nothing ran: each once, whichever instance comes to it and wherever one ends; a record that was cut or changed is a row of its
 * own.
 */
export async function takeOpenings({
  audit,
  cursors,
  folder,
  directory,
  clock,
  log,
}: Pick<DowntimeNeeds, 'audit' | 'cursors' | 'folder' | 'directory' | 'clock' | 'log'>): Promise<void> {
  const now = clock.now();
  const kept = await cursors.read(CURSOR);
  const { until, ...last }: Taken = kept === null ? { n: 0, hash: START } : (JSON.parse(kept) as Taken);
  // A time that is further ahead was noted under a clock that was ahead.
  if (until !== undefined && until > now && until <= addMinutes(now, TAKING_MINUTES)) return;
  const { openings, gap, end } = await folder.openingsAfter(last);
  if (gap === null && openings.length === 0) return;
  const mine = addMinutes(now, TAKING_MINUTES);
  const upTo = (line: RecordEnd, more: Omit<Taken, 'n' | 'hash'>) => JSON.stringify({ n: line.n, hash: line.hash, ...more });
  // What is known of the record stays until all is told: who goes on after a kill finds the same gap.
  const told = { ...(last.faults === undefined ? {} : { faults: last.faults }), ...(last.first === undefined ? {} : { first: last.first }) };
  let mark = upTo(last, { ...told, until: mine });
  if (!(await cursors.swap(CURSOR, kept, mark))) return;
  for (const opening of openings) {
    const { n, at, account, lentBy, how, asOf, hash } = opening;
    const person = directory.byOsAccount(account);
    const actor = person === null ? SERVICE : ({ kind: 'person', person: person.id } as const);
    const detail = { n, openedAt: at, account, lentBy, how, listAsOf: asOf, line: hash };
    const row = { caseId: null, at: clock.now(), actor, action: 'downtime-opened', outcome: 'done', detail } as const;
    const next = upTo(opening, { ...told, until: mine });
    // At once: on SQLite both are in one transaction.
    const [, isMine] = await Promise.all([audit.record(row), cursors.swap(CURSOR, mark, next)]);
    // It stood still for longer than that, and another goes on.
    if (!isMine) return;
    mark = next;
  }
  const done = cursors.swap(CURSOR, mark, JSON.stringify(end));
  if (gap === null) {
    await done;
    return;
  }
  log.error('downtime.openings-gap', { after: last.n });
  const detail = { what: gap, after: last.n, found: end.n };
  const row = { caseId: null, at: clock.now(), actor: SERVICE, action: 'downtime-openings-gap', outcome: 'nothing', detail } as const;
  await Promise.all([audit.record(row), done]);
}

const START = '0'.repeat(64);
const SERVICE = { kind: 'system', part: 'downtime' } as const;
