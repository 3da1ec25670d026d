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
  const bounded = bound((line, count) => {
    put('error', 'log.left-out', { line, count });
  });
  return {
    info(line, fields) {
      put('info', line, fields);
    },
    error(line, fields) {
      if (bounded(line)) put('error', line, fields);
    },
  };
}

/** Of one kind of error so many lines a second are written: a disk that fails does not fill the log as well. */
const ERRORS_A_SECOND = 20;

/** May one more of this kind be written now? What was left out is told once its second is over, with the next of that kind. */
function bound(tell: (line: string, leftOut: number) => void): (line: string) => boolean {
  const kinds = new Map<string, { began: number; written: number; leftOut: number }>();
  return (line) => {
    const now = performance.now();
    let kind = kinds.get(line);
    if (kind === undefined || now - kind.began >= 1000) {
      if (kind !== undefined && kind.leftOut > 0) tell(line, kind.leftOut);
      kind = { began: now, written: 0, leftOut: 0 };
      kinds.set(line, kind);
    }
    if (kind.written >= ERRORS_A_SECOND) {
      kind.leftOut += 1;
      return false;
    }
    kind.written += 1;
    return true;
  };
}
