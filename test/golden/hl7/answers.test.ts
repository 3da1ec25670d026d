import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { decode } from '#adapters/hl7/message.js';
import type { Message } from '#adapters/hl7/message.js';
import type { Answers } from '#ports/hl7-door.js';
import { bytesOf, header, noon, OBR, ORC, PID, site } from './hl7-samples.ts';

const door = hl7Door(site);
const content = [PID, ORC, OBR];

/** An order, asked to be answered so. `null`: the field is empty. */
function message(accept: string, application: string, lines: readonly string[] = content, others: Readonly<Record<number, string>> = {}): Buffer {
  return bytesOf(header('ORM^O01', { ...others, 15: accept, 16: application }), ...lines);
}

function read(answer: Buffer | null): Message | null {
  const decoded = answer === null ? null : decode(answer);
  if (decoded?.ok === false) throw new Error(decoded.problem.text);
  return decoded?.message ?? null;
}

/** MSA-1 of the commit and of the application answer, `-` for none. */
function codes({ commit, application }: Answers): string {
  return [commit, application].map((answer) => read(answer)?.text('MSA-1') ?? '-').join(' ');
}

const good = content;
const bad = [PID, ORC];
const isWrong = { 11: 'X' };

describe('what MSH-15 and MSH-16 ask for', () => {
  it.each([
    // MSH-15, MSH-16, good, content not taken, header not taken, store failed
    ['', '', '- AA', '- AE', '- AR', '- AE'],
    ['""', '""', '- AA', '- AE', '- AR', '- AE'],
    ['AL', 'AL', 'CA AA', 'CA AE', 'CR -', 'CE -'],
    ['AL', 'NE', 'CA -', 'CA -', 'CR -', 'CE -'],
    ['AL', 'ER', 'CA -', 'CA AE', 'CR -', 'CE -'],
    ['AL', 'SU', 'CA AA', 'CA -', 'CR -', 'CE -'],
    ['AL', '', 'CA -', 'CA -', 'CR -', 'CE -'],
    ['NE', 'AL', '- AA', '- AE', '- AR', '- AE'],
    ['NE', 'NE', '- -', '- -', '- -', '- -'],
    ['NE', 'ER', '- -', '- AE', '- AR', '- AE'],
    ['NE', 'SU', '- AA', '- -', '- -', '- -'],
    ['', 'AL', '- AA', '- AE', '- AR', '- AE'],
    ['ER', 'AL', '- AA', '- AE', 'CR -', 'CE -'],
    ['ER', 'NE', '- -', '- -', 'CR -', 'CE -'],
    ['SU', 'AL', 'CA AA', 'CA AE', '- AR', '- AE'],
    ['SU', 'SU', 'CA AA', 'CA -', '- -', '- -'],
    ['al', 'ne', 'CA -', 'CA -', 'CR -', 'CE -'],
    ['XX', '', 'CA -', 'CA -', 'CR -', 'CE -'],
  ])('MSH-15 "%s", MSH-16 "%s": %s, %s, %s, %s', (accept, application, whenGood, whenBad, whenWrong, whenFailed) => {
    const judged = (lines: readonly string[], others = {}): string => codes(door.judge(message(accept, application, lines, others), noon).answers);
    expect([judged(good), judged(bad), judged(good, isWrong)]).toEqual([whenGood, whenBad, whenWrong]);
    const why = { segment: 'MSH', field: null, code: '207', text: 'The message could not be stored: send it again later' };
    expect(codes(door.refuse(message(accept, application), 'AE', why, noon))).toBe(whenFailed);
  });

  it('answers a stranger and what is too long AR, in enhanced mode CR, with the reason', () => {
    const why = { segment: 'MSH', field: 4, code: '207', text: 'This sending facility (MSH-4) may not come in at this door' };
    expect(codes(door.refuse(message('', ''), 'AR', why, noon))).toBe('- AR');
    const { commit, application } = door.refuse(message('AL', 'AL'), 'AR', why, noon);
    expect(application).toBeNull();
    expect(read(commit)?.text('MSA-1')).toBe('CR');
    expect(read(commit)?.text('ERR-8')).toBe(why.text);
  });
});

describe('the two answers of enhanced mode', () => {
  const bytes = message('AL', 'AL', bad);
  const { commit, application } = door.judge(bytes, noon).answers;

  it('are messages of their own: the application answer asks for none', () => {
    const [first, second] = [read(commit), read(application)];
    expect(first?.text('MSH-10')).not.toBe(second?.text('MSH-10'));
    expect([first?.text('MSA-2'), second?.text('MSA-2')]).toEqual(['MSG1', 'MSG1']);
    expect([second?.text('MSH-15'), second?.text('MSH-16')]).toEqual(['NE', 'NE']);
    expect(first?.all('ERR')).toHaveLength(0);
    expect(second?.text('ERR-2.1')).toBe('OBR');
  });

  it('are the same bytes for the same message and moment, invariant 3', () => {
    expect(door.judge(bytes, noon).answers).toEqual({ commit, application });
  });
});

describe('an answer is not answered', () => {
  const answer = (type: string, others: Readonly<Record<number, string>> = {}, code = 'AA'): Answers =>
    door.judge(bytesOf(header(type, others), `MSA|${code}|OUR1`), noon).answers;

  it.each(['ACK^O01', 'ACK', 'MCF', 'ORR^O02', 'ORI^O24', 'ORG^O20', 'RSP^K22'])('%s: nothing', (type) => {
    expect(codes(answer(type))).toBe('- -');
    expect(codes(answer(type, {}, 'no code'))).toBe('- -');
  });

  it('but for the commit answer that its MSH-15 asks for', () => {
    expect(codes(answer('ACK^O01', { 15: 'AL', 16: 'AL' }))).toBe('CA -');
    expect(codes(answer('ORR^O02', { 15: 'NE', 16: 'AL' }))).toBe('- -');
  });

  it('and one that is refused is not answered either', () => {
    expect(codes(answer('ACK^O01', { 11: '' }))).toBe('- -');
  });
});

describe('an answer', () => {
  const applicationOf = (fields: Readonly<Record<number, string>>): string => {
    const { application } = hl7Door(site).judge(bytesOf(header('', { ...fields }), ...content), noon).answers;
    return application?.toString('latin1') ?? '';
  };

  it('is made of its own message where a control character in one header makes it look like another', () => {
    const first = applicationOf({ 6: 'RAD', 9: 'ZZZ\u0001ADT^A01', 10: 'M1' });
    const second = applicationOf({ 6: 'RAD\u0001ZZZ', 9: 'ADT^A01', 10: 'M2' });
    expect(first.split('|')[3]).toBe('RAD');
    expect(second.split('|')[3]).toBe('RAD\\X01\\ZZZ');
    expect(applicationOf({ 6: 'RAD\u0001ZZZ', 9: 'ADT^A01', 10: 'M2' })).toBe(second);
  });
});

describe('what was hashed', () => {
  it('and is not judged does not stay in memory', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const own = hl7Door(site);
    const seen: WeakRef<Buffer>[] = [];
    (() => {
      const bytes = Buffer.alloc(1_000_000);
      own.hash(bytes);
      seen.push(new WeakRef(bytes));
    })();
    return new Promise<void>((resolve) => {
      setTimeout(() => {
        collect();
        expect(seen[0]?.deref()).toBeUndefined();
        resolve();
      }, 10);
    });
  });
});

describe('an acknowledgement', () => {
  const acknowledgement = (...lines: readonly string[]): unknown => door.judge(bytesOf(header('ACK^O01'), ...lines), noon).acknowledgement;

  it.each(['AA', 'AE', 'AR', 'CA', 'CE', 'CR'])('%s names what it answers', (code) => {
    expect(acknowledgement(`MSA|${code}|OUR1`)).toEqual({ type: 'acknowledgementReceived', code, controlId: 'OUR1', detail: '' });
  });

  it('tells codes and places of its errors, and no text of theirs', () => {
    const said = acknowledgement(
      'MSA|AE|OUR1|JANE DOE is unknown',
      'ERR||PID^1^3|204^Unknown key identifier^HL70357|E||||JANE DOE is unknown',
      'ERR|OBR^1^4^101&Required field missing&HL70357',
    );
    expect(said).toMatchObject({ detail: '204 at PID-3, 101 at OBR-4' });
  });
});

describe('a batch', () => {
  const one = bytesOf(header('ORM^O01', { 10: 'M1' }), ...content);
  const two = bytesOf(header('ORM^O01', { 10: 'M2' }), ...content);

  it('is split into its messages, each byte for byte', () => {
    const batch = Buffer.concat([Buffer.from('FHS|^~\\&|HIS\rBHS|^~\\&|HIS\r'), one, two, Buffer.from('BTS|2\rFTS|1\r')]);
    expect(door.split(batch)).toEqual({ messages: [one, two], problem: null });
    expect(door.split(one)).toBeNull();
  });

  it('is answered by a batch of answers', () => {
    const answers = [one, two].map((bytes) => door.judge(bytes, noon).answers.application ?? Buffer.alloc(0));
    expect(door.split(door.batchOf(answers, noon))).toEqual({ messages: answers, problem: null });
  });
});

it.each(['GB \\18030-2000', '\\S\\~'])(
  'names no character set that nobody can read (%s), so that a refusal for another reason can be read',
  (declared) => {
    const bytes = Buffer.from(`MSH|Í~\\&|HIS|NORTH|RADLOOP|NORTH|20261125104000||ORM^O01|1|P|2.5.1||||||${declared}\r`, 'latin1');
    const refused = hl7Door(site).judge(bytes, noon).answers.application;
    const read = decode(refused ?? Buffer.alloc(0));
    expect(read.ok && [read.message.text('MSA-1'), read.message.text('MSH-18')]).toEqual(['AR', '']);
  },
);

it('is not written in the set that it refuses, and does not name it: UTF-16 over MLLP', () => {
  const refused = hl7Door(site).judge(Buffer.from(`${header('ORM^O01', { 18: 'UNICODE UTF-16' })}\rPID|1\r`, 'utf16le'), noon).answers.application;
  const read = decode(refused ?? Buffer.alloc(0));
  expect(read.ok && [read.message.text('MSA-1'), read.message.text('MSH-18'), read.message.text('ERR-3.1')]).toEqual(['AR', '', '103']);
});
