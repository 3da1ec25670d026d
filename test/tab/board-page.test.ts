import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { CaseNumber } from '#core/ids.js';
import { drillDesk } from '#engine/drill-desk.js';
import { readDirectory } from '../../infra/local/edge/directory.ts';
import { startEdge } from '../../infra/local/edge/edge.ts';
import type { Edge } from '../../infra/local/edge/edge.ts';
import { REHEARSAL_API_ID, REHEARSAL_APP_ID } from '../../infra/local/edge/settings.ts';
import { readContent } from '#adapters/embedded/content.js';
import { faultsOf } from '../support/axe.ts';
import { launchBrowser } from '../support/playground-page.ts';
import { testSite } from '../support/planned-orders.ts';
import { openTabDoor } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { openWard, personOf, site } from './board-fixture.ts';
import type { Ward } from './board-fixture.ts';

/** The board in Chromium, over the real door and a real store. Pictures go to .tmp/pictures/board, to be looked at. */
const CHROMIUM = '/usr/bin/chromium';
const PICTURES = join('.tmp', 'pictures', 'board');
const here = existsSync(CHROMIUM) ? describe : describe.skip;
const themes = ['light', 'dark', 'contrast'] as const;
const widths = [320, 1280] as const;
const HOUR_MS = 3_600_000;

interface Opening {
  readonly person: string;
  readonly hash?: string;
  readonly width?: number;
  /** Milliseconds by which the browser's own clock is wrong. */
  readonly wrongBy?: number;
  /** The browser's clocks are moved by the test. */
  readonly movesClock?: boolean;
}

here('the board in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-board-'));
  let edge: Edge;
  let ward: Ward;
  let door: TabDoorFixture;
  let browser: Browser;
  let context: BrowserContext | null = null;
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    const members = readDirectory(testSite, REHEARSAL_APP_ID);
    edge = await startEdge({
      dataDir: folder,
      directory: members,
      bot: 'http://127.0.0.1:9/api/messages',
      port: 0,
      playgroundPort: null,
      facePorts: [],
    });
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await edge.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  beforeEach(async () => {
    ward = await openWard();
    const metadataUrl = `${edge.url}/.well-known/openidconfiguration`;
    const { tenantId } = readDirectory(testSite, REHEARSAL_APP_ID);
    const issuer = { metadataUrl, issuer: edge.url, tenantId, audience: REHEARSAL_API_ID };
    door = await openTabDoor(ward.engine.parts, issuer, [], ward.rota, readContent(testSite).critical);
  });
  afterEach(async () => {
    await context?.close();
    context = null;
    await door.close();
    await ward.engine.close();
  });

  async function open({ person, hash = '#/board', width = 1280, wrongBy = 0, movesClock = false }: Opening): Promise<Page> {
    await context?.close();
    context = await browser.newContext({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    if (movesClock) await page.clock.install();
    page.on('console', (message) => {
      if (message.type() === 'error' && !/the server responded with a status of 40[134]|ERR_INTERNET_DISCONNECTED/u.test(message.text()))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => void complaints.push(error.message));
    await page.addInitScript(`window.sessionStorage.setItem('radloop.person', '${person}');
      const now = Date.now; Date.now = () => now() + ${wrongBy};
      window.beeps = 0; const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...when) { window.beeps += 1; return start.apply(this, when); };`);
    await page.goto(`${door.url}?theme=light${hash}`);
    return page;
  }
  const until = async (is: () => Promise<boolean>): Promise<void> => {
    for (let n = 0; n < 200 && !(await is()); n += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await is()).toBe(true);
  };
  const beeps = (page: Page) => page.evaluate<number>(`window.beeps`);
  const rowOf = (page: Page, alert: CaseNumber) => page.locator('.alert', { hasText: alert });
  /** Minutes and seconds of the clock to the next step. */
  const clockOf = async (page: Page, alert: CaseNumber) => (await rowOf(page, alert).locator('.clock').innerText()).trim();
  const secondsOf = (clock: string) => clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

  /** Looked at in each theme and width; pictures of the light one on the desktop and of the others on a phone. */
  async function lookedAt(page: Page, name: string): Promise<readonly string[]> {
    const faults: string[] = [];
    for (const theme of themes)
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 });
        await page.evaluate(`history.replaceState(null, '', '?theme=${theme}' + location.hash); dispatchEvent(new PopStateEvent('popstate'))`);
        await page.locator(`[data-theme=${theme}]`).waitFor();
        if ((theme === 'light') === (width === 1280) || theme === 'contrast')
          await page.screenshot({ path: join(PICTURES, `${name}.${theme}.${width}.png`), fullPage: true });
        faults.push(...(await faultsOf(page)).map((fault) => `${theme}, ${width} px: ${fault}`));
      }
    return faults;
  }

  /** One of each kind; the first is at the failsafe. */
  async function mixed(): Promise<CaseNumber> {
    const failsafe = await ward.send('tension pneumothorax', 1);
    const held = await ward.send('aortic dissection', 1);
    const nodule = await ward.send('pulmonary nodule', 3);
    await ward.later(16);
    await ward.act('w-dubois', held, 'take-failsafe');
    const taken = await ward.send('pulmonary embolism', 2);
    await ward.act((await ward.calledFor(taken))[0] ?? '', taken, 'acknowledge');
    await ward.send('free air', 1);
    await ward.declare('cord compression', 1);
    expect(nodule).not.toBe(failsafe);
    return failsafe;
  }

  it('axe finds no fault in the light, dark and high-contrast theme, and nothing stands out of the page at 320 px and on the desktop', async () => {
    const failsafe = await mixed();
    const page = await open({ person: 'dr-okafor' });
    await page.getByText(failsafe).waitFor();
    expect(await lookedAt(page, 'radiologist')).toEqual([]);
    const spanish = await open({ person: 'c-reyes' });
    await spanish.getByText('EN LA CENTRALITA, sin recoger').waitFor();
    expect(await lookedAt(spanish, 'coordinator-in-spanish')).toEqual([]);
    const board = await open({ person: 'w-dubois' });
    await board.getByText(failsafe).waitFor();
    expect(await lookedAt(board, 'switchboard')).toEqual([]);
    await rowOf(board, failsafe).locator('.alert-link').click();
    await board.locator('.ac-adaptiveCard').waitFor();
    expect(await lookedAt(board, 'switchboard-opened')).toEqual([]);
    const times = await open({ person: 'c-reyes', hash: '#/report' });
    await times.getByRole('img', { name: /Categoría 1: 4 avisos/u }).waitFor();
    expect(await lookedAt(times, 'report-in-spanish')).toEqual([]);
  }, 120_000);

  it('nothing is open: it says that this is right', async () => {
    const page = await open({ person: 'dr-okafor' });
    await page.getByText('No critical result is open').waitFor();
    expect(await lookedAt(page, 'nothing')).toEqual([]);
  }, 60_000);

  it('the clock to the next step is the service’s, though this machine’s is an hour wrong, and it runs between two readings', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    const shown: string[][] = [];
    for (const wrongBy of [0, HOUR_MS, -HOUR_MS]) {
      const page = await open({ person: 'dr-okafor', wrongBy });
      await rowOf(page, alert).waitFor();
      const first = await clockOf(page, alert);
      await until(async () => (await clockOf(page, alert)) !== first);
      shown.push([first, await clockOf(page, alert), await rowOf(page, alert).locator('.alert-clocks').innerText()]);
    }
    for (const [first = '', next = '', all = ''] of shown) {
      // The first level has five minutes; the service's clock stands in this test.
      expect(secondsOf(first)).toBeGreaterThan(280);
      expect(secondsOf(first)).toBeLessThanOrEqual(300);
      expect(secondsOf(next)).toBeLessThan(secondsOf(first));
      expect(all).toContain('0 min old');
    }
  }, 60_000);

  it('reads again by itself: what is sent while it stands open appears, and a step that was taken too', async () => {
    const page = await open({ person: 'dr-okafor', movesClock: true });
    await page.getByText('No critical result is open').waitFor();
    const alert = await ward.send('tension pneumothorax', 1);
    await page.clock.fastForward(5000);
    await rowOf(page, alert).getByText('level 1').waitFor();
    await ward.later(6);
    await page.clock.fastForward(5000);
    await rowOf(page, alert).getByText('level 2').waitFor();
  }, 60_000);

  it('says a lost connection loudly: no clock runs on, it is sounded, and all is well again once it is back', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    const page = await open({ person: 'dr-okafor', movesClock: true });
    await rowOf(page, alert).waitFor();
    await page.getByRole('button', { name: 'Turn sound on' }).click();
    await page.getByText('Sound is on').waitFor();
    const before = await beeps(page);
    await context?.setOffline(true);
    await page.clock.fastForward(5000);
    await page.getByText('NO CONNECTION').waitFor();
    expect(await clockOf(page, alert)).toBe('not known');
    await until(async () => (await beeps(page)) > before);
    expect(await lookedAt(page, 'no-connection')).toEqual([]);
    await context?.setOffline(false);
    await page.clock.fastForward(5000);
    await page.getByText('NO CONNECTION').waitFor({ state: 'detached' });
    expect(secondsOf(await clockOf(page, alert))).toBeGreaterThan(200);
    complaints.length = 0;
  }, 90_000);

  it('a service that answers no more is not trusted after 15 seconds, though the connection stands', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    const page = await open({ person: 'dr-okafor', movesClock: true });
    await rowOf(page, alert).waitFor();
    await context?.route('**/api/tab/ask', () => undefined);
    await page.clock.fastForward(14_000);
    expect(secondsOf(await clockOf(page, alert))).toBeGreaterThan(250);
    await page.clock.fastForward(2000);
    await page.getByText('NO CONNECTION').waitFor();
    expect(await clockOf(page, alert)).toBe('not known');
  }, 60_000);

  it('sounds while one is at the failsafe and nobody has it in hand: after a click that allows it, until then it says that it is silent', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(16);
    const page = await open({ person: 'w-dubois' });
    await page.getByText('Sound is off').waitFor();
    await page.getByText('1 critical result waits for somebody').waitFor();
    expect(await beeps(page)).toBe(0);
    await page.getByRole('button', { name: 'Turn sound on' }).click();
    await until(async () => (await beeps(page)) >= 6);
    // It goes on while that one is looked at.
    await rowOf(page, alert).locator('.alert-link').click();
    await page.getByRole('button', { name: 'I take it in hand' }).waitFor();
    const before = await beeps(page);
    await until(async () => (await beeps(page)) > before + 3);
    await page.getByRole('button', { name: 'I take it in hand' }).click();
    await page.getByText('is in your hands').waitFor();
    await page.getByText('Back to the board').click();
    await rowOf(page, alert).getByText('in hand').waitFor();
    await page.getByText('1 critical result waits for somebody').waitFor({ state: 'detached' });
    const silent = await beeps(page);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await beeps(page)).toBe(silent);
  }, 90_000);

  it('what somebody else takes in hand is not shown as untaken to whoever has it open', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(16);
    const page = await open({ person: 'w-dubois', hash: `#/failsafe/${alert}` });
    await page.getByRole('heading', { name: `Untaken critical result ${alert}` }).waitFor();
    await page.getByRole('button', { name: 'Record an attempt' }).click();
    await page.getByLabel('What happened').fill('no answer on the ward');
    await ward.act('c-reyes', alert, 'take-failsafe');
    await page.getByRole('heading', { name: `Critical result ${alert}, in hand` }).waitFor();
    await page.getByText('Critical result: in hand at the switchboard').waitFor();
    expect(await page.getByRole('button', { name: 'I take it in hand' }).count()).toBe(0);
  }, 60_000);

  it('my tasks say in words how a critical result stands', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(16);
    const page = await open({ person: 'c-reyes', hash: '#/' });
    const task = page.locator('.task', { hasText: alert });
    await task.getByText('en la centralita · con la centralita').waitFor();
    await ward.act('w-dubois', alert, 'take-failsafe');
    await ward.act((await ward.calledFor(alert))[0] ?? '', alert, 'acknowledge');
    await page.getByRole('button', { name: 'Mostrar como está ahora' }).click();
    await task.getByText('recogido, falta la lectura de confirmación').waitFor();
  }, 60_000);

  it('nothing is there for the switchboard: it is not said that none is open', async () => {
    await ward.send('tension pneumothorax', 1);
    const page = await open({ person: 'w-dubois' });
    await page.getByText('Nothing waits for the switchboard').waitFor();
    expect(await page.getByText('No critical result is open').count()).toBe(0);
  }, 60_000);

  it('a drill stands on the board, marked, and is counted with nothing that is real', async () => {
    const { parts } = ward.engine;
    const services = site.onCall?.services ?? [];
    const drills = drillDesk({ parts, rules: site.drills, services, windows: [], site: site.settings, rehearsal: true });
    const asked = { ask: 'drill-start', site: null, service: 'neurosurgery', category: 1, reason: 'looked at' } as const;
    const begun = await drills.ask({ account: 'x', as: 'dr-okafor' }, asked);
    if (!begun.ok || begun.answer !== 'said') throw new Error(JSON.stringify(begun));
    await ward.engine.settle();
    const page = await open({ person: 'dr-okafor', movesClock: true });
    await rowOf(page, begun.caseNumber).getByText('DRILL').first().waitFor();
    expect(await page.locator('#board-title').innerText()).toBe('Critical results');
    const nodule = await ward.send('pulmonary nodule', 3);
    await page.clock.fastForward(5000);
    await rowOf(page, nodule).waitFor();
    expect(await page.locator('#board-title').innerText()).toBe('1 open critical result');
    await ward.later(16);
    const desk = await open({ person: 'w-dubois' });
    await desk.getByText('DRILL: 1 critical result waits for somebody').waitFor();
    await rowOf(desk, begun.caseNumber).locator('.alert-link').click();
    expect(await desk.locator('#failsafe-title').innerText()).toMatch(/^DRILL: /u);
  }, 60_000);

  it('the switchboard types the code on the print, and has it in hand', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(16);
    const page = await open({ person: 'w-dubois', width: 320 });
    await rowOf(page, alert).waitFor();
    // Its only page is the board.
    expect(await page.locator('.page-link').allInnerTexts()).toEqual(['Critical results']);
    await page.getByRole('button', { name: 'I take it in hand' }).click();
    await page.getByText('Type the code on the print').waitFor();
    await page.getByLabel('Code on the print').fill(alert.toLowerCase());
    await page.getByRole('button', { name: 'I take it in hand' }).click();
    await page.getByText('is in your hands').waitFor();
    await rowOf(page, alert).getByText(personOf('w-dubois').name).waitFor();
    await page.screenshot({ path: join(PICTURES, 'code.light.320.png'), fullPage: true });
  }, 60_000);

  it('who was called takes it and reads it back on a phone, in a plain browser', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    const [called = ''] = await ward.calledFor(alert);
    const page = await open({ person: called, width: 320, hash: '#/' });
    await rowOf(page, alert).locator('.alert-link').click();
    await page.getByRole('button', { name: 'I take it' }).click();
    await page.getByText('Read it back within 5 minutes').waitFor();
    // The form of the read-back stands there at once.
    await page.getByRole('button', { name: 'Read back', exact: true }).waitFor({ state: 'detached' });
    await page.getByLabel('record number or accession number').fill('99999999');
    await page.getByLabel('The finding, in your own words').fill('tension pneumothorax on the left');
    await page.getByLabel('What you will do').fill('chest drain now');
    await page.getByRole('button', { name: 'Send the read-back' }).click();
    await page.getByText('NOTHING IS ACKNOWLEDGED').waitFor();
    // Only the number is typed anew.
    expect(await page.getByLabel('What you will do').inputValue()).toBe('chest drain now');
    await page.getByLabel('record number or accession number').fill((await ward.patient(alert)).id);
    await page.screenshot({ path: join(PICTURES, 'read-back.light.320.png'), fullPage: true });
    await page.getByRole('button', { name: 'Send the read-back' }).click();
    await page.getByText('Speak now with').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.screenshot({ path: join(PICTURES, 'read-back-sent.light.320.png'), fullPage: true });
    const known = await ward.engine.parts.cases.findByNumber(alert);
    const { facts } = await ward.engine.parts.cases.read('critical-results', known!.caseId);
    expect(facts.filter(({ fact }) => (fact as { type: string }).type === 'readBack')).toHaveLength(1);
  }, 60_000);

  it('a clinician who was not called opens it by its number, and takes it over with a reason', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    const called = await ward.calledFor(alert);
    const other = ['dr-marchetti', 'dr-fujita'].find((id) => !called.some((one) => one === id)) ?? '';
    const page = await open({ person: other, hash: `#/case/${alert}`, width: 320 });
    await page.getByRole('button', { name: 'I take this over' }).click();
    await page.getByText('Write a reason.').waitFor();
    expect(await lookedAt(page, 'take-over')).toEqual([]);
    await page.getByLabel('Why you').fill('at the bedside');
    await page.getByRole('button', { name: 'I take this over' }).click();
    await page.getByRole('button', { name: 'I take it' }).waitFor();
  }, 60_000);

  it('broke no rule of its policy in all of this', () => {
    expect(complaints).toEqual([]);
  });
});
