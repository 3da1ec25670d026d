import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';
import { findCard, launchBrowser, openChannel, openPage, openPrivate, press, screenshot, typeInPrivate, whyNoBrowser } from '../support/playground-page.ts';

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
    const args = ['infra/local/start.ts', '--data', data, '--base-port', '27000', '--rate', '0', '--json'];
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
  const faces = () => started.ready['faces'] as { person: string; url: string }[];

  it('shows a card, opens the personal view, approves, and the RIS page has the protocol within 3 s', async () => {
    const page = await openPage(browser, faces()[0]?.url ?? '');
    await openChannel(page);
    const placer = await placeOrder();
    const card = await findCard(page, /protocol request/u);
    await screenshot(page, join(PICTURES, 'channel.png'));
    await screenshot(card, join(PICTURES, 'card.png'));
    expect(await card.innerText()).not.toMatch(/MRN|born|P0000/u);
    await press(card, 'Open');
    const view = await findCard(page, placer);
    await screenshot(view, join(PICTURES, 'personal-view.png'));
    await press(view, 'Approve');
    const order = await approvedWithin(placer, 3);
    expect(order?.approved?.protocolId).toBe(order?.recommendation?.protocolId);
    await pause(500);
    await screenshot(page, join(PICTURES, 'approved.png'));
    const ris = await browser.newPage({ viewport: { width: 1280, height: 700 } });
    await ris.goto(address('page'));
    await ris.getByText(order?.approved?.protocolId ?? 'no protocol').first().waitFor();
    await screenshot(ris, join(PICTURES, 'ris.png'));
    await ris.close();
    await page.close();
  }, 90_000);

  it('shows the second person the shared card only, updated when the first one has decided', async () => {
    const [first, second] = [await openPage(browser, faces()[0]?.url ?? ''), await openPage(browser, faces()[1]?.url ?? '')];
    await openChannel(first);
    await openChannel(second);
    const placer = await placeOrder();
    const card = await findCard(first, /protocol request/u);
    const other = await findCard(second, /protocol request/u);
    await press(card, 'Open');
    await findCard(first, placer);
    expect(await second.locator('body').innerText()).not.toContain(placer);
    await press(first, 'Approve');
    expect(await approvedWithin(placer, 5)).toBeDefined();
    await other.getByText(/in the RIS/u).first().waitFor({ timeout: 10_000 });
    await screenshot(second, join(PICTURES, 'second-person.png'));
    await first.close();
    await second.close();
  }, 90_000);

  it('approves in words after the view was shown', async () => {
    const page = await openPage(browser, faces()[0]?.url ?? '');
    const placer = await placeOrder();
    await openPrivate(page);
    await pause(2000);
    await typeInPrivate(page, 'what is waiting');
    const list = page.getByText(/[2-9B-Y]{6}/u).last();
    await list.waitFor();
    const text = await page.locator('body').innerText();
    const number = [...text.matchAll(/\b[2-9BCDFGHJKMNPQRTVWXY]{6}\b/gu)].map((match) => match[0]).find((found) => /\d/u.test(found)) ?? '';
    await screenshot(page, join(PICTURES, 'waiting.png'));
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
