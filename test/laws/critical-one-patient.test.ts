import fc from 'fast-check';
import { approvalBy } from '#core/approval.js';
import { caseId, caseNumber, eventId } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import { person } from '#core/people.js';
import { addSeconds, instant } from '#core/time.js';
import { alertKey, examOf, findingKeys, findingLookups } from '#domain/critical.js';
import type { About, Category } from '#domain/critical.js';
import { exampleAbout, examplePolicy, examples } from '#workflows/critical-results/examples.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import type { Input } from '#workflows/critical-results/events.js';
import { isAlert, isEnded } from '#workflows/critical-results/state.js';
import type { Alert, State } from '#workflows/critical-results/state.js';

/** No source of another patient ever joins; of two that a person calls the same one goes on, with all that was known of the other. */
const start = instant.parse('2026-11-25T10:00:00.000Z');
const radiologist = person.parse({
  ...{ id: 'dr-okafor', name: 'Ngozi Okafor', roles: ['reading-radiologist'], aadObjectId: '6f1c1f0e-0c3b-4f0e-9d0a-6a2f5b8d1c01' },
});
const CLASS = 'pneumothorax';
const patientWith = (...numbers: readonly string[]): About['patient'] => ({
  ...exampleAbout.patient,
  id: numbers[0] ?? null,
  assigner: numbers.length === 0 ? '' : 'MRN',
  identifiers: numbers.map((id) => ({ id, assigner: 'MRN', type: 'MR' })),
});
const numbers = fc.uniqueArray(fc.constantFrom('1', '2', '3', '4'), { maxLength: 2 });
const momentOf = (n: number, of: CaseNumber) => ({
  ...{ now: addSeconds(start, n), caseId: caseId.parse('0'.repeat(32)), caseNumber: of, event: eventId.parse(`event-${of}-${n}`) },
  ...{ actor: { kind: 'system', part: 'law' } as const, policy: examplePolicy },
});

const states = examples.flatMap(({ given }) => {
  const state = given.reduce<State>(criticalResults.evolve, criticalResults.initial);
  return isAlert(state) ? [state] : [];
});

it('whatever has become of an alert, a report or a model of another patient leaves nothing on it, and goes to its own', () => {
  fc.assert(
    fc.property(fc.constantFrom(...states), numbers, fc.constantFrom<Category>(1, 2, 3), (alert, of, category) => {
      const about = { ...exampleAbout, patient: patientWith(...of) };
      const finding = { text: 'Pneumothorax', classId: CLASS, side: null, category };
      const source = { kind: 'report', version: 'law', quote: 'Pneumothorax.', reportedAt: null } as const;
      const { facts, effects } = criticalResults.decide(
        alert,
        { type: 'criticalRaised', about, finding, source, reader: null, since: start },
        momentOf(1, caseNumber.parse('7KF3QN')),
      );
      expect(facts).toEqual([]);
      expect(effects).toMatchObject([{ kind: 'tellCase', to: { opens: alertKey(examOf(about), CLASS, 1) } }]);
    }),
  );
});

it('no key by which a report finds an alert of this release is one of another patient', () => {
  fc.assert(
    fc.property(numbers, numbers, (own, others) => {
      const [one, other] = [own, others].map((of) => ({ ...exampleAbout, patient: patientWith(...of) }));
      const isOne = own.some((id) => others.includes(id)) || own.length + others.length === 0;
      const found = findingKeys(one!, CLASS).some((key) => findingLookups(other!, CLASS).includes(key));
      expect(found).toBe(isOne);
      if (!isOne) expect(examOf(one!)).not.toBe(examOf(other!));
    }),
  );
});

/** Alerts of one number that tell each other, in any order of their messages. */
class Numbered {
  readonly alerts = new Map<CaseNumber, State>();
  readonly mail: { readonly to: CaseNumber; readonly input: Input }[] = [];
  private events = 0;

  hear(of: CaseNumber, input: Input): void {
    const before = this.alerts.get(of) ?? criticalResults.initial;
    const moment = momentOf((this.events += 1), of);
    const { facts, effects } = criticalResults.decide(before, criticalResults.inputs.parse(input), moment);
    const after = facts.reduce(criticalResults.evolve, before);
    this.alerts.set(of, after);
    check(before, after);
    for (const effect of effects) {
      if (effect.kind !== 'tellCase') continue;
      const all = 'number' in effect.to ? [effect.to.number] : [...this.alerts.keys()];
      for (const to of all) if (to !== of) this.mail.push({ to, input: criticalResults.inputs.parse(effect.data) });
    }
  }

  press(of: CaseNumber, verb: 'join-alert' | 'keep-apart' | 'release-critical' | 'not-critical', other: CaseNumber): void {
    const alert = this.alert(of);
    if (alert === null) return;
    const id = eventId.parse(`event-${of}-${this.events + 1}`);
    const approval = verb === 'release-critical' ? approvalBy(radiologist, start, of, alert.revision, id) : null;
    const fields = verb === 'join-alert' || verb === 'keep-apart' ? { with: other } : {};
    this.hear(of, {
      ...{ type: 'personAnswered', verb, person: radiologist.id, name: radiologist.name, revision: alert.revision },
      ...{ text: 'a reason', fields, approval },
    });
  }

  alert(of: CaseNumber): Alert | null {
    const state = this.alerts.get(of) ?? criticalResults.initial;
    return isAlert(state) ? state : null;
  }
}

function check(before: State, after: State): void {
  if (!isAlert(before) || !isAlert(after)) return;
  if (after.finding.category > before.finding.category) throw new Error('a category was lowered');
  if (before.released !== null && after.status === 'same') throw new Error('what was sent ended as the same as another');
}

const names = ['7KF3QN', '8FKT5W', '9MHV4T'].map((text) => caseNumber.parse(text));
const beginning = fc.record({ typed: fc.boolean(), of: numbers, by: fc.boolean(), category: fc.constantFrom<Category>(1, 2) });
const pressing = fc.record({
  of: fc.nat(2),
  other: fc.nat(2),
  verb: fc.constantFrom('join-alert', 'join-alert', 'keep-apart', 'release-critical', 'not-critical'),
});
/** A person writes what a report has raised. */
const writing = fc.record({ writes: fc.nat(2) });
const arriving = fc.record({ mail: fc.nat(20) });

interface Beginning {
  readonly typed: boolean;
  readonly of: readonly string[];
  readonly by: boolean;
  readonly category: Category;
}

function begin(number: Numbered, of: CaseNumber, { typed, of: whose, by, category }: Beginning): void {
  const about: About = { ...exampleAbout, patient: patientWith(...whose), ...(typed ? { asTyped: true } : {}) };
  const finding = { text: 'Pneumothorax', classId: CLASS, side: null, category };
  const source = { kind: 'report', version: of, quote: `As ${of} says.`, reportedAt: null } as const;
  if (by) number.hear(of, { type: 'criticalDrafted', by: radiologist, via: 'tab', about, finding, drill: false });
  else number.hear(of, { type: 'criticalRaised', about, finding, source, reader: null, since: start });
}

it('of those that a person calls the same one always goes on, or was judged by a person, and has the sources of each that ended', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.tuple(beginning, beginning, beginning),
      fc.array(fc.oneof(arriving, arriving, pressing, pressing, writing), { maxLength: 40 }),
      (beginnings, acts) => {
        const number = new Numbered();
        beginnings.forEach((one, n) => {
          begin(number, names[n]!, one);
        });
        const deliver = (n: number): void => {
          const [mail] = number.mail.splice(n % Math.max(number.mail.length, 1), 1);
          if (mail !== undefined) number.hear(mail.to, mail.input);
        };
        for (const act of acts) {
          if ('mail' in act) deliver(act.mail);
          else if ('writes' in act) begin(number, names[act.writes]!, { ...beginnings[act.writes]!, by: true });
          else number.press(names[act.of]!, act.verb, names[act.other]!);
        }
        for (let n = 0; number.mail.length > 0; n += 1) {
          if (n > 500) throw new Error('they tell each other without an end');
          deliver(0);
        }
        for (const name of names) {
          const ended = number.alert(name);
          if (ended?.status !== 'same') continue;
          const kept = ended.same === null ? null : number.alert(ended.same.as);
          seen.add(kept?.status ?? 'nobody');
          if (kept === null || kept.status === 'same') throw new Error('each ended as the same as another');
          const lost = ended.sources.filter((one) => !kept.sources.some((own) => JSON.stringify(own) === JSON.stringify(one)));
          if (lost.length > 0) throw new Error('what was known of one that ended is not known of the one that goes on');
          if (isEnded(kept) && kept.status !== 'not-critical') throw new Error(`the one that goes on is ${kept.status}`);
        }
      },
    ),
    { numRuns: 400 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['asking', 'open']));
});
