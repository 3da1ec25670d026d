import { generateKeyPairSync } from 'node:crypto';
import { open } from '#adapters/embedded/sealed-export.js';
import { orderBytes } from '../support/engine-fixture.ts';
import { startOperatorFixture } from './operator-fixture.ts';
import type { OperatorFixture } from './operator-fixture.ts';

const pair = () => generateKeyPairSync('rsa', { modulusLength: 3072 });
/** Of somebody who may see patient data; and another one. */
const [holder, other] = [pair(), pair()];
const exportKey = holder.publicKey.export({ type: 'spki', format: 'pem' }).toString();

let desk: OperatorFixture;
afterEach(() => desk.close());

const exported = (id: string, reason = 'sender asks what it sent') => desk.ask({ ask: 'export', id, reason });
async function sealed() {
  const reply = await exported('m1');
  if (!reply.ok || reply.answer !== 'export') throw new Error(JSON.stringify(reply));
  return reply.sealed;
}

describe('an export', () => {
  beforeEach(async () => {
    desk = startOperatorFixture({ exportKey });
    await desk.engine.bring(orderBytes('new', 'M1'));
  });

  it('gives the bytes to the holder of the key that the site names and to nobody else, the operator included, and is audited', async () => {
    const reply = await exported('m1');
    expect(JSON.stringify(reply)).not.toMatch(/Abara|QWJhcm/u);
    expect(open(await sealed(), holder.privateKey)).toEqual(orderBytes('new', 'M1'));
    expect(open(await sealed(), other.privateKey)).toBe('otherKey');
    expect(desk.audited()[0]).toMatchObject({ action: 'q-export', outcome: 'done', detail: { item: 'm1', reason: 'sender asks what it sent' } });
  });

  it('seals under a new key each time', async () => {
    const [one, two] = [await sealed(), await sealed()];
    expect(two.wrappedKey).not.toBe(one.wrappedKey);
    expect(two.iv).not.toBe(one.iv);
    expect(two.body).not.toBe(one.body);
  });

  it('opens nothing of what was changed: item, hash, bytes, tag, key', async () => {
    const whole = await sealed();
    const turned = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
    const changed = [
      { ...whole, item: 'm2' },
      { ...whole, sha256: '0'.repeat(64) },
      ...(['body', 'tag', 'iv', 'wrappedKey'] as const).map((part) => ({ ...whole, [part]: turned(whole[part]) })),
      { ...whole, tag: whole.tag.slice(0, 8) },
    ];
    expect(changed.map((one) => open(one, holder.privateKey))).toEqual(changed.map(() => null));
  });

  it('needs a reason, and something that has bytes', async () => {
    expect(await exported('m1', '')).toMatchObject({ ok: false, code: 'no-reason' });
    expect(await exported('m7')).toMatchObject({ ok: false, code: 'unknown' });
    expect(desk.audited()).toEqual([]);
  });
});

describe('an export where the site names nobody who may see patient data', () => {
  it('is refused, and says how to make the key and where its public part goes', async () => {
    desk = startOperatorFixture();
    await desk.engine.bring(orderBytes('new', 'M1'));
    const reply = await exported('m1');
    expect(reply).toMatchObject({ ok: false, code: 'not-possible', text: expect.stringContaining('openssl genpkey -algorithm RSA') });
    expect(reply).toMatchObject({ text: expect.stringContaining('"exportKey": "export-key.pem" in site.json') });
    expect(desk.audited()).toEqual([]);
  });
});
