/**
 * Deliveries of Event Grid, written by hand after Microsoft's documentation:
 * FHIR and DICOM events: learn.microsoft.com/azure/event-grid/event-schema-azure-health-data-services and
 * learn.microsoft.com/azure/healthcare-apis/events/events-message-structure. Validation: learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 * and end-point-validation-cloud-events-schema. CloudEvents 1.0: github.com/cloudevents/spec, JSON event format, batch format.
 */
const workspace =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/radiology/providers/Microsoft.HealthcareApis/workspaces/hospital';

type Kind = 'FhirResourceCreated' | 'FhirResourceUpdated' | 'FhirResourceDeleted' | 'DicomImageCreated' | 'DicomImageUpdated' | 'DicomImageDeleted';

/** `host` is that of the FHIR service; resourceVersionId is a number there. */
export const fhirData = (host: string, type: string, id: string, version = 1): object => ({
  resourceType: type,
  resourceFhirAccount: host,
  resourceFhirId: id,
  resourceVersionId: version,
});

export const dicomData = (study: string, image: number): object => ({
  partitionName: 'Microsoft.Default',
  imageStudyInstanceUid: study,
  imageSeriesInstanceUid: `${study}.1`,
  imageSopInstanceUid: `${study}.1.${image}`,
  serviceHostName: 'hospital-pacs.dicom.azurehealthcareapis.com',
  sequenceNumber: image,
});

/** Event Grid event schema: always an array. */
export const gridEvent = (kind: Kind, data: object, subject = 'hospital.fhir.azurehealthcareapis.com/ServiceRequest/sr1'): object => ({
  id: crypto.randomUUID(),
  topic: workspace,
  subject,
  data,
  eventType: `Microsoft.HealthcareApis.${kind}`,
  dataVersion: '1',
  metadataVersion: '1',
  eventTime: '2026-11-25T10:00:00.5613214Z',
});

/** CloudEvents 1.0, structured: one object; a batch is an array of them. */
export const cloudEvent = (kind: Kind, data: object, subject = 'hospital.fhir.azurehealthcareapis.com/ServiceRequest/sr1'): object => ({
  id: crypto.randomUUID(),
  source: workspace,
  specversion: '1.0',
  type: `Microsoft.HealthcareApis.${kind}`,
  dataschema: '#1',
  subject,
  time: '2026-11-25T10:00:00.5613214Z',
  data,
});

/** Sent with the header `aeg-event-type: SubscriptionValidation`. */
export const validation = (code: string, url: string): object[] => [
  {
    id: '2d1781af-3a4c-4d7c-bd0c-e34b19da4e66',
    topic: workspace,
    subject: '',
    data: { validationCode: code, validationUrl: url },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: '2026-11-25T10:00:00.1234567Z',
    metadataVersion: '1',
    dataVersion: '2',
  },
];
