import { z } from 'zod/v4';
import { context } from './context.ts';
import { order } from './order.ts';

/** What every model of an order is given. */
export const modelQuestion = z.object({
  task: z.enum(['protocol-choice', 'order-priority']),
  formatVersion: z.literal(1),
  order,
  /** Null when the EHR gave none. */
  context: context.nullable(),
});
export type ModelQuestion = z.infer<typeof modelQuestion>;
