import type { People, RenderedCard } from '#ports/people.js';
import { okafor } from '../support/clinic.ts';
import type { PersonId } from '#core/ids.js';
import type { Reply } from '../support/teams-provider.ts';

/** What stands behind an adapter of the port: what was shown in Teams, and what the next calls meet. */
export interface PeopleUnderTest {
  readonly people: People;
  /** Cards that stand in Teams, by activity id, as JSON. */
  shown(): Promise<ReadonlyMap<string, string>>;
  /** The next calls are answered so, one each. */
  meet(...replies: Reply[]): void;
}

const card = (text: string): RenderedCard => ({
  speak: `Case ${text}`,
  card: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text }] },
});

/** What any adapter of ports/people promises. */
export function peopleContract(name: string, start: () => Promise<PeopleUnderTest>): void {
  describe(`${name} keeps the promise of the port people`, () => {
    let t: PeopleUnderTest;
    beforeEach(async () => {
      t = await start();
    });
    const posted = async () => {
      const result = await t.people.post('protocoling', card('first'));
      if (!result.ok) throw new Error(result.detail);
      return result.receipt;
    };

    it('posts a card as a thread of its own and says where it stands', async () => {
      const one = await posted();
      const two = await posted();
      expect(one.place).toBe('protocoling');
      expect(one.conversationId).not.toBe(two.conversationId);
      expect((await t.shown()).get(one.activityId)).toContain('first');
    });

    it('edits the card in place', async () => {
      const posting = await posted();
      expect(await t.people.edit(posting, card('second'))).toEqual({ ok: true, receipt: posting });
      expect([...(await t.shown()).values()].filter((json) => json.includes('second'))).toHaveLength(1);
      expect((await t.shown()).size).toBe(1);
    });

    it('tells one person in private, the same chat each time', async () => {
      const one = await t.people.tell(okafor.id, card('for you'));
      const two = await t.people.tell(okafor.id, card('for you again'));
      if (!one.ok || !two.ok) throw new Error('not delivered');
      expect(one.receipt.conversationId).toBe(two.receipt.conversationId);
      expect(one.receipt.activityId).not.toBe(two.receipt.activityId);
    });

    it('edits what it told in private', async () => {
      const told = await t.people.tell(okafor.id, card('for you'));
      if (!told.ok) throw new Error('not delivered');
      expect(await t.people.edit(told.receipt, card('done'))).toEqual({ ok: true, receipt: told.receipt });
    });

    it('says "gone" when the card is no longer there (FIELD-REPORTS 20)', async () => {
      const posting = await posted();
      t.meet({ status: 404, body: { error: { code: 'ActivityNotFoundInConversation' } } });
      expect(await t.people.edit(posting, card('second'))).toMatchObject({ ok: false, code: 'gone' });
      t.meet({ status: 403, body: { error: { code: 'ConversationNotFound' } } });
      expect(await t.people.edit(posting, card('second'))).toMatchObject({ ok: false, code: 'gone' });
    });

    it('hands on how long to wait when there is too much', async () => {
      t.meet({ status: 429, headers: { 'retry-after': '7' } });
      expect(await t.people.post('protocoling', card('first'))).toMatchObject({ ok: false, code: 'throttled', retryAfterSeconds: 7 });
      t.meet({ status: 429 });
      expect(await t.people.post('protocoling', card('first'))).toEqual({ ok: false, code: 'throttled', detail: expect.any(String) });
    });

    it.each([
      [412, 'unavailable'],
      [500, 'unavailable'],
      [502, 'unavailable'],
      [503, 'unavailable'],
      [504, 'unavailable'],
      [401, 'not-connected'],
      [403, 'not-allowed'],
      [400, 'refused'],
      [413, 'refused'],
    ])('names an answer of %i: %s, after one call only', async (status, code) => {
      t.meet({ status, body: {} });
      expect(await t.people.post('protocoling', card('first'))).toMatchObject({ ok: false, code });
      expect((await t.shown()).size).toBe(0);
    });

    it('does not try an unknown channel for ever: a person must mend the map', async () => {
      t.meet({ status: 500, body: { error: { code: 'ConversationNotFound' } } }, { status: 404 });
      expect(await t.people.post('protocoling', card('first'))).toMatchObject({ ok: false, code: 'not-allowed' });
      expect(await t.people.post('protocoling', card('first'))).toMatchObject({ ok: false, code: 'not-allowed' });
      expect(await t.people.post('nowhere', card('first'))).toMatchObject({
        ok: false,
        code: 'cannot-be-written',
        detail: expect.stringContaining('channels.json'),
      });
    });

    it('counts as delivered only what the connector gave an id for (FIELD-REPORTS 22)', async () => {
      t.meet({ status: 201, body: {} });
      expect(await t.people.post('protocoling', card('first'))).toMatchObject({ ok: false, code: 'answer-unreadable' });
    });

    it('says that the outcome is unknown when the line is cut after sending', async () => {
      t.meet('cut');
      expect(await t.people.post('protocoling', card('first'))).toMatchObject({ ok: false, code: 'cut-after-send' });
    });

    it('says that the outcome is unknown when no answer comes in time', async () => {
      t.meet('hang');
      expect(await t.people.post('protocoling', card('first'))).toMatchObject({ ok: false, code: 'timed-out-after-send' });
    });

    it('knows nobody whom the directory does not know', async () => {
      expect(await t.people.tell('nobody' as PersonId, card('x'))).toMatchObject({ ok: false, code: 'cannot-be-written' });
    });
  });
}
