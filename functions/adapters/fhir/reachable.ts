import { at, textAt } from './read.ts';
import { EhrFailure, whyOf } from './failure.ts';
import { budgetOf, ehrClient } from './transport.ts';
import type { Asked } from './transport.ts';

/**
 * Does an R4 server answer there? For `radloop doctor`: asks for its CapabilityStatement, nothing of a patient.
 * @returns `what` in plain words: version and milliseconds, or what is wrong
 */
export async function reachable(baseUrl: string, seconds: number): Promise<{ readonly ok: boolean; readonly what: string }> {
  const started = performance.now();
  const options: Asked = { budget: budgetOf(seconds), repeatable: true };
  try {
    const statement = await ehrClient(baseUrl).capabilityStatement(options);
    if (at(statement, 'resourceType') !== 'CapabilityStatement') return { ok: false, what: 'It answers FHIR, but not with a CapabilityStatement' };
    const version = textAt(statement, 'fhirVersion') ?? 'unknown';
    const what = `FHIR ${version}, answered in ${String(Math.round(performance.now() - started))} ms`;
    return version.startsWith('4.0') ? { ok: true, what } : { ok: false, what: `${what}; R4 (4.0.1) is needed` };
  } catch (error) {
    if (error instanceof EhrFailure) return { ok: false, what: whyOf(error, seconds) };
    throw error;
  }
}
