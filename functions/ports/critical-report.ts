import type { CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AlertTimes, Trouble } from '#domain/critical-times.js';
import type { Caller } from './queue.ts';

/** Times of critical results (Joint Commission NPSG.02.03.01; National Performance Goal 1). No patient data and nobody's name: case numbers, services, times. */
export interface CriticalReport {
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** What has happened by then is in it. */
  readonly asOf: Instant;
  /** IANA: days and hours are the site's. */
  readonly zone: string;
  /** Seconds within which an alert of a category must be acknowledged; null: the site has no rule for it. */
  readonly windows: Readonly<Record<1 | 2 | 3, number | null>>;
  /** Begun in the period and left out of all figures. */
  readonly leftOut: { readonly drills: number; readonly withdrawn: number; readonly notCritical: number };
  /** Signed reports of the period, each version once, and how often one of them put a finding to a radiologist. */
  readonly reports: { readonly signed: number; readonly questions: number };
  readonly categories: readonly Figures[];
  /** By the service that was called first; `null`: people who stand for none. */
  readonly services: readonly (Figures & { readonly service: string | null })[];
  /** By the hour of the site's day in which the clock began, those with any. */
  readonly hours: readonly (Figures & { readonly hour: number })[];
  /** Not acknowledged within the window of their category, the oldest first. */
  readonly misses: readonly ReportedAlert[];
  /** Everything that the figures count, the oldest first. */
  readonly alerts: readonly ReportedAlert[];
}

/** One group of alerts. */
export interface Figures {
  /** Null: of all three. */
  readonly category: 1 | 2 | 3 | null;
  readonly alerts: number;
  /** What began the clock. */
  readonly begunBy: { readonly declaration: number; readonly model: number; readonly report: number };
  /** From the beginning of the clock to each of its ends. */
  readonly delivered: Spread;
  readonly acknowledged: Spread;
  readonly readBack: Spread;
  /** Acknowledged in the window of their category; null where nothing can be said yet. */
  readonly inTime: number;
  /** Acknowledged late, or not yet and the window is over. */
  readonly missed: number;
  /** Neither yet. */
  readonly running: number;
  readonly byPhone: number;
  readonly atFailsafe: number;
}

/** Seconds, by nearest rank over all alerts of the group: what has not come to its end counts as longer than all that have. Null: it is one of those, or there is none. */
export interface Spread {
  /** So many have come to this end. */
  readonly reached: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
}

export interface ReportedAlert {
  readonly caseNumber: CaseNumber;
  readonly times: AlertTimes;
  /** When the clock began, and by what. */
  readonly began: Instant;
  readonly begunBy: 'declaration' | 'model' | 'report';
  /** Seconds from there; null: not, or not yet. */
  readonly delivered: number | null;
  readonly acknowledged: number | null;
  readonly readBack: number | null;
  /** Seconds of its window. */
  readonly window: number;
  readonly judged: 'in time' | 'missed' | 'running';
  readonly reasons: readonly Reason[];
}

/** Why one was late: what stood in the way, that it came to the failsafe, or only that nobody took it. */
export type Reason = Trouble | 'failsafe' | 'not-sent' | 'nobody-took-it';

/** The report drawn: plain shapes in one plane, for a page or a file. Whoever draws them chooses the colours. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What it shows, for who does not see it. */
  readonly says: string;
  readonly shapes: readonly Shape[];
}

/** `p50`, `p90`, `p95`: a bar of that percentile; `open`: of alerts that have not come to this end; `target`: the window of the category. */
export type Tone = 'p50' | 'p90' | 'p95' | 'open' | 'miss' | 'target' | 'axis' | 'text' | 'quiet' | 'heading';

export type Shape =
  | { readonly kind: 'bar'; readonly tone: Tone; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly kind: 'line'; readonly tone: Tone; readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }
  /** `y`: of its base line. */
  | {
      readonly kind: 'text';
      readonly tone: Tone;
      readonly x: number;
      readonly y: number;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly text: string;
    };

/** Days of the site's calendar, `to` the day after the last. */
export interface ReportRequest {
  readonly ask: 'critical-report';
  readonly from: string;
  readonly to: string;
}

export type ReportReply =
  | { readonly ok: false; readonly code: 'denied' | 'not-possible'; readonly text: string }
  | { readonly ok: true; readonly answer: 'critical-report'; readonly report: CriticalReport };

/** The report as `radloop critical report` asks for it: authorised, and on record. */
export interface ReportDesk {
  ask(caller: Caller, request: ReportRequest): Promise<ReportReply>;
}
