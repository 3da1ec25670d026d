import { readAcknowledgement } from './acknowledgement.ts';
import { readMerge, readPatient } from './admission.ts';
import { readAppointment } from './appointment.ts';
import { isOfModel, readDetections } from './detections.ts';
import { usedAs } from './kind.ts';
import type { Message } from './message.ts';
import { readOrders } from './order.ts';
import { kept } from './reading.ts';
import type { Heard, Reading } from './reading.ts';
import { readReports } from './report.ts';

/** Reads what the workflows are told; the table in messages-used.ts says out of which messages. */
export function read(heard: Heard): Reading {
  const use = usedAs(heard.message);
  switch (use) {
    case null:
      return kept('No workflow reads messages of this type: it is kept.');
    case 'order':
      return severalPatients(heard.message) ?? readOrders(heard);
    case 'patient':
      return severalPatients(heard.message) ?? readPatient(heard);
    case 'merge':
      return readMerge(heard);
    case 'appointment':
      return severalPatients(heard.message) ?? readAppointment(heard);
    case 'report':
      return isOfModel(heard) ? readDetections(heard) : readReports(heard);
    case 'acknowledgement':
      return readAcknowledgement(heard);
    default:
      return use satisfies never;
  }
}

/** Whose is it? Nothing of one patient may reach another: such a message is refused. (A PID that is repeated for the same patient, as OMG^O19 has it, is none.) */
function severalPatients(message: Message): Reading | null {
  const pids = message.all('PID');
  if (pids.length < 2) return null;
  const patients = new Set(pids.map((pid) => JSON.stringify([pid.raw(2), pid.raw(3)])));
  const text = 'The message is about more than one patient: send a message for each.';
  return patients.size < 2 ? null : { ok: false, errors: [{ segment: 'PID', field: 3, code: '102', text }] };
}
