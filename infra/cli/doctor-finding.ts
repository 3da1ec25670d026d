export type Level = 'ok' | 'warn' | 'fail';

export interface Finding {
  readonly check: string;
  readonly level: Level;
  readonly what: string;
  /** What to do; empty when there is nothing. */
  readonly todo: string;
}

export function finding(check: string, level: Level, what: string, todo = ''): Finding {
  return { check, level, what, todo: level === 'ok' ? '' : todo };
}

const MARKS: Readonly<Record<Level, { readonly mark: string; readonly colour: number }>> = {
  ok: { mark: '✓ ok', colour: 32 },
  warn: { mark: '! warn', colour: 33 },
  fail: { mark: '✗ FAIL', colour: 31 },
};
const INDENT = ' '.repeat(21);

/** Findings for people: what is wrong last, where the eye is; colours on a terminal only. */
export function printed(findings: readonly Finding[], { colours, width }: { readonly colours: boolean; readonly width: number }): string {
  const painted = (text: string, colour: number): string => (colours ? `\u001b[${colour}m${text}\u001b[0m` : text);
  const order: readonly Level[] = ['ok', 'warn', 'fail'];
  const lines = order.flatMap((level) =>
    findings
      .filter((one) => one.level === level)
      .flatMap(({ check, what, todo }) => {
        const { mark, colour } = MARKS[level];
        const head = `${painted(mark.padEnd(7), colour)} ${check.padEnd(12)} `;
        return [
          ...wrapped(what, width - INDENT.length).map((line, at) => (at === 0 ? head : INDENT) + line),
          ...wrapped(todo, width - INDENT.length - 2).map((line, at) => `${INDENT}${at === 0 ? '→ ' : '  '}${line}`),
        ];
      }),
  );
  return [...lines, '', sum(findings)].join('\n');
}

function sum(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length;
  const [fails, warns] = [count('fail'), count('warn')];
  if (fails === 0 && warns === 0) return `All ${findings.length} checks are in order.`;
  return `${findings.length} checks: ${fails} failed, ${warns} to look at, ${count('ok')} in order.`;
}

function wrapped(text: string, width: number): string[] {
  if (text === '') return [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(40, width)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
