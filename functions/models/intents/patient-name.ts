import { classesOf } from './lexicon.ts';
import { NUMBER } from './rules.ts';
import { common, known, shortForms } from './vocabulary.ts';

const ordinary: ReadonlySet<string> = new Set([...known, ...common, ...Object.keys(shortForms), ...Object.values(shortForms)]);
const thing = String.raw`(?:cases?|orders?|requests?|patient|paciente|chart|records?|file|study|scan|exam|cts?|mrs?|mris?|ultrasound|x-?ray|mammo\w*|pet|tac|tc|rm|knee|head|chest|abdomen|spine|caso|peticion|orden|mrn|accession|number|no|numero|historia)`;
const title = String.raw`(?:mr|mrs|ms|mx|miss|dr|sr|sra|senora?|don|dona)\.?`;
/** What leads up to a name or a number of a patient. */
const leads = [
  new RegExp(
    String.raw`\b(?:find|look up|look for|search(?: for)?|show|open|pull up|bring up|display|get|see|busca\w*|muestra\w*|ensena\w*|abre|dame)(?: me)?(?: (?:the|a|an|la|el|a la|al))?(?: ${thing}){0,2}(?: (?:called|named|of|for|from|de|del|de la|with))?(?: (?:the|patient|la|el|paciente))?(?: ${title})? (?<name>[^\n?!]+)`,
    'u',
  ),
  new RegExp(
    String.raw`^(?:ok,? |and |hi,? |please )?(?:the |la |el )?(?:${thing} ){1,2}(?:of|for|de|del|de la)(?: the)?(?: patient)?(?: ${title})? (?<name>[^\n?!]+)`,
    'u',
  ),
  new RegExp(
    String.raw`\b(?:anything|something|an order|a case|orders?|algo) (?:on|for|about|de|para)(?: patient)?(?: ${title})? (?<name>[^\n?!]+)`,
    'u',
  ),
  new RegExp(String.raw`^(?:${title}|patient|paciente|mrn|accession) (?<name>[^\n?!]+)`, 'u'),
  new RegExp(String.raw`\bis (?<name>[a-z' -]+?)'s (?:case|order|${thing})\b`, 'u'),
];
/** Where a name ends. */
const end =
  /(?:'s\b|\s*[.;:!?]|\s+(?:please|pls|thanks|por favor|gracias|today|now|again|up|case|order|chart|in|from|with|and|who|if|on|at|because|i think)\b).*$/u;
const number = /^(?=.*\d.*\d.*\d)[a-z]{0,4}[-/]?\d[\da-z/-]*$/u;

/** Where in a folded request a patient is named, by words that nothing here has a meaning for, or by a number that is no case's; null: nobody is. */
export function patientNamed(request: string): { readonly from: number; readonly to: number } | null {
  for (const lead of leads) {
    const found = new RegExp(lead.source, 'du').exec(request);
    const at = found?.indices?.groups?.['name'];
    if (at === undefined) continue;
    const said = request.slice(at[0], at[1]).replace(end, '');
    const words = said.split(/[\s,]+/u).filter((word) => word !== '');
    if (words.length === 0 || words.length > 4 || !words.some(isNameOrNumber) || !words.every((word) => isNameOrNumber(word) || isPart(word)))
      continue;
    return { from: at[0], to: at[0] + said.trimEnd().replace(/,$/u, '').length };
  }
  return null;
}

function isNameOrNumber(word: string): boolean {
  if (new RegExp(`^${NUMBER}$`, 'u').test(word)) return false;
  return number.test(word) || isName(word);
}

/** A folded word that nothing here has a meaning for. */
export function isName(word: string): boolean {
  return /^[a-z][a-z'-]+$/u.test(word) && word.length > 2 && !ordinary.has(word) && classesOf(word).length === 0;
}

/** What a name may hold beside its unknown words: "de la", an initial, a given name that is a word too. */
export function isPart(word: string): boolean {
  return /^(?:de|del|la|van|von|der|den|el|al|bin|da|dos|du|le|st|mrn|patient|paciente|[a-z]|rose|grace|may|june|april|hope|will|mark|bill|frank|jack|young|brown|white|black|green|long|short|stone|wood|hill|moon|king|bishop|cook|baker|carter)$/u.test(
    word,
  );
}
