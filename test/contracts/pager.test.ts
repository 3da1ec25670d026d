import type { PagingChannel } from '#core/effect.js';
import { aPage, pagerFor, settingsFor, startSide, stopSides } from '../support/paging.ts';
import { pagerContract } from './pager.contract.ts';
import type { Opened, Trouble } from './pager.contract.ts';

afterEach(stopSides);

const opening = (channel: PagingChannel) => async (seconds: number): Promise<Opened> => {
  const side = await startSide();
  return { side, ...pagerFor(settingsFor(side, [channel]), seconds), page: (more = {}) => aPage(channel, more) };
}; // prettier-ignore

const http: readonly Trouble[] = [
  ['throttled', ['throttled'], { what: 'throttled', retryAfterSeconds: 7 }],
  ['not able to', ['unavailable'], { what: 'unavailable' }],
  ['refusing', ['refused'], { what: 'refused' }],
  ['keeping us out', ['not-allowed'], { what: 'not-allowed' }],
  ['silent from the start', ['timed-out-after-send'], { what: 'hang' }],
  ['silent after it has taken it', ['timed-out-after-send'], { what: 'hang-after' }],
  ['too slow', ['timed-out-after-send'], { what: 'slow', ms: 2000 }],
  ['cutting the connection at once', ['cut-after-send', 'not-connected'], { what: 'cut' }],
  ['cutting it after it has taken it', ['cut-after-send'], { what: 'cut-after' }],
  ['answering a web page', ['answer-unreadable'], { what: 'garbage' }],
  ['answering 4 MB', ['answer-unreadable'], { what: 'huge' }],
  ['sending us elsewhere', ['refused'], { what: 'redirect' }],
];
const ofRecipient = (status: number, code: Trouble[1][number]): Trouble => [
  `taking the request and failing the recipient with ${String(status)}`,
  [code],
  { what: 'recipient', status },
];

pagerContract('pager', opening('pager'), http);
pagerContract('sms', opening('sms'), [
  ...http,
  ofRecipient(400, 'refused'),
  ofRecipient(429, 'throttled'),
  ofRecipient(500, 'unavailable'),
  ofRecipient(403, 'not-allowed'),
]);
pagerContract('voice', opening('voice'), http);
pagerContract('email', opening('email'), [
  ['full (452)', ['unavailable'], { what: 'throttled' }],
  ['not able to (451)', ['unavailable'], { what: 'unavailable' }],
  ['refusing the recipient (550)', ['refused'], { what: 'refused' }],
  ['asking for a login (530)', ['not-allowed'], { what: 'not-allowed' }],
  ['silent from the start', ['not-connected'], { what: 'hang' }],
  ['silent after it has the message', ['timed-out-after-send'], { what: 'hang-after' }],
  ['too slow to greet', ['not-connected'], { what: 'slow', ms: 2000 }],
  ['cutting the connection at once', ['not-connected'], { what: 'cut' }],
  ['cutting it after it has the message', ['cut-after-send'], { what: 'cut-after' }],
  ['no mail server', ['answer-unreadable'], { what: 'garbage' }],
  ['greeting with 2 MB', ['answer-unreadable', 'not-connected'], { what: 'huge' }],
]);
pagerContract('print', opening('print'), [
  ['busy, and ends the connection', ['cut-after-send'], { what: 'unavailable' }],
  ['silent from the start', ['timed-out-after-send'], { what: 'hang' }],
  ['silent after it has the sheet', ['timed-out-after-send'], { what: 'hang-after' }],
  ['too slow', ['timed-out-after-send'], { what: 'slow', ms: 2000 }],
  ['cutting the connection at once', ['cut-after-send', 'not-connected'], { what: 'cut' }],
  ['cutting it after it has the sheet', ['cut-after-send'], { what: 'cut-after' }],
]);
