import type { CaseEvent } from '#core/event.js';
import { eventId, personId } from '#core/ids.js';
import type { CaseState, Runnable } from '#core/workflow.js';
import { CommitWithoutApproval, runCase } from '#engine/run-case.js';
import { silentLog } from '../support/clinic.ts';
import { appendTo, caseNo, effects, embeddedStores, eventFor, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

/** Sends an order change whatever it is told; the approval in it names the answer `answer` of dr-okafor. */
const careless: Runnable = {
  name: 'protocoling',
  fold: () => ({}) as CaseState,
  step: () => ({
    ...{ facts: [{ type: 'asked', fact: { type: 'asked' } }], answer: undefined, row: null, keys: [], modality: null },
    effects: [effects.commit()],
  }),
  see: () => {
    throw new Error('nothing is shown of it');
  },
};

describe('a commit', () => {
  let stores: EmbeddedStores;
  beforeEach(() => {
    stores = embeddedStores();
  });
  afterEach(() => stores.close());

  const run = (event: CaseEvent) =>
    runCase(
      { cases: stores.cases, clock: { now: () => t0 }, log: silentLog(), workflows: [careless], modeOf: () => 'assist', wake: () => undefined },
      event,
    );
  const written = async () => ({
    facts: (await stores.cases.read('protocoling', caseNo(1))).facts.length,
    waiting: (await stores.outbox.claim(t0, 60, 10)).length,
  });
  const byPerson = (person: string, id: string): CaseEvent => ({
    ...eventFor(caseNo(1)),
    ...{ id: eventId.parse(id), actor: { kind: 'person', person: personId.parse(person) } },
  });

  it('whose approval names an answer that this case never heard is not written, nor anything beside it (invariant 28)', async () => {
    await expect(run(eventFor(caseNo(1)))).rejects.toThrow(CommitWithoutApproval);
    expect(await written()).toEqual({ facts: 0, waiting: 0 });
  });

  it('is not written on the answer of another person than the approval names (invariant 28)', async () => {
    await expect(run(byPerson('dr-haddad', 'answer'))).rejects.toThrow(CommitWithoutApproval);
    expect(await written()).toEqual({ facts: 0, waiting: 0 });
  });

  it('is written on the answer that it names, while that is being heard', async () => {
    await run(byPerson('dr-okafor', 'answer'));
    expect(await written()).toEqual({ facts: 1, waiting: 1 });
  });

  it('is written later when its case has heard that answer', async () => {
    await appendTo(stores, caseNo(1), { event: { id: eventId.parse('answer'), type: 'personAnswered', actor: { kind: 'system', part: 'test' } } });
    await run(eventFor(caseNo(1)));
    expect(await written()).toEqual({ facts: 1, waiting: 1 });
  });
});
