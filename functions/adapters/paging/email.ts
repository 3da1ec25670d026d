import { Readable } from 'node:stream';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { z } from 'zod/v4';
import type { Delivery } from '#core/delivery.js';
import { epochOf } from '#core/time.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Page, PageReceipt } from '#ports/pager.js';
import { keyIn } from './channel.ts';
import type { Channel, Means } from './channel.ts';
import { failed } from './failed.ts';
import type { Failed } from './failed.ts';
import { open } from './open.ts';
import { lines, oneLine, outsideKey } from './text.ts';

type Email = NonNullable<PagingSettings['channels']['email']>;

const WHO = 'The mail server';
/** One address and nothing that a header or an envelope reads as more. */
const ONE_ADDRESS = /^[^\s<>()[\],;:\\"@\p{Cc}]{1,64}@[A-Za-z0-9.-]{1,190}$/u;
/** Of one answer of the server. */
const MOST_BYTES = 64 * 1024;

/** SMTP. The key makes the Message-ID: a repeat is the same message to every mail program that looks. */
export function email(settings: Email, means: Means): Channel {
  const { host, port, tls, user, passwordFile, from } = settings;
  return async (page, signal) => {
    if (!ONE_ADDRESS.test(page.address)) return failed('cannot-be-written', 'people.json has an address for e-mail that is none');
    const password = passwordFile === undefined ? null : keyIn(means.readKey, passwordFile);
    if (user !== undefined && password === null) return failed('not-allowed', `${WHO}: its password can’t be read, see paging.json`);
    const messageId = `${outsideKey(page.key)}@${from.split('@')[1] ?? ''}`;
    const message = await composed(page, { from, messageId, date: new Date(epochOf(means.clock.now())) });
    // TLS is nodemailer's part, also from the first byte on.
    const opened = await open({ who: WHO, host, port, tls: false }, means.lookup, signal);
    if (!opened.ok) return opened;
    const login = user === undefined || password === null ? null : { user, pass: password };
    try {
      return await handedOver({ socket: opened.socket, host, tls, login, from, to: page.address, message, messageId }, signal);
    } finally {
      opened.socket.destroy();
    }
  };
}

async function composed(page: Page, { from, messageId, date }: { from: string; messageId: string; date: Date }): Promise<Buffer> {
  const { subject, text, callBack, address } = page;
  const said = lines(text, 4000);
  return new MailComposer({
    from: { name: '', address: from },
    to: { name: '', address },
    subject: oneLine(subject, 200),
    text: said.includes(callBack) ? said : `${said}\n\n${oneLine(callBack, 40)}`,
    ...{ messageId: `<${messageId}>`, date },
    headers: {
      ...{ Importance: 'high', 'X-Priority': '1 (Highest)' },
      // No out-of-office answers (RFC 3834; Exchange).
      ...{ 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
    .compile()
    .build();
}

interface Handover {
  readonly socket: Socket;
  readonly host: string;
  readonly tls: Email['tls'];
  readonly login: { readonly user: string; readonly pass: string } | null;
  readonly from: string;
  readonly to: string;
  readonly message: Buffer;
  readonly messageId: string;
}

function handedOver(given: Handover, signal: AbortSignal): Promise<Delivery<PageReceipt>> {
  const { socket, host, tls, login, from, to, message, messageId } = given;
  return new Promise((done) => {
    const session = new SMTPConnection({
      connection: socket,
      secure: tls === 'tls',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      name: 'radloop',
      maxResponseSize: MOST_BYTES,
      tls: { minVersion: 'TLSv1.2', host, ...(isIP(host) === 0 ? { servername: host } : {}) },
    });
    // Read only after the server has said that it takes the message (354).
    let hasLeft = false;
    const body = new Readable({
      read() {
        hasLeft = true;
        this.push(message);
        this.push(null);
      },
    });
    const end = (what: Delivery<PageReceipt>): void => {
      signal.removeEventListener('abort', late);
      done(what);
      session.close();
    };
    const late = (): void => {
      end(
        hasLeft
          ? failed('timed-out-after-send', `${WHO} did not answer in time`)
          : failed('not-connected', `${WHO} did not take the message in time`),
      );
    };
    const fault = (error: unknown): void => {
      end(failureOf(error, hasLeft));
    };
    signal.addEventListener('abort', late, { once: true });
    session.on('error', fault);
    const send = (): void => {
      session.send({ from, to: [to], size: message.length }, body, (error) => {
        if (error === null) end({ ok: true, receipt: { id: messageId } });
        else fault(error);
      });
    };
    session.connect((error) => {
      if (error) fault(error);
      else if (login === null) send();
      else
        session.login({ ...login, credentials: login }, (refused) => {
          if (refused) fault(refused);
          else send();
        });
    });
    if (signal.aborted) late();
  });
}

const smtpError = z.object({ code: z.string().optional(), responseCode: z.number().optional(), originalCode: z.string().optional() });

/** RFC 5321 4.2: 4yz may pass, 5yz does not. What the server says in words is not kept: it repeats addresses. */
function failureOf(error: unknown, hasLeft: boolean): Failed {
  const { code = '', responseCode: said, originalCode = '' } = smtpError.safeParse(error).data ?? {};
  if (code === 'ETLS' || /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/u.test(originalCode))
    return failed('not-connected', `${WHO} offers no TLS, or shows a certificate that is not trusted here`);
  if (said !== undefined && said >= 400 && said < 600) {
    const what = `${WHO} refused (SMTP ${String(said)})`;
    if (code === 'EAUTH' || [530, 534, 535, 538].includes(said))
      return said < 500 ? failed('unavailable', what) : failed('not-allowed', `${what}: look at user and password in paging.json`);
    return said < 500 ? failed('unavailable', what) : failed('refused', what);
  }
  if (code === 'EAUTH') return failed('not-allowed', `${WHO} offers no way to log in that is known here`);
  if (code === 'EPROTOCOL' || code === 'EMESSAGE') return failed('answer-unreadable', `${WHO} answered something that is not SMTP`);
  if (code === 'EENVELOPE') return failed('refused', `${WHO} took none of the addresses`);
  return hasLeft
    ? failed('cut-after-send', `${WHO} closed the connection without an answer`)
    : failed('not-connected', `${WHO} closed the connection before it took the message`);
}
