import type { FailureCode } from '#core/delivery.js';
import type { FhirFailure } from '#ports/fhir-client.js';
import { listAt, textAt } from './read.ts';

/**
 * Why the EHR gave nothing. `status` only when it answered with one. `said`: its OperationOutcome in our words.
 * Holds no address and no words of the server: both may name a patient.
 */
export type FailureKind =
  | 'refused'
  | 'redirect'
  | 'not-fhir'
  | 'too-long'
  | 'unreachable'
  | 'certificate'
  | 'cut'
  | 'late'
  | 'token-refused'
  | 'token-unreachable'
  | 'not-ours'
  | 'no-id'
  | 'no-post-search';

export interface FailureDetails {
  readonly status?: number;
  readonly said?: string | null;
  readonly retryAfterSeconds?: number | null;
}

export class EhrFailure extends Error {
  override name = 'EhrFailure';
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly said: string | null;
  readonly retryAfterSeconds: number | null;
  constructor(kind: FailureKind, { status, said, retryAfterSeconds }: FailureDetails = {}) {
    super(kind);
    this.kind = kind;
    this.status = status ?? null;
    this.said = said ?? null;
    this.retryAfterSeconds = retryAfterSeconds ?? null;
  }
}

/** As the port says it. */
export function asFailure(failure: EhrFailure, budgetSeconds: number): FhirFailure {
  const again = failure.retryAfterSeconds === null ? {} : { retryAfterSeconds: failure.retryAfterSeconds };
  return { ok: false, code: codeOf(failure), status: failure.status, detail: whyOf(failure, budgetSeconds), ...again };
}

/** The failure in plain words for a card or an operator. */
export function whyOf(failure: EhrFailure, budgetSeconds: number): string {
  const status = `HTTP ${String(failure.status)}`;
  switch (failure.kind) {
    case 'late':
      return `The EHR did not answer within ${String(budgetSeconds)} s`;
    case 'refused':
      return failure.said === null ? `The EHR refused (${status})` : `The EHR refused (${status}). It says: ${failure.said}`;
    case 'redirect':
      return `The EHR points to another address (${status}), which is not followed`;
    case 'not-fhir':
      return 'The EHR answered something that is not FHIR';
    case 'too-long':
      return 'The EHR answered more than 5 MB';
    case 'unreachable':
      return 'The EHR could not be reached';
    case 'certificate':
      return 'The EHR shows a certificate that is not trusted here';
    case 'cut':
      return "The EHR's answer broke off";
    case 'token-refused':
      return `The EHR's token server gave no access token (${failure.said ?? status})`;
    case 'token-unreachable':
      return "The EHR's token server could not be reached";
    case 'not-ours':
      return 'That address does not lie under the base address of the EHR';
    case 'no-id':
      return 'That is no FHIR resource type or id';
    case 'no-post-search':
      return `The EHR takes no search by POST to _search (${status}); a search that names a patient is sent in no other way: have it switched on there`;
    default:
      return failure.kind satisfies never;
  }
}

function codeOf({ kind, status }: EhrFailure): FailureCode {
  switch (kind) {
    case 'late':
      return 'timed-out-after-send';
    case 'cut':
      return 'cut-after-send';
    case 'unreachable':
    case 'certificate':
    case 'token-unreachable':
      return 'not-connected';
    case 'not-fhir':
    case 'too-long':
      return 'answer-unreadable';
    case 'token-refused':
      return 'not-allowed';
    case 'redirect':
    case 'no-post-search':
      return 'refused';
    case 'not-ours':
    case 'no-id':
      return 'cannot-be-written';
    case 'refused':
      return codeOfStatus(status ?? 0);
    default:
      return kind satisfies never;
  }
}

/** Permanent unless the status says otherwise: HTTP 400 sent again is HTTP 400 again. */
function codeOfStatus(status: number): FailureCode {
  if (status === 401 || status === 403) return 'not-allowed';
  if (status === 409 || status === 412) return 'changed-meanwhile';
  if (status === 410) return 'gone';
  if (status === 429) return 'throttled';
  if (status === 503) return 'unavailable';
  // A gateway does not know whether the server behind it has stored something.
  if (status === 502) return 'cut-after-send';
  if (status === 408 || status === 504) return 'timed-out-after-send';
  return status >= 500 ? 'refused-for-now' : 'refused';
}

/** FHIR R4 issue-type (http://hl7.org/fhir/R4/valueset-issue-type.html) in words. */
const ISSUES: Readonly<Record<string, string>> = {
  invalid: 'content is not valid',
  structure: 'the structure is not valid',
  required: 'a required element is missing',
  value: 'a value is not valid',
  invariant: 'a rule of validity is broken',
  security: 'the access is not in order',
  login: 'a login is needed',
  unknown: 'the user is not known',
  expired: 'the session has expired',
  forbidden: 'this is not permitted',
  suppressed: 'something was withheld',
  processing: 'it could not be processed',
  'not-supported': 'this is not supported',
  duplicate: 'it is there already',
  'multiple-matches': 'more than one was found',
  'not-found': 'it was not found',
  deleted: 'it was deleted',
  'too-long': 'it is too long',
  'code-invalid': 'a code is not valid',
  extension: 'an extension is not accepted',
  'too-costly': 'this would take too much work',
  'business-rule': 'a rule of the site forbids it',
  conflict: 'it conflicts with another change',
  transient: 'a fault that may pass',
  'lock-error': 'it is locked by somebody else',
  'no-store': 'its store is not available',
  exception: 'an unexpected internal error',
  timeout: 'an internal time-out',
  incomplete: 'not everything could be found',
  throttled: 'there are too many requests',
  informational: 'a note',
};
const SEVERITIES = ['fatal', 'error', 'warning', 'information'];
const MOST_ISSUES = 3;

/** What an OperationOutcome says, by its codes alone: `details` and `diagnostics` may name a patient. Null when it is none or says nothing known. */
export function outcomeInWords(body: unknown): string | null {
  if (textAt(body, 'resourceType') !== 'OperationOutcome') return null;
  const said = listAt(body, 'issue').flatMap((issue) => {
    const code = textAt(issue, 'code') ?? '';
    const severity = textAt(issue, 'severity') ?? '';
    if (!Object.hasOwn(ISSUES, code) || !SEVERITIES.includes(severity)) return [];
    return [{ rank: SEVERITIES.indexOf(severity), text: `${ISSUES[code] ?? ''} (${severity})` }];
  });
  const texts = new Set(said.sort((a, b) => a.rank - b.rank).map((one) => one.text));
  return texts.size === 0 ? null : [...texts].slice(0, MOST_ISSUES).join('; ');
}
