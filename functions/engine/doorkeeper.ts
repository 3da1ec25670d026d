import type { Instant } from '#core/time.js';
import type { Facility } from '#domain/site.js';
import type { Bringer } from './intake.ts';
import type { Parts } from './parts.ts';
import { refusals } from './refusals.ts';
import type { Refusals } from './refusals.ts';

type Needs = Pick<Parts, 'audit' | 'clock' | 'log' | 'facilities'>;

/** Who comes in at a door before a message has said anything. */
export interface Doorkeeper {
  /** @param names of the client certificate that the door's CA signed; null: plain TCP on loopback, where anything may come. */
  readonly bringerFor: (names: readonly string[] | null) => Bringer;
  /** Somebody was turned away before a message: on record at once, and once a minute how often, for each address and reason. Never rejects. */
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

export function doorkeeper(parts: Needs, record: Refusals = refusals(parts)): Doorkeeper {
  return {
    bringerFor(names) {
      if (names === null) return { endpoint: 'mllp', facility: null };
      const facility = facilityNamed(parts.facilities, names) ?? NOBODY;
      return { endpoint: `mllp:${facility.id}`, facility };
    },
    refused(address, why) {
      const actor = { kind: 'sender', endpoint: address } as const;
      record.note({ source: address, check: why, alone: 1, actor, action: 'door', detail: { why }, shared: { why } }).then(
        (noted) => {
          if (noted === 'recorded') parts.log.error('door.refused', { address, why });
        },
        (error: unknown) => {
          parts.log.error('door.not-recorded', { fault: error });
        },
      );
    },
  };
}
