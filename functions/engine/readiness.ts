/** One thing that must be in order before work may come in. `what` says it in a few words, without patient data. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly what: string;
}

/** Gives what is wrong in a few words; null: nothing. A rejection, or no answer in time, is wrong too. */
export type Checking = () => Promise<string | null> | string | null;

const WITHIN_MS = 2000;
/** What a check says of which there is nothing to say. */
export const IN_ORDER = 'in order';

/** All of them at once, each within two seconds. @param noted what somebody has to mend, and no reason to send no work here */
export function readiness(
  checks: Readonly<Record<string, Checking>>,
  noted: Readonly<Record<string, Checking>> = {},
): () => Promise<readonly Check[]> {
  return async () => {
    const all = (of: Readonly<Record<string, Checking>>) => Promise.all(Object.entries(of).map(([name, check]) => done(name, check)));
    const [needed, others] = await Promise.all([all(checks), all(noted)]);
    return [...needed, ...others.map((check) => ({ ...check, ok: true }))];
  };
}

async function done(name: string, check: Checking): Promise<Check> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, WITHIN_MS, 'no answer within 2 s');
  });
  try {
    const wrong = await Promise.race([Promise.resolve(check()), late]);
    return { name, ok: wrong === null, what: wrong ?? IN_ORDER };
  } catch (error) {
    return { name, ok: false, what: error instanceof Error ? error.constructor.name : 'failed' };
  } finally {
    clearTimeout(timer);
  }
}

/** Below this the disk counts as full: what is under way must still be written. */
const HEADROOM_BYTES = 256 * 1024 * 1024;

export function headroomCheck(freeBytes: number | null): string | null {
  if (freeBytes === null || freeBytes >= HEADROOM_BYTES) return null;
  return `${Math.floor(freeBytes / 1024 / 1024)} MB free, ${HEADROOM_BYTES / 1024 / 1024} MB are needed`;
}
