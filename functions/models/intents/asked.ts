import type { Minimised, Named, ProtocolName, Slots, Understood, Utterance } from '#domain/utterance.js';
import { cleaned, fold } from './fold.ts';
import { isInjection, isReport } from './intent.ts';
import { languageOf } from './language.ts';
import { minimised } from './minimised.ts';
import { protocolNamed } from './protocol-name.ts';
import { NUMBER } from './rules.ts';

/** In a shared place a name may be a patient's: only words of a role or a team are kept. */
const team = /\b(?:fellow|resident|team|attending|radiologist|reader|coordinator|technologist|equipo|residente|radiolog\w)\b/iu;

/** Needs nobody's guess. */
const plainRead = new RegExp(
  String.raw`^\W*(?:please |por favor )?(?:(?:(?:show|open|display|muestra|abre)(?: me)? )?(?:case |caso )?${NUMBER}|what is waiting|que hay pendiente|help|ayuda|thanks|gracias|.{0,2})\W*$`,
  'u',
);

/**
 * What another model may be asked of a sentence; null: nothing. What acts by its own words needs nobody; what is refused, what speaks to a machine, report text,
 * other languages, and what asks for a patient by name or number are not sent.
 */
export function toAsk({ text }: Utterance, embedded: Understood, protocols: readonly ProtocolName[]): Minimised | null {
  const folded = fold(cleaned(text), true).text;
  const isOurs = embedded.commands.length > 0 || embedded.hindrance !== null || embedded.namesPatient === true || embedded.exam !== undefined;
  if (isOurs || plainRead.test(folded) || isInjection(folded) || isReport(folded)) return null;
  if (languageOf(fold(cleaned(text), false).text, cleaned(text), folded) === 'other') return null;
  return minimised(text, protocols);
}

/**
 * The other model's answer in the place of the embedded one's guess: always without commands, so that it is shown or asked back and never done (INVARIANTS 35). Which
 * cases are meant is read here, never there.
 */
export function withAnswer(
  { place }: Utterance,
  embedded: Understood,
  sent: Minimised,
  { intent, slots: said }: Named,
  protocols: readonly ProtocolName[],
): Understood {
  const words: Slots = Object.fromEntries(Object.entries<string>(said).map(([name, value]) => [name, sent.restored(value)]));
  const { person, subject: _subject, ...rest } = words;
  const mayName = person !== undefined && (place === 'private' || team.test(person));
  const { cases } = embedded.slots;
  const kept = { ...(cases === undefined ? {} : { cases }), ...rest, ...(mayName ? { person } : {}) };
  const slots: Slots = intent === 'none' || intent === 'help' ? {} : kept;
  const protocolId = slots.protocol === undefined ? null : protocolNamed(slots.protocol, protocols);
  return {
    language: embedded.language,
    intent,
    slots,
    also: intent === embedded.intent ? embedded.also : [],
    commands: [],
    hindrance: null,
    protocolId,
  };
}
