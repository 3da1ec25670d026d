import { z } from 'zod/v4';

/** Most bytes of a request. */
const mostBytes = 256 * 1024;
/** Most levels of objects and lists in a request. */
const mostLevels = 50;

/** What we read of an activity; the rest is left to the SDK. Nothing in it is trusted before the guard has looked. */
export const envelope = z.looseObject({
  type: z.string().min(1).max(100),
  id: z.string().optional(),
  channelId: z.string().optional(),
  serviceUrl: z.string().optional(),
  name: z.string().optional(),
  text: z.string().nullish(),
  replyToId: z.string().optional(),
  from: z.looseObject({ id: z.string().optional(), aadObjectId: z.string().optional() }).optional(),
  recipient: z.looseObject({ id: z.string().optional() }).optional(),
  conversation: z.looseObject({ id: z.string(), conversationType: z.string().optional(), tenantId: z.string().optional() }).optional(),
  channelData: z.looseObject({ tenant: z.looseObject({ id: z.string() }).optional() }).nullish(),
  entities: z.array(z.looseObject({ type: z.string().optional() })).nullish(),
});
export type Envelope = z.infer<typeof envelope>;

export type Read = { readonly ok: true; readonly value: Envelope } | { readonly ok: false; readonly status: 400 | 413 | 415; readonly check: string };

/** Reads a request body: type, encoding, size and depth before anything parses it. */
export function readEnvelope(request: {
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly body: Uint8Array;
}): Read {
  if (!/^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/iu.test(request.contentType?.trim() ?? '')) return refuse(415, 'content-type');
  if (!/^(identity)?$/iu.test(request.contentEncoding?.trim() ?? '')) return refuse(415, 'content-encoding');
  if (request.body.byteLength > mostBytes) return refuse(413, 'size');
  if (levelsOf(request.body) > mostLevels) return refuse(400, 'depth');
  const parsed = parseJson(request.body);
  if (parsed === undefined) return refuse(400, 'not-json');
  const read = envelope.safeParse(parsed);
  return read.success ? { ok: true, value: read.data } : refuse(400, 'not-an-activity');
}

function refuse(status: 400 | 413 | 415, check: string): Read {
  return { ok: false, status, check };
}

/** Deepest nesting, counted over the bytes, so that no parser meets a deep document. */
function levelsOf(bytes: Uint8Array): number {
  let level = 0;
  let deepest = 0;
  let inText = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inText) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === BRACE || byte === BRACKET) deepest = Math.max(deepest, (level += 1));
    else if (byte === BRACE_END || byte === BRACKET_END) level -= 1;
  }
  return deepest;
}

const [QUOTE, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d] as const;

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
