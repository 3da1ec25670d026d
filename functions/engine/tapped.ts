type Taps<Port> = {
  readonly [Name in keyof Port]?: Port[Name] extends (...given: infer Given) => Promise<infer Result>
    ? (given: Given, result: Result, began: number) => void
    : never;
};

type Call = (...given: unknown[]) => Promise<unknown>;
type Tap = (given: unknown[], result: unknown, began: number) => void;

/**
 * The same port, with somebody looking on: each tap is told of a call that has succeeded, what it was given, what it gave, and when it began
 * (`performance.now()`). A tap must not throw; it changes nothing of the call.
 * @param failed told of a call that was rejected, by the name of its function
 */
export function tapped<Port extends object>(port: Port, taps: Taps<Port>, failed?: (name: keyof Port, given: readonly unknown[]) => void): Port {
  const made = changed<Port>(port, {});
  for (const [name, tap] of Object.entries(taps) as [keyof Port & string, Tap][]) {
    const call: Call = async (...given) => {
      const began = performance.now();
      let result: unknown;
      try {
        result = await (port[name] as Call)(...given);
      } catch (error) {
        failed?.(name, given);
        throw error;
      }
      tap(given, result, began);
      return result;
    };
    Object.defineProperty(made, name, { value: call, enumerable: true });
  }
  return made;
}

/** A copy with some of its members replaced; members that are worked out when they are asked for stay so. */
export function changed<Whole extends object>(whole: Whole, members: Partial<Whole>): Whole {
  const all = { ...Object.getOwnPropertyDescriptors(whole), ...Object.getOwnPropertyDescriptors(members) };
  return Object.create(Object.getPrototypeOf(whole) as object | null, all) as Whole;
}

/** A memory of the last `most` things that were put into it. */
export class Recent<Value> {
  private readonly held = new Map<string, Value>();
  private readonly most: number;
  constructor(most: number) {
    this.most = most;
  }
  put(key: string, value: Value): void {
    this.held.delete(key);
    this.held.set(key, value);
    if (this.held.size <= this.most) return;
    const [oldest] = this.held.keys();
    if (oldest !== undefined) this.held.delete(oldest);
  }
  get(key: string): Value | undefined {
    return this.held.get(key);
  }
  take(key: string): Value | undefined {
    const value = this.held.get(key);
    this.held.delete(key);
    return value;
  }
}
