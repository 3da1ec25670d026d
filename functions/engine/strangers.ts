import type { Instant } from '#core/time.js';
import type { Facility } from '#domain/site.js';
import type { Answers, Verdict } from '#ports/hl7-door.js';
import type { Parts } from './parts.ts';
import { refusals } from './refusals.ts';
import type { Refusals } from './refusals.ts';

type Needs = Pick<Parts, 'raw' | 'door' | 'audit' | 'clock' | 'log' | 'pressure'>;

/** The field by which this message is not one of this facility's; null: it may come in. */
export function strangeness(verdict: Verdict, facility: Facility | null): 'MSH-3' | 'MSH-4' | null {
  // A header that is refused anyway says itself what is wrong with it, also where MSH-4 can't be read.
  if (facility === null || verdict.ackCode === 'AR') return null;
  if (!facility.mshFacilities.includes(verdict.sendingFacility)) return 'MSH-4';
  const { mshApplications } = facility;
  return mshApplications.length === 0 || mshApplications.includes(verdict.sendingApplication) ? null : 'MSH-3';
}

/** Kept under an identity of its own: once the site allows this facility, the same bytes are read as if they were new. While the disk is nearly full it is counted only. */
export async function turnAway(
  parts: Needs,
  verdict: Verdict,
  field: 'MSH-3' | 'MSH-4',
  bytes: Buffer,
  hash: string,
  { endpoint }: { readonly endpoint: string },
  now: Instant,
): Promise<Answers & { readonly identity: string; readonly kept: boolean }> {
  const what = field === 'MSH-3' ? 'application' : 'facility';
  const reason = `This sending ${what} (${field}) may not come in at this door`;
  const answers = parts.door.refuse(bytes, 'AR', { segment: 'MSH', field: field === 'MSH-3' ? 3 : 4, code: '207', text: reason }, now);
  const identity = `${endpoint}:turned-away:${hash}`;
  const actor = { kind: 'sender', endpoint } as const;
  const detail = { why: what };
  if (isDiskShort(parts)) {
    parts.pressure?.refused(endpoint);
    const noted = await denials(parts).note({ source: endpoint, check: field, alone: 1, actor, action: 'hl7', detail, shared: detail });
    if (noted === 'recorded') parts.log.error('hl7.turned-away', { endpoint, field });
    return { ...answers, identity, kept: false };
  }
  await parts.audit.record({ caseId: null, at: now, actor, action: 'hl7', outcome: 'denied', detail });
  parts.log.error('hl7.turned-away', { endpoint, field });
  const { controlId, messageType } = verdict;
  const about = { controlId, sender: senderOf(verdict), messageType, answers, ackCode: 'AR', state: 'refused', reason } as const;
  const kept = await parts.raw.keep({ ...about, identity, endpoint, hash, bytes, length: bytes.length, receivedAt: now }, []);
  return { ...kept.answers, identity, kept: true };
}

/** Those who were turned away while the disk is nearly full: a row alone, then a count a minute. */
function denials(parts: Needs): Refusals {
  const known = allDenials.get(parts.audit) ?? refusals(parts);
  allDenials.set(parts.audit, known);
  return known;
}

const allDenials = new WeakMap<Needs['audit'], Refusals>();

/** Is so little of the disk free that nothing is kept that may be sent again? */
export function isDiskShort({ pressure }: Pick<Parts, 'pressure'>): boolean {
  return pressure?.isDiskShort() === true;
}

export function senderOf({ sendingApplication, sendingFacility }: Verdict): string {
  return `${sendingApplication}|${sendingFacility}`;
}
