import { ActivityTypes, CloudAdapter } from 'botbuilder';
import type { Activity, InvokeResponse, TurnContext } from 'botbuilder';
import { z } from 'zod/v4';
import type { Envelope } from './inbound/envelope.ts';
import type { Connectors } from './outbound/connector.ts';

/** The SDK's adapter behind our guard: it gets activities that are already checked, and never a request. */
export class GuardedAdapter extends CloudAdapter {
  readonly #connectors: Connectors;

  constructor(connectors: Connectors) {
    super(connectors.authentication);
    this.#connectors = connectors;
    // Else the SDK would log and swallow: a message that failed would be answered 200, and Teams would not send it again.
    this.onTurnError = (_context, error) => Promise.reject(error);
  }

  /**
   * Runs one turn. The SDK's public ways in lose the answer of an invoke (processActivityDirect) or check the token their own way (process).
   * @returns The answer of an invoke; undefined for everything else.
   */
  async run(checked: Envelope, logic: (context: TurnContext) => Promise<void>): Promise<InvokeResponse | undefined> {
    const { claims, scope, factory } = this.#connectors;
    return this.processActivity({ audience: scope, claimsIdentity: claims, connectorFactory: factory }, activityOf(checked), logic);
  }
}

/** Answers the invoke of this turn. */
export async function answerInvokeWith(context: TurnContext, body: object): Promise<void> {
  await context.sendActivity({ type: ActivityTypes.InvokeResponse, value: { status: 200, body } });
}

/** The SDK takes times as dates; only its own HTTP way in turns them. */
function activityOf(checked: Envelope): Activity {
  const { timestamp, localTimestamp, expiration, ...rest } = checked;
  const dates = Object.entries({ timestamp, localTimestamp, expiration }).flatMap(([name, written]) => {
    const date = typeof written === 'string' ? new Date(written) : null;
    return date === null || Number.isNaN(date.getTime()) ? [] : [[name, date] as const];
  });
  return sdkActivity.parse({ ...rest, ...Object.fromEntries(dates) });
}

/** The guard has read what the SDK needs; the rest of an activity is as it came. */
const sdkActivity = z.custom<Activity>((value) => typeof value === 'object' && value !== null && 'type' in value);
