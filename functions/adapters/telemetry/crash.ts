/** A place in code and nothing else: a message that runs over several lines can't pass for one. */
const FRAME = /^ {4}at (?:[\w.<>$# [\]]{1,120} \()?(?:file:\/\/|node:|\/)[^\s()]{1,300}:\d+:\d+\)?$/u;

/** Class and places of an error, for standard error. Its message is left out: a parser's quotes what it read, and that may be a patient. */
export function crashText(error: unknown): string {
  if (!(error instanceof Error)) return `Radloop ended: something was thrown that is no Error (${typeof error}).`;
  const frames = (error.stack ?? '').split('\n').filter((line) => FRAME.test(line));
  return [`Radloop ended: ${error.constructor.name}. What it says is left out, as it may quote a patient.`, ...frames].join('\n');
}

/** The same error for a platform that writes down whatever is thrown: its class and its places. */
export function withoutMessage(error: unknown): Error {
  const safe = new Error('left out: it may quote a patient');
  if (error instanceof Error) {
    safe.name = error.constructor.name;
    safe.stack = [`${safe.name}: ${safe.message}`, ...(error.stack ?? '').split('\n').filter((line) => FRAME.test(line))].join('\n');
  }
  return safe;
}
