import { createRequire } from 'node:module';
import { complaints, plant } from './planted-tree.ts';
import type { Complaint } from './planted-tree.ts';
import { plants, sound, unusedDependency } from './plants.ts';
import type { Plant } from './plants.ts';

let said: readonly Complaint[] = [];

beforeAll(async () => {
  plant();
  said = await complaints();
}, 180_000);

function found({ tool, rule, at, says }: Plant): boolean {
  return said.some((one) => one.tool === tool && one.rule === rule && one.file === at && (says === undefined || one.text.includes(says)));
}

/** One test a rule of one tool; when it fails it shows the files whose violation went unseen. */
const rules = new Map<string, Plant[]>();
for (const one of plants) {
  const title = `${one.tool}: ${one.rule}${one.says === undefined ? '' : ` (${one.says})`}`;
  rules.set(title, [...(rules.get(title) ?? []), one]);
}

describe('a planted violation is named', () => {
  it.each([...rules])('%s', (_, group) => {
    expect(group.filter((one) => !found(one)).map(({ at }) => at)).toEqual([]);
  });

  it('for a dependency that nothing uses', () => {
    expect(said.filter(({ rule }) => rule === 'dependencies').map(({ text }) => text)).toContain(unusedDependency);
  });
});

describe('the rules', () => {
  it('say nothing of code that keeps them', () => {
    expect(said.filter(({ file }) => file in sound)).toEqual([]);
  });

  it('of import directions each have a plant, and a comment that says what to do', () => {
    const config: unknown = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
    const { forbidden } = config as { forbidden: { name: string; comment: string }[] };
    const planted = new Set(plants.filter(({ tool }) => tool === 'imports').map(({ rule }) => rule));
    expect(forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
    expect(forbidden.filter(({ comment }) => comment.length < 60).map(({ name }) => name)).toEqual([]);
  });
});
