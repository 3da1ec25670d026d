import { createHmac } from 'node:crypto';
import { allowed } from '#adapters/telemetry/allowed.js';
import { crashText, withoutMessage } from '#adapters/telemetry/crash.js';
import { allowListLog } from '#adapters/telemetry/log.js';
import { LOG_LINES } from '#ports/log-lines.js';
import type { FieldKind } from '#ports/log-lines.js';
import type { Log } from '#ports/log.js';
import { t0 } from '../support/store-fixture.ts';

const hash = (text: string) => createHmac('sha256', 'secret').update(text).digest();

function logTo() {
  const lines: string[] = [];
  const dropped: string[] = [];
  const log = allowListLog({
    write: (line) => lines.push(line),
    clock: { now: () => t0 },
    allowed: allowed(['general', 'ris2'], hash),
    dropped: (what) => dropped.push(what),
  });
  /** As code that the compiler has not seen may call it. */
  const unchecked = log as unknown as Record<'info' | 'error', (line: string, fields?: object) => void>;
  return { log, unchecked, lines, dropped, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('The log', () => {
  it('writes a line of the list with fields of the list', () => {
    const { log, last, dropped } = logTo();
    log.info('hl7.received', { endpoint: 'mllp:general', ack: 'AA', type: 'ORM^O01', state: 'new', fresh: true });
    expect(last()).toEqual({
      at: t0,
      level: 'info',
      event: 'hl7.received',
      endpoint: 'mllp:general',
      ack: 'AA',
      type: 'ORM^O01',
      state: 'new',
      fresh: true,
    });
    expect(dropped).toEqual([]);
  });

  it('writes no line and no field that is not on the list, and counts both', () => {
    const { unchecked, lines, last, dropped } = logTo();
    unchecked.error('patient.seen', { name: 'DOE^JANE' });
    unchecked.error('__proto__', { name: 'DOE^JANE' });
    expect(lines).toEqual([]);
    unchecked.error('hl7.not-kept', { endpoint: 'mllp', patient: 'DOE^JANE', constructor: 'DOE' });
    expect(last()).toEqual({ at: t0, level: 'error', event: 'hl7.not-kept', endpoint: 'mllp' });
    expect(dropped).toEqual(['line', 'line', 'field', 'field']);
  });

  it('writes no value that is not of its field’s kind, whatever the field (invariant 36)', () => {
    const text = 'DOE^JANE 77341902';
    for (const [line, fields] of Object.entries(LOG_LINES) as [string, Record<string, FieldKind>][]) {
      for (const name of Object.keys(fields)) {
        for (const value of [
          text,
          [text],
          { text },
          new Error(text),
          Object.assign(new Error(text), { name: text, code: text }),
          Symbol(text),
          `${text}\r\n{}`,
          BigInt(77341902),
        ]) {
          const { unchecked, lines } = logTo();
          unchecked.error(line, { [name]: value });
          expect(lines).toHaveLength(1);
          expect(lines[0]).not.toMatch(/DOE|JANE|77341902/u);
        }
      }
    }
  });

  it('writes of an error its class and Node’s code, never what it says or calls itself', () => {
    const { log, last } = logTo();
    class StoreGone extends Error {}
    log.error('worker.failed', { worker: 'events', fault: Object.assign(new StoreGone('DOE^JANE'), { name: 'DOE' }) });
    expect(last()).toMatchObject({ fault: 'StoreGone' });
    log.error('worker.failed', { worker: 'outbox to ris2', fault: Object.assign(new Error('DOE'), { code: 'ENOSPC' }) });
    expect(last()).toMatchObject({ worker: 'outbox to ris2', fault: 'Error ENOSPC' });
    for (const worker of [
      'outbox to page:sms',
      'outbox critical',
      'outbox drills',
      'outbox STAT',
      'outbox edits',
      'outbox new cards',
      'deliver page',
    ]) {
      log.error('worker.failed', { worker, fault: new Error('DOE') });
      expect(last()).toMatchObject({ worker });
    }
    log.error('worker.failed', { worker: 'events', fault: 'DOE^JANE' });
    expect(last()).toMatchObject({ fault: 'no Error' });
  });

  it('names an id only by its keyed hash, and a type that is not on the list `other`', () => {
    const { log, last } = logTo();
    log.info('queue.acted', { act: 'retry', item: 'd12', done: true });
    expect(last()['item']).toBe(hash('d12').toString('hex').slice(0, 16));
    log.info('hl7.received', { endpoint: 'mllp', type: 'DOE^JANE', ack: 'AA' });
    expect(last()['type']).toBe('other');
  });

  it('writes one line whatever stands in it', () => {
    const { unchecked, lines } = logTo();
    unchecked.info('hl7.received', { endpoint: 'mllp\r\n{"level":"error","event":"forged"}', ack: 'AA\n' });
    expect(lines.join('')).not.toMatch(/[\r\n]|forged/u);
  });

  it('is typed: a line or field that is not on the list does not compile', () => {
    const { log } = logTo();
    const typed = (one: Log): void => {
      // @ts-expect-error no such line
      one.info('patient.seen');
      // @ts-expect-error no such field
      one.info('hl7.received', { patient: 'x' });
    };
    typed(log);
    expect(typed).toBeDefined();
  });
});

describe('What a crash says', () => {
  it('is the class and the places, also where the message looks like a place (invariant 36)', () => {
    const error = new TypeError('DOE^JANE\n    at DOE (file:///JANE DOE:1:1)\n    at JANE');
    const text = crashText(error);
    expect(text).toContain('Radloop ended: TypeError.');
    expect(text).toMatch(/at .*log\.test\.ts:\d+:\d+/u);
    expect(text).not.toMatch(/DOE|JANE/u);
    expect(crashText('DOE')).not.toContain('DOE');
    expect(`${withoutMessage(error).message} ${withoutMessage(error).stack ?? ''}`).not.toMatch(/DOE|JANE/u);
  });
});
