import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentError, readContent } from '#adapters/embedded/content.js';
import type { CriticalRule } from '#domain/critical.js';
import { criticalFaults } from '#domain/critical-faults.js';
import { ruleFor } from '#domain/critical-rules.js';
import { radloop } from '../support/radloop.ts';

const shipped = readContent();
const [one, two, three] = shipped.critical as [CriticalRule, CriticalRule, CriticalRule];
const [emergency, inpatient, outpatient] = shipped.ladders as [(typeof shipped.ladders)[0], (typeof shipped.ladders)[0], (typeof shipped.ladders)[0]];

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'radloop-critical-policy-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function siteWith(set: 'critical' | 'ladders', ...rows: readonly object[]): string {
  mkdirSync(join(dir, 'content', set), { recursive: true });
  writeFileSync(join(dir, 'content', set, 'own.json'), JSON.stringify({ set, rows }));
  return dir;
}

function faultOf(site: string): string {
  try {
    readContent(site);
  } catch (error) {
    if (error instanceof ContentError) return error.message;
    throw error;
  }
  return 'no fault';
}

describe('a policy of critical results whose steps contradict each other is refused, with file, row, field and what to write', () => {
  it.each<[string, object, string]>([
    ['times that do not ascend', { levelsAfterMinutes: [0, 10, 5] }, 'category-1, levelsAfterMinutes.2: level 3 would be called at 5, not after level 2 (10): write times that ascend'],
    ['two levels at one time', { levelsAfterMinutes: [0, 5, 5] }, 'category-1, levelsAfterMinutes.2: level 3 would be called at 5, not after level 2 (5): write times that ascend'],
    ['a first level that waits', { levelsAfterMinutes: [1, 5, 10] }, 'category-1, levelsAfterMinutes: the first level is called at the release: begin with 0, not 1'],
    ['a failsafe before the last level', { failsafeAfterMinutes: 3 }, 'category-1, failsafeAfterMinutes: the failsafe would come at 3, before the last level (10) has had its time: write more than 10'],
    ['a failsafe with the last level', { failsafeAfterMinutes: 10 }, 'category-1, failsafeAfterMinutes: the failsafe would come at 10,'],
    ['fewer times than levels', { levelsAfterMinutes: [0, 5] }, 'category-1, levelsAfterMinutes: has 2 times, and the ladder outpatient has 3 levels: write one time a level'],
    ['more times than levels', { levelsAfterMinutes: [0, 5, 10, 12] }, 'category-1, levelsAfterMinutes: has 4 times, and the ladder outpatient has 3 levels'],
    ['no way besides Teams', { channels: [] }, 'category-1, channels: without Teams nobody would be called: name one of pager, sms, voice, email'],
    ['paper alone', { channels: ['print'] }, 'category-1, channels: without Teams nobody would be called'],
    ['no time to read it back', { readBackWithinMinutes: 0 }, 'category-1, readBackWithinMinutes: '],
    ['a class that no finding has', { classIds: ['nowhere'] }, 'category-1, classIds: "nowhere" is no row of findings'],
  ])('%s', (_what, more, fault) => {
    expect(faultOf(siteWith('critical', { ...one, ...more }))).toContain(`critical/own.json: ${fault}`);
  }); // prettier-ignore

  it('field report 18: what [0, 10, 5] and a failsafe at 3 would skip is refused at the start, and radloop doctor says the same', async () => {
    const site = siteWith('critical', { ...one, levelsAfterMinutes: [0, 10, 5], failsafeAfterMinutes: 3 });
    const faults = faultOf(site);
    expect(faults.split('\n')).toHaveLength(2);
    for (const name of ['site.json', 'people.json', 'modes.json', 'channels.json', 'paging.json', 'on-call.json', 'drills.json']) copy(name);
    for (const folder of ['endpoints', 'hl7', 'roster', 'keys']) copy(folder);
    const { code, out } = await radloop('doctor', '--site', site, '--data', join(dir, 'none'), '--service', 'http://127.0.0.1:9', '--json');
    expect(code).toBe(1);
    const found = out.trim().split('\n').map((line) => JSON.parse(line) as { check: string; level: string; what: string }); // prettier-ignore
    expect(found.find(({ check }) => check === 'site')).toMatchObject({ level: 'fail', what: faults });
  });

  it('a category of which only some findings have a row', () => {
    expect(faultOf(siteWith('critical', { ...one, classIds: ['epidural-haemorrhage'] }))).toBe(
      'content/critical, category: no row says how category 1 is communicated: write one without classIds and patientClasses',
    );
  });

  it('two rows that say as much of the same alert', () => {
    const again = { ...one, ruleId: 'again' };
    expect(faultOf(siteWith('critical', again))).toContain(
      'critical/own.json: again, patientClasses: category-1 and this row say as much of category 1',
    );
    const twice = [
      { ...again, classIds: ['epidural-haemorrhage', 'subdural-haemorrhage'] },
      { ...one, ruleId: 'once-more', classIds: ['subdural-haemorrhage'] },
    ];
    expect(faultOf(siteWith('critical', ...twice))).toBe(
      'critical/own.json: once-more, classIds: again and this row say as much of category 1, subdural-haemorrhage, and nobody could tell which counts: name other classes in one of them',
    );
  });

  it('a ladder for nobody else, two for everybody else, a class on two of them', () => {
    expect(faultOf(siteWith('ladders', { ...outpatient, patientClasses: ['O'] }))).toContain('content/ladders, patientClasses: no ladder is for every other patient');
    expect(faultOf(siteWith('ladders', { ...inpatient, patientClasses: [] }))).toContain('patientClasses: inpatient is for every other patient already');
    expect(faultOf(siteWith('ladders', { ...inpatient, patientClasses: ['I', 'E'] }))).toContain('ladders/own.json: inpatient, patientClasses: names a class that emergency names');
  }); // prettier-ignore

  it('a shorter ladder for some patients takes rows of its own for them, and those are enough', () => {
    const levels = [['on-call-1'], ['chief', 'coordinator']];
    const short = { ...emergency, levels };
    expect(faultOf(siteWith('ladders', short))).toContain('category-1, levelsAfterMinutes: has 3 times, and the ladder emergency has 2 levels');
    const own = [one, two, three].map((rule) => ({
      ...rule,
      ruleId: `${rule.ruleId}-emergency`,
      patientClasses: ['E'],
      levelsAfterMinutes: rule.levelsAfterMinutes.slice(0, 2),
    }));
    siteWith('critical', ...own);
    expect(faultOf(dir)).toBe('no fault');
    expect(readContent(dir).critical).toHaveLength(6);
  });

  it('what ships has no fault', () => {
    expect(criticalFaults(shipped)).toEqual([]);
  });

  function copy(name: string): void {
    cpSync(join(import.meta.dirname, '../../infra/rehearsal/site', name), join(dir, name), { recursive: true });
  }
});

describe('the row of an alert', () => {
  const rows = [
    one,
    { ...one, ruleId: 'both', classIds: ['a'], patientClasses: ['E'] },
    { ...one, ruleId: 'of-class', classIds: ['a', 'b'] },
    { ...one, ruleId: 'of-patients', patientClasses: ['E', 'I'] },
  ];
  it.each([
    ['a', 'E', 'both'],
    ['a', 'I', 'of-class'],
    ['b', 'E', 'of-class'],
    ['b', null, 'of-class'],
    ['c', 'E', 'of-patients'],
    ['c', 'O', 'category-1'],
    ['c', null, 'category-1'],
  ])('of class %s and patient class %s is %s, whatever stands first', (classId, patientClass, ruleId) => {
    const of = { finding: { category: 1 as const, classId }, about: { patientClass } };
    expect(ruleFor(of, rows)?.ruleId).toBe(ruleId);
    expect(ruleFor(of, rows.toReversed())?.ruleId).toBe(ruleId);
  });
});
