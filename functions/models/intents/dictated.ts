import { CASE_ALPHABET } from '#core/ids.js';

/** A word of the text where it stands. */
export interface Word {
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

/** Words that became one case number. @property from index of the first word @property to index behind the last */
export interface FoundNumber {
  readonly number: string;
  readonly from: number;
  readonly to: number;
}

/** The radio alphabet, as spoken and as dictation writes it. */
const radio: Readonly<Record<string, string>> = {
  bravo: 'B', charlie: 'C', charly: 'C', delta: 'D', foxtrot: 'F', fox: 'F', golf: 'G', hotel: 'H', juliet: 'J', juliett: 'J', julieta: 'J',
  kilo: 'K', mike: 'M', november: 'N', noviembre: 'N', papa: 'P', quebec: 'Q', romeo: 'R', tango: 'T', victor: 'V', whiskey: 'W', whisky: 'W',
  xray: 'X', yankee: 'Y', yanqui: 'Y',
}; // prettier-ignore
const digits: Readonly<Record<string, string>> = {
  two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8', nine: '9',
  dos: '2', tres: '3', cuatro: '4', cinco: '5', seis: '6', siete: '7', ocho: '8', nueve: '9',
}; // prettier-ignore
/** Names of letters that are words of their own as well: they count between others that are sure. */
const doubtful: Readonly<Record<string, string>> = {
  bee: 'B', be: 'B', see: 'C', sea: 'C', cee: 'C', dee: 'D', ef: 'F', eff: 'F', gee: 'G', aitch: 'H', jay: 'J', kay: 'K', okay: 'K', em: 'M', en: 'N',
  pee: 'P', pea: 'P', cue: 'Q', queue: 'Q', are: 'R', ar: 'R', tee: 'T', tea: 'T', vee: 'V', ex: 'X', why: 'Y', wye: 'Y',
  niner: '9', fife: '5', fower: '4', to: '2', too: '2', for: '4', ate: '8', tree: '3', sicks: '6',
  ce: 'C', de: 'D', efe: 'F', ge: 'G', hache: 'H', jota: 'J', ka: 'K', ca: 'K', eme: 'M', ene: 'N', pe: 'P', cu: 'Q', ku: 'Q', erre: 'R', ere: 'R', te: 'T',
  uve: 'V', ve: 'V', equis: 'X', ye: 'Y', 'y': 'Y',
}; // prettier-ignore
/** Of those, names of letters that are hardly ever anything else: a number may begin with one. */
const letterNames = new Set('bee cee dee eff gee aitch jay kay em pee cue tee vee wye ar efe hache jota ka eme ene cu erre equis uve'.split(' '));
/** Short forms without a vowel that are no piece of a case number. */
const notPieces = new Set(
  'cm mm ml mg kg ct mr xr nm mri hr hrs wk wks pt pts bp dr md rn np fyi btw nd rd th pm cta mra ctv mrv pet rt lt px rx tx dx hx fx pls plz thx msg yr yrs w wt ty gp ny tv pdf q'.split(
    ' ',
  ),
);
/** A number after these is somebody's, not a case's. */
const otherNumbers = /^(?:mrn|mrns|nhc|record|accession|acc|phone|ext|extension|tel|telephone|pager|bleep|dob|telefono|historia|expediente)$/iu;
const words6or7 = new Set(['rhythm']);

interface Piece {
  readonly characters: string;
  readonly sure: boolean;
}

/** Case numbers written in one, in pieces ("7kf 3qn"), spelled ("7 K F 3 Q N") or dictated ("seven kilo foxtrot three quebec november"). Their check character is not judged. @param doubts Do words count that may be others ("for", "are")? Never for what acts. */
export function numbersIn(text: string, words: readonly Word[], doubts: boolean): FoundNumber[] {
  const found: FoundNumber[] = [];
  let i = 0;
  while (i < words.length) {
    const whole = wholeNumber(words, i);
    if (whole !== null) {
      found.push({ number: whole, from: i, to: i + 1 });
      i += 1;
      continue;
    }
    const spelled = spelledFrom(text, words, i, doubts);
    if (spelled === null) i += 1;
    else {
      found.push(spelled);
      i = spelled.to;
    }
  }
  return found;
}

function wholeNumber(words: readonly Word[], index: number): string | null {
  const raw = words[index]?.raw ?? '';
  if (!/^[2-9BCDFGHJKMNPQRTVWXY]{6,7}$/iu.test(raw) || words6or7.has(raw.toLowerCase()) || afterOther(words, index)) return null;
  // Seven in a row are a number only where they can't be a word or somebody's telephone.
  return raw.length === 6 || (/\d/u.test(raw) && /[a-z]/iu.test(raw)) ? raw.toUpperCase() : null;
}

function afterOther(words: readonly Word[], index: number): boolean {
  const before = (back: number) => words[index - back]?.raw ?? '';
  return otherNumbers.test(before(1)) || (/^(?:number|no|nr|is|numero)$/iu.test(before(1)) && otherNumbers.test(before(2)));
}

function spelledFrom(text: string, words: readonly Word[], from: number, doubts: boolean): FoundNumber | null {
  let characters = '';
  let sure = 0;
  let unsure = 0;
  if (afterOther(words, from)) return null;
  for (let i = from; i < words.length; i += 1) {
    const between = i === from ? '' : text.slice(words[i - 1]?.end ?? 0, words[i]?.start ?? 0);
    if (i > from && !/^(?:[\s\-–.,/]{1,3}| - )$/u.test(between)) return null;
    const doubled = doubleU(words, i);
    const piece = doubled ?? pieceOf(words[i]?.raw ?? '', between);
    if (piece === null) {
      if (i > from && asIn(words, i)) {
        i += 2;
        continue;
      }
      return null;
    }
    // Neither begins nor ends with a doubtful word ("is for …").
    if (!piece.sure && (!doubts || (i === from && !letterNames.has((words[i]?.raw ?? '').toLowerCase())))) return null;
    characters += piece.characters;
    if (piece.sure) sure += 1;
    else unsure += 1;
    if (doubled !== null) i += 1;
    const seven = characters.length === 7 && unsure === 0 && /[A-Z]/u.test(characters);
    if (characters.length > 6 && !seven) return null;
    if (characters.length < 6) continue;
    let to = i + 1;
    const more = seven ? null : seventh(text, words, to);
    if (more !== null && unsure === 0) {
      characters += more;
      to += 1;
    }
    while (asIn(words, to)) to += 3;
    // Six words of the radio alphabet in a row are no sentence.
    const spoken = words.slice(from, i + 1).every(({ raw }) => radio[raw.toLowerCase()] !== undefined);
    const enough = sure >= 2 && (unsure === 0 || sure >= 2) && (/\d/u.test(characters) || spoken);
    return enough ? { number: characters, from, to } : null;
  }
  return null;
}

/** One more character alone, and then no more: a number of seven. */
function seventh(text: string, words: readonly Word[], at: number): string | null {
  const gap = (i: number) => text.slice(words[i - 1]?.end ?? 0, words[i]?.start ?? 0);
  const piece = /^[ \-]$/u.test(gap(at)) ? pieceOf(words[at]?.raw ?? '', gap(at)) : null;
  if (piece?.sure !== true || piece.characters.length !== 1) return null;
  return /^[ \-]$/u.test(gap(at + 1)) && pieceOf(words[at + 1]?.raw ?? '', gap(at + 1))?.sure === true ? null : piece.characters;
}

/** "K as in kilo": the radio word says the same again. */
function asIn(words: readonly Word[], index: number): boolean {
  const said = words.slice(index, index + 3).map((word) => word.raw.toLowerCase());
  return (said[0] === 'as' && said[1] === 'in' && said[2] !== undefined) || (said[0] === 'like' && said[1] === 'in' && said[2] !== undefined);
}

function doubleU(words: readonly Word[], index: number): Piece | null {
  const said = `${words[index]?.raw ?? ''} ${words[index + 1]?.raw ?? ''}`.toLowerCase();
  if (['double u', 'double you', 'doble u', 'doble ve', 'uve doble', 've doble'].includes(said)) return { characters: 'W', sure: true };
  if (['i griega', 'x ray'].includes(said)) return { characters: said === 'x ray' ? 'X' : 'Y', sure: true };
  return null;
}

function pieceOf(raw: string, between: string): Piece | null {
  const word = raw.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  const spoken = radio[word] ?? digits[word];
  if (spoken !== undefined) return { characters: spoken, sure: true };
  const perhaps = doubtful[word];
  if (perhaps !== undefined && raw !== 'Y') return { characters: perhaps, sure: false };
  const upper = raw.toUpperCase();
  if (raw.length > 5 || ![...upper].every((character) => CASE_ALPHABET.includes(character))) return null;
  if (raw.length === 1) return { characters: upper, sure: true };
  if (/^\d+$/u.test(raw)) return { characters: upper, sure: true };
  if (notPieces.has(word) && between !== '-') return null;
  return /\d/u.test(raw) || raw.length <= 3 || raw === upper ? { characters: upper, sure: true } : null;
}
