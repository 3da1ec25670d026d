import type { CaseNumber, PersonId } from '#core/ids.js';
import { CASE_ALPHABET, caseNumber, checkCharacter, personId } from '#core/ids.js';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import { toInstant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { Channels } from '#domain/site.js';
import type { Clock } from '#ports/clock.js';
import type { ConversationStore, PrivateChat } from '#ports/conversations.js';
import type { Desk, PersonAnswer } from '#ports/desk.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import type { CaseRow } from '#ports/views.js';

/** A case number over five characters of the alphabet. */
export function numbered(body: string): CaseNumber {
  return caseNumber.parse(`${body}${checkCharacter(body)}`);
}
/** The same with a last character that does not check. */
export function misnumbered(body: string): string {
  const wrong = Array.from(CASE_ALPHABET).find((character) => character !== checkCharacter(body)) ?? '';
  return `${body}${wrong}`;
}

export const okafor = person.parse({
  id: 'dr-okafor',
  name: 'Ngozi Okafor',
  roles: ['protocoling-radiologist'],
  aadObjectId: 'f3267af5-3040-4fc6-9205-761ce2ab09e7',
  teamsId: '29:rehearsal-dr-okafor',
});
export const haddad = person.parse({
  id: 'dr-haddad',
  name: 'Samir Haddad',
  roles: ['referrer'],
  aadObjectId: 'ad33233d-5a15-40d8-9bf1-b9da83cb26bf',
});

export function directoryOf(people: readonly Person[]): Directory {
  return {
    byId: (id) => people.find((known) => known.id === id) ?? null,
    byAadObjectId: (id) => people.find((known) => known.aadObjectId === id) ?? null,
    byOsAccount: (account) => people.find((known) => known.osAccount === account) ?? null,
    byProviderId: (id) => people.find((known) => known.providerIds.includes(id)) ?? null,
    withRole: (role) => people.filter((known) => known.roles.includes(role)),
    names: () => Object.fromEntries(people.map((known) => [known.id, known.name])),
  };
}

export function conversationsInMemory(): ConversationStore {
  const chats = new Map<PersonId, PrivateChat>();
  return {
    remember: async (who, chat) => {
      chats.set(who, chat);
    },
    of: async (who) => chats.get(who) ?? null,
  };
}

export const channels: (serviceUrl: string, tenantId: string) => Channels = (serviceUrl, tenantId) => ({
  tenantId,
  serviceUrl,
  places: { protocoling: { teamId: '19:team@thread.tacv2', channelId: '19:protocoling@thread.tacv2', name: 'Radiology - Protocoling' } },
});

export const wallClock: Clock = { now: () => toInstant(Date.now()) };

export function silentLog(): Log & { readonly lines: { event: string; fields: unknown }[] } {
  const lines: { event: string; fields: unknown }[] = [];
  return { lines, info: (event, fields) => lines.push({ event, fields }), error: (event, fields) => lines.push({ event, fields }) };
}

/** A desk with one case, which records what it is asked. `patient` stands for patient data: it must never reach a channel. */
export interface FakeDesk extends Desk {
  readonly case: CaseNumber;
  readonly answers: PersonAnswer[];
  readonly denials: { readonly what: string; readonly detail: Readonly<Record<string, unknown>> }[];
  readonly opened: PersonId[];
  /** Why it was opened anew, as said at the top of the view. */
  readonly notices: string[];
  revision: number;
  /** What an answer gets; by default it wins. */
  reply: Answer;
  /** Milliseconds that an answer takes. */
  takes: number;
  fails: boolean;
  /** Threads of cards. */
  readonly threads: Map<string, CaseNumber>;
}

export const patientName = 'DOE^JANE';

export function fakeDesk(): FakeDesk {
  const shownTo = new Map<PersonId, number>();
  const row: CaseRow = {
    workflow: 'protocoling',
    caseId: '0123456789abcdef0123456789abcdef' as CaseRow['caseId'],
    caseNumber: numbered('7KF3Q'),
    updatedAt: toInstant(Date.now()),
    status: 'waiting',
    waiting: true,
    open: true,
    kind: 'CT protocol request',
    urgency: 'STAT',
    since: toInstant(Date.now() - 300_000),
    owner: null,
    note: null,
    revision: 2,
  };
  const desk: FakeDesk = {
    case: numbered('7KF3Q'),
    answers: [],
    denials: [],
    opened: [],
    notices: [],
    revision: 2,
    reply: { outcome: 'won', text: 'Done.' },
    takes: 0,
    fails: false,
    threads: new Map(),
    waiting: async () => [row],
    open: async (who, number, notice, counts = true) => {
      if (number !== desk.case) return { ok: false, why: 'There is no such case.' };
      if (!who.roles.includes('protocoling-radiologist')) return { ok: false, why: `${who.name} has no role that may open this case.` };
      desk.opened.push(who.id);
      if (notice !== undefined) desk.notices.push(notice);
      if (counts) shownTo.set(who.id, desk.revision);
      return {
        ok: true,
        caseNumber: number,
        revision: desk.revision,
        title: `CT protocol request ${number}`,
        view: { speak: `Case ${number}`, card: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: patientName }] } },
      };
    },
    seen: async (who, _number, revision) => {
      shownTo.set(who.id, revision);
    },
    next: async () => null,
    examsCalled: async () => ({ ok: false, code: 'unknown', why: 'There is no such patient.' }),
    exam: async () => ({ ok: false, code: 'unknown', why: 'There is no such exam.' }),
    shared: async (number) =>
      number === desk.case
        ? { speak: `Case ${number}`, card: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: `shared ${number}` }] } }
        : null,
    shown: async (who, number) => (number === desk.case ? { shown: shownTo.get(who) ?? 0, current: desk.revision, round: 0 } : null),
    search: async () => ({ matches: [], more: 0, complete: true }),
    stands: async () => undefined,
    declare: async () => ({ ok: false, code: 'unknown', why: 'There is no such case.' }),
    alerts: async () => [],
    followUps: async () => [],
    notSent: () => 'NOT SENT: phone the switchboard now.',
    phoneNow: () => null,
    due: (said) => (said === 'in 20 minutes' ? toInstant(Date.now() + 1_200_000) : null),
    receivers: async () => ({ people: [], refused: [], others: [] }),
    takeBack: async () => ({ denied: 'Nothing stands here.' }),
    keep: async () => false,
    answer: async (answer) => {
      if (desk.takes > 0) await new Promise((resolve) => setTimeout(resolve, desk.takes).unref());
      if (desk.fails) throw new Error(`a fault that names ${patientName}`);
      desk.answers.push(answer);
      return desk.reply;
    },
    caseOfConversation: async (id) => desk.threads.get(id) ?? null,
    deny: async (what, detail) => {
      desk.denials.push({ what, detail });
      return 'recorded';
    },
    protocolIds: () => ['CT-HEAD-WO', 'CT-HEAD-W', 'MR-BRAIN-WO'],
  };
  return desk;
}

export const unknownPerson = personId.parse('nobody');
