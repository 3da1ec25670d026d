import { textAt } from './read.ts';

/** FHIR R4 references.html#literal: type, id, and perhaps a version. An id of dots alone would be a step in the path. */
const RELATIVE = /^([A-Z][A-Za-z]{1,63})\/(?!\.+(?:\/|$))([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/u;

/**
 * `Type/ID` of the site's own EHR, else null. Compared as text, never as an address: only a relative reference, or the very base address before one,
 * is read. So no other host, port, scheme, user part or spelling of an address can be asked for.
 */
export function ownReference(reference: string, baseUrl: string): string | null {
  const base = `${baseUrl.replace(/\/+$/u, '')}/`;
  const relative = reference.startsWith(base) ? reference.slice(base.length) : reference;
  const match = RELATIVE.exec(relative);
  return match === null ? null : `${match[1] ?? ''}/${match[2] ?? ''}`;
}

/** The `Type/ID` that a Reference names on the own EHR; null: none, another server, an identifier alone, or a contained resource. */
export function referenceAt(baseUrl: string, value: unknown, ...path: readonly string[]): string | null {
  const reference = textAt(value, ...path, 'reference');
  return reference === null ? null : ownReference(reference, baseUrl);
}

export function typeOf(reference: string): string {
  return reference.slice(0, reference.indexOf('/'));
}
