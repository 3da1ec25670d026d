import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod/v4';
import type { Cursors } from '#ports/cursors.js';
import type { Log } from '#ports/log.js';

/** A roster file as it was when it could be used. */
export interface Copy {
  /** `neuro.ics` */
  readonly name: string;
  readonly text: string;
}

/** The last usable copy of each service's roster: a file that is broken at a start takes nobody off duty. */
export interface KeptRosters {
  /** Null: there is none. @param service its id */
  of(service: string): Copy | null;
  keep(service: string, copy: Copy): void;
}

const stored = z.object({ name: z.string(), gzip: z.base64() });
const cursorOf = (service: string): string => `roster:${service}`;

/** Beside the store's data. One that can't be read is none; one that can't be written is said, and is written with the next. */
export async function keptRosters(services: readonly string[], cursors: Pick<Cursors, 'read' | 'write'>, log: Log): Promise<KeptRosters> {
  const known = new Map<string, Copy>();
  const load = async (service: string): Promise<void> => {
    const kept = await cursors.read(cursorOf(service));
    if (kept === null) return;
    const { name, gzip } = stored.parse(JSON.parse(kept));
    known.set(service, { name, text: gunzipSync(Buffer.from(gzip, 'base64')).toString() });
  };
  const say = (fault: unknown): void => {
    log.error('site.roster-not-kept', { fault });
  };
  await Promise.all(services.map((service) => load(service).catch(say)));
  let writing = Promise.resolve();
  const write = async (service: string, copy: Copy): Promise<void> => {
    const value = { name: copy.name, gzip: gzipSync(copy.text).toString('base64') };
    await cursors.write(cursorOf(service), JSON.stringify(value));
    known.set(service, copy);
  };
  return {
    of: (service) => known.get(service) ?? null,
    keep(service, copy) {
      const before = known.get(service);
      if (!services.includes(service)) return;
      if (before?.name === copy.name && before.text === copy.text) return;
      writing = writing.then(() => write(service, copy)).catch(say);
    },
  };
}
