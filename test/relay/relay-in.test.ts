import { createHash } from 'node:crypto';
import { HttpRequest } from '@azure/functions';
import { toInstant } from '#core/time.js';
import { facilityByToken } from '#adapters/embedded/facility-tokens.js';
import { doorkeeper, facilityBy } from '#engine/doorkeeper.js';
import { keepNoise, receive } from '#engine/intake.js';
import { hl7InHandler } from '../../functions/triggers/hl7-in.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import { SENDER_TOKEN, connectSender, inFrame, playDoor, relaySite, startRelay } from './relay-fixture.ts';
import type { PlayedDoor, Relay, RelaySite, SenderLine } from './relay-fixture.ts';

const message = (controlId: string, modes = ''): string =>
  `MSH|^~\\&|RIS|GENERAL|RADLOOP|GENERAL|20261125120000||ORM^O01|${controlId}|P|2.5.1||${modes}\rPID|1||4711^^^GENERAL\r`;
const ack = (code: string, controlId: string, own = 'A1'): string =>
  `MSH|^~\\&|RADLOOP|GENERAL|RIS|GENERAL|20261125120001||ACK|${own}|P|2.5.1\rMSA|${code}|${controlId}\r`;
const fieldsOf = (answer: Buffer | null, segment: string): readonly string[] =>
  (
    answer
      ?.toString('latin1')
      .split('\r')
      .find((line) => line.startsWith(segment)) ?? ''
  ).split('|');

let site: RelaySite;
let door: PlayedDoor;
let relay: Relay;
const lines: SenderLine[] = [];
const sender = async (...from: Parameters<typeof connectSender> extends [number, RelaySite, ...infer Rest] ? Rest : never): Promise<SenderLine> => {
  const line = await connectSender(relay.mllp, site, ...from);
  lines.push(line);
  return line;
};

beforeAll(async () => {
  site = await relaySite();
  door = await playDoor(site);
  relay = await startRelay(site, door.url, ['--door-timeout-seconds', '2']);
});
beforeEach(() => {
  door.brought.length = 0;
});
afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});
afterAll(async () => {
  await relay.stop();
  await door.close();
  site.remove();
});

describe('the MLLP relay, from a sender to the door', () => {
  it('hands on the bytes of a message as they came, one at a time, and the answer as the door gave it', async () => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x0b && byte !== 0x1c));
    const sent = Buffer.concat([Buffer.from(message('C1')), everyByte]);
    const answer = Buffer.concat([Buffer.from(ack('AA', 'C1')), everyByte]);
    door.answer = (_body, response) => response.writeHead(200).end(answer);
    const line = await sender();
    for (const byte of inFrame(sent)) line.socket.write(Buffer.of(byte));
    expect(await line.next()).toEqual(answer);
    expect(door.brought).toEqual([{ authorization: `Bearer ${SENDER_TOKEN}`, contentType: 'x-application/hl7-v2+er7', body: sent }]);
    expect(relay.output()).not.toContain('4711');
  });

  it("invariant 6: answers AE, with 207 and the control id, within 2 s while the door is down, and the door's own AA when it is back", async () => {
    const { port } = door;
    await door.close();
    const line = await sender();
    const began = performance.now();
    line.socket.write(inFrame(message('C2')));
    const answer = await line.next();
    expect(performance.now() - began).toBeLessThan(2000);
    expect(fieldsOf(answer, 'MSA').slice(1, 3)).toEqual(['AE', 'C2']);
    expect(fieldsOf(answer, 'ERR')[3]).toMatch(/^207/u);
    door = await playDoor(site, port);
    door.answer = (_body, response) => response.writeHead(200).end(ack('AA', 'C2'));
    line.socket.write(inFrame(message('C2')));
    expect((await line.next())?.toString()).toBe(ack('AA', 'C2'));
  });

  it('invariant 6: in enhanced mode a door that is down is CE', async () => {
    const { port } = door;
    await door.close();
    const line = await sender();
    line.socket.write(inFrame(message('C3', '|AL|AL')));
    expect(fieldsOf(await line.next(), 'MSA').slice(1, 3)).toEqual(['CE', 'C3']);
    door = await playDoor(site, port);
  });

  it('invariant 5: gives no answer and ends the connection when the door may have taken the message; sent again it gets the AA', async () => {
    door.answer = (_body, response) => response.destroy();
    const line = await sender();
    line.socket.write(inFrame(message('C4')));
    expect(await line.next()).toBeNull();
    door.answer = (_body, response) => response.writeHead(200).end(ack('AA', 'C4'));
    const again = await sender();
    again.socket.write(inFrame(message('C4')));
    expect((await again.next())?.toString()).toBe(ack('AA', 'C4'));
  });

  it('invariant 5: gives no answer when the door gives none in time', async () => {
    door.answer = () => undefined;
    const line = await sender();
    line.socket.write(inFrame(message('C5')));
    expect(await line.next()).toBeNull();
  });

  it.each([
    [401, 'AE'],
    [403, 'AE'],
    [404, 'AE'],
    [429, 'AE'],
    [400, 'AR'],
    [413, 'AR'],
    [415, 'AR'],
    [500, null],
    [502, null],
    [503, null],
    [504, null],
  ])("makes of the door's HTTP %d the answer %s", async (status, code) => {
    door.answer = (_body, response) => response.writeHead(status).end('MSA|AA|C6');
    const line = await sender();
    line.socket.write(inFrame(message('C6')));
    const answer = await line.next();
    expect(code === null ? answer : fieldsOf(answer, 'MSA')[1]).toBe(code);
  });

  it('never hands on as an answer what is no HL7', async () => {
    door.answer = (_body, response) => response.writeHead(200).end('<html>everything is fine</html>');
    const line = await sender();
    line.socket.write(inFrame(message('C7')));
    expect(await line.next()).toBeNull();
  });

  it('says nothing where the door says nothing, and the connection goes on', async () => {
    door.answer = (body, response) => (body.includes('C8') ? response.writeHead(204).end() : response.writeHead(200).end(ack('AA', 'C9')));
    const line = await sender();
    line.socket.write(inFrame(ack('AA', 'X', 'C8')));
    line.socket.write(inFrame(message('C9')));
    expect((await line.next())?.toString()).toBe(ack('AA', 'C9'));
  });

  it('makes two frames of the commit and the application answer of enhanced mode, byte for byte', async () => {
    const [commit, application] = [ack('CA', 'C10', 'K1'), ack('AA', 'C10', 'K2')];
    door.answer = (_body, response) => response.writeHead(200).end(`BHS|^~\\&|RADLOOP\r${commit}${application}BTS|2\r`);
    const line = await sender();
    line.socket.write(inFrame(message('C10', '|AL|AL')));
    expect((await line.next())?.toString()).toBe(commit);
    expect((await line.next())?.toString()).toBe(application);
  });

  it('hands on the answer to a batch as the one batch that it is', async () => {
    const answers = `BHS|^~\\&|RADLOOP\r${ack('AA', 'C11', 'K1')}${ack('AE', 'C12', 'K2')}BTS|2\r`;
    door.answer = (_body, response) => response.writeHead(200).end(answers);
    const line = await sender();
    line.socket.write(inFrame(`BHS|^~\\&|RIS\r${message('C11')}${message('C12')}BTS|2\r`));
    expect((await line.next())?.toString()).toBe(answers);
  });

  it('refuses a certificate of no sender with AR, and one of another authority or none before a byte', async () => {
    const stranger = await sender(site.stranger);
    stranger.socket.write(inFrame(message('C13')));
    expect(fieldsOf(await stranger.next(), 'MSA')[1]).toBe('AR');
    for (const identity of [site.foreign, null]) {
      const line = await sender(identity);
      line.socket.write(inFrame(message('C14')));
      expect(await line.next()).toBeNull();
    }
    expect(door.brought).toEqual([]);
  });

  it('field report 5: brings what was no message to the door too, as something that can not be taken for one', async () => {
    door.answer = (_body, response) => response.writeHead(400).end();
    const line = await sender();
    line.socket.write('MSH|no frame|');
    line.socket.end();
    await line.next();
    const deadline = Date.now() + 5000;
    while (door.brought.length === 0 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    const [kept] = door.brought;
    expect(kept?.contentType).toBe('application/json');
    const { fault, bytes } = JSON.parse(kept?.body.toString() ?? '{}') as { fault: string; bytes: string };
    expect([fault, Buffer.from(bytes, 'base64').toString()]).toEqual(['between-frames', 'MSH|no frame|']);
    expect(relay.output()).not.toContain('no frame');
  });

  it('refuses a message of more than 10 MB with AR and goes on', async () => {
    door.answer = (_body, response) => response.writeHead(200).end(ack('AA', 'C16'));
    const line = await sender();
    line.socket.write(inFrame(Buffer.concat([Buffer.from(message('C15')), Buffer.alloc(10 * 1024 * 1024, 'x')])));
    expect(fieldsOf(await line.next(), 'MSA').slice(1, 3)).toEqual(['AR', 'C15']);
    line.socket.write(inFrame(message('C16')));
    expect((await line.next())?.toString()).toBe(ack('AA', 'C16'));
    expect(door.brought).toHaveLength(1);
  });

  it("brings an order to the site's own door: kept once, the same answer when it is sent again", async () => {
    const engine = startEngineFixture('assist', (read) => ({
      ...read,
      settings: {
        ...read.settings,
        facilities: [
          {
            ...{ id: 'general', name: 'General', certificateNames: [], mshFacilities: ['RADLOOP-GENERAL'], mshApplications: [], answersTo: null },
            tokenSha256: createHash('sha256').update(SENDER_TOKEN).digest('hex'),
          },
        ],
      },
    }));
    try {
      engine.now = toInstant(Date.now());
      const { parts } = engine;
      const handle = hl7InHandler(facilityBy(parts, { byToken: facilityByToken(parts.facilities), namesIn: () => null }), {
        receive: (bytes, from) => receive(parts, bytes, from),
        keepNoise: (bytes, length, reason, from) => keepNoise(parts, bytes, length, reason, from),
        answered: (identity) => parts.raw.answered(identity),
        batchOf: (answers) => parts.door.batchOf(answers, parts.clock.now()),
        refused: doorkeeper(parts).refused,
      });
      door.answer = (body, response, request) => {
        const headers = { authorization: request.headers.authorization ?? '', 'content-type': request.headers['content-type'] ?? '' };
        void handle(new HttpRequest({ method: 'POST', url: door.url, headers, body: { bytes: body } })).then((answered) =>
          response.writeHead(answered.status ?? 500).end(answered.body),
        );
      };
      const line = await sender();
      line.socket.write(inFrame(orderBytes('new', 'R1')));
      const first = await line.next();
      expect(fieldsOf(first, 'MSA').slice(1, 3)).toEqual(['AA', 'R1']);
      line.socket.write(inFrame(orderBytes('new', 'R1')));
      expect(await line.next()).toEqual(first);
    } finally {
      await engine.close();
    }
  });

  it('answers what it has in hand when it is asked to end, and ends with 0', async () => {
    const asked = new Promise<() => void>((told) => {
      door.answer = (_body, response) => {
        told(() => response.writeHead(200).end(ack('AA', 'C17')));
      };
    });
    const line = await sender();
    line.socket.write(inFrame(message('C17')));
    const answer = await asked;
    const ended = relay.stop();
    setTimeout(answer, 200);
    expect((await line.next())?.toString()).toBe(ack('AA', 'C17'));
    expect(await ended).toBe(0);
  });
});
