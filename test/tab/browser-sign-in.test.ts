import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { launchBrowser } from '../support/playground-page.ts';
import { issuedBy, openTabDoor, tabAudience, tabToken } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';
import { openWard, personOf } from './board-fixture.ts';
import type { Ward } from './board-fixture.ts';

const here = existsSync('/usr/bin/chromium') ? describe : describe.skip;

/** The tab outside Teams in Chromium; what stands at login.microsoftonline.com is played, by what Microsoft's documentation says of it. */
here('the tab in a plain browser, with the hospital’s sign-in', () => {
  let side: TeamsSide;
  let ward: Ward;
  let door: TabDoorFixture;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** Of the page's own address, what the authorisation was asked with, and the token requests. */
  let asked: URLSearchParams[];
  let redeemed: URLSearchParams[];
  const complaints: string[] = [];
  let who = 'dr-okafor';
  let tokenSeconds = 3600;
  let wrongState = false;

  beforeAll(async () => {
    side = await startTeamsSide();
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await side.close();
  });
  beforeEach(async () => {
    [asked, redeemed, who, tokenSeconds, wrongState] = [[], [], 'dr-okafor', 3600, false];
    ward = await openWard();
    door = await openTabDoor(ward.engine.parts, { ...issuedBy(side), isTenant: true }, [], ward.rota);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' && message.text().includes('Content Security Policy')) complaints.push(message.text());
    });
    await context.route('https://login.microsoftonline.com/**', entra);
  });
  afterEach(async () => {
    await context.close();
    await door.close();
    await ward.engine.close();
  });

  async function entra(route: Route): Promise<void> {
    const url = new URL(route.request().url());
    if (url.pathname === `/${side.tenantId}/oauth2/v2.0/authorize`) {
      asked.push(url.searchParams);
      const state = wrongState ? 'of-somebody-else' : (url.searchParams.get('state') ?? '');
      await route.fulfill({ status: 302, headers: { Location: `${url.searchParams.get('redirect_uri') ?? ''}#code=one-code&state=${state}` } });
      return;
    }
    const given = new URLSearchParams(route.request().postData() ?? '');
    redeemed.push(given);
    const verifier = given.get('code_verifier');
    const proof = verifier === null ? null : createHash('sha256').update(verifier).digest('base64url');
    const isGood =
      given.get('grant_type') === 'refresh_token' ? given.get('refresh_token') === 'again' : proof === asked.at(-1)?.get('code_challenge');
    const iss = `https://login.microsoftonline.com/${side.tenantId}/v2.0`;
    const token = await tabToken(side, personOf(who), { iss, azp: tabAudience });
    const body = isGood
      ? { access_token: token, token_type: 'Bearer', expires_in: tokenSeconds, refresh_token: 'again' }
      : { error: 'invalid_grant' };
    await route.fulfill({
      status: isGood ? 200 : 400,
      headers: { 'Access-Control-Allow-Origin': '*' },
      contentType: 'application/json',
      body: JSON.stringify(body),
    });
  }

  it('sends the person to the tenant’s sign-in and back to what they wanted; the code is proven, and stands in no address and no storage', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await page.goto(`${door.url}index.html#/board`);
    await page.getByText(alert).waitFor();
    expect(page.url()).toBe(`${door.url}index.html#/board`);
    const [first] = asked;
    expect(Object.fromEntries(first ?? [])).toMatchObject({
      ...{ client_id: tabAudience, response_type: 'code', response_mode: 'fragment', code_challenge_method: 'S256' },
      ...{ redirect_uri: `${door.url}index.html`, scope: `api://${tabAudience}/access_as_user openid offline_access` },
    });
    expect(redeemed).toHaveLength(1);
    expect(await page.evaluate<string>(`JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])`)).toBe('[{},{},""]');
    expect(complaints).toEqual([]);
  }, 60_000);

  it('the way back needs no Teams: who was called takes it there', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    [who = ''] = await ward.calledFor(alert);
    await page.goto(`${door.url}index.html`);
    await page.getByText(alert).click();
    await page.getByRole('button', { name: 'I take it' }).click();
    await page.getByText('Read it back within 5 minutes').waitFor();
    expect((await ward.engine.stores.views.open('critical-results'))[0]?.status).toBe('acknowledged');
  }, 60_000);

  it('renews its token without leaving the page, before the old one has run out', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    // Renewed two minutes before its end: this one at once, at every reading.
    tokenSeconds = 60;
    await page.goto(`${door.url}index.html#/board`);
    await page.getByText(alert).waitFor();
    await page.waitForTimeout(6000);
    expect(asked).toHaveLength(1);
    expect(redeemed.at(-1)?.get('grant_type')).toBe('refresh_token');
    expect(await page.getByText('not to be trusted').count()).toBe(0);
  }, 60_000);

  it('an answer that it did not ask for signs nobody in, and nobody is sent round and round', async () => {
    wrongState = true;
    await page.goto(`${door.url}index.html#/board`);
    await page.getByText('You are signed out').waitFor();
    expect([asked.length, redeemed.length]).toEqual([1, 0]);
    wrongState = false;
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByText('No critical result is open').waitFor();
    expect(asked).toHaveLength(2);
  }, 60_000);
});
