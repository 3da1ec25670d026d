import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Hl7Message } from '@medplum/core';
import { Hl7Client, Hl7Server, ReturnAckCategory } from '@medplum/hl7';
import type { Hl7MessageEvent } from '@medplum/hl7';
import Client, { Message } from 'node-hl7-client';
import { Server as NodeHl7Server } from 'node-hl7-server';
import simpleHl7 from 'simple-hl7';
import { hl7Sender } from '#adapters/hl7/sender.js';
import type { Destination } from '#adapters/hl7/sender.js';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { wireDoor } from '../support/mllp-wire-door.ts';
import { closeAll, later, soon } from '../support/mllp-wire-listener.ts';
import { outbound } from '../support/peers.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { t0 } from '../support/store-fixture.ts';

afterEach(closeAll);

/** Ten orders as text, each with a control id of its own. */
const orders = plannedOrders(4711, 10).map((order, n) => ({ id: `C${n}`, text: orderMessage(order, 'new', `C${n}`, new Date(t0)) }));

/** The library parses with a copy of its core that it brings itself. */
type MedplumMessage = Parameters<Hl7Client['sendAndWait']>[0];
const medplumMessage = (text: string): MedplumMessage => Hl7Message.parse(text) as unknown as MedplumMessage;

/** MSA-1 and MSA-2 of an answer. */
const msaOf = (text: string): string => /MSA\|(\w\w)\|([^|\r]*)/u.exec(text)?.slice(1, 3).join(' ') ?? text;

describe('senders that are not ours, unchanged', () => {
  it('node-hl7-client 4.0', async () => {
    const { server, effects } = await wireDoor();
    const answers: string[] = [];
    const connection = new Client({ host: server.host, version: '2.5.1' }).createConnection(
      { port: server.port, version: '2.5.1' },
      async (answer) => {
        answers.push(msaOf(answer.getMessage().toString()));
      },
    );
    for (const { text } of orders) {
      const before = answers.length;
      await connection.sendMessage(new Message({ text: text.trimEnd() }));
      // It resolves when the message is written; another one before the answer makes it wait without letting the answer in.
      await soon('the answer', () => answers.length > before);
    }
    await connection.close();
    expect(answers).toEqual(orders.map(({ id }) => `AA ${id}`));
    expect(effects().messages).toBe(10);
  });

  it('simple-hl7 3.3', async () => {
    const { server, effects } = await wireDoor();
    const client = simpleHl7.Server.createTcpClient(server.host, server.port);
    later(() => {
      client.close();
    });
    const parser = new simpleHl7.Parser();
    const answers: string[] = [];
    for (const { text } of orders)
      await new Promise<void>((done, failed) => {
        client.send(parser.parse(text), (error, answer) => {
          if (error instanceof Error) failed(error);
          answers.push(msaOf(answer.toString()));
          done();
        });
      });
    expect(answers).toEqual(orders.map(({ id }) => `AA ${id}`));
    expect(effects().messages).toBe(10);
  });

  it('@medplum/hl7 5.0', async () => {
    const { server, effects } = await wireDoor();
    const client = new Hl7Client({ host: server.host, port: server.port, keepAlive: true });
    later(() => client.close());
    const answers: string[] = [];
    for (const { text } of orders) answers.push(msaOf((await client.sendAndWait(medplumMessage(text))).toString()));
    expect(answers).toEqual(orders.map(({ id }) => `AA ${id}`));
    expect(effects().messages).toBe(10);
  });

  it('@medplum/hl7 5.0 in enhanced mode, which waits for the application’s answer after the commit', async () => {
    const { server, effects, owed } = await wireDoor();
    const client = new Hl7Client({ host: server.host, port: server.port, keepAlive: true });
    later(() => client.close());
    const answers: string[] = [];
    for (const { text } of orders) {
      const message = medplumMessage(text);
      message.getSegment('MSH')?.setField(15, 'AL');
      message.getSegment('MSH')?.setField(16, 'AL');
      answers.push(msaOf((await client.sendAndWait(message, { returnAck: ReturnAckCategory.APPLICATION })).toString()));
    }
    expect(answers).toEqual(orders.map(({ id }) => `AA ${id}`));
    expect(effects().messages).toBe(10);
    await soon('all answers have left', () => owed() === 0);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', () => { done(); })); // prettier-ignore
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((done) => probe.close(() => { done(); })); // prettier-ignore
  return port;
}

function senderTo(port: number, acknowledgement: Destination['acknowledgement'] = 'original') {
  const answers: string[] = [];
  const ris: Destination = {
    ...{ host: '127.0.0.1', port, ackTimeoutSeconds: 5, version: '2.5.1', tls: null, acknowledgement, answerWithinMinutes: 10, answeredBy: null },
    ...{ sendingApplication: 'RADLOOP', sendingFacility: 'N', receivingApplication: 'RIS', receivingFacility: 'N' },
  };
  const sender = hl7Sender({
    destinations: { ris },
    fieldMap: { accessionNumber: [], protocol: 'OBR-19', preferredAssigners: [] },
    onAnswer: async (bytes) => {
      answers.push(msaOf(bytes.toString()));
      return null;
    },
  });
  later(() => {
    sender.close();
  });
  return { sender, answers };
}

describe('receivers that are not ours, unchanged', () => {
  const ids = Array.from({ length: 10 }, (_, n) => `S${n}`);

  it('node-hl7-server 2.5, which answers every earlier message of the connection again: nothing is credited to the wrong one', async () => {
    const port = await freePort();
    const heard: string[] = [];
    const inbound = new NodeHl7Server({ bindAddress: '127.0.0.1' }).createInbound({ port }, (request, response) => {
      heard.push(request.getMessage().get('MSH.10').toString());
      response.sendResponse('AA').catch(() => undefined);
    });
    later(() => inbound.close());
    await new Promise((done) => inbound.once('listen', done));
    const { sender } = senderTo(port);
    for (const id of ids) {
      const first = await sender.send('ris', outbound(id));
      // Two answers at once are not taken; the connection is closed, and on a new one it has nothing to repeat.
      if (!first.ok) expect(first.code).toBe('answer-unreadable');
      const sent = first.ok ? first : await sender.send('ris', outbound(id));
      expect(sent).toMatchObject({ ok: true, receipt: { code: 'AA', controlId: id } });
    }
    expect(new Set(heard)).toEqual(new Set(ids));
  });

  it('simple-hl7 3.3', async () => {
    const port = await freePort();
    const heard: string[] = [];
    const app = simpleHl7.tcp();
    app.use((request, response) => {
      heard.push(request.msg.header.getField(8).toString());
      response.end();
    });
    app.start(port);
    later(() => {
      app.stop();
    });
    const { sender } = senderTo(port);
    for (const id of ids) expect(await sender.send('ris', outbound(id))).toMatchObject({ ok: true, receipt: { code: 'AA', controlId: id } });
    expect(heard).toEqual(ids);
  });

  it('@medplum/hl7 5.0, in original and in enhanced mode', async () => {
    const heard: string[] = [];
    const server = new Hl7Server((connection) => {
      connection.addEventListener('message', ({ message }: Hl7MessageEvent) => {
        heard.push(message.getSegment('MSH')?.getField(10).toString() ?? '');
        connection.send(message.buildAck());
      });
    });
    const port = await freePort();
    await server.start(port);
    later(() => server.stop({ forceDrainTimeoutMs: 0 }));
    const original = senderTo(port);
    for (const id of ids) expect(await original.sender.send('ris', outbound(id))).toMatchObject({ ok: true, receipt: { code: 'AA', controlId: id } });
    server.setEnhancedMode(true);
    const enhanced = senderTo(port, 'enhanced');
    const more = ids.map((id) => `E${id}`);
    for (const id of more)
      expect(await enhanced.sender.send('ris', outbound(id, { enhanced: true }))).toMatchObject({ ok: true, receipt: { code: 'CA', controlId: id } });
    await soon('the application has answered', () => enhanced.answers.length === 10);
    expect(enhanced.answers).toEqual(more.map((id) => `AA ${id}`));
    expect(heard).toEqual([...ids, ...more]);
  });
});
