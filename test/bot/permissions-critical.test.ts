import { words } from '#bot/words.js';
import { authorise, permissions } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import { role } from '#core/people.js';
import type { Person, Role } from '#core/people.js';
import type { Answer } from '#core/workflow.js';
import { caseNow } from '#engine/case-now.js';
import type { CriticalVerb } from '#ports/desk.js';
import { verbs as critical } from '#workflows/critical-results/events.js';
import { askCase } from '../../infra/cli/q-ask.ts';
import { tabToken } from '../support/tab-door.ts';
import { called, idOf, openCriticalClinic, people, radiologist, relations, states } from './critical-fixture.ts';
import type { Alert, CriticalClinic, Relation, State } from './critical-fixture.ts';

/** Every cell with RADLOOP_FAULTS=full; else each role, relation and verb in one state, another one for each. */
const isFull = process.env['RADLOOP_FAULTS'] === 'full';

type Verb = CriticalVerb | 'view';
const verbs: readonly Verb[] = ['view', ...critical];

let clinic: CriticalClinic;
let identifier: string;
beforeAll(async () => {
  clinic = await openCriticalClinic();
  identifier = (await clinic.stateOf(await clinic.declare('where the patient is known from'))).about.patient.id ?? '';
}, 60_000);
afterAll(() => clinic.close());

/** As the inputs of the card are called, and as the desk has them. */
const forms: Readonly<Record<CriticalVerb, { readonly data: object; readonly text?: string; readonly fields?: object; readonly to?: string }>> = {
  'release-critical': { data: {} },
  'not-critical': { data: { reason: 'artefact' }, text: 'artefact' },
  recategorise: { data: { categoryReason: 'smaller than thought', category: '2' }, text: 'smaller than thought', fields: { category: '2' } },
  'withdraw-critical': {
    data: { withdrawReason: 'other patient', withdrawKind: 'wrong-patient' },
    text: 'other patient',
    fields: { kind: 'wrong-patient' },
  },
  acknowledge: { data: {} },
  'read-back': { data: {} },
  'on-my-way': { data: {} },
  'decline-alert': { data: { declineReason: 'in theatre' }, text: 'in theatre' },
  'take-over': { data: { overReason: 'she is before me' }, text: 'she is before me' },
  'not-me': { data: {} },
  'record-call': {
    data: { receiver: called.id, saidBack: 'pneumothorax', callAction: 'tube' },
    text: 'pneumothorax',
    fields: { action: 'tube' },
    to: called.id,
  },
  'not-what-i-said': { data: { disputeText: 'left' }, text: 'left' },
  'take-failsafe': { data: {} },
  seen: { data: {} },
  'join-alert': { data: { alike: '7KF3QN' }, fields: { with: '7KF3QN' } },
  'keep-apart': { data: { alike: '7KF3QN' }, fields: { with: '7KF3QN' } },
  'record-attempt': { data: { attempt: 'no answer', attemptTo: 'ward' }, text: 'no answer', fields: { to: 'ward' } },
};
function formOf(verb: CriticalVerb) {
  const said = { identifier, finding: 'pneumothorax', action: 'tube' };
  return verb === 'read-back' ? { data: said, fields: said } : forms[verb];
}

const shown = 'a view';
const plain = (said: string): string =>
  said
    .replace(words.openAgain, '')
    .replace(/ Look at it as it is now.*$/u, '')
    .replace(/ (?:Nothing else is waiting|Next: |(?:DRILL: )?Critical result, category \d, \S+: ).*$/u, '')
    .trim();

interface Surface {
  readonly name: string;
  want(who: Person, verb: Verb, of: Alert): Promise<string>;
}

const revisionOf = async (who: Person, { caseNumber }: Alert): Promise<number> => (await clinic.desk.shown(who.id, caseNumber))?.current ?? 0;

const inDialog: Surface = {
  name: 'button in the dialog (task/submit)',
  async want(who, verb, of) {
    const { caseNumber } = of;
    const data = verb === 'view' ? { verb: 'open', caseNumber } : { verb, caseNumber, revision: await revisionOf(who, of), ...formOf(verb).data };
    const { body } = await clinic.activityOf(who, { type: 'invoke', name: verb === 'view' ? 'task/fetch' : 'task/submit', value: { data } });
    const { task } = body as { task: { type: string; value: unknown } };
    const { speak } =
      task.type === 'continue' ? (task.value as { card: { content: { speak: string } } }).card.content : { speak: String(task.value) };
    return verb === 'view' && speak.startsWith('Critical result') ? shown : plain(speak);
  },
};

const onCard: Surface = {
  name: 'button in the chat (adaptiveCard/action)',
  async want(who, verb, of) {
    const { caseNumber } = of;
    const data = verb === 'view' ? { verb: 'open', caseNumber } : { verb, caseNumber, revision: await revisionOf(who, of), ...formOf(verb).data };
    const value = { trigger: 'manual', action: { type: 'Action.Execute', verb: data.verb, data } };
    const { body } = await clinic.activityOf(who, { type: 'invoke', name: 'adaptiveCard/action', value });
    const said = (body as { value: string }).value;
    return said === words.openInPrivate ? shown : plain(said);
  },
};

const http: Surface = {
  name: 'HTTP, as the tab asks',
  async want(who, verb, of) {
    const token = await tabToken(clinic.side, who);
    const { caseNumber } = of;
    if (verb === 'view') {
      const { reply } = await clinic.tab.ask(token, { ask: 'story', caseNumber });
      return reply.ok ? shown : plain(reply.why);
    }
    const data = { verb, caseNumber, revision: await revisionOf(who, of), ...formOf(verb).data };
    const { status, reply } = await clinic.tab.ask<Answer>(token, { ask: 'answer', data });
    expect(status).toBe(reply.ok ? 200 : 403);
    return plain(reply.ok ? reply.found.text : reply.why);
  },
};

const commandLine: Surface = {
  name: 'command line',
  async want(who, verb, { caseNumber }) {
    const where = { data: clinic.data, as: who.id };
    if (verb === 'view') {
      const seen = await askCase(where, { ask: 'case-show', caseNumber });
      return seen.ok ? shown : plain(seen.text);
    }
    // Looks first: it acts on what was seen. What nobody may see is asked for without.
    if (authorise(who, 'view', await subjectOf(caseNumber)).allowed) await askCase(where, { ask: 'case-show', caseNumber });
    const { text = null, fields, to } = formOf(verb);
    const form = { ...(fields === undefined ? {} : { fields: fields as Record<string, string> }), ...(to === undefined ? {} : { to }) };
    const reply = await askCase(where, { ask: 'case-answer', caseNumber, verb, protocolId: null, text, ...form });
    return plain('text' in reply ? reply.text : '');
  },
};

/** Every way to an alert. */
const surfaces: readonly Surface[] = [inDialog, onCard, http, commandLine];

async function subjectOf(number: Alert['caseNumber']) {
  const { workflow: name, caseId } = (await clinic.engine.parts.cases.findByNumber(number))!;
  const { workflow, state } = await caseNow(clinic.engine.parts, name, caseId);
  return workflow.see(state).subject;
}

const shared = new Map<string, Promise<Alert | null>>();
/** One that many look at and nobody changes, or one of its own. */
function alertFor(state: State, relation: Relation, who: Person, isOwn: boolean): Promise<Alert | null> {
  if (isOwn) return clinic.alertIn(state, relation, who);
  const key = `${state} ${relation} ${who.id}`;
  const known = shared.get(key) ?? clinic.alertIn(state, relation, who);
  shared.set(key, known);
  return known;
}

const isIn = (which: Role, relation: Relation, verb: Verb, state: State): boolean =>
  isFull || (role.options.indexOf(which) + 2 * relations.indexOf(relation) + verbs.indexOf(verb)) % states.length === states.indexOf(state);

describe.each(relations)('every cell of the table on a critical result, by one who is %s: the same answer on every surface', (relation) => {
  it.each(role.options)(
    '%s',
    async (which) => {
      const who = people.find(({ id }) => id === idOf(which, relation))!;
      for (const state of states) {
        for (const verb of verbs.filter((one) => isIn(which, relation, one, state))) {
          const first = await alertFor(state, relation, who, false);
          if (first === null) continue;
          const verdict = authorise(who, verb, await subjectOf(first.caseNumber));
          const answers: Record<string, string> = {};
          for (const surface of surfaces) {
            const of = (await alertFor(state, relation, who, verdict.allowed && verb !== 'view'))!;
            const before = clinic.trace(who, of);
            const said = await surface.want(who, verb, of);
            const after = clinic.trace(who, of);
            const cell = `${surface.name}: ${which}, ${relation}, ${verb}, ${state}`;
            if (!verdict.allowed) expect([cell, after]).toEqual([cell, { facts: before.facts, denials: before.denials + 1 }]);
            answers[surface.name] =
              `${said.replaceAll(of.caseNumber, 'ALERT')}${after.facts > before.facts ? ' (changed)' : ''}${after.denials > before.denials ? ' (denied)' : ''}`;
          }
          if (verdict.allowed)
            expect([which, relation, verb, state, new Set(Object.values(answers)).size, answers]).toEqual([which, relation, verb, state, 1, answers]);
        }
      }
    },
    isFull ? 600_000 : 60_000,
  );
});

const named = (which: Role, relation: Relation = 'none'): Person => people.find(({ id }) => id === idOf(which, relation))!;

describe('declare-critical says what the table says, to every role', () => {
  const isAllowed = (which: Role): boolean => permissions['declare-critical'].may[which] !== undefined;
  const asked = { finding: 'aortic dissection', category: 1, side: null } as const;
  let rows = 0;
  const denials = (who: Person): number => clinic.trace(who, { caseId: '', caseNumber: clinic.order } as unknown as Alert).denials;

  it.each(role.options)('%s: in words, on the tab, on the command line', async (which) => {
    const who = named(which);
    const of = { caseNumber: clinic.order };
    const begun = denials(who);
    const { reply } = await clinic.tab.ask<{ ok: boolean }>(await tabToken(clinic.side, who), {
      ask: 'declare',
      of,
      ...asked,
      finding: `dissection ${(rows += 1)}`,
    });
    const line = await askCase({ data: clinic.data, as: who.id }, { ask: 'case-declare', of, ...asked, finding: `dissection ${(rows += 1)}` });
    expect([reply.ok && reply.found.ok, line.ok]).toEqual([isAllowed(which), isAllowed(which)]);
    expect(denials(who) - begun).toBe(isAllowed(which) ? 0 : 2);
    clinic.side.calls.length = 0;
    await clinic.activityOf(who, { type: 'message', text: `critical: pneumothorax ${which.length} on ${clinic.order}` });
    const said = JSON.stringify(clinic.side.calls.map(({ body }) => body as unknown));
    expect([which, said.includes('NOT SENT YET'), said.includes('has no role that may declare')]).toEqual([
      which,
      isAllowed(which),
      !isAllowed(which),
    ]);
    expect(denials(who) - begun).toBe(isAllowed(which) ? 0 : 3);
  });
});

describe('words about a critical result open its card and change nothing', () => {
  const sentences: readonly (readonly [CriticalVerb, (number: string) => string])[] = [
    ['acknowledge', (number) => `acknowledge ${number}`],
    ['read-back', (number) => `read back ${number}: tension pneumothorax`],
    ['decline-alert', (number) => `decline alert ${number}`],
  ];
  it.each(sentences)('%s', async (verb, sentence) => {
    for (const relation of ['addressed', 'none'] as const) {
      for (const which of role.options) {
        const who = named(which, relation);
        const of = (await alertFor('open', relation, who, false))!;
        const verdict = authorise(who, 'view', await subjectOf(of.caseNumber));
        const mayAtAll = [verb, ...(verb === 'read-back' ? (['record-call'] as const) : [])].some((right) => authorise(who, right, null).allowed);
        const { facts, denials } = clinic.trace(who, of);
        clinic.side.calls.length = 0;
        await clinic.activityOf(who, { type: 'message', text: sentence(of.caseNumber) });
        const said = JSON.stringify(clinic.side.calls.map(({ body }) => body as unknown));
        const after = clinic.trace(who, of);
        expect([which, relation, after.facts, after.denials > denials]).toEqual([which, relation, facts, !mayAtAll || !verdict.allowed]);
        expect([which, relation, said.includes(identifier)]).toEqual([which, relation, mayAtAll && verdict.allowed]);
      }
    }
  });
});

describe('radloop critical list', () => {
  it('names the open ones that this person may see, at the switchboard those that nobody has taken, and nothing of the patient', async () => {
    const list = async (who: Person) => askCase({ data: clinic.data, as: who.id }, { ask: 'case-alerts' });
    const numbersOf = (reply: Awaited<ReturnType<typeof list>>): string[] =>
      reply.ok && reply.answer === 'alerts' ? reply.alerts.map(({ caseNumber }) => caseNumber) : [];
    const who = named('oncall', 'addressed');
    const mine = (await alertFor('open', 'addressed', who, true))!;
    const other = (await alertFor('open', 'none', who, true))!;
    const untaken = (await alertFor('failsafe', 'none', who, true))!;
    const seen = numbersOf(await list(who));
    expect([seen.includes(mine.caseNumber), seen.includes(other.caseNumber), seen.includes(untaken.caseNumber)]).toEqual([true, false, false]);
    expect(numbersOf(await list(radiologist))).toEqual(expect.arrayContaining([mine.caseNumber, other.caseNumber, untaken.caseNumber]));
    const atSwitchboard = await list(named('switchboard'));
    expect(numbersOf(atSwitchboard)).toContain(untaken.caseNumber);
    expect(numbersOf(atSwitchboard)).not.toContain(mine.caseNumber);
    expect(JSON.stringify(atSwitchboard)).not.toContain(identifier);
    for (const which of ['scheduler', 'operator', 'auditor', 'admin'] as const)
      expect(await list(named(which))).toMatchObject({ ok: false, code: 'denied' });
  });
});

it('names every act on a critical result that the table has', () => {
  const inTable = (Object.keys(permissions) as Action[]).filter(
    (action) => [...critical].includes(action as CriticalVerb) || action === 'declare-critical',
  );
  expect(new Set(inTable)).toEqual(new Set(['declare-critical', ...critical]));
});
