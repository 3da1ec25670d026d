import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isInUse, lockOf } from '#adapters/embedded/instances.js';
import { BuildFailed, build } from '../build.ts';
import { PartFailed } from './children.ts';
import type { Part } from './children.ts';
import { PortInUse, checkFree, portsFrom, startHospital, startService, startTeams, startWatcher, usualPorts } from './installation.ts';
import { NIGHT_SPEED, playNight } from './night.ts';
import { ordersBefore, playAndReport } from './play.ts';

const USAGE = `npm start -- [options]      Radloop, a Teams client and a rehearsal hospital on this machine, on loopback only.

  --data DIR         where everything is kept (.data/rehearsal)
  --play N           N orders, answered by scripted clinicians; prints a table of what became of them
  --exit             with --play: end when every loop is closed (exit 0) or one is not (exit 1)
  --scene night      a critical result that nobody answers, ten times as fast as the policy: watch it climb, take it, read it back
  --fault NAME       ehr-refuses, ehr-hangs, model-hangs or ris-away
  --rate SECONDS     between two orders of the stream (20; 1 with --play); 0: only when the RIS page is asked for one
  --seed N           other patients, other orders (1)
  --base-port N      thirteen ports from N on in place of the usual ones
  --no-playground    no Teams client: the edge stands in for Teams
  --json             one JSON line with every address when ready

Example: npm start -- --play 25 --exit`;

const options = {
  data: { type: 'string', default: '.data/rehearsal' },
  site: { type: 'string', default: 'infra/rehearsal/site' },
  play: { type: 'string' },
  exit: { type: 'boolean', default: false },
  scene: { type: 'string' },
  fault: { type: 'string', default: 'none' },
  rate: { type: 'string' },
  seed: { type: 'string', default: '1' },
  'base-port': { type: 'string' },
  'no-playground': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

class UnknownScene extends Error {}

/** Services may share a store; a whole rehearsal, with its hospital and its ledgers, is one a folder. */
class FolderInUse extends Error {}

const parts: Part[] = [];
let ending: Promise<void> | null = null;
/** Last started, first ended: the hospital stops sending before the service goes. */
function endAll(): Promise<void> {
  ending ??= (async () => {
    for (const part of parts.reverse()) await part.stop();
  })();
  return ending;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const ports = values['base-port'] === undefined ? usualPorts : portsFrom(Number(values['base-port']));
  const { data, site, fault, scene } = values;
  if (scene !== undefined && scene !== 'night') throw new UnknownScene(`There is no scene "${scene}": --scene night is the one that there is.`);
  const night = scene === 'night' ? { env: { RADLOOP_REHEARSAL_SPEED: String(NIGHT_SPEED) } } : {};
  const playground = !values['no-playground'];
  await checkFree(ports, playground ? [] : ['playground', 'faces']);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  // The folder is ours until this process ends: a store elsewhere (Azure's) has no mark in it.
  const place = lockOf(join(data, 'rehearsal.lock'));
  if (place === null || isInUse(join(data, 'store')))
    throw new FolderInUse(`Another Radloop works in ${data}: end it, or give this one another folder with --data DIR.`);
  process.once('exit', () => {
    place.close();
  });
  say('Building …');
  await build();
  say('Starting the Teams side and the service …');
  const start = async (starting: Promise<Part>): Promise<Part> => {
    const part = await starting;
    parts.push(part);
    return part;
  };
  const teams = await start(startTeams({ site, data, ports, playground }));
  const service = await start(startService({ site, data, ports, fault, cardsLost: playground ? `start-${Date.now()}` : null, ...night }));
  const watcher = await start(startWatcher({ site, data, ports }));
  // The RIS counts its orders on from those of earlier plays in this folder.
  const before = ordersBefore(data);
  const orders = values.play === undefined ? ['--people', 'none'] : ['--orders', String(before.last + Number(values.play)), '--people', 'scripted'];
  const rate = values.rate === undefined ? [] : ['--rate', values.rate];
  const hospital = await start(startHospital({ site, data, ports, more: [...orders, ...rate, '--seed', values.seed, '--fault', fault] }));
  const stopped = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        resolve(0);
      });
    }
    for (const part of parts) {
      part.ended.then(
        (code) => {
          if (ending !== null) return;
          say(`${part.name} ended by itself with ${String(code)}: see ${data}/logs/${part.name}.log`);
          resolve(1);
        },
        () => {
          resolve(1);
        },
      );
    }
  });
  announce(values.json, { teams, service, watcher, hospital, data });
  if (!values.json && values.rate !== '0') sayFirstCard(String(teams.ready['edge']), say);
  if (scene === 'night') {
    const leaving = new AbortController();
    const over = stopped.finally(() => {
      leaving.abort();
    });
    await Promise.race([playNight(data, `${String(service.ready['http'])}/api/tab/`, say, leaving.signal), over]);
    return over;
  }
  if (values.play === undefined) return stopped;
  const played = playAndReport({
    page: String(hospital.ready['page']),
    data,
    site,
    orders: Number(values.play),
    before,
    fault,
    say: (line) => void process.stdout.write(`${line}\n`),
  });
  const code = await Promise.race([played, stopped]);
  return values.exit ? code : stopped;
}

/** How long it took from `npm start` (infra/run.mjs notes when) to the first card, installing and building included. */
function sayFirstCard(edge: string, say: (line: string) => void): void {
  const began = Number(process.env['RADLOOP_BEGAN'] ?? Date.now());
  const look = async (): Promise<void> => {
    for (let since = 0; ending === null;) {
      const answered = await fetch(`${edge}/feed?since=${since}&wait=10`);
      const { next, items } = (await answered.json()) as { next: number; items: { kind: string }[] };
      if (items.some((item) => item.kind === 'posted')) {
        say(`The first card is in the channel, ${((Date.now() - began) / 1000).toFixed(0)} s after npm start.`);
        return;
      }
      since = next;
    }
  };
  look().catch(() => {
    // The Teams side is gone: its end is told elsewhere.
  });
}

function announce(
  json: boolean,
  { teams, service, watcher, hospital, data }: Record<'teams' | 'service' | 'watcher' | 'hospital', Part> & { data: string },
): void {
  if (json) {
    const { ready: _teams, ...teamsSide } = teams.ready;
    const { ready: _service, ...own } = service.ready;
    const { ready: _hospital, ...hospitalSide } = hospital.ready;
    const pids = { service: service.pid, watcher: watcher.pid, teams: teams.pid, hospital: hospital.pid };
    process.stdout.write(`${JSON.stringify({ ready: true, ...own, ...teamsSide, ...hospitalSide, data, pids })}\n`);
    return;
  }
  const faces = (teams.ready['faces'] ?? []) as { person: string; url: string }[];
  const lines = [
    '',
    'Radloop is ready. Everything listens on this machine only.',
    '',
    ...faces.map(({ person, url }) => `  Teams, as ${person.padEnd(14)} ${url}`),
    `  The tab                  ${String(service.ready['http'])}/api/tab/`,
    `  Teams on a telephone     ${String(teams.ready['edge'])}/phone`,
    `  The RIS's own page       ${String(hospital.ready['page'])}`,
    `  HL7 orders (MLLP)        ${String(service.ready['mllp'])}`,
    `  HL7 orders (HTTP)        ${String(service.ready['http'])}/api/hl7`,
    `  The EHR (FHIR R4)        ${String(hospital.ready['ehr'])}`,
    `  Pages, e-mails, prints   ${String(hospital.ready['pages'])}`,
    '',
    'Click first: open the first Teams page, choose the channel with the protocoling cards on the left, wait for a card, press Open, then Approve.',
    'Then look at the RIS page: the order has its protocol. Or write in the private chat: what is waiting',
    `State is kept in ${data}; logs in ${data}/logs. Ctrl-C ends everything.`,
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  const known =
    error instanceof PortInUse ||
    error instanceof FolderInUse ||
    error instanceof UnknownScene ||
    error instanceof PartFailed ||
    error instanceof BuildFailed ||
    (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${known && error instanceof Error ? error.message : `Radloop could not start: ${String(error)}`}\n`);
  process.exitCode = 1;
} finally {
  await endAll();
}
