import type { Socket } from 'node:net';
import type { Delivery } from '#core/delivery.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Page, PageReceipt } from '#ports/pager.js';
import type { Channel, Means } from './channel.ts';
import { failed } from './failed.ts';
import { open } from './open.ts';

const COLUMNS = 80;
/** Ten sheets; whoever has more than that to read has lost the thread. */
const MOST_LINES = 600;
const WHO = 'The printer';
/** A print server that is busy accepts and closes at once: within this time it is told from one that has taken the sheet. */
const BUSY_MS = 100;

/** Raw TCP (port 9100). Taken when the printer has closed after our end: it then has every byte. That paper came out, or that somebody read it, nobody says. */
export function printer({ printers }: NonNullable<PagingSettings['channels']['print']>, { lookup }: Pick<Means, 'lookup'>): Channel {
  return async (page, signal) => {
    const at = Object.hasOwn(printers, page.address) ? printers[page.address] : undefined;
    if (at === undefined) return failed('not-allowed', 'paging.json names no such printer');
    const opened = await open({ who: WHO, ...at, tls: false }, lookup, signal);
    if (!opened.ok) return opened;
    try {
      return await printed(opened.socket, sheetOf(page), signal);
    } finally {
      opened.socket.destroy();
    }
  };
}

function printed(socket: Socket, sheet: Buffer, signal: AbortSignal): Promise<Delivery<PageReceipt>> {
  return new Promise((done) => {
    let hasEnded = false;
    const cut = failed('cut-after-send', `${WHO} closed the connection before it had the whole sheet`);
    signal.addEventListener('abort', () => { done(failed('timed-out-after-send', `${WHO} did not close in time: it may have printed`)); }, { once: true }); // prettier-ignore
    socket.once('error', () => {
      done(cut);
    });
    // What a printer says (its state, as PJL) is not asked for.
    socket.resume();
    socket.once('end', () => {
      done(hasEnded ? { ok: true, receipt: { id: null } } : cut);
    });
    socket.once('close', () => {
      done(cut);
    });
    socket.write(sheet, () => {
      setTimeout(() => {
        hasEnded = true;
        socket.end();
      }, BUSY_MS);
    });
  });
}

/**
 * Characters of ASCII and line ends, then a form feed: no escape, nothing that a printer reads as an order. Accents go, because no code page is agreed with a raw
 * port; each line is moved in by one, because PJL (`@PJL`) and PostScript (`%!`) begin one.
 */
export function sheetOf({ sheet, subject, text, callBack }: Page): Buffer {
  const given = sheet ?? [subject, '', ...text.split(/\r\n|\r|\n/u), '', callBack];
  const rows = given.flatMap((line) => pieces(printable(line))).slice(0, MOST_LINES);
  return Buffer.from(`${rows.map((row) => (row === '' ? '' : ` ${row}`)).join('\r\n')}\r\n\f`, 'latin1');
}

function printable(line: string): string {
  const plain = line.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll(/[‘’]/gu, "'").replaceAll(/[“”]/gu, '"').replaceAll(/[–—]/gu, '-'); // prettier-ignore
  const kept = plain.replaceAll(/\p{C}/gu, ' ').replaceAll(/[^ -~]/gu, '?');
  return kept.replace(/^(\s*)[@%]+/u, '$1');
}

/** Nothing is lost that does not fit; a word that is no longer than a line stays whole. */
function pieces(line: string): string[] {
  const most = String(COLUMNS - 1);
  return line === ''
    ? ['']
    : (line.match(new RegExp(`.{1,${most}}(?= |$)|.{1,${most}}`, 'gu')) ?? []).map((row, n) => (n === 0 ? row : row.trimStart()));
}
