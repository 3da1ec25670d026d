/** A refusal as the broker words it. */
export class Refusal extends Error {
  readonly condition: string;
  constructor(condition: string, text: string) {
    super(text);
    this.condition = condition;
  }
}
