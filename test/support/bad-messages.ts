/** Inputs that no door may choke on, each with the answer that it must get. */
export interface BadMessage {
  readonly name: string;
  readonly bytes: Buffer;
  readonly ack: 'AA' | 'AE' | 'AR';
  /** What ERR must name (`OBR`, `MSH-18`); empty for AA. */
  readonly at: string;
  /** What becomes of it in the inbox. */
  readonly state: 'used' | 'kept' | 'refused';
  /** Part of the reason that is kept with it; null where there is none. */
  readonly reason: string | null;
}

/** A name that must appear in no log and no list. */
export const PATIENT_NAME = 'Zebrafinch';
/** Sent first, so that `another patient` comes under a known number. */
export const KNOWN_PLACER = 'KNOWN-1';

interface Parts {
  readonly placer: string;
  readonly patient?: string;
  readonly code?: string;
  readonly trigger?: string;
  readonly charset?: string;
  readonly name?: string;
  readonly facility?: string;
  /** Segments that are left out. */
  readonly without?: readonly string[];
}

/** A good order, but for what is said otherwise. The control id is the placer number. */
export function message(parts: Parts): string {
  const { placer, patient = 'M100', code = 'CTHEADWO', trigger = 'ORM^O01', charset = '', name = PATIENT_NAME, facility = 'RADLOOP-GENERAL' } = parts;
  const lines = [
    `MSH|^~\\&|RIS|${facility}|RADLOOP|RADLOOP-GENERAL|20261125100000||${trigger}|${placer}|P|2.5.1||||||${charset}`,
    `PID|1||${patient}^^^RADLOOP-MRN^MR||${name}^Test||19700101|F`,
    `ORC|NW|${placer}^TEST`,
    `OBR|1|${placer}^TEST||${code}^AN EXAM^LOCAL|||||||||||||||||||||||||||^Headache`,
  ];
  return lines.filter((line) => !(parts.without ?? []).includes(line.slice(0, 3))).map((line) => `${line}\r`).join(''); // prettier-ignore
}

/** @param door goes into every message, so that no two doors get the same bytes. */
export function badMessages(door: string): BadMessage[] {
  const good = message({ placer: `CUT-${door}` });
  const at = (name: string, text: string | Buffer, rest: Omit<BadMessage, 'name' | 'bytes'>): BadMessage => ({
    name,
    bytes: Buffer.from(text),
    ...rest,
  });
  const refused = (ack: 'AE' | 'AR', where: string, reason: string) => ({ ack, at: where, state: 'refused', reason }) as const;
  const kept = (reason: string) => ({ ack: 'AA', at: '', state: 'kept', reason }) as const;
  const used = { ack: 'AA', at: '', state: 'used', reason: null } as const;
  return [
    at('truncated in PID', good.slice(0, good.indexOf(PATIENT_NAME) + 4), refused('AE', 'ORC', 'no ORC segment')),
    at('truncated in MSH', good.slice(0, 40), refused('AR', 'MSH-9', 'MSH-9')),
    at(
      'garbage',
      Buffer.from(Array.from({ length: 5000 }, (_, index) => ((index * 7919 + door.length) % 251) | 0x40)),
      refused('AR', 'MSH', 'no HL7 v2'),
    ),
    at('empty', '', refused('AR', 'MSH', 'empty')),
    // Over HTTPS it gets no HL7 answer: 415.
    ...(door === 'MLLP' ? [at('XML', '<?xml version="1.0"?><ORM_O01/>', refused('AR', 'MSH', 'no HL7 v2'))] : []),
    at('JSON', JSON.stringify({ resourceType: 'ServiceRequest', door }), refused('AR', 'MSH', 'no HL7 v2')),
    at(
      'bytes that are not what MSH-18 says',
      Buffer.from(message({ placer: `SET1-${door}`, charset: 'UNICODE UTF-8', name: `${PATIENT_NAME}-Müller` }), 'latin1'),
      refused('AE', 'PID', 'character set'),
    ),
    at('a character set that nobody knows', message({ placer: `SET2-${door}`, charset: 'KLINGON' }), refused('AR', 'MSH-18', 'MSH-18')),
    at('an unknown trigger', message({ placer: `TRIG1-${door}`, trigger: 'ORM^Z99' }), kept('No workflow reads')),
    at('an unknown message type', message({ placer: `TRIG2-${door}`, trigger: 'ZZZ^Z01' }), kept('No workflow reads')),
    at('no PID', message({ placer: `PID-${door}`, without: ['PID'] }), refused('AE', 'PID', 'no PID segment')),
    at('no ORC', message({ placer: `ORC-${door}`, without: ['ORC'] }), refused('AE', 'ORC', 'no ORC segment')),
    at('no OBR', message({ placer: `OBR-${door}`, without: ['OBR'] }), refused('AE', 'OBR', 'no OBR segment')),
    at('an unknown procedure', message({ placer: `PROC-${door}`, code: 'NOBODYKNOWS' }), used),
    at('another patient under a known number', message({ placer: KNOWN_PLACER, patient: `OTHER-${door}` }), used),
  ];
}

/** 20 MB that begin like an order. */
export function hugeMessage(door: string): Buffer {
  const start = Buffer.from(message({ placer: `HUGE-${door}` }));
  return Buffer.concat([start, Buffer.from('NTE|1||'), Buffer.alloc(20 * 1024 * 1024 - start.length - 7, 'x')]);
}
