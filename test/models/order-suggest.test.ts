import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vignettes = fileURLToPath(new URL('../../../shared/data/orders/vignettes.jsonl', import.meta.url));
const oneLiners = fileURLToPath(new URL('../../../shared/data/orders/radcases_synthetic_oneliners.csv', import.meta.url));

interface Line {
  readonly id: string | null;
  readonly error?: { readonly code: string; readonly at: string };
  readonly protocol?: { readonly id: string; readonly modality: string; readonly region: string; readonly contrast: string } | null;
  readonly flags?: readonly { readonly code: string }[];
  readonly abstained?: boolean;
}

function suggest(input: string, ...args: string[]): { readonly code: number | null; readonly lines: Line[]; readonly stderr: string } {
  const done = spawnSync(process.execPath, ['--conditions=source', 'infra/cli/main.ts', 'order', 'suggest', ...args], {
    cwd: root,
    input,
    encoding: 'utf8',
  });
  const lines = done.stdout.split('\n').filter((line) => line.startsWith('{'));
  return { code: done.status, lines: lines.map((line): Line => JSON.parse(line)), stderr: done.stderr };
}

function line(id: string, procedureText: string, indication: string): string {
  return JSON.stringify({ id, order: { procedureText, modality: 'CT', indication, orderedPriority: 'R' }, patient: { ageYears: 60, sex: 'M' } });
}

describe('radloop order suggest', () => {
  it('answers each order in input order, with the fields of the contract', () => {
    const { code, lines } = suggest([line('a', 'CT HEAD WO', 'fall'), line('b', 'CT CHEST', 'cough')].join('\n'), '-', '--json');
    expect(code).toBe(0);
    expect(lines.map((one) => one.id)).toEqual(['a', 'b']);
    for (const name of [
      'protocol',
      'alternatives',
      'confidence',
      'abstained',
      'priority',
      'priorityPhrases',
      'flags',
      'needsRadiologist',
      'appropriateness',
      'questions',
      'reasons',
    ]) {
      expect(lines[0]).toHaveProperty(name);
    }
  });

  it('gives a bad line its error, goes on, and ends with 1', () => {
    const { code, lines } = suggest(['{', '{"id":"x"}', line('c', 'CT HEAD WO', 'fall')].join('\n'), '-', '--json');
    expect(code).toBe(1);
    expect(lines.map((one) => one.error?.code ?? 'answered')).toEqual(['not-json', 'not-an-order', 'answered']);
    expect(lines[0]?.error?.at).toBe('line 1');
  });

  it.each([[[]], [['no-such-file.jsonl']], [['-', '--site', 'no/such/../site', '--wrong']]])(
    'ends with 2 for %j and says why, without a stack',
    (args) => {
      const { code, stderr } = suggest('', ...args);
      expect(code).toBe(2);
      expect(stderr).not.toBe('');
      expect(stderr).not.toMatch(/\n\s+at /u);
    },
  );

  const labelled = existsSync(vignettes) ? it : it.skip;
  labelled(`answers the 60 labelled orders right nine times in ten${existsSync(vignettes) ? '' : ' (left out: ../shared/data is not here)'}`, () => {
    const cases = readFileSync(vignettes, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    const { lines } = suggest(cases.map(({ expect: _label, ...order }) => JSON.stringify(order)).join('\n'), '-', '--json');
    const right = cases.filter(({ expect: label }, n) =>
      label.acceptableProtocols.some((one: Line['protocol'] & object) =>
        (['modality', 'region', 'contrast'] as const).every((key) => one[key] === lines[n]?.protocol?.[key]),
      ),
    );
    expect(right.length / cases.length).toBeGreaterThanOrEqual(0.9);
  });

  const sentences = existsSync(oneLiners) ? it : it.skip;
  sentences(`calls no real case history a missing indication${existsSync(oneLiners) ? '' : ' (left out: ../shared/data is not here)'}`, () => {
    const cases = readFileSync(oneLiners, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.replace(/^\d+,"?/u, '').replace(/"?,https.*$/u, ''));
    const { lines } = suggest(cases.map((text, n) => line(String(n), 'CT CHEST ABDOMEN PELVIS W', text)).join('\n'), '-', '--json');
    expect(lines.filter((one) => one.flags?.some((flag) => flag.code === 'missing-indication')).map((one) => one.id)).toEqual([]);
  });
});
