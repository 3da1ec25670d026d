import { isInTheWay } from '#core/drill.js';
import type { Calling } from '#core/drill.js';
import type { Actor } from '#core/event.js';
import { eventId } from '#core/ids.js';
import type { CaseId, CaseNumber, PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Answer } from '#core/workflow.js';
import { CRITICAL } from '#domain/critical.js';
import { alertTimes } from '#domain/critical-times.js';
import type { DrillEnd } from '#domain/drill.js';
import type { CaseRow } from '#ports/views.js';
import { caseNow } from './case-now.ts';
import { lookNow } from './found.ts';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';

/** An open alert, or drill, and whom it calls for. */
export interface Open {
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
  readonly category: 1 | 2 | 3 | null;
  readonly calling: Calling;
}

/** Ends each drill that is in the way of something in earnest. Told again it changes nothing. */
export async function clearDrills(parts: Parts): Promise<void> {
  const rows = await parts.views.open(CRITICAL);
  if (!rows.some(isDrill)) return;
  const open = await callingsOf(parts, rows);
  for (const drill of open.filter(({ calling }) => calling.drill)) {
    const earnest = open.find(({ calling }) => !calling.drill && isInTheWay(drill.calling, calling));
    if (earnest !== undefined) await callOff(parts, drill, { why: 'real-alert', alert: earnest.caseNumber, by: null });
  }
}

export function isDrill({ figures }: Pick<CaseRow, 'figures'>): boolean {
  return alertTimes.safeParse(figures).data?.drill ?? false;
}

/** What is open and calls for somebody: what a site lets nobody hear of calls for nobody. */
export async function callingsOf(parts: Parts, rows: readonly CaseRow[]): Promise<readonly Open[]> {
  const found: Open[] = [];
  for (const { caseId, caseNumber, figures } of rows) {
    const { workflow, state } = await caseNow(parts, CRITICAL, caseId);
    const seen = workflow.see(state);
    const ofSite = parts.modeOf(CRITICAL, seen.subject.modality);
    const mode = seen.modeFor?.(ofSite) ?? ofSite;
    const calling = mode === 'off' || mode === 'silent' ? null : (seen.calling?.(lookNow(parts, caseNumber)) ?? null);
    if (calling !== null) found.push({ caseId, caseNumber, category: alertTimes.safeParse(figures).data?.category ?? null, calling });
  }
  return found;
}

interface Why {
  readonly why: DrillEnd;
  readonly by: { readonly id: PersonId; readonly name: string } | null;
  readonly alert: CaseNumber | null;
  readonly language?: Language | undefined;
}

/** Tells a drill that it has to end. Undefined: it had ended, and nobody asked. */
export function callOff(parts: Parts, { caseId, caseNumber }: Pick<Open, 'caseId' | 'caseNumber'>, end: Why): Promise<Answer | undefined> {
  const { why, by, alert, language } = end;
  const actor: Actor = by === null ? { kind: 'system', part: 'drills' } : { kind: 'person', person: by.id };
  return runCase(parts, {
    id: eventId.parse(`called-off:${caseNumber}:${why}:${alert ?? by?.id ?? ''}`),
    ...{ workflow: CRITICAL, caseId, occurredAt: parts.clock.now(), actor },
    input: { type: 'drillCalledOff', why, by, alert, ...(language === undefined ? {} : { language }) },
  });
}
