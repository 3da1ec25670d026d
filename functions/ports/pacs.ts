import type { HospitalEvent } from '#domain/hospital-event.js';

type StudyArrived = Extract<HospitalEvent, { type: 'studyArrived' }>;

/** One page of what a PACS says has changed. */
export interface PacsChanges {
  /** Studies that are complete as far as the PACS knows; `body` is what it said of each, to be kept. */
  readonly studies: readonly { readonly body: Buffer; readonly event: StudyArrived }[];
  /** Studies that it announces and does not give, after several tries: passed by so that the others come in, for a person to look. `why` in plain words. */
  readonly unread?: readonly { readonly body: Buffer; readonly why: string }[];
  /** Where to go on; 0 when it has begun to count anew. */
  readonly next: number;
  /** Is there more right now? */
  readonly more: boolean;
}

/** The PACS as far as studies arrive in it. */
export interface Pacs {
  /** Changes after `since`. Never throws for what a PACS may do. */
  changes(since: number): Promise<{ readonly ok: true; readonly changes: PacsChanges } | { readonly ok: false; readonly why: string }>;
}
