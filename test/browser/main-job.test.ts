import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';
import { findCard, launchBrowser, openChannel, openPage, press, screenshot, typeInPrivate, whyNoBrowser } from '../support/playground-page.ts';
import { takePorts } from '../support/ports.ts';

/** Issue 3, "Done when" 1: what somebody sees who has typed `npm start`. Pictures go to .tmp/pictures, to be looked at. */
interface RisOrder {
  readonly placer: string;
  readonly status: string;
  readonly recommendation: { readonly protocolId: string } | null;
  readonly approved: { readonly protocolId: string; readonly by: string } | null;
}

const why = whyNoBrowser();
const PICTURES = '.tmp/pictures';
mkdirSync(PICTURES, { recursive: true });

(why === undefined ? describe : describe.skip)(`the main job in a Teams client${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let started: Part;
  let browser: Browser;
  const data = mkdtempSync(join(tmpdir(), 'radloop-browser-'));

  beforeAll(async () => {
    const { base } = await takePorts();
    const args = ['infra/local/start.ts', '--data', data, '--base-port', String(base), '--rate', '0', '--json'];
    started = await startPart({ name: 'npm start', args, logFile: join(data, 'start.log'), secondsToReady: 120 });
    browser = await launchBrowser();
  }, 150_000);

  afterAll(async () => {
    await browser.close();
    await started.stop(20);
    rmSync(data, { recursive: true, force: true });
  }, 60_000);

  const address = (name: string): string => String(started.ready[name]);
  const orders = async (): Promise<readonly RisOrder[]> =>
    ((await (await fetch(new URL('/orders.json', address('page')))).json()) as { orders: RisOrder[] }).orders;
  const placeOrder = async (): Promise<string> =>
    ((await (await fetch(new URL('/orders/next', address('page')), { method: 'POST' })).json()) as { order: string }).order;
  const approvedWithin = async (placer: string, seconds: number): Promise<RisOrder | undefined> => {
    for (const until = Date.now() + seconds * 1000; Date.now() < until; await pause(100)) {
      const found = (await orders()).find((order) => order.placer === placer && order.approved !== null);
      if (found) return found;
    }
    return undefined;
  };
  /** The card that came after `before` others stood in the channel. */
  const nextCard = async (page: Page, before: number): Promise<Locator> => {
    await page.locator('.ac-adaptiveCard').nth(before).waitFor();
    return findCard(page, /Waiting for a radiologist/u);
  };
  const cardsOn = async (page: Page): Promise<number> => {
    await pause(1500); // the page is told its past first
    return page.locator('.ac-adaptiveCard').count();
  };
  const faces = () => started.ready['faces'] as { person: string; url: string }[];

  it('shows a card, opens the personal view, approves, and the RIS page has the protocol within 3 s', async () => {
    const page = await openPage(browser, faces()[0]?.url ?? '');
    await openChannel(page);
    const before = await cardsOn(page);
    const placer = await placeOrder();
    const card = await nextCard(page, before);
    await screenshot(page, join(PICTURES, 'channel.png'));
    await screenshot(card, join(PICTURES, 'card.png'));
    expect(await card.innerText()).not.toMatch(/MRN|born|P0000/u);
    await press(card, 'Open');
    const view = await findCard(page, placer);
    await page.setViewportSize({ width: 1280, height: 2400 }); // the whole of it in one picture
    await screenshot(view, join(PICTURES, 'personal-view.png'));
    await page.setViewportSize({ width: 1280, height: 900 });
    await press(view, 'Approve');
    const order = await approvedWithin(placer, 3);
    expect(order?.approved?.protocolId).toBe(order?.recommendation?.protocolId);
    await pause(500);
    await screenshot(page, join(PICTURES, 'approved.png'));
    const ris = await browser.newPage({ viewport: { width: 1280, height: 700 } });
    await ris.goto(address('page'));
    await ris
      .getByText(order?.approved?.protocolId ?? 'no protocol')
      .first()
      .waitFor();
    await screenshot(ris, join(PICTURES, 'ris.png'));
    await ris.close();
    await page.close();
  }, 90_000);

  it('shows the second person the shared card only, updated when the first one has decided', async () => {
    const [first, second] = [await openPage(browser, faces()[0]?.url ?? ''), await openPage(browser, faces()[1]?.url ?? '')];
    await openChannel(first);
    await openChannel(second);
    const before = [await cardsOn(first), await cardsOn(second)] as const;
    const placer = await placeOrder();
    const card = await nextCard(first, before[0]);
    const other = await nextCard(second, before[1]);
    const number = /show ([2-9B-Y]{6})/u.exec(await other.innerText())?.[1] ?? 'no number';
    await press(card, 'Open');
    await findCard(first, placer);
    expect(await second.locator('body').innerText()).not.toContain(placer);
    await press(first, 'Approve');
    expect(await approvedWithin(placer, 5)).toBeDefined();
    const decided = await findCard(second, number);
    await decided
      .getByText(/In the RIS/u)
      .first()
      .waitFor({ timeout: 10_000 });
    await screenshot(second, join(PICTURES, 'second-person.png'));
    await first.close();
    await second.close();
  }, 90_000);

  it('goes on with the next case in the same dialog, and shows the case as it is to whoever was too late', async () => {
    const [first, second] = [await openPage(browser, faces()[0]?.url ?? ''), await openPage(browser, faces()[1]?.url ?? '')];
    await openChannel(first);
    await openChannel(second);
    const before = [await cardsOn(first), await cardsOn(second)] as const;
    const [one, two] = [await placeOrder(), await placeOrder()];
    await first
      .locator('.ac-adaptiveCard')
      .nth(before[0] + 1)
      .waitFor();
    await second
      .locator('.ac-adaptiveCard')
      .nth(before[1] + 1)
      .waitFor();
    await press(await findCard(first, /Waiting for a radiologist/u), 'Open');
    const view = await findCard(first, /MRN/u);
    const [opened, left] = (await view.innerText()).includes(one) ? [one, two] : [two, one];
    const number = /[2-9B-Y]{6}/u.exec((await view.innerText()).replaceAll(/\b[A-Z0-9-]{7,}\b/gu, ''))?.[0] ?? 'no number';
    await press(await findCard(second, new RegExp(`show ${number}`, 'u')), 'Open');
    await findCard(second, opened);
    await press(first, 'Approve');
    const receipt = await findCard(first, /Next: /u);
    await screenshot(first, join(PICTURES, 'next.png'));
    expect(await receipt.innerText()).not.toMatch(/MRN|born|P0000/u);
    await press(receipt, /Next: /u);
    const next = await findCard(first, left);
    expect(await next.innerText()).not.toContain(opened);
    await screenshot(next, join(PICTURES, 'next-view.png'));
    await press(second, 'Approve');
    const late = await findCard(second, /Your answer changed nothing/u);
    await screenshot(late, join(PICTURES, 'too-late.png'));
    expect(await late.innerText()).toMatch(/approved this order at/u);
    expect((await orders()).find((order) => order.placer === left)?.approved).toBeNull();
    await press(next, 'Approve');
    expect(await approvedWithin(left, 5)).toBeDefined();
    await first.close();
    await second.close();
  }, 90_000);

  it('approves in words after the view was shown', async () => {
    const page = await openPage(browser, faces()[0]?.url ?? '');
    await openChannel(page);
    const before = await cardsOn(page);
    const placer = await placeOrder();
    const text = await (await nextCard(page, before)).innerText();
    const number = /show ([2-9B-Y]{6})/u.exec(text)?.[1] ?? 'no number';
    await typeInPrivate(page, 'what is waiting');
    await findCard(page, number);
    await screenshot(page, join(PICTURES, 'waiting.png'));
    await typeInPrivate(page, `approve ${number}`);
    await page
      .getByText(/look|open|view/iu)
      .last()
      .waitFor();
    expect((await orders()).find((order) => order.placer === placer)?.approved).toBeNull();
    await typeInPrivate(page, `show ${number}`);
    await findCard(page, placer);
    await screenshot(page, join(PICTURES, 'show.png'));
    await typeInPrivate(page, `approve ${number}`);
    expect(await approvedWithin(placer, 5)).toBeDefined();
    await pause(500);
    await screenshot(page, join(PICTURES, 'approve-in-words.png'));
    await page.close();
  }, 90_000);
});
