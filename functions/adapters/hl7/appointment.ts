import type { AppointmentReceived } from '#domain/hospital-event.js';
import type { AssignedNumber } from '#domain/order.js';
import { triggerOf } from './kind.ts';
import type { Message, Segment } from './message.ts';
import { hasTimeOfDay, momentOf } from './moment.ts';
import { mappedAccession, patientOf } from './order-fields.ts';
import { qualityOfAppointment } from './quality.ts';
import { firstSaid, kept, lacking } from './reading.ts';
import type { Heard, Reading } from './reading.ts';

const statuses: Readonly<Record<string, AppointmentReceived['status'] | undefined>> = {
  S12: 'booked',
  S13: 'rescheduled',
  S14: 'modified',
  S15: 'cancelled',
  S17: 'deleted',
  S26: 'no-show',
};

/** SIU: one appointment. HL7 v2.5.1 chapter 10. */
export function readAppointment(heard: Heard): Reading {
  const { message, site, origin } = heard;
  const schedule = message.first('SCH');
  const status = statuses[triggerOf(message)];
  if (schedule === null || status === undefined) return lacking(['SCH'], 'an appointment needs SCH');
  const services = message.all('AIS').map((service) => service.text(3, 1));
  const isOther = services.length > 0 && services.every((code) => site.procedureMap.notImaging.some((row) => row.code === code));
  if (isOther) return kept('Every service (AIS-3) is one that the site does not count as imaging: the message is kept.');
  const startsAt = firstSaid([schedule.text(11, 4), message.text('TQ1-7.1'), message.text('AIS-4.1')]);
  const event: AppointmentReceived = {
    ...origin,
    type: 'appointmentReceived',
    status,
    appointmentId: firstSaid([schedule.text(1, 1), schedule.text(2, 1)]),
    orderNumbers: {
      placer: numberIn(message, schedule, 26, 2),
      filler: numberIn(message, schedule, 27, 3),
      accession: mappedAccession(message.segments, site.fieldMap) ?? firstSaid([message.text('OBR-18.1'), message.text('OBR-20.1')]),
      serviceRequest: null,
    },
    patient: patientOf(message.first('PID'), site.fieldMap),
    startsAt,
    startsAtInstant: startsAt !== null && hasTimeOfDay(startsAt) ? momentOf(startsAt, site.settings.zone) : null,
    durationMinutes: durationOf(schedule.text(9), schedule.text(10, 1)) ?? durationOf(message.text('AIS-7.1'), message.text('AIS-8.1')),
    resources: message.segments.flatMap((segment) => resourceOf(segment)),
    sortTime: momentOf(message.text('MSH-7.1'), site.settings.zone),
    quality: [],
  };
  const { placer, filler, accession } = event.orderNumbers;
  const isAnonymous = event.patient.id === null && placer === null && filler === null && accession === null;
  if (isAnonymous) return kept('The appointment names neither a patient nor an order: the message is kept.');
  return { ok: true, tells: true, events: [{ ...event, quality: qualityOfAppointment(heard, event) }], reason: null };
}

/** SCH-26 or SCH-27, else ORC or OBR where a site sends them. */
function numberIn(message: Message, schedule: Segment, inSchedule: 26 | 27, inOrder: 2 | 3): AssignedNumber | null {
  const places = [[schedule, inSchedule] as const, ...['ORC', 'OBR'].map((name) => [message.first(name), inOrder] as const)];
  for (const [segment, field] of places) {
    const id = segment?.text(field, 1) ?? '';
    if (id !== '') return { id, assigner: firstSaid([segment?.text(field, 2), segment?.text(field, 3)]) ?? '' };
  }
  return null;
}

/** Minutes by unit as systems write it; a duration without one is not guessed at. */
const minutesIn: Readonly<Record<string, number>> = {
  ...{ S: 1 / 60, SEC: 1 / 60, SECS: 1 / 60, SECOND: 1 / 60, SECONDS: 1 / 60 },
  ...{ M: 1, MIN: 1, MINS: 1, MINUTE: 1, MINUTES: 1 },
  ...{ H: 60, HR: 60, HRS: 60, HOUR: 60, HOURS: 60 },
  ...{ D: 1440, DAY: 1440, DAYS: 1440 },
};

function durationOf(amount: string, unit: string): number | null {
  const factor = minutesIn[unit.toUpperCase()];
  return factor === undefined || !/^\d{1,6}(?:\.\d{1,3})?$/u.test(amount) ? null : Number(amount) * factor;
}

/** What is booked: AIS-3, AIG-3 (else its type, AIG-4), AIP-3 as text or code, AIL-3 as a place. */
function resourceOf(segment: Segment): readonly string[] {
  const coded = (field: number): string | null => firstSaid([segment.text(field, 2), segment.text(field, 1)]);
  switch (segment.name) {
    case 'AIS':
      return listed(coded(3));
    case 'AIG':
      return listed(coded(3) ?? coded(4));
    case 'AIP':
      return listed(firstSaid([[segment.text(3, 3), segment.text(3, 2, 1)].filter((part) => part !== '').join(' '), segment.text(3, 1)]));
    case 'AIL':
      return listed(
        firstSaid([
          [1, 2, 3, 4]
            .map((component) => segment.text(3, component, 1))
            .filter((part) => part !== '')
            .join(' '),
        ]),
      );
    default:
      return [];
  }
}

function listed(text: string | null): readonly string[] {
  return text === null ? [] : [text];
}
