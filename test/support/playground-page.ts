import { existsSync } from 'node:fs';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { playgroundProgram } from '../../infra/local/edge/playground.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Why the local Teams client can't be driven here, in words for a test's name; undefined: it can. */
export function whyNoBrowser(): string | undefined {
  const why = existsSync(CHROMIUM) ? whyNoPlayground() : `${CHROMIUM} is not installed (apt-get install chromium)`;
  // Jest names no skipped test of a suite that is skipped whole.
  if (why !== undefined) process.stderr.write(`Tests in a browser are skipped: ${why}\n`);
  return why;
}

function whyNoPlayground(): string | undefined {
  return playgroundProgram() === undefined ? '@microsoft/m365agentsplayground is not installed (npm ci with dev dependencies)' : undefined;
}

/** A browser of its own for one test file; it asks nothing outside this machine. */
export function launchBrowser(): Promise<Browser> {
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...quiet] });
}

/** Opens a person's page (an address of `faces`) and waits until it can be used. The developer's log is folded away. @param patienceMs of everything on it */
export async function openPage(browser: Browser, url: string, patienceMs = 30_000): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(patienceMs);
  await page.route(
    (address) => address.hostname !== '127.0.0.1',
    (route) => route.abort(), // fonts; without this they are waited for where there is no network
  );
  await page.goto(url);
  await page.getByRole('treeitem').filter({ hasText: 'Personal Chat' }).waitFor();
  await page.getByText('Log Panel', { exact: true }).locator('xpath=ancestor::*[.//button][1]').getByRole('button').last().click();
  return page;
}

/** Goes to the channel in which the cards stand. */
export async function openChannel(page: Page, channel = 'Protocoling'): Promise<void> {
  await page.getByRole('treeitem').filter({ hasText: channel }).click();
  await page.getByRole('button', { name: 'Post' }).waitFor();
}

/** Goes to the person's private chat with the bot. */
export async function openPrivate(page: Page): Promise<void> {
  await page.getByRole('treeitem').filter({ hasText: 'Personal Chat' }).click();
  await composer(page).waitFor();
}

/** The last card that is to be seen on the page and holds this text, such as a case number; waits for it. */
export async function findCard(page: Page, text: string | RegExp): Promise<Locator> {
  const card = page.locator('.ac-adaptiveCard').filter({ hasText: text, visible: true }).last();
  await card.waitFor();
  await card.scrollIntoViewIfNeeded();
  return card;
}

/** Presses a button of a card (or, given the page, the last one of that name). */
export async function press(where: Page | Locator, button: string | RegExp): Promise<void> {
  await where.getByRole('button', { name: button }).last().click();
}

function composer(page: Page): Locator {
  return page.locator('[role=textbox][contenteditable=true]').last();
}

/** Says something to the bot in the person's private chat. */
export async function typeInPrivate(page: Page, text: string): Promise<void> {
  await openPrivate(page);
  await composer(page).click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** Starts a thread in the open channel that mentions the bot, without which it would not hear. */
export async function typeInChannel(page: Page, text: string, bot = 'Radloop'): Promise<void> {
  await page.locator('[role=textbox][contenteditable=true]').first().click();
  await page.keyboard.type('@');
  await page.getByRole('menuitem', { name: bot }).click();
  await page.keyboard.type(` ${text}`);
  await page.getByRole('button', { name: 'Post' }).click();
}

/** Answers in the thread of a card, mentioning the bot. */
export async function typeInThread(page: Page, card: Locator, text: string, bot = 'Radloop'): Promise<void> {
  await card.locator('xpath=ancestor::*[.//*[@role="textbox"]][1]').getByRole('textbox').last().click();
  await page.keyboard.type('@');
  await page.getByRole('menuitem', { name: bot }).click();
  await page.keyboard.type(` ${text}`);
  await page.keyboard.press('Enter');
}

/** A picture of the page, or of one card. */
export async function screenshot(what: Page | Locator, file: string): Promise<void> {
  await what.screenshot({ path: file });
}
