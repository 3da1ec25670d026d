import { readFileSync } from 'node:fs';
import { judge } from '#adapters/hl7/door.js';
import type { Use } from '#adapters/hl7/messages-used.js';
import { dictionary } from '../../../infra/cli/hl7-dictionary.ts';
import { fieldsRead } from '../../../infra/docs/interface-fields.ts';
import { FILE, renewed } from '../../../infra/docs/interfaces.ts';
import { bytesOf, header, noon, site } from './hl7-samples.ts';

it('the generated parts are what infra/docs/interfaces.ts writes (run `node --conditions=source infra/docs/interfaces.ts`)', async () => {
  const markdown = readFileSync(FILE, 'utf8');
  expect(await renewed(markdown)).toBe(markdown);
});

/** Messages that say little, and messages that say much, so that what is read only beside or instead of something else shows too. */
const samples: Readonly<Record<Use, readonly (readonly string[])[]>> = {
  order: [
    [header('OMI^O23'), 'PID|1', 'PV1|1', 'ORC|NW|P1', 'TQ1|1', 'OBR|1', 'DG1|1||S06^x', 'IPC|', 'ZDS|'],
    [header('OMI^O23'), 'PID|1', 'PV1|1', 'ORC|SC||F1', 'TQ1|1', 'OBR|1', 'DG1|1', 'IPC|', 'ZDS|'],
  ],
  patient: [[header('ADT^A02'), 'EVN|', 'PID|1||A1', 'PV1|1', 'DG1|1', 'NK1|1', 'AL1|1', 'PD1|', 'PV2|', 'IN1|1', 'GT1|1']],
  merge: [
    [header('ADT^A40'), 'EVN|', 'PID|1||A1', 'PD1|', 'MRG||||E5', 'PV1|1'],
    [header('ADT^A40'), 'EVN|', 'PID|1||A1', 'MRG|B2'],
  ],
  appointment: [
    [header('SIU^S12'), 'SCH|', 'TQ1|1', 'PID|1||A1', 'PV1|1', 'DG1|1', 'RGS|1', 'AIS|1||||||30|MIN', 'ORC|', 'OBR|1', 'AIG|1', 'AIL|1', 'AIP|1'],
    [header('SIU^S12'), 'SCH|||||||||30|MIN', 'PID|1||A1', 'RGS|1', 'AIS|1', 'OBR|1'],
  ],
  report: [
    [header('ORU^R01'), 'PID|1||A1', 'PV1|1', 'ORC|RE', 'OBR|1', 'TQ1|1', 'OBX|1|TX|||x'],
    [header('ORU^R01'), 'PID|1||A1', 'OBR|1', 'OBX|1|ST|||x'],
    [header('MDM^T02'), 'EVN|', 'PID|1||A1', 'PV1|1', 'TXA|1', 'OBX|1|TX|||x'],
  ],
  acknowledgement: [
    [header('ACK'), 'MSA|AE|X1', 'ERR|'],
    [header('ACK'), 'MSA|AE|X1', 'ERR|||204', 'ERR|||204'],
  ],
};

/** A text of any type of field, a time, and words of tables that fields have. */
const values = [
  'Q7^Q8^^Q9^Q10^S',
  '20200102030405+0000',
  '^^^20200102030405+0000^^S^^^S',
  'CA',
  'P',
  'I10',
  'LAB',
  'MR',
  '5',
  'HR',
  'CBC',
  '1.2.3',
  'S06.0^x^I10',
  '&ADT',
];

/** Those that are tried at every field; at the fields of the table all of them. */
const USUAL = 3;

/** `field` of the first segment of that name set. */
function changed(lines: readonly string[], at: number, field: number, value: string): readonly string[] {
  const fields = (lines[at] ?? '').split('|');
  while (fields.length <= field) fields.push('');
  fields[field] = value;
  return lines.map((line, index) => (index === at ? fields.join('|') : line));
}

/** What is told; not the hash of the bytes, which any change changes. */
function told(lines: readonly string[]): string {
  const { events, acknowledgement, ackCode } = judge(bytesOf(...lines), site, noon);
  return JSON.stringify([ackCode, acknowledgement, events.map((event) => ({ ...event, rawHash: '' }))]);
}

/** PID with PID-2 alone: what is read where PID-3 is empty. */
function older(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line.startsWith('PID') ? 'PID|1|A1' : line));
}

function fieldsThatCount(use: Use, lines: readonly string[], only?: string): readonly string[] {
  const before = told(lines);
  return lines.slice(1).flatMap((line, index) => {
    const name = line.slice(0, 3);
    if (only !== undefined && name !== only) return [];
    const most = dictionary[name]?.fields.length ?? 0;
    return Array.from({ length: most }, (_, at) => [at + 1, `${name}-${String(at + 1)}`] as const)
      .filter(([field, label]) => {
        const tried = label in fieldsRead[use] ? values : values.slice(0, USUAL);
        return tried.some((value) => told(changed(lines, index + 1, field, value)) !== before);
      })
      .map(([, label]) => label);
  });
}

it.each(Object.entries(samples) as [Use, readonly (readonly string[])[]][])(
  '%s: the fields of the table are read, and no others',
  (use, messages) => {
    const count = new Set(messages.flatMap((lines) => [...fieldsThatCount(use, lines), ...fieldsThatCount(use, older(lines), 'PID')]));
    expect([...count].sort()).toEqual(Object.keys(fieldsRead[use]).sort());
  },
);
