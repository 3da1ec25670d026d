import { fileURLToPath } from 'node:url';
import { readContent } from '#adapters/embedded/content.js';
import type { Context } from '#domain/context.js';
import type { Order } from '#domain/order.js';

/** The content as the rehearsal hospital reviews it, and as it ships. */
export const reviewed = readContent(fileURLToPath(new URL('../../infra/rehearsal/site', import.meta.url)));
export const unreviewed = readContent();

export const today = '2026-11-25';

/** An order of which only the parts that matter are told. */
export function anOrder(text: string, indication: string | null, more: Partial<Order> = {}): Order {
  return {
    placerOrderNumber: { id: 'P1', assigner: 'EHR' },
    fillerOrderNumber: null,
    accessionNumber: null,
    patient: { id: 'M1', assigner: 'MRN', identifiers: [], name: null, birthDate: null, sex: 'M' },
    procedure: { code: '', text, system: '' },
    procedures: [],
    kind: 'imaging',
    modality: null,
    priority: 'R',
    indication,
    patientClass: 'O',
    orderingProvider: null,
    orderedAt: today,
    ...more,
  };
}

export function aContext(more: Partial<Context> = {}): Context {
  return {
    ageYears: 60,
    sex: 'M',
    weightKg: { value: 70, unit: 'kg', date: today },
    pregnant: null,
    allergies: [],
    medications: [],
    problems: [],
    egfr: null,
    creatinine: [],
    priors: [],
    notes: [],
    missing: [],
    ...more,
  };
}

export function woman(order: Order): Order {
  return { ...order, patient: { ...order.patient, sex: 'F' } };
}

/** YYYY-MM-DD, so many days before `today`. */
export function daysAgo(days: number): string {
  return new Date(Date.parse(today) - days * 86_400_000).toISOString().slice(0, 10);
}

export function egfr(value: number, days: number) {
  return { value, unit: 'mL/min/1.73m2', date: daysAgo(days) };
}

export function creatinine(value: number, days: number) {
  return { value, unit: 'mg/dL', date: daysAgo(days) };
}
