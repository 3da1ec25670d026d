import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const workflows = join(import.meta.dirname, '..', '..', 'functions', 'workflows');
const names = readdirSync(workflows, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** HOUSE-STYLE 3.1: who knows one workflow finds everything in the next. `views.ts` and further files are free. */
const everyFolder = ['card.ts', 'decide.ts', 'effects.ts', 'events.ts', 'examples.ts', 'index.ts', 'policy.ts', 'words.ts'];

it('there is a workflow', () => {
  expect(names).not.toEqual([]);
});

describe.each(names)('the workflow %s', (name) => {
  it('has the same files as every workflow', () => {
    const files = readdirSync(join(workflows, name));
    expect(everyFolder.filter((file) => !files.includes(file))).toEqual([]);
  });

  it('is imported once by registry.ts and stands there in one line', () => {
    const lines = readFileSync(join(workflows, 'registry.ts'), 'utf8').split('\n');
    const inCode = name.replaceAll(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
    expect(lines.filter((line) => line.includes(`'./${name}/index.ts'`))).toHaveLength(1);
    expect(lines.filter((line) => line.includes(`runnable(${inCode},`))).toHaveLength(1);
  });

  it('is called what its folder is called', () => {
    expect(readFileSync(join(workflows, name, 'index.ts'), 'utf8')).toContain(`name: '${name}'`);
  });
});
