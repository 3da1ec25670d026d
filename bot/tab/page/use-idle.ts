import { useCallback, useEffect, useState } from 'react';

/** Has nobody touched the page for so long? And what wakes it. */
export function useIdle(minutes: number): readonly [boolean, () => void] {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    let timer = 0;
    const touched = (): void => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        setIdle(true);
      }, minutes * 60_000);
    };
    const touches = ['pointerdown', 'keydown', 'scroll'] as const;
    for (const touch of touches) document.addEventListener(touch, touched, { passive: true, capture: true });
    touched();
    return () => {
      window.clearTimeout(timer);
      for (const touch of touches) document.removeEventListener(touch, touched, { capture: true });
    };
  }, [minutes]);
  const wake = useCallback(() => {
    setIdle(false);
  }, []);
  return [isIdle, wake];
}
