import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ports } from '../../infra/local/installation.ts';
import { REHEARSAL_ACCESS_KEY, REHEARSAL_SECRET } from '../../infra/rehearsal/paging-side.ts';
import { testSite } from '../support/planned-orders.ts';
import type { Channel, Due } from './critical-timeline.ts';

/** A hospital for an outage: the same people on call round the clock, all ways of paging set up, no cards of orders. */

/** Wards, their service's first and second on call and its chief. */
export const wards = [
  { ward: 'ED', patientClass: 'E', service: 'emergency', first: 'dr-abebe', second: 'dr-castillo', chief: 'dr-abebe' },
  { ward: '5N', patientClass: 'I', service: 'neurosurgery', first: 'dr-vance', second: 'dr-marchetti', chief: 'dr-marchetti' },
  { ward: '4S', patientClass: 'I', service: 'general-surgery', first: 'dr-laurent', second: 'dr-fujita', chief: 'dr-fujita' },
  { ward: '6W', patientClass: 'I', service: 'medicine', first: 'dr-mensah', second: 'dr-kaplan', chief: 'dr-mensah' },
  { ward: 'ICU', patientClass: 'I', service: 'icu', first: 'dr-ahlberg', second: 'dr-sandoval', chief: 'dr-sandoval' },
] as const;
export type Ward = (typeof wards)[number];
export const DUTY = 'dr-okafor';
export const DECLARER = 'dr-lindqvist';
export const COORDINATOR = 'c-reyes';
export const SWITCHBOARD = 'w-dubois';
/** Placed every order. */
const ORDERER = 'dr-haddad';

interface Listed {
  readonly id: string;
  readonly contacts?: Readonly<Record<string, string>>;
}
const people = JSON.parse(readFileSync(join(testSite, 'people.json'), 'utf8')) as readonly Listed[];

/** Whose address it is; the printer is nobody's. */
export function whoIsAt(channel: Channel, address: string): string | undefined {
  return people.find(({ contacts }) => contacts?.[channel] === address)?.id;
}

const SET_UP: readonly string[] = ['pager', 'sms', 'email'];
/** Everything that they have of what the category names, chat aside. */
function waysOf(person: string, channels: readonly Channel[]): readonly Channel[] {
  const contacts = people.find(({ id }) => id === person)?.contacts;
  return channels.filter((channel) => SET_UP.includes(channel) && contacts?.[channel] !== undefined);
}

/** A copy of the rehearsal site. `pagingAt` writes paging.json once the ports are known. */
export function outageSite(): { readonly folder: string; readonly pagingAt: (ports: Ports) => void; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-site-'));
  cpSync(testSite, folder, { recursive: true });
  const roster = join(folder, 'roster');
  for (const file of readdirSync(roster)) rmSync(join(roster, file));
  const always = (service: string, ...ids: readonly string[]): void => {
    const shifts = ids.map((id, index) => `${id},${index + 1},2020-01-01T00:00,2040-01-01T00:00`);
    writeFileSync(join(roster, `${service}.csv`), ['person,level,from,until', ...shifts, ''].join('\n'));
  };
  for (const { service, first, second } of wards) always(service, first, second);
  for (const service of ['radiology', 'neuro']) always(service, DUTY, DECLARER);
  const write = (name: string, value: object): void => writeFileSync(join(folder, name), JSON.stringify(value));
  const onCall = JSON.parse(readFileSync(join(folder, 'on-call.json'), 'utf8')) as { services: { id: string }[] };
  const services = onCall.services.map((one) => ({
    ...one,
    ...wards.filter(({ service }) => service === one.id).map(({ chief }) => ({ chief }))[0],
  }));
  write('on-call.json', { ...onCall, services });
  // In English for everybody: the ledgers are read by what is written there.
  write('people.json', people.map((one) => ({ ...one, language: 'en' }))); // prettier-ignore
  write('modes.json', [
    { workflow: 'protocoling', modality: '*', mode: 'silent' },
    { workflow: 'critical-results', modality: '*', mode: 'assist' },
  ]);
  mkdirSync(join(folder, 'keys'), { recursive: true });
  writeFileSync(join(folder, 'keys', 'pager'), REHEARSAL_SECRET, { mode: 0o600 });
  writeFileSync(join(folder, 'keys', 'gateway'), REHEARSAL_ACCESS_KEY, { mode: 0o600 });
  return {
    folder,
    pagingAt({ pages, smtp, printer }) {
      const url = `http://127.0.0.1:${pages}`;
      write('paging.json', {
        readingRoom: { name: 'Reading room', phone: '+1 555 0100' },
        channels: {
          pager: { kind: 'webhook', url: `${url}/pager`, secretFile: 'keys/pager' },
          sms: { endpoint: url, keyFile: 'keys/gateway', from: '+15550199' },
          email: { host: '127.0.0.1', port: smtp, tls: 'none', from: 'radloop@radloop-general.example' },
          print: { printers: { switchboard: { host: '127.0.0.1', port: printer } } },
        },
        switchboard: { phone: '+1 555 0111', printer: 'switchboard' },
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The windows of functions/content/critical, so many times as fast, in milliseconds. */
function rulesAt(speed: number) {
  const { rows } = JSON.parse(readFileSync('functions/content/critical/v1.json', 'utf8')) as {
    rows: readonly {
      readonly category: number;
      readonly levelsAfterMinutes: readonly number[];
      readonly channels: readonly Channel[];
      readonly failsafeAfterMinutes: number;
      readonly failsafeEveryMinutes: number;
      readonly failsafeRestsMinutes: number;
      readonly readBackWithinMinutes: number;
    }[];
  };
  const ms = (minutes: number): number => (minutes * 60_000) / speed;
  return (category: 1 | 2) => {
    const rule = rows.find((row) => row.category === category)!;
    const ends = [...rule.levelsAfterMinutes.slice(1), rule.failsafeAfterMinutes];
    return {
      windows: ends.map((end, index) => ms(end - rule.levelsAfterMinutes[index]!)),
      failsafe: { every: ms(rule.failsafeEveryMinutes), rests: ms(rule.failsafeRestsMinutes) },
      readBackWithin: ms(rule.readBackWithinMinutes),
      ways: (person: string) => waysOf(person, rule.channels),
    };
  };
}

/** When somebody sent it, and when they knew that they had. */
export type Sent = Pick<Due, 'alert' | 'asked' | 'since'>;

/** What the policy makes due for what this hospital sends and asks. */
export function policyAt(speed: number) {
  const ruleOf = rulesAt(speed);
  return {
    sent(of: Sent, category: 1 | 2, { first, second, chief }: Ward): Due {
      const { windows, failsafe, ...rule } = ruleOf(category);
      const levels = [[first], [second, ORDERER], [chief, DUTY, COORDINATOR]];
      return {
        ...{ ...of, declarer: DECLARER, ...rule },
        levels: levels.map((called, index) => ({ people: called, lasts: windows[index]! })),
        failsafe: { people: [SWITCHBOARD, COORDINATOR], ...failsafe },
      };
    },
    /** The duty radiologist, the coordinator, then both again and again, and paper. */
    asked(of: Sent, category: 1 | 2): Due {
      const { windows, failsafe, ...rule } = ruleOf(category);
      const levels = [[DUTY], [COORDINATOR]].map((called, index) => ({ people: called, lasts: windows[index]! }));
      return { ...of, declarer: null, levels, failsafe: { people: [], ...failsafe }, ...rule };
    },
  };
}
