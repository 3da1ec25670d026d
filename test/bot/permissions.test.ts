import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { fieldsOf } from '#adapters/hl7/fields.js';
import { words } from '#bot/words.js';
import { authorise, permissions } from '#core/authorise.js';
import type { Action, BreakGlassAction, CriticalAction } from '#core/action.js';
import type { Subject } from '#core/authorise.js';
import { role } from '#core/people.js';
import type { Person, Role } from '#core/people.js';
import { addMinutes, toInstant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { RetentionPolicy } from '#domain/retention.js';
import { auditor } from '#engine/auditor.js';
import { caseDesk } from '#engine/case-desk.js';
import { reportDesk } from '#engine/critical-report.js';
import { custodian } from '#engine/custodian.js';
import { paperDesk } from '#engine/downtime-entry.js';
import { drillDesk } from '#engine/drill-desk.js';
import { operator } from '#engine/operator.js';
import type { PersonAnswer } from '#ports/desk.js';
import { ask, askAudit, askCase, askCustody, askDrill, askPaper, askReport } from '../../infra/cli/q-ask.ts';
import { FILE, page } from '../../infra/docs/permissions.ts';
import { controlFolder } from '../../infra/local/control-address.ts';
import { listenControl } from '../../infra/local/control.ts';
import type { Control, Desks } from '../../infra/local/control.ts';
import { issuedBy, openTabDoor, tabToken } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { idOf, openClinic, people, scopes, states } from './permissions-fixture.ts';
import type { Case, Clinic, State } from './permissions-fixture.ts';

type Verb = PersonAnswer['verb'];
type CaseVerb = Verb | 'view';

const verbs = [
  ...(['view', 'approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question'] as const),
  ...(['remind', 'hand-over', 'take-back'] as const),
] satisfies readonly CaseVerb[];

let clinic: Clinic;
let control: Control;
let tab: TabDoorFixture;
let data: string;

beforeAll(async () => {
  clinic = await openClinic();
  const { desk, engine } = clinic;
  const { parts } = engine;
  data = mkdtempSync(join(tmpdir(), 'radloop-permissions-'));
  const rehearsal = true;
  const queue = queueStore(engine.stores.db);
  const records = async function* () {
    yield await Promise.resolve([]);
  };
  const desks: Desks = {
    cases: caseDesk({ parts, desk, rehearsal }),
    operator: operator({ parts, queue, fieldsOf, exportKey: null, rehearsal }),
    auditor: auditor({ ...parts, rehearsal, records }),
    reports: reportDesk({ parts, rules: [], zone: 'UTC', rehearsal }),
    drills: drillDesk({ parts, rules: null, services: [], windows: [], site: { id: 'x', zone: 'UTC', language: 'en' }, rehearsal }),
    custodian: custodian({ ...{ parts, queue, custody: null, rehearsal, rewrap: () => undefined }, wanted: {} as RetentionPolicy }),
    paper: paperDesk({ ...parts, zone: 'UTC', rehearsal }),
  };
  control = await listenControl(controlFolder(data), desks);
  tab = await openTabDoor(parts, issuedBy(clinic.side), desk.protocolIds());
}, 60_000);
afterAll(async () => {
  await tab.close();
  await control.close();
  await clinic.close();
  rmSync(data, { recursive: true, force: true });
});

/** What one surface does with what a person wants. */
interface Surface {
  readonly name: string;
  /** Verbs that it has words for. */
  readonly verbs: readonly CaseVerb[];
  /** The sentence that the person reads; of a view only that there is one. */
  want(who: Person, verb: CaseVerb, of: Case): Promise<string>;
}

const protocolId = 'CT-HEAD-WO';
const texts: Readonly<Partial<Record<CaseVerb, string>>> = {
  ...{ reject: 'wrong side', 'ask-orderer': 'Is there a pacemaker?', 'answer-question': 'No.' },
  ...{ remind: 'in 20 minutes', 'hand-over': idOf('protocoling-radiologist', 'on the list') },
};
/** Who may decide, and gets what is handed over. */
const receiver = idOf('protocoling-radiologist', 'on the list');
/** A reminder is set by whoever may not look at the case too. */
const needsNoLook = (verb: CaseVerb): boolean => verb === 'remind';
const shown = 'a view';
const plain = (said: string): string =>
  said
    .replace(words.openAgain, '')
    .replace(/ at [^,]+, in private/u, ' at TIME, in private')
    .replace(/ Look at it as it is now.*$/u, '')
    .replace(/ (?:Nothing else is waiting|Next: |\S+ protocol request \S+: your own view).*$/u, '')
    .trim();

const button: Surface = {
  name: 'button',
  verbs,
  async want(who, verb, { caseNumber }) {
    const { current: revision = 0 } = (await clinic.desk.shown(who.id, caseNumber)) ?? {};
    const text = texts[verb];
    const written = { reason: text, question: text, answerText: text, to: receiver, due: addMinutes(toInstant(Date.now()), 20) };
    const data =
      verb === 'view'
        ? { verb: 'open', caseNumber }
        : { verb, caseNumber, revision, ...written, ...(verb === 'choose-other' ? { protocolId, reason: undefined } : {}) };
    // Reminders are offered in the chat: their answer opens no case anew.
    if (needsNoLook(verb)) {
      const value = { action: { type: 'Action.Execute', verb, data } };
      const { body } = await clinic.activityOf(who, { type: 'invoke', name: 'adaptiveCard/action', value });
      return plain((body as { value: string }).value);
    }
    const { body } = await clinic.activityOf(who, { type: 'invoke', name: verb === 'view' ? 'task/fetch' : 'task/submit', value: { data } });
    const { task } = body as { task: { type: string; value: unknown } };
    if (verb === 'view' && task.type === 'continue') return shown;
    // An answer stands in a dialog: its receipt, or why it changed nothing, over the case as it is.
    const { speak } =
      task.type === 'continue' ? (task.value as { card: { content: { speak: string } } }).card.content : { speak: String(task.value) };
    return plain(speak);
  },
};

/** Looks first, as words act only on what was seen. */
const inWords: Surface = {
  name: 'words',
  // What is handed over or taken back in words is a button to press.
  verbs: ['view', 'approve', 'choose-other', 'reject', 'ask-orderer', 'remind'],
  async want(who, verb, { caseNumber }) {
    const sentences: Readonly<Partial<Record<CaseVerb, string>>> = {
      approve: `approve ${caseNumber}`,
      'choose-other': `use ${protocolId} for ${caseNumber}`,
      reject: `reject ${caseNumber} because wrong side`,
      'ask-orderer': `ask the orderer of ${caseNumber}: Is there a pacemaker?`,
      remind: `remind me of ${caseNumber} in 20 minutes`,
    };
    const said = async (text: string): Promise<string> => {
      clinic.side.calls.length = 0;
      await clinic.activityOf(who, { type: 'message', text });
      const last = clinic.side.calls.at(-1)?.body as { text?: string; attachments?: unknown } | undefined;
      return last?.attachments === undefined ? plain(last?.text ?? '') : shown;
    };
    const seen = needsNoLook(verb) ? '' : await said(`show ${caseNumber}`);
    const sentence = sentences[verb];
    return sentence === undefined ? seen : said(sentence);
  },
};

const commandLine: Surface = {
  name: 'command line',
  verbs,
  async want(who, verb, { caseNumber }) {
    const where = { data, as: who.id };
    const seen = needsNoLook(verb) ? null : await askCase(where, { ask: 'case-show', caseNumber });
    if (verb === 'view') return seen === null || seen.ok ? shown : plain(seen.text);
    const more = { protocolId: verb === 'choose-other' ? protocolId : null, text: verb === 'choose-other' ? null : (texts[verb] ?? null) };
    const reply = await askCase(where, { ask: 'case-answer', caseNumber, verb, ...more });
    return reply.ok && reply.answer === 'view' ? shown : plain('text' in reply ? reply.text : '');
  },
};

const http: Surface = {
  name: 'HTTP, as the tab asks',
  verbs,
  async want(who, verb, { caseNumber }) {
    const token = await tabToken(clinic.side, who);
    const seen = needsNoLook(verb) ? null : await tab.ask(token, { ask: 'story', caseNumber });
    if (verb === 'view') return seen === null || seen.reply.ok ? shown : plain(seen.reply.why);
    const { current: revision = 0 } = (await clinic.desk.shown(who.id, caseNumber)) ?? {};
    const text = texts[verb];
    const own = { to: receiver, due: addMinutes(toInstant(Date.now()), 20) };
    const written = verb === 'choose-other' ? { protocolId } : { reason: text, question: text, answerText: text, ...own };
    const { status, reply } = await tab.ask<Answer>(token, { ask: 'answer', data: { verb, caseNumber, revision, ...written } });
    expect(status).toBe(reply.ok ? 200 : 403);
    return plain(reply.ok ? reply.found.text : reply.why);
  },
};

/** Every way to a case. One more is one more entry. */
const surfaces: readonly Surface[] = [button, inWords, http, commandLine];

const shared = new Map<string, Promise<Case>>();
/** A case that many look at and nobody changes; one of its own for an act that would change it. */
function caseFor(state: State, orderer: Person | null, changes: boolean): Promise<Case> {
  if (changes) return clinic.caseIn(state, orderer);
  const key = `${state} ${orderer?.id ?? ''}`;
  const known = shared.get(key) ?? clinic.caseIn(state, orderer);
  shared.set(key, known);
  return known;
}

describe.each(states)('every cell of the table on a case that is %s: the same answer on every surface', (state) => {
  it.each(role.options)(
    '%s',
    async (which) => {
      for (const scope of scopes) {
        const who = people.find(({ id }) => id === idOf(which, scope))!;
        const orderer = scope === 'placed the order' ? who : null;
        for (const verb of verbs) {
          const verdict = authorise(who, verb, await clinic.subjectOf(await caseFor(state, orderer, false)));
          const answers: Record<string, string> = {};
          for (const surface of surfaces.filter((one) => one.verbs.includes(verb))) {
            const of = await caseFor(
              state,
              orderer,
              verdict.allowed && verb !== 'view' && (state === 'waiting' || state === 'asking' || (state === 'approved' && verb === 'remind')),
            );
            const before = clinic.trace(who, of);
            const said = await surface.want(who, verb, of);
            const after = clinic.trace(who, of);
            const cell = `${surface.name}: ${which}, ${scope}, ${verb}, ${state}`;
            expect([cell, after.denials > before.denials]).toEqual([cell, !verdict.allowed]);
            if (!verdict.allowed) expect([cell, after.facts]).toEqual([cell, before.facts]);
            answers[surface.name] = `${said.replaceAll(of.caseNumber, 'CASE')}${after.facts > before.facts ? ' (changed)' : ''}`;
          }
          if (verdict.allowed)
            expect([which, scope, verb, state, new Set(Object.values(answers)).size, answers]).toEqual([which, scope, verb, state, 1, answers]);
        }
      }
    },
    60_000,
  );
});

/** What each act that is on no case is asked by; nothing of it is there, so that nothing is done. */
const which = { ids: ['m99'], filter: null };
const dry = { reason: 'looked at', dryRun: true };
const onCase = { caseNumber: '7KF3QN', ...dry };
const filter = { caseNumber: null, person: null, action: null, since: null, until: null, outcome: null };
const cell = '';
const row = { caseNumber: cell, revision: cell, asOf: cell, patient: cell, order: cell, decision: cell, protocol: cell, person: cell, decidedAt: cell, inRis: cell, note: cell }; // prettier-ignore
type Where = Parameters<typeof ask>[0];
const ofSite: Readonly<
  Record<Exclude<Action, CaseVerb | 'list-waiting' | BreakGlassAction | CriticalAction>, (where: Where) => Promise<{ readonly ok: boolean } | null>>
> = {
  'enter-paper': (where) => askPaper(where, { ask: 'enter-paper', row, dryRun: true }),
  'q-list': (where) => ask(where, { ask: 'list', filter: {}, most: 1 }),
  'q-history': (where) => ask(where, { ask: 'history', id: null, most: 1 }),
  'q-retry': (where) => ask(where, { ask: 'retry', which, ...dry }),
  'q-skip': (where) => ask(where, { ask: 'skip', which, ...dry }),
  'q-release': (where) => ask(where, { ask: 'release', which, ...dry }),
  'q-park': (where) => ask(where, { ask: 'park', ...onCase }),
  'q-export': (where) => ask(where, { ask: 'export', id: 'm99', reason: 'x' }),
  'q-confirm': (where) => ask(where, { ask: 'confirm', bulk: 'b99' }),
  'audit-query': (where) => askAudit(where, { ask: 'audit-query', filter }),
  'audit-export': (where) => askAudit(where, { ask: 'audit-export', filter }),
  'critical-report': (where) => askReport(where, { ask: 'critical-report', from: '2026-11-01', to: '2026-11-02' }),
  'drill-critical': (where) => askDrill(where, { ask: 'drill-start', site: null, service: null, category: 1, reason: null }),
  'drill-report': (where) => askDrill(where, { ask: 'drill-list' }),
  'keys-show': (where) => askCustody(where, { ask: 'keys-show' }),
  'keys-rotate': (where) => askCustody(where, { ask: 'keys-rotate', ...dry }),
  'retention-show': (where) => askCustody(where, { ask: 'retention-show', caseNumber: null }),
  'retention-hold': (where) => askCustody(where, { ask: 'retention-hold', ...onCase }),
  'retention-unhold': (where) => askCustody(where, { ask: 'retention-unhold', ...onCase }),
  'retention-shred': (where) => askCustody(where, { ask: 'retention-shred', ...onCase }),
  'retention-shorten': (where) => askCustody(where, { ask: 'retention-shorten', ...dry }),
  'retention-confirm': (where) => askCustody(where, { ask: 'retention-confirm', bulk: 'b99' }),
  'critical-policy-show': (where) => askCustody(where, { ask: 'critical-policy-show' }),
  'critical-policy-change': (where) => askCustody(where, { ask: 'critical-policy-change', ...dry }),
  'critical-policy-confirm': (where) => askCustody(where, { ask: 'critical-policy-confirm', bulk: 'b99' }),
};

describe('every cell of the table that is on no case', () => {
  it.each(Object.entries(ofSite))('%s: the command line says what the table says, to every role', async (action, want) => {
    for (const one of role.options) {
      const reply = await want({ data, as: idOf(one, 'on the list') });
      const isDenied = reply !== null && 'code' in reply && reply.code === 'denied';
      expect([one, isDenied]).toEqual([one, permissions[action as Action].may[one] === undefined]);
    }
  });

  /** What the tab alone is asked; nothing of it is there, so that nothing is done. */
  const ofTab: Readonly<Record<BreakGlassAction | 'list-waiting', object>> = {
    'list-waiting': { ask: 'tasks' },
    'break-glass': { ask: 'break-glass-longer', caseNumber: '', text: 'x' },
    'break-glass-confirm': { ask: 'access-confirm', access: '7KF3QN' },
    'break-glass-review': { ask: 'access-review', access: '7KF3QN', opening: 1, finding: 'justified', text: 'x' },
  };
  it.each(Object.keys(ofTab) as (keyof typeof ofTab)[])('%s: HTTP says what the table says, to every role', async (action) => {
    const { caseNumber } = await caseFor('waiting', null, false);
    for (const one of role.options) {
      const who = people.find(({ id }) => id === idOf(one, 'on the list'))!;
      const { reply } = await tab.ask(await tabToken(clinic.side, who), { ...ofTab[action], ...(action === 'break-glass' ? { caseNumber } : {}) });
      expect([one, !reply.ok && reply.code === 'denied']).toEqual([one, permissions[action].may[one] === undefined]);
    }
  });

  it('list-waiting: words say what the table says, to every role', async () => {
    for (const one of role.options) {
      const who = people.find(({ id }) => id === idOf(one, 'on the list'))!;
      clinic.side.calls.length = 0;
      await clinic.activityOf(who, { type: 'message', text: 'what is waiting' });
      const said = JSON.stringify(clinic.side.calls.at(-1)?.body);
      expect([one, said.includes('has no role that may')]).toEqual([one, permissions['list-waiting'].may[one] === undefined]);
    }
  });
});

describe('the command line', () => {
  it('acts as the person of the account, and denies an account that nobody has', async () => {
    const { caseNumber } = await caseFor('waiting', null, false);
    expect(await askCase({ data }, { ask: 'case-show', caseNumber })).toMatchObject({
      ok: false,
      code: 'denied',
      text: expect.stringContaining('belongs to nobody'),
    });
    expect(await askCase({ data, as: 'nobody-here' }, { ask: 'case-show', caseNumber })).toMatchObject({ ok: false, code: 'denied' });
  });

  it('plays nobody on a site that is no rehearsal', async () => {
    const { caseNumber } = await caseFor('waiting', null, false);
    const cases = caseDesk({ parts: clinic.engine.parts, desk: clinic.desk, rehearsal: false });
    expect(await cases.ask({ account: 'x', as: idOf('coordinator', 'on the list') }, { ask: 'case-show', caseNumber })).toMatchObject({
      ok: false,
      text: expect.stringContaining('rehearsal site only'),
    });
  });

  it('approves nothing that the person has not been shown as it is now', async () => {
    const of = await clinic.caseIn('waiting', null);
    const who = people.find(({ id }) => id === idOf('protocoling-radiologist', 'on the list'))!;
    const approve = () =>
      askCase({ data, as: who.id }, { ask: 'case-answer', caseNumber: of.caseNumber, verb: 'choose-other', protocolId, text: null });
    expect(await approve()).toMatchObject({ outcome: 'stale', text: expect.stringContaining('radloop case show') });
    await askCase({ data, as: who.id }, { ask: 'case-show', caseNumber: of.caseNumber });
    expect(await approve()).toMatchObject({ outcome: 'won' });
    expect(await approve()).toMatchObject({ outcome: 'won' });
  });
});

describe('the table', () => {
  const at = (which: Role, more: Partial<Person> = {}): Person => ({ ...people.find(({ id }) => id === idOf(which, 'on the list'))!, ...more });
  const subject = (more: Partial<Subject> = {}): Subject => ({ modality: 'CT', orderer: null, askedOf: null, ...more });

  it('denies everything to somebody without a role that it names', () => {
    for (const which of ['auditor', 'admin'] as const) for (const verb of verbs) expect(authorise(at(which), verb, subject()).allowed).toBe(false);
  });

  it('lets a technologist look, ask and hand over what is on their list, and decide nothing', () => {
    const technologist = at('technologist');
    const may = verbs.filter((verb) => authorise(technologist, verb, subject()).allowed);
    expect(may).toEqual(['view', 'ask-orderer', 'remind', 'hand-over']);
    expect(verbs.filter((verb) => authorise(technologist, verb, subject({ modality: 'MR' })).allowed)).toEqual(['remind']);
  });

  it('lets nobody take back what somebody else did', () => {
    for (const which of role.options) {
      const who = at(which);
      expect(authorise(who, 'take-back', subject({ did: ['somebody-else'] })).allowed).toBe(false);
      const own = authorise(who, 'take-back', subject({ did: ['somebody-else', who.id] })).allowed;
      expect([which, own]).toEqual([which, which !== 'auditor' && which !== 'admin' && which !== 'switchboard']);
    }
  });

  it('lets nobody decide on their own order, not even with a second role', () => {
    const both = at('protocoling-radiologist', { roles: ['protocoling-radiologist', 'coordinator', 'referrer'] });
    for (const verb of ['approve', 'choose-other', 'reject', 'ask-orderer'] as const)
      expect(authorise(both, verb, subject({ orderer: both.id }))).toEqual({ allowed: false, why: 'Nobody decides on an order of their own.' });
    expect(authorise(both, 'view', subject({ orderer: both.id })).allowed).toBe(true);
  });

  it('keeps an order without a modality to those who have all of them', () => {
    expect(authorise(at('protocoling-radiologist'), 'approve', subject({ modality: null })).allowed).toBe(false);
    expect(authorise(at('protocoling-radiologist', { modalities: [] }), 'approve', subject({ modality: null })).allowed).toBe(true);
  });

  it('lets the one who was asked look and answer, and only while it waits for the answer', () => {
    const referrer = at('referrer');
    for (const verb of ['view', 'answer-question'] as const) {
      expect(authorise(referrer, verb, subject({ askedOf: referrer.id })).allowed).toBe(true);
      expect(authorise(referrer, verb, subject({ askedOf: 'somebody-else' })).allowed).toBe(false);
      expect(authorise(referrer, verb, subject()).allowed).toBe(false);
    }
  });

  it('gives acts on cases to no one who looks after the site alone', () => {
    // A reminder says no more than the card in the channel; taking back is only of what one did oneself.
    for (const which of ['operator', 'scheduler'] as const)
      expect([which, verbs.filter((verb) => permissions[verb].may[which] !== undefined)]).toEqual([which, ['remind', 'take-back']]);
    for (const which of ['auditor', 'admin'] as const)
      expect([which, verbs.filter((verb) => permissions[verb].may[which] !== undefined)]).toEqual([which, []]);
  });

  it('is what permissions.md says (node --conditions=source infra/docs/permissions.ts writes it)', async () => {
    expect(readFileSync(FILE, 'utf8')).toBe(await page());
  });
});
