import { Button } from '@fluentui/react-button';
import type { ReactNode } from 'react';
import type { Picked } from './host.ts';
import type { Words } from './words.ts';

/** Stands in for the sign-in of Teams on one machine. */
export function PeoplePicker({
  people,
  words,
  onPick,
}: {
  readonly people: readonly Picked[];
  readonly words: Words;
  readonly onPick: (person: string) => void;
}): ReactNode {
  return (
    <main className="pick">
      <h1>{words.pickTitle}</h1>
      <p>{words.pickLine}</p>
      <ul className="people">
        {people.map(({ id, name, roles }) => (
          <li key={id}>
            <Button
              className="person"
              onClick={() => {
                onPick(id);
              }}
            >
              <span>
                <span className="strong">{name}</span>
                <span className="small">{roles.join(', ')}</span>
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </main>
  );
}
