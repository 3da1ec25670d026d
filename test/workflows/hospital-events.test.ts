import { approvalBy } from '#core/approval.js';
import { eventId } from '#core/ids.js';
import type { Effect } from '#core/effect.js';
import { appointmentReceived, patientMerged, patientUpdated, studyArrived } from '#domain/hospital-event.js';
import type { AppointmentReceived, PatientUpdated } from '#domain/hospital-event.js';
import { orderReceived } from '#domain/order.js';
import type { Order, OrderReceived } from '#domain/order.js';
import { approvalRecordData } from '#domain/outbound.js';
import type { PatientIdentifier } from '#domain/patient.js';
import { fact as factSchema } from '#workflows/protocoling/events.js';
import type { Fact, Input } from '#workflows/protocoling/events.js';
import { protocoling } from '#workflows/protocoling/index.js';
import type { Policy } from '#workflows/protocoling/policy.js';
import { isOpened } from '#workflows/protocoling/state.js';
import type { Opened, State } from '#workflows/protocoling/state.js';
import { theCase, timeOf } from '../support/arbitraries.ts';
import { headOrder } from '../support/card-states.ts';
import { okafor } from '../support/clinic.ts';
import { shippedPolicy, wordsOf } from '../support/shipped.ts';

const mrn = (id: string): PatientIdentifier => ({ id, assigner: 'NORTH', type: 'MR' });
const patientOf = (...ids: string[]) => ({ ...headOrder.patient, id: ids[0] ?? null, identifiers: ids.map(mrn) });
const own = headOrder.patient.id ?? '';
const from = { rawHash: 'hash', sendingApplication: 'HIS', sendingFacility: 'NORTH', messageTime: null };
const minute = (n: number) => ({ receivedAt: timeOf(n), sortTime: timeOf(n) });

const other: Order = { ...headOrder, patient: patientOf('0099999'), indication: 'Cough' };

const order = (verb: OrderReceived['verb'], n: number, said: Order = headOrder, more: Partial<OrderReceived> = {}): OrderReceived =>
  orderReceived.parse({ type: 'orderReceived', verb, order: said, ...from, rawHash: `${verb} ${n}`, ...minute(n), ...more });
const adt = (n: number, more: Partial<PatientUpdated>): PatientUpdated =>
  patientUpdated.parse({
    ...{ type: 'patientUpdated', trigger: 'A02', patient: headOrder.patient, location: null, patientClass: null, present: null, ...from },
    ...{ ...minute(n), ...more },
  });
const merge = (n: number, surviving: string, prior: string) =>
  patientMerged.parse({ type: 'patientMerged', trigger: 'A40', ...from, ...minute(n), surviving: patientOf(surviving), prior: [mrn(prior)] });
const appointment = (n: number, status: AppointmentReceived['status'], startsAt: string, appointmentId = 'AP1') =>
  appointmentReceived.parse({
    ...{ type: 'appointmentReceived', ...from, ...minute(n), status, appointmentId, patient: headOrder.patient },
    ...{ orderNumbers: { placer: null, filler: null, accession: 'ACC7719305' }, startsAt, startsAtInstant: null, durationMinutes: 20, resources: [] },
  });
const study = (studyUid: string, patient = headOrder.patient) =>
  studyArrived.parse({
    ...{ type: 'studyArrived', ...from, receivedAt: timeOf(9), studyUid, accessionNumber: 'ACC7719305', patient },
    ...{ modalities: ['CT'], startedAt: null, description: null },
  });

/** A case that is told one thing after the other. */
function aCase(policy: Policy = shippedPolicy) {
  let state: State = protocoling.initial;
  let n = 0;
  return {
    tell(input: Input): readonly Effect[] {
      n += 1;
      const event = eventId.parse(`event-${n}`);
      const moment = { ...theCase, now: timeOf(30 + n), event, actor: { kind: 'system', part: 'test' } as const, policy };
      const decision = protocoling.decide(state, protocoling.inputs.parse(input), moment);
      state = decision.facts.map((one) => factSchema.parse(JSON.parse(JSON.stringify(one)))).reduce(protocoling.evolve, state);
      return decision.effects;
    },
    opened(): Opened {
      if (!isOpened(state)) throw new Error('the case has no order');
      return state;
    },
    get state(): State {
      return state;
    },
    /** EHR and models have answered: the question is put. */
    ask(): readonly Effect[] {
      this.tell({ type: 'contextUnavailable', epoch: this.opened().epoch, why: 'The EHR did not answer' });
      const { epoch } = this.opened();
      this.tell({ type: 'modelUnavailable', epoch, task: 'protocol-choice', why: 'silent' });
      return this.tell({ type: 'modelUnavailable', epoch, task: 'order-priority', why: 'silent' });
    },
    approve(): readonly Effect[] {
      const { revision } = this.opened();
      const approval = approvalBy(okafor, timeOf(40), theCase.caseNumber, revision, eventId.parse('answer-1'));
      const by = { person: okafor.id, name: okafor.name, revision, text: null, approval };
      return this.tell({ type: 'personAnswered', verb: 'choose-other', protocolId: 'CT-HEAD-WO', ...by });
    },
    view(): string {
      const look = { ...theCase, now: timeOf(59), policy, names: {} };
      return JSON.stringify(protocoling.personalView(state, look, { decide: true, ask: true, answer: false }));
    },
    card(): string {
      return JSON.stringify(protocoling.sharedCard(state, { ...theCase, now: timeOf(59), policy, names: {} }));
    },
  };
}

/** A case whose question stands. */
function waitingCase(policy: Policy = shippedPolicy) {
  const one = aCase(policy);
  one.tell(order('new', 0));
  one.ask();
  return one;
}

describe('what a case is found by', () => {
  it('is every number of its order, of its patient and of its studies', () => {
    const one = aCase();
    one.tell(order('new', 0, headOrder, { serviceRequest: 'ServiceRequest/17' }));
    one.tell(merge(1, '0070001', own));
    one.tell(study('1.2.3'));
    expect([...protocoling.keys(one.state)].sort()).toEqual([
      'accession||ACC7719305', 'fhir||ServiceRequest/17', 'filler|RIS|FL-551902', 'patient-modality|NORTH|0048813|CT',
      'patient-modality|NORTH|0070001|CT', 'patient|NORTH|0048813', 'patient|NORTH|0070001', 'placer|HIS|PL-884213', 'study||1.2.3',
    ]); // prettier-ignore
  });

  it('is known before the order has come', () => {
    for (const verb of ['change', 'cancel'] as const) {
      const one = aCase();
      one.tell(order(verb, 0));
      expect(protocoling.keys(one.state)).toEqual(expect.arrayContaining(['placer|HIS|PL-884213', 'patient|NORTH|0048813']));
    }
  });
});

describe('changes without their order', () => {
  const never = { type: 'deadlinePassed', name: 'order', epoch: 0 } as const;

  it('invariant 10: wait at most as long as the site says, all of them, and then a person sees what they say of whom', () => {
    const one = aCase();
    const wakes = [order('change', 0), order('change', 1, { ...headOrder, indication: 'Fall' }), order('change', 2, other)].flatMap((message) =>
      one.tell(message),
    );
    expect(wakes).toMatchObject([{ kind: 'setDeadline', name: 'order' }]);
    expect(protocoling.row(one.state)).toBeNull();
    expect(one.tell(never).map(wordsOf)).toEqual([`tellPerson ${shippedPolicy.coordinators[0]} order-never-came`]);
    expect(protocoling.row(one.state)).toMatchObject({ kind: 'Change without an order', open: true, owner: 'coordinator' });
    for (const said of ['Vandermolen', 'MRN 0048813', 'Fall', 'MRN 0099999', 'order PL-884213']) expect(one.view()).toContain(said);
    expect(one.card()).toBe('null');
  });

  it('invariant 10: are all in the order when it comes after all, but those of another patient', () => {
    const one = aCase();
    for (const message of [
      order('change', 3, { ...headOrder, priority: 'S' }),
      order('change', 2, { ...headOrder, indication: 'Fall', priority: null }),
    ]) {
      one.tell(message);
    }
    one.tell(order('change', 4, other));
    one.tell(never);
    one.tell(order('new', 1, { ...headOrder, priority: 'R' }));
    expect(one.state).toMatchObject({ status: 'gathering', order: { priority: 'S', patient: { id: own } }, held: [{ reason: 'another-patient' }] });
  });

  it('that are only a status or a number ask nobody for anything', () => {
    const one = aCase();
    expect([order('status', 0, headOrder, { orderStatus: 'IP' }), order('numbers', 1)].flatMap((message) => one.tell(message))).toEqual([]);
    expect(one.tell(never)).toEqual([]);
    one.tell(order('new', 2));
    expect(one.state).toMatchObject({ status: 'gathering', account: { orderStatus: 'IP' } });
  });
});

describe('a merge', () => {
  it('makes the surviving identifier the patient’s, and both count from then on', () => {
    const one = waitingCase();
    one.tell(merge(5, '0070001', own));
    expect(one.state).toMatchObject({ status: 'gathering', order: { patient: { id: '0070001', identifiers: [mrn('0070001'), mrn(own)] } } });
    one.tell(order('change', 6, { ...headOrder, patient: patientOf('0070001'), indication: 'Fall' }));
    one.tell(order('change', 7, { ...headOrder, patient: patientOf(own), indication: null, priority: 'S' }));
    expect(one.state).toMatchObject({ order: { patient: { id: '0070001' }, indication: 'Fall', priority: 'S' }, held: [] });
  });

  it('is said on the card when the question is put again', () => {
    const one = waitingCase();
    one.tell(merge(5, '0070001', own));
    expect(one.ask().map(wordsOf)).toContain('showCard');
    expect(one.state).toMatchObject({ status: 'waiting', revision: 2 });
    expect(one.card()).toContain('records of the patient were merged');
    expect(one.view()).toContain('Records of this patient were merged');
    expect(one.view()).toContain('MRN 0070001');
  });

  it('told twice changes nothing the second time, and one of others nothing at all', () => {
    const one = waitingCase();
    one.tell(merge(5, '0070001', own));
    const before = one.state;
    expect(one.tell(merge(5, '0070001', own))).toEqual([]);
    expect(one.tell(merge(6, '0080001', '0080002'))).toEqual([]);
    expect(one.state).toEqual(before);
  });

  it('that came before its order lets the EHR be asked for the surviving number, once', () => {
    const one = aCase();
    one.tell(order('new', 0));
    const patientNow = { identifiers: [mrn(own), mrn('0070001')], location: null, patientClass: null, asOf: null, surviving: mrn('0070001') };
    const asked = () => one.tell({ type: 'contextUnavailable', epoch: one.opened().epoch, why: 'No patient', patientNow });
    const again = asked().find(({ kind }) => kind === 'gatherContext');
    expect(again).toMatchObject({ data: { patient: { id: '0070001' } } });
    expect(one.state).toMatchObject({ status: 'gathering', revision: 0, order: { patient: { id: '0070001' } } });
    asked();
    expect(one.state).toMatchObject({ status: 'proposing', order: { patient: { id: '0070001' } } });
  });

  it('invariant 12: of people who share an insurance number joins nobody, and a message with only that number is held', () => {
    const insured = { id: 'K77', assigner: 'INSURER', type: 'HC' };
    const one = aCase();
    one.tell(order('new', 0, { ...headOrder, patient: { ...headOrder.patient, identifiers: [mrn(own), insured] } }));
    const child = { ...patientOf('0090001'), identifiers: [mrn('0090001'), insured] };
    const before = one.state;
    one.tell(patientMerged.parse({ type: 'patientMerged', trigger: 'A40', ...from, ...minute(1), surviving: child, prior: [mrn('0090002')] }));
    one.tell(adt(2, { patient: child, patientClass: 'I' }));
    expect(one.state).toEqual(before);
    one.tell(order('change', 3, { ...headOrder, patient: child, indication: 'Fall' }));
    expect(one.state).toMatchObject({ order: { indication: headOrder.indication }, held: [{ reason: 'another-patient' }] });
    expect(protocoling.keys(one.state).filter((key) => key.includes('K77'))).toEqual([]);
  });

  it('before the order has come lets the order in under the surviving number', () => {
    const early = aCase();
    early.tell(order('change', 0));
    early.tell(merge(1, '0070001', own));
    early.tell(order('new', 2, { ...headOrder, patient: patientOf('0070001') }));
    expect(early.state).toMatchObject({ status: 'gathering', held: [] });
    const cancelled = aCase();
    cancelled.tell(order('cancel', 0));
    cancelled.tell(merge(1, '0070001', own));
    expect(cancelled.tell(order('new', 2, { ...headOrder, patient: patientOf('0070001') }))).toEqual([]);
    expect(cancelled.state).toMatchObject({ status: 'cancelled', held: [] });
  });
});

describe('ADT', () => {
  it('moves a patient without a new question, and the view says where they are', () => {
    const one = waitingCase();
    expect(one.tell(adt(5, { location: { pointOfCare: '4B', room: '12', bed: '2', facility: '' }, present: true }))).toEqual([]);
    expect(one.state).toMatchObject({ status: 'waiting', revision: 1 });
    expect(one.view()).toContain('4B, room 12, bed 2');
  });

  it('that comes late never overrides what is newer', () => {
    const one = waitingCase();
    one.tell(adt(5, { location: { pointOfCare: '4B', room: '', bed: '', facility: '' } }));
    one.tell(adt(3, { location: { pointOfCare: 'ED', room: '', bed: '', facility: '' } }));
    expect(one.opened().account.location?.pointOfCare).toBe('4B');
  });

  it('of a class puts the question again while it waits, and changes no decision that was made', () => {
    const waits = waitingCase();
    waits.tell(adt(5, { trigger: 'A06', patientClass: 'I' }));
    expect(waits.state).toMatchObject({ status: 'gathering', order: { patientClass: 'I' }, changed: ['patientClass'] });
    const decided = waitingCase();
    decided.approve();
    expect(decided.tell(adt(5, { trigger: 'A06', patientClass: 'I' }))).toEqual([]);
    expect(decided.state).toMatchObject({ status: 'approved', order: { patientClass: 'I' } });
  });

  it('of an outpatient who goes home puts nothing again', () => {
    const one = aCase();
    one.tell(order('new', 0, { ...headOrder, patientClass: 'O' }));
    one.ask();
    expect(one.tell(adt(5, { trigger: 'A03', present: false }))).toEqual([]);
    expect(one.view()).toContain('not in the house');
  });

  it('corrects name, birth date and sex, the later one counts; birth date and sex are a new question', () => {
    const one = waitingCase();
    expect(one.tell(adt(5, { patient: { ...headOrder.patient, name: { family: 'Vander Molen', given: 'Ottilie' } } }))).toEqual([]);
    expect(one.state).toMatchObject({ status: 'waiting', order: { patient: { name: { family: 'Vander Molen' } } } });
    one.tell(adt(4, { patient: headOrder.patient }));
    expect(one.opened().order.patient.name?.family).toBe('Vander Molen');
    one.tell(adt(6, { trigger: 'A31', patient: { ...headOrder.patient, name: null, sex: 'M' } }));
    expect(one.state).toMatchObject({ status: 'gathering', changed: ['sex'], order: { patient: { sex: 'M', name: { family: 'Vander Molen' } } } });
  });
});

describe('an appointment', () => {
  it('is shown as last heard, whatever came last', () => {
    const one = waitingCase();
    one.tell(appointment(6, 'rescheduled', '202611271100'));
    one.tell(appointment(5, 'booked', '202611261030'));
    expect(one.card()).toContain('Booked for 27 Nov 2026');
    one.tell(appointment(7, 'cancelled', '202611271100'));
    expect(one.card()).toContain('The appointment of 27 Nov 2026 was cancelled');
    one.tell(appointment(8, 'booked', '202611280900', 'AP2'));
    expect(one.card()).toContain('Booked for 28 Nov 2026');
  });

  it('shows nothing in the channel that a message says in words', () => {
    const one = waitingCase();
    one.tell(appointment(6, 'booked', 'tomorrow, for Vandermolen'));
    expect(one.card()).not.toContain('Vandermolen');
    expect(one.card()).toContain('the message does not say for when');
  });
});

describe('images that arrive', () => {
  it('before an answer are told to the coordinators once, a study once, and the case stays open', () => {
    const one = waitingCase();
    expect(one.tell(study('1.2.3')).map(wordsOf)).toEqual(['showCard', `tellPerson ${shippedPolicy.coordinators[0]} images-arrived`]);
    expect(one.tell(study('1.2.3'))).toEqual([]);
    expect(one.tell(study('1.2.4'))).toEqual([]);
    expect(one.state).toMatchObject({ status: 'waiting', images: [{ studyUid: '1.2.3' }, { studyUid: '1.2.4' }] });
    expect(protocoling.row(one.state)).toMatchObject({ open: true, note: 'images have arrived without an answer' });
  });

  it('of another patient are none of this order: they are held, and told once', () => {
    const one = waitingCase();
    const told = ['1.2.3', '1.2.4', '1.2.3'].flatMap((uid) => one.tell(study(uid, patientOf('0099999'))));
    expect(told.map(wordsOf)).toEqual(['showCard', `tellPerson ${shippedPolicy.coordinators[0]} held-message`]);
    expect(one.state).toMatchObject({ status: 'waiting', images: [], held: [{ reason: 'another-patient' }] });
  });
});

describe('what arrives before its order', () => {
  it('invariant 10: is known when the order has come, the appointment as last heard', () => {
    const one = aCase();
    one.tell(order('change', 1));
    const early = [
      appointment(6, 'rescheduled', '202611271100'),
      appointment(5, 'booked', '202611261030'),
      study('1.2.3'),
      study('1.2.4'),
      study('1.2.3'),
    ];
    expect(early.flatMap((input) => one.tell(input))).toEqual([]);
    expect(protocoling.keys(one.state)).toContain('study||1.2.3');
    expect(one.tell(order('new', 0)).map(wordsOf)).toContain(`tellPerson ${shippedPolicy.coordinators[0]} images-arrived`);
    expect(one.state).toMatchObject({
      ...{ status: 'gathering', images: [{ studyUid: '1.2.3' }, { studyUid: '1.2.4' }], held: [] },
      appointments: [{ status: 'rescheduled', startsAt: '202611271100' }],
    });
    one.ask();
    expect(one.card()).toContain('Booked for 27 Nov 2026');
  });

  it('is still known after a wait that was too long, a merge, or when it names nobody', () => {
    const one = aCase();
    one.tell(order('change', 0));
    one.tell(appointment(1, 'booked', '202611261030'));
    one.tell({ ...study('1.2.3'), patient: { ...headOrder.patient, id: null, identifiers: [] } });
    one.tell({ type: 'deadlinePassed', name: 'order', epoch: 0 });
    one.tell(merge(2, '0070001', own));
    one.tell(order('new', 3, { ...headOrder, patient: patientOf('0070001') }));
    expect(one.state).toMatchObject({ status: 'gathering', appointments: [{ status: 'booked' }], images: [{ studyUid: '1.2.3' }], held: [] });
  });

  it('is the order’s too where a cancel that names nobody came between', () => {
    const one = aCase();
    one.tell(order('change', 0));
    one.tell(study('1.2.3'));
    one.tell(order('cancel', 1, { ...headOrder, patient: { ...headOrder.patient, id: null, identifiers: [] } }));
    const told = one.tell(order('new', 2)).filter(({ kind }) => kind === 'tellPerson');
    expect(told.map(wordsOf).sort()).toEqual(['held-message', 'images-arrived'].map((note) => `tellPerson ${shippedPolicy.coordinators[0]} ${note}`));
    expect(one.state).toMatchObject({ status: 'gathering', images: [{ studyUid: '1.2.3' }], held: [{ reason: 'no-patient-number' }] });
  });
});

describe('the same number for two people, where nobody says who assigned it', () => {
  const person = (family: string | null, birthDate: string | null, assigner = '') => ({
    ...headOrder.patient,
    ...{ assigner, birthDate, identifiers: [{ id: own, assigner, type: 'MR' }], name: family === null ? null : { family, given: 'O' } },
  });
  const bears = (family: string | null, birthDate: string | null, assigner = ''): Order => ({
    ...headOrder,
    patient: person(family, birthDate, assigner),
  });
  const waitingFor = (said: Order) => {
    const one = aCase();
    one.tell(order('new', 0, said));
    one.ask();
    return one;
  };
  const isHeld = (known: Order, told: Order): boolean => {
    const one = waitingFor(known);
    one.tell(order('change', 5, { ...told, indication: 'Fall' }));
    expect(one.opened().order.indication).toBe(one.opened().held.length > 0 ? headOrder.indication : 'Fall');
    return one.opened().held.length > 0;
  };

  it('invariant 12: another birth date, or without it another name, is another person', () => {
    expect(isHeld(bears('Ek', '19610303'), bears('Ek', '19540718'))).toBe(true);
    expect(isHeld(bears('Ek', '19610303'), bears('Berg', null))).toBe(true);
    expect(isHeld(bears('Ek', null), bears('Berg', '19610303'))).toBe(true);
  });

  it('the same birth date, a part of it, the same name in other letters, or nothing said, is the same person', () => {
    expect(isHeld(bears('Ek', '19610303'), bears('Berg', '1961-03-03'))).toBe(false);
    expect(isHeld(bears('Ek', '19610303'), bears('Berg', '1961'))).toBe(false);
    expect(isHeld(bears('Åström-Núñez', null), bears('ASTROM NUNEZ', '19610303'))).toBe(false);
    expect(isHeld(bears('Ek', '19610303'), bears(null, null))).toBe(false);
  });

  it('with an assigner the number alone says who it is', () => {
    expect(isHeld(bears('Ek', '19610303', 'NORTH'), bears('Berg', '19540718', 'NORTH'))).toBe(false);
  });

  it('invariant 12: ADT, a merge, an appointment and images of the other one change nothing; ADT is told once', () => {
    const [known, other] = [bears('Ek', '19610303'), person('Berg', '19540718')];
    const untouched = waitingFor(known).opened();
    const merged = patientMerged.parse({
      ...merge(6, '0070001', own),
      surviving: { ...other, identifiers: [mrn('0070001')] },
      prior: person(null, null).identifiers,
    });
    const told = { ...appointment(6, 'booked', '202611261030'), patient: other };
    for (const input of [adt(6, { patient: other, patientClass: 'I', present: false }), merged, told, study('1.2.3', other)]) {
      const one = waitingFor(known);
      expect(one.tell(input).map(wordsOf)).toEqual(['showCard', `tellPerson ${shippedPolicy.coordinators[0]} held-message`]);
      expect(one.tell(adt(7, { patient: other, patientClass: 'O' }))).toEqual([]);
      expect({ ...one.opened(), held: [] }).toEqual({ ...untouched, held: [] });
    }
    const decided = waitingFor(known);
    decided.approve();
    expect(decided.tell(adt(6, { patient: other }))).toEqual([]);
    expect(decided.opened().held).toEqual([]);
  });

  it('a merge of the other one’s records does not let their order in', () => {
    const one = aCase();
    one.tell(order('change', 0, bears('Ek', '19610303')));
    const theirs = { ...person('Berg', '19540718'), id: '0070001', identifiers: [mrn('0070001')] };
    const merged = patientMerged.parse({ ...merge(1, '0070001', own), surviving: theirs, prior: person(null, null).identifiers });
    one.tell(merged);
    one.tell(order('new', 2, { ...headOrder, patient: theirs }));
    expect(one.state).toMatchObject({ status: 'gathering', held: [{ reason: 'another-patient' }] });
  });
});

describe('what is found wrong in the messages', () => {
  const gap = { code: 'no-birth-date', where: 'PID-7', kind: 'gap', text: 'The birth date is not said.' } as const;
  const doubt = { code: 'local-code-only', where: 'OBR-4', kind: 'doubt', text: 'The procedure code names no coding system.' } as const;
  const unborn = { ...headOrder, patient: { ...headOrder.patient, birthDate: null } };

  it('is shown until another message says it better', () => {
    const one = aCase();
    one.tell(order('new', 0, unborn, { quality: [gap, doubt] }));
    expect(one.view()).toContain(gap.text);
    expect(one.view()).toContain(doubt.text);
    one.tell(order('change', 1, headOrder));
    expect(one.view()).not.toContain(gap.text);
    expect(one.view()).not.toContain(doubt.text);
  });
});

describe('the record of an approval in the EHR', () => {
  const writing = { ...shippedPolicy, fhirWrites: ['Task', 'Provenance'] } as const;

  it('is asked for beside the order change, with the approval behind it, where the site wants it', () => {
    const one = aCase(writing);
    one.tell(order('new', 0, headOrder, { serviceRequest: 'ServiceRequest/17' }));
    one.ask();
    const writes = one.approve().filter(({ weight }) => weight === 'commit');
    expect(writes.map(wordsOf)).toEqual(['sendHl7 order-change commit', 'writeFhir Task', 'writeFhir Provenance']);
    for (const write of writes) {
      if (write.kind !== 'writeFhir') continue;
      expect(write.approval).toMatchObject({ person: okafor.id, answer: 'answer-1' });
      expect(approvalRecordData.parse(write.data)).toMatchObject({ serviceRequest: 'ServiceRequest/17', approvedBy: { id: okafor.id } });
    }
    expect(
      waitingCase()
        .approve()
        .filter(({ kind }) => kind === 'writeFhir'),
    ).toEqual([]);
  });

  it('is withdrawn with the order change where the RIS takes the order back', () => {
    const one = waitingCase(writing);
    one.approve();
    const withdrawn = one.tell(order('cancel', 9)).flatMap((effect) => (effect.kind === 'withdraw' ? [effect.destination] : []));
    expect(withdrawn).toEqual([writing.destination, 'ehr']);
  });

  it('changes nothing of what the card says of the RIS, taken or not', () => {
    const one = waitingCase(writing);
    one.approve();
    const before = one.card();
    expect(one.tell({ type: 'effectDelivered', kind: 'writeFhir', message: 'Task', controlId: 'Task/1', ack: '201' })).toEqual([]);
    const told = one.tell({ type: 'effectFailed', kind: 'writeFhir', message: 'Provenance', code: 'refused', detail: 'HTTP 422' });
    expect(told.map(wordsOf)).toEqual([`tellPerson ${writing.coordinators[0]} ehr-write-failed`]);
    expect(one.state).toMatchObject({ status: 'approved', written: 'not-yet' });
    expect(one.card()).toBe(before);
    expect(one.view()).toContain('Not recorded in the EHR: Provenance.');
  });
});

describe('facts of a release that took messages as they came', () => {
  const at = { at: timeOf(0), v: 1 } as const;
  const stored = (facts: readonly unknown[]): State =>
    facts.map((one) => factSchema.parse(one)).reduce<State>((state, one: Fact) => protocoling.evolve(state, one), protocoling.initial);
  const opened = { type: 'orderOpened', ...at, order: headOrder, rawHash: 'a', orderer: null, messageTime: '20261125100000' };

  it('mean the same order, and what comes now is newer', () => {
    const fall = { ...headOrder, indication: 'Fall' };
    const changed = { type: 'orderChanged', ...at, at: timeOf(1), order: fall, rawHash: 'b', orderer: null, changed: ['indication'] };
    const state = stored([opened, changed]);
    expect(state).toMatchObject({ status: 'gathering', order: fall, appointments: [], images: [] });
    const moment = {
      ...theCase,
      now: timeOf(3),
      event: eventId.parse('now'),
      actor: { kind: 'system', part: 'test' },
      policy: shippedPolicy,
    } as const;
    const { facts } = protocoling.decide(state, order('change', 2, { ...headOrder, indication: 'Fever' }), moment);
    expect(facts).toMatchObject([{ type: 'orderChanged', order: { indication: 'Fever' }, changed: ['indication'] }]);
  });

  it('of a cancel or a change before its order still wait for it', () => {
    const tombstone = stored([{ type: 'cancelledBeforeOrder', ...at, rawHash: 'c' }]);
    expect(tombstone).toMatchObject({ status: 'cancelled-before-order', order: null });
    const parked = stored([{ type: 'changedBeforeOrder', ...at, order: headOrder, rawHash: 'd', messageTime: null }]);
    expect(parked).toMatchObject({ status: 'changed-before-order', parked: [{ verb: 'change', order: headOrder }] });
    const moment = {
      ...theCase,
      now: timeOf(3),
      event: eventId.parse('now'),
      actor: { kind: 'system', part: 'test' },
      policy: shippedPolicy,
    } as const;
    const types = (state: State) => protocoling.decide(state, order('new', 2), moment).facts.map(({ type }) => type);
    expect(types(tombstone)).toEqual(['orderOpened', 'orderCancelled']);
    expect(types(parked)).toEqual(['orderOpened']);
  });
});
