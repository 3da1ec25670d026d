import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod/v4';
import {
  SAFETY_ROWS, VALIDITY_ROWS, appropriatenessRule, choiceRule, content, detectionRow, findingClass, misfitRule, priorityRule, reportLanguage, safetyRule,
  tuning, validityRule, vocabulary,
} from '#domain/content.js'; // prettier-ignore
import type { Content } from '#domain/content.js';
import { criticalRows, criticalRule, ladderRule } from '#domain/critical.js';
import { criticalFaults } from '#domain/critical-faults.js';
import { protocol } from '#domain/protocol.js';

/** Clinical content that cannot be used. The message names each fault as `file: row, field: what is wrong`, one a line. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
}

/** One file: rows that take what they do not say from `defaults`, or one value. */
const file = z.object({
  set: z.string(),
  defaults: z.record(z.string(), z.unknown()).default({}),
  rows: z.array(z.record(z.string(), z.unknown())).optional(),
  value: z.record(z.string(), z.unknown()).optional(),
});

/** content/reviews.json of a site: who answers for which rows. `*` stands for all; the last line that fits counts. */
const reviews = z.object({
  reviews: z.array(
    z.object({
      set: z.string(),
      ruleId: z.string(),
      version: z.string(),
      reviewedBy: z.string().min(1),
      reviewedOn: z.string(),
      note: z.string().optional(),
    }),
  ),
});

const rowSets = {
  protocols: protocol,
  safety: safetyRule,
  misfits: misfitRule,
  appropriateness: appropriatenessRule,
  priority: priorityRule,
  choices: choiceRule,
  validity: validityRule,
  findings: findingClass,
  detections: detectionRow,
  critical: criticalRule,
  ladders: ladderRule,
} as const;
const valueSets = { tuning, vocabulary, reportLanguage } as const;

type Row = Readonly<Record<string, unknown>>;
interface Found {
  readonly rows: Map<string, Map<string, { readonly row: Row; readonly where: string }>>;
  readonly values: Map<string, { readonly value: Row; readonly where: string }>;
}

/** The content that ships with the program: `functions/content` in the sources, `dist/functions/content` in the build. */
const shipped = fileURLToPath(new URL('../../content', import.meta.url));

/**
 * The shipped rows with the site's over them: `<site>/content/<set>/*.json` replaces rows of the same id, `<site>/content/reviews.json` names reviewers.
 * Without a site every row is as shipped, hence unreviewed. Throws ContentError naming file, row and field.
 */
export function readContent(siteDir?: string): Content {
  const faults: string[] = [];
  const found: Found = { rows: new Map(), values: new Map() };
  for (const path of jsonFiles(shipped)) take(shipped, path, found, faults);
  const own = siteDir === undefined ? undefined : join(siteDir, 'content');
  const reviewed = own === undefined ? [] : readReviews(own, faults);
  if (own !== undefined) for (const path of jsonFiles(own).filter((name) => name !== 'reviews.json')) take(own, path, found, faults);

  const sets = Object.fromEntries(Object.entries(rowSets).map(([set, schema]) => [set, parseRows(set, schema, found, reviewed, faults)]));
  const values = Object.fromEntries(Object.entries(valueSets).map(([set, schema]) => [set, parseValue(set, schema, found, faults)]));
  faults.push(...unknownSafetyRows(found), ...brokenValidityRows(found), ...unknownClasses(found));
  if (faults.length === 0) faults.push(...impossibleSteps(found, sets));
  if (faults.length > 0) throw new ContentError(faults.join('\n'));

  const version = createHash('sha256').update(canonical({ sets, values })).digest('hex');
  const whole = content.parse({ version, ...sets, ...values });
  return { ...whole, vocabulary: { ...whole.vocabulary, spelling: spelling(whole) } };
}

function jsonFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort();
}

function take(dir: string, path: string, found: Found, faults: string[]): void {
  const parsed = readJson(join(dir, path), path, file, faults);
  if (parsed === null) return;
  if (parsed.value !== undefined && parsed.set in valueSets) {
    const before = found.values.get(parsed.set)?.value ?? {};
    found.values.set(parsed.set, { value: { ...before, ...parsed.value }, where: path });
    return;
  }
  if (!(parsed.set in rowSets)) {
    faults.push(`${path}: set: "${parsed.set}" is not known; known are ${[...Object.keys(rowSets), ...Object.keys(valueSets)].join(', ')}`);
    return;
  }
  const rows = found.rows.get(parsed.set) ?? new Map<string, { row: Row; where: string }>();
  const here = new Set<string>();
  for (const [n, row] of (parsed.rows ?? []).entries()) {
    const id = idOf(row) ?? `row ${n + 1}`;
    if (here.has(id)) faults.push(`${path}: ${id}: stands twice in this file`);
    here.add(id);
    rows.set(id, { row: { ...parsed.defaults, ...row }, where: path });
  }
  found.rows.set(parsed.set, rows);
}

function idOf(row: Row): string | null {
  const id = row['ruleId'] ?? row['id'];
  return typeof id === 'string' ? id : null;
}

type Review = z.infer<typeof reviews>['reviews'][number];

function readReviews(dir: string, faults: string[]): readonly Review[] {
  const path = join(dir, 'reviews.json');
  return existsSync(path) ? (readJson(path, 'reviews.json', reviews, faults)?.reviews ?? []) : [];
}

function parseRows(set: string, schema: z.ZodType, found: Found, reviewed: readonly Review[], faults: string[]): unknown[] {
  const parsed: unknown[] = [];
  for (const [id, { row, where }] of found.rows.get(set) ?? []) {
    const review = reviewed.findLast(
      (one) =>
        (one.set === '*' || one.set === set) && (one.ruleId === '*' || one.ruleId === id) && (one.version === '*' || one.version === row['version']),
    );
    const result = schema.safeParse(review === undefined ? row : { ...row, reviewedBy: review.reviewedBy });
    if (result.success) parsed.push(result.data);
    else for (const issue of result.error.issues) faults.push(`${where}: ${id}, ${issue.path.join('.')}: ${issue.message}`);
  }
  return parsed;
}

function parseValue(set: string, schema: z.ZodType, found: Found, faults: string[]): unknown {
  const one = found.values.get(set);
  if (one === undefined) {
    faults.push(`${set}: no file of this set was found`);
    return null;
  }
  const result = schema.safeParse(one.value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) faults.push(`${one.where}: ${issue.path.join('.')}: ${issue.message}`);
  return null;
}

/** A safety row nobody asks, or one that lacks a number or a list its check reads, would be a silent hole. */
function unknownSafetyRows(found: Found): string[] {
  const parts = z.object({ numbers: z.record(z.string(), z.number()).default({}), words: z.record(z.string(), z.array(z.string())).default({}) });
  return [...(found.rows.get('safety') ?? [])].flatMap(([id, { row, where }]) => {
    const needs = SAFETY_ROWS[id];
    if (needs === undefined) return [`${where}: ${id}: no check asks this row; known are ${Object.keys(SAFETY_ROWS).join(', ')}`];
    const has = parts.safeParse(row);
    if (!has.success) return [];
    return [
      ...needs.numbers.filter((name) => has.data.numbers[name] === undefined).map((name) => `${where}: ${id}, numbers.${name}: is missing`),
      ...needs.words.filter((name) => has.data.words[name] === undefined).map((name) => `${where}: ${id}, words.${name}: is missing`),
    ];
  });
}

/** A row of another id would be read by nobody, one without its numbers would let every statement hold. */
function brokenValidityRows(found: Found): string[] {
  const parts = z.object({ numbers: z.record(z.string(), z.number()).default({}) });
  return [...(found.rows.get('validity') ?? [])].flatMap(([id, { row, where }]) => {
    const needs = VALIDITY_ROWS[id];
    if (needs === undefined) return [`${where}: ${id}: nothing asks for this row; known are ${Object.keys(VALIDITY_ROWS).join(', ')}`];
    const { numbers = {} } = parts.safeParse(row).data ?? {};
    return needs.filter((name) => numbers[name] === undefined).map((name) => `${where}: ${id}, numbers.${name}: is missing`);
  });
}

/** A class that no report and no model could name would ask nobody. */
function unknownClasses(found: Found): string[] {
  const isKnown = (classId: unknown): boolean => typeof classId !== 'string' || found.rows.get('findings')?.has(classId) === true;
  const ofDetections = [...(found.rows.get('detections') ?? [])].flatMap(([id, { row, where }]) => {
    const classId = row['classId'];
    return isKnown(classId) ? [] : [`${where}: ${id}, classId: "${String(classId)}" is no row of findings`];
  });
  const ofCritical = [...(found.rows.get('critical') ?? [])].flatMap(([id, { row, where }]) => {
    const classIds: readonly unknown[] = Array.isArray(row['classIds']) ? row['classIds'] : [];
    return classIds.filter((one) => !isKnown(one)).map((one) => `${where}: ${id}, classIds: "${String(one)}" is no row of findings`);
  });
  return [...ofDetections, ...ofCritical];
}

/** Steps of critical results that nobody would reach, or that no row says. */
function impossibleSteps(found: Found, sets: Readonly<Record<string, unknown>>): string[] {
  const rows = criticalRows.parse(sets);
  return criticalFaults(rows).map(({ set, ruleId, field, what }) => {
    const where = ruleId === null ? `content/${set}` : `${found.rows.get(set)?.get(ruleId)?.where ?? set}: ${ruleId}`;
    return `${where}, ${field}: ${what}`;
  });
}

function readJson<T>(path: string, name: string, schema: z.ZodType<T>, faults: string[]): T | null {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    faults.push(`${name}: ${error instanceof SyntaxError ? `is not JSON (${error.message})` : 'cannot be read'}`);
    return null;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) faults.push(`${name}: ${issue.path.join('.')}: ${issue.message}`);
  return null;
}

/** JSON with sorted keys: the same content gives the same version. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Words of six letters and more of every term: what a misspelt word is mended to. */
function spelling(whole: Content): string[] {
  const words = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string') for (const word of value.toLowerCase().match(/\p{L}{6,}(?!\*)/gu) ?? []) words.add(word);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk);
  };
  for (const row of whole.protocols) walk(row.terms);
  for (const row of whole.safety) walk(row.words);
  for (const row of whole.misfits) walk([row.exam, row.indication]);
  for (const row of [...whole.appropriateness, ...whole.choices, ...whole.priority]) walk([row.when.all, row.when.none, row.when.exam]);
  for (const row of whole.priority) walk(row.phrases);
  walk([whole.vocabulary.examRegions, whole.vocabulary.bodyParts, Object.entries(whole.vocabulary.same)]);
  return [...words].sort();
}
