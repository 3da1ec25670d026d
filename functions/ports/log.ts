import type { FieldKind, LOG_LINES, LogLine } from './log-lines.ts';

type Value<Kind extends FieldKind> = Kind extends { is: 'words'; words: readonly (infer Word)[] }
  ? Word | (string & {})
  : Kind extends { is: 'count' | 'duration' }
    ? number
    : Kind extends { is: 'flag' }
      ? boolean
      : Kind extends { is: 'fault' }
        ? unknown
        : Kind extends { is: 'status' }
          ? number | null
          : string | null;

/** The fields that a line has; each may be left out. */
export type LogFields<Line extends LogLine> = {
  readonly [Name in keyof (typeof LOG_LINES)[Line]]?: Value<(typeof LOG_LINES)[Line][Name] & FieldKind>;
};

/**
 * Structured lines by allow-list (log-lines.ts): a name of the list with fields of the list, each of its kind. What is not allowed is not written: the line
 * without that field is, and `log.dropped` counts it. Never throws. Patient data has no field that it could stand in.
 */
export interface Log {
  info<Line extends LogLine>(line: Line, fields?: LogFields<Line>): void;
  error<Line extends LogLine>(line: Line, fields?: LogFields<Line>): void;
}
