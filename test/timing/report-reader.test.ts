import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readContent } from '#adapters/embedded/content.js';
import { reportReader } from '#models/report-reader/index.js';
import { readLabelledReports } from '../../infra/eval/labelled-reports.ts';

const folder = fileURLToPath(new URL('../eval/reports/', import.meta.url));

it('the report reader reads a thousand reports a second on one core, and of a hundred reports one at most takes 50 ms', () => {
  const reader = reportReader(readContent());
  const hands = readdirSync(folder).filter((name) => /^hand-\w\.labels\.jsonl$/u.test(name));
  const reports = hands.flatMap((hand) => readLabelledReports(`${folder}${hand}`));
  expect(reports.length).toBeGreaterThan(2000);
  for (const report of reports) reader.read(report);
  // Work of this process, not the wall's clock: the machine may do other things as well.
  const rounds = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    for (const report of reports) reader.read(report);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  expect(reports.length / Math.min(...rounds)).toBeGreaterThan(1000);
  const took = reports.map((report) => {
    const began = performance.now();
    reader.read(report);
    return performance.now() - began;
  });
  expect(took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)]).toBeLessThan(50);
});
