import { connect, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { failed } from './failed.ts';
import type { Failed } from './failed.ts';
import { NotReachable, mayReach } from './guard.ts';

export interface Target {
  /** As in `The pager could not be reached`. */
  readonly who: string;
  readonly host: string;
  readonly port: number;
  /** From the first byte on; certificates are checked, by the machine's authorities and NODE_EXTRA_CA_CERTS. */
  readonly tls: boolean;
}

/** A connection that is its caller's to end. Whatever fails here, nothing of a page has left. */
export type Opened = { readonly ok: true; readonly socket: Socket } | Failed;

/** A connection of its own for each page: one that hangs holds up no other. */
export async function open(target: Target, lookup: LookupFunction, signal: AbortSignal): Promise<Opened> {
  const { who, host, port, tls } = target;
  if (isIP(host) !== 0 && !mayReach(host, host)) return failed('not-allowed', `${who} has an address in paging.json that no page may go to`);
  const plain = connect({ host, port, lookup, noDelay: true });
  const first = await settled(who, plain, 'connect', signal);
  if (!first.ok || !tls) return first;
  const secured = connectTls({ socket: plain, host, minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}) });
  return settled(who, secured, 'secureConnect', signal);
}

function settled(who: string, socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Opened> {
  return new Promise((done) => {
    const end = (opened: Opened): void => {
      signal.removeEventListener('abort', late);
      socket.off('error', fault).off('close', closed).off(event, ready);
      // An error that comes when nobody waits any more would end the process.
      socket.on('error', () => undefined);
      if (!opened.ok) socket.destroy();
      done(opened);
    };
    const late = (): void => {
      end(failed('not-connected', `${who} could not be reached in time`));
    };
    const ready = (): void => {
      end({ ok: true, socket });
    };
    const closed = (): void => {
      end(failed('not-connected', `${who} closed the connection before it stood`));
    };
    const fault = (error: NodeJS.ErrnoException): void => {
      end(notConnected(who, error));
    };
    socket.once('error', fault).once('close', closed).once(event, ready);
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
  });
}

function notConnected(who: string, error: NodeJS.ErrnoException): Failed {
  if (error instanceof NotReachable) return failed('not-connected', `${who} has a name without an address that a page may go to`);
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/u.test(error.code ?? ''))
    return failed('not-connected', `${who} shows a certificate that is not trusted here`);
  return failed('not-connected', `${who} could not be reached`);
}
