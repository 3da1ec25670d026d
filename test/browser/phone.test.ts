import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { findCard, press, whyNoBrowser } from '../support/playground-page.ts';
import { openStage } from './stage.ts';
import type { Posted, Stage } from './stage.ts';
import { misfits, openTelephone, write } from './telephone.ts';

/** Issue 6, "Done when" 1, on a telephone: the rehearsal's own page, since the Playground does not fold below 800 px. Pictures go to .tmp/pictures. */
const why = whyNoBrowser();
const PICTURES = '.tmp/pictures';
mkdirSync(PICTURES, { recursive: true });

/** `RADLOOP_FAULTS=full`: every story at both widths; else each at one of them. */
const isFull = process.env['RADLOOP_FAULTS'] === 'full';
const [SMALL, USUAL] = [320, 390];

(why === undefined ? describe : describe.skip)(`the stories on a telephone${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let stage: Stage;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    stage = await openStage();
  }, 150_000);
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(() => stage.end(), 60_000);

  const telephone = async (person: string, width: number, place = 'protocoling'): Promise<Page> => {
    const page = await openTelephone(stage.browser, { url: `${stage.phone(person)}#${place}`, viewport: { width, height: 780 } });
    contexts.push(page.context());
    return page;
  };
  const picture = (page: Page, name: string, width: number): Promise<unknown> =>
    page.screenshot({ path: join(PICTURES, `phone-${width}-${name}.png`) });
  const dialogOf = (page: Page): Locator => page.locator('dialog[open]');
  const threadOf = (page: Page, { caseNumber }: Posted): Locator => page.locator('.thread').filter({ hasText: caseNumber, visible: true });
  const openCase = async (page: Page, { caseNumber }: Posted, placer: string): Promise<Locator> => {
    await press(await findCard(page, caseNumber), 'Open');
    const dialog = dialogOf(page);
    await dialog.getByText(placer).first().waitFor();
    return dialog;
  };
  const fits = async (page: Page): Promise<void> => {
    expect(await misfits(page)).toEqual([]);
  };

  const story = (name: string, at: number, run: (width: number) => Promise<void>): void => {
    for (const width of isFull ? [SMALL, USUAL] : [at]) it(`${name}, ${width} px wide`, () => run(width), 60_000);
  };

  story('approve by button: the card, the view, the receipt, the next case', USUAL, async (width) => {
    const page = await telephone('dr-okafor', width);
    const { placer, card } = await stage.place();
    const { card: other } = await stage.place();
    await findCard(page, other.caseNumber);
    await fits(page);
    await picture(page, 'channel', width);
    expect(await page.locator('main').innerText()).not.toMatch(/MRN|born|P0000/u);
    const dialog = await openCase(page, card, placer);
    await fits(page);
    await picture(page, 'view', width);
    await press(dialog, /^Approve/u);
    await dialog.getByText(/^Approved /u).waitFor();
    await fits(page);
    await picture(page, 'receipt', width);
    const order = await stage.approvedWithin(placer, 5);
    expect(order?.approved?.protocolId).toBe(order?.recommendation?.protocolId);
    await press(dialog, /^Next: /u);
    await dialog.getByText(/MRN/u).first().waitFor();
    expect(await dialog.innerText()).not.toContain(placer);
  });

  story('approve in words, in the private chat: nothing is done before the view was shown', SMALL, async (width) => {
    const page = await telephone('dr-okafor', width, 'chat');
    const { placer, card } = await stage.place();
    await write(page, 'what is waiting');
    await findCard(page, card.caseNumber);
    await fits(page);
    await picture(page, 'list', width);
    await write(page, `approve ${card.caseNumber}`);
    await findCard(page, placer);
    await page.getByText(new RegExp(`^I changed nothing: you have not seen ${card.caseNumber}`, 'u')).waitFor();
    await fits(page);
    await picture(page, 'look-first', width);
    expect((await stage.order(placer))?.approved).toBeNull();
    await write(page, `approve ${card.caseNumber}`);
    expect(await stage.approvedWithin(placer, 5)).toBeDefined();
    await page.getByText(new RegExp(`^Approved ${card.caseNumber}`, 'u')).waitFor();
    await picture(page, 'words', width);
  });

  story('approve in the thread of the card, without its number, after the view was opened there', USUAL, async (width) => {
    const page = await telephone('dr-lindqvist', width);
    const { placer, card } = await stage.place();
    const thread = threadOf(page, card);
    await openCase(page, card, placer);
    await page.getByRole('button', { name: 'Close the dialog' }).click();
    await thread.getByRole('button', { name: 'Reply' }).click();
    await write(page, 'approve it');
    const order = await stage.approvedWithin(placer, 5);
    expect(order?.approved?.by).toContain('Lindqvist');
    await thread.getByText(new RegExp(`^Approved ${card.caseNumber}`, 'u')).waitFor();
    await thread.getByText(/In the RIS/u).waitFor();
    await fits(page);
    await picture(page, 'thread', width);
    expect(await page.locator('main').innerText()).not.toMatch(/MRN|born|P0000/u);
  });

  story('two people press in the same instant: one wins, the other reads who and when over the case as it is now', SMALL, async (width) => {
    const [first, second] = [await telephone('dr-okafor', width), await telephone('dr-lindqvist', width)];
    const { placer, card } = await stage.place();
    const dialogs = [await openCase(first, card, placer), await openCase(second, card, placer)] as const;
    await Promise.all(dialogs.map((dialog) => press(dialog, /^Approve/u)));
    const ends = await Promise.all(
      dialogs.map(async (dialog) => {
        await dialog.getByText(/^Approved |Your answer changed nothing/u).first().waitFor(); // prettier-ignore
        return dialog.innerText();
      }),
    );
    expect(ends.filter((text) => text.includes(`Approved ${card.caseNumber}`))).toHaveLength(1);
    const lost = ends.findIndex((text) => text.includes('Your answer changed nothing'));
    expect(ends[lost]).toMatch(/(Ngozi Okafor|Maja Lindqvist) approved this order at \d\d:\d\d\./u);
    const loser = [first, second][lost] ?? first;
    await fits(loser);
    await picture(loser, 'too-late', width);
    await stage.approvedWithin(placer, 5);
    expect((await stage.order(placer))?.approvals).toBe(1);
  });

  story('the order is cancelled under the finger: the press changes nothing, says why and shows the case as it is now', USUAL, async (width) => {
    const page = await telephone('dr-okafor', width);
    const { placer, card } = await stage.place();
    const dialog = await openCase(page, card, placer);
    await stage.cancel(placer);
    const shared = threadOf(page, card);
    await shared.getByText(/Cancelled by the RIS/u).waitFor();
    await press(dialog, /^Approve/u);
    await dialog.getByText(/The RIS has cancelled this order. Your answer changed nothing/u).waitFor();
    await fits(page);
    await picture(page, 'cancelled', width);
    expect(await dialog.getByRole('button', { name: /Approve|Choose|Reject/u }).count()).toBe(0);
    expect(await dialog.innerText()).toContain(placer);
    expect((await stage.order(placer))?.approvals).toBe(0);
  });

  story('override after the answer: taken back, which says first that the RIS has it, then decided anew', USUAL, async (width) => {
    const page = await telephone('dr-okafor', width);
    const { placer, card } = await stage.place();
    const dialog = await openCase(page, card, placer);
    await press(dialog, /^Approve/u);
    await dialog.getByText(/^Approved /u).waitFor();
    const first = await stage.approvedWithin(placer, 5);
    await page.getByRole('button', { name: 'Close the dialog' }).click();
    await threadOf(page, card).getByText(/In the RIS/u).waitFor(); // prettier-ignore
    await openCase(page, card, placer);
    await press(dialog, 'Take back my decision');
    await dialog.getByText(/The RIS has it already/u).waitFor();
    await fits(page);
    await picture(page, 'take-back', width);
    await press(dialog, 'Take it back');
    await dialog.getByText(/^Taken back: /u).waitFor();
    await page.getByRole('button', { name: 'Close the dialog' }).click();
    await threadOf(page, card).getByText(/still has the protocol that was taken back/u).waitFor(); // prettier-ignore
    await picture(page, 'taken-back', width);
    await openCase(page, card, placer);
    await press(dialog, /^Choose another/u);
    const other = await dialog.locator('datalist option').first().getAttribute('value');
    await dialog
      .locator('input[list]')
      .first()
      .fill(other ?? '');
    await dialog.locator('textarea').first().fill('The surgeon asks for it.');
    await press(dialog, /^Use this/u);
    await dialog.getByText(/^Your protocol is set/u).waitFor();
    for (const until = Date.now() + 10_000; Date.now() < until && (await stage.order(placer))?.approvals !== 2; await pause(100));
    const order = await stage.order(placer);
    expect([order?.approvals, order?.approved?.protocolId === first?.approved?.protocolId]).toEqual([2, false]);
  });

  story('another protocol than the proposed one, with its reason', SMALL, async (width) => {
    const page = await telephone('dr-okafor', width);
    const { placer, card } = await stage.place();
    const dialog = await openCase(page, card, placer);
    await press(dialog, /^Choose another/u);
    const list = dialog.getByPlaceholder('Search or choose').or(dialog.locator('input[list], select')).first();
    const other = await dialog.locator('datalist option').first().getAttribute('value');
    await list.fill(other ?? '');
    await dialog.locator('textarea').first().fill('Fits the question better.');
    await fits(page);
    await picture(page, 'choose', width);
    await press(dialog, /^Use this|^Set|^Choose/u);
    await dialog.getByText(/^Your protocol is set/u).waitFor();
    const order = await stage.approvedWithin(placer, 5);
    expect(order?.approved?.protocolId).not.toBe(order?.recommendation?.protocolId);
  });
});
