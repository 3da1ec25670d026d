import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askCustody } from '../cli/q-ask.ts';
import type { Ports } from '../local/installation.ts';
import { REHEARSAL_ACCESS_KEY, REHEARSAL_SECRET } from '../rehearsal/paging-side.ts';
import type { StandOptions } from './teams-stand.ts';

const DAY_MS = 86_400_000;
const SHIPPED = 'functions/content/critical/v1.json';
const ON_CALL = 'dr-abebe';
/** Where it is said in Teams: in the chat with the only one on call for the emergency department, and in the channel for critical results. */
export const conversations = { 'private chat': `a:29:rehearsal-${ON_CALL}`, channel: '19:rehearsal-critical@thread.tacv2' } as const;

/** Ports of first-byte.ts, which stands between the service and the rehearsal's paging side. */
export function between({ mllp }: Ports): { readonly http: number; readonly smtp: number; readonly seen: number } {
  return { http: mllp + 30, smtp: mllp + 31, seen: mllp + 32 };
}

/**
 * Every way to page is set up, one person is on call throughout, and nobody is called a second time while it is measured: what counts is how each alert starts. The
 * hours to the next level are the only change of the shipped policy.
 */
export const criticalSite: StandOptions = {
  prepare(site, ports) {
    const { http, smtp } = between(ports);
    const paging = read(join(site, 'paging.json')) as { readonly channels: Readonly<Record<string, object>> };
    const origin = `http://127.0.0.1:${http}`;
    const gateway = { endpoint: origin, keyFile: 'keys/gateway', from: '+15550199' };
    const channels = {
      ...{ pager: { kind: 'webhook', url: `${origin}/pager`, secretFile: 'keys/pager' }, sms: gateway, voice: gateway },
      ...{ email: { ...paging.channels['email'], port: smtp }, print: paging.channels['print'] },
    };
    write(join(site, 'paging.json'), { ...paging, channels });
    mkdirSync(join(site, 'keys'), { recursive: true });
    writeFileSync(join(site, 'keys', 'pager'), REHEARSAL_SECRET, { mode: 0o600 });
    writeFileSync(join(site, 'keys', 'gateway'), REHEARSAL_ACCESS_KEY, { mode: 0o600 });
    rmSync(join(site, 'roster', 'emergency.ics'));
    const day = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 16);
    writeFileSync(join(site, 'roster', 'emergency.csv'), `person,level,from,until\n${ON_CALL},1,${day(-2)},${day(2)}\n`);
    const shipped = read(SHIPPED) as { readonly rows: readonly { readonly ruleId: string }[] };
    const slow = { levelsAfterMinutes: [0, 600, 660], failsafeAfterMinutes: 720 };
    const rows = shipped.rows.map((rule) => (rule.ruleId === 'category-1' ? { ...rule, ...slow } : rule));
    write(join(site, 'content', 'critical.json'), { ...shipped, rows });
  },
  beside(ports) {
    const { http, smtp, seen } = between(ports);
    const to = ['--http-to', String(ports.pages), '--smtp-to', String(ports.smtp)];
    return { name: 'first-byte', args: ['infra/bench/first-byte.ts', '--http', String(http), '--smtp', String(smtp), '--seen', String(seen), ...to] };
  },
  async agree(data, one, other) {
    const asked = await askCustody({ data, as: one }, { ask: 'critical-policy-change', reason: 'the bench calls one level only', dryRun: false });
    if (asked?.ok !== true || asked.answer !== 'waits') throw new Error(`the slower policy is not asked for: ${JSON.stringify(asked)}`);
    const agreed = await askCustody({ data, as: other }, { ask: 'critical-policy-confirm', bulk: asked.bulk });
    if (agreed?.ok !== true) throw new Error(`the slower policy is not agreed on: ${JSON.stringify(agreed)}`);
  },
  env: (ports) => ({ RADLOOP_PAGES: `http://127.0.0.1:${between(ports).http}`, RADLOOP_SMTP: `127.0.0.1:${between(ports).smtp}` }),
};

function read(file: string): object {
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}

function write(file: string, value: object): void {
  writeFileSync(file, JSON.stringify(value));
}
