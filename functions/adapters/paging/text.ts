import { createHash } from 'node:crypto';
import type { Page } from '#ports/pager.js';

/** Control characters (line ends too), marks that turn the direction of writing, and what no font shows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;

export function oneLine(text: string, most: number): string {
  return short(text.replaceAll(UNSEEN, ' ').replaceAll(/\s+/gu, ' ').trim(), most);
}

export function lines(text: string, most: number): string {
  const kept = text.split(/\r\n|\r|\n/u).map((line) => oneLine(line, most));
  return short(kept.join('\n').trim(), most);
}

/** What fits: all of it and the number to dial; else the subject and the number; of the subject what fits. */
export function smallScreen({ subject, text, callBack }: Page, most: number): string {
  const number = oneLine(callBack, 40);
  const whole = text.includes(callBack) ? lines(text, 10_000) : `${lines(text, 10_000)}\n${number}`;
  if (whole.length <= most) return whole;
  return `${oneLine(subject, Math.max(1, most - number.length - 1))}\n${number}`;
}

/** In the GSM alphabet: one letter outside it makes an SMS twice as long. */
const MORE = '...';

/** Whole characters, never half of a surrogate pair. */
function short(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > most - MORE.length) break;
    kept += character;
  }
  return `${kept}${MORE}`;
}

/** The page's key as others may see it: the key itself holds the case, and with it the order's number. */
export function outsideKey(key: string): string {
  return createHash('sha256').update(`radloop page ${key}`).digest('hex').slice(0, 32);
}

/** The same in the form of a UUID (RFC 9562, version 8). */
export function outsideUuid(key: string): string {
  const hex = outsideKey(key);
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The receiver's own id of a page, where it looks like one: what else it says is not kept. */
export function idIn(said: unknown): string | null {
  return typeof said === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/u.test(said) ? said : null;
}
