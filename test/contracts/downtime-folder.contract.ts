import { addMinutes } from '#core/time.js';
import type { DowntimeFolder } from '#ports/downtime.js';
import { t0 } from '../support/store-fixture.ts';

/** A place for lists, and what a person finds in it when nothing of Radloop runs. */
export interface DowntimePlace {
  readonly folder: DowntimeFolder;
  /** File names and their content. */
  found(): Promise<ReadonlyMap<string, string>>;
}

const START = { n: 0, hash: '0'.repeat(64) };

/** What any adapter of the port DowntimeFolder (ports/downtime) promises. `open` opens an empty place. */
export function downtimeFolderContract(name: string, open: () => Promise<DowntimePlace>): void {
  describe(`${name} keeps the promise of the port downtime-folder`, () => {
    let place: DowntimePlace;
    beforeEach(async () => {
      place = await open();
    });
    const list = (n: number) => place.folder.write(addMinutes(t0, 5 * n), { html: `<p>Müller ${n}</p>`, csv: `Müller,${n}\r\n` });

    it('has a list under its time as a page and as a table, byte for byte', async () => {
      await list(0);
      expect(await place.found()).toEqual(
        new Map([
          ['list-20261125T100000Z.csv', 'Müller,0\r\n'],
          ['list-20261125T100000Z.html', '<p>Müller 0</p>'],
        ]),
      );
    });

    it('keeps the newest few, of each both files', async () => {
      for (let n = 0; n < 6; n += 1) await list(n);
      const names = [...(await place.found()).keys()].sort();
      const times = new Set(names.map((file) => file.replace(/\.\w+$/u, '')));
      expect([...times]).toEqual(['list-20261125T101500Z', 'list-20261125T102000Z', 'list-20261125T102500Z']);
      expect(names).toHaveLength(6);
    });

    it('has the last one of two that were written for the same time, and is whole when instances write at once', async () => {
      await list(1);
      await place.folder.write(addMinutes(t0, 5), { html: 'newer', csv: 'newer' });
      expect((await place.found()).get('list-20261125T100500Z.html')).toBe('newer');
      await Promise.all([list(2), list(3), list(4)]);
      const found = await place.found();
      expect(found.get('list-20261125T102000Z.html')).toBe('<p>Müller 4</p>');
      for (const file of found.keys())
        expect(found.has(file.endsWith('csv') ? file.replace(/csv$/u, 'html') : file.replace(/html$/u, 'csv'))).toBe(true);
    });

    it('has the newest list though a clock that was ahead has named some of tomorrow', async () => {
      for (const n of [287, 288, 289]) await list(n);
      for (const n of [0, 1]) await list(n);
      const pages = async () => [...(await place.found()).keys()].filter((file) => file.endsWith('html')).sort();
      expect(await pages()).toEqual(['list-20261125T100000Z.html', 'list-20261125T100500Z.html']);
      // A clock that is a little behind takes nothing away.
      await list(2);
      await list(0);
      expect((await pages()).at(-1)).toBe('list-20261125T101000Z.html');
    });

    it('tells of no opening where none was recorded', async () => {
      expect(await place.folder.openingsAfter(START)).toEqual({ openings: [], gap: null, end: START });
      await list(0);
      expect(await place.folder.openingsAfter(START)).toEqual({ openings: [], gap: null, end: START });
    });
  });
}
