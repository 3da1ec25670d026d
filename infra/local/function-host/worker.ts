import { existsSync, readFileSync } from 'node:fs';
import { Module } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One trigger, input or output as `@azure/functions` describes it. */
export interface Binding {
  readonly type?: string;
  readonly direction?: string;
  readonly [setting: string]: unknown;
}

export type Callback = (...args: readonly unknown[]) => unknown;
export type HookCallback = (context: Record<string, unknown>) => unknown;
export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

/** Where a line goes. `category` is `user` for what a function says, `system` for the library and this host. */
export type HostLog = (level: LogLevel, category: string, message: string) => void;

export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly callback: Callback;
}

/** A loaded function app: what its main module registered while it was imported. */
export interface FunctionApp {
  readonly module: unknown;
  readonly functions: readonly RegisteredFunction[];
  readonly hooks: ReadonlyMap<string, readonly HookCallback[]>;
}

/** The programming model that `@azure/functions` hands to the worker, as far as it is used here. */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(core: CoreInvocation): InvocationModel | Promise<InvocationModel>;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ readonly returnValue?: unknown }>;
}

export interface CoreInvocation {
  readonly invocationId: string;
  readonly metadata: { readonly name: string; readonly bindings: Readonly<Record<string, Binding>> };
  readonly request: Readonly<Record<string, unknown>>;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: string, message: string): void;
}

/** What is wrong with the app or the way it is started; the message says how to put it right. */
export class FunctionHostError extends Error {
  override name = 'FunctionHostError';
}

interface Loading {
  readonly functions: RegisteredFunction[];
  readonly hooks: Map<string, HookCallback[]>;
  streaming: boolean;
}

// `@azure/functions` keeps the core module it was given and hands over its model only once a process,
// so these are the process's, not one host's.
let installed = false;
let model: ProgrammingModel | null = null;
let loading: Loading | null = null;
let systemLog: HostLog = () => undefined;
const apps = new Map<string, Promise<FunctionApp>>();

export function programmingModel(): ProgrammingModel {
  if (model === null) throw new FunctionHostError('The app does not use @azure/functions: no programming model was set while it was loaded.');
  return model;
}

/**
 * Imports the main module of a function app and collects what it registers. A second load of the same folder in one process
 * gives the same app again: a module is evaluated once.
 * @param root the app's folder, with a package.json that names `main`
 */
export function loadApp(root: string, log: HostLog): Promise<FunctionApp> {
  const main = mainFile(root);
  systemLog = log;
  installCoreModule();
  const known = apps.get(main);
  if (known !== undefined) return known;
  const app = importApp(main);
  apps.set(main, app);
  return app;
}

async function importApp(main: string): Promise<FunctionApp> {
  if (loading !== null) throw new FunctionHostError('Another function app is being loaded in this process: load one after the other.');
  const into: Loading = { functions: [], hooks: new Map(), streaming: false };
  loading = into;
  try {
    const module: unknown = await import(pathToFileURL(main).href);
    if (into.streaming) throw new FunctionHostError('The local host does not serve app.setup({ enableHttpStream: true }): take the setting out.');
    return { module, functions: into.functions, hooks: into.hooks };
  } finally {
    loading = null;
  }
}

function mainFile(root: string): string {
  const manifest = join(resolve(root), 'package.json');
  if (!existsSync(manifest)) throw new FunctionHostError(`There is no package.json in ${root}: build the app first (node infra/build.ts).`);
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  const main: unknown = typeof parsed === 'object' && parsed !== null && 'main' in parsed ? parsed.main : undefined;
  if (typeof main !== 'string')
    throw new FunctionHostError(`${manifest} names no "main": the host does not know which file registers the functions.`);
  const file = resolve(root, main);
  if (!existsSync(file)) throw new FunctionHostError(`${file} is not there: build the app first (node infra/build.ts).`);
  return file;
}

/**
 * Supplies `@azure/functions-core`, which is in no package: on Azure too the worker puts itself in the way of `require` and answers with
 * its own object (azure-functions-nodejs-worker, src/setupCoreModule.ts). It works for an ESM app as well, since `@azure/functions`
 * itself is CommonJS.
 */
function installCoreModule(): void {
  if (installed) return;
  installed = true;
  const core = {
    version: '3.0.0-local',
    hostVersion: '4.0.0-local',
    setProgrammingModel(given: ProgrammingModel): void {
      model = given;
    },
    getProgrammingModel: (): ProgrammingModel | null => model,
    registerFunction(metadata: { name: string; bindings: Record<string, Binding> }, callback: Callback): Disposable {
      const into = whileLoading(`function "${metadata.name}"`);
      if (into.functions.some((known) => known.name === metadata.name))
        throw new FunctionHostError(`Two functions are named "${metadata.name}": names are unique in an app.`);
      const added = { name: metadata.name, bindings: metadata.bindings, callback };
      into.functions.push(added);
      return new Disposable(() => into.functions.splice(into.functions.indexOf(added), 1));
    },
    registerHook(name: string, callback: HookCallback): Disposable {
      const hooks = whileLoading(`hook "${name}"`).hooks;
      const list = hooks.get(name) ?? [];
      hooks.set(name, [...list, callback]);
      return new Disposable(() =>
        hooks.set(
          name,
          (hooks.get(name) ?? []).filter((known) => known !== callback),
        ),
      );
    },
    log(level: LogLevel, category: string, message: string): void {
      // The only sign that the library gives of this setting without opening its own port.
      if (message === 'HTTP streaming enabled.' && loading !== null) loading.streaming = true;
      systemLog(level, category, message);
    },
    Disposable,
  };
  // Taken by its name: as a bare method it would be read without its object.
  const own: unknown = Object.getOwnPropertyDescriptor(Module.prototype, 'require')?.value;
  if (typeof own !== 'function') throw new FunctionHostError('This Node.js has no Module.prototype.require to stand in for: use Node 24.');
  const require = new Proxy(own, {
    apply(target, thisArg: unknown, args: readonly unknown[]): unknown {
      return args[0] === '@azure/functions-core' ? core : Reflect.apply(target, thisArg, args);
    },
  });
  Object.defineProperty(Module.prototype, 'require', { value: require });
}

function whileLoading(what: string): Loading {
  if (loading === null)
    throw new FunctionHostError(`The ${what} was registered after the app had started: register while the main module is imported.`);
  return loading;
}

class Disposable {
  readonly #undo: () => unknown;
  constructor(undo: () => unknown) {
    this.#undo = undo;
  }
  dispose(): void {
    this.#undo();
  }
}
