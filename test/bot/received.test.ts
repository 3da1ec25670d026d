import { caseNow } from '#engine/case-now.js';
import type { CaseStore } from '#ports/case-store.js';
import type { Person } from '#core/people.js';
import { directoryOf } from '../support/clinic.ts';
import { idOf, openClinic, people } from './permissions-fixture.ts';
import type { Case, Clinic } from './permissions-fixture.ts';

const radiologist: Person = people.find(({ id }) => id === idOf('protocoling-radiologist', 'on the list'))!;

let clinic: Clinic;
let cases: CaseStore;
beforeAll(async () => {
  clinic = await openClinic();
  ({ cases } = clinic.engine.parts);
}, 60_000);
afterAll(() => clinic.close());
afterEach(() => {
  Object.assign(clinic.engine.parts, { cases, directory: directoryOf(people) });
});

const approve = ({ caseNumber }: Case) => ({
  ...{ type: 'invoke', name: 'adaptiveCard/action' },
  value: {
    action: { type: 'Action.Execute', verb: 'choose-other', data: { verb: 'choose-other', caseNumber, revision: 1, protocolId: 'CT-HEAD-WO' } },
  },
});
const facts = ({ caseId }: Case) =>
  clinic.engine.stores.db.all<{ type: string }>('SELECT type FROM facts WHERE case_id = ?', caseId).map(({ type }) => type);
const approvals = (of: Case) => facts(of).filter((type) => type === 'protocolApproved').length;
const written = () => clinic.engine.left.filter(({ to }) => to === 'ris').length;

/** The writing of answers hangs from now on; what it waits for is given back. */
function stall(): { readonly goOn: () => void } {
  let goOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const append: CaseStore['append'] = async (change) => {
    await gate;
    return cases.append(change);
  };
  Object.assign(clinic.engine.parts, { cases: { ...cases, append } });
  return { goOn: () => goOn() };
}
/** As the next process: nothing of what the last one had begun is known to it. */
const nextProcess = () => Object.assign(clinic.engine.parts, { cases: { ...cases } });

describe('an answer whose writing takes longer than Teams waits (invariant 17)', () => {
  it('is on disk before the person is told that it was received; the process ends at it, and it counts exactly once', async () => {
    const of = await clinic.caseIn('waiting', null);
    const before = written();
    const { goOn } = stall();
    const { body } = await clinic.activityOf(radiologist, approve(of));
    expect((body as { value: string }).value).toMatch(/^Received/u);
    expect(approvals(of)).toBe(0);
    nextProcess();
    await clinic.engine.settle();
    expect([approvals(of), written() - before]).toEqual([1, 1]);
    // The one that was forgotten comes to its end after all, and Teams sends the press once more.
    goOn();
    const again = await clinic.activityOf(radiologist, approve(of));
    await clinic.engine.settle();
    expect((again.body as { value: string }).value).toMatch(/^Your protocol is set/u);
    expect([approvals(of), written() - before]).toEqual([1, 1]);
  }, 30_000);

  it('does not count when the person has lost the right by then: that is on record, and holds nothing up', async () => {
    const of = await clinic.caseIn('waiting', null);
    stall();
    await clinic.activityOf(radiologist, approve(of));
    nextProcess();
    Object.assign(clinic.engine.parts, { directory: directoryOf(people.filter(({ id }) => id !== radiologist.id)) });
    const { denials } = clinic.trace(radiologist, of);
    await clinic.engine.settle();
    expect(approvals(of)).toBe(0);
    expect(clinic.trace(radiologist, of).denials).toBe(denials + 1);
    const { state, workflow } = await caseNow(clinic.engine.parts, 'protocoling', of.caseId);
    expect(workflow.see(state).row?.status).toBe('waiting');
    expect(await clinic.engine.stores.bus.nextDue()).toBeNull();
  }, 30_000);

  it('is called late, not received, when nothing can be written at all', async () => {
    const of = await clinic.caseIn('waiting', null);
    stall();
    const { bus } = clinic.engine.parts;
    Object.assign(clinic.engine.parts, { bus: { ...bus, publish: () => Promise.reject(new Error('no space')) } });
    const { body } = await clinic.activityOf(radiologist, approve(of));
    Object.assign(clinic.engine.parts, { bus });
    expect((body as { value: string }).value).toMatch(/^Radloop takes longer/u);
    expect(approvals(of)).toBe(0);
  }, 30_000);
});
