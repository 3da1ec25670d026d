/** Cosmos DB did not do what was asked, in closed words and numbers: what its SDK says may quote documents, and goes no further. */
export class CosmosFailure extends Error {
  /** HTTP status; 0: no answer. */
  readonly status: number;
  /** Of Cosmos DB's support: names the request, holds no data. */
  readonly activityId: string | null;

  constructor(operation: string, container: string, fault: Fault) {
    super(`Cosmos DB: ${operation} on ${container} failed: ${fault.status === 0 ? `no answer (${fault.code})` : `HTTP ${fault.status}`}`);
    this.name = 'CosmosFailure';
    this.status = fault.status;
    this.activityId = fault.activityId;
  }
}

/** What one request came to that did not succeed. */
export interface Fault {
  readonly status: number;
  /** Of the connection, such as ECONNRESET; empty when there was an answer. */
  readonly code: string;
  readonly retryAfterMs: number | null;
  readonly activityId: string | null;
}

/** Reads the SDK's errors; a batch wraps its own. */
export function faultOf(error: unknown): Fault {
  const inner: unknown = error instanceof Error && error.cause !== undefined && !('code' in error) ? error.cause : error;
  const { code, retryAfterInMs, activityId, name } = (typeof inner === 'object' && inner !== null ? inner : {}) as {
    readonly code?: unknown;
    readonly retryAfterInMs?: number;
    readonly activityId?: string;
    readonly name?: string;
  };
  const status = typeof code === 'number' ? code : 0;
  const word = typeof code === 'string' && /^[A-Za-z_]{1,40}$/u.test(code) ? code : (name ?? 'unknown');
  return { status, code: status === 0 ? word : '', retryAfterMs: retryAfterInMs ?? null, activityId: activityId ?? null };
}

/**
 * May the same request succeed later? 429 too much asked, 449 writes collided inside Cosmos, 503 and 500 unavailable, 408 and 410 timed out or moved, and no answer at all:
 * then a write may have been done.
 */
export function isPassing({ status, code }: Fault): boolean {
  return [408, 410, 429, 449, 500, 503].includes(status) || (status === 0 && PASSING.has(code));
}

const PASSING = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'REQUEST_SEND_ERROR', 'TimeoutError', 'AbortError', 'PARSE_ERROR']); // prettier-ignore

/** Milliseconds until the next try, this one failed for the `tries`-th time: what Cosmos says (429), else 20, 40, 80 ... up to 2,000, and up to a half more by chance. */
export function pauseAfter({ retryAfterMs }: Fault, tries: number): number {
  const base = retryAfterMs ?? Math.min(20 * 2 ** (tries - 1), 2000);
  return base * (1 + Math.random() / 2);
}
