import type { FailureCode } from '#core/delivery.js';

/** A resource as the server wrote it: nothing in it is trusted, `resourceType` is a string. */
export interface FhirResource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

/** Search parameters; a list is the parameter repeated. Values are escaped by the caller where FHIR reads `,`, `|`, `$` or `\` as syntax (R4 3.1.1.4.0.2). */
export type FhirParams = Readonly<Record<string, string | number | readonly string[]>>;

/** `detail` in plain words: no address, no search value, no word of the server. `status` is null when it did not answer. */
export interface FhirFailure {
  readonly ok: false;
  readonly code: FailureCode;
  readonly status: number | null;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}
export type FhirResult<T> = { readonly ok: true; readonly value: T } | FhirFailure;

/** What one search brought, included resources among them. `complete` is false when more is known to be there than was read, or an entry could not be read. */
export interface FhirFound {
  readonly resources: readonly FhirResource[];
  readonly complete: boolean;
}

/** `existing`: a conditional create found one that is there already, or an update found its own content there. */
export interface FhirWritten {
  readonly id: string;
  /** For the next If-Match; null when the server tells none. */
  readonly version: string | null;
  readonly made: 'created' | 'updated' | 'existing';
}

/** Seconds for the whole call, with its repeats, waits and pages. @default 30 */
export interface FhirBudget {
  readonly seconds?: number;
}

/** What a server says of one resource type in its CapabilityStatement (R4 5.1). */
export interface FhirOffer {
  /** Names of its search parameters; empty: it does not say. */
  readonly searchParams: readonly string[];
  /** Such as `MedicationRequest:medication`. */
  readonly includes: readonly string[];
  /** Null: it does not say. */
  readonly conditionalCreate: boolean | null;
}

/** One FHIR R4 service. Never throws for what a server may do; reads and conditional writes are repeated within the budget, an unconditional create never. */
export interface FhirClient {
  readonly baseUrl: string;
  read(type: string, id: string, options?: FhirBudget & { readonly versionId?: string }): Promise<FhirResult<FhirResource>>;
  /** Follows `next` under the same base only. `enough`: asked after each page whether more are needed. @default mostPages 5 */
  search(
    type: string,
    params: FhirParams,
    options?: FhirBudget & { readonly mostPages?: number; readonly enough?: (soFar: readonly FhirResource[]) => boolean },
  ): Promise<FhirResult<FhirFound>>;
  /** Any GET under the base, such as `Subscription/7/$events`. */
  get(path: string, params: FhirParams, options?: FhirBudget): Promise<FhirResult<FhirResource>>;
  /** `ifNoneExist`: a search; when it finds one, that one is meant and nothing is written. Null: a plain create, sent once. */
  create(resource: FhirResource, ifNoneExist: FhirParams | null, options?: FhirBudget): Promise<FhirResult<FhirWritten>>;
  /** The resource has its `id`. `ifMatch`: the version that was read; null: whatever is there is replaced. */
  update(resource: FhirResource, ifMatch: string | null, options?: FhirBudget): Promise<FhirResult<FhirWritten>>;
  /** What the server says it offers, by resource type; read once in 24 h. Null: it does not say, or not now. Waits at most `seconds`. */
  offers(seconds: number): Promise<ReadonlyMap<string, FhirOffer> | null>;
}
