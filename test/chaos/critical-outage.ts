import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { edgeUrl } from '../../infra/local/edge/settings.ts';
import type { PageLine } from '../../infra/rehearsal/paging-ledger.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { outagePeople } from './critical-people.ts';
import type { OutagePeople } from './critical-people.ts';
import { outageSite, whoIsAt } from './critical-site.ts';
import { PRINTER } from './critical-timeline.ts';
import type { Call, Channel, Span } from './critical-timeline.ts';

/** A whole hospital in which ways are taken out and put back, the service is killed, and its time of day is set. Written down as it was from outside. */
export interface Outage {
  readonly installation: TestInstallation;
  readonly people: OutagePeople;
  readonly isOut: Partial<Record<Channel, Span[]>>;
  readonly isAway: Span[];
  /** One of Teams, answered so, or as ever again (null). */
  teams(status: number | null): Promise<void>;
  /** One way of paging, or as ever again (null). */
  paging(channel: 'pager' | 'sms' | 'email', what: string | null): Promise<void>;
  kill(): Promise<void>;
  /** Sets the service's time of day so many seconds off; null where libfaketime is not installed. */
  readonly setClock: ((seconds: number) => void) | null;
  /** Calls that have come so far, with the alert's number and what they are. */
  readonly calls: () => readonly (Call & { readonly isAsked: boolean })[];
  /** Waits until the sheet of this alert lies at the switchboard. */
  printed(alert: string): Promise<void>;
  /** Private messages about alerts that Teams showed in this time. */
  inTeams(span: Span): number;
  close(): Promise<void>;
}

const shim = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`)
  .find((file) => existsSync(file));
/** A test whose timer comes later than this ran on a machine that stood still. */
const STOOD_STILL_MS = 1000;

export async function openOutage(speed: number): Promise<Outage> {
  const site = outageSite();
  const clockFile = join(site.folder, 'time-of-day');
  writeFileSync(clockFile, '+0');
  const clock: Readonly<Record<string, string>> =
    shim === undefined
      ? {}
      : { LD_PRELOAD: shim, DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1', FAKETIME_TIMESTAMP_FILE: clockFile, NO_FAKE_STAT: '1' };
  const installation = await openInstallation({
    ...{ site: site.folder, partsOf: 'embedded' },
    env: (ports) => {
      site.pagingAt(ports);
      return { ...clock, ...(speed === 1 ? {} : { RADLOOP_REHEARSAL_SPEED: String(speed) }) };
    },
  });
  await installation.openHospital(['--rate', '0', '--people', 'none']);
  const { data, ports } = installation;
  const isOut: Outage['isOut'] = {};
  const isAway: Span[] = [];
  let last = Date.now();
  const heart = setInterval(() => {
    if (Date.now() - last > STOOD_STILL_MS) isAway.push({ from: last, to: Date.now() });
    last = Date.now();
  }, 100);
  const begin = (channel: Channel): void => {
    const spans = (isOut[channel] ??= []);
    if (spans.at(-1)?.to !== Number.POSITIVE_INFINITY) spans.push({ from: Date.now(), to: Number.POSITIVE_INFINITY });
  };
  const end = (channel: Channel): void => {
    const spans = isOut[channel] ?? [];
    const { from } = spans.pop() ?? { from: Date.now() };
    spans.push({ from, to: Date.now() });
  };
  const post = async (url: string, body: object): Promise<void> => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status} ${await answer.text()}`);
  };
  const read = pagesOf(join(data, 'ledgers', 'pages.jsonl'));
  return {
    installation,
    people: outagePeople({ data, http: ports.http, mllp: ports.mllp }),
    isOut,
    isAway,
    async teams(status) {
      if (status !== null) begin('teams');
      const answer = { what: 'answers', status, times: 1_000_000, ...(status === 429 ? { retryAfterSeconds: 20 } : {}) };
      const answers = status === null ? [] : ['post', 'update', 'tell'].map((call) => ({ ...answer, call }));
      // In one go: in between Teams would be there.
      await post(`${edgeUrl(ports.edge)}/faults`, [{ what: 'none' }, ...answers]);
      if (status === null) end('teams');
    },
    async paging(channel, what) {
      if (what !== null) begin(channel);
      await post(`http://127.0.0.1:${ports.pages}/faults`, { channel, what: what ?? 'none' });
      if (what === null) end(channel);
    },
    async kill() {
      const from = Date.now();
      await installation.killAndRestart();
      isAway.push({ from, to: Date.now() });
    },
    setClock: shim === undefined ? null : (seconds) => writeFileSync(clockFile, `${seconds < 0 ? '' : '+'}${seconds}`),
    calls: read,
    async printed(alert) {
      while (!read().some((call) => call.channel === 'print' && call.alert === alert)) await pause(500);
    },
    inTeams: ({ from, to }) =>
      linesOf<{ kind: string; at: string; card: unknown }>(join(data, 'ledgers', 'teams.jsonl'), 0).lines.filter(
        ({ kind, at }) => (kind === 'personal' || kind === 'posted') && Date.parse(at) > from && Date.parse(at) < to,
      ).length,
    async close() {
      clearInterval(heart);
      await installation.clear();
      site.remove();
    },
  };
}

const CALL = /^(?:CRITICAL RESULT cat \d|UNTAKEN critical result cat \d|IS THIS CRITICAL\?) (?<alert>\w{6,7})/u;
const SHEET = /(?<what>UNTAKEN CRITICAL|IS THIS CRITICAL)[\s\S]*?category \d: (?<alert>\w{6,7})/u;

/** What has arrived, read on from where it was read to. */
function pagesOf(file: string): Outage['calls'] {
  const found: (Call & { isAsked: boolean })[] = [];
  let read = 0;
  return () => {
    const { lines, length } = linesOf<PageLine>(file, read);
    read = length;
    for (const { at, channel, event, to, subject, text } of lines) {
      const said = channel === 'print' ? SHEET.exec(text) : CALL.exec(subject ?? text);
      const alert = said?.groups?.['alert'];
      const person = channel === 'print' ? PRINTER : whoIsAt(channel as Channel, to);
      if (event !== 'arrived' || alert === undefined || person === undefined || channel === 'voice') continue;
      found.push({ at: Date.parse(at ?? ''), alert, channel, to: person, isAsked: said?.[0].startsWith('IS THIS') === true });
    }
    return found;
  };
}

function linesOf<Line>(file: string, from: number): { readonly lines: readonly Line[]; readonly length: number } {
  if (!existsSync(file)) return { lines: [], length: 0 };
  const bytes = readFileSync(file).subarray(from);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, whole).toString('utf8').split('\n').filter((line) => line !== ''); // prettier-ignore
  return { lines: lines.map((line) => JSON.parse(line) as Line), length: from + whole };
}
