import { keyAt } from './path.ts';

/** What ends a segment in an interface log. */
const LOG_MARK = '<R>';

/**
 * Where the segments of a message stand in its view, one after the other. CR and LF are never part of a longer character in any set that is read
 * here, so they are found before anything is decoded. A line that begins like no segment goes on with the field before it: text with a line end in
 * it, sent unescaped.
 */
export class Places {
  begin: number;
  /** Before the line end, and after it with the blank lines that follow. */
  stop = 0;
  next: number;
  /** `keyOf` the name. */
  key = 0;
  private nextKey: number;
  private readonly view: string;
  readonly field: string;
  private readonly lines: Lines;

  constructor(view: string, start: number, field: string, logForm: boolean) {
    this.view = view;
    this.field = field;
    this.lines = new Lines(view, logForm);
    this.lines.find(start);
    this.begin = start;
    this.next = start;
    this.nextKey = keyAt(view, start, this.lines.stop, field.charCodeAt(0));
  }

  /** On to the next; false when there is none. */
  advance(): boolean {
    const { view, field, lines } = this;
    if (this.next >= view.length) return false;
    this.begin = this.next;
    this.key = this.nextKey;
    do {
      this.stop = lines.stop;
      this.next = lines.next;
      if (this.next >= view.length) return true;
      lines.find(this.next);
      this.nextKey = keyAt(view, this.next, lines.stop, field.charCodeAt(0));
    } while (this.nextKey === 0 && !beginsOddly(view.slice(this.next, Math.min(lines.stop, this.next + 40)), field));
    return true;
  }
}

/** Line ends one after the other: the next CR and the next LF are each looked for once. */
export class Lines {
  /** Before the line end, and after it with the blank lines that follow. */
  stop = 0;
  next = 0;
  private readonly view: string;
  private readonly logForm: boolean;
  private cr = -1;
  private lf = -1;

  constructor(view: string, logForm: boolean) {
    this.view = view;
    this.logForm = logForm;
  }

  find(from: number): void {
    const { view } = this;
    if (this.logForm) this.findMark(from);
    else {
      if (this.cr < from) this.cr = placeOf(view, '\r', from);
      if (this.lf < from) this.lf = placeOf(view, '\n', from);
      this.stop = Math.min(this.cr, this.lf);
      this.next = this.stop;
    }
    while (this.next < view.length && isLineEnd(view.charCodeAt(this.next))) this.next += 1;
  }

  /** In a log a segment ends with its mark alone; the last one may end with the message. */
  private findMark(from: number): void {
    const { view } = this;
    const mark = view.indexOf(LOG_MARK, from);
    this.stop = mark < 0 ? view.length : mark;
    if (mark < 0) while (this.stop > from && isLineEnd(view.charCodeAt(this.stop - 1))) this.stop -= 1;
    this.next = mark < 0 ? this.stop : mark + LOG_MARK.length;
  }
}

function placeOf(view: string, sign: string, from: number): number {
  const at = view.indexOf(sign, from);
  return at < 0 ? view.length : at;
}

function isLineEnd(code: number): boolean {
  return code === 0x0d || code === 0x0a;
}

/** Written with blanks before it, or with a name that is no name: still a segment of its own rather than text. */
function beginsOddly(line: string, field: string): boolean {
  const start = line.trimStart();
  const at = start.indexOf(field);
  return at < 0 ? /^[A-Z][A-Z0-9]{2}$/u.test(start.trimEnd()) : /^[A-Za-z0-9]{1,3}$/u.test(start.slice(0, at));
}
