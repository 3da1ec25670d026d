import { Button } from '@fluentui/react-button';
import { FluentProvider } from '@fluentui/react-provider';
import { teamsDarkTheme, teamsHighContrastTheme, teamsLightTheme } from '@fluentui/react-theme';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Me } from '#ports/tab.js';
import { Accesses } from './accesses.tsx';
import { AlarmList, useAlarms } from './alarms.tsx';
import { asking } from './api.ts';
import type { Came } from './api.ts';
import { BoardPage } from './board.tsx';
import { Case } from './case.tsx';
import { Declare } from './declare.tsx';
import { Failsafe } from './failsafe.tsx';
import { findHost } from './host.ts';
import type { Host, Theme } from './host.ts';
import { forgetExam, linkedExam, takeFromAddress } from './linked-exam.ts';
import { PageContext } from './page.ts';
import { PeoplePicker } from './people-picker.tsx';
import { Report } from './report.tsx';
import { Loading, Message, NotAnswered } from './states.tsx';
import { OneCase, Tasks } from './tasks.tsx';
import { timesIn } from './time.ts';
import { wordsIn } from './words-in.ts';

const themes = { light: teamsLightTheme, dark: teamsDarkTheme, contrast: teamsHighContrastTheme } as const;

/** The whole page: the theme of Teams, who it is, and one of its views. */
export function App(): ReactNode {
  const [host, setHost] = useState<Host | 'failed' | null>(null);
  const [theme, setTheme] = useState<Theme>('light');
  const find = useCallback(() => {
    findHost().then(
      (found) => {
        setTheme(found.theme);
        found.onTheme(setTheme);
        if (found.subPage !== null && window.location.hash === '')
          window.location.hash = found.subPage === 'exam' ? '#/exam' : `#/case/${found.subPage}`;
        setHost(found);
      },
      () => {
        setHost('failed');
      },
    );
  }, []);
  useEffect(find, [find]);
  const words = wordsIn(host !== null && typeof host === 'object' ? host.language : navigator.language);
  return (
    <FluentProvider theme={themes[theme]} className="app" data-theme={theme}>
      {host === null ? <Loading label={words.starting} /> : null}
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
  const [standing, alarms] = useAlarms();
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
    <PageContext value={{ host, ask, me, words, times: timesIn(me.zone, me.language), alarms }}>
      <AlarmList standing={standing} words={words} dismiss={alarms.clear} />
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
  const { hash, exam } = useAddress();
  const [, opened, caseNumber = ''] = /^#\/(case|failsafe)\/([0-9A-Za-z]{1,12})$/u.exec(hash) ?? [];
  const selected = opened ?? (hash === '#/exam' ? 'exam' : listOf(hash, me));
  const list = useRef('#/');
  if (opened === undefined && selected !== 'exam') list.current = selected === 'tasks' || selected === 'one' ? '#/' : `#/${selected}`;
  const has = (page: Me['pages'][number]): boolean => me.pages.includes(page);
  return (
    <>
      <header className="top">
        <h1 className="visually-hidden">{words.title}</h1>
        <nav aria-label={words.title}>
          <ul className="pages">
            {has('tasks') ? <PageLink href="#/" isCurrent={selected === 'tasks'} title={words.tasks} /> : null}
            {has('tasks') || (!me.opensCases && me.pages.length > 0) ? null : (
              <PageLink href="#/one" isCurrent={selected === 'one'} title={words.oneCase} />
            )}
            {has('board') ? <PageLink href="#/board" isCurrent={selected === 'board'} title={words.board.title} /> : null}
            {has('report') ? <PageLink href="#/report" isCurrent={selected === 'report'} title={words.report.page} /> : null}
            {has('accesses') ? <PageLink href="#/accesses" isCurrent={selected === 'accesses'} title={words.accesses} /> : null}
            {me.declares ? <PageLink href="#/exam" isCurrent={selected === 'exam'} title={words.declare.link} /> : null}
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
        {opened === 'case' ? <Case key={caseNumber} caseNumber={caseNumber.toUpperCase()} list={list.current} /> : null}
        {opened === 'failsafe' ? <Failsafe key={caseNumber} caseNumber={caseNumber.toUpperCase()} /> : null}
        {selected === 'report' ? <Report /> : null}
        {selected === 'exam' ? <Declare key={exam ?? ''} linked={exam} /> : null}
        {selected === 'accesses' ? <Accesses /> : null}
        {selected === 'tasks' ? <Tasks /> : null}
        {selected === 'one' ? <OneCase /> : null}
        <BoardPage isShown={selected === 'board'} />
      </main>
    </>
  );
}

/** Which of the pages it is: the one that is asked for, else the first that this person has something to see on. */
function listOf(hash: string, { pages }: Me): Me['pages'][number] | 'one' {
  if (hash === '#/one' && !pages.includes('tasks')) return 'one';
  const order = ['tasks', 'accesses', 'board', 'report'] as const;
  const asked = order.find((page) => hash === `#/${page}`) ?? 'tasks';
  return [asked, ...order].find((page) => pages.includes(page)) ?? 'one';
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

interface Address {
  readonly hash: string;
  /** What a link from the PACS has named; null: nothing, or it was left. */
  readonly exam: string | null;
}

function addressNow(): Address {
  takeFromAddress();
  const { hash } = window.location;
  if (hash !== '#/exam') forgetExam();
  return { hash, exam: linkedExam() };
}

function useAddress(): Address {
  const [address, setAddress] = useState(addressNow);
  useEffect(() => {
    const heard = (): void => {
      setAddress(addressNow());
    };
    window.addEventListener('hashchange', heard);
    return () => {
      window.removeEventListener('hashchange', heard);
    };
  }, []);
  return address;
}
