import { z } from 'zod/v4';

/** The page's policy lets no text become a program, and zod need not try: said before the first schema is made. */
z.config({ jitless: true });
