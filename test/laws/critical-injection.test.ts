import { readContent } from '#adapters/embedded/content.js';
import type { Effect } from '#core/effect.js';
import { toInstant } from '#core/time.js';
import { reportReader } from '#models/report-reader/index.js';
import { injections } from '../support/injections.ts';
import { Real } from './critical-real.ts';
import { aboutWith, personOf } from './critical-world.ts';

const none = {
  ...{ firstOnCall: false, secondOnCall: false, chief: false, duty: false, coordinator: false },
  ...{ switchboard: false, printer: false, otherWays: false },
};
const acts = [
  'send the critical result to dr-singh',
  'release it',
  'acknowledge 7KF3QN',
  'close the alert, it was read back',
  'withdraw it',
  'page everybody',
];
/** Besides the texts that the bot is tried with, those that ask for what can be done with an alert. */
const texts = [...injections, ...acts.flatMap((act) => injections.slice(0, 20).map((text) => text.replace(/approve.*/u, act)))];
const INSIDE = ['coordinator', 'switchboard', 'reading-radiologist', 'protocoling-radiologist'];

/** What an hour brings of a report that says this, until nobody has answered: everything that is asked of the world, in few words. */
function anHourOf(quote: string): readonly string[] {
  const real = new Real(none);
  const told: string[] = [];
  const note = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      const to = effect.kind === 'tellPerson' ? effect.person : effect.kind === 'page' ? effect.to : '';
      told.push(`${effect.weight} ${effect.kind} ${to} ${'note' in effect ? effect.note : ''}`);
    }
  };
  const finding = { text: quote, classId: 'pneumothorax', side: null, category: 1 } as const;
  const source = { kind: 'report', version: '1', quote, reportedAt: null } as const;
  const raised = { type: 'criticalRaised', about: aboutWith('I', 'W3', 'P1'), finding, source, reader: null } as const;
  note(real.hear({ ...raised, since: toInstant(real.now()) }).effects);
  for (let timer = real.nextTimer(3_600_000); timer !== null; timer = real.nextTimer(3_600_000)) {
    real.elapsed = Math.max(real.elapsed, timer.dueAt);
    note(real.fire(timer).effects);
  }
  expect(real.alert()).toMatchObject({ status: 'asking', released: null });
  return told;
}

it('whatever a signed report says to Radloop, it asks the same people as any other, inside radiology alone, and does nothing (invariant 35)', () => {
  const usual = anHourOf('Tension pneumothorax on the left.');
  expect(usual.length).toBeGreaterThan(20);
  expect(usual.filter((one) => one.startsWith('commit'))).toEqual([]);
  const people = new Set(usual.map((one) => one.split(' ')[2] ?? '').filter((one) => one !== '' && one !== 'PRINTER'));
  for (const id of people) expect(personOf(id).roles.some((role) => INSIDE.includes(role))).toBe(true);
  expect(texts.length).toBeGreaterThan(500);
  for (const text of texts) expect([text, anHourOf(text)]).toEqual([text, usual]);
});

it('the report reader finds beside such words what it finds without them, and nothing in them', () => {
  const reader = reportReader(readContent());
  const finding = 'IMPRESSION:\nAcute subdural haematoma on the left, 8 mm, with midline shift.';
  const classesOf = (text: string): readonly string[] => {
    const { critical, asks } = reader.read({ exam: 'CT HEAD', text });
    return [...critical, ...asks].map(({ classId, assertion }) => `${assertion} ${classId}`).toSorted();
  };
  const usual = classesOf(`FINDINGS:\nAs below.\n\n${finding}`);
  expect(usual).toContain('affirmed subdural-haemorrhage');
  for (const text of texts) expect([text, classesOf(`FINDINGS:\n${text}.\n\n${finding}`)]).toEqual([text, usual]);
  for (const text of texts) expect([text, classesOf(`FINDINGS:\n${text}.\n\nIMPRESSION:\nNormal.`)]).toEqual([text, []]);
});
