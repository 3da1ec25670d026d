import type { ProtocolName } from '#domain/utterance.js';

const filler = new Set(['the', 'a', 'an', 'protocol', 'one', 'el', 'la', 'un', 'una', 'protocolo', 'de', 'for', 'please', 'instead']);
/** Words that choose among what was shown, and name nothing by themselves. */
const vague = new Set(
  'first second third fourth fifth last next other another same default usual option number both left right high low new old with without and or of in on to it its this that is has have no not name own by list closed before after early post complete base small follow through check test survey death access dynamic modified control density l d'.split(
    ' ',
  ),
);
const spanish: Readonly<Record<string, string>> = { tac: 'ct', tc: 'ct', rm: 'mr', resonancia: 'mr', mri: 'mr', ultrasound: 'us', con: 'with', sin: 'without', contraste: 'contrast', craneo: 'head', cabeza: 'head', cerebral: 'brain', torax: 'chest', wo: 'without', noncontrast: 'without', abdomen: 'abdomen', pelvis: 'pelvis', ictus: 'stroke', y: 'and' }; // prettier-ignore

/**
 * The protocol of the catalogue that was meant: by its id or its name, letter case, spaces and dashes aside, else by words that only one of them has.
 * Null when none or more than one fits.
 */
export function protocolNamed(written: string, protocols: readonly ProtocolName[]): string | null {
  const meant = joined(written);
  if (meant === '') return null;
  const exact = protocols.filter(({ id, name }) => joined(id) === meant || joined(name) === meant);
  if (exact.length > 0) return exact.length === 1 ? (exact[0]?.id ?? null) : null;
  const said = tokens(written).filter((word) => !filler.has(word));
  // "the second" is a place in a list, not a trimester.
  if (said.every((word) => vague.has(word) || /^\d+$/u.test(word))) return null;
  // All of its words, in any order: "MRI brain with and without contrast".
  const whole = protocols.filter(({ name }) => sameWords(said, tokens(name)));
  if (whole.length === 1) return whole[0]?.id ?? null;
  const fits = protocols.filter(({ id, name }) => {
    const own = new Set([...tokens(id), ...tokens(name)]);
    return said.every((word) => own.has(word));
  });
  return fits.length === 1 ? (fits[0]?.id ?? null) : null;
}

/** Which way the contrast goes in is left out where it is the usual one. */
function sameWords(said: readonly string[], name: readonly string[]): boolean {
  const one = new Set(said.filter((word) => word !== 'iv'));
  const other = new Set(name.filter((word) => word !== 'iv' && !filler.has(word)));
  return one.size === other.size && [...one].every((word) => other.has(word));
}

function joined(text: string): string {
  return text.replace(/[^A-Za-z0-9]/gu, '').toUpperCase();
}

function tokens(text: string): string[] {
  return (
    text
      .toLowerCase()
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .match(/[a-z0-9]+/gu) ?? []
  ).map((word) => spanish[word] ?? word);
}
