import type { PagingSettings } from '#domain/paging.js';
import type { Config } from './config.ts';

/** Pager and gateways, the mail server and the printers where the environment has them. */
export function pagingAt(
  paging: PagingSettings,
  { RADLOOP_PAGES: pages, RADLOOP_SMTP: smtp, RADLOOP_PRINTER: printer }: Pick<Config, 'RADLOOP_PAGES' | 'RADLOOP_SMTP' | 'RADLOOP_PRINTER'>,
): PagingSettings {
  const at = (address: string): { host: string; port: number } => ({ host: address.split(':')[0] ?? '', port: Number(address.split(':')[1]) });
  const { pager, sms, voice, email, print } = paging.channels;
  const there = (url: string): string => (pages === undefined ? url : new URL(new URL(url).pathname, pages).href);
  const printers = (address: string): Record<string, { host: string; port: number }> =>
    Object.fromEntries(Object.keys(print?.printers ?? {}).map((name) => [name, at(address)]));
  return {
    ...paging,
    channels: {
      ...paging.channels,
      ...(pager?.kind === 'webhook' ? { pager: { ...pager, url: there(pager.url) } } : {}),
      ...(sms === undefined ? {} : { sms: { ...sms, endpoint: there(sms.endpoint) } }),
      ...(voice === undefined ? {} : { voice: { ...voice, endpoint: there(voice.endpoint) } }),
      ...(email === undefined || smtp === undefined ? {} : { email: { ...email, ...at(smtp) } }),
      ...(print === undefined || printer === undefined ? {} : { print: { printers: printers(printer) } }),
    },
  };
}
