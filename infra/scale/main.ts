import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { COUNTS_FILE, readCounts } from './counts.ts';
import { report } from './report.ts';

/** `npm run scale`: reckons from one hospital to a national network and writes it between the markers of infra/docs/scale.md. `--check`: exit 1 when it stands otherwise there. */
const BEGIN = '<!-- made by npm run scale -->';
const END = '<!-- until here -->';

const file = join(import.meta.dirname, '..', 'docs', 'scale.md');
const before = readFileSync(file, 'utf8');
const [head, , tail] = before.split(new RegExp(`${BEGIN}|${END}`, 'u'));
if (head === undefined || tail === undefined) throw new Error(`${file} has not the markers "${BEGIN}" and "${END}".`);
const options = { ...(await resolveConfig(file)), parser: 'markdown' };
const after = await format(`${head}${BEGIN}\n\n${report(readCounts())}\n\n${END}${tail}`, options);
if (process.argv.includes('--check')) {
  if (after !== before) {
    process.stderr.write(`${file} is not what ${COUNTS_FILE} and the figures give: npm run scale\n`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, after);
  process.stdout.write(`${report(readCounts())}\n`);
}
