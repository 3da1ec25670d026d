import { z } from 'zod/v4';
import { orderKey, personId } from '#core/ids.js';
import type { OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { About, Finding } from './critical.ts';

/** Name of the workflow of what a signed report says and can wait for days (category 3). */
export const FOLLOW_UP = 'follow-up';

/** Whose it is. `person` null: the coordinators of the site, all of them. */
export const followUpOwner = z.object({ person: personId.nullable(), as: z.enum(['orderer', 'attending', 'coordinator']) });
export type FollowUpOwner = z.infer<typeof followUpOwner>;

/** A version of a report, in its own words. */
export const followUpSource = z.object({ version: z.string(), quote: z.string().min(1).max(500), reportedAt: z.string().nullable() });
export type FollowUpSource = z.infer<typeof followUpSource>;

/** A signed report says it. `since`: when it reached us. */
export interface FollowUpRaised {
  readonly type: 'followUpRaised';
  readonly about: About;
  readonly finding: Finding;
  readonly source: FollowUpSource;
  readonly since: Instant;
}

/** A corrected report of the exam, and the classes of finding that it still states, of whatever category. */
export interface ReportCorrected {
  readonly type: 'reportCorrected';
  readonly version: string;
  readonly reportedAt: string | null;
  readonly classes: readonly string[];
}

/** What a list, or another workflow, may know of one (Workflow.about). Patient data. */
export interface FollowUpAbout extends About {
  readonly followUp: { readonly finding: Finding; readonly owner: FollowUpOwner; readonly since: Instant; readonly due: Instant };
}

/** One exam of a patient (critical.ts examOf) and class is one case, whichever report says it. Patient data: kept only as a keyed hash. */
export function followUpKey(exam: string, classId: string): OrderKey {
  return orderKey.parse(`follow-up|${exam}|${classId}`);
}

/** By what a corrected report finds all of its exam. */
export function followUpsOf(exam: string): string {
  return `follow-up||${exam}`;
}
