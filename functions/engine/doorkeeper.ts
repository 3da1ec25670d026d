import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Facility } from '#domain/site.js';
import type { Bringer } from './intake.ts';
import type { Parts } from './parts.ts';

type Needs = Pick<Parts, 'audit' | 'clock' | 'log' | 'facilities'>;

/** Who comes in at a door before a message has said anything. */
export interface Doorkeeper {
  /** @param names of the client certificate that the door's CA signed; null: plain TCP on loopback, where anything may come. */
  readonly bringerFor: (names: readonly string[] | null) => Bringer;
  /** Somebody was turned away before a message: on record once a minute for each address and reason. Never rejects. */
  readonly refused: (address: string, why: string) => void;
}

/** A certificate that our CA signed and that no facility has: no MSH fits it, so that each of its messages is refused, kept and on record. */
const NOBODY: Facility = {
  id: 'unknown',
  name: 'unknown certificate',
  certificateNames: [],
  mshFacilities: [],
  mshApplications: [],
  answersTo: null,
};

/** What a client of the HTTPS door shows: its Authorization header, and the client certificate that the platform passed on. */
export interface Credentials {
  readonly authorization: string | null;
  readonly certificate: string | null;
}

/** Whose credentials these are; null: nobody's. */
export type FacilityOf = (credentials: Credentials) => Facility | null;

/** How credentials are read. */
export interface CredentialReaders {
  readonly byToken: (authorization: string) => Facility | null;
  /** Names in a client certificate that counts; null: it does not. */
  readonly namesIn: (certificate: string, at: Instant) => readonly string[] | null;
}

export function facilityBy({ facilities, clock }: Pick<Needs, 'facilities' | 'clock'>, { byToken, namesIn }: CredentialReaders): FacilityOf {
  return ({ authorization, certificate }) => {
    const names = certificate === null ? null : namesIn(certificate, clock.now());
    const certified = names === null ? null : (facilityNamed(facilities, names) ?? NOBODY);
    if (authorization === null) return certified === NOBODY ? null : certified;
    const holder = byToken(authorization);
    // Who shows both must be one facility by each of them.
    return certified === null || certified === holder ? holder : null;
  };
}

function facilityNamed(facilities: readonly Facility[], names: readonly string[]): Facility | undefined {
  return facilities.find(({ certificateNames }) => certificateNames.some((name) => names.includes(name)));
}

const MINUTE_MS = 60_000;
/** So many different addresses are remembered; more than that in a minute is one flood. */
const MOST_REMEMBERED = 1000;

export function doorkeeper(parts: Needs): Doorkeeper {
  const recorded = new Map<string, number>();
  return {
    bringerFor(names) {
      if (names === null) return { endpoint: 'mllp', facility: null };
      const facility = facilityNamed(parts.facilities, names) ?? NOBODY;
      return { endpoint: `mllp:${facility.id}`, facility };
    },
    refused(address, why) {
      const at = parts.clock.now();
      const now = epochOf(at);
      const key = recorded.size < MOST_REMEMBERED ? `${address} ${why}` : why;
      if (now - (recorded.get(key) ?? 0) < MINUTE_MS) return;
      for (const [known, then] of recorded) if (now - then >= MINUTE_MS) recorded.delete(known);
      recorded.set(key, now);
      parts.log.error('door.refused', { address, why });
      const actor = { kind: 'sender', endpoint: address } as const;
      parts.audit.record({ caseId: null, at, actor, action: 'door', outcome: 'denied', detail: { why } }).catch((error: unknown) => {
        parts.log.error('door.not-recorded', { fault: error });
      });
    },
  };
}
