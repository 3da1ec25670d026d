import { findings } from '#adapters/hl7/quality.js';
import { events, header, MSH, PID, segment } from './hl7-samples.ts';

const good = {
  header: header('ORM^O01', { 7: '20261125104000+0000' }),
  pid: PID,
  visit: 'PV1|1|E',
  control: segment('ORC', { 1: 'NW', 2: 'P1^HIS', 9: '20261125103000+0000', 12: 'D7^SMITH' }),
  request: segment('OBR', { 1: '1', 4: 'CTHEAD^CT head^L', 18: 'ACC1', 31: '^fall from a ladder' }),
};

/** Findings of an order with parts replaced: `code at place`. */
function found(parts: Partial<typeof good>): readonly string[] {
  const all = { ...good, ...parts };
  return list(all.header, all.pid, all.visit, all.control, all.request);
}

function list(...lines: readonly string[]): readonly string[] {
  const of = events(...lines).flatMap((event) => event.quality);
  for (const finding of of) expect(finding).toMatchObject(findings[finding.code as keyof typeof findings]);
  return of.map(({ code, where }) => `${code} ${where}`);
}

const order = (fields: Readonly<Record<number, string>>): string =>
  segment('OBR', { 1: '1', 4: 'CTHEAD^CT head^L', 18: 'ACC1', 31: '^fall', ...fields });
const person = (fields: Readonly<Record<number, string>>): string =>
  segment('PID', { 3: 'A1^^^NORTH-MRN', 5: 'DOE^JANE', 7: '19800515', 8: 'F', ...fields });

it('finds nothing in a whole order', () => {
  expect(found({})).toEqual([]);
});

it.each<[string, Partial<typeof good>, readonly string[]]>([
  ['no birth date', { pid: person({ 7: '' }) }, ['no-birth-date PID-7']],
  ['a birth date that is none', { pid: person({ 7: 'about 50' }) }, ['birth-date-unreadable PID-7']],
  ['a day that no calendar has', { pid: person({ 7: '19800231' }) }, ['birth-date-unreadable PID-7']],
  ['a birth date in the future', { pid: person({ 7: '20261201' }) }, ['birth-date-in-future PID-7']],
  ['a birth date over 120 years ago', { pid: person({ 7: '18991231' }) }, ['birth-date-too-old PID-7']],
  ['no sex', { pid: person({ 8: '' }) }, ['no-sex PID-8']],
  ['an unknown sex', { pid: person({ 8: 'U' }) }, ['no-sex PID-8']],
  ['no patient identifier', { pid: person({ 3: '' }) }, ['no-patient-id PID-3']],
  ['an identifier without assigner', { pid: person({ 3: 'A1~B2^^^X' }) }, ['no-assigner PID-3']],
  ['no indication', { request: order({ 31: '' }) }, ['no-indication OBR-31']],
  ['"see chart"', { request: order({ 31: '^See chart.' }) }, ['indication-is-placeholder OBR-31']],
  ['"n/a" in OBR-13', { request: order({ 31: '', 13: 'N/A' }) }, ['indication-is-placeholder OBR-13']],
  ['"test"', { request: order({ 31: '^TEST' }) }, ['indication-is-placeholder OBR-31']],
  ['a placeholder beside a reason', { request: order({ 31: '^see chart~^fall' }) }, []],
  ['no patient class', { visit: 'PV1|1' }, ['no-patient-class PV1-2']],
  ['no ordering provider', { control: segment('ORC', { 1: 'NW', 2: 'P1', 9: '20261125103000+0000' }) }, ['no-ordering-provider ORC-12']],
  ['no accession number', { request: order({ 18: '' }) }, ['no-accession OBR-18']],
  ['no procedure', { request: order({ 4: '' }) }, ['no-procedure OBR-4']],
  ['a code without a coding system', { request: order({ 4: 'CTHEAD^CT head' }) }, ['local-code-only OBR-4']],
  ['a code beside one with a coding system', { request: order({ 4: 'CTHEAD^CT head^^24725-4^CT Head^LN' }) }, []],
  ['a code that is not in the map', { request: order({ 4: 'XYZ^?^L' }) }, ['procedure-not-mapped OBR-4']],
  ['training', { header: header('ORM^O01', { 7: '20261125104000+0000', 11: 'T' }) }, ['not-production MSH-11']],
  [
    'debugging with a made-up name',
    { header: header('ORM^O01', { 7: '20261125104000+0000', 11: 'D' }), pid: person({ 5: 'ZZTEST^PATIENT' }) },
    ['not-production MSH-11', 'name-is-test PID-5'],
  ],
  ['somebody who is called Test, in production', { pid: person({ 5: 'TEST^ANNA' }) }, []],
  ['a time without an offset', { header: header('ORM^O01'), control: segment('ORC', { 1: 'NW', 2: 'P1', 12: 'D7' }) }, ['time-without-zone MSH-7']],
  ['a time that is none', { control: segment('ORC', { 1: 'NW', 2: 'P1', 9: '2026-11-25', 12: 'D7' }) }, ['time-unreadable ORC-9']],
  ['no time at all', { header: header('ORM^O01', { 7: '' }), control: segment('ORC', { 1: 'NW', 2: 'P1', 12: 'D7' }) }, ['no-time MSH-7']],
  [
    'an order two days ahead of its message',
    { control: segment('ORC', { 1: 'NW', 2: 'P1', 9: '20261127104000+0000', 12: 'D7' }) },
    ['time-in-future ORC-9'],
  ],
  [
    'a value cut by its sender',
    { header: header('ORM^O01', { 2: '^~\\&#', 7: '20261125104000+0000', 12: '2.7' }), request: order({ 31: '^fall from a#' }) },
    ['value-truncated OBR-31'],
  ],
])('finds %s', (_, parts, expected) => {
  expect(found(parts)).toEqual(expected);
});

it('a change is not asked for what it leaves as it was, but for what it says', () => {
  const change = segment('ORC', { 1: 'XO', 2: 'P1', 9: '20261125103000+0000' });
  expect(list(good.header, 'PID|||A1^^^NORTH-MRN', change, 'OBR|1')).toEqual([]);
  expect(list(good.header, 'PID|||A1^^^NORTH-MRN', change, segment('OBR', { 31: '^n/a' }))).toEqual(['indication-is-placeholder OBR-31']);
});

it('an order whose procedures have different accession numbers', () => {
  const second = order({ 4: 'CTHEAD^CT head^L', 18: 'ACC2' });
  expect(list(good.header, good.pid, good.visit, good.control, good.request, second)).toEqual(['several-accessions OBR-18']);
});

it('judges the other messages too', () => {
  const at = { 7: '20261125104000+0000' };
  expect(list(header('ADT^A08', at), 'PID|||A1')).toEqual(['no-assigner PID-3', 'no-birth-date PID-7', 'no-sex PID-8']);
  expect(list(header('ADT^A02', at), 'PID|||A1^^^X')).toEqual([]);
  expect(list(header('ADT^A40', at), 'PID|||A1^^^X', 'MRG|B2')).toEqual(['no-assigner MRG-1']);
  expect(list(header('SIU^S12', at), 'SCH|1', 'PID|||A1^^^X')).toEqual(['no-order-number SCH-26', 'no-start SCH-11']);
  expect(list(header('ORU^R01', at), 'PID|||A1^^^X', 'OBR|1', 'OBX|1|TX|||x')).toEqual(['no-order-number OBR-3', 'no-status OBR-25']);
});

it('says nothing of the patient in any text', () => {
  for (const { text } of Object.values(findings)) expect(text).toMatch(/^[A-Z][^"{}$]+\.$/u);
  expect(events(MSH, 'PID|||SECRET-ID||SECRET^NAME||nonsense|?', 'ORC|NW|P1', 'OBR|1').flatMap((event) => event.quality)).not.toHaveLength(0);
  expect(JSON.stringify(events(MSH, 'PID|||SECRET-ID||SECRET^NAME||nonsense|?', 'ORC|NW|P1', 'OBR|1').flatMap((event) => event.quality))).not.toMatch(
    /SECRET|nonsense/u,
  );
});
