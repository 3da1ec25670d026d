/** One stretch of a file of HL7 messages; the stretches in order are the whole file. */
export interface Piece {
  /** `message`: from MSH to the end of its last segment. `too-long`: one that is not read. `other`: framing, batch segments, what a log writes around. */
  readonly kind: 'message' | 'too-long' | 'other';
  readonly bytes: Buffer;
  /** Segments end with `<R>`. */
  readonly logForm: boolean;
}

/** The limit of the listener: longer messages are not read. */
const LONGEST_MESSAGE_BYTES = 10 * 1024 * 1024;

const START_BLOCK = 0x0b;
const END_BLOCK = 0x1c;

/**
 * Cuts a stream into messages and what lies between: CR, LF or CRLF line ends, MLLP frames, batches (FHS, BHS), the `<SB>…<R>…<EB>` log form.
 * Holds one message at a time. The first message begins at its MSH; a line before it that is no MSH belongs to nobody. A file in UTF-16 is one message.
 */
export async function* pieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
  let cutter: Cutter | Whole | null = null;
  let beginning = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (cutter !== null) {
      yield* cutter.push(chunk);
      continue;
    }
    beginning = Buffer.concat([beginning, chunk]);
    if (beginning.length < 8) continue;
    cutter = isWide(beginning) ? new Whole() : new Cutter();
    yield* cutter.push(beginning);
  }
  cutter ??= new Cutter();
  if (beginning.length < 8) yield* cutter.push(beginning);
  yield* cutter.end();
}

/** UTF-16: a byte order mark, or MSH with a zero beside each letter. */
function isWide(beginning: Buffer): boolean {
  const start = beginning.toString('latin1', 0, 8);
  return start.startsWith('\u00ff\u00fe') || start.startsWith('\u00fe\u00ff') || start.startsWith('M\0S\0H\0') || start.startsWith('\0M\0S\0H');
}

/** Everything as one message; what is over the limit is passed on. */
class Whole {
  private parts: Buffer[] = [];
  private length = 0;

  push(chunk: Buffer): readonly Piece[] {
    const wasTooLong = this.length > LONGEST_MESSAGE_BYTES;
    this.length += chunk.length;
    this.parts.push(chunk);
    return this.length > LONGEST_MESSAGE_BYTES ? this.take(wasTooLong ? 'other' : 'too-long') : [];
  }

  end(): readonly Piece[] {
    return this.parts.length === 0 ? [] : this.take('message');
  }

  private take(kind: Piece['kind']): readonly Piece[] {
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    return [{ kind, bytes, logForm: false }];
  }
}

class Cutter {
  private unfinished: Buffer[] = [];
  private unfinishedLength = 0;
  private sawLineEnd = false;
  private message: Buffer[] | null = null;
  private messageLength = 0;
  private logForm = false;
  private ready: Piece[] = [];

  push(chunk: Buffer): readonly Piece[] {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const isEnd = chunk[at] === 0x0d || chunk[at] === 0x0a;
      if (!isEnd && this.sawLineEnd) {
        this.finish(chunk.subarray(from, at));
        from = at;
      }
      this.sawLineEnd = isEnd;
    }
    this.keep(chunk.subarray(from));
    return this.take();
  }

  end(): readonly Piece[] {
    this.finish(Buffer.alloc(0));
    this.close();
    return this.take();
  }

  private take(): readonly Piece[] {
    const ready = this.ready;
    this.ready = [];
    return ready;
  }

  private keep(part: Buffer): void {
    this.unfinished.push(part);
    this.unfinishedLength += part.length;
    // A line longer than any message: passed on in parts, so that memory does not grow with it.
    if (this.unfinishedLength > LONGEST_MESSAGE_BYTES) this.finish(Buffer.alloc(0));
  }

  private finish(part: Buffer): void {
    const line = Buffer.concat([...this.unfinished, part]);
    this.unfinished = [];
    this.unfinishedLength = 0;
    let from = 0;
    for (let at = firstMark(line, 0); at >= 0; at = firstMark(line, from)) {
      this.line(line.subarray(from, at));
      this.close();
      const isEndBlock = line[at] === END_BLOCK;
      let next = at + 1;
      while (isEndBlock && next < line.length && (line[next] === 0x0d || line[next] === 0x0a)) next += 1;
      this.other(line.subarray(at, next));
      from = next;
    }
    this.line(line.subarray(from));
  }

  private line(line: Buffer): void {
    if (line.length === 0) return;
    const start = line.toString('latin1', 0, 80).replace(/^\u00ef\u00bb\u00bf/u, '');
    const block = /^\s*<[SE]B>/u.exec(start)?.[0].length;
    if (block !== undefined) {
      this.close();
      this.other(line.subarray(0, block));
      this.line(line.subarray(block));
    } else if (/^\s*MSH[^A-Za-z0-9\s]/u.test(start)) {
      this.close();
      this.message = [];
      this.messageLength = 0;
      this.logForm = line.includes('<R>');
      this.add(line);
    } else if (/^\s*(?:FHS|BHS|BTS|FTS)[^A-Za-z0-9\s]/u.test(start) || this.isRemark(start)) {
      this.close();
      this.other(line);
    } else if (this.message === null) {
      this.other(line);
    } else {
      this.add(line);
    }
  }

  private add(line: Buffer): void {
    const end = this.logForm ? line.lastIndexOf('<EB>') : -1;
    const isLast = end >= 0 && line.toString('latin1', end).trimEnd() === '<EB>';
    this.message?.push(isLast ? line.subarray(0, end) : line);
    this.messageLength += line.length;
    if (this.messageLength > LONGEST_MESSAGE_BYTES) this.close();
    if (!isLast) return;
    this.close();
    this.other(line.subarray(end));
  }

  /** A remark after a blank line, as files of examples have it, is no part of the message above. */
  private isRemark(start: string): boolean {
    const before = this.message?.at(-1)?.toString('latin1') ?? '';
    return /^(?:#|\/\/|\/\*)/u.test(start) && /(?:\r\n|\n|\r){2}$/u.test(before.slice(-4));
  }

  private close(): void {
    if (this.message === null) return;
    const kind = this.messageLength > LONGEST_MESSAGE_BYTES ? 'too-long' : 'message';
    this.ready.push({ kind, bytes: Buffer.concat(this.message), logForm: this.logForm });
    this.message = null;
  }

  private other(bytes: Buffer): void {
    if (bytes.length > 0) this.ready.push({ kind: 'other', bytes, logForm: false });
  }
}

function firstMark(line: Buffer, from: number): number {
  const [start, end] = [line.indexOf(START_BLOCK, from), line.indexOf(END_BLOCK, from)];
  return start < 0 || end < 0 ? Math.max(start, end) : Math.min(start, end);
}
