import { z } from 'zod/v4';
import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Pacs, PacsChanges } from '#ports/pacs.js';
import { seriesAnswer, studyAnswer, tags } from './answers.ts';
import type { StudySaid } from './answers.ts';
import { NOT_ORTHANC, ask } from './exchange.ts';
import { bodyOf, eventOf, othersOf } from './study.ts';
import { unsettled } from './unsettled.ts';
import type { Unsettled } from './unsettled.ts';

export interface OrthancOptions {
  /** Address of its REST interface, such as `https://pacs.example/orthanc`. */
  readonly baseUrl: string;
  /** Left out: no authentication. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** For each request. */
  readonly timeoutSeconds: number;
  /** IANA time zone of study dates and times. */
  readonly zone: string;
  readonly now: () => Instant;
}

/** Changes asked for at once. */
const PAGE = 100;
/** Changes before the place where we go on that are looked at again after a start, for what had not become stable when we stopped. */
const LOOK_BACK = 1000;
/** A study that can't be read, so often in a row and for so long while the PACS itself answers, is passed by. */
const MOST_TRIES = 5;
const LONGEST_TRYING_MS = 60_000;

/** Orthanc's ids are a SHA-1 in five groups; nothing else goes into a path. */
const orthancId = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{8}){4}$/u);
const page = z.object({
  Changes: z.array(z.object({ ChangeType: z.string(), ID: z.string(), Seq: z.number().int() })),
  Done: z.boolean(),
  Last: z.number().int().nonnegative(),
});
/** Of `GET /studies/ID` and `GET /series/ID`. */
const settledAnswer = z.object({ IsStable: z.boolean(), ParentStudy: orthancId.optional() });

type Read = { readonly what: 'study'; readonly said: StudySaid } | { readonly what: 'nothing' } | { readonly what: 'failed'; readonly why: string };
type Page = { readonly ok: true; readonly page: z.infer<typeof page> } | { readonly ok: false; readonly why: string };
interface Taken {
  readonly studies: PacsChanges['studies'][number][];
  readonly unread: NonNullable<PacsChanges['unread']>[number][];
}

/**
 * Orthanc's `/changes` (Orthanc Book, "Tracking changes"): every StableStudy, that is a study to which nothing was added for its StableAge; NewStudy would come
 * with the first image and miss the other series. The feed is the truth: what was missed while we were away comes with the next reading.
 */
export function orthanc(options: OrthancOptions): Pacs {
  const waiting = unsettled(options.now);
  const isGivenUp = patience(options.now);
  let lookedBack = false;
  return {
    async changes(since) {
      const asked = await readPage(options, since, PAGE);
      if (!asked.ok) return asked;
      const { Changes: changes, Done: done, Last: last } = asked.page;
      // Its database was replaced: it counts from 1 again. What we have already taken is known by its content.
      if (last < since) return { ok: true, changes: { studies: [], next: 0, more: since > 0 } };
      if (!lookedBack && since > 0) {
        const before = await readPage(options, Math.max(0, since - LOOK_BACK), LOOK_BACK);
        if (!before.ok) return before;
        waiting.note(before.page.Changes.filter(({ Seq }) => Seq <= since));
      }
      lookedBack = true;
      const taken: Taken = { studies: [], unread: [] };
      for (const { ID, Seq } of lastOfEach(changes.filter(({ ChangeType }) => ChangeType === 'StableStudy'))) {
        const one = await readStudy(options, ID);
        if (one.what === 'failed' && !isGivenUp(ID)) {
          // What came before it is taken; it is read first thing next time.
          const some = taken.studies.length + taken.unread.length > 0;
          return some ? { ok: true, changes: { ...taken, next: Seq - 1, more: false } } : { ok: false, why: one.why };
        }
        if (one.what === 'study') taken.studies.push(arrival(one.said, options));
        if (one.what === 'failed') taken.unread.push({ body: Buffer.from(JSON.stringify({ study: ID, change: Seq })), why: one.why });
      }
      waiting.note(changes);
      if (done) taken.studies.push(...(await forgotten(options, waiting)));
      return { ok: true, changes: { ...taken, next: last, more: !done } };
    },
  };
}

/** Has this one failed so often and for so long that it is to be passed by? */
function patience(now: () => Instant): (id: string) => boolean {
  let failing: { readonly id: string; readonly count: number; readonly since: number } | null = null;
  return (id) => {
    const at = epochOf(now());
    const before = failing?.id === id ? failing : { count: 0, since: at };
    failing = { id, count: before.count + 1, since: before.since };
    return failing.count >= MOST_TRIES && at - failing.since >= LONGEST_TRYING_MS;
  };
}

async function readPage(options: OrthancOptions, since: number, limit: number): Promise<Page> {
  const asked = await ask(options, `/changes?since=${String(since)}&limit=${String(limit)}`);
  if (!asked.ok) return { ok: false, why: asked.why };
  const read = page.safeParse(asked.json);
  return read.success ? { ok: true, page: read.data } : { ok: false, why: NOT_ORTHANC };
}

/** Studies that are stable and were never said to be: Orthanc was killed before it could. */
async function forgotten(options: OrthancOptions, waiting: Unsettled): Promise<readonly PacsChanges['studies'][number][]> {
  const found = new Map<string, PacsChanges['studies'][number]>();
  for (const { level, id } of waiting.overdue()) {
    if (!orthancId.safeParse(id).success) continue;
    const asked = await ask(options, `/${level}/${id}`);
    if (!asked.ok) {
      if (asked.status === 404) waiting.settled(id);
      continue;
    }
    const state = settledAnswer.safeParse(asked.json);
    if (!state.success || !state.data.IsStable) continue;
    const study = await readStudy(options, state.data.ParentStudy ?? id);
    if (study.what === 'failed') continue;
    waiting.settled(id);
    if (study.what === 'study') found.set(study.said.study.ID, arrival(study.said, options));
  }
  return [...found.values()];
}

/** A study that became stable twice is read once. */
function lastOfEach<T extends { readonly ID: string }>(changes: readonly T[]): readonly T[] {
  return changes.filter((one, index) => !changes.slice(index + 1).some((later) => later.ID === one.ID));
}

function arrival(said: StudySaid, { now, zone }: OrthancOptions): PacsChanges['studies'][number] {
  const body = bodyOf(said);
  return { body, event: eventOf(said, body, now(), zone) };
}

/** `nothing`: it is gone again, or holds nothing but what we made ourselves. */
async function readStudy(options: OrthancOptions, id: string): Promise<Read> {
  if (!orthancId.safeParse(id).success) return { what: 'failed', why: NOT_ORTHANC };
  const [study, series] = [await ask(options, `/studies/${id}`), await ask(options, `/studies/${id}/series`)];
  const failed = [study, series].find((one) => !one.ok);
  if (failed?.ok === false) return failed.status === 404 ? { what: 'nothing' } : { what: 'failed', why: failed.why };
  const [about, all] = [studyAnswer.safeParse(study.ok && study.json), seriesAnswer.safeParse(series.ok && series.json)];
  if (!about.success || !all.success || !/^[0-9.]{1,64}$/u.test(about.data.MainDicomTags['StudyInstanceUID'] ?? ''))
    return { what: 'failed', why: NOT_ORTHANC };
  const others = othersOf(all.data);
  const [instance] = others.flatMap((one) => one.Instances).sort();
  if (instance === undefined) return { what: 'nothing' };
  if (!orthancId.safeParse(instance).success) return { what: 'failed', why: NOT_ORTHANC };
  const object = await ask(options, `/instances/${instance}/simplified-tags`);
  if (!object.ok && object.status !== 404) return { what: 'failed', why: object.why };
  const { IssuerOfPatientID = '', TimezoneOffsetFromUTC = '' } = tags.safeParse(object.ok ? object.json : {}).data ?? {};
  return { what: 'study', said: { study: about.data, series: others, object: { IssuerOfPatientID, TimezoneOffsetFromUTC } } };
}
