import { createContext, useContext } from 'react';
import type { Me } from '#ports/tab.js';
import type { Alarms } from './alarms.tsx';
import type { Ask } from './api.ts';
import type { Host } from './host.ts';
import type { Times } from './time.ts';
import type { Words } from './words.ts';

/** What every part of the page knows. */
export interface Page {
  readonly host: Host;
  readonly ask: Ask;
  readonly me: Me;
  readonly words: Words;
  readonly times: Times;
  readonly alarms: Alarms;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('This part stands outside the page.');
  return page;
}
