/** Resource types that this EHR holds. */
export const offered: readonly string[] = [
  'Patient', 'Observation', 'AllergyIntolerance', 'MedicationStatement', 'MedicationRequest', 'Condition', 'ImagingStudy', 'DocumentReference', 'Communication',
]; // prettier-ignore

/** Those of them that others may write here. */
export const taken: readonly string[] = ['Communication'];

interface Offer {
  /** It has orders too, and finds them and studies by their numbers. */
  readonly isWritable: boolean;
  /** It takes what others write. */
  readonly isWritten: boolean;
}

/** The CapabilityStatement at /fhir/metadata. */
export function capabilities(baseUrl: string, { isWritable, isWritten }: Offer): unknown {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-25',
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    software: { name: 'Rehearsal EHR' },
    implementation: { description: 'Invented patients for rehearsals', url: baseUrl },
    rest: [
      {
        mode: 'server',
        resource: [...offered, ...(isWritable ? ['ServiceRequest'] : [])].map((type) => ({
          type,
          interaction: [
            { code: 'read' },
            { code: 'search-type' },
            ...(isWritten && taken.includes(type) ? [{ code: 'create' }, { code: 'update' }] : []),
          ],
          ...(taken.includes(type) ? { conditionalCreate: isWritten } : {}),
          searchParam:
            type === 'Patient' || type === 'Communication'
              ? [{ name: 'identifier', type: 'token' }]
              : [
                  { name: 'patient', type: 'reference' },
                  ...(isWritable && (type === 'ServiceRequest' || type === 'ImagingStudy') ? [{ name: 'identifier', type: 'token' }] : []),
                  ...(type === 'Observation'
                    ? [
                        { name: 'code', type: 'token' },
                        { name: 'date', type: 'date' },
                      ]
                    : []),
                ],
        })),
      },
    ],
  };
}
