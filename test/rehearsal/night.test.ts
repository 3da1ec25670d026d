import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readSite } from '#adapters/embedded/site-folder.js';
import type { CaseReply, CaseRequest } from '#ports/case-desk.js';
import { askCase } from '../../infra/cli/q-ask.ts';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';
import { testSite } from '../support/planned-orders.ts';
import { takePorts } from '../support/ports.ts';

/** Issue 7, "Done when" 7: `npm start -- --scene night`, as it stands in the README. */
describe('the night shift of the rehearsal', () => {
  const data = mkdtempSync(join(tmpdir(), 'radloop-night-'));
  const log = join(data, 'start.log');
  const { people } = readSite(testSite);
  let running: Part | null = null;
  afterAll(async () => {
    await running?.stop(20);
    rmSync(data, { recursive: true, force: true });
  }, 60_000);

  /** What it has said so far of the alert: after how many seconds, and how it stands. */
  const said = (): readonly { readonly after: number; readonly number: string; readonly stands: string }[] =>
    [...readFileSync(log, 'utf8').matchAll(/^ +(\d+) s {2}([2-9A-Z]{6,7}): (.+)$/gmu)].map(([, after, number, stands]) => ({
      ...{ after: Number(after), number: number ?? '', stands: stands ?? '' },
    }));
  const until = async (seconds: number, met: () => boolean): Promise<void> => {
    for (const end = Date.now() + seconds * 1000; !met(); await pause(200)) if (Date.now() > end) throw new Error(readFileSync(log, 'utf8'));
  };
  const ask = (as: string, request: CaseRequest): Promise<CaseReply> => askCase({ data, as }, request);
  const viewOf = async (as: string): Promise<string> => JSON.stringify(await ask(as, { ask: 'case-show', caseNumber: said()[0]?.number ?? '' }));
  const answer = async (
    as: string,
    verb: 'take-failsafe' | 'acknowledge' | 'read-back' | 'record-call',
    fields: Readonly<Record<string, string>> = {},
  ) => {
    const caseNumber = said()[0]?.number ?? '';
    const reply = await ask(as, { ask: 'case-answer', caseNumber, verb, protocolId: null, text: null, fields });
    return 'outcome' in reply ? reply.outcome : reply;
  };

  it('climbs unanswered at 30 and 60 seconds, is at the switchboard at 90, is taken there, read back and closed', async () => {
    const { base } = await takePorts();
    const args = ['infra/local/start.ts', '--data', data, '--base-port', String(base), '--scene', 'night', '--no-playground', '--json'];
    running = await startPart({ name: 'npm start', args, logFile: log, secondsToReady: 120 });
    await until(60, () => said().length > 0);
    await until(110, () => said().some(({ stands }) => stands.startsWith('at the switchboard')));
    const climb = said();
    expect(climb.map(({ stands }) => stands.split(',')[0])).toEqual(['level 1', 'level 2', 'level 3', 'at the switchboard']);
    for (const [n, due] of [0, 30, 60, 90].entries()) expect(Math.abs((climb[n]?.after ?? -100) - due)).toBeLessThanOrEqual(5);
    expect(await answer('w-dubois', 'take-failsafe')).toBe('won');
    await until(10, () => said().at(-1)?.stands === 'in hand at the switchboard: Wanda Dubois');
    // Whoever is first on call at this hour.
    const taker = people.find(({ name }) => climb[0]?.stands.includes(name))?.id ?? '';
    const called = await viewOf(taker);
    expect(called).toContain('Critical result, category 1');
    expect(await answer(taker, 'acknowledge')).toBe('won');
    await viewOf(taker);
    const identifier = /\bM\d{6}\b/u.exec(called)?.[0] ?? '';
    expect(await answer(taker, 'read-back', { identifier, finding: 'bleed with shift', action: 'to theatre' })).toBe('won');
    await viewOf('dr-okafor');
    expect(await answer('dr-okafor', 'record-call')).toBe('won');
    await until(10, () => said().at(-1)?.stands === 'closed');
  }, 300_000);
});
