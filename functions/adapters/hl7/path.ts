/** Where a value stands in a message, counted from 1 as HL7 does. */
export interface Path {
  readonly segment: string;
  /** The same as one number, for comparing. */
  readonly key: number;
  /** Which of several segments of this name. */
  readonly occurrence: number;
  readonly field: number;
  readonly repetition: number;
  readonly component: number | undefined;
  readonly subcomponent: number | undefined;
}

const known = new Map<string, Path>();

/**
 * Reads `OBR-4`, `OBR-4.1`, `PID-3(2).4.1`, `OBX[3]-5`.
 * @throws RangeError for text of another shape: paths are written by us and by the site's field map, never by a sender.
 */
export function pathOf(text: string): Path {
  const before = known.get(text);
  if (before !== undefined) return before;
  const parts = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\((\d+)\))?(?:\.(\d+))?(?:\.(\d+))?$/u.exec(text);
  if (parts === null) throw new RangeError(`"${text}" is no HL7 path. Write it like OBR-4, OBR-4.1 or PID-3(2).4.1 (hl7/field-map.json).`);
  const [, segment = '', occurrence, field, repetition, component, subcomponent] = parts;
  const path: Path = {
    segment,
    key: keyOf(segment),
    occurrence: Number(occurrence ?? 1),
    field: Number(field),
    repetition: Number(repetition ?? 1),
    component: component === undefined ? undefined : Number(component),
    subcomponent: subcomponent === undefined ? undefined : Number(subcomponent),
  };
  known.set(text, path);
  return path;
}

/** A segment's name as one number; 0 unless it is a capital and two capitals or digits. */
export function keyOf(name: string): number {
  return keyAt(name, 0, name.length, 0);
}

/** The same of the name that stands in a line, right before a separator or the line's end; 0 for a name that is written otherwise. */
export function keyAt(view: string, start: number, stop: number, field: number): number {
  if (stop < start + 3 || (stop > start + 3 && view.charCodeAt(start + 3) !== field)) return 0;
  const first = view.charCodeAt(start);
  const second = view.charCodeAt(start + 1);
  const third = view.charCodeAt(start + 2);
  return isCapital(first) && isCapitalOrDigit(second) && isCapitalOrDigit(third) ? (first << 16) | (second << 8) | third : 0;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isCapitalOrDigit(code: number): boolean {
  return isCapital(code) || (code >= 0x30 && code <= 0x39);
}
