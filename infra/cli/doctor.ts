import { statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { readContent } from '#adapters/embedded/content.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { readSite, siteVersion } from '#adapters/embedded/site-folder.js';
import { views } from '#adapters/embedded/views.js';
import { reachable } from '#adapters/fhir/reachable.js';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

export const usage = `radloop doctor [--site DIR] [--data DIR] [--json]

Checks this installation: runtime, site folder, rules, store, audit chain, what is held, ports, RIS, EHR. Exit 1 when something fails.

Example: radloop doctor --data .data/rehearsal`;

type Level = 'ok' | 'warn' | 'fail';
interface Finding {
  readonly check: string;
  readonly level: Level;
  readonly what: string;
  /** Empty when there is nothing to do. */
  readonly todo: string;
}

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      site: { type: 'string', default: 'infra/rehearsal/site' },
      data: { type: 'string', default: USUAL_DATA },
      json: { type: 'boolean', default: false },
    },
  });
  const findings = [runtime(), ...(await siteAndEndpoints(values.site)), ...(await store(values.data))];
  for (const { check, level, what, todo } of findings) {
    if (values.json) console.log(JSON.stringify({ check, level, what, todo }));
    else console.log(`${level.padEnd(5)} ${check.padEnd(10)} ${what}${todo === '' ? '' : `\n                 ${todo}`}`);
  }
  return findings.some((finding) => finding.level === 'fail') ? 1 : 0;
}

function finding(check: string, level: Level, what: string, todo = ''): Finding {
  return { check, level, what, todo };
}

function runtime(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fits = major >= 25 || (major === 24 && minor >= 2) || (major === 22 && minor >= 18);
  return finding(
    'runtime',
    fits ? 'ok' : 'fail',
    `Node ${process.versions.node}`,
    fits ? '' : 'Node 22.18 or 24.2 and later is needed: npm ci installs one.',
  );
}

async function siteAndEndpoints(folder: string): Promise<Finding[]> {
  try {
    const site = readSite(folder);
    const content = readContent(folder);
    const shown = content.protocols.filter((row) => row.reviewedBy !== null).length;
    const modes = site.modes.map((row) => `${row.workflow} ${row.modality}: ${row.mode}`).join(', ');
    const { host, port } = site.endpoints.destinations['ris'] ?? { host: '', port: 0 };
    const ris = await answers(host, port);
    const ehr = await reachable(site.endpoints.ehr.baseUrl, 5);
    return [
      finding('site', 'ok', `${site.settings.name}, version ${siteVersion(site)}; ${modes}`),
      finding(
        'rules',
        shown > 0 ? 'ok' : 'warn',
        `${content.protocols.length} protocols, ${shown} of them reviewed`,
        shown > 0 ? '' : 'Rows without a reviewer are recorded, never shown.',
      ),
      finding(
        'RIS',
        ris ? 'ok' : 'fail',
        `${host}:${port} ${ris ? 'takes connections' : 'takes no connection'}`,
        ris ? '' : 'Start the RIS’s listener or mend endpoints/endpoints.json.',
      ),
      finding('EHR', ehr.ok ? 'ok' : 'fail', ehr.what, ehr.ok ? '' : 'Cards go out without context until it answers: see endpoints/endpoints.json.'),
    ];
  } catch (error) {
    return [finding('site', 'fail', error instanceof Error ? error.message : 'can’t be read', 'Mend the file that is named.')];
  }
}

async function store(data: string): Promise<Finding[]> {
  const folder = storeFolder(data);
  if (folder === null) return [finding('store', 'warn', `no store under ${data} yet`, 'npm start makes it; name another folder with --data DIR.')];
  const db = openDatabase(folder, { readOnly: true });
  try {
    const { ok, rows, cases, firstBad } = await auditStore(db).verify();
    const held = await views(db).held();
    const { bavail, bsize } = statfsSync(folder);
    const freeGb = (bavail * bsize) / 1e9;
    const queue = db.get<{ waiting: number; oldest: string | null }>(
      "SELECT count(*) AS waiting, min(written_at) AS oldest FROM outbox WHERE state IN ('waiting', 'leased')",
    );
    return [
      finding(
        'store',
        freeGb > 1 ? 'ok' : 'fail',
        `${folder}, ${freeGb.toFixed(1)} GB free`,
        freeGb > 1 ? '' : 'Make room: without it orders are answered AE.',
      ),
      finding(
        'audit',
        ok ? 'ok' : 'fail',
        ok ? `${rows} rows of ${cases} cases, the chain holds` : `broken at row ${String(firstBad?.seq)}: ${String(firstBad?.what)}`,
        ok ? '' : 'Keep a copy of the store and call the privacy auditor.',
      ),
      finding(
        'outbox',
        (queue?.waiting ?? 0) > 100 ? 'warn' : 'ok',
        `${queue?.waiting ?? 0} waiting${queue?.oldest ? `, the oldest since ${queue.oldest}` : ''}`,
      ),
      finding('held', held.length > 0 ? 'warn' : 'ok', `${held.length} held for a person`, held.length > 0 ? 'radloop q list shows them.' : ''),
    ];
  } finally {
    await db.close();
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (connected: boolean) => () => {
      socket.destroy();
      done(connected);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
