/** One fault of the kind that loses, doubles or mixes something. */
export interface Bug {
  readonly name: string;
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly put: string;
  /** The tests that must catch it. */
  readonly suites: readonly string[];
}

export const bugs: readonly Bug[] = [];
