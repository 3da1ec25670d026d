import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Fault, PagingFaults } from './paging-faults.ts';
import type { PagingLedger } from './paging-ledger.ts';
import { listen } from './listening.ts';
import { readMail } from './paging-mail.ts';

export interface PagingSmtpOptions {
  readonly port: number;
  readonly ledger: PagingLedger;
  readonly faults: PagingFaults;
  /** PEM: STARTTLS is offered, or with `fromTheStart` TLS from the first byte. Left out: plain. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly fromTheStart: boolean };
  /** Who has to log in; left out: nobody. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Told of each message as it came. */
  readonly onMail?: (message: Buffer) => void;
}

export interface PagingListener {
  readonly port: number;
  /** Opens again on the port that it had. */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

type Done = (error?: Error | null) => void;

/** A mail server that delivers nothing: what arrives stands in the ledger. */
export async function startPagingSmtp(options: PagingSmtpOptions): Promise<PagingListener> {
  const { ledger, faults, tls, login } = options;
  let server: SMTPServer | null = null;
  let port = options.port;
  const open = async (): Promise<void> => {
    if (server !== null) return;
    const made = serverOf();
    server = made;
    port = await listen(made.server, port, 'mail (--paging-ports)');
  };

  function serverOf(): SMTPServer {
    /** What goes wrong with a connection is decided when it comes. */
    const troubles = new Map<number, Fault>();
    const of = ({ remotePort }: SMTPServerSession): Fault | undefined => troubles.get(remotePort);
    const made = new SMTPServer({
      ...{ authOptional: login === undefined, logger: false, disableReverseLookup: true, closeTimeout: 200, socketTimeout: 60_000 },
      ...(tls === undefined ? { disabledCommands: ['STARTTLS', ...(login === undefined ? ['AUTH'] : [])], allowInsecureAuth: true } : { key: tls.key, cert: tls.cert, secure: tls.fromTheStart }),
      onConnect: (session: SMTPServerSession, done: Done) => {
        const { what, ms } = of(session) ?? {};
        if (what === 'hang' || what === 'garbage' || what === 'huge' || what === 'cut') return;
        if (what === 'slow') setTimeout(done, ms).unref();
        else done();
      },
      onAuth: (auth, session, done) => {
        const fits = auth.username === login?.user && auth.password === login?.password && of(session)?.what !== 'not-allowed';
        if (fits) done(null, { user: auth.username });
        else done(refusal(535, 'no such login'));
      },
      onMailFrom: (_address, session, done: Done) => {
        done(of(session)?.what === 'not-allowed' ? refusal(530, 'log in first') : null);
      },
      onRcptTo: ({ address }, session, done: Done) => {
        const codes: Partial<Record<Fault['what'], number>> = { throttled: 452, unavailable: 451, refused: 550 };
        const code = codes[of(session)?.what ?? 'none'];
        // As real ones do, it says whom it will not take.
        done(code === undefined ? null : refusal(code, `${address}: on purpose`));
      },
      onData: (stream, session, done) => {
        keep(stream, session).then(
          () => {
            const { what } = of(session) ?? {};
            if (what === 'cut-after') sockets.get(session.remotePort)?.resetAndDestroy();
            else if (what !== 'hang-after') done();
          },
          (error: unknown) => {
            done(error instanceof Error ? error : null);
          },
        );
      },
    }); // prettier-ignore
    const sockets = new Map<number, Socket>();
    made.server.prependListener('connection', (socket: Socket) => {
      const from = socket.remotePort ?? 0;
      const fault = faults.next('email');
      sockets.set(from, socket);
      socket.once('close', () => {
        sockets.delete(from);
        troubles.delete(from);
      });
      if (fault === null) return;
      troubles.set(from, fault);
      if (fault.what === 'garbage') socket.write('<html>Please log in to the guest network</html>\r\n');
      if (fault.what === 'huge') socket.write(`220-${'x'.repeat(2_000_000)}\r\n`);
      if (fault.what === 'cut') socket.resetAndDestroy();
    });
    made.on('error', () => undefined);
    const keep = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
      const message = await buffer(stream);
      options.onMail?.(message);
      const { key, subject, text } = readMail(message);
      for (const { address } of session.envelope.rcptTo)
        ledger.write('arrived', { channel: 'email', key, to: address, subject, text, callBack: null }, of(session)?.what ?? null);
    };
    return made;
  }

  await open();
  return {
    get port() {
      return port;
    },
    open,
    close: () =>
      new Promise((done) => {
        const ending = server;
        server = null;
        if (ending === null) done();
        else ending.close(done);
      }),
  };
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
