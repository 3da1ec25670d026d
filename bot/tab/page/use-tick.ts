import { useEffect, useState } from 'react';

/** Milliseconds of a clock that is never set and never jumps (performance.now), told once a second for as long as this stands. */
export function useTick(): number {
  const [at, setAt] = useState(() => performance.now());
  useEffect(() => {
    const told = (): void => {
      setAt(performance.now());
    };
    const worker = new Worker(new URL('./tick.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', told);
    // Should the worker end, the page's own timer goes on.
    const timer = window.setInterval(told, 1000);
    return () => {
      worker.terminate();
      window.clearInterval(timer);
    };
  }, []);
  return at;
}
