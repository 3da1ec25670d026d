import { evolve } from '#workflows/protocoling/evolve.js';
import { fact as factSchema } from '#workflows/protocoling/events.js';
import { cardStates } from '../support/card-states.ts';

/** FIELD-REPORTS 1: an ACK that came late was credited to the next message. */
describe('an acknowledgement that comes after the decision was taken anew', () => {
  const approved = cardStates.find((row) => row.name === 'approved')?.state;
  const acked = (behind: string) =>
    factSchema.parse({ type: 'protocolWrittenBack', at: '2026-11-25T10:50:00.000Z', v: 1, behind, controlId: 'RL1', ack: 'MSA|AA|RL1' });

  it('is not credited to the later approval', () => {
    expect(approved).toMatchObject({ status: 'approved', written: 'not-yet' });
    if (approved?.status !== 'approved') return;
    expect(evolve(approved, acked('answer:an-earlier-one'))).toMatchObject({ written: 'not-yet' });
    expect(evolve(approved, acked(approved.decided.approval.answer))).toMatchObject({ written: 'written' });
  });
});
