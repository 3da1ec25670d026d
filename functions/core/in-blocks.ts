const BLOCK = 64 * 1024;

/** The same text in blocks of some 64,000 characters: what is written piece by piece is not a write for each piece. */
export function* inBlocks(pieces: Iterable<string>): Generator<string> {
  let block = '';
  for (const piece of pieces) {
    block += piece;
    if (block.length < BLOCK) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}
