import { StoreBroken } from './group-commit.ts';

/**
 * What was read, or why it can't be: a row that was changed, or whose key is gone. Such a row is for a person, and holds up no other. A store that fails is
 * thrown on: that says nothing of the row.
 */
export function readable<T>(read: () => T): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof StoreBroken || (error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR')) throw error;
    return { ok: false, why: `it can't be read (${error instanceof Error ? error.name : 'unknown'})` };
  }
}

/** What is shown of a thing whose content may be gone, or damaged: an operator still has to see that it is there. */
export function ifReadable<T>(read: () => T): T | null {
  const found = readable(read);
  return found.ok ? found.value : null;
}
