import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { decode } from '#adapters/hl7/message.js';
import type { Segment } from '#adapters/hl7/message.js';
import { bytesOf, header, judged, noon, site } from './hl7-samples.ts';

/**
 * What another interface engine (Connect) makes of its own test files: pairs of an ER7 text and an XML with every value. The XML is its expectation; here each
 * of its values is looked for at the same place in our reading of the ER7 text. Where an ER7 text was made from the XML, the text is read.
 */
const folder = join(process.cwd(), '../shared/data/bad-inputs/hl7_connect');
const isThere = existsSync(folder);
const when = isThere ? '' : ' (not run: ../shared/data is absent)';
const test = isThere ? it : it.skip;

/** One value: field, repetition, component, subcomponent; a part that the XML does not go down to is null. */
interface Leaf {
  readonly field: number;
  readonly repetition: number;
  readonly component: number | null;
  readonly subcomponent: number | null;
  readonly text: string;
}

function file(name: string): Buffer {
  return readFileSync(join(folder, `test-hl7-${name}`));
}

/** Segments of that XML in order, with their leaves. Made for these files: no attributes, no comments. */
function expected(xml: string): readonly { readonly name: string; readonly leaves: readonly Leaf[] }[] {
  const segments: { name: string; leaves: Leaf[]; seen: number[] }[] = [];
  for (const [, name = '', empty, text] of xml.matchAll(/<([A-Z][A-Z0-9]{2}(?:\.\d+)*)(\/)?>(?:([^<]*)<\/\1>)?/gu)) {
    const [segment = '', field, component, subcomponent] = name.split('.');
    if (field === undefined) segments.push({ name: segment, leaves: [], seen: [] });
    const current = segments.at(-1);
    if (current === undefined || field === undefined) continue;
    const at = Number(field);
    if (component === undefined) current.seen[at] = (current.seen[at] ?? 0) + 1;
    const leaf = { field: at, repetition: current.seen[at] ?? 1, component: numberOf(component), subcomponent: numberOf(subcomponent) };
    if (empty !== undefined) current.leaves.push({ ...leaf, text: '' });
    else if (text !== undefined) current.leaves.push({ ...leaf, text: plain(text) });
  }
  return segments;
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

function plain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&');
}

function ours(segment: Segment | undefined, leaf: Leaf): string {
  return segment?.value(leaf.field, leaf.component ?? undefined, leaf.subcomponent ?? undefined, leaf.repetition) ?? 'no segment';
}

/** Places where our reading differs, with both values. */
function differences(segments: readonly Segment[], xml: string): readonly string[] {
  // Five values in the smallest: a reader of XML that found nothing would find no difference.
  expect(expected(xml).flatMap((segment) => segment.leaves).length).toBeGreaterThanOrEqual(5);
  return expected(xml).flatMap(({ name, leaves }, index) => {
    const segment = segments[index];
    if (segment?.name !== name) return [`segment ${String(index)}: ${String(segment?.name)} is not ${name}`];
    return leaves
      .filter((leaf) => ours(segment, leaf) !== leaf.text)
      .map(
        (leaf) =>
          `${name}-${[leaf.field, leaf.component, leaf.subcomponent].filter((part) => part !== null).join('.')} "${ours(segment, leaf)}" is not "${leaf.text}"`,
      );
  });
}

function segmentsOf(bytes: Buffer): readonly Segment[] {
  return decode(bytes).message?.segments ?? [];
}

describe('of each ER7 text our reading has every value that its XML has', () => {
  test.each(['repetitions', 'subcomponents', 'whitespace'])(`%s${when}`, (name) => {
    const xml = file(`${name}-output.xml`).toString();
    expect(differences(segmentsOf(file(`${name}-input.txt`)), xml)).toEqual([]);
  });

  test(`a batch: the XML runs its messages together with FHS and BHS, here each is a message of its own${when}`, () => {
    const messages = hl7Door(site).split(file('batch-input.txt'))?.messages ?? [];
    const xml = file('batch-output.xml').toString();
    const own = xml.slice(xml.indexOf('<MSH>'));
    expect(messages.length).toBe(own.split('<MSH>').length - 1);
    expect(differences(messages.flatMap(segmentsOf), own)).toEqual([]);
  });
});

describe('of each XML the ER7 text that it stands for is read with its values', () => {
  test.each(['1636', 'missing-components', 'missing-fields', 'missing-subcomponents'])(`%s${when}`, (name) => {
    expect(differences(segmentsOf(file(`${name}-output.txt`)), file(`${name}-input.xml`).toString())).toEqual([]);
  });

  test(`a single segment and a single field are no messages: with a header before them they are read the same${when}`, () => {
    const [segment, field] = [file('single-segment-output.txt').toString(), file('single-field-output.txt').toString()];
    expect(judged(segment).errors).toMatchObject([{ segment: 'MSH', code: '100' }]);
    expect(differences(segmentsOf(bytesOf(header('ADT^A08'), segment)).slice(1), file('single-segment-input.xml').toString())).toEqual([]);
    const xml = `<PID>${file('single-field-input.xml').toString()}</PID>`;
    expect(differences(segmentsOf(bytesOf(header('ADT^A08'), `PID|${'|'.repeat(10)}${field}`)).slice(1), xml)).toEqual([]);
  });
});

describe('what differs on purpose', () => {
  test(`blanks around a value are kept in the bytes and in value(), and left out of what the workflows see${when}`, () => {
    const [, pid] = segmentsOf(file('whitespace-input.txt'));
    expect([pid?.value(2, 1), pid?.text(2, 1)]).toEqual(['  4223161584', '4223161584']);
  });

  test(`fragments that the engine converts are no orders here: without PID, ORC and OBR they are refused${when}`, () => {
    for (const name of ['repetitions-input.txt', 'subcomponents-input.txt', 'whitespace-input.txt', '1636-output.txt']) {
      const { answers, ackCode, reason } = hl7Door(site).judge(file(name), noon);
      expect(ackCode).toBe('AE');
      expect(reason).toMatch(/an order needs PID, ORC and OBR/u);
      // MSH-15 AL, MSH-16 NE: the commit answer alone. The refusal is in the operator's list.
      expect([answers.commit === null, answers.application]).toEqual([false, null]);
    }
  });

  test(`XML is refused and never opened, external entities among it${when}`, () => {
    for (const name of ['test-xxe-example.xml', 'test-xxe-hl7-example.xml', 'test-hl7-1636-input.xml']) {
      expect(hl7Door(site).judge(readFileSync(join(folder, name)), noon)).toMatchObject({ ackCode: 'AR', events: [] });
    }
  });
});
