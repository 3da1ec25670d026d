import type { Care, Location } from '#domain/hospital-event.js';
import type { Provider } from '#domain/order.js';
import type { Segment } from './message.ts';
import { momentOf } from './moment.ts';
import { providerOf } from './order-fields.ts';
import { firstSaid } from './reading.ts';
import type { Heard } from './reading.ts';

/** PL: point of care, room, bed, facility. HL7 null: nowhere. */
export function locationOf(visit: Segment | null): Location | null {
  if (visit === null || visit.said(3) === 'absent') return null;
  const part = (component: number): string => visit.text(3, component, 1);
  const location = { pointOfCare: part(1), room: part(2), bed: part(3), facility: part(4) };
  return visit.said(3) === 'null' || Object.values(location).some((text) => text !== '') ? location : null;
}

/** N (not applicable) and U (unknown) of HL7 table 0004 say nothing. */
export function classOf(visit: Segment | null): string | null {
  const said = firstSaid([visit?.text(2, 1)]);
  return said === 'N' || said === 'U' ? null : said;
}

/** The first of PV1-7. */
export function attendingOf(visit: Segment | null): Provider | null {
  return providerOf(visit ?? undefined, 7);
}

/** What a result says of who asked for the exam and who has the patient. */
export function careOf(
  { visit, control, request }: Readonly<Record<'visit' | 'control' | 'request', Segment | null>>,
  { message, site, origin }: Heard,
): Care {
  const at = locationOf(visit);
  const asOf = momentOf(message.text('MSH-7.1'), site.settings.zone) ?? origin.receivedAt;
  return {
    orderingProvider: providerOf(control ?? undefined, 12) ?? providerOf(request ?? undefined, 16),
    attending: attendingOf(visit),
    patientClass: classOf(visit),
    location: at === null || at.pointOfCare === '' ? null : { at, asOf },
  };
}
