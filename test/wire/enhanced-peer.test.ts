import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { orderBytes } from '../support/engine-fixture.ts';
import { sendTo, wireDoor } from '../support/mllp-wire-door.ts';
import type { WireDoor } from '../support/mllp-wire-door.ts';
import { calling, closeAll, soon } from '../support/mllp-wire-listener.ts';
import { frame } from '../support/mllp-wire.ts';
import { answerTo, controlIdOf, peerReceiver } from '../support/peers.ts';

/** A peer of ours that does what HAPI-based engines do in enhanced mode: asks for both answers, sends CA at once and AA when it has worked. */

afterEach(closeAll);

const asking = (bytes: Buffer, accept = 'AL', application = 'AL'): Buffer => {
  const [msh = '', ...rest] = bytes.toString().split('\r');
  const fields = msh.split('|');
  while (fields.length < 16) fields.push('');
  fields[14] = accept;
  fields[15] = application;
  return Buffer.from([fields.join('|'), ...rest].join('\r'));
};
const msaOf = (text: string): string => /MSA\|(\w\w)\|([^|\r]*)/u.exec(text)?.slice(1, 3).join(' ') ?? text;
const field = (text: string, n: number): string => text.split('\r')[0]?.split('|')[n - 1] ?? '';

describe('as a sender', () => {
  it('gets CA, then AA as a message of its own that asks for nothing, and the same two again for the same bytes', async () => {
    const door = await wireDoor();
    const peer = await calling(door.server);
    const message = frame(asking(orderBytes('new', 'M1')));
    peer.socket.write(message);
    const [commit = '', application = ''] = await peer.until(2);
    expect([commit, application].map(msaOf)).toEqual(['CA M1', 'AA M1']);
    expect([10, 15, 16].map((n) => field(application, n)).slice(1)).toEqual(['NE', 'NE']);
    expect(field(application, 10)).not.toBe(field(commit, 10));
    await soon('the answer has left', () => door.owed() === 0);
    peer.socket.write(message);
    expect((await peer.until(4)).slice(2)).toEqual([commit, application]);
    expect(door.effects()).toEqual({ messages: 1, events: 1, arrivals: 0 });
  });

  it('is owed the answer when its connection was gone before it left', async () => {
    const door = await wireDoor({
      onMessage: async (bytes) => {
        const answers = await door.fixture.receive(bytes);
        peer.socket.resetAndDestroy();
        await soon('the listener knows', () => peer.socket.closed);
        await new Promise((done) => setTimeout(done, 30));
        return answers;
      },
    });
    const peer = await calling(door.server);
    peer.socket.write(frame(asking(orderBytes('new', 'M1'))));
    await soon('it is kept', () => door.effects().messages === 1);
    await soon('it is closed', () => peer.socket.closed);
    expect([peer.answers, door.owed()]).toEqual([[], 1]);
  });
});

describe('as a receiver', () => {
  /** An order that is approved: its order change is what leaves. The peer answers CA itself and `later` when it has worked. */
  async function approved(answers: (id: string, socket: Socket, door: WireDoor) => void) {
    const door = await wireDoor();
    const peer = await peerReceiver((message, socket) => {
      if (message.includes('\rMSA')) return;
      socket.write(answerTo(controlIdOf(message), 'CA'));
      setTimeout(() => {
        answers(controlIdOf(message), socket, door);
      }, 20);
    });
    sendTo(door.fixture, peer.port, { acknowledgement: 'enhanced' });
    const { fixture } = door;
    await fixture.bring(orderBytes());
    await fixture.settle();
    expect(await fixture.approve()).toBe('won');
    const states = (): string[] =>
      fixture.stores.db.all<{ state: string }>("SELECT state FROM outbox WHERE kind = 'sendHl7' ORDER BY id").map(({ state }) => state);
    const done = async (state: string): Promise<void> => {
      await soon(`every message is ${state}`, async () => {
        await fixture.settle();
        return states().every((each) => each === state);
      });
    };
    const changes = (): string[] => peer.messages.filter((message) => message.includes('ORC|XO'));
    return { door, fixture, peer, done, states, changes };
  }

  it('asked for both answers, answers AA on the same connection after its CA: written back, once', async () => {
    const { fixture, done, changes, peer } = await approved((id, socket) => socket.write(answerTo(id, 'AA', { asks: 'AL' })));
    await done('delivered');
    expect(changes()).toHaveLength(1);
    expect(changes().map((message) => [field(message, 15), field(message, 16)])).toEqual([['AL', 'AL']]);
    const facts = fixture.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);
    expect(facts.filter((type) => type === 'protocolWrittenBack')).toHaveLength(1);
    const count = peer.messages.length / 2;
    expect(peer.messages.filter((message) => message.includes('MSA|CA|'))).toHaveLength(count);
    expect(peer.connections()).toBe(1);
  });

  it('answers AA on a connection of its own: written back, once', async () => {
    const { fixture, done, changes } = await approved((id, _, { server }) => {
      const socket = connect(server.port, server.host);
      socket.on('error', () => undefined);
      socket.end(answerTo(id, 'AA'));
    });
    await done('delivered');
    expect(changes()).toHaveLength(1);
    const facts = fixture.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);
    expect(facts.filter((type) => type === 'protocolWrittenBack')).toHaveLength(1);
  });

  it('answers AA twice, by both ways: written back once, the second is kept and credited to nothing', async () => {
    const { fixture, door, done, changes } = await approved((id, socket, { server }) => {
      socket.write(answerTo(id, 'AA'));
      const other = connect(server.port, server.host);
      other.on('error', () => undefined);
      other.end(answerTo(id, 'AA'));
    });
    await done('delivered');
    await soon(
      'both are kept',
      () => door.effects().messages === 1 + 2 * fixture.stores.db.all("SELECT 1 FROM outbox WHERE kind = 'sendHl7'").length,
    );
    expect(changes()).toHaveLength(1);
    const facts = fixture.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);
    expect(facts.filter((type) => type === 'protocolWrittenBack')).toHaveLength(1);
  });

  it('answers CA and then nothing: the message is not sent again, and after the site’s window a person is asked', async () => {
    const { fixture, peer, states, changes } = await approved(() => undefined);
    await fixture.settle();
    for (let n = 0; n < 20; n += 1) await fixture.skip();
    expect(changes()).toHaveLength(1);
    expect(new Set(peer.messages).size).toBe(peer.messages.length);
    expect(states().at(-1)).toBe('held');
  });
});
