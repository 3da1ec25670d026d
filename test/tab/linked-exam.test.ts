import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import type { CaseNumber } from '#core/ids.js';
import { faultsOf } from '../support/axe.ts';
import { launchBrowser } from '../support/playground-page.ts';
import { issuedBy, openTabDoor, tabAudience, tabToken } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';
import { openWard, personOf } from './board-fixture.ts';
import type { Ward } from './board-fixture.ts';

const here = existsSync('/usr/bin/chromium') ? describe : describe.skip;

/** A link from the PACS in Chromium, outside Teams; the hospital's sign-in is played. */
here('a link from the PACS with an accession number', () => {
  let side: TeamsSide;
  let ward: Ward;
  let door: TabDoorFixture;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let accession = '';
  let family = '';
  let who = 'dr-okafor';
  /** Every address that was asked for, the page's own with what stands behind its #. */
  const addresses: string[] = [];

  beforeAll(async () => {
    side = await startTeamsSide();
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await side.close();
  });
  beforeEach(async () => {
    who = 'dr-okafor';
    ward = await openWard();
    const probe = await ward.declare('a probe', 3);
    const known = await ward.patient(probe);
    [accession, family] = [known.accession ?? '', known.family];
    await ward.act('dr-okafor', probe, 'not-critical', { text: 'It was a probe' });
    door = await openTabDoor(ward.engine.parts, { ...issuedBy(side), isTenant: true }, [], ward.rota);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    addresses.length = 0;
    page.on('request', (request) => void addresses.push(request.url()));
    await context.route('https://login.microsoftonline.com/**', signIn);
  });
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
    const token = await tabToken(side, personOf(who), { iss, azp: tabAudience });
    const body = { access_token: token, token_type: 'Bearer', expires_in: 3600, refresh_token: 'again' };
    return route.fulfill({ headers: { 'Access-Control-Allow-Origin': '*' }, contentType: 'application/json', body: JSON.stringify(body) });
  }
  const kept = () => page.evaluate<string>(`JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie, history.length])`);
  const alerts = () => ward.engine.stores.views.open('critical-results');

  it('opens whose exam it is after the sign-in, and leads to the card that is not sent yet; the number stands in no address that is sent or kept', async () => {
    await page.goto(`${door.url}index.html#/exam/${accession}`);
    await page.getByRole('heading', { name: 'Declare a critical result' }).waitFor();
    await page.getByText('CT HEAD WO CONTRAST').waitFor();
    await page.getByText(family).first().waitFor();
    expect(page.url()).toBe(`${door.url}index.html#/exam`);
    expect(await page.getByLabel('Accession number').inputValue()).toBe(accession);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Write it; nothing is sent yet' }).click();
    await page.getByText('Write the finding.').waitFor();
    expect(await alerts()).toEqual([]);
    await page.getByLabel('Finding, in your own words').fill('Subdural haematoma on the left');
    await page.getByLabel('How urgent').selectOption({ label: 'Category 1, within minutes' });
    await page.getByLabel('Side', { exact: true }).selectOption({ label: 'Left' });
    await page.getByRole('button', { name: 'Write it; nothing is sent yet' }).click();
    await page.getByText('NOT SENT YET').first().waitFor();
    const [alert] = await alerts();
    expect(alert).toMatchObject({ status: 'draft', kind: 'Critical result, category 1' });
    expect(page.url()).toBe(`${door.url}index.html#/case/${alert?.caseNumber ?? ''}`);
    expect(await sourceOf(alert!.caseNumber)).toMatchObject({ kind: 'person', via: 'link', by: { id: 'dr-okafor' } });
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
    expect(await kept()).not.toContain(accession);
    // What the browser was told to open is the one place: it is the link itself.
    expect(addresses.map((address) => address.split('#')[0]).join(' ')).not.toContain(accession);
    await page.reload();
    await page.getByText('NOT SENT YET').first().waitFor();
  }, 60_000);

  it('another link in the same window opens the other exam; of one that nobody knows it is said whom to phone, and nothing is written', async () => {
    await page.goto(`${door.url}index.html#/exam/${accession}`);
    await page.getByText('CT HEAD WO CONTRAST').waitFor();
    await page.evaluate(`location.hash = '#/exam/NOBODYS%20EXAM'`);
    await page.getByText('Phone the responsible clinician now. No exam that you may see has this accession number').waitFor();
    expect(page.url()).toBe(`${door.url}index.html#/exam`);
    expect(await page.getByLabel('Accession number').inputValue()).toBe('NOBODYS EXAM');
    await page.getByLabel('Finding, in your own words').fill('Free air');
    await page.getByRole('button', { name: 'Write it; nothing is sent yet' }).click();
    await page.getByText('Write this.').nth(2).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('link', { name: 'My tasks' }).click();
    await page.getByRole('heading', { name: /open task/u }).waitFor();
    expect(await kept()).not.toContain('NOBODYS');
    expect(await alerts()).toEqual([]);
  }, 60_000);

  it('an exam that nobody knows is written with whose it is, as it was typed; that stands in no address, and nothing of it is kept', async () => {
    await page.goto(`${door.url}index.html#/exam/NOBODYS%20EXAM`);
    await page.getByLabel('Record number').fill('R-77');
    await page.getByLabel('Family name').fill('Rosenqvist');
    await page.getByLabel('Given name').fill('Mary');
    await page.getByLabel('Date of birth').fill('1980-05-15');
    await page.getByLabel('Exam, such as CT of the head').fill('CT of the chest');
    await page.getByLabel('Finding, in your own words').fill('Free air');
    await page.getByRole('button', { name: 'Write it; nothing is sent yet' }).click();
    await page.getByText('NOT SENT YET').first().waitFor();
    await page.getByText('as the radiologist typed them').waitFor();
    for (const part of ['Rosenqvist, Mary', 'R-77', 'CT of the chest']) await page.getByText(part).first().waitFor();
    expect(await alerts()).toMatchObject([{ status: 'draft' }]);
    expect(await faultsOf(page)).toEqual([]);
    expect(`${await kept()} ${addresses.join(' ')}`).not.toMatch(/Rosenqvist|R-77/u);
  }, 60_000);

  it('whoever may not declare reads that, and nothing of the patient', async () => {
    who = 'c-reyes';
    await page.goto(`${door.url}index.html#/exam/${accession}`);
    await page.getByText('Carmen Reyes').first().waitFor();
    await page.getByText('no role that may declare a critical result').waitFor();
    expect(await page.getByText('CT HEAD WO CONTRAST').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Nuevo resultado crítico' }).count()).toBe(0);
  }, 60_000);

  async function sourceOf(alert: CaseNumber): Promise<unknown> {
    const known = await ward.engine.parts.cases.findByNumber(alert);
    const { facts } = await ward.engine.parts.cases.read('critical-results', known!.caseId);
    return (facts[0]!.fact as { source: unknown }).source;
  }
});
