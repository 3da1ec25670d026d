/** Where a value stands in a message, counted from 1 as HL7 does. */
export interface Path {
  readonly segment: string;
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
    occurrence: Number(occurrence ?? 1),
    field: Number(field),
    repetition: Number(repetition ?? 1),
    component: component === undefined ? undefined : Number(component),
    subcomponent: subcomponent === undefined ? undefined : Number(subcomponent),
  };
  known.set(text, path);
  return path;
}
