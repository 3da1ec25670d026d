import { authorise } from '#core/authorise.js';
import { caseNumber } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { caseNow } from '#engine/case-now.js';
import type { CriticalVerb } from '#ports/desk.js';
import { verbs } from '#workflows/critical-results/events.js';
import { called, openCriticalClinic, people, radiologist } from './critical-fixture.ts';
import type { Alert, CriticalClinic } from './critical-fixture.ts';

/** All of them with RADLOOP_FAULTS=full; else of what can't matter to a verb every 97th, and of what can every fifth. */
const isFull = process.env['RADLOOP_FAULTS'] === 'full';
const [STEP_OF_OTHERS, STEP] = isFull ? [1, 1] : [97, 5];

type Data = Readonly<Record<string, unknown>>;

let clinic: CriticalClinic;
let second: CaseNumber;
/** Record number and accession of the patient of `own`, and of another one. */
let mine: readonly string[];
let theirs: readonly string[];
beforeAll(async () => {
  clinic = await openCriticalClinic();
  second = await clinic.anotherOrder();
  const numbersOf = async (of: Alert): Promise<readonly string[]> => {
    const { patient, accessionNumber } = (await clinic.stateOf(of)).about;
    return [...patient.identifiers.map(({ id }) => id), ...(accessionNumber === null ? [] : [accessionNumber])];
  };
  [mine, theirs] = [await numbersOf(await clinic.declare('first')), await numbersOf(await clinic.declare('second', 1, second))];
  expect(mine.some((number) => theirs.includes(number))).toBe(false);
}, 60_000);
afterAll(() => clinic.close());

interface Open {
  readonly own: Alert;
  /** Of another patient, as open. */
  readonly other: Alert;
}
/** Every alert that is open was sent, at its first revision. */
const REVISION = 1;

let findings = 0;
async function opened(order: CaseNumber): Promise<Alert> {
  findings += 1;
  const of = await clinic.declare(`finding ${findings}`, 1, order);
  await clinic.answer(radiologist, of, 'release-critical');
  return of;
}

const texts = [
  ...(['reason', 'categoryReason', 'withdrawReason', 'declineReason', 'overReason', 'disputeText'] as const),
  ...(['identifier', 'finding', 'action', 'saidBack', 'callAction', 'spoke', 'when', 'attemptTo', 'attempt'] as const),
];
const invented = [
  'person',
  'name',
  'approval',
  'actor',
  'role',
  'mode',
  'to',
  'fields',
  'text',
  'caseId',
  'workflow',
  'constructor',
  '__proto__',
] as const;
const fields = ['verb', 'caseNumber', 'revision', 'round', 'category', 'withdrawKind', 'receiver', 'alike', ...texts] as const;
/** Fields that decide over a verb. */
const read: Readonly<Partial<Record<CriticalVerb, readonly string[]>>> = {
  recategorise: ['category', 'categoryReason'],
  'withdraw-critical': ['withdrawReason', 'withdrawKind'],
  'read-back': ['identifier', 'finding', 'action'],
  'decline-alert': ['declineReason'],
  'take-over': ['overReason'],
  'record-call': ['receiver', 'saidBack', 'when'],
  'record-attempt': ['attempt'],
};
const always = ['verb', 'caseNumber', 'revision'];

const good = (): Data => ({
  ...{ reason: 'artefact', categoryReason: 'smaller', category: '2', withdrawReason: 'other patient', withdrawKind: 'wrong-patient' },
  ...{ declineReason: 'in theatre', overReason: 'she is before me', disputeText: 'left' },
  ...{
    identifier: mine[0],
    finding: 'pneumothorax',
    action: 'tube',
    receiver: called.id,
    saidBack: 'pneumothorax',
    attempt: 'no answer',
    attemptTo: 'ward',
  },
});

function values({ own, other }: Open): readonly unknown[] {
  return [
    ...[
      undefined,
      null,
      '',
      ' ',
      0,
      -1,
      1.5,
      1e308,
      true,
      [],
      {},
      ['acknowledge'],
      { verb: 'acknowledge' },
      'x'.repeat(2500),
      'x'.repeat(1001),
      "' OR 1=1 --",
      '\u202Eacknowledge',
    ],
    ...[...verbs, 'open', 'approve', 'ACKNOWLEDGE', 'acknowledge ', 'declare-critical', 'constructor', '__proto__', 'toString'],
    ...[own.caseNumber, other.caseNumber, own.caseNumber.toLowerCase(), ` ${own.caseNumber}`, [own.caseNumber], own.caseId, clinic.order],
    ...[REVISION, REVISION + 1, REVISION - 1, String(REVISION), '1', '2', '3', '4', 'corrected', 'withdrawn'],
    ...[called.id, radiologist.id, called.aadObjectId, 'nobody', 't-novak', ...mine, ...theirs, mine[0]?.toLowerCase(), ` ${mine[0] ?? ''} `],
  ];
}

const isPatient = (typed: unknown, numbers: readonly string[]): boolean =>
  typeof typed === 'string' &&
  numbers.some((one) => one.toUpperCase().replaceAll(/[^A-Z0-9]/gu, '') === typed.toUpperCase().replaceAll(/[^A-Z0-9]/gu, ''));
const says = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

/** Worked out from the data alone, without the bot's own reading: which of the two open alerts this person changes by it. */
async function changedBy(who: Person, data: Data, { own, other }: Open): Promise<Alert | null> {
  const of = [own, other].find(({ caseNumber }) => caseNumber === data['caseNumber']);
  const verb = verbs.find((one) => one === data['verb']);
  // What is left out does not leave this machine.
  const isForged = Object.getOwnPropertyDescriptor(data, '__proto__')?.value !== undefined;
  if (of === undefined || verb === undefined || isForged) return null;
  const { revision, round, category, withdrawKind, receiver, alike } = data;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 1) return null;
  if (revision !== REVISION && verb !== 'record-attempt' && verb !== 'not-me') return null;
  if (round !== undefined && (typeof round !== 'number' || !Number.isSafeInteger(round) || round < 0)) return null;
  if (!texts.every((name) => data[name] === undefined || (typeof data[name] === 'string' && data[name].length <= 1000))) return null;
  if (category !== undefined && !['1', '2', '3'].includes(category as string)) return null;
  if (withdrawKind !== undefined && !['withdrawn', 'wrong-patient', 'corrected'].includes(withdrawKind as string)) return null;
  if (alike !== undefined && !caseNumber.safeParse(alike).success) return null;
  if (receiver !== undefined && (typeof receiver !== 'string' || receiver === '' || receiver.length > 64)) return null;
  const { workflow, state } = await caseNow(clinic.engine.parts, 'critical-results', of.caseId);
  if (!authorise(who, verb, workflow.see(state).subject).allowed) return null;
  return counts(verb, who, data, of === own ? mine : theirs) ? of : null;
}

/** On an alert that was sent and that nobody has taken. */
function counts(verb: CriticalVerb, who: Person, data: Data, numbers: readonly string[]): boolean {
  switch (verb) {
    case 'acknowledge':
    case 'on-my-way':
      return true;
    case 'read-back':
      return says(data['finding']) && says(data['action']) && isPatient(data['identifier'], numbers);
    case 'recategorise':
      return (data['category'] === '2' || data['category'] === '3') && says(data['categoryReason']);
    case 'withdraw-critical':
      return says(data['withdrawReason']);
    case 'decline-alert':
      return says(data['declineReason']);
    case 'take-over':
      return says(data['overReason']);
    case 'record-call':
      // Nothing that is tried is a time.
      return data['receiver'] === called.id && who !== called && says(data['saidBack']) && !says(data['when']);
    case 'record-attempt':
      return says(data['attempt']);
    case 'release-critical':
    case 'not-critical':
    case 'not-me':
    case 'not-what-i-said':
    case 'take-failsafe':
    case 'seen':
    case 'join-alert':
    case 'keep-apart':
      return false;
  }
}

/** A wrong number is on record and acknowledges nothing. */
const facts = ({ own, other }: Open): readonly number[] => {
  const { db } = clinic.engine.stores;
  return [own, other].map(
    ({ caseId }) =>
      db.get<{ n: number }>(
        "SELECT count(*) AS n FROM facts WHERE case_id = ? AND type NOT IN ('viewShown', 'privateCardOver', 'identifierWrong')",
        caseId,
      )?.n ?? 0,
  );
};

async function press(who: Person, open: Open, data: Data, tried: string): Promise<Alert | null> {
  const expected = await changedBy(who, data, open);
  const before = facts(open);
  const { status } = await clinic.activityOf(who, { type: 'invoke', name: 'task/submit', value: { data } });
  const changed = facts(open).map((count, n) => count !== before[n]);
  expect([tried, status < 500, changed]).toEqual([tried, true, [open.own, open.other].map((of) => of === expected)]);
  if (expected === null) return null;
  const { db } = clinic.engine.stores;
  const row = db.get<{ actor: string }>(
    'SELECT actor FROM audit WHERE case_id = ? AND detail LIKE \'%"event":"answer:%\' ORDER BY seq DESC',
    expected.caseId,
  );
  expect(JSON.parse(row?.actor ?? '{}')).toEqual({ kind: 'person', person: who.id });
  return expected;
}

const named = (id: string): Person => people.find((one) => one.id === id)!;
const actors: readonly (readonly [string, Person, boolean])[] = [
  ['was called', called, true],
  ['declared it', radiologist, true],
  ['was not called', named('oncall-none'), true],
  ['sits at the switchboard', named('switchboard-none'), true],
  ['may nothing', named('scheduler-none'), false],
];

describe('a card of a critical result carries no authority (invariants 16, 20): what comes of a press is what this person may do on it as it stands', () => {
  it.each(actors)(
    'every field changed in every way, by one who %s',
    async (_name, who, changesSome) => {
      let open: Open = { own: await opened(clinic.order), other: await opened(second) };
      const count = { tried: 0, changes: 0 };
      for (const verb of verbs) {
        for (const field of [...fields, ...invented]) {
          // What stands beside the fields of a button is tried with one verb.
          if (verb !== 'read-back' && !fields.some((one) => one === field)) continue;
          const isRead = always.includes(field) || read[verb]?.includes(field) === true;
          let all = values(open);
          for (let n = count.tried % (isRead ? STEP : STEP_OF_OTHERS); n < all.length; n += isRead ? STEP : STEP_OF_OTHERS) {
            const value = all[n];
            const data: Data = { ...good(), verb, caseNumber: open.own.caseNumber, revision: REVISION, [field]: value };
            count.tried += 1;
            const changed = await press(
              who,
              open,
              data,
              `${who.id} ${verb}: ${field} = ${value === undefined ? 'left out' : JSON.stringify(value).slice(0, 80)}`,
            );
            if (changed === null) continue;
            count.changes += 1;
            open = changed === open.own ? { ...open, own: await opened(clinic.order) } : { ...open, other: await opened(second) };
            all = values(open);
          }
        }
      }
      process.stdout.write(`${JSON.stringify({ actor: who.id, ...count })}\n`);
      expect(count.changes > 0).toBe(changesSome);
    },
    isFull ? 900_000 : 120_000,
  );

  it('a number of another patient acknowledges nothing, whatever else is right', async () => {
    const of = await opened(clinic.order);
    for (const identifier of theirs) {
      const data = { ...good(), verb: 'read-back', caseNumber: of.caseNumber, revision: REVISION, identifier };
      const { body } = await clinic.activityOf(called, { type: 'invoke', name: 'task/submit', value: { data } });
      expect(JSON.stringify(body)).toContain('NOTHING IS ACKNOWLEDGED');
      expect(await clinic.stateOf(of)).toMatchObject({ status: 'open', acknowledged: null, readBack: null });
    }
  });
});
