import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { orthanc } from '#adapters/orthanc/pacs.js';
import { toInstant } from '#core/time.js';
import { studyArrived } from '#domain/hospital-event.js';
import type { Pacs, PacsChanges } from '#ports/pacs.js';
import { noOrthanc, startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';

const now = () => toInstant(Date.UTC(2026, 10, 25, 12));
const zone = 'Europe/Berlin';
const samples = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'dicom', 'pydicom');
const storescu = '/usr/bin/storescu';
type Study = PacsChanges['studies'][number];

if (noOrthanc !== null) process.stderr.write(`pacs.test: ${noOrthanc}; the feed of a real PACS was not checked.\n`);
const describeHere = noOrthanc === null ? describe : describe.skip;

const ada = {
  PatientID: '4711',
  PatientName: 'Stone^Ada',
  PatientBirthDate: '19801126',
  PatientSex: 'F',
  IssuerOfPatientID: 'NORTH',
  AccessionNumber: 'ACC1',
  StudyDate: '20261125',
  StudyTime: '101500',
  StudyDescription: 'CT CHEST',
  Modality: 'CT',
  Manufacturer: 'Another',
};

describeHere('the changes of a real Orthanc', () => {
  let server: Orthanc;
  let pacs: Pacs;
  let since = 0;
  const pacsWith = (more: object = {}): Pacs => {
    const { baseUrl, user, password } = server;
    return orthanc({ baseUrl, user, password, timeoutSeconds: 5, zone, now, ...more });
  };
  beforeAll(async () => {
    server = await startOrthanc();
    pacs = pacsWith();
  }, 20_000);
  afterAll(() => server.stop());

  /** Everything from `since` on, until `count` studies have come. */
  async function arrive(count: number, within = 8000): Promise<Study[]> {
    const studies: Study[] = [];
    for (const end = performance.now() + within; performance.now() < end && studies.length < count;) {
      const read = await pacs.changes(since);
      if (!read.ok) throw new Error(read.why);
      studies.push(...read.changes.studies);
      since = read.changes.next;
      if (!read.changes.more) await pause(100);
    }
    return studies;
  }
  /** What comes while nothing is expected to. */
  const afterwards = (): Promise<Study[]> => arrive(1, 2500);

  it('a study arrives when it is complete, with its patient, numbers, time and modalities', async () => {
    const study = await server.create(ada);
    await server.create({ Modality: 'PR', Manufacturer: 'Another' }, study);
    const [arrived, ...others] = await arrive(1);
    expect(others).toEqual([]);
    expect(studyArrived.parse(arrived?.event)).toEqual({
      type: 'studyArrived',
      rawHash: expect.stringMatching(/^[0-9a-f]{64}$/u),
      sendingApplication: 'Orthanc',
      sendingFacility: '',
      messageTime: expect.stringMatching(/^\d{8}T\d{6}$/u),
      receivedAt: now(),
      quality: [],
      studyUid: expect.stringMatching(/^[0-9.]+$/u),
      accessionNumber: 'ACC1',
      patient: {
        id: '4711',
        assigner: 'NORTH',
        identifiers: [{ id: '4711', assigner: 'NORTH', type: '' }],
        name: { family: 'Stone', given: 'Ada' },
        birthDate: '19801126',
        sex: 'F',
      },
      modalities: ['CT', 'PR'],
      startedAt: '2026-11-25T09:15:00.000Z',
      description: 'CT CHEST',
    });
    expect(arrived?.body.toString()).toContain('"AccessionNumber": "ACC1"');
  }, 15_000);

  it('what we add ourselves is no arrival: the study becomes stable again, and what is told is the same bytes', async () => {
    const study = await server.create({ ...ada, AccessionNumber: 'ACC2' });
    const [first] = await arrive(1);
    await server.create({ Modality: 'SR', Manufacturer: 'Radloop' }, study);
    const again = await arrive(1);
    expect(again.map(({ body }) => body.equals(first?.body ?? Buffer.alloc(0)))).toEqual([true]);
    expect(again[0]?.event).toEqual(first?.event);
    await server.create({ ...ada, AccessionNumber: 'ACC3', Modality: 'SR', Manufacturer: 'Radloop' });
    expect(await afterwards()).toEqual([]);
  }, 25_000);

  it('images that come later make the same study another version', async () => {
    const study = await server.create({ ...ada, AccessionNumber: 'ACC4' });
    const [first] = await arrive(1);
    await server.create({ Modality: 'MR', Manufacturer: 'Another' }, study);
    const [second] = await arrive(1);
    expect(second?.event).toMatchObject({ studyUid: first?.event.studyUid, modalities: ['CT', 'MR'] });
    expect(second?.event.rawHash).not.toBe(first?.event.rawHash);
  }, 15_000);

  it('says what is missing or odd in the headers (GOV-12), without repeating it', async () => {
    await server.create({ ...ada, PatientID: '47*11', IssuerOfPatientID: '', AccessionNumber: '', StudyDate: '', StudyTime: '', Modality: '' });
    await server.create({ ...ada, PatientID: '', StudyDate: '20261399' });
    const both = await arrive(2);
    const [arrived, other] = ['47*11', null].map((id) => both.find(({ event }) => event.patient.id === id));
    expect(arrived?.event).toMatchObject({ accessionNumber: null, startedAt: null, modalities: [] });
    const found = arrived?.event.quality ?? [];
    expect(found.map(({ code, where, kind }) => `${kind} ${code} ${where}`)).toEqual([
      'gap no-accession-number (0008,0050)',
      'doubt odd-patient-id (0010,0020)',
      'gap no-issuer (0010,0021)',
      'gap no-study-date (0008,0020)',
      'gap no-modality (0008,0060)',
    ]);
    expect(JSON.stringify(found)).not.toMatch(/47|Stone/u);
    expect(other?.event.quality.map(({ code }) => code)).toEqual(['no-patient-id', 'study-time-unreadable']);
    expect(other?.event.patient).toMatchObject({ id: null, identifiers: [] });
  }, 25_000);

  it("takes the object's own offset from UTC before the site's zone", async () => {
    await server.create({ ...ada, AccessionNumber: 'ACC5', TimezoneOffsetFromUTC: '-0500' });
    expect((await arrive(1))[0]?.event.startedAt).toBe('2026-11-25T15:15:00.000Z');
  }, 15_000);

  it('brings each of many studies once, page after page', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => `MANY${String(index)}`);
    for (const AccessionNumber of numbers) await server.create({ ...ada, PatientID: AccessionNumber, AccessionNumber });
    const arrived = await arrive(40, 15_000);
    expect(arrived.map(({ event }) => event.accessionNumber).sort()).toEqual([...numbers].sort());
  }, 30_000);

  const here = existsSync(samples) && existsSync(storescu);
  if (!here) process.stderr.write('pacs.test: ../shared/data/dicom or dcmtk is not here; objects of other makers were not sent.\n');
  (here ? it : it.skip)(
    'objects of other makers, sent with C-STORE, in three character sets',
    async () => {
      // One patient number and one study stand in all the character set samples: each is taken before the next one replaces it.
      const files: [string, string][] = [
        ['charset_files/chrRuss.dcm', 'Люкceмбypг'],
        ['charset_files/chrFren.dcm', 'Buc'],
        ['test_files/CT_small.dcm', 'CompressedSamples'],
      ];
      for (const [file, family] of files) {
        await promisify(execFile)(storescu, ['-aec', 'TEST', '127.0.0.1', String(server.dicomPort), join(samples, file)]);
        const [arrived] = await arrive(1);
        expect(studyArrived.parse(arrived?.event).patient.name?.family).toBe(family);
        expect(arrived?.event.quality.map(({ code }) => code)).not.toContain('text-unreadable');
      }
    },
    30_000,
  );

  it('a wrong password is said in plain words', async () => {
    expect(await pacsWith({ password: 'wrong' }).changes(0)).toEqual({
      ok: false,
      why: 'The PACS refused (HTTP 401): look at "pacs" in endpoints.json and at RADLOOP_PACS_PASSWORD',
    });
  });

  it('a study that was stable while nobody asked arrives when the PACS is back', async () => {
    await server.create({ ...ada, AccessionNumber: 'BEFORE' });
    await pause(2200);
    await server.kill();
    expect(await pacs.changes(since)).toEqual({ ok: false, why: 'The PACS could not be reached' });
    await server.start();
    expect((await arrive(1)).map(({ event }) => event.accessionNumber)).toEqual(['BEFORE']);
  }, 20_000);

  /** Reads what there is, once. */
  async function readOnce(): Promise<Study[]> {
    const read = await pacs.changes(since);
    if (!read.ok) throw new Error(read.why);
    since = read.changes.next;
    return [...read.changes.studies];
  }

  it('a study whose PACS was killed before it became stable arrives all the same, also when we were away as well', async () => {
    await server.create({ ...ada, AccessionNumber: 'KILLED' });
    expect(await readOnce()).toEqual([]);
    await server.kill();
    await server.start();
    await pause(1500);
    let clock = Date.now();
    for (const restarted of [pacsWith({ now: () => toInstant(clock) }), pacsWith({ now: () => toInstant(clock) })]) {
      expect(await restarted.changes(since)).toMatchObject({ ok: true, changes: { studies: [] } });
      clock += 121_000;
      const read = await restarted.changes(since);
      expect(read).toMatchObject({ ok: true, changes: { studies: [{ event: { accessionNumber: 'KILLED' } }] } });
      clock += 121_000;
      expect(await restarted.changes(since)).toMatchObject({ ok: true, changes: { studies: [] } });
    }
  }, 20_000);

  it('a PACS whose database was replaced is read from its beginning', async () => {
    await server.kill();
    server.forget();
    await server.start();
    const old = since;
    expect(await pacs.changes(old)).toEqual({ ok: true, changes: { studies: [], next: 0, more: true } });
    await server.create({ ...ada, AccessionNumber: 'ANEW' });
    const [anew] = await arrive(1);
    expect(anew?.event.accessionNumber).toBe('ANEW');
    expect(since).toBeLessThan(old);
  }, 20_000);
});
