import { momentOfStudy } from '#adapters/orthanc/dicom-time.js';
import { orthanc } from '#adapters/orthanc/pacs.js';
import { toInstant } from '#core/time.js';
import type { Pacs } from '#ports/pacs.js';
import { cut, json, silent, startScripted } from '../support/scripted-http.ts';
import type { ScriptedServer, Seen, Step } from '../support/scripted-http.ts';

let clock = Date.UTC(2026, 10, 25, 12);
const now = () => toInstant(clock);
const running: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function before(answer: Step, timeoutSeconds = 2): Promise<{ pacs: Pacs; server: ScriptedServer }> {
  const server = await startScripted(answer);
  running.push(server);
  return { server, pacs: orthanc({ baseUrl: `${server.origin}/orthanc/`, user: 'u', password: 'p', timeoutSeconds, zone: 'Europe/Berlin', now }) };
}

const id = (letter: string): string => Array(5).fill(letter.repeat(8)).join('-');
const change = (letter: string, seq: number, type = 'StableStudy') => ({ ChangeType: type, ID: id(letter), Seq: seq, ResourceType: 'Study' });
const changes = (...list: readonly ReturnType<typeof change>[]): object => ({ Changes: list, Done: true, Last: list.at(-1)?.Seq ?? 0 });
const studyOf = (letter: string): object => ({
  ID: id(letter),
  MainDicomTags: { StudyInstanceUID: '1.2.3', AccessionNumber: letter, StudyDate: '20261125' },
  PatientMainDicomTags: { PatientID: '4711', PatientName: '^^^^' },
});
const series = [{ ID: id('f'), LastUpdate: '20261125T101500', Instances: [id('e')], MainDicomTags: { Modality: 'CT' } }];

/** An Orthanc that holds these changes; `fault` may answer instead. */
const holding =
  (all: object, fault: (seen: Seen) => Step | null = () => null): Step =>
  (response, seen) => {
    const path = seen.url.replace('/orthanc', '');
    const letter = /^\/studies\/(.)/u.exec(path)?.[1] ?? '';
    const usual = path.startsWith('/changes') ? all : path.endsWith('/series') ? series : path.startsWith('/instances') ? {} : studyOf(letter);
    (fault(seen) ?? json(200, usual))(response, seen);
  };

describe('a PACS in trouble', () => {
  it.each<[string, Step, RegExp]>([
    ['is silent', silent, /^The PACS did not answer within 0.3 s$/u],
    ['sends its body slowly', (response) => response.writeHead(200).write('{'), /^The PACS did not answer within 0.3 s$/u],
    ['hangs up', cut, /^The PACS could not be reached$/u],
    ['has a fault', json(500, {}), /^The PACS refused \(HTTP 500\)$/u],
    ['answers a web page', (response) => response.end('<html>'), /^The PACS answered something that Orthanc does not answer$/u],
    ['answers other JSON', json(200, { Changes: 'none' }), /^The PACS answered something that Orthanc does not answer$/u],
    ['answers no list', json(200, []), /^The PACS answered something that Orthanc does not answer$/u],
    ['answers without end', (response) => response.end(`"${'x'.repeat(6_000_000)}"`), /^The PACS answered more than 5 MB$/u],
    ['points elsewhere', (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(), /HTTP 302\), which is not followed$/u],
  ])('that %s is said so in plain words', async (_, step, why) => {
    // Six megabytes take their time on a busy machine; what is timed out is said in its sentence.
    const seconds = why.source.includes('5 MB') ? 5 : 0.3;
    const { pacs } = await before(step, seconds);
    const started = performance.now();
    expect(await pacs.changes(7)).toEqual({ ok: false, why: expect.stringMatching(why) });
    expect(performance.now() - started).toBeLessThan(seconds * 1000 + 1200);
  });

  it('asks with the password in a header and never in the address', async () => {
    const { pacs, server } = await before(holding(changes()));
    await pacs.changes(0);
    expect(server.seen[0]).toMatchObject({ url: '/orthanc/changes?since=0&limit=100', headers: { authorization: 'Basic dTpw' } });
  });

  it('counts anew when its last change is before the one that was taken', async () => {
    const { pacs } = await before(holding({ Changes: [], Done: true, Last: 3 }));
    expect(await pacs.changes(50)).toEqual({ ok: true, changes: { studies: [], next: 0, more: true } });
    expect(await pacs.changes(3)).toMatchObject({ ok: true, changes: { studies: [], next: 3, more: false } });
  });

  it('reads a study once that became stable twice, and leaves other changes alone', async () => {
    const { pacs, server } = await before(
      holding(changes(change('a', 4), change('b', 5, 'NewStudy'), change('a', 6), change('c', 7, 'UpdatedMetadata'))),
    );
    expect(await pacs.changes(0)).toMatchObject({
      ok: true,
      changes: { studies: [{ event: { accessionNumber: 'a', patient: { name: null } } }], next: 7 },
    });
    expect(server.seen).toHaveLength(4);
  });

  it('a study that was deleted before it could be read is none', async () => {
    const fault = (seen: Seen): Step | null => (seen.url.includes(id('b')) ? json(404, {}) : null);
    const { pacs } = await before(holding(changes(change('b', 5), change('c', 6)), fault));
    expect(await pacs.changes(0)).toMatchObject({ ok: true, changes: { studies: [{ event: { accessionNumber: 'c' } }], unread: [], next: 6 } });
  });

  it('puts nothing into an address that is no id of Orthanc', async () => {
    const { pacs, server } = await before(
      holding({ Changes: [{ ChangeType: 'StableStudy', ID: '../../tools/shutdown', Seq: 1 }], Done: true, Last: 1 }),
    );
    expect(await pacs.changes(0)).toMatchObject({ ok: false });
    expect(server.seen).toHaveLength(1);
  });

  it('takes the studies before one that can not be read, and that one as soon as it can', async () => {
    let broken = true;
    const fault = (seen: Seen): Step | null => (broken && seen.url.includes(id('b')) ? json(500, {}) : null);
    const { pacs } = await before(holding(changes(change('a', 4), change('b', 5), change('c', 6)), fault));
    expect(await pacs.changes(0)).toMatchObject({ ok: true, changes: { studies: [{ event: { accessionNumber: 'a' } }], next: 4, more: false } });
    broken = false;
    expect(await pacs.changes(0)).toMatchObject({ changes: { studies: [{}, {}, {}], unread: [], next: 6 } });
  });

  it('one study that can never be read is passed by after a minute and shown; the others come in', async () => {
    const fault = (seen: Seen): Step | null => (seen.url.includes(id('b')) ? json(500, {}) : null);
    const { pacs } = await before(holding(changes(change('b', 5), change('c', 6)), fault));
    for (let tries = 0; tries < 4; tries++) {
      expect(await pacs.changes(4)).toEqual({ ok: false, why: 'The PACS refused (HTTP 500)' });
      clock += 20_000;
    }
    const read = await pacs.changes(4);
    expect(read).toMatchObject({
      ok: true,
      changes: { studies: [{ event: { accessionNumber: 'c' } }], unread: [{ why: 'The PACS refused (HTTP 500)' }], next: 6 },
    });
    expect(read.ok && read.changes.unread?.[0]?.body.toString()).toBe(`{"study":"${id('b')}","change":5}`);
  });

  it('a busy PACS is no reason to pass a study by: so many tries within a minute are not enough', async () => {
    const { pacs } = await before(holding(changes(change('b', 5)), (seen) => (seen.url.includes('/studies/') ? json(503, {}) : null)));
    for (let tries = 0; tries < 8; tries++) expect(await pacs.changes(4)).toMatchObject({ ok: false });
  });
});

describe('DICOM dates and times', () => {
  it.each([
    ['20260701', '101500', '', '2026-07-01T08:15:00.000Z'],
    ['20261125', '1015', '', '2026-11-25T09:15:00.000Z'],
    ['20261125', '10', '', '2026-11-25T09:00:00.000Z'],
    ['20261125', '', '', '2026-11-24T23:00:00.000Z'],
    ['2026.11.25', '10:15:00', '', '2026-11-25T09:15:00.000Z'],
    ['20261125', '101500.123456', '', '2026-11-25T09:15:00.123Z'],
    ['20261125', '101500', '+0530', '2026-11-25T04:45:00.000Z'],
    // Clocks go forward at 02:00 on 29 March, back at 03:00 on 25 October 2026.
    ['20260329', '013000', '', '2026-03-29T00:30:00.000Z'],
    ['20260329', '033000', '', '2026-03-29T01:30:00.000Z'],
    ['20261025', '033000', '', '2026-10-25T02:30:00.000Z'],
    ['20261131', '101500', '', null],
    ['20261125', '251500', '', null],
    ['20261125', 'noon', '', null],
    ['', '101500', '', null],
    ['today', '', '', null],
  ])('%s %s %s is %s', (date, time, offset, expected) => {
    expect(momentOfStudy(date, time, offset, 'Europe/Berlin')).toBe(expected);
  });
});
