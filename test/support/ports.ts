import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { PortInUse, checkFree, portsFrom } from '../../infra/local/installation.ts';
import type { Ports } from '../../infra/local/installation.ts';

/** Below what Linux (32768), macOS and Windows (49152) give to outgoing connections. */
const FIRST = 20_000;
const LAST = 32_000;
/** An installation takes thirteen; the last of a block says that the block is taken. */
const BLOCK = 16;

/** Ports of one installation, for as long as this process lives or until they are given back. */
export interface TakenPorts {
  /** As `--base-port` of `npm start` has it. */
  readonly base: number;
  readonly ports: Ports;
  readonly release: () => Promise<void>;
}

/**
 * Ports that no other test of this machine takes, so that test files need no numbers of their own. A block is held by listening on its last port: that ends
 * with the process, however it ends.
 */
export async function takePorts(): Promise<TakenPorts> {
  const blocks = Math.floor((LAST - FIRST) / BLOCK);
  for (let n = 0; n < blocks; n += 1) {
    const base = FIRST + ((process.pid + n) % blocks) * BLOCK;
    const guard = await listening(base + BLOCK - 1);
    if (guard === null) continue;
    const release = (): Promise<void> => new Promise((done) => guard.close(() => { done(); })); // prettier-ignore
    try {
      await checkFree(portsFrom(base));
      return { base, ports: portsFrom(base), release };
    } catch (error) {
      await release();
      if (!(error instanceof PortInUse)) throw error;
    }
  }
  throw new Error(`No ${BLOCK} ports in a row are free on 127.0.0.1 from ${FIRST} to ${LAST}: end what listens there.`);
}

function listening(port: number): Promise<Server | null> {
  return new Promise((done) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => {
      done(null);
    });
    server.listen(port, '127.0.0.1', () => {
      server.unref();
      done(server);
    });
  });
}
