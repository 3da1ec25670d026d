import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOutsideGuard } from '#bot/mcp/guard.js';
import { directoryOf, okafor, silentLog, wallClock } from '../support/clinic.ts';
import { readDirectory } from '../../infra/local/edge/directory.ts';
import { startEdge } from '../../infra/local/edge/edge.ts';
import type { Edge } from '../../infra/local/edge/edge.ts';
import { REHEARSAL_API_ID, REHEARSAL_APP_ID, edgeSettings } from '../../infra/local/edge/settings.ts';

const directory = readDirectory(join('infra', 'rehearsal', 'site'), REHEARSAL_APP_ID);
let folder: string;
let edge: Edge;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-sign-in-'));
  edge = await startEdge({ dataDir: folder, directory, bot: 'http://127.0.0.1:9/api/messages', port: 0, playgroundPort: null, facePorts: [] });
});
afterAll(async () => {
  await edge.close();
  rmSync(folder, { recursive: true, force: true });
});

const signIn = (person: string, method = 'POST', headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${edge.url}/sign-in?person=${person}`, { method, headers });

describe('signing in at the rehearsal site', () => {
  it('gives a person of people.json a token that the door for outside orchestrators takes, and the bot’s own door has another audience', async () => {
    const { access_token: token } = (await (await signIn('dr-okafor')).json()) as { access_token: string };
    const known = directory.member('dr-okafor');
    const settings = edgeSettings(Number(new URL(edge.url).port), REHEARSAL_APP_ID, directory.tenantId);
    const guard = createOutsideGuard({
      settings: {
        audience: settings['RADLOOP_API_AUDIENCE'] ?? '',
        tenantId: directory.tenantId,
        local: { metadataUrl: settings['ToBotFromChannelOpenIdMetadataUrl'] ?? '', issuer: settings['ToBotFromChannelTokenIssuer'] ?? '' },
      },
      ...{ directory: directoryOf([{ ...okafor, aadObjectId: known?.aadObjectId ?? '' }]), clock: wallClock, log: silentLog() },
      desk: { deny: () => Promise.resolve('recorded') },
    });
    const request = { contentType: 'application/json', body: Buffer.from('{}') };
    expect(await guard.check({ ...request, authorization: `Bearer ${token}` })).toMatchObject({ ok: true, who: { id: 'dr-okafor' } });
    expect(REHEARSAL_API_ID).not.toBe(REHEARSAL_APP_ID);
  });

  it('refuses whom people.json does not name, and a web page', async () => {
    expect((await signIn('nobody')).status).toBe(404);
    expect((await signIn('dr-okafor', 'GET')).status).toBe(405);
    expect((await signIn('dr-okafor', 'POST', { origin: 'https://elsewhere.example' })).status).toBe(403);
  });
});
