const any = (...sources: readonly string[]) => new RegExp(sources.map((source) => String.raw`(?:${source})`).join('|'), 'u');

/** "critical: free air", which declares whatever its finding says. */
const head =
  /^(?:(?:hi|hey|hello|please|ok|okay|urgent|new|this is|a|an|radloop|sorry)\b[\s,:!]*)*(?:criticals?|category (?:1|2|3|one|two|three)|cat ?(?:1|2|3))(?: (?:finding|result|alert)s?)?\s*(?::|\bcolon\b|[-–])/u;
const denied = any(
  String.raw`\b(?:not|never|no longer|hardly|nor)(?: (?:a|an|the|that|so|very|really|at all|yet|any ?more|considered|deemed|quite|declaring|actually|truly|been|be|called))* (?:critical|actionable|category|cat)\b(?! (?:care|list))`,
  String.raw`\b(?:no|nothing|without|without any|zero|non|un)[ -](?:\w+ )?criticals?\b`,
  String.raw`\bcritical\W+(?:no|not|nope|none|negative)\b\W*$`,
  String.raw`\bcritical(?: \w+){0,3} (?:is |are |was |were )?(?:excluded|ruled out|negative)\b`,
);
const request = /^(?:(?:hi|hey|hello|please|radloop|ok|okay)\b[\s,]*)*(?:can|could|would|will) you\b/u;
const asks = any(
  String.raw`^(?:(?:so|and|but|hey|hi|ok|okay|wait|hm+|sorry|radloop)\b[\s,]*)*(?:is|was|were|are|does|did|should|shall|must|what|who|whom|whose|when|where|which|why|how|any|anything|am i|do (?:i|we|you|they)|(?:has|have|had) (?:any\w*|some\w*|the|that|this|it|he|she|they|i|we|you|dr|[2-9BCDFGHJKMNPQRTVWXY]{6,7}))\b`,
  String.raw`\?\W*$`,
);
const act = String.raw`(?:called|declared|reported|communicated|phoned|paged|sent|flagged|raised|told|notified|informed|discussed|documented|acknowledged|read back|closed|withdrawn|handled|escalated|relayed|made|resolved|downgraded)`;
const past = any(
  String.raw`\b(?:have|has|had|already|just|been|i|we|he|she|they|somebody|someone|nurse|resident|fellow|dr [a-z]+) (?:already |just |also |been )*${act}\b[^:]*\bcriticals?\b[^:]*$`,
  String.raw`\bcriticals?\b(?: [\w'-]+){0,6} (?:was|were|has been|have been|had been|got|is already|been|already) (?:already |just )?${act}\b`,
  String.raw`\b(?:had|was|were|there (?:was|were)|used to)\b[^:;,.!?]*\bcriticals?\b[^:]*$`,
  String.raw`\b(?:prior|previous|earlier|old|past|closed|last (?:week|night|month|year|shift)'?s?|yesterday'?s?) (?:\w+ )?criticals?\b`,
  String.raw`\b(?:ago|last (?:week|month|year)|in (?:19|20)\d\d)\b.*\bcriticals?\b`,
  String.raw`\b(?:cancel|withdraw|retract|revoke|close|stop|undo|downgrade|remove|delete|forget|ignore|never ?mind)\b[^:]*\bcriticals?\b(?!\s*:)`,
  String.raw`^${act}\b[^:]*\bcriticals?\b[^:]*$`,
);
const others = any(
  String.raw`\b(?:he|she|they|dr [a-z]+|resident|nurse|fellow|attending|ed|er|icu|ward|team|surgeon|surgery|report|note|colleague|people|everybody|someone|somebody) (?:said|says|thinks|thought|asked|asks|told|wrote|writes|wonders|believes|wants|wanted|claims|reads|states|stated)\b[^:]*\bcriticals?\b`,
  String.raw`\b(?:whether|suppose|supposing|imagine|whenever)\b[^:]*\bcriticals?\b`,
  String.raw`\b(?:might|may|could|would|will) (?:be|become|turn|get) (?:a |an )?(?:\w+ )?criticals?\b(?!\s*:)`,
  String.raw`\bcritical (?:care|condition|illness|list|lists|policy|policies|report|reports|figures|numbers|times|access|path|thinking)\b(?!\s*:)`,
);

/** Does a folded text that speaks of a critical result declare one now? Not what asks, denies, tells of one that was, or says what somebody else thinks. */
export function declares(folded: string): boolean {
  const said = folded.trim();
  if (denied.test(said)) return false;
  if (head.test(said)) return true;
  if (asks.test(said) && !request.test(said)) return false;
  return !past.test(said) && !others.test(said);
}
