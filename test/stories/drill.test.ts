import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../../infra/build.ts';
import { numbersOf } from '../../infra/rehearsal/order-message.ts';
import type { PageLine } from '../../infra/rehearsal/paging-ledger.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { until } from '../support/instances.ts';
import { readCriticalSide, readRisSide } from '../support/ledgers.ts';
import { plannedOrders, testSite } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';

// Twenty times as fast as the policy: levels at 5 and 10 minutes, the switchboard at 15. Judged by what arrived: mails, sheets of paper, what Teams was told, what the RIS heard.
const SPEED = '20';
const SEED = 2;
const PATIENCE_SECONDS = 120;
/** A page that was on its way when the drill ended has arrived by then. */
const ON_ITS_WAY_MS = 10_000;
const SERVICE = 'emergency';

let on: TestInstallation;
beforeAll(async () => {
  await build();
  on = await openInstallation({ env: () => ({ RADLOOP_REHEARSAL_SPEED: SPEED }) });
}, 180_000);
afterAll(() => on.clear(), 90_000);

function ledger(name: string): readonly string[] {
  const file = join(on.data, 'ledgers', `${name}.jsonl`);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

/** As whoever gets it reads it. */
interface Read {
  readonly to: string;
  readonly channel: string;
  readonly at: number;
  readonly text: string;
}

function arrived(number: string): readonly Read[] {
  return ledger('pages')
    .map((line) => JSON.parse(line) as PageLine)
    .map(({ event, channel, to, at = '', subject, text }) => ({
      event,
      channel,
      to: `${channel} ${to}`,
      at: Date.parse(at),
      text: `${subject ?? ''}\n${text}`,
    }))
    .filter(({ event, text }) => event === 'arrived' && text.includes(number));
}

const isMarked = (text: string): boolean => /\b(?:DRILL|SIMULACRO)\b/u.test(text);
const saysEnded = (text: string): boolean => /DRILL ended: a real alert is open|SIMULACRO terminado: hay una alerta real abierta/u.test(text);
const as = (person: string, ...args: readonly string[]) => radloop(...args, '--data', on.data, '--as', person);

async function done(person: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await as(person, ...args);
  if (code !== 0) throw new Error(`radloop ${args.join(' ')}: ${err}${out}`);
  return out;
}

it('a drill that is taken and read back passes', async () => {
  const begun = await done('dr-okafor', 'drill', 'critical', '--service', 'medicine', '--category', '2', '--reason', 'new pagers', '--json');
  const { caseNumber: drill } = JSON.parse(begun) as { caseNumber: string };
  const roster = await radloop('oncall', 'who', '--site', testSite, '--service', 'medicine', '--json');
  const { levels } = JSON.parse(roster.out) as { levels: readonly { level: number; people: readonly string[] }[] };
  const first = levels.find(({ level }) => level === 1)?.people[0] ?? '';
  await done(first, 'case', 'show', drill);
  await done(first, 'critical', 'take', drill);
  await done(first, 'case', 'show', drill);
  await done(first, 'critical', 'read-back', drill, '--identifier', `DRILL-${drill}`, '--finding', 'a drill', '--action', 'nothing');
  const shown = JSON.parse(await done('v-moreau', 'drill', 'show', drill, '--json')) as object;
  expect(shown).toMatchObject({
    caseNumber: drill,
    category: 2,
    outcome: 'passed',
    readBack: expect.any(Number),
    ended: null,
    window: (180 * 60) / Number(SPEED),
  });
}, 120_000);

it('a drill that nobody answers comes to the switchboard, on paper too; a real one opens, and the drill ends there and then', async () => {
  const order = plannedOrders(SEED, 40).find(({ kind, patientClass, then }) => kind === 'imaging' && patientClass === 'E' && then === null);
  if (order === undefined) throw new Error('the rehearsal has no order from the emergency department');
  const { placer, accession } = numbersOf(order.n);
  await on.openHospital(['--orders', String(order.n), '--rate', '0.1', '--seed', String(SEED), '--people', 'none']);
  await until(() => readRisSide(on.data).acknowledged.get(placer) === 'AA', PATIENCE_SECONDS);

  const begun = await done('c-reyes', 'drill', 'critical', '--site', testSite, '--service', SERVICE, '--reason', 'new pagers', '--json');
  const { caseNumber: drill } = JSON.parse(begun) as { caseNumber: string };
  await until(() => arrived(drill).some(({ channel }) => channel === 'print'), PATIENCE_SECONDS);
  const called = new Set(arrived(drill).map(({ to }) => to));
  expect(called.size).toBeGreaterThanOrEqual(4);
  const again = await as('dr-okafor', 'drill', 'critical', '--service', SERVICE, '--reason', 'once more');
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining(drill) });

  const finding = ['tension pneumothorax', '--category', '1', '--side', 'left'];
  const declared = await done('dr-okafor', 'critical', 'declare', '--accession', accession, ...finding);
  const real = /^(\S+) is written/u.exec(declared)?.[1] ?? '';
  await done('dr-okafor', 'case', 'show', real);
  await done('dr-okafor', 'critical', 'send', real);
  const toldSo = () => new Set(arrived(drill).flatMap(({ to, text }) => (saysEnded(text) ? [to] : [])));
  await until(() => [...called].every((one) => toldSo().has(one)), PATIENCE_SECONDS);

  const refused = await as('dr-okafor', 'drill', 'critical', '--service', SERVICE, '--reason', 'once more');
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining(real) });
  const listed = (await done('v-moreau', 'drill', 'list', '--json')).trim().split('\n');
  expect(listed).toHaveLength(2);
  const report = JSON.parse(listed[0] ?? '') as object;
  expect(report).toMatchObject({ caseNumber: drill, service: SERVICE, outcome: 'broken-off', ended: 'real-alert', agreed: null, acknowledged: null });
  expect(report).toHaveProperty('failsafe', expect.any(Number));

  // The real one climbs to its second level: a drill that went on would have called somebody meanwhile.
  await until(() => new Set(arrived(real).map(({ to }) => to)).size > 1, PATIENCE_SECONDS);
  await on.stop();
  const pages = arrived(drill);
  const endedAt = Math.min(...pages.flatMap(({ at, text }) => (saysEnded(text) ? [at] : [])));
  expect(pages.filter(({ text }) => !isMarked(text))).toEqual([]);
  expect(pages.filter(({ at, text }) => !saysEnded(text) && at > endedAt + ON_ITS_WAY_MS)).toEqual([]);
  expect(arrived(real).filter(({ text }) => isMarked(text))).toEqual([]);
  const shown = ledger('teams').filter((line) => line.includes(drill));
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((line) => !isMarked(line))).toEqual([]);
  // Of this one, of the one that was read back, and of the real one, which nobody has taken.
  expect(readCriticalSide(on.data)).toEqual({ ris: [], ehr: [] });
}, 600_000);
