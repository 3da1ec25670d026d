import { formatDate } from '#cards/kit/text.js';
import type { Subject } from '#core/authorise.js';
import type { PaperCase } from '#core/paper.js';
import type { TaskRow } from '#core/workflow.js';
import { examsOf } from '#domain/critical.js';
import { followUpsOf } from '#domain/follow-up.js';
import type { FollowUpAbout } from '#domain/follow-up.js';
import { recordNumbers } from '#domain/patient.js';
import { patientLines } from './card.ts';
import type { Meta } from './card.ts';
import { isFollowUp } from './evolve.ts';
import type { State } from './evolve.ts';
import { wordsIn } from './words-in.ts';

/** One line of lists: no patient data, and no finding. */
export function row(state: State): TaskRow | null {
  if (!isFollowUp(state)) return null;
  const { status, since, owner, revision } = state;
  const open = status === 'open';
  return {
    ...{ status: open ? 'for-follow-up' : status, waiting: open, open, kind: wordsIn('en').kind, urgency: 'ROUTINE', since, revision },
    ...{ owner: owner.person ?? 'coordinator', note: null },
  };
}

export function subject(state: State): Subject {
  const none = { modality: null, orderer: null, askedOf: null };
  return isFollowUp(state) ? { ...none, modality: state.about.modality, owner: state.owner.person } : none;
}

/** By the exam, for its corrections, and by the numbers of the patient. Not by the accession number itself: that leads to the order's case. */
export function keysOf(state: State): readonly string[] {
  if (!isFollowUp(state)) return [];
  return [...examsOf(state.about).map(followUpsOf), ...recordNumbers(state.about.patient).map(({ assigner, id }) => `patient|${assigner}|${id}`)];
}

export function aboutOf(state: State): FollowUpAbout | null {
  if (!isFollowUp(state)) return null;
  const { about, finding, owner, since, due } = state;
  return { ...about, followUp: { finding, owner, since, due } };
}

/** What is open on the list for a downtime. */
export function paperOf(state: State, { names }: Pick<Meta, 'names'>): PaperCase | null {
  if (!isFollowUp(state) || state.status !== 'open') return null;
  const { kind, within, status, owners } = wordsIn('en');
  const { about, finding, owner, due } = state;
  const { birthDate, id, sex } = about.patient;
  const { name, number } = patientLines(about.patient, 'en');
  return {
    ...{ group: kind, urgency: within, isFirst: false, location: '', exam: about.exam, indication: finding.text },
    patient: { name, number: id === null ? '' : number, born: birthDate === null ? '' : formatDate(birthDate), sex: sex ?? '' },
    orderedBy: about.orderingProvider?.name ?? '',
    order: about.placerOrderNumber?.id ?? about.fillerOrderNumber?.id ?? '',
    accession: about.accessionNumber ?? '',
    state: `${status.open}.`,
    waitsFor: owner.person === null ? owners[owner.as] : (names[owner.person] ?? owner.person),
    deadline: due,
    ...{ proposal: null, warnings: [], mayDecide: false },
  };
}
