import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { role } from '#core/people.js';
import type { Person } from '#core/people.js';
import { addSeconds, epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { CRITICAL, pageKey } from '#domain/critical.js';
import type { PageAnswer, ReadPageAnswers } from '#ports/page-answers.js';
import type { Secrets } from '#ports/secrets.js';
import { caseNow } from './case-now.ts';
import { isSetUp } from './critical.ts';
import { digest } from './digest.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import { MOST_HANDSHAKE_BYTES, SIGNATURE_SECONDS, presentedSecret, signatureOf } from './fhir-doors.ts';
import type { DoorAnswer, DoorRequest } from './fhir-doors.ts';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';

/** What became of an answer: `known`: told to its alert, or known there already. */
export type Became = 'known' | 'unknown-page' | 'unknown-number' | 'nothing-waits';
type What = 'delivered' | 'undeliverable' | 'key' | 'reply';

export interface PageAnswersNeeds {
  readonly parts: Pick<Parts, 'cases' | 'views' | 'workflows' | 'modeOf' | 'directory' | 'clock' | 'log' | 'wake'>;
  readonly secrets: Pick<Secrets, 'same' | 'signs'>;
  /** Those that count now; none: they can't be read. */
  readonly secretsNow: () => readonly string[];
  readonly read: ReadPageAnswers;
  readonly refused: Doorkeeper['refused'];
  readonly count: (what: What, became: Became) => void;
}

/** Event Grid sends at most this at once. */
const MOST_BYTES = 1024 * 1024;
/** Milliseconds after which a page is looked for again: its report may be here before it is written down that the gateway took it. */
const LOOKS_MS = [0, 200, 600, 1200];
/** By so much the gateway's clock may be behind ours. */
const SKEW_SECONDS = 60;
const DOOR = 'paging';

/**
 * What comes back from the SMS and voice gateway, by secret or signature as the pages that go out. 401 without: nothing of it is used, and the denial is audited.
 * What fits no page and nobody is counted and answered 200: sent again it would fit no better.
 */
export async function hearPageAnswers(needs: PageAnswersNeeds, request: DoorRequest): Promise<DoorAnswer> {
  const { parts, secrets, secretsNow, read } = needs;
  const kept = secretsNow();
  if (kept.length === 0) return { status: 503, text: 'The secret of this door can’t be read: send it again.' };
  const signature = signatureOf(request);
  const presented = presentedSecret(request);
  const isValidation = request.header('aeg-event-type') === 'SubscriptionValidation';
  const isRight = presented !== null && kept.map((one) => secrets.same(presented, one)).includes(true);
  if (signature !== null && Math.abs(epochOf(parts.clock.now()) / 1000 - signature.at) > SIGNATURE_SECONDS) return turnAway(needs, 'old-signature');
  if (signature === null && !isRight && !(isValidation && presented === null))
    return turnAway(needs, presented === null ? 'no-secret' : 'wrong-secret');
  const most = signature === null && !isRight ? MOST_HANDSHAKE_BYTES : MOST_BYTES;
  const body = await request.body(most);
  if (body === null) return { status: 413, text: `A delivery may have ${most} bytes.` };
  if (signature !== null) {
    const signed = Buffer.concat([Buffer.from(`${signature.at}.`), body]);
    if (!kept.map((one) => secrets.signs(signature.hmac, signed, one)).includes(true)) return turnAway(needs, 'wrong-signature');
  }
  const told = read(body);
  if (told === null) return { status: 400, text: 'The body is no event of Event Grid: JSON in the Event Grid schema or CloudEvents 1.0 is read.' };
  if (told.validationCode !== null) return { status: 200, json: { validationResponse: told.validationCode } };
  if (signature === null && !isRight) return turnAway(needs, 'no-secret');
  await tellAll(needs, told.answers);
  return { status: 200 };
}

async function tellAll(needs: PageAnswersNeeds, answers: readonly PageAnswer[]): Promise<void> {
  let left = answers;
  for (const [look, wait] of LOOKS_MS.entries()) {
    if (left.length === 0) return;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const again: PageAnswer[] = [];
    for (const answer of left) {
      const became = answer.of === 'page' ? await tellPage(needs.parts, answer) : await tellReply(needs.parts, answer);
      if (became === 'unknown-page' && look < LOOKS_MS.length - 1) again.push(answer);
      else note(needs, answer, became);
    }
    left = again;
  }
}

/** Neither the number nor what was said. */
function note({ parts, count }: PageAnswersNeeds, answer: PageAnswer, became: Became): void {
  const what = answer.of === 'number' ? 'reply' : answer.what === 'answered' ? 'key' : answer.what;
  count(what, became);
  parts.log.info('page.answered', { channel: answer.channel, what, became });
}

type Of<Kind extends PageAnswer['of']> = Extract<PageAnswer, { of: Kind }>;
type Needs = PageAnswersNeeds['parts'];

async function tellPage(parts: Needs, { channel, receipt, what }: Of<'page'>): Promise<Became> {
  const found = isSetUp(parts) ? (await parts.cases.findByKey(pageKey(channel, receipt))).filter(({ workflow }) => workflow === CRITICAL) : [];
  const id = `${channel}|${receipt}|${what}`;
  for (const { caseId } of found) await tell(parts, caseId, id, { type: 'pageReported', channel, receipt, what });
  return found.length === 0 ? 'unknown-page' : 'known';
}

/** To the alert of which the person with this number was last paged before they answered. A reply that is told again, however late, is for the same one. */
async function tellReply(parts: Needs, { channel, id, from, at }: Of<'number'>): Promise<Became> {
  const people = withNumber(parts, channel, from);
  if (people.length === 0) return 'unknown-number';
  const now = parts.clock.now();
  const by = at === null || addSeconds(at, SKEW_SECONDS) > now ? now : addSeconds(at, SKEW_SECONDS);
  let last: { readonly caseId: CaseId; readonly person: Person['id']; readonly at: Instant } | null = null;
  for (const { caseId } of isSetUp(parts) ? await parts.views.open(CRITICAL) : []) {
    const { workflow, state } = await caseNow(parts, CRITICAL, caseId);
    const seen = workflow.see(state);
    for (const person of people) {
      const paged = seen.pagedAt?.(person.id, channel, by) ?? null;
      if (paged !== null && (last === null || paged > last.at)) last = { caseId, person: person.id, at: paged };
    }
  }
  if (last === null) return 'nothing-waits';
  await tell(parts, last.caseId, `reply|${id}`, { type: 'pageReplied', channel, person: last.person });
  return 'known';
}

/** Two people may share a telephone. */
function withNumber({ directory }: Needs, channel: 'sms', digits: string): readonly Person[] {
  const everybody = new Map(role.options.flatMap((one) => directory.withRole(one)).map((person) => [person.id, person]));
  return [...everybody.values()].filter(({ contacts }) => contacts[channel]?.replace('+', '') === digits);
}

async function tell(parts: Needs, caseId: CaseId, id: string, input: unknown): Promise<void> {
  const event = { id: eventId.parse(`page-answer:${digest(id)}`), workflow: CRITICAL, caseId, occurredAt: parts.clock.now() };
  await runCase(parts, { ...event, actor: { kind: 'system', part: DOOR }, input });
}

function turnAway({ refused }: PageAnswersNeeds, why: string): DoorAnswer {
  refused(DOOR, why);
  return {
    status: 401,
    headers: { 'WWW-Authenticate': 'Bearer' },
    text: 'The secret of paging.json (answers) is needed, in X-Radloop-Secret or as a bearer token, or a signature with it in X-Radloop-Signature.',
  };
}
