import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** A path that is too long for a socket. */
export class PathTooLong extends Error {}

/** Longest path of a Unix socket: 104 bytes with the closing zero on macOS, 108 on Linux. */
const LONGEST_PATH_BYTES = 103;

/** The folder of the control socket beside a store. */
export function controlFolder(store: string): string {
  return join(resolve(store), 'control');
}

/** Where the service listens for operators. @throws PathTooLong */
export function controlAddress(folder: string): string {
  const whole = resolve(folder);
  if (process.platform === 'win32') return `\\\\.\\pipe\\radloop-${createHash('sha256').update(whole.toLowerCase()).digest('hex').slice(0, 32)}`;
  const socket = join(whole, 'socket');
  if (Buffer.byteLength(socket) > LONGEST_PATH_BYTES) {
    throw new PathTooLong(`${socket} is too long for a socket (${LONGEST_PATH_BYTES} bytes): keep the data in a folder with a shorter path.`);
  }
  return socket;
}
