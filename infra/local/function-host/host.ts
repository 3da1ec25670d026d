import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import type { HttpFront } from './http.ts';
import { answer } from './http.ts';
import { invoke, runHooks, traceOf } from './invoke.ts';
import type { Route } from './routes.ts';
import { bySpecificity, route } from './routes.ts';
import type { TimerFunction } from './timers.ts';
import { startTimer, timerFunction } from './timers.ts';
import type { FunctionApp, HostLog, RegisteredFunction } from './worker.ts';
import { FunctionHostError, loadApp } from './worker.ts';

/** The same functions over TLS 1.2 or later. PEM files. */
export interface HostTls {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Authorities of client certificates; a certificate is asked for, and not needed: a function that must know its caller says so itself. */
  readonly ca: string | Buffer;
}

export interface FunctionHostOptions {
  /** The app's folder: package.json with `main`, host.json. In the product: `dist`. */
  readonly root: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  /** Left out: plain HTTP alone. */
  readonly tls?: HostTls;
  /** Longest body that is taken in; more is answered 413. 12 MB by default. */
  readonly bodyLimitBytes?: number;
  /** How long a closing host waits for requests and timers under way, in seconds. 5 by default. */
  readonly graceSeconds?: number;
  /** By default warnings and errors go to standard error. */
  readonly log?: HostLog;
}

export interface FunctionHost {
  readonly port: number;
  /** null: no TLS. */
  readonly tlsPort: number | null;
  /** What is served over HTTP; `path` is the template with its prefix, such as `/api/hl7/{facility}`. */
  readonly routes: readonly { readonly name: string; readonly methods: readonly string[]; readonly path: string }[];
  /** Names of the timer functions that run. */
  readonly timers: readonly string[];
  /** Functions with a trigger of another kind: loaded, never called here. */
  readonly notServed: readonly string[];
  /** The exports of the app's main module. */
  readonly module: unknown;
  /** Ends timers, requests and the port, then runs the appTerminate hooks. A second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Serves a built function app on this machine as Azure Functions would: it imports the same files, and requests and responses go through
 * Microsoft's own conversions in `@azure/functions`. HTTP and timer triggers run; `authLevel` is ignored (there are no function keys here,
 * and a door that must be locked locks itself); a wrong method is a 404, as on Azure.
 * @throws FunctionHostError when the app is not built, registers what can't be served, or the port is taken
 */
export async function startFunctionHost(options: FunctionHostOptions): Promise<FunctionHost> {
  const { root, host = '127.0.0.1', graceSeconds = 5, log = toStandardError } = options;
  const app = await loadApp(root, log);
  const { served, routes, timed, notServed } = sortOut(app, routePrefix(root));
  if (notServed.length > 0) log('warning', 'system', `Not served on this machine (only HTTP and timer triggers are): ${notServed.join(', ')}.`);

  await runHooks(app, 'appStart', { hookData: {} });
  const call = (target: RegisteredFunction, data: Readonly<Record<string, unknown>>): Promise<unknown> => invoke(app, target, data, log);
  const serve = (origin: () => string) => {
    const front: HttpFront = { routes, origin, bodyLimitBytes: options.bodyLimitBytes ?? 12 * 1024 * 1024, call, log };
    return (request: IncomingMessage, response: ServerResponse): void => {
      answer(front, request, response).catch((error: unknown) => {
        log('error', 'system', `A request could not be answered. ${traceOf(error)}`);
        response.destroy();
      });
    };
  };
  let origin = '';
  const server = createServer(
    { maxHeaderSize: MOST_HEADER_BYTES },
    serve(() => origin),
  );
  const port = await listen(server, options.port, host);
  origin = `http://${host}:${String(port)}`;
  const secure = options.tls === undefined ? null : await startSecure(options.tls, serve);
  const servers = secure === null ? [server] : [server, secure.server];
  const timers = timed.map((timer) => startTimer(timer, call, log));

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const ended = Promise.all([...servers.map(stopServer), ...timers.map((timer) => timer.stop())]);
    await Promise.race([ended, graceOver(graceSeconds)]);
    for (const one of servers) one.closeAllConnections();
    await runHooks(app, 'appTerminate', { hookData: {} });
  };
  return {
    ...{ port, tlsPort: secure?.port ?? null, routes: served, timers: timed.map((timer) => timer.target.name), notServed },
    ...{ module: app.module, close: () => (closing ??= close()) },
  };
}

/** Longer than any of ours: a token that is far too long is still told so by the function that reads it, and is on record. */
const MOST_HEADER_BYTES = 64 * 1024;

type Serve = (origin: () => string) => (request: IncomingMessage, response: ServerResponse) => void;

async function startSecure(
  { port, host = '127.0.0.1', cert, key, ca }: HostTls,
  serve: Serve,
): Promise<{ readonly server: Server; readonly port: number }> {
  let origin = '';
  // A certificate that the CA did not sign is no reason to hang up here: the caller may have a bearer token. It is not passed on (http.ts).
  const trust = { requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' } as const;
  const server = createTlsServer({ cert, key, ca, ...trust, maxHeaderSize: MOST_HEADER_BYTES }, serve(() => origin)); // prettier-ignore
  const got = await listen(server, port, host);
  origin = `https://${host}:${String(got)}`;
  return { server, port: got };
}

interface Sorted {
  readonly served: FunctionHost['routes'];
  readonly routes: readonly Route<RegisteredFunction>[];
  readonly timed: readonly TimerFunction[];
  readonly notServed: readonly string[];
}

function sortOut(app: FunctionApp, prefix: string): Sorted {
  const routes: Route<RegisteredFunction>[] = [];
  const timed: TimerFunction[] = [];
  const notServed: string[] = [];
  for (const target of app.functions) {
    const trigger = Object.values(target.bindings).find((binding) => binding.type?.toLowerCase().endsWith('trigger'));
    if (trigger?.type === 'httpTrigger') {
      const own = typeof trigger['route'] === 'string' ? trigger['route'] : target.name;
      const methods = Array.isArray(trigger['methods']) ? trigger['methods'].map(String) : ['GET', 'POST'];
      routes.push(route([prefix, own].filter((part) => part !== '').join('/'), methods, target));
      // What only a rehearsal has stands beside the product's routes, not among them.
      if (prefix !== '' && own.startsWith('rehearsal/')) routes.push(route(own, methods, target));
      continue;
    }
    const timer = timerFunction(target);
    if (timer === null) notServed.push(target.name);
    else timed.push(timer);
  }
  const served = routes.map(({ target, methods, template }) => ({ name: target.name, methods, path: `/${template}` }));
  return { served, routes: bySpecificity(routes), timed, notServed };
}

/** `extensions.http.routePrefix` of host.json; `api` when it is not said, empty for none. */
function routePrefix(root: string): string {
  const file = join(root, 'host.json');
  if (!existsSync(file)) throw new FunctionHostError(`There is no host.json in ${root}: build the app first (node infra/build.ts).`);
  let said: unknown = JSON.parse(readFileSync(file, 'utf8'));
  for (const name of ['extensions', 'http', 'routePrefix']) said = typeof said === 'object' && said !== null ? Reflect.get(said, name) : undefined;
  return (typeof said === 'string' ? said : 'api').replace(/^\/+|\/+$/gu, '');
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken =
        error.code === 'EADDRINUSE' ? 'is in use: end what listens there or choose another port' : `can't be opened (${error.code ?? 'unknown'})`;
      reject(new FunctionHostError(`Port ${String(port)} on ${host} ${taken}.`));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}

function graceOver(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
}

function toStandardError(level: string, category: string, message: string): void {
  if (level === 'warning' || level === 'error' || level === 'critical') process.stderr.write(`functions ${level} ${category} ${message}\n`);
}
