import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { framed } from '#adapters/hl7/mllp.js';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import type { MllpAnswer, MllpFault, MllpServer, MllpServerOptions } from '#adapters/hl7/mllp-server.js';

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Original mode: one answer. */
const plain = (application: Buffer): MllpAnswer => ({ commit: null, application, identity: 'it' });

interface Plain extends Partial<Omit<MllpServerOptions, 'onMessage'>> {
  readonly onMessage?: (bytes: Buffer) => Promise<Buffer>;
}

async function listener({ onMessage = async (bytes) => Buffer.from(`ok ${bytes.toString()}`), ...more }: Plain = {}): Promise<{
  server: MllpServer;
  faults: MllpFault[];
}> {
  const faults: MllpFault[] = [];
  const server = await listenMllp({
    host: '127.0.0.1',
    port: 0,
    onMessage: async (bytes) => plain(await onMessage(bytes)),
    onOversize: async ({ length }) => plain(Buffer.from(`too long ${length}`)),
    onFault: (fault) => faults.push(fault),
    ...more,
  });
  open.push(() => server.close());
  return { server, faults };
}

interface Caller {
  readonly socket: Socket;
  readonly answers: string[];
  until(count: number): Promise<string[]>;
  closed(): Promise<void>;
}

async function call(server: MllpServer): Promise<Caller> {
  const socket = connect(server.port, server.host);
  open.push(() => socket.destroy());
  const answers: string[] = [];
  let rest = '';
  let wake = (): void => undefined;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const parts = (rest + chunk.toString()).split('\u001c\r');
    rest = parts.pop() ?? '';
    answers.push(...parts.map((part) => part.slice(1)));
    wake();
  });
  await new Promise<void>((done) => socket.once('connect', done));
  return {
    socket,
    answers,
    until: async (count) => {
      while (answers.length < count) await new Promise<void>((done) => (wake = done));
      return answers;
    },
    closed: () => new Promise<void>((done) => (socket.closed ? done() : socket.once('close', () => done()))),
  };
}

const message = (text: string): Buffer => framed(Buffer.from(text));
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

it('answers several frames of one packet in order, also when the first takes longest', async () => {
  const { server } = await listener({
    onMessage: async (bytes) => {
      if (bytes.toString() === 'A') await pause(50);
      return bytes;
    },
  });
  const caller = await call(server);
  caller.socket.write(Buffer.concat([message('A'), message('B'), message('C')]));
  expect(await caller.until(3)).toEqual(['A', 'B', 'C']);
});

it('answers 10,000 messages that come at once', async () => {
  const { server } = await listener();
  const caller = await call(server);
  caller.socket.write(Buffer.concat(Array.from({ length: 10_000 }, (_, n) => message(String(n)))));
  const answers = await caller.until(10_000);
  expect(answers).toEqual(Array.from({ length: 10_000 }, (_, n) => `ok ${n}`));
});

it('answers 10,000 packets of single bytes', async () => {
  const { server } = await listener();
  const caller = await call(server);
  caller.socket.setNoDelay(true);
  const bytes = Buffer.concat(Array.from({ length: 1250 }, (_, n) => message(String(n).padStart(5, '0'))));
  for (const byte of bytes) caller.socket.write(Buffer.from([byte]));
  expect(bytes.length).toBe(10_000);
  expect(await caller.until(1250)).toHaveLength(1250);
});

it('lets no caller wait for another', async () => {
  const { server } = await listener({
    onMessage: async (bytes) => {
      if (bytes.toString() === 'slow') await pause(2000);
      return bytes;
    },
  });
  const [slow, half, quick] = [await call(server), await call(server), await call(server)];
  slow.socket.write(message('slow'));
  half.socket.write('\u000bhalf a message');
  const started = performance.now();
  quick.socket.write(message('quick'));
  await quick.until(1);
  expect(performance.now() - started).toBeLessThan(1000);
  slow.socket.destroy();
});

it('refuses a frame over the limit with a reason, keeps only its beginning and goes on', async () => {
  const { server } = await listener({ frameLimitBytes: 100_000 });
  const caller = await call(server);
  caller.socket.write(Buffer.concat([framed(Buffer.alloc(900_000, 'x')), message('next')]));
  expect(await caller.until(2)).toEqual(['too long 900000', 'ok next']);
});

it('reports what stands between frames and what was given up for a new start, with its bytes', async () => {
  const { server, faults } = await listener();
  const caller = await call(server);
  caller.socket.write(Buffer.concat([Buffer.from('GET / HTTP/1.1\r\n'), Buffer.from('\u000bhalf'), message('whole')]));
  expect(await caller.until(1)).toEqual(['ok whole']);
  expect(faults.map(({ why, bytes }) => [why, bytes.toString()])).toEqual([
    ['between-frames', 'GET / HTTP/1.1\r\n'],
    ['new-start-in-frame', 'half'],
  ]);
});

it('drops a caller whose frame does not end in time, and reports it', async () => {
  const { server, faults } = await listener({ frameTimeoutSeconds: 0.1 });
  const caller = await call(server);
  caller.socket.write('\u000bnever ends');
  await caller.closed();
  expect(faults).toMatchObject([{ why: 'frame-timed-out', length: 10 }]);
});

it('does not drop a busy caller whose packets end in the middle of frames', async () => {
  // All together they take longer than one frame may, each by itself far less: also on a machine that stands still for half a second.
  const { server, faults } = await listener({ frameTimeoutSeconds: 1 });
  const caller = await call(server);
  caller.socket.write('\u000b0');
  for (let n = 1; n <= 30; n += 1) {
    await pause(50);
    caller.socket.write(`\u001c\r\u000b${n}`);
  }
  caller.socket.write('\u001c\r');
  expect(await caller.until(31)).toHaveLength(31);
  expect(faults).toEqual([]);
});

it('answers nothing and drops the connection when a message could not be kept', async () => {
  const { server, faults } = await listener({ onMessage: () => Promise.reject(new Error('disk full')) });
  const caller = await call(server);
  caller.socket.write(message('A'));
  await caller.closed();
  expect(caller.answers).toEqual([]);
  expect(faults).toMatchObject([{ why: 'not-answered' }]);
});

it('reports a message that was cut off half way', async () => {
  const { server, faults } = await listener();
  const caller = await call(server);
  caller.socket.write('\u000bhalf');
  await pause(50);
  caller.socket.destroy();
  await pause(50);
  expect(faults).toMatchObject([{ why: 'unfinished-frame', length: 4 }]);
});

it('answers a caller that ends its side after sending', async () => {
  const { server } = await listener({
    onMessage: async (bytes) => {
      await pause(50);
      return bytes;
    },
  });
  const caller = await call(server);
  caller.socket.end(message('last words'));
  expect(await caller.until(1)).toEqual(['last words']);
  await caller.closed();
});

it('turns away more connections than it is set to hold', async () => {
  const { server, faults } = await listener({ mostConnections: 1 });
  const first = await call(server);
  const second = await call(server);
  await second.closed();
  first.socket.write(message('A'));
  expect(await first.until(1)).toEqual(['ok A']);
  expect(faults).toMatchObject([{ why: 'too-many-connections' }]);
});

it('drops the caller that holds most when all together hold too much', async () => {
  const { server, faults } = await listener({ mostHeldBytes: 100_000 });
  const [greedy, modest] = [await call(server), await call(server)];
  modest.socket.write('\u000b12');
  greedy.socket.write(Buffer.concat([Buffer.from('\u000b'), Buffer.alloc(200_000, 'x')]));
  await greedy.closed();
  modest.socket.write('3\u001c\r');
  expect(await modest.until(1)).toEqual(['ok 123']);
  expect(faults[0]?.why).toBe('too-much-held');
});

it('reads no further from a caller that does not take its answers, and serves the others', async () => {
  let served = 0;
  const { server } = await listener({
    onMessage: async () => {
      served += 1;
      return Buffer.alloc(100_000, 'a');
    },
  });
  const deaf = await call(server);
  deaf.socket.pause();
  for (let n = 0; n < 1000; n += 1) deaf.socket.write(message(String(n)));
  await pause(300);
  expect(served).toBeLessThan(500);
  const other = await call(server);
  other.socket.write(message('A'));
  expect(await other.until(1)).toHaveLength(1);
});

it('answers what it is working on before it closes', async () => {
  const { server } = await listener({
    onMessage: async (bytes) => {
      await pause(100);
      return bytes;
    },
  });
  const caller = await call(server);
  caller.socket.write(message('A'));
  await pause(30);
  await server.close();
  await caller.closed();
  expect(caller.answers).toEqual(['A']);
});

it('names a port that is taken', async () => {
  const { server } = await listener();
  await expect(listener({ port: server.port })).rejects.toThrow('EADDRINUSE');
});
