import { z } from 'zod/v4';
import { epochOf, toInstant } from '#core/time.js';
import type { SignedIn } from '#ports/tab.js';
import { claimsOfPerson, createPersonGuard } from '../person-guard.ts';
import type { ApiSettings, GuardNeeds, PersonGuard, PersonRequest } from '../person-guard.ts';

/** A POST of the tab, as the trigger has it. */
export interface TabRequest extends PersonRequest {
  /** Sec-Fetch-Site: what the browser says of the page that asks. */
  readonly fetchSite?: string | undefined;
  readonly host?: string | undefined;
  /** The hops, the last one written by the host that took it in. */
  readonly addresses: readonly string[];
}

export interface TabSettings extends ApiSettings {
  /** Authentication context (`acrs`) whose conditional access policy asks for a second factor at every sign-in. */
  readonly stepUp: string;
}

/**
 * Teams on the desk and on the phone, and Teams in a browser: who asks Entra for the tab's token. The same API has a token for whatever orchestrator the site has
 * connected (bot/mcp), which reads without patient data: it must not do here.
 * @see https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/authentication/tab-sso-register-aad
 */
export const TEAMS_CLIENTS: readonly string[] = ['1fec8e78-bce4-4aaf-ab1b-5451cc387264', '5e3ce6c0-2b1f-4285-8d4b-75ee78787346'];
/** Seconds by which Entra's clock and ours may differ. */
const SKEW_SECONDS = 300;

/** `azp`: the client that asked. `auth_time`: an optional claim that the app registration asks for. */
const claimsOfTab = claimsOfPerson.extend({
  azp: z.string(),
  auth_time: z.number().int().positive().optional(),
  acrs: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
});

/** Stands before everything that the tab asks: a Teams client or our own page asks, and when the person signed in, and how, is told. */
export function createTabGuard(needs: GuardNeeds & { readonly settings: TabSettings }): PersonGuard<TabRequest, SignedIn> {
  const { settings, clock } = needs;
  return createPersonGuard(needs, {
    ...{ action: 'tab-request-refused', line: 'tab.refused', claims: claimsOfTab },
    addressOf: ({ addresses }: TabRequest) => addresses.at(-1),
    // Our own page asks, and nobody else's; a program that is no browser says nothing and needs the token all the same.
    strayOf: ({ fetchSite }) => (fetchSite === undefined || fetchSite === 'same-origin' ? null : 'another-site'),
    // Or the page itself, where the hospital's sign-in is used in a browser: the API's own registration, whose only way back is this page.
    faultOf: ({ azp }) => ([...TEAMS_CLIENTS, settings.audience.toLowerCase()].includes(azp.toLowerCase()) ? null : 'token-client'),
    whoOf(person, { auth_time: authTime, acrs = [] }): SignedIn {
      const isTold = authTime !== undefined && authTime * 1000 <= epochOf(clock.now()) + SKEW_SECONDS * 1000;
      return { person, signedInAt: isTold ? toInstant(authTime * 1000) : null, withSecondFactor: acrs.includes(settings.stepUp) };
    },
  });
}
