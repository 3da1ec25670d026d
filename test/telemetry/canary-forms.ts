/** Patients of nobody: name, number, day of birth, words of a free text, order and accession number, and the EHR's own id of them. They may be in the store, and nowhere else. */
export const CANARIES = ['QUILLFEATHER', 'OBADIAH', '77341902', '19410203', '1941-02-03', 'zyxwound', 'ACC5550199', 'ehr-id-of-quillfeather'];

/** As logs, addresses and headers may hold it: as it is, in other letters, in percent, in hex, in Base64 at each of its three offsets. Lower case unless case matters. */
function formsOf(canary: string): { readonly anyCase: readonly string[]; readonly exact: readonly string[] } {
  const words = [canary, canary.toUpperCase(), canary.toLowerCase(), canary.charAt(0) + canary.slice(1).toLowerCase()];
  const percent = [...Buffer.from(canary)].map((byte) => `%${byte.toString(16)}`).join('');
  return {
    anyCase: [canary.toLowerCase(), encodeURIComponent(canary).toLowerCase(), percent, Buffer.from(canary.toLowerCase()).toString('hex'), Buffer.from(canary).toString('hex'), Buffer.from(canary.toUpperCase()).toString('hex')], // prettier-ignore
    exact: [...new Set(words)].flatMap((word) => [0, 1, 2].map((offset) => base64At(word, offset))),
  };
}

/** The characters of Base64 that depend on the word alone when it stands so many bytes behind a beginning. */
function base64At(word: string, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), Buffer.from(word)]);
  const bits = whole.length * 8;
  return whole.toString('base64url').slice(Math.ceil((offset * 8) / 6), Math.floor(bits / 6));
}

/** Which canaries stand in a text, in whatever form: `canary as form`. */
export function canariesIn(text: string): readonly string[] {
  const lower = text.toLowerCase();
  const url = text.replaceAll('+', '-').replaceAll('/', '_');
  return CANARIES.flatMap((canary) => {
    const { anyCase, exact } = formsOf(canary);
    const found = [...anyCase.filter((form) => lower.includes(form)), ...exact.filter((form) => url.includes(form))];
    return found.map((form) => `${canary} as ${form}`);
  });
}
