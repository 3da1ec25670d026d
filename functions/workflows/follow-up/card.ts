import { askingButton, openButton, textInput } from '#cards/kit/ask.js';
import { badged } from '#cards/kit/badge.js';
import { patientBanner } from '#cards/kit/banner.js';
import type { PatientLines } from '#cards/kit/banner.js';
import { adaptiveCard, container, paragraph, run, textBlock, verbatim } from '#cards/kit/card.js';
import type { Element } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { formatDate, formatDayTime, formatTime } from '#cards/kit/text.js';
import type { RenderedCard } from '#core/card.js';
import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Instant } from '#core/time.js';
import type { May } from '#core/workflow.js';
import type { Patient } from '#domain/patient.js';
import type { FollowUp } from './evolve.ts';
import { wordsIn } from './words-in.ts';

/** What rendering knows besides the follow-up. */
export interface Meta {
  readonly caseNumber: CaseNumber;
  readonly now: Instant;
  readonly names: Readonly<Record<string, string>>;
  readonly language: Language;
  readonly zone: string;
}

/** One person's own view: two identifiers, the report's own sentence, whose it is and by when. */
export function personalView(one: FollowUp, meta: Meta, may: May, notice?: string): RenderedCard {
  const { kind, status, within, card, owners } = wordsIn(meta.language);
  const { caseNumber, zone, language } = meta;
  const { about, finding, owner, done, revision, sources } = one;
  const number = run(caseNumber, { fontType: 'monospace', weight: 'bolder' });
  const asOf = run(`  ·  ${card.asOf(formatTime(meta.now, zone), revision)}`, { isSubtle: true });
  const name = owner.person === null ? null : (meta.names[owner.person] ?? owner.person);
  const reported = sources.at(-1)?.quote ?? finding.text;
  const body: Element[] = [
    ...(notice === undefined ? [] : [container('warning', [textBlock(notice, { weight: 'bolder' })])]),
    badged({ word: within, tone: 'emphasis' }, [
      textBlock(kind, { style: 'heading', size: 'medium', weight: 'bolder' }),
      paragraph([number, asOf], 'none'),
    ]),
    patientBanner(patientLines(about.patient, language)),
    container(one.status === 'done' ? 'good' : one.status === 'open' ? 'accent' : 'emphasis', [
      textBlock(status[one.status], { weight: 'bolder', size: 'medium' }),
      ...(done === null ? [] : [textBlock(card.doneBy(done.by.name, formatDayTime(done.at, zone, language)), { spacing: 'small' })]),
      ...(one.status === 'open' ? [textBlock(card.nobodyWasAsked, { spacing: 'small' })] : []),
    ]),
    paragraph([verbatim(finding.text, { size: 'medium', weight: 'bolder' }, 500)], 'medium'),
    ...facts([
      { label: card.exam, value: about.exam },
      { label: card.owner, value: name === null ? owners[owner.as] : `${name}, ${owners[owner.as]}` },
      { label: card.since, value: formatDayTime(one.since, zone, language) },
      { label: card.due, value: formatDayTime(one.due, zone, language) },
      { label: card.source, value: reported === finding.text ? '' : `“${reported}”` },
      { label: card.what, value: done?.text ?? '' },
    ]),
  ];
  const mayEnd = one.status === 'open' && (may.allows?.('follow-up-done') ?? false);
  const what = textInput('followUpText', card.what, { required: card.what });
  if (mayEnd) {
    const button = askingButton(card.button, 'follow-up-done', { caseNumber, revision }, [what], card.confirm, 'positive');
    body.push({ type: 'ActionSet', actions: [button], spacing: 'medium' });
  }
  const speak = card.speak(kind, caseNumber, status[one.status]);
  return adaptiveCard(notice === undefined ? speak : `${notice} ${speak}`, body);
}

/** What is left of a view in a private chat once it is over: no patient. */
export function overCard({ revision }: FollowUp, { caseNumber, language }: Pick<Meta, 'caseNumber' | 'language'>): RenderedCard {
  const { card } = wordsIn(language);
  const body = [
    paragraph([run(caseNumber, { fontType: 'monospace', weight: 'bolder' })], 'none'),
    container('accent', [textBlock(card.over, { weight: 'bolder' }), textBlock(card.overLine, { spacing: 'small' })]),
  ];
  return adaptiveCard(card.speak(card.over, caseNumber, card.overLine), body, [openButton(card.open, { caseNumber, revision })]);
}

/** Two identifiers, birth date and sex; what is not given is said. */
export function patientLines({ name, birthDate, id, assigner, sex }: Patient, language: Language): PatientLines {
  const { patient: words } = wordsIn(language);
  const full = name === null ? '' : [name.family, name.given].filter((part) => part !== '').join(', ');
  return {
    name: full === '' ? words.noName : full,
    number: id === null ? words.noNumber : `${id}${assigner === '' ? '' : ` (${assigner})`}`,
    person: [birthDate === null ? words.notBorn : words.born(formatDate(birthDate, language)), ...(sex === null ? [] : [sex])].join(' ·\u00a0'),
  };
}
