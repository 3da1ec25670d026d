const LINK = /^#\/exam\/(.{1,400})$/u;
const KEY = 'radloop.exam';
/** As the door takes it. */
const LONGEST = 64;

/**
 * The accession number of a link from the PACS (`#/exam/NUMBER`) is patient data. What stands behind `#` is sent to no server; it is taken out of the address at
 * once, and kept for this window alone until the exam is left: the sign-in leaves the page and comes back.
 */
export function takeFromAddress(): void {
  const [, written] = LINK.exec(window.location.hash) ?? [];
  if (written === undefined) return;
  window.history.replaceState(null, '', `${window.location.pathname}${window.location.search}#/exam`);
  storage()?.setItem(KEY, plain(written).trim().slice(0, LONGEST));
}

/** Null: no link has named one. */
export function linkedExam(): string | null {
  const number = storage()?.getItem(KEY) ?? '';
  return number === '' ? null : number;
}

export function forgetExam(): void {
  storage()?.removeItem(KEY);
}

/** Null in a frame whose storage the browser refuses: there no link leads. */
function storage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** As the PACS meant it, also where it did not encode what it wrote. */
function plain(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}
