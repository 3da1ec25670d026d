import { caseId, caseNumber, eventId } from '#core/ids.js';
import type { Example } from '#core/workflow.js';
import { examplePolicy } from '#workflows/break-glass/examples.js';
import { examplePolicy as criticalPolicy } from '#workflows/critical-results/examples.js';
import { examplePolicy as gapPolicy } from '#workflows/on-call-gaps/examples.js';
import { registry } from '#workflows/registry.js';
import { shippedPolicy, wordsOf } from '../support/shipped.ts';

interface Examples {
  readonly examples: readonly Example<{ readonly type: string }, { readonly type: string }>[];
}

for (const workflow of registry({ protocoling: shippedPolicy, breakGlass: examplePolicy, criticalResults: criticalPolicy, onCallGaps: gapPolicy })) {
  const { examples } = (await import(`../../functions/workflows/${workflow.name}/examples.ts`)) as Examples;

  describe(`${workflow.name}, by its examples`, () => {
    it('has examples, each under a name of its own', () => {
      expect(examples.length).toBeGreaterThan(0);
      expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length);
    });

    it.each(examples.map((example) => [example.name, example] as const))('%s', (_name, { given, now, when, then, effects, answer, says }) => {
      const stored = given.map((fact) => JSON.parse(JSON.stringify(fact)) as unknown);
      const step = workflow.step(workflow.fold(null, stored), when, {
        now,
        caseId: caseId.parse('0'.repeat(32)),
        caseNumber: caseNumber.parse('7KF3QN'),
        event: eventId.parse('example'),
        actor: { kind: 'system', part: 'example' },
      });
      expect(step.facts.map(({ fact }) => fact)).toMatchObject(then);
      expect(step.effects.map(wordsOf).sort()).toEqual([...effects].sort());
      expect(step.answer?.outcome).toBe(answer);
      if (says !== undefined) expect(step.answer?.text).toContain(says);
    });
  });
}
