/** Numbers from a seed, the same on every machine. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }

  /** 0 to `below` - 1. */
  upTo(below: number): number {
    let next = this.state;
    next ^= next << 13;
    next ^= next >>> 17;
    next ^= next << 5;
    this.state = next >>> 0;
    return this.state % Math.max(1, below);
  }
}

/** The longest input: what goes wrong with long ones is timed by test/laws. */
const LONGEST = 500;

const HEADER = 'MSH|^~\\&|HIS|NORTH|RADLOOP|NORTH|20261125104000||ORM^O01|1|P|2.5.1';

/** What the loop begins with. Patients are invented. */
export const seeds: readonly Buffer[] = [
  `${HEADER}\rPID|1||A1^^^NORTH-MRN^MR~B2||DOE^JANE||19800515|F\rPV1|1|O\rORC|NW|P1^HIS|F1^RIS\rOBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L\r`,
  `${HEADER.replace('ORM^O01', 'ADT^A40^ADT_A39')}\rPID|1||A1\rMRG|B2\r`,
  `${HEADER.replace('ORM^O01', 'SIU^S12')}\rSCH|1|2\rPID|1||A1\rRGS|1\rAIS|1||CTHEAD\r`,
  `${HEADER.replace('ORM^O01', 'ORU^R01')}\rPID|1||A1\rOBR|1|P1|F1|CTHEAD\rOBX|1|TX|||one\\.br\\two||||||F\r`,
  `${HEADER}||||||UNICODE UTF-8\rNTE|1||\\F\\\\S\\\\T\\\\R\\\\E\\\\X0D\\\\Zx\\\\H\\M\u00fcller\\N\\\r`,
  `${HEADER}||||||~ISO IR87\rNTE|1||\u001b$B;3ED\u001b(B\\M2442\\;3ED\\C2842\\\r`,
  `${HEADER}||||AL|AL\rMSA|AA|1\r`,
  `FHS|^~\\&\rBHS|^~\\&\r${HEADER}\rPID|1\rBTS|1\rFTS|1\r`,
  `\u000b${HEADER}\rPID|1\r\u001c\r\u000b${HEADER}\r\u001c\r`,
  'MSH*:!$%*HIS*NORTH\nPID*1\r\nOBX*1\n\nAB text',
].map((text) => Buffer.from(text)).concat(Buffer.from(`${HEADER}||||||UNICODE UTF-16\rPID|1\r`, 'utf16le')); // prettier-ignore

/** What chance alone would take long to write. */
const tokens: readonly Buffer[] = [
  ...['MSH|^~\\&', 'MSH|^~\\&#|', '|', '^', '~', '\\', '&', '#', '""', '\r', '\n', '\r\n', '\u000b', '\u001c', '\u001c\r', '\ufeff', '<R>', ' '],
  ...['\rPID|', '\rORC|NW|', '\rOBR|1|', '\rOBX|1|ED|', '\rIPC|', '\rTQ1|1||||||', '\rZDS|', '\rDSC|x', '\rADD|', '\rERR|', '\rMSA|AE|1', '\rMRG|'],
  ...['\rFHS|', '\rBHS|', '\rBTS|1', '\rFTS|1', 'ORM^O01', 'OMI^O23', 'ADT^A31', 'SIU^S15', 'ORU^R01', 'MDM^T02', 'ACK', 'XO', 'CA', 'SC', '2.3', '|AL|AL'],
  ...['\\F\\', '\\S\\', '\\T\\', '\\R\\', '\\E\\', '\\P\\', '\\H\\', '\\N\\', '\\X0D0A\\', '\\.br\\', '\\.sp9\\', '\\Zab\\', '\\C2842\\', '\\M2442\\'],
  ...['ASCII', '8859/1', '8859/15', 'UNICODE UTF-8', 'UNICODE UTF-16', 'GB 18030-2000', 'BIG-5', '~ISO IR87', 'ISO IR14', 'ISO IR159', 'KS X 1001'],
  ...['WINDOWS-1252', '\u001b$B', '\u001b(B', '\u001b(I', '\u001b$)C', '20261125', '202611251040+0100', '20260308023000', '-0400', '99999999', 'CTHEAD'],
].map((text) => Buffer.from(text)).concat([[0xfc], [0x81, 0x30, 0x81, 0x30], [0xd5, 0xc5], [0xa4, 0xa4], [0xff, 0xfe], [0xfe, 0xff], [0], [0x80]].map((bytes) => Buffer.from(bytes))); // prettier-ignore

/** An input like this one, changed in one to six places; sometimes with a part of another. */
export function mutated(input: Buffer, corpus: readonly Buffer[], chance: Chance): Buffer {
  let bytes = input;
  for (let changes = 1 + chance.upTo(6); changes > 0; changes -= 1) bytes = changed(bytes, corpus, chance);
  return bytes.subarray(0, LONGEST);
}

function changed(bytes: Buffer, corpus: readonly Buffer[], chance: Chance): Buffer {
  const at = chance.upTo(bytes.length + 1);
  const length = 1 + chance.upTo(chance.upTo(4) === 0 ? 64 : 4);
  const token = tokens[chance.upTo(tokens.length)] ?? Buffer.alloc(0);
  switch (chance.upTo(8)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << chance.upTo(8));
      return flipped;
    }
    case 1:
      return joined(bytes, at, at + 1, Buffer.from([chance.upTo(256)]));
    case 2:
      return joined(bytes, at, at, token);
    case 3:
      return joined(bytes, at, at + token.length, token);
    case 4:
      return joined(bytes, at, at + length, Buffer.alloc(0));
    case 5:
      return joined(bytes, at, at, bytes.subarray(at, at + length));
    case 6: {
      const from = chance.upTo(bytes.length + 1);
      return joined(bytes, at, at, bytes.subarray(from, from + length * 4));
    }
    default: {
      const other = corpus[chance.upTo(corpus.length)] ?? bytes;
      const from = chance.upTo(other.length + 1);
      return joined(bytes, at, bytes.length, other.subarray(from));
    }
  }
}

function joined(bytes: Buffer, from: number, to: number, between: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(to)]);
}
