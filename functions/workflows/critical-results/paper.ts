import type { PaperCase } from '#core/paper.js';
import { formatDate, formatTime } from '#cards/kit/text.js';
import type { Meta } from './card-meta.ts';
import { patientLines } from './patient-lines.ts';
import { isAlert, isEnded, isOpen, unseenOf } from './state.ts';
import type { State } from './state.ts';
import { wordsIn } from './words-in.ts';

/** An open alert on the list for a downtime: who is to be phoned, before everything else. A drill is over then. */
export function paperOf(state: State, { policy, names, now }: Meta): PaperCase | null {
  if (!isAlert(state) || !isOpen(state) || state.drill) return null;
  const words = wordsIn('en');
  const { about, finding, addressed, until, released } = state;
  const { birthDate, id, sex } = about.patient;
  const { name, number } = patientLines(state, 'en');
  const place =
    about.location === null
      ? ''
      : [about.location.at.pointOfCare, about.location.at.room, about.location.at.bed].filter((part) => part !== '').join(' ');
  const waitsFor = (isEnded(state) || state.status === 'withdrawn' ? unseenOf(state) : addressed)
    .map((person) => `${names[person] ?? person}${policy.phoneOf(person) === null ? '' : ` ${policy.phoneOf(person)}`}`)
    .join('; ');
  return {
    group: words.kind(finding.category),
    urgency: words.urgency[finding.category],
    isFirst: finding.category === 1,
    patient: {
      name,
      number: id === null ? '' : number,
      born: birthDate === null ? '' : formatDate(birthDate),
      sex: sex ?? '',
    },
    location: place,
    exam: about.exam,
    indication: finding.text,
    orderedBy: about.orderingProvider?.name ?? '',
    order: about.placerOrderNumber?.id ?? about.fillerOrderNumber?.id ?? '',
    accession: about.accessionNumber ?? '',
    state: `${words.status[state.status]}.${released === null ? '' : ` Sent ${formatTime(released.at, policy.zone, now)} by ${released.by.name}.`}`,
    waitsFor: waitsFor === '' ? `switchboard ${policy.switchboard.phone}` : waitsFor,
    deadline: until,
    proposal: null,
    warnings: [],
    mayDecide: false,
  };
}
