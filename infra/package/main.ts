import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { PackageFailed, teamsPackage } from './teams.ts';

const USAGE = `npm run package:teams -- --bot-id GUID --api-id GUID --host NAME --website URL [options]      The app package for the Teams admin centre.

  --bot-id GUID      application id of the bot; azd prints it as RADLOOP_BOT_ID
  --api-id GUID      application id of the site's API, whose tokens the tab gets; RADLOOP_API_AUDIENCE
  --host NAME        host name of the service, where the tab's page is; azd prints it as RADLOOP_HOST
  --website URL      the site's own page about Radloop
  --privacy URL      its privacy notice (the website)
  --terms URL        its terms of use (the website)
  --app-id GUID      id of the app in Teams, the same for every later version (the bot's id)
  --out FILE         where to (dist/radloop-teams.zip)

Example: npm run package:teams -- --bot-id 6f1cd1d0-79f1-4c4c-9d5e-1c1f3e7a0001 --api-id 3d1f9a3e-52d5-4c3c-8a7d-0c5b8e2f0a11 \\
           --host radloop.hospital.example --website https://intranet.hospital.example/radloop`;

const root = join(import.meta.dirname, '..', '..');
const text = { type: 'string' } as const;

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({
      options: {
        ...{ 'bot-id': text, 'api-id': text, host: text, website: text, privacy: text, terms: text, 'app-id': text, out: text },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    const { 'bot-id': botId, 'api-id': apiId, host, website, privacy = website, terms = website, 'app-id': appId = botId } = values;
    if (botId === undefined || apiId === undefined || host === undefined || website === undefined)
      throw new PackageFailed('--bot-id, --api-id, --host and --website are needed; --help shows an example.');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    const ids = { TEAMS_APP_ID: appId, BOT_APP_ID: botId, API_APP_ID: apiId, HOST: host.toLowerCase() };
    const filled = { VERSION: version, ...ids, WEBSITE_URL: website, PRIVACY_URL: privacy, TERMS_URL: terms };
    const zip = await teamsPackage(filled, join(root, 'bot', 'manifest'));
    const out = values.out ?? join(root, 'dist', 'radloop-teams.zip');
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, zip);
    process.stdout.write(`${relative(process.cwd(), out)}: Radloop ${version}, ${String(zip.length)} bytes. Upload it in the Teams admin centre.\n`);
    return 0;
  } catch (error) {
    const isTold =
      error instanceof PackageFailed || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
    if (!isTold) throw error;
    process.stderr.write(`radloop: ${error.message}\nNothing was written.\n`);
    return 1;
  }
}

process.exitCode = await main();
