import type { Order } from '#domain/order.js';

/**
 * What may be seen where (INVARIANTS 2.2). A base card is what every member, guest, old client and eDiscovery sees;
 * what a notification shows may be read on a locked phone.
 */
export type Place = 'channel' | 'group' | 'notification' | 'private' | 'dialog';

/** Identifiers and free text of an order may stand here, after role and relationship are checked and the view is audited. */
function mayHoldPatientData(place: Place): boolean {
  switch (place) {
    case 'private':
    case 'dialog':
      return true;
    case 'channel':
    case 'group':
    case 'notification':
      return false;
    default:
      return place satisfies never;
  }
}

/** A thing that must not be seen in a shared place, by name, with the spellings in which it could appear. */
interface Secret {
  readonly what: string;
  readonly spellings: readonly string[];
}

/** Names of what of the order stands in the text although the place forbids it; empty: nothing. Values themselves are never returned. */
export function leaks(place: Place, text: string, order: Order): readonly string[] {
  if (mayHoldPatientData(place)) return [];
  const seen = fold(text);
  return secretsOf(order).flatMap(({ what, spellings }) => (spellings.some((spelling) => holds(seen, fold(spelling))) ? [what] : []));
}

function secretsOf(order: Order): Secret[] {
  const { patient, procedure, procedures } = order;
  const some = (...values: (string | null | undefined)[]): string[] =>
    values.flatMap((value) => (value === null || value === undefined ? [] : [value]));
  return [
    { what: 'name', spellings: some(patient.name?.family, patient.name?.given) },
    { what: 'record number', spellings: [...some(patient.id), ...patient.identifiers.map(({ id }) => id)] },
    { what: 'birth date', spellings: some(patient.birthDate).flatMap((date) => [date, date.replace(/^(\d{4})(\d\d)(\d\d)$/u, '$1-$2-$3')]) },
    { what: 'accession number', spellings: some(order.accessionNumber) },
    { what: 'order number', spellings: some(order.placerOrderNumber?.id, order.fillerOrderNumber?.id) },
    { what: 'indication', spellings: some(order.indication).flatMap((indication) => [indication, indication.slice(0, 30)]) },
    { what: 'procedure', spellings: [procedure, ...procedures].flatMap((row) => (row === null ? [] : [row.text, row.code])) },
    { what: 'orderer', spellings: some(order.orderingProvider?.name, order.orderingProvider?.id) },
  ];
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** As words of their own: the family name Li is not in "listed". */
function holds(text: string, spelling: string): boolean {
  if (spelling.length < 2) return false;
  for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1)) {
    if (!isWordCharacter(text.slice(0, at).at(-1)) && !isWordCharacter(text.at(at + spelling.length))) return true;
  }
  return false;
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
