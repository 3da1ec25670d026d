import { authorise } from '#core/authorise.js';
import type { QueueAction } from '#core/authorise.js';
import { caseNumber as caseNumberOf, personId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { addMinutes } from '#core/time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { ActOn, Applied, Bulk, Caller, FieldsOf, Operator, Queue, QueueDetail, QueueReply, QueueRequest } from '#ports/queue.js';
import { look, shown, unknown } from './operator-look.ts';
import { planAct } from './operator-acts.ts';
import type { Act, Plan } from './operator-acts.ts';
import type { Parts } from './parts.ts';

/** What the running service decides with. */
export interface Operating {
  readonly parts: Pick<Parts, 'audit' | 'directory' | 'door' | 'facilities' | 'clock' | 'log' | 'wake'>;
  readonly queue: Queue;
  readonly fieldsOf: FieldsOf;
  /** Public key (PEM) of the one who may see what is exported; null: nothing is exported. */
  readonly exportKey: string | null;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
}

/** Minutes within which another person confirms an act on many (INVARIANTS 3). */
const CONFIRM_WITHIN_MINUTES = 30;
/** Items of one act on many; the rest is asked for again. */
const MOST_AT_ONCE = 500;

type Refused = Extract<QueueReply, { ok: false }>;

/** Who acts, with what is written of it in each audit row. */
interface Asker {
  readonly person: Person;
  readonly proof: AuditEntry['detail'];
}

export function operator(operating: Operating): Operator {
  return {
    async ask(caller, request) {
      const asker = await identified(operating, caller, request);
      if (!('person' in asker)) return asker;
      const mayNot = await authorised(operating, asker, actionOf(request));
      return mayNot ?? answer(operating, asker, request);
    },
  };
}

function actionOf(request: QueueRequest): QueueAction {
  switch (request.ask) {
    case 'list':
    case 'show':
    case 'diff':
      return 'q-list';
    case 'history':
    case 'retry':
    case 'skip':
    case 'release':
    case 'park':
    case 'confirm':
    case 'export':
      return `q-${request.ask}`;
    default:
      return request satisfies never;
  }
}

/** The person behind the account. */
async function identified(operating: Operating, { account, as }: Caller, request: QueueRequest): Promise<Asker | Refused> {
  const { directory } = operating.parts;
  const found = operating.rehearsal ? played(operating, account, as) : as === null ? directory.byOsAccount(account) : null;
  if (found !== null) return { person: found, proof: as === null ? { account } : { account, played: true } };
  await record(operating, { actor: { kind: 'system', part: 'control' }, action: actionOf(request), outcome: 'denied', detail: { account } });
  if (as !== null && !operating.rehearsal) return refused('denied', '--as plays a person on the rehearsal site only.');
  const why = as === null ? `The account ${account} belongs to nobody: people.json names it as osAccount.` : `people.json has no person ${as}.`;
  return refused('denied', why);
}

/** Whoever sits at a rehearsal laptop is its operator, unless they play somebody or have an account of their own. */
function played({ parts: { directory } }: Operating, account: string, as: string | null): Person | null {
  if (as !== null) return directory.byId(personId.parse(as));
  return directory.byOsAccount(account) ?? directory.withRole('operator')[0] ?? null;
}

async function authorised(operating: Operating, asker: Asker, action: QueueAction): Promise<Refused | null> {
  const verdict = authorise(asker.person, action, null);
  if (verdict.allowed) return null;
  await record(operating, { actor: actorOf(asker), action, outcome: 'denied', detail: asker.proof });
  return refused('denied', verdict.why);
}

function actorOf({ person }: Asker): AuditEntry['actor'] {
  return { kind: 'person', person: person.id };
}

function refused(code: Refused['code'], text: string): Refused {
  return { ok: false, code, text };
}

async function record({ parts }: Operating, row: Omit<AuditEntry, 'at' | 'caseId'> & Partial<Pick<AuditEntry, 'caseId'>>): Promise<void> {
  await parts.audit.record({ caseId: null, ...row, at: parts.clock.now() });
}

async function answer(operating: Operating, asker: Asker, request: QueueRequest): Promise<QueueReply> {
  switch (request.ask) {
    case 'list':
    case 'show':
    case 'diff':
    case 'history':
      return look(operating, request, operating.parts.clock.now());
    case 'retry':
    case 'skip':
    case 'release':
      return actOn(operating, asker, request);
    case 'park':
      return park(operating, asker, request);
    case 'confirm':
      return confirm(operating, asker, request.bulk);
    case 'export':
      return exportItem(operating, asker, request);
    default:
      return request satisfies never;
  }
}

const noReason = refused('no-reason', 'Say why with --reason: it stands in the audit. No patient data in it.');

async function actOn(operating: Operating, asker: Asker, request: Extract<QueueRequest, { ask: Act }>): Promise<QueueReply> {
  const { ask: act, which, dryRun } = request;
  const reason = request.reason.trim();
  if (reason === '' && !dryRun) return noReason;
  const ids = which.filter === null ? [...new Set(which.ids)] : await fitting(operating, which.filter);
  if (ids.length === 0) return refused('unknown', 'Nothing that is held fits.');
  if (ids.length > MOST_AT_ONCE) return refused('not-possible', `${ids.length} items fit: at most ${MOST_AT_ONCE} at once. Narrow it.`);
  const planned = await Promise.all(ids.map(async (id) => ({ id, ...(await plan(operating, asker, act, id)) })));
  const possible = planned.filter((one) => one.plan.ok);
  if (dryRun) return { ok: true, answer: 'acted', dryRun, on: await Promise.all(planned.map((one) => tried(operating, one))) };
  if (possible.length > 1) return openBulk(operating, asker, { act, reason, planned });
  const on: ActOn[] = [];
  for (const { id } of planned) on.push(await perform(operating, asker, act, id, { reason }));
  return { ok: true, answer: 'acted', dryRun, on };
}

async function fitting({ queue, parts }: Operating, filter: Parameters<Queue['list']>[0]): Promise<readonly string[]> {
  const items = await queue.list(filter, MOST_AT_ONCE + 1, parts.clock.now());
  return items.map(({ id }) => id);
}

async function plan(
  operating: Operating,
  { person }: Asker,
  act: Act,
  id: string,
): Promise<{ readonly item: QueueDetail | null; readonly plan: Plan }> {
  const item = await operating.queue.find(id);
  if (item === null) return { item, plan: { ok: false, text: unknownText(id) } };
  return { item, plan: await planAct(operating, act, item, { person: person.id, now: operating.parts.clock.now() }) };
}

function unknownText(id: string): string {
  const reply = unknown(id);
  return reply.ok ? '' : reply.text;
}

interface Planned {
  readonly id: string;
  readonly item: QueueDetail | null;
  readonly plan: Plan;
}

/** What would come of it: done, looked at, and undone. */
async function tried({ queue }: Operating, { id, plan: planned }: Planned): Promise<ActOn> {
  if (!planned.ok) return { id, ok: false, text: planned.text };
  return { id, ...outcomeOf(planned, await queue.apply(planned.change, null)) };
}

function outcomeOf({ text, seeks = false }: Extract<Plan, { ok: true }>, { done, told, matched }: Applied): Omit<ActOn, 'id'> {
  if (!done) return { ok: false, text: 'it is not held any more: somebody else was faster' };
  if (seeks && matched.length === 0) return { ok: false, text: 'its order is still not known' };
  const cases = told.map(({ caseNumber, what }) => `${what} to ${caseNumber === null ? 'a new case' : `case ${caseNumber}`}`);
  const found = matched.map(({ what, reason }) => `${what} matched by ${reason}`);
  return { ok: true, text: [text, ...cases.map((one) => `tells ${one}`), ...found].join('; ') };
}

/** One act on one item, with its one audit row. */
async function perform(operating: Operating, asker: Asker, act: Act, id: string, more: AuditEntry['detail']): Promise<ActOn> {
  const { item, plan: planned } = await plan(operating, asker, act, id);
  const row = {
    caseId: item?.caseId ?? null,
    actor: actorOf(asker),
    action: `q-${act}`,
    detail: { ...asker.proof, item: item === null ? null : id, ...more },
  } as const;
  if (!planned.ok) {
    await record(operating, { ...row, outcome: 'nothing' });
    return { id, ok: false, text: planned.text };
  }
  const applied = await operating.queue.apply(planned.change, { ...row, at: operating.parts.clock.now(), outcome: 'done' });
  if (!applied.done) await record(operating, { ...row, outcome: 'nothing' });
  operating.parts.log.info('queue.acted', { act, item: id, done: applied.done });
  operating.parts.wake();
  return { id, ...outcomeOf(planned, applied) };
}

interface Many {
  readonly act: Act;
  readonly reason: string;
  readonly planned: readonly Planned[];
}

async function openBulk({ parts, queue }: Operating, asker: Asker, { act, reason, planned }: Many): Promise<QueueReply> {
  const items = planned.filter((one) => one.plan.ok).map(({ id }) => id);
  const at = parts.clock.now();
  const until = addMinutes(at, CONFIRM_WITHIN_MINUTES);
  const row = { caseId: null, at, actor: actorOf(asker), action: `q-${act}`, outcome: 'nothing' } as const;
  const detail = { ...asker.proof, items: items.join(' '), waits: 'for a second person', reason };
  const id = await queue.openBulk({ act, items, by: asker.person.id, reason, at, until }, { ...row, detail });
  return { ok: true, answer: 'waits', bulk: `b${id}`, until, on: planned.map((one) => ({ id: one.id, ok: one.plan.ok, text: one.plan.text })) };
}

async function confirm(operating: Operating, asker: Asker, id: string): Promise<QueueReply> {
  const { queue, parts } = operating;
  const bulk = id.startsWith('b') ? await queue.bulk(id.slice(1)) : null;
  if (bulk === null) return refused('unknown', `Nothing waits as ${id}. "radloop q list" shows what waits for a second person (b1, b2 …).`);
  const requester = parts.directory.byId(bulk.by);
  const why = mayNotConfirm(operating, asker, bulk, requester);
  const row = { caseId: null, at: parts.clock.now(), actor: actorOf(asker), action: 'q-confirm', detail: { ...asker.proof, bulk: id } } as const;
  const applied = why === null ? await queue.apply({ change: 'confirm', id: bulk.id }, { ...row, outcome: 'done' }) : null;
  if (applied?.done !== true || requester === null) {
    await record(operating, { ...row, outcome: why?.code === 'denied' ? 'denied' : 'nothing' });
    return why ?? refused('not-possible', `${id} has been confirmed already.`);
  }
  const on: ActOn[] = [];
  const more = { reason: bulk.reason, bulk: id, confirmedBy: asker.person.id };
  for (const item of bulk.items) on.push(await perform(operating, { person: requester, proof: {} }, bulk.act, item, more));
  return { ok: true, answer: 'acted', dryRun: false, on };
}

function mayNotConfirm({ parts }: Operating, { person }: Asker, bulk: Bulk, requester: Person | null): Refused | null {
  if (bulk.state !== 'waiting') return refused('not-possible', `b${bulk.id} has been confirmed already.`);
  if (parts.clock.now() >= bulk.until)
    return refused('not-possible', `b${bulk.id} has expired at ${bulk.until}: nothing was done. Ask for it again.`);
  if (requester === null || !authorise(requester, `q-${bulk.act}`, null).allowed) {
    return refused('denied', `${bulk.by}, who asked for b${bulk.id}, may not do it any more.`);
  }
  const isSame = requester.id === person.id || requester.aadObjectId.toLowerCase() === person.aadObjectId.toLowerCase();
  return isSame ? refused('denied', `${requester.name} asked for b${bulk.id}: another person has to confirm it.`) : null;
}

async function park(operating: Operating, asker: Asker, request: Extract<QueueRequest, { ask: 'park' }>): Promise<QueueReply> {
  const { queue, parts } = operating;
  const reason = request.reason.trim();
  if (reason === '' && !request.dryRun) return noReason;
  const parsed = caseNumberOf.safeParse(request.caseNumber.replace(/^c/u, ''));
  const caseId = parsed.success ? await queue.caseOf(parsed.data) : null;
  if (!parsed.success || caseId === null) return refused('unknown', `There is no case ${request.caseNumber}.`);
  const id = `c${parsed.data}`;
  const text = `events and deliveries of ${parsed.data} wait until "radloop q release ${parsed.data}"; what a person answers is still recorded`;
  const change = { change: 'park', caseId, by: asker.person.id, reason, at: parts.clock.now() } as const;
  const row = { caseId, at: change.at, actor: actorOf(asker), action: 'q-park', detail: { ...asker.proof, item: id, reason } } as const;
  const applied = await queue.apply(change, request.dryRun ? null : { ...row, outcome: 'done' });
  if (!applied.done && !request.dryRun) await record(operating, { ...row, outcome: 'nothing' });
  if (!applied.done) return refused('not-possible', `Case ${parsed.data} is parked already.`);
  return { ok: true, answer: 'acted', dryRun: request.dryRun, on: [{ id, ok: true, text }] };
}

/** An operator sees no patient data (INVARIANTS 3): what is exported is sealed for somebody who may. */
const noKey = refused(
  'not-possible',
  [
    'Nothing is exported: this site names no one who may see the patient data in it. That person makes a key with',
    '  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out PRIVATE.pem',
    '  openssl pkey -in PRIVATE.pem -pubout -out export-key.pem',
    'and keeps PRIVATE.pem. The site’s admin puts export-key.pem beside site.json, writes "exportKey": "export-key.pem" in site.json and starts Radloop again.',
  ].join('\n'),
);

async function exportItem(operating: Operating, asker: Asker, request: Extract<QueueRequest, { ask: 'export' }>): Promise<QueueReply> {
  const { queue, exportKey } = operating;
  const reason = request.reason.trim();
  if (reason === '') return noReason;
  if (exportKey === null) return noKey;
  const item = await queue.find(request.id);
  if (item === null) return unknown(request.id);
  if (item.body === null) return refused('not-possible', `${request.id} has no bytes of its own.`);
  const sealed = queue.seal(item.id, item.body, exportKey);
  const detail = { ...asker.proof, item: request.id, reason };
  await record(operating, { caseId: item.caseId, actor: actorOf(asker), action: 'q-export', outcome: 'done', detail });
  return { ok: true, answer: 'export', item: shown(item), about: item.about, sealed };
}
