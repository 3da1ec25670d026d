/** Where a feed was read to (a PACS change number, a subscription's event number, a time), by name. On disk before `write` resolves. */
export interface Cursors {
  read(name: string): Promise<string | null>;
  write(name: string, value: string): Promise<void>;
  /** The same, only when it still says `before` (null: nothing yet). False, and nothing written: somebody else has written since. */
  swap(name: string, before: string | null, value: string): Promise<boolean>;
}
