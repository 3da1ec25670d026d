import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import type { Language } from '#core/language.js';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import { drillFaults, drillRules } from '#domain/drill.js';
import { GRID_FEED, PACS_FEED } from '#domain/feed-state.js';
import { onCallRules } from '#domain/on-call.js';
import { rosterFaults, rulesFaults } from '#domain/on-call-check.js';
import { isLoopback, pagingKeysOf, pagingSettings, placesOf } from '#domain/paging.js';
import type { PagingSettings } from '#domain/paging.js';
import { channels, endpoints, fieldMap, modes, procedureMap, siteSettings } from '#domain/site.js';
import type { Site } from '#domain/site.js';
import { readExportKey } from './export-key.ts';
import { readRosters } from './roster/files.ts';

/** A site's folder that cannot be used. The message names each fault as `file: field: what is wrong`, one a line. */
export class SiteError extends Error {
  override readonly name = 'SiteError';
}

/** Places that a workflow posts to: channels.json must map each of them. */
const NEEDED_PLACES = ['protocoling'];

/**
 * Reads a site's folder (`infra/rehearsal/site` is the worked example).
 * Throws SiteError naming file and field for a missing file, a wrong field, an unmapped place, and a rehearsal site that points off this machine.
 * @param now Unix time in milliseconds: a roster may name people who have left, but not from then on
 */
export function readSite(dir: string, now = Date.now()): Site {
  return siteWhere(dir, (site) => faultsOfRosters(dir, site, now));
}

/** The same for what has to run: nobody's night may hang on a roster. What is wrong with one is seen, and said, by `liveRoster`. */
export function siteToRun(dir: string): Site {
  return siteWhere(dir, ({ onCall, people }) => (onCall === null ? [] : rulesFaults(onCall, people)));
}

function siteWhere(dir: string, onCallFaultsOf: (site: Site) => readonly string[]): Site {
  const faults: string[] = [];
  const read = <T>(file: string, schema: z.ZodType<T>): T | null => readPart(dir, file, schema, faults);
  const settings = read('site.json', siteSettings);
  const people = read('people.json', z.array(person));
  const channelsPart = read('channels.json', channels);
  const modesPart = read('modes.json', modes);
  const endpointsPart = read('endpoints/endpoints.json', endpoints);
  const fields = read('hl7/field-map.json', fieldMap);
  const procedures = read('hl7/procedure-map.json', procedureMap);
  const onCall = existsSync(join(dir, 'on-call.json')) ? read('on-call.json', onCallRules) : null;
  const paging = existsSync(join(dir, 'paging.json')) ? read('paging.json', pagingSettings) : null;
  const drills = existsSync(join(dir, 'drills.json')) ? read('drills.json', drillRules) : null;
  if (paging !== null) faults.push(...pagingFaults(paging, dir));
  if (
    settings === null || people === null || channelsPart === null || modesPart === null ||
    endpointsPart === null || fields === null || procedures === null
  ) throw new SiteError(faults.join('\n')); // prettier-ignore
  const exportKey = settings.exportKey === null ? null : readExportKey(dir, settings.exportKey);
  if (exportKey?.ok === false) faults.push(`site.json: exportKey: ${exportKey.why}`);
  const site: Site = {
    settings: { ...settings, exportKey: exportKey?.ok === true ? exportKey.pem : null },
    // Who has no language of their own reads the site's.
    people: people.map((one) => ({ language: settings.language, ...one })), channels: channelsPart, modes: modesPart, endpoints: endpointsPart, fieldMap: fields, procedureMap: procedures, onCall, drills, paging,
  }; // prettier-ignore
  faults.push(...contradictions(site), ...onCallFaultsOf(site), ...(drills === null || onCall === null ? [] : drillFaults(drills, onCall.services)));
  if (faults.length > 0) throw new SiteError(faults.join('\n'));
  return site;
}

/**
 * people.json alone, as it is now. Throws SiteError as readSite does; also for a file that names nobody: nobody could mend it from within.
 * @param language of who has none of their own
 */
export function readPeople(dir: string, language: Language): readonly Person[] {
  const faults: string[] = [];
  const people = readPart(dir, 'people.json', z.array(person).min(1), faults) ?? [];
  faults.push(...peopleFaults(people));
  if (faults.length > 0) throw new SiteError(faults.join('\n'));
  return people.map((one) => ({ language, ...one }));
}

/** Twelve hexadecimal digits that change when anything in the site's folder changes but its rosters; the order of keys does not count. */
export function siteVersion(site: Site): string {
  return createHash('sha256').update(canonical(site)).digest('hex').slice(0, 12);
}

function readPart<T>(dir: string, file: string, schema: z.ZodType<T>, faults: string[]): T | null {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(dir, file), 'utf8'));
  } catch (error) {
    faults.push(`${file}: ${whyUnreadable(error)}`);
    return null;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) faults.push(`${file}: ${fieldName(issue.path)}: ${issue.message.replace(/^Invalid input: /u, '')}`);
  return null;
}

function whyUnreadable(error: unknown): string {
  if (error instanceof SyntaxError) return `is not JSON (${error.message})`;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  return code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`;
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(whole file)' : path.map(String).join('.');
}

/** What each file alone cannot show to be wrong. */
function contradictions(site: Site): string[] {
  const faults: string[] = [];
  for (const place of NEEDED_PLACES) {
    if (!(place in site.channels.places)) faults.push(`channels.json: places.${place}: expected a channel, nothing is mapped`);
  }
  if (!isZone(site.settings.zone)) faults.push(`site.json: zone: expected an IANA time zone, got "${site.settings.zone}"`);
  faults.push(...peopleFaults(site.people), ...practiceFaults(site));
  const codes = [...site.procedureMap.imaging, ...site.procedureMap.notImaging].map((row) => row.code);
  const twice = firstRepeated(codes);
  if (twice !== null) faults.push(`hl7/procedure-map.json: code: "${twice}" is listed twice`);
  const feed = firstRepeated([GRID_FEED, PACS_FEED, ...(site.endpoints.ehr.subscriptions?.rows.map(({ name }) => name) ?? [])]);
  if (feed !== null) faults.push(`endpoints/endpoints.json: ehr.subscriptions.rows: name "${feed}" stands for two feeds`);
  const { readingPriorityTo } = site.settings.critical;
  if (readingPriorityTo !== null && !Object.hasOwn(site.endpoints.destinations, readingPriorityTo))
    faults.push(`site.json: critical.readingPriorityTo: expected a destination of endpoints.json, got "${readingPriorityTo}"`);
  faults.push(...doorFaults(site));
  if (site.settings.rehearsal) faults.push(...offLoopback(site));
  return faults;
}

/** A printer that is none, and files of keys that are not there: found at the start, not at the first page of a night. */
function pagingFaults(paging: PagingSettings, dir: string): string[] {
  const { printer } = paging.switchboard;
  const unknown = printer !== null && !Object.hasOwn(paging.channels.print?.printers ?? {}, printer);
  return [
    ...(unknown ? [`paging.json: switchboard.printer: expected a printer of channels.print.printers, got "${printer}"`] : []),
    ...pagingKeysOf(paging).flatMap(({ field, file }) => {
      try {
        return readFileSync(join(dir, file), 'utf8').trim() === '' ? [`paging.json: ${field}: ${file} is empty`] : [];
      } catch (error) {
        return [`paging.json: ${field}: ${file} ${whyUnreadable(error)}`];
      }
    }),
  ];
}

function faultsOfRosters(dir: string, { settings: { zone }, people, onCall }: Site, now: number): readonly string[] {
  if (!isZone(zone)) return [];
  const { roster, faults } = readRosters(dir, zone);
  return faults.length > 0 ? faults : rosterFaults(onCall, roster, people, now);
}

/** One account, one number, one person. */
function peopleFaults(people: readonly Person[]): string[] {
  return ([
    ['id', people.map((one) => one.id)],
    ['aadObjectId', people.map((one) => one.aadObjectId.toLowerCase())],
    ['providerIds', people.flatMap((one) => one.providerIds)],
    ['osAccount', people.flatMap((one) => one.osAccount ?? [])],
  ] as const).flatMap(([field, values]) => {
    const twice = firstRepeated(values);
    return twice === null ? [] : [`people.json: ${field}: "${twice}" stands for two people`];
  }); // prettier-ignore
}

/** A practice that is no service has nobody on call. */
function practiceFaults({ people, onCall }: Site): string[] {
  const isThere = (practice: string): boolean => onCall?.services.some(({ id }) => id === practice) === true;
  return people.flatMap(({ id, practice }) =>
    practice === undefined || isThere(practice)
      ? []
      : [`people.json: ${id}: practice: expected the id of a service of on-call.json, got "${practice}"`],
  );
}

/** Who may come in, and where answers go: two facilities by one name could be taken for one another. */
function doorFaults({ settings: { facilities }, endpoints: { destinations } }: Site): string[] {
  const faults: string[] = [];
  for (const [field, values] of [
    ['id', facilities.map((one) => one.id)],
    ['tokenSha256', facilities.flatMap((one) => one.tokenSha256 ?? [])],
    ['certificateNames', facilities.flatMap((one) => one.certificateNames)],
  ] as const) {
    const twice = firstRepeated(values);
    if (twice !== null) faults.push(`site.json: facilities: ${field} "${twice}" stands for two facilities`);
  }
  for (const { id, answersTo } of facilities) {
    if (answersTo !== null && !(answersTo in destinations))
      faults.push(`site.json: facilities.${id}.answersTo: expected a destination of endpoints.json, got "${answersTo}"`);
  }
  for (const [name, { answeredBy }] of Object.entries(destinations)) {
    if (answeredBy !== null && !facilities.some(({ id }) => id === answeredBy))
      faults.push(`endpoints/endpoints.json: destinations.${name}.answeredBy: expected a facility of site.json, got "${answeredBy}"`);
  }
  return faults;
}

/** The site as it is, once the environment's addresses stand in it: a rehearsal site stays on this machine whoever names the address. */
export function keptOnLoopback(site: Site): Site {
  const faults = site.settings.rehearsal ? offLoopback(site) : [];
  if (faults.length > 0) throw new SiteError(faults.join('\n'));
  return site;
}

function offLoopback(site: Site): string[] {
  const faults: string[] = [];
  const check = (where: string, host: string): void => {
    if (!isLoopback(host)) faults.push(`${where}: a rehearsal site may only reach this machine (127.0.0.1), got "${host}"`);
  };
  for (const [name, destination] of Object.entries(site.endpoints.destinations)) {
    check(`endpoints/endpoints.json: destinations.${name}.host`, destination.host);
  }
  check('endpoints/endpoints.json: ehr.baseUrl', new URL(site.endpoints.ehr.baseUrl).hostname);
  if (site.endpoints.ehr.smart !== null) check('endpoints/endpoints.json: ehr.smart.tokenUrl', new URL(site.endpoints.ehr.smart.tokenUrl).hostname);
  if (site.endpoints.pacs !== null) check('endpoints/endpoints.json: pacs.baseUrl', new URL(site.endpoints.pacs.baseUrl).hostname);
  if (site.endpoints.model !== null) check('endpoints/endpoints.json: model.url', new URL(site.endpoints.model.url).hostname);
  check('channels.json: serviceUrl', new URL(site.channels.serviceUrl).hostname);
  for (const { field, host } of site.paging === null ? [] : placesOf(site.paging)) check(`paging.json: ${field}`, host);
  if (site.paging?.deadman !== undefined) check('paging.json: deadman.url', new URL(site.paging.deadman.url).hostname);
  return faults;
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function firstRepeated(values: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) return value;
    seen.add(value);
  }
  return null;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
