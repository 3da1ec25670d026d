import type { ProcedureMap } from '#domain/site.js';

/** What of the site's folder reading FHIR needs. */
export interface FhirSite {
  readonly baseUrl: string;
  /** Identifier system of the record numbers: the first preferred assigner's. */
  readonly patientSystem?: string | undefined;
  /** Identifier system by the assigner's name in HL7 messages. */
  readonly assigners: Readonly<Record<string, string>>;
  readonly preferredAssigners: readonly string[];
  readonly procedureMap: ProcedureMap;
}
