/** Secrets that callers carry in a header. */
export interface Secrets {
  /** A new one: 32 random bytes as text that may stand in a header. */
  make(): string;
  /** In a time that tells nothing of either. */
  same(presented: string, kept: string): boolean;
  /** The same against a kept sha256 in hexadecimal. */
  hashesTo(presented: string, sha256: string): boolean;
  /** HMAC-SHA256 of the bytes under this secret, in hexadecimal. */
  signs(signature: string, bytes: Buffer, kept: string): boolean;
}
