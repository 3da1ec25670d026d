import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { readDirectory } from '../../infra/local/edge/directory.ts';
import { startEdge, type Edge } from '../../infra/local/edge/edge.ts';
import { list, object, text } from '../../infra/local/edge/json.ts';
import { playgroundProgram } from '../../infra/local/edge/playground.ts';
import { edgeSettings, REHEARSAL_APP_ID } from '../../infra/local/edge/settings.ts';
import {
  findCard,
  launchBrowser,
  openChannel,
  openPage,
  openPrivate,
  press,
  screenshot,
  typeInChannel,
  typeInPrivate,
  whyNoBrowser,
} from '../support/playground-page.ts';
import { startEchoBot, type EchoBot } from './echo-bot.ts';

const directory = readDirectory(join(import.meta.dirname, '../../infra/rehearsal/site'), REHEARSAL_APP_ID);
const CHANNEL = directory.places[0]?.channelId ?? '';
/** A folder for pictures to look at; unset: none are taken. */
const pictures = process.env['RADLOOP_PICTURES'];

const noPlayground = playgroundProgram() === undefined ? '@microsoft/m365agentsplayground is not installed' : undefined;
const playgroundTest = noPlayground === undefined ? it : it.skip;

describe(noPlayground === undefined ? 'the Agents Playground as a child' : `the Agents Playground as a child (skipped: ${noPlayground})`, () => {
  const listens = (url: string): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );

  playgroundTest.each(['SIGTERM', 'SIGKILL'] as const)(
    'ends with the edge, also when that is ended by %s',
    async (signal) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'radloop-child-'));
      const args = ['--data', dataDir, '--bot', 'http://127.0.0.1:9/', '--port', '0', '--playground-port', '0', '--face-ports', '0,0', '--json'];
      const child = spawn(process.execPath, ['--conditions=source', 'infra/local/edge/main.ts', ...args], {
        cwd: join(import.meta.dirname, '../..'),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const line = await new Promise<string>((resolve) =>
        child.stdout.once('data', (chunk: Buffer) => {
          resolve(chunk.toString('utf8'));
        }),
      );
      const { playground, faces } = object(JSON.parse(line));
      expect(list(faces).map((face) => object(face)['person'])).toEqual(['dr-okafor', 'dr-lindqvist']);
      expect(await listens(text(playground))).toBe(true);
      child.kill(signal);
      await ended;
      for (let n = 0; n < 50 && (await listens(text(playground))); n += 1) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await listens(text(playground))).toBe(false);
      rmSync(dataDir, { recursive: true, force: true });
    },
    60_000,
  );
});

const absent = whyNoBrowser();
/** On a machine with two cores that does other things too, a page may take its time. */
const PATIENCE_MS = 90_000;
const browserTest = (name: string, run: () => Promise<void>): void => {
  (absent === undefined ? it : it.skip)(name, run, PATIENCE_MS);
};

describe(absent === undefined ? 'the pages of two people' : `the pages of two people (skipped: ${absent})`, () => {
  let dataDir: string;
  let edge: Edge;
  let bot: EchoBot;
  let browser: Browser;
  let okafor: Page;
  let lindqvist: Page;

  const picture = async (page: Page, name: string): Promise<void> => {
    if (pictures !== undefined) await screenshot(page, join(pictures, `${name}.png`));
  };
  const contentOf = (page: Page): Promise<string> => page.locator('body').innerText();

  beforeAll(async () => {
    if (absent !== undefined) return;
    dataDir = mkdtempSync(join(tmpdir(), 'radloop-pages-'));
    const probe = await startEchoBot({});
    const botPort = Number(new URL(probe.endpoint).port);
    await probe.close();
    edge = await startEdge({ dataDir, directory, bot: probe.endpoint, port: 0, playgroundPort: 0, facePorts: [0, 0] });
    bot = await startEchoBot(edgeSettings(Number(new URL(edge.url).port), REHEARSAL_APP_ID, directory.tenantId), botPort);
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    if (absent !== undefined) return;
    await browser.close();
    await edge.close();
    await bot.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  browserTest('both show a card that was posted before they were opened, each under the name of its own person', async () => {
    await bot.post(CHANNEL, '7KF3QN');
    [okafor, lindqvist] = await Promise.all(edge.faces.map(({ url }) => openPage(browser, url))).then(([one, two]) => {
      if (!one || !two) throw new Error('two faces are needed');
      return [one, two];
    });
    for (const page of [okafor, lindqvist]) {
      page.on('console', (message) => {
        // A page whose event loop has ended shows nothing any more: then this is the reason of what fails next.
        if (message.text().includes('aga')) console.error(message.text());
      });
    }
    await openChannel(okafor);
    await openChannel(lindqvist);
    await findCard(okafor, '7KF3QN');
    await findCard(lindqvist, '7KF3QN');
    expect(await contentOf(okafor)).toContain('Ngozi Okafor');
    expect(await contentOf(lindqvist)).toContain('Maja Lindqvist');
    expect(await contentOf(lindqvist)).not.toContain('Ngozi Okafor');
    await picture(okafor, 'edge-1-shared');
  });

  browserTest('Open shows the personal view to the person who pressed it, and to nobody else', async () => {
    await press(await findCard(okafor, '7KF3QN'), 'Open');
    await findCard(okafor, 'Order for Ngozi Okafor only');
    await picture(okafor, 'edge-2-personal');
    await okafor.waitForTimeout(300);
    expect(await contentOf(lindqvist)).not.toContain('only');
    expect(await contentOf(lindqvist)).toContain('waiting');
    await picture(lindqvist, 'edge-3-second-person');
  });

  browserTest('an edit of the shared card reaches the other page and leaves an open view alone, until Close', async () => {
    const { id, activityId } = await bot.post(CHANNEL, '5KF3QN');
    await press(await findCard(okafor, '5KF3QN'), 'Open');
    await press(await findCard(okafor, /5KF3QN.*only/su), 'Close');
    await press(await findCard(okafor, /5KF3QN.*waiting/su), 'Open');
    await findCard(okafor, /5KF3QN.*only/su);
    await bot.update(id, activityId, '5KF3QN', 'taken over elsewhere');
    await findCard(lindqvist, 'taken over elsewhere');
    expect(await contentOf(okafor)).not.toContain('taken over elsewhere');
    await press(await findCard(okafor, /5KF3QN.*only/su), 'Close');
    await findCard(okafor, 'taken over elsewhere');
  });

  browserTest('what is submitted reaches the bot, the view closes, its words stay and both pages show the new state', async () => {
    const view = await findCard(okafor, 'Order for Ngozi Okafor only');
    await view.getByPlaceholder('Why').fill('fits the indication');
    await press(view, 'Approve');
    await findCard(okafor, 'approved by Ngozi Okafor');
    await okafor.getByText('Approved 7KF3QN. fits the indication').last().waitFor();
    await findCard(lindqvist, 'approved by Ngozi Okafor');
    await okafor.waitForTimeout(500);
    expect(await contentOf(okafor)).toContain('Approved 7KF3QN. fits the indication');
    expect(await contentOf(okafor)).not.toContain('only');
    expect(await contentOf(lindqvist)).not.toContain('fits the indication');
    await picture(okafor, 'edge-4-submitted');
  });

  browserTest('the second person clicks and writes as themself', async () => {
    await bot.post(CHANNEL, '6KF3QN');
    await press(await findCard(lindqvist, '6KF3QN'), 'Open');
    await press(await findCard(lindqvist, 'Order for Maja Lindqvist only'), 'Approve');
    await findCard(okafor, 'approved by Maja Lindqvist');
    await typeInChannel(lindqvist, 'what is waiting');
    await lindqvist.getByText('Maja Lindqvist said: what is waiting').last().waitFor();
    // The other page knows the thread, its opening words included.
    await okafor.getByText('Maja Lindqvist wrote: @Radloop what is waiting').last().waitFor();
    await okafor.getByText('Maja Lindqvist said: what is waiting').last().waitFor();
    await picture(okafor, 'edge-5-thread');
  });

  browserTest('a private chat is seen by its own person only, and cards work there', async () => {
    await typeInPrivate(okafor, 'card PRVT');
    await typeInPrivate(lindqvist, 'card ZWEI');
    await findCard(okafor, 'PRVT');
    await press(await findCard(lindqvist, 'ZWEI'), 'Open');
    await press(await findCard(lindqvist, 'Order for Maja Lindqvist only'), 'Approve');
    await findCard(lindqvist, 'approved by Maja Lindqvist');
    await lindqvist.getByText('Approved ZWEI.').last().waitFor();
    await press(await findCard(okafor, 'PRVT'), 'Open');
    await press(await findCard(okafor, 'Order for Ngozi Okafor only'), 'Approve');
    await findCard(okafor, 'approved by Ngozi Okafor');
    await bot.tell('29:rehearsal-dr-lindqvist', 'for your eyes');
    await lindqvist.getByText('for your eyes').last().waitFor();
    expect(await contentOf(lindqvist)).not.toContain('PRVT');
    expect(await contentOf(okafor)).not.toMatch(/ZWEI|for your eyes/u);
    await picture(lindqvist, 'edge-6-private');
  });

  browserTest('a reloaded page shows what was there before', async () => {
    await lindqvist.reload();
    await openPrivate(lindqvist);
    await lindqvist.getByText('for your eyes').last().waitFor();
    await openChannel(lindqvist);
    await findCard(lindqvist, 'approved by Ngozi Okafor');
    await findCard(lindqvist, 'approved by Maja Lindqvist');
    await lindqvist.getByText('Maja Lindqvist said: what is waiting').last().waitFor();
    await picture(lindqvist, 'edge-8-reloaded');
  });

  browserTest('the bot is told what it does not know in the words of Teams, not of the page server', async () => {
    await expect(bot.update(`${CHANNEL};messageid=1`, '1', '5KF3QN', 'x')).rejects.toMatchObject({ statusCode: 404, code: 'ActivityNotFound' });
    await expect(bot.post('19:nowhere@thread.tacv2', '5KF3QN')).rejects.toMatchObject({ statusCode: 404, code: 'ConversationNotFound' });
    await expect(bot.tell('29:nobody', 'x')).rejects.toMatchObject({ statusCode: 403 });
  });

  browserTest('says on the page that the bot is away, and the next click works again', async () => {
    const { endpoint } = bot;
    await openChannel(okafor);
    await bot.close();
    await press(await findCard(okafor, '5KF3QN'), 'Open');
    await okafor.getByText('Please try again').last().waitFor();
    await okafor.getByText('Please try again').last().scrollIntoViewIfNeeded();
    await picture(okafor, 'edge-7-bot-away');
    bot = await startEchoBot(edgeSettings(Number(new URL(edge.url).port), REHEARSAL_APP_ID, directory.tenantId), Number(new URL(endpoint).port));
    await press(await findCard(okafor, '5KF3QN'), 'Open');
    await findCard(okafor, 'Order for Ngozi Okafor only');
  });
});
