import { formatDayTime } from '#cards/kit/text.js';
import type { Instant } from '#core/time.js';
import { atWallTime, dayIn } from '#domain/on-call-time.js';
import { momentOf, whenOf } from '#domain/when.js';
import type { OnCall, Rota } from '#ports/rota.js';
import type { Slots } from '#domain/utterance.js';

interface Needs {
  /** Null: the site has none. */
  readonly rota: Rota | null;
  readonly now: Instant;
  /** IANA zone of the site. */
  readonly zone: string;
  /** Id of a person to the name that people read. */
  readonly names: Readonly<Record<string, string>>;
}

interface Words {
  readonly noRota: string;
  readonly whichService: (services: string) => string;
  readonly noRoster: (service: string) => string;
  readonly unknownTime: string;
  readonly on: (service: string, when: string) => string;
  readonly level: (level: number, people: string, until: string | null) => string;
  readonly nobody: (level: number, until: string | null) => string;
  readonly next: (people: string, from: string) => string;
  readonly source: (asOf: string) => string;
}

const english: Words = {
  noRota: 'This site has given me no rota. Look at the roster, or ask the switchboard.',
  whichService: (services) => `On call for which service? I have the rota of: ${services}.`,
  noRoster: (service) => `I have no roster of ${service}: call the switchboard.`,
  unknownTime: 'I do not know which time you mean. Say it as "now", "tonight", "tomorrow at 8" or "on Saturday".',
  on: (service, when) => `On call for ${service}, ${when}:`,
  level: (level, people, until) => `${level}. ${people}${until === null ? '' : `, until ${until}`}`,
  nobody: (level, until) => `${level}. NOBODY${until === null ? '' : `, until ${until}`}: call the coordinator or the switchboard`,
  next: (people, from) => `Next: ${people}, from ${from}`,
  source: (asOf) => `Source: the site’s rota, as of ${asOf}.`,
};

const spanish: Words = {
  noRota: 'Este centro no me ha dado ningún cuadro de guardias. Mire el cuadro o pregunte a la centralita.',
  whichService: (services) => `¿De guardia de qué servicio? Tengo el cuadro de: ${services}.`,
  noRoster: (service) => `No tengo el cuadro de guardias de ${service}: llame a la centralita.`,
  unknownTime: 'No sé a qué hora se refiere. Dígalo como «ahora», «esta noche», «mañana a las 8» o «el sábado».',
  on: (service, when) => `De guardia de ${service}, ${when}:`,
  level: (level, people, until) => `${level}. ${people}${until === null ? '' : `, hasta ${until}`}`,
  nobody: (level, until) => `${level}. NADIE${until === null ? '' : `, hasta ${until}`}: llame a coordinación o a la centralita`,
  next: (people, from) => `Después: ${people}, desde ${from}`,
  source: (asOf) => `Fuente: el cuadro de guardias del centro, a ${asOf}.`,
};

/** Who is on call, with where it stands and as of when. Names of staff only: it may be read in a channel. */
export function onCallSays({ rota, now, zone, names }: Needs, { service, when, person }: Slots, language: 'en' | 'es'): string {
  const words = language === 'es' ? spanish : english;
  if (rota === null || rota.services().length === 0) return words.noRota;
  const time = (at: Instant): string => formatDayTime(at, zone, language);
  const found = serviceIn(rota, service ?? person ?? '');
  if (found === null) return words.whichService(rota.services().map(({ name }) => name).join(', ')); // prettier-ignore
  const asked = askedTime(when, now, zone);
  if (asked === null) return words.unknownTime;
  const onCall = rota.at(found.id, asked.at);
  if (onCall === null) return words.whichService(rota.services().map(({ name }) => name).join(', ')); // prettier-ignore
  if (onCall.levels.length === 0) return words.noRoster(onCall.name);
  const people = (ids: readonly string[]): string => ids.map((id) => names[id] ?? id).join(', ');
  const lines = onCall.levels.map(({ level, people: ids, until }) => {
    const end = until === null ? null : time(until);
    return ids.length === 0 ? words.nobody(level, end) : words.level(level, people(ids), end);
  });
  return [words.on(onCall.name, time(asked.at)), ...lines, ...nextIn(rota, onCall, people, time, words), words.source(time(now))].join('\n');
}

/** Who comes after the first who are called. */
function nextIn(
  rota: Rota,
  { service, levels }: OnCall,
  people: (ids: readonly string[]) => string,
  time: (at: Instant) => string,
  words: Words,
): string[] {
  const until = levels[0]?.until ?? null;
  const after = until === null ? null : (rota.at(service, until)?.levels[0]?.people ?? []);
  return until === null || after === null || after.length === 0 ? [] : [words.next(people(after), time(until))];
}

/** By the whole name, else by one word of it; the site's only service needs no name. */
function serviceIn(rota: Rota, said: string): { readonly id: string } | null {
  const bare = said.replaceAll(/\b(?:the|el|la|de|service|servicio|team|equipo|fellow|resident|attending|on call|guardia)\b/giu, ' ').replaceAll(/\s+/gu, ' ').trim(); // prettier-ignore
  if (bare === '') return rota.services().length === 1 ? (rota.services()[0] ?? null) : null;
  return rota.named(said.trim()) ?? rota.named(bare) ?? bare.split(' ').map((word) => rota.named(word)).find((one) => one !== null) ?? null; // prettier-ignore
}

const nowWords =
  /^(?:right now|now|currently|at the moment|today|this (?:hour|minute)|hoy|ahora(?: mismo)?|en este momento|next|after (?:that|them|this)|siguiente|despues|después)$/iu;

function askedTime(said: string | undefined, now: Instant, zone: string): { readonly at: Instant } | null {
  if (said === undefined || nowWords.test(said.trim())) return { at: now };
  // "tonight" said at night is now.
  if (/^(?:tonight|overnight|this night|esta noche)$/iu.test(said.trim())) {
    const night = atWallTime(dayIn(now, zone), '22:00', zone);
    return { at: night > now ? night : now };
  }
  const when = whenOf(said.replace(/^(?:for|para) /iu, ''));
  if (when === null) return null;
  return { at: momentOf(when, now, zone) ?? now };
}
