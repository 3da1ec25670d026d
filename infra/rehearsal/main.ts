import { join } from 'node:path';
import { openHospital } from './hospital.ts';
import { readSettings, usage } from './settings.ts';
import type { Settings } from './settings.ts';

/** Exit 0 when it was told to stop, 1 when a part could not start (a port in use), 2 for a wrong command line. */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(usage);
    return;
  }
  let settings: Settings;
  try {
    settings = readSettings(process.argv.slice(2), join(import.meta.dirname, 'site'));
  } catch (error) {
    process.stderr.write(`${words(error)}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  try {
    const hospital = await openHospital(settings);
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      hospital.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${words(error)}\n`);
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    const { ris, ehr, page, pages, model } = hospital.addresses;
    process.stdout.write(
      settings.json
        ? `${JSON.stringify(hospital.addresses)}\n`
        : `The rehearsal hospital is open.\n  RIS page  ${page}\n  Pages     ${pages}\n  EHR       ${ehr}\n  RIS MLLP  ${ris}\n${model === undefined ? '' : `  model     ${model}\n`}`,
    );
  } catch (error) {
    process.stderr.write(`${words(error)}\n`);
    process.exit(1);
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await main();
