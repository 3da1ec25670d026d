import { caseNumber as caseNumberOf } from '#core/ids.js';
import type { Action } from '#core/action.js';
import type { Language } from '#core/language.js';
import { CRITICAL } from '#domain/critical.js';
import type { DrillDesk, DrillReply, DrillRequest } from '#ports/drills.js';
import type { CaseRow } from '#ports/views.js';
import { actorOf, admitted } from './caller.ts';
import type { Asker } from './caller.ts';
import { beginDrill } from './drill-begin.ts';
import { callOff, isDrill } from './drill-clear.ts';
import type { Answered, DrillNeeds } from './drill-needs.ts';
import { drillReport } from './drill-report.ts';
import { drillWordsIn } from './drill-words.ts';
import type { Parts } from './parts.ts';

type Ask<Name extends DrillRequest['ask']> = Extract<DrillRequest, { ask: Name }>;

/** Drills from the command line. Who asks, and for what, is a row of the audit. */
export function drillDesk(needs: DrillNeeds): DrillDesk {
  const { parts, rehearsal } = needs;
  return {
    async ask(caller, request) {
      const asker = await admitted(parts, rehearsal, caller, { action: actionOf(request), usually: 'coordinator' });
      if (!('person' in asker)) return asker;
      const { reply, detail } = await answerTo(needs, asker, request);
      const outcome = reply.ok ? 'done' : 'nothing';
      const row = { caseId: null, at: parts.clock.now(), action: actionOf(request), outcome, actor: actorOf(asker) } as const;
      await parts.audit.record({ ...row, detail: { ...asker.proof, asked: request.ask, ...detail } });
      return reply;
    },
  };
}

function actionOf({ ask }: DrillRequest): Action {
  return ask === 'drill-start' || ask === 'drill-stop' ? 'drill-critical' : 'drill-report';
}

async function answerTo(needs: DrillNeeds, asker: Asker, request: DrillRequest): Promise<Answered> {
  switch (request.ask) {
    case 'drill-start':
      return beginDrill(needs, asker, request);
    case 'drill-stop':
      return stop(needs, asker, request);
    case 'drill-show':
      return show(needs, asker, request);
    case 'drill-list':
      return list(needs);
    default:
      return request satisfies never;
  }
}

async function stop({ parts }: DrillNeeds, { person }: Asker, { caseNumber: typed }: Ask<'drill-stop'>): Promise<Answered> {
  const row = await rowOf(parts, typed);
  if (row === null) return unknown(typed, person.language);
  const { caseNumber } = row;
  const by = { id: person.id, name: person.name };
  const answer = await callOff(parts, row, { why: 'stopped', alert: null, by, language: person.language });
  const text = answer?.text ?? '';
  const isStopped = answer?.outcome === 'won';
  return { reply: isStopped ? { ok: true, answer: 'said', caseNumber, text } : no(text), detail: { number: caseNumber } };
}

async function show(needs: DrillNeeds, { person }: Asker, { caseNumber: typed }: Ask<'drill-show'>): Promise<Answered> {
  const row = await rowOf(needs.parts, typed);
  const report = row === null ? null : reportOf(needs, row);
  if (report === null) return unknown(typed, person.language);
  return { reply: { ok: true, answer: 'drills', drills: [report] }, detail: { number: report.caseNumber } };
}

async function list(needs: DrillNeeds): Promise<Answered> {
  const rows = await needs.parts.views.all(CRITICAL);
  const drills = rows.flatMap((row) => reportOf(needs, row) ?? []).toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
  return { reply: { ok: true, answer: 'drills', drills }, detail: { drills: drills.length } };
}

function timeOf({ sentAt, endedAt, asOf }: { readonly sentAt: string | null; readonly endedAt: string | null; readonly asOf: string }): string {
  return sentAt ?? endedAt ?? asOf;
}

function reportOf({ parts, windows }: DrillNeeds, row: CaseRow) {
  const windowOf = (category: 1 | 2 | 3) => windows.find((one) => one.category === category)?.acknowledgeWithinMinutes ?? Number.POSITIVE_INFINITY;
  return drillReport(row, parts.clock.now(), windowOf);
}

async function rowOf(parts: Parts, typed: string): Promise<CaseRow | null> {
  const number = caseNumberOf.safeParse(typed.trim().toUpperCase());
  if (!number.success) return null;
  const rows = await parts.views.all(CRITICAL);
  return rows.find((row) => row.caseNumber === number.data && isDrill(row)) ?? null;
}

function unknown(typed: string, language: Language | undefined): Answered {
  return { reply: no(drillWordsIn(language).noDrill(typed.slice(0, 12))), detail: { refused: 'unknown' } };
}

function no(text: string): DrillReply {
  return { ok: false, code: 'not-possible', text };
}
