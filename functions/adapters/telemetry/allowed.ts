import { isIP } from 'node:net';
import { EFFECT_KINDS, pagingChannel } from '#core/effect.js';
import type { FieldKind } from '#ports/log-lines.js';

/** Names besides the site's own that may stand in `configured` fields: doors, feeds, workers, workflows of Radloop itself. */
const DOORS = ['mllp', 'https', 'to', 'fhir', 'pacs', 'event-grid', 'paging', 'canary', 'unknown', 'control'];
const RECEIVERS = ['ehr', 'EHR', 'teams', 'inner', 'ris', ...pagingChannel.options];
const WORKERS = [
  'routes',
  'events',
  'outbox',
  'the',
  'people',
  'critical',
  'drills',
  'STAT',
  'edits',
  'new',
  'cards',
  'deadlines',
  'deliver',
  'answers',
  'audit-seal',
  'audit-anchor',
  'downtime',
  'retention',
  'backup',
];
const WORKFLOWS = ['progress', 'protocoling', 'break-glass', 'critical-results', 'on-call-gaps', 'follow-up'];
const OWN_NAMES = [...DOORS, ...RECEIVERS, ...WORKERS, ...EFFECT_KINDS, ...WORKFLOWS];

export interface Allowed {
  /** What may be written in its place; undefined: nothing. */
  value(kind: FieldKind, value: unknown): string | number | boolean | null | undefined;
  isConfigured(name: string): boolean;
}

/**
 * @param names of the site's folder: facilities, destinations, subscriptions
 * @param hash keyed, so that whoever reads a log can't try ids out
 */
export function allowed(names: readonly string[], hash: (text: string) => Uint8Array): Allowed {
  const known = new Set([...OWN_NAMES, ...names]);
  // The same few names come again and again: each is looked at once. A sender can't make it grow, as what is not known is not kept.
  const seen = new Set<string>();
  const isConfigured = (name: string): boolean => {
    if (seen.has(name)) return true;
    const fits = known.has(name) || name.split(/[ :]/u).every((part) => known.has(part));
    if (fits) seen.add(name);
    return fits;
  };
  const sets = new Map<FieldKind, ReadonlySet<string>>();
  const wordsOf = (kind: FieldKind & { readonly words: readonly string[] }): ReadonlySet<string> => {
    const made = sets.get(kind) ?? new Set(kind.words);
    sets.set(kind, made);
    return made;
  };
  return {
    isConfigured,
    value(kind, value) {
      switch (kind.is) {
        case 'words':
          return typeof value === 'string' && wordsOf(kind).has(value) ? value : undefined;
        case 'kind':
          return value === null ? null : typeof value === 'string' ? (wordsOf(kind).has(value) ? value : 'other') : undefined;
        case 'count':
          return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
        case 'duration':
          return typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : undefined;
        case 'status':
          return value === null || (Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599) ? (value as number | null) : undefined;
        case 'flag':
          return typeof value === 'boolean' ? value : undefined;
        case 'fault':
          return faultIn(value);
        case 'opaque':
          return typeof value === 'string' ? Buffer.from(hash(value)).toString('hex').slice(0, 16) : undefined;
        case 'configured':
          return typeof value === 'string' && isConfigured(value) ? value : undefined;
        case 'address':
          // A door that does not know who is at the other end gives its own name.
          return typeof value === 'string' && (isIP(value) !== 0 || isConfigured(value)) ? value : undefined;
        default:
          return kind satisfies never;
      }
    },
  };
}

/** The class's name, and Node's own code (`ENOSPC`, `ERR_SQLITE_ERROR`). The message may quote what was being read and is never written, nor is a name that an object gives itself. */
function faultIn(error: unknown): string {
  if (!(error instanceof Error)) return 'no Error';
  const { name } = error.constructor;
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E(?:RR_)?[A-Z0-9_]{2,40}$/u.test(code) ? `${name} ${code}` : name;
}
