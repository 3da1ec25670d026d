import type { Model, ModelQuestion } from '#ports/model.js';
import { modelAnswer } from '#domain/protocol.js';

/** What every model promises, whoever runs it. `catalogue`: ids that may be named. */
export function modelContract(
  name: string,
  open: () => Promise<{ readonly model: Model; readonly question: ModelQuestion; readonly catalogue: readonly string[] }>,
): void {
  describe(`${name} as a model`, () => {
    it('answers the protocol question in the agreed form, with ids of the catalogue only', async () => {
      const { model, question, catalogue } = await open();
      const result = await model.ask({ ...question, task: 'protocol-choice' }, 2);
      expect(result.ok).toBe(true);
      if (!result.ok || result.answer.task !== 'protocol-choice') throw new Error('not an answer to the question');
      const { protocolId, alternatives } = modelAnswer.options[0].parse(result.answer);
      expect([...(protocolId === null ? [] : [protocolId]), ...alternatives].filter((id) => !catalogue.includes(id))).toEqual([]);
    });

    it('answers the priority question with phrases that stand in the indication', async () => {
      const { model, question } = await open();
      const result = await model.ask({ ...question, task: 'order-priority' }, 2);
      if (!result.ok || result.answer.task !== 'order-priority') throw new Error('not an answer to the question');
      for (const phrase of result.answer.phrases) expect((question.order.indication ?? '').slice(phrase.start, phrase.end)).toBe(phrase.text);
    });

    it('gives the same answer to the same question', async () => {
      const { model, question } = await open();
      const [first, second] = [await model.ask(question, 2), await model.ask(question, 2)];
      expect(first.ok && second.ok ? [first.answer, second.answer] : null).toEqual(first.ok && second.ok ? [second.answer, first.answer] : undefined);
    });

    it('answers an order that says nothing', async () => {
      const { model, question } = await open();
      const result = await model.ask(
        { ...question, order: { ...question.order, procedure: null, modality: null, indication: null }, context: null },
        2,
      );
      expect(result.ok).toBe(true);
    });
  });
}
