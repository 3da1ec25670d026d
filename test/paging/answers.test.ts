import { readPageAnswers } from '#adapters/paging/answers.js';

/** As the documentation has them (learn.microsoft.com/azure/event-grid/communication-services-telephony-sms-events). */
const inGrid = (eventType: string, data: object): object => ({
  ...{ id: '8813a09b-0cbf-4304-9b03-1546683bb910', topic: '/subscriptions/s', subject: '/phonenumber/15555555555', data },
  ...{ eventType: `Microsoft.Communication.${eventType}`, dataVersion: '1.0', metadataVersion: '1', eventTime: '2020-09-18T00:22:20Z' },
});
const inCloud = (type: string, data: object): object => ({
  ...{ id: 'e1', source: 'calling/callConnections/call-7', type: `Microsoft.Communication.${type}`, specversion: '1.0', data },
  ...{ time: '2020-09-18T00:22:20Z', datacontenttype: 'application/json' },
});
const read = (body: unknown) => readPageAnswers(Buffer.from(JSON.stringify(body)));
const report = (deliveryStatus: string, messageId: unknown = 'Outgoing_7'): object =>
  inGrid('SMSDeliveryReportReceived', { messageId, from: '15550199', to: '+15550123', deliveryStatus, deliveryAttempts: [], Tag: '' });
const reply = (message: string, receivedTimestamp = '2020-09-18T00:27:47.1234567Z'): object =>
  inGrid('SMSReceived', { messageId: 'Incoming_1', from: '15550123', to: '15550199', message, receivedTimestamp });

const delivered = { of: 'page', channel: 'sms', receipt: 'Outgoing_7', what: 'delivered' } as const;
const key = { of: 'page', channel: 'voice', receipt: 'call-7', what: 'answered' } as const;

describe('what a gateway sends back', () => {
  it.each([
    ['a delivery report', [report('Delivered')], [delivered]],
    ['one in the letters of before', [inGrid('SMSDeliveryReportReceived', { MessageId: 'Outgoing_7', DeliveryStatus: 'Delivered' })], [delivered]],
    ['one as a CloudEvent, alone', inCloud('SMSDeliveryReportReceived', { messageId: 'Outgoing_7', deliveryStatus: 'Delivered' }), [delivered]],
    ['one of an SMS that could not be delivered', [report('Failed')], [{ ...delivered, what: 'undeliverable' }]],
    ['a key in a call', [inCloud('ContinuousDtmfRecognitionToneReceived', { callConnectionId: 'call-7', sequenceId: 1, tone: 'one' })], [key]],
    ['keys that were waited for', [inCloud('RecognizeCompleted', { callConnectionId: 'call-7', recognitionType: 'dtmf', dtmfResult: { tones: ['one'] } })], [key]],
    ['a word that was waited for, which is no key', [inCloud('RecognizeCompleted', { callConnectionId: 'call-7', recognitionType: 'speech' })], []],
    ['a status that is neither', [report('Queued')], []],
    ['an id that is none', [report('Delivered', 'x\ny'), report('Delivered', 7), report('Delivered', '')], []],
    ['an end of a call', [inCloud('CallDisconnected', { callConnectionId: 'call-7' })], []],
  ])('%s is read', (_what, body, answers) => {
    expect(read(body)?.answers).toEqual(answers);
  }); // prettier-ignore

  it('of a reply only that it came, from which number, when', () => {
    const [answer, ...more] = read([reply('Zebulon Quillfeather in room 3')])?.answers ?? [];
    expect(answer).toEqual({
      of: 'number',
      channel: 'sms',
      id: '8813a09b-0cbf-4304-9b03-1546683bb910',
      from: '15550123',
      at: '2020-09-18T00:27:47.123Z',
    });
    expect(more).toEqual([]);
    expect(read([reply('ok', 'yesterday')])?.answers).toMatchObject([{ at: null }]);
  });

  it('a word by which carriers end a subscription is nobody on the way', () => {
    expect(read([reply('STOP'), reply(' unsubscribe ')])).toMatchObject({ answers: [], ignored: 2 });
    expect(read([reply('stop calling, I am on my way')])?.answers).toHaveLength(1);
  });

  it('a validation is told from what is said, and what is no event is none', () => {
    const validation = { id: 'v', eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: '512d38b6', validationUrl: 'https://x' } };
    expect(read([validation])).toEqual({ validationCode: '512d38b6', answers: [], ignored: 0 });
    for (const body of [[], {}, 'x', [{ data: 1 }], null]) expect(read(body)).toBeNull();
    expect(readPageAnswers(Buffer.from('{'))).toBeNull();
    expect(readPageAnswers(Buffer.from([0xff, 0xfe]))).toBeNull();
  }); // prettier-ignore
});
