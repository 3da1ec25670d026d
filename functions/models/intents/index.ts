import type { Command, Intent, ProtocolName, Slots, Understood, Utterance } from '#domain/utterance.js';
import { casesOf, numbersOf } from './cases.ts';
import { condition } from './clauses.ts';
import { declares } from './declares.ts';
import { examSaid } from './exam-said.ts';
import { cleaned, fold } from './fold.ts';
import type { Folded } from './fold.ts';
import { commandIn, mostCharacters } from './grammar.ts';
import { isAct, isComing, isInjection, isReport } from './intent.ts';
import { languageOf } from './language.ts';
import { patientNamed } from './patient-name.ts';
import { protocolNamed } from './protocol-name.ts';
import { readRequests } from './requests.ts';
import type { Classify } from './requests.ts';
import { slotsOf } from './slots.ts';
import { classify } from './statistic.ts';

/** Intents that are about a case: in a thread it need not be named. */
const aboutACase: ReadonlySet<Intent> = new Set<Intent>([
  'show-case', 'approve', 'choose-other', 'reject', 'ask-orderer', 'why', 'history', 'declare-critical', 'acknowledge', 'read-back', 'decline-alert',
  'follow-up-status', 'close-follow-up', 'propose-schedule-change', 'hand-over', 'remind', 'take-back',
]); // prettier-ignore

interface Meant {
  readonly intent: Intent;
  readonly slots: Slots;
}

/**
 * What a person means by what they wrote; pure, offline, the same every time. English; to other words it gives help. Only `commands`, which the closed grammar alone gives,
 * may change anything (INVARIANTS 35); everything else is shown or asked back. @param by the statistic; another one only for cross-validation
 */
export function understand(said: Utterance, protocols: readonly ProtocolName[], by: Classify = classify): Understood {
  const hasCase = (text: string): boolean => said.threadCase !== null || numbersOf(fold(text, true).text).length > 0;
  const text = cleaned(said.text);
  const named = text.length > mostCharacters ? null : examSaid(text, hasCase);
  if (named !== null) {
    // Of whom it is, is said: what was shown last is not what is meant, and a name is no word of the finding.
    const read = readWords({ ...said, text: named.rest, lastShown: [] }, protocols, by);
    const [, after] = /:\s*([^\n]*\p{L}[^\n]*)$/u.exec(named.rest) ?? [];
    const slots = read.slots.finding === undefined && after !== undefined ? { ...read.slots, finding: after } : read.slots;
    if (read.intent === 'declare-critical') return { ...read, slots, exam: named.exam };
  }
  return readWords(said, protocols, by);
}

function readWords(said: Utterance, protocols: readonly ProtocolName[], by: Classify): Understood {
  const text = cleaned(said.text);
  const nothing = { language: 'en', intent: 'none', slots: {}, also: [], commands: [], hindrance: null, protocolId: null } as const;
  if (text.length > mostCharacters) return { ...nothing, hindrance: 'too-long' };
  const folded = fold(text, true);
  const language = languageOf(fold(text, false).text, text, folded.text);
  if (isInjection(folded.text) || isReport(folded.text)) return nothing;
  // Words are understood in English; Spanish is what cards and replies may be in.
  if (language !== 'en') return { ...nothing, language: language === 'es' ? 'es' : 'en', intent: 'help' };

  const read = commandIn(said, protocols);
  const requests = readRequests(folded.text, said, by);
  const asked = read !== null && (read.ok || read.hindrance === 'all') ? read.verb : (requests[0]?.intent ?? 'none');
  const first = asked === 'none' && isComing(folded.text) ? 'acknowledge' : asked;
  const lead = requests[0] ?? { text: folded.text, start: 0 };
  if (first === 'declare-critical' && !declares(lead.text)) return nothing;
  const main = slotsIn(first, lead.text, lead.start, folded, said);
  const also = requests.slice(1).map((one): Meant => ({ intent: one.intent, slots: slotsIn(one.intent, one.text, one.start, folded, said) }));
  const commands = read?.ok === true ? read.commands : [];
  const hindrance =
    commands.length > 0 || !isAct(first) ? null : read?.ok === false ? read.hindrance : condition.test(folded.text) ? 'conditional' : null;
  const { protocol } = main;
  const namesPatient = first === 'show-case' && patientNamed(lead.text) !== null;
  // "approve 7KF3Q0": whichever case that was to be, it is not the one that was shown.
  const { cases: _odd, ...without } = main;
  const meant = hindrance === 'not-a-case-number' ? without : main;
  return {
    language,
    intent: first,
    slots: commands.length === 0 ? meant : { ...main, ...wordsOf(commands), cases: commands.map(({ caseNumber }) => caseNumber) },
    also,
    commands,
    hindrance,
    protocolId: commands[0]?.verb === 'choose-other' ? commands[0].protocolId : protocol === undefined ? null : protocolNamed(protocol, protocols),
    ...(namesPatient ? { namesPatient } : {}),
  };
}

function slotsIn(intent: Intent, request: string, start: number, folded: Folded, said: Utterance): Slots {
  if (intent === 'none') return {};
  const slots = slotsOf(intent, request, (from, to) => folded.original(from + start, to + start));
  const inRequest = casesOf(request, said, aboutACase.has(intent));
  const all = numbersOf(folded.text);
  // A number that stands in another sentence of the same text is what "it" means.
  const shared = said.place !== 'private';
  const { person: named, subject, ...rest } = slots;
  // "show me Flood, Florence" is about another patient than the one who was shown; in a thread the thread names the case.
  const other = intent === 'show-case' && subject !== undefined && !shared && all.length === 0;
  const cases = other ? [] : numbersOf(request).length === 0 && all.length === 1 && aboutACase.has(intent) ? all : inRequest;
  const others = subject === undefined || (shared && intent === 'show-case') ? rest : { ...rest, subject };
  // In a shared place a name may be a patient's: only a role, a team or a title is kept.
  const person =
    named === undefined ||
    (shared && !/^(?:dr|doctor|prof|nurse)\b|\b(?:fellow|resident|team|attending|radiologist|reader|coordinator|technologist)\b/iu.test(named))
      ? undefined
      : named;
  return { ...(cases.length === 0 ? {} : { cases }), ...others, ...(person === undefined ? {} : { person }) };
}

/** The free text that the grammar took. */
function wordsOf([command]: readonly Command[]): Slots {
  if (command === undefined || command.verb === 'approve') return {};
  if (command.verb === 'remind') return { when: command.when };
  if (command.text === null) return {};
  return command.verb === 'ask-orderer' ? { question: command.text } : { reason: command.text };
}
