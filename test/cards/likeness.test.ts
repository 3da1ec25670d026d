import fc from 'fast-check';
import { howCalled, isAlike } from '#core/likeness.js';
import type { Likeness } from '#core/likeness.js';

const one = (family: string, given: string, birthDate: string | null = '19610303', numbers: string[] = []): Likeness => ({
  family,
  given,
  birthDate,
  numbers,
});

describe('patients who could be taken for one another', () => {
  it.each([
    ['the same family name, given names that begin alike', one('Marchetti', 'Elena'), one('MARCHETTI', 'Eva', '19740404')],
    ['an accent and a hyphen between them', one('Muñoz-Leal', 'José'), one('MUNOZ LEAL', 'Juan', null)],
    ['one letter different', one('Marchetti', 'Elena'), one('Marchetty', 'Eva', null)],
    ['one letter too many', one('Smith', 'Ann'), one('Smithe', 'Agnes', null)],
    ['two letters swapped', one('Brian', 'Lee'), one('Brain', 'Lou', null)],
    ['given names one slip apart with other initials', one('Kowalski', 'Ewelina'), one('Kowalski', 'Awelina', null)],
    ['the same birth date and family name', one('Nguyen', 'Minh'), one('Nguyen', 'Thao', '1961-03-03')],
    ['a given name that is not known', one('Nguyen', 'Minh'), one('Nguyen', '', null)],
  ])('%s', (_what, a, b) => {
    expect([isAlike(a, b), isAlike(b, a)]).toEqual([true, true]);
  });

  it.each([
    ['other family names', one('Marchetti', 'Elena'), one('Okonkwo', 'Elena')],
    ['short names one letter apart', one('Kim', 'Ha'), one('Lim', 'Ha')],
    ['the same family name, other given names and birth dates', one('Nguyen', 'Minh'), one('Nguyen', 'Thao', '19740404')],
    ['birth years alone', one('Nguyen', 'Minh', '1961'), one('Nguyen', 'Thao', '1961')],
    ['two letters different', one('Marchetti', 'Elena'), one('Marquetti', 'Elena')],
    ['a family name that is not known', one('', 'Elena'), one('', 'Elena')],
    ['one patient under one number', one('Marchetti', 'Elena', null, ['NORTH|1']), one('Marchetti', 'Elena', null, ['SOUTH|7', 'NORTH|1'])],
  ])('not %s', (_what, a, b) => {
    expect([isAlike(a, b), isAlike(b, a)]).toEqual([false, false]);
  });

  it('it does not matter which of two is looked at', () => {
    const likeness = fc.record({
      family: fc.stringMatching(/^[a-c]{0,6}$/u),
      given: fc.stringMatching(/^[ab]{0,3}$/u),
      birthDate: fc.constantFrom(null, '19610303', '19740404'),
      numbers: fc.subarray(['A|1', 'B|2']),
    });
    fc.assert(
      fc.property(likeness, likeness, (a, b) => isAlike(a, b) === isAlike(b, a)),
      { numRuns: 2000 },
    );
  });
});

describe('how whoever is called so is named', () => {
  const maria = { family: 'SANCHEZ GARCIA', given: 'MARÍA JOSÉ' };
  it.each([
    ['exactly', ['sanchez'], maria],
    ['exactly', ['Sánchez', 'García'], maria],
    ['exactly', ['Sanchez-Garcia', 'Maria'], maria],
    ['exactly', ['M.', 'Sanchez'], maria],
    ['exactly', ['Al-Haddad'], { family: 'Alhaddad', given: 'Samir' }],
    ['exactly', ['Haddad'], { family: 'Al-Haddad', given: 'Samir' }],
    ['exactly', ["O'Brien"], { family: 'OBRIEN', given: 'Sean' }],
    ['exactly', ['Ng'], { family: 'Ng', given: 'Mei' }],
    ['alike', ['Sanches'], maria],
    ['alike', ['M', 'Sanhcez'], maria],
    [null, ['Sanchez', 'Zabala'], maria],
    [null, ['T.', 'Sanchez'], maria],
    [null, ['M.'], maria],
    [null, [], maria],
    [null, ['Mg'], { family: 'Ng', given: 'Mei' }],
  ] as const)('%s: %j', (how, words, name) => {
    expect(howCalled(words, name)).toBe(how);
  });
});
