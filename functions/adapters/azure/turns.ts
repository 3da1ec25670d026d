/** Work of this process in turn: what names the same thing is done one after the other, in the order in which it was asked for; everything else side by side. */
export type InTurn = <T>(names: readonly string[], work: () => Promise<T>) => Promise<T>;

export function turns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (names, work) => {
    const own = [...new Set(names)];
    const before = own.flatMap((name) => last.get(name) ?? []);
    const done = Promise.allSettled(before).then(work);
    for (const name of own) last.set(name, done);
    try {
      return await done;
    } finally {
      for (const name of own) if (last.get(name) === done) last.delete(name);
    }
  };
}
