import { Client } from 'fhir-kit-client';
import type { FhirResource, RequestOptions } from 'fhir-kit-client';

/** Longest answer that is read, in bytes after decompression. */
const LONGEST_ANSWER_BYTES = 5 * 1024 * 1024;

/**
 * Why the EHR gave nothing. `late` is known by the signal, not by an error. `status` only when it answered with one.
 * Holds no address and no words of the server: both may name a patient.
 */
export type FailureKind = 'refused' | 'redirect' | 'not-fhir' | 'too-long' | 'unreachable' | 'cut' | 'late';
export class EhrFailure extends Error {
  override name = 'EhrFailure';
  readonly kind: FailureKind;
  readonly status: number | null;
  constructor(kind: FailureKind, status: number | null = null) {
    super(kind);
    this.kind = kind;
    this.status = status;
  }
}

/** The failure in plain words for a card. */
export function whyOf(failure: EhrFailure, budgetSeconds: number): string {
  switch (failure.kind) {
    case 'late':
      return `The EHR did not answer within ${String(budgetSeconds)} s`;
    case 'refused':
      return `The EHR refused (HTTP ${String(failure.status)})`;
    case 'redirect':
      return `The EHR points to another address (HTTP ${String(failure.status)}), which is not followed`;
    case 'not-fhir':
      return 'The EHR answered something that is not FHIR';
    case 'too-long':
      return 'The EHR answered more than 5 MB';
    case 'unreachable':
      return 'The EHR could not be reached';
    case 'cut':
      return "The EHR's answer broke off";
  }
}

/**
 * fhir-kit-client with a transport of our own. Its own one (2.0.3) reads answers of any length, follows redirects, has no second try, writes the whole
 * address with its search values into each error and, under DEBUG, into the log.
 */
export function ehrClient(baseUrl: string): Client {
  const client = new Client({ baseUrl });
  client.httpClient.request = (method: string, url: string, options: RequestOptions = {}) =>
    exchange(method, client.httpClient.expandUrl(url), options);
  return client;
}

async function exchange(method: string, url: string, options: RequestOptions): Promise<FhirResource> {
  const signal = options.signal instanceof AbortSignal ? options.signal : null;
  const request: RequestInit = { method, headers: { accept: 'application/fhir+json', ...options.headers }, redirect: 'manual', signal };
  let response: Response;
  try {
    // Once more at once: a kept connection that the server has just closed fails before anything was answered. Searches change nothing.
    response = await fetch(url, request).catch(async (error: unknown) => {
      if (signal?.aborted === true) throw error;
      return await fetch(url, request);
    });
  } catch {
    throw new EhrFailure(signal?.aborted === true ? 'late' : 'unreachable');
  }
  if (!response.ok) {
    // Not read, so that the connection is given up rather than kept busy.
    response.body?.cancel().catch(() => undefined);
    throw new EhrFailure(response.status >= 300 && response.status < 400 ? 'redirect' : 'refused', response.status);
  }
  const parsed = parseJson(await bodyOf(response, signal));
  if (!isResource(parsed)) throw new EhrFailure('not-fhir');
  return parsed;
}

async function bodyOf(response: Response, signal: AbortSignal | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  try {
    const chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = response.body ?? [];
    for await (const chunk of chunks) {
      length += chunk.byteLength;
      if (length > LONGEST_ANSWER_BYTES) throw new EhrFailure('too-long');
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    if (error instanceof EhrFailure) throw error;
    throw new EhrFailure(signal?.aborted === true ? 'late' : 'cut');
  }
  return text + decoder.decode();
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
