import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As many bits as 128-bit security asks for (NIST SP 800-57 part 1, table 2). */
const LEAST_BITS = 3072;

/** The key that exports are sealed for, from site.json: the PEM itself, or a file beside site.json that holds it. `why` names the fault and the mending. */
export function readExportKey(
  dir: string,
  named: string,
): { readonly ok: true; readonly pem: string } | { readonly ok: false; readonly why: string } {
  const text = named.includes('-----BEGIN') ? named : fileText(join(dir, named));
  if (text === null) return no(`the file "${named}" can't be read: write the name of a file beside site.json, or the public key itself (PEM)`);
  if (text.includes('PRIVATE KEY')) return no('this is a private key, which stays with its holder: write its public part (openssl pkey -pubout)');
  if (!/-----BEGIN (RSA )?PUBLIC KEY-----/u.test(text)) return no('expected a public key in PEM (BEGIN PUBLIC KEY)');
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(text);
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (asymmetricKeyType !== 'rsa') return no(`expected an RSA key, got ${asymmetricKeyType ?? 'another'}`);
    return bits >= LEAST_BITS ? { ok: true, pem: text } : no(`expected an RSA key of at least ${LEAST_BITS} bits, got ${bits}`);
  } catch {
    return no('the public key (PEM) is damaged');
  }
}

function no(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}

function fileText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
