/** Invented names: no list of real patients stands behind them. Some hold what systems trip over: apostrophes, hyphens, letters beyond ASCII. */
export const familyNames = [
  'Abara', 'Bergstrom', 'Castellanos', "D'Amico", 'Eriksen', 'Fontaine', 'Grabowski', 'Hallford', 'Ishimura', 'Jankowski', 'Kowalczyk', 'Lachance',
  'Mbeki-Ross', 'Núñez', 'Okonjo', 'Pettersson', 'Quintero', 'Rasmussen', 'Szabó', 'Thackeray', 'Umarov', 'Vasquez', 'Whitlock', 'Xiong', 'Yilmaz',
  'Zielinski', "O'Dowd", 'Müller', 'Nakagawa', 'Delacroix', 'Ferreira', 'Holloway', 'Brankovic', 'Achterberg', 'Sørensen', 'Tremblay', 'Wójcik',
] as const; // prettier-ignore

export const womensNames = [
  'Adaeze', 'Beatriz', 'Clara', 'Dagny', 'Elif', 'Farida', 'Greta', 'Hanna', 'Ines', 'Joyce', 'Keiko', 'Lorraine', 'Mireille', 'Nadia', 'Odette',
  'Paloma', 'Rosalind', 'Sofia', 'Tamara', 'Ursula', 'Vera', 'Winifred', 'Yara', 'Zofia',
] as const; // prettier-ignore

export const mensNames = [
  'Anton', 'Bogdan', 'Cedric', 'Dimitri', 'Emeka', 'Frank', 'Gustavo', 'Henrik', 'Ivan', 'Jerome', 'Kenji', 'Leopold', 'Marcus', 'Nils', 'Oscar',
  'Pavel', 'Quincy', 'Ruben', 'Stefan', 'Tobias', 'Ulrich', 'Victor', 'Walter', 'Zoltan',
] as const; // prettier-ignore

/** Who orders: id (ORC-12.1), family, given, how often out of ten. Only the first stands in the site's people.json. */
export const orderers = [
  { id: 'D4711', family: 'Haddad', given: 'Samir', weight: 7 },
  { id: 'D5120', family: 'Nilsson', given: 'Birgit', weight: 2 },
  { id: 'D6033', family: 'Oyelaran', given: 'Tunde', weight: 1 },
] as const;
