import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';

/** Longer than Orthanc's own StableAge (60 s unless it is set). */
const SETTLES_WITHIN_MS = 120_000;
/** Looked into at once, so that a reading stays short. */
const MOST_AT_ONCE = 20;

export interface Change {
  readonly ChangeType: string;
  readonly ID: string;
  readonly Seq: number;
}

export interface Overdue {
  readonly level: 'studies' | 'series';
  readonly id: string;
}

/**
 * Studies and series that are new and not yet said to be stable. An Orthanc that is killed in between never says so (1.10.1): they are looked after, so that no
 * study is lost with it.
 */
export interface Unsettled {
  note(changes: readonly Change[]): void;
  /** Those that should have become stable by now; each is named again two minutes later unless `settled` was called. */
  overdue(): readonly Overdue[];
  settled(id: string): void;
}

export function unsettled(now: () => Instant): Unsettled {
  const waiting = new Map<string, { readonly level: Overdue['level']; readonly lookAt: number }>();
  const wait = (id: string, level: Overdue['level']): void => {
    waiting.set(id, { level, lookAt: epochOf(now()) + SETTLES_WITHIN_MS });
  };
  return {
    note(changes) {
      for (const { ChangeType, ID } of changes) {
        if (ChangeType === 'NewStudy') wait(ID, 'studies');
        else if (ChangeType === 'NewSeries') wait(ID, 'series');
        else if (ChangeType === 'StableStudy' || ChangeType === 'StableSeries') waiting.delete(ID);
      }
    },
    overdue() {
      const due = [...waiting].filter(([, { lookAt }]) => lookAt <= epochOf(now())).slice(0, MOST_AT_ONCE);
      for (const [id, { level }] of due) wait(id, level);
      return due.map(([id, { level }]) => ({ id, level }));
    },
    settled(id) {
      waiting.delete(id);
    },
  };
}
