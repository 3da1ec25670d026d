import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caseStore } from '#adapters/embedded/case-store.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { caseId } from '#core/ids.js';
import type { Actor, CaseEvent } from '#core/event.js';
import { runnable } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import { runCase } from '#engine/run-case.js';
import { fact as factShape } from '#workflows/protocoling/events.js';
import type { Fact, Input } from '#workflows/protocoling/events.js';
import { protocoling } from '#workflows/protocoling/index.js';
import type { Policy } from '#workflows/protocoling/policy.js';
import { isOpened } from '#workflows/protocoling/state.js';
import type { State } from '#workflows/protocoling/state.js';
import { CANARY, eventNumbered, histories, theCase, timeOf } from '../support/arbitraries.ts';
import type { Action } from '../support/arbitraries.ts';
import { silentLog } from '../support/clinic.ts';
import { shippedPolicy as policy } from '../support/shipped.ts';

interface Heard {
  readonly input: Input;
  readonly moment: Moment<Policy>;
  readonly before: State;
  readonly decision: Decision<Fact>;
  readonly after: State;
}

const actorOf = (input: Input): Actor =>
  input.type === 'personAnswered' ? { kind: 'person', person: input.person } : { kind: 'system', part: 'law' };

/** Tells a case one thing after the other. */
function play(actions: readonly Action[]): readonly Heard[] {
  let state: State = protocoling.initial;
  return actions.map((action, n) => {
    const [event, now, before] = [eventNumbered(n), timeOf(n), state];
    const input = protocoling.inputs.parse(action(state, event, now));
    const moment = { ...theCase, now, event, actor: actorOf(input), policy };
    const decision = protocoling.decide(state, input, moment);
    state = decision.facts.reduce(protocoling.evolve, state);
    return { input, moment, before, decision, after: state };
  });
}

const always = (check: (heard: readonly Heard[]) => void): void => {
  fc.assert(
    fc.property(histories, (actions) => {
      check(play(actions));
    }),
    { numRuns: 150 },
  );
};

describe('protocoling, whatever it hears', () => {
  it('is looked at in every state', () => {
    const seen = new Set(fc.sample(histories, { numRuns: 400, seed: 7 }).flatMap((actions) => play(actions).map(({ after }) => after.status)));
    const all = [
      'approved',
      'asking',
      'cancelled',
      'cancelled-before-order',
      'changed-before-order',
      'gathering',
      'proposing',
      'rejected',
      'waiting',
    ];
    expect([...seen].sort()).toEqual(all);
  });

  it('decides the same twice', () => {
    always((heard) => {
      for (const { before, input, moment, decision } of heard) expect(protocoling.decide(before, input, moment)).toEqual(decision);
    });
  });

  it('is the same again when its stored facts are read back', () => {
    always((heard) => {
      const facts = heard.flatMap(({ decision }) => decision.facts);
      const readBack = facts.map((one) => factShape.parse(JSON.parse(JSON.stringify(one))));
      expect(readBack.reduce<State>(protocoling.evolve, protocoling.initial)).toEqual(heard.at(-1)?.after);
    });
  });

  it('commits nothing without the approval of the person who is answering, for the revision that stands', () => {
    always((heard) => {
      for (const { input, moment, before, decision } of heard) {
        for (const effect of decision.effects.filter(({ weight }) => weight === 'commit')) {
          expect(input).toMatchObject({ type: 'personAnswered', approval: { answer: moment.event, caseNumber: moment.caseNumber } });
          expect(effect).toMatchObject({ approval: { answer: moment.event, revision: isOpened(before) ? before.revision : 0 } });
        }
      }
    });
  });

  it('asks nothing of the world without recording why', () => {
    always((heard) => {
      for (const { decision } of heard) if (decision.effects.length > 0) expect(decision.facts.length).toBeGreaterThan(0);
    });
  });

  it('gives each effect of one event a key of its own', () => {
    always((heard) => {
      const keys = heard.flatMap(({ decision }) => decision.effects.map(({ key }) => key));
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  it('never waits without a deadline of this very wait, or somebody who has been told', () => {
    always((heard) => {
      const armed = new Map<string, number>();
      for (const { decision, after } of heard) {
        for (const effect of decision.effects) {
          if (effect.kind !== 'setDeadline') continue;
          if (effect.at === null) armed.delete(effect.name);
          else armed.set(effect.name, effect.epoch);
        }
        expect({ status: after.status, kept: isKept(after, armed) }).toEqual({ status: after.status, kept: true });
      }
    });
  });

  it('stays cancelled once it is cancelled', () => {
    always((heard) => {
      for (const { before, after, decision } of heard) {
        if (before.status !== 'cancelled') continue;
        expect(after.status).toBe('cancelled');
        expect(decision.effects.filter(({ weight }) => weight === 'commit')).toEqual([]);
      }
    });
  });

  it('shows no patient data in the channel, in its task row or in a note that is not sensitive', () => {
    always((heard) => {
      for (const { after, moment, decision } of heard) {
        const look = { caseNumber: moment.caseNumber, now: moment.now, policy, names: {} };
        expect(JSON.stringify([protocoling.sharedCard(after, look), protocoling.row(after)])).not.toContain(CANARY);
        for (const effect of decision.effects) {
          if (effect.kind !== 'tellPerson') continue;
          const note = protocoling.note(effect.note, after, look);
          if (note?.sensitive !== true) expect(JSON.stringify(note)).not.toContain(CANARY);
        }
        expect(decision.answer?.text ?? '').not.toContain(CANARY);
      }
    });
  });
});

/** Is somebody or something going to move this case on? */
function isKept(state: State, armed: ReadonlyMap<string, number>): boolean {
  switch (state.status) {
    case 'changed-before-order':
      // A status or a number without its order asks nobody for anything.
      return state.surfaced || armed.has('order') || state.parked.every(({ verb }) => verb !== 'change');
    case 'gathering':
      return armed.get('context') === state.epoch;
    case 'proposing':
      return armed.get('models') === state.epoch;
    case 'waiting':
      return armed.get('answer') === state.epoch || state.overdueSince !== null;
    case 'asking':
      return armed.get('question') === state.epoch;
    case 'approved':
    // The outbox holds the write-back until it is delivered or a person has been told.
    case 'none':
    case 'cancelled-before-order':
    case 'rejected':
    case 'cancelled':
      return true;
  }
}

describe('the engine, whatever it is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-laws-'));
  let db: Database;
  beforeAll(() => {
    db = openDatabase(folder);
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true });
  });

  it('hears an event once however often it is told, and gives it the same answer each time', async () => {
    const cases = caseStore(db);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(histories, async (actions) => {
        count += 1;
        const id = caseId.parse(count.toString(16).padStart(32, '0'));
        const parts = {
          cases,
          clock: { now: () => timeOf(0) },
          log: silentLog(),
          workflows: [runnable(protocoling, policy)],
          modeOf: () => 'assist' as const,
          wake: () => undefined,
        };
        for (const { input, moment } of play(actions)) {
          const event: CaseEvent = {
            id: moment.event, workflow: 'protocoling', caseId: id, occurredAt: moment.now, actor: moment.actor, input,
          }; // prettier-ignore
          const first = await runCase(parts, event);
          const { version } = await cases.read('protocoling', id);
          expect(await runCase(parts, event)).toEqual(first);
          expect((await cases.read('protocoling', id)).version).toBe(version);
        }
      }),
      { numRuns: 10 },
    );
  });
});
