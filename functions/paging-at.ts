import type { PagingSettings } from '#domain/paging.js';
import type { Config } from './config.ts';

/** The mail server and the printers where the environment has them. */
export function pagingAt(paging: PagingSettings, { RADLOOP_SMTP: smtp, RADLOOP_PRINTER: printer }: Config): PagingSettings {
  const at = (address: string): { host: string; port: number } => ({ host: address.split(':')[0] ?? '', port: Number(address.split(':')[1]) });
  const { email, print } = paging.channels;
  const printers = (address: string): Record<string, { host: string; port: number }> =>
    Object.fromEntries(Object.keys(print?.printers ?? {}).map((name) => [name, at(address)]));
  return {
    ...paging,
    channels: {
      ...paging.channels,
      ...(email === undefined || smtp === undefined ? {} : { email: { ...email, ...at(smtp) } }),
      ...(print === undefined || printer === undefined ? {} : { print: { printers: printers(printer) } }),
    },
  };
}
