import { addMinutes, addSeconds } from '#core/time.js';
import { orderBytes } from '../support/engine-fixture.ts';
import { acts, startOperatorFixture } from './operator-fixture.ts';
import type { OperatorFixture } from './operator-fixture.ts';

let desk: OperatorFixture;
beforeEach(() => {
  desk = startOperatorFixture();
});
afterEach(() => desk.close());

/** Messages that are refused for the same reason: m1, m2 … */
async function refusedMessages(count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    const text = orderBytes('new', `M${n}`).toString().replaceAll('P000001^REHEARSAL-EHR|F000001^REHEARSAL-RIS', '|');
    await desk.engine.bring(Buffer.from(text));
  }
}
const all = { ids: [], filter: { kind: 'message', state: 'refused' } } as const;
const release = { ask: 'release', which: all, reason: 'sender has mended them', dryRun: false } as const;
const states = () => desk.engine.stores.db.all<{ state: string }>('SELECT state FROM raw ORDER BY id').map(({ state }) => state);
const confirm = (bulk: string, account: string) => desk.ask({ ask: 'confirm', bulk }, account);

async function asked(): Promise<string> {
  const reply = await desk.ask(release);
  if (!reply.ok || reply.answer !== 'waits') throw new Error(`does not wait: ${JSON.stringify(reply)}`);
  return reply.bulk;
}

describe('an act on more than one item', () => {
  beforeEach(() => refusedMessages(3));

  it('waits for another person, who does it: one audit row an item, with both names', async () => {
    const bulk = await asked();
    expect(states()).toEqual(['refused', 'refused', 'refused']);
    const item = (await desk.listed()).find(({ id }) => id === bulk);
    expect(item).toMatchObject({ kind: 'bulk', what: 'release of 3', next: 'other person: confirm' });
    expect(acts(await confirm(bulk, 'sweber'))).toMatchObject([
      { id: 'm1', ok: true },
      { id: 'm2', ok: true },
      { id: 'm3', ok: true },
    ]);
    expect(states()).toEqual(['released', 'released', 'released']);
    expect(desk.audited().map(({ actor, action, outcome }) => `${actor.includes('m-brandt') ? 'brandt' : 'weber'} ${action} ${outcome}`)).toEqual([
      'brandt q-release nothing',
      'weber q-confirm done',
      'brandt q-release done',
      'brandt q-release done',
      'brandt q-release done',
    ]);
    expect(desk.audited().at(-1)?.detail).toMatchObject({ bulk, confirmedBy: 's-weber', item: 'm3', reason: 'sender has mended them' });
    expect((await desk.listed()).filter(({ kind }) => kind === 'bulk')).toEqual([]);
    expect(await confirm(bulk, 'akim')).toMatchObject({ ok: false, text: `${bulk} has been confirmed already.` });
  });

  it('is never confirmed by the person who asked, which is audited as denied', async () => {
    const bulk = await asked();
    expect(await confirm(bulk, 'mbrandt')).toEqual({
      ok: false,
      code: 'denied',
      text: `Mika Brandt asked for ${bulk}: another person has to confirm it.`,
    });
    expect(states()).toEqual(['refused', 'refused', 'refused']);
    expect(desk.audited().at(-1)).toMatchObject({ action: 'q-confirm', outcome: 'denied' });
    expect(await confirm(bulk, 'nokafor')).toMatchObject({ ok: false, code: 'denied' });
  });

  it('may be confirmed by an admin, until 30 minutes have passed: then nothing is done', async () => {
    const first = await asked();
    const second = await asked();
    const began = desk.engine.now;
    desk.engine.now = addSeconds(addMinutes(began, 30), -1);
    expect(await confirm(first, 'akim')).toMatchObject({ ok: true });
    await refusedMessages(4);
    desk.engine.now = addMinutes(began, 30);
    expect(await confirm(second, 'sweber')).toMatchObject({ ok: false, code: 'not-possible', text: expect.stringContaining('has expired') });
    expect((await desk.listed()).filter(({ kind }) => kind === 'bulk')).toEqual([]);
    expect(states()).toEqual(['released', 'released', 'released', 'refused']);
  });

  it('acts on what was held when it was asked for, and says what is not held any more', async () => {
    const bulk = await asked();
    await refusedMessages(4);
    await desk.act('release', ['m2'], { account: 'sweber' });
    expect(acts(await confirm(bulk, 'sweber'))).toMatchObject([
      { id: 'm1', ok: true },
      { id: 'm2', ok: false, text: 'm2 is released already.' },
      { id: 'm3', ok: true },
    ]);
    expect(states()).toEqual(['released', 'released', 'released', 'refused']);
  });

  it('is done once when two people confirm it at the same moment', async () => {
    const bulk = await asked();
    const replies = await Promise.all([confirm(bulk, 'sweber'), confirm(bulk, 'akim')]);
    expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
    expect(desk.audited().filter(({ action, outcome }) => action === 'q-release' && outcome === 'done')).toHaveLength(3);
  });

  it('is said and not asked for on a dry run, and one item alone needs nobody else', async () => {
    const before = desk.state();
    expect(acts(await desk.ask({ ...release, dryRun: true }))).toHaveLength(3);
    expect(desk.state()).toBe(before);
    expect(acts(await desk.act('release', ['m1']))).toMatchObject([{ ok: true }]);
    expect(await desk.ask({ ...release, which: { ids: [], filter: { kind: 'event' } } })).toMatchObject({
      ok: false,
      text: 'Nothing that is held fits.',
    });
  });

  it('is shown with its items, and can not be acted on otherwise', async () => {
    const bulk = await asked();
    const reply = await desk.ask({ ask: 'show', id: bulk });
    expect(reply).toMatchObject({ ok: true, item: { about: { by: 'm-brandt', reason: 'sender has mended them' } } });
    expect(acts(await desk.act('skip', [bulk]))).toMatchObject([{ ok: false, text: `${bulk} waits for another person: radloop q confirm ${bulk}.` }]);
    expect(await confirm('b99', 'sweber')).toMatchObject({ ok: false, code: 'unknown' });
  });
});
