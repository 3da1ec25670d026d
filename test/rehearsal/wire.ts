import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** The other end of the wire for tests: raw MLLP frames over net, sharing no code with either side. */
export function frame(text: string): Buffer {
  return Buffer.from(`\u000b${text}\u001c\r`, 'utf8');
}

/** Splits what came into whole frames (texts without delimiters) and the rest. */
function split(held: Buffer): { readonly texts: string[]; readonly rest: Buffer } {
  const texts: string[] = [];
  let rest = held;
  for (;;) {
    const end = rest.indexOf('\u001c\r');
    if (end < 0) return { texts, rest };
    texts.push(rest.subarray(rest.indexOf(0x0b) + 1, end).toString('utf8'));
    rest = rest.subarray(end + 2);
  }
}

export function field(text: string, segment: string, index: number): string {
  const line = text.split('\r').find((one) => one.startsWith(`${segment}|`)) ?? '';
  return line.split('|')[segment === 'MSH' ? index - 1 : index] ?? '';
}

export interface Receiver {
  readonly port: number;
  /** Every message that came in, in order, repeats among them. */
  readonly messages: string[];
  stop(): Promise<void>;
}

/** Takes orders. `answer` gives the ACK code, or what else to do with the line. */
export async function receiver(
  answer: (text: string, nth: number) => 'AA' | 'AE' | 'AR' | 'cut' | 'silent' = () => 'AA',
  port = 0,
): Promise<Receiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let held: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const { texts, rest } = split(Buffer.concat([held, chunk]));
      held = rest;
      for (const text of texts) {
        messages.push(text);
        const code = answer(text, messages.length);
        if (code === 'cut') socket.destroy();
        else if (code !== 'silent')
          socket.write(frame(`MSH|^~\\&|R|F|S|F|20261125||ACK|${String(messages.length)}|P|2.5.1\rMSA|${code}|${field(text, 'MSH', 10)}\r`));
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/** Sends frames in one write on one line and gives as many answers (texts). */
export async function sendFrames(port: number, texts: readonly string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1');
  const answers: string[] = [];
  let held: Buffer = Buffer.alloc(0);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('the line was closed'));
      });
      socket.on('data', (chunk: Buffer) => {
        const got = split(Buffer.concat([held, chunk]));
        held = got.rest;
        answers.push(...got.texts);
        if (answers.length >= texts.length) resolve();
      });
      socket.write(Buffer.concat(texts.map(frame)));
    });
  } finally {
    socket.destroy();
  }
  return answers;
}

export interface Said {
  readonly controlId: string;
  readonly order: string;
  readonly protocol: string;
  readonly confidence?: string;
  readonly by?: string;
}

export function recommendation({ controlId, order, protocol, confidence = '0.83' }: Said): string {
  return [
    `MSH|^~\\&|RADLOOP|RADLOOP-GENERAL|REHEARSAL-RIS|RADLOOP-GENERAL|20261125104000+0000||ORU^R01^ORU_R01|${controlId}|P|2.5.1||||||UNICODE UTF-8`,
    'PID|1||M101000^^^RADLOOP-MRN^MR',
    `ORC|RE|${order}^REHEARSAL-EHR`,
    `OBR|1|${order}^REHEARSAL-EHR||CTHEADWO^CT HEAD WO CONTRAST^LOCAL|||||||||||||||||||||P`,
    `OBX|1|CE|PROTOCOL^^L||${protocol}^Protocol ${protocol}^RADLOOP||||||P`,
    `OBX|2|NM|CONFIDENCE^^L||${confidence}||||||P`,
    'OBX|3|ST|RULES^^L||protocol-catalogue@2026-11||||||P',
    '',
  ].join('\r');
}

export function approval({ controlId, order, protocol, by = 'dr-okafor^Okafor^Ngozi' }: Said): string {
  return [
    `MSH|^~\\&|RADLOOP|RADLOOP-GENERAL|REHEARSAL-RIS|RADLOOP-GENERAL|20261125104100+0000||ORM^O01^ORM_O01|${controlId}|P|2.5.1||||||UNICODE UTF-8`,
    'PID|1||M101000^^^RADLOOP-MRN^MR',
    `ORC|XO|${order}^REHEARSAL-EHR|||||||20261125104100+0000||${by}`,
    `OBR|1|${order}^REHEARSAL-EHR||CTHEADWO^CT HEAD WO CONTRAST^LOCAL|||||||||||||||${protocol}^Protocol ${protocol}`,
    '',
  ].join('\r');
}

/** Results of a critical result, as its version says: `withdrawn` takes them away. */
export function critical(said: {
  readonly controlId: string;
  readonly order: string;
  readonly of: string;
  readonly version: number;
  readonly status?: 'withdrawn';
}): string {
  const { controlId, order, of, version, status } = said;
  const results =
    status === undefined
      ? ['TX|CRIT-FINDING^Critical finding^99RADLOOP||tension pneumothorax', 'ST|CRIT-RECEIVED-BY^Received by^99RADLOOP||Liya Abebe']
      : ['TS|CRIT-WITHDRAWN^Withdrawn^99RADLOOP||20261125104000+0000'];
  return [
    `MSH|^~\\&|RADLOOP|RADLOOP-GENERAL|REHEARSAL-RIS|RADLOOP-GENERAL|20261125104000+0000||ORU^R01^ORU_R01|${controlId}|P|2.5.1||||||UNICODE UTF-8`,
    'PID|1||M101000^^^RADLOOP-MRN^MR',
    `ORC|RE|${order}^REHEARSAL-EHR`,
    `OBR|1|${order}^REHEARSAL-EHR||CTHEADWO^CT HEAD WO CONTRAST^LOCAL|||||||||||||||||||||${version === 1 ? 'F' : 'C'}`,
    ...[...results, `ST|CRIT-CASE^Case number^99RADLOOP||${of}`, `NM|CRIT-VERSION^Version^99RADLOOP||${String(version)}`].map(
      (line, n) => `OBX|${String(n + 1)}|${line}||||||F`,
    ),
    '',
  ].join('\r');
}

/** The addendum of a critical result as a document, or its replacement. */
export function document(said: { readonly controlId: string; readonly order: string; readonly number: string; readonly replaces?: string }): string {
  const { controlId, order, number, replaces } = said;
  return [
    `MSH|^~\\&|RADLOOP|RADLOOP-GENERAL|REHEARSAL-RIS|RADLOOP-GENERAL|20261125104000+0000||MDM^${replaces === undefined ? 'T02' : 'T10'}^MDM_T02|${controlId}|P|2.5.1||||||UNICODE UTF-8`,
    'EVN||20261125104000+0000',
    'PID|1||M101000^^^RADLOOP-MRN^MR',
    'PV1|1|E',
    `ORC|RE|${order}^REHEARSAL-EHR`,
    `OBR|1|${order}^REHEARSAL-EHR||CTHEADWO^CT HEAD WO CONTRAST^LOCAL`,
    `TXA|1|DI|TX|20261125104000+0000||||||||${number}^RADLOOP|${replaces ?? ''}|${order}^REHEARSAL-EHR|||DO||AV`,
    'OBX|1|TX|CRIT-ADDENDUM^Addendum for signature^99RADLOOP||Communicated.||||||P',
    '',
  ].join('\r');
}
