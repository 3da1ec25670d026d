import fc from 'fast-check';
import { judge } from '#adapters/hl7/door.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { messagesUsed } from '#adapters/hl7/messages-used.js';
import { hospitalEvent } from '#domain/hospital-event.js';
import { dictionary } from '../../../infra/cli/hl7-dictionary.ts';
import { bytesOf, header, noon, site } from './hl7-samples.ts';

const SECRET = 'QUALLENBERG';

/** What senders put into fields, and worse. */
const value = fc.oneof(
  fc.constantFrom(
    SECRET,
    `${SECRET}^${SECRET}^${SECRET}^${SECRET}`,
    '""',
    '""^""',
    '^^^^',
    '~~',
    '&&',
    `${SECRET}~${SECRET}`,
    '\\F\\',
    '\\',
    '\\X0D\\',
    '#',
  ),
  fc.constantFrom('NW', 'CA', 'SC', 'XO', 'NA', 'PA', 'TX', 'ED', 'RP', 'ST', 'AA', 'P', 'F', '20261125', '20261125103000+0100', '99999999', '2026'),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[|\r\n\u000b\u001c]/gu, '')),
);
const names = Object.keys(dictionary).filter((name) => !['MSH', 'FHS', 'BHS', 'BTS', 'FTS', 'DSC', 'ADD'].includes(name));
const line = fc.tuple(fc.constantFrom(...names), fc.array(value, { maxLength: 30 })).map(([name, fields]) => [name, ...fields].join('|'));
/** Most of what a message must have, so that most are read to their end. */
const needed = fc.subarray(['PID|1||A1^^^X', 'MRG|B2', 'SCH|1', 'TXA|1', 'MSA|AA|1', 'ORC|NW|P1', 'OBR|1', 'OBX|1|TX|||x'], { minLength: 5 });
const type = fc.constantFrom(...messagesUsed.map((row) => `${row.type}^${row.trigger}`));
const message = fc
  .tuple(type, needed, fc.array(line, { maxLength: 8 }), fc.dictionary(fc.constantFrom('2', '3', '4', '7', '15', '16', '18'), value, { maxKeys: 3 }))
  .map(([kind, first, lines, fields]) => bytesOf(header(kind, { ...fields, 2: fields['2'] === '#' ? '^~\\&#' : '^~\\&' }), ...first, ...lines));

it('whatever a message holds, it is judged and answered, and its events are what their schema says', () => {
  let used = 0;
  fc.assert(
    fc.property(message, (bytes) => {
      const { ackCode, events, errors, reason } = judge(bytes, site, noon);
      for (const event of events) expect(hospitalEvent.parse(event)).toEqual(event);
      expect(ackCode === 'AA').toBe(errors.length === 0);
      used += events.length > 0 ? 1 : 0;
      if (ackCode !== 'AA') expect([events, reason === null]).toEqual([[], false]);
      const verdict = hl7Door(site).judge(bytes, noon);
      const again = hl7Door(site).judge(bytes, noon);
      expect([again, again.events]).toEqual([verdict, verdict.events]);
    }),
    { numRuns: 600 },
  );
  expect(used).toBeGreaterThan(120);
});

it('what is said of a message to operators repeats nothing of it', () => {
  fc.assert(
    fc.property(message, (bytes) => {
      const { events, reason, acknowledgement, errors } = judge(bytes, site, noon);
      const said = JSON.stringify([reason, errors, acknowledgement?.detail, events.map((event) => event.quality)]);
      expect(said).not.toContain(SECRET);
    }),
    { numRuns: 600 },
  );
});

it('bytes that are no message are judged too', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.concat([Buffer.from(`${header('ORM^O01')}\r`), Buffer.from(array)])),
    fc
      .tuple(message, fc.nat(400), fc.uint8Array({ minLength: 1, maxLength: 3 }))
      .map(([whole, at, other]) => Buffer.concat([whole.subarray(0, at), Buffer.from(other), whole.subarray(at)])),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const verdict = hl7Door(site).judge(input, noon);
      expect(verdict.ackCode === 'AA' || verdict.reason !== null).toBe(true);
    }),
    { numRuns: 600 },
  );
});
