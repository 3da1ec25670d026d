import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { chartOf } from './chart.ts';
import { startEhr } from './ehr.ts';
import { openEhrLedger } from './ehr-ledger.ts';
import { startHangingModel } from './model-vendor.ts';
import { orderOf } from './orders.ts';
import type { Catalogue } from './orders.ts';
import { numbersOf } from './order-message.ts';
import { startPage } from './page.ts';
import { startPagingSide } from './paging-side.ts';
import { PATIENTS, patientOf } from './patients.ts';
import { startPeople } from './people.ts';
import { openRis } from './ris.ts';
import type { Ris } from './ris.ts';
import { risListener } from './ris-listener.ts';
import { startSender } from './ris-sender.ts';
import type { Settings } from './settings.ts';
import { teamsSide } from './teams-side.ts';

/** Where everything listens, as printed with --json. */
export interface Addresses {
  readonly ready: true;
  readonly ris: string;
  readonly ehr: string;
  readonly page: string;
  /** What arrived outside Teams. */
  readonly pages: string;
  readonly model?: string;
}

export interface Hospital {
  readonly addresses: Addresses;
  readonly ris: Ris;
  stop(): Promise<void>;
}

const AWAY_SECONDS = 60;

const procedureMap = z.object({ imaging: z.array(z.object({ code: z.string(), modality: z.string(), text: z.string() })) });
const fieldMap = z.object({ protocol: z.string().regex(/^OBR-\d+$/u, 'expected a field of OBR, such as OBR-19') });

/** Opens the hospital. What was started is stopped again when a later part cannot be (a port in use). */
export async function openHospital(settings: Settings): Promise<Hospital> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.reverse()) await one();
    stops.length = 0;
  };
  try {
    return { ...(await start(settings, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(settings: Settings, stops: (() => Promise<void> | void)[]): Promise<Omit<Hospital, 'stop'>> {
  const { seed, fault } = settings;
  const catalogue: Catalogue = new Map(readSiteFile(settings.site, 'procedure-map.json', procedureMap).imaging.map((row) => [row.code, row]));
  const protocolField = Number(readSiteFile(settings.site, 'field-map.json', fieldMap).protocol.slice('OBR-'.length));

  const today = new Date();
  const written = openEhrLedger(settings.dataDir);
  stops.push(() => {
    written.ledger.close();
  });
  const ehr = await startEhr({
    port: settings.ehrPort,
    charts: Array.from({ length: PATIENTS }, (_, index) => chartOf(seed, patientOf(seed, index), today)),
    fault: fault === 'ehr-refuses' || fault === 'ehr-hangs' ? fault : 'none',
    delayMs: settings.ehrDelayMs,
    ledger: { past: written.past, write: (line) => void written.ledger.write(line) },
  });
  stops.push(ehr.stop);
  const model = fault === 'model-hangs' ? await startHangingModel(settings.modelPort) : null;
  if (model !== null) stops.push(model.stop);

  const paging = await startPagingSide({ dataDir: settings.dataDir, ports: settings.pagingPorts });
  stops.push(paging.stop);

  const ris = openRis(settings.dataDir, seed, protocolField);
  stops.push(() => {
    ris.close();
  });
  const listener = risListener(ris, settings.risPort);
  stops.push(() => listener.close());
  const risPort = fault === 'ris-away' ? settings.risPort : await listener.open();
  const timers = new Set<NodeJS.Timeout>();
  stops.push(() => {
    for (const timer of timers) clearTimeout(timer);
  });
  const later = (seconds: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, seconds * 1000);
    timers.add(timer);
  };
  /** Away from the start until a minute after the first approval; without scripted people, until a minute after the start. */
  const comeBack = (): void => {
    ris.note(`the RIS is away and comes back in ${String(AWAY_SECONDS)} s`);
    later(AWAY_SECONDS, () => {
      listener.open().catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
      });
    });
  };
  if (fault === 'ris-away' && settings.people === 'none') comeBack();

  const sender = startSender(ris, settings.radloop);
  stops.push(sender.stop);
  const placeNext = (): string => {
    const order = orderOf(seed, ris.lastOrder() + 1, catalogue);
    ris.place(order, 'new');
    sender.nudge();
    followUp(order.n);
    return numbersOf(order.n).placer;
  };
  const cancel = (placer: string): boolean => {
    const n = Number(/^P(\d{6})$/u.exec(placer)?.[1] ?? 0);
    if (n < 1 || n > ris.lastOrder() || ris.written(n, 'cancel')) return false;
    ris.place(orderOf(seed, n, catalogue), 'cancel');
    sender.nudge();
    return true;
  };
  /** What comes after an order, unless it was written before a restart. */
  const followUp = (n: number): void => {
    const order = orderOf(seed, n, catalogue);
    const { then } = order;
    if (then === null || ris.written(n, then.verb)) return;
    later(then.afterSeconds, () => {
      if (ris.written(n, then.verb)) return;
      ris.place(order, then.verb);
      sender.nudge();
    });
  };
  for (let n = 1; n <= ris.lastOrder(); n += 1) followUp(n);
  const page = await startPage({ ris, port: settings.pagePort, isListening: listener.isOpen, placeNext, cancel });
  stops.push(page.stop);
  const keepOrdering = (): void => {
    if (settings.orders !== null && ris.lastOrder() >= settings.orders) return;
    placeNext();
    later(settings.rateSeconds, keepOrdering);
  };
  if (settings.rateSeconds > 0) later(0, keepOrdering);

  if (settings.people === 'scripted') {
    const onFirstApproval = fault === 'ris-away' ? comeBack : () => undefined;
    const people = startPeople({ dataDir: settings.dataDir, seed, teams: teamsSide(settings.teams), onFirstApproval });
    stops.push(people.stop);
  }
  return {
    ris,
    addresses: {
      ready: true,
      ris: `127.0.0.1:${String(risPort)}`,
      ehr: ehr.baseUrl,
      page: page.url,
      pages: `${paging.url}/`,
      ...(model === null ? {} : { model: model.url }),
    },
  };
}

function readSiteFile<T>(site: string, file: string, schema: z.ZodType<T>): T {
  const path = join(site, 'hl7', file);
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
  return parsed.data;
}
