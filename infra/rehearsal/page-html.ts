import { statusOf } from './ris-beliefs.ts';
import type { Belief } from './ris-beliefs.ts';
import type { RisCounts } from './ris.ts';

export interface PageState {
  /** Newest first. */
  readonly orders: readonly Belief[];
  readonly counts: RisCounts;
  readonly listening: boolean;
}

const statusWords: Readonly<Record<ReturnType<typeof statusOf>, string>> = {
  'not-sent': 'Waiting to be taken',
  ordered: 'Ordered',
  recommended: 'Recommended',
  approved: 'Approved',
  cancelled: 'Cancelled',
  refused: 'Refused',
};

const priorityWords: Readonly<Record<string, string>> = { S: 'STAT', A: 'Urgent', R: 'Routine', '': 'Not said' };

/** The page without its table of orders is written once; the table is fetched anew every second while somebody looks. */
export function renderPage(state: PageState): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal RIS</title>
<style>${style}</style>
</head>
<body>
<header>
  <div>
    <h1>Rehearsal RIS</h1>
    <p>Radloop General. What the radiology information system believes of each order. Every patient is invented.</p>
  </div>
  <form method="post" action="/orders/next"><button type="submit">Place an order</button></form>
</header>
<main id="orders">${renderTable(state)}</main>
<p id="stale" role="status"></p>
<script>${script}</script>
</body>
</html>
`;
}

export function renderTable(state: PageState): string {
  const by = (status: ReturnType<typeof statusOf>): number => state.orders.filter((order) => statusOf(order) === status).length;
  const figures: readonly (readonly [string, number])[] = [
    ['Orders', state.orders.length],
    ['Recommended', by('recommended')],
    ['Approved', by('approved')],
    ['Cancelled', by('cancelled')],
    ['Messages received', state.counts.received],
    ['Repeats', state.counts.repeats],
  ];
  return `${state.listening ? '' : '<p class="away" role="alert">The RIS is away: its port is closed, nothing can be written to it.</p>'}
<dl class="figures">${figures.map(([name, value]) => `<div><dt>${name}</dt><dd>${String(value)}</dd></div>`).join('')}</dl>
${state.orders.length === 0 ? '<p class="empty">No orders yet. Press “Place an order”.</p>' : table(state.orders)}`;
}

function table(orders: readonly Belief[]): string {
  return `<table>
<caption class="hidden">Orders, newest first</caption>
<thead><tr><th scope="col">Order</th><th scope="col">Patient</th><th scope="col">Exam</th><th scope="col">Priority</th><th scope="col">Status</th><th scope="col">Recommendation</th><th scope="col">Protocol in the RIS</th><th scope="col">Critical results in the RIS</th></tr></thead>
<tbody>${orders.map(row).join('\n')}</tbody>
</table>`;
}

function row(order: Belief): string {
  const status = statusOf(order);
  return `<tr class="${status}">
<th scope="row"><span class="number">${safe(order.placer)}</span><span class="sub">${clock(order.orderedAt)}</span></th>
<td>${safe(order.initials)}</td>
<td><span class="exam">${safe(order.exam)}</span><span class="sub">${safe(order.code)}${order.changedAt === null ? '' : ` · changed ${clock(order.changedAt)}`}</span></td>
<td><span class="priority p${safe(order.priority)}">${priorityWords[order.priority] ?? safe(order.priority)}</span></td>
<td><span class="badge ${status}">${statusWords[status]}</span>${order.cancelledAt === null ? '' : `<span class="sub">${clock(order.cancelledAt)}</span>`}${refusal(order)}</td>
<td>${recommendation(order)}</td>
<td>${approved(order)}</td>
<td>${criticalResults(order)}</td>
</tr>`;
}

function refusal(order: Belief): string {
  return statusOf(order) === 'refused' ? `<span class="sub">answered ${safe(order.acknowledged ?? '')}</span>` : '';
}

function recommendation(order: Belief): string {
  if (order.recommendation === null) return '<span class="none">none yet</span>';
  const { protocolId, protocolText, confidence, at } = order.recommendation;
  const sure = confidence === null ? '' : ` · ${String(Math.round((confidence > 1 ? confidence / 100 : confidence) * 100))} % sure`;
  return `<span class="code">${safe(protocolId)}</span>${sub(protocolText)}<span class="sub">${clock(at)}${sure}</span>`;
}

function approved(order: Belief): string {
  if (order.approved === null) return '<span class="none">none yet</span>';
  const { protocolId, protocolText, by, at } = order.approved;
  const twice = order.approvals > 1 ? `<span class="sub warn">written ${String(order.approvals)} times</span>` : '';
  return `<span class="code strong">${safe(protocolId)}</span>${sub(protocolText)}<span class="sub">${by === '' ? '' : `${safe(by)} · `}${clock(at)}</span>${twice}`;
}

/** By case number: nothing of the finding, the page is looked at over shoulders. */
function criticalResults({ critical }: Belief): string {
  if (critical.length === 0) return '<span class="none">none</span>';
  return critical
    .map(({ caseNumber, version, status, receivedBy, at, document }) => {
      const words = { 'read-back': `read back by ${safe(receivedBy)}`, withdrawn: 'WITHDRAWN', none: 'no results' }[status];
      const paper = document === null ? '' : `document ${document.number}${document.completion === 'DO' ? ', to be signed' : ''}`;
      const results = status === 'none' ? words : `${words}, version ${String(version)} · ${clock(at)}`;
      return `<span class="code${status === 'withdrawn' ? ' warn' : ''}">${safe(caseNumber)}</span><span class="sub">${results}</span>${sub(paper)}`;
    })
    .join('');
}

function sub(text: string): string {
  return text === '' ? '' : `<span class="sub">${safe(text)}</span>`;
}

/** HH:MM:SS in the machine's zone, with the whole time for machines. */
function clock(at: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return '';
  return `<time datetime="${safe(at)}">${time.toLocaleTimeString('en-GB')}</time>`;
}

function safe(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/gu, (character) => entities[character] ?? character);
}

const style = `
:root { color-scheme: light dark; --page: #f5f6f8; --panel: #fff; --ink: #1b1f24; --soft: #59636e; --line: #dfe3e8; --accent: #4f52b2; --on-accent: #fff;
  --good: #0b6a3a; --good-bg: #dff3e6; --wait: #7a4b00; --wait-bg: #fdf0d5; --bad: #a4262c; --bad-bg: #fbe4e5; --info: #2f4f9e; --info-bg: #e3ebfb; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --panel: #1d2126; --ink: #e8eaed; --soft: #a3adb8; --line: #333a42; --accent: #8f92f0; --on-accent: #14171b;
  --good: #7fd8a2; --good-bg: #16351f; --wait: #f1c277; --wait-bg: #3a2c12; --bad: #f2a0a4; --bad-bg: #421e21; --info: #a9c1f7; --info-bg: #1f2c4a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 32px 48px; max-width: 1480px; background: var(--page); color: var(--ink); font: 14px/1.45 "Segoe UI", system-ui, "Noto Sans", sans-serif; }
header { display: flex; gap: 24px; align-items: center; justify-content: space-between; margin-bottom: 20px; }
h1 { margin: 0; font-size: 22px; font-weight: 600; }
header p { margin: 2px 0 0; color: var(--soft); }
button { padding: 9px 18px; border: 0; border-radius: 6px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; white-space: nowrap; cursor: pointer; }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
.figures { display: flex; gap: 12px; margin: 0 0 16px; }
.figures div { flex: 1; padding: 10px 16px; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.figures dt { color: var(--soft); font-size: 12px; }
.figures dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
th, td { padding: 10px 14px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-size: 12px; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; white-space: nowrap; }
.number, .code { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: 13px; }
.strong { font-weight: 700; }
.sub { display: block; color: var(--soft); font-size: 12px; }
.none { color: var(--soft); }
.warn { color: var(--bad); font-weight: 600; }
.badge { display: inline-block; padding: 1px 10px; border-radius: 999px; font-size: 12px; font-weight: 600; white-space: nowrap; background: var(--info-bg); color: var(--info); }
.badge.approved { background: var(--good-bg); color: var(--good); }
.badge.recommended { background: var(--wait-bg); color: var(--wait); }
.badge.cancelled, .badge.refused { background: var(--bad-bg); color: var(--bad); }
.priority { white-space: nowrap; }
.priority.pS { color: var(--bad); font-weight: 700; }
.priority.pA { color: var(--wait); font-weight: 600; }
tr.cancelled .exam { text-decoration: line-through; }
.away, .empty { padding: 12px 16px; border-radius: 8px; background: var(--wait-bg); color: var(--wait); font-weight: 600; }
.empty { background: var(--panel); color: var(--soft); font-weight: 400; border: 1px solid var(--line); }
#stale { position: sticky; bottom: 12px; width: fit-content; margin: 12px auto; padding: 8px 16px; border-radius: 8px; background: var(--bad-bg); color: var(--bad); }
#stale:empty { display: none; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;

const script = `
const orders = document.getElementById('orders'), stale = document.getElementById('stale');
let shown = '';
setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch('/table');
    const text = await answer.text();
    if (text !== shown) { orders.innerHTML = text; shown = text; }
    stale.textContent = '';
  } catch { stale.textContent = 'The rehearsal hospital does not answer. What you see may be old.'; }
}, 1000);
document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  fetch('/orders/next', { method: 'POST' }).catch(() => undefined);
});
`;
