import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPeople } from '../../infra/rehearsal/people.ts';
import type { Act, Acted, FeedItem, TeamsSide } from '../../infra/rehearsal/teams-side.ts';

const about = (caseNumber: string, revision: number): Record<string, unknown> => ({ caseNumber, revision });
const submit = (verb: string, data: object): object => ({ type: 'Action.Submit', title: verb, data: { verb, ...data } });

function channelCard(n: number, caseNumber: string, revision: number): FeedItem {
  const card = { type: 'AdaptiveCard', actions: [submit('open', { msteams: { type: 'task/fetch' }, ...about(caseNumber, revision) })] };
  return { n, kind: 'posted', conversationId: '19:c@thread.tacv2;messageid=1', activityId: `a${String(n)}`, place: 'protocoling', card, at: '' };
}

function personalView(caseNumber: string, revision: number): object {
  const show = (verb: string, body: object[]): object => ({
    type: 'Action.ShowCard',
    card: { type: 'AdaptiveCard', body, actions: [submit(verb, about(caseNumber, revision))] },
  });
  const choices = { type: 'Input.ChoiceSet', id: 'protocolId', choices: [{ title: 'One', value: 'P-ONE' }, { title: 'Two', value: 'P-TWO' }] }; // prettier-ignore
  const actions = [submit('approve', about(caseNumber, revision)), show('choose-other', [choices]), show('reject', []), show('ask-orderer', [])];
  return { task: { type: 'continue', value: { card: { content: { type: 'AdaptiveCard', body: [], actions } } } } };
}

function fakeTeams(items: readonly FeedItem[], answer: (act: Act, nth: number) => Acted | null): TeamsSide & { readonly acts: Act[] } {
  const acts: Act[] = [];
  return {
    acts,
    feed: (since) => Promise.resolve({ next: items.length, items: items.filter((item) => item.n > since) }),
    act: (act) => {
      acts.push(act);
      return Promise.resolve(answer(act, acts.length));
    },
  };
}

const cases = Array.from({ length: 80 }, (_, index) => `CASE${String(index).padStart(2, '0')}`);
const opens = (act: Act): boolean => act.name === 'task/fetch';
const caseOf = (act: Act): string => /CASE\d\d/u.exec(JSON.stringify(act))?.[0] ?? '';
const fine = (act: Act): Acted => ({
  status: 200,
  body: opens(act) ? personalView(caseOf(act), 1) : { task: { type: 'message', value: 'Done.' } },
  replies: [],
});

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'people-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

async function letThemWork(teams: TeamsSide & { readonly acts: Act[] }, enough: () => boolean): Promise<number> {
  let approvals = 0;
  const people = startPeople({ dataDir, seed: 1, teams, thinkMs: [0, 2], onFirstApproval: () => (approvals += 1) });
  for (let waited = 0; waited < 400 && !enough(); waited += 1) await pause(20);
  await people.stop();
  return approvals;
}

describe('the scripted clinicians', () => {
  it('open each card first and then answer it, each in one of five ways', async () => {
    const teams = fakeTeams(cases.map((name, index) => channelCard(index + 1, name, 1)), fine); // prettier-ignore
    const first = await letThemWork(teams, () => teams.acts.length >= cases.length * 2);
    for (const name of cases) {
      const [fetch, answer] = teams.acts.filter((act) => caseOf(act) === name);
      expect([name, fetch?.name, fetch?.person === answer?.person]).toEqual([name, 'task/fetch', true]);
    }
    const ways = teams.acts.filter((act) => !opens(act)).map((act) => act.text ?? JSON.stringify(act.value));
    const verbs = ways.map((way) => (way.startsWith('approve CASE') ? 'words' : /"verb":"([a-z-]+)"/u.exec(way)?.[1]));
    expect(new Set(verbs)).toEqual(new Set(['approve', 'words', 'choose-other', 'reject', 'ask-orderer']));
    expect(ways.filter((way) => way.includes('choose-other')).every((way) => /"protocolId":"P-(ONE|TWO)"/u.test(way))).toBe(true);
    expect(first).toBe(1);
  });

  it('make the same click again when nothing answers', async () => {
    const down = (act: Act, nth: number): Acted | null => (nth === 1 ? null : fine(act));
    const teams = fakeTeams([channelCard(1, 'CASE01', 1)], down);
    await letThemWork(teams, () => teams.acts.length >= 3);
    expect(teams.acts[1]).toEqual(teams.acts[0]);
    const ledger = readFileSync(join(dataDir, 'ledgers/people.jsonl'), 'utf8').trim().split('\n').map((text) => JSON.parse(text) as Record<string, unknown>); // prettier-ignore
    expect(ledger.map((line) => [line['attempt'], line['status']])).toEqual([[1, null], [2, 200], [1, 200]]); // prettier-ignore
  });

  it('do not answer again after a restart what they have answered, but do at a new revision', async () => {
    const teams = fakeTeams([channelCard(1, 'CASE01', 1)], fine);
    await letThemWork(teams, () => teams.acts.length >= 2);
    const again = fakeTeams([channelCard(1, 'CASE01', 1), channelCard(2, 'CASE01', 2)], fine);
    await letThemWork(again, () => again.acts.length >= 2);
    expect(again.acts.map((act) => JSON.stringify(act.value).includes('"revision":2') || act.kind === 'message')[0]).toBe(true);
    expect(again.acts).toHaveLength(2);
  });

  it('answer a question in the private chat of the one who is asked', async () => {
    const action = { type: 'Action.Execute', verb: 'answer-question', title: 'Send', data: { verb: 'answer-question', ...about('CASE01', 2) } };
    const card = { type: 'AdaptiveCard', body: [{ type: 'Input.Text', id: 'answerText' }], actions: [action] };
    const teams = fakeTeams([{ n: 1, kind: 'personal', conversationId: 'a:1', activityId: 'q1', place: 'c-reyes', card, at: '' }], fine);
    await letThemWork(teams, () => teams.acts.length >= 1);
    expect(teams.acts[0]).toMatchObject({ person: 'c-reyes', name: 'adaptiveCard/action', conversationId: 'a:1', replyToId: 'q1' });
    expect(JSON.stringify(teams.acts[0]?.value)).toMatch(/"answerText":"[^"]+"/u);
  });
});
