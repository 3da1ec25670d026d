import { app } from '@azure/functions';

/**
 * The queue of announcements, one session a case: while `tell` works, nobody else is given the case. How many cases at once and how long an idle one is held say
 * `maxConcurrentSessions` and `sessionIdleTimeout` in host.json. The settings are `ServiceBus__fullyQualifiedNamespace` (reached with managed identity) and the queue's name.
 */
export function registerCaseEvents(queueName: string, tell: (message: unknown) => Promise<void>): void {
  app.serviceBusQueue('case-events', { connection: 'ServiceBus', queueName, isSessionsEnabled: true, handler: tell });
}
