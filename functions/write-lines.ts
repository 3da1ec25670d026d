/** Log lines of one turn leave in one write: at ten thousand messages a second each line would otherwise be a system call. */
export function writeLines(): (line: string) => void {
  let lines: string[] = [];
  const flush = (): void => {
    const text = lines.join('');
    lines = [];
    if (text !== '') process.stdout.write(text);
  };
  process.on('exit', flush);
  return (line) => {
    if (lines.length === 0) setImmediate(flush);
    lines.push(`${line}\n`);
  };
}
