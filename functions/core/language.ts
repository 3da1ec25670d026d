import { z } from 'zod/v4';

/** Languages in which Radloop speaks to people (ISO 639-1). */
export const language = z.enum(['en', 'es']);
export type Language = z.infer<typeof language>;
