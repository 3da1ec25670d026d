import { readFileSync } from 'node:fs';
import { bugs } from './bugs.ts';

/** `npm run test:planted` takes minutes and runs apart: here only that each bug can still be planted. */
describe('the list of planted bugs', () => {
  it.each(bugs.map((bug) => [bug.name, bug] as const))('%s: what it replaces stands once in its file', (_name, { file, find }) => {
    expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2);
  });
});
