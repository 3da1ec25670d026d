import { authorise } from '#core/authorise.js';
import type { Person } from '#core/people.js';
import { shippedPolicy } from '../support/shipped.ts';
import { idOf, openClinic, people } from './permissions-fixture.ts';
import type { Case, Clinic } from './permissions-fixture.ts';

/** All of them with RADLOOP_FAULTS=full; else of what can't matter to a verb every seventh. */
const isFull = process.env['RADLOOP_FAULTS'] === 'full';
const STEP = 7;

type Data = Readonly<Record<string, unknown>>;

let clinic: Clinic;
/** Does the model propose a protocol for the case? Else "approve" approves nothing. */
let isProposed: boolean;
beforeAll(async () => {
  clinic = await openClinic();
  const tried = await clinic.caseIn('waiting', null);
  const answer = { person: radiologist, caseNumber: tried.caseNumber, revision: await revisionOf(tried), verb: 'approve' } as const;
  isProposed = (await clinic.desk.answer(answer)).outcome === 'won';
}, 60_000);
afterAll(() => clinic.close());

const named = (id: string): Person => people.find((one) => one.id === id)!;
const radiologist = named(idOf('protocoling-radiologist', 'on the list'));
const orderer = named(idOf('protocoling-radiologist', 'placed the order'));
const revisionOf = async ({ caseNumber }: Case): Promise<number> => (await clinic.desk.shown(radiologist.id, caseNumber))?.current ?? 0;

interface Open {
  /** The case that the card is of, and another one that is open. */
  readonly own: Case & { readonly revision: number };
  readonly other: Case & { readonly revision: number };
}

/** What stands in a button's data, and what somebody might write beside it. */
const fields = ['verb', 'caseNumber', 'revision', 'protocolId', 'reason', 'chooseReason', 'question', 'answerText'] as const;
const invented = ['person', 'name', 'approval', 'actor', 'role', 'mode', 'at', 'caseId', 'workflow', 'constructor'] as const;
/** Around the data: none of it may matter. */
const around = ['id', 'timestamp', 'replyToId', 'locale', 'text', 'entities', 'recipient', 'label', 'attachments'] as const;

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
      ['approve'],
      { verb: 'approve' },
      'x'.repeat(3000),
      "' OR 1=1 --",
      '../../etc',
      '\u202Eapprove',
    ],
    ...[
      'approve',
      'choose-other',
      'reject',
      'ask-orderer',
      'answer-question',
      'remind',
      'hand-over',
      'take-back',
      'open',
      'APPROVE',
      'approve ',
      'CT-HEAD-WO',
      'CT-HEAD-W',
      'wrong side',
    ],
    ...[own.caseNumber, other.caseNumber, own.caseNumber.toLowerCase(), ` ${own.caseNumber}`, [own.caseNumber], own.caseId],
    ...[own.revision, own.revision + 1, own.revision - 1, String(own.revision), orderer.id, orderer.aadObjectId],
  ];
}

/** Worked out from the data alone, without the bot's own reading: which of the two cases this person changes by it. */
async function changedBy(who: Person, data: Data, { own, other }: Open): Promise<Case | null> {
  const of = [own, other].find(({ caseNumber }) => caseNumber === data['caseNumber']);
  const verb = (['approve', 'choose-other', 'reject', 'ask-orderer'] as const).find((one) => one === data['verb']);
  if (of === undefined || verb === undefined || data['revision'] !== of.revision) return null;
  const texts = ['reason', 'chooseReason', 'question', 'answerText'].map((name) => data[name]);
  if (!texts.every((text) => text === undefined || (typeof text === 'string' && text.length <= 2000))) return null;
  const { protocolId } = data;
  if (protocolId !== undefined && (typeof protocolId !== 'string' || protocolId === '' || protocolId.length > 100)) return null;
  if (!authorise(who, verb, await clinic.subjectOf(of)).allowed) return null;
  return isComplete(verb, data) ? of : null;
}

type Decides = 'approve' | 'choose-other' | 'reject' | 'ask-orderer';

function isComplete(verb: Decides, data: Data): boolean {
  const says = (name: string): boolean => String(data[name] ?? '').trim() !== '';
  switch (verb) {
    case 'approve':
      return isProposed;
    case 'choose-other':
      return shippedPolicy.content.protocols.some(({ id }) => id === data['protocolId']);
    case 'reject':
      return says('reason');
    case 'ask-orderer':
      return says('question');
  }
}

/** Fields that the verb reads. */
const read: Readonly<Record<Decides, readonly string[]>> = {
  approve: ['verb', 'caseNumber', 'revision'],
  'choose-other': ['verb', 'caseNumber', 'revision', 'protocolId'],
  reject: ['verb', 'caseNumber', 'revision', 'reason'],
  'ask-orderer': ['verb', 'caseNumber', 'revision', 'question'],
};

const texts = { reason: 'wrong side', chooseReason: 'contrast', question: 'Is there a pacemaker?', answerText: 'No.' };
const waiting = async (by: Person | null): Promise<Open['own']> => {
  const of = await clinic.caseIn('waiting', by);
  return { ...of, revision: await revisionOf(of) };
};
const opened = async (by: Person | null): Promise<Open> => ({ own: await waiting(by), other: await waiting(by) });
const facts = (who: Person, { own, other }: Open): readonly number[] => [own, other].map((of) => clinic.trace(who, of).facts);

/** Presses with this data, and checks what became of both cases. Gives the one that was changed. */
async function press(who: Person, open: Open, data: Data, parts: Data = {}): Promise<Case | null> {
  const expected = await changedBy(who, data, open);
  const before = facts(who, open);
  const { status } = await clinic.activityOf(who, { type: 'invoke', name: 'task/submit', value: { data }, ...parts });
  const changed = facts(who, open).map((count, n) => count !== before[n]);
  const wanted = [open.own, open.other].map((of) => of === expected);
  expect({ data, parts, status: status < 500, changed }).toEqual({ data, parts, status: true, changed: wanted });
  if (expected === null) return null;
  const { db } = clinic.engine.stores;
  const row = db.get<{ actor: string }>(
    'SELECT actor FROM audit WHERE case_id = ? AND detail LIKE \'%"event":"answer:%\' ORDER BY seq DESC',
    expected.caseId,
  );
  expect(JSON.parse(row?.actor ?? '{}')).toEqual({ kind: 'person', person: who.id });
  return expected;
}

const actors: readonly (readonly [string, Person])[] = [
  ['may decide', radiologist],
  ['is on another list', named(idOf('protocoling-radiologist', 'on another list'))],
  ['placed the order', orderer],
  ['may only look', named(idOf('reading-radiologist', 'on the list'))],
  ['may nothing', named(idOf('scheduler', 'on the list'))],
];

describe('a card carries no authority (invariant 16): what comes of a press is what this person may do on the case as it stands', () => {
  it.each(actors)(
    'every field changed in every way, by one who %s',
    async (_name, who) => {
      const by = who === orderer ? orderer : null;
      let open = await opened(by);
      let tried = 0;
      let changes = 0;
      for (const verb of ['approve', 'choose-other', 'reject', 'ask-orderer'] as const) {
        for (const field of [...fields, ...invented]) {
          // What stands beside the fields of a button is tried with one verb.
          if (verb !== 'choose-other' && !fields.some((one) => one === field)) continue;
          const step = isFull || read[verb].includes(field) ? 1 : STEP;
          for (let n = tried % step; n < values(open).length; n += step) {
            const { caseNumber, revision } = open.own;
            const data: Data = {
              verb,
              caseNumber,
              revision,
              ...(verb === 'choose-other' ? { protocolId: 'CT-HEAD-WO' } : {}),
              ...texts,
              [field]: values(open)[n],
            };
            tried += 1;
            if (!(await press(who, open, data))) continue;
            changes += 1;
            open = await opened(by);
          }
        }
      }
      process.stdout.write(`${JSON.stringify({ actor: who.id, tried, changes })}\n`);
      expect(changes > 0).toBe(who === radiologist);
    },
    180_000,
  );

  it('whatever stands around the data', async () => {
    const technologist = named(idOf('technologist', 'on the list'));
    const open = await opened(null);
    const { caseNumber, revision } = open.own;
    const data: Data = { verb: 'approve', caseNumber, revision };
    for (const field of around) for (const value of values(open)) await press(technologist, open, data, { [field]: value });
    for (const value of values(open)) {
      const from = { id: value, name: radiologist.name, aadObjectId: technologist.aadObjectId, role: value, properties: value };
      await press(technologist, open, data, { from });
      await press(technologist, open, data, { value: { data, context: value, commandId: value, user: value } });
    }
  }, 60_000);
});
