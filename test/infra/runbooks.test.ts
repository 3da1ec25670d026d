import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS } from '#ports/metrics.js';

const folder = join('infra', 'docs', 'runbooks');
const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');

/** Every situation of INVARIANTS section 4, and its runbook. */
const situations = {
  'intake NAKing AE': 'intake-refuses',
  'disk over 80/90/95 %': 'disk-fills',
  'fsync EIO': 'fsync-error',
  'backlog age over 1 min': 'backlog',
  'one key held': 'one-key-held',
  'poison burst': 'poison-burst',
  'destination down': 'destination-down',
  'Teams or Graph outage': 'teams-down',
  'alert overdue': 'alert-overdue',
  'on-call gap': 'on-call-gap',
  'clock step': 'clock-step',
  'split brain, lease flap': 'split-brain',
  'AI off': 'ai-off',
  'JWKS or certificate expiry': 'certificate-expiry',
  'duplicate storm': 'duplicate-storm',
  'control-ID reuse': 'control-id-reuse',
  'patient mismatch': 'patient-mismatch',
  'chain broken': 'chain-broken',
  'suspected PHI exposure': 'phi-exposure',
  'key rotation': 'key-rotation',
  restore: 'restore',
  rollback: 'rollback',
  'downtime forms and back-entry': 'downtime',
};

interface Named {
  readonly where: string;
  readonly line: string;
}

/** Lines of a text that call `radloop`: in a block of code, or between backticks. */
function commandsIn(where: string, text: string): Named[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/gu)].flatMap(([, body = '']) => body.split('\n'));
  const inline = [...text.replaceAll(/```[\s\S]*?```/gu, '').matchAll(/`(radloop [^`]+)`/gu)].map(([, line = '']) => line);
  return [...blocks, ...inline]
    .map((line) => line.trim().replace(/\s+#.*$/u, ''))
    .filter((line) => line.startsWith('radloop '))
    .map((line) => ({ where, line }));
}

const helps = new Map<string, Promise<string | null>>();
/** What `radloop WORDS --help` says; null: there is no such command. */
function helpOf(words: string): Promise<string | null> {
  const known = helps.get(words) ?? askedFor(words);
  helps.set(words, known);
  return known;
}

async function askedFor(words: string): Promise<string | null> {
  const child = spawn(process.execPath, [
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    'infra/cli/main.ts',
    ...words.split(' '),
    '--help',
  ]);
  let help = '';
  child.stdout.on('data', (chunk: Buffer) => (help += chunk.toString('utf8')));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return code === 0 ? help : null;
}

/** What is wrong with a command line: no such command, or an option that its help does not know. `radloop q …` names a group. */
async function faultOf({ where, line }: Named): Promise<string | null> {
  const [, first = '', second = '…'] = line.split(/\s+/u);
  const isGroup = (await helpOf(first))?.startsWith('radloop works on files') === true;
  if (isGroup && second === '…') return null;
  const words = isGroup ? `${first} ${second}` : first;
  const help = await helpOf(words);
  if (help === null) return `${where}: there is no "radloop ${words}"`;
  const options = [...line.matchAll(/(?<=\s)--([a-z-]+)/gu)].map(([option]) => option);
  const unknown = options.filter((option) => !help.includes(option));
  return unknown.length === 0 ? null : `${where}: "radloop ${words}" has no ${unknown.join(', ')}`;
}

describe('the runbooks', () => {
  it('are there for every situation of INVARIANTS section 4, and for nothing else', () => {
    expect(names.toSorted()).toEqual(Object.values(situations).map((name) => `${name}.md`).toSorted()); // prettier-ignore
  });

  it.each(names)('%s says symptom, see, do, verify and escalate, in that order', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const parts = ['**Symptom.**', '## See', '## Do', '## Verify', '## Escalate'].map((part) => text.indexOf(part));
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
    expect(Math.min(...parts)).toBeGreaterThan(0);
  });

  it('call only commands and options that there are, as does infra/README.md', async () => {
    const files = [...names.map((name) => join(folder, name)), join('infra', 'README.md'), join(folder, 'README.md')];
    const found = files.flatMap((file) => commandsIn(file, readFileSync(file, 'utf8')));
    expect(found.length).toBeGreaterThan(60);
    const faults = await Promise.all(found.map(faultOf));
    expect(faults.filter((fault) => fault !== null)).toEqual([]);
  }, 120_000);

  it('would be found out with a command or an option that there is not', async () => {
    expect(await faultOf({ where: 'planted', line: 'radloop q mend o12' })).toContain('q mend');
    expect(await faultOf({ where: 'planted', line: 'radloop audit verify --repair' })).toContain('--repair');
  });

  it('link only files that there are', () => {
    const broken = names.flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/\]\(([\w-]+\.md)\)/gu)]
        .filter(([, to = '']) => !names.includes(to))
        .map(([, to]) => `${name}: ${String(to)}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('the metrics that alerts and the workbook ask for', () => {
  /** Come with critical results (a later issue); until then those alerts have nothing to count. */
  const later = ['alert.time_to_first_attempt', 'alert.overdue', 'alert.open'];
  it.each(['alerts', 'workbook'])('are those that the service has (%s)', (template) => {
    const text = readFileSync(join('infra', 'azure', 'modules', `${template}.bicep`), 'utf8');
    const asked = [...text.matchAll(/Name (?:==|in) \(?((?:"[\w.]+"(?:, )?)+)/gu)].flatMap(([, list = '']) =>
      [...list.matchAll(/"([\w.]+)"/gu)].map(([, name = '']) => name),
    );
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.filter((name) => !(name in METRICS) && !later.includes(name) && name !== 'hl7-in')).toEqual([]);
  });
});
