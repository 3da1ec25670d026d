// Loaded into the service's own process (NODE_OPTIONS) by installation.test.ts: SIGUSR2 sets the fault that is written in the file RADLOOP_TEST_FAULT names.
import { readFileSync } from 'node:fs';
import { StatementSync } from 'node:sqlite';

let fault = '';
const said = 'QUILLFEATHER^OBADIAH MRN77341902\n    at OBADIAH (file:///QUILLFEATHER zyxwound:1:1)';

/** The store refuses statements, and says why with what was to be written, as a driver may. */
for (const name of ['all', 'run']) {
  const call = StatementSync.prototype[name];
  StatementSync.prototype[name] = function refusing(...values) {
    if (fault === 'events' && this.sourceSQL.includes('FROM events AS e')) throw new Error(said);
    if (fault === 'facts' && this.sourceSQL.startsWith('INSERT INTO facts')) throw new SyntaxError(said);
    return call.apply(this, values);
  };
}

process.on('SIGUSR2', () => {
  fault = readFileSync(process.env.RADLOOP_TEST_FAULT, 'utf8');
  if (fault === 'crash') setImmediate(() => JSON.parse(`{"name": ${said}`));
  if (fault === 'reject') void Promise.reject(new RangeError(said));
});
