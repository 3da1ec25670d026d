import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const script = join(folder, 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js');
/** Microsoft's well-known account of its emulators: no secret. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface Azurite {
  readonly connectionString: string;
  close(): Promise<void>;
}

/** Installs Azurite into this folder when it is not there. @returns why it can't be had; null: it is there */
export function installAzurite(): string | null {
  if (existsSync(script)) return null;
  const npm = join(dirname(process.execPath), 'npm');
  const done = spawnSync(existsSync(npm) ? npm : 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 240_000,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (done.status === 0 && existsSync(script)) return null;
  const why = /npm error code (\w+)/u.exec(done.stderr)?.[1] ?? done.error?.name ?? `npm ended with ${String(done.status)}`;
  return `Azurite could not be installed from the package registry (${why}): these tests are skipped. Run "npm ci --ignore-scripts" in test/peers/azurite where it can be reached.`;
}

/** Blob Storage as Microsoft's emulator has it, on a free port of loopback, over a folder of its own. */
export async function startAzurite(): Promise<Azurite> {
  const data = mkdtempSync(join(tmpdir(), 'radloop-azurite-'));
  const port = await freePort();
  // The client speaks a newer version of the interface than this emulator knows by name.
  const args = [
    script,
    '--skipApiVersionCheck',
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    String(port),
    '--location',
    data,
    '--silent',
    '--disableTelemetry',
  ];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const until = Date.now() + 60_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`Azurite did not start on port ${port} (exit code ${String(child.exitCode)})`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=http://127.0.0.1:${port}/${ACCOUNT};`,
    async close() {
      child.kill('SIGKILL');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return port;
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/${ACCOUNT}?comp=list`).then(
    () => true,
    () => false,
  );
}
