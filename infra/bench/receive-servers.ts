import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hl7Server } from '@medplum/hl7';
import type { Hl7MessageEvent } from '@medplum/hl7';
import { Server as NodeHl7Server } from 'node-hl7-server';
import simpleHl7 from 'simple-hl7';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { caseStore } from '#adapters/embedded/case-store.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import { receive, receiveOversize } from '#engine/intake.js';
import type { Bringer } from '#engine/intake.js';

/**
 * One receiver of MLLP in a process of its own: Radloop's listener, door and embedded store with nothing behind them, or one of three npm libraries
 * that parses, stores the message in the same way (SQLite, WAL, synchronous FULL, group commit, one row) and then sends its own ACK.
 * Prints its port.
 */
const folder = mkdtempSync(join(tmpdir(), 'radloop-receive-'));
const db = openDatabase(folder);

const servers: Readonly<Record<string, (port: number) => Promise<void>>> = {
  radloop: (port) => startRadloop(port),
  '@medplum/hl7': async (port) => {
    const store = await plainStore(db);
    const server = new Hl7Server((connection) => {
      connection.addEventListener('message', ({ message }: Hl7MessageEvent) => {
        store(message.toString()).then(
          () => {
            connection.send(message.buildAck());
          },
          () => process.exit(1),
        );
      });
    });
    await server.start(port, 'utf-8');
  },
  'node-hl7-server': async (port) => {
    const store = await plainStore(db);
    const server = new NodeHl7Server({ bindAddress: '127.0.0.1' });
    server.createInbound({ port }, (request, response) => {
      store(request.getMessage().toString())
        .then(() => response.sendResponse('AA'))
        .catch(() => process.exit(1));
    });
  },
  'simple-hl7': async (port) => {
    const store = await plainStore(db);
    const app = simpleHl7.tcp();
    app.use((request, response) => {
      store(request.msg.toString()).then(
        () => {
          response.end();
        },
        () => process.exit(1),
      );
    });
    app.start(port, 'utf-8');
  },
};

async function plainStore(database: Database): Promise<(message: string) => Promise<void>> {
  await database.write(() => database.run('CREATE TABLE received (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT'));
  return async (message) => {
    await database.write(() => database.run('INSERT INTO received (bytes) VALUES (?)', Buffer.from(message, 'utf8')));
  };
}

async function startRadloop(port: number): Promise<void> {
  const site = readSite('infra/rehearsal/site');
  const parts = {
    raw: rawStore(db),
    outbox: outboxStore(db),
    door: hl7Door(site),
    audit: auditStore(db),
    cases: caseStore(db),
    clock: wallClock,
    log: { info: () => undefined, error: () => undefined },
    workflows: [],
    destinations: {},
    modeOf: () => 'off' as const,
    wake: () => undefined,
  };
  const from: Bringer = { endpoint: 'mllp', facility: null };
  await listenMllp({
    host: '127.0.0.1',
    port,
    onMessage: (bytes) => receive(parts, bytes, from),
    onOversize: ({ first64k, length, sha256 }) => receiveOversize(parts, first64k, length, sha256, from),
    onFault: () => undefined,
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const start = servers[process.argv[2] ?? ''];
if (start === undefined) throw new Error(`one of ${Object.keys(servers).join(', ')} must be named`);
const port = await freePort();
await start(port);
process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
process.on('SIGTERM', () => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.key`, { force: true });
  process.exit(0);
});
