import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { acting } from './act.ts';
import { botLine } from './bot-line.ts';
import { connector } from './connector.ts';
import type { Directory } from './directory.ts';
import { openFace, type Face } from './faces.ts';
import { openFaults } from './faults.ts';
import { listen } from './http.ts';
import { startHub } from './hub.ts';
import { inbound } from './inbound.ts';
import { openLedger } from './ledger.ts';
import { openIdProvider } from './openid.ts';
import { playgroundHolds, startPlayground } from './playground.ts';
import { route, type Served } from './routes.ts';
import { edgeServiceUrl, edgeSettings, edgeUrl } from './settings.ts';

export interface EdgeOptions {
  readonly dataDir: string;
  readonly directory: Directory;
  /** The bot's endpoint, such as `http://127.0.0.1:7071/api/messages`; it need not be there yet. */
  readonly bot: string;
  /** 0: any free port. */
  readonly port: number;
  /** 0: any free port. Null: no Agents Playground and no pages; the edge's own stand-in answers the bot. */
  readonly playgroundPort: number | null;
  /** One for each person who has a page; 0 or none: any free port. */
  readonly facePorts: readonly number[];
}

/** The local Teams side, up and listening. */
export interface Edge {
  readonly url: string;
  readonly playground: string | null;
  readonly faces: readonly { readonly person: string; readonly url: string }[];
  /** Resolves when the Playground ends, by itself or by `close`; never without one. */
  readonly playgroundExited: Promise<number | null>;
  close(): Promise<void>;
}

/** Starts all of it, or nothing: what had started when something failed is ended again. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  let served: Served | undefined;
  const server = createServer((request, response) => {
    route(served, request, response).catch(() => response.destroy());
  });
  // Listening comes first: a second edge on the same folder must fail here, before it touches the ledger.
  const port = await listen(server, options.port, 'the signing edge', '--port');
  const ends: (() => void | Promise<void>)[] = [() => stopServer(server)];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const started = await startParts(options, port, ends);
    ({ served } = started);
    return { ...started.edge, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  options: EdgeOptions,
  port: number,
  ends: (() => void | Promise<void>)[],
): Promise<{ served: Served; edge: Omit<Edge, 'close'> }> {
  const { dataDir, directory, playgroundPort } = options;
  const url = edgeUrl(port);
  const serviceUrl = edgeServiceUrl(port);
  const openId = await openIdProvider(dataDir, url, directory.appId);
  const ledger = openLedger(join(dataDir, 'ledgers', 'teams.jsonl'));
  ends.unshift(ledger.close); // the last to end, after the server that writes to it
  const playground = playgroundPort === null ? undefined : await startPlayground(directory, dataDir, playgroundPort, url, serviceUrl);
  if (playground) ends.push(() => playground.stop());
  const hub = playground && startHub(directory, playground.url);
  if (hub) ends.push(hub.close);

  const faults = openFaults();
  const toBot = botLine(options.bot, openId, directory, ledger);
  const teams = connector({
    directory,
    ledger,
    openId,
    playground: playground && `${playground.url}/_connector`,
    inPlayground: (id) => playground !== undefined && playgroundHolds(directory, id),
    showPrivately: (member, id, activity, isUpdate) => hub?.privately(member, id, activity, isUpdate),
    faults,
  });
  const pages = inbound(directory, serviceUrl, toBot, teams);
  const act = acting(directory, serviceUrl, toBot, teams);

  const faces: Face[] = [];
  for (const [index, member] of directory.faces.entries()) {
    if (!playground || !hub) break;
    const shared = { directory, serviceUrl, playgroundUrl: playground.url, hub, inbound: pages };
    const face = await openFace(member, options.facePorts[index] ?? 0, shared);
    faces.push(face);
    ends.push(face.close);
  }
  const settings = edgeSettings(port, directory.appId, directory.tenantId);
  return {
    served: { openId, ledger, faults, connector: teams, pages, act, appId: directory.appId, directory, settings },
    edge: {
      url,
      playground: playground?.url ?? null,
      faces: faces.map(({ person, url: address }) => ({ person, url: address })),
      playgroundExited: playground?.exited ?? new Promise(() => undefined),
    },
  };
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  server.closeAllConnections();
  await closed;
}
