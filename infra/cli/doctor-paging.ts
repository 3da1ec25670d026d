import { reachable } from '#adapters/paging/reachable.js';
import type { PagingChannel } from '#core/effect.js';
import { placesOf, wakingChannels } from '#domain/paging.js';
import type { Site } from '#domain/site.js';
import { finding } from './doctor-finding.ts';
import type { Finding, Level } from './doctor-finding.ts';

const CHECK = 'paging';
const WORKFLOW = 'critical-results';
/** Channels that wake somebody. */
const WAKING: readonly PagingChannel[] = ['pager', 'sms', 'voice'];
const CONNECT_SECONDS = 3;

/** Whether people can be reached besides Teams: that it is set up, that something takes connections there (nothing is sent), and that people have an address. */
export async function paging(site: Site): Promise<Finding[]> {
  const need = needOf(site);
  if (site.paging === null) {
    const todo = `Write a paging.json into the site’s folder, see infra/docs/paging.md; a site without critical results leaves ${WORKFLOW} out of modes.json.`;
    if (need !== null) return [finding(CHECK, need, `${WORKFLOW} alerts people in every mode, and nobody can be reached but in Teams`, todo)];
    return [finding(CHECK, 'ok', 'nobody is paged: the site’s folder has no paging.json')];
  }
  const found = await Promise.all(
    placesOf(site.paging).map(async (place) => {
      const { why } = await reachable(place, CONNECT_SECONDS);
      const what = `${place.channel} ${place.host}:${String(place.port)}`;
      return why === null
        ? finding(CHECK, 'ok', `${what} takes connections`)
        : finding(CHECK, 'fail', `${what}: ${why}`, `Start what listens there, or mend ${place.field} in paging.json.`);
    }),
  );
  return [...(need === null ? [] : needed(site, need)), ...logOnly(site), ...deadman(site, need), ...found, ...unreached(site)];
}

/** How bad it is to reach nobody, where critical results are set up: what a person declares escalates in every mode. */
function needOf({ modes, paging: given, onCall, channels }: Site): Level | null {
  const isNamed = modes.some(({ workflow }) => workflow === WORKFLOW);
  const isMade = given !== null && onCall !== null && channels.places['critical'] !== undefined;
  return isNamed || isMade ? 'fail' : null;
}

function needed(site: Site, need: Level): Finding[] {
  const channels = channelsOf(site);
  const { switchboard } = site.paging ?? { switchboard: { printer: null } };
  return [
    ...(WAKING.some((channel) => channels.includes(channel))
      ? []
      : [finding(CHECK, need, `${WORKFLOW} alerts people in every mode, and no channel wakes them`, `Set up ${WAKING.join(', ')} in paging.json: one of them at least.`)]),
    ...(switchboard.printer === null
      ? [finding(CHECK, 'warn', 'no printer stands at the switchboard', 'When all else fails the list of alerts is printed there: name one in paging.json.')]
      : []),
  ]; // prettier-ignore
}

/** A rehearsal may; a hospital may not. */
function logOnly({ settings, paging: given }: Site): Finding[] {
  if (given?.channels.pager?.kind !== 'log') return [];
  const what = 'pager: a line in the log a page, nobody is reached by it';
  return [finding(CHECK, settings.rehearsal ? 'ok' : 'fail', what, 'Set up a webhook in paging.json, or leave the pager out.')];
}

/** Who calls somebody when the watcher does not say any more that all is well (infra/docs/runbooks/alert-overdue.md). Nothing is asked for here: it would count as all well. */
function deadman({ settings, paging: given }: Site, need: Level | null): Finding[] {
  if (given?.deadman !== undefined) return [finding(CHECK, 'ok', `${new URL(given.deadman.url).host} is pinged every minute while all is well`)];
  if (need === null || settings.rehearsal) return [];
  const todo =
    'Name one as deadman.url in paging.json, outside of this building: a service that calls somebody when it is not pinged for two minutes.';
  return [finding(CHECK, 'warn', 'nobody outside would notice that everything has stopped', todo)];
}

/** Who is on call and has only Teams and mail. */
function unreached({ people, paging: given, settings }: Site): Finding[] {
  const channels = given === null ? [] : wakingChannels(given, settings.rehearsal);
  const ids = people.filter(({ roles, contacts }) => roles.includes('oncall') && channels.every((one) => contacts[one] === undefined)).map(({ id }) => id); // prettier-ignore
  if (ids.length === 0 || channels.length === 0) return [];
  return [finding(CHECK, 'warn', `on call and woken by nothing: ${ids.join(', ')}`, `Give them one under "contacts" in people.json: ${channels.join(', ')}.`)]; // prettier-ignore
}

/** That reach somebody. */
function channelsOf({ paging: given, settings }: Site): readonly PagingChannel[] {
  if (given === null) return [];
  const { email, print } = given.channels;
  return [
    ...wakingChannels(given, settings.rehearsal),
    ...(email === undefined ? [] : (['email'] as const)),
    ...(print === undefined ? [] : (['print'] as const)),
  ];
}
