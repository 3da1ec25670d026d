import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import type { CaseNumber } from '#core/ids.js';
import type { Roster } from '#domain/roster.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { faultsOf } from '../support/axe.ts';
import { testSite } from '../support/planned-orders.ts';
import { launchBrowser } from '../support/playground-page.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { issuedBy, openTabDoor, tabAudience, tabToken } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';
import { openWard, personOf, site } from './board-fixture.ts';
import type { Ward } from './board-fixture.ts';

const here = existsSync('/usr/bin/chromium') ? describe : describe.skip;
const PICTURES = join('.tmp', 'pictures', 'not-sent');
const whom = { name: 'Sara Abebe', phone: '0142' };
const unknown = 'NOT SENT as far as is known: phone Sara Abebe, 0142 now.';

/** What was to reach a clinician and did not, on the tab in Chromium. Pictures go to .tmp/pictures/not-sent, to be looked at. */
here('what was not sent', () => {
  let side: TeamsSide;
  let ward: Ward;
  let door: TabDoorFixture;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let alert: CaseNumber;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    side = await startTeamsSide();
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await side.close();
  });
  beforeEach(async () => {
    ward = await openWard();
    alert = await ward.declare('tension pneumothorax', 1);
    door = await openTabDoor(ward.engine.parts, { ...issuedBy(side), isTenant: true }, [], ward.rota, [], () => whom);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    await context.route('https://login.microsoftonline.com/**', signIn);
  }, 60_000);
  afterEach(async () => {
    await context.close();
    await door.close();
    await ward.engine.close();
  });

  async function signIn(route: Route): Promise<void> {
    const url = new URL(route.request().url());
    if (url.pathname.endsWith('/authorize')) {
      const back = `${url.searchParams.get('redirect_uri') ?? ''}#code=one-code&state=${url.searchParams.get('state') ?? ''}`;
      return route.fulfill({ status: 302, headers: { Location: back } });
    }
    const iss = `https://login.microsoftonline.com/${side.tenantId}/v2.0`;
    const token = await tabToken(side, personOf('dr-okafor'), { iss, azp: tabAudience });
    const body = { access_token: token, token_type: 'Bearer', expires_in: 3600, refresh_token: 'again' };
    return route.fulfill({ headers: { 'Access-Control-Allow-Origin': '*' }, contentType: 'application/json', body: JSON.stringify(body) });
  }
  const openAlert = async (): Promise<void> => {
    // From another page: a new place of the same one is no new reading of it.
    await page.goto('about:blank');
    await page.goto(`${door.url}index.html#/case/${alert}`);
    await send().waitFor();
  };
  const send = () => page.getByRole('button', { name: 'Send', exact: true });
  const alarm = () => page.getByRole('alert');
  const dismiss = () => page.getByRole('button', { name: /^Dismiss/u });
  const sent = async (): Promise<string | undefined> =>
    (await ward.engine.stores.views.open('critical-results')).find(({ caseNumber }) => caseNumber === alert)?.status;
  /** Nothing that the page asks of this kind is let through before this is called; false: it never is. */
  async function holdBack(kind: 'answer' | 'declare'): Promise<() => void> {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/api/tab/ask', async (route) => {
      if (route.request().postData()?.includes(`"ask":"${kind}"`) === true) await held;
      await route.continue().catch(() => undefined);
    });
    return release;
  }
  /** Milliseconds from the press to the words on screen, by the page's own clock. */
  const timeToAlarm = async (press: () => Promise<void>): Promise<number> => {
    await page.evaluate(`window.heard = 0; document.addEventListener('click', () => { window.pressed = performance.now(); }, { capture: true });
      new MutationObserver(() => { if (window.heard === 0 && document.querySelector('[role=alert]')) window.heard = performance.now(); })
        .observe(document.body, { childList: true, subtree: true });`);
    await press();
    await alarm().waitFor();
    return page.evaluate<number>('window.heard - window.pressed');
  };

  it('nobody stands on the ladder: a red alarm with whom to phone, no success, until it is dismissed, whatever else is opened', async () => {
    const empty: Roster = { services: () => [], at: () => null, gaps: () => [], nextHandOff: () => null, named: () => [] };
    const policy = criticalPolicy({ site, content: readContent(testSite), people: directory(site.people), roster: empty })!;
    const nobody = { ...policy, ladders: policy.ladders.map((ladder) => ({ ...ladder, levels: [['on-call-1' as const]] })), providers: {} };
    const { parts } = ward.engine;
    const made = registry({ protocoling: shippedPolicy, criticalResults: nobody }).filter(({ name }) => name === 'critical-results');
    Object.assign(parts, { workflows: [...parts.workflows.filter(({ name }) => name !== 'critical-results'), ...made] });
    await door.close();
    door = await openTabDoor(ward.engine.parts, { ...issuedBy(side), isTenant: true }, [], ward.rota, [], () => whom);
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      alert = await ward.declare(`a finding, ${width}`, 1);
      await openAlert();
      await send().click();
      await alarm().getByText('NOT SENT to a clinician: phone the switchboard,').waitFor();
      expect(await page.getByText('Sent.').count()).toBe(0);
      expect(await faultsOf(page)).toEqual([]);
      await page.screenshot({ path: join(PICTURES, `nobody-${width}.png`) });
    }
    await page.getByRole('link', { name: 'My tasks' }).click();
    await page.getByRole('heading', { name: /open task/u }).waitFor();
    expect(await alarm().count()).toBe(1);
    await dismiss().click();
    expect(await alarm().count()).toBe(0);
  }, 90_000);

  it('an answer that does not come: whom to phone is said within a second, and the answer takes its place when it comes', async () => {
    await openAlert();
    const release = await holdBack('answer');
    expect(await timeToAlarm(() => send().click())).toBeLessThan(1000);
    await alarm().getByText(unknown).waitFor();
    await page.screenshot({ path: join(PICTURES, 'unanswered.png') });
    release();
    await page.getByText('is being called for').or(page.getByText('are being called for')).waitFor();
    expect(await alarm().count()).toBe(0);
    expect(await sent()).toBe('open');
  }, 60_000);

  it('the service is away: the alarm stays through the reading that fails and ten idle minutes; nothing says that nothing was changed', async () => {
    await page.clock.install();
    await openAlert();
    await door.close();
    await send().click();
    await alarm().getByText(unknown).waitFor();
    await page.getByText('Radloop can’t be reached').waitFor();
    expect(await page.getByText('Nothing was changed').count()).toBe(0);
    await page.screenshot({ path: join(PICTURES, 'away.png') });
    await page.clock.fastForward('11:00');
    await page.getByText('The case was put away').waitFor();
    expect(await alarm().getByText(unknown).count()).toBe(1);
    door = await openTabDoor(ward.engine.parts, { ...issuedBy(side), isTenant: true }, [], ward.rota, [], () => whom);
    expect(await sent()).toBe('draft');
  }, 60_000);

  it('of one that was sent, who is called can be dialled from the view', async () => {
    const called = await ward.send('aortic dissection', 1);
    await page.goto(`${door.url}index.html#/case/${called}`);
    await page.getByText('To call').waitFor();
    const [person] = await ward.calledFor(called);
    const phone = (personOf(person ?? '').contacts.phone ?? '').replaceAll(' ', '');
    expect(phone).toMatch(/^\+/u);
    expect(await page.locator(`.card a[href="tel:${phone}"]`).count()).toBeGreaterThan(0);
    await page.screenshot({ path: join(PICTURES, 'call.png'), fullPage: true });
    expect(await faultsOf(page)).toEqual([]);
  }, 60_000);

  it('the button "Critical result" of an order opens the form, and then what was written: NOT SENT YET, with one Send', async () => {
    await page.goto(`${door.url}index.html#/case/${ward.order}`);
    await page.getByRole('button', { name: 'Critical result', exact: true }).click();
    await page.getByLabel('What you found, in your own words').fill('Free air');
    await page.screenshot({ path: join(PICTURES, 'button.png'), fullPage: true });
    const release = await holdBack('declare');
    expect(await timeToAlarm(() => page.getByRole('button', { name: 'Write it; nothing is sent yet' }).click())).toBeLessThan(1000);
    release();
    await page.getByText('NOT SENT YET').first().waitFor();
    expect(await send().count()).toBe(1);
    expect(await alarm().count()).toBe(0);
    const [, number = ''] = /#\/case\/(\S+)$/u.exec(page.url()) ?? [];
    const known = await ward.engine.parts.cases.findByNumber(number as CaseNumber);
    const { facts } = await ward.engine.parts.cases.read('critical-results', known!.caseId);
    expect(facts[0]!.fact).toMatchObject({ source: { kind: 'person', via: 'button' } });
  }, 60_000);

  it('the form that writes one says the same within a second, and opens what was written when the answer comes', async () => {
    const { accession } = await ward.patient(alert);
    await page.goto(`${door.url}index.html#/exam/${accession ?? ''}`);
    await page.getByLabel('Finding, in your own words').fill('Free air');
    const release = await holdBack('declare');
    expect(await timeToAlarm(() => page.getByRole('button', { name: 'Write it; nothing is sent yet' }).click())).toBeLessThan(1000);
    await alarm().getByText(unknown).waitFor();
    release();
    await page.getByText('NOT SENT YET').first().waitFor();
    expect(await alarm().count()).toBe(0);
  }, 60_000);
});
