import type { PageLine, PagingChannel } from './paging-ledger.ts';

const titles: readonly (readonly [PagingChannel, string])[] = [
  ['pager', 'Pages'],
  ['sms', 'SMS'],
  ['voice', 'Calls'],
  ['email', 'E-mails'],
  ['print', 'Printed sheets'],
];
/** Of each channel, the newest. */
const MOST_SHOWN = 30;

export function renderPages(lines: readonly PageLine[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal pages</title>
<style>${style}</style>
</head>
<body>
<header>
  <h1>What arrived outside Teams</h1>
  <p>Radloop General. Nothing here holds patient data; each page is shown once, however often it was sent.</p>
</header>
<main id="list">${renderPagesList(lines)}</main>
<p id="stale" role="status"></p>
<script>${script}</script>
</body>
</html>
`;
}

export function renderPagesList(lines: readonly PageLine[]): string {
  return titles.map(([channel, title]) => section(title, lines.filter((line) => line.channel === channel))).join('\n'); // prettier-ignore
}

function section(title: string, lines: readonly PageLine[]): string {
  const arrived = lines.filter(({ event, repeat }) => event === 'arrived' && !repeat);
  const repeats = lines.filter(({ event, repeat }) => event === 'arrived' && repeat).length;
  const refused = lines.filter(({ event }) => event === 'refused').length;
  const more = [
    ...(repeats > 0 ? [`${String(repeats)} repeated`] : []),
    ...(refused > 0 ? [`${String(refused)} refused`] : []),
    ...(arrived.length > MOST_SHOWN ? [`the newest ${String(MOST_SHOWN)} are shown`] : []),
  ];
  const shown = arrived.slice(-MOST_SHOWN).reverse();
  return `<section>
<h2>${title} <span class="count">${String(arrived.length)}</span></h2>
${more.length === 0 ? '' : `<p class="sub">${more.join(' · ')}</p>`}
${shown.length === 0 ? '<p class="none">none yet</p>' : shown.map(one).join('\n')}
</section>`;
}

function one({ at = '', channel, to, subject, text, callBack }: PageLine): string {
  const head = `<p class="sub">${clock(at)} · ${safe(to)}${callBack === null ? '' : ` · call back ${safe(callBack)}`}</p>`;
  const said = channel === 'print' ? `<pre>${safe(text.replaceAll('\f', ''))}</pre>` : `<p class="text">${safe(text)}</p>`;
  return `<article>${head}${subject === null ? '' : `<h3>${safe(subject)}</h3>`}${said}</article>`;
}

function clock(at: string): string {
  return `<time datetime="${safe(at)}">${new Date(at).toLocaleTimeString('en-GB')}</time>`;
}

function safe(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/gu, (character) => entities[character] ?? character);
}

const style = `
:root { color-scheme: light dark; --page: #f5f6f8; --panel: #fff; --ink: #1b1f24; --soft: #59636e; --line: #dfe3e8; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --panel: #1d2126; --ink: #e8eaed; --soft: #a3adb8; --line: #333a42; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 32px 48px; max-width: 1480px; background: var(--page); color: var(--ink); font: 14px/1.45 "Segoe UI", system-ui, "Noto Sans", sans-serif; }
h1 { margin: 0; font-size: 22px; font-weight: 600; }
header p { margin: 2px 0 20px; color: var(--soft); }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 16px; align-items: start; }
section { padding: 12px 16px; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
section:last-child { grid-column: 1 / -1; }
h2 { margin: 0 0 4px; font-size: 16px; }
.count { color: var(--soft); font-weight: 400; }
article { padding: 8px 0; border-top: 1px solid var(--line); }
h3 { margin: 2px 0; font-size: 14px; }
p { margin: 0; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.sub, .none { color: var(--soft); font-size: 12px; }
pre { margin: 6px 0 0; padding: 12px 16px; overflow-x: auto; background: #fff; color: #111; border: 1px solid var(--line); font: 13px/1.35 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; }
#stale:not(:empty) { margin-top: 12px; font-weight: 600; }
`;

const script = `
const list = document.getElementById('list'), stale = document.getElementById('stale');
let shown = '';
setInterval(async () => {
  if (document.hidden) return;
  try {
    const text = await (await fetch('/list')).text();
    if (text !== shown) { list.innerHTML = text; shown = text; }
    stale.textContent = '';
  } catch { stale.textContent = 'The rehearsal hospital does not answer. What you see may be old.'; }
}, 1000);
`;
