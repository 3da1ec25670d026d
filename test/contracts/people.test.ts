import type { RenderedCard } from '#ports/people.js';
import { startBotFixture } from '../support/bot-fixture.ts';
import { okafor } from '../support/clinic.ts';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';
import { peopleContract } from './people.contract.ts';

let side: TeamsSide;
beforeAll(async () => {
  side = await startTeamsSide();
});
afterAll(() => side.close());

async function start() {
  side.calls.length = 0;
  side.next.length = 0;
  return startBotFixture(side);
}
const card: RenderedCard = { speak: 'Case 7KF3QN, STAT.', card: { type: 'AdaptiveCard', version: '1.5', body: [] } };

peopleContract('the bot', async () => {
  const { bot } = await start();
  return {
    people: bot.people,
    meet: (...replies) => side.next.push(...replies),
    shown: async () => {
      const cards = side.calls.filter((call) => call.path !== '' && call.answered).map((call) => [call.answered, JSON.stringify(call.body)] as const);
      return new Map(cards);
    },
  };
});

describe('the bot towards the connector', () => {
  it('sends each call once, with its token, as a card with a summary for notifications', async () => {
    const { bot } = await start();
    await bot.people.post('protocoling', card);
    expect(side.calls).toEqual([
      expect.objectContaining({ method: 'POST', path: '/_connector/v3/conversations', authorization: 'Bearer token-of-the-bot' }),
    ]);
    expect(side.calls[0]?.body).toMatchObject({
      isGroup: true,
      tenantId: side.tenantId,
      channelData: { channel: { id: '19:protocoling@thread.tacv2' } },
      activity: { type: 'message', summary: 'Case 7KF3QN, STAT.', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }] },
    });
  });

  it('follows no redirect with its token', async () => {
    const { bot } = await start();
    side.next.push({ status: 307, headers: { location: `${side.origin}/elsewhere` } });
    expect(await bot.people.post('protocoling', card)).toMatchObject({ ok: false, code: 'refused' });
    expect(side.calls).toHaveLength(1);
  });

  it('checks a remembered service URL again, and sends nothing to one that is not allowed', async () => {
    const { bot, conversations } = await start();
    await conversations.remember(okafor.id, { conversationId: 'a:x', serviceUrl: 'https://evil.example/' });
    expect(await bot.people.tell(okafor.id, card)).toMatchObject({ ok: false, code: 'not-allowed' });
    expect(side.calls).toEqual([]);
  });

  it('knows who has the app: by the chat that is remembered, else by whether Teams opens one, which is remembered too; nothing is written to them', async () => {
    const { bot, conversations } = await start();
    expect(await bot.people.hasApp(okafor.id, false)).toBeNull();
    side.next.push({ status: 403 });
    expect(await bot.people.hasApp(okafor.id, true)).toBe(false);
    side.next.push({ status: 503 });
    expect(await bot.people.hasApp(okafor.id, true)).toBeNull();
    expect(await conversations.of(okafor.id)).toBeNull();
    expect(await bot.people.hasApp(okafor.id, true)).toBe(true);
    expect(await conversations.of(okafor.id)).toMatchObject({ conversationId: `a:${okafor.teamsId ?? ''}` });
    const before = side.calls.length;
    expect(await bot.people.hasApp(okafor.id, false)).toBe(true);
    expect(side.calls).toHaveLength(before);
    expect(side.calls.every(({ path }) => path.endsWith('/v3/conversations'))).toBe(true);
    await conversations.remember(okafor.id, { ...(await conversations.of(okafor.id))!, aadObjectId: '11111111-5a15-40d8-9bf1-b9da83cb26bf' });
    expect(await bot.people.hasApp(okafor.id, false)).toBeNull();
  });

  it('opens the chat anew when the remembered one is gone', async () => {
    const { bot, conversations } = await start();
    await conversations.remember(okafor.id, { conversationId: 'a:old', serviceUrl: side.serviceUrl });
    side.next.push({ status: 404 });
    expect(await bot.people.tell(okafor.id, card)).toMatchObject({ ok: true, receipt: { conversationId: `a:${okafor.teamsId ?? ''}` } });
  });

  it('writes nothing into the chat of an account that the person does not have any more: it opens the one of the account of now', async () => {
    const { bot, conversations } = await start();
    await conversations.remember(okafor.id, {
      conversationId: 'a:of-before',
      serviceUrl: side.serviceUrl,
      aadObjectId: '11111111-5a15-40d8-9bf1-b9da83cb26bf',
    });
    const opened = { ok: true, receipt: { conversationId: `a:${okafor.teamsId ?? ''}` } };
    expect(await bot.people.tell(okafor.id, card)).toMatchObject(opened);
    expect(await bot.people.tell(okafor.id, card)).toMatchObject(opened);
    // Opened once: it is remembered as the chat of this account.
    expect(side.calls.map(({ path }) => path.replace('/_connector', ''))).toEqual([
      '/v3/conversations',
      ...Array.from({ length: 2 }, () => `/v3/conversations/a:${okafor.teamsId ?? ''}/activities`),
    ]);
  });

  it('remembers with which account a chat is', async () => {
    const side = await start();
    await side.post(side.activity({ text: 'help' }));
    expect(await side.conversations.of(okafor.id)).toMatchObject({ conversationId: 'a:okafor', aadObjectId: okafor.aadObjectId });
  });

  it('says that nothing was sent when nobody listens', async () => {
    const gone = await startTeamsSide();
    const { bot } = await startBotFixture(gone);
    await gone.close();
    expect(await bot.people.post('protocoling', card)).toMatchObject({ ok: false, code: 'not-connected' });
  });
});
