/** A key that only the site key opens again. `version`: of the site key that wrapped it. */
export interface WrappedBySite {
  readonly version: string;
  readonly wrapped: Uint8Array;
}

/** What the site signed, and how to check it without the site key: `version` names the public key. */
export interface SiteSignature {
  readonly version: string;
  /** `Ed25519` (RFC 8032) or `ES256` (RFC 7518 section 3.4: r and s, 32 bytes each). */
  readonly algorithm: 'Ed25519' | 'ES256';
  readonly signature: Uint8Array;
}

/** PEM (SubjectPublicKeyInfo) of one version, for whoever checks a signature elsewhere. */
export interface SitePublicKey extends Pick<SiteSignature, 'version' | 'algorithm'> {
  readonly pem: string;
}

/**
 * The one key of a site that lies outside its store: without it what the store holds can't be read. Old versions stay able to unwrap and to verify, because a backup
 * or an audit checkpoint may need them; only the current one wraps and signs.
 */
export interface SiteKey {
  /** Of the version that wraps now. */
  current(): Promise<string>;
  /** @param key 32 bytes */
  wrap(key: Uint8Array): Promise<WrappedBySite>;
  /** Throws SiteKeyError when the version is not known or the bytes were changed. */
  unwrap(wrapped: WrappedBySite): Promise<Buffer>;
  sign(bytes: Uint8Array): Promise<SiteSignature>;
  /** False also for a version that is not known. */
  verify(bytes: Uint8Array, signature: SiteSignature): Promise<boolean>;
  /** Of every version that ever signed. */
  publicKeys(): Promise<readonly SitePublicKey[]>;
  /** Makes a new version the current one (Key Vault: takes up the newest, which its rotation policy or an administrator has made). What older ones wrapped is wrapped anew by whoever keeps it. */
  rotate(): Promise<string>;
}

/** The site key is missing, can't be used, or does not open what it should; the message says how to mend it. */
export class SiteKeyError extends Error {
  override name = 'SiteKeyError';
}
