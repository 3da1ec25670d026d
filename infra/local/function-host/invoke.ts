import { randomUUID } from 'node:crypto';
import type { Callback, CoreInvocation, FunctionApp, HostLog, RegisteredFunction } from './worker.ts';
import { programmingModel } from './worker.ts';

/**
 * Calls one function as the worker does: arguments by Microsoft's converters, preInvocation hooks, the handler, postInvocation hooks,
 * result by Microsoft's converters.
 * @param data the trigger's value in the worker's wire form: `{ http: … }` or `{ json: … }`
 * @returns the value of the function's `return` output in wire form
 * @throws what the handler threw, unless a postInvocation hook took the error away
 */
export async function invoke(app: FunctionApp, target: RegisteredFunction, data: Readonly<Record<string, unknown>>, log: HostLog): Promise<unknown> {
  const invocationId = randomUUID();
  const trigger = Object.keys(target.bindings).find((name) => target.bindings[name]?.type?.toLowerCase().endsWith('trigger'));
  const core: CoreInvocation = {
    invocationId,
    metadata: { name: target.name, bindings: target.bindings },
    request: {
      invocationId,
      functionId: target.name,
      inputData: [{ name: trigger, data }],
      triggerMetadata: {},
      retryContext: null,
      traceContext: null,
    },
    state: undefined,
    log: (level, category, message) => {
      log(level, category, `${target.name}: ${message}`);
    },
  };
  const model = await programmingModel().getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const hookData = {};

  const before: { inputs: unknown[]; functionCallback: Callback } & Record<string, unknown> = {
    hookData, invocationContext: context, inputs, functionCallback: target.callback,
  }; // prettier-ignore
  core.state = 'preInvocationHooks';
  await runHooks(app, 'preInvocation', before);

  const after: Record<string, unknown> = { hookData, invocationContext: context, inputs: before.inputs, result: null, error: null };
  core.state = 'invocation';
  try {
    after['result'] = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after['error'] = error;
  }
  core.state = 'postInvocationHooks';
  await runHooks(app, 'postInvocation', after);
  core.state = undefined;
  if (after['error'] !== null && after['error'] !== undefined) throw asError(after['error']);
  return (await model.getResponse(context, after['result'])).returnValue;
}

/** Runs the hooks of one name in the order in which they were registered. */
export async function runHooks(app: FunctionApp, name: string, context: Record<string, unknown>): Promise<void> {
  for (const hook of app.hooks.get(name) ?? []) await hook(context);
}

/** Anything can be thrown; what is no error is named by its type only. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`a ${typeof thrown} was thrown`);
}

/** Class, code and place of an error. Its message is left out: a parser's message quotes what it read, and that may be a patient. */
export function traceOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return `a ${typeof error} was thrown`;
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const stack = 'stack' in error && typeof error.stack === 'string' ? error.stack : '';
  // A message over several lines can't pass for a place in code.
  const frames = stack.split('\n').filter((line) => /^ {4}at (?:[^():]{1,120} \()?(?:file:\/\/|node:|\/)[^\s()]+:\d+:\d+\)?$/u.test(line));
  return [`${name}${code}`, ...frames.slice(0, 6)].join('\n');
}
