import fc from 'fast-check';
import { choosePriority } from '#models/order-priority/index.js';
import { anOrder, reviewed, unreviewed } from '../support/content.ts';

const rank = { ROUTINE: 0, URGENT: 1, STAT: 2 } as const;

function priorityOf(indication: string, ordered: string | null, content = reviewed) {
  return choosePriority({ order: anOrder('CT HEAD WO', indication, { modality: 'CT', priority: ordered }), context: null }, content);
}

describe('the priority of an order', () => {
  it('raises a routine order whose reason threatens life', () => {
    const answer = priorityOf('thunderclap headache at the gym', 'R');
    expect(answer.priority).toBe('STAT');
    expect(answer.phrases).toEqual([{ text: 'thunderclap', start: 0, end: 11 }]);
  });

  it('is not moved by what the reason denies', () => {
    expect(priorityOf('no thunderclap headache, no cauda equina', 'R').priority).toBe('ROUTINE');
  });

  it('takes a planned follow-up for what it is', () => {
    expect(priorityOf('aortic dissection, yearly surveillance', 'R').priority).toBe('ROUTINE');
  });

  it('leaves the ordered priority where nobody has reviewed the rows', () => {
    expect(priorityOf('thunderclap headache', 'R', unreviewed).priority).toBe('ROUTINE');
  });

  it('never goes below what was ordered, and its phrases stand where it says', () => {
    const words = fc.constantFrom('torsion', 'no', 'stable', '?PE', 'annual', '😀', 'tension ptx,', 'f/u', 'abscess', 'denies', 'rule out');
    const indication = fc.oneof(
      fc.string({ maxLength: 120 }),
      fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
    );
    const ordered = fc.constantFrom(...(['S', 'A', 'R', 'T', null] as const));
    fc.assert(
      fc.property(indication, ordered, (text, code) => {
        const answer = priorityOf(text, code);
        const least = code === 'S' ? 2 : code === 'A' ? 1 : 0;
        expect(rank[answer.priority]).toBeGreaterThanOrEqual(least);
        for (const phrase of answer.phrases) expect(text.slice(phrase.start, phrase.end)).toBe(phrase.text);
      }),
    );
  });
});
