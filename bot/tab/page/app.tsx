import { Button } from '@fluentui/react-button';
import { FluentProvider } from '@fluentui/react-provider';
import { teamsDarkTheme, teamsHighContrastTheme, teamsLightTheme } from '@fluentui/react-theme';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Me } from '#ports/tab.js';
import { Accesses } from './accesses.tsx';
import { asking } from './api.ts';
import type { Came } from './api.ts';
import { Case } from './case.tsx';
import { NotInTeams, findHost } from './host.ts';
import type { Host, Theme } from './host.ts';
import { PageContext } from './page.ts';
import { PeoplePicker } from './people-picker.tsx';
import { Loading, Message, NotAnswered } from './states.tsx';
import { OneCase, Tasks } from './tasks.tsx';
import { timesIn } from './time.ts';
import { wordsIn } from './words-in.ts';

const themes = { light: teamsLightTheme, dark: teamsDarkTheme, contrast: teamsHighContrastTheme } as const;

/** The whole page: the theme of Teams, who it is, and one of three views. */
export function App(): ReactNode {
  const [host, setHost] = useState<Host | 'elsewhere' | 'failed' | null>(null);
  const [theme, setTheme] = useState<Theme>('light');
  const find = useCallback(() => {
    findHost().then(
      (found) => {
        setTheme(found.theme);
        found.onTheme(setTheme);
        if (found.caseNumber !== null && window.location.hash === '') window.location.hash = `#/case/${found.caseNumber}`;
        setHost(found);
      },
      (error: unknown) => {
        setHost(error instanceof NotInTeams ? 'elsewhere' : 'failed');
      },
    );
  }, []);
  useEffect(find, [find]);
  const words = wordsIn(host !== null && typeof host === 'object' ? host.language : navigator.language);
  return (
    <FluentProvider theme={themes[theme]} className="app" data-theme={theme}>
      {host === null ? <Loading label={words.starting} /> : null}
      {host === 'elsewhere' ? <Message said={words.notInTeams} intent="info" /> : null}
      {host === 'failed' ? <Message said={{ ...words.offline, todo: words.tryAgain }} intent="error" onTodo={find} /> : null}
      {host !== null && typeof host === 'object' && host.configuring ? <Message said={words.configure} intent="info" /> : null}
      {host !== null && typeof host === 'object' && !host.configuring ? <SignedIn host={host} /> : null}
    </FluentProvider>
  );
}

function SignedIn({ host }: { readonly host: Host }): ReactNode {
  const [came, setCame] = useState<Came<Me> | null>(null);
  const [round, setRound] = useState(0);
  const [picking, setPicking] = useState(false);
  const ask = useMemo(() => asking(host), [host]);
  useEffect(() => {
    const load = async (): Promise<void> => {
      setCame(null);
      const known = await host.token(round > 0);
      if (known === null && host.people !== null) setPicking(true);
      else setCame(await ask<Me>({ ask: 'me' }));
    };
    load().catch(() => {
      setCame({ ok: false, code: 'offline', why: '' });
    });
  }, [ask, host, round]);
  const words = wordsIn(came?.ok === true ? came.found.language : host.language);
  const pick = (person: string): void => {
    host.pick(person);
    setPicking(person === '');
    if (person !== '') setRound((before) => before + 1);
  };
  if (picking && host.people !== null) return <PeoplePicker people={host.people} words={words} onPick={pick} />;
  if (came === null) return <Loading label={words.starting} />;
  if (!came.ok)
    return (
      <NotAnswered
        came={came}
        words={words}
        again={() => {
          setRound((before) => before + 1);
        }}
      />
    );
  const me = came.found;
  document.documentElement.lang = me.language;
  return (
    <PageContext value={{ host, ask, me, words, times: timesIn(me.zone, me.language) }}>
      <Pages
        me={me}
        another={
          host.people === null
            ? null
            : () => {
                window.location.hash = '';
                pick('');
              }
        }
      />
    </PageContext>
  );
}

function Pages({ me, another }: { readonly me: Me; readonly another: (() => void) | null }): ReactNode {
  const words = wordsIn(me.language);
  const hash = useHash();
  const caseNumber = /^#\/case\/([0-9A-Za-z]{1,12})$/u.exec(hash)?.[1] ?? null;
  const hasTasks = me.pages.includes('tasks');
  const hasAccesses = me.pages.includes('accesses');
  const isAccesses = hasAccesses && (hash === '#/accesses' || (hash !== '#/one' && !hasTasks));
  const selected = caseNumber !== null ? 'case' : isAccesses ? 'accesses' : 'tasks';
  return (
    <>
      <header className="top">
        <h1 className="visually-hidden">{words.title}</h1>
        <nav aria-label={words.title}>
          <ul className="pages">
            <PageLink href={hasTasks ? '#/' : '#/one'} isCurrent={selected === 'tasks'} title={hasTasks ? words.tasks : words.oneCase} />
            {hasAccesses ? <PageLink href="#/accesses" isCurrent={selected === 'accesses'} title={words.accesses} /> : null}
          </ul>
        </nav>
        <p className="who">
          <span>{me.name}</span>
          {another === null ? null : (
            <Button size="small" appearance="subtle" onClick={another}>
              {words.another}
            </Button>
          )}
        </p>
      </header>
      <main>
        {caseNumber !== null ? (
          <Case key={caseNumber} caseNumber={caseNumber.toUpperCase()} />
        ) : isAccesses ? (
          <Accesses />
        ) : hasTasks ? (
          <Tasks />
        ) : (
          <OneCase />
        )}
      </main>
    </>
  );
}

function PageLink({ href, isCurrent, title }: { readonly href: string; readonly isCurrent: boolean; readonly title: string }): ReactNode {
  return (
    <li>
      <a className="page-link" href={href} {...(isCurrent ? { 'aria-current': 'page' as const } : {})}>
        {title}
      </a>
    </li>
  );
}

function useHash(): string {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const heard = (): void => {
      setHash(window.location.hash);
    };
    window.addEventListener('hashchange', heard);
    return () => {
      window.removeEventListener('hashchange', heard);
    };
  }, []);
  return hash;
}
