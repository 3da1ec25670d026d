/** Resource types that this EHR holds. */
export const offered: readonly string[] = [
  'Patient', 'Observation', 'AllergyIntolerance', 'MedicationStatement', 'MedicationRequest', 'Condition', 'ImagingStudy', 'DocumentReference',
]; // prettier-ignore

/** The CapabilityStatement at /fhir/metadata. */
export function capabilities(baseUrl: string): unknown {
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
        resource: offered.map((type) => ({
          type,
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          searchParam:
            type === 'Patient'
              ? [{ name: 'identifier', type: 'token' }]
              : [
                  { name: 'patient', type: 'reference' },
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
