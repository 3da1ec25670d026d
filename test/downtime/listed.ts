import type { DowntimeList, ListedCase } from '#domain/downtime.js';
import { instant } from '#core/time.js';
import { pageOf } from '#cards/downtime/page.js';
import { sheetOf } from '#cards/downtime/sheet.js';
import { paperOf } from '#workflows/protocoling/paper.js';
import { row } from '#workflows/protocoling/views.js';
import { cardStates, earlyStates } from '../support/card-states.ts';
import { shippedPolicy } from '../support/shipped.ts';

const asOf = instant.parse('2026-11-25T10:55:00.000Z');

/** Every open case of the gallery as it is listed, in the order of the gallery. */
export function galleryList(): DowntimeList {
  const cases = [...cardStates, ...earlyStates].flatMap(({ state, meta }): readonly ListedCase[] => {
    const policy = { ...shippedPolicy, content: { ...shippedPolicy.content, protocols: [...meta.catalogue] } };
    const paper = paperOf(state, { ...meta, policy });
    const task = row(state);
    return paper === null || task?.open !== true ? [] : [{ ...paper, caseNumber: meta.caseNumber, revision: task.revision, changedAt: task.since }];
  });
  const held = [{ kind: 'outbox' as const, caseNumber: cases[0]!.caseNumber, reason: 'refused: AR', since: asOf }];
  return { site: 'Radloop General (rehearsal)', zone: 'America/Chicago', asOf, writtenAt: asOf, cases, held };
}

/** The whole page, and the whole table. */
export const pageText = (list: DowntimeList): string => [...pageOf(list)].join('');
export const sheetText = (list: DowntimeList): string => [...sheetOf(list)].join('');
