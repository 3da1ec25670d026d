import type { ProtocolName } from '#domain/utterance.js';

const filler = new Set(['the', 'a', 'an', 'protocol', 'one', 'el', 'la', 'un', 'una', 'protocolo', 'de', 'for', 'please', 'instead']);
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
  if (said.length === 0) return null;
  const fits = protocols.filter(({ id, name }) => {
    const own = new Set([...tokens(id), ...tokens(name)]);
    return said.every((word) => own.has(word));
  });
  return fits.length === 1 ? (fits[0]?.id ?? null) : null;
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
