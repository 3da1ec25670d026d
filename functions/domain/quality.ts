import { z } from 'zod/v4';

/** What is wrong or missing in an inbound message, judged before any rule sees it (GOV-13). `text` is for people and holds no patient data. */
export const qualityFinding = z.object({
  /** A closed word, such as `no-indication`, `no-birth-date`, `local-code-only`, `name-is-test`, `time-without-zone`. */
  code: z.string(),
  /** Where, such as `PID-7`, `OBR-31`, `ServiceRequest.reasonCode`. */
  where: z.string(),
  /** `gap`: something is not said; `doubt`: what is said can't be relied on. */
  kind: z.enum(['gap', 'doubt']),
  text: z.string(),
});
export type QualityFinding = z.infer<typeof qualityFinding>;

/** Empty: nothing was found wrong. */
export const quality = z.array(qualityFinding);
export type Quality = z.infer<typeof quality>;
