import { examplePolicy } from '#workflows/critical-results/examples.js';
import { storyTitles } from '#workflows/critical-results/story-words.js';
import { wordsIn } from '#workflows/critical-results/words-in.js';
import { NOTES } from '#workflows/critical-results/words.js';
import { criticalCards, everyCriticalCard } from './critical-cards.ts';

/** An alert as far as a sentence looks at it. */
const alert = { status: 'closed', acknowledged: { by: { name: 'A' } }, readBack: null };

function sentences(table: unknown, path = ''): Map<string, string> {
  if (typeof table === 'string') return new Map([[path, table]]);
  if (typeof table === 'function') {
    const takesAlert = path === '.answers.closed' || path === '.answers.alreadyTaken';
    const values = path.endsWith('sheetLines') ? [[['X', 'Y']]] : ['X', takesAlert ? alert : path.endsWith('.sent') ? ['Y'] : 'Y', 'Z'];
    return new Map([
      [path, String((table as (...values: unknown[]) => unknown)(...(path.endsWith('comesNow') || path.endsWith('skipped') ? ['X'] : values)))],
    ]);
  }
  if (typeof table !== 'object' || table === null) return new Map();
  return new Map(Object.entries(table).flatMap(([key, inner]) => [...sentences(inner, `${path}.${key}`)]));
}

const english = sentences({ ...wordsIn('en'), story: storyTitles.en });
const spanish = sentences({ ...wordsIn('es'), story: storyTitles.es });
/** The same in both, or put together of what was given. */
const same = /^\.urgency\.|\.speak$|\.sheetLines$/u;

describe('the words of critical results in Spanish', () => {
  it('are as many as in English, each said otherwise', () => {
    expect([...spanish.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    expect([...spanish].filter(([path, text]) => text === english.get(path) && !same.test(path))).toEqual([]);
  });

  it('hold every value that the English ones hold', () => {
    const values = (text: string) => ['X', 'Y', 'Z'].filter((value) => new RegExp(`(?<![A-Za-z])${value}(?![A-Za-z])`, 'u').test(text));
    expect([...spanish].filter(([path, text]) => values(english.get(path) ?? '').join() !== values(text).join()).map(([path]) => path)).toEqual([]);
  });

  it('stand on cards of every private note, in both languages', () => {
    for (const spoken of ['en', 'es'] as const) {
      const said = criticalCards(spoken).map(({ card }) => card.speak);
      expect(NOTES.filter((note) => !said.some((speak) => speak.startsWith(wordsIn(spoken).notes[note].title)))).toEqual([]);
      expect(Object.values(wordsIn(spoken).now).filter(({ title }) => !said.some((speak) => speak.startsWith(title)))).toEqual([]);
    }
    expect(everyCriticalCard('en').length).toBeGreaterThan(500);
    expect(examplePolicy.zone).toBe('Europe/London');
  });
});
