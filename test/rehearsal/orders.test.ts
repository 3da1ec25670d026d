import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartOf } from '../../infra/rehearsal/chart.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { orderOf } from '../../infra/rehearsal/orders.ts';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';
import { patientOf } from '../../infra/rehearsal/patients.ts';
import { situations } from '../../infra/rehearsal/situations.ts';

interface ProcedureMap {
  readonly imaging: readonly { readonly code: string; readonly modality: string; readonly text: string }[];
  readonly notImaging: readonly { readonly code: string }[];
}
const map = JSON.parse(readFileSync(join(import.meta.dirname, '../../infra/rehearsal/site/hl7/procedure-map.json'), 'utf8')) as ProcedureMap;
const catalogue = new Map(map.imaging.map((row) => [row.code, row]));
const orders = (seed: number, count: number): PlannedOrder[] => Array.from({ length: count }, (_, index) => orderOf(seed, index + 1, catalogue));
const at = new Date('2026-11-25T10:40:00Z');

describe('the stream of orders', () => {
  it('gives the same order for the same seed and number, in whatever sequence it is asked', () => {
    const forwards = orders(1, 60).map((order) => orderMessage(order, 'new', 'X', at));
    const backwards = Array.from({ length: 60 }, (_, index) => orderMessage(orderOf(1, 60 - index, catalogue), 'new', 'X', at)).reverse();
    expect(backwards).toEqual(forwards);
    expect(orders(2, 60).map((order) => orderMessage(order, 'new', 'X', at))).not.toEqual(forwards);
  });

  it('gives the same chart for the same patient and day', () => {
    expect(chartOf(1, patientOf(1, 5), at)).toEqual(chartOf(1, patientOf(1, 5), at));
    expect(chartOf(1, patientOf(1, 6), at)).not.toEqual(chartOf(1, patientOf(1, 5), at));
  });

  it('shows every situation before one comes again, at least 60 of them over all seven modalities', () => {
    const first = orders(1, situations.length);
    expect(situations.length).toBeGreaterThanOrEqual(60);
    expect(new Set(first.map((order) => order.patient.situation.id)).size).toBe(situations.length);
    expect(new Set(first.map((order) => order.modality).filter((modality) => modality !== ''))).toEqual(
      new Set(['CT', 'MR', 'US', 'XR', 'NM', 'MG', 'FL']),
    );
  });

  it('orders what the site has in its map, a few tests that are no imaging, and one that the map does not know', () => {
    const planned = orders(1, 300);
    const codes = (kind: PlannedOrder['kind']): string[] => planned.filter((order) => order.kind === kind).map((order) => order.code);
    expect(codes('imaging').filter((code) => !catalogue.has(code))).toEqual([]);
    const notImaging = new Set(map.notImaging.map((row) => row.code));
    expect(codes('not-imaging').length).toBeGreaterThan(5);
    expect(codes('not-imaging').filter((code) => !notImaging.has(code))).toEqual([]);
    expect(new Set(codes('unknown'))).toEqual(new Set(['RADMISC']));
  });

  it('is as untidy as real orders: missing indications, changes, cancels, both message types, both places of the priority', () => {
    const planned = orders(1, 300);
    expect(planned.filter((order) => order.kind === 'imaging' && order.indication === '').length).toBeGreaterThan(3);
    expect(new Set(planned.map((order) => order.then?.verb))).toEqual(new Set([undefined, 'change', 'cancel']));
    expect(new Set(planned.map((order) => order.messageType)).size).toBe(2);
    expect(new Set(planned.map((order) => order.priorityIn)).size).toBe(2);
    const byHaddad = planned.filter((order) => order.orderer?.id === 'D4711').length;
    expect(byHaddad).toBeGreaterThan(150);
    expect(byHaddad).toBeLessThan(280);
  });

  it('writes free text so that it cannot become a field', () => {
    const order: PlannedOrder = { ...orderOf(1, 1, catalogue), indication: 'a|b^c&d~e\\f\nMSH|x', indicationIn: 'OBR-13' };
    const message = orderMessage(order, 'new', 'X', at);
    expect(message).toContain('a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\MSH\\F\\x');
    expect(message.split('\r').filter((line) => line.startsWith('MSH'))).toHaveLength(1);
  });

  it('leaves parts of some charts out, so that missing things are met', () => {
    const charts = Array.from({ length: 100 }, (_, index) => JSON.stringify(chartOf(1, patientOf(1, index), at)));
    for (const part of ['29463-7', '98979-8', '2160-0', 'AllergyIntolerance', 'MedicationStatement', 'ImagingStudy', 'DocumentReference']) {
      const having = charts.filter((chart) => chart.includes(part)).length;
      expect([part, having > 10 && having < 95]).toEqual([part, true]);
    }
  });
});
