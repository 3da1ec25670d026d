import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import {
  findCard,
  openChannel,
  openPage,
  openPrivate,
  press,
  screenshot,
  typeInPrivate,
  typeInThread,
  whyNoBrowser,
} from '../support/playground-page.ts';
import { smallPng } from '../support/small-png.ts';
import { openStage } from './stage.ts';
import type { Posted, Stage } from './stage.ts';

/** Issues 3 and 6, "Done when" 1: what two people see who have typed `npm start`, in a desktop's width. Pictures go to .tmp/pictures, to be looked at. */
type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

const why = whyNoBrowser();
const PICTURES = '.tmp/pictures';
mkdirSync(PICTURES, { recursive: true });

(why === undefined ? describe : describe.skip)(`the main job in a Teams client${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let stage: Stage;
  let okafor: Page;
  let lindqvist: Page;
  beforeAll(async () => {
    stage = await openStage();
    const pages = stage.faces.map(({ url }) => openPage(stage.browser, url));
    [okafor, lindqvist] = (await Promise.all(pages)) as [Page, Page];
  }, 150_000);
  afterAll(() => stage.end(), 60_000);
  beforeEach(async () => {
    for (const page of [okafor, lindqvist]) await openChannel(page);
  }, 30_000);

  const picture = (what: Page | Locator, name: string): Promise<void> => screenshot(what, join(PICTURES, `${name}.png`));
  const openCase = async (page: Page, { caseNumber }: Posted, placer: string): Promise<Locator> => {
    await press(await findCard(page, caseNumber), 'Open');
    return findCard(page, placer);
  };
  const shared = (page: Page, { caseNumber }: Posted, words: string): Promise<Locator> => findCard(page, new RegExp(`${caseNumber}.*${words}`, 'su'));

  const drawReadme = async (): Promise<void> => {
    const [one, two] = [await stage.place(), await stage.place()];
    await findCard(okafor, one.card.caseNumber);
    await findCard(okafor, two.card.caseNumber);
    const keep = (name: string, picture: Buffer): void => writeFileSync(join('infra/docs/pictures', `${name}.png`), smallPng(picture));
    await okafor.setViewportSize({ width: 1280, height: 1300 });
    await pause(300);
    const cards = await Promise.all([one, two].map(async ({ card }) => (await findCard(okafor, card.caseNumber)).boundingBox()));
    const [first, last] = cards.map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 }).toSorted((a, b) => a.y - b.y) as [Box, Box];
    // From the name of who wrote the first to the end of the second, no wider than a card.
    const clip = { x: first.x - 24, y: first.y - 66, width: first.width + 64, height: last.y + last.height + 84 - first.y };
    keep('card', await okafor.screenshot({ clip }));
    await okafor.setViewportSize({ width: 1280, height: 900 });

    const open = async (place: string, options: BrowserContextOptions): Promise<Page> => {
      const page = await (await stage.browser.newContext(options)).newPage();
      await page.goto(`${stage.phone('dr-okafor')}#${place}`);
      return page;
    };
    const openDialog = async (page: Page): Promise<void> => {
      await press(await findCard(page, one.card.caseNumber), 'Open');
      await page.locator('dialog').getByText(one.placer).first().waitFor();
    };
    const wide = await open('protocoling', { viewport: { width: 560, height: 900 } });
    await openDialog(wide);
    const height = Number(await wide.evaluate(`document.querySelector('#bar').offsetHeight + document.querySelector('#shown').scrollHeight`));
    await wide.setViewportSize({ width: 560, height });
    keep('personal-view', await wide.screenshot());
    await wide.context().close();

    const telephone = { viewport: { width: 390, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
    const dark = await open('protocoling', { ...telephone, colorScheme: 'dark' });
    await openDialog(dark);
    keep('phone', await dark.screenshot());
    await dark.context().close();

    await stage.place();
    const list = await open('chat', { ...telephone, viewport: { width: 390, height: 480 } });
    await list.getByRole('textbox', { name: 'Message' }).fill('what’s waiting for me');
    await list.getByRole('button', { name: 'Send' }).click();
    await findCard(list, one.card.caseNumber);
    keep('my-list', await list.screenshot());
    await list.context().close();
  };
  /** README_PICTURES=1: the pictures of the README anew, of the same first orders of the rehearsal. */
  if (process.env['README_PICTURES'] === '1') it('draws the pictures of the README', drawReadme, 90_000);

  it('shows a card, opens the personal view, approves, and the RIS page has the protocol within 3 s', async () => {
    const { placer, card: posted } = await stage.place();
    const card = await findCard(okafor, posted.caseNumber);
    await picture(okafor, 'channel');
    expect(await card.innerText()).not.toMatch(/MRN|born|P0000/u);
    const view = await openCase(okafor, posted, placer);
    await okafor.setViewportSize({ width: 1280, height: 2400 }); // the whole of it in one picture
    await picture(view, 'personal-view');
    await okafor.setViewportSize({ width: 1280, height: 900 });
    await press(view, 'Approve');
    const order = await stage.approvedWithin(placer, 3);
    expect(order?.approved?.protocolId).toBe(order?.recommendation?.protocolId);
    await findCard(okafor, /Approved \w{6}\./u);
    await picture(okafor, 'approved');
    const ris = await stage.browser.newPage({ viewport: { width: 1280, height: 700 } });
    await ris.goto(stage.risPage);
    await ris
      .getByText(order?.approved?.protocolId ?? 'no protocol')
      .first()
      .waitFor();
    await picture(ris, 'ris');
    await ris.close();
    await press(okafor, 'Close');
  }, 60_000);

  it('shows the second person the shared card only, updated when the first one has decided', async () => {
    const { placer, card } = await stage.place();
    await findCard(lindqvist, card.caseNumber);
    await openCase(okafor, card, placer);
    expect(await lindqvist.locator('body').innerText()).not.toContain(placer);
    await press(okafor, 'Approve');
    expect(await stage.approvedWithin(placer, 5)).toBeDefined();
    await shared(lindqvist, card, 'In the RIS');
    await picture(lindqvist, 'second-person');
    await press(okafor, 'Close');
  }, 60_000);

  it('goes on with the next case in the same dialog, and shows the case as it is to whoever was too late', async () => {
    const [one, two] = [await stage.place(), await stage.place()];
    await openCase(okafor, one.card, one.placer);
    await openCase(lindqvist, one.card, one.placer);
    await press(okafor, 'Approve');
    const receipt = await findCard(okafor, /Next: /u);
    await picture(okafor, 'next');
    expect(await receipt.innerText()).not.toMatch(/MRN|born|P0000/u);
    await press(receipt, /Next: /u);
    const next = await findCard(okafor, two.placer);
    expect(await next.innerText()).not.toContain(one.placer);
    await picture(next, 'next-view');
    await press(lindqvist, 'Approve');
    const late = await findCard(lindqvist, /Your answer changed nothing/u);
    await picture(late, 'too-late');
    expect(await late.innerText()).toMatch(/approved this order at/u);
    expect((await stage.order(two.placer))?.approved).toBeNull();
    await press(next, 'Approve');
    expect(await stage.approvedWithin(two.placer, 5)).toBeDefined();
    for (const page of [okafor, lindqvist]) await press(page, 'Close');
  }, 60_000);

  it('approves in words after the view was shown', async () => {
    const { placer, card } = await stage.place();
    const { caseNumber: number } = card;
    await typeInPrivate(okafor, 'what is waiting');
    await findCard(okafor, number);
    await picture(okafor, 'waiting');
    await typeInPrivate(okafor, `approve ${number}`);
    await okafor
      .getByText(/^I changed nothing/u)
      .last()
      .waitFor();
    expect((await stage.order(placer))?.approved).toBeNull();
    await findCard(okafor, placer);
    await picture(okafor, 'show');
    await typeInPrivate(okafor, `approve ${number}`);
    expect(await stage.approvedWithin(placer, 5)).toBeDefined();
    await okafor.getByText(`Approved ${number}.`).last().waitFor();
    await picture(okafor, 'approve-in-words');
    await openPrivate(lindqvist);
    await pause(300);
    expect(await lindqvist.locator('body').innerText()).not.toContain(placer);
  }, 60_000);

  it('approves in the thread of a card, without its number, after the view was opened there', async () => {
    const { placer, card } = await stage.place();
    await openCase(okafor, card, placer);
    await press(okafor, 'Close');
    await typeInThread(okafor, await findCard(okafor, card.caseNumber), 'approve it');
    expect(await stage.approvedWithin(placer, 5)).toBeDefined();
    await okafor.getByText(`Approved ${card.caseNumber}.`).last().waitFor();
    await shared(okafor, card, 'In the RIS');
    await picture(okafor, 'thread');
    for (const page of [okafor, lindqvist]) expect(await page.locator('body').innerText()).not.toContain(placer);
  }, 60_000);

  it('of two who press in the same instant one wins, and the other reads who and when', async () => {
    const { placer, card } = await stage.place();
    const views = [await openCase(okafor, card, placer), await openCase(lindqvist, card, placer)];
    await Promise.all(views.map((view) => press(view, /^Approve/u)));
    await stage.approvedWithin(placer, 5);
    const ended = /Approved \w{6}\.|Your answer changed nothing/u;
    const said = await Promise.all([okafor, lindqvist].map(async (page) => (await findCard(page, ended)).innerText()));
    expect(said.filter((text) => text.includes(`Approved ${card.caseNumber}.`))).toHaveLength(1);
    const [lost] = said.filter((text) => text.includes('Your answer changed nothing'));
    expect(lost).toMatch(/(Ngozi Okafor|Maja Lindqvist) approved this order at \d\d:\d\d\./u);
    expect((await stage.order(placer))?.approvals).toBe(1);
    for (const page of [okafor, lindqvist]) await press(page, 'Close');
  }, 60_000);

  it('is overridden after the answer: taken back, which says first that the RIS has it, then decided anew', async () => {
    const { placer, card } = await stage.place();
    await press(await openCase(okafor, card, placer), 'Approve');
    const first = await stage.approvedWithin(placer, 5);
    await press(await findCard(okafor, /Approved \w{6}\./u), 'Close');
    await shared(okafor, card, 'In the RIS');
    const decided = await openCase(okafor, card, placer);
    await press(decided, 'Take back my decision');
    await findCard(okafor, /The RIS has it already/u);
    await press(decided, 'Take it back');
    await press(await findCard(okafor, /Taken back: /u), 'Close');
    await shared(lindqvist, card, 'still has the protocol that was taken back');
    const again = await openCase(lindqvist, card, placer);
    await picture(lindqvist, 'taken-back');
    await press(again, 'Approve');
    for (const until = Date.now() + 10_000; Date.now() < until && (await stage.order(placer))?.approvals !== 2; await pause(100));
    const order = await stage.order(placer);
    expect([order?.approvals, order?.approved?.protocolId]).toEqual([2, first?.approved?.protocolId]);
    await press(lindqvist, 'Close');
  }, 60_000);

  it('an order that is cancelled under the finger: the press changes nothing, says why and shows the case as it is now', async () => {
    const { placer, card } = await stage.place();
    const view = await openCase(okafor, card, placer);
    await stage.cancel(placer);
    await shared(lindqvist, card, 'Cancelled by the RIS');
    await press(view, /^Approve/u);
    const fresh = await findCard(okafor, /The RIS has cancelled this order. Your answer changed nothing/u);
    expect(await fresh.innerText()).toContain(placer);
    expect(await fresh.getByRole('button', { name: /Approve|Choose|Reject/u }).count()).toBe(0);
    await picture(okafor, 'cancelled');
    expect((await stage.order(placer))?.approvals).toBe(0);
  }, 60_000);
});
