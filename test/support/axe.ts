import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A button on its way from grey to black is neither: what ends by itself has ended. */
const AT_REST = `Promise.allSettled(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime < Infinity).map((one) => one.finished)).then(() => null)`;

/** Violations as axe names them, and whether something is wider than the page. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(source);
  await page.evaluate(AT_REST);
  const violations = await page.evaluate<{ id: string; nodes: { html: string; failureSummary?: string }[] }[]>(
    `axe.run().then((ran) => ran.violations)`,
  );
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary = '' }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`,
  );
  const wider = await page.evaluate<number>(`document.documentElement.scrollWidth - document.documentElement.clientWidth`);
  return wider > 0 ? [...found, `${wider} px wider than the page`] : found;
}
