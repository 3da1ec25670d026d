import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * What a process asked of its disk, and what it let out, in the order of the kernel: read from `strace -f -y -xx`. A call that another thread interrupts in the
 * trace has begun at its first line and is done at its second.
 */
export type DiskEvent =
  | { readonly kind: 'write'; readonly id: number; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly id: number; readonly file: string; readonly length: number }
  | { readonly kind: 'unlink'; readonly id: number; readonly file: string }
  /** The change `id` has returned: a sync that begins after this covers it. */
  | { readonly kind: 'done'; readonly id: number; readonly file: string }
  /** Of a file, or of the folder (`file` is empty): then it covers what was unlinked. */
  | { readonly kind: 'sync'; readonly id: number; readonly file: string }
  | { readonly kind: 'synced'; readonly id: number; readonly file: string }
  /** The sync ended with an error. */
  | { readonly kind: 'unsynced'; readonly id: number; readonly file: string }
  /** A line on standard output: from here on the world knows it. */
  | { readonly kind: 'said'; readonly text: string };

export const STRACE = [
  '-f',
  '-y',
  '-xx',
  '-s',
  '200000',
  '-e',
  'trace=pwrite64,pwritev,write,ftruncate,fdatasync,fsync,unlink,unlinkat,rename,renameat,renameat2',
];

const CALL = /^(?<thread>\d+) +(?<name>\w+)\((?<fd>\d+)<(?<path>[^>]*)>(?<rest>.*)$/u;
const UNLINK = /^\d+ +unlink(?:at\(AT_FDCWD(?:<[^>]*>)?, |\()"(?<path>[^"]*)".*\) += 0/u;
const RESUMED = /^(?<thread>\d+) +<\.\.\. (?<name>\w+) resumed>.*= (?<result>-?\d+)/u;
const RESULT = /\) += (?<result>-?\d+)/u;

/** Only the files in `folder` count; names are relative to it. Throws at a call that it can't read: a trace that is misunderstood proves nothing. */
export async function readTrace(trace: string, folder: string): Promise<readonly DiskEvent[]> {
  const events: DiskEvent[] = [];
  const begun = new Map<string, { readonly id: number; readonly name: string; readonly file: string }>();
  let next = 0;
  for await (const line of createInterface({ input: createReadStream(trace, 'latin1') })) {
    const resumed = RESUMED.exec(line)?.groups;
    if (resumed !== undefined) {
      const call = begun.get(resumed['thread'] ?? '');
      begun.delete(resumed['thread'] ?? '');
      if (call !== undefined) events.push(...ended(call, Number(resumed['result'])));
      continue;
    }
    const gone = UNLINK.exec(line)?.groups;
    if (gone !== undefined) {
      const path = unhexed(gone['path'] ?? '').toString();
      if (!path.startsWith(`${folder}/`)) continue;
      const file = path.slice(folder.length + 1);
      const id = (next += 1);
      events.push({ kind: 'unlink', id, file }, { kind: 'done', id, file });
      continue;
    }
    if (line.includes('rename') && line.includes(hexed(folder))) throw new Error('the trace has a rename in the store, which is not understood');
    const call = CALL.exec(line)?.groups;
    if (call === undefined) continue;
    const { thread = '', name = '', fd = '', rest = '' } = call;
    const path = unhexed(call['path'] ?? '').toString();
    if (name === 'write' && fd === '1') {
      events.push(...unhexed(quoted(rest)).toString().split('\n').filter((text) => text !== '').map((text) => ({ kind: 'said' as const, text }))); // prettier-ignore
      continue;
    }
    if (path !== folder && !path.startsWith(`${folder}/`)) continue;
    const file = path.slice(folder.length + 1);
    const id = (next += 1);
    events.push(startOf(name, id, file, rest));
    if (rest.endsWith('<unfinished ...>')) begun.set(thread, { id, name, file });
    else events.push(...ended({ id, name, file }, Number(RESULT.exec(rest)?.groups?.['result'] ?? -1)));
  }
  return events;
}

function startOf(name: string, id: number, file: string, rest: string): DiskEvent {
  const numbers = rest.replace(/"[^"]*"/u, '').match(/-?\d+/gu) ?? [];
  switch (name) {
    case 'pwrite64':
      return { kind: 'write', id, file, offset: Number(numbers[1]), bytes: unhexed(quoted(rest)) };
    case 'ftruncate':
      return { kind: 'truncate', id, file, length: Number(numbers[0]) };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', id, file };
    default:
      throw new Error(`the trace has ${name} on ${file}, which is not understood`);
  }
}

function ended({ id, name, file }: { readonly id: number; readonly name: string; readonly file: string }, result: number): DiskEvent[] {
  if (name.endsWith('sync')) return [{ kind: result < 0 ? 'unsynced' : 'synced', id, file }];
  return result < 0 ? [] : [{ kind: 'done', id, file }];
}

function quoted(rest: string): string {
  const found = /"(?<text>[^"]*)"(?<cut>\.\.\.)?/u.exec(rest)?.groups;
  if (found === undefined || found['cut'] !== undefined) throw new Error('the trace has cut what was written');
  return found['text'] ?? '';
}

function hexed(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

function unhexed(text: string): Buffer {
  return text.startsWith('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex') : Buffer.from(text, 'latin1');
}
