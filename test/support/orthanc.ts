import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const PROGRAM = ['/usr/sbin/Orthanc', '/usr/bin/Orthanc', '/usr/local/bin/Orthanc'].find((path) => existsSync(path)) ?? null;

/** Why no real Orthanc can be started here; null: it can. */
export const noOrthanc = PROGRAM === null ? 'Orthanc is not installed here (Debian package orthanc)' : null;

export interface Orthanc {
  readonly baseUrl: string;
  readonly dicomPort: number;
  readonly user: string;
  readonly password: string;
  /** One object made of these tags; with `parent` in that study. @returns Orthanc's id of its study */
  create(tags: Readonly<Record<string, string>>, parent?: string): Promise<string>;
  remove(study: string): Promise<void>;
  /** Kills it; its database stays. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Forgets everything, as when somebody replaced its database. Only while it is down. */
  forget(): void;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The real Orthanc with a folder of its own, authentication on, studies stable after one second. */
export async function startOrthanc(): Promise<Orthanc> {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-orthanc-'));
  const [httpPort, dicomPort] = [await freePort(), await freePort()];
  const [user, password] = ['radloop', 'made-up-for-this-test'];
  const baseUrl = `http://127.0.0.1:${String(httpPort)}`;
  const config = {
    ...{ Name: 'test', StorageDirectory: join(folder, 'db'), IndexDirectory: join(folder, 'db'), HttpPort: httpPort, DicomPort: dicomPort },
    ...{
      RemoteAccessAllowed: false,
      AuthenticationEnabled: true,
      RegisteredUsers: { [user]: password },
      StableAge: 1,
      Plugins: [],
      DicomAet: 'TEST',
    },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  let running: ChildProcess | null = null;

  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(baseUrl + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`Orthanc: ${method} ${path}: HTTP ${String(response.status)}`);
    return await response.json();
  };
  const start = async (): Promise<void> => {
    running = spawn(PROGRAM ?? '', [join(folder, 'config.json')], { stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries++) {
      const up = await call('GET', '/system').then(
        () => true,
        () => false,
      );
      if (up) return;
      await pause(50);
    }
    throw new Error('Orthanc did not start');
  };
  const kill = async (): Promise<void> => {
    if (running === null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
    running = null;
  };
  await start();
  return {
    ...{ baseUrl, dicomPort, user, password, kill, start },
    create: async (tags, parent) => {
      const made = (await call('POST', '/tools/create-dicom', { Tags: tags, ...(parent === undefined ? {} : { Parent: parent }) })) as { ID: string };
      const study = (await call('GET', `/instances/${made.ID}/study`)) as { ID: string };
      return study.ID;
    },
    remove: async (study) => {
      await call('DELETE', `/studies/${study}`);
    },
    forget: () => {
      rmSync(join(folder, 'db'), { recursive: true, force: true });
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
