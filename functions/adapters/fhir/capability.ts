import type { Instant } from '#core/time.js';
import { epochOf } from '#core/time.js';
import type { FhirOffer, FhirParams } from '#ports/fhir-client.js';
import { at, listAt, textAt } from './read.ts';

const HOLDS_MS = 24 * 3600 * 1000;
/** A server that did not tell is asked again after this. */
const AFTER_FAILURE_MS = 5 * 60 * 1000;

export type Offers = ReadonlyMap<string, FhirOffer>;

/** What the server offers by resource type; null when the statement lists no types, which says nothing. */
export function offersOf(statement: unknown): Offers | null {
  if (textAt(statement, 'resourceType') !== 'CapabilityStatement') return null;
  const rest = listAt(statement, 'rest').find((one) => textAt(one, 'mode') !== 'client');
  const common = namesOf(rest);
  const offers = new Map<string, FhirOffer>();
  for (const resource of listAt(rest, 'resource')) {
    const type = textAt(resource, 'type');
    if (type === null) continue;
    const own = namesOf(resource);
    const includes = listAt(resource, 'searchInclude').filter((one) => typeof one === 'string');
    const conditional = at(resource, 'conditionalCreate');
    offers.set(type, {
      // What holds for every type adds to a list; alone it is none.
      searchParams: own.length === 0 ? [] : [...own, ...common],
      includes,
      conditionalCreate: typeof conditional === 'boolean' ? conditional : null,
    });
  }
  return offers.size === 0 ? null : offers;
}

function namesOf(holder: unknown): readonly string[] {
  return listAt(holder, 'searchParam').flatMap((one) => textAt(one, 'name') ?? []);
}

/**
 * The offers as they were read last: once in 24 h, in the background. Who asks waits for the first reading for at most `seconds`; a server that does not
 * tell is used as if it offered everything.
 * @param statement gives the CapabilityStatement, or null
 */
export function offersReader(statement: () => Promise<unknown>, now: () => Instant): (seconds: number) => Promise<Offers | null> {
  let known: Offers | null = null;
  let askAgainAt = -Infinity;
  let reading: Promise<void> | null = null;
  const readNow = async (): Promise<void> => {
    const read = await statement();
    // A time that was never reached is a failure, a statement without types an answer.
    askAgainAt = epochOf(now()) + (read === null ? AFTER_FAILURE_MS : HOLDS_MS);
    if (read !== null) known = offersOf(read);
  };
  return async (seconds) => {
    if (epochOf(now()) >= askAgainAt) {
      reading ??= readNow().finally(() => {
        reading = null;
      });
    }
    if (reading !== null && known === null) await Promise.race([reading, pause(seconds)]);
    return known;
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000).unref();
  });
}

const RESULT_PARAMETERS = ['_sort', '_count', '_include', '_revinclude', '_summary', '_elements', '_total'];
const MORE_ROWS = 100;

/**
 * A search of one patient's resources as this server can do it; what it can't filter or sort is filtered and sorted by those who read the answer.
 * `_sort` is seldom listed where it works: it is left out only by a server that lists other parameters of its kind.
 * @returns null when the server does not offer this type
 */
export function fitted(offers: Offers | null, type: string, patientId: string, params: FhirParams, include?: string): FhirParams | null {
  const standard = { patient: patientId, ...params };
  if (offers === null) return standard;
  const offer = offers.get(type);
  if (offer === undefined) return null;
  const included = include !== undefined && (offer.includes.includes(include) || offer.includes.includes('*')) ? { _include: include } : {};
  const names = offer.searchParams;
  if (names.length === 0) return { ...standard, ...included };
  const by: FhirParams = !names.includes('patient') && names.includes('subject') ? { subject: `Patient/${patientId}` } : { patient: patientId };
  const sorts = names.includes('_sort') || !names.some((name) => RESULT_PARAMETERS.includes(name));
  const kept = Object.entries(params).filter(([name]) => (name === '_sort' ? sorts : name === '_count' || names.includes(name)));
  const fewer = kept.length < Object.keys(params).length;
  return { ...by, ...Object.fromEntries(kept), ...(fewer ? { _count: MORE_ROWS } : {}), ...included };
}
