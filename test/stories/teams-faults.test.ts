import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import { edgeUrl } from '../../infra/local/edge/settings.ts';
import { buttonFor, cardIn, choicesOf, saidIn } from '../../infra/rehearsal/teams-side.ts';
import type { Act } from '../../infra/rehearsal/teams-side.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readPostings, readRisSide } from '../support/ledgers.ts';
import type { ChannelPosting } from '../support/ledgers.ts';
import { radloop } from '../support/radloop.ts';
import { recordsOf } from '../support/records.ts';

/** How long after its card changed a thing may take to be there, in seconds. */
const SOON = 15;
const won = /^(Approved \w{6}|Your protocol is set for \w{6})/u;
/** A Teams client sends the same again under a new id after about half a minute. */
const LATER_MS = process.env['RADLOOP_FAULTS'] === 'full' ? 30_000 : 3_000;

interface Line {
  readonly kind: string;
  readonly conversationId: string;
  readonly activityId: string;
  readonly place: string;
  readonly card: unknown;
  readonly text: string;
  readonly n: number;
  readonly at: string;
}

describe('what Teams does wrong (injected at the edge)', () => {
  let service: TestInstallation;
  beforeAll(async () => {
    await build();
    service = await openInstallation();
    await service.openHospital(['--rate', '0', '--people', 'none', '--seed', '3']);
  }, 180_000);
  afterAll(() => service.clear(), 60_000);
  afterEach(() => fault({ what: 'none' }));

  const eventually = async <T>(what: string, find: () => Promise<T | null | undefined> | T | null | undefined, seconds = SOON): Promise<T> => {
    for (const end = Date.now() + seconds * 1000; ; await pause(50)) {
      const found = await find();
      if (found !== null && found !== undefined) return found;
      if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    }
  };
  const post = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(path, { method: 'POST', ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) }); // prettier-ignore
    if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const edge = (): string => edgeUrl(service.ports.edge);
  const fault = (one: object): Promise<unknown> => post(`${edge()}/faults`, one);
  const refusedCalls = async (): Promise<readonly { call: string; status: number; at: string; place: string }[]> =>
    ((await (await fetch(`${edge()}/faults`)).json()) as { refused: { call: string; status: number; at: string; place: string }[] }).refused;
  const lines = (): Line[] =>
    readFileSync(join(service.data, 'ledgers', 'teams.jsonl'), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Line); // prettier-ignore
  const placeOrder = async (): Promise<string> => ((await post(`http://127.0.0.1:${service.ports.page}/orders/next`)) as { order: string }).order;
  const postings = (caseNumber: string): ChannelPosting[] => readPostings(service.data, 'protocoling').filter((one) => one.caseNumber === caseNumber);
  /** Places an order, and waits for its card. */
  const newCase = async (): Promise<ChannelPosting & { placer: string }> => {
    const before = new Set(readPostings(service.data, 'protocoling').map((one) => one.caseNumber));
    const placer = await placeOrder();
    const card = await eventually('a card', () => readPostings(service.data, 'protocoling').find((one) => !before.has(one.caseNumber)));
    return { ...card, placer };
  };
  const act = async (person: string, name: NonNullable<Act['name']>, at: ChannelPosting, data: object, id?: string) => {
    const { conversationId, activityId } = at;
    const acted = await service.teams.act({ person, kind: 'invoke', name, conversationId, replyToId: activityId, value: { data, context: { theme: 'default' } }, ...(id === undefined ? {} : { id }) }); // prettier-ignore
    if (acted === null) throw new Error('the edge did not answer');
    return { status: acted.status, said: saidIn(acted), card: cardIn(acted.body), body: acted.body };
  };
  /** What the bot answers to words in private. */
  const say = async (person: string, text: string): Promise<string> => {
    const acted = await service.teams.act({ person, kind: 'message', text });
    if (acted === null || acted.replies.length === 0) throw new Error(`"${text}" was not answered: HTTP ${String(acted?.status)}`);
    return JSON.stringify(acted.replies);
  };
  const openAnd = async (person: string, at: ChannelPosting) => {
    const { card } = await act(person, 'task/fetch', at, at.open);
    const approve = buttonFor(card, 'approve')?.data;
    const other = { ...buttonFor(card, 'choose-other')?.data, protocolId: choicesOf(card, 'protocolId')[0], chooseReason: 'No proposal.' };
    return { card, decide: approve ?? other };
  };
  const latest = (at: { readonly activityId: string }): string =>
    JSON.stringify(lines().findLast((line) => line.kind !== 'told' && line.activityId === at.activityId)?.card ?? '');
  const facts = async (caseNumber: string, type: string) => {
    const records = await recordsOf(service.kept);
    return records
      .facts<Record<string, unknown>>(type)
      .then((all) => all.filter((one) => one.number === caseNumber).map((one) => one.fact))
      .finally(() => records.close());
  };
  interface HeldItem {
    readonly id: string;
    readonly what: string;
    readonly type: string;
    readonly case: string | null;
    readonly destination: string | null;
    readonly reason: string;
  }
  /** What an operator sees. */
  const held = async (): Promise<readonly HeldItem[]> =>
    (await radloop('q', 'list', '--json', '--data', service.data)).out.split('\n').filter(Boolean).map((line) => JSON.parse(line) as HeldItem); // prettier-ignore
  const heldDeliveries = async (fits: Partial<HeldItem>): Promise<readonly HeldItem[] | null> => {
    const found = (await held()).filter((item) => item.what === 'delivery' && Object.entries(fits).every(([key, value]) => item[key as keyof HeldItem] === value)); // prettier-ignore
    return found.length === 0 ? null : found;
  };
  const writeBacks = (placer: string): readonly string[] => readRisSide(service.data).writeBacks.get(placer) ?? [];

  it('429 with Retry-After: the edit waits as long as it was told to, then the same card is edited, and there is no second one (field report 23)', async () => {
    const one = await newCase();
    await fault({ what: 'answers', call: 'update', status: 429, retryAfterSeconds: 2 });
    const { decide } = await openAnd('dr-okafor', one);
    expect((await act('dr-okafor', 'task/submit', one, decide)).said).toMatch(won);
    await eventually('the final card', () => (latest(one).includes('In the RIS') ? true : null));
    const refusedAt = Date.parse((await refusedCalls()).findLast(({ status }) => status === 429)?.at ?? '');
    const edited = lines().filter(({ kind, activityId }) => kind === 'updated' && activityId === one.activityId);
    expect(edited.filter(({ at }) => Date.parse(at) - refusedAt < 1_950)).toEqual([]);
    expect([postings(one.caseNumber).length, writeBacks(one.placer).length]).toEqual([1, 1]);
  }, 60_000);

  it('429 for a new card: posted once, when the time is over, while an edit elsewhere is not held up (field report 23)', async () => {
    const one = await newCase();
    const { decide } = await openAnd('dr-okafor', one);
    await fault({ what: 'answers', call: 'post', status: 429, retryAfterSeconds: 3 });
    const placer = await placeOrder();
    const refusal = await eventually('the refusal', async () =>
      (await refusedCalls()).findLast(({ call, status }) => call === 'post' && status === 429),
    );
    await act('dr-okafor', 'task/submit', one, decide);
    await eventually('the edit', () => (latest(one).includes('In the RIS') ? true : null), 2.5);
    const card = await eventually('the card', () => lines().findLast(({ kind, at }) => kind === 'posted' && at > refusal.at));
    expect(Date.parse(card.at) - Date.parse(refusal.at)).toBeGreaterThan(2_950);
    const caseNumber = /"caseNumber":"(\w{6})"/u.exec(JSON.stringify(card.card))?.[1] ?? '';
    await pause(500);
    expect([postings(caseNumber).length, (await act('dr-okafor', 'task/fetch', postings(caseNumber)[0] ?? one, { verb: 'open', caseNumber })).said]).toEqual([1, expect.any(String)]); // prettier-ignore
    expect(writeBacks(placer)).toEqual([]);
  }, 60_000);

  it('a card that somebody deleted is posted anew as the case is now, the record links the two, and edits go to the new one (field report 20)', async () => {
    const one = await newCase();
    await fault({ what: 'message-deleted', conversationId: one.conversationId, activityId: one.activityId });
    const { decide } = await openAnd('dr-okafor', one);
    expect((await act('dr-okafor', 'task/submit', one, decide)).said).toMatch(won);
    const anew = await eventually('the new card', () => postings(one.caseNumber)[1]);
    await eventually('its edit', () => (latest(anew).includes('In the RIS') ? true : null));
    const at = (posting: ChannelPosting) => ({ place: 'protocoling', conversationId: posting.conversationId, activityId: posting.activityId });
    expect(await facts(one.caseNumber, 'cardSuperseded')).toEqual([expect.objectContaining({ posting: at(one) })]);
    expect((await facts(one.caseNumber, 'cardPosted')).map(({ posting }) => posting)).toEqual([at(one), at(anew)]);
    expect([postings(one.caseNumber).length, writeBacks(one.placer).length]).toEqual([2, 1]);
    expect(await heldDeliveries({ case: one.caseNumber })).toBeNull();
    // Whoever still has the old one open reads how it stands.
    expect((await act('dr-lindqvist', 'task/submit', one, decide)).said).toContain('Ngozi Okafor approved this order at');
  }, 60_000);

  it('403 for a new card: it does not count as shown, the case waits in the list all the same, and an operator sees it and sends it again (field report 22)', async () => {
    await fault({ what: 'answers', call: 'post', status: 403, code: 'BotNotInConversationRoster' });
    const before = new Set(readPostings(service.data, 'protocoling').map((one) => one.caseNumber));
    const placer = await placeOrder();
    const [item] = await eventually('what is held', () => heldDeliveries({ type: 'showCard', destination: 'protocoling' }));
    expect(item?.reason).toContain('not-allowed: the connector answered 403');
    const [id, caseNumber] = [item?.id ?? '', item?.case ?? ''];
    expect(before.has(caseNumber)).toBe(false);
    expect(postings(caseNumber)).toEqual([]);
    expect(await facts(caseNumber, 'cardPosted')).toEqual([]);
    expect(await facts(caseNumber, 'deliveryFailed')).toEqual([expect.objectContaining({ kind: 'showCard', code: 'not-allowed' })]);
    expect((await radloop('doctor', '--data', service.data, '--service', `http://127.0.0.1:${service.ports.http}`)).out).toMatch(/warn {2}held/u);
    expect(await say('dr-okafor', 'what is waiting')).toContain(caseNumber);
    const mended = await radloop('q', 'retry', id, '--reason', 'the app is back in the team', '--data', service.data, '--as', 'm-brandt');
    expect({ code: mended.code, err: mended.err }).toEqual({ code: 0, err: '' });
    const card = await eventually('the card', () => postings(caseNumber)[0]);
    expect(latest(card)).toContain('Waiting for a radiologist');
    expect(await heldDeliveries({ case: caseNumber })).toBeNull();
    const { decide } = await openAnd('dr-okafor', card);
    expect((await act('dr-okafor', 'task/submit', card, decide)).said).toMatch(won);
    await eventually('the write-back', () => (writeBacks(placer).length === 1 ? true : null));
  }, 60_000);

  it('a channel that was deleted: the decision stands and reaches the RIS once, the card is held for an operator, and posted anew once there is a channel', async () => {
    const one = await newCase();
    await fault({ what: 'channel-deleted', place: 'protocoling' });
    const { decide } = await openAnd('dr-okafor', one);
    expect((await act('dr-okafor', 'task/submit', one, decide)).said).toMatch(won);
    await eventually('the write-back', () => (writeBacks(one.placer).length === 1 ? true : null));
    const items = await eventually('what is held', () => heldDeliveries({ type: 'showCard', case: one.caseNumber }));
    expect(items[0]?.reason).toContain('not-allowed: the connector answered 404');
    await fault({ what: 'none' });
    await fault({ what: 'message-deleted', conversationId: one.conversationId, activityId: one.activityId });
    const mended = await radloop(
      'q',
      'retry',
      items.at(-1)?.id ?? '',
      '--reason',
      'the channel is there again',
      '--data',
      service.data,
      '--as',
      'm-brandt',
    );
    expect({ code: mended.code, err: mended.err }).toEqual({ code: 0, err: '' });
    const anew = await eventually('the new card', () => postings(one.caseNumber)[1]);
    expect(latest(anew)).toContain('In the RIS');
    expect(await facts(one.caseNumber, 'cardSuperseded')).toHaveLength(1);
    expect(writeBacks(one.placer)).toHaveLength(1);
  }, 60_000);

  it('somebody who left can’t be asked: the coordinator and the asker are told at once, and an operator sees it (field report 22)', async () => {
    const one = await newCase();
    await fault({ what: 'person-left', person: 'dr-haddad' });
    const { card } = await openAnd('dr-okafor', one);
    const asked = await act('dr-okafor', 'task/submit', one, { ...buttonFor(card, 'ask-orderer')?.data, question: 'Which side?' });
    expect(asked.said).toContain(`Your question about ${one.caseNumber}`);
    const told = (person: string): Line | undefined =>
      lines().find((line) => line.kind === 'personal' && line.place === person && JSON.stringify(line.card).includes(one.caseNumber));
    const notes = [await eventually('the coordinator', () => told('c-reyes')), await eventually('the asker', () => told('dr-okafor'))];
    expect(JSON.stringify(notes[1]?.card)).toContain('could not be delivered');
    const [item] = (await heldDeliveries({ type: 'question', case: one.caseNumber, destination: 'dr-haddad' })) ?? [];
    expect(item?.reason).toContain('not-allowed: the connector answered 403');
    // It can still be decided.
    const { decide } = await openAnd('dr-lindqvist', one);
    expect((await act('dr-lindqvist', 'task/submit', one, decide)).said).toMatch(won);
  }, 60_000);

  it('words that somebody edits in a thread are not said again: nothing is done, nothing answered', async () => {
    const one = await newCase();
    const { decide } = await openAnd('dr-okafor', one);
    const words = { person: 'dr-okafor', conversationId: one.conversationId, id: '1700000000001' };
    await post(`${edge()}/act`, { ...words, kind: 'message', text: 'what is waiting' });
    const before = lines().filter(({ kind }) => kind !== 'told').length;
    const edited = await post(`${edge()}/act`, { ...words, kind: 'edit', text: 'approve it' });
    expect(edited).toEqual({ status: 200, body: null, replies: [] });
    await pause(500);
    expect(lines().filter(({ kind }) => kind !== 'told')).toHaveLength(before);
    expect(await facts(one.caseNumber, 'protocolApproved')).toEqual([]);
    await act('dr-okafor', 'task/submit', one, decide);
    await eventually('the card', () => (latest(one).includes('In the RIS') ? true : null));
    expect(postings(one.caseNumber)).toHaveLength(1);
  }, 60_000);

  it(`the same invoke again at once, and after ${LATER_MS / 1000} s under a new id, gets the first answer; it counts once (field report 19, invariant 17)`, async () => {
    const one = await newCase();
    const { decide } = await openAnd('dr-okafor', one);
    const atOnce = await Promise.all(['a', 'a', 'a'].map((id) => act('dr-okafor', 'task/submit', one, decide, id)));
    const [first = ''] = atOnce.map(({ said }) => firstSentence(said));
    expect(first).toMatch(won);
    expect(atOnce.map(({ status, said }) => [status, firstSentence(said)])).toEqual(atOnce.map(() => [200, first]));
    await eventually('the card', () => (latest(one).includes('In the RIS') ? true : null));
    await pause(LATER_MS);
    const sent = lines().filter(({ kind }) => kind !== 'told').length;
    const late = await act('dr-okafor', 'task/submit', one, decide, 'b');
    expect([late.status, firstSentence(late.said)]).toEqual([200, first]);
    await pause(500);
    expect(lines().filter(({ kind }) => kind !== 'told')).toHaveLength(sent);
    expect(await facts(one.caseNumber, 'protocolApproved')).toHaveLength(1);
    expect(writeBacks(one.placer)).toHaveLength(1);
  }, 60_000);
});

/** What the answer says of the press; what waits next may have changed meanwhile. */
function firstSentence(said: string): string {
  return said.split('. ')[0] ?? '';
}
