import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowed } from '#adapters/telemetry/allowed.js';
import { allowListLog } from '#adapters/telemetry/log.js';
import { pagerOf } from '#adapters/paging/pager.js';
import type { PagingChannel } from '#core/effect.js';
import { toInstant } from '#core/time.js';
import { pagingSettings } from '#domain/paging.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Page, Pager } from '#ports/pager.js';
import { REHEARSAL_ACCESS_KEY, REHEARSAL_SECRET, startPagingSide } from '../../infra/rehearsal/paging-side.ts';
import type { PagingSide, PagingSideOptions } from '../../infra/rehearsal/paging-side.ts';

const folders: string[] = [];
const sides: PagingSide[] = [];

/** The other ends of all channels. `stopSides` ends those of a test. */
export async function startSide(more: Partial<PagingSideOptions> = {}): Promise<PagingSide> {
  const dataDir = mkdtempSync(join(tmpdir(), 'radloop-paging-'));
  folders.push(dataDir);
  const side = await startPagingSide({ dataDir, ports: { pages: 0, smtp: 0, printer: 0 }, ...more });
  sides.push(side);
  return side;
}

export async function stopSides(): Promise<void> {
  await Promise.all(sides.splice(0).map((side) => side.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Files of keys, by name, as the site's folder would hold them. */
export const keys: Readonly<Record<string, string>> = {
  'keys/pager': `${REHEARSAL_SECRET}\n`,
  'keys/old': 'a secret of before\n',
  'keys/gateway': `${REHEARSAL_ACCESS_KEY}\n`,
  'keys/mail': 'mail-password\n',
};

export function settingsFor(side: PagingSide, only: readonly PagingChannel[] = ['pager', 'sms', 'voice', 'email', 'print']): PagingSettings {
  const gateway = { endpoint: side.url, keyFile: 'keys/gateway', from: '+15550199' };
  const all = {
    pager: { kind: 'webhook', url: `${side.url}/pager`, secretFile: 'keys/pager' },
    sms: gateway,
    voice: gateway,
    email: { host: '127.0.0.1', port: side.smtpPort, tls: 'none', from: 'radloop@hospital.example' },
    print: { printers: { switchboard: { host: '127.0.0.1', port: side.printerPort } } },
  } as const;
  return pagingSettings.parse({
    readingRoom: { name: 'Reading room', phone: '+1 555 0100' },
    channels: Object.fromEntries(Object.entries(all).filter(([channel]) => only.includes(channel as PagingChannel))),
    switchboard: { phone: '4711', printer: null },
  });
}

export function pagerFor(settings: PagingSettings, timeoutSeconds = 3, files = keys): { readonly pager: Pager; readonly logged: string[] } {
  const logged: string[] = [];
  const clock = { now: () => toInstant(Date.now()) };
  const write = (line: string): void => void logged.push(line);
  const log = allowListLog({ write, clock, allowed: allowed([], (text) => createHash('sha256').update(text).digest()), dropped: () => undefined });
  const readKey = (file: string): string => {
    const key = files[file];
    if (key === undefined) throw new Error('no such file');
    return key;
  };
  return { logged, pager: pagerOf(settings, { log, clock, readKey, timeoutSeconds }) };
}

const addresses: Readonly<Record<PagingChannel, string>> = {
  pager: 'neurosurgery-1',
  sms: '+15550123',
  voice: '+15550124',
  email: 'on.call@hospital.example',
  print: 'switchboard',
};

/** A page as a workflow makes one; its key holds a case id, with an order's number in it. */
export function aPage(channel: PagingChannel, more: Partial<Page> = {}): Page {
  return {
    key: 'critical-results:P000123/3f6c2a0e-event/page',
    channel,
    address: addresses[channel],
    subject: 'Critical result, category 1: 7KF3QN',
    text: 'Critical result, category 1: 7KF3QN. Open Radloop or call +1 555 0100.',
    callBack: '+1 555 0100',
    ...(channel === 'print' ? { sheet: ['ALERTS NOT TAKEN', '', '7KF3QN  category 1  neurosurgery  on call: 4711', 'Call back: +1 555 0100'] } : {}),
    ...more,
  };
}
