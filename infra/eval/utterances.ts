import { readFileSync } from 'node:fs';
import { z } from 'zod/v4';
import { askerRole, intent } from '#domain/utterance.js';
import type { ProtocolName } from '#domain/utterance.js';

const slots = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** One labelled utterance, as the files of test/eval/intents hold them. */
const labelled = z.object({
  id: z.string(),
  text: z.string(),
  place: z.enum(['channel', 'thread', 'private']),
  threadCase: z.string().nullable(),
  lastShown: z.array(z.string()),
  role: askerRole,
  expect: z.object({
    intent,
    slots,
    act: z.boolean(),
    confirm: z.boolean(),
    also: z.array(z.object({ intent, slots })).default([]),
  }),
});
export type Labelled = z.infer<typeof labelled>;

/** @throws Where a line is not a labelled utterance, with file and line. */
export function readUtterances(file: string): Labelled[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return [];
      try {
        return [labelled.parse(JSON.parse(line))];
      } catch (error) {
        throw new Error(`${file}, line ${i + 1}: not a labelled utterance (${error instanceof Error ? error.message : String(error)})`);
      }
    });
}

/** Short lines for training: an intent in brackets, then what people say, one a line; `# role:` sets who says it. */
export function readByIntent(file: string): Labelled[] {
  let said: z.infer<typeof intent> = 'none';
  let role: z.infer<typeof askerRole> = 'radiologist';
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((raw, i) => {
      const line = raw.trim();
      if (line.startsWith('[')) said = intent.parse(line.slice(1, -1));
      else if (line.startsWith('# role:')) role = askerRole.parse(line.slice('# role:'.length).trim());
      else if (line !== '' && !line.startsWith('#')) {
        const expect = { intent: said, slots: {}, act: false, confirm: false, also: [] };
        return [{ id: `own-${i + 1}`, text: line, place: 'private' as const, threadCase: null, lastShown: ['9M2QX8'], role, expect }];
      }
      return [];
    });
}

/** The default catalogue, by id and name. */
export function catalogue(): ProtocolName[] {
  const file = new URL('../../functions/content/protocols/v1.json', import.meta.url);
  return z.object({ rows: z.array(z.object({ id: z.string(), name: z.string() })) }).parse(JSON.parse(readFileSync(file, 'utf8'))).rows;
}

/** Sentences of one frame that are drawn; a frame with fewer gives what it has. */
const perFrame = 40;

/** Frames for training, expanded by chance that is the same every time: see test/eval/intents/frames.txt. */
export function readFrames(file: string): Labelled[] {
  const lists = new Map<string, string[]>();
  let said: z.infer<typeof intent> = 'none';
  let role: z.infer<typeof askerRole> = 'radiologist';
  let state = 11;
  const chance = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  const oneOf = (list: readonly string[]) => list[Math.floor(chance() * list.length)] ?? '';
  const filled = (text: string): string => {
    const open = /\{([^{}]*)\}|<([a-z]+)>/u.exec(text);
    if (open === null)
      return text
        .replace(/\s+/gu, ' ')
        .replace(/ ([,:?])/gu, '$1')
        .replace(/ 's\b/gu, "'s")
        .trim();
    return filled(
      text.slice(0, open.index) +
        (open[1] === undefined ? oneOf(lists.get(open[2] ?? '') ?? []) : oneOf(open[1].split('|'))) +
        text.slice(open.index + open[0].length),
    );
  };
  const out = new Map<string, Labelled>();
  for (const raw of readFileSync(file, 'utf8').split('\n')) {
    const line = raw.trim();
    const list = /^<([a-z]+)>: (.*)$/u.exec(line);
    if (list !== null) lists.set(list[1] ?? '', (list[2] ?? '').split('|'));
    else if (/^\[[a-z-]+\]$/u.test(line)) said = intent.parse(line.slice(1, -1));
    else if (line.startsWith('# role:')) role = askerRole.parse(line.slice('# role:'.length).trim());
    else if (line !== '' && !line.startsWith('#')) {
      for (let i = 0; i < perFrame; i += 1) {
        const text = filled(line);
        const expect = { intent: said, slots: {}, act: false, confirm: false, also: [] };
        out.set(`${said} ${text}`, { id: `frame-${out.size + 1}`, text, place: 'private', threadCase: null, lastShown: ['9M2QX8'], role, expect });
      }
    }
  }
  return [...out.values()];
}
