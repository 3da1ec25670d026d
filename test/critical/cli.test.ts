import { spawn } from 'node:child_process';
import type { Person } from '#core/people.js';
import { called, openCriticalClinic, people, radiologist } from '../bot/critical-fixture.ts';
import type { CriticalClinic } from '../bot/critical-fixture.ts';

/** The commands as somebody types them, each a process of its own, against the door of a running service. */
let clinic: CriticalClinic;
beforeAll(async () => {
  clinic = await openCriticalClinic();
}, 30_000);
afterAll(() => clinic.close());

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function radloop(who: Person | null, ...args: string[]): Promise<Ran> {
  const as = who === null ? [] : ['--data', clinic.data, '--as', who.id];
  const child = spawn(process.execPath, [
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    'infra/cli/main.ts',
    'critical',
    ...args,
    ...as,
  ]);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, ...said });
    });
  });
}
const show = (who: Person, number: string): Promise<unknown> => clinic.desk.open(who, number as CriticalClinic['order']);

it('writes one, which is not sent yet; sends it once it was looked at; whoever was called takes it and reads it back', async () => {
  const written = await radloop(radiologist, 'declare', clinic.order, 'tension pneumothorax', '--category', '1', '--side', 'left');
  expect(written).toMatchObject({ code: 0, out: expect.stringContaining('NOT SENT YET') });
  const number = /^(\S+) is written/u.exec(written.out)?.[1] ?? '';
  expect(await radloop(radiologist, 'send', number)).toMatchObject({ code: 1, out: expect.stringContaining(`radloop case show ${number}`) });
  await show(radiologist, number);
  expect(await radloop(radiologist, 'send', number)).toMatchObject({ code: 0, out: expect.stringContaining(`Sent. ${called.name}`) });
  const list = await radloop(called, 'list');
  expect(list).toMatchObject({ code: 0, out: expect.stringContaining(`${number}  Critical result, category 1`) });
  expect(list.out).not.toContain('pneumothorax');
  await show(called, number);
  const readBack = (identifier: string) =>
    radloop(called, 'read-back', number, '--identifier', identifier, '--finding', 'pneumothorax', '--action', 'chest tube');
  expect(await readBack('99999999')).toMatchObject({ code: 1, out: expect.stringContaining('NOTHING IS ACKNOWLEDGED') });
  expect(await radloop(called, 'take', number)).toMatchObject({ code: 0, out: expect.stringContaining('is yours') });
  const { caseId } = (await clinic.engine.parts.cases.findByNumber(number as CriticalClinic['order']))!;
  const { about } = await clinic.stateOf({ caseId, caseNumber: number as CriticalClinic['order'] });
  expect(await readBack(about.patient.id ?? '')).toMatchObject({ code: 0, out: expect.stringContaining('Read back') });
}, 60_000);

it('where nobody stands on the ladder the command fails, and says whom to phone', async () => {
  clinic.onCall.first = [];
  const { caseNumber } = await clinic.declare('ruptured ectopic pregnancy');
  await show(radiologist, caseNumber);
  const said = await radloop(radiologist, 'send', caseNumber);
  clinic.onCall.first = [called.id];
  expect(said).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^NOT SENT to a clinician: phone the switchboard, /u) });
}, 30_000);

it('an accession number names the exam, and one that nobody knows is said to', async () => {
  const { caseId } = (await clinic.engine.parts.cases.findByNumber(clinic.order))!;
  const { facts } = await clinic.engine.parts.cases.read('protocoling', caseId);
  const accession = /"accessionNumber":"([^"]+)"/u.exec(JSON.stringify(facts))?.[1] ?? '';
  expect(await radloop(radiologist, 'declare', '--accession', accession, 'free air')).toMatchObject({
    code: 0,
    out: expect.stringContaining('NOT SENT YET'),
  });
  expect(await radloop(radiologist, 'declare', '--accession', 'X1', 'free air')).toMatchObject({
    code: 1,
    err: expect.stringContaining('accession number'),
  });
}, 30_000);

it('an exam that nothing knows is declared as it is typed, with all that says whose it is', async () => {
  const typed = ['--accession', 'XX-4711', '--record-number', 'R77', '--family', 'Ross', '--given', 'Mary', '--exam', 'CT of the chest'];
  const written = await radloop(radiologist, 'declare', ...typed, '--born', '1980-05-15', 'free air');
  expect(written).toMatchObject({ code: 0, out: expect.stringContaining('NOT SENT YET') });
  const number = /^(\S+) is written/u.exec(written.out)?.[1] ?? '';
  const { caseId } = (await clinic.engine.parts.cases.findByNumber(number as CriticalClinic['order']))!;
  const { about } = await clinic.stateOf({ caseId, caseNumber: number as CriticalClinic['order'] });
  expect(about).toMatchObject({ asTyped: true, accessionNumber: 'XX-4711', exam: 'CT of the chest', patient: { id: 'R77', birthDate: '19800515' } });
  for (const [args, says] of [
    [['--accession', 'XX-1', '--family', 'Ross', 'free air'], 'are all needed'],
    [[clinic.order, '--record-number', 'R1', '--family', 'Ross', '--exam', 'CT', 'free air'], 'needs its --accession'],
    [['--accession', 'XX-1', '--record-number', 'R1', '--family', 'Ross', '--exam', 'CT', '--born', '15 May', 'free air'], 'YYYY-MM-DD'],
  ] as const)
    expect(await radloop(radiologist, 'declare', ...args)).toMatchObject({ code: 2, err: expect.stringContaining(says) });
}, 60_000);

it('says who may not, and what is wrong with what was typed', async () => {
  const scheduler = people.find(({ id }) => id === 'scheduler-none')!;
  expect(await radloop(scheduler, 'declare', clinic.order, 'free air')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no role that may declare'),
  });
  expect(await radloop(null, 'declare', clinic.order, 'free air', '--category', '4', '--data', clinic.data)).toMatchObject({
    code: 2,
    err: '--category 4: give one of 1, 2, 3.\n',
  });
  expect(await radloop(radiologist, 'decline', '7KF3QN')).toMatchObject({
    code: 2,
    err: expect.stringContaining('radloop critical decline CASE REASON'),
  });
  expect(await radloop(called, 'read-back', '7KF3QN', '--finding', 'x', '--action', 'y')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--identifier is missing'),
  });
  expect(await radloop(radiologist, 'declare', 'nonsense', 'free air')).toMatchObject({ code: 1, err: expect.stringContaining('is no case number') });
}, 30_000);

it('every command has its help', async () => {
  const { out } = await radloop(null, '--help');
  const names = [...out.matchAll(/radloop critical (\S+)/gu)].map(([, name]) => name ?? '');
  expect(names.length).toBeGreaterThanOrEqual(16);
  expect(names).toEqual(expect.arrayContaining(['declare', 'list', 'send', 'take', 'read-back', 'failsafe', 'attempt']));
  expect(await radloop(null, 'read-back', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('--identifier NUMBER') });
}, 30_000);
