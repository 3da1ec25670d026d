/** A line of the report; offsets of its text without blanks at both ends. */
export interface Line {
  readonly start: number;
  readonly end: number;
  /** The next line goes on with its sentence: it was broken because it was full. */
  readonly goesOn: boolean;
}

const blank = /\s/u;
/** `1.`, `2)`, `-`, `*`, `•` at the head of a line; not the fracture of "#NOF". */
const listMark = /^(?:[-*•·▪–>]+|#+(?!\p{L})|\(?[0-9]{1,2}[.)](?=\s|[A-Za-z])|\(?[a-z][.)](?=\s))/u;
/** Lines longer than this were not broken by hand or by a printer. */
const widestPage = 132;

/** The lines of a text, with those told apart that a printer or a narrow window has broken. */
export function linesOf(text: string): Line[] {
  const lines: { start: number; end: number }[] = [];
  for (let from = 0; from <= text.length;) {
    let to = from;
    while (to < text.length && text.charAt(to) !== '\n' && text.charAt(to) !== '\r') to += 1;
    lines.push(trimmed(text, from, to));
    from = to + 1;
  }
  const lengths = lines.map(({ start, end }) => end - start).filter((length) => length <= widestPage);
  const width = lengths.reduce((most, length) => Math.max(most, length), 0);
  const full = lengths.filter((length) => length > width - 12).length;
  return lines.map((line, i) => ({ ...line, goesOn: goesOn(text, line, lines[i + 1], width, full) }));
}

function goesOn(text: string, line: Span, next: Span | undefined, width: number, full: number): boolean {
  const length = line.end - line.start;
  if (next === undefined || length === 0 || next.start === next.end) return false;
  if (/[.!?:;]$/u.test(text.slice(line.end - 1, line.end)) || listMark.test(text.slice(next.start, next.start + 6))) return false;
  // A title in capitals over plain text is a line of its own.
  if (isCapitals(text, line) && !isCapitals(text, next)) return false;
  const small = /^[\p{Ll}0-9(]/u.test(text.slice(next.start, next.start + 1));
  if (/[,(]$/u.test(text.slice(line.end - 1, line.end)) && small) return true;
  const first = firstWordLength(text, next);
  const isFull = length + 1 + first > width - 8;
  if (isFull) return full >= 3 || (small && width > 45);
  return small && length >= 35 && length >= width / 2;
}

function isCapitals(text: string, { start, end }: Span): boolean {
  const raw = text.slice(start, Math.min(end, start + widestPage));
  return raw === raw.toUpperCase();
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function firstWordLength(text: string, { start, end }: Span): number {
  let i = start;
  while (i < end && !blank.test(text.charAt(i)) && i - start < 40) i += 1;
  return i - start;
}

/** A span without blanks at both ends. */
export function trimmed(text: string, from: number, to: number): { start: number; end: number } {
  let [start, end] = [from, to];
  while (start < end && blank.test(text.charAt(start))) start += 1;
  while (end > start && blank.test(text.charAt(end - 1))) end -= 1;
  return { start, end };
}

/** Where the text of a line begins behind its bullet or number. */
export function behindListMark(text: string, start: number, end: number): number {
  const mark = listMark.exec(text.slice(start, Math.min(end, start + 8)));
  return mark === null ? start : trimmed(text, start + mark[0].length, end).start;
}
