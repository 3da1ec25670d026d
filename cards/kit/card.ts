import { breakable, clean, escapeMarkdown, shorten } from './text.ts';

/**
 * The subset of Adaptive Cards 1.5 that Radloop uses, as a closed union (cards/schema holds the same as JSON Schema).
 * Not in it: links (but for a call in Teams), images, Markdown, FactSet, refresh. Text from outside goes into RichTextBlock, whose runs no client reads as Markdown.
 * No text colours: Teams' own yellow and green can't be read on white; meaning is a word, and the colour is the container's.
 */

export type Spacing = 'none' | 'small' | 'default' | 'medium' | 'large';
export type Size = 'small' | 'default' | 'medium' | 'large' | 'extraLarge';
export type Weight = 'default' | 'bolder';
/** What a container's background says; a word beside it always says the same. */
export type Tone = 'default' | 'emphasis' | 'good' | 'accent' | 'warning' | 'attention';

export interface TextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly style?: 'heading';
  readonly size?: Size;
  readonly weight?: Weight;
  readonly isSubtle?: boolean;
  readonly spacing?: Spacing;
}

export interface TextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly size?: Size;
  readonly weight?: Weight;
  readonly isSubtle?: boolean;
  readonly highlight?: boolean;
  readonly fontType?: 'monospace';
}

export interface RichTextBlock {
  readonly type: 'RichTextBlock';
  readonly inlines: readonly TextRun[];
  readonly spacing?: Spacing;
}

export interface Container {
  readonly type: 'Container';
  readonly items: readonly Element[];
  readonly style?: Tone;
  readonly spacing?: Spacing;
  readonly separator?: boolean;
}

export interface Column {
  readonly type: 'Column';
  /** `auto`, `stretch` or pixels. */
  readonly width: 'auto' | 'stretch' | `${number}px`;
  readonly items: readonly Element[];
  readonly style?: Tone;
  readonly verticalContentAlignment?: 'center';
  readonly spacing?: Spacing;
}

export interface ColumnSet {
  readonly type: 'ColumnSet';
  readonly columns: readonly Column[];
  readonly spacing?: Spacing;
}

export interface ActionSet {
  readonly type: 'ActionSet';
  readonly actions: readonly Action[];
  readonly spacing?: Spacing;
}

export interface InputText {
  readonly type: 'Input.Text';
  readonly id: string;
  readonly label: string;
  readonly isMultiline: boolean;
  readonly maxLength: number;
  /** What the same person has typed before; never a suggestion of ours. */
  readonly value?: string;
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  readonly errorMessage?: string;
}

/** It has no `value`: nothing is ever pre-selected. */
export interface InputChoiceSet {
  readonly type: 'Input.ChoiceSet';
  readonly id: string;
  readonly label: string;
  readonly style: 'filtered';
  readonly placeholder: string;
  readonly isRequired?: true;
  readonly errorMessage?: string;
  readonly choices: readonly { readonly title: string; readonly value: string }[];
}

export type Element = TextBlock | RichTextBlock | Container | ColumnSet | ActionSet | InputText | InputChoiceSet;

/** What a button sends. The person is never in it: who acts is taken from the checked token. */
export interface ActionData {
  readonly verb: string;
  readonly caseNumber: string;
  readonly revision: number;
  /** Which of the things that were done since it was shown, where a press undoes one. */
  readonly round?: number;
  /** The other case, where a press says how the two stand to each other. */
  readonly alike?: string;
  /** What follows was read. */
  readonly confirmed?: true;
  /** What a radiologist has found, and how grave it is, where a press says of which exam it is; in their own chat alone. */
  readonly found?: string;
  readonly category?: 1 | 2 | 3;
  readonly msteams?: { readonly type: 'task/fetch' };
}

export interface Submit {
  readonly type: 'Action.Submit';
  readonly title: string;
  readonly data: ActionData;
  readonly style?: 'positive' | 'destructive';
  readonly associatedInputs?: 'auto' | 'none';
}

export interface Execute {
  readonly type: 'Action.Execute';
  readonly title: string;
  readonly verb: string;
  readonly data: ActionData;
  readonly style?: 'positive' | 'destructive';
  readonly fallback: Submit;
}

export interface ShowCard {
  readonly type: 'Action.ShowCard';
  readonly title: string;
  readonly card: { readonly type: 'AdaptiveCard'; readonly body: readonly Element[]; readonly actions: readonly Submit[] };
}

/** A call in Teams to somebody of people.json; no other address is ever opened. @see https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-workflow */
export interface OpenCall {
  readonly type: 'Action.OpenUrl';
  readonly title: string;
  readonly url: `https://teams.microsoft.com/l/call/0/0?users=${string}`;
}

export type Action = Submit | Execute | ShowCard | OpenCall;

// A type alias, not an interface: it must be a Record<string, unknown> for the port `people`.
export type AdaptiveCard = {
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  readonly type: 'AdaptiveCard';
  readonly version: '1.5';
  readonly msteams: { readonly width: 'Full' };
  readonly fallbackText: string;
  readonly speak: string;
  readonly body: readonly Element[];
  readonly actions?: readonly Action[];
};

/** The shape of ports/people RenderedCard, which cards may not import. */
export interface RenderedCard {
  readonly card: AdaptiveCard;
  readonly speak: string;
}

/** `speak` goes into notifications and is read aloud: no patient data, whoever the card is for. */
export function adaptiveCard(speak: string, body: readonly Element[], actions: readonly Action[] = []): RenderedCard {
  const card: AdaptiveCard = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.5',
    msteams: { width: 'Full' },
    fallbackText: escapeMarkdown(speak),
    speak,
    body,
    ...(actions.length === 0 ? {} : { actions }),
  };
  return { card, speak };
}

type BlockLook = Partial<Pick<TextBlock, 'style' | 'size' | 'weight' | 'isSubtle' | 'spacing'>>;
type RunLook = Partial<Pick<TextRun, 'size' | 'weight' | 'isSubtle' | 'highlight' | 'fontType'>>;

/** Our own words. Escaped all the same, so that a value which slips in stays text. */
export function textBlock(text: string, look: BlockLook = {}): TextBlock {
  return { type: 'TextBlock', text: escapeMarkdown(shorten(clean(text).replaceAll('\n', ' '), 500)), wrap: true, ...look };
}

/** A run of text, from outside or ours, on one line as far as it reaches: no text can begin a line of the card. @param most characters before it is cut. */
export function run(text: string, look: RunLook = {}, most = 300): TextRun {
  return { type: 'TextRun', text: breakable(shorten(clean(text).replaceAll('\n', ' '), most)), ...look };
}

/** As `run`, with the line ends that its author wrote: for what is shown word for word. */
export function verbatim(text: string, look: RunLook = {}, most = 300): TextRun {
  return { type: 'TextRun', text: breakable(shorten(clean(text), most)), ...look };
}

/** One paragraph. Runs that are empty are left out, since clients draw nothing or an empty line for them. */
export function paragraph(inlines: readonly TextRun[], spacing: Spacing = 'default'): RichTextBlock {
  return { type: 'RichTextBlock', inlines: inlines.filter((inline) => inline.text !== ''), spacing };
}

export function container(tone: Tone, items: readonly Element[], spacing: Spacing = 'default'): Container {
  return tone === 'default' ? { type: 'Container', items, spacing } : { type: 'Container', style: tone, items, spacing };
}
