import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const file = join('infra', 'relay', 'Dockerfile');

/** Instructions with their words; comments and continued lines are taken together. Parsed only: no image is built here. */
function instructions(text: string): { readonly name: string; readonly rest: string }[] {
  const lines = text.replace(/\\\n/gu, ' ').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')); // prettier-ignore
  return lines.map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/u.exec(line) ?? [];
    return { name, rest };
  });
}

/** Every file that a source imports, and every package. */
function reach(entry: string): { readonly files: Set<string>; readonly packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const look = (at: string): void => {
    if (files.has(at)) return;
    files.add(at);
    for (const [, what = ''] of readFileSync(at, 'utf8').matchAll(/^(?:import|export) (?!type )[^'"]*?from '([^']+)'/gmu)) {
      if (what.startsWith('.')) look(normalize(join(dirname(at), what)));
      else if (what.startsWith('#')) look(join('functions', what.slice(1).replace(/\.js$/u, '.ts')));
      else if (!what.startsWith('node:')) packages.add(what.split('/')[0] ?? what);
    }
  };
  look(entry);
  return { files, packages };
}

describe('the image of the relay (its Dockerfile is parsed, not built)', () => {
  const all = instructions(readFileSync(file, 'utf8'));
  const copied = all.filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from')).flatMap(({ rest }) => rest.split(' ').slice(0, -1)); // prettier-ignore
  const entry = all.find(({ name }) => name === 'ENTRYPOINT')?.rest ?? '[]';

  it('holds nothing but instructions that there are', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'STOPSIGNAL', 'ENTRYPOINT'];
    expect(all.filter(({ name }) => !known.includes(name))).toEqual([]);
  });

  it('copies what is there, and every file and package that the relay imports', () => {
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
    const main = (JSON.parse(entry) as string[]).at(-1) ?? '';
    const { files, packages } = reach(main);
    expect(files.size).toBeGreaterThan(10);
    expect([...files].filter((path) => !copied.some((folder) => path.startsWith(`${folder}/`)))).toEqual([]);
    expect([...packages]).toEqual(['zod']);
    expect(readFileSync(file, 'utf8')).toContain('node_modules/zod');
  });

  it('sends to the builder what it copies, and nothing else', () => {
    const ignored = readFileSync(`${file}.dockerignore`, 'utf8').split('\n').filter((line) => line !== ''); // prettier-ignore
    expect(ignored[0]).toBe('**');
    expect(ignored.slice(1).map((line) => line.replace(/^!/u, '')).toSorted()).toEqual([...new Set(copied)].toSorted()); // prettier-ignore
  });

  it('does not run as root, and runs on Node 24', () => {
    expect(all.find(({ name }) => name === 'USER')?.rest).toBe('node');
    expect(all.filter(({ name }) => name === 'FROM').every(({ rest }) => rest.startsWith('node:24-'))).toBe(true);
  });
});
