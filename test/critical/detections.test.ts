import { readContent } from '#adapters/embedded/content.js';
import { detectedIn } from '#domain/detection.js';
import type { Detection } from '#domain/hospital-event.js';
import { testSite } from '../support/planned-orders.ts';

const content = readContent(testSite);
const coded = (code: string, text = '', system = '') => ({ code, text, system });
const found = (more: Partial<Detection>): string | null => {
  const one: Detection = { names: [coded('X')], says: [], outcome: 'present', confidence: null, side: null, model: 'm', version: '1', ...more };
  return detectedIn(one, content)?.classId ?? null;
};

describe('what a model’s result has found, by the shipped classes', () => {
  it.each([
    ['pneumothorax', coded('36118008', 'Pneumothorax', 'SCT')],
    ['pneumothorax', coded('36118008', '', 'http://snomed.info/sct')],
    ['pneumothorax', coded('RID5352', '', 'RadLex')],
    ['pulmonary-embolism', coded('59282003', '', 'SNM')],
    ['pulmonary-embolism', coded('PE-CAD', 'Pulmonary Embolism', '99VENDOR')],
    ['intracranial-haemorrhage', coded('1386000', '', 'SCT')],
    ['intracranial-haemorrhage', coded('ICH')],
    ['large-vessel-occlusion', coded('LVO')],
    ['large-vessel-occlusion', coded('1', 'Large-vessel occlusion', 'L')],
  ])('%s: %j', (classId, name) => {
    expect(found({ names: [name] })).toBe(classId);
  });

  it('a code counts in its own system alone, and a name as a whole', () => {
    expect(found({ names: [coded('36118008', '', 'LN')] })).toBeNull();
    expect(found({ names: [coded('36118008')] })).toBeNull();
    expect(found({ names: [coded('1', 'No pneumothorax', 'L')] })).toBeNull();
    expect(found({ names: [coded('416940007', 'Nodule', 'SCT')] })).toBeNull();
  });

  it('only what is said to be there counts', () => {
    const names = [coded('36118008', '', 'SCT')];
    expect(found({ names, outcome: 'absent' })).toBeNull();
    expect(found({ names, outcome: null })).toBeNull();
  });

  it('where the observation is any finding, its value names it', () => {
    const says = [coded('59282003', 'Pulmonary embolism', 'SCT')];
    expect(found({ names: [coded('FINDING', 'Finding of the model', 'L')], says, outcome: null })).toBe('pulmonary-embolism');
    expect(found({ says, outcome: 'absent' })).toBeNull();
    // The observation names one thing and its value another: it is the observation that is there or not.
    expect(found({ names: [coded('36118008', '', 'SCT')], says, outcome: null })).toBeNull();
  });

  it('of several classes the gravest', () => {
    const names = [coded('36118008', '', 'SCT'), coded('', 'Tension pneumothorax', 'L')];
    expect(found({ names })).toBe('tension-pneumothorax');
  });

  it('every class is one of the findings’, with their category, and asks a radiologist alone', () => {
    const ids = new Set(content.findings.map(({ ruleId }) => ruleId));
    expect(content.detections.length).toBeGreaterThan(0);
    for (const { classId, asks } of content.detections) expect([ids.has(classId), asks]).toEqual([true, 'radiologist']);
  });
});
