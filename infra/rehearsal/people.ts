import { setTimeout as pause } from 'node:timers/promises';
import { openPeopleLedger } from './people-ledger.ts';
import { dice } from './randomness.ts';
import type { Dice } from './randomness.ts';
import { buttonFor, buttonsOf, cardIn, choicesOf, saidIn } from './teams-side.ts';
import type { Act, Acted, FeedItem, TeamsSide } from './teams-side.ts';

export interface People {
  readonly stop: () => Promise<void>;
}

export interface PeopleOptions {
  readonly dataDir: string;
  readonly seed: number;
  readonly teams: TeamsSide;
  /** Called once, when the first approval was answered. */
  readonly onFirstApproval: () => void;
  /** Milliseconds that a person thinks, from and to. */
  readonly thinkMs?: readonly [number, number];
}

/** What a radiologist sets out to do with a case. */
type Intent = 'approve' | 'approve-in-words' | 'choose-other' | 'reject' | 'ask-orderer';

const radiologists = ['dr-okafor', 'dr-lindqvist'] as const;
const reasons = [
  'Same study was done last week.',
  'Wrong body part for this question.',
  'Please order with the indication.',
  'No question that imaging could answer.',
];
const questions = [
  'Is the patient able to lie flat for 30 minutes?',
  'Which side is it?',
  'Is there an implant card?',
  'When was the last kidney function?',
];
const answers = ['Yes, no problem.', 'Right side, I confirm.', 'Not that we know of.', 'Done today, result is in the chart.'];
const POLL_MS = 300;
const AGAIN_MS = 1_000;
/** Cases that people work on at the same time. */
const AT_ONCE = 6;

/**
 * Scripted clinicians: they learn of cards from the Teams side's feed and answer through it, each click in their own ledger. A click that got no answer
 * is made again. They know nothing of Radloop but what a card shows.
 */
export function startPeople(options: PeopleOptions): People {
  const { ledger, past } = openPeopleLedger(options.dataDir);
  const stopping = new AbortController();
  const { signal } = stopping;
  /** Case and revision that were dealt with; also those before a restart. */
  const handled = new Set(past.filter((line) => line.status === 200 && line.intent !== 'open').map(nameOf));
  const asked = new Set(past.filter((line) => line.intent === 'ask-orderer').map((line) => line.caseNumber));
  const running = new Set<Promise<void>>();
  let approvedOnce = false;

  /** Does an act until it is answered; null only when stopping. */
  const click = async (
    act: Act,
    of: { readonly caseNumber: string; readonly revision: number | null; readonly intent: string; readonly order?: string | null },
  ): Promise<Acted | null> => {
    const name = `${act.person}:${of.caseNumber}:${String(of.revision)}:${of.intent}`;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const acted = await options.teams.act({ ...act, id: name });
      const answered = acted !== null && (acted.status < 500 || acted.status === 501);
      ledger.write({ click: name, person: act.person, ...of, attempt, status: acted?.status ?? null, said: acted === null ? null : saidIn(acted) });
      if (answered) return acted;
      await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
    return null;
  };
  const think = async (roll: Dice): Promise<void> => {
    const [low, high] = options.thinkMs ?? [150, 900];
    await pause(roll.between(low, high), undefined, { signal }).catch(() => undefined);
  };

  /** A radiologist sees a card in the channel: opens it, reads, answers. */
  const protocolCase = async (item: FeedItem, caseNumber: string, revision: number): Promise<void> => {
    const roll = dice(options.seed, 'person', caseNumber);
    const person = roll.pick(radiologists);
    const intent = asked.has(caseNumber) ? 'approve' : intentOf(roll);
    await think(roll);
    const open = buttonFor(item.card, 'open') ?? buttonsOf(item.card)[0];
    if (open === undefined) return;
    const where = { person, conversationId: item.conversationId, ...(item.activityId == null ? {} : { replyToId: item.activityId }) };
    const context = { theme: 'default' };
    const of = { caseNumber, revision };
    const opened = await click({ ...where, kind: 'invoke', name: 'task/fetch', value: { data: open.data, context } }, { ...of, intent: 'open' });
    if (opened === null) return;
    const view = cardIn(opened.body);
    const step = view === undefined ? null : answerFor(view, intent, roll);
    if (step === null) return;
    await think(roll);
    const order = /\bP\d{6}\b/u.exec(JSON.stringify(view))?.[0] ?? null;
    if (step.intent === 'ask-orderer') asked.add(caseNumber);
    const acted =
      step.intent === 'approve-in-words'
        ? await click({ person, kind: 'message', text: `approve ${caseNumber}` }, { ...of, order, intent: step.intent })
        : await click({ ...where, kind: 'invoke', name: 'task/submit', value: { data: step.data, context } }, { ...of, order, intent: step.intent });
    if (acted !== null && !approvedOnce && step.intent !== 'reject' && step.intent !== 'ask-orderer') {
      approvedOnce = true;
      options.onFirstApproval();
    }
  };

  /** Somebody is asked in private: the orderer, else the coordinator. */
  const answerQuestion = async (item: FeedItem, caseNumber: string, revision: number): Promise<void> => {
    const button = buttonFor(item.card, 'answer-question');
    if (button === undefined) return;
    const roll = dice(options.seed, 'answer', caseNumber);
    await think(roll);
    const person = item.place ?? 'dr-haddad';
    const value = {
      action: { type: 'Action.Execute', verb: 'answer-question', data: { ...button.data, answerText: roll.pick(answers) } },
      trigger: 'manual',
    };
    await click(
      {
        person,
        kind: 'invoke',
        name: 'adaptiveCard/action',
        conversationId: item.conversationId,
        ...(item.activityId == null ? {} : { replyToId: item.activityId }),
        value,
      },
      { caseNumber, revision, intent: 'answer-question' },
    );
  };

  const hear = (item: FeedItem): void => {
    const question = buttonFor(item.card, 'answer-question');
    const button = question ?? buttonFor(item.card, 'open') ?? buttonsOf(item.card)[0];
    const caseNumber = button?.data['caseNumber'];
    const revision = button?.data['revision'];
    if (typeof caseNumber !== 'string' || typeof revision !== 'number') return;
    const name = nameOf({ caseNumber, revision, intent: question === undefined ? '' : 'answer-question' });
    if (handled.has(name)) return;
    if (question === undefined && item.kind === 'personal') return;
    handled.add(name);
    const work = (question === undefined ? protocolCase : answerQuestion)(item, caseNumber, revision)
      .catch((error: unknown) => {
        process.stderr.write(`a scripted person stumbled over ${caseNumber}: ${error instanceof Error ? error.message : String(error)}\n`);
      })
      .finally(() => running.delete(work));
    running.add(work);
  };

  const listen = async (): Promise<void> => {
    let since = 0;
    while (!signal.aborted) {
      const got = await options.teams.feed(since);
      if (got !== null && got.next < since) {
        since = 0;
        continue;
      }
      for (const item of got?.items ?? []) {
        while (running.size >= AT_ONCE) await Promise.race(running);
        hear(item);
      }
      since = got?.next ?? since;
      await pause(got === null ? AGAIN_MS : POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const done = listen();
  return {
    stop: async () => {
      stopping.abort();
      await done;
      await Promise.all(running);
      ledger.close();
    },
  };
}

/** A task that is dealt with once: a case at a revision, or a question about it. */
function nameOf(task: { readonly caseNumber: string; readonly revision: number | null; readonly intent: string }): string {
  return `${task.intent === 'answer-question' ? 'question' : 'case'}|${task.caseNumber}|${String(task.revision)}`;
}

function intentOf(roll: Dice): Intent {
  const chance = roll.next();
  if (chance < 0.62) return 'approve';
  if (chance < 0.74) return 'approve-in-words';
  if (chance < 0.86) return 'choose-other';
  return chance < 0.93 ? 'reject' : 'ask-orderer';
}

/** What the personal view lets this person do; null when nothing is left to answer. Without a proposal to approve, a protocol is chosen. */
function answerFor(view: unknown, wanted: Intent, roll: Dice): { readonly intent: Intent; readonly data: Readonly<Record<string, unknown>> } | null {
  const approve = buttonFor(view, 'approve');
  const other = buttonFor(view, 'choose-other');
  const reject = buttonFor(view, 'reject');
  const ask = buttonFor(view, 'ask-orderer');
  const choices = choicesOf(view, 'protocolId').filter((value) => value !== approve?.data['protocolId']);
  if ((wanted === 'approve' || wanted === 'approve-in-words') && approve !== undefined) return { intent: wanted, data: approve.data };
  if (wanted === 'reject' && reject !== undefined) return { intent: 'reject', data: { ...reject.data, reason: roll.pick(reasons) } };
  if (wanted === 'ask-orderer' && ask !== undefined) return { intent: 'ask-orderer', data: { ...ask.data, question: roll.pick(questions) } };
  if (other !== undefined && choices.length > 0) {
    return { intent: 'choose-other', data: { ...other.data, protocolId: roll.pick(choices), reason: 'Fits the question better.' } };
  }
  if (approve !== undefined) return { intent: 'approve', data: approve.data };
  return reject === undefined ? null : { intent: 'reject', data: { ...reject.data, reason: roll.pick(reasons) } };
}
