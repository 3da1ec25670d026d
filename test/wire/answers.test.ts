import type { MllpAnswer } from '#adapters/hl7/mllp-server.js';
import { calling, closeAll, listening, pause, plain, soon } from '../support/mllp-wire-listener.ts';
import { frame } from '../support/mllp-wire.ts';

afterEach(closeAll);

/** MSH-15 and MSH-16 stand at the end. */
const msh = (controlId: string, acceptAck = '', applicationAck = ''): string =>
  `MSH|^~\\&|RIS|N|RADLOOP|N|2026||ORM^O01|${controlId}|P|2.5.1|||${acceptAck}|${applicationAck}\rPID|1\r`;

function idOf(bytes: Buffer): string {
  return bytes.toString().split('|')[9] ?? '';
}

/** Answers as MSH-15 and MSH-16 ask, by the letters that the test's message has there. */
async function asAsked(bytes: Buffer): Promise<MllpAnswer> {
  const fields = bytes.toString().split('\r')[0]?.split('|') ?? [];
  const [accept = '', application = ''] = fields.slice(14, 16);
  const isOriginal = accept === '' && application === '';
  return {
    commit: accept === 'AL' ? Buffer.from(`CA ${idOf(bytes)}`) : null,
    application: isOriginal || application === 'AL' ? Buffer.from(`AA ${idOf(bytes)}`) : null,
    identity: idOf(bytes),
  };
}

it.each([
  ['original mode: the application alone', '', '', ['AA M1'], []],
  ['enhanced mode: the commit, then the application', 'AL', 'AL', ['CA M1', 'AA M1'], ['M1']],
  ['the commit alone', 'AL', 'NE', ['CA M1'], []],
  ['the application alone, which the sender waits for by name', 'NE', 'AL', ['AA M1'], ['M1']],
  ['the application alone, with MSH-15 left empty', '', 'AL', ['AA M1'], ['M1']],
  ['nothing', 'NE', 'NE', [], []],
])('writes what is asked for, and tells when an awaited answer has left: %s', async (_, accept, application, said, left) => {
  const { server, answered } = await listening({ onMessage: asAsked });
  const caller = await calling(server);
  caller.socket.write(frame(msh('M1', accept, application)));
  // The message behind it shows that nothing more comes.
  caller.socket.write(frame(msh('M2')));
  expect(await caller.until(said.length + 1)).toEqual([...said, 'AA M2']);
  await pause(20);
  expect(answered).toEqual(left);
});

it('keeps the answers of messages in one packet in order, each with its commit first', async () => {
  const { server } = await listening({ onMessage: async (bytes) => (await pause(idOf(bytes) === 'M1' ? 40 : 0), asAsked(bytes)) });
  const caller = await calling(server);
  caller.socket.write(Buffer.concat([frame(msh('M1', 'AL', 'AL')), frame(msh('M2', 'AL', 'AL'))]));
  expect(await caller.until(4)).toEqual(['CA M1', 'AA M1', 'CA M2', 'AA M2']);
});

it('does not say that an answer has left when the connection was gone before', async () => {
  const { server, answered } = await listening({ onMessage: async (bytes) => (await pause(60), asAsked(bytes)) });
  const caller = await calling(server);
  caller.socket.write(frame(msh('M1', 'AL', 'AL')));
  await pause(20);
  caller.socket.resetAndDestroy();
  await pause(100);
  expect(answered).toEqual([]);
});

it('field report 5: a message whose end block never came is given up for the next start block, and is a row with its bytes', async () => {
  const { server, faults } = await listening();
  const caller = await calling(server);
  caller.socket.write(Buffer.concat([Buffer.from(`\u000b${msh('LOST')}\r\r`), frame(msh('M2'))]));
  expect(await caller.until(1)).toEqual([`ok ${msh('M2')}`]);
  expect(faults).toMatchObject([
    { why: 'new-start-in-frame', length: msh('LOST').length + 2, peer: { address: '127.0.0.1', certificateNames: null } },
  ]);
  expect(faults[0]?.bytes.toString()).toBe(`${msh('LOST')}\r\r`);
});

it('field report 5: an end block without its carriage return, or with a line feed, ends the message all the same', async () => {
  const { server, faults } = await listening();
  const caller = await calling(server);
  caller.socket.write('\u000bA\u001c\u000bB\u001c\n\u000bC\u001c\r\n');
  expect(await caller.until(3)).toEqual(['ok A', 'ok B', 'ok C']);
  expect(faults).toEqual([]);
});

it('field report 5: text that came without any block is a row with its bytes', async () => {
  const { server, faults } = await listening();
  const caller = await calling(server);
  caller.socket.end(msh('BARE'));
  await caller.closed();
  expect(faults).toMatchObject([{ why: 'between-frames', bytes: Buffer.from(msh('BARE')) }]);
});

it('a start block right after another loses nothing and is no row', async () => {
  const { server, faults } = await listening();
  const caller = await calling(server);
  caller.socket.write('\u000b\u000bA\u001c\r');
  expect(await caller.until(1)).toEqual(['ok A']);
  expect(faults).toEqual([]);
});

it('a sender that makes nothing but faults is ended after a hundred rows', async () => {
  const { server, faults } = await listening();
  const caller = await calling(server);
  caller.socket.write('\u000bx'.repeat(5000));
  await caller.closed();
  expect(faults).toHaveLength(102);
  expect(faults.at(-1)?.why).toBe('too-many-faults');
});

it('a sender whose faults stand between good messages is not ended', async () => {
  const { server, faults } = await listening();
  const caller = await calling(server);
  for (let n = 0; n < 300; n += 1) caller.socket.write(Buffer.concat([Buffer.from('noise'), frame(String(n))]));
  expect(await caller.until(300)).toHaveLength(300);
  expect(faults).toHaveLength(300);
});

it('a message that cannot be stored is not answered, and the sender hears it from the end of the connection', async () => {
  const { server, faults } = await listening({ onMessage: () => Promise.reject(new Error('gone')) });
  const caller = await calling(server);
  caller.socket.write(frame(msh('M1')));
  await caller.closed();
  expect(caller.answers).toEqual([]);
  expect(faults).toMatchObject([{ why: 'not-answered', length: 0 }]);
});

it('lets others in between while one sender has hundreds of messages that are answered at once', async () => {
  const order: string[] = [];
  const { server } = await listening({ onMessage: async (bytes) => (order.push(bytes.toString()), plain(bytes)) });
  const [many, one] = [await calling(server), await calling(server)];
  one.socket.write(frame('ready'));
  await one.until(1);
  many.socket.write(Buffer.concat(Array.from({ length: 5000 }, () => frame('many'))));
  one.socket.write(frame('one'));
  await one.until(2);
  await soon('all are answered', () => many.answers.length === 5000);
  expect(order.indexOf('one')).toBeLessThan(4000);
});
