import { header, only, PID, segment } from './hl7-samples.ts';

const SCH = segment('SCH', {
  1: 'AP1^SCHED',
  2: 'FA1',
  9: '45',
  10: 'min^minutes^ISO+',
  11: '^^45^202612010930+0100^202612011015+0100',
  25: 'Booked',
  26: 'P1^HIS',
  27: 'F1^RIS',
});

describe('SIU: an appointment', () => {
  it.each([
    ['S12', 'booked'],
    ['S13', 'rescheduled'],
    ['S14', 'modified'],
    ['S15', 'cancelled'],
    ['S17', 'deleted'],
    ['S26', 'no-show'],
  ])('%s: %s', (trigger, status) => {
    expect(only('appointmentReceived', header(`SIU^${trigger}`), SCH, PID).status).toBe(status);
  });

  it('says which order, who, when, how long and with what', () => {
    const event = only(
      'appointmentReceived',
      header('SIU^S12', { 7: '20261125104000+0000' }),
      SCH,
      PID,
      'RGS|1',
      'AIS|1||CTHEAD^CT head^L',
      'OBR|1|||CTHEAD||||||||||||||ACC1',
      'AIG|1||CT2^Scanner 2',
      'AIL|1||RAD^R3^^GENERAL',
      'AIP|1||T9^LOPEZ^ANA',
    );
    expect(event).toMatchObject({
      appointmentId: 'AP1',
      orderNumbers: { placer: { id: 'P1', assigner: 'HIS' }, filler: { id: 'F1', assigner: 'RIS' }, accession: 'ACC1', serviceRequest: null },
      patient: { id: 'A1' },
      startsAt: '202612010930+0100',
      startsAtInstant: '2026-12-01T08:30:00.000Z',
      durationMinutes: 45,
      resources: ['CT head', 'Scanner 2', 'RAD R3 GENERAL', 'ANA LOPEZ'],
      sortTime: '2026-11-25T10:40:00.000Z',
    });
  });

  it.each([
    ['SCH-11.4', [segment('SCH', { 1: 'AP1', 11: '^^^20261201093000' }), 'TQ1|1||||||20261202'], '20261201093000'],
    ['TQ1-7', ['SCH|AP1', 'TQ1|1||||||20261202'], '20261202'],
    ['AIS-4', ['SCH|AP1', 'AIS|1||CTHEAD|20261203080000'], '20261203080000'],
    ['nowhere', ['SCH|AP1'], null],
  ])('takes the start from %s', (_, lines, startsAt) => {
    expect(only('appointmentReceived', header('SIU^S12'), ...lines, PID).startsAt).toBe(startsAt);
  });

  it('gains no time of day: a date stays a date, field report 13', () => {
    const event = only('appointmentReceived', header('SIU^S12'), segment('SCH', { 1: 'AP1', 11: '^^^20261201' }), PID);
    expect(event).toMatchObject({
      startsAt: '20261201',
      startsAtInstant: null,
      quality: expect.arrayContaining([expect.objectContaining({ code: 'no-start' })]),
    });
  });

  it.each([
    ['30', 'MIN', 30],
    ['1.5', 'HR', 90],
    ['1800', 's', 30],
    ['1', 'd', 1440],
    ['30', '', null],
    ['half', 'MIN', null],
  ])('a duration of %s %s: %s minutes', (amount, unit, minutes) => {
    expect(only('appointmentReceived', header('SIU^S12'), segment('SCH', { 1: 'AP1', 9: amount, 10: unit }), PID).durationMinutes).toBe(minutes);
  });

  it('without a patient it is still told of its order', () => {
    expect(only('appointmentReceived', header('SIU^S15'), SCH).patient).toMatchObject({ id: null, identifiers: [] });
  });
});
