import { patientBanner } from '#cards/kit/banner.js';
import type { PatientLines } from '#cards/kit/banner.js';
import { container, paragraph, run, textBlock, verbatim } from '#cards/kit/card.js';
import type { Container, Element, TextRun } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { clean, formatDate, yearsBetween } from '#cards/kit/text.js';
import type { Context } from '#domain/context.js';
import type { Priority } from '#domain/modality.js';
import type { Order } from '#domain/order.js';
import type { Patient } from '#domain/patient.js';
import type { Phrase } from '#domain/protocol.js';
import type { Amount } from './card-amount.ts';
import { appointmentLine, appointmentOf, timeOf, wordsOf } from './card-status.ts';
import type { CardMeta, Tongue } from './card-status.ts';
import { lookUp } from './look-up.ts';
import type { Opened } from './state.ts';

/** Two identifiers, birth date, age and sex; what is not given is said. */
export function patientOf(state: Opened, meta: CardMeta): Container {
  return bannerOf(state.order.patient, state.context?.ok === true ? state.context.value : null, meta);
}

/** @param known what the EHR says of age and sex, for what the messages leave out. */
export function bannerOf(patient: Patient, known: Known, meta: CardMeta): Container {
  return patientBanner(patientLines(patient, known, meta));
}

type Known = Pick<Context, 'ageYears' | 'sex'> | null;

export function patientLines(patient: Patient, known: Known, meta: Pick<CardMeta, 'language' | 'now'>): PatientLines {
  const { view } = wordsOf(meta);
  const { name, birthDate } = patient;
  const full = name === null ? '' : [name.family, name.given].filter((part) => part !== '').join(', ');
  const sex = patient.sex ?? known?.sex ?? null;
  const years = (birthDate === null ? null : yearsBetween(birthDate, meta.now)) ?? known?.ageYears ?? null;
  const person = [
    birthDate === null ? view.notBorn : view.born(formatDate(birthDate, meta.language)),
    ...(years === null ? [] : [view.years(years)]),
    sex === null ? view.noSex : lookUp(view.sexes, sex.slice(0, 1).toUpperCase(), sex),
  ];
  return {
    name: full === '' ? view.noName : full,
    number: patient.id === null ? view.noNumber : view.number(patient.id, patient.assigner),
    person: person.join(' · '),
  };
}

/** What was ordered, why, by whom, how soon. */
export function orderSection(state: Opened, meta: CardMeta, amount: Amount): readonly Element[] {
  const { view } = wordsOf(meta);
  const { order } = state;
  const exam = textOf(order.procedure);
  const further = order.procedures.map(textOf).filter((text) => text !== '');
  return [
    paragraph([run(exam === '' ? view.noProcedure : exam, { size: 'medium', weight: 'bolder' }, amount.text)], 'medium'),
    indicationOf(state, meta, amount),
    ...facts([
      { label: view.alsoOrdered, value: listOf(further, meta, amount) },
      { label: view.urgency, value: urgencyOf(state, meta) },
      { label: view.orderedBy, value: orderedBy(state, meta) },
      { label: view.place, value: placeOf(state, meta) },
      { label: view.appointment, value: bookingOf(state, meta, amount) },
      { label: view.examStatus, value: examOf(state, meta) },
      { label: view.imagesRow, value: imagesOf(state, meta, amount) },
      { label: view.numbers, value: numbersOf(state.order, meta) },
    ]),
  ];
}

export function textOf(procedure: { readonly code: string; readonly text: string } | null): string {
  if (procedure === null) return '';
  return procedure.text === '' ? procedure.code : procedure.text;
}

/** Word for word, with the phrases marked that led to the urgency. A missing indication is as loud as a finding. */
function indicationOf(state: Opened, meta: CardMeta, amount: Amount): Element {
  const { view } = wordsOf(meta);
  const { indication } = state.order;
  if (indication === null || clean(indication).trim() === '')
    return container('warning', [textBlock(view.noIndication, { weight: 'bolder' })], 'small');
  const runs: TextRun[] = [];
  let left = amount.indication;
  for (const [piece, marked] of marks(indication, state.priorityPhrases)) {
    if (left <= 0) break;
    const shown = verbatim(piece, marked ? { highlight: true, weight: 'bolder' } : {}, left);
    left -= [...shown.text].length;
    runs.push(shown);
  }
  const cut = [...clean(indication)].length - amount.indication;
  if (cut > 0) runs.push(run(view.cut(cut), { weight: 'bolder' }));
  return paragraph(runs, 'small');
}

/** The text in pieces, each with whether it is one of the phrases. Phrases that do not stand where they say are left out. */
function marks(text: string, phrases: readonly Phrase[]): readonly (readonly [string, boolean])[] {
  const pieces: [string, boolean][] = [];
  let at = 0;
  for (const { start, end, text: said } of phrases.toSorted((a, b) => a.start - b.start)) {
    if (start < at || text.slice(start, end) !== said) continue;
    pieces.push([text.slice(at, start), false], [said, true]);
    at = end;
  }
  pieces.push([text.slice(at), false]);
  return pieces.filter(([piece]) => piece !== '');
}

/** The urgency, what was ordered where that differs (TRI-04), and the phrases that led to it. */
function urgencyOf(state: Opened, meta: CardMeta): readonly TextRun[] {
  const { urgency, view } = wordsOf(meta);
  const { priority, priorityPhrases } = state;
  const ordered = orderedPriority(state, meta);
  if (priority === null) return [run(ordered === '' ? view.noPriority : ordered)];
  const head = run(urgency[priority], { weight: 'bolder' });
  if (state.priorityAnswer?.ok !== true) return [head, run(`, ${view.orderedPriorityOnly}`)];
  const phrases = [...new Set(priorityPhrases.map(({ text }) => `“${clean(text)}”`))].slice(0, 6).join(', ');
  return [head, run(`, ${comparedWith(ordered, state.order.priority, priority, meta)}`), run(phrases === '' ? '' : `, ${view.because} ${phrases}`)];
}

/** Empty where the order does not say. */
function orderedPriority({ order }: Opened, meta: CardMeta): string {
  const code = order.priority ?? '';
  return lookUp(wordsOf(meta).view.orderedPriorities, code.slice(0, 1), code);
}

const rank: Readonly<Record<Priority, number>> = { STAT: 0, URGENT: 1, ROUTINE: 2 };
/** HL7 table 0485: S and A are urgent, the rest is not. */
const orderedRank: Readonly<Record<string, number>> = { S: 0, A: 1 };

function comparedWith(ordered: string, code: string | null, priority: Priority, meta: CardMeta): string {
  const { urgency, view } = wordsOf(meta);
  if (code === null || code === '') return view.noPriority;
  const was = orderedRank[code.slice(0, 1)] ?? 2;
  if (rank[priority] < was) return view.raised(ordered);
  return ordered.toLowerCase() === urgency[priority].toLowerCase() ? view.asOrdered : view.orderedAs(ordered);
}

function orderedBy(state: Opened, meta: CardMeta): string {
  const { view } = wordsOf(meta);
  const { orderingProvider, patientClass } = state.order;
  const kind = patientClass === null ? '' : lookUp(view.classes, patientClass, patientClass);
  return [orderingProvider?.name ?? view.notSaid, kind].filter((part) => part !== '').join(' · ');
}

/** PV1-3, and whether the patient is in the house at all. */
function placeOf({ account }: Opened, meta: CardMeta): readonly TextRun[] {
  const { view } = wordsOf(meta);
  const { location, present } = account;
  const { pointOfCare = '', room = '', bed = '', facility = '' } = location ?? {};
  const parts = [pointOfCare, room === '' ? '' : view.room(room), bed === '' ? '' : view.bed(bed), facility].filter((part) => part !== '');
  const place = parts.join(', ');
  if (present !== false) return [run(place)];
  return [run(view.left, { weight: 'bolder' }), run(place === '' ? '' : view.last(place))];
}

function bookingOf(state: Opened, meta: CardMeta, amount: Amount): string {
  const appointment = appointmentOf(state);
  if (appointment === null) return '';
  const resources = listOf(appointment.resources, meta, amount);
  return [appointmentLine(appointment, meta), resources].filter((part) => part !== '').join(' ');
}

function examOf({ account }: Opened, meta: CardMeta): string {
  const { orderStatus } = account;
  return orderStatus === null ? '' : lookUp(wordsOf(meta).view.orderStatuses, orderStatus, orderStatus);
}

function imagesOf({ images }: Opened, meta: CardMeta, amount: Amount): string {
  const { view } = wordsOf(meta);
  const studies = images.map(({ modalities, description, startedAt }) => {
    const what = description ?? modalities.join('/');
    const when = startedAt === null ? '' : timeOf(startedAt, meta);
    return [what === '' ? view.imagesCame : what, when].filter((part) => part !== '').join(', ');
  });
  return listOf(studies, meta, amount);
}

/** The first few of a list, and how many more there are. */
export function listOf(items: readonly string[], meta: Pick<CardMeta, 'language'>, amount: Amount): string {
  const shown = items.slice(0, amount.items).map((item) => run(item, {}, amount.text).text);
  const rest = items.length - shown.length;
  return inARow([...shown, ...(rest > 0 ? [wordsOf(meta).view.more(rest)] : [])]);
}

/** By what the order is found in the RIS. */
export function numbersOf(order: Order, meta: Tongue): string {
  const { view } = wordsOf(meta);
  const placer = order.placerOrderNumber ?? order.fillerOrderNumber;
  return [placer === null ? '' : view.orderNumber(placer.id), order.accessionNumber === null ? '' : view.accession(order.accessionNumber)]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Items after one another: whole sentences by a space, all else by a semicolon. */
export function inARow(items: readonly string[]): string {
  return items.reduce((before, item) => (before === '' ? item : `${before}${/[.!?]$/u.test(before) ? ' ' : '; '}${item}`), '');
}
