import { readSite } from '#adapters/embedded/site-folder.js';
import type { MllpServerOptions } from '#adapters/hl7/mllp-server.js';
import { hl7Sender } from '#adapters/hl7/sender.js';
import type { Destination } from '#adapters/hl7/sender.js';
import type { Facility } from '#domain/site.js';
import { doorkeeper } from '#engine/doorkeeper.js';
import { keepNoise, receiveOversize } from '#engine/intake.js';
import { startEngineFixture } from './engine-fixture.ts';
import type { EngineFixture } from './engine-fixture.ts';
import { later, listening } from './mllp-wire-listener.ts';
import type { Listening } from './mllp-wire-listener.ts';
import { testSite } from './planned-orders.ts';

/** The listener with the real door, intake and stores behind it. */
export interface WireDoor extends Listening {
  readonly fixture: EngineFixture;
  /** Messages in the inbox (what was no message is left out), events of cases, reports, studies and appointments. */
  readonly effects: () => { readonly messages: number; readonly events: number; readonly arrivals: number };
  /** Application answers that have not left yet. */
  readonly owed: () => number;
}

export async function wireDoor({
  facilities,
  ...more
}: Partial<MllpServerOptions> & { readonly facilities?: readonly Facility[] } = {}): Promise<WireDoor> {
  const fixture = startEngineFixture('assist');
  later(() => fixture.close());
  if (facilities !== undefined) Object.assign(fixture.parts, { facilities });
  const { bringerFor, refused } = doorkeeper(fixture.parts);
  const { parts, stores } = fixture;
  const count = (sql: string): number => stores.db.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)?.n ?? 0;
  const unsettled = new Set<Promise<unknown>>();
  const settled = (work: Promise<unknown>): void => {
    const mine = work.finally(() => unsettled.delete(mine));
    unsettled.add(mine);
  };
  later(() => Promise.all(unsettled));
  const wire = await listening({
    onMessage: (bytes, peer) => fixture.receive(bytes, bringerFor(peer.certificateNames)),
    onOversize: ({ first64k, length, sha256 }, peer) => receiveOversize(parts, first64k, length, sha256, bringerFor(peer.certificateNames)),
    onAnswered: (identity) => {
      settled(stores.raw.answered(identity));
    },
    onFault: ({ bytes, length, why, peer }) => {
      settled(keepNoise(parts, bytes, length, why, bringerFor(peer.certificateNames)));
    },
    onRefused: ({ address, why }) => {
      refused(address, why);
    },
    ...more,
  });
  return {
    ...wire,
    fixture,
    effects: () => ({ messages: count(`raw WHERE coalesce(named, '') NOT LIKE '%:noise:%'`), events: count('events'), arrivals: count('arrivals') }),
    owed: () => count('raw WHERE owed = 1'),
  };
}

/** Puts the real sender, with this RIS, in place of the fixture's. */
export function sendTo(fixture: EngineFixture, port: number, more: Partial<Destination> = {}): { close(): void } {
  const { endpoints, fieldMap } = readSite(testSite);
  const planned = endpoints.destinations['ris'];
  if (planned === undefined) throw new Error('the rehearsal has no RIS');
  const destinations = { ris: { ...planned, port, ackTimeoutSeconds: 2, ...more } };
  const hl7 = hl7Sender({
    destinations,
    fieldMap,
    onAnswer: async (bytes, destination) => (await fixture.receive(bytes, { endpoint: `to:${destination}`, facility: null, destination })).commit,
  });
  later(() => {
    hl7.close();
  });
  Object.assign(fixture.parts, { hl7, destinations });
  return hl7;
}
