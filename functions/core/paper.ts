import type { Instant } from './time.ts';

/** One open case as it stands on the list for a downtime: all that somebody needs to work on it from paper. Holds patient data. */
export interface PaperCase {
  /** Under which heading it is listed: the place that works on it, such as its modality. */
  readonly group: string;
  /** In a word; `isFirst`: listed before the others of its group. */
  readonly urgency: string;
  readonly isFirst: boolean;
  /** Two identifiers and more; empty where the messages do not say. */
  readonly patient: { readonly name: string; readonly number: string; readonly born: string; readonly sex: string };
  /** Where the patient is. */
  readonly location: string;
  readonly exam: string;
  readonly indication: string;
  readonly orderedBy: string;
  /** By what the order is found in the RIS. */
  readonly order: string;
  readonly accession: string;
  /** Where it stands, and what is wrong with it, in plain words. */
  readonly state: string;
  /** Who is waited for. */
  readonly waitsFor: string;
  /** By when; null: nothing is timed. */
  readonly deadline: Instant | null;
  /** What is proposed, by its id; null: nothing. */
  readonly proposal: { readonly id: string; readonly name: string } | null;
  /** What must be known before anybody decides: the gravest first, what was not checked too. */
  readonly warnings: readonly string[];
  /** May it be decided on paper? Else there is something to do about it, or only to know. */
  readonly mayDecide: boolean;
}
