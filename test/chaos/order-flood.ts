import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/**
 * Sends new orders over MLLP for a time, so many a second, whatever is answered: a process of its own. Each connection waits for its answer before it sends on.
 * Whatever was answered AA stands in the ledger (hash and control id) once a tenth of a second; what came back in all is one JSON line on standard output.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    rate: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '64' },
    /** Makes control ids and order numbers that no other run has used. */
    run: { type: 'string' },
    /** `routine`: a MR that nobody is in a hurry for; `stat`: a CT at once; `ultrasound`: which the site may do without cards. */
    kind: { type: 'string', default: 'routine' },
    ledger: { type: 'string' },
  },
});

export interface Flooded {
  readonly offered: number;
  readonly taken: number;
  readonly sentAway: number;
  /** Another answer, or none. */
  readonly odd: number;
  readonly longestMs: number;
}

const port = Number(values.port);
const rate = Number(values.rate);
const first = Number(values.run) * 1_000_000;
const kinds = {
  routine: ['R', 'MRBRAINWO^MR BRAIN WO CONTRAST^L', 'MR'],
  stat: ['S', 'CTHEADWO^CT HEAD WO CONTRAST^L', 'CT'],
  ultrasound: ['R', 'USRUQ^US ABDOMEN RIGHT UPPER QUADRANT^L', 'US'],
} as const;
const [priority, procedure, modality] = kinds[values.kind as keyof typeof kinds];
let offered = 0;
let taken = 0;
let sentAway = 0;
let odd = 0;
let longestMs = 0;
let acked: string[] = [];

function messageOf(n: number): Buffer {
  const id = String(first + n).padStart(9, '0');
  const text = [
    `MSH|^~\\&|FLOODRIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|20261125104000+0000||ORM^O01^ORM_O01|F${id}|P|2.5.1|||||USA|UNICODE UTF-8`,
    'PID|1||7000123^^^RADLOOP-MRN^MR||Flood^Florence^Q^^^^L||19590214|F',
    'PV1|1|O|RAD^WAIT^1^RADLOOP-GENERAL||||D4711^Haddad^Samir^^^Dr^MD|||||||||||||||||||||||||||||||||||||20261125100000+0000',
    `ORC|NW|P${id}^FLOODRIS|F${id}^FLOODRIS||SC||1^once^^20261125110000^^${priority}||20261125104000+0000|CLERK^Clerk^Carla||D4711^Haddad^Samir^^^Dr^MD`,
    `OBR|1|P${id}^FLOODRIS|F${id}^FLOODRIS|${procedure}|||20261125104000+0000||||||Headache for three days|||D4711^Haddad^Samir^^^Dr^MD||A${id}||||||${modality}|||1^once^^20261125110000^^${priority}||||^Persistent headache`,
    '',
  ].join('\r');
  return Buffer.from(text, 'latin1');
}

const began = performance.now();
const until = began + Number(values.seconds) * 1000;

/** Resolves with the answer; empty when the connection ended without one. */
function exchange(socket: Socket, bytes: Buffer): Promise<string> {
  return new Promise((done) => {
    let answer = '';
    const onData = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      if (answer.includes('\x1c')) over();
    };
    const over = (): void => {
      socket.off('data', onData).off('close', over);
      done(answer);
    };
    socket.on('data', onData).on('close', over);
    socket.write(Buffer.concat([Buffer.from([0x0b]), bytes, Buffer.from([0x1c, 0x0d])]));
  });
}

async function drive(): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.on('error', () => undefined);
  await new Promise((done) => socket.once('connect', done).once('close', done));
  while (performance.now() < until && !socket.destroyed) {
    const due = began + (offered * 1000) / rate;
    if (due > until) break;
    const early = due - performance.now();
    offered += 1;
    const bytes = messageOf(offered);
    if (early > 1) await pause(early);
    const sent = performance.now();
    const answer = await exchange(socket, bytes);
    longestMs = Math.max(longestMs, performance.now() - sent);
    if (answer.includes('MSA|AA|')) {
      taken += 1;
      acked.push(createHash('sha256').update(bytes).digest('hex'));
    } else if (answer.includes('MSA|AE|') && answer.includes('|207^')) sentAway += 1;
    else odd += 1;
  }
  socket.destroy();
}

const write = (): void => {
  if (values.ledger !== undefined && acked.length > 0) appendFileSync(values.ledger, `${acked.join('\n')}\n`);
  acked = [];
};
const writing = setInterval(write, 100);
await Promise.all(Array.from({ length: Number(values.connections) }, drive));
clearInterval(writing);
write();
process.stdout.write(`${JSON.stringify({ offered, taken, sentAway, odd, longestMs: Math.round(longestMs) } satisfies Flooded)}\n`);
