import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Disk } from './disk-states.ts';
import { readTrace, STRACE } from './disk-trace.ts';

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.error('strace is not installed: what a sync of the file that fails takes away is not tested here.');

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'radloop-lost-'));
});
afterEach(() => {
  rmSync(work, { recursive: true, force: true });
});

(hasStrace ? it : it.skip)(
  'when a sync of the file fails once and its pages are gone, the next power loss takes nothing that was acknowledged (invariants 1, 6)',
  async () => {
    const [store, after, trace] = [join(work, 'store'), join(work, 'after'), join(work, 'trace')];
    const file = join(store, 'radloop.sqlite');
    const node = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'test/chaos/disk-filler.ts', store];
    expect(spawnSync(process.execPath, [...node, 'prepare'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    const disk = new Disk();
    const whole = { id: 0, file: 'radloop.sqlite' };
    disk.tell({ kind: 'write', ...whole, offset: 0, bytes: readFileSync(file) });
    for (const kind of ['done', 'sync', 'synced'] as const) disk.tell({ kind, ...whole });

    // The file alone; of each thread the first sync fails.
    const failing = ['-P', file, '-e', 'inject=fsync,fdatasync:error=EIO:when=1', '-o', trace];
    const run = spawnSync('strace', [...STRACE, ...failing, process.execPath, ...node], { encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const acknowledged = JSON.parse(run.stdout) as number[];
    const events = await readTrace(trace, store);
    expect(events.filter(({ kind }) => kind === 'unsynced').length).toBeGreaterThan(0);
    for (const event of events) disk.tell(event);

    // The best that a power loss can leave: of the file what was synced, and all of the log.
    mkdirSync(after);
    disk.lose(after, () => 0);
    copyFileSync(`${file}-wal`, join(after, 'radloop.sqlite-wal'));
    const db = new DatabaseSync(join(after, 'radloop.sqlite'));
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    const kept = new Set(db.prepare('SELECT n FROM filling WHERE length(bytes) = 3800').all().map(({ n }) => n)); // prettier-ignore
    db.close();
    expect(acknowledged.length).toBeGreaterThan(500);
    expect(acknowledged.filter((n) => !kept.has(n))).toEqual([]);
  },
  120_000,
);
