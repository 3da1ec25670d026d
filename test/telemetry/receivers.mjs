// Loaded into every part of an installation (NODE_OPTIONS) by canaries.test.ts: each HTTP request that comes to a part is noted with its address and its headers in
// the file RADLOOP_TEST_REQUESTS names, one JSON line each; the Teams side answers 429 and 503 by turns while the file RADLOOP_TEST_FAULT says `edge`.
import { appendFileSync, readFileSync } from 'node:fs';
import { Server } from 'node:http';

const part = process.argv[1] ?? '';
const isEdge = part.endsWith('edge/main.ts');
const emit = Server.prototype.emit;
let refused = 0;

Server.prototype.emit = function noted(event, ...args) {
  if (event !== 'request') return emit.call(this, event, ...args);
  const [request, response] = args;
  appendFileSync(
    process.env.RADLOOP_TEST_REQUESTS,
    `${JSON.stringify({ part, line: `${request.method} ${request.url}`, headers: request.rawHeaders })}\n`,
  );
  if (!isEdge || !request.url.startsWith('/_connector/') || !readFileSync(process.env.RADLOOP_TEST_FAULT, 'utf8').includes('edge'))
    return emit.call(this, event, ...args);
  refused += 1;
  request.resume();
  response.writeHead(refused % 2 === 0 ? 503 : 429, { 'retry-after': '1' }).end('{"error":{"code":"QUILLFEATHER","message":"OBADIAH 77341902"}}');
  return true;
};
