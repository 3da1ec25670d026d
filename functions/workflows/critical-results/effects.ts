import type { Approval } from '#core/approval.js';
import { pagingChannel } from '#core/effect.js';
import type { Effect, PagingChannel } from '#core/effect.js';
import { effectKey } from '#core/ids.js';
import type { EffectKey, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Moment } from '#core/workflow.js';
import type { CriticalRecordData, ReadingPriorityData } from '#domain/outbound.js';
import { ruleOf } from './policy.ts';
import type { Policy } from './policy.ts';
import type { Input } from './events.ts';
import type { Alert, PrivateNote } from './state.ts';

/** Effects by name, so that decide reads as prose. A key is made of case, event and kind: told twice, the same effect. */
type At = Moment<Policy>;

/** In their private chat, before everything else. @param approval of the first message to somebody outside radiology */
export function tell(person: PersonId, note: string, { revision }: Alert, moment: At, approval: Approval | null = null): Effect {
  const message = { kind: 'tellPerson', key: keyOf(moment, toldAs(note, person)), person, note, revision, precedence: 'critical' } as const;
  return approval === null ? { ...message, weight: 'advice' } : { ...message, weight: 'commit', approval };
}

/** What is said at the failsafe, and to the switchboard of a question that nobody has answered. */
const AT_FAILSAFE: readonly string[] = ['failsafe', 'failsafe-again', 'repeat', 'phone-reading-room'];

/** Ways besides Teams: those that the policy names; at the failsafe of categories 1 and 2 every one. */
export function waysOf(note: string, alert: Alert, policy: Policy): readonly PagingChannel[] {
  return AT_FAILSAFE.includes(note) && alert.finding.category !== 3 ? pagingChannel.options : ruleOf(alert, policy).channels;
}

/** By each of them that this person has. */
export function pages(person: PersonId, note: string, alert: Alert, moment: At, approval: Approval | null = null): Effect[] {
  const has = moment.policy.channelsOf(person);
  return waysOf(note, alert, moment.policy)
    .filter((channel) => has.includes(channel))
    .map((channel): Effect => {
      const key = keyOf(moment, `${note}-${channel}-${person}`);
      const page = { kind: 'page', key, channel, to: person, note, revision: alert.revision } as const;
      return approval === null ? { ...page, weight: 'advice' } : { ...page, weight: 'commit', approval };
    });
}

/** By each way that was used for this person, besides what the category names now: whoever heard it there hears there that it has changed. */
export function asBefore(person: PersonId, note: string, alert: Alert, moment: At, approval: Approval | null = null): Effect[] {
  const { channels } = ruleOf(alert, moment.policy);
  const used = alert.attempts.filter(({ to }) => to === person).map(({ channel }) => channel);
  const ways = moment.policy.channelsOf(person).filter((channel) => channels.includes(channel) || used.includes(channel));
  return ways.map((channel): Effect => {
    const key = keyOf(moment, `${note}-${channel}-${person}`);
    const page = { kind: 'page', key, channel, to: person, note, revision: alert.revision } as const;
    return approval === null ? { ...page, weight: 'advice' } : { ...page, weight: 'commit', approval };
  });
}

/** In every way at once. */
export function reach(person: PersonId, note: string, alert: Alert, moment: At, approval: Approval | null = null): Effect[] {
  return [tell(person, note, alert, moment, approval), ...pages(person, note, alert, moment, approval)];
}

/** The list of untaken alerts, on paper where the switchboard sits. */
export function print(note: string, { revision }: Alert, moment: At): Effect[] {
  const { printer } = moment.policy.switchboard;
  if (printer === null) return [];
  return [{ kind: 'page', weight: 'advice', key: keyOf(moment, `${note}-print`), channel: 'print', to: printer, note, revision }];
}

export function showCard({ revision, posting }: Alert, moment: At): Effect {
  const precedence = posting === null ? 'critical' : 'edit';
  return { kind: 'showCard', weight: 'advice', key: keyOf(moment, 'card'), place: moment.policy.place, revision, precedence };
}

export type Told = Extract<Effect, { kind: 'tellPerson' }>;

interface Redrawing {
  /** `now`: how it stands; `earlier`: the line that is left of it. */
  readonly as: 'now' | 'earlier' | 'view-over';
  /** Tells it from others of the same event. */
  readonly which: string;
  /** The newer message: what stands there is left as it is until that has come. */
  readonly after?: EffectKey;
}

/** In the place of the last of these messages to one person that has come. @param notes the last one last */
export function redraw(notes: readonly [PrivateNote, ...PrivateNote[]], { as, which, after }: Redrawing, { revision }: Alert, moment: At): Told {
  const [{ person }] = notes;
  const places = notes.toReversed().map((one) => ('posting' in one ? one.posting : keyOf({ ...moment, event: one.event }, toldAs(one.note, person))));
  const [only] = places;
  const where = places.length === 1 && typeof only === 'object' ? { edits: only } : { replaces: places };
  const what = { kind: 'tellPerson', weight: 'advice', key: keyOf(moment, `${as}-${person}-${which}`), person, note: as, revision } as const;
  return { ...what, precedence: 'edit', ...where, ...(after === undefined ? {} : { after }) };
}

function toldAs(note: string, person: PersonId): string {
  return `${note}-${person}`;
}

/**
 * `window`: the end of what is waited for now, one at a time; `hand-off`: the next change of shift; `seen`: who has not seen a change is reminded; `drill-end`: until
 * then a drill lasts.
 */
type DeadlineName = 'window' | 'hand-off' | 'seen' | 'drill-end';

/** @param epoch never the same twice, also for the same time: a timer is heard once (a broker, and the case, drop what they have seen) */
export function wakeAt(name: DeadlineName, at: Instant, epoch: number, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch, at };
}

export function forget(name: DeadlineName, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch: 0, at: null };
}

/** Whoever is called now may be called for a drill too. */
export function clearDrills(moment: At): Effect {
  return { kind: 'clearDrills', weight: 'inner', key: keyOf(moment, 'clear-drills') };
}

/** What the site's systems take of it: results and a document to the RIS, a Communication to the EHR. Each names the release. Of a drill nothing. */
export function tellRecord({ revision, drill }: Alert, approval: Approval, data: CriticalRecordData, moment: At): Effect[] {
  if (drill) return [];
  const toRis = (message: 'critical-result' | 'critical-document', key: string): Effect => {
    return { kind: 'sendHl7', weight: 'commit', key: keyOf(moment, key), destination: 'ris', message, data, approval };
  };
  return moment.policy.record.map((what): Effect => {
    switch (what) {
      case 'ORU^R01':
        return toRis('critical-result', `result-${revision}`);
      case 'MDM^T02':
        return toRis('critical-document', `document-${revision}`);
      case 'Communication':
        return { kind: 'writeFhir', weight: 'commit', key: keyOf(moment, `communication-${revision}`), resource: what, data, approval };
      default:
        return what satisfies never;
    }
  });
}

/** What of it has not left yet stays here. */
export function stopRecord(moment: At): Effect[] {
  const destinations = new Set(moment.policy.record.map((what) => (what === 'Communication' ? 'ehr' : 'ris')));
  return [...destinations].map((name): Effect => ({ kind: 'withdraw', weight: 'inner', key: keyOf(moment, `withdraw-${name}`), destination: name }));
}

/** ORU^R01, preliminary, to whoever keeps the reading list: this may be read sooner. It changes nothing by itself. */
export function raiseReading(destination: string, data: ReadingPriorityData, moment: At): Effect {
  const key = keyOf(moment, `reading-${data.priority}`);
  return { kind: 'sendHl7', weight: 'advice', key, destination, message: 'reading-priority', data };
}

/** Another alert hears it, also when it is the next to be begun. @param as tells it from others of the same event */
export function tellAlert(to: Extract<Effect, { kind: 'tellCase' }>['to'], data: Input, as: string, moment: At): Effect {
  return { kind: 'tellCase', weight: 'advice', key: keyOf(moment, as), to, data };
}

/** Characters; a longer one is cut. */
export const MOST_KEY = 200;

function keyOf(moment: Pick<At, 'caseId' | 'event'>, what: string): EffectKey {
  const key = `${moment.caseId}/${moment.event}/${what}`;
  return effectKey.parse(key.length <= MOST_KEY ? key : `${key.slice(0, MOST_KEY - 17)}~${digest(key, 0x811c9dc5)}${digest(key, 0x01234567)}`);
}

/** FNV-1a, eight digits. */
function digest(text: string, seed: number): string {
  let hash = seed;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
