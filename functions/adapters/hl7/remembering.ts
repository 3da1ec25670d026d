/** Keeps the answers for the first short texts that are asked: senders use a handful, and what a sender makes up must not fill the memory. */
export function remembering<Answer>(work: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, Asked<Answer>>();
  // Comparing with the text asked last is quicker than looking it up.
  let last: Asked<Answer> | undefined;
  return (text) => {
    if (text === last?.text) return last.answer;
    const before = known.get(text);
    if (before === undefined && (known.size >= 256 || text.length > 64)) return work(text);
    last = before ?? asked(text, work);
    known.set(last.text, last);
    return last.answer;
  };
}

interface Asked<Answer> {
  readonly text: string;
  readonly answer: Answer;
}

/** With a copy of the text: a part of a string holds the whole of it, here a message. */
function asked<Answer>(text: string, work: (text: string) => Answer): Asked<Answer> {
  const own = Buffer.from(text, 'utf16le').toString('utf16le');
  return { text: own, answer: work(own) };
}
