import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { IN_PAGE } from './in-page.ts';
import { themes } from '../../infra/local/edge/look.ts';
import type { Theme } from '../../infra/local/edge/look.ts';

const CHROMIUM = '/usr/bin/chromium';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const gallery = new URL('../../cards/gallery/', import.meta.url);
/** Of cards with a fault, and with CARD_PICTURES=1 of every one. */
const pictures = new URL('../../.tmp/cards/', import.meta.url);
const library = readFileSync(createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.js'), 'utf8');
const files = readdirSync(gallery, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
const cards = files.map((name) => ({
  name: name.replace('.json', '').replaceAll('\\', '/'),
  card: JSON.parse(readFileSync(new URL(name, gallery), 'utf8')),
}));

/** A telephone, and the width that Teams gives a card in a channel. */
const widths = [320, 600];

/** AA of WCAG 2.2, 1.4.3, for text of ordinary size; AAA (1.4.6) where high contrast was asked for. */
const LEAST_CONTRAST: Readonly<Record<Theme, number>> = { light: 4.5, dark: 4.5, contrast: 7 };

/** What Teams' own style sheet does around the library's markup: buttons wrap, fields have the width of the card. */
function pageOf(theme: Theme): string {
  const { page, button, buttonText, border } = themes[theme];
  return `<!doctype html><meta charset="utf-8"><style>
    body{margin:0;background:${page};font-family:"Segoe UI","Noto Sans",sans-serif} #card{padding:0}
    .ac-actionSet{flex-wrap:wrap;gap:8px} .ac-actionSet>div[style*="width: 8px"]{display:none}
    .ac-pushButton{font:600 14px "Segoe UI","Noto Sans",sans-serif;padding:5px 12px;border:1px solid ${border};border-radius:4px;background:${button};color:${buttonText}}
    .ac-pushButton.style-positive{background:#5b5fc7;border-color:#5b5fc7;color:#fff} .ac-pushButton.style-destructive{background:#c4314b;border-color:#c4314b;color:#fff}
    ${theme === 'contrast' ? '.ac-pushButton.style-positive,.ac-pushButton.style-destructive{background:#ffff00;border-color:#ffff00;color:#000}' : ''}
    .ac-input{box-sizing:border-box;width:100%;font:14px "Segoe UI","Noto Sans",sans-serif;padding:6px;border:1px solid ${border};border-radius:4px;background:${page};color:${buttonText}}
    textarea.ac-input{height:72px} ::placeholder{color:${theme === 'light' ? '#616161' : '#adadad'};opacity:1}
  </style><div id="card"></div>`;
}

/** A page with the library in it, to draw one card after the other on. */
async function pageFor(browser: Browser, theme: Theme, width: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 400 } });
  await page.setContent(pageOf(theme));
  await page.addScriptTag({ content: library });
  await page.addScriptTag({ content: IN_PAGE });
  return page;
}

/** Draws a card and says what is wrong with it; `open` presses the nth button that opens a card inside. */
async function faultsOf(page: Page, theme: Theme, card: unknown, file: string, open: number | null = null): Promise<string[]> {
  await page.evaluate(`drawCard(${JSON.stringify(card)}, ${JSON.stringify(themes[theme].config)})`);
  if (open !== null) await page.locator('.ac-pushButton.expandable').nth(open).click();
  const faults: string[] = await page.evaluate(`faultsOf(${LEAST_CONTRAST[theme]})`);
  const wanted = process.env['CARD_PICTURES'] === '1' || faults.length > 0;
  if (wanted) await page.screenshot({ path: fileURLToPath(new URL(`${file.replaceAll('/', '.')}.png`, pictures)), fullPage: true });
  return faults;
}

const present = existsSync(CHROMIUM);
const drawn = present ? describe : describe.skip;
// Jest names no skipped test of a suite that is skipped whole.
if (!present) process.stderr.write(`The drawing of cards is skipped: ${CHROMIUM} is not installed (apt-get install chromium)\n`);

drawn(
  present ? 'every card of the gallery, drawn by Chromium' : `every card of the gallery (skipped: no Chromium at ${CHROMIUM}, see .ci/run)`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      mkdirSync(pictures, { recursive: true });
      browser = await chromium.launch({ executablePath: CHROMIUM, args: flags });
    });
    afterAll(() => browser.close());

    for (const theme of ['light', 'dark', 'contrast'] as const) {
      for (const width of widths) {
        it(`can be read whole, ${theme}, ${width} px wide`, async () => {
          const faults: Record<string, string[]> = {};
          const page = await pageFor(browser, theme, width);
          for (const { name, card } of cards) {
            const found = await faultsOf(page, theme, card, `${name}.${theme}.${width}`);
            if (found.length > 0) faults[name] = found;
          }
          expect(faults).toEqual({});
        }, 180_000);
      }
    }

    it('can be read whole with each of its buttons pressed that ask for more', async () => {
      const faults: Record<string, string[]> = {};
      const page = await pageFor(browser, 'light', 320);
      for (const name of ['protocoling/normal-stat.view', 'protocoling/normal-stat.es.view']) {
        const view = cards.find((one) => one.name === name);
        for (const open of [0, 1, 2]) {
          const found = await faultsOf(page, 'light', view?.card, `asking-${open}.${name}.light.320`, open);
          if (found.length > 0) faults[`asking-${open}.${name}`] = found;
        }
      }
      for (const name of ['protocoling/approved.own.view', 'protocoling/written.es.own.view']) {
        const found = await faultsOf(page, 'light', cards.find((one) => one.name === name)?.card, `asking.${name}.light.320`, 0);
        if (found.length > 0) faults[name] = found;
      }
      for (const name of [
        'critical-results/sent.view-dr-singh',
        'critical-results/sent.es.view-dr-singh',
        'critical-results/failsafe.view-c-reyes',
      ]) {
        const view = cards.find((one) => one.name === name);
        for (const open of [0, 1]) {
          const found = await faultsOf(page, 'light', view?.card, `asking-${open}.${name}.light.320`, open);
          if (found.length > 0) faults[`asking-${open}.${name}`] = found;
        }
      }
      expect(faults).toEqual({});
    }, 60_000);
  },
);
