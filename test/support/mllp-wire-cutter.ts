import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { later } from './mllp-wire-listener.ts';

/** Where one connection is cut: after so many bytes of what the caller sends, or of what comes back. 0: before the first. */
export interface Cut {
  readonly of: 'message' | 'answer';
  readonly after: number;
}

/** A wire between a caller and a listener that is cut where a test says. */
export interface Cutter {
  readonly port: number;
  /** For the next connection alone; those after it are whole. */
  next: Cut | null;
  /** Bytes that passed on the last whole connection, each way. */
  readonly passed: { message: number; answer: number };
}

/** Bytes before the cut arrive; after it both sides see the connection end. */
export async function cutterTo(port: number): Promise<Cutter> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const cut = cutter.next;
    cutter.next = null;
    const far = connect(port, '127.0.0.1');
    const passed = { message: 0, answer: 0 };
    if (cut === null) Object.assign(cutter, { passed });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
    }
    const join = (from: Socket, to: Socket, which: Cut['of']): void => {
      const most = cut?.of === which ? cut.after : Number.POSITIVE_INFINITY;
      from.on('data', (chunk) => {
        const part = chunk.subarray(0, Math.max(0, most - passed[which]));
        passed[which] += chunk.length;
        if (part.length > 0) to.write(part);
        if (passed[which] < most) return;
        // The first bytes arrive, then the line is dead for both.
        near.destroySoon();
        far.destroySoon();
      });
      from.on('close', () => {
        to.destroySoon();
      });
    };
    join(near, far, 'message');
    join(far, near, 'answer');
    if (cut?.of === 'message' && cut.after === 0) far.once('connect', () => { near.destroy(); far.destroy(); }); // prettier-ignore
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(() => {
    for (const socket of open) socket.destroy();
    return new Promise<void>((done) => server.close(() => { done(); })); // prettier-ignore
  });
  const cutter: Cutter = { port: (server.address() as AddressInfo).port, next: null, passed: { message: 0, answer: 0 } };
  return cutter;
}
