import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'fhir-kit-client';
import type { FhirResource, RequestOptions } from 'fhir-kit-client';
import { EhrFailure, outcomeInWords } from './failure.ts';
import { textAt } from './read.ts';

/** Longest answer that is read, in bytes after decompression. */
const LONGEST_ANSWER_BYTES = 5 * 1024 * 1024;
/** Of a refusal so much, for so long: the reason is worth no more. */
const LONGEST_REFUSAL_BYTES = 64 * 1024;
const REFUSAL_MS = 1000;
/** Waits before the second and the third try. */
const WAITS_MS = [250, 500];
const WORTH_A_REPEAT = [408, 429, 500, 502, 503, 504];
/** A server may not send us away for longer. */
const LONGEST_RETRY_AFTER_SECONDS = 3600;

/** Time for one call with all its repeats and pages. */
export interface Budget {
  readonly seconds: number;
  /** On `performance.now()`. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
  /** What was read so far, about. */
  readonly read: { bytes: number };
}

export function budgetOf(seconds: number): Budget {
  const ms = Math.max(0, seconds * 1000);
  return { seconds, endsAt: performance.now() + ms, signal: AbortSignal.timeout(Math.ceil(ms)), read: { bytes: 0 } };
}

export interface TokenSource {
  /** @throws EhrFailure `token-refused`, `token-unreachable` or `late` */
  token(signal: AbortSignal): Promise<string>;
  /** The EHR refused this one: the next is a new one. */
  forget(token: string): void;
}

/** What a request needs beyond what fhir-kit-client passes on. */
export interface Asked extends RequestOptions {
  readonly budget: Budget;
  /** May the same be sent again when it is not known whether it arrived? */
  readonly repeatable: boolean;
}

/**
 * fhir-kit-client with a transport of our own. Its own one (2.0.3) reads answers of any length, follows redirects, has no time-out and no second try, writes
 * the whole address with its search values into each error and, under DEBUG, into the log. The Response is found by `Client.httpFor`, as with theirs.
 */
export function ehrClient(baseUrl: string, token: TokenSource | null = null): Client {
  const client = new Client({ baseUrl });
  client.httpClient.request = (method: string, url: string, options: RequestOptions = {}, body?: unknown) => {
    const asked = isAsked(options) ? options : { ...options, budget: budgetOf(30), repeatable: method === 'GET' };
    return inTime(repeated({ method, url: client.httpClient.expandUrl(url), body, token }, asked), asked.budget.signal);
  };
  return client;
}

interface Request {
  readonly method: string;
  readonly url: string;
  /** A form as text, or a resource. */
  readonly body: unknown;
  readonly token: TokenSource | null;
}

function isAsked(options: RequestOptions): options is Asked {
  return 'budget' in options;
}

/** Rejects when the time is over even if what is waited for does not notice. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let late = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    late = () => {
      reject(new EhrFailure('late'));
    };
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    signal.removeEventListener('abort', late);
  }
}

/** Tries three times at most, and not when the wait would outlast the budget. A token that is refused is replaced once. */
async function repeated(request: Request, asked: Asked): Promise<FhirResource> {
  let renewed = false;
  for (let tries = 1; ; tries++) {
    const token = (await request.token?.token(asked.budget.signal)) ?? null;
    try {
      return await exchange(request, asked, token);
    } catch (error) {
      if (!(error instanceof EhrFailure)) throw error;
      if (error.status === 401 && token !== null && !renewed) {
        renewed = true;
        request.token?.forget(token);
        tries -= 1;
        continue;
      }
      const ms = waitAfter(error, tries, asked.repeatable);
      if (ms === null || performance.now() + ms >= asked.budget.endsAt) throw error;
      await wait(ms, undefined, { signal: asked.budget.signal }).catch(() => undefined);
    }
  }
}

/** Milliseconds; null: not again. The first time at once for a connection that failed: it may have been a kept one that the server has just closed. */
function waitAfter(failure: EhrFailure, tries: number, repeatable: boolean): number | null {
  const ms = WAITS_MS[tries - 1];
  if (!repeatable || ms === undefined) return null;
  if (failure.kind === 'unreachable' || failure.kind === 'cut') return tries === 1 ? 0 : ms;
  if (failure.kind !== 'refused' || !WORTH_A_REPEAT.includes(failure.status ?? 0)) return null;
  return failure.retryAfterSeconds === null ? ms : failure.retryAfterSeconds * 1000;
}

async function exchange({ method, url, body }: Request, { headers, budget }: Asked, token: string | null): Promise<FhirResource> {
  const { signal } = budget;
  const init: RequestInit = {
    method,
    headers: { accept: 'application/fhir+json', ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    redirect: 'manual',
    signal,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new EhrFailure(signal.aborted ? 'late' : kindOf(error));
  }
  if (!response.ok) throw await refusalOf(response);
  const text = await bodyOf(response, LONGEST_ANSWER_BYTES, signal);
  budget.read.bytes += text.length;
  const parsed: unknown = method !== 'GET' && text.trim() === '' ? { resourceType: '' } : parseJson(text);
  if (!isResource(parsed)) throw new EhrFailure('not-fhir');
  Object.defineProperty(parsed, '__response', { enumerable: false, value: response });
  return parsed;
}

/** Failures before anything was sent are told from those after. */
function kindOf(error: unknown): 'unreachable' | 'certificate' | 'cut' {
  const code = textAt(error, 'cause', 'code') ?? '';
  if (/CERT|SELF_SIGNED|UNABLE_TO/u.test(code)) return 'certificate';
  const before = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'UND_ERR_CONNECT_TIMEOUT'];
  return before.includes(code) ? 'unreachable' : 'cut';
}

async function refusalOf(response: Response): Promise<EhrFailure> {
  const { status } = response;
  if (status >= 300 && status < 400) {
    response.body?.cancel().catch(() => undefined);
    return new EhrFailure('redirect', { status });
  }
  const text = await bodyOf(response, LONGEST_REFUSAL_BYTES, AbortSignal.timeout(REFUSAL_MS)).catch(() => '');
  let said: string | null = null;
  try {
    said = outcomeInWords(JSON.parse(text));
  } catch {
    // No JSON: the status is all it says.
  }
  return new EhrFailure('refused', { status, said, retryAfterSeconds: retryAfter(response.headers) });
}

/** RFC 9110 10.2.3: seconds, or a date, which is reckoned from the server's own Date so that its clock may be wrong. */
export function retryAfter(headers: Headers): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  const date = Date.parse(value);
  const seconds = /^\d+$/u.test(value) ? Number(value) : Number.isNaN(date) ? null : Math.ceil((date - dateOf(headers)) / 1000);
  return seconds === null ? null : Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER_SECONDS);
}

function dateOf(headers: Headers): number {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? Date.now() : date;
}

/** @throws EhrFailure `too-long`, `late` or `cut`; the connection is then given up. */
export async function bodyOf(response: Response, most: number, signal: AbortSignal): Promise<string> {
  const stream: ReadableStream<Uint8Array> | null = response.body;
  const reader = stream?.getReader();
  if (reader === undefined) return '';
  const stop = (): void => {
    reader.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let length = 0; ;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw new EhrFailure('late');
      if (done) return text + decoder.decode();
      length += value.byteLength;
      if (length > most) throw new EhrFailure('too-long');
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    stop();
    if (error instanceof EhrFailure) throw error;
    throw new EhrFailure(signal.aborted ? 'late' : 'cut');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EhrFailure('not-fhir');
  }
}

function isResource(value: unknown): value is FhirResource {
  return typeof value === 'object' && value !== null && 'resourceType' in value && typeof value.resourceType === 'string';
}
