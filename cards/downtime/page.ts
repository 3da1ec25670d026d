import { clean, formatDayTime } from '#cards/kit/text.js';
import type { Instant } from '#core/time.js';
import type { DowntimeList, ListedCase } from '#domain/downtime.js';
import { style } from './style.ts';

/** Text as HTML reads it; nothing of it acts. */
interface Html {
  readonly html: string;
}

/**
 * The list as a page to print and to write on: a sheet for each place, what comes first at its top. Loads nothing and runs nothing. In pieces, in their order: after a
 * long downtime tens of thousands of cases may be open, and the whole page is a hundred megabytes.
 */
export function* pageOf(list: DowntimeList): Generator<string> {
  const groups = groupsOf(list.cases);
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;
  yield `<!doctype html>\n<html lang="en"><head>${head}${mark`<title>Downtime list, as of ${longTime(list.asOf, list.zone)}</title>`.html}<style>${style}</style></head><body>\n`;
  yield coverOf(list, groups).html;
  for (const group of groups) {
    yield `\n${headOf(list, group).html}`;
    for (const one of group.cases) yield `\n${caseOf(one, list.asOf, list.zone).html}`;
    yield '</table>';
  }
  yield '\n</body></html>\n';
}

interface Group {
  readonly name: string;
  readonly cases: readonly ListedCase[];
}

function groupsOf(cases: readonly ListedCase[]): readonly Group[] {
  return [...Map.groupBy(cases, ({ group }) => group)].map(([name, own]) => ({ name, cases: own }));
}

function coverOf(list: DowntimeList, groups: readonly Group[]): Html {
  const { site, zone, asOf, writtenAt, held } = list;
  const late =
    writtenAt > asOf
      ? mark`<p><b>Messages that came after this time had not been read yet</b> when the list was written (${longTime(writtenAt, zone)}): look in the RIS.</p>`
      : NOTHING;
  return mark`<section>
<h1>Open cases, for a downtime of Radloop</h1>
<p class="asof">${site} · as of ${longTime(asOf, zone)}</p>
${late}
${countsOf(groups)}
<h2>How to work with it</h2>
<ol>
<li>An order that came after ${formatDayTime(asOf, zone)} is not here, nor is what was changed or cancelled since. <b>Look into the RIS before you act on a line.</b></li>
<li>Decide: tick one box, write name, date and time. Then have it entered in the RIS by hand and tick <b>In the RIS</b>.</li>
<li>When Radloop is back: fill in the last six columns of the CSV that lies beside this page and run <b>radloop downtime enter FILE</b>, first with <b>--dry-run</b>. Do not enter it in Teams as well.</li>
</ol>
<p class="small">In the CSV: decision is approve, other or reject; protocol the id of another protocol; person the id or the whole name; decided_at such as 2026-11-25 03:12; in_ris yes or no; note the reason. What is not ticked stays open.</p>
${heldOf(held, zone)}
</section>`;
}

function countsOf(groups: readonly Group[]): Html {
  if (groups.length === 0) return mark`<p><b>Nothing was open.</b></p>`;
  const row = ({ name, cases }: Group): Html =>
    mark`<tr><th>${name}</th><td>${cases.length}</td><td>${cases.filter(({ isFirst }) => isFirst).length}</td><td>${cases.filter(({ mayDecide }) => mayDecide).length}</td></tr>`;
  return mark`<table class="counts"><thead><tr><th>Place</th><th>Open</th><th>STAT</th><th>To be decided</th></tr></thead><tbody>${groups.map(row)}</tbody></table>`;
}

/** Held for the operator: what a clinician can't see in a case. */
function heldOf(held: DowntimeList['held'], zone: string): Html {
  if (held.length === 0) return NOTHING;
  const what = { outbox: 'did not reach its receiver', event: 'could not be worked on' } as const;
  const item = ({ kind, caseNumber, since }: DowntimeList['held'][number]): Html =>
    mark`<li>Case <b>${caseNumber ?? 'not known'}</b>, ${formatDayTime(since, zone)}: something ${what[kind]}. Make sure in the RIS.</li>`;
  const shown = held.slice(0, MOST_HELD);
  const more = held.length > shown.length ? mark`<li>and ${held.length - shown.length} more.</li>` : NOTHING;
  return mark`<h2>Held for the integration operator (${held.length})</h2><ul>${shown.map(item)}${more}</ul>`;
}

const MOST_HELD = 20;

function headOf({ site, asOf, zone }: DowntimeList, { name, cases }: Group): Html {
  const stat = cases.filter(({ isFirst }) => isFirst).length;
  const counted = `${cases.length} open${stat === 0 ? '' : `, ${stat} STAT`}`;
  return mark`<table class="group"><thead><tr><th><div class="bar"><b>${name}</b><span>${counted} · ${site}</span><span class="asof">as of ${longTime(asOf, zone)}</span></div></th></tr></thead>`;
}

function caseOf(one: ListedCase, asOf: Instant, zone: string): Html {
  const { caseNumber, urgency, isFirst, patient, location, exam, indication, orderedBy, order, accession, revision } = one;
  const numbers = [order === '' ? '' : `order ${order}`, accession === '' ? '' : `accession ${accession}`].filter((text) => text !== '').join(' · ');
  const who = [patient.born === '' ? 'birth date not given' : `born ${patient.born}`, patient.sex, location]
    .filter((text) => text !== '')
    .join(' · ');
  const urgent = mark`<div class="${isFirst ? 'urgency first' : 'urgency'}">${urgency}</div>`;
  return mark`<tbody><tr><td><div class="case">
<div><div class="number">${caseNumber}</div>${urgency === '' ? NOTHING : urgent}<div class="small notes">${deadlineOf(one, asOf, zone)}</div></div>
<div><div class="name">${patient.name}</div><div><b>${patient.number === '' ? 'no record number' : `MRN ${patient.number}`}</b> · ${who}</div>
<div class="exam">${exam}</div><div>${shortened(indication)}</div>
<div class="small">${[numbers, orderedBy === '' ? '' : `ordered by ${orderedBy}`].filter((text) => text !== '').join(' · ')}</div>
${one.warnings.slice(0, MOST_WARNINGS).map(warningOf)}${one.warnings.length > MOST_WARNINGS ? mark`<div class="warn"><b>${one.warnings.length - MOST_WARNINGS} more warnings: look them up in the EHR.</b></div>` : NOTHING}
<div class="small notes">${one.state}. Waits for ${one.waitsFor}. Last change ${formatDayTime(one.changedAt, zone)}, revision ${revision}.</div></div>
${one.mayDecide ? decisionOf(one) : handOf()}
</div></td></tr></tbody>`;
}

const MOST_WARNINGS = 6;
const LONGEST_INDICATION = 400;

function shortened(text: string): string {
  const characters = [...clean(text)];
  return characters.length <= LONGEST_INDICATION ? text : `${characters.slice(0, LONGEST_INDICATION).join('')} … (cut: read it in the RIS)`;
}

function deadlineOf({ deadline }: ListedCase, asOf: Instant, zone: string): Html {
  if (deadline === null) return NOTHING;
  return deadline < asOf
    ? mark`<span class="due">OVERDUE<br>since ${formatDayTime(deadline, zone)}</span>`
    : mark`<span class="due">due ${formatDayTime(deadline, zone)}</span>`;
}

/** `STOP: …`: the word stands out. */
function warningOf(text: string): Html {
  const [, word = '', rest = text] = /^([^:]{1,14}): (.*)$/su.exec(text) ?? [];
  return mark`<div class="warn">${word === '' ? NOTHING : mark`<b>${word}:</b> `}${rest}</div>`;
}

function decisionOf({ proposal }: ListedCase): Html {
  const approve =
    proposal === null
      ? mark`<div class="small">No protocol was proposed.</div>`
      : mark`<div class="tick"><span class="box"></span><span><b>approve</b> ${proposal.id}</span></div><div class="label">${proposal.name}</div>`;
  return mark`<div class="fill">${approve}
<div class="tick"><span class="box"></span><b>other</b><span class="line"></span></div>
<div class="tick"><span class="box"></span><b>reject</b><span class="label">why</span><span class="line"></span></div>
<div class="tick"><span class="label">Name</span><span class="line"></span></div>
<div class="tick"><span class="label">Date, time</span><span class="line"></span></div>
<div class="tick"><span class="box"></span><span>In the RIS, by</span><span class="line"></span></div></div>`;
}

/** Nothing to decide: something to do, or to know. */
function handOf(): Html {
  return mark`<div class="fill"><div class="small">Nothing to decide here.</div>
<div class="tick"><span class="label">Done</span><span class="line"></span></div>
<div class="tick"><span class="label">Name</span><span class="line"></span></div>
<div class="tick"><span class="label">Date, time</span><span class="line"></span></div></div>`;
}

/** `Wed 25 Nov 2026, 04:40 (America/Chicago)` */
function longTime(at: Instant, zone: string): string {
  const day = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return `${day.format(new Date(at)).replace('Sept', 'Sep')} (${zone})`;
}

const NOTHING: Html = { html: '' };

type Piece = string | number | Html | readonly Html[];

/** Every text is escaped; what is Html already stays. */
function mark(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { html: texts.reduce((before, text, index) => `${before}${written(pieces[index - 1] ?? '')}${text}`) };
}

function written(piece: Piece): string {
  if (typeof piece === 'string') return clean(piece).replaceAll(/[&<>"']/gu, (character) => `&#${character.codePointAt(0) ?? 0};`).replaceAll('\n', '<br>'); // prettier-ignore
  if (typeof piece === 'number') return String(piece);
  return 'html' in piece ? piece.html : piece.map(({ html }) => html).join('');
}
