import { minutesBetween } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { FollowUpLine } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';

/** Open critical results, one a line: number, kind, how it stands, whose it is, its age. */
export function alertLines(alerts: readonly CaseRow[], asOf: Instant): string[] {
  if (alerts.length === 0) return ['No critical result that you may see is open.'];
  return alerts.map(({ caseNumber, kind, status, owner, since, note }) => {
    const minutes = minutesBetween(since, asOf);
    const age = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
    return [caseNumber, kind, note ?? status, owner ?? '–', age].join('  ');
  });
}

/** Open follow-ups, one a line: number, finding, whose, the exam's case, since when, by when. */
export function followUpLines(followUps: readonly FollowUpLine[]): string[] {
  if (followUps.length === 0) return ['No follow-up that you may see is open.'];
  return followUps.map(({ caseNumber, orderCase, owner, as, finding, since, due, overdue }) => {
    const whose = owner === null ? 'coordinators' : `${owner.name} (${as})`;
    return [caseNumber, finding, whose, `exam ${orderCase ?? '–'}`, `since ${since}`, `due ${due}${overdue ? ' OVERDUE' : ''}`].join('  ');
  });
}

type Node = Readonly<Record<string, unknown>>;

/** An Adaptive Card as lines to read on a terminal: its words in their order, its choices with the ids that a command takes; no buttons. */
export function cardText(card: object): string {
  return linesOf(card as Node, '')
    .map((line) => line.trimEnd())
    .join('\n');
}

function linesOf(node: Node, indent: string): string[] {
  if (node['isVisible'] === false) return [];
  const text = (value: unknown): string[] => (typeof value === 'string' && value !== '' ? [`${indent}${plain(value)}`] : []);
  switch (node['type']) {
    case 'TextBlock':
      return text(node['text']);
    case 'RichTextBlock':
      return text(
        list(node['inlines'])
          .map((run) => run['text'])
          .join(''),
      );
    case 'FactSet':
      return list(node['facts']).flatMap(({ title, value }) => text(`${String(title)}: ${String(value)}`));
    case 'TableRow':
      return [`${indent}${list(node['cells']).map(inOne).join('   ')}`];
    case 'ColumnSet':
      return [`${indent}${list(node['columns']).map(inOne).join('   ')}`];
    case 'Input.ChoiceSet':
      return [...text(node['label']), ...list(node['choices']).map(({ title, value }) => `${indent}  ${String(value)}  ${plain(String(title))}`)];
    case 'Input.Text':
      return [];
    default:
      return ['body', 'items', 'rows', 'columns', 'cells'].flatMap((name) => list(node[name]).flatMap((child) => linesOf(child, indent)));
  }
}

function inOne(node: Node): string {
  return linesOf(node, '').join(' ');
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter((one): one is Node => typeof one === 'object' && one !== null) : [];
}

/** No escapes of Markdown, and nothing that a terminal would obey. */
function plain(text: string): string {
  return text.replace(/\\(?=[!-/:-@[-`{-~])/gu, '').replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, ' ');
}
