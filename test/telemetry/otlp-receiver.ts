import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OtlpReceiver {
  readonly url: string;
  /** Path and body of all that came, as text: protobuf holds its strings in plain. */
  readonly got: { readonly path: string; readonly body: string }[];
  /** What it answers from now on. */
  status: number;
  close(): Promise<void>;
}

/** An OpenTelemetry collector's HTTP door that keeps what it is given. */
export async function otlpReceiver(): Promise<OtlpReceiver> {
  const got: { path: string; body: string }[] = [];
  const receiver = { got, status: 200, url: '', close: () => Promise.resolve() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString('latin1') });
      response.writeHead(receiver.status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

/** Prometheus' text, parsed strictly: every line must be one that a scraper takes. */
export function parsedMetrics(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (?:HELP|TYPE) [a-z_][a-z0-9_]* .+$/u.test(line)) continue;
    const [, name, value] =
      /^([a-z_][a-z0-9_]*(?:\{[a-z_]+="[^"\n]*"(?:,[a-z_]+="[^"\n]*")*\})?) ([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf))$/u.exec(line) ?? [];
    if (name === undefined) throw new Error(`no line of Prometheus: ${line}`);
    if (values.has(name)) throw new Error(`twice: ${name}`);
    values.set(name, Number(value));
  }
  return values;
}
