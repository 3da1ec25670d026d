import type { Browser, Page } from 'playwright-core';

interface Telephone {
  readonly url: string;
  readonly viewport: { readonly width: number; readonly height: number };
  /** Of everything on it. @default 30 s */
  readonly patienceMs?: number;
}

/** One person's telephone: the edge's own page, in a context of its own, once it shows what was delivered so far. */
export async function openTelephone(browser: Browser, { url, viewport, patienceMs = 30_000 }: Telephone): Promise<Page> {
  const context = await browser.newContext({ viewport, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  await page.goto(url);
  await page.locator('body[data-up-to]').waitFor();
  return page;
}

/** Says something in the place that is open. */
export async function write(page: Page, words: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(words);
  await page.getByRole('button', { name: 'Send' }).click();
}

/** What can be touched and is less than 44 px high or wide (Apple's figure; WCAG 2.2 asks for 24), and what lies beside the screen. */
export function misfits(page: Page): Promise<readonly string[]> {
  return page.evaluate(`(() => {
    const width = document.documentElement.clientWidth;
    const inside = document.querySelector('dialog[open]') ?? document.body;
    const small = [...inside.querySelectorAll('button, input:not([type=radio]), select, textarea, a')]
      .map((one) => [one, one.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && (box.width < 44 || box.height < 44 || box.left < 0 || box.right > width))
      .map(([one, box]) => (one.textContent || one.tagName) + ' ' + Math.round(box.width) + ' x ' + Math.round(box.height) + ' at ' + Math.round(box.left));
    const wide = [document.documentElement, ...inside.querySelectorAll('main, #shown, .thread, .ac-adaptiveCard')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => 'scrolls sideways: ' + (one.id || one.className || one.tagName));
    return [...small, ...wide];
  })()`);
}
