import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { OutboxItem, OutboxShare, OutboxStore } from '#ports/outbox-store.js';
import { allClaimed } from './claimed.ts';
import type { Site } from './case-partition.ts';
import type { OutboxDocument } from './cosmos-documents.ts';
import { claim, lease, nextDue } from './outbox-claim.ts';

/**
 * Claims without a look over all cases, which costs request units in every physical partition: what this process made ready is read where it lies. The look that
 * remains, each `sweepSeconds` and for as long as it finds all that it may, finds what an instance that died, or an operator, left. 0: at each claim.
 */
export function outboxClaims(site: Site, sweepSeconds: number): Pick<OutboxStore, 'claim' | 'nextDue'> {
  if (sweepSeconds === 0) {
    return {
      claim: (now, leaseSeconds, most, share) => claim(site, now, leaseSeconds, most, share),
      nextDue: (share) => nextDue(site, share),
    };
  }
  /** By share: when the last look over all cases found less than it might. */
  const swept = new Map<string, Instant>();
  const isSwept = (name: string, now: Instant): boolean => {
    const last = swept.get(name);
    return last !== undefined && now >= last && now < addSeconds(last, sweepSeconds);
  };
  return {
    async claim(now, leaseSeconds, most, share) {
      const name = JSON.stringify(share ?? null);
      const known = await claimReady(site, now, leaseSeconds, most, share);
      const free = most - known.length;
      if (free === 0 || isSwept(name, now)) return known;
      const looked = claim(site, now, leaseSeconds, free, share).then((found) => {
        if (found.length < free) swept.set(name, now);
        else swept.delete(name);
        return found;
      });
      return (await allClaimed([Promise.resolve(known.length === 0 ? null : known), looked])).flat();
    },
    nextDue: (share) => Promise.resolve(site.ready.next(share)),
  };
}

/** One that is not due as it stands now is put back, or dropped: somebody else has it. */
async function claimReady(site: Site, now: Instant, leaseSeconds: number, most: number, share?: OutboxShare): Promise<OutboxItem[]> {
  return allClaimed(
    site.ready.take(now, most, share).map(async ({ caseId, id }) => {
      const item = await site.cosmos.read<OutboxDocument>('cases', caseId, id);
      if (item?.readyAt === undefined) return null;
      if (item.readyAt <= now) return lease(site, item, now, leaseSeconds);
      site.ready.add([item]);
      return null;
    }),
  );
}
