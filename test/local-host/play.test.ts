import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ordersBefore, playAndReport } from '../../infra/local/play.ts';
import { testSite } from '../support/planned-orders.ts';

const at = '2026-11-25T10:00:00.000Z';
const cancelled = (placer: string) => ({
  ...{ placer, code: 'CTHEADWO', exam: 'CT HEAD', status: 'cancelled', orderedAt: at, acknowledged: 'AA', cancelledAt: at },
  ...{ recommendation: null, approved: null, approvals: 0 },
});

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'radloop-play-'));
});
afterEach(() => {
  rmSync(data, { recursive: true });
});

it('a play in a folder of earlier ones counts its own orders alone', async () => {
  mkdirSync(join(data, 'ledgers'));
  const earlier = ['P000001', 'P000002', 'P000003'];
  const lines = earlier.map((order) => JSON.stringify({ event: 'order-out', controlId: order, order, attempt: 1, bytes: '' }));
  // The RIS was ended in the middle of a line.
  writeFileSync(join(data, 'ledgers', 'ris.jsonl'), `${lines.join('\n')}\n{"event":"order-out","order":"P0000`);
  const before = ordersBefore(data);
  expect(before).toEqual({ placers: new Set(earlier), last: 3 });
  const orders = [...earlier, 'P000004', 'P000005'].map(cancelled);
  const server = createServer((_, response) => response.end(JSON.stringify({ orders })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const said: string[] = [];
    expect(await playAndReport({ page, data, site: testSite, orders: 2, before, fault: 'none', say: (line) => said.push(line) })).toBe(0);
    expect(said.at(-1)).toBe('Every loop is closed: 2 of 2.');
    expect(said.join('\n')).not.toContain('P000003');
  } finally {
    server.close();
  }
});

it('a folder that is new has no earlier orders', () => {
  expect(ordersBefore(data)).toEqual({ placers: new Set(), last: 0 });
});
