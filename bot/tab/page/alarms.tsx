import { Button } from '@fluentui/react-button';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Words } from './words.ts';

/** What was to reach a clinician and did not, or may not have: whom to phone now, by the case that it is of. No patient data. */
export interface Alarms {
  readonly raise: (of: string, line: string) => void;
  readonly clear: (of: string) => void;
}

/** They stand above every page until somebody dismisses each, or an answer takes its place: no look, no other page and no idle time takes one away. */
export function useAlarms(): readonly [ReadonlyMap<string, string>, Alarms] {
  const [standing, setStanding] = useState<ReadonlyMap<string, string>>(new Map());
  const alarms = useMemo(
    () => ({
      raise(of: string, line: string) {
        setStanding((before) => new Map(before).set(of, line));
      },
      clear(of: string) {
        setStanding((before) => new Map([...before].filter(([one]) => one !== of)));
      },
    }),
    [],
  );
  return [standing, alarms];
}

export function AlarmList({
  standing,
  words,
  dismiss,
}: {
  readonly standing: ReadonlyMap<string, string>;
  readonly words: Words;
  readonly dismiss: (of: string) => void;
}): ReactNode {
  return (
    <div className="alarms">
      {[...standing].map(([of, line]) => (
        <div key={of} className="alarm" role="alert">
          <p>
            <span className="number">{of}</span> {line}
          </p>
          <Button
            aria-label={`${words.dismiss}: ${of}`}
            onClick={() => {
              dismiss(of);
            }}
          >
            {words.dismiss}
          </Button>
        </div>
      ))}
    </div>
  );
}
