import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { exportRecords } from '#adapters/audit-chain/export.js';
import { anchorFolder, usualAnchorFolder } from '#adapters/embedded/audit-anchors.js';
import { auditReader } from '#adapters/embedded/audit-reader.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import type { Proof } from '#adapters/audit-chain/check.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { siteKeyOf } from '#adapters/embedded/site-key-place.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { auditor } from '#engine/auditor.js';
import type { AuditFilter } from '#ports/audit-store.js';
import type { AuditReply, AuditRequest, Auditor, ExportRecord } from '#ports/auditor.js';
import { NoAnswer, askAudit } from './q-ask.ts';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

const options = {
  data: { type: 'string', default: USUAL_DATA },
  site: { type: 'string', default: 'infra/rehearsal/site' },
  'site-key': { type: 'string' },
  json: { type: 'boolean', default: false },
  as: { type: 'string' },
  ...{ case: { type: 'string' }, person: { type: 'string' }, action: { type: 'string' } },
  ...{ outcome: { type: 'string' }, since: { type: 'string' }, until: { type: 'string' } },
} as const satisfies ParseArgsOptionsConfig;

export const AUDIT_HELP = `  --case NUMBER  rows of one case, such as 7KF3QN
  --person ID    what one person did, by their id in people.json
  --action NAME  such as view, q-retry, protocolApproved
  --outcome WORD done, denied or nothing
  --since, --until  times as 2026-11-25 or 2026-11-25T10:00:00Z (UTC); until is exclusive
  --data DIR     the folder that npm start was given (${USUAL_DATA})
  --site DIR     with the service stopped: the site's folder, for people.json
  --site-key FILE  with the service stopped: the site key, where it lies elsewhere than usual
  --as PERSON    rehearsal site only: play this person of people.json`;

/** The words and options of `audit query` and `audit export`. */
export function auditWords<Options extends ParseArgsOptionsConfig>(args: string[], more: Options) {
  return parseArgs({ args, allowPositionals: true, options: { ...options, ...more } });
}

/** What `parseArgs` gives of the options above. */
export interface AuditOptions {
  readonly data: string;
  readonly site: string;
  readonly 'site-key'?: string | undefined;
  readonly as?: string | undefined;
  readonly case?: string | undefined;
  readonly person?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** @throws NoAnswer that names the option */
function filterOf(asked: AuditOptions): AuditFilter {
  const { outcome = null } = asked;
  if (outcome !== null && outcome !== 'done' && outcome !== 'denied' && outcome !== 'nothing')
    throw new NoAnswer(2, '--outcome takes done, denied or nothing.');
  return {
    ...{ caseNumber: asked.case?.toUpperCase() ?? null, person: asked.person ?? null, action: asked.action ?? null, outcome },
    ...{ since: timeOf('--since', asked.since), until: timeOf('--until', asked.until) },
  };
}

function timeOf(option: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const time = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,3})?)?Z)?$/u.test(text)
    ? new Date(text.replace(/T(\d{2}:\d{2})Z$/u, 'T$1:00Z'))
    : null;
  if (time === null || Number.isNaN(time.getTime()))
    throw new NoAnswer(2, `${option} takes a time in UTC, such as 2026-11-25 or 2026-11-25T10:00:00Z.`);
  return time.toISOString();
}

/** The pages of what was asked: of the running service, else of the store itself. Both know who asks, and write it down first. @throws NoAnswer when denied */
export async function* recordsOf(where: AuditOptions, ask: 'audit-query' | 'audit-export'): AsyncGenerator<readonly ExportRecord[]> {
  const request = { ask, filter: filterOf(where) } as const;
  const first = await askAudit(where, request);
  if (first !== null) {
    yield* pages(first, async (next) => (await askAudit(where, next)) ?? serviceGone);
    return;
  }
  const { door, close } = openStopped(where);
  try {
    const caller = { account: userInfo().username, as: where.as ?? null };
    yield* pages(await door.ask(caller, request), (next) => door.ask(caller, next));
  } finally {
    await close();
  }
}

const serviceGone: AuditReply = { ok: false, code: 'not-possible', text: 'The service ended while it was read: ask again.' };

async function* pages(first: AuditReply, ask: (request: AuditRequest) => Promise<AuditReply>): AsyncGenerator<readonly ExportRecord[]> {
  for (let reply = first; ;) {
    if (!reply.ok) throw new NoAnswer(1, reply.text);
    yield reply.records;
    if (reply.reading === null) return;
    reply = await ask({ ask: 'audit-next', reading: reply.reading });
  }
}

/** The same desk that the service has, in this process: it needs to write the row of who asked. */
function openStopped(where: AuditOptions): { readonly door: Auditor; readonly close: () => Promise<void> } {
  const store = storeFolder(where.data);
  if (store === null)
    throw new NoAnswer(2, `${where.data} holds no store of Radloop (radloop.sqlite): name the folder that npm start was given with --data DIR.`);
  const site = readSite(where.site);
  const db = openDatabase(store, { keyFile: siteKeyOf(store, where['site-key']) });
  const door = auditor({
    ...{ audit: auditStore(db), directory: directory(site.people), clock: wallClock, rehearsal: site.settings.rehearsal },
    records: (asked) => exportRecords(auditReader(db), db.siteKey, asked),
  });
  return { door, close: () => db.close() };
}

/** What a store is checked with besides what is in it. Throws SiteKeyError when the key is not there. */
export function proofOf(store: string, siteKey: string | undefined, anchors: string | undefined): Proof {
  const folder = anchors ?? usualAnchorFolder(store);
  return { key: siteKeyFile(siteKeyOf(store, siteKey), { mustExist: true }), anchors: existsSync(folder) ? anchorFolder(folder) : null };
}
