import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What a flood is made of: JSON on the command line. */
export interface Flood {
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Sent in turn, as they are: whole requests. */
  readonly requests: readonly string[];
}

/**
 * Sends at its own pace, one request in flight on each of its connections; what finds none free goes as soon as one is. Prints
 * `{"sent":n,"statuses":{"401":n},"seconds":n}`. In a process of its own, so that it does not slow down who measures.
 */
const { port, perSecond, seconds, requests } = JSON.parse(process.argv[2] ?? '{}') as Flood;
const CONNECTIONS = 64;
const EVERY_MS = 5;
const all = perSecond * seconds;

const statuses: Record<string, number> = {};
const free: Socket[] = [];
let answered = 0;
let sent = 0;

for (const socket of await Promise.all(Array.from({ length: CONNECTIONS }, opened))) free.push(socket);
const began = performance.now();
const pace = setInterval(() => {
  const due = Math.min(((performance.now() - began) / 1000) * perSecond, all);
  while (sent < due) {
    const socket = free.pop();
    if (socket === undefined) return;
    socket.write(requests[sent % requests.length] ?? '');
    sent += 1;
  }
  if (answered < all) return;
  clearInterval(pace);
  process.stdout.write(`${JSON.stringify({ sent, statuses, seconds: (performance.now() - began) / 1000 })}\n`);
  process.exit(0);
}, EVERY_MS);

function opened(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      resolve(socket);
    });
    socket.on('error', reject);
    socket.setEncoding('latin1');
    // Each answer is short: it comes in one piece.
    socket.on('data', (chunk: string) => {
      const status = /^HTTP\/1\.1 (?<status>\d{3})/u.exec(chunk)?.groups?.['status'];
      if (status === undefined) return;
      statuses[status] = (statuses[status] ?? 0) + 1;
      answered += 1;
      free.unshift(socket);
    });
  });
}
