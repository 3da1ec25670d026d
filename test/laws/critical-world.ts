import { readFileSync } from 'node:fs';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import { toInstant } from '#core/time.js';
import { caseNumber, personId } from '#core/ids.js';
import { criticalRule, ladderRule } from '#domain/critical.js';
import type { About, Category, CriticalRule } from '#domain/critical.js';
import type { PagingChannel } from '#core/effect.js';
import type { Policy } from '#workflows/critical-results/policy.js';

/** A small hospital for histories of alerts: invented people, two services with two shifts a day, and what may be missing of it. */

export interface Gaps {
  readonly firstOnCall: boolean;
  readonly secondOnCall: boolean;
  readonly chief: boolean;
  readonly duty: boolean;
  readonly coordinator: boolean;
  readonly switchboard: boolean;
  readonly printer: boolean;
  readonly otherWays: boolean;
}

const HALF_DAY = 12 * 3_600_000;
export const START = Date.UTC(2026, 10, 25, 9, 0, 0);

const roles: Readonly<Record<string, readonly string[]>> = {
  'dr-okafor': ['reading-radiologist', 'protocoling-radiologist'],
  'dr-lindqvist': ['reading-radiologist'],
  'dr-both': ['reading-radiologist', 'referrer'],
  'dr-singh': ['oncall'],
  'dr-night': ['oncall'],
  'dr-moreau': ['oncall'],
  'dr-adler': ['oncall'],
  'dr-haas': ['oncall'],
  'dr-brandt': ['referrer'],
  'dr-elsewhere': ['oncall'],
  'dr-practice': ['oncall'],
  'c-reyes': ['coordinator'],
  's-tamm': ['switchboard'],
  't-novak': ['technologist'],
};
export const names = Object.keys(roles);
const people: ReadonlyMap<string, Person> = new Map(
  names.map((id, n) => [
    id,
    person.parse({ id, name: `Person ${n}`, roles: roles[id], aadObjectId: `6f1c1f0e-0c3b-4f0e-9d0a-6a2f5b8d1c${String(n).padStart(2, '0')}` }),
  ]),
);
export const personOf = (id: string): Person => people.get(id)!;

/** What each has besides the chat. */
export const waysOf: Readonly<Record<string, readonly PagingChannel[]>> = {
  'dr-okafor': ['pager', 'email'],
  'dr-lindqvist': ['sms'],
  'dr-both': ['pager', 'sms'],
  'dr-singh': ['pager', 'sms', 'voice', 'email'],
  'dr-night': ['pager', 'sms'],
  'dr-moreau': ['sms', 'email'],
  'dr-adler': [],
  'dr-haas': ['pager'],
  'dr-brandt': ['email'],
  'dr-elsewhere': ['pager'],
  'dr-practice': ['voice'],
  'c-reyes': ['sms'],
  's-tamm': ['voice'],
  't-novak': [],
};

const content = (name: string): { readonly defaults: object; readonly rows: readonly object[] } =>
  JSON.parse(readFileSync(new URL(`../../functions/content/critical/${name}.json`, import.meta.url), 'utf8'));
const rowsOf = (name: string): readonly object[] => content(name).rows.map((row) => ({ ...content(name).defaults, ...row }));
const rules: readonly CriticalRule[] = rowsOf('v1').map((row) => criticalRule.parse(row));
export const ruleFor = (category: Category): CriticalRule => rules.find((rule) => rule.category === category)!;
const ladders = rowsOf('ladders').map((row) => ladderRule.parse(row));

/** Who is on call, by the half of the day: the two shifts change at 9 and at 21, to the second. */
export function rosterAt(service: string, level: number, at: number, gaps: Gaps): readonly string[] {
  const isDay = Math.floor((at - START) / HALF_DAY) % 2 === 0;
  if (service === 'radiology') return level === 1 && !gaps.duty ? [isDay ? 'dr-okafor' : 'dr-lindqvist'] : [];
  if (service === 'neurosurgery' && level === 1) return gaps.firstOnCall ? [] : [isDay ? 'dr-singh' : 'dr-night'];
  if (service === 'neurosurgery' && level === 2) return gaps.secondOnCall ? [] : ['dr-moreau'];
  if (service === 'emergency' && level === 1) return gaps.firstOnCall ? [] : ['dr-haas'];
  if (service === 'practice' && level === 1) return gaps.firstOnCall ? [] : ['dr-practice'];
  return [];
}

export const isOffice = (at: number): boolean => new Date(at).getUTCHours() >= 8 && new Date(at).getUTCHours() < 18;
export const PROVIDERS: Readonly<Record<string, string>> = { P1: 'dr-brandt', P9: 'dr-both' };
/** Who is on call for the patients of an orderer. */
export const PRACTICES: Readonly<Record<string, string>> = { 'dr-brandt': 'practice' };
export const GOOD_FOR = 720;
export const holders = (role: string, gaps: Gaps): readonly string[] =>
  names
    .filter((id) => roles[id]!.includes(role))
    .filter(() => !(role === 'coordinator' && gaps.coordinator) && !(role === 'switchboard' && gaps.switchboard));

export function policyWith(gaps: Gaps): Policy {
  const ids = (some: readonly string[]) => some.map((id) => personId.parse(id));
  return {
    rules,
    ladders,
    services: [
      { id: 'neurosurgery', name: 'Neurosurgery', pointsOfCare: ['W3', 'NCLIN'], chief: gaps.chief ? null : personId.parse('dr-adler'), phone: null },
      { id: 'emergency', name: 'Emergency', pointsOfCare: ['ED'], chief: null, phone: null },
      { id: 'practice', name: 'Practice', pointsOfCare: [], chief: null, phone: null },
    ],
    onCall: (service, level, at) => {
      const now = Date.parse(at);
      const next = START + (Math.floor((now - START) / HALF_DAY) + 1) * HALF_DAY;
      return { people: ids(rosterAt(service, level, now, gaps)), until: toInstant(next) };
    },
    radiology: 'radiology',
    isOfficeHours: (at) => isOffice(Date.parse(at)),
    withRole: (role) => ids(holders(role, gaps)),
    providers: Object.fromEntries(Object.entries(PROVIDERS).map(([code, id]) => [code, personId.parse(id)])),
    practiceOf: (id) => PRACTICES[id] ?? null,
    channelsOf: (id) => (gaps.otherWays ? [] : (waysOf[id] ?? [])),
    phoneOf: () => '4711',
    nameOf: (id) => people.get(id)?.name ?? id,
    readingRoom: { name: 'Reading room', phone: '4700' },
    switchboard: { phone: '9', printer: gaps.printer ? null : 'PRINTER' },
    record: ['ORU^R01', 'MDM^T02', 'Communication'],
    place: 'critical',
    locationGoodForMinutes: GOOD_FOR,
    unsentAfterSeconds: [60, 120],
    zone: 'Europe/London',
  };
}

export const NUMBER = caseNumber.parse('7KF3QN');
export const ACCESSION = 'ACC7719001';
export const RECORD = '0048813';
/** What no shared surface may hold. */
export const SECRETS = ['Vandermolen', 'Ottilie', RECORD, '19610303', '1961', ACCESSION, 'pneumothorax', 'my own words'];

export function aboutWith(patientClass: string, pointOfCare: string | null, provider: string | null): About {
  return {
    placerOrderNumber: { id: 'P1', assigner: 'HIS' },
    fillerOrderNumber: null,
    accessionNumber: ACCESSION,
    patient: {
      ...{ id: RECORD, assigner: 'MRN', identifiers: [{ id: RECORD, assigner: 'MRN', type: 'MR' }] },
      ...{ name: { family: 'Vandermolen', given: 'Ottilie' }, birthDate: '19610303', sex: 'F' },
    },
    procedure: null,
    priority: 'S',
    patientClass,
    orderingProvider: provider === null ? null : { id: provider, name: 'Someone' },
    orderCase: null,
    exam: 'CT chest',
    modality: 'CT',
    location: pointOfCare === null ? null : { at: { pointOfCare, room: '', bed: '', facility: '' }, asOf: toInstant(START) },
  };
}
