import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import { leaks } from '#cards/disclose.js';
import { clean } from '#cards/kit/text.js';
import { bytesOf, MOST_ACTIONS, MOST_BYTES, MOST_CARD_DEPTH } from '#cards/limits.js';
import { noteName, sharedCard } from '#workflows/protocoling/card.js';
import { english } from '#workflows/protocoling/words.js';
import { cardStates, earlyStates, headOrder, HOSTILE } from '../support/card-states.ts';
import { everyCard, galleryCards } from './every-card.ts';
import type { ShownCard } from './shown-card.ts';

const gallery = new URL('../../cards/gallery/', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('../../cards/schema/adaptive-card-1.5-subset.json', import.meta.url), 'utf8'));
const isCard = new Ajv({ strict: false, allErrors: true }).compile(schema);
// The main entry of the package does not load in Node; its bundle does.
const { AdaptiveCard, SerializationContext } = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js');

const cards = everyCard();
/** What a channel or a locked telephone may show. */
const unshared = cards.filter(({ kind }) => ['shared', 'note', 'receipt', 'list', 'access', 'switchboard', 'seen', 'gap'].includes(kind));
const ofCases = cards.filter(({ name }) => name.startsWith('protocoling/'));

function isHostile({ of }: ShownCard): boolean {
  return of.name.split('.')[0] === 'hostile';
}

/** What is said of a card that fails, without the card. */
function those(bad: readonly ShownCard[]): string[] {
  return bad.map(({ name }) => name);
}

type Node = Readonly<Record<string, unknown>>;

/** Every object inside a card, with how many cards it is inside of. */
function nodesOf(value: unknown, depth = 0): readonly { node: Node; depth: number }[] {
  if (Array.isArray(value)) return value.flatMap((item) => nodesOf(item, depth));
  if (typeof value !== 'object' || value === null) return [];
  const node = Object.fromEntries(Object.entries(value));
  const inside = node['type'] === 'AdaptiveCard' ? depth + 1 : depth;
  return [{ node, depth: inside }, ...Object.values(node).flatMap((item) => nodesOf(item, inside))];
}

function allNodes(card: ShownCard): readonly Node[] {
  return nodesOf(card.card.card).map(({ node }) => node);
}

/** Everything in a card that a person can read. */
function readable({ card }: ShownCard): string {
  const keys = ['text', 'title', 'label', 'placeholder', 'errorMessage', 'speak', 'fallbackText'];
  return nodesOf(card.card)
    .flatMap(({ node }) => keys.map((key) => node[key]).filter((value) => typeof value === 'string'))
    .join('\n');
}

describe('every card of every example state', () => {
  it('is valid against the schema of the subset', () => {
    for (const { name, card } of cards) {
      const valid = isCard(card.card);
      expect([name, valid ? null : isCard.errors]).toEqual([name, null]);
    }
  });

  it('is understood whole by the renderer of adaptivecards', () => {
    for (const { name, card } of cards) {
      const context = new SerializationContext();
      const { msteams, ...standard } = card.card;
      expect(msteams).toEqual({ width: 'Full' });
      new AdaptiveCard().parse(standard, context);
      const events = Array.from({ length: context.eventCount }, (_, n) => String(context.getEventAt(n).message));
      expect([name, events]).toEqual([name, []]);
    }
  });

  it('is at most 28 KB', () => {
    expect(those(cards.filter(({ card }) => bytesOf(card.card) > MOST_BYTES))).toEqual([]);
  });

  it('has at most six buttons and opens no card inside an opened card', () => {
    expect(
      those(
        cards.filter(({ card }) => nodesOf(card.card).some(({ node, depth }) => depth > MOST_CARD_DEPTH || lengthOf(node['actions']) > MOST_ACTIONS)),
      ),
    ).toEqual([]);
  });

  it('has no text that is empty or was not filled in', () => {
    const texts = (card: ShownCard) => allNodes(card).flatMap(({ text, title }) => [text, title].filter((value) => value !== undefined));
    const odd = (value: unknown) => typeof value !== 'string' || value.trim() === '' || /undefined|NaN|\[object|\bnull\b/u.test(value);
    expect(those(cards.filter((card) => texts(card).some(odd)))).toEqual([]);
    const unfilled = cards.filter((card) => !isHostile(card) && /\$\{/u.test(readable(card)));
    expect(those(unfilled)).toEqual([]);
  });

  it('has inputs of different ids, and none with a value beforehand but what the same person has just typed', () => {
    for (const card of cards) {
      const inputs = allNodes(card).filter(({ type }) => String(type).startsWith('Input.'));
      const ids = inputs.map(({ id }) => id);
      expect([card.name, new Set(ids).size]).toEqual([card.name, ids.length]);
      const filled = inputs.filter((node) => 'value' in node).map(({ type, id }) => `${String(type)} ${String(id)}`);
      const typed = /^critical-results\/again(?:\.es)?\.view$/u.test(card.name) ? ['Input.Text finding', 'Input.Text action'] : [];
      expect([card.name, filled]).toEqual([card.name, typed]);
    }
  });

  it('says in buttons which case and revision it is about, and nothing else', () => {
    for (const card of ofCases) {
      for (const node of allNodes(card).filter(({ type }) => type === 'Action.Submit' || type === 'Action.Execute')) {
        expect(node['data']).toMatchObject({ caseNumber: card.of.meta.caseNumber, revision: card.of.state.revision });
      }
    }
  });
});

describe('a card of a shared place', () => {
  it('names nothing of the patient, the order’s numbers, the exam or the indication', () => {
    for (const card of unshared) {
      expect([card.name, leaks('channel', JSON.stringify(card.card), card.of.state.order)]).toEqual([card.name, []]);
    }
  });

  it('holds no free text: no reason, question, answer, protocol or flag', () => {
    const canaries = [
      'Ottilie',
      'ACC7719001',
      'apixaban',
      'CTA-HEAD-NECK',
      'CT-HEAD-WO',
      'angiography',
      'Iohexol',
      'bronchospasm',
      'ERR-3',
      'sudden onset',
    ];
    const told = unshared.map((card) => readable(card)).join('\n');
    expect(canaries.filter((canary) => told.toLowerCase().includes(canary.toLowerCase()))).toEqual([]);
  });

  it('has one button, and it opens the person’s own view', () => {
    for (const card of unshared.filter(({ kind }) => kind === 'shared' || kind === 'note')) {
      const buttons = allNodes(card).filter(({ type }) => String(type).startsWith('Action.'));
      expect(buttons.map(({ title }) => title)).toEqual([card.of.meta.language === 'es' ? 'Abrir' : 'Open']);
      expect(buttons[0]?.['data']).toMatchObject({ verb: 'open', msteams: { type: 'task/fetch' } });
    }
  });

  it('has one more where everybody who was told has to see it: by that they say so, on the note itself', () => {
    const notes = unshared.filter(({ kind }) => kind === 'seen');
    expect(notes.length).toBeGreaterThanOrEqual(4);
    for (const card of notes) {
      const [open, seen, ...more] = allNodes(card).filter(({ type }) => String(type).startsWith('Action.'));
      expect([open?.['data'], more]).toMatchObject([{ verb: 'open' }, []]);
      expect(seen?.['title']).toBe(card.of.meta.language === 'es' ? 'Lo he visto' : 'I have seen this');
      expect(seen?.['data']).toMatchObject({ verb: 'seen', caseNumber: card.of.meta.caseNumber, revision: card.of.state.revision });
    }
  });

  it('is spoken without patient data, and so is every view', () => {
    expect(those(cards.filter(({ card, of }) => leaks('notification', card.speak, of.state.order).length > 0))).toEqual([]);
  });

  it('does not exist before there is an order', () => {
    const meta = cardStates[0]!.meta;
    expect(sharedCard({ status: 'none' }, meta)).toBeNull();
    for (const { state } of earlyStates) expect(sharedCard(state, meta)).toBeNull();
  });

  it('would be found out if it named the patient', () => {
    expect(leaks('channel', 'seen for Vandermolen today', headOrder)).toEqual(['name']);
    expect(leaks('channel', 'VANDERMOLEN, 0048813, 1961-03-03', headOrder)).toEqual(['name', 'record number', 'birth date']);
    expect(leaks('dialog', 'seen for Vandermolen today', headOrder)).toEqual([]);
  });
});

describe('what is said', () => {
  const viewOf = (name: string) => cards.find((card) => card.name === `protocoling/${name}.view`)!;
  const titles = (card: ShownCard) =>
    allNodes(card)
      .filter(({ type }) => String(type).startsWith('Action.'))
      .map(({ title }) => title);

  it('a view names two identifiers of the patient', () => {
    const text = readable(viewOf('normal-stat'));
    expect(text).toContain('Vandermolen, Ottilie');
    expect(text).toContain('MRN 0048813');
    expect(text).toContain('3 Mar 1961');
  });

  it('a view carries the indication word for word, and marks the phrases that led to the urgency', () => {
    const runs = allNodes(viewOf('normal-stat')).filter(({ type }) => type === 'TextRun');
    expect(runs.map(({ text }) => text).join('')).toContain(headOrder.indication);
    expect(runs.filter(({ highlight }) => highlight === true).map(({ text }) => text)).toEqual(['Worst headache of life', 'sudden onset', 'SAH']);
  });

  it('a silent EHR reads "not checked" and nothing reads "safe"', () => {
    expect(readable(viewOf('ehr-down'))).toContain('NOT CHECKED');
    expect(readable(viewOf('ehr-down'))).toContain('the EHR did not answer within 5 s');
    expect(those(cards.filter((card) => !isHostile(card) && /\bsafe\b/iu.test(readable(card))))).toEqual([]);
  });

  it('what the EHR does not know is named', () => {
    expect(readable(viewOf('ehr-partly'))).toMatch(/NOT KNOWN[^]*weight, pregnancy, allergies, eGFR, creatinine/u);
  });

  it('flags stand with the gravest first, each with rule, source and evidence', () => {
    const text = readable(viewOf('flagged'));
    const order = ['Earlier reaction', 'Creatinine is rising', 'eGFR below 30', 'Metformin'].map((part) => text.indexOf(part));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    for (const part of ['contrast-allergy-iodinated@2026-11', 'ACR Manual', 'iohexol, 2019']) expect(text).toContain(part);
  });

  it('no flag of an ordinary number is left out, however long they are', () => {
    const text = readable(viewOf('very-long'));
    expect(Array.from({ length: 15 }, (_, n) => `Rule ${n + 1} of this site`).filter((part) => !text.includes(part))).toEqual([]);
  });

  it('without a proposal there is nothing to approve, but one can be chosen', () => {
    for (const name of ['abstained', 'model-silent', 'not-in-map', 'no-patient-data']) {
      expect([name, titles(viewOf(name)).filter((title) => String(title).startsWith('Approve'))]).toEqual([name, []]);
      expect(titles(viewOf(name))).toContain('Choose a protocol');
    }
  });

  it('after the decision who acted and when stands in the place of the buttons', () => {
    for (const name of ['approved', 'written', 'write-failed', 'chosen-other', 'rejected', 'cancelled', 'cancelled-approved']) {
      expect([name, titles(viewOf(name))]).toEqual([name, []]);
    }
    expect(readable(viewOf('written'))).toMatch(/Approved by Ngozi Okafor, 25\sNov\s10:42[^]*In the RIS, 25\sNov\s10:43/u);
  });

  it('whoever decided finds the way back, which says first what follows; the RIS is named where it has it', () => {
    expect(titles(viewOf('approved.own'))).toEqual(['Take back my decision', 'Take it back']);
    expect(readable(viewOf('approved.own'))).toContain('waits for a new one');
    expect(readable(viewOf('written.own'))).toContain('The RIS has it already');
    const data = (name: string) => allNodes(viewOf(name)).find(({ type }) => type === 'Action.Submit')?.['data'];
    expect([data('approved.own'), data('written.own')]).toEqual([
      expect.not.objectContaining({ confirmed: true }),
      expect.objectContaining({ confirmed: true }),
    ]);
  });

  it('somebody who may only look gets no buttons', () => {
    expect(those(cards.filter((card) => card.name.endsWith('.view-0') && titles(card).length > 0))).toEqual([]);
  });

  it('what is left out of a long list is counted', () => {
    expect(readable(viewOf('very-long'))).toMatch(/and \d+ more/u);
    expect(readable(viewOf('very-long'))).toMatch(/\d+ more characters/u);
    expect(readable(cards.find(({ name }) => name === 'protocoling/hostile.view')!)).toMatch(/\d+ more flags/u);
  });
});

describe('text that tries to be more than text', () => {
  const hostile = cards.filter(isHostile);

  it('keeps no control, invisible or reordering character, and no macro of the client', () => {
    expect(HOSTILE).toMatch(/[\u202e\u200b\u0007]/u);
    const text = hostile.map((card) => readable(card)).join('\n');
    expect(clean(HOSTILE)).not.toContain('\u200b');
    expect(text).toContain('[Approve]');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028]/u);
    expect(text).not.toMatch(/\{\{\s*(DATE|TIME)/u);
  });

  it('stands only where no client reads Markdown, else every mark is escaped', () => {
    for (const card of cards) {
      for (const { text } of allNodes(card).filter(({ type }) => type === 'TextBlock')) {
        const bare = String(text).replace(/\\./gu, '');
        expect(bare).not.toMatch(/[*_[\]`<>~|]|^\s*[#+-]|:\/\//mu);
      }
    }
  });

  it('opens nothing and mentions nobody', () => {
    for (const card of hostile) {
      const types = new Set(allNodes(card).map(({ type }) => type));
      expect(types.has('Action.OpenUrl')).toBe(false);
      expect(JSON.stringify(card.card.card)).not.toContain('"entities"');
    }
  });
});

describe('a card of a conversation', () => {
  const asks = cards.filter(({ kind }) => kind === 'ask' || kind === 'list' || kind === 'search');

  it('brings back what it was pressed for and about which case, and nobody’s name', () => {
    const known = [
      'verb',
      'caseNumber',
      'revision',
      'round',
      'to',
      'protocolId',
      'reason',
      'question',
      'chooseReason',
      'due',
      'confirmed',
      'found',
      'category',
      'msteams',
    ];
    for (const card of asks) {
      const buttons = allNodes(card).filter(({ type }) => String(type).startsWith('Action.'));
      expect([card.name, buttons.length > 0]).toEqual([card.name, true]);
      for (const { data } of buttons) expect(Object.keys(data ?? {}).filter((key) => !known.includes(key))).toEqual([]);
      expect(JSON.stringify(buttons)).not.toMatch(/Vandermolen|0048813/u);
    }
  });

  it('lists the most urgent first and counts what is left out', () => {
    const list = readable(cards.find(({ name }) => name === 'conversation/waiting-some')!);
    expect(list).toMatch(/STAT[^]*Urgent[^]*Routine[^]*New/u);
    expect(readable(cards.find(({ name }) => name === 'conversation/waiting-many')!)).toContain('and 8 more');
  });

  it('names a patient on the list of those who fit only, and says none aloud', () => {
    const naming = asks.filter(({ card }) => JSON.stringify(card.card).includes('Vandermolen')).map(({ kind }) => kind);
    expect(new Set(naming)).toEqual(new Set(['search']));
    expect(asks.filter(({ card }) => card.speak.includes('Vandermolen'))).toEqual([]);
  });
});

describe('the gallery', () => {
  it('holds every card as it is made now (UPDATE_GALLERY=1 writes it anew)', () => {
    const made = new Map(galleryCards().map(({ name, card }) => [`${name}.json`, `${JSON.stringify(card.card, null, 2)}\n`]));
    if (process.env['UPDATE_GALLERY'] === '1') {
      rmSync(gallery, { recursive: true, force: true });
      for (const [name, json] of made) {
        mkdirSync(new URL(`${name.split('/')[0] ?? ''}/`, gallery), { recursive: true });
        writeFileSync(new URL(name, gallery), json);
      }
    }
    const there = readdirSync(gallery, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
    expect(there.map((name) => name.replaceAll('\\', '/')).toSorted()).toEqual([...made.keys()].toSorted());
    const changed = [...made].filter(([name, json]) => readFileSync(new URL(name, gallery), 'utf8').replaceAll('\r\n', '\n') !== json);
    expect(changed.map(([name]) => name)).toEqual([]);
  });

  it('has a card of every function that makes one, and every private note, in both languages', async () => {
    const makers = new Set(galleryCards().map(({ by }) => by));
    const missing: string[] = [];
    for (const { file, name } of cardMakers()) {
      const exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
      if (!makers.has(exported[name])) missing.push(`${file.slice(root.length)}: ${name}`);
    }
    expect(missing).toEqual([]);
    const names = galleryCards().map(({ name }) => name);
    expect(names.filter((name) => !name.includes('.es') && !names.some((other) => other === inSpanish(name)))).toEqual([]);
    const notes = galleryCards().flatMap(({ card, kind }) => (kind === 'note' ? [card.speak] : []));
    const untold = noteName.options
      .filter((note) => note !== 'question' && note !== 'question-answered' && note !== 'question-over')
      .filter((note) => !notes.some((speak) => speak.startsWith(english.notes[note].title)));
    expect(untold).toEqual([]);
  });

  it('would notice a new one', () => {
    expect(makersIn('export function oneCard(a: { b: string } = {}): RenderedCard {\n}\n\nexport function no(): string {\n}\n')).toEqual(['oneCard']);
    expect(makersIn('export async function twoCard(): Promise<RenderedCard | null> {\n}\n')).toEqual(['twoCard']);
    expect(makersIn('export const threeCard = (a: string): RenderedCard => four(a);\n')).toEqual(['threeCard']);
    expect(cardMakers().length).toBeGreaterThan(9);
  });
});

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every exported function of the product that gives a card, but those of the kit, of which cards are made. */
function cardMakers(): readonly { readonly file: string; readonly name: string }[] {
  return ['bot', 'cards', 'functions/workflows'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/u.test(path) && !`${folder}/${path}`.startsWith('cards/kit'))
      .map((path) => `${root}${folder}/${path}`)
      .flatMap((file) => makersIn(readFileSync(file, 'utf8')).map((name) => ({ file, name }))),
  );
}

function makersIn(source: string): readonly string[] {
  const pieces = source.split(/^(?=export )/gmu);
  return pieces.flatMap((piece) => {
    const name = /^export (?:async )?(?:function|const) (\w+)/u.exec(piece)?.[1];
    const [own = ''] = piece.split('\n}\n');
    return name !== undefined && /\): (?:Promise<)?RenderedCard\b/u.test(own) ? [name] : [];
  });
}

/** `normal-stat.view` is `normal-stat.es.view`; `answered.next` is `answered.es.next`; `waiting-some` is `waiting-some.es`. */
function inSpanish(name: string): string {
  const [first = name, ...rest] = name.split('.');
  return [first, 'es', ...rest].join('.');
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
