import type { NotifierOptions } from '../../infra/rehearsal/ehr-notifier.ts';
import { startFhirSide } from './fhir-side.ts';
import type { FhirSide } from './fhir-side.ts';
import { serviceRequest } from './resources.ts';

let side: FhirSide;
const start = async (options: Parameters<typeof startFhirSide>[0]): Promise<void> => {
  side = await startFhirSide(options);
};
afterEach(() => side.stop());
const searches = (): number => side.ehr.asked.filter((line) => line.includes('_lastUpdated=')).length;

const shapes: readonly NotifierOptions[] = [
  { shape: 'classic-empty' },
  { shape: 'classic-put' },
  { shape: 'classic-post' },
  { shape: 'backport-r4', content: 'id-only' },
  { shape: 'backport-r4', content: 'empty' },
  { shape: 'backport-r4', content: 'full-resource', plainNumbers: true },
  { shape: 'r4b', content: 'id-only' },
  { shape: 'r4b', content: 'empty', plainNumbers: true },
  { shape: 'r4b', content: 'full-resource' },
  { shape: 'r5', content: 'id-only', plainNumbers: true },
  { shape: 'r5', content: 'empty' },
  { shape: 'r5', content: 'full-resource' },
];

describe('an order that a FHIR server tells of becomes one case', () => {
  it.each(shapes)('as $shape with content $content', async (options) => {
    await start(options);
    await side.settle();
    const before = searches();
    await side.put(serviceRequest());
    expect(side.ehr.notifier.answers.at(-1)).toBe(200);
    await side.settle();
    // Content `empty` names nothing: it is looked for; whatever is named is read by its id.
    expect(searches() - before).toBe(options.shape === 'classic-empty' || options.content === 'empty' ? 1 : 0);
    expect(await side.cases()).toBe(1);
    expect(await side.kept()).toEqual(['ServiceRequest used']);
  });
});
