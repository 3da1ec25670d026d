/** MSH-9 as it may stand in a log line, a metric or a trace; anything else a sender writes there is `other`. */
export const MESSAGE_TYPES = [
  ...['ORM^O01', 'OMG^O19', 'OMI^O23', 'ORR^O02', 'ORG^O20', 'ORI^O24', 'ORU^R01', 'MDM^T02', 'MDM^T08', 'MDM^T10', 'NMD^N02'],
  ...['ADT^A01', 'ADT^A02', 'ADT^A03', 'ADT^A04', 'ADT^A05', 'ADT^A06', 'ADT^A07', 'ADT^A08', 'ADT^A11', 'ADT^A12', 'ADT^A13', 'ADT^A31', 'ADT^A38'],
  ...['ADT^A18', 'ADT^A30', 'ADT^A34', 'ADT^A36', 'ADT^A39', 'ADT^A40', 'ADT^A47'],
  ...['SIU^S12', 'SIU^S13', 'SIU^S14', 'SIU^S15', 'SIU^S17', 'SIU^S26', 'ACK', 'MCF', 'ORM', 'ORU', 'ORR', 'batch', 'study'],
] as const;

/** Types of FHIR resources that are read. */
export const FHIR_TYPES = [
  'ServiceRequest',
  'Patient',
  'Encounter',
  'Appointment',
  'DiagnosticReport',
  'ImagingStudy',
  'Task',
  'Subscription',
] as const;
