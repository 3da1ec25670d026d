import type { ActOn, HistoryRow, QueueReply, ShownDetail, ShownItem } from '#ports/queue.js';

/** Widest line for people; a wider terminal is used. */
const WIDTH = Math.max(120, process.stdout.isTTY ? process.stdout.columns : 0);

/** Prints an answer. Gives the exit code: 1 when the answer is no. */
export function print(reply: QueueReply, json: boolean): number {
  if (!reply.ok) {
    if (json) say(JSON.stringify({ error: { code: reply.code, message: reply.text, at: null } }));
    else console.error(reply.text);
    return 1;
  }
  switch (reply.answer) {
    case 'list':
      if (json) reply.items.forEach((item) => say(JSON.stringify(forScripts(item))));
      else printList(reply.items, reply.more);
      return 0;
    case 'show':
      if (json)
        say(
          JSON.stringify({ ...forScripts(reply.item), about: reply.item.about, body: reply.item.body, related: reply.item.related.map(forScripts) }),
        );
      else printItem(reply.item);
      return 0;
    case 'diff':
      if (json) say(JSON.stringify({ id: reply.item.id, with: reply.with.id, differences: reply.differences, same: reply.same }));
      else printDifferences(reply);
      return 0;
    case 'history':
      reply.rows.forEach((row) => say(json ? JSON.stringify(row) : historyLine(row)));
      if (!json && reply.rows.length === 0) say('Nothing was done by an operator.');
      return 0;
    case 'acted':
      printActs(reply.on, json, reply.dryRun);
      return reply.on.every((one) => one.ok) ? 0 : 1;
    case 'waits': {
      const { bulk, until, on } = reply;
      printActs(on, json, true);
      if (json) say(JSON.stringify({ bulk, until }));
      else say(`\nNothing is done yet. More than one item: another person confirms it before ${time(until)} with\n  radloop q confirm ${bulk}`);
      return 0;
    }
    case 'export':
      throw new Error('an export is written to a file');
    default:
      return reply satisfies never;
  }
}

function say(line: string): void {
  console.log(line);
}

/** `what` and `case` as `radloop q list --json` has had them from the first. */
function forScripts({ id, kind, state, caseNumber, what, destination, code, reason, since, next }: ShownItem): object {
  return { id, what: kind === 'message' ? `message ${state}` : kind, state, case: caseNumber, type: what, destination, code, reason, since, next };
}

function printList(items: readonly ShownItem[], more: boolean): void {
  if (items.length === 0) {
    say('Nothing is held.');
    return;
  }
  const rows = items.map(({ id, kind, state, caseNumber, what, destination, reason, since, next }) => {
    return [id, heldAs(kind, state), what, caseNumber ?? '', age(since), destination ?? '', reason, next];
  });
  table(['id', 'held', 'what', 'case', 'age', 'where', 'why', 'what to do'], [24, 14, 16, 6, 6, 12, 0, 22], rows);
  if (more) say('Older messages are not shown: --limit N, or --kind, --state.');
}

/** In one word: the kind where the state is its usual one. */
function heldAs(kind: ShownItem['kind'], state: string): string {
  return ['held', 'quarantined', 'unmatched', 'unanswered', 'noted', 'waiting'].includes(state) ? kind : state;
}

/** Columns of these widths at most; the one of width 0 takes what is left of the line. */
function table(head: readonly string[], most: readonly number[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows];
  const widths = most.map((width, column) => Math.min(width, Math.max(...all.map((row) => row[column]?.length ?? 0))));
  const left = WIDTH - widths.reduce((sum, width) => sum + width, 0) - (widths.length - 1);
  const lines = all.map((row) => {
    return widths.map((width, column) => cut(row[column] ?? '', most[column] === 0 ? left : width)).join(' ').trimEnd(); // prettier-ignore
  });
  lines.forEach(say);
}

function cut(text: string, width: number): string {
  const plain = text.replace(/\p{C}/gu, '?');
  return plain.length > width ? `${plain.slice(0, width - 1)}…` : plain.padEnd(width);
}

function age(since: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - new Date(since).getTime()) / 60_000));
  if (minutes < 1) return '<1 min';
  if (minutes < 100) return `${minutes} min`;
  return minutes < 60 * 48 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** As stored, without its milliseconds: UTC. */
function time(at: string): string {
  return at.replace('T', ' ').replace(/\.\d+Z$/u, ' UTC');
}

function printItem(item: ShownDetail): void {
  const { id, kind, state, caseNumber, what, destination, code, reason, since, next, about, body, related } = item;
  const rows: [string, string | number | null][] = [
    ['what', `${kind} ${what}, ${state}`],
    ['case', caseNumber],
    ['where', destination],
    ['since', time(since)],
    ['code', code],
    ['why', reason],
    ...Object.entries(about),
    ['what to do', next],
  ];
  say(id);
  for (const [name, value] of rows) if (value !== null && value !== '') paragraph(name, String(value));
  if (body !== null) {
    say('\nIts bytes, field by field (every letter an x, every digit a 9):');
    for (const { at, value } of body) say(cut(`  ${at.padEnd(11)} ${value}`, WIDTH).trimEnd());
  }
  if (related.length > 0) {
    say('\nIt has to do with:');
    for (const one of related)
      say(cut(`  ${one.id.padEnd(8)} ${one.kind} ${one.what}, ${one.state}${one.reason === '' ? '' : `: ${one.reason}`}`, WIDTH).trimEnd());
  }
}

/** A name, and its text over as many lines as it needs. */
function paragraph(name: string, text: string): void {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] ?? '';
    if (line !== '' && line.length + word.length > WIDTH - 16) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  lines.forEach((line, index) => say(`  ${(index === 0 ? name : '').padEnd(12)} ${line}`));
}

function printDifferences({ item, with: other, differences, same }: Extract<QueueReply, { answer: 'diff' }>): void {
  say(
    `${item.id} (${item.what}) beside ${other.id} (${other.what}, ${time(other.since)}): fields that differ: ${differences.length}, the same: ${same}.`,
  );
  if (differences.length === 0) return;
  say('Every letter is an x and every digit a 9: two values may look alike and differ.\n');
  table(['field', other.id, item.id], [12, 50, 0], differences.map(({ at, before, after }) => [at, before ?? '(not there)', after ?? '(not there)'])); // prettier-ignore
}

function historyLine({ at, who, action, outcome, caseNumber, detail }: HistoryRow): string {
  const { reason, item, items, bulk, account, ...rest } = detail;
  const target = [item ?? items ?? bulk ?? '', caseNumber ?? ''].filter((part) => part !== '').join(' ');
  const more = Object.entries(rest).filter(([name]) => !['number', 'event'].includes(name)).map(([name, value]) => `${name} ${String(value)}`); // prettier-ignore
  const why = [reason === undefined ? [] : `"${String(reason)}"`, account === undefined ? [] : `as ${String(account)}`, ...more].flat();
  return cut(`${time(at)}  ${who.padEnd(12)} ${action.padEnd(12)} ${outcome.padEnd(7)} ${target}  ${why.join(', ')}`, WIDTH).trimEnd();
}

function printActs(on: readonly ActOn[], json: boolean, isOnlySaid: boolean): void {
  for (const { id, ok, text } of on) {
    if (json) say(JSON.stringify({ id, ok, text, dryRun: isOnlySaid }));
    else paragraph(id, `${ok ? (isOnlySaid ? 'would: ' : 'done: ') : 'no: '}${text}`);
  }
}
