import { constants } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { namesInCertificate } from '#core/certificate.js';

/** Of one side of a connection, as PEM. */
export interface TlsFiles {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** The CA that signed the other side's certificate; no other is believed, not even one of the operating system. */
  readonly ca: string | Buffer;
}

/** Why a connection was refused before it could say anything. */
export type RefusedWhy = 'untrusted-certificate' | 'expired-certificate' | 'no-certificate' | 'our-certificate-untrusted' | 'old-tls' | 'not-tls';

/** MLLP over TLS is mutual (IHE ATNA ITI-19): 1.2 or later, a client certificate always. */
export function serverTls(files: TlsFiles, handshakeTimeoutSeconds: number): TlsOptions {
  return {
    ...files,
    minVersion: 'TLSv1.2',
    requestCert: true,
    // What is wrong with a certificate is asked after the handshake (`faultOf`), so that it can be told. Not a byte is read before that.
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutSeconds * 1000,
    // No resumption: a resumed session brings no certificate that could be looked at today.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** What is wrong with the certificate of the other side; null: nothing. */
export function faultOf(socket: TLSSocket): RefusedWhy | null {
  if (socket.getPeerX509Certificate() === undefined || socket.isSessionReused()) return 'no-certificate';
  if (socket.authorized) return null;
  return String(socket.authorizationError) === 'CERT_HAS_EXPIRED' ? 'expired-certificate' : 'untrusted-certificate';
}

const reasons: Readonly<Record<string, RefusedWhy>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'old-tls',
  ERR_SSL_VERSION_TOO_LOW: 'old-tls',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'our-certificate-untrusted',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'our-certificate-untrusted',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'our-certificate-untrusted',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'our-certificate-untrusted',
};

/** Why a handshake failed; null: the other side only went away, as a load balancer does that looks whether the port is open. */
export function whyNoHandshake(error: Error & { readonly code?: string }): RefusedWhy | null {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return null;
  return reasons[error.code ?? ''] ?? 'not-tls';
}

/** The names of the other side's certificate (`namesInCertificate`); none without one. */
export function namesOf(socket: TLSSocket): readonly string[] {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return [];
  const common: unknown = socket.getPeerCertificate().subject.CN;
  return namesInCertificate(certificate.subjectAltName, typeof common === 'string' ? [common] : []);
}

/** Where plain TCP may be used: what is sent there does not leave the machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')) || host.startsWith('::ffff:127.');
}
