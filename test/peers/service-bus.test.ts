import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from '@azure/service-bus';
import { startServiceBusPeer } from './service-bus/peer.ts';
import type { ServiceBusPeer } from './service-bus/peer.ts';

const queues = {
  plain: { lockMs: 10_000, maxDeliveries: 3, deadLetterExpired: true },
  short: { lockMs: 60_000 },
  once: { duplicateWindowMs: 60_000 },
  cases: { sessions: true, lockMs: 60_000, duplicateWindowMs: 60_000 },
};
const clientOf = (connectionString: string): ServiceBusClient =>
  new ServiceBusClient(connectionString, { retryOptions: { timeoutInMs: 1000, maxRetries: 3, retryDelayInMs: 20 } });
const idsOf = (messages: readonly ServiceBusReceivedMessage[]) => messages.map(({ messageId }) => messageId);
let serial = 0;
const message = (sessionId?: string, messageId = `m${(serial += 1)}`) => ({
  body: { n: serial },
  messageId,
  ...(sessionId === undefined ? {} : { sessionId }),
});

describe('the Service Bus peer, spoken to by the client library of Azure', () => {
  let peer: ServiceBusPeer;
  let client: ServiceBusClient;
  /** How far the peer's clock is put ahead: locks run out when a test says so, not when the machine is slow. */
  let aheadMs: number;
  const now = () => Date.now() + aheadMs;
  beforeEach(async () => {
    aheadMs = 0;
    peer = await startServiceBusPeer({ queues, now });
    client = clientOf(peer.connectionString);
  });
  afterEach(async () => {
    await client.close();
    await peer.close();
  });
  const receive = (queue: string, most = 10, waitMs = 300) => client.createReceiver(queue).receiveMessages(most, { maxWaitTimeInMs: waitMs });
  const acceptNext = (queue = 'cases') => client.acceptNextSession(queue, { maxAutoLockRenewalDurationInMs: 0 });

  it('keeps what is sent, alone and in a batch, in its order, and gives it out with its body and properties', async () => {
    const sender = client.createSender('plain');
    await sender.sendMessages({ ...message(), messageId: 'first', applicationProperties: { kind: 'x', n: 7 }, subject: 's', body: { text: 'æ' } });
    const batch = await sender.createMessageBatch();
    for (let n = 0; n < 5; n += 1) batch.tryAddMessage({ ...message(), messageId: `batch-${n}` });
    await sender.sendMessages(batch);
    const received = await receive('plain');
    expect(idsOf(received)).toEqual(['first', 'batch-0', 'batch-1', 'batch-2', 'batch-3', 'batch-4']);
    expect(received[0]).toMatchObject({ body: { text: 'æ' }, subject: 's', applicationProperties: { kind: 'x', n: 7 }, deliveryCount: 0 });
    expect(received[0]?.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now());
    expect(peer.counts).toMatchObject({ sends: 6, deliveries: 6 });
  });

  it('is done with what is completed, and gives what is abandoned out again, one delivery more', async () => {
    await client.createSender('plain').sendMessages([message(undefined, 'a'), message(undefined, 'b')]);
    const receiver = client.createReceiver('plain');
    const [a, b] = await receiver.receiveMessages(2, { maxWaitTimeInMs: 300 });
    await receiver.completeMessage(a!);
    await receiver.abandonMessage(b!);
    const [again] = await receiver.receiveMessages(2, { maxWaitTimeInMs: 300 });
    expect(again).toMatchObject({ messageId: 'b', deliveryCount: 1 });
    await receiver.completeMessage(again!);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
  });

  it('puts aside what is dead-lettered with its reason, and what was delivered too often', async () => {
    await client.createSender('plain').sendMessages([message(undefined, 'a'), message(undefined, 'b')]);
    const receiver = client.createReceiver('plain');
    for (let n = 0; n < 3; n += 1) {
      const found = await receiver.receiveMessages(2, { maxWaitTimeInMs: 300 });
      for (const one of found) {
        if (one.messageId === 'a') await receiver.deadLetterMessage(one, { deadLetterReason: 'poison', deadLetterErrorDescription: 'five times' });
        else await receiver.abandonMessage(one);
      }
    }
    const dead = client.createReceiver('plain', { subQueueType: 'deadLetter' });
    const found = await dead.receiveMessages(5, { maxWaitTimeInMs: 300 });
    expect(
      found.map(({ messageId, deadLetterReason, deadLetterErrorDescription, deadLetterSource }) => [
        messageId,
        deadLetterReason,
        deadLetterErrorDescription,
        deadLetterSource,
      ]),
    ).toEqual([
      ['a', 'poison', 'five times', 'plain'],
      ['b', 'MaxDeliveryCountExceeded', expect.any(String), 'plain'],
    ]);
    for (const one of found) await dead.completeMessage(one);
    expect(await dead.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
  });

  it('keeps what is deferred for who knows its number', async () => {
    await client.createSender('plain').sendMessages(message(undefined, 'later'));
    const receiver = client.createReceiver('plain');
    const [found] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 });
    await receiver.deferMessage(found!);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
    const [deferred] = await receiver.receiveDeferredMessages(found!.sequenceNumber!);
    expect(deferred).toMatchObject({ messageId: 'later' });
    await receiver.completeMessage(deferred!);
    await expect(receiver.receiveDeferredMessages(found!.sequenceNumber!)).rejects.toMatchObject({ code: 'MessageNotFound' });
  });

  it('gives a message out again when its lock has run out, refuses the late settlement, and lets a lock be renewed', async () => {
    await client.createSender('short').sendMessages(message(undefined, 'a'));
    const receiver = client.createReceiver('short', { maxAutoLockRenewalDurationInMs: 0 });
    const [first] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 });
    aheadMs += 40_000;
    expect((await receiver.renewMessageLock(first!)).getTime()).toBeGreaterThan(now() + 40_000);
    aheadMs += 40_000;
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
    aheadMs += 40_000;
    const [second] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 2000 });
    expect(second).toMatchObject({ messageId: 'a', deliveryCount: 1 });
    await expect(receiver.completeMessage(first!)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await receiver.completeMessage(second!);
  });

  it('shows what waits without taking it', async () => {
    await client.createSender('plain').sendMessages([message(undefined, 'a'), message(undefined, 'b')]);
    const receiver = client.createReceiver('plain');
    expect(idsOf(await receiver.peekMessages(5))).toEqual(['a', 'b']);
    expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 200 })).toHaveLength(2);
  });

  it('drops what comes again under the same id within its window, unseen by its sender', async () => {
    const sender = client.createSender('once');
    await sender.sendMessages(message(undefined, 'same'));
    await sender.sendMessages(message(undefined, 'same'));
    await sender.scheduleMessages(message(undefined, 'same'), new Date(Date.now() + 50));
    expect(await receive('once', 5, 400)).toHaveLength(1);
  });

  it('lets a message enter at its time, unless it was cancelled', async () => {
    const sender = client.createSender('plain');
    const at = Date.now() + 400;
    const [, cancelled] = await sender.scheduleMessages([message(undefined, 'kept'), message(undefined, 'cancelled')], new Date(at));
    await sender.cancelScheduledMessages(cancelled!);
    await expect(sender.cancelScheduledMessages(cancelled!)).rejects.toMatchObject({ code: 'MessageNotFound' });
    expect(idsOf(await receive('plain', 1, 100))).toEqual([]);
    expect(idsOf(await receive('plain', 1, 1000))).toEqual(['kept']);
    expect(Date.now()).toBeGreaterThanOrEqual(at);
    expect(idsOf(await receive('plain', 1, 100))).toEqual([]);
    expect(peer.counts).toMatchObject({ scheduled: 2, cancelled: 1 });
  });

  it('puts aside what outlives its time to live', async () => {
    await client.createSender('plain').sendMessages({ ...message(undefined, 'short'), timeToLive: 50 });
    await sleep(120);
    expect(await receive('plain', 1, 100)).toEqual([]);
    const [dead] = await client.createReceiver('plain', { subQueueType: 'deadLetter' }).receiveMessages(1, { maxWaitTimeInMs: 300 });
    expect(dead).toMatchObject({ messageId: 'short', deadLetterReason: 'TTLExpiredException' });
  });

  describe('with sessions', () => {
    const send = (...messages: ReturnType<typeof message>[]) => client.createSender('cases').sendMessages(messages);

    it('gives each session to one at a time, in its order, the longest waiting first', async () => {
      await send(message('one', 'a'), message('two', 'b'), message('one', 'c'));
      const first = await acceptNext();
      const second = await acceptNext();
      expect([first.sessionId, second.sessionId]).toEqual(['one', 'two']);
      expect(idsOf(await first.receiveMessages(5, { maxWaitTimeInMs: 200 }))).toEqual(['a', 'c']);
      await expect(client.acceptSession('cases', 'one')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
      await first.close();
      const after = await client.acceptSession('cases', 'one');
      expect((await after.receiveMessages(5, { maxWaitTimeInMs: 200 }))[0]).toMatchObject({ messageId: 'a', deliveryCount: 1 });
    });

    it('holds the answer to who asks for the next session until there is one, or the time is over', async () => {
      const asked = acceptNext();
      await sleep(150);
      await send(message('late', 'a'));
      const session = await asked;
      expect(session.sessionId).toBe('late');
      const impatient = clientOf(peer.connectionString);
      const none = new ServiceBusClient(peer.connectionString, { retryOptions: { timeoutInMs: 300, maxRetries: 0 } });
      await expect(none.acceptNextSession('cases')).rejects.toMatchObject({ code: 'ServiceTimeout' });
      await Promise.all([none.close(), impatient.close()]);
    });

    it('keeps what a session says of itself', async () => {
      await send(message('one'));
      const session = await acceptNext();
      expect(await session.getSessionState()).toBeNull();
      await session.setSessionState({ step: 3 });
      await session.close();
      const after = await client.acceptSession('cases', 'one');
      expect(await after.getSessionState()).toEqual({ step: 3 });
    });

    it('frees a session whose holder does not renew its lock; the holder is told when it settles', async () => {
      await send(message('one', 'a'));
      const first = await acceptNext();
      const [held] = await first.receiveMessages(1, { maxWaitTimeInMs: 200 });
      aheadMs += 40_000;
      expect((await first.renewSessionLock()).getTime()).toBeGreaterThan(now() + 40_000);
      aheadMs += 40_000;
      await expect(client.acceptSession('cases', 'one')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
      aheadMs += 40_000;
      const second = await acceptNext();
      expect(second.sessionId).toBe('one');
      await expect(first.completeMessage(held!)).rejects.toMatchObject({ code: 'SessionLockLost' });
    });

    it('goes on with a session’s next message when one was dead-lettered', async () => {
      await send(message('one', 'a'), message('one', 'b'));
      const session = await acceptNext();
      const [a] = await session.receiveMessages(1, { maxWaitTimeInMs: 200 });
      await session.deadLetterMessage(a!);
      expect(idsOf(await session.receiveMessages(1, { maxWaitTimeInMs: 200 }))).toEqual(['b']);
    });

    it('refuses a message without a session, and a receiver that asks for none', async () => {
      await expect(client.createSender('cases').sendMessages(message())).rejects.toThrow('SessionId was not set');
      await expect(client.createReceiver('cases').receiveMessages(1, { maxWaitTimeInMs: 200 })).rejects.toThrow('requires sessions');
    });

    it('serves several clients at once, each session to one of them', async () => {
      const others = [1, 2, 3].map(() => clientOf(peer.connectionString));
      const names = Array.from({ length: 12 }, (_, n) => `s${n}`);
      await send(...names.flatMap((name) => [message(name), message(name)]));
      const seen = new Map<string, number>();
      const work = async (one: ServiceBusClient) => {
        for (;;) {
          const session: ServiceBusSessionReceiver | null = await one.acceptNextSession('cases').catch(() => null);
          if (session === null) return;
          for (const found of await session.receiveMessages(2, { maxWaitTimeInMs: 200 })) {
            seen.set(session.sessionId, (seen.get(session.sessionId) ?? 0) + 1);
            await session.completeMessage(found);
          }
          await session.close();
          if ([...seen.values()].reduce((sum, n) => sum + n, 0) === 24) return;
        }
      };
      await Promise.race([Promise.all(others.map(work)), sleep(8000)]);
      expect(seen).toEqual(new Map(names.map((name) => [name, 2])));
      await Promise.all(others.map((other) => other.close()));
    });
  });

  describe('with faults', () => {
    it('keeps a send that it did not get to confirm: the library sends it again, and the id tells the two apart', async () => {
      peer.faults.arm('accept-then-cut');
      await client.createSender('once').sendMessages(message(undefined, 'a'));
      peer.faults.arm('accept-then-cut');
      await client.createSender('plain').sendMessages(message(undefined, 'a'));
      expect(await receive('once', 5)).toHaveLength(1);
      expect(await receive('plain', 5)).toHaveLength(2);
    });

    it('loses nothing when the connection is cut before it keeps a send, or while it hands out', async () => {
      peer.faults.arm('cut-on-send');
      await client.createSender('short').sendMessages(message(undefined, 'a'));
      peer.faults.arm('cut-on-delivery');
      await receive('short', 5, 100).catch(() => []);
      aheadMs += 61_000;
      const again = await receive('short', 5, 300);
      expect(again.map(({ messageId, deliveryCount }) => [messageId, deliveryCount])).toEqual([['a', 1]]);
    });

    it('doubles, changes the order, and loses locks', async () => {
      const sender = client.createSender('plain');
      peer.faults.arm('duplicate');
      peer.faults.arm('reorder');
      await sender.sendMessages(message(undefined, 'a'));
      await sender.sendMessages(message(undefined, 'b'));
      const receiver = client.createReceiver('plain');
      const found = await receiver.receiveMessages(3, { maxWaitTimeInMs: 300 });
      expect(idsOf(found)).toEqual(['a', 'a', 'b']);
      expect(found[0]?.sequenceNumber?.greaterThan(found[1]!.sequenceNumber!)).toBe(true);
      for (const one of found) await receiver.completeMessage(one);
      peer.faults.arm('lose-lock');
      await sender.sendMessages(message(undefined, 'c'));
      const [c] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 });
      await sleep(30);
      await expect(receiver.completeMessage(c!)).rejects.toMatchObject({ code: 'MessageLockLost' });
      expect(idsOf(await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 }))).toEqual(['c']);
    });

    it('forgets a scheduled message that it said yes to', async () => {
      peer.faults.arm('lose-scheduled');
      await client.createSender('plain').scheduleMessages(message(), new Date(Date.now() + 400));
      expect(peer.counts.scheduled).toBe(1);
      expect(idsOf(await receive('plain', 1, 600))).toEqual([]);
    });

    it('answers late when it is slow', async () => {
      peer.faults.slowMs = 200;
      const before = Date.now();
      await client.createSender('plain').sendMessages(message());
      expect(Date.now() - before).toBeGreaterThan(190);
    });
  });
});

describe('the Service Bus peer as a process', () => {
  // As long as Azure allows: what this test is about has nothing to do with locks.
  const queue = JSON.stringify({ 'case-events': { sessions: true, duplicateWindowMs: 600_000, lockMs: 300_000 } });
  const patientOf = (connectionString: string): ServiceBusClient =>
    new ServiceBusClient(connectionString, { retryOptions: { timeoutInMs: 20_000, maxRetries: 3, retryDelayInMs: 20 } });
  let folder: string;
  let over: AbortController;
  let exits: Promise<unknown>[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radloop-service-bus-'));
    over = new AbortController();
    exits = [];
  });
  // However the test ended, and also where it goes on after its time.
  afterEach(async () => {
    over.abort();
    await Promise.all(exits);
    rmSync(folder, { recursive: true });
  });

  const start = async (): Promise<{ process: ChildProcess; gone: Promise<unknown>; connectionString: string; control: number }> => {
    const script = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'test/peers/service-bus/main.ts'];
    const args = [...script, '--file', join(folder, 'queues.sqlite'), '--queues', queue];
    const { signal } = over;
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], signal, killSignal: 'SIGKILL' });
    // That it was ended.
    child.on('error', () => undefined);
    const gone = new Promise((done) => child.once('exit', done));
    exits.push(gone);
    const [line] = (await once(child.stdout, 'data', { signal })) as [Buffer];
    return { process: child, gone, ...(JSON.parse(line.toString()) as { connectionString: string; control: number }) };
  };

  it('loses no send that it accepted, nor a scheduled one, when it is killed', async () => {
    const accepted: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const peer = await start();
      const client = patientOf(peer.connectionString);
      const sender = client.createSender('case-events');
      const gone = peer.gone.then(() => false);
      let killed: Promise<unknown> | null = null;
      for (let n = 0; n < 1000; n += 1) {
        const id = `r${round}-${n}`;
        // Every third waits a while in the broker, and is there when the broker comes back.
        const send =
          n % 3 === 2 ? sender.scheduleMessages(message('case', id), new Date(Date.now() + 200)) : sender.sendMessages(message('case', id));
        const sent = await Promise.race([send.then(() => true), gone]).catch(() => false);
        if (!sent) break;
        accepted.push(id);
        // From when it is in the midst of it, however long it took to get there.
        if (n === 9) killed = sleep(50 + round * 40).then(() => peer.process.kill('SIGKILL'));
      }
      expect(killed).not.toBeNull();
      await killed;
      await gone;
      await Promise.race([client.close(), sleep(500)]);
    }
    const peer = await start();
    const client = patientOf(peer.connectionString);
    await sleep(300);
    const session = await client.acceptSession('case-events', 'case');
    const waiting = await session.peekMessages(5000);
    const found: string[] = [];
    // Never more than there is: what was asked for too much the library takes back, and where that is not answered within 200 ms it closes the receiver.
    while (found.length < waiting.length) {
      const [one] = await session.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
      found.push(String(one!.messageId));
      await session.completeMessage(one!);
    }
    expect(await session.receiveMessages(1, { maxWaitTimeInMs: 300 })).toEqual([]);
    expect(accepted.length).toBeGreaterThan(20);
    expect(accepted.filter((id) => !found.includes(id))).toEqual([]);
    expect(new Set(found).size).toBe(found.length);
    const counted = (await (await fetch(`http://127.0.0.1:${peer.control}/counts`)).json()) as { deliveries: number };
    expect(counted.deliveries).toBe(found.length);
    await client.close();
  }, 60_000);
});
