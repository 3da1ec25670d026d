/** Resource types that this EHR holds. */
export const offered: readonly string[] = [
  'Patient', 'Observation', 'AllergyIntolerance', 'MedicationStatement', 'MedicationRequest', 'Condition', 'ImagingStudy', 'DocumentReference', 'Communication',
]; // prettier-ignore

/** Those of them that others may write here. */
export const taken: readonly string[] = ['Communication'];

/** The CapabilityStatement at /fhir/metadata. @param isWritten does it take what others write? */
export function capabilities(baseUrl: string, isWritten = false): unknown {
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
