import { useCallback, useEffect, useState } from 'react';
import type { Asked, Came } from './api.ts';
import { usePage } from './page.ts';

/** What was asked and what came; null while the first answer is awaited. `again` asks anew, a fresh sign-in before it where the old one has run out. */
export function useAsked<Found>(asked: Asked | null): { readonly came: Came<Found> | null; readonly busy: boolean; readonly again: () => void } {
  const { ask, host } = usePage();
  const [came, setCame] = useState<Came<Found> | null>(null);
  const [round, setRound] = useState(0);
  const [busy, setBusy] = useState(true);
  const key = asked === null ? null : JSON.stringify(asked);
  useEffect(() => {
    if (key === null) {
      // What was put away is not shown again before it is asked for again.
      setCame(null);
      return undefined;
    }
    let gone = false;
    setBusy(true);
    const load = async (): Promise<void> => {
      const found = await ask<Found>(JSON.parse(key) as Asked);
      if (gone) return;
      setCame(found);
      setBusy(false);
    };
    load().catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [ask, key, round]);
  const again = useCallback(() => {
    const renew = came !== null && !came.ok && came.code === 'signed-out' && host.people !== null ? host.token(true) : Promise.resolve(null);
    renew.then(
      () => {
        setRound((before) => before + 1);
      },
      () => undefined,
    );
  }, [came, host]);
  return { came, busy, again };
}
