import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { Input } from '@fluentui/react-input';
import { Select } from '@fluentui/react-select';
import { Textarea } from '@fluentui/react-textarea';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { ExamLook, PhoneNow } from '#ports/desk.js';
import { usePage } from './page.ts';
import { Loading, Message, NotAnswered } from './states.tsx';
import { useAsked } from './use-asked.ts';
import { useIdle } from './use-idle.ts';
import { CATEGORIES, SIDES, useDeclare } from './use-declare.ts';
import { WhoseExam, nothingTyped, typedExam } from './whose-exam.tsx';

/** Minutes without a touch after which whose exam it is is put away. */
const IDLE_MINUTES = 10;

/** A critical result of one exam: whose it is, what was found; then the card that is not sent yet. @param linked by a link from the PACS */
export function Declare({ linked }: { readonly linked: string | null }): ReactNode {
  const { words } = usePage();
  const [accession, setAccession] = useState(linked);
  return (
    <section aria-labelledby="declare-title">
      <div className="bar">
        <h2 id="declare-title">{words.declare.title}</h2>
      </div>
      <p>{words.declare.line}</p>
      <FindExam accession={linked ?? ''} find={setAccession} />
      {accession === null ? null : <Exam key={accession} accession={accession} via={accession === linked ? 'link' : 'tab'} />}
    </section>
  );
}

function FindExam({ accession, find }: { readonly accession: string; readonly find: (accession: string) => void }): ReactNode {
  const { words } = usePage();
  const [typed, setTyped] = useState(accession);
  return (
    <form
      className="find"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() !== '') find(typed.trim());
      }}
    >
      <Field label={words.declare.accession} hint={words.declare.accessionHint} orientation="vertical">
        <Input
          value={typed}
          maxLength={64}
          autoComplete="off"
          onChange={(_event, { value }) => {
            setTyped(value);
          }}
        />
      </Field>
      <Button type="submit">{words.declare.find}</Button>
    </form>
  );
}

interface Found {
  readonly accession: string;
  readonly via: 'tab' | 'link';
}

function Exam({ accession, via }: Found): ReactNode {
  const { words, me } = usePage();
  const [isIdle, wake] = useIdle(IDLE_MINUTES);
  const { came, again } = useAsked<ExamLook>(isIdle ? null : { ask: 'exam', accession });
  if (isIdle) return <Message said={words.idle} intent="info" onTodo={wake} />;
  if (came === null) return <Loading label={words.loading} />;
  if (!came.ok) {
    if (came.code !== 'offline' && came.code !== 'failed') return <NotAnswered came={came} words={words} again={again} />;
    const line = `${words.notSent.certain(me.phoneNow ?? null)} ${words.declare.unreached}`;
    return <Message said={{ title: words.offline.title, line, todo: words.tryAgain }} intent="error" onTodo={again} />;
  }
  if (!came.found.ok) {
    return (
      <>
        <Message said={{ title: words.declare.notSent, line: withoutTitle(came.found.why, words.declare) }} intent="error" />
        {came.found.code === 'unknown' ? <Finding accession={accession} via={via} isUnknown /> : null}
      </>
    );
  }
  return (
    <>
      <Identity exam={came.found} />
      <Finding accession={accession} via={via} whom={came.found.phoneNow} />
    </>
  );
}

/** What the service says begins with what stands above it, and ends with what is done here. */
function withoutTitle(
  why: string,
  { notSent, writtenHere }: Pick<ReturnType<typeof usePage>['words']['declare'], 'notSent' | 'writtenHere'>,
): string {
  const line = why.startsWith(`${notSent}: `) ? why.slice(notSent.length + 2) : why;
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}`.replace(writtenHere.said, writtenHere.here);
}

/** Two identifiers and the exam, to be compared with what is read. */
function Identity({ exam }: { readonly exam: Extract<ExamLook, { ok: true }> }): ReactNode {
  const { words, times } = usePage();
  const { name, number, birthDate, sex } = exam;
  const said = [birthDate === null ? words.declare.notBorn : words.declare.born(times.date(birthDate)), ...(sex === null ? [] : [sex])];
  return (
    <header className="head">
      <div className="head-who">
        <h3>{name === null || name === '' ? words.noPatient : name}</h3>
        <p>
          <span className="strong">{number === null ? words.declare.noNumber : [number.id, number.assigner].filter(Boolean).join(' · ')}</span> ·{' '}
          {said.join(' · ')}
        </p>
      </div>
      <div className="head-what">
        <p className="strong">{exam.exam}</p>
        <p className="small number">{exam.accession}</p>
      </div>
    </header>
  );
}

/** What was found. It is written, not sent: the case that opens then has the button that sends it. @param whom is phoned should it not be sent @param isUnknown whose exam it is has to be typed too */
function Finding({
  accession,
  via,
  whom = null,
  isUnknown = false,
}: Found & { readonly whom?: PhoneNow | null; readonly isUnknown?: boolean }): ReactNode {
  const { words } = usePage();
  const declare = useDeclare();
  const { declare: said } = words;
  const [typed, setTyped] = useState(nothingTyped);
  const [finding, setFinding] = useState('');
  const [category, setCategory] = useState('');
  const [side, setSide] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const answered = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem !== null) answered.current?.focus();
  }, [problem]);
  const exam = isUnknown ? typedExam(typed) : null;
  const mayWrite = finding.trim() !== '' && (exam !== null || !isUnknown);
  const isMissing = tried && finding.trim() === '';
  const write = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const why = await declare(
      {
        ask: 'declare',
        of: exam === null ? { accession } : { accession, typed: exam },
        finding,
        via,
        category: CATEGORIES.find((one) => String(one) === category) ?? null,
        side: SIDES.find((one) => one === side) ?? null,
      },
      whom,
    );
    setBusy(false);
    setProblem(why);
  };
  return (
    <form
      className="emergency-form"
      noValidate
      aria-labelledby="finding-title"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!mayWrite || busy) return;
        write().catch(() => {
          setBusy(false);
        });
      }}
    >
      {isUnknown ? <WhoseExam typed={typed} tried={tried} onTyped={setTyped} /> : null}
      <h3 id="finding-title">{said.findingTitle}</h3>
      <Field label={said.finding} required {...(isMissing ? { validationMessage: said.needsFinding, validationState: 'error' as const } : {})}>
        <Textarea
          value={finding}
          maxLength={500}
          onChange={(_event, { value }) => {
            setFinding(value);
          }}
        />
      </Field>
      <Field label={said.category}>
        <Select
          value={category}
          onChange={(_event, { value }) => {
            setCategory(value);
          }}
        >
          <option value="">{said.byFinding}</option>
          {CATEGORIES.map((one) => (
            <option key={one} value={String(one)}>
              {words.board.category(one)}, {words.board.categoryLine[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={said.side}>
        <Select
          value={side}
          onChange={(_event, { value }) => {
            setSide(value);
          }}
        >
          <option value="">{said.noSide}</option>
          {SIDES.map((one) => (
            <option key={one} value={one}>
              {said.sides[one]}
            </option>
          ))}
        </Select>
      </Field>
      <div className="buttons">
        <Button type="submit" appearance="primary" disabledFocusable={busy}>
          {said.write}
        </Button>
      </div>
      <div aria-live="assertive" ref={answered} tabIndex={-1}>
        {problem === null ? null : <Message said={{ title: said.notSent, line: withoutTitle(problem, said) }} intent="error" />}
      </div>
    </form>
  );
}
