import { setTimeout as pause } from 'node:timers/promises';
import type { StoreAt } from './azure-part.ts';
import { recordsOf } from './records.ts';
import type { RawRow, Records } from './records-shape.ts';

/** What a running service has kept, whichever parts it is on. Opened anew for each look. */
async function looking<T>(kept: StoreAt, work: (records: Records) => Promise<T>): Promise<T> {
  const records = await recordsOf(kept);
  try {
    return await work(records);
  } finally {
    await records.close();
  }
}

/** Oldest first. */
export function rawRows(kept: StoreAt): Promise<RawRow[]> {
  return looking(kept, (records) => records.raw());
}

/** How much there is of everything that a message could change. */
export function amounts(kept: StoreAt): Promise<Readonly<Record<'cases' | 'facts' | 'outbox' | 'audit' | 'raw', number>>> {
  return looking(kept, async (records) => ({
    ...{ cases: await records.cases(), facts: (await records.facts()).length, outbox: (await records.effects()).length },
    ...{ audit: await records.auditRows(), raw: (await records.raw()).length },
  }));
}

/** Case number and fact types of the order with this placer number, oldest first; null when no case was opened under it. */
export function caseOf(kept: StoreAt, placer: string): Promise<{ readonly number: string; readonly facts: readonly string[] } | null> {
  return looking(kept, async (records) => {
    const all = await records.facts<{ order?: { placerOrderNumber: { id: string } } }>();
    const opened = all.find(({ type, fact }) => type === 'orderOpened' && fact.order?.placerOrderNumber.id === placer);
    if (opened === undefined) return null;
    return { number: opened.number, facts: all.filter(({ caseId }) => caseId === opened.caseId).map(({ type }) => type) };
  });
}

/** Numbers of the cases that hold a message back. */
export function holds(kept: StoreAt): Promise<{ readonly cases: readonly string[]; readonly messages: number }> {
  return looking(kept, async (records) => {
    const held = await records.facts('messageHeld');
    return { cases: [...new Set(held.map(({ number }) => number))], messages: held.length };
  });
}

/** Waits until nothing is on its way any more: no event to be told, nothing to be sent, for a second. */
export async function untilQuiet(kept: StoreAt, seconds: number): Promise<void> {
  const until = Date.now() + seconds * 1000;
  let quietSince: number | null = null;
  while (Date.now() < until) {
    const underWay = await looking(kept, async (records) => {
      const events = (await records.events()).filter((state) => state !== 'quarantined');
      const effects = (await records.effects()).filter(({ state }) => state === 'waiting' || state === 'leased');
      return events.length + effects.length;
    });
    quietSince = underWay > 0 ? null : (quietSince ?? Date.now());
    if (quietSince !== null && Date.now() - quietSince > 1000) return;
    await pause(200);
  }
  throw new Error(`The service was still at work after ${String(seconds)} s.`);
}

export type { RawRow } from './records-shape.ts';
