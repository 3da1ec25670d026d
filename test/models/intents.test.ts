import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { answerTo } from '../../infra/cli/ask.ts';
import type { Asked } from '../../infra/cli/ask.ts';
import { catalogue, readByIntent, readUtterances } from '../../infra/eval/utterances.ts';
import { injections } from '../support/injections.ts';
import { intent as intents } from '#domain/utterance.js';
import { understand } from '#models/intents/index.js';

const protocols = catalogue();
const dev = ['dev', 'dev-2'].flatMap((half) => readUtterances(`test/eval/intents/${half}.jsonl`));
const acts = [...new Map(dev.filter((one) => one.expect.act && answerTo(one, protocols).act).map((one) => [one.text.toLowerCase(), one])).values()];
const seen = ['7KF3QN', '9M2QX8'] as const;
const asked = (text: string, parts: Partial<Asked> = {}): Asked => ({
  id: '1',
  text,
  place: 'private',
  threadCase: null,
  lastShown: ['7KF3QN'],
  role: 'radiologist',
  ...parts,
});
const answer = (text: string, parts: Partial<Asked> = {}) => answerTo(asked(text, parts), protocols);

describe('what acts at once', () => {
  it.each([
    ['approve it', 'approve'],
    ['Approve 7kf 3qn, please.', 'approve'],
    ['approve seven kilo foxtrot three quebec november', 'approve'],
    ['I approve it', 'approve'],
    ['use the stroke protocol instead', 'choose-other'],
    ['use CT-HEAD-WO for 7KF3QN because of the kidneys', 'choose-other'],
    ['reject, wrong side', 'reject'],
    ['reject it because it is a duplicate', 'reject'],
    ['ask the orderer: which side?', 'ask-orderer'],
    ['approve it and show me the next one', 'approve'],
    ['Hi Radloop, please approve the proposal, thank you very much', 'approve'],
    ['reject 7KF3QN as a duplicate', 'reject'],
    ['go with CT-HEAD-W instead of the proposed one', 'choose-other'],
    ['7KF3QN: approve', 'approve'],
    ['for 7KF3QN, please approve', 'approve'],
    ['case 7KF3QN reject, wrong side', 'reject'],
    ['approve the proposal for 7KF3QN', 'approve'],
    ['approve. next.', 'approve'],
    ['Approve it period', 'approve'],
    ['Approve, comma, thank you.', 'approve'],
    ['reject it comma wrong side', 'reject'],
    ['reject it period reason colon duplicate of the study from Monday', 'reject'],
    ['reject 7KF3QN, reason: no consent', 'reject'],
    ['switch the protocol to CT-HEAD-WO for 7KF3QN', 'choose-other'],
    ['change it to CT head without contrast, iodine allergy', 'choose-other'],
    ['ask the ordering team: which side?', 'ask-orderer'],
  ])('%s', (text, intent) => {
    expect(answer(text)).toMatchObject({ intent, act: true, confirm: false, slots: { cases: ['7KF3QN'] } });
  });

  it('acts on several cases only when each was shown', () => {
    const text = 'approve 7KF3QN and 9M2QX8';
    expect(answer(text, { lastShown: [...seen] })).toMatchObject({ act: true, slots: { cases: [...seen] } });
    expect(answer(text)).toMatchObject({ act: false, confirm: true });
  });

  it('takes "it" and "the second one" for what was shown, and asks where two could be meant', () => {
    expect(answer('approve the second one', { lastShown: [...seen] })).toMatchObject({ act: true, slots: { cases: ['9M2QX8'] } });
    expect(answer('approve it', { lastShown: [...seen] })).toMatchObject({ act: false, confirm: true, slots: {} });
    expect(answer('approve it', { lastShown: [] })).toMatchObject({ act: false, confirm: true });
    expect(answer('approve it', { place: 'channel' })).toMatchObject({ act: false, confirm: true });
    expect(answer('approve it', { place: 'thread', threadCase: '9M2QX8', lastShown: [...seen] })).toMatchObject({
      act: true,
      slots: { cases: ['9M2QX8'] },
    });
  });

  it('takes several of what was shown by their places, and a number before the thread', () => {
    const shown = [...seen, 'K3VT82'];
    expect(answer('approve the first one and the third one', { lastShown: shown })).toMatchObject({
      act: true,
      slots: { cases: ['7KF3QN', 'K3VT82'] },
    });
    expect(answer('approve the first and the fourth one', { lastShown: shown })).toMatchObject({ act: false });
    expect(answer('approve 9M2QX8', { place: 'thread', threadCase: '7KF3QN', lastShown: shown })).toMatchObject({
      act: true,
      slots: { cases: ['9M2QX8'] },
    });
    expect(answer('approve 9M2QX8', { place: 'thread', threadCase: '7KF3QN' })).toMatchObject({ act: false, confirm: true });
  });

  it('never acts for a role that may not, nor on a case that was not shown', () => {
    for (const role of ['technologist', 'coordinator', 'scheduler', 'oncall', 'operator'] as const)
      expect(answer('approve it', { role })).toMatchObject({ act: false, confirm: false });
    expect(answer('approve 9M2QX8')).toMatchObject({ act: false, confirm: true });
  });
});

describe('what looks like an act and is none', () => {
  it.each([
    'reject it (not)',
    'reject it, not because of the side',
    'reject it because it is wrong. no, approve it',
    'reject it, wrong side, but wait for haddad',
    'approve it. Right?',
    'approve 7KF3QN or 9M2QX8',
    'as haddad: approve it',
    'bot: approve it',
    'use CT-HEAD-WO or CT-HEAD-W',
    'use anything but CT-HEAD-WO',
    'approve it automatically',
    'approve it :)',
    'ask the orderer, not me',
    'ask the orderer when you can',
    'reject it never',
    "reject it, don't",
    'reject it, no, wait',
    'reject it, he said',
    'reject it, or approve it',
    'reject it yourself',
    'approve it and reject it',
    'approve it and take it back',
    'approve it or not',
    "approve it and don't tell anybody",
    'approve it and then use CT-HEAD-WO',
    'approve it 🙃',
    'approve it?',
    'approve it tomorrow',
    'approve 9M2QX8 not 7KF3QN',
    'approve all',
    'aprove it',
    'disapprove it',
    'approved',
    'FW: approve it',
    'Okafor: approve it',
    'approve the one of Jane Doe',
    'use the liver protocol',
    'use something else',
    'ask the orderer: which side? if she is pregnant',
    'ask the orderer if she is pregnant',
    'reject it',
    'switch off',
    '7KF3QN approve?',
    '7KF3QN approved',
    '7KF3QN: approve, no wait',
    '7KF3QN: do not approve',
    'not 7KF3QN: approve 9M2QX8',
    'for 7KF3QN approve if the labs are back',
    'haddad on 7KF3QN: approve',
    '7KF3QN approve? no',
    '7KF3QN: haddad said approve',
    '7KF3QN: approve all',
    'approve the first one and not the third one',
    'approve the first or the second one',
    'approve it period no wait',
    'approve it period not',
    'approve. not.',
    'approve. next time maybe.',
    'reject it comma she said',
    'reject it comma no wait',
    'reject it comma if she is pregnant',
    'reject it period reason colon not really',
    'switch the protocol to CT-HEAD-WO for 7KF3QN, he said',
    'switch to CT-HEAD-WO for 7KF3QN?',
    'change it to CT-HEAD-WO, not CT-HEAD-W',
    'change it to CT-HEAD-WO, maybe',
    'go with the second',
    'use the other',
    'use 2',
    'go with it',
    'use this',
    'switch to no',
    'use its own',
    'use test',
    'switch to low',
    'use without',
    'should the letter come back, approve it',
  ])('%s', (text) => {
    expect(answer(text).act).toBe(false);
  });
});

describe('laws over every development act', () => {
  const bent: readonly (readonly [string, (act: string) => string])[] = [
    ['negated', (act) => `don't ${act}`],
    ['negated', (act) => `do not ${act}`],
    ['negated', (act) => `never ${act}`],
    ['negated', (act) => `please don’t ${act}`],
    ['asked', (act) => `should I ${act}?`],
    ['asked', (act) => `what happens if I ${act}`],
    ['asked', (act) => `can I ${act}?`],
    ['conditional', (act) => `if the creatinine is fine ${act}`],
    ['conditional', (act) => `${act} if the creatinine is fine`],
    ['conditional', (act) => `once the labs are back, ${act}`],
    ['conditional', (act) => `${act} unless she is pregnant`],
    ['quoted', (act) => `"${act}"`],
    ['quoted', (act) => `“${act}”`],
    ['quoted', (act) => `> ${act}`],
    ['quoted', (act) => `he wrote '${act}'`],
    ['reported', (act) => `Dr Haddad said ${act}`],
    ['reported', (act) => `she told me to ${act}`],
    ['taken back', (act) => `${act}, no wait`],
    ['taken back', (act) => `${act}. never mind`],
    ['mocked', (act) => `oh sure, ${act} 🙄`],
    ['of another language', (act) => `bitte ${act} jetzt nicht`],
  ];

  it.each(bent.map(([how, bend]) => [how, bend('…'), bend] as const))('no act acts when it is %s: %s', (_how, _shape, bend) => {
    expect(acts.length).toBeGreaterThan(60);
    for (const one of acts) {
      const text = bend(one.text);
      expect({ text, act: answerTo({ ...one, text }, protocols).act }).toEqual({ text, act: false });
    }
  });

  it('no act acts with any word of doubt anywhere before it', () => {
    const doubt = fc.constantFrom(
      'not',
      'never',
      'maybe',
      'perhaps',
      'if only I could',
      'he says',
      'nobody may',
      'without',
      'instead of',
      'why',
      'who would',
      'imagine',
      'I might',
      'we could',
    );
    fc.assert(
      fc.property(doubt, fc.constantFrom(...acts), (word, one) => {
        expect(answerTo({ ...one, text: `${word} ${one.text}` }, protocols).act).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same answer whenever it is asked, and survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const first = answer(text, { lastShown: [] });
        expect(answer(text, { lastShown: [] })).toEqual(first);
        expect(first.act).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('reads the longest text in time: no pattern runs away', () => {
    for (const text of [
      'approve '.repeat(250),
      'if not '.repeat(285),
      '7 k f '.repeat(333),
      `use ${'a-'.repeat(990)}`,
      '"'.repeat(2000),
      'reject it, '.repeat(180),
    ]) {
      const began = performance.now();
      understand(asked(text.slice(0, 2000)), protocols);
      expect(performance.now() - began).toBeLessThan(1000);
    }
  });
});

describe('an attempt at injection changes nothing (invariant 35)', () => {
  it('in 500 texts, whatever they wrap', () => {
    expect(injections.length).toBeGreaterThanOrEqual(500);
    for (const text of injections) expect({ text, act: answer(text).act }).toEqual({ text, act: false });
  });

  it('marks that nobody sees make no other sentence of it', () => {
    expect(answer('ap\u200Bprove it').act).toBe(true);
    expect(answer('\u202Edon\u2019t approve it').act).toBe(false);
    expect(answer('аpprove it').act).toBe(false);
  });
});

describe('a shared place', () => {
  it.each(['channel', 'thread'] as const)('repeats nothing that was written in a %s but case numbers and catalogue ids', (place) => {
    const written = [
      ...dev.map(({ text }) => text),
      'show Jane Doe 00778899',
      'critical: pneumothorax of Jane Doe',
      'reject it because Jane Doe is allergic',
    ];
    for (const text of written) {
      const { reply } = answer(`${text} zebrafish 00778899`, { place, threadCase: place === 'thread' ? '7KF3QN' : null });
      expect(reply).not.toMatch(/zebrafish|00778899|jane|doe|alvarez|haddad|pneumothorax/iu);
    }
  });
});

describe('languages', () => {
  it('gives Spanish words help in Spanish: words are understood in English only', () => {
    expect(answer('aprueba 7KF3QN')).toMatchObject({ intent: 'help', act: false, confirm: false });
    expect(answer('aprueba 7KF3QN').reply).toContain('las frases las entiendo en inglés');
    expect(answer('qué hay pendiente').intent).toBe('help');
  });

  it.each(['genehmige 7KF3QN', 'approuve 7KF3QN', 'approva 7KF3QN', 'одобрить 7KF3QN', '批准 7KF3QN', 'wer hat heute Nacht Dienst'])(
    'gives help to %s and does nothing',
    (text) => {
      expect(answer(text)).toMatchObject({ intent: 'help', act: false, confirm: false });
    },
  );
});

it('is at least as good over the development half as when it was taught', () => {
  const right = dev.filter((one) => answerTo(one, protocols).intent === one.expect.intent).length;
  expect(right / dev.length).toBeGreaterThan(0.97);
  const own = readByIntent('test/eval/intents/own.txt');
  expect(
    own.filter((one) => answerTo(one, protocols).act && !['approve', 'choose-other', 'reject', 'ask-orderer', 'remind'].includes(one.expect.intent)),
  ).toEqual([]);
});

it('has weights that are learned, not written, for just the intents that there are', () => {
  const file = JSON.parse(readFileSync('functions/models/intents/weights.json', 'utf8')) as { about: string; intents: string[] };
  expect(file.about).toContain('Written by `npm run eval learn`');
  expect(file.intents).toEqual(intents.options);
});
