import { z } from 'zod/v4';
import { storedApproval } from './approval.ts';
import { caseNumber, effectKey, orderKey, personId } from './ids.ts';
import { instant } from './time.ts';

/**
 * Everything a workflow can ask of the world: a closed union. `data` of an effect belongs to the domain and is parsed by the adapter that carries it out.
 * weight: `inner` stays inside Radloop (any mode but `off`); `advice` changes nothing by itself (assist, auto); `commit` changes the world and holds an Approval.
 */
const inner = z.object({ key: effectKey, weight: z.literal('inner') });
const advice = z.object({ key: effectKey, weight: z.literal('advice') });

/** Ask the EHR. Comes back as contextGathered | contextUnavailable. */
const gatherContext = inner.extend({
  kind: z.literal('gatherContext'),
  epoch: z.number().int(),
  data: z.unknown(),
  budgetSeconds: z.number().positive(),
});
/** Ask a model. Comes back as modelAnswered | modelUnavailable. */
const askModel = inner.extend({
  kind: z.literal('askModel'),
  epoch: z.number().int(),
  task: z.string(),
  data: z.unknown(),
  budgetSeconds: z.number().positive(),
});
/** Wake this case at `at` with deadlinePassed{name, epoch}; replaces an earlier deadline of the same name. `at` null takes it back. */
const setDeadline = inner.extend({
  kind: z.literal('setDeadline'),
  name: z.string(),
  epoch: z.number().int(),
  at: instant.nullable(),
});
/** What has not left yet for this destination is withdrawn; `ehr`: what was to be written there. */
const withdraw = inner.extend({ kind: z.literal('withdraw'), destination: z.string() });
/** Look over the drills that are open: what is in the way of something in earnest ends. */
const clearDrills = inner.extend({ kind: z.literal('clearDrills') });
/**
 * What goes out to people first: critical results, then STAT tasks, then what is new, then edits of what stands already. Lower ones move on all the same.
 * Left out by releases before it was: `new`.
 */
export const precedence = z.enum(['critical', 'stat', 'new', 'edit']);
export type Precedence = z.infer<typeof precedence>;

/** Post the case's one shared card, or edit it to what the case is now. Comes back as cardShown. */
const showCard = advice.extend({ kind: z.literal('showCard'), place: z.string(), revision: z.number().int(), precedence: precedence.optional() });
/** Where a card stands (core/card.ts Posting). */
export const posting = z.object({ place: z.string(), conversationId: z.string(), activityId: z.string() });
/**
 * Put a question or a note to one person in private. Comes back as personTold. `note` is a name in the workflow's words; the text is rendered at delivery.
 * `edits`: in the place of a card that stands there already; then nothing comes back. `replaces`: the same, of the first of these that stands: what the effect of
 * this key put there, or where a card is. `after`: not before the effect of this key has put something there, and never where it has not.
 */
const toPerson = {
  kind: z.literal('tellPerson'),
  person: personId,
  note: z.string(),
  revision: z.number().int(),
  precedence: precedence.optional(),
  edits: posting.optional(),
  replaces: z
    .array(z.union([effectKey, posting]))
    .min(1)
    .optional(),
  after: effectKey.optional(),
};
const tellPerson = advice.extend(toPerson);

/** How somebody is reached who does not look at Teams; `print`: a sheet of paper where somebody sits. */
export const pagingChannel = z.enum(['pager', 'sms', 'voice', 'email', 'print']);
export type PagingChannel = z.infer<typeof pagingChannel>;

/**
 * Reach somebody outside Teams. What it says is rendered at delivery (Workflow.page) and holds no patient data. Comes back as paged or effectFailed.
 * `to`: a person's id; for `print` the printer's name in paging.json.
 */
const ofPage = { kind: z.literal('page'), channel: pagingChannel, to: z.string(), note: z.string(), revision: z.number().int() };
const page = advice.extend(ofPage);

/** The first message about a finding that goes to a clinician outside radiology is a commit: somebody has released it. What follows from it by itself is advice. */
const released = z.object({ key: effectKey, weight: z.literal('commit'), approval: storedApproval });
const tellReleased = released.extend(toPerson);
const pageReleased = released.extend(ofPage);
/** A message to a hospital system that recommends. */
const advise = advice.extend({ kind: z.literal('sendHl7'), destination: z.string(), message: z.string(), data: z.unknown() });
/** A message to a hospital system that changes it. Comes back as effectDelivered | effectFailed, as advise does. */
const commit = z.object({
  key: effectKey,
  weight: z.literal('commit'),
  kind: z.literal('sendHl7'),
  destination: z.string(),
  message: z.string(),
  data: z.unknown(),
  approval: storedApproval,
});

/** A resource written to the EHR because of an approval or a release: conditional, so that a repeat makes no second one. Comes back as effectDelivered | effectFailed. */
const writeFhir = z.object({
  key: effectKey,
  weight: z.literal('commit'),
  kind: z.literal('writeFhir'),
  /** Task and Provenance of an approval, Communication of a critical result: the adapter renders it from `data`. */
  resource: z.enum(['Task', 'Provenance', 'Communication']),
  data: z.unknown(),
  approval: storedApproval,
});

/**
 * Tell other cases of the same workflow, never itself: the one of a number, all that have a key, or the one that a subject opens (ports/case-store caseIdOf). Each
 * hears `data` once, as an event of its own.
 */
const tellCase = advice.extend({
  kind: z.literal('tellCase'),
  to: z.union([z.object({ number: caseNumber }), z.object({ key: z.string() }), z.object({ opens: orderKey })]),
  data: z.unknown(),
});

const inside = z.union([gatherContext, askModel, setDeadline, withdraw, clearDrills]);
const advised = z.union([showCard, tellPerson, page, advise, tellCase]);
const committed = z.union([commit, writeFhir, tellReleased, pageReleased]);
export const effect = z.union([inside, advised, committed]);
export type Effect = z.infer<typeof effect>;

/** Asked of the EHR and of models before it is known what will leave; a case goes on without an answer that does not come in its time. */
export const questions = ['gatherContext', 'askModel'] as const satisfies readonly Effect['kind'][];
export type Question = (typeof questions)[number];

export function isQuestion(kind: Effect['kind']): kind is Question {
  return questions.some((one) => one === kind);
}

/** What log lines and traces may name. */
export const EFFECT_KINDS = [
  ...(['gatherContext', 'askModel', 'setDeadline', 'withdraw', 'clearDrills', 'tellCase'] as const),
  ...(['showCard', 'tellPerson', 'page', 'sendHl7', 'writeFhir'] as const),
] as const satisfies readonly Effect['kind'][];

/** Does it take the place of something that stands in a private chat? Else it is a message of its own. */
export function isEdit({ edits, replaces }: Pick<Extract<Effect, { kind: 'tellPerson' }>, 'edits' | 'replaces'>): boolean {
  return edits !== undefined || replaces !== undefined;
}

/** Effects of one lane are carried out one after the other, in the order of their writing; null: no order is kept. */
export function laneOf(item: Effect): string | null {
  switch (item.kind) {
    case 'sendHl7':
      return `hl7:${item.destination}`;
    case 'writeFhir':
      return 'fhir';
    case 'showCard':
      return 'card';
    case 'tellPerson':
      // An edit that waits, or that Teams does not take, keeps no message from anybody.
      if (isEdit(item)) return `edits:${item.person}`;
      // What was released waits for nothing of before: one that is held would keep the later ones from a person who must know.
      return item.weight === 'commit' ? null : `person:${item.person}`;
    case 'page':
    case 'gatherContext':
    case 'askModel':
    case 'setDeadline':
    case 'withdraw':
    case 'clearDrills':
    case 'tellCase':
      return null;
    default:
      return item satisfies never;
  }
}

/** Under this name the pages of a channel wait, apart from those of every other. */
export function pagesBy(channel: PagingChannel): string {
  return `page:${channel}`;
}

/** The receiver in whose queue it waits: a destination of endpoints.json, the EHR, a channel. Null: it is of its kind's queue. */
export function destinationOf(item: Effect): string | null {
  switch (item.kind) {
    case 'sendHl7':
      return item.destination;
    case 'writeFhir':
      return 'ehr';
    case 'page':
      return pagesBy(item.channel);
    case 'showCard':
    case 'tellPerson':
    case 'gatherContext':
    case 'askModel':
    case 'setDeadline':
    case 'withdraw':
    case 'clearDrills':
    case 'tellCase':
      return null;
    default:
      return item satisfies never;
  }
}

/** From 0, which goes first. */
export function rankOf(item: Effect): number {
  return precedence.options.indexOf(precedenceOf(item));
}

export function precedenceOf(item: Effect): Precedence {
  if (item.kind === 'page') return 'critical';
  return item.kind === 'showCard' || item.kind === 'tellPerson' ? (item.precedence ?? 'new') : 'new';
}

/** What an effect is called and where it goes, in our own words. */
export function namesOf(effect: Effect): { readonly message: string | null; readonly to: string | null } {
  switch (effect.kind) {
    case 'sendHl7':
      return { message: effect.message, to: effect.destination };
    case 'writeFhir':
      return { message: effect.resource, to: 'ehr' };
    case 'tellPerson':
      return { message: effect.note, to: effect.person };
    case 'page':
      return { message: effect.note, to: effect.channel };
    case 'showCard':
      return { message: null, to: effect.place };
    case 'gatherContext':
    case 'askModel':
    case 'setDeadline':
    case 'withdraw':
    case 'clearDrills':
    case 'tellCase':
      return { message: null, to: null };
    default:
      return effect satisfies never;
  }
}
