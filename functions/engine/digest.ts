/** Tells two texts of one person on one revision apart (FNV-1a; no secret, and nothing that was written stands in an id). */
export function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16);
}
