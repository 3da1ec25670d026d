import { afterFailure, classOf } from '#core/delivery.js';
import type { Delivery, FailureClass, FailureCode } from '#core/delivery.js';
import { isEdit, precedenceOf } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import { eventId, personId } from '#core/ids.js';
import type { EventId } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Seen } from '#core/workflow.js';
import { order as orderSchema } from '#domain/order.js';
import { recordNumbers } from '#domain/patient.js';
import { modelQuestion } from '#domain/model-question.js';
import type { AckReceipt } from '#ports/hl7-sender.js';
import type { OutboxItem } from '#ports/outbox-store.js';
import type { Posting, RenderedCard } from '#ports/people.js';
import type { Parts } from './parts.ts';
import { caseNow } from './case-now.ts';
import { inPostingTurn } from './deliver-turn.ts';
import { clearDrills } from './drill-clear.ts';
import { mayAnswer, placeOf, recordDenial, recordView } from './private-card.ts';
import { runCase } from './run-case.ts';
import { sendHl7 } from './send.ts';
import { tellCases } from './tell-cases.ts';

/** What the case is told of a delivery, and the receipt that is kept with it. */
interface Done {
  readonly receipt: unknown;
  readonly told: Readonly<Record<string, unknown>> | null;
  /** It was not needed any more: its receiver was not asked. */
  readonly isNeedless?: true;
}

/** Accepted (CA): its application's answer ends it (credit.ts). */
const AWAITED = 'awaited';
/** The claim is not ours any more: whoever has it goes on, or it was withdrawn. Nothing left that was not on its way before. */
const LOST = 'lost';
type Ended = Done | typeof AWAITED | typeof LOST;

/** Sendings of one message that were interrupted (the process ended, the lease ran out), after which a person must look. */
const MOST_SENDINGS = 5;
/** The same of anything else. More, because many are claimed at once: an end of the process is counted against all that stood in line. */
const MOST_CRASHES = 20;

/** What telling a case needs. */
type ToTell = Pick<Parts, 'outbox' | 'clock' | 'log' | 'cases' | 'workflows' | 'modeOf' | 'wake'>;

/**
 * Carries out one effect: claim -> do -> tell the case -> mark delivered. A crash between two of these repeats the effect; its key or its bytes
 * let the receiver know it again.
 */
export async function deliver(parts: Parts, item: OutboxItem): Promise<void> {
  if (item.awaited) {
    await giveUp(parts, item, 'not-answered', 'The receiver accepted it (CA), its application has not answered in time.');
    return;
  }
  const most = item.effect.kind === 'sendHl7' ? MOST_SENDINGS : MOST_CRASHES;
  if (ofClass(item, 'ambiguous') >= most) {
    await giveUp(parts, item, 'cut-after-send', `it was interrupted ${ofClass(item, 'ambiguous')} times`);
    return;
  }
  const done = await doInTurn(parts, item).catch((error: unknown) => faultOf(parts, item, error));
  if (done.ok) {
    const { receipt } = done;
    if (receipt === LOST) parts.log.info('delivery.claim-lost', { attempt: item.attempt });
    else if (receipt !== AWAITED) await parts.outbox.delivered(item, receipt.receipt, parts.clock.now());
    return;
  }
  const failureClass = classOf(done.code);
  const next = afterFailure(done.code, ofClass(item, failureClass) + 1, done.retryAfterSeconds);
  parts.log.error('delivery.failed', { kind: item.effect.kind, code: done.code, attempt: item.attempt, again: next.step === 'tryAgain' });
  if (next.step === 'askPerson') await giveUp(parts, item, done.code, done.detail);
  else await parts.outbox.tryAgain(item, done.code, withOneMore(item, failureClass), addSeconds(parts.clock.now(), next.inSeconds));
}

/** What of an effect failed in this way so far. An attempt that ended without a word may have reached its receiver. */
function ofClass({ failures, crashes }: OutboxItem, failureClass: FailureClass): number {
  return (failures[failureClass] ?? 0) + (failureClass === 'ambiguous' ? crashes : 0);
}

function withOneMore({ failures }: OutboxItem, failureClass: FailureClass): OutboxItem['failures'] {
  return { ...failures, [failureClass]: (failures[failureClass] ?? 0) + 1 };
}

/** A fault of Radloop's, or a store that fails: nobody knows how far it came. */
function faultOf({ log }: Pick<Parts, 'log'>, item: OutboxItem, error: unknown): Delivery<never> {
  log.error('worker.job-failed', { worker: `deliver ${item.effect.kind}`, fault: error });
  return { ok: false, code: 'cut-after-send', detail: `a fault of Radloop (${error instanceof Error ? error.name : 'unknown'})` };
}

async function doInTurn(parts: Parts, item: OutboxItem): Promise<Delivery<Ended>> {
  const { effect } = item;
  if (effect.kind !== 'showCard' || !(await opensThread(parts, item))) return doAndTell(parts, item);
  const of = precedenceOf(effect);
  // Waited for before the turn: what waits under the limits of Teams holds up nothing more urgent.
  const room = await parts.people.roomFor?.(effect.place, of);
  if (room?.ok === false) {
    parts.pressure?.tried(effect, room.code);
    return room;
  }
  return inPostingTurn(parts, of, () => doAndTell(parts, item, 'admitted'));
}

/** Is there a card to be posted, and none that stands? */
async function opensThread(parts: Parts, item: OutboxItem): Promise<boolean> {
  if (await parts.outbox.overtaken(item.id)) return false;
  const seen = await look(parts, item);
  return seen.posting === null && seen.sharedCard(seeNow(parts, item)) !== null;
}

async function doAndTell(parts: Parts, item: OutboxItem, how?: 'admitted'): Promise<Delivery<Ended>> {
  const done = await carryOut(parts, item, how);
  if (!done.ok || wasAsked(done.receipt)) parts.pressure?.tried(item.effect, done.ok ? null : done.code);
  // What was done is told also when the claim was lost meanwhile: it is true, and the case hears the first of two.
  if (done.ok && typeof done.receipt !== 'string' && done.receipt.told) await tell(parts, item, done.receipt.told);
  return done;
}

/** Of the receiver: then it is known whether it can be reached. */
function wasAsked(ended: Ended): boolean {
  return ended === AWAITED || (ended !== LOST && ended.isNeedless !== true);
}

/** Asked right before anything leaves: a process that was stopped and goes on finds that others have gone on without it. */
function mayLeave(parts: Parts, item: OutboxItem): Promise<boolean> {
  return parts.outbox.stillHeld(item, parts.clock.now());
}

const lost = { ok: true, receipt: LOST } as const;

async function carryOut(parts: Parts, item: OutboxItem, how?: 'admitted'): Promise<Delivery<Ended>> {
  const { effect } = item;
  switch (effect.kind) {
    case 'gatherContext':
      return gatherContext(parts, effect);
    case 'askModel': {
      const result = await parts.model.ask(modelQuestion.parse(effect.data), effect.budgetSeconds);
      const { epoch, task } = effect;
      if (!result.ok) return done(null, { type: 'modelUnavailable', epoch, task, why: result.why });
      return done(null, { type: 'modelAnswered', epoch, answer: result.answer, tookMs: result.tookMs });
    }
    case 'showCard':
      return showCard(parts, item, effect, how);
    case 'tellPerson': {
      const seen = await look(parts, item);
      const language = parts.directory.byId(effect.person)?.language;
      const { person: to, revision } = effect;
      const card = seen.note(effect.note, {
        ...seeNow(parts, item),
        told: { person: to, revision },
        ...(language === undefined ? {} : { language }),
      });
      if (card === null) return needless('nothing to tell');
      if (card.sensitive && !mayAnswer(parts, to, seen)) {
        await recordDenial(parts, item, to);
        const detail = 'people.json gives this person no right to answer it';
        // The case is told, so that nobody waits for an answer.
        const told = { type: 'effectFailed', kind: effect.kind, message: effect.note, code: 'not-allowed', detail, person: to };
        return { ok: true, receipt: { receipt: 'denied', told, isNeedless: true } };
      }
      const stands = isEdit(effect) ? await placeOf(parts.outbox, item, effect) : null;
      if (stands?.ok === false) return stands;
      const before = stands?.receipt;
      if (before === null) return needless('nothing stands there');
      if (!(await mayLeave(parts, item))) return lost;
      if (card.sensitive) await recordView(parts, item, effect.person);
      if (before !== undefined) return editPrivate(parts, before, card);
      const told = await parts.people.tell(to, card, precedenceOf(effect));
      if (!told.ok) return told;
      const { place, conversationId, activityId } = told.receipt;
      // Where patient data stands the case has to know: it is taken away from there. So it is with what will not stay true.
      const standing = card.sensitive || card.isEdited === true ? { posting: { place, conversationId, activityId } } : {};
      return done(told.receipt, { type: 'personTold', person: to, note: effect.note, revision, ...standing });
    }
    case 'page':
      return page(parts, item, effect);
    case 'sendHl7': {
      const sent = await sendHl7(parts, item, effect);
      if (!sent.ok) return sent;
      if (sent.receipt.what !== 'taken') return { ok: true, receipt: sent.receipt.what === 'lost' ? LOST : AWAITED };
      return done(sent.receipt.receipt, deliveredBy(item, sent.receipt.receipt));
    }
    case 'writeFhir': {
      const { resource, data, key } = effect;
      if (!(await mayLeave(parts, item))) return lost;
      const written = await parts.ehr.write(resource, data, key);
      if (!written.ok) return written;
      return done(written.receipt, { type: 'effectDelivered', kind: effect.kind, message: resource, ...behind(item), controlId: '', ack: '' });
    }
    case 'clearDrills':
      await clearDrills(parts);
      return done(null, null);
    case 'tellCase':
      return done(await tellCases(parts, item, effect), null);
    case 'setDeadline':
    case 'withdraw':
      // Done by the store in the transaction of their facts.
      return done(null, null);
    default:
      return effect satisfies never;
  }
}

/** Where the patient is by ADT, and the numbers that are theirs by merges, go with whatever the EHR says or does not say. */
async function gatherContext(parts: Parts, effect: Effect & { readonly kind: 'gatherContext' }): Promise<Delivery<Done>> {
  const { epoch, budgetSeconds } = effect;
  const order = orderSchema.parse(effect.data);
  const [result, patientNow] = await Promise.all([parts.ehr.gather(order, budgetSeconds), parts.raw.patientNow(recordNumbers(order.patient))]);
  if (!result.ok) return done(null, { type: 'contextUnavailable', epoch, why: result.why, patientNow });
  return done(null, { type: 'contextGathered', epoch, context: result.context, tookMs: result.tookMs, patientNow });
}

function deliveredBy(item: OutboxItem, { controlId, text }: AckReceipt): Done['told'] {
  return { type: 'effectDelivered', kind: item.effect.kind, message: messageOf(item), ...behind(item), controlId, ack: text };
}

/** The application took what its receiver had accepted: the case is told, then the wait ends. */
export async function answeredYes(parts: ToTell, item: OutboxItem, receipt: AckReceipt): Promise<void> {
  await tell(parts, item, deliveredBy(item, receipt) ?? {});
  await parts.outbox.delivered(item, receipt, parts.clock.now());
}

/** The application refused what its receiver had accepted: a person must look. */
export async function answeredNo(parts: ToTell, item: OutboxItem, detail: string): Promise<void> {
  await toPerson(parts, item, 'refused', detail);
}

/** Edits the case's card to what the case is now; posts it when there is none or when it is gone. */
async function showCard(parts: Parts, item: OutboxItem, effect: Effect & { readonly kind: 'showCard' }, how?: 'admitted'): Promise<Delivery<Ended>> {
  const { place, revision } = effect;
  const of = precedenceOf(effect);
  if (await parts.outbox.overtaken(item.id)) return needless('overtaken by a later edit');
  const seen = await look(parts, item);
  const card = seen.sharedCard(seeNow(parts, item));
  if (card === null) return needless('no card');
  const before = seen.posting;
  if (!(await mayLeave(parts, item))) return lost;
  const shown = before === null ? await parts.people.post(place, card, how ?? of) : await parts.people.edit(before, card, of);
  if (shown.ok) return done(shown.receipt, { type: 'cardShown', revision, posting: shown.receipt, superseded: null });
  if (before === null || shown.code !== 'gone') return shown;
  if (!(await mayLeave(parts, item))) return lost;
  const anew = await parts.people.post(place, card, of);
  return anew.ok ? done(anew.receipt, { type: 'cardShown', revision, posting: anew.receipt, superseded: before }) : anew;
}

/** Takes the place of a card in a private chat. One that is not there any more shows nothing to anybody. */
async function editPrivate({ people }: Parts, before: Posting, card: RenderedCard): Promise<Delivery<Done>> {
  const edited = await people.edit(before, card, 'edit');
  return !edited.ok && edited.code !== 'gone' ? edited : done(edited.ok ? edited.receipt : 'gone', null);
}

/** Says what the case is now, on its way to somebody who may not see Teams; nothing when there is nothing to page about any more. */
async function page(
  parts: Parts,
  item: OutboxItem,
  { key, channel, to, note, revision }: Effect & { readonly kind: 'page' },
): Promise<Delivery<Ended>> {
  const [seen, open] = await Promise.all([look(parts, item), channel === 'print' ? parts.views.open(item.workflow) : []]);
  const reader =
    channel === 'print'
      ? { others: open.filter(({ caseNumber }) => caseNumber !== item.caseNumber) }
      : { told: { person: personId.parse(to), revision } };
  const says = seen.page?.(note, { ...seeNow(parts, item), ...reader }, { channel, to, key }) ?? null;
  if (says === null) return needless('nothing to page about');
  const address = channel === 'print' ? to : (parts.directory.byId(personId.parse(to))?.contacts[channel] ?? null);
  if (address === null || parts.pager?.channels.has(channel) !== true) {
    return {
      ok: false,
      code: 'not-allowed',
      detail: address === null ? `people.json has no ${channel} of this person` : `paging.json sets up no ${channel}`,
    };
  }
  if (!(await mayLeave(parts, item))) return lost;
  const sent = await parts.pager.send({ ...says, key, channel, address });
  if (!sent.ok) return sent;
  const { id, logged } = sent.receipt;
  return done(sent.receipt, { type: 'paged', channel, to, note, revision, receipt: id, ...(logged === true ? { logged } : {}) });
}

async function look(parts: Parts, item: OutboxItem): Promise<Seen> {
  const { workflow, state } = await caseNow(parts, item.workflow, item.caseId);
  return workflow.see(state);
}

function seeNow(parts: Parts, item: OutboxItem) {
  return { caseNumber: item.caseNumber, now: parts.clock.now(), names: parts.directory.names() };
}

/** The answer behind a commit, so that the case knows which of its decisions was delivered. */
function behind({ effect }: OutboxItem): { readonly behind?: EventId } {
  return effect.weight === 'commit' ? { behind: effect.approval.answer } : {};
}

/** Unless somebody else has it by now, and may be delivering it. */
async function giveUp(parts: Parts, item: OutboxItem, code: FailureCode, detail: string): Promise<void> {
  if (await mayLeave(parts, item)) await toPerson(parts, item, code, detail);
}

async function toPerson(parts: ToTell, item: OutboxItem, code: FailureCode, detail: string): Promise<void> {
  const { effect } = item;
  const person = effect.kind === 'tellPerson' ? { person: effect.person } : effect.kind === 'page' ? { channel: effect.channel, to: effect.to } : {};
  await tell(parts, item, { type: 'effectFailed', kind: item.effect.kind, message: messageOf(item), ...behind(item), code, detail, ...person });
  await parts.outbox.hold(item, code, detail, parts.clock.now());
}

function messageOf({ effect }: OutboxItem): string {
  switch (effect.kind) {
    case 'sendHl7':
      return effect.message;
    case 'writeFhir':
      return effect.resource;
    case 'tellPerson':
    case 'page':
      return effect.note;
    default:
      return '';
  }
}

async function tell(parts: ToTell, item: OutboxItem, input: Readonly<Record<string, unknown>>): Promise<void> {
  const { workflow, caseId, id, retries } = item;
  const actor = { kind: 'system', part: 'deliver' } as const;
  await runCase(parts, {
    id: eventId.parse(retries === 0 ? `outbox:${id}` : `outbox:${id}:${retries}`),
    workflow,
    caseId,
    occurredAt: parts.clock.now(),
    actor,
    input,
  });
}

function done(receipt: unknown, told: Done['told']): Delivery<Done> {
  return { ok: true, receipt: { receipt, told } };
}

function needless(why: string): Delivery<Done> {
  return { ok: true, receipt: { receipt: why, told: null, isNeedless: true } };
}
