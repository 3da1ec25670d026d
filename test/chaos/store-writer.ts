import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { addSeconds } from '#core/time.js';
import { startEngineFixture } from '../support/engine-fixture.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { t0 } from '../support/store-fixture.ts';

/**
 * A process that takes orders in, lets people approve them and writes them back, on the embedded store in the folder of its first argument. What anybody outside has learnt stands on
 * its standard output the moment it is true: `ACK` with the hash of the message, `WON` with the case, `SENT` with the message's name and its bytes' hash. Each line is a write of its own.
 */
const [folder = '', count = '40'] = process.argv.slice(2);
/** What the fixture renders names the effect and the moment that it was written; the rest may be rendered anew only while nobody has seen it. */
const messageOf = (bytes: string): string => bytes.split(', rendered')[0]?.replaceAll(' ', '_') ?? '';
const engine = startEngineFixture('assist', (site) => site, folder);
const say = (text: string): void => {
  writeSync(1, `${text}\n`);
};
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

const leave = engine.left.push.bind(engine.left);
engine.left.push = (...items) => {
  for (const item of items) if (item.to === 'ris') say(`SENT ${messageOf(item.bytes)} ${sha256(item.bytes)}`);
  return leave(...items);
};

for (const [index, order] of plannedOrders(7, Number(count)).entries()) {
  engine.now = addSeconds(t0, 60 + index);
  const bytes = Buffer.from(orderMessage(order, 'new', `C${index}`, new Date(t0)));
  const answer = await engine.bring(bytes);
  if (answer.includes('MSA|AA')) say(`ACK ${sha256(bytes)}`);
  await engine.settle();
  if (index % 2 === 1) continue;
  const [row] = await engine.stores.views.open('protocoling');
  if (row !== undefined && (await engine.approve(row.revision)) === 'won') say(`WON ${row.caseNumber}`);
  await engine.settle();
}
say('END');
await engine.stores.audit.seal(engine.now);
process.exit(0);
