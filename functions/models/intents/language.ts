import { common, known, shortForms } from './vocabulary.ts';
import { classesOf } from './lexicon.ts';

/** Words by which a language is known. Accents are gone already; words that two of them share are left out where they would tip it. */
const words: Readonly<Record<'en' | 'es' | 'other', ReadonlySet<string>>> = {
  en: set(
    'the is are was what who when where why how this that it for with and of my i you please show approve reject use because ask orderer waiting case list help does did can could should would remind take hand call critical follow up open anything status today tonight tomorrow yes instead close move first second back got change changed we has have been there protocol overdue acknowledge undo everything system running thanks if as be by one right now at from or said not never to in she he they we all new next give pass let go out off about after before more which whose him her them its',
  ),
  es: set(
    'el los las es esta estan que quien cuando donde por como este esto eso para con y del mi tu favor muestra muestrame aprueba apruebo aprobar apruebalo rechaza rechazo rechazalo usa porque pregunta preguntale solicitante pendiente pendientes caso casos ayuda puedo puedes recuerdame deshaz deshazlo pasa pasale pasalo guardia critico hallazgo seguimiento abre hay algo urgente hoy noche manana si en lugar cierra mueve primero segundo cambia ha cambiado todo sistema funciona gracias lado equivocado duplicado lo se su una cuantos cuantas vencidos acuso recibo recibido enterado repito ver dame al le estudio orden protocolo tengo hola buenos buenas dias quiero cita lo ya esta cola avisa avisame esperando sin otra otro mejor neumotorax declara reprograma aplaza daselo asignalo pasaselo traspasalo dejalo quitalo ponlo hazlo vuelve atras tomo nota queria querria hago cargo recuerdamelo avisadme ensena ensename senora',
  ),
  other: set(
    // French
    "les des est pas vous moi nous je il elle qui quoi quel quelle quels quelles avec pour dans sur et ou cette montre montrez montrer approuve approuver approuvez approuvé rejette rejeter rejetez refuser refusez attente garde pourquoi svp du ne c'est s'il plait vite l'ordre ordonnance cas demande mauvais cote aidez aide aider ouvre ouvrez afficher affiche rappelle rappelez rappelle-moi annule annuler bonjour merci oui " +
      // German
      'der das den dem ist nicht bitte zeig zeige mir wer hat und oder mit fur auf ein eine ich wir warum wann genehmige genehmigen genehmigt freigeben freigabe ablehnen lehne ablehnt ab heute nacht wartet wartende zeigen bereitschaft dringend befund fall falsche seite hilfe erinnere mich uber ubergib schliesse offene alle das protokoll nimm stattdessen ruckgangig was wie jetzt danke guten morgen kritischer ' +
      // Portuguese
      'os nao voce quem uma um mostre mostra-me aprova aprovar rejeita rejeite rejeitar plantao obrigado obrigada estao pelo pela isso isto hoje fila qual sao tem lembre lembra desfaz desfazer urgencia pendencias quais ' +
      // Italian
      'gli che chi non sono della approva approvare approvalo rifiuta rifiutare respingi mostra mostrami perche attesa oggi stasera grazie questo questa turno il di sbagliato lato protocollo ordine richiesta aiuto apri ricordami annulla guardia chiudi adesso tra ' +
      // Dutch, Scandinavian, Polish, Czech, Romanian, Turkish, Finnish, Hungarian, Indonesian, Tagalog, Vietnamese, Catalan, Swahili
      'het een niet wie welke goedkeuren goedgekeurd keur goed aub alstublieft wacht vanavond geval toon laat zien afwijzen wijs verkeerde kant herinner ' +
      'inte vem visa godkann godkend godkjenn avvisa afvis snalla jour vantar vantande den det vilken visa mig hvem vagt venter vis meg nu tack tak takk ' +
      'jest nie prosze pokaz zatwierdz zatwierdzam odrzuc kto czeka dyzur dzisiaj schval schvalit prosim odmitni ukaz kdo slouzi ' +
      'aproba aprobati respinge rog va arata cine este de garda onayla reddet goster kim nobetci bekleyen lutfen hasta bunu hyvaksy hylkaa nayta kuka hagyd jova mutasd setujui tolak tampilkan siapa tolong aprubahan tanggihan ipakita sino duyet tu choi aprova-ho mostra qui idhinisha kataa onyesha',
  ),
};
const ours = new Set([...known, ...common, ...Object.keys(shortForms), ...words.en, ...words.es]);
/** Words of another language alone. */
const foreign = new Set([...words.other].filter((word) => word.length > 1 && !ours.has(word)));

function set(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/** A letter that neither English nor Spanish has; a name may hold one, and begins with a capital. */
const foreignLetter = /(?<![\p{L}'])(?=\p{Ll})\p{L}*[^\P{L}A-Za-záéíóúüñïºª]\p{L}*/gu;
const foreignStart = /^\P{L}*\p{L}*[^\P{L}A-Za-zÁÉÍÓÚÜÑáéíóúüñïºª]/u;

/** Which language it is written in: English, Spanish, or another. @param folded a folded text, its slips not mended; case numbers in it count for none. @param written the text as it was written @param mended the same with its slips mended: "overdeu folow ups" is English */
export function languageOf(folded: string, written: string, mended = folded): 'en' | 'es' | 'other' {
  const letters = folded.replace(/[^\p{L}]/gu, '');
  const latin = letters.replace(/[^\p{Script=Latin}]/gu, '').length;
  if (letters.length > 0 && latin < letters.length * 0.7) return 'other';
  const said = wordsIn(folded);
  const count = (of: ReadonlySet<string>) => said.filter((one) => of.has(one)).length;
  const [en, es] = [count(words.en), count(words.es)];
  // A name may stand first: then it takes a sentence without an English word.
  const marked = (written.match(foreignLetter)?.length ?? 0) + (en === 0 && foreignStart.test(written) ? 1 : 0);
  const other = count(foreign) + 2 * marked;
  // "por favor" is Portuguese too.
  const latinCourtesy = / por favor\b/u.test(` ${folded}`) ? 2 : 0;
  if (other > en && other > es - latinCourtesy && (other >= 2 || en + es - latinCourtesy <= 0)) return 'other';
  if (en + es === 0 && isForeign(said) && isForeign(wordsIn(mended))) return 'other';
  // "lo" or "si" alone is a slip, or a name.
  return es > en && (es > 1 || said.some((one) => one.length > 3 && words.es.has(one))) ? 'es' : 'en';
}

function wordsIn(folded: string): readonly string[] {
  return folded.match(/[a-z]+(?:'[a-z]+)?/gu) ?? [];
}

/** Hardly a word that English or Spanish has, and yet words. */
function isForeign(said: readonly string[]): boolean {
  if (said.some((one) => one.length === 2 && ours.has(one))) return false;
  const long = said.filter((one) => one.length > 2);
  const strange = long.filter((one) => !ours.has(one) && classesOf(one).length === 0 && (one.match(/[aeiouy]/gu) ?? []).length >= one.length * 0.25);
  return long.length >= 2 && strange.length === long.length;
}
