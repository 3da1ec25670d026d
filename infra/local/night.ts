import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import type { CaseRequest } from '#ports/case-desk.js';
import { askCase } from '../cli/q-ask.ts';

/** How many times faster than the site's policy the windows are: 5, 10 and 15 minutes become 30, 60 and 90 seconds. */
export const NIGHT_SPEED = 10;

const RADIOLOGIST = 'dr-okafor';
const FINDING = 'acute intracranial haemorrhage with midline shift';
const LOOK_EVERY_MS = 500;

/**
 * The night shift of the rehearsal: the radiologist on duty declares a critical result on a case and sends it, and nobody answers. Says what happens, until somebody
 * has taken it and it is closed. @param signal ends it
 */
export async function playNight(data: string, tab: string, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  const number = await caseToDeclare(data, signal);
  const ask = (request: CaseRequest, as = RADIOLOGIST) => askCase({ data, as }, request);
  const declared = await ask({ ask: 'case-declare', of: { caseNumber: number }, finding: FINDING, category: 1, side: null });
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
  say(`  the board     ${tab} (choose a person; the board is in its menu)`);
  say('  take it there as the switchboard, or as whoever was called in Teams or on the tab; read it back; record the conversation.');
  say(`  in a terminal npx radloop critical list --data ${data} --as c-reyes`);
  for (let before = ''; !signal.aborted;) {
    const reply = await ask({ ask: 'case-alerts' }, 'c-reyes').catch(() => null);
    const row = reply?.ok === true && reply.answer === 'alerts' ? reply.alerts.find((one) => one.caseNumber === caseNumber) : undefined;
    const now = row === undefined ? (reply?.ok === true ? 'closed' : before) : `${row.status}, with ${row.owner ?? 'nobody'}`;
    if (now !== before) say(`  ${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${caseNumber}: ${now}`);
    if (now === 'closed') return;
    before = now;
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
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
