import { z } from 'zod/v4';

/** Longest answer that is read, in bytes. */
const LONGEST_ANSWER_BYTES = 5 * 1024 * 1024;

export interface OrthancServer {
  readonly baseUrl: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly timeoutSeconds: number;
}

export type Answered = { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly status: number | null; readonly why: string };

/** One GET of Orthanc's REST interface. `why` holds no address: it may name a study. Redirects are not followed. */
export async function ask({ baseUrl, user, password, timeoutSeconds }: OrthancServer, path: string): Promise<Answered> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const login = user === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` };
  try {
    const response = await fetch(baseUrl.replace(/\/+$/u, '') + path, {
      headers: { accept: 'application/json', ...login },
      redirect: 'manual',
      signal,
    });
    if (!response.ok) {
      response.body?.cancel().catch(() => undefined);
      return { ok: false, status: response.status, why: refusal(response.status) };
    }
    const text = await bodyOf(response);
    return text === null ? { ok: false, status: null, why: 'The PACS answered more than 5 MB' } : parsed(text);
  } catch (error) {
    if (signal.aborted) return { ok: false, status: null, why: `The PACS did not answer within ${String(timeoutSeconds)} s` };
    const code = thrown.safeParse(error).data?.cause.code ?? '';
    const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO/u.test(code);
    return {
      ok: false,
      status: null,
      why: isCertificate ? 'The PACS shows a certificate that is not trusted here' : 'The PACS could not be reached',
    };
  }
}

/** As fetch throws it. */
const thrown = z.object({ cause: z.object({ code: z.string() }) });

function refusal(status: number): string {
  if (status === 401 || status === 403)
    return `The PACS refused (HTTP ${String(status)}): look at "pacs" in endpoints.json and at RADLOOP_PACS_PASSWORD`;
  if (status >= 300 && status < 400) return `The PACS points to another address (HTTP ${String(status)}), which is not followed`;
  return `The PACS refused (HTTP ${String(status)})`;
}

async function bodyOf(response: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  const chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = response.body ?? [];
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > LONGEST_ANSWER_BYTES) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string): Answered {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch {
    return { ok: false, status: null, why: NOT_ORTHANC };
  }
}

export const NOT_ORTHANC = 'The PACS answered something that Orthanc does not answer';
