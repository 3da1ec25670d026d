import { z } from 'zod/v4';
import type { PagingChannel } from '#core/effect.js';

const file = z.string().min(1);
const port = z.number().int().min(1).max(65_535);
const host = z.string().regex(/^[A-Za-z0-9.:_-]+$/u, 'expected a host name or an address, without a port');

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/u.test(name);
}

/** HTTPS; plain HTTP on this machine alone. No name or password in it: they would stand in logs of proxies. */
const address = z.url({ protocol: /^https?$/u }).refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && (url.protocol === 'https:' || isLoopback(url.hostname)) && url.username === '' && url.password === '' && url.hash === '';
}, 'write an https address without a name, a password or a #: pages are signed, not hidden, by their key');

/** What its other end takes in any minute; the rest waits. Left out: until it says that it takes no more. */
const perMinute = z.number().int().min(1).optional();

/** An SMS or voice gateway. `keyFile`: its access key in base64, one line, from the site's folder. `from`: our number, or the name that the gateway has for us. */
const gateway = z.object({ endpoint: address, keyFile: file, from: z.string().min(1).max(50), perMinute });

/** paging.json: ways to reach people besides Teams. Files of keys are named from the site's folder, and read at each page: a new one needs no new start. */
export const pagingSettings = z.object({
  /** What is dialled back: on every page. */
  readingRoom: z.object({ name: z.string().min(1), phone: z.string().min(2) }),
  channels: z.object({
    /** `log`: one line in the log a page, for a rehearsal; nobody is reached. `previousSecretFile`: signs as well while the receiver changes to the new one. */
    pager: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('webhook'), url: address, secretFile: file, previousSecretFile: file.optional(), perMinute }),
        z.object({ kind: z.literal('log') }),
      ])
      .optional(),
    /** `starttls`: TLS after the greeting, or nothing is sent. `tls`: from the first byte. `none`: this machine alone. */
    email: z
      .object({
        host,
        port,
        tls: z.enum(['starttls', 'tls', 'none']),
        user: z.string().min(1).optional(),
        passwordFile: file.optional(),
        from: z.email(),
        perMinute,
      })
      .refine((one) => one.tls !== 'none' || isLoopback(one.host), { path: ['tls'], error: 'only a server on this machine may go without TLS' })
      .refine((one) => (one.user === undefined) === (one.passwordFile === undefined), {
        path: ['passwordFile'],
        error: 'user and passwordFile go together',
      })
      .optional(),
    sms: gateway.optional(),
    voice: gateway.optional(),
    /** Raw TCP, port 9100 as a rule. */
    print: z.object({ printers: z.record(z.string().regex(/^[a-z0-9-]+$/u), z.object({ host, port })) }).optional(),
  }),
  /**
   * What the SMS and voice gateway sends back (POST /api/paging) carries this secret, or is signed with it. Left out: nothing is taken. `previousSecretFile`: counts as
   * well while the gateway changes to the new one.
   */
  answers: z.object({ secretFile: file, previousSecretFile: file.optional() }).optional(),
  /** What is asked for (GET) every minute for as long as all is well; whoever is there calls somebody when it is not asked for any more. Holds no secret that matters: it stands in logs of proxies. */
  deadman: z.object({ url: address }).optional(),
  /** The failsafe person: what is dialled, and the printer that stands there; null: none does. */
  switchboard: z.object({ phone: z.string().min(2), printer: z.string().nullable() }),
});
export type PagingSettings = z.infer<typeof pagingSettings>;

/** Where a channel's other end is, for whoever looks whether it is there. */
export interface PagingPlace {
  readonly channel: PagingChannel;
  /** Field of paging.json. */
  readonly field: string;
  readonly host: string;
  readonly port: number;
  /** From the first byte on. */
  readonly tls: boolean;
}

/** Set up at the site, and somebody wakes of it: mail wakes nobody, nor does a log in a hospital. */
export function wakingChannels({ channels: { pager, sms, voice } }: PagingSettings, isRehearsal: boolean): readonly ('pager' | 'sms' | 'voice')[] {
  return [
    ...(pager === undefined || (pager.kind === 'log' && !isRehearsal) ? [] : (['pager'] as const)),
    ...(sms === undefined ? [] : (['sms'] as const)),
    ...(voice === undefined ? [] : (['voice'] as const)),
  ];
}

/** Every other end that is set up; of a pager that is a log there is none. */
export function placesOf({ channels: { pager, email, sms, voice, print } }: PagingSettings): readonly PagingPlace[] {
  const over = (channel: PagingChannel, field: string, url: string): PagingPlace => {
    const { hostname, protocol, port: named } = new URL(url);
    const tls = protocol === 'https:';
    return { channel, field, host: hostname.replace(/^\[|\]$/gu, ''), port: named === '' ? (tls ? 443 : 80) : Number(named), tls };
  };
  return [
    ...(pager?.kind === 'webhook' ? [over('pager', 'channels.pager.url', pager.url)] : []),
    ...(sms === undefined ? [] : [over('sms', 'channels.sms.endpoint', sms.endpoint)]),
    ...(voice === undefined ? [] : [over('voice', 'channels.voice.endpoint', voice.endpoint)]),
    ...(email === undefined
      ? []
      : [{ channel: 'email', field: 'channels.email.host', host: email.host, port: email.port, tls: email.tls === 'tls' } as const]),
    ...Object.entries(print?.printers ?? {}).map(
      ([name, at]) => ({ channel: 'print', field: `channels.print.printers.${name}.host`, ...at, tls: false }) as const,
    ),
  ];
}

/** Files of keys that paging.json names, by field. */
export function pagingKeysOf({
  channels: { pager, email, sms, voice },
  answers,
}: PagingSettings): readonly { readonly field: string; readonly file: string }[] {
  const webhook = pager?.kind === 'webhook' ? pager : undefined;
  const all: readonly (readonly [string, string | undefined])[] = [
    ['channels.pager.secretFile', webhook?.secretFile],
    ['channels.pager.previousSecretFile', webhook?.previousSecretFile],
    ['channels.email.passwordFile', email?.passwordFile],
    ['channels.sms.keyFile', sms?.keyFile],
    ['channels.voice.keyFile', voice?.keyFile],
    ['answers.secretFile', answers?.secretFile],
    ['answers.previousSecretFile', answers?.previousSecretFile],
  ];
  return all.flatMap(([field, name]) => (name === undefined ? [] : [{ field, file: name }]));
}
