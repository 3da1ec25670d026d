import type { FailureCode } from '#core/delivery.js';
import type { PagingChannel } from '#core/effect.js';
import type { Page, Pager } from '#ports/pager.js';
import type { PagingSide } from '../../infra/rehearsal/paging-side.ts';

/** A fault of the other end, and what it may be told apart as. */
export type Trouble = readonly [what: string, codes: readonly FailureCode[], fault: Readonly<Record<string, unknown>>];

export interface Opened {
  readonly pager: Pager;
  readonly side: PagingSide;
  readonly page: (more?: Partial<Page>) => Page;
  /** Everything that was logged. */
  readonly logged: readonly string[];
}

/** A patient's name that somebody let into a page by mistake. */
const CANARY = 'Quillfeather Zebulon';

/** What every channel promises. `open` gives a pager whose attempts end after `seconds`. */
export function pagerContract(channel: PagingChannel, open: (seconds: number) => Promise<Opened>, troubles: readonly Trouble[]): void {
  describe(`${channel} as a way to page`, () => {
    const arrived = ({ side }: Opened) => side.lines.filter((line) => line.channel === channel && line.event === 'arrived');

    it('says that it is set up, and no other is', async () => {
      expect([...(await open(2)).pager.channels]).toEqual([channel]);
    });

    it('hands a page over, once taken says so, and nothing of the case id stands in it', async () => {
      const opened = await open(2);
      const page = opened.page();
      expect(await opened.pager.send(page)).toMatchObject({ ok: true });
      const [line] = arrived(opened);
      expect(arrived(opened)).toHaveLength(1);
      const said = `${line?.subject ?? ''} ${line?.text ?? ''} ${line?.callBack ?? ''}`;
      expect(said).toContain('7KF3QN');
      expect(said).toContain('+1 555 0100');
      expect(JSON.stringify(line)).not.toContain('P000123');
    });

    it('sends a page that is sent again so that its receiver knows it again', async () => {
      const opened = await open(2);
      const page = opened.page();
      await opened.pager.send(page);
      await opened.pager.send(page);
      await opened.pager.send(opened.page({ key: 'protocoling:P000123/other-event/page', text: 'another', sheet: ['CASE 7KF3QN', 'another', '+1 555 0100'] }));
      expect(arrived(opened).map(({ repeat }) => repeat)).toEqual([false, true, false]);
    }); // prettier-ignore

    const isWaitedFor = ([what]: Trouble): boolean => /silent|slow/u.test(what);
    it.each(troubles.filter((one) => !isWaitedFor(one)))('tells apart an other end that is %s', async (...trouble) => {
      await tellsApart(trouble, 3);
    });
    it('tells apart an other end that is silent, before or after it has taken the page, or too slow', async () => {
      await Promise.all(troubles.filter(isWaitedFor).map((trouble) => tellsApart(trouble, 0.6)));
    });

    async function tellsApart([what, codes, fault]: Trouble, seconds: number): Promise<void> {
      const opened = await open(seconds);
      expect(opened.side.fault({ channel, ...fault })).toBeUndefined();
      const began = performance.now();
      const sent = await opened.pager.send(opened.page({ text: `CT head, ${CANARY}, call at once` }));
      expect([what, sent]).toMatchObject([what, { ok: false, code: expect.stringMatching(new RegExp(`^(?:${codes.join('|')})$`, 'u')) }]);
      expect(performance.now() - began).toBeLessThan(3500);
      const told = JSON.stringify([sent, opened.logged]);
      for (const secret of [CANARY, opened.page().address, '127.0.0.1', 'P000123', 'on purpose']) expect(told).not.toContain(secret);
    }

    it('goes on by itself when the trouble is over', async () => {
      const opened = await open(1);
      opened.side.fault({ channel, what: 'down' });
      await new Promise((done) => setTimeout(done, 50));
      expect(await opened.pager.send(opened.page())).toMatchObject({ ok: false });
      opened.side.fault({ channel, what: 'none' });
      await new Promise((done) => setTimeout(done, 50));
      expect(await opened.pager.send(opened.page())).toMatchObject({ ok: true });
      expect(arrived(opened)).toHaveLength(1);
    });

    it('sends nothing for a channel that is not set up', async () => {
      const opened = await open(1);
      const other = channel === 'email' ? 'sms' : 'email';
      expect(await opened.pager.send(opened.page({ channel: other }))).toMatchObject({ ok: false, code: 'not-allowed' });
      expect(opened.side.lines).toEqual([]);
    });
  });
}
