import type { Posting } from '#core/card.js';
import { personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Example } from '#core/workflow.js';
import type { OnCallGap, OnCallLack } from '#domain/on-call-gap.js';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';

/** November 2026, UTC. */
const on = (text: string): Instant => instant.parse(`2026-11-${text}:00.000Z`);
const at = (text: string) => ({ at: on(text), v: 1 }) as const;

const reyes = personId.parse('c-reyes');
const bello = personId.parse('c-bello');

export const examplePolicy: Policy = {
  coordinators: [reyes, bello],
  serviceName: (service) => (service === 'neurosurgery' ? 'Neurosurgery' : service),
  personName: (person) => (person === 'dr-vance' ? 'Iris Vance' : person),
  paging: { withinMinutes: 60, channelsOf: (person) => (person === reyes ? ['sms', 'email'] : ['email']), callBack: '+1 555 0100' },
  zone: 'America/Chicago',
};

export const gap: OnCallGap = { service: 'neurosurgery', level: 1, from: on('27T13:00'), to: on('28T01:00') };
const chatOf = (person: string): Posting => ({ place: person, conversationId: `chat-${person}`, activityId: 'note' });
const shorter: OnCallGap = { ...gap, to: on('27T19:00') };
const endless: OnCallGap = { ...gap, to: null };

const vance = personId.parse('dr-vance');
const stranger = personId.parse('dr-who');
const old: OnCallLack = { why: 'old-roster', level: null, person: null, from: on('26T12:00') };
const unheard: OnCallLack = { why: 'no-second-channel', level: 1, person: vance, from: on('27T13:00') };
const unknown: OnCallLack = { why: 'unknown-person', level: 2, person: stranger, from: on('27T13:00') };
export const wanting = (...lacks: readonly OnCallLack[]): OnCallGap => ({
  service: 'neurosurgery',
  level: 0,
  from: on('26T12:00'),
  to: null,
  lacks: [...lacks],
});
export const allWanting: OnCallGap = wanting(
  { ...old, why: 'unusable-roster' },
  { ...old, why: 'no-roster' },
  { ...old, why: 'no-level', level: 2 },
  old,
  unheard,
  unknown,
  { ...unheard, why: 'no-app' },
  { ...unknown, person: vance },
);

const opened: Fact = { type: 'gapOpened', ...at('26T13:00'), gap };
const toReyes: Fact = { type: 'noticeGiven', ...at('26T13:01'), person: reyes, posting: chatOf('c-reyes') };
const toBello: Fact = { type: 'noticeGiven', ...at('26T13:01'), person: bello, posting: chatOf('c-bello') };
const mended: Fact = { type: 'gapClosed', ...at('26T15:00'), why: 'mended' };
const paged = (...what: string[]): Fact => ({ type: 'gapPaged', ...at('27T12:00'), what });
const told = (revision: number): Input => ({ type: 'personTold', person: reyes, note: 'gap', revision, posting: chatOf('c-reyes') });

/** The specification, the test and the table in one. */
export const examples: readonly Example<Fact, Input>[] = [
  {
    name: 'hours without anybody are told to every coordinator',
    given: [],
    now: on('26T13:00'),
    when: { type: 'gapFound', gap },
    then: [{ type: 'gapOpened', gap }],
    effects: ['tellPerson c-reyes gap', 'tellPerson c-bello gap'],
  },
  {
    name: 'they are told once, however often the roster is looked at',
    given: [opened, toReyes],
    now: on('26T14:00'),
    when: { type: 'gapFound', gap },
    then: [],
    effects: [],
  },
  {
    name: 'hours that have begun are the same hours, whenever it was looked that they had',
    given: [opened, toReyes, paged('hours')],
    now: on('27T14:00'),
    when: { type: 'gapFound', gap: { ...gap, from: on('27T13:30') } },
    then: [],
    effects: [],
  },
  {
    name: 'other hours take the place of what stands with whoever was told',
    given: [opened, toReyes, toBello],
    now: on('26T15:00'),
    when: { type: 'gapFound', gap: shorter },
    then: [{ type: 'gapChanged', gap: shorter }],
    effects: ['tellPerson c-reyes gap-changed', 'tellPerson c-bello gap-changed'],
  },
  {
    name: 'a roster that was mended takes the place of what stands with whoever was told',
    given: [opened, toReyes, toBello],
    now: on('26T15:00'),
    when: { type: 'gapGone' },
    then: [{ type: 'gapClosed', why: 'mended' }],
    effects: ['tellPerson c-reyes gap-closed', 'tellPerson c-bello gap-closed'],
  },
  {
    name: 'hours that passed without anybody were not mended',
    given: [opened, toReyes],
    now: on('28T01:00'),
    when: { type: 'gapGone' },
    then: [{ type: 'gapClosed', why: 'over' }],
    effects: ['tellPerson c-reyes gap-closed'],
  },
  {
    name: 'a roster that ended goes on being a gap until it goes on',
    given: [{ ...opened, gap: endless }, toReyes],
    now: on('30T01:00'),
    when: { type: 'gapGone' },
    then: [{ type: 'gapClosed', why: 'mended' }],
    effects: ['tellPerson c-reyes gap-closed'],
  },
  {
    name: 'what was mended is closed once',
    given: [opened, toReyes, mended],
    now: on('26T15:01'),
    when: { type: 'gapGone' },
    then: [],
    effects: [],
  },
  {
    name: 'the same hours without anybody once more are told anew',
    given: [opened, toReyes, mended],
    now: on('26T16:00'),
    when: { type: 'gapFound', gap },
    then: [{ type: 'gapOpened' }],
    effects: ['tellPerson c-reyes gap', 'tellPerson c-bello gap'],
  },
  {
    name: 'where a note stands is kept, so that another can take its place',
    given: [opened],
    now: on('26T13:01'),
    when: told(1),
    then: [{ type: 'noticeGiven', person: reyes, posting: chatOf('c-reyes') }],
    effects: [],
  },
  {
    name: 'a note that arrived when the roster was mended already is replaced at once',
    given: [opened, mended],
    now: on('26T15:00'),
    when: told(1),
    then: [{ type: 'noticeGiven', person: reyes }],
    effects: ['tellPerson c-reyes gap-closed'],
  },
  {
    name: 'a note that could not reach somebody is on record',
    given: [opened],
    now: on('26T13:01'),
    when: { type: 'effectFailed', kind: 'tellPerson', message: 'gap', code: 'gone', detail: 'no chat' },
    then: [{ type: 'noticeFailed', note: 'gap', code: 'gone' }],
    effects: [],
  },
  {
    name: 'hours that are near are paged to every coordinator by all that they have',
    given: [opened, toReyes],
    now: on('27T12:00'),
    when: { type: 'gapFound', gap },
    then: [{ type: 'gapPaged', what: ['hours'] }],
    effects: ['page email c-bello gap-near', 'page email c-reyes gap-near', 'page sms c-reyes gap-near'],
  },
  {
    name: 'they are paged once',
    given: [opened, toReyes, paged('hours')],
    now: on('27T12:01'),
    when: { type: 'gapFound', gap },
    then: [],
    effects: [],
  },
  {
    name: 'what else is wanting of a service is told in one list, and paged where it is so already',
    given: [],
    now: on('26T13:00'),
    when: { type: 'gapFound', gap: wanting(old, unheard) },
    then: [{ type: 'gapOpened' }, { type: 'gapPaged', what: ['old-roster||'] }],
    effects: [
      'tellPerson c-reyes gap',
      'tellPerson c-bello gap',
      'page email c-bello gap-near',
      'page email c-reyes gap-near',
      'page sms c-reyes gap-near',
    ],
  },
  {
    name: 'a list that has become longer takes the place of what stands with whoever was told',
    given: [{ ...opened, gap: wanting(old) }, paged('old-roster||'), toReyes],
    now: on('26T14:00'),
    when: { type: 'gapFound', gap: wanting(old, unknown) },
    then: [{ type: 'gapChanged' }],
    effects: ['tellPerson c-reyes gap-changed'],
  },
  {
    name: 'of a list what comes near is paged, what was paged is not',
    given: [{ ...opened, gap: wanting(old, unknown) }, paged('old-roster||')],
    now: on('27T12:30'),
    when: { type: 'gapFound', gap: wanting(old, unknown) },
    then: [{ type: 'gapPaged', what: ['unknown-person|2|dr-who'] }],
    effects: ['page email c-bello gap-near', 'page email c-reyes gap-near', 'page sms c-reyes gap-near'],
  },
  {
    name: 'that a page was taken says nothing new',
    given: [opened, paged('hours')],
    now: on('27T12:01'),
    when: { type: 'paged', channel: 'sms', to: 'c-reyes', note: 'gap-near', revision: 1, receipt: '1' },
    then: [],
    effects: [],
  },
  {
    name: 'a list of which nothing is left is closed',
    given: [{ ...opened, gap: wanting(old) }, toReyes],
    now: on('26T15:00'),
    when: { type: 'gapGone' },
    then: [{ type: 'gapClosed', why: 'mended' }],
    effects: ['tellPerson c-reyes gap-closed'],
  },
  {
    name: 'what every open case is told changes nothing here',
    given: [opened],
    now: on('26T14:00'),
    when: { type: 'cardsLost' },
    then: [],
    effects: [],
  },
];
