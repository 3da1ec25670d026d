import { createHash, timingSafeEqual } from 'node:crypto';
import type { SiteSettings } from '#domain/site.js';

type Facility = SiteSettings['facilities'][number];

/** The facility whose bearer token this Authorization header holds; null: none. The site keeps only the tokens' sha256; compared in constant time. */
export function facilityByToken(facilities: readonly Facility[]): (authorization: string | null) => Facility | null {
  return (authorization) => {
    const token = /^Bearer (\S+)$/u.exec(authorization ?? '')?.[1];
    if (token === undefined) return null;
    const hash = createHash('sha256').update(token).digest();
    return facilities.find((facility) => timingSafeEqual(hash, Buffer.from(facility.tokenSha256, 'hex'))) ?? null;
  };
}
