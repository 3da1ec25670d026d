import type { pages as Pages } from '@microsoft/teams-js';
import { z } from 'zod/v4';
import { browserSettings, browserSignIn } from './browser-sign-in.ts';
import { claimsOf } from './claims.ts';

/** What the page stands in: Teams, a browser with the hospital's sign-in, or on the rehearsal site a browser of this machine. */
export interface Host {
  readonly theme: Theme;
  readonly language: string;
  /** Is a channel's tab being set up? Then there is nothing to show yet. */
  readonly configuring: boolean;
  /** What a deep link of Teams names: a case, or `exam`, where a critical result is declared. */
  readonly subPage: string | null;
  /** A token of whoever is signed in; null: nobody is. @param fresh with a second factor, just now */
  token(fresh?: boolean): Promise<string | null>;
  /** Where people are picked, whom the site has; null: Teams or the hospital signs in. */
  readonly people: readonly Picked[] | null;
  pick(person: string): void;
  onTheme(heard: (theme: Theme) => void): void;
}

export type Theme = 'light' | 'dark' | 'contrast';

const start = z.discriminatedUnion('signIn', [
  z.object({ signIn: z.literal('teams'), stepUp: z.string(), browser: browserSettings }),
  z.object({ signIn: z.literal('people'), people: z.array(z.object({ id: z.string(), name: z.string(), roles: z.array(z.string()) })) }),
]);
export type Picked = Extract<z.infer<typeof start>, { signIn: 'people' }>['people'][number];

export async function findHost(): Promise<Host> {
  const said = start.parse(await (await fetch('/api/tab/start.json')).json());
  if (said.signIn === 'people') return rehearsalHost(said.people);
  // On a phone Teams is no frame around the page, and leaves this to be known by.
  if (window.parent !== window || 'nativeInterface' in window) return teamsHost(said.stepUp);
  // Teams may be what has failed.
  const signedIn = await browserSignIn(said.browser, said.stepUp);
  const here = { theme: themeHere(), language: navigator.language, onTheme: onThemeHere };
  return { ...signedIn, ...here, configuring: false, subPage: null, people: null, pick: () => undefined };
}

/** The library asks Microsoft for a list of hosts as soon as it is loaded, which our policy refuses; then it goes by the list that it brings. */
async function teamsHost(stepUp: string): Promise<Host> {
  const { app, authentication, pages } = await import('@microsoft/teams-js');
  await app.initialize();
  const context = await app.getContext();
  // Not awaited: an older Teams never answers it.
  app.notifySuccess().catch(() => undefined);
  const configuring = context.page.frameContext === 'settings';
  if (configuring) configure(pages);
  return {
    theme: themeOf(context.app.theme),
    language: context.app.locale,
    configuring,
    subPage: context.page.subPageId ?? null,
    people: null,
    pick: () => undefined,
    token: (fresh = false) => authentication.getAuthToken(fresh ? { claims: [claimsOf(stepUp)], silent: false } : {}).catch(() => null),
    onTheme(heard) {
      app.registerOnThemeChangeHandler((theme) => {
        heard(themeOf(theme));
      });
    },
  };
}

/** The page on which a channel's tab is set up: there is nothing to choose. */
function configure(pages: typeof Pages): void {
  pages.config.registerOnSaveHandler((save) => {
    const contentUrl = new URL('/api/tab/index.html', window.location.origin).href;
    pages.config.setConfig({ contentUrl, entityId: 'radloop', suggestedDisplayName: 'Radloop' }).then(
      () => {
        save.notifySuccess();
      },
      () => {
        save.notifyFailure();
      },
    );
  });
  pages.config.setValidityState(true);
}

function themeOf(name: string): Theme {
  return name === 'dark' || name === 'contrast' ? name : 'light';
}

const PERSON = 'radloop.person';

/** On one machine the theme is the browser's, or the one that the address names: `?theme=dark`, `contrast` or `light`. */
function themeHere(): Theme {
  const asked = new URLSearchParams(window.location.search).get('theme');
  if (asked !== null) return themeOf(asked);
  if (window.matchMedia('(forced-colors: active)').matches) return 'contrast';
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function onThemeHere(heard: (theme: Theme) => void): void {
  const changed = (): void => {
    heard(themeHere());
  };
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  window.addEventListener('popstate', changed);
}

function rehearsalHost(people: readonly Picked[]): Host {
  let token: string | null = null;
  const signIn = async (): Promise<string | null> => {
    const person = window.sessionStorage.getItem(PERSON);
    if (person === null) return null;
    const answered = await fetch('/api/tab/sign-in', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ person }),
    });
    return answered.ok ? z.object({ access_token: z.string() }).parse(await answered.json()).access_token : null;
  };
  return {
    theme: themeHere(),
    language: navigator.language,
    configuring: false,
    subPage: null,
    people,
    pick(person) {
      token = null;
      if (person === '') window.sessionStorage.removeItem(PERSON);
      else window.sessionStorage.setItem(PERSON, person);
    },
    async token(fresh = false) {
      token = fresh || token === null ? await signIn() : token;
      return token;
    },
    onTheme: onThemeHere,
  };
}
