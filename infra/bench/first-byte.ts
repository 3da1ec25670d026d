import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

/**
 * Stands before the other ends of paging and hands on every byte, in a process of its own; keeps when each connection began to speak. Its clock is this machine's, and
 * how late it comes to look is kept too.
 */
const { values } = parseArgs({
  options: {
    ...{ http: { type: 'string', default: '0' }, 'http-to': { type: 'string', default: '0' } },
    ...{ smtp: { type: 'string', default: '0' }, 'smtp-to': { type: 'string', default: '0' } },
    seen: { type: 'string', default: '0' },
  },
});

export type Way = 'pager' | 'sms' | 'voice' | 'email';

export interface FirstByte {
  readonly at: number;
  readonly way: Way;
  /** Words of six or seven characters that can be a case number. */
  readonly words: readonly string[];
}

/** Milliseconds between two looks at how late a timer is. */
const LOOK_MS = 10;
const lateness = monitorEventLoopDelay({ resolution: LOOK_MS });
lateness.enable();
const seen: FirstByte[] = [];

/** @param begins a mail server speaks first, so that of a mail the connection is the first that is ours */
function passOn(from: number, to: number, begins: 'connection' | 'data', wayOf: (said: string) => Way): void {
  createServer((socket) => {
    let at = begins === 'connection' ? Date.now() : null;
    let said = '';
    const onward = connect({ host: '127.0.0.1', port: to, noDelay: true });
    socket.setNoDelay();
    socket.on('data', (chunk) => {
      at ??= Date.now();
      said += chunk.toString('latin1');
    });
    socket.pipe(onward).pipe(socket);
    for (const [one, other] of [[socket, onward], [onward, socket]] as const) one.on('error', () => other.destroy()); // prettier-ignore
    socket.once('close', () => {
      if (at !== null) seen.push({ at, way: wayOf(said), words: [...new Set(said.match(/\b[0-9A-Z]{6,7}\b/gu))] });
    });
  }).listen(from, '127.0.0.1');
}

passOn(Number(values.http), Number(values['http-to']), 'data', (said) => {
  const path = said.slice(0, said.indexOf('\r\n'));
  return path.includes('/pager') ? 'pager' : path.includes('/sms') ? 'sms' : 'voice';
});
passOn(Number(values.smtp), Number(values['smtp-to']), 'connection', () => 'email');
createHttpServer((_, response) => {
  const lateMs = Math.max(0, lateness.percentile(99) / 1e6 - LOOK_MS);
  lateness.reset();
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ seen, lateMs }));
}).listen(Number(values.seen), '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ ready: true })}\n`));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
