import { precedence } from '#core/effect.js';
import type { Precedence } from '#core/effect.js';

interface Waiting {
  readonly of: Precedence;
  readonly begin: () => void;
}

/** What is being posted, and what waits for its turn, the most urgent first. */
interface Line {
  readonly running: Waiting[];
  waiting: Waiting[];
}

/** Milliseconds that something urgent waits for a post that Teams does not answer. */
const PATIENCE_MS = 500;

const lines = new WeakMap<object, Line>();

/**
 * A new card is posted and recorded before the next one is posted, so that a crash leaves at most one that no case knows of; the more urgent goes first. A post that
 * hangs holds up nothing urgent: should the process end just then, two may stand there twice, which is better than one that comes late.
 * @param whose one line each
 */
export async function inPostingTurn<T>(whose: object, of: Precedence, work: () => Promise<T>): Promise<T> {
  const line = lines.get(whose) ?? { running: [], waiting: [] };
  lines.set(whose, line);
  const mine = await turnIn(line, of);
  try {
    return await work();
  } finally {
    line.running.splice(line.running.indexOf(mine), 1);
    const [next] = line.waiting;
    if (next !== undefined && (line.running.length === 0 || (isUrgent(of) && isFree(line, next)))) begin(line, next);
  }
}

/** Resolves when its turn has come. What runs is known at once: whoever asks next sees it. */
function turnIn(line: Line, of: Precedence): Promise<Waiting> {
  return new Promise((resolve) => {
    const mine: Waiting = { of, begin: () => resolve(mine) };
    const place = line.waiting.findLastIndex((one) => rank(one.of) <= rank(of)) + 1;
    line.waiting = line.waiting.toSpliced(place, 0, mine);
    if (line.running.length === 0 && line.waiting[0] === mine) begin(line, mine);
    else if (isUrgent(of)) overtake(line, mine);
  });
}

function begin(line: Line, one: Waiting): void {
  line.waiting = line.waiting.filter((other) => other !== one);
  line.running.push(one);
  one.begin();
}

/** May it go beside what runs? Past posts that are less urgent; of one rank there is still one at a time. */
function isFree(line: Line, { of }: Waiting): boolean {
  return isUrgent(of) && !line.running.some((one) => rank(one.of) <= rank(of));
}

function overtake(line: Line, mine: Waiting): void {
  setTimeout(() => {
    if (!line.waiting.includes(mine)) return;
    if (line.waiting[0] === mine && isFree(line, mine)) begin(line, mine);
    else overtake(line, mine);
  }, PATIENCE_MS);
}

function isUrgent(of: Precedence): boolean {
  return of === 'critical' || of === 'stat';
}

function rank(of: Precedence): number {
  return precedence.options.indexOf(of);
}
