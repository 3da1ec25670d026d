import type { QueueAction } from '#core/action.js';
import { caseNumber as caseNumberOf } from '#core/ids.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { ActOn, Applied, FieldsOf, Operator, Queue, QueueDetail, QueueReply, QueueRequest } from '#ports/queue.js';
import { actorOf, admitted } from './caller.ts';
import type { Asker } from './caller.ts';
import { look, shown, unknown } from './operator-look.ts';
import { planAct } from './operator-acts.ts';
import type { Act, Plan } from './operator-acts.ts';
import type { Parts } from './parts.ts';
import { askSecond, askedFor, confirmed } from './second-person.ts';

/** What the running service decides with. */
export interface Operating {
  readonly parts: Pick<Parts, 'audit' | 'directory' | 'door' | 'facilities' | 'clock' | 'log' | 'wake' | 'findingsIn' | 'detectedIn'>;
  readonly queue: Queue;
  readonly fieldsOf: FieldsOf;
  /** Public key (PEM) of the one who may see what is exported; null: nothing is exported. */
  readonly exportKey: string | null;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
}

/** Items of one act on many; the rest is asked for again. */
const MOST_AT_ONCE = 500;

type Refused = Extract<QueueReply, { ok: false }>;

export function operator(operating: Operating): Operator {
  return {
    async ask(caller, request) {
      const asker = await admitted(operating.parts, operating.rehearsal, caller, { action: actionOf(request), usually: 'operator' });
      return 'person' in asker ? answer(operating, asker, request) : asker;
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

async function openBulk(operating: Operating, asker: Asker, { act, reason, planned }: Many): Promise<QueueReply> {
  const items = planned.filter((one) => one.plan.ok).map(({ id }) => id);
  const waits = await askSecond(operating, asker, `q-${act}`, { act, items, reason });
  return { ok: true, answer: 'waits', ...waits, on: planned.map((one) => ({ id: one.id, ok: one.plan.ok, text: one.plan.text })) };
}

async function confirm(operating: Operating, asker: Asker, id: string): Promise<QueueReply> {
  const bulk = await askedFor(operating, id);
  if (bulk === null) return refused('unknown', `Nothing waits as ${id}. "radloop q list" shows what waits for a second person (b1, b2 …).`);
  const { act } = bulk;
  if (act === 'shred' || act === 'unhold' || act === 'shorten')
    return refused('not-possible', `${id} is no operator's: radloop retention confirm ${id}.`);
  if (act === 'loosen') return refused('not-possible', `${id} is no operator's: radloop critical policy confirm ${id}.`);
  const yes = await confirmed(operating, asker, bulk, { asked: `q-${act}`, confirms: 'q-confirm' });
  if (!('requester' in yes)) return yes;
  const on: ActOn[] = [];
  const more = { reason: bulk.reason, bulk: id, confirmedBy: asker.person.id };
  for (const item of bulk.items) on.push(await perform(operating, { person: yes.requester, proof: {} }, act, item, more));
  return { ok: true, answer: 'acted', dryRun: false, on };
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
