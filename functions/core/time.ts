import { z } from 'zod/v4';

/** A moment in UTC with milliseconds: `2026-11-25T10:40:00.000Z`. Sorts as text. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)
  .brand<'Instant'>();
export type Instant = z.infer<typeof instant>;

/** @param epochMilliseconds Unix time in milliseconds. */
export function toInstant(epochMilliseconds: number): Instant {
  return instant.parse(new Date(epochMilliseconds).toISOString());
}

export function epochOf(at: Instant): number {
  return new Date(at).getTime();
}

export function addSeconds(at: Instant, seconds: number): Instant {
  return toInstant(epochOf(at) + seconds * 1000);
}

export function addMinutes(at: Instant, minutes: number): Instant {
  return addSeconds(at, minutes * 60);
}

/** Whole minutes from `from` to `to`, never negative. */
export function minutesBetween(from: Instant, to: Instant): number {
  return Math.max(0, Math.floor((epochOf(to) - epochOf(from)) / 60_000));
}

/** `4:07`, `1:04:07`; `-`: there is none. */
export function spanText(seconds: number | null): string {
  if (seconds === null) return '-';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
