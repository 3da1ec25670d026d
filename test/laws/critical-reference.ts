import type { Category } from '#domain/critical.js';
import { GOOD_FOR, holders, isOffice, PRACTICES, PROVIDERS, rosterAt, ruleFor } from './critical-world.ts';
import type { Gaps } from './critical-world.ts';

/**
 * What the issue promises of one alert, written down a second time and otherwise: who is to be called when, until when something is waited for, and what stops
 * it. Times are the wall clock's, in milliseconds. It knows nothing of facts, effects and cards.
 */
export type Phase = 'none' | 'draft' | 'asking' | 'open' | 'failsafe' | 'taken' | 'acknowledged' | 'spoken' | 'closed' | 'no' | 'withdrawn';

/** Said inside radiology, before anything has left. */
const BEFORE: readonly string[] = ['unsent', 'asked', 'still-asked', 'phone-reading-room', 'no-longer-said'];
const CLINICAL: readonly string[] = ['oncall', 'referrer', 'reading-radiologist', 'protocoling-radiologist'];
const MINUTE = 60_000;
type Place = { readonly ward: string; readonly asOf: number } | null;

export class Reference {
  phase: Phase = 'none';
  category: Category = 1;
  level = 0;
  /** The end of what is waited for; null: nothing is. */
  due: number | null = null;
  version = 1;
  readonly called = new Set<string>();
  /** How it had ended before a later source asked anew; null: it had not. */
  before: { readonly phase: 'closed' | 'withdrawn'; readonly category: Category } | null = null;
  takenBy: string | null = null;
  /** Whom the last level was for, and which ways to them have failed for good since. */
  reached: readonly string[] = [];
  readonly lost = new Set<string>();
  /** Pages that were taken since then, and those of which a gateway has said what became of them. */
  readonly paged = new Set<string>();
  readonly reported = new Set<string>();
  readonly handedOn = new Set<string>();
  /** Who still has to say that they saw the withdrawal; and the last change, with the time of the next reminder. */
  readonly unseen = new Set<string>();
  readonly changeUnseen = new Set<string>();
  reminder: number | null = null;
  /** Whom word of it has reached, and of whom somebody else has said that they saw what became of it. */
  readonly told = new Set<string>();
  readonly phoneSeen = new Set<string>();
  private released = false;
  private writer: string | null = null;
  private releaser: string | null = null;
  atFailsafe = false;
  /** Whom the last step has to call, in every way; `everybody`: all who are called. */
  calls: { readonly step: readonly string[]; readonly failsafe: boolean } | null = null;
  private readonly gaps: Gaps;
  private patientClass: string;
  private place: Place;
  private left: Place = null;
  private readonly provider: string | null;
  private readonly askedOf = new Set<string>();
  private circle = 0;
  /** When the finding that is asked about came in, as grave as it is now, and how many were asked since. */
  private cameIn = 0;
  private turns = 0;
  private reader: string | null = null;
  private readonly heardOf = new Set<string>();

  constructor(gaps: Gaps, patientClass: string, ward: string | null, provider: string | null, start: number) {
    this.gaps = gaps;
    this.patientClass = patientClass;
    this.place = ward === null ? null : { ward, asOf: start };
    this.provider = provider;
  }

  /* How it begins */

  draft(by: string, category: Category, now: number): void {
    if (this.phase !== 'none' && this.phase !== 'asking') return;
    if (this.phase === 'asking') this.version += 1;
    this.phase = 'draft';
    this.category = category;
    // Declared anew, by whoever says it now.
    this.writer = by;
    this.askedOf.clear();
    this.circle = 0;
    this.due = now + MINUTE;
  }

  raise(kind: string, category: Category, reader: string | null, now: number): void {
    const isNews = !this.heardOf.has(kind);
    this.heardOf.add(kind);
    if (this.phase === 'none') {
      this.phase = 'asking';
      this.category = category;
      this.reader = reader;
      this.cameIn = now;
      if (category < 3) this.askNext(now);
      return;
    }
    if (!isNews) return;
    const isWorse = category < this.category;
    const { phase } = this;
    if ((phase === 'closed' && isWorse) || phase === 'withdrawn') this.before = { phase, category: this.category };
    // Who is waited for is the first again, by the graver windows.
    if (isWorse) {
      this.category = category;
      this.cameIn = now;
      this.turns = this.circle === 0 ? 0 : 1;
    }
    // The last report or model that names who read it.
    this.reader = reader ?? this.reader;
    if (phase === 'no' || (phase === 'closed' && isWorse) || phase === 'withdrawn') {
      this.phase = 'asking';
      this.askedOf.clear();
      this.circle = 0;
      this.cameIn = now;
      this.turns = 0;
      if (this.unseen.size > 0) {
        for (const one of this.unseen) this.changeUnseen.add(one);
        this.reminder = this.due;
        this.unseen.clear();
      }
      this.due = null;
    }
    if (this.phase === 'asking' && this.due === null && this.category < 3) {
      this.askNext(now);
      return;
    }
    if (!isWorse || this.due === null) return;
    const { failsafeEveryMinutes, failsafeRestsMinutes } = ruleFor(this.category);
    if (this.phase === 'asking') this.due = Math.min(this.due, this.answerBy(now));
    const windows: Partial<Record<Phase, number>> = {
      open: this.window(this.level),
      failsafe: failsafeEveryMinutes,
      taken: failsafeRestsMinutes,
    };
    const window = windows[this.phase];
    if (window !== undefined) this.due = Math.min(this.due, now + window * MINUTE);
  }

  /** Reader, radiologist on duty, coordinators, then all of them, again and again; nobody who was asked is a circle of their own. */
  askNext(now: number): void {
    const circles = [this.reader === null ? [] : [this.reader], rosterAt('radiology', 1, now, this.gaps), holders('coordinator', this.gaps)];
    const next = circles.findIndex((circle, n) => n >= this.circle && circle.some((one) => !this.askedOf.has(one)));
    for (const one of next < 0 ? circles.flat() : circles[next]!) this.askedOf.add(one);
    this.circle = next < 0 ? Math.max(this.circle, 3) + 1 : next + 1;
    this.turns += 1;
    this.due = next < 0 ? now + ruleFor(this.category).failsafeEveryMinutes * MINUTE : this.answerBy(now);
  }

  /** Nobody of those who can judge it has: the switchboard phones the reading room. */
  isPutToAll(): boolean {
    return this.phase === 'asking' && this.circle > 3;
  }

  /** As the levels of the category follow one another, reckoned from when the finding came in: late comers lose time, nobody gains any. */
  private answerBy(now: number): number {
    const { levelsAfterMinutes, failsafeAfterMinutes } = ruleFor(this.category);
    const ends = [...levelsAfterMinutes.slice(1), failsafeAfterMinutes];
    const span = ends[this.turns - 1]! - levelsAfterMinutes[this.turns - 1]!;
    return Math.max(now + 3000, Math.min(this.cameIn + ends[this.turns - 1]! * MINUTE, now + span * MINUTE));
  }

  /* The ladder */

  private ladder(): readonly (readonly string[])[] {
    if (this.patientClass === 'E') return [['first'], ['second', 'orderer'], ['chief', 'duty', 'coordinator']];
    if (this.patientClass === 'I') return [['first'], ['second', 'orderer'], ['chief', 'duty', 'coordinator']];
    return [['orderer-in-office'], ['first', 'second'], ['duty', 'coordinator']];
  }

  /** Who stands on a level now. */
  who(level: number, now: number): readonly string[] {
    const isIn = this.patientClass === 'E' || this.patientClass === 'I';
    const of = (ward: string | undefined) => (ward === 'W3' || ward === 'NCLIN' ? 'neurosurgery' : ward === 'ED' ? 'emergency' : undefined);
    const some = (one: string | undefined) => (one === undefined ? [] : [one]);
    const here = of(this.place?.ward);
    const before = of(this.left?.ward);
    const orderer = PROVIDERS[this.provider ?? ''];
    const practice = PRACTICES[orderer ?? ''];
    const isOld = this.place !== null && Math.floor((now - this.place.asOf) / MINUTE) > GOOD_FOR;
    const isUnsure = isIn && (here === undefined || isOld);
    const candidates = [here ?? before, this.patientClass === 'E' ? 'emergency' : undefined, practice];
    const outside = (this.place === null ? before : here) ?? practice;
    const services = [...new Set((isUnsure ? candidates : [isIn ? here : outside]).flatMap(some))];
    const found = (this.ladder()[level - 1] ?? []).flatMap((rung): readonly string[] => {
      if (rung === 'first') return [...services.flatMap((one) => rosterAt(one, 1, now, this.gaps)), ...(isUnsure ? some(orderer) : [])];
      if (rung === 'second') return services.flatMap((one) => rosterAt(one, 2, now, this.gaps));
      if (rung === 'orderer') return some(orderer);
      if (rung === 'orderer-in-office') return isOffice(now) ? some(orderer) : some(practice).flatMap((one) => rosterAt(one, 1, now, this.gaps));
      if (rung === 'chief') return services.includes('neurosurgery') && !this.gaps.chief ? ['dr-adler'] : [];
      if (rung === 'duty') return rosterAt('radiology', 1, now, this.gaps);
      return holders('coordinator', this.gaps);
    });
    return [...new Set(found)].filter((one) => !this.isDeclarer(one));
  }

  isDeclarer(person: string): boolean {
    return person === this.writer || person === this.releaser;
  }

  window(level: number): number {
    const { levelsAfterMinutes, failsafeAfterMinutes } = ruleFor(this.category);
    return (levelsAfterMinutes[level] ?? failsafeAfterMinutes) - levelsAfterMinutes[level - 1]!;
  }

  /**
   * From the level after this one on: the first that has somebody; those that have nobody are not waited for. Whoever is responsible on a level of before since it was
   * called is called with it. After the last the failsafe.
   */
  private climb(from: number, now: number): void {
    this.takenBy = null;
    this.lost.clear();
    this.paged.clear();
    const others = [1, 2, 3].filter((level) => level <= from).flatMap((level) => this.missed(level, now));
    for (let level = from + 1; level <= 3; level += 1) {
      const there = this.who(level, now);
      if (there.length === 0) continue;
      const found = [...new Set([...there, ...others])];
      this.phase = 'open';
      this.level = level;
      this.reached = found;
      for (const one of found) {
        this.called.add(one);
        this.handedOn.delete(one);
      }
      this.due = now + this.window(level) * MINUTE;
      this.calls = { step: found, failsafe: false };
      return;
    }
    this.failsafe(now);
  }

  private missed(level: number, now: number): readonly string[] {
    return this.who(level, now).filter((one) => !this.called.has(one));
  }

  /** Everybody who stands anywhere is called there. */
  private failsafe(now: number): void {
    for (const level of [1, 2, 3]) for (const one of this.who(level, now)) this.called.add(one);
    this.phase = 'failsafe';
    this.takenBy = null;
    this.atFailsafe = true;
    this.due = now + ruleFor(this.category).failsafeEveryMinutes * MINUTE;
    this.calls = { step: [], failsafe: true };
  }

  /** What was taken is open again: whoever has come on duty meanwhile is called too. */
  private resume(now: number, from = this.level): void {
    for (const one of this.standing(now)) this.called.add(one);
    if (this.atFailsafe) this.failsafe(now);
    else this.climb(from, now);
  }

  private standing(now: number): readonly string[] {
    return [1, 2, 3].filter((level) => this.atFailsafe || level <= this.level).flatMap((level) => this.who(level, now));
  }

  /* What happens to it */

  /** The end of the window that is open. */
  windowOver(now: number): void {
    const { failsafeEveryMinutes } = ruleFor(this.category);
    switch (this.phase) {
      case 'draft':
        this.circle += 1;
        this.due = now + (this.circle === 1 ? MINUTE : failsafeEveryMinutes * MINUTE);
        return;
      case 'asking':
        this.askNext(now);
        return;
      case 'open':
        this.climb(this.level, now);
        return;
      case 'failsafe':
      case 'taken':
        this.failsafe(now);
        return;
      case 'acknowledged':
        this.resume(now);
        return;
      case 'spoken':
      case 'withdrawn':
        this.due = now + failsafeEveryMinutes * MINUTE;
        return;
      default:
    }
  }

  shiftChanges(now: number): void {
    if (!this.isUntaken()) return;
    for (const one of this.standing(now)) this.called.add(one);
  }

  /** All that was tried for a person by one way has failed for good. @param ways that this person has, by the category that it has now */
  failed(person: string, way: string, ways: (person: string) => readonly string[], now: number): void {
    this.lost.add(`${person} ${way}`);
    if (this.phase !== 'open') return;
    if (this.reached.every((one) => ways(one).every((each) => this.lost.has(`${one} ${each}`)))) this.climb(this.level, now);
  }

  /** Whose the patient is now hears of it in that moment, while nobody has taken it: as far as it has come, and nobody waits longer for that. */
  moved(patientClass: string | null, ward: string | null, asOf: number, present: boolean | null, now: number): void {
    if (this.isOver() || !this.isNewsOfPlace(patientClass, ward, asOf, present) || !this.isUntaken()) return;
    const levels = [1, 2, 3].filter((level) => this.atFailsafe || level <= this.level);
    const found = [...new Set(levels.flatMap((level) => this.missed(level, now)))];
    for (const one of found) this.called.add(one);
    this.reached = [...this.reached, ...found];
    this.calls = { step: found, failsafe: false };
  }

  private isNewsOfPlace(patientClass: string | null, ward: string | null, asOf: number, present: boolean | null): boolean {
    const known = this.place ?? this.left;
    if (known !== null && asOf < known.asOf) return false;
    const saysNothing = ward === null && present !== false && (patientClass === null || patientClass === this.patientClass);
    if (saysNothing) return false;
    const place = ward === null ? this.place : { ward, asOf };
    if (present === false) {
      const last = place ?? this.left;
      this.left = last === null ? null : { ward: last.ward, asOf };
      this.place = null;
      this.patientClass = 'O';
      return true;
    }
    if (this.place !== null && ward !== null && ward !== this.place.ward) this.left = this.place;
    this.place = place;
    if (patientClass !== null) this.patientClass = patientClass;
    return true;
  }

  merged(now: number): void {
    if (this.isUntaken() || this.phase === 'acknowledged' || this.phase === 'spoken') this.anew(now, null);
  }

  /** It is not what people were told: told again where it stood, as another version, and each of them has to say that they saw it. */
  private anew(now: number, by: string | null): void {
    this.version += 1;
    if (by !== null) this.sees(by);
    this.allHaveToSee(this.everybodyTold(by), now);
    this.resume(now, Math.max(this.level - 1, 0));
  }

  private allHaveToSee(people: readonly string[], now: number): void {
    if (people.length === 0) return;
    this.changeUnseen.clear();
    this.phoneSeen.clear();
    for (const one of people) this.changeUnseen.add(one);
    this.remind(now);
  }

  private everybodyTold(by: string | null): readonly string[] {
    if (!this.released) return [];
    const atFailsafe = this.atFailsafe ? [...holders('switchboard', this.gaps), ...holders('coordinator', this.gaps)] : [];
    return [...new Set([...this.called, ...atFailsafe, ...this.told])].filter((one) => one !== by);
  }

  private remind(now: number): void {
    this.reminder = now + ruleFor(this.category).failsafeEveryMinutes * MINUTE;
  }

  reminderPassed(now: number): void {
    if (this.changeUnseen.size > 0) this.remind(now);
  }

  /** Whoever answers to what it is now has seen the change. */
  sees(person: string): void {
    this.changeUnseen.delete(person);
    if (this.changeUnseen.size === 0) this.reminder = null;
  }

  heardBy(person: string, note: string): void {
    if (!BEFORE.includes(note)) this.told.add(person);
  }

  /* What people do. Each says whether it counted. */

  release(by: string, category: Category | null, version: number, roles: readonly string[], now: number): boolean {
    if (version !== this.version || (this.phase !== 'draft' && this.phase !== 'asking')) return false;
    const to = category ?? this.category;
    if (to !== this.category && !roles.some((role) => role.endsWith('radiologist'))) return false;
    if (!ruleFor(to).releasedBy.some((role) => roles.includes(role))) return false;
    this.category = to;
    this.releaser = by;
    // It was over: whoever was told hears that it is another thing, and it is climbed from the beginning.
    if (this.released || this.before !== null) {
      this.version += 1;
      this.sees(by);
      this.allHaveToSee(this.everybodyTold(by), now);
      this.atFailsafe = false;
      this.handedOn.clear();
      this.before = null;
    }
    this.released = true;
    this.climb(0, now);
    return true;
  }

  notCritical(version: number): boolean {
    if (version !== this.version || (this.phase !== 'draft' && this.phase !== 'asking')) return false;
    this.due = null;
    if (this.before === null) {
      this.phase = 'no';
      return true;
    }
    this.phase = this.before.phase;
    this.category = this.before.category;
    this.before = null;
    if (this.phase === 'withdrawn') {
      for (const one of this.changeUnseen) this.unseen.add(one);
      this.due = this.reminder;
      this.changeUnseen.clear();
      this.reminder = null;
    }
    return true;
  }

  recategorise(by: string, to: Category, version: number, now: number): boolean {
    const isOver = this.isOver() || this.phase === 'withdrawn';
    if (version !== this.version || isOver || to === this.category) return false;
    this.category = to;
    this.sees(by);
    if (this.phase === 'draft') this.version += 1;
    else if (this.phase === 'asking') {
      this.version += 1;
      // Somebody has looked: it is reckoned from then.
      this.cameIn = now;
      this.turns = 0;
      this.askNext(now);
    } else this.anew(now, by);
    return true;
  }

  withdraw(by: string, version: number, now: number): boolean {
    if (version !== this.version || this.phase === 'no' || this.phase === 'withdrawn' || this.phase === 'none') return false;
    for (const one of this.everybodyTold(by)) this.unseen.add(one);
    this.changeUnseen.clear();
    this.phoneSeen.clear();
    this.reminder = null;
    this.phase = 'withdrawn';
    this.before = null;
    this.version += 1;
    this.due = this.unseen.size === 0 ? null : now + ruleFor(this.category).failsafeEveryMinutes * MINUTE;
    return true;
  }

  seen(by: string, version: number): boolean {
    if (version !== this.version) return false;
    if (this.phase !== 'withdrawn') {
      if (!this.changeUnseen.has(by)) return false;
      this.sees(by);
    } else if (!this.unseen.delete(by)) return false;
    else if (this.unseen.size === 0) this.due = null;
    this.phoneSeen.delete(by);
    return true;
  }

  private mayTake(person: string, roles: readonly string[]): boolean {
    return this.called.has(person) && !this.isDeclarer(person) && roles.some((role) => CLINICAL.includes(role));
  }

  acknowledge(by: string, version: number, roles: readonly string[], now: number): boolean {
    if (!this.isUntaken() || version !== this.version || !this.mayTake(by, roles)) return false;
    this.phase = 'acknowledged';
    this.takenBy = by;
    this.sees(by);
    this.due = now + ruleFor(this.category).readBackWithinMinutes * MINUTE;
    return true;
  }

  readBack(by: string, version: number, isRight: boolean, roles: readonly string[], now: number): boolean {
    if (version !== this.version || !isRight || !this.mayTake(by, roles)) return false;
    if (!(this.isUntaken() || (this.phase === 'acknowledged' && this.takenBy === by))) return false;
    this.takenBy = by;
    this.sees(by);
    this.phase = ruleFor(this.category).closesWith === 'form' ? 'closed' : 'spoken';
    this.due = this.phase === 'closed' ? null : now + ruleFor(this.category).readBackWithinMinutes * MINUTE;
    return true;
  }

  recordCall(by: string, receiver: string, version: number, roles: readonly string[]): boolean {
    if (version !== this.version) return false;
    if (this.isAboutSeeing(receiver, roles)) {
      if (receiver === by || !this.seen(receiver, version)) return false;
      this.phoneSeen.add(receiver);
      return true;
    }
    if (this.phase === 'spoken') {
      this.phase = 'closed';
      this.due = null;
      return true;
    }
    if (!(this.isUntaken() || this.phase === 'acknowledged') || receiver === by || !this.mayTake(receiver, roles)) return false;
    this.takenBy = receiver;
    this.sees(receiver);
    this.phase = 'closed';
    this.due = null;
    return true;
  }

  /** Of one that is over a recorded call says that somebody saw what became of it; else where the receiver could not take it, or others have. */
  private isAboutSeeing(receiver: string, roles: readonly string[]): boolean {
    if (this.phase === 'withdrawn' || this.phase === 'closed') return true;
    if (!this.changeUnseen.has(receiver)) return false;
    if (this.phase === 'draft' || this.phase === 'asking') return true;
    return this.phase === 'spoken' ? this.takenBy !== receiver : !this.mayTake(receiver, roles);
  }

  decline(by: string, version: number, now: number): boolean {
    if (version !== this.version || !this.called.has(by)) return false;
    if (this.phase === 'acknowledged' && this.takenBy === by) {
      this.sees(by);
      this.handedOn.add(by);
      this.resume(now);
      return true;
    }
    if (!this.isUntaken() || this.handedOn.has(by)) return false;
    this.sees(by);
    this.handedOn.add(by);
    if (this.phase === 'open') this.climb(this.level, now);
    return true;
  }

  takeOver(by: string, version: number): boolean {
    if (!this.isUntaken() || version !== this.version) return false;
    this.called.add(by);
    return true;
  }

  takeFailsafe(version: number, now: number): boolean {
    if (this.phase !== 'failsafe' || version !== this.version) return false;
    this.phase = 'taken';
    this.due = now + ruleFor(this.category).failsafeRestsMinutes * MINUTE;
    return true;
  }

  dispute(by: string, what: 'not-me' | 'not-what-i-said', version: number, now: number): boolean {
    if (what === 'not-me' && this.phoneSeen.delete(by)) {
      if (this.phase === 'withdrawn') {
        this.unseen.add(by);
        this.due ??= now + ruleFor(this.category).failsafeEveryMinutes * MINUTE;
        return true;
      }
      this.changeUnseen.add(by);
      if (this.reminder === null) this.remind(now);
      return true;
    }
    const isTaken = this.phase === 'acknowledged' || this.phase === 'spoken' || this.phase === 'closed';
    if (!isTaken || (what === 'not-me' ? this.takenBy !== by : version !== this.version)) return false;
    this.resume(now);
    return true;
  }

  /* How it stands */

  isUntaken(): boolean {
    return this.phase === 'open' || this.phase === 'failsafe' || this.phase === 'taken';
  }

  isTaken(): boolean {
    return this.phase === 'acknowledged' || this.phase === 'spoken' || this.phase === 'closed';
  }

  isOver(): boolean {
    return this.phase === 'none' || this.phase === 'closed' || this.phase === 'no' || (this.phase === 'withdrawn' && this.unseen.size === 0);
  }
}
