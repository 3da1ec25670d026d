import { app } from '@azure/functions';

/** What a function throws is written down by the platform, message and all: `safe` makes of it what may be. */
export function registerFaults(safe: (error: unknown) => Error): void {
  app.hook.postInvocation((context) => {
    if (context.error !== null && context.error !== undefined) context.error = safe(context.error);
  });
}
