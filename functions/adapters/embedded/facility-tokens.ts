import { createHash, timingSafeEqual } from 'node:crypto';
import type { Facility } from '#domain/site.js';

/** The facility whose bearer token this Authorization header holds; null: none. The site keeps only the tokens' sha256; compared in constant time. */
export function facilityByToken(facilities: readonly Facility[]): (authorization: string) => Facility | null {
  return (authorization) => {
    const token = /^Bearer (\S+)$/u.exec(authorization)?.[1];
    if (token === undefined) return null;
    const hash = createHash('sha256').update(token).digest();
    const holds = ({ tokenSha256 }: Facility): boolean => tokenSha256 !== undefined && timingSafeEqual(hash, Buffer.from(tokenSha256, 'hex'));
    return facilities.find(holds) ?? null;
  };
}
