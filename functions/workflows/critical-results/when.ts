import { epochOf, instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { addDays, atWallTime, dayIn } from '#domain/on-call-time.js';

/** Milliseconds by which the clock on somebody's wall may be ahead. */
const AHEAD_MS = 120_000;

/**
 * When a call was, as somebody wrote it: `14:05` of the last 24 hours, or `2026-11-24 14:05`, by the clock on the site's wall; nothing written is now. Null: it can't be
 * read, or has not come yet.
 */
export function whenOf(typed: string, now: Instant, zone: string): Instant | null {
  const text = typed.trim();
  if (/^(?:|now|ahora)$/iu.test(text)) return now;
  const hasCome = (at: Instant): boolean => epochOf(at) <= epochOf(now) + AHEAD_MS;
  const at = instant.safeParse(text);
  if (at.success) return !Number.isNaN(epochOf(at.data)) && hasCome(at.data) ? at.data : null;
  const [, day, hour = '', minute = ''] = /^(?:(\d{4}-\d\d-\d\d)[ T])?(\d{1,2})[:.](\d\d)$/u.exec(text) ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59) return null;
  const time = `${hour.padStart(2, '0')}:${minute}`;
  if (day !== undefined) {
    const isDay = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
    const then = isDay ? atWallTime(day, time, zone) : null;
    return then !== null && hasCome(then) ? then : null;
  }
  const today = atWallTime(dayIn(now, zone), time, zone);
  return hasCome(today) ? today : atWallTime(addDays(dayIn(now, zone), -1), time, zone);
}
