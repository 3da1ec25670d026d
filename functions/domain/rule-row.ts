import { z } from 'zod/v4';
import { provenance } from './protocol.ts';

/** What every clinical row says of itself (CLINICAL-CONTENT). `population`, `exclusions` and `inputs` are for the person who reviews it. */
export const ruleRow = provenance.extend({
  ruleId: z.string().regex(/^[a-z0-9-]+$/u),
  population: z.string(),
  exclusions: z.string(),
  inputs: z.array(z.string()),
});
