import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { embeddedModels } from '#adapters/embedded/models.js';
import { modelEndpoint } from '#adapters/model-endpoint/model.js';
import type { ModelQuestion } from '#ports/model.js';
import { aContext, anOrder, reviewed } from '../support/content.ts';
import { modelContract } from './model.contract.ts';

const question: ModelQuestion = {
  task: 'protocol-choice',
  formatVersion: 1,
  order: anOrder('CT HEAD WO', 'fall, GCS 9, on warfarin', { modality: 'CT' }),
  context: aContext(),
};
const catalogue = reviewed.protocols.map((row) => row.id);
const embedded = embeddedModels(reviewed);

let open: Server[] = [];

afterEach(async () => {
  for (const server of open) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  open = [];
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/ask`;
}

/** A vendor that runs the embedded models behind HTTP. */
const vendor: RequestListener = (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const asked: ModelQuestion = JSON.parse(Buffer.concat(parts).toString('utf8'));
    void embedded
      .ask(asked, 1)
      .then((result) => response.setHeader('content-type', 'application/json').end(JSON.stringify(result.ok ? result.answer : null)));
  });
};

modelContract('the embedded models', () => Promise.resolve({ model: embedded, question, catalogue }));
modelContract('a model behind HTTP', async () => ({ model: modelEndpoint(await serve(vendor)), question, catalogue }));

describe('a model behind HTTP that misbehaves', () => {
  const cases: readonly (readonly [string, RequestListener, RegExp])[] = [
    ['answers 500', (_request, response) => response.writeHead(500).end('no'), /answered 500/u],
    ['answers a web page', (_request, response) => response.end('<html>Welcome</html>'), /agreed form/u],
    ['answers JSON of another kind', (_request, response) => response.end('{"protocol":"CT"}'), /agreed form/u],
    ['answers a confidence of 7', (_request, response) => response.end(JSON.stringify({ ...answer, confidence: 7 })), /agreed form/u],
    ['answers another task', (_request, response) => response.end(JSON.stringify(priority)), /another question/u],
    ['answers without end', (_request, response) => void response.end('x'.repeat(400_000)), /too long/u],
    ['sends us elsewhere', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), /reached/u],
    ['cuts the connection', (request) => request.socket.destroy(), /reached/u],
    ['never answers', () => undefined, /within 0.2 s/u],
  ];
  const answer = {
    task: 'protocol-choice',
    model: 'm',
    version: '1',
    formatVersion: 1,
    protocolId: null,
    alternatives: [],
    confidence: 0,
    reasons: [],
  };
  const priority = { task: 'order-priority', model: 'm', version: '1', formatVersion: 1, priority: 'STAT', phrases: [] };

  it.each(cases)('is told apart when it %s', async (_what, listener, why) => {
    const url = await serve(listener);
    const result = await modelEndpoint(url).ask(question, 0.2);
    expect(result).toEqual({ ok: false, why: expect.stringMatching(why) });
    expect(JSON.stringify(result)).not.toContain('127.0.0.1');
  });

  it('is told apart when nobody listens', async () => {
    const result = await modelEndpoint('http://127.0.0.1:1/').ask(question, 1);
    expect(result.ok).toBe(false);
  });
});
