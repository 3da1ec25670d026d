import type { Clock } from '#ports/clock.js';
import { LOG_LINES } from '#ports/log-lines.js';
import type { FieldKind } from '#ports/log-lines.js';
import type { Log } from '#ports/log.js';
import type { Allowed } from './allowed.ts';

export interface LogNeeds {
  /** Gets one whole line without its end. */
  readonly write: (line: string) => void;
  readonly clock: Clock;
  readonly allowed: Allowed;
  readonly dropped: (what: 'line' | 'field') => void;
}

const lines: ReadonlyMap<string, ReadonlyMap<string, FieldKind>> = new Map(
  Object.entries(LOG_LINES).map(([line, fields]) => [line, new Map(Object.entries(fields))]),
);

/** JSON lines of what log-lines.ts allows. In JSON every line end is written as \n or \r, so that nothing can pass for a line of its own. */
export function allowListLog({ write, clock, allowed, dropped }: LogNeeds): Log {
  const put = (level: 'info' | 'error', event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const kinds = lines.get(event);
    if (kinds === undefined) {
      dropped('line');
      return;
    }
    const line: Record<string, string | number | boolean | null> = { at: clock.now(), level, event };
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      if (value === undefined) continue;
      const kind = kinds.get(name);
      const shown = kind === undefined ? undefined : allowed.value(kind, value);
      if (shown === undefined) dropped('field');
      else line[name] = shown;
    }
    write(JSON.stringify(line));
  };
  return {
    info(line, fields) {
      put('info', line, fields);
    },
    error(line, fields) {
      put('error', line, fields);
    },
  };
}
