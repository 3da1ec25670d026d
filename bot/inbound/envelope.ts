import { z } from 'zod/v4';

/** Most bytes of a request. */
const mostBytes = 256 * 1024;
/** Most levels of objects and lists in a request. */
const mostLevels = 50;

/** An id, a name, an address: Teams' own are far shorter. */
const word = z.string().max(2000);

/** What we read of an activity; the rest is left to the SDK. Nothing in it is trusted before the guard has looked. */
export const envelope = z.looseObject({
  type: z.string().min(1).max(100),
  id: word.optional(),
  channelId: word.optional(),
  serviceUrl: word.optional(),
  name: word.optional(),
  text: z.string().nullish(),
  replyToId: word.optional(),
  from: z.looseObject({ id: word.optional(), aadObjectId: word.optional(), tenantId: word.optional() }).optional(),
  recipient: z.looseObject({ id: word.optional() }).optional(),
  conversation: z.looseObject({ id: word, conversationType: word.optional(), tenantId: word.optional() }).optional(),
  channelData: z.looseObject({ tenant: z.looseObject({ id: word }).optional() }).nullish(),
  entities: z.array(z.looseObject({ type: z.string().optional() })).nullish(),
});
export type Envelope = z.infer<typeof envelope>;

interface Refused<Status> {
  readonly ok: false;
  readonly status: Status;
  readonly check: string;
}

export type Read = { readonly ok: true; readonly value: Envelope } | Refused<400>;

/** What a request says of its body: type, encoding, size. Null: it may be read. */
export function refusedUnread(request: {
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly body: Uint8Array;
}): Refused<413 | 415> | null {
  if (!/^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/iu.test(request.contentType?.trim() ?? '')) return refuse(415, 'content-type');
  if (!/^(identity)?$/iu.test(request.contentEncoding?.trim() ?? '')) return refuse(415, 'content-encoding');
  return request.body.byteLength > mostBytes ? refuse(413, 'size') : null;
}

/** Reads a body: depth and names before anything parses it. */
export function readEnvelope(body: Uint8Array): Read {
  const wrong = wrongInShape(body);
  if (wrong !== null) return refuse(400, wrong);
  const parsed = parseJson(body);
  if (parsed === undefined) return refuse(400, 'not-json');
  const read = envelope.safeParse(parsed);
  return read.success ? { ok: true, value: read.data } : refuse(400, 'not-an-activity');
}

function refuse<Status>(status: Status, check: string): Refused<Status> {
  return { ok: false, status, check };
}

/**
 * Looked for over the bytes, so that no parser meets a deep document, and none takes another value than ours from an object that names a thing twice.
 * What is no JSON is left to the parser.
 */
function wrongInShape(bytes: Uint8Array): 'depth' | 'duplicate-name' | null {
  /** Per level the names seen so far; null: a list. */
  const open: (Set<unknown> | null)[] = [];
  let isName = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      const end = endOfText(bytes, index);
      const names = isName ? open.at(-1) : null;
      isName = false;
      if (names) {
        const name = parseJson(bytes.subarray(index, end + 1));
        if (name !== undefined && names.has(name)) return 'duplicate-name';
        names.add(name);
      }
      index = end;
    } else if (byte === BRACE || byte === BRACKET) {
      if (open.push(byte === BRACE ? new Set() : null) > mostLevels) return 'depth';
      isName = byte === BRACE;
    } else if (byte === BRACE_END || byte === BRACKET_END) {
      open.pop();
      isName = false;
    } else if (byte === COMMA) isName = open.at(-1) instanceof Set;
  }
  return null;
}

/** Index of the quote that ends the text that begins at `start`. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let index = start + 1; index < bytes.length; index += 1) {
    if (bytes[index] === BACKSLASH) index += 1;
    else if (bytes[index] === QUOTE) return index;
  }
  return bytes.length;
}

const [QUOTE, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END, COMMA] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c] as const;

/** Undefined for what is not UTF-8, not JSON, or would reach a prototype. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (key, value: unknown) => {
      if (key === '__proto__') throw new SyntaxError('__proto__');
      return value;
    });
  } catch {
    return undefined;
  }
}
