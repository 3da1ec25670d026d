import fc from 'fast-check';
import { caseId, eventId, personId } from '#core/ids.js';
import { toInstant } from '#core/time.js';
import type { Moment } from '#core/workflow.js';
import { tell } from '#workflows/critical-results/effects.js';
import { fact as factShape } from '#workflows/critical-results/events.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import type { Policy } from '#workflows/critical-results/policy.js';
import type { Alert } from '#workflows/critical-results/state.js';
import { commands, draft, raise } from './critical-commands.ts';
import type { Command } from './critical-commands.ts';
import { check } from './critical-laws.ts';
import { Real } from './critical-real.ts';
import type { Page, Sent } from './critical-real.ts';
import { Reference } from './critical-reference.ts';
import { aboutWith, NUMBER, RECORD, START } from './critical-world.ts';
import type { Gaps } from './critical-world.ts';
import type { Category } from '#domain/critical.js';

/** Histories in `npm test`; ten times ten thousand with RADLOOP_FAULTS=full. */
const RUNS = process.env['RADLOOP_FAULTS'] === 'full' ? 100_000 : 2_000;

const isGap = fc.constantFrom(false, false, false, false, true);
const gaps = fc.record({
  ...{ firstOnCall: isGap, secondOnCall: isGap, chief: isGap, duty: isGap, coordinator: isGap, switchboard: isGap, printer: isGap, otherWays: isGap },
});
const beginning = fc.record({
  how: fc.constantFrom('draft', 'draft', 'draft', 'report', 'model'),
  category: fc.constantFrom<Category>(1, 1, 2, 3),
  by: fc.constantFrom('dr-okafor', 'dr-lindqvist', 'dr-both'),
  patientClass: fc.constantFrom('I', 'I', 'E', 'O'),
  ward: fc.constantFrom('W3', 'W3', 'ED', 'NCLIN', 'X9', null),
  provider: fc.constantFrom('P1', 'P9', 'PX', null),
});
type Beginning = typeof beginning extends fc.Arbitrary<infer Made> ? Made : never;

type History = readonly [Gaps, Beginning, Iterable<Command>];
const histories = fc.tuple(gaps, beginning, fc.commands(commands, { maxCommands: 60, size: 'max' }));

/** Plays one; the laws are checked after each thing that happens. */
function play(
  [missing, { how, category, by, patientClass, ward, provider }, history]: History,
  look: (model: Reference) => void = () => undefined,
): Real {
  const real = new Real(missing);
  const model = new Reference(missing, patientClass, ward, provider, START);
  const about = aboutWith(patientClass, ward, provider);
  if (how === 'draft') draft(model, real, by, category, about);
  else raise(model, real, how === 'model' ? null : 'one', category, how === 'model' ? null : by, about);
  check(model, real);
  const looked = [...history].map((one): Command => ({ check: () => true, run: (m, r) => { one.run(m, r); look(m); }, toString: () => one.toString() })); // prettier-ignore
  fc.modelRun(() => ({ model, real }), looked);
  return real;
}

describe('an alert against what the issue promises, written down a second time (invariants 15, 19, 20; field reports 14, 15, 17)', () => {
  it(`is never silent, stopped by nobody else, not sent on after a right acknowledgement, and not moved by late timers: ${RUNS} histories`, () => {
    fc.assert(
      fc.property(histories, (history) => {
        play(history);
      }),
      { numRuns: RUNS, ...(process.env['LAW_SEED'] === undefined ? {} : { seed: Number(process.env['LAW_SEED']) }) },
    );
  }, 3_600_000);

  it('these histories reach every state, and most of them get past the release', () => {
    const seen = new Map<string, number>();
    for (const history of fc.sample(histories, { numRuns: 300, seed: 7 })) {
      const phases = new Set<string>();
      play(history, ({ phase, before }) => phases.add(before === null ? phase : `${before.phase}, ${phase} anew`));
      for (const phase of phases) seen.set(phase, (seen.get(phase) ?? 0) + 1);
    }
    expect([...seen.keys()].toSorted()).toEqual([
      'acknowledged',
      'asking',
      'closed',
      'closed, asking anew',
      'closed, draft anew',
      'draft',
      'failsafe',
      'no',
      'open',
      'spoken',
      'taken',
      'withdrawn',
      'withdrawn, asking anew',
      'withdrawn, draft anew',
    ]);
    for (const phase of ['open', 'failsafe', 'acknowledged', 'closed', 'taken', 'withdrawn'])
      expect([phase, seen.get(phase)! >= 15]).toEqual([phase, true]);
  });
});

const none: Gaps = {
  firstOnCall: false,
  secondOnCall: false,
  chief: false,
  duty: false,
  coordinator: false,
  switchboard: false,
  printer: false,
  otherWays: false,
};

/** Sent by the radiologist on duty about an inpatient; nobody answers. */
function sentBy(by: string, missing: Gaps = none, longIds = false, drill = false, about = aboutWith('I', 'W3', 'P1')): Real {
  const real = new Real(missing, longIds);
  const finding = { text: 'Tension pneumothorax', classId: 'pneumothorax', side: null, category: 1 } as const;
  real.hear({ type: 'criticalDrafted', by: real.named(by), via: 'button', about, finding, drill });
  real.answer(by, 'release-critical', 1);
  return real;
}

function pass(real: Real, minutes: number, each: (sent: Sent) => 'taken' | 'lost'): void {
  const until = real.elapsed + minutes * 60_000;
  for (let timer = real.nextTimer(until); timer !== null; timer = real.nextTimer(until)) {
    real.elapsed = Math.max(real.elapsed, timer.dueAt);
    real.fire(timer);
    for (const sent of real.queue.splice(0)) if (real.says(sent) !== null) real.deliver(sent, each(sent) === 'lost');
  }
  real.elapsed = until;
}

/** As the hospital's system says it at this moment. */
function movedTo(real: Real, patientClass: string, ward: string | null, present: boolean | null): void {
  const at = toInstant(real.now());
  const origin = { rawHash: 'x', sendingApplication: 'ADT', sendingFacility: 'H', messageTime: null, receivedAt: at, quality: [] };
  const location = ward === null ? null : { pointOfCare: ward, room: '', bed: '', facility: '' };
  const { patient } = aboutWith('I', null, null);
  real.hear({ type: 'patientUpdated', trigger: 'A02', ...origin, patient, location, patientClass, present, sortTime: at });
}

describe('a patient who is moved while nobody has taken it', () => {
  const calledNow = (real: Real) =>
    real.last.effects.flatMap((effect) => (effect.kind === 'tellPerson' && effect.note === 'alert' ? [effect.person] : []));

  it('from the emergency department to a ward: the first on call of the ward is called in that moment, by each way and in the channel', () => {
    const real = sentBy('dr-okafor', none, false, false, aboutWith('E', 'ED', 'P1'));
    expect(calledNow(real)).toEqual(['dr-haas']);
    pass(real, 3, () => 'taken');
    const before = real.timers.get('window');
    movedTo(real, 'I', 'W3', true);
    expect(calledNow(real)).toEqual(['dr-singh']);
    expect(real.last.effects.flatMap((effect) => (effect.kind === 'page' ? [effect.channel] : [])).toSorted()).toEqual([
      'email',
      'pager',
      'sms',
      'voice',
    ]);
    const card = real.last.effects.find((effect) => effect.kind === 'showCard');
    expect(card).toMatchObject({ precedence: 'critical' });
    expect(
      criticalResults.sharedCard(real.state, { caseNumber: NUMBER, now: toInstant(real.now()), policy: real.policy, names: {} })?.mentions,
    ).toEqual(['dr-haas', 'dr-singh']);
    expect(real.timers.get('window')).toEqual(before);
    pass(real, 2, () => 'taken');
    expect([real.alert().steps.at(-1)?.level, real.alert().addressed]).toEqual([2, ['dr-haas', 'dr-singh', 'dr-moreau', 'dr-brandt']]);
    expect(real.answer('dr-singh', 'acknowledge', 1)).toBe('won');
  });

  it('again and again: each is called once, and the failsafe comes no later for it', () => {
    const real = sentBy('dr-okafor');
    const called: string[] = [];
    for (let minute = 0; minute < 15; minute += 1) {
      movedTo(real, 'I', minute % 2 === 0 ? 'ED' : 'W3', true);
      called.push(...calledNow(real));
      pass(real, 1, () => 'taken');
    }
    // The second on call of the ward once the second level has been reached.
    expect(called).toEqual(['dr-haas', 'dr-moreau']);
    expect(real.alert().failsafe).not.toBeNull();
  });
});

describe('one that a radiologist wrote and a coordinator sent', () => {
  it('is disputed by the radiologist, and by no coordinator', () => {
    const real = new Real(none);
    const finding = { text: 'Tension pneumothorax', classId: 'pneumothorax', side: null, category: 2 } as const;
    real.hear({ type: 'criticalDrafted', by: real.named('dr-okafor'), via: 'button', about: aboutWith('I', 'W3', 'P1'), finding, drill: false });
    expect(real.answer('c-reyes', 'release-critical', 1)).toBe('won');
    const fields = { identifier: RECORD, finding: 'my own words', action: 'a drain' };
    expect(real.answer('dr-singh', 'read-back', 1, { fields })).toBe('won');
    expect(real.answer('c-reyes', 'not-what-i-said', 1, { text: 'no' })).toBe('unauthorised');
    expect(real.answer('dr-lindqvist', 'not-what-i-said', 1, { text: 'no' })).toBe('unauthorised');
    expect(real.answer('dr-okafor', 'not-what-i-said', 1, { text: 'the other side' })).toBe('won');
    expect(real.alert().status).toBe('open');
  });
});

describe('an alert through a night', () => {
  it.each(['taken', 'lost'] as const)('that nobody takes, with every message %s, is a record of some hundreds of facts, not thousands', (outcome) => {
    const real = sentBy('dr-okafor');
    pass(real, 12 * 60, () => outcome);
    const counts = Object.groupBy(real.facts, ({ type }) => type);
    expect(counts.failsafeRepeated?.length).toBeGreaterThan(135);
    expect(real.facts.length).toBeLessThan(300);
  });

  it('is at the failsafe after the sum of its windows, whatever fails', () => {
    for (const outcome of ['taken', 'lost'] as const) {
      const real = sentBy('dr-okafor');
      pass(real, 15, () => outcome);
      expect([outcome, real.alert().failsafe === null]).toEqual([outcome, false]);
    }
  });

  it('goes on with a clock that is set back by an hour at every step', () => {
    const real = sentBy('dr-okafor');
    for (let minutes = 0; minutes < 20; minutes += 5) {
      real.stepped -= 3_600_000;
      pass(real, 5, () => 'taken');
    }
    expect(real.alert().failsafe?.repeats).toBe(1);
  });
});

describe('a pager, mail and a printer that take nothing for an hour', () => {
  it('say it once to each person when they are back, and one sheet is printed', () => {
    const real = sentBy('dr-okafor');
    const kept: Page[] = [];
    pass(real, 60, (sent) => {
      if (sent.kind === 'page') kept.push(sent);
      return 'taken';
    });
    const said = kept.filter((sent) => real.says(sent) !== null).map(({ channel, to }) => `${channel} ${to}`);
    expect(kept.length).toBeGreaterThan(50);
    expect(said.toSorted()).toEqual([...new Set(kept.map(({ channel, to }) => `${channel} ${to}`))].toSorted());
  });

  it('say it by the pager too where the newest, of a category without one, went by mail alone', () => {
    const real = new Real(none);
    const finding = { text: 'Tension pneumothorax', classId: 'pneumothorax', side: null, category: 1 } as const;
    real.hear({ type: 'criticalDrafted', by: real.named('dr-okafor'), via: 'button', about: aboutWith('I', 'W3', 'P1'), finding, drill: false });
    const kept: Page[] = [];
    const wait = (minutes: number): void => {
      pass(real, minutes, (sent) => {
        if (sent.kind === 'page' && sent.to === 'dr-okafor') kept.push(sent);
        return 'taken';
      });
    };
    wait(10);
    expect(real.answer('dr-okafor', 'recategorise', 1, { text: 'a mistake', fields: { category: '3' } })).not.toBe('invalid');
    wait(3 * 60);
    expect(kept.at(-1)?.channel).toBe('email');
    const source = { kind: 'model', model: 'm', version: '1', confidence: null } as const;
    real.hear({ type: 'criticalRaised', about: aboutWith('I', 'W3', 'P1'), finding, source, reader: null, since: toInstant(real.now()) });
    const said = kept.filter((sent) => real.says(sent) !== null).map(({ channel }) => channel);
    expect(said.toSorted()).toEqual([...new Set(kept.map(({ channel }) => channel))].toSorted());
    expect(said).toContain('pager');
  });
});

describe('the private chats of a night', () => {
  it('hold one whole message to each person, and lines of the others; none says that nobody has taken it once somebody has', () => {
    const real = sentBy('dr-okafor');
    pass(real, 3 * 60, () => 'taken');
    const whole = () => [...real.chats.values()].filter(({ note }) => note !== 'earlier');
    expect(real.chats.size).toBeGreaterThan(200);
    expect(whole().map(({ person }) => person).toSorted()).toEqual([...new Set([...real.chats.values()].map(({ person }) => person))].toSorted());
    expect(whole().filter(({ says }) => says.includes('until a doctor has it')).map(({ person }) => person)).toEqual(['s-tamm']);
    real.answer('dr-singh', 'acknowledge', 1);
    for (let round = 0; round < 3; round += 1) for (const sent of real.queue.splice(0)) if (real.says(sent) !== null) real.deliver(sent, false);
    expect(whole().filter(({ says }) => /nobody has taken it|untaken/iu.test(says))).toEqual([]);
    expect(whole().find(({ person }) => person === 'dr-singh')?.says).toContain('You have taken it');
  }); // prettier-ignore

  it('say that it is over where what was said last was that the conversation is to be recorded, also to who was asked whether to withdraw it', () => {
    const real = new Real(none);
    raise(new Reference(none, 'I', 'W3', 'P1', START), real, 'one', 1, 'dr-okafor');
    const settle = (): void => {
      for (let round = 0; round < 3; round += 1) for (const sent of real.queue.splice(0)) if (real.says(sent) !== null) real.deliver(sent, false);
    };
    real.answer('dr-okafor', 'release-critical', 1);
    const fields = { identifier: RECORD, finding: 'my own words', action: 'a drain' };
    expect(real.answer('dr-singh', 'read-back', real.alert().revision, { fields })).toBe('won');
    real.hear({ type: 'reportSaysNoLonger', version: 'C1', classes: [], patient: aboutWith('I', 'W3', 'P1').patient });
    settle();
    pass(real, 6, () => 'taken');
    settle();
    const said = () => [...real.chats.values()].filter(({ person, note }) => person === 'dr-okafor' && note !== 'earlier').map(({ note }) => note);
    expect(said()).toEqual(['conversation-due']);
    real.answer('dr-okafor', 'record-call', real.alert().revision, { text: 'said back', to: real.named('dr-singh') });
    expect(real.alert().status).toBe('closed');
    settle();
    expect(said()).toEqual(['now']);
  });
});

describe('what is written and sent', () => {
  it('has a key of at most 200 characters, each once, with the longest names and ids that there may be', () => {
    const moment = { caseId: caseId.parse('0'.repeat(32)), event: eventId.parse('e'.repeat(200)) } as Moment<Policy>;
    const one = tell(personId.parse(`${'p'.repeat(63)}1`), 'read-back-overdue', { revision: 1 } as Alert, moment).key;
    const other = tell(personId.parse(`${'p'.repeat(63)}2`), 'read-back-overdue', { revision: 1 } as Alert, moment).key;
    expect([one.length <= 200, other.length <= 200, one === other]).toEqual([true, true, false]);
    const real = sentBy('dr-okafor', none, true);
    pass(real, 60, () => 'taken');
    expect(real.keys.size).toBeGreaterThan(100);
  });

  it('is cut where somebody writes more than a fact holds: the case can be read again', () => {
    const real = sentBy('dr-okafor');
    const text = 'in theatre '.repeat(500);
    real.answer('dr-singh', 'decline-alert', 1, { text });
    real.answer('s-tamm', 'record-attempt', 1, { text });
    real.answer('c-reyes', 'record-call', 1, { text, to: real.named('dr-moreau') });
    real.answer('dr-moreau', 'not-me', 1, { text });
    real.answer('dr-okafor', 'withdraw-critical', 1, { text });
    expect(real.alert().status).toBe('withdrawn');
    for (const fact of real.facts) expect(factShape.safeParse(JSON.parse(JSON.stringify(fact))).success).toBe(true);
  });

  it('is marked in every text where it is a drill', () => {
    const real = sentBy('dr-okafor', none, false, true);
    const unmarked: string[] = [];
    let texts = 0;
    const looked = (sent: Sent) => {
      const says = real.says(sent);
      if (says === null || sent.kind === 'sendHl7') return;
      texts += 1;
      const parts = JSON.parse(says) as { readonly speak?: string; readonly subject?: string; readonly sheet?: readonly string[] };
      for (const part of [parts.speak, parts.subject, parts.sheet?.[0]]) if (part !== undefined && !part.includes('DRILL')) unmarked.push(part);
      if (!says.includes('DRILL')) unmarked.push(says);
    };
    real.queue.forEach(looked);
    pass(real, 30, (sent) => {
      looked(sent);
      return 'taken';
    });
    real.answer('dr-okafor', 'withdraw-critical', 1, { text: 'over' });
    real.queue.forEach(looked);
    expect(texts).toBeGreaterThan(40);
    expect(unmarked).toEqual([]);
  });

  it('says that nobody was told where nobody could be: no one on a list, no operator, no printer', () => {
    const empty = { ...none, firstOnCall: true, secondOnCall: true, chief: true, duty: true, coordinator: true, switchboard: true, printer: true };
    const real = new Real(empty);
    const finding = { text: 'Tension pneumothorax', classId: 'pneumothorax', side: null, category: 1 } as const;
    real.hear({ type: 'criticalDrafted', by: real.named('dr-okafor'), via: 'button', about: aboutWith('I', 'W3', null), finding, drill: false });
    real.answer('dr-okafor', 'release-critical', 1);
    expect(real.last.answer).toMatchObject({ notSent: true, text: expect.stringMatching(/^NOT SENT: phone the switchboard, 9 now\./u) });
    expect(real.timers.get('window')).toBeDefined();
  });

  it('on the sheet of the printer: who, numbers, category, age and call-back number; another heading where it is a question, or over', () => {
    const sheetOf = (real: Real): readonly string[] => {
      const print = real.queue.findLast((sent) => sent.kind === 'page' && sent.channel === 'print')!;
      return (JSON.parse(real.says(print) ?? '{}') as { readonly sheet: readonly string[] }).sheet;
    };
    const real = sentBy('dr-okafor');
    const kept: Sent[] = [];
    pass(real, 16, (sent) => {
      if (sent.kind === 'page' && sent.channel === 'print') kept.push(sent);
      return 'taken';
    });
    real.queue.push(...kept);
    expect(sheetOf(real).join('\n')).toMatch(
      /^UNTAKEN[^]*category 1: 7KF3QN[^]*16 min[^]*Reading room, 4700[^]*dr-singh, first on call, Neurosurgery: 4711/u,
    );
    real.answer('dr-okafor', 'withdraw-critical', 1, { text: 'over' });
    expect(sheetOf(real)[0]).toMatch(/^WITHDRAWN/u);
    const asked = new Real(none);
    raise(new Reference(none, 'I', 'W3', 'P1', START), asked, 'one', 1, 'dr-both');
    for (let n = 0; n < 3; n += 1) asked.fire(asked.timers.get('window')!);
    expect(sheetOf(asked)[0]).toMatch(/^IS THIS CRITICAL\?/u);
    expect(sheetOf(asked).join()).not.toMatch(/doctor has it/iu);
  });
});
