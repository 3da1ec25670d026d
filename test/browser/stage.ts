import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startPart } from '../../infra/local/children.ts';
import { launchBrowser } from '../support/playground-page.ts';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';
import type { PageLine } from '../../infra/rehearsal/paging-ledger.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { takePorts } from '../support/ports.ts';

/** What the RIS's page says of an order. */
export interface RisOrder {
  readonly placer: string;
  readonly status: string;
  readonly priority: string;
  readonly recommendation: { readonly protocolId: string } | null;
  readonly approved: { readonly protocolId: string; readonly by: string } | null;
  readonly approvals: number;
}

/** A card in the channel as the edge told of it. */
export interface Posted {
  readonly caseNumber: string;
  readonly conversationId: string;
  readonly activityId: string;
}

/** `npm start` as somebody types it, with the Playground, on ports and in a folder of its own, and a browser. */
export interface Stage {
  readonly browser: Browser;
  readonly data: string;
  /** Pages of two people in the Playground. */
  readonly faces: readonly { readonly person: string; readonly url: string }[];
  /** The telephone of one person. */
  phone(person: string): string;
  readonly edge: string;
  /** The tab, with its picker of people. */
  readonly tab: string;
  /** What arrived outside Teams, to be looked at. */
  readonly pages: string;
  readonly risPage: string;
  orders(): Promise<readonly RisOrder[]>;
  /** What arrived outside Teams, oldest first. */
  arrived(): Promise<readonly PageLine[]>;
  /** Places an order (of this class of patient); gives its placer number and, once the RIS has the recommendation, its card. */
  place(patientClass?: PlannedOrder['patientClass']): Promise<{ readonly placer: string; readonly card: Posted; readonly order: PlannedOrder }>;
  cancel(placer: string): Promise<void>;
  order(placer: string): Promise<RisOrder | undefined>;
  approvedWithin(placer: string, seconds: number): Promise<RisOrder | undefined>;
  fault(one: object): Promise<void>;
  end(): Promise<void>;
}

/** As `npm start` has them. */
export const SEED = 1;

function planned(placer: string): PlannedOrder {
  const order = plannedOrders(SEED, Number(placer.slice(1))).at(-1);
  if (order === undefined) throw new Error(`no order ${placer}`);
  return order;
}

/** @param speed how many times faster than the site's policy a critical result climbs */
export async function openStage({ speed = 1 }: { readonly speed?: number } = {}): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), 'radloop-browser-'));
  const { base, release } = await takePorts();
  const args = ['infra/local/start.ts', '--data', data, '--base-port', String(base), '--rate', '0', '--json'];
  const env = { RADLOOP_REHEARSAL_SPEED: String(speed) };
  const started = await startPart({ name: 'npm start', args, env, logFile: join(data, 'start.log'), secondsToReady: 120 });
  const browser = await launchBrowser().catch(async (error: unknown) => {
    await started.stop(20);
    throw error;
  });
  const address = (name: string): string => String(started.ready[name]);
  const [edge, risPage, pages] = [address('edge'), address('page'), address('pages')];
  const post = (url: URL, body?: object): Promise<Response> =>
    fetch(url, { method: 'POST', ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
  const orders = async (): Promise<readonly RisOrder[]> =>
    ((await (await fetch(new URL('/orders.json', risPage))).json()) as { orders: RisOrder[] }).orders;
  const order = async (placer: string): Promise<RisOrder | undefined> => (await orders()).find((one) => one.placer === placer);
  const approvedWithin = async (placer: string, seconds: number): Promise<RisOrder | undefined> => {
    for (const until = Date.now() + seconds * 1000; Date.now() < until; await pause(100)) {
      const found = await order(placer);
      if (found !== undefined && found.approved !== null) return found;
    }
    return undefined;
  };
  const feed = async (since: number): Promise<{ next: number; items: readonly { kind: string; card: unknown; conversationId: string; activityId: string }[] }> =>
    (await (await fetch(`${edge}/feed?since=${since}&wait=10`)).json()) as never; // prettier-ignore

  let next = 0;
  const seen = new Set<string>();
  /** The card of a case that was not there before, once it waits. */
  const newCard = async (placer: string): Promise<Posted> => {
    for (const until = Date.now() + 30_000; Date.now() < until;) {
      const told = await feed(next);
      next = told.next;
      for (const { kind, card, conversationId, activityId } of told.items) {
        const source = JSON.stringify(card);
        const caseNumber = /"caseNumber":"([2-9B-Y]{6})"/u.exec(source)?.[1];
        if (kind === 'personal' || caseNumber === undefined || seen.has(caseNumber) || !source.includes('Waiting for a radiologist')) continue;
        seen.add(caseNumber);
        return { caseNumber, conversationId, activityId };
      }
    }
    throw new Error(`no card of ${placer} within 30 s`);
  };

  return {
    browser,
    data,
    faces: started.ready['faces'] as { person: string; url: string }[],
    phone: (person) => `${edge}/phone?person=${person}`,
    edge,
    tab: new URL('/api/tab/', address('http')).href,
    pages,
    risPage,
    orders,
    order,
    approvedWithin,
    arrived: async () => ((await (await fetch(new URL('/pages.json', pages))).json()) as { pages: PageLine[] }).pages,
    async place(patientClass) {
      for (;;) {
        const { order: placer } = (await (await post(new URL('/orders/next', risPage))).json()) as { order: string };
        const order = planned(placer);
        const { kind, then } = order;
        const card = kind === 'not-imaging' ? null : await newCard(placer);
        // What the RIS changes or cancels by itself is no stage for a story, nor what has no proposal.
        const isStage = kind === 'imaging' && then === null && (patientClass === undefined || order.patientClass === patientClass);
        if (card !== null && isStage) return { placer, card, order };
      }
    },
    async cancel(placer) {
      const answer = await post(new URL(`/orders/cancel?order=${placer}`, risPage));
      if (answer.status !== 201) throw new Error(`${placer} could not be cancelled: HTTP ${answer.status}`);
    },
    async fault(one) {
      const answer = await post(new URL('/faults', edge), one);
      if (answer.status !== 200) throw new Error(await answer.text());
    },
    async end() {
      await browser.close();
      await started.stop(20);
      await release();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
