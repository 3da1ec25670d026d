/** What is typed where a reason must be given and none is. */
const placeholders = new Set(
  [
    'see chart|see note|see notes|see order|see orders|see emr|see epic|see history|see above|see attached|see req|see requisition',
    'as above|per chart|per md|per protocol|per order|in chart|on file',
    'na|n a|none|nil|null|unknown|unk|tbd|tba|test|testing|test order|other|same|x|xx|xxx|asdf|',
  ].flatMap((line) => line.split('|')),
);

/** Does every part (between semicolons) of a reason say only that there is none? */
export function isPlaceholder(indication: string | null): boolean {
  if (indication === null) return false;
  const words = (part: string): string => part.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim(); // prettier-ignore
  return indication.split(';').every((part) => placeholders.has(words(part)));
}
