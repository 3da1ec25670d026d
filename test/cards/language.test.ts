import { instant } from '#core/time.js';
import { person } from '#core/people.js';
import { siteSettings } from '#domain/site.js';
import { protocoling } from '#workflows/protocoling/index.js';
import { wordsIn } from '#workflows/protocoling/words-in.js';
import { dialogWordsIn } from '#bot/inbound/dialog-words.js';
import { formatDate, formatDayTime, formatNumber } from '#cards/kit/text.js';
import { cardStates, headOrder } from '../support/card-states.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { everyCard } from './every-card.ts';

/** Every sentence of a table of words, by its path; what takes values is filled with the same ones. */
function sentences(table: unknown, path = ''): Map<string, string> {
  if (typeof table === 'string') return new Map([[path, table]]);
  if (typeof table === 'function') {
    const fill = table as (...values: unknown[]) => unknown;
    const values = path.endsWith('.won')
      ? ['approve', 'X']
      : path.includes('alike') || path.endsWith('.next')
        ? ['X', 2, 3, 4]
        : ['X', 'Y', 'Z', 'W'];
    return new Map([[path, String(fill(...values))]]);
  }
  if (typeof table !== 'object' || table === null) return new Map();
  return new Map(Object.entries(table).flatMap(([key, inner]) => [...sentences(inner, `${path}.${key}`)]));
}

const english = sentences(wordsIn('en'));
const spanish = sentences(wordsIn('es'));

/** What is written the same in both, or says nothing to a kind that is none. */
const same =
  /^\.urgency\.STAT$|^\.answers\.takenBack$|\.orderedPriorities\.S$|\.contrasts\.(?:iv|oral|intravesical)$|\.contrast\.iv|\.orderStatuses\.active$|\.(?:millimetres|protocolLine|saidBy|shared\.speak|view\.unavailable|paper\.approved|notes\.speak)$/u;

describe('the words of the cards in Spanish', () => {
  it('are as many as in English, each said otherwise', () => {
    expect([...spanish.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    const untranslated = [...spanish].filter(([path, text]) => text === english.get(path) && !same.test(path));
    expect(untranslated).toEqual([]);
  });

  it('hold every value that the English ones hold', () => {
    const values = (text: string) => ['X', 'Y', 'Z', 'W'].filter((value) => new RegExp(`(?<![A-Za-z])${value}(?![A-Za-z])`, 'u').test(text));
    const lost = [...spanish].filter(([path, text]) => values(english.get(path) ?? '').some((value) => !values(text).includes(value)));
    expect(lost).toEqual([]);
  });

  it('say nothing is safe, and no English word of ours is left on a card', () => {
    const cards = everyCard().filter(({ name, of }) => name.includes('.es') && !of.name.startsWith('hostile'));
    const ours =
      /\b(?:Approved by|Rejected by|Order numbers|As of|Patient context|born|Waiting|Allergies|Ask the orderer|NOT CHECKED|NOT KNOWN|did not answer within)\b/u;
    expect(cards.length).toBeGreaterThan(80);
    expect(cards.filter(({ card }) => ours.test(JSON.stringify(card.card))).map(({ name }) => name)).toEqual([]);
    expect(cards.filter(({ card }) => /\bsegur[oa]\b/iu.test(JSON.stringify(card.card))).map(({ name }) => name)).toEqual([]);
  });

  it('leave what a person or a message says word for word', () => {
    const view = everyCard().find(({ name }) => name === 'protocoling/normal-stat.es.view')!;
    const texts = JSON.stringify(view.card.card);
    for (const piece of [
      'Worst headache of life',
      ' 2 h ago while lifting. No trauma. On apixaban. ?',
      headOrder.procedure!.text,
      'Penicillin: rash',
    ])
      expect(texts).toContain(piece);
  });

  it('dates, times and numbers are written as their language writes them', () => {
    const at = instant.parse('2026-09-05T22:30:00.000Z');
    expect([formatDayTime(at, 'Europe/Madrid', 'es'), formatDayTime(at, 'Europe/Madrid')]).toEqual([
      '6\u00a0sept\u00a000:30',
      '6\u00a0Sep\u00a000:30',
    ]);
    expect([formatDate('19610103', 'es'), formatDate('196101', 'es'), formatDate('19610103')]).toEqual(['3 ene 1961', 'ene 1961', '3 Jan 1961']);
    expect([formatNumber(0.8, 'es'), formatNumber(0.8)]).toEqual(['0,8', '0.8']);
  });

  it('the dialog after an answer counts in both', () => {
    expect(dialogWordsIn('en').next('STAT', 4, 11, false)).toBe('Next: STAT, 4 min, 11 waiting');
    expect(dialogWordsIn('es').next('URGENT', 75, 1, false)).toBe('Siguiente: urgente, 1 h 15 min, 1 pendiente');
    expect(dialogWordsIn('es').next('ROUTINE', 3000, 400, true)).toBe('Siguiente: rutina, 2 d, 400 o más pendientes');
  });
});

describe('who reads which language', () => {
  const { state, meta } = cardStates[0]!;
  const look = (policy: object, more = {}) => ({
    policy: { ...shippedPolicy, ...policy },
    caseNumber: meta.caseNumber,
    now: meta.now,
    names: meta.names,
    ...more,
  });
  const may = { decide: true, ask: true, answer: false };

  it('the shared card is in the language of the site, English where it says none', () => {
    expect(protocoling.sharedCard(state, look({}))?.speak).toContain('CT protocol request');
    expect(protocoling.sharedCard(state, look({ language: 'es' }))?.speak).toContain('Solicitud de protocolo de TC');
  });

  it('a personal view and a note are in the person’s own language, else in the site’s', () => {
    expect(protocoling.personalView(state, look({ language: 'es' }), may)?.speak).toContain('su vista personal');
    expect(protocoling.personalView(state, look({ language: 'es' }, { language: 'en' }), may)?.speak).toContain('your own view');
    expect(protocoling.note('overdue', state, look({}, { language: 'es' }))?.speak).toContain('Nadie ha respondido');
  });

  it('the list for a downtime is in English, as the page around it', () => {
    expect(protocoling.paper(state, look({ language: 'es' }))).toEqual(protocoling.paper(state, look({})));
  });

  it('another language is refused where it is written', () => {
    expect(siteSettings.shape.language.safeParse('fr').success).toBe(false);
    expect(siteSettings.shape.language.parse(undefined)).toBe('en');
    expect(person.shape.language.safeParse('es').success).toBe(true);
  });
});
