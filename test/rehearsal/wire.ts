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
