import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v4';

/** Where the gateway sends what comes back, and the header that its subscription carries. */
export interface AnswersTo {
  readonly url: string;
  readonly secret: string;
}

export interface PagingAnswers {
  /** An SMS or a call has gone out. @param isDelivered of an SMS, as its carrier says */
  readonly sent: (page: { readonly channel: 'sms' | 'voice'; readonly id: string; readonly to: string }, isDelivered: boolean) => void;
  /** Somebody replies to an SMS, or presses a key in the last call to their number. @returns what is wrong with it; undefined: it is on its way */
  readonly answer: (body: unknown) => string | undefined;
  readonly stop: () => Promise<void>;
}

const TRIES = 5;
const answer = z.strictObject({ channel: z.enum(['sms', 'voice']), to: z.string().regex(/^\+\d+$/u), text: z.string().default('on my way') });

/** Delivery reports and replies in the Event Grid schema, keys of calls as CloudEvents of Call Automation; what is not answered 2xx is sent again. */
export function openPagingAnswers(to: AnswersTo | null): PagingAnswers {
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();
  const lastCall = new Map<string, string>();

  const post = async (event: object): Promise<void> => {
    for (let n = 1; to !== null && n <= TRIES && !ending.signal.aborted; n += 1) {
      const headers = { 'content-type': 'application/json; charset=utf-8', 'aeg-event-type': 'Notification', 'x-radloop-secret': to.secret };
      const answered = await fetch(to.url, { method: 'POST', headers, body: JSON.stringify([event]), signal: ending.signal }).catch(() => null);
      if (answered?.ok === true) return;
      await sleep(250 * n, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const send = (event: object): void => {
    const sending = post(event).finally(() => underWay.delete(sending));
    underWay.add(sending);
  };
  const ofGrid = (eventType: string, id: string, number: string, data: object): object => {
    const about = {
      id,
      topic: '/subscriptions/rehearsal',
      subject: `/phonenumber/${number.slice(1)}`,
      eventType: `Microsoft.Communication.${eventType}`,
    };
    return { ...about, data, dataVersion: '1.0', metadataVersion: '1', eventTime: new Date().toISOString() };
  };

  return {
    sent({ channel, id, to: number }, isDelivered) {
      if (channel === 'voice') lastCall.set(number, id);
      else
        send(
          ofGrid('SMSDeliveryReportReceived', randomUUID(), number, {
            ...{ messageId: id, from: '15550199', to: number, tag: '', receivedTimestamp: new Date().toISOString() },
            ...{ deliveryStatus: isDelivered ? 'Delivered' : 'Failed', deliveryStatusDetails: isDelivered ? 'No error.' : 'Unreachable' },
            deliveryAttempts: [{ timestamp: new Date().toISOString(), segmentsSucceeded: isDelivered ? 1 : 0, segmentsFailed: isDelivered ? 0 : 1 }],
          }),
        );
    },
    answer(body) {
      const parsed = answer.safeParse(body);
      if (!parsed.success) return z.prettifyError(parsed.error);
      const { channel, to: number, text } = parsed.data;
      if (to === null) return 'nobody is told: the rehearsal was started without an address for answers';
      if (channel === 'sms') {
        const id = randomUUID();
        const data = { messageId: id, from: number.slice(1), to: '15550199', message: text, receivedTimestamp: new Date().toISOString() };
        send(ofGrid('SMSReceived', id, number, data));
        return undefined;
      }
      const callConnectionId = lastCall.get(number);
      if (callConnectionId === undefined) return 'nobody was called at this number';
      const data = { callConnectionId, serverCallId: 'rehearsal', correlationId: randomUUID(), sequenceId: 1, tone: 'one' };
      const type = 'Microsoft.Communication.ContinuousDtmfRecognitionToneReceived';
      send({
        id: randomUUID(),
        source: `calling/callConnections/${callConnectionId}`,
        type,
        specversion: '1.0',
        time: new Date().toISOString(),
        data,
      });
      return undefined;
    },
    async stop() {
      ending.abort();
      await Promise.all(underWay);
    },
  };
}
