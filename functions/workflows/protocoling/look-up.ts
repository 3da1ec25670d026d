/** @param otherwise what is shown for a code that the table has not. */
export function lookUp(table: Readonly<Record<string, string>>, code: string, otherwise: string): string {
  return Object.hasOwn(table, code) ? (table[code] ?? otherwise) : otherwise;
}
