import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readPostings, sizeOfLedgers } from '../support/ledgers.ts';
import { exchangeBytes, frame, tapTo } from '../support/mllp-wire.ts';
import { radloop, runNode } from '../support/radloop.ts';
import { testSite } from '../support/planned-orders.ts';
import { amounts, caseOf, holds, untilQuiet } from '../support/store-facts.ts';

/** Public HL7 messages that are not part of this repository. */
const folder = '../shared/data/hl7/messages';
const isHere = existsSync(folder);
const name = isHere
  ? 'opens one case an order, holds what names another patient, and does nothing a second time'
  : `is not tried: ${folder} is not here`;

/** What test/support/count-orders.mjs prints. */
interface Counted {
  readonly inFolder: number;
  readonly frames: number;
  readonly answered: number;
  readonly orderMessages: number;
  readonly acks: Readonly<Record<string, number>>;
  readonly strayAnswers: number;
  readonly furtherOrders: number;
  readonly orders: number;
  readonly notImaging: number;
  readonly withoutNew: number;
  readonly heldOrders: number;
  readonly heldMessages: number;
}

/** What `radloop hl7 send --json` says of one message. */
interface Sent {
  readonly file: string;
  readonly ack: string | null;
  readonly errors: readonly { readonly code: string; readonly text: string; readonly segment: string }[];
}

describe('every ORM message of the public collections', () => {
  let installation: TestInstallation;
  beforeAll(async () => {
    installation = await openInstallation();
    await installation.openHospital(['--rate', '0', '--people', 'none']);
  }, 180_000);
  afterAll(async () => {
    await installation.clear();
  }, 30_000);

  it(
    name,
    async () => {
      if (!isHere) return;
      const { data, kept } = installation;
      const before = (await amounts(kept)).cases;
      const tap = await tapTo(installation.ports.mllp);
      const send = async (): Promise<{ said: Sent[]; sent: Buffer; answered: Buffer }> => {
        const { out } = await radloop('hl7', 'send', ...filesWithOrders(folder), '--to', `127.0.0.1:${String(tap.port)}`, '--json');
        const said = out.trim().split('\n').map((line) => JSON.parse(line) as Sent); // prettier-ignore
        return { said, ...tap.take() };
      };
      const first = await send();
      // Some ask for a commit answer alone, and some for none.
      const unasked = ({ errors }: Sent): boolean => errors.some(({ code }) => code === 'none-asked');
      expect(first.said.filter((one) => !['AA', 'AE', 'AR', 'CA'].includes(one.ack ?? '') && !unasked(one))).toEqual([]);
      // A refusal says what and where.
      expect(
        first.said.filter(
          ({ ack, errors }) => !['AA', 'CA'].includes(ack ?? '') && !errors.some(({ text, segment }) => text !== '' && segment !== ''),
        ),
      ).toEqual([]);
      await untilQuiet(kept, 60);

      const counted = await countOrders(data, first);
      const held = await holds(kept);
      const cases = (await amounts(kept)).cases - before;
      const figures = { ...counted, cases, holds: held.cases.length, heldBack: held.messages, postings: readPostings(data, 'protocoling').length };
      process.stdout.write(`${JSON.stringify(figures)}\n`);
      expect(counted.orderMessages).toBe(counted.inFolder);
      expect(counted.answered).toBe(counted.frames);
      expect(counted.strayAnswers).toBe(0);
      expect(cases).toBe(counted.orders);
      expect(new Set(readPostings(data, 'protocoling').map(({ caseNumber }) => caseNumber)).size).toBe(counted.orders);
      expect(counted.heldOrders).toBeGreaterThan(0);
      expect(held.cases).toHaveLength(counted.heldOrders);
      expect(held.messages).toBe(counted.heldMessages);
      const { out: waiting } = await radloop('q', 'list', '--data', data, '--json');
      const listed = waiting.trim().split('\n').map((line) => JSON.parse(line) as { what: string; case: string | null; reason: string }); // prettier-ignore
      expect(listed.filter(({ what, reason }) => what === 'case' && reason.includes('held')).map((row) => row.case)).toEqual(held.cases);

      const settled = { ...(await amounts(kept)), ledgers: sizeOfLedgers(data) };
      const second = await send();
      await pause(1500);
      await untilQuiet(kept, 60);
      await tap.close();
      expect(second.sent.equals(first.sent)).toBe(true);
      expect(second.answered.equals(first.answered)).toBe(true);
      expect({ ...(await amounts(kept)), ledgers: sizeOfLedgers(data) }).toEqual(settled);
    },
    240_000,
  );

  it('a change and a cancel without their order open no case and no card', async () => {
    const { data, kept } = installation;
    const before = { cases: (await amounts(kept)).cases, cards: readPostings(data, 'protocoling').length };
    for (const [control, placer] of [['XO', 'ALONE-1'], ['CA', 'ALONE-2']] as const) {
      const answer = await exchangeBytes(installation.ports.mllp, frame(orderMessage(control, placer, 'M1')));
      expect(answer?.toString('latin1')).toContain('\rMSA|AA|');
    }
    await untilQuiet(kept, 30);
    expect({ cases: (await amounts(kept)).cases, cards: readPostings(data, 'protocoling').length }).toEqual(before);
  }, 60_000); // prettier-ignore

  it.each([
    ['two orders', 'TWICE-1', ['NW', 'NW']],
    ['a change, then its order', 'TWICE-2', ['XO', 'NW']],
  ] as const)(
    'a number that names two patients is one case with one visible hold, told again or not: %s',
    async (_name, placer, controls) => {
      const { data, kept } = installation;
      const before = { cases: (await amounts(kept)).cases, held: (await holds(kept)).messages };
      const messages = controls.map((control, index) => orderMessage(control, placer, `M${String(index)}`));
      for (const message of [...messages, ...messages]) await exchangeBytes(installation.ports.mllp, frame(message));
      await untilQuiet(kept, 30);
      const { number } = (await caseOf(kept, placer)) ?? { number: 'none' };
      expect({ cases: (await amounts(kept)).cases - before.cases, held: (await holds(kept)).messages - before.held }).toEqual({ cases: 1, held: 1 });
      const { out } = await radloop('q', 'list', '--data', data);
      // The RIS of this rehearsal does not know the order: what it refuses is listed too.
      const lines = out.split('\n').filter((line) => line.startsWith('c') && line.includes(number));
      expect(lines).toEqual([expect.stringMatching(/a message under this number was held/u)]);
    },
    60_000,
  );
});

/** Files in which a line is the header of an ORM message, sorted by name. */
function filesWithOrders(path: string): string[] {
  if (statSync(path).isDirectory()) return readdirSync(path).sort().flatMap((entry) => filesWithOrders(join(path, entry))); // prettier-ignore
  const lines = readFileSync(path, 'latin1').split(/[\r\n]+/u);
  return lines.some((line) => /^(?:\xef\xbb\xbf)?MSH\|([^|]*\|){7}ORM/u.test(line)) ? [path] : [];
}

async function countOrders(data: string, { sent, answered }: { readonly sent: Buffer; readonly answered: Buffer }): Promise<Counted> {
  const files = [join(data, 'sent.mllp'), join(data, 'answered.mllp')] as const;
  writeFileSync(files[0], sent);
  writeFileSync(files[1], answered);
  const map = join(testSite, 'hl7', 'procedure-map.json');
  const { code, out, err } = await runNode('test/support/count-orders.mjs', ...files, map, folder);
  if (code !== 0) throw new Error(`count-orders.mjs: ${err}`);
  return JSON.parse(out) as Counted;
}

function orderMessage(control: string, placer: string, patient: string): string {
  return [
    `MSH|^~\\&|RIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|20261125100000||ORM^O01|${control}${placer}${patient}|P|2.5.1`,
    `PID|1||${patient}^^^RADLOOP-MRN^MR||Nobody^Test||19700101|F`,
    `ORC|${control}|${placer}^TEST`,
    `OBR|1|${placer}^TEST||CTHEADWO^CT HEAD WO CONTRAST^LOCAL|||||||||||||||||||||||||||^Headache`,
    '',
  ].join('\r');
}
