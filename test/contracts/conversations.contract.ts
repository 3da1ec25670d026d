import { haddad, okafor } from '../support/clinic.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const chat = (n: number) => ({ conversationId: `a:1-private-${n}`, serviceUrl: `https://smba.trafficmanager.net/emea/${n}/` });

/** What any adapter of ports/conversations promises. */
export function conversationsContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port conversations`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('knows a person’s private chat over an end, and nobody’s who never wrote', async () => {
      await stores.conversations.remember(okafor.id, chat(1));
      await stores.conversations.remember(okafor.id, chat(1));
      stores = await stores.reopen();
      expect(await stores.conversations.of(okafor.id)).toEqual(chat(1));
      expect(await stores.conversations.of(haddad.id)).toBeNull();
    });

    it('takes another chat of a person in place of the old one, and the same chat at another address', async () => {
      await stores.conversations.remember(okafor.id, chat(1));
      await stores.conversations.remember(haddad.id, chat(2));
      await stores.conversations.remember(okafor.id, chat(3));
      expect([await stores.conversations.of(okafor.id), await stores.conversations.of(haddad.id)]).toEqual([chat(3), chat(2)]);
      const moved = { ...chat(3), serviceUrl: 'https://smba.trafficmanager.net/amer/' };
      await stores.conversations.remember(okafor.id, moved);
      expect(await stores.conversations.of(okafor.id)).toEqual(moved);
    });

    it('keeps the account that a chat is with, and takes the chat of another account of the same person', async () => {
      const [before, after] = ['c6b7a3de-1111-4111-8111-000000000001', 'c6b7a3de-1111-4111-8111-000000000002'];
      await stores.conversations.remember(okafor.id, chat(1));
      await stores.conversations.remember(okafor.id, { ...chat(1), aadObjectId: before });
      stores = await stores.reopen();
      expect(await stores.conversations.of(okafor.id)).toEqual({ ...chat(1), aadObjectId: before });
      await stores.conversations.remember(okafor.id, { ...chat(2), aadObjectId: after });
      expect(await stores.conversations.of(okafor.id)).toEqual({ ...chat(2), aadObjectId: after });
    });

    it('has one whole chat, never a mixture, when two are learnt at once', async () => {
      await Promise.all([1, 2, 3, 4].map((n) => stores.conversations.remember(okafor.id, chat(n))));
      expect([1, 2, 3, 4].map(chat)).toContainEqual(await stores.conversations.of(okafor.id));
    });
  });
}
