import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, stopListening } from './listening.ts';
import { renderPage, renderTable } from './page-html.ts';
import { statusOf } from './ris-beliefs.ts';
import type { Ris } from './ris.ts';

export interface RisPage {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface PageOptions {
  readonly ris: Ris;
  readonly port: number;
  /** Is the RIS's MLLP port open? */
  readonly isListening: () => boolean;
  /** Places one more order; gives its number. */
  readonly placeNext: () => string;
  /** Cancels an order, given its number; false: there is none, or it is cancelled already. */
  readonly cancel: (placer: string) => boolean;
}

/**
 * What the RIS believes, to look at and (as JSON at /orders.json) to test by. POST /orders/next places one more order; from a form it leads back to the
 * page, else it answers `{"order":"P000001"}`. POST /orders/cancel?order=P000001 cancels one.
 */
export async function startPage(options: PageOptions): Promise<RisPage> {
  const { ris } = options;
  const server = createServer((request, response) => {
    request.resume();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const state = { orders: ris.orders().reverse(), counts: ris.counts(), listening: options.isListening() };
    switch (`${request.method ?? ''} ${pathname}`) {
      case 'GET /':
        send(response, 200, 'text/html', renderPage(state));
        return;
      case 'GET /table':
        send(response, 200, 'text/html', renderTable(state));
        return;
      case 'GET /orders.json':
        send(response, 200, 'application/json', JSON.stringify({
          listening: state.listening, counts: state.counts, orders: state.orders.map((order) => ({ ...order, status: statusOf(order) })),
        })); // prettier-ignore
        return;
      case 'POST /orders/next': {
        if (isForeign(request)) {
          send(response, 403, 'text/plain', 'orders are placed from this page only');
          return;
        }
        const order = options.placeNext();
        if ((request.headers.accept ?? '').includes('text/html')) response.writeHead(303, { location: '/' }).end();
        else send(response, 201, 'application/json', JSON.stringify({ order }));
        return;
      }
      case 'POST /orders/cancel': {
        const order = searchParams.get('order') ?? '';
        if (isForeign(request)) send(response, 403, 'text/plain', 'orders are cancelled from this machine only');
        else if (options.cancel(order)) send(response, 201, 'application/json', JSON.stringify({ order }));
        else send(response, 404, 'text/plain', 'no such order that could be cancelled: write it as ?order=P000001');
        return;
      }
      default:
        send(response, 404, 'text/plain', 'not here: the page is at /, the data at /orders.json');
    }
  });
  const port = await listen(server, options.port, 'the RIS page (--page-port)');
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    stop: async () => {
      server.closeAllConnections();
      await stopListening(server);
    },
  };
}

/** A page of another site could make a browser post here. */
function isForeign({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers.origin !== `http://${headers.host ?? ''}`;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response
    .writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'self'",
      'x-content-type-options': 'nosniff',
    })
    .end(body);
}
