import { useCallback, useEffect, useRef, useState } from 'react';
import type { Board } from '#ports/tab.js';
import type { Came } from './api.ts';
import { usePage } from './page.ts';
import { useTick } from './use-tick.ts';

/** Seconds after which the board is read again. */
const READ_EVERY_SECONDS = 5;
/** Without an answer for so many seconds the clocks are not trusted any more. */
const TRUSTED_SECONDS = 15;
/** A clock on the wall that moves otherwise than the steady one, by so many seconds: this machine has slept, or was set. */
const JUMP_SECONDS = 3;

interface Read {
  readonly board: Board;
  /** When it was asked for: by the steady clock, and by this machine's. Both in milliseconds. */
  readonly steady: number;
  readonly wall: number;
}

export interface BoardNow {
  /** What was read last; null: nothing yet. */
  readonly board: Board | null;
  /** The service's time of now, Unix time in milliseconds; null: not to be trusted. This machine's own clock is not asked. */
  readonly now: number | null;
  /** Why nothing is shown; null: it is, or it is only not new. */
  readonly refused: Extract<Came<unknown>, { ok: false }> | null;
  /** What is shown is not new because nobody is signed in any more. */
  readonly isSignedOut: boolean;
  /** Milliseconds of the steady clock: changes once a second. */
  readonly tick: number;
  readonly again: () => void;
}

/** The board, read again every few seconds. */
export function useBoard(): BoardNow {
  const { ask, host } = usePage();
  const tick = useTick();
  const [read, setRead] = useState<Read | null>(null);
  const [failed, setFailed] = useState<Extract<Came<unknown>, { ok: false }> | null>(null);
  const asking = useRef<{ readonly since: number | null; readonly isUnderWay: boolean }>({ since: null, isUnderWay: false });
  const load = useCallback(async (): Promise<void> => {
    if (asking.current.isUnderWay) return;
    const [steady, wall] = [performance.now(), Date.now()];
    asking.current = { since: steady, isUnderWay: true };
    try {
      const came = await ask<Board>({ ask: 'board' });
      // Where people are picked nobody types anything: a board on a wall signs in again by itself.
      if (!came.ok && came.code === 'signed-out' && host.people !== null) await host.token(true);
      if (came.ok) setRead({ board: came.found, steady, wall });
      setFailed(came.ok ? null : came);
    } finally {
      asking.current = { since: steady, isUnderWay: false };
    }
  }, [ask, host]);
  const jumped = read !== null && Math.abs(Date.now() - read.wall - (performance.now() - read.steady)) > JUMP_SECONDS * 1000;
  useEffect(() => {
    const { since } = asking.current;
    if (jumped || since === null || tick - since >= READ_EVERY_SECONDS * 1000) load().catch(() => undefined);
  }, [jumped, load, tick]);
  const isSignedOut = failed?.code === 'signed-out';
  const again = useCallback(() => {
    const signedIn = isSignedOut ? host.token(true) : Promise.resolve(null);
    signedIn.then(load).catch(() => undefined);
  }, [host, isSignedOut, load]);
  const isTrusted = read !== null && failed === null && !jumped && tick - read.steady < TRUSTED_SECONDS * 1000;
  const isLost = failed !== null && (failed.code === 'offline' || failed.code === 'failed' || failed.code === 'signed-out');
  return {
    board: read?.board ?? null,
    // From when it was asked for, not from when it came: a slow line makes the clock early and never late.
    now: isTrusted ? Date.parse(read.board.asOf) + Math.max(0, tick - read.steady) : null,
    refused: failed !== null && (!isLost || read === null) ? failed : null,
    ...{ isSignedOut, tick, again },
  };
}
