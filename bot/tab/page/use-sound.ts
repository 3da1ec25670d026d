import { useCallback, useEffect, useState } from 'react';

/** One for the page: a browser lets it sound once somebody has clicked. */
let audio: AudioContext | null = null;

const SECONDS = 0.35;
/** Two tones, as hospital alarms of high priority have them (IEC 60601-1-8 leaves the pitch to 150 to 1000 Hz). */
const TONES_HZ = [880, 660] as const;
const EVERY_SECONDS = 2;

/** Beeps for as long as it is needed and somebody has allowed it. @param tick changes once a second */
export function useSound(isNeeded: boolean, tick: number): { readonly isOn: boolean; readonly turnOn: () => void; readonly turnOff: () => void } {
  const [isOn, setOn] = useState(audio?.state === 'running');
  const turnOn = useCallback(() => {
    audio ??= new AudioContext();
    const heard = (): void => {
      setOn(audio?.state === 'running');
    };
    audio.onstatechange = heard;
    audio.resume().then(() => {
      heard();
      beep();
    }, heard);
  }, []);
  const turnOff = useCallback(() => {
    audio?.suspend().catch(() => undefined);
  }, []);
  useEffect(() => {
    if (audio === null) return;
    audio.onstatechange = () => {
      setOn(audio?.state === 'running');
    };
  }, []);
  const round = Math.floor(tick / (EVERY_SECONDS * 1000));
  useEffect(() => {
    if (isNeeded) beep();
  }, [isNeeded, round]);
  return { isOn, turnOn, turnOff };
}

function beep(): void {
  if (audio?.state !== 'running') return;
  for (const [index, hz] of TONES_HZ.entries()) {
    const [tone, loudness] = [audio.createOscillator(), audio.createGain()];
    const from = audio.currentTime + index * SECONDS;
    tone.frequency.value = hz;
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(0.4, from + 0.02);
    loudness.gain.linearRampToValueAtTime(0, from + SECONDS);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + SECONDS);
  }
}
