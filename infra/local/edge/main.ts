import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readDirectory } from './directory.ts';
import { startEdge, type Edge } from './edge.ts';
import { REHEARSAL_APP_ID } from './settings.ts';

const USAGE = `The local Teams side: signs what goes to the bot, checks what comes back, shows it to two people.

  node --conditions=source infra/local/edge/main.ts --data DIR --bot URL [options]

  --data DIR              where the key, the ledger and the logs are kept
  --bot URL               the bot's endpoint, such as http://127.0.0.1:7071/api/messages; it may start later and restart
  --site DIR              folder with people.json and channels.json (infra/rehearsal/site)
  --port N                the edge's port (3979)
  --playground-port N     the Agents Playground's port (56150)
  --no-playground         no Teams client and no pages: the edge itself stands in for Teams
  --face-ports N,N        the pages of the first two protocoling radiologists (3981,3982)
  --app-id GUID           the bot's app id
  --json                  one JSON line when ready

Example: node --conditions=source infra/local/edge/main.ts --data .data --bot http://127.0.0.1:7071/api/messages --no-playground`;

class Usage extends Error {}

function portNumber(source: string, option: string): number {
  const port = Number(source);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Usage(`${option} wants a port, not "${source}"`);
  return port;
}

function readArguments(): { json: boolean; start: () => Promise<Edge> } | undefined {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      bot: { type: 'string' },
      site: { type: 'string', default: 'infra/rehearsal/site' },
      port: { type: 'string', default: '3979' },
      'playground-port': { type: 'string', default: '56150' },
      'no-playground': { type: 'boolean', default: false },
      'face-ports': { type: 'string', default: '3981,3982' },
      'app-id': { type: 'string', default: REHEARSAL_APP_ID },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.data === undefined || values.bot === undefined) throw new Usage('--data and --bot are needed');
  const dataDir = resolve(values.data);
  const { bot } = values;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const port = portNumber(values.port, '--port');
  const playgroundPort = values['no-playground'] ? null : portNumber(values['playground-port'], '--playground-port');
  const facePorts = values['face-ports'].split(',').map((one) => portNumber(one, '--face-ports'));
  return {
    json: values.json,
    start: () => startEdge({ dataDir, bot, port, playgroundPort, facePorts, directory: readDirectory(resolve(values.site), values['app-id']) }),
  };
}

function announce(edge: Edge, json: boolean): void {
  if (json) {
    const { url, playground, faces } = edge;
    console.log(JSON.stringify({ ready: true, edge: url, playground, faces, standIn: playground === null }));
    return;
  }
  console.log(`Teams side ready: edge ${edge.url}`);
  for (const face of edge.faces) console.log(`  the page of ${face.person}: ${face.url}`);
  if (edge.playground === null) console.log('  no Teams client (--no-playground): the edge stands in for Teams with answers of its own');
  else console.log(`  Agents Playground itself, with its developer's log: ${edge.playground}`);
}

async function main(): Promise<number> {
  let wanted;
  try {
    wanted = readArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (!wanted) {
    console.log(USAGE);
    return 0;
  }
  const ended = new Promise<number>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        end(0);
      });
    }
  });
  let edge: Edge;
  try {
    edge = await wanted.start();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  announce(edge, wanted.json);
  let ending = false;
  const playgroundEnded = edge.playgroundExited.then((code) => {
    if (ending) return 0;
    console.error(`the Agents Playground ended by itself (exit ${String(code)}); its log is in logs/ under --data. Ending too.`);
    return 1;
  });
  const code = await Promise.race([ended, playgroundEnded]);
  ending = true;
  await edge.close();
  return code;
}

// Everything is closed by then; a socket of fetch's pool may still be warm.
process.exit(await main());
