import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { parseArgs } from 'node:util';

/**
 * Sends orders over MLLP for a time, stop-and-wait on each connection, and prints one JSON line of what came back.
 * A process of its own, so that what it costs is not taken for the server's. Times run from the last byte handed to the socket to the whole ACK.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    connections: { type: 'string', default: '64' },
    /** Give up after so many seconds. */
    seconds: { type: 'string', default: '5' },
    /** Stop after so many messages; 0: only the time counts. */
    messages: { type: 'string', default: '0' },
    /** So many per second at most, in all; 0: as fast as they are answered. */
    rate: { type: 'string', default: '0' },
    /** Makes control ids and order numbers that no other run has used. */
    run: { type: 'string', default: '1' },
  },
});

export interface Generated {
  readonly messages: number;
  readonly seconds: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Answers that did not say AA for the message that was sent, and messages without an answer. */
  readonly wrong: number;
  /** Answers whose control id (MSH-10) another answer had before. */
  readonly sharedIds: number;
  /** Share of one core that the generator used. */
  readonly core: number;
}

/** A CT order of about 1 kB; `#########` is replaced by a number. */
const text = [
  'MSH|^~\\&|BENCHRIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|20261125104000+0000||ORM^O01^ORM_O01|B#########|P|2.5.1|||||USA|UNICODE UTF-8',
  'PID|1||7000123^^^RADLOOP-MRN^MR~900-12-3456^^^SSA^SS||Bench^Bernadette^Q^^^^L||19590214|F|||12 Long Lane^^Springfield^IL^62701^USA^H||^PRN^PH^^1^217^5550123|||M|||900-12-3456',
  'PV1|1|O|RAD^WAIT^1^RADLOOP-GENERAL||||D4711^Haddad^Samir^^^Dr^MD|D4711^Haddad^Samir^^^Dr^MD|||||||||||V#########|||||||||||||||||||||||||20261125100000+0000',
  'ORC|NW|P#########^BENCHRIS|F#########^BENCHRIS||SC||1^once^^20261125110000^^R||20261125104000+0000|CLERK^Clerk^Carla||D4711^Haddad^Samir^^^Dr^MD|RADWAIT|^WPN^PH^^1^217^5550188',
  'OBR|1|P#########^BENCHRIS|F#########^BENCHRIS|CTHEADWO^CT HEAD WO CONTRAST^L|||20261125104000+0000||||||Headache for three days, no trauma, no focal deficit|||D4711^Haddad^Samir^^^Dr^MD||A#########||||||CT|||1^once^^20261125110000^^R||||^Persistent headache, exclude intracranial haemorrhage',
  'NTE|1|L|Patient walks. No known allergies to contrast media. Glasses off before the scan. Call the ward when the result is final.',
  '',
].join('\r');
const template = Buffer.from(`\v${text}\x1c\r`, 'latin1');
const holes: number[] = [];
for (let at = template.indexOf('#########'); at >= 0; at = template.indexOf('#########', at + 9)) holes.push(at);

const port = Number(values.port);
const connections = Number(values.connections);
const most = Number(values.messages) || Number.POSITIVE_INFINITY;
const rate = Number(values.rate);
/** Nine digits hold 999 runs of a million messages. */
const first = Number(values.run) * 1_000_000;
const took: number[] = [];
let sent = 0;
let wrong = 0;
let answers = 0;
const controlIds = new Set<string>();
let started = 0;
let until = 0;

function messageOf(n: number): Buffer {
  const bytes = Buffer.from(template);
  const digits = String(n).padStart(9, '0');
  for (const hole of holes) bytes.write(digits, hole, 'latin1');
  return bytes;
}

/** One connection: sends, waits, sends; resolves when the time or the messages are used up. */
async function drive(socket: Socket): Promise<void> {
  await new Promise<void>((done) => {
    let current = '';
    let at = 0;
    let answer = '';
    const next = (): void => {
      if (sent >= most || performance.now() >= until) {
        current = '';
        done();
        return;
      }
      if (rate > 0) {
        const due = started + (sent * 1000) / rate;
        const early = due - performance.now();
        if (early > 1) {
          setTimeout(next, early);
          return;
        }
      }
      sent += 1;
      const bytes = messageOf(first + sent);
      current = `MSA|AA|B${String(first + sent).padStart(9, '0')}`;
      at = performance.now();
      socket.write(bytes);
    };
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (!answer.includes('\x1c')) return;
      answers += 1;
      controlIds.add(answer.split('|', 10)[9] ?? '');
      if (current === '' || !answer.includes(current)) wrong += 1;
      else took.push(performance.now() - at);
      answer = '';
      next();
    });
    socket.on('close', () => {
      if (current !== '') wrong += 1;
      done();
    });
    socket.on('error', () => undefined);
    next();
  });
  socket.destroy();
}

const sockets = await Promise.all(
  Array.from(
    { length: connections },
    () =>
      new Promise<Socket>((done, failed) => {
        const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
          done(socket);
        });
        socket.once('error', failed);
      }),
  ),
);
const cpu = process.cpuUsage();
started = performance.now();
until = started + Number(values.seconds) * 1000;
const patience = setTimeout(
  () => {
    for (const socket of sockets) socket.destroy();
  },
  Number(values.seconds) * 1000 + 10_000,
);
await Promise.all(sockets.map(drive));
clearTimeout(patience);
const seconds = (performance.now() - started) / 1000;
const used = process.cpuUsage(cpu);
took.sort((a, b) => a - b);
const at = (share: number): number => took[Math.min(took.length - 1, Math.ceil(took.length * share) - 1)] ?? Number.NaN;
const figures: Generated = {
  messages: took.length,
  seconds,
  medianMs: at(0.5),
  p99Ms: at(0.99),
  wrong,
  sharedIds: answers - controlIds.size,
  core: (used.user + used.system) / 1e6 / seconds,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
