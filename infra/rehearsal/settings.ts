import { parseArgs } from 'node:util';

export const faults = ['none', 'ehr-refuses', 'ehr-hangs', 'model-hangs', 'ris-away'] as const;
export type Fault = (typeof faults)[number];

export interface Settings {
  readonly dataDir: string;
  readonly json: boolean;
  readonly risPort: number;
  readonly ehrPort: number;
  readonly pagePort: number;
  readonly modelPort: number;
  readonly pagingPorts: { readonly pages: number; readonly smtp: number; readonly printer: number };
  readonly radloop: { readonly host: string; readonly port: number };
  readonly teams: string;
  readonly seed: number;
  /** Seconds between orders; 0: only when somebody asks for one. */
  readonly rateSeconds: number;
  /** After so many orders no more come by themselves; null: no end. */
  readonly orders: number | null;
  readonly people: 'scripted' | 'none';
  readonly fault: Fault;
  readonly ehrDelayMs: number;
  readonly site: string;
}

export const usage = `The rehearsal hospital: a RIS, an EHR, orders, and people.

  node --conditions=source infra/rehearsal/main.ts --data DIR [options]

  --data DIR            where its ledgers stand
  --json                one line of JSON when ready, nothing else on standard output
  --ris-port 2576       the RIS's MLLP port             --ehr-port 8091   the EHR (FHIR R4)
  --page-port 8090      the RIS page                    --model-port 8092 the vendor's model (with --fault model-hangs)
  --paging-ports 8093,8094,8095   pages and calls (HTTP), mail (SMTP), the printer (raw TCP); 0,0,0: any free ones
  --radloop-mllp 127.0.0.1:2575   where orders go       --teams http://127.0.0.1:3979   the Teams side, for --people scripted
  --site DIR            the site's folder (default: the rehearsal site)
  --seed 1              another seed, other patients and orders
  --rate SECONDS        between orders; 0: none by themselves (default 20; 1 with --orders)
  --orders N            so many orders, then no more
  --people scripted|none
  --fault ehr-refuses|ehr-hangs|model-hangs|ris-away
  --ehr-delay-ms 0      hold back each answer of the EHR

  Example: node --conditions=source infra/rehearsal/main.ts --data .data/rehearsal --orders 25 --people scripted
`;

/** Reads the command line. Throws an Error that names the option which is wrong. */
export function readSettings(args: readonly string[], defaultSite: string): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' }, json: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' },
      'ris-port': { type: 'string', default: '2576' }, 'ehr-port': { type: 'string', default: '8091' },
      'page-port': { type: 'string', default: '8090' }, 'model-port': { type: 'string', default: '8092' },
      'paging-ports': { type: 'string', default: '8093,8094,8095' },
      'radloop-mllp': { type: 'string', default: '127.0.0.1:2575' }, teams: { type: 'string', default: 'http://127.0.0.1:3979' },
      rate: { type: 'string' }, orders: { type: 'string' }, people: { type: 'string', default: 'none' },
      fault: { type: 'string', default: 'none' }, 'ehr-delay-ms': { type: 'string', default: '0' }, site: { type: 'string', default: defaultSite },
    },
  }); // prettier-ignore
  if (values.data === undefined) throw new Error('--data DIR is needed');
  const [host = '', port = ''] = values['radloop-mllp'].split(':');
  if (host !== '127.0.0.1' && host !== 'localhost') throw new Error('--radloop-mllp: a rehearsal stays on this machine (127.0.0.1:PORT)');
  const fault = faults.find((name) => name === values.fault);
  if (fault === undefined) throw new Error(`--fault: one of ${faults.join(', ')}`);
  const [pages = '', smtp = '', printer = ''] = values['paging-ports'].split(',');
  if (values.people !== 'scripted' && values.people !== 'none') throw new Error('--people: scripted or none');
  return {
    dataDir: values.data,
    json: values.json,
    risPort: number('--ris-port', values['ris-port'], 65_535),
    ehrPort: number('--ehr-port', values['ehr-port'], 65_535),
    pagePort: number('--page-port', values['page-port'], 65_535),
    modelPort: number('--model-port', values['model-port'], 65_535),
    pagingPorts: {
      pages: number('--paging-ports', pages, 65_535),
      smtp: number('--paging-ports', smtp, 65_535),
      printer: number('--paging-ports', printer, 65_535),
    },
    radloop: { host: '127.0.0.1', port: number('--radloop-mllp', port, 65_535) },
    teams: values.teams,
    seed: number('--seed', values.seed, 999),
    rateSeconds: number('--rate', values.rate ?? (values.orders === undefined ? '20' : '1'), 86_400),
    orders: values.orders === undefined ? null : number('--orders', values.orders, 100_000),
    people: values.people,
    fault,
    ehrDelayMs: number('--ehr-delay-ms', values['ehr-delay-ms'], 60_000),
    site: values.site,
  };
}

function number(option: string, text: string, most: number): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0 || value > most)
    throw new Error(`${option}: a number from 0 to ${String(most)}, not "${text}"`);
  return value;
}
