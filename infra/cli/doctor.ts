import { readFileSync, statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { readContent } from '#adapters/embedded/content.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { readHealthToken } from '#adapters/embedded/health-token.js';
import { siteToRun, siteVersion } from '#adapters/embedded/site-folder.js';
import { siteKeyOf } from '#adapters/embedded/site-key-place.js';
import { views } from '#adapters/embedded/views.js';
import { reachable } from '#adapters/fhir/reachable.js';
import { proofOf } from './audit-ask.ts';
import { anchors, certificates, certificatesOf, keysOf, privateFiles, rights } from './doctor-files.ts';
import { finding, printed } from './doctor-finding.ts';
import type { Finding } from './doctor-finding.ts';
import { lacking } from './doctor-lacks.ts';
import { onCall } from './doctor-on-call.ts';
import { paging } from './doctor-paging.ts';
import { service } from './doctor-service.ts';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

export const usage = `radloop doctor [--site DIR] [--data DIR] [--service URL] [--token-file FILE] [--certificate FILE]… [--json]

Checks this installation and says what to do about each thing that is not in order: runtime, site folder, rules, who is on call,
ways to page them, RIS, EHR, the running service (ready, progress, inbox, outbox, clock), store, disk, audit chain and its anchors,
what is held, certificates (30, 7 and 1 days before they expire), rights of files with keys. Exit 1 when something fails.

  --data DIR          the folder that npm start was given (${USUAL_DATA})
  --service URL       where the service answers (http://127.0.0.1:7071); elsewhere, such as on Azure, with --token-file
  --token-file FILE   the health token of a service that is not this machine's
  --certificate FILE  a certificate to look at besides those of the site's folder: the one that MLLP over TLS shows

Example: radloop doctor --data .data/rehearsal`;

const USUAL_SERVICE = 'http://127.0.0.1:7071';

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      site: { type: 'string', default: 'infra/rehearsal/site' },
      data: { type: 'string', default: USUAL_DATA },
      service: { type: 'string' },
      'token-file': { type: 'string' },
      certificate: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  });
  const folder = storeFolder(values.data);
  const token =
    values['token-file'] === undefined ? (folder === null ? null : readHealthToken(folder)) : readFileSync(values['token-file'], 'utf8').trim();
  const running = await service(values.service ?? USUAL_SERVICE, token, values.service !== undefined);
  const isRunning = running.some(({ check, level }) => check === 'service' && level !== 'fail');
  // The service knows where its anchors are, and says how old the last one is.
  const isToldOfAnchors = running.some(({ check }) => check === 'anchors');
  const named = values.certificate.map((file) => ({ name: file, file }));
  const findings = [
    runtime(),
    ...(await siteAndEndpoints(values.site, folder)),
    ...running,
    ...(await store(values.data, { isRunning, isToldOfAnchors })),
    ...certificates(named, Date.now()),
  ];
  if (values.json) for (const { check, level, what, todo } of findings) console.log(JSON.stringify({ check, level, what, todo }));
  else
    console.log(
      printed(findings, {
        colours: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
        width: Math.min(process.stdout.isTTY ? process.stdout.columns : 110, 140),
      }),
    );
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
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

async function siteAndEndpoints(folder: string, store: string | null): Promise<Finding[]> {
  try {
    const site = siteToRun(folder);
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
      ...onCall(site, folder, Date.now()),
      ...(await lacking(site, folder, store, Date.now())),
      ...(await paging(site)),
      ...certificates(certificatesOf(site, folder), Date.now()),
      ...rights(keysOf(site, folder)),
    ];
  } catch (error) {
    return [finding('site', 'fail', error instanceof Error ? error.message : 'can’t be read', 'Mend the file that is named.')];
  }
}

async function store(
  data: string,
  { isRunning, isToldOfAnchors }: { readonly isRunning: boolean; readonly isToldOfAnchors: boolean },
): Promise<Finding[]> {
  const folder = storeFolder(data);
  if (folder === null) return [finding('store', 'warn', `no store under ${data} yet`, 'npm start makes it; name another folder with --data DIR.')];
  const db = openDatabase(folder, { readOnly: true });
  try {
    const { ok, rows, cases, firstBad } = await auditStore(db, proofOf(folder, undefined, undefined)).verify();
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
      ...(isToldOfAnchors ? [] : await anchors(folder, Date.now(), isRunning)),
      ...rights([...privateFiles(folder), siteKeyOf(folder, undefined)]),
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
