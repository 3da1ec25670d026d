import type { ParseArgsOptionsConfig } from 'node:util';
import type { CaseRequest } from '#ports/case-desk.js';
import type { CriticalVerb, TypedExam } from '#ports/desk.js';
import { print } from './case.ts';
import { COMMON_HELP, NoAnswer, answered, askCase, words } from './q-ask.ts';

const WHO = `You are the person whom people.json maps your account to (osAccount); an account that it does not name is denied. You
may here what you may in Teams, and each look and each act is on record as yours. Needs the running service.`;

type Declare = Extract<CaseRequest, { ask: 'case-declare' }>;

const CATEGORIES = ['1', '2', '3'] as const;
const SIDES = ['left', 'right', 'both'] as const;

export const declare = {
  usage: `radloop critical declare CASE|--accession NUMBER "FINDING" [--category 1|2|3] [--side left|right|both]
       [--record-number NUMBER --family NAME --exam EXAM [--given NAME] [--born YYYY-MM-DD]]

Writes a critical result on the exam of a case, or of an accession number, which the EHR is asked for where no case is of
it. It is NOT SENT YET: look at it ("radloop case show" with the number that is printed), then "radloop critical send" sends it.
--category  1 within minutes, 2 within hours, 3 within days; left out: that of the finding's class, the gravest where there is none
--record-number, --family, --exam  of an accession number that neither a case nor the EHR knows: whose exam it is, as you type it.
            What you type may stay in your shell's history: on a machine that others use, do it on the tab.

${WHO}

${COMMON_HELP}

Example: radloop critical declare 7KF3QN "tension pneumothorax" --category 1 --side left`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, declareOptions);
      const { accession } = values;
      const [caseNumber, ...rest] = accession === undefined ? positionals : ['', ...positionals];
      const finding = rest.join(' ').trim();
      if (caseNumber === undefined || finding === '') throw new NoAnswer(2, declare.usage);
      const typed = typedIn(values);
      if (typed !== null && accession === undefined) throw new NoAnswer(2, `What you type of an exam needs its --accession.\n\n${declare.usage}`);
      const of = accession === undefined ? { caseNumber } : { accession, ...(typed === null ? {} : { typed }) };
      const category = oneOf('--category', values.category, CATEGORIES);
      const side = oneOf('--side', values.side, SIDES) ?? null;
      const request: Declare = { ask: 'case-declare', of, finding, category: category === undefined ? null : numbers[category], side };
      return print(await askCase(values, request), values.json);
    }),
};

const text = { type: 'string' } as const;
const declareOptions = {
  ...{ accession: text, category: text, side: text },
  ...{ 'record-number': text, family: text, given: text, born: text, exam: text },
} as const;

/** Null: nothing of an exam was typed. @throws NoAnswer that says what is missing */
function typedIn(values: Readonly<Partial<Record<keyof typeof declareOptions, string>>>): TypedExam | null {
  const { 'record-number': recordNumber, family, given = '', born, exam } = values;
  if ([recordNumber, family, born, exam].every((one) => one === undefined) && given === '') return null;
  if (recordNumber === undefined || family === undefined || exam === undefined)
    throw new NoAnswer(2, `--record-number, --family and --exam are all needed, to say whose exam it is.\n\n${declare.usage}`);
  if (born !== undefined && !/^\d{4}-\d\d-\d\d$/u.test(born)) throw new NoAnswer(2, `--born ${born}: give it as YYYY-MM-DD.`);
  return { recordNumber, family, given, birthDate: born ?? null, exam };
}

const numbers = { '1': 1, '2': 2, '3': 3 } as const;

export const list = {
  usage: `radloop critical list

Open critical results that you may see, the most urgent and the oldest first; at the switchboard those that nobody has taken.
Nothing of the patient.

${WHO}

${COMMON_HELP}

Example: radloop critical list`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      if (positionals.length > 0) throw new NoAnswer(2, list.usage);
      return print(await askCase(values, { ask: 'case-alerts' }), values.json);
    }),
};

export const followUps = {
  usage: `radloop critical follow-ups

What signed reports say of category 3, within days, and nobody has dealt with yet: its number, the class of the finding, its owner
(the orderer, else the attending, else the coordinators), the case of the exam's order, since when, and by when it is due.
Those that you may see, the first due first. Nothing of the patient.

${WHO}

${COMMON_HELP}

Example: radloop critical follow-ups --json`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      if (positionals.length > 0) throw new NoAnswer(2, followUps.usage);
      return print(await askCase(values, { ask: 'case-follow-ups' }), values.json);
    }),
};

export const followUp = {
  usage: `radloop critical follow-up CASE --done TEXT

Says that a follow-up is dealt with, and how: for its owner, and for coordinators. Only on one that you were shown as it is now
("radloop case show CASE", or in Teams): if it has changed, nothing is done.

${WHO}

${COMMON_HELP}

Example: radloop critical follow-up 7KF3QN --done "CT ordered for May, patient told"`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, { done: { type: 'string' } });
      const [caseNumber] = positionals;
      const text = values.done?.trim() ?? '';
      if (caseNumber === undefined || positionals.length > 1 || text === '') throw new NoAnswer(2, followUp.usage);
      return print(await askCase(values, { ask: 'case-answer', caseNumber, verb: 'follow-up-done', protocolId: null, text }), values.json);
    }),
};

/** One option of a command: the field of the form that it fills in. */
interface Option {
  readonly name: string;
  /** As PersonAnswer.fields has it; `person`: an id, of who took a call. */
  readonly field: string;
  readonly shape: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
}

interface Act {
  readonly name: string;
  readonly about: string;
  /** What is written after the case; null: nothing. `optional`: it may be left out. */
  readonly text: string | null;
  readonly optional?: boolean;
  readonly options?: readonly Option[];
  readonly example: string;
}

function act(verb: CriticalVerb, { name, about, text, optional = false, options = [], example }: Act) {
  const optionWords = options
    .map(({ name: option, shape, required = false }) => (required ? ` --${option} ${shape}` : ` [--${option} ${shape}]`))
    .join('');
  const usage = `radloop critical ${name} CASE${text === null ? '' : optional ? ` [${text}]` : ` ${text}`}${optionWords}

${about}

${WHO}

${COMMON_HELP}

Example: radloop critical ${name} 7KF3QN${example}`;
  return {
    usage,
    run: (args: string[]): Promise<number> =>
      answered(async () => {
        const own: ParseArgsOptionsConfig = Object.fromEntries(options.map(({ name: option }) => [option, { type: 'string' }]));
        const { values, positionals } = words(args, own);
        const [caseNumber, ...rest] = positionals;
        const written = rest.join(' ').trim();
        if (caseNumber === undefined || (text === null && written !== '') || (text !== null && !optional && written === ''))
          throw new NoAnswer(2, usage);
        const given = new Map<string, string>();
        for (const option of options) {
          const value = oneOf(`--${option.name}`, textOf(values, option.name), option.choices);
          if (value !== undefined) given.set(option.field, value);
          else if (option.required === true) throw new NoAnswer(2, `--${option.name} is missing.\n\n${usage}`);
        }
        const to = given.get('person');
        given.delete('person');
        const request = {
          ...({ ask: 'case-answer', caseNumber, verb, protocolId: null, text: written === '' ? null : written } as const),
          fields: Object.fromEntries(given),
          ...(to === undefined ? {} : { to }),
        };
        return print(await askCase(values, request), values.json);
      }),
  };
}

function textOf(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws NoAnswer that names what may be given */
function oneOf<Choice extends string>(name: string, value: string | undefined, choices?: readonly Choice[]): Choice | undefined {
  if (value === undefined) return undefined;
  const found = choices === undefined ? (value as Choice) : choices.find((choice) => choice === value);
  if (found === undefined) throw new NoAnswer(2, `${name} ${value}: give one of ${(choices ?? []).join(', ')}.`);
  return found;
}

const category = (required: boolean): Option => ({ name: 'category', field: 'category', shape: '1|2|3', required, choices: CATEGORIES });
const LOOK = 'Only on a case that you were shown as it is now ("radloop case show CASE", or in Teams): if it has changed, nothing is done.';

export const send = act('release-critical', {
  ...{ name: 'send', text: null, options: [category(false)], example: '' },
  about: `Sends it: whoever is called first is reached in every way that is set up, and it goes on by itself until somebody has
taken it. Only a radiologist sends it with another category. Where nothing can go out the answer is NOT SENT, with whom to
phone now. ${LOOK}`,
});
export const notCritical = act('not-critical', {
  ...{ name: 'not-critical', text: 'REASON', example: ' "skin fold, no pneumothorax"' },
  about: `Says that what was written, or what a report or a model has raised, is not critical. Nobody outside radiology is told. ${LOOK}`,
});
export const recategorise = act('recategorise', {
  ...{ name: 'recategorise', text: 'REASON', options: [category(true)], example: ' "mediastinal shift on the next image" --category 1' },
  about: `Changes the category: whoever was told is told again, and what they had acknowledged counts no more. ${LOOK}`,
});
export const withdraw = act('withdraw-critical', {
  ...{ name: 'withdraw', text: 'REASON', example: ' "images of another patient" --kind wrong-patient' },
  options: [{ name: 'kind', field: 'kind', shape: 'withdrawn|wrong-patient|corrected', choices: ['withdrawn', 'wrong-patient', 'corrected'] }],
  about: `Takes it back: whoever was told is told so by the same ways, until they have said that they saw it. ${LOOK}`,
});
export const take = act('acknowledge', {
  ...{ name: 'take', text: null, example: '' },
  about: `You have it: nobody else is called. Read it back in the time that is said, or the next person is called. ${LOOK}`,
});
export const seen = act('seen', {
  ...{ name: 'seen', text: null, example: '' },
  about: `You were told of it, and have seen that it was withdrawn, or that its category or its patient was changed. It acknowledges
nothing else, and nobody is called for it.`,
});
export const same = act('join-alert', {
  ...{ name: 'same', text: null, example: ' --with 8FKT5T' },
  options: [{ name: 'with', field: 'with', shape: 'CASE', required: true }],
  about: `It is the same as that one, which has its accession number. What is only a question ends in the other, with all that is
known of it; nobody is called anew, and what was sent goes on until it is taken. ${LOOK}`,
});
export const apart = act('keep-apart', {
  ...{ name: 'apart', text: null, example: ' --with 8FKT5T' },
  options: [{ name: 'with', field: 'with', shape: 'CASE', required: true }],
  about: `It is not the same as that one, which has its accession number: both go on. ${LOOK}`,
});
export const readBack = act('read-back', {
  ...{ name: 'read-back', text: null, example: ' --identifier 4711 --finding "left tension pneumothorax" --action "chest tube now"' },
  options: [
    { name: 'identifier', field: 'identifier', shape: 'NUMBER', required: true },
    { name: 'finding', field: 'finding', shape: 'WORDS', required: true },
    { name: 'action', field: 'action', shape: 'WORDS', required: true },
  ],
  about: `Reads it back in your own words: a number of the patient from your own system (record number or accession), the finding,
what you will do. A wrong number acknowledges nothing and says whom to call. What you type may stay in your shell's
history: on a machine that others use, do it in Teams. ${LOOK}`,
});
export const onMyWay = act('on-my-way', {
  ...{ name: 'on-my-way', text: null, example: '' },
  about: `You are on your way. It acknowledges nothing: others are still called. ${LOOK}`,
});
export const decline = act('decline-alert', {
  ...{ name: 'decline', text: 'REASON', example: ' "in theatre until 05:00"' },
  about: `It is not yours: the next person is called at once. ${LOOK}`,
});
export const takeOver = act('take-over', {
  ...{ name: 'take-over', text: 'REASON', example: ' "I have the patient before me"' },
  about: 'You were not called and have the patient: it is put to you too, the clock goes on, and whoever was called is told. Then take it.',
});
export const call = act('record-call', {
  ...{ name: 'call', text: 'WORDS', optional: true, example: ' "left tension pneumothorax, chest tube now" --with dr-abebe' },
  options: [
    { name: 'with', field: 'person', shape: 'PERSON' },
    { name: 'action', field: 'action', shape: 'WORDS' },
    { name: 'spoke', field: 'spoke', shape: 'NAME' },
    { name: 'when', field: 'when', shape: 'TIME' },
  ],
  about: `Records a telephone call. WORDS is what they said back, PERSON (an id of people.json) who took it: one who was called for
it. NAME is who spoke with them, where that was not you. They are told so, and may say that it was not them. Of one that was read back already it records the conversation,
and needs neither. Of one that is over it records that PERSON was told that it was withdrawn or changed. ${LOOK}`,
});
export const notWhatISaid = act('not-what-i-said', {
  ...{ name: 'not-what-i-said', text: 'WORDS', example: ' "left, not right"' },
  about: `What was read back is not what you said: it is open again, and the next person is called. ${LOOK}`,
});
export const notMe = act('not-me', {
  ...{ name: 'not-me', text: null, example: '' },
  about: 'It is recorded that you took it, and that was not you: it is open again, and the next person is called.',
});
export const failsafe = act('take-failsafe', {
  ...{ name: 'failsafe', text: null, example: '' },
  about: 'At the switchboard: you have an untaken one in hand and phone until a doctor has it. It acknowledges nothing.',
});
export const attempt = act('record-attempt', {
  ...{ name: 'attempt', text: 'WORDS', example: ' "no answer on the ward" --to "Dr Abebe"' },
  options: [{ name: 'to', field: 'to', shape: 'WHOM' }],
  about: 'At the switchboard: records what you tried. It acknowledges nothing.',
});
