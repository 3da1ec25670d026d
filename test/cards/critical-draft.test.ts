import { caseNumber, personId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import { instant } from '#core/time.js';
import type { About } from '#domain/critical.js';
import { personalView } from '#workflows/critical-results/card.js';
import { evolve } from '#workflows/critical-results/evolve.js';
import { exampleAbout, examplePolicy, examples } from '#workflows/critical-results/examples.js';
import type { Fact } from '#workflows/critical-results/events.js';
import { isAlert } from '#workflows/critical-results/state.js';
import type { State } from '#workflows/critical-results/state.js';

const example = examples.find(({ name }) => name.startsWith('unsent after a minute'))!;

/** What the card says of who would be called, under which label. */
function ladderOf(about: Partial<About>, by = 'dr-okafor', language: Language = 'en', now = '10:00:30'): readonly string[] {
  const given = example.given.map((fact): Fact => {
    if (fact.type !== 'alertDrafted') return fact;
    return { ...fact, by: { ...fact.by, id: personId.parse(by) }, about: { ...exampleAbout, ...about } };
  });
  const alert = given.reduce<State>(evolve, { status: 'none' });
  if (!isAlert(alert)) throw new Error('there is no alert');
  const names = { 'dr-singh': 'Arjun Singh', 'dr-moreau': 'Claire Moreau', 'dr-brandt': 'Lena Brandt', 'dr-adler': 'Tobias Adler' };
  const meta = { caseNumber: caseNumber.parse('7KF3QN'), now: instant.parse(`2026-11-25T${now}.000Z`), names, language, policy: examplePolicy };
  const { body } = personalView(alert, meta, { decide: false, ask: false, answer: false }).card as { readonly body: readonly unknown[] };
  return body.flatMap((element) => {
    const text = [...JSON.stringify(element).matchAll(/"text":"([^"]*)"/gu)].map(([, one]) => one).join(' = ');
    return /^(Level|Nivel) \d = |^It is not certain|^Nobody is on/u.test(text) ? [text] : [];
  });
}

describe('the card that is not sent yet says of each level who stands on it (field report 17)', () => {
  it('by name and place', () => {
    expect(ladderOf({})).toEqual([
      'Level 1 = Arjun Singh (first on call)',
      'Level 2 = Claire Moreau (second on call), Lena Brandt (attending)',
      'Level 3 = Tobias Adler (chief of service), dr-lindqvist (radiologist on duty), c-reyes (coordinator)',
    ]);
  });

  it('and of which places nobody does', () => {
    const at = { pointOfCare: 'W7', room: '', bed: '', facility: '' };
    const elsewhere = { location: { at, asOf: exampleAbout.location!.asOf } };
    expect(ladderOf(elsewhere)).toEqual([
      'Level 1 = nobody: first on call',
      'Level 2 = Lena Brandt (attending), nobody: second on call',
      'Level 3 = dr-lindqvist (radiologist on duty), c-reyes (coordinator), nobody: chief of service',
    ]);
    expect(ladderOf(elsewhere, 'dr-okafor', 'es')[0]).toBe('Nivel 1 = nadie: primera guardia');
  });

  it('a level where only who declares it stands has nobody else, and is not said to be empty', () => {
    expect(ladderOf({}, 'dr-singh')[0]).toBe('Level 1 = nobody else');
  });

  it('and that it is not certain where the patient is', () => {
    expect(ladderOf({ location: null }).at(-1)).toContain('not certain where the patient is');
  });
});
