/** The category that the radiologist gave; null: none. */
export function categoryIn(said: string): 1 | 2 | 3 | null {
  const { n } = /\bcat(?:egory)?\W{0,2}(?<n>[123]|one|two|three)\b/iu.exec(said)?.groups ?? {};
  switch (n?.toLowerCase()) {
    case '1':
    case 'one':
      return 1;
    case '2':
    case 'two':
      return 2;
    case '3':
    case 'three':
      return 3;
    default:
      return null;
  }
}

/** Without the exam that it is on, and without its category: the same finding on another case number is the same words. */
export function plainFinding(finding: string, exams: readonly string[]): string {
  const without = exams.reduce(
    (text, exam) =>
      text.replaceAll(
        new RegExp(String.raw`(?:\b(?:on|for|of|in|accession|acc)[ .:#]+)?(?:(?:case|accession|acc|number|no)[ .:#]+)*\b${exam}\b`, 'giu'),
        ' ',
      ),
    finding,
  );
  return without
    .replaceAll(/\bcat(?:egory)?\W{0,2}(?:[123]|one|two|three)\b/giu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/^[\s,:;.–-]+|[\s,:;–-]+$/gu, '');
}
