import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';

/** How an EHR fails: a page for people, an error, an open line on which nothing comes, nobody at the address. `empty` is a healthy one that knows no patient. */
export type EhrMood = 'empty' | 'html' | 'error-500' | 'silent' | 'away';

export interface FakeEhr {
  setMood(mood: EhrMood): Promise<void>;
  close(): Promise<void>;
}

/** A FHIR server at this port that behaves as it is told. */
export async function fakeEhr(port: number): Promise<FakeEhr> {
  let mood: EhrMood = 'empty';
  const server = createServer((_request, response) => {
    answer(mood, response);
  });
  const listen = async (): Promise<void> => {
    if (server.listening) return;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen();
  return {
    async setMood(next) {
      mood = next;
      if (mood === 'away') await close();
      else await listen();
    },
    close,
  };
}

function answer(mood: EhrMood, response: ServerResponse): void {
  switch (mood) {
    case 'empty':
      response.writeHead(200, { 'content-type': 'application/fhir+json' });
      response.end(JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: 0, entry: [] }));
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title><h1>Please sign in</h1>');
      return;
    case 'error-500':
      response.writeHead(500, { 'content-type': 'application/fhir+json' }).end('{"resourceType":"OperationOutcome","issue":[]}');
      return;
    case 'silent':
    case 'away':
      return;
    default:
      mood satisfies never;
  }
}
