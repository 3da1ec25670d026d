import { X509Certificate } from 'node:crypto';
import { namesInCertificate } from '#core/certificate.js';
import type { Instant } from '#core/time.js';

/** A certificate authority's file that holds no certificate. */
export class NoCertificateAuthority extends Error {}

/**
 * The names in the client certificate that the platform passed on (`X-ARR-ClientCert`: DER in base64); null for a header that holds none that counts. The front of an
 * Azure app only forwards it: that one of `caPem` signed it, for a client, and that it is in its time is asked here. That its holder has the key can't be asked here.
 * @param trust `ignored`: no header counts (RADLOOP_CLIENT_CERTIFICATE_HEADER); without authorities (null) neither does any
 * @throws NoCertificateAuthority when `caPem` holds no certificate
 */
export function certificateReader(trust: 'trusted' | 'ignored', caPem: string | null): (header: string, at: Instant) => readonly string[] | null {
  if (trust === 'ignored' || caPem === null) return () => null;
  const authorities = (caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? []).map((pem) => new X509Certificate(pem));
  if (authorities.length === 0) throw new NoCertificateAuthority('The file of certificate authorities for clients holds no PEM certificate.');
  return (header, at) => {
    const certificate = parsed(header);
    if (certificate === null || certificate.ca) return null;
    const now = new Date(at);
    const inTime = certificate.validFromDate <= now && now <= certificate.validToDate;
    // None named: any purpose (RFC 5280 4.2.1.12).
    const purposes = certificate.keyUsage as readonly string[] | undefined;
    const forClients = purposes === undefined || purposes.includes(CLIENT_AUTH);
    const signed = authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
    if (!inTime || !forClients || !signed) return null;
    return namesInCertificate(certificate.subjectAltName, commonNames(certificate.subject));
  };
}

/** id-kp-clientAuth */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

function parsed(header: string): X509Certificate | null {
  try {
    return new X509Certificate(Buffer.from(header, 'base64'));
  } catch {
    return null;
  }
}

/** Node writes a subject one attribute a line, `CN=name`; a line end in a value stands escaped. */
function commonNames(subject: string): readonly string[] {
  return subject.split('\n').flatMap((line) => (line.startsWith('CN=') ? [line.slice(3)] : []));
}
