import { SEGMENT_SPECS } from 'node-hl7-client';
import { dictionary } from '../../../infra/cli/hl7-dictionary.ts';

/** Words alone: the other dictionary writes the segment's name behind a field's, marks of HL7 2.1 and abbreviations. */
function words(text: string, segment: string): string {
  return text
    .toLowerCase()
    .replaceAll('&', 'and')
    .replace(/[^a-z0-9]+/gu, ' ')
    .replace(new RegExp(` ${segment.toLowerCase()} ?$`, 'u'), '')
    .trim();
}

/** Where the names differ, and why ours stands: HL7 2.8 renamed some, the other dictionary shortens others. */
const others: Readonly<Record<string, string>> = {
  'PID-35': 'taxonomic classification code',
  'OBR-22': 'results rpt status chng date time',
  'OBR-24': 'diagnostic serv sect id',
  'OBX-8': 'interpretation codes',
  'GT1-6': 'guarantor ph num home',
  'GT1-7': 'guarantor ph num business',
  'TXA-23': 'distributed copies code and name of recipient s',
  'AIL-4': 'location type',
};

const known = Object.entries(SEGMENT_SPECS as unknown as Readonly<Record<string, { readonly fields: readonly { readonly name: string }[] }>>);

it.each(Object.keys(dictionary).filter((name) => name !== 'ZDS'))('%s has the fields that another dictionary of the standard has', (segment) => {
  const theirs = known.find(([name]) => name === segment)?.[1].fields ?? [];
  const expected = theirs.map(({ name }, index) => others[`${segment}-${String(index + 1)}`] ?? words(name, segment));
  const ours = (dictionary[segment]?.fields ?? []).map((name, index) => others[`${segment}-${String(index + 1)}`] ?? words(name, segment));
  expect(ours).toEqual(expected);
});

it('says of each difference what the other has', () => {
  for (const [place, theirs] of Object.entries(others)) {
    const [segment = '', field] = place.split('-');
    const spec = known.find(([name]) => name === segment)?.[1].fields[Number(field) - 1];
    expect(words(spec?.name ?? '', segment)).toBe(theirs);
  }
});
