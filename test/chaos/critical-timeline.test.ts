import { PRINTER, silencesIn } from './critical-timeline.ts';
import type { Act, Call, Channel, Due, Span, Timeline } from './critical-timeline.ts';

// The judge of test/chaos/critical-outage.test.ts, judged: an hour as it should be holds no silence, and each silence that is planted in it is found.

const START = Date.UTC(2026, 10, 25, 9);
const at = (minutes: number, seconds = 0): number => START + minutes * 60_000 + seconds * 1000;
const MINUTE = 60_000;

const hour: Span = { from: at(0), to: at(60) };
const isOut = { teams: [hour], pager: [hour], email: [{ from: at(25), to: at(35) }], sms: [{ from: at(25), to: at(35) }] };
/** Restarts, four seconds each; what is due at 54 falls into the last. */
const isAway = [at(3, 30), at(9, 30), at(15, 30), at(21, 30), at(26, 30), at(33, 30), at(39, 30), at(45, 30), at(51, 30), at(53, 58)].map((from) => ({
  from,
  to: from + 4000,
}));
const ways = (person: string): readonly Channel[] => (person === 'c-reyes' || person === 'w-dubois' ? ['email'] : ['pager', 'sms', 'email']);

const sent = (alert: string, since: number): Due => ({
  ...{ alert, asked: since, since, declarer: 'dr-lindqvist', readBackWithin: 5 * MINUTE, ways },
  levels: [['dr-abebe'], ['dr-castillo', 'dr-haddad'], ['dr-okafor', 'c-reyes']].map((people) => ({ people, lasts: 5 * MINUTE })),
  failsafe: { people: ['w-dubois', 'c-reyes'], every: 5 * MINUTE, rests: 10 * MINUTE },
});
const asked = (alert: string, since: number): Due => ({
  ...{ alert, asked: since, since, declarer: null, readBackWithin: 5 * MINUTE, ways },
  levels: [['dr-okafor'], ['c-reyes']].map((people) => ({ people, lasts: 5 * MINUTE })),
  failsafe: { people: [], every: 5 * MINUTE, rests: 10 * MINUTE },
});

const did = (alert: string, minute: number, by: string, does: Act['does'], more: Partial<Act> = {}): Act => ({
  ...{ alert, by, does, asked: at(minute), at: at(minute), counted: true },
  ...more,
});

/** Everything by each way: at once, after the restart that it fell into, or soon after its way was back. A step of nobody is the failsafe. */
function came(alert: string, minutes: readonly number[], people: readonly string[], isPrinted = false): readonly Call[] {
  return minutes.flatMap((minute) => {
    const due = isAway.find(({ from, to }) => from <= at(minute) && to > at(minute))?.to ?? at(minute);
    const calls = people.flatMap((to) =>
      ways(to).flatMap((channel): Call[] => {
        const out = isOut[channel as keyof typeof isOut].find(({ from, to: end }) => from <= due && end > due);
        return out === hour ? [] : [{ alert, channel, to, at: (out?.to ?? due) + 700 }];
      }),
    );
    return isPrinted ? [...calls, { alert, channel: 'print', to: PRINTER, at: due + 900 }] : calls;
  });
}

const ladder = (alert: string, minute: number): readonly Call[] => [
  ...came(alert, [minute], ['dr-abebe']),
  ...came(alert, [minute + 5], ['dr-castillo', 'dr-haddad']),
  ...came(alert, [minute + 10], ['dr-okafor', 'c-reyes']),
];
const everybody = ['dr-abebe', 'dr-castillo', 'dr-haddad', 'dr-okafor', 'c-reyes', 'w-dubois'];

/** TAKEN at once; UNREAD is acknowledged and lapses; CLIMBS to the failsafe in the ten minutes without mail and SMS, is taken there, rests, repeats; ASKED is never answered. */
const good: Timeline = {
  due: [sent('TAKEN1', at(1)), sent('UNREAD', at(2)), sent('CLIMBS', at(12)), asked('ASKED1', at(14))],
  calls: [
    ...came('TAKEN1', [1], ['dr-abebe']),
    ...came('UNREAD', [2], ['dr-abebe']),
    ...came('UNREAD', [8.5], ['dr-castillo', 'dr-haddad', 'dr-abebe']),
    ...ladder('CLIMBS', 12),
    ...came('CLIMBS', [27, 39, 44, 49, 54], everybody, true),
    ...came('ASKED1', [14], ['dr-okafor']),
    ...came('ASKED1', [19], ['c-reyes']),
    ...came('ASKED1', [24, 29, 34, 39, 44, 49, 54], ['dr-okafor', 'c-reyes'], true),
  ],
  acts: [
    did('TAKEN1', 2, 't-novak', 'acknowledge', { counted: false }),
    did('TAKEN1', 3, 'dr-abebe', 'acknowledge'),
    did('TAKEN1', 4, 'dr-abebe', 'read-back'),
    did('UNREAD', 3.5, 'dr-abebe', 'acknowledge'),
    did('UNREAD', 10, 'c-reyes', 'record-call', { to: 'dr-castillo' }),
    did('CLIMBS', 29, 'w-dubois', 'take-failsafe'),
  ],
  mayTake: (person) => person.startsWith('dr-'),
  ...{ isOut, isAway, until: at(58), within: { call: 10_000, print: 60_000, back: 40_000 } },
};

const without = (drop: (call: Call) => boolean, more: Partial<Timeline> = {}): Timeline => ({
  ...good,
  ...more,
  calls: good.calls.filter((call) => !drop(call)),
});
const isIn = ({ alert, at: came }: Call, of: string, from: number, to = 60): boolean => alert === of && came >= at(from) && came <= at(to);

it('an hour as it should be holds no silence', () => {
  expect(silencesIn(good)).toEqual([]);
});

it.each<[string, Timeline, RegExp]>([
  ['an alert that was never sent', without(({ alert }) => alert === 'TAKEN1', { acts: good.acts.filter(({ alert }) => alert !== 'TAKEN1') }), /TAKEN1: level 1 .* never came/u],
  ['a step that was lost with a restart', without((call) => isIn(call, 'CLIMBS', 17, 18)), /CLIMBS: level 2 was due at 09:17.* to dr-castillo came \d{3}/u],
  ['one person of a step who was left out', without((call) => isIn(call, 'CLIMBS', 17, 18) && call.to === 'dr-haddad'), /CLIMBS: level 2 .* to dr-haddad came \d{4}/u],
  ['a step that comes eleven seconds late', { ...good, calls: good.calls.map((call) => (isIn(call, 'CLIMBS', 17, 18) ? { ...call, at: call.at + 10_500 } : call)) }, /level 2 .* came 10\.5 s after it was due/u],
  ['a failsafe that stops repeating', without((call) => isIn(call, 'CLIMBS', 48)), /CLIMBS: the failsafe was due at 09:49/u],
  ['a failsafe that whoever took it has for good', without((call) => isIn(call, 'CLIMBS', 36)), /CLIMBS: the failsafe was due at 09:39/u],
  ['a sheet that comes 61 s late while mail and SMS are out', { ...good, calls: good.calls.map((call) => (isIn(call, 'CLIMBS', 27, 28) && call.channel === 'print' ? { ...call, at: at(27, 61) } : call)), acts: good.acts.filter(({ does }) => does !== 'take-failsafe') }, /CLIMBS: the failsafe was due at 09:27.* the print to printer came 6\d\.\d s/u],
  ['a call that waited for mail and does not come when mail is back', without((call) => isIn(call, 'CLIMBS', 35, 36) && call.channel === 'email' && call.to === 'w-dubois'), /the email to w-dubois/u],
  ['a question that lapses', without((call) => isIn(call, 'ASKED1', 38)), /ASKED1: the failsafe was due at 09:39/u],
  ['a question that goes to nobody after the first', without((call) => isIn(call, 'ASKED1', 16)), /ASKED1: level 2 was due at 09:19.* to c-reyes/u],
  ['an acknowledgement that is never read back, and nobody is called again', without((call) => isIn(call, 'UNREAD', 8), { acts: good.acts.filter(({ does }) => does !== 'record-call') }), /UNREAD: level 2 was due at 09:08/u],
  ['whoever was never called counts as having taken it', without((call) => isIn(call, 'CLIMBS', 15), { acts: [did('CLIMBS', 14, 'dr-vance', 'read-back')] }), /read-back of dr-vance counted/u],
  ['somebody who treats nobody counts', without(() => false, { acts: [...good.acts, did('CLIMBS', 23, 'c-reyes', 'acknowledge')] }), /acknowledge of c-reyes counted/u],
  ['whoever sent it counts as having taken it', without(() => false, { acts: [...good.acts, did('CLIMBS', 13, 'dr-lindqvist', 'acknowledge')] }), /acknowledge of dr-lindqvist counted/u],
  ['the switchboard stops what is not there yet', without((call) => isIn(call, 'CLIMBS', 15), { acts: [did('CLIMBS', 14, 'w-dubois', 'take-failsafe')] }), /w-dubois took the failsafe/u],
  ['calls for what was taken long ago', { ...good, calls: [...good.calls, ...came('TAKEN1', [6], ['dr-castillo'])] }, /TAKEN1: dr-castillo is called .* dr-abebe has had it/u],
  ['calls for what nobody sent', { ...good, calls: [...good.calls, ...came('NOBODY', [6], ['dr-castillo'])] }, /NOBODY: people are called/u],
])('%s is found', (_what, timeline, says) => {
  expect(silencesIn(timeline)).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
}); // prettier-ignore

it('names no alert but the one that was silent', () => {
  const found = silencesIn(without((call) => isIn(call, 'ASKED1', 32)));
  expect(found.filter((line) => !line.startsWith('ASKED1'))).toEqual([]);
});

it('a call that waited for a restart moves no later one', () => {
  const away = { from: at(48, 58), to: at(49, 8) };
  const calls = good.calls.map((call) => (call.at > at(49) && call.at < at(49, 5) ? { ...call, at: call.at + 8000 } : call));
  expect(silencesIn({ ...good, calls, isAway: [...isAway, away] })).toEqual([]);
});
