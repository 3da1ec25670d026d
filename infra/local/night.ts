import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import type { CaseRequest } from '#ports/case-desk.js';
import type { Board } from '#ports/tab.js';
import { askCase } from '../cli/q-ask.ts';

/** How many times faster than the site's policy the windows are: 5, 10 and 15 minutes become 30, 60 and 90 seconds. */
export const NIGHT_SPEED = 10;

const RADIOLOGIST = 'dr-okafor';
const COORDINATOR = 'c-reyes';
const SWITCHBOARD = 'w-dubois';
const READ_BACK_SECONDS = 300 / NIGHT_SPEED;
/** What could be on it, by the words of its card; the one whose word comes first, which is the exam's: protocols stand below it. */
const FINDINGS: readonly (readonly [exam: RegExp, finding: string])[] = [
  [/\b(?:HEAD|BRAIN)\b/u, 'acute intracranial haemorrhage with midline shift'],
  [/\bCHEST\b/u, 'tension pneumothorax on the left'],
  [/\b(?:ABDOMEN|PELVIS)\b/u, 'free gas in the abdomen'],
];
const ELSEWHERE = 'active arterial bleeding';
const LOOK_EVERY_MS = 500;

/**
 * The night shift of the rehearsal: the radiologist on duty declares a critical result on a case and sends it, and nobody answers. Says what happens, until somebody
 * has taken it and it is closed. @param signal ends it
 */
export async function playNight(data: string, tab: string, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  const number = await caseToDeclare(data, signal);
  const ask = (request: CaseRequest) => askCase({ data, as: RADIOLOGIST }, request);
  const exam = JSON.stringify(await ask({ ask: 'case-show', caseNumber: number }));
  const named = FINDINGS.map(([words, what]) => ({ at: exam.search(words), what })).filter(({ at }) => at >= 0);
  const finding = named.toSorted((a, b) => a.at - b.at)[0]?.what ?? ELSEWHERE;
  const declared = await ask({ ask: 'case-declare', of: { caseNumber: number }, finding, category: 1, side: null });
  if (!declared.ok || declared.answer !== 'declared') throw new Error(`the night has no critical result: ${'text' in declared ? declared.text : ''}`);
  const { caseNumber } = declared;
  await ask({ ask: 'case-show', caseNumber });
  const sent = await ask({ ask: 'case-answer', caseNumber, verb: 'release-critical', protocolId: null, text: null });
  const began = Date.now();
  say('');
  say(
    `The night shift, ${NIGHT_SPEED} times as fast as the policy. ${RADIOLOGIST} has sent a critical result, ${caseNumber}, on ${number}. ${'text' in sent ? sent.text : ''}`,
  );
  say('Nobody answers. Watch it climb at 30 and 60 seconds and reach the switchboard at 90:');
  say(
    `  the board     ${tab} (the board is in the menu): as ${COORDINATOR} you see it climb, as ${SWITCHBOARD}, the switchboard, from 90 seconds on`,
  );
  say('  take it there as whoever is called (named below, level by level): “I take it” opens the form of the read-back, which is due within');
  say(`  ${READ_BACK_SECONDS} seconds; “Read back” alone takes it too. Then record the conversation as ${RADIOLOGIST}.`);
  say(`  The switchboard keys in ${caseNumber} and takes it in hand: it is quiet for a while then, and waits for a doctor all the same.`);
  say(`  in a terminal npx radloop critical list --data ${data} --as ${COORDINATOR}`);
  for (let before = ''; !signal.aborted;) {
    const rows = await boardIn(tab).catch(() => null);
    const row = rows?.find((one) => one.caseNumber === caseNumber);
    const now = row === undefined ? (rows === null ? before : 'closed') : standing(row);
    if (now !== before) say(`  ${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${caseNumber}: ${now}`);
    if (now === 'closed') return;
    before = now;
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The board as a coordinator sees it on the tab, where people of the rehearsal sign in by their id. */
async function boardIn(tab: string): Promise<Board['alerts']> {
  const ask = async (path: string, body: object, token?: string): Promise<unknown> => {
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    return (await fetch(new URL(path, tab), { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const { access_token: token } = (await ask('sign-in', { person: COORDINATOR })) as { readonly access_token: string };
  const { found } = (await ask('ask', { ask: 'board' }, token)) as { readonly found: Board };
  return found.alerts;
}

function standing({ status, level, called, takenBy }: Board['alerts'][number]): string {
  const names = called.map(({ name }) => name).join(', ');
  switch (status) {
    case 'open':
      return `level ${level}, ${names} called`;
    case 'failsafe':
      return `at the switchboard, untaken; ${names} called`;
    case 'failsafe-taken':
      return `in hand at the switchboard: ${takenBy ?? 'nobody'}`;
    case 'taken':
      return `taken by ${takenBy ?? 'nobody'}, not read back`;
    case 'read-back':
      return `read back by ${takenBy ?? 'nobody'}, the conversation is to be recorded`;
    case 'not-sent':
    case 'asking':
    case 'withdrawn':
    case 'changed':
      return `${status}, ${names}`;
    default:
      return status satisfies never;
  }
}

/** A CT of the head would be best; any case will do. */
async function caseToDeclare(data: string, signal: AbortSignal): Promise<string> {
  const db = openDatabase(join(data, 'store'), { readOnly: true });
  try {
    for (let looks = 0; ; looks += 1) {
      signal.throwIfAborted();
      const rows = db.all<{ number: string; row: string }>(
        "SELECT number, row FROM rows WHERE workflow = 'protocoling' AND open = 1 ORDER BY updated_at",
      );
      const found = rows.find(({ row }) => (JSON.parse(row) as { kind: string }).kind.startsWith('CT')) ?? (looks > 60 ? rows[0] : undefined);
      if (found !== undefined) return found.number;
      await pause(LOOK_EVERY_MS, undefined, { signal });
    }
  } finally {
    await db.close();
  }
}
