import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { directory as directoryOfSite } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { addMinutes } from '#core/time.js';
import type { CaseRow } from '#ports/views.js';
import { registry } from '#workflows/registry.js';
import { readDirectory } from '../../infra/local/edge/directory.ts';
import { startEdge } from '../../infra/local/edge/edge.ts';
import type { Edge } from '../../infra/local/edge/edge.ts';
import { REHEARSAL_API_ID, REHEARSAL_APP_ID } from '../../infra/local/edge/settings.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { faultsOf } from '../support/axe.ts';
import { launchBrowser } from '../support/playground-page.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { openTabDoor } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';

/** The tab's page in Chromium, over the real door and real stores, signed in by the local provider. Pictures go to .tmp/pictures/tab, to be looked at. */
const CHROMIUM = '/usr/bin/chromium';
const PICTURES = join('.tmp', 'pictures', 'tab');
const here = existsSync(CHROMIUM) ? describe : describe.skip;
const themes = ['light', 'dark', 'contrast'] as const;
const widths = [320, 1280] as const;
type Theme = (typeof themes)[number];

interface Opening {
  readonly person: string | null;
  readonly hash?: string;
  readonly theme?: Theme;
  readonly width?: number;
}

here('the tab in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-tab-'));
  let edge: Edge;
  let engine: EngineFixture;
  let door: TabDoorFixture;
  let browser: Browser;
  let row: CaseRow;
  let context: BrowserContext | null = null;
  /** What the browser asked for since the start, and what it complained of. */
  const urls: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    const site = join('infra', 'rehearsal', 'site');
    const members = readDirectory(site, REHEARSAL_APP_ID);
    edge = await startEdge({
      dataDir: folder,
      directory: members,
      bot: 'http://127.0.0.1:9/api/messages',
      port: 0,
      playgroundPort: null,
      facePorts: [],
    });
    engine = startEngineFixture('assist');
    engine.now = new Date().toISOString() as typeof engine.now;
    const people = directoryOfSite(readSite(testSite).people);
    const ids = (role: 'auditor' | 'coordinator') => people.withRole(role).map(({ id }) => id);
    const breakGlass = { auditors: ids('auditor'), coordinators: ids('coordinator'), zone: 'America/Chicago' };
    Object.assign(engine.parts, { directory: people, workflows: registry({ protocoling: shippedPolicy, breakGlass }) });
    await engine.receive(orderBytes());
    await engine.settle();
    const [found] = await engine.stores.views.open('protocoling');
    if (found === undefined) throw new Error('no case is open');
    row = found;
    const issuer = {
      metadataUrl: `${edge.url}/.well-known/openidconfiguration`,
      issuer: edge.url,
      tenantId: members.tenantId,
      audience: REHEARSAL_API_ID,
    };
    door = await openTabDoor(engine.parts, issuer, ['CT-HEAD-WO']);
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await door.close();
    await engine.close();
    await edge.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  afterEach(async () => {
    await context?.close();
    context = null;
  });

  async function open({ person, hash = '#/', theme = 'light', width = 1280 }: Opening): Promise<Page> {
    await context?.close();
    context = await browser.newContext({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('request', (request) => void urls.push(request.url()));
    page.on('console', (message) => {
      // A refusal is an answer that the page shows.
      if (message.type() === 'error' && !/the server responded with a status of 40[134]/u.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => void complaints.push(error.message));
    if (person !== null) await page.addInitScript(`window.sessionStorage.setItem('radloop.person', '${person}')`);
    await page.goto(`${door.url}?theme=${theme}${hash}`);
    return page;
  }

  const caseHash = (): string => `#/case/${row.caseNumber}`;
  const caseIsThere = (page: Page) => page.locator('.ac-adaptiveCard').waitFor();

  /** Every page and state, and how it comes about. */
  const states: readonly (readonly [string, () => Promise<Page>])[] = [
    [
      'the person picker',
      async () => {
        const page = await open({ person: null });
        await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
        return page;
      },
    ],
    [
      'my tasks',
      async () => {
        const page = await open({ person: 'dr-okafor' });
        await page.getByText(row.caseNumber).waitFor();
        return page;
      },
    ],
    [
      'a case as it is now',
      async () => {
        const page = await open({ person: 'dr-okafor', hash: caseHash() });
        await caseIsThere(page);
        return page;
      },
    ],
    [
      'a case with a button opened',
      async () => {
        const page = await open({ person: 'dr-okafor', hash: caseHash() });
        await caseIsThere(page);
        await page.getByRole('button', { name: 'Choose another' }).click();
        await page.getByRole('combobox').waitFor();
        return page;
      },
    ],
    [
      'a case’s time line in Spanish',
      async () => {
        const page = await open({ person: 'c-reyes', hash: caseHash() });
        await caseIsThere(page);
        await page.setViewportSize({ width: 320, height: 800 });
        await page.getByRole('button', { name: 'Línea de tiempo' }).click();
        await page.getByText('Llegó la solicitud').waitFor();
        return page;
      },
    ],
    [
      'a case that is not mine, and the form of an emergency with what is missing',
      async () => {
        const page = await open({ person: 'dr-haddad', hash: caseHash() });
        await page.getByRole('button', { name: 'Open it in an emergency' }).click();
        await page.getByRole('button', { name: 'Open for 60 minutes' }).click();
        await page.getByText('Choose a reason.').waitFor();
        return page;
      },
    ],
    [
      'a number that is no case',
      async () => {
        const page = await open({ person: 'dr-okafor', hash: '#/case/ZZZZZZ' });
        await page.getByText('There is no such case').waitFor();
        return page;
      },
    ],
    [
      'somebody without a list',
      async () => {
        const page = await open({ person: 'dr-haddad' });
        await page.getByRole('heading', { name: 'One case' }).waitFor();
        return page;
      },
    ],
    [
      'a sign-in that has run out',
      async () => {
        const before = engine.now;
        const page = await open({ person: 'dr-okafor' });
        await page.getByText(row.caseNumber).waitFor();
        engine.now = addMinutes(before, 120);
        try {
          await page.getByRole('button', { name: 'Show as it is now' }).click();
          await page.getByText('You are signed out').waitFor();
        } finally {
          engine.now = before;
        }
        return page;
      },
    ],
    [
      'a service that can’t be reached',
      async () => {
        const page = await open({ person: 'dr-okafor' });
        await page.getByText(row.caseNumber).waitFor();
        await context?.setOffline(true);
        await page.getByRole('button', { name: 'Show as it is now' }).click();
        await page.getByText('Radloop can’t be reached').waitFor();
        complaints.length = 0;
        return page;
      },
    ],
  ];

  /** As Teams changes it while the page stands open. */
  async function turn(page: Page, theme: Theme, width: number): Promise<void> {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(`history.replaceState(null, '', '?theme=${theme}' + location.hash); dispatchEvent(new PopStateEvent('popstate'))`);
    await page.locator(`[data-theme=${theme}]`).waitFor();
  }

  it.each(states)(
    '%s: axe finds no fault in the light, dark and high-contrast theme, and nothing stands out of the page at 320 px and on the desktop',
    async (name, show) => {
      const page = await show();
      const faults: string[] = [];
      for (const theme of themes)
        for (const width of widths) {
          await turn(page, theme, width);
          if ((theme === 'light') === (width === 1280))
            await page.screenshot({ path: join(PICTURES, `${name.replaceAll(/[^a-z]+/giu, '-')}.${theme}.${width}.png`), fullPage: true });
          faults.push(...(await faultsOf(page)).map((fault) => `${theme}, ${width} px: ${fault}`));
        }
      expect(faults).toEqual([]);
    },
    60_000,
  );

  it('shows the tasks of the store, and each fact of a case once, in their order', async () => {
    const page = await open({ person: 'dr-okafor' });
    await page.getByText(row.caseNumber).waitFor();
    const rows = await engine.stores.views.open('protocoling');
    expect(await page.locator('.task .number').allInnerTexts()).toEqual(rows.map(({ caseNumber }) => caseNumber));
    await page.getByText(row.caseNumber).click();
    await caseIsThere(page);
    const { facts } = await engine.stores.cases.read(row.workflow, row.caseId);
    expect(await page.locator('.happened time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime')))).toEqual(
      facts.map(({ at }) => at),
    );
    const heading = await page.locator('.head-who').innerText();
    expect(heading).toMatch(/^\S+, \S+\s+MRN \S+/u);
    // Whoever stands beside it: no patient in the address.
    expect(page.url()).toMatch(/#\/case\/[2-9B-Y]{6}$/u);
  });

  it('can be gone through with the keyboard alone', async () => {
    const page = await open({ person: 'dr-okafor' });
    await page.getByText(row.caseNumber).waitFor();
    for (let n = 0; n < 12; n += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate<boolean>(`document.activeElement?.classList.contains('task') ?? false`)) break;
    }
    await page.keyboard.press('Enter');
    await caseIsThere(page);
    expect(page.url()).toContain(row.caseNumber);
    const seen: string[] = [];
    for (let n = 0; n < 14; n += 1) {
      await page.keyboard.press('Tab');
      seen.push(await page.evaluate<string>(`document.activeElement?.textContent ?? ''`));
    }
    expect(seen).toEqual(expect.arrayContaining(['Choose another', 'Ask the orderer', 'Reject']));
  });

  it('signs in again where it had run out, and shows the case', async () => {
    const before = engine.now;
    const page = await open({ person: 'dr-okafor', hash: caseHash() });
    await caseIsThere(page);
    engine.now = addMinutes(before, 120);
    try {
      await page.getByRole('button', { name: 'Show as it is now' }).click();
      await page.getByText('You are signed out').waitFor();
      expect(await page.locator('.ac-adaptiveCard').count()).toBe(0);
      expect(await page.locator('body').innerText()).not.toMatch(/MRN/u);
    } finally {
      engine.now = before;
    }
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await caseIsThere(page);
  });

  it('opens a case in an emergency, says so all the time, and takes it away when it is over', async () => {
    const before = engine.now;
    const page = await open({ person: 'dr-haddad', hash: caseHash(), width: 320, theme: 'dark' });
    await page.getByRole('button', { name: 'Open it in an emergency' }).click();
    await page.getByLabel('Reason').selectOption('emergency-care');
    await page.getByLabel('In your own words').fill('Trauma bay 2, reader not reachable');
    await page.getByRole('button', { name: 'Open for 60 minutes' }).click();
    await page.getByText('Emergency access until').waitFor();
    await caseIsThere(page);
    expect(await page.locator('.card button').count()).toBe(0);
    await page.screenshot({ path: join(PICTURES, 'an-emergency.dark.320.png'), fullPage: true });
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'I need longer' }).click();
    await page.getByLabel('Why longer?').fill('Still in the bay');
    await page.getByRole('button', { name: 'Ask a second person' }).click();
    await page.getByText('A second person has until').waitFor();

    const coordinator = await open({ person: 'c-reyes', hash: '#/accesses', theme: 'contrast' });
    await coordinator.getByText(`Samir Haddad abrió ${row.caseNumber}`).waitFor();
    expect(await faultsOf(coordinator)).toEqual([]);
    await coordinator.screenshot({ path: join(PICTURES, 'accesses.contrast.1280.png'), fullPage: true });
    await coordinator.getByRole('button', { name: 'Confirmar más tiempo' }).click();
    await coordinator.getByText('No espera nada').waitFor();

    const looking = await open({ person: 'dr-haddad', hash: caseHash() });
    await caseIsThere(looking);
    engine.now = addMinutes(before, 121);
    try {
      await looking.getByRole('button', { name: 'Show as it is now' }).click();
      await looking.getByText('You are signed out').waitFor();
      expect(await looking.locator('body').innerText()).not.toMatch(/MRN/u);
    } finally {
      engine.now = before;
    }
    await engine.settle();

    const privacy = await open({ person: 'v-moreau', hash: '#/accesses' });
    await privacy.getByText('Trauma bay 2').waitFor();
    expect(await faultsOf(privacy)).toEqual([]);
    await privacy.screenshot({ path: join(PICTURES, 'review.light.1280.png'), fullPage: true });
  }, 60_000);

  it('takes a decision with the buttons of the card, once, and shows what came of it', async () => {
    const page = await open({ person: 'dr-okafor', hash: caseHash() });
    await caseIsThere(page);
    await page.getByRole('button', { name: /^Approve / }).click();
    await page.getByText(`Approved ${row.caseNumber}`).waitFor();
    await page.getByText('Approved by Ngozi Okafor').first().waitFor();
    await page.screenshot({ path: join(PICTURES, 'approved.light.1280.png'), fullPage: true });
    const { facts } = await engine.stores.cases.read(row.workflow, row.caseId);
    expect(facts.filter(({ fact }) => (fact as { type: string }).type === 'protocolApproved')).toHaveLength(1);
    expect(await faultsOf(page)).toEqual([]);
  }, 60_000);

  it('says so where nothing is open', async () => {
    await engine.settle();
    const page = await open({ person: 'dr-okafor' });
    await page.getByText('Nothing is open').waitFor();
    await page.screenshot({ path: join(PICTURES, 'nothing.light.1280.png'), fullPage: true });
    expect(await faultsOf(page)).toEqual([]);
  });

  it('asked for nothing elsewhere in all of this, broke no rule of its policy, and put no patient into an address', () => {
    const own = new URL(door.url).origin;
    expect([...new Set(urls.map((url) => new URL(url).origin))]).toEqual([own]);
    expect(urls.length).toBeGreaterThan(50);
    const { patient } = {
      patient:
        orderBytes()
          .toString('utf8')
          .split('\r')
          .find((line) => line.startsWith('PID')) ?? '',
    };
    for (const value of patient.split(/[|^]/u).filter((text) => text.length >= 5)) expect(urls.join('\n')).not.toContain(value);
    expect(complaints).toEqual([]);
  });
});
