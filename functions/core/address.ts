/** Where a request came from, as far as it is written down: an address of somebody is nobody's business, and a flood has many. */
type AddressClass = 'loopback' | 'private' | 'public' | 'unknown';

const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/u;

/** @param address IPv4 or IPv6, with or without a port (RFC 7239 and Azure's front end write `[::1]:443` and `203.0.113.9:443`) */
export function addressClass(address: string | undefined): AddressClass {
  const bare = bareAddress(address ?? '');
  if (bare === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(bare)) return 'loopback';
  if (PRIVATE.test(bare)) return 'private';
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*)$/u.test(bare) ? 'public' : 'unknown';
}

function bareAddress(address: string): string {
  const text = address.trim().toLowerCase();
  const bracketed = /^\[(?<inner>[^\]]*)\](?::\d+)?$/u.exec(text)?.groups?.['inner'];
  const bare = bracketed ?? (/^\d{1,3}(?:\.\d{1,3}){3}:\d+$/u.test(text) ? text.slice(0, text.indexOf(':')) : text);
  return bare.replace(/^::ffff:(?=\d{1,3}\.)/u, '');
}
