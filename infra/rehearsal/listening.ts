import type { Server } from 'node:net';

/** A port that could not be had. The message names the port, what wanted it, and what to do. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

/** Listens on loopback only. Throws PortError when the port is in use. Port 0 takes any free one; the port taken is given back. */
export async function listen(server: Server, port: number, what: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${cause.code ?? cause.message})`;
      reject(new PortError(`port ${String(port)} for ${what} ${why}: end what holds it, or choose another port`, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
}

export async function stopListening(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
