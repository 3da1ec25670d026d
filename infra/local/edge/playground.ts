import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Directory, Member } from './directory.ts';
import { PortInUse } from './http.ts';

/** Microsoft 365 Agents Playground, the local Teams client, as a child process. */
export interface Playground {
  readonly url: string;
  readonly exited: Promise<number | null>;
  stop(): Promise<void>;
}

/** Undefined where the dev dependency is not installed (npm ci --omit=dev). */
export function playgroundProgram(): string | undefined {
  try {
    const program = join(dirname(createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/package.json')), 'cli.js');
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** What the Playground can hold: its General channel, one more, and the private chat of its current user. */
export function playgroundHolds(directory: Directory, conversationId: string): boolean {
  const { team, extra } = channels(directory);
  const channel = conversationId.split(';')[0];
  return conversationId === directory.faces[0]?.privateChat || channel === team?.teamId || (extra !== undefined && channel === extra.channelId);
}

function channels(directory: Directory): { team: Directory['places'][number] | undefined; extra: Directory['places'][number] | undefined } {
  const team = directory.places[0];
  return { team, extra: directory.places.find((place) => place.teamId === team?.teamId && place.channelId !== place.teamId) };
}

/** Exactly six people: the current user, then the second face, then the others; made up to six by people whom the service does not know. */
function six(directory: Directory): [Member, Member[]] {
  const [first, second] = directory.faces;
  if (!first) throw new Error('people.json names no protocoling-radiologist, so there is nobody to open a page for');
  const others = directory.members.filter((one) => one !== first && one !== second);
  const users = [...(second ? [second] : []), ...others].slice(0, 5);
  for (let n = users.length; n < 5; n += 1) {
    const id = `unknown-${String(n)}`;
    users.push({
      id,
      name: `Unknown ${String(n)}`,
      teamsId: `29:${id}`,
      aadObjectId: `00000000-0000-4000-8000-00000000000${String(n)}`,
      privateChat: '',
    });
  }
  return [first, users];
}

/** `.m365agentsplayground.yml`, written as JSON, which is YAML. */
function playgroundConfig(directory: Directory): string {
  const [first, users] = six(directory);
  const { team, extra } = channels(directory);
  const user = (one: Member): Record<string, string> => {
    const [givenName = one.name, ...rest] = one.name.split(' ');
    const email = `${one.id}@rehearsal.invalid`;
    return {
      id: one.teamsId,
      name: one.name,
      userPrincipleName: email,
      aadObjectId: one.aadObjectId,
      givenName,
      surname: rest.join(' ') || one.name,
      email,
    };
  };
  const [teamName = 'Radiology', channelName = team?.name] = (team?.name ?? '').split(' - ');
  const config = {
    version: '0.1.1',
    tenantId: directory.tenantId,
    bot: { id: directory.botId, name: directory.botName },
    currentUser: user(first),
    users: users.map(user),
    personalChat: { id: first.privateChat },
    groupChat: { id: '19:radloop-not-used@thread.v2', name: 'Group chat (not used)' },
    team: {
      id: team?.teamId ?? '19:radloop-general@thread.tacv2',
      name: teamName || 'Radiology',
      aadGroupId: '00000000-0000-4000-8000-0000000000aa',
      channels: extra ? [{ id: extra.channelId, name: channelName ?? extra.name }] : [],
    },
  };
  return `# Written at every start from the site's people.json and channels.json.\n${JSON.stringify(config, null, 2)}\n`;
}

/** The Playground would silently take another port; better to be told. */
async function mustBeFree(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', () => {
      reject(new PortInUse(port, 'the Agents Playground', '--playground-port'));
    });
    probe.listen(port, '127.0.0.1', () =>
      probe.close(() => {
        resolve();
      }),
    );
  });
}

export async function startPlayground(directory: Directory, dataDir: string, port: number, edge: string, serviceUrl: string): Promise<Playground> {
  const program = playgroundProgram();
  if (program === undefined)
    throw new Error('@microsoft/m365agentsplayground is not installed: run npm ci with dev dependencies, or start with --no-playground');
  if (port !== 0) await mustBeFree(port);
  const home = join(dataDir, 'playground');
  const logs = join(dataDir, 'logs');
  for (const dir of [home, logs]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const configFile = join(home, '.m365agentsplayground.yml');
  const logFile = join(logs, 'm365agentsplayground.log');
  writeFileSync(configFile, playgroundConfig(directory), { mode: 0o600 });

  const child = spawn(
    process.execPath,
    [
      '--require',
      fileURLToPath(new URL('./lo.cjs', import.meta.url)),
      program,
      'start',
      '-e',
      `${edge}/api/messages`,
      '-c',
      'msteams',
      '-p',
      String(port),
      '--service-url',
      serviceUrl,
      '--dt',
    ],
    {
      cwd: home,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TEAMSAPPTESTER_BROWSER: 'none',
        M365_AGENTS_PLAYGROUND_CONFIG_PATH: configFile,
        M365_AGENTS_PLAYGROUND_LOGFILE: logFile,
      },
    },
  );
  const output = createWriteStream(join(logs, 'playground-output.log'), { flags: 'a', mode: 0o600 });
  child.stderr.pipe(output, { end: false });
  const exited = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      output.end();
      resolve(code);
    }),
  );
  const actual = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the Agents Playground did not start within 30 s; see ${logFile}`));
    }, 30_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.write(`${line}\n`);
      const found = /^Listening on (\d+)/u.exec(line)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(Number(found));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the Agents Playground ended at once (exit ${String(code)}); it says why in ${logFile}`));
    });
  });
  return {
    url: `http://127.0.0.1:${String(actual)}`,
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(force);
    },
  };
}
