import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { readSite } from '#adapters/embedded/site-folder.js';
import type { Person } from '#core/people.js';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';
import type { PageLine } from '../../infra/rehearsal/paging-ledger.ts';
import { until } from '../support/instances.ts';
import { findCard, openPage, press, screenshot, typeInPrivate } from '../support/playground-page.ts';
import { testSite } from '../support/planned-orders.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { openTelephone } from './telephone.ts';

const PICTURES = '.tmp/pictures';
/** How long a page is waited for: a machine that runs other suites is slow, and no promise of time is judged here. */
const PATIENCE_MS = 90_000;
const MOST_SAYINGS = 5;
const { people } = readSite(testSite);
/** Whom the Teams client's first page belongs to: who declares. */
export const DECLARER = 'dr-okafor';

/** A critical result that its radiologist has written, and not sent. */
export interface Written {
  /** Its case number. */
  readonly alert: string;
  /** The card in the radiologist's private chat. */
  readonly draft: Locator;
  readonly finding: string;
  readonly order: PlannedOrder;
  readonly placer: string;
  /** First on call where the patient may be: who is called first. */
  readonly called: Person;
}

/** People around critical results, each at the page that they would use, over `npm start`. */
export interface CriticalStage {
  readonly stage: Stage;
  /** The Teams page of the radiologist who declares. */
  readonly radiologist: Page;
  /** In words, in the private chat, on a new order from the emergency department. */
  write(finding: string): Promise<Written>;
  /** Presses Send, and waits for who is being called. */
  send(written: Written): Promise<void>;
  /** 390 px wide. @param place `chat`, or a channel of channels.json */
  telephone(person: string, place?: string): Promise<Page>;
  /** The tab, with this person picked, at their board. */
  board(person: string): Promise<Page>;
  /** Pages, mails and sheets that name it, oldest first. */
  arrivedOf(alert: string): Promise<readonly PageLine[]>;
  picture(what: Page | Locator, name: string): Promise<void>;
  /** Telephones and tabs; the radiologist's page stays. */
  closePages(): Promise<void>;
}

export async function openCriticalStage(speed?: number): Promise<CriticalStage> {
  mkdirSync(PICTURES, { recursive: true });
  const stage = await openStage(speed === undefined ? {} : { speed });
  const url = stage.faces.find(({ person }) => person === DECLARER)?.url ?? '';
  const radiologist = await openPage(stage.browser, url, PATIENCE_MS).catch(async (error: unknown) => {
    await stage.end();
    throw error;
  });
  const contexts: BrowserContext[] = [];
  const keep = (page: Page): Page => {
    contexts.push(page.context());
    return page;
  };

  /** What is not answered within the second reads "NOT SENT: phone …; it may still go out": on a machine that is too slow for it the same is said again. */
  const answered = async (say: () => Promise<void>, answer: Locator): Promise<void> => {
    const late = radiologist.getByText('Radloop has not answered in time');
    for (let sayings = 1; sayings <= MOST_SAYINGS; sayings += 1) {
      const before = await late.count();
      await say();
      await until(async () => (await answer.isVisible()) || (await late.count()) > before, PATIENCE_MS / 1000);
      if (await answer.isVisible()) return;
    }
    throw new Error(`not answered in time, ${MOST_SAYINGS} times`);
  };

  return {
    stage,
    radiologist,
    async write(finding) {
      const { placer, card, order } = await stage.place('E');
      // A note that it is still unsent names no finding.
      const draft = radiologist.locator('.ac-adaptiveCard', { hasText: new RegExp(`NOT SENT YET.*${finding}`, 'su') }).last();
      await answered(() => typeInPrivate(radiologist, `critical: ${finding} on ${card.caseNumber}`), draft);
      const said = await draft.innerText();
      const alert = /\b[2-9B-Y]{6}\b/u.exec(said)?.[0] ?? '';
      const name = /Level 1\s+(.+?) \(first on call\)/u.exec(said)?.[1];
      return { alert, draft, finding, order, placer, called: personOf(name ?? said) };
    },
    async send({ draft, alert, called }) {
      const sent = new RegExp(`^Sent\\. ${called.name}.* being called for ${alert}|^${alert} was sent already`, 'u');
      // What went out after all, although no answer came in time, is read on the card itself.
      const onCard = radiologist.locator('.ac-adaptiveCard', { hasText: new RegExp(`${alert}.*Sent.*${called.name}`, 'su') });
      const sending = async (): Promise<void> => {
        if (await draft.isVisible()) await press(draft, 'Send');
      };
      await answered(sending, radiologist.getByText(sent).or(onCard).last());
    },
    async telephone(person, place = 'chat') {
      const url = `${stage.phone(person)}#${place}`;
      return keep(await openTelephone(stage.browser, { url, viewport: { width: 390, height: 844 }, patienceMs: PATIENCE_MS }));
    },
    async board(person) {
      const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = keep(await context.newPage());
      await page.goto(`${stage.tab}?theme=light`);
      await page.getByRole('button', { name: personOf(person).name }).click();
      await page.locator('a[href="#/board"]').click();
      await page.locator('.board').waitFor();
      return page;
    },
    arrivedOf: async (alert) => (await stage.arrived()).filter(({ event, text }) => event === 'arrived' && text.includes(alert)),
    picture: (what, name) => screenshot(what, join(PICTURES, `critical-${name}.png`)),
    async closePages() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    },
  };
}

/** @param who an id of people.json, or a name */
export function personOf(who: string): Person {
  const found = people.find(({ id, name }) => id === who || name === who);
  if (found === undefined) throw new Error(`people.json has nobody who is "${who}"`);
  return found;
}

/** One alert on the board. */
export function rowOf(board: Page, alert: string): Locator {
  return board.locator('.alert', { hasText: alert });
}

/** The clock to the next step, in seconds. */
export async function secondsLeft(board: Page, alert: string): Promise<number> {
  const clock = await rowOf(board, alert).locator('.clock').innerText();
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Opens it on a telephone, from the private chat. */
export async function openOnTelephone(phone: Page, { alert, order }: Written): Promise<Locator> {
  await press(await findCard(phone, alert), 'Open');
  const dialog = phone.locator('dialog[open]');
  await dialog.getByText(order.patient.mrn).first().waitFor();
  return dialog;
}

/** Text in which telephone numbers are held together, with the spaces that people type. */
export function plainSpaces(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

/** As somebody types it who has it before them. */
export async function readBack(dialog: Locator, identifier: string, finding: string, action: string): Promise<void> {
  await press(dialog, 'Read back');
  await dialog.getByLabel('record number or accession number').fill(identifier);
  await dialog.getByLabel('The finding, in your own words').fill(finding);
  await dialog.getByLabel('What you will do').fill(action);
  await press(dialog, 'Send the read-back');
}

/** What of the patient stands in the text: name, numbers, what they have; however it is written. */
export function toldBy(text: string, { order: { patient }, placer, finding }: Pick<Written, 'order' | 'placer' | 'finding'>): readonly string[] {
  const said = plain(text);
  return [patient.family, patient.given, patient.mrn, placer, finding].filter((secret) => said.includes(plain(secret)));
}

/** A printer of letters takes accents off. */
function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
