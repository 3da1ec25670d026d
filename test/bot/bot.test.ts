import { haddad, numbered, okafor, patientName, unknownPerson } from '../support/clinic.ts';
import { startBotFixture, startTeamsSide, thread } from '../support/bot-fixture.ts';
import type { BotFixture } from '../support/bot-fixture.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

let side: TeamsSide;
let f: BotFixture;
beforeAll(async () => {
  side = await startTeamsSide();
});
beforeEach(async () => {
  side.calls.length = 0;
  side.next.length = 0;
  f = await startBotFixture(side);
});
afterAll(() => side.close());

const inChannel = () => ({
  conversation: { id: thread, conversationType: 'channel', isGroup: true, tenantId: side.tenantId },
  channelData: { tenant: { id: side.tenantId }, channel: { id: '19:protocoling@thread.tacv2' } },
});
const invoke = (name: string, value: unknown, parts = {}) => f.post(f.activity({ type: 'invoke', name, value, ...parts }));
const said = () => side.calls.map((call) => call.body?.text ?? call.body?.attachments?.[0]?.content?.body?.[0]?.text);
const speakIn = (body: unknown): unknown => (body as { task: { value: { card: { content: { speak: unknown } } } } }).task.value.card.content.speak;
const write = (text: string, parts = {}) => f.post(f.activity({ text, ...parts }));

describe('Open and the dialog', () => {
  it('opens the person’s own view as a dialog', async () => {
    const { status, body } = await invoke(
      'task/fetch',
      { data: { verb: 'open', caseNumber: f.desk.case, msteams: { type: 'task/fetch' } } },
      inChannel(),
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      task: { type: 'continue', value: { title: `CT protocol request ${f.desk.case}`, height: 'large', width: 'large' } },
    });
    expect(JSON.stringify(body)).toContain(patientName);
    expect(side.calls).toEqual([]);
  });

  it('says why where the person may not see the case', async () => {
    const from = { id: '29:x', aadObjectId: haddad.aadObjectId };
    const { body } = await invoke('task/fetch', { data: { verb: 'open', caseNumber: f.desk.case } }, { from });
    expect(body).toEqual({ task: { type: 'message', value: 'Samir Haddad has no role that may open this case.' } });
  });

  it('passes on what was pressed in the dialog, with the person of the token', async () => {
    const data = {
      verb: 'choose-other',
      caseNumber: f.desk.case,
      revision: 2,
      protocolId: 'CT-HEAD-W',
      reason: 'contrast needed',
      person: 'somebody-else',
    };
    const { status, body } = await invoke('task/submit', { data });
    expect(status).toBe(200);
    expect(speakIn(body)).toBe('Done. Nothing else is waiting for your decision.');
    expect(f.desk.answers).toEqual([
      { person: okafor, caseNumber: f.desk.case, revision: 2, verb: 'choose-other', protocolId: 'CT-HEAD-W', text: 'contrast needed' },
    ]);
  });

  it('answers a stale press with the reason, over the view as it is now', async () => {
    f.desk.reply = { outcome: 'stale', text: 'This case has changed.' };
    const { body } = await invoke('task/submit', { data: { verb: 'approve', caseNumber: f.desk.case, revision: 1 } });
    expect(body).toMatchObject({ task: { type: 'continue', value: { title: `CT protocol request ${f.desk.case}` } } });
    expect(f.desk.opened).toEqual([okafor.id]);
    expect(f.desk.notices).toEqual(['This case has changed.']);
  });

  it('gives a repeated press the same answer (FIELD-REPORTS 19)', async () => {
    const first = await invoke('task/submit', { data: { verb: 'approve', caseNumber: f.desk.case, revision: 2 } });
    const again = await invoke('task/submit', { data: { verb: 'approve', caseNumber: f.desk.case, revision: 2 } }, { id: 'another' });
    expect(again).toEqual(first);
    expect(f.desk.answers[0]).toEqual(f.desk.answers[1]);
  });
});

describe('every invoke is answered', () => {
  it.each([
    ['an unknown invoke', 'composeExtension/query', {}],
    ['an unknown verb in a dialog', 'task/submit', { data: { verb: 'approve-all' } }],
    ['a dialog without data', 'task/fetch', undefined],
    ['data of the wrong shape', 'task/submit', { data: 'approve' }],
    ['a case number that does not check', 'task/fetch', { data: { verb: 'open', caseNumber: '7KF3Q2' } }],
    ['a revision that is no number', 'task/submit', { data: { verb: 'approve', caseNumber: numbered('7KF3Q'), revision: '2 or 1=1' } }],
    ['a revision that is true', 'task/submit', { data: { verb: 'approve', caseNumber: numbered('7KF3Q'), revision: true } }],
    ['a card action without an action', 'adaptiveCard/action', {}],
    ['a card action with an unknown verb', 'adaptiveCard/action', { action: { verb: 'delete', data: {} } }],
    [
      'a card action whose two verbs differ',
      'adaptiveCard/action',
      { action: { verb: 'open', data: { verb: 'approve', caseNumber: numbered('7KF3Q'), revision: 2 } } },
    ],
    [
      'an automatic refresh',
      'adaptiveCard/action',
      { trigger: 'automatic', action: { verb: 'approve', data: { caseNumber: numbered('7KF3Q'), revision: 2 } } },
    ],
  ])('with 200 and nothing done: %s', async (_name, name, value) => {
    const { status, body } = await invoke(name, value);
    expect(status).toBe(200);
    expect(body).toBeDefined();
    expect(f.desk.answers).toEqual([]);
  });

  it('in time, although the engine is slow', async () => {
    f.desk.takes = 6000;
    const from = Date.now();
    const { status, body } = await invoke('task/submit', { data: { verb: 'approve', caseNumber: f.desk.case, revision: 2 } });
    expect(Date.now() - from).toBeLessThan(4500);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('may still count');
  });

  it('in time, counted from when it came: the store is slow to keep where the chat is, then the engine is (invariant 17)', async () => {
    f.desk.takes = 6000;
    const slow = { remember: () => new Promise((resolve) => setTimeout(resolve, 3000)) };
    Object.assign(f.conversations, slow);
    const from = Date.now();
    const { status, body } = await invoke('task/submit', { data: { verb: 'approve', caseNumber: f.desk.case, revision: 2 } });
    expect(Date.now() - from).toBeLessThan(4500);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('may still count');
  });

  it('although the store of chats fails', async () => {
    Object.assign(f.conversations, { remember: () => Promise.reject(new Error(patientName)) });
    const { status, body } = await invoke('task/submit', { data: { verb: 'approve', caseNumber: f.desk.case, revision: 2 } });
    expect(status).toBe(200);
    expect(JSON.stringify([body, f.log.lines])).not.toContain(patientName);
    expect(JSON.stringify(body)).toContain('may still count');
  });

  it('although the engine fails, and the fault’s words go nowhere', async () => {
    f.desk.fails = true;
    const { status, body } = await invoke('task/submit', { data: { verb: 'approve', caseNumber: f.desk.case, revision: 2 } });
    expect(status).toBe(200);
    expect(JSON.stringify([body, f.log.lines])).not.toContain(patientName);
  });
});

describe('buttons in a chat', () => {
  it('answers Action.Execute with text, never with a card', async () => {
    const { body } = await invoke('adaptiveCard/action', {
      trigger: 'manual',
      action: { type: 'Action.Execute', verb: 'approve', data: { caseNumber: f.desk.case, revision: 2 } },
    });
    expect(body).toEqual({ statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Done.' });
    expect(f.desk.answers).toHaveLength(1);
  });

  it('takes a plain Action.Submit the same way', async () => {
    expect(
      await f.post(f.activity({ value: { verb: 'answer-question', caseNumber: f.desk.case, revision: 2, answerText: 'yes' }, replyToId: '7' })),
    ).toEqual({ status: 200 });
    expect(f.desk.answers).toMatchObject([{ verb: 'answer-question', text: 'yes' }]);
    expect(said()).toEqual(['Done.']);
  });

  it('puts a view that was opened from a channel into the private chat', async () => {
    await f.post(f.activity({ type: 'installationUpdate', action: 'add' }));
    const { body } = await invoke('adaptiveCard/action', { action: { verb: 'open', data: { caseNumber: f.desk.case } } }, inChannel());
    expect(body).toMatchObject({ value: 'I have put it into your private chat.' });
    expect(side.calls).toHaveLength(1);
    expect(side.calls[0]?.path).toBe('/_connector/v3/conversations/a:okafor/activities');
  });
});

describe('words', () => {
  it('does nothing with "approve" before the view was seen: shows it and says so', async () => {
    await write(`approve ${f.desk.case}`);
    expect(f.desk.answers).toEqual([]);
    expect(said()).toEqual([patientName, `I changed nothing: you have not seen ${f.desk.case} as it is now. Look at it here, then write it again.`]);
    await write(`Approve ${f.desk.case.toLowerCase()}, please.`);
    expect(f.desk.answers).toEqual([{ person: okafor, caseNumber: f.desk.case, revision: 2, verb: 'approve' }]);
    expect(said().at(-1)).toBe('Done.');
  });

  it('shows the newer view first when the case has changed since', async () => {
    await write(`show ${f.desk.case}`);
    f.desk.revision = 3;
    await write(`approve ${f.desk.case}`);
    expect(f.desk.answers).toEqual([]);
    await write(`approve ${f.desk.case}`);
    expect(f.desk.answers).toMatchObject([{ revision: 3 }]);
  });

  it('carries protocol, reason and question as written', async () => {
    await write(`show ${f.desk.case}`);
    await write(`use ct head w for ${f.desk.case}`);
    await write(`reject ${f.desk.case} because it was Done elsewhere`);
    await write(`ask the orderer of ${f.desk.case}: is she allergic?`);
    expect(f.desk.answers.map(({ verb, protocolId, text }) => [verb, protocolId, text])).toEqual([
      ['choose-other', 'CT-HEAD-W', undefined],
      ['reject', undefined, 'it was Done elsewhere'],
      ['ask-orderer', undefined, 'is she allergic?'],
    ]);
  });

  it('lists what is waiting as a table, help as text', async () => {
    await write('What is waiting?');
    await write('help');
    expect(said()[0]).toBe('1 case is waiting');
    expect(JSON.stringify(side.calls[0]?.body)).toContain(f.desk.case);
    expect(said()[1]).toContain('I understand these sentences');
  });

  it('asks back with a button, and does nothing, where only the model understood it', async () => {
    await write(`show ${f.desk.case}`);
    await write(`${f.desk.case} looks good to me, go ahead`);
    expect(f.desk.answers).toEqual([]);
    const card = side.calls.at(-1)?.body?.attachments?.[0]?.content;
    expect(card.body[0].text).toBe(`I did nothing yet. If you mean it, press: Approve ${f.desk.case}.`);
    const [button] = card.actions;
    expect(button).toMatchObject({ verb: 'approve', data: { verb: 'approve', caseNumber: f.desk.case, revision: 2 } });
    await invoke('adaptiveCard/action', { trigger: 'manual', action: { type: 'Action.Execute', verb: button.verb, data: button.data } });
    expect(f.desk.answers).toEqual([{ person: okafor, caseNumber: f.desk.case, revision: 2, verb: 'approve' }]);
  });

  it('answers a message without text', async () => {
    await f.post(f.activity({ attachments: [{ contentType: 'image/png', contentUrl: 'http://x' }] }));
    expect(said()).toEqual(['I read text only. Write "help" to see what I understand.']);
  });
});

describe('words in a channel', () => {
  const mentioned = (text: string) => ({
    ...inChannel(),
    text: `<at>Radloop</at>&nbsp;${text}\n`,
    entities: [{ type: 'mention', text: '<at>Radloop</at>', mentioned: { id: `28:${side.appId}`, name: 'Radloop' } }],
  });
  const writeThere = (text: string) => f.post(f.activity(mentioned(text)));

  it('shows the shared card, never the person’s own view', async () => {
    await writeThere(`show ${f.desk.case}`);
    expect(said()).toEqual([`shared ${f.desk.case}`]);
    expect(f.desk.opened).toEqual([]);
  });

  it('knows the case of a card’s thread, and puts an unseen view into the private chat', async () => {
    f.desk.threads.set(thread, f.desk.case);
    await f.post(f.activity({ type: 'installationUpdate', action: 'add' }));
    await writeThere('approve');
    expect(f.desk.answers).toEqual([]);
    const there = side.calls.filter((call) => call.path.includes('thread.tacv2'));
    expect(JSON.stringify(there)).not.toContain(patientName);
    expect(there.map((call) => call.body.text)).toEqual([
      `I changed nothing: you have not seen ${f.desk.case} as it is now. I have put it into your private chat. Look at it there, then write it again.`,
    ]);
    expect(side.calls.filter((call) => call.path.includes('a:okafor'))).toHaveLength(1);
    await writeThere('approve');
    expect(f.desk.answers).toMatchObject([{ verb: 'approve', revision: 2 }]);
  });

  it.each([
    'show Jane Doe',
    'approve Jane Doe',
    'show 123456',
    'what about MRN 00778899?',
    'reject JANEDO because Jane Doe asked',
    '<b>Jane Doe</b> approve',
    'use Jane Doe for it',
  ])('repeats nothing that was written there: %s', async (text) => {
    f.desk.threads.set(thread, f.desk.case);
    await writeThere(text);
    expect(side.calls.length).toBeGreaterThan(0);
    const there = side.calls.filter((call) => call.path.includes('thread.tacv2'));
    expect(there.length).toBeGreaterThan(0);
    expect(JSON.stringify(there.map((call) => call.body))).not.toMatch(/jane|doe|123456|00778899/iu);
    expect(f.desk.answers).toEqual([]);
  });

  it('says so where the private chat cannot be reached', async () => {
    side.next.push({ status: 403, body: { error: { code: 'Forbidden' } } });
    await writeThere(`approve ${f.desk.case}`);
    expect(said().at(-1)).toContain('could not reach your private chat');
  });
});

describe('what carries no act', () => {
  it('remembers the private chat of a known person and forgets nothing on a repeat', async () => {
    const added = f.activity({ type: 'conversationUpdate', membersAdded: [{ id: '28:bot' }] });
    expect([await f.post(added), await f.post(added)]).toEqual([{ status: 200 }, { status: 200 }]);
    expect(await f.conversations.of(okafor.id)).toEqual({ conversationId: 'a:okafor', serviceUrl: side.serviceUrl, aadObjectId: okafor.aadObjectId });
    expect(f.desk.denials).toEqual([]);
  });

  it.each([{ from: { id: '28:bot' } }, { from: { id: '29:x', aadObjectId: '00000000-0000-4000-8000-000000000009' } }])(
    'hears an installation by somebody unknown, and keeps nothing',
    async (parts) => {
      expect(await f.post(f.activity({ type: 'installationUpdate', action: 'add', ...parts }))).toEqual({ status: 200 });
      expect(await f.conversations.of(unknownPerson)).toBeNull();
      expect(await f.conversations.of(okafor.id)).toBeNull();
    },
  );

  it.each(['typing', 'messageReaction', 'messageUpdate', 'endOfConversation', 'event'])('hears %s and does nothing', async (type) => {
    expect(await f.post(f.activity({ type, text: `approve ${f.desk.case}` }))).toEqual({ status: 200 });
    expect([f.desk.answers, side.calls]).toEqual([[], []]);
  });
});

describe('a reply that cannot be sent', () => {
  it('is a fault of ours: 500, and what was done stays done once', async () => {
    await write(`show ${f.desk.case}`);
    side.next.push({ status: 502 });
    expect(await write(`approve ${f.desk.case}`)).toEqual({ status: 500 });
    expect(f.desk.answers).toHaveLength(1);
  });
});
