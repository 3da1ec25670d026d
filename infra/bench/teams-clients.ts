import { Agent, request as httpRequest } from 'node:http';
import { performance } from 'node:perf_hooks';

/** Somebody of the site who clicks or writes in their private chat. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly aadObjectId: string;
  readonly does: 'buttons' | 'words';
}

export interface Bot {
  readonly port: number;
  readonly origin: string;
  readonly token: string;
  readonly appId: string;
  readonly tenantId: string;
}

export interface Took {
  readonly kind: 'invoke' | 'words';
  readonly ms: number;
  readonly status: number;
}

/**
 * Each client does one thing after the other, one request in flight: looks at a task, decides it. Each task is two clients' to decide, one by button and one in words.
 * Those who are through begin again: what is decided is looked at, and decided too late.
 */
export async function work(bot: Bot, clients: readonly Client[], cases: readonly string[], seconds: number): Promise<readonly Took[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients.length });
  const took: Took[] = [];
  const until = performance.now() + seconds * 1000;
  const half = clients.length / 2;
  await Promise.all(
    clients.map(async (client, index) => {
      const mine = cases.filter((_, n) => n % half === index % half);
      for (let n = 0; performance.now() < until; n += 1) {
        const caseNumber = mine[n % mine.length] ?? '';
        const first = client.does === 'buttons' ? opening(caseNumber) : words(`show ${caseNumber}`);
        const shown = await act(bot, agent, client, first, took);
        if (performance.now() >= until) return;
        const revision = revisionIn(shown);
        const second =
          client.does === 'buttons' ? choosing(caseNumber, revision) : words(n % 3 === 2 ? "what's waiting?" : `use CT-HEAD-WO for ${caseNumber}`);
        await act(bot, agent, client, second, took);
      }
    }),
  );
  agent.destroy();
  return took;
}

type Said = Readonly<Record<string, unknown>>;

export const opening = (caseNumber: string): Said => ({ type: 'invoke', name: 'task/fetch', value: { data: { verb: 'open', caseNumber } } });
const choosing = (caseNumber: string, revision: number): Said => ({
  ...{ type: 'invoke', name: 'task/submit' },
  value: { data: { verb: 'choose-other', caseNumber, revision, protocolId: 'CT-HEAD-WO' } },
});
export const sending = (caseNumber: string, revision: number): Said => ({
  ...{ type: 'invoke', name: 'task/submit' },
  value: { data: { verb: 'release-critical', caseNumber, revision } },
});
const words = (text: string): Said => ({ type: 'message', text, textFormat: 'plain' });

/** Of the case in a dialog, which its buttons bring back. */
export function revisionIn(shown: string): number {
  return Number(/"revision":(\d+)/u.exec(shown)?.[1] ?? 1);
}

let count = 0;

/** One request, answered. @returns the answer's body */
export async function act(bot: Bot, agent: Agent, client: Client, said: Said, took: Took[]): Promise<string> {
  count += 1;
  const conversation = { id: `a:29:${client.id}`, conversationType: 'personal', tenantId: bot.tenantId };
  const activity = {
    ...{ id: `bench-${count}`, timestamp: new Date().toISOString(), channelId: 'msteams', serviceUrl: `${bot.origin}/_connector` },
    ...{ recipient: { id: `28:${bot.appId}`, name: 'Radloop' }, from: { id: `29:${client.id}`, name: client.name, aadObjectId: client.aadObjectId } },
    ...{ conversation, channelData: { tenant: { id: bot.tenantId } } },
    ...said,
  };
  const begun = performance.now();
  const { status, body } = await post(bot, agent, JSON.stringify(activity));
  took.push({ kind: said['type'] === 'invoke' ? 'invoke' : 'words', ms: performance.now() - begun, status });
  return body;
}

function post({ port, token }: Bot, agent: Agent, body: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/api/messages', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
