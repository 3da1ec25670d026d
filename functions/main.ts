import { readConfig } from './config.ts';

/** What this app is: the whole service, or with RADLOOP_ROLE=auditor the auditor alone. Its host finds here what it drives besides the triggers. */
export const { radloop } = readConfig().RADLOOP_ROLE === 'auditor' ? await import('./auditor.ts') : await import('./service.ts');
