/**
 * What was claimed, null being what another was faster at. A lease that was given is worked on, also when a request for another one failed: dropped, it would be held
 * for nothing until it ends, and count as a crash. Rejects when something failed and nothing was claimed.
 */
export async function allClaimed<T>(claims: readonly Promise<T | null>[]): Promise<T[]> {
  const done = await Promise.allSettled(claims);
  const claimed = done.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []));
  const failed = done.find((one) => one.status === 'rejected');
  if (claimed.length === 0 && failed !== undefined) throw failed.reason as Error;
  return claimed;
}
