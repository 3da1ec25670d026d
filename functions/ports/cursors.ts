/** Where a feed was read to (a PACS change number, a subscription's event number, a time), by name. On disk before `write` resolves. */
export interface Cursors {
  read(name: string): Promise<string | null>;
  write(name: string, value: string): Promise<void>;
}
