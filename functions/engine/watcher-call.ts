import { classOf } from '#core/delivery.js';
import type { PagingChannel } from '#core/effect.js';
import type { Language } from '#core/language.js';
import type { PageText } from '#core/workflow.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import type { Pager } from '#ports/pager.js';
import { watcherWordsIn } from './watcher-words.ts';
import type { StuckAlert } from './watcher-words.ts';

export interface CallNeeds {
  readonly pager: Pager;
  readonly directory: Directory;
  readonly paging: Pick<PagingSettings, 'readingRoom' | 'switchboard'>;
  readonly language: Language;
  readonly log: Log;
}

export interface Call {
  /** Has a channel taken it for somebody? */
  readonly isTaken: () => boolean;
  readonly isTried: () => boolean;
  /** To everybody who has not had it; what failed for a passing reason is tried again by the next. One at a time. */
  send(): Promise<void>;
}

/** Case numbers that a subject names; a small screen has no room for more. */
const MOST_NAMED = 3;

interface To {
  readonly channel: PagingChannel;
  readonly address: string;
}

/** One page about some alerts to the switchboard, the coordinators and the switchboard's printer. @param key the same for the same page, whichever watcher sends it */
export function callOf(key: string, alerts: readonly StuckAlert[], needs: CallNeeds): Call {
  const { pager, log } = needs;
  const text = textOf(alerts, needs);
  let left = everybody(needs);
  let underWay: Promise<void> | null = null;
  let [taken, tried] = [0, false];
  const attempt = async (to: To): Promise<readonly To[]> => {
    const sent = await pager.send({ ...text, ...to, key: `${key}/${to.channel}/${to.address}` }).catch(() => null);
    if (sent?.ok === true) {
      taken += 1;
      return [];
    }
    const code = sent?.code ?? 'unavailable';
    log.error('watcher.not-paged', { channel: to.channel, code });
    return classOf(code) === 'permanent' ? [] : [to];
  };
  return {
    isTaken: () => taken > 0,
    isTried: () => tried,
    send() {
      underWay ??= Promise.all(left.map(attempt))
        .then((again) => {
          left = again.flat();
          tried = true;
        })
        .finally(() => {
          underWay = null;
        });
      return underWay;
    },
  };
}

function everybody({ pager, directory, paging }: CallNeeds): readonly To[] {
  const people = new Map([...directory.withRole('switchboard'), ...directory.withRole('coordinator')].map((person) => [person.id, person]));
  const ways = (['pager', 'sms', 'voice', 'email'] as const).filter((channel) => pager.channels.has(channel));
  const { printer } = paging.switchboard;
  return [
    ...[...people.values()].flatMap(({ contacts }) =>
      ways.flatMap((channel): To[] => {
        const address = contacts[channel];
        return address === undefined ? [] : [{ channel, address }];
      }),
    ),
    ...(printer === null || !pager.channels.has('print') ? [] : [{ channel: 'print', address: printer } as const]),
  ];
}

function linesOf(alert: StuckAlert, { line, last }: ReturnType<typeof watcherWordsIn>): readonly string[] {
  return [line(alert), ...(alert.last === null ? [] : [last(alert.last.name, alert.last.phone)])];
}

function textOf(alerts: readonly StuckAlert[], { paging, language }: CallNeeds): PageText {
  const words = watcherWordsIn(language);
  const { name, phone: callBack } = paging.readingRoom;
  const named = alerts.slice(0, MOST_NAMED).map(({ caseNumber }) => caseNumber);
  const drill = alerts.every((one) => one.drill) ? words.drill : '';
  const subject = `${drill}${words.subject(named, alerts.length - named.length)}`;
  return {
    ...{ subject, callBack },
    text: [subject, ...alerts.slice(0, MOST_NAMED).map((one) => linesOf(one, words).join('; ')), words.doThis(callBack)].join('\n'),
    sheet: [
      `${drill}${words.sheetTitle}`,
      '',
      ...alerts.flatMap((one) => linesOf(one, words).map((line, n) => (n === 0 ? line : `   ${line}`))),
      '',
      ...words.sheetEnd(name, callBack),
    ],
  };
}
