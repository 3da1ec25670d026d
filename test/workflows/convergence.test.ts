import fc from 'fast-check';
import { eventId } from '#core/ids.js';
import type { Decision } from '#core/workflow.js';
import { approvalBy } from '#core/approval.js';
import { order as orderShape, orderReceived } from '#domain/order.js';
import type { Clearable, OrderReceived } from '#domain/order.js';
import type { Fact, Input } from '#workflows/protocoling/events.js';
import { protocoling } from '#workflows/protocoling/index.js';
import { isOpened } from '#workflows/protocoling/state.js';
import type { State } from '#workflows/protocoling/state.js';
import { CANARY, theCase, timeOf } from '../support/arbitraries.ts';
import { okafor } from '../support/clinic.ts';
import { shippedPolicy as policy } from '../support/shipped.ts';

/** ORC-1 of the messages of an order's life (HL7 table 0119). */
type Control = 'NW' | 'XO' | 'CA' | 'DC' | 'OC' | 'SC' | 'RP' | 'NA';

/** What a message can say; null: it does not say; '': it deletes (HL7 null). */
interface Sayings {
  readonly accession: string | null;
  readonly filler: string | null;
  readonly exam: string | null;
  readonly priority: string | null;
  readonly indication: string | null;
  readonly patientClass: string | null;
  readonly provider: string | null;
  readonly family: string | null;
  readonly sex: string | null;
  readonly status: string | null;
}

interface Sent extends Sayings {
  readonly control: Control;
  /** Minutes; several messages may have the same. */
  readonly minute: number;
  readonly hash: string;
  /** Beside the number that every message of this patient has. */
  readonly secondNumber: string | null;
  /** Is the second number the one that people read? */
  readonly secondFirst: boolean;
  readonly patient: '1' | '2';
}

const maybe = (...values: string[]) => fc.constantFrom(null, null, ...values);
const message = (control: fc.Arbitrary<Control>, patient: '1' | '2' = '1'): fc.Arbitrary<Sent> =>
  fc.record({
    control,
    minute: fc.integer({ min: 0, max: 4 }),
    hash: fc.stringMatching(/^[0-9a-f]{12}$/u),
    accession: maybe('', 'A1', 'A2'),
    filler: maybe('F1', 'F2'),
    exam: maybe('', 'CT HEAD WITHOUT CONTRAST', 'CT ABDOMEN PELVIS W IV CONTRAST'),
    priority: maybe('', 'S', 'R'),
    indication: maybe('', 'Headache', 'Fall', 'Fever'),
    patientClass: maybe('', 'E', 'I'),
    provider: maybe('', 'Lindqvist', 'Reyes'),
    family: maybe('Vandermolen', 'Van der Molen'),
    sex: maybe('F', 'M'),
    status: maybe('IP', 'CM', 'SC'),
    secondNumber: maybe('7001', '7002'),
    secondFirst: fc.boolean(),
    patient: fc.constant(patient),
  });

const life = message(fc.constantFrom<Control>('NW', 'XO', 'XO', 'CA', 'DC', 'OC', 'SC', 'RP', 'NA'));
const live = message(fc.constantFrom<Control>('NW', 'XO', 'XO', 'SC', 'RP', 'NA'));
const ofAnother = message(fc.constantFrom<Control>('NW', 'XO', 'CA', 'SC', 'RP', 'NA'), '2').map((one) => ({
  ...one,
  indication: CANARY,
  family: CANARY,
}));

const verbs: Readonly<Record<Control, OrderReceived['verb']>> = {
  NW: 'new', XO: 'change', RP: 'change', CA: 'cancel', DC: 'cancel', OC: 'cancel', SC: 'status', NA: 'numbers',
}; // prettier-ignore

const clears: readonly (readonly [keyof Sayings, Clearable])[] = [
  ['accession', 'accessionNumber'], ['exam', 'procedure'], ['priority', 'priority'], ['indication', 'indication'],
  ['patientClass', 'patientClass'], ['provider', 'orderingProvider'],
]; // prettier-ignore

/** The event that the doors make of it. An RP replaces: what it does not say it deletes. */
function eventOf(sent: Sent, timed = true): OrderReceived {
  const value = (text: string | null) => (text === '' ? null : text);
  const cleared = clears.filter(([said]) => sent[said] === '' || (sent.control === 'RP' && sent[said] === null)).map(([, name]) => name);
  const exam = value(sent.exam);
  const numbers = [`10${sent.patient}`, ...(sent.secondNumber === null ? [] : [`${sent.patient}${sent.secondNumber}`])];
  return orderReceived.parse({
    ...{ type: 'orderReceived', verb: verbs[sent.control], rawHash: sent.hash, sendingApplication: 'RIS', sendingFacility: 'NORTH' },
    ...{ messageTime: null, receivedAt: timeOf(60), sortTime: timed ? timeOf(sent.minute) : null, cleared, orderStatus: sent.status },
    order: orderShape.parse({
      placerOrderNumber: { id: 'PL-1', assigner: 'HIS' },
      fillerOrderNumber: sent.filler === null ? null : { id: sent.filler, assigner: 'RIS' },
      accessionNumber: value(sent.accession),
      patient: {
        ...{ id: sent.secondFirst ? numbers.at(-1) : numbers[0], assigner: 'NORTH', birthDate: null, sex: sent.sex },
        identifiers: numbers.map((id) => ({ id, assigner: 'NORTH', type: 'MR' })),
        name: sent.family === null ? null : { family: sent.family, given: 'Ottilie' },
      },
      procedure: exam === null ? null : { code: exam, text: exam, system: 'LOCAL' },
      ...{ procedures: [], kind: exam === null ? 'unknown' : 'imaging', modality: exam === null ? null : 'CT', priority: value(sent.priority) },
      ...{ indication: value(sent.indication), patientClass: value(sent.patientClass), orderedAt: null },
      orderingProvider: value(sent.provider) === null ? null : { id: '10442', name: value(sent.provider) },
    }),
  });
}

/** The reference model: every message once, sorted, the last word on each thing counts. Nothing of the product is in it. */
function reference(messages: readonly Sent[]) {
  const once = messages.filter((one, n) => messages.findIndex(({ hash }) => hash === one.hash) === n);
  const opening = ({ control }: Sent): number => (control === 'NW' ? 0 : 1);
  const sorted = once.toSorted((a, b) => a.minute - b.minute || opening(a) - opening(b) || (a.hash < b.hash ? -1 : 1));
  const order: Record<string, string | null> = {};
  const identifiers = new Set<string>();
  for (const { control, ...said } of sorted) {
    if (['CA', 'DC', 'OC'].includes(control)) continue;
    if (said.filler !== null) order['filler'] = said.filler;
    if (said.accession !== null && said.accession !== '') order['accession'] = said.accession;
    if (said.accession === '' || (control === 'RP' && said.accession === null)) order['accession'] = null;
    if (control !== 'NA' && said.status !== null) order['status'] = said.status;
    if (control === 'SC' || control === 'NA') continue;
    for (const name of ['exam', 'priority', 'indication', 'patientClass', 'provider'] as const) {
      if (said[name] !== null) order[name] = said[name] === '' ? null : said[name];
      else if (control === 'RP') order[name] = null;
    }
    if (said.family !== null) order['family'] = said.family;
    if (said.sex !== null) order['sex'] = said.sex;
    if (control === 'NW') order['id'] = said.secondFirst && said.secondNumber !== null ? `1${said.secondNumber}` : '101';
    if (control === 'NW') for (const id of ['101', ...(said.secondNumber === null ? [] : [`1${said.secondNumber}`])]) identifiers.add(id);
  }
  const names = ['filler', 'accession', 'exam', 'priority', 'indication', 'patientClass', 'provider', 'family', 'sex', 'status', 'id'];
  return {
    came: once.some(({ control }) => control === 'NW'),
    cancelled: once.some(({ control }) => ['CA', 'DC', 'OC'].includes(control)),
    order: { ...Object.fromEntries(names.map((name) => [name, order[name] ?? null])), identifiers: [...identifiers].toSorted() },
  };
}

/** The same, of a state of the product. */
function seen(state: State) {
  if (!isOpened(state)) return { came: false, cancelled: state.status === 'cancelled-before-order', order: null };
  const { order, account } = state;
  return {
    came: true,
    cancelled: state.status === 'cancelled',
    order: {
      filler: order.fillerOrderNumber?.id ?? null,
      accession: order.accessionNumber,
      exam: order.procedure?.text ?? null,
      priority: order.priority,
      indication: order.indication,
      patientClass: order.patientClass,
      provider: order.orderingProvider?.name ?? null,
      family: order.patient.name?.family ?? null,
      sex: order.patient.sex,
      status: account.orderStatus,
      id: order.patient.id,
      identifiers: order.patient.identifiers.map(({ id }) => id).toSorted(),
    },
  };
}

interface Played {
  readonly state: State;
  readonly decisions: readonly Decision<Fact>[];
}

/** Tells a case the messages in this order. `eager`: after every message EHR, models and a radiologist are quick, so that changes find decided orders too. */
function play(messages: readonly Sent[], eager: boolean, timed = true): Played {
  let state: State = protocoling.initial;
  const decisions: Decision<Fact>[] = [];
  let n = 0;
  const tell = (input: Input): void => {
    n += 1;
    const event = eventId.parse(`event-${n}`);
    const actor = { kind: 'system', part: 'convergence' } as const;
    const decision = protocoling.decide(state, protocoling.inputs.parse(input), { ...theCase, now: timeOf(60 + n), event, actor, policy });
    decisions.push(decision);
    state = decision.facts.reduce(protocoling.evolve, state);
  };
  for (const one of messages) {
    tell(eventOf(one, timed));
    if (eager) for (const input of quickly(() => state)) tell(input);
  }
  return { state, decisions };
}

/** What EHR, models and a radiologist say next, until nobody is waited for. */
function* quickly(now: () => State): Generator<Input> {
  const [task, model, version] = ['protocol-choice', 'm', '1'] as const;
  for (let state = now(); isOpened(state); state = now()) {
    const { epoch, revision } = state;
    if (state.status === 'gathering') yield { type: 'contextUnavailable', epoch, why: 'The EHR did not answer' };
    else if (state.status === 'proposing' && state.protocol === null) {
      const answer = { task, model, version, formatVersion: 1, protocolId: 'CT-HEAD-WO', alternatives: [], confidence: 0.9, reasons: [] } as const;
      yield { type: 'modelAnswered', epoch, tookMs: 1, answer: { ...answer, alternatives: [], reasons: [] } };
    } else if (state.status === 'proposing') yield { type: 'modelUnavailable', epoch, task: 'order-priority', why: 'silent' };
    else if (state.status === 'waiting') {
      const approval = approvalBy(okafor, timeOf(60), theCase.caseNumber, revision, eventId.parse(`answer-${revision}`));
      yield {
        type: 'personAnswered',
        verb: 'choose-other',
        person: okafor.id,
        name: okafor.name,
        revision,
        protocolId: 'CT-HEAD-WO',
        text: null,
        approval,
      };
    } else return;
  }
}

/** A permutation of the messages, some of them more than once. */
const inAnyOrder = (messages: fc.Arbitrary<readonly Sent[]>): fc.Arbitrary<readonly Sent[]> =>
  messages.chain((all) =>
    fc
      .tuple(fc.array(fc.nat({ max: all.length - 1 }), { maxLength: 4 }), fc.infiniteStream(fc.nat()))
      .map(([again, chance]) => [...all, ...again.flatMap((n) => all[n] ?? [])].map((one) => ({ one, at: chance.next().value ?? 0 })))
      .map((shuffled) => shuffled.toSorted((a, b) => a.at - b.at).map(({ one }) => one)),
  );

const several = (one: fc.Arbitrary<Sent>) => fc.uniqueArray(one, { minLength: 1, maxLength: 8, selector: ({ hash }) => hash });
const withNew = (rest: fc.Arbitrary<Sent>) =>
  fc.tuple(message(fc.constant('NW')), several(rest)).map(([first, more]) => [first, ...more.filter(({ hash }) => hash !== first.hash)]);

/** The patient of these messages, by the number that all of them have. */
const withTheNumber = { identifiers: expect.arrayContaining([expect.objectContaining({ id: '101' })]) as unknown };

const posted = ({ decisions }: Played) =>
  decisions.flatMap(({ effects }) => effects).filter(({ kind }) => kind === 'showCard' || kind === 'tellPerson');

describe('the messages of one order', () => {
  it('invariant 10: give the same order in any permutation and duplication, that of the reference model', () => {
    fc.assert(
      fc.property(inAnyOrder(fc.oneof(withNew(life), withNew(live))), fc.boolean(), (messages, eager) => {
        expect(seen(play(messages, eager).state)).toEqual(reference(messages));
      }),
      { numRuns: 1500 },
    );
  });

  it('invariant 10: without their order open nothing, and a cancel among them is remembered', () => {
    const early = message(fc.constantFrom<Control>('XO', 'CA', 'DC', 'OC', 'SC', 'RP', 'NA'));
    fc.assert(
      fc.property(inAnyOrder(several(early)), fc.boolean(), (messages, eager) => {
        const played = play(messages, eager);
        const { came, cancelled } = reference(messages);
        expect(seen(played.state)).toMatchObject({ came, cancelled });
        expect(posted(played)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('invariant 10: a cancel before its order leaves a tombstone with the patient, and no card is ever posted', () => {
    const cancel = message(fc.constantFrom<Control>('CA', 'DC', 'OC'));
    fc.assert(
      fc.property(several(message(fc.constantFrom<Control>('XO', 'SC', 'NA', 'RP'))), cancel, inAnyOrder(withNew(life)), (before, first, after) => {
        const tombstone = play([...before, first], true).state;
        expect(tombstone).toMatchObject({ status: 'cancelled-before-order', order: { patient: withTheNumber } });
        const played = play([...before, first, ...after], true);
        expect(played.state.status).toBe('cancelled');
        expect(posted(played)).toEqual([]);
        expect(seen(played.state)).toEqual(reference([...before, first, ...after]));
      }),
      { numRuns: 500 },
    );
  });

  it('invariant 10: are taken as they come where none carries a time, and the case says so', () => {
    const first = { ...fc.sample(message(fc.constant('NW')), 1)[0]!, indication: 'Headache', hash: 'b' };
    const then = { ...first, control: 'XO', indication: 'Fall', hash: 'c', minute: 0 } as const;
    const { state } = play([first, then], false, false);
    expect(seen(state).order).toMatchObject({ indication: 'Fall' });
    const look = { ...theCase, now: timeOf(90), policy, names: {} };
    const view = (of: State) => JSON.stringify(protocoling.personalView(of, look, { decide: true, ask: true, answer: false }));
    expect(view(state)).toContain('in the order in which they came');
    expect(view(play([first, then], false).state)).not.toContain('in the order in which they came');
  });

  it('are the same when the facts are read back', () => {
    fc.assert(
      fc.property(inAnyOrder(withNew(life)), fc.boolean(), (messages, eager) => {
        const { state, decisions } = play(messages, eager);
        const facts = decisions.flatMap((one) => one.facts).map((one) => protocoling.facts.parse(JSON.parse(JSON.stringify(one))));
        expect(facts.reduce(protocoling.evolve, protocoling.initial)).toEqual(state);
      }),
      { numRuns: 200 },
    );
  });
});

describe('messages of another patient under the number of an order', () => {
  const strangers = fc.uniqueArray(ofAnother, { minLength: 1, maxLength: 3, selector: ({ hash }) => hash });
  const held = (decisions: readonly Decision<Fact>[]) => decisions.flatMap(({ facts }) => facts).filter(({ type }) => type === 'messageHeld');

  it('invariant 12: change nothing of a known order, and each is held and told', () => {
    fc.assert(
      fc.property(message(fc.constant('NW')), several(life), strangers, fc.boolean(), (first, own, others, eager) => {
        const mixed = [first, ...own.flatMap((one, n) => [one, ...others.slice(n, n + 1)]), ...others.slice(own.length)];
        const { state, decisions } = play(mixed, eager);
        expect(seen(state)).toEqual(reference([first, ...own]));
        expect(JSON.stringify(state)).not.toContain(CANARY);
        expect(held(decisions)).toHaveLength(others.length);
        for (const { facts, effects } of decisions) {
          if (facts.some(({ type }) => type === 'messageHeld')) expect(effects.some(({ kind }) => kind === 'tellPerson')).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('invariant 12: that waited for it are held when it comes', () => {
    const parked = fc.uniqueArray(message(fc.constantFrom<Control>('XO', 'SC', 'RP', 'NA'), '2'), {
      minLength: 1,
      maxLength: 3,
      selector: ({ hash }) => hash,
    });
    fc.assert(
      fc.property(parked, several(message(fc.constantFrom<Control>('XO', 'SC', 'NA'))), message(fc.constant('NW')), (others, own, order) => {
        const { state, decisions } = play([...others, ...own, order], false);
        expect(seen(state)).toEqual(reference([...own, order]));
        expect(held(decisions)).toHaveLength(others.length);
        expect(decisions.at(-1)?.effects.some(({ kind }) => kind === 'tellPerson')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('invariant 12: an order under the tombstone of another patient’s is held and told, and not opened', () => {
    fc.assert(
      fc.property(message(fc.constantFrom<Control>('CA', 'DC', 'OC')), message(fc.constant('NW'), '2'), (cancel, order) => {
        const { state, decisions } = play([cancel, order], true);
        expect(state).toMatchObject({ status: 'cancelled-before-order', order: { patient: withTheNumber }, held: [{ reason: 'another-patient' }] });
        expect(decisions.at(-1)?.effects.map(({ kind }) => kind)).toEqual(['tellPerson']);
        expect(protocoling.row(state)).toMatchObject({ open: true, owner: 'coordinator' });
      }),
      { numRuns: 100 },
    );
  });
});
